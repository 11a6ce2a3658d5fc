/** A snapshot: a dashboard as it was, with its data and without queries. */
import { useMutation, useQuery } from '@tanstack/react-query';
import { Camera } from 'lucide-react';
import { useMemo } from 'react';
import { useLocation } from 'wouter';
import { boot } from '../../api/boot';
import { ApiError } from '../../api/http';
import { deleteSnapshot, getSnapshot } from '../../api/sharing';
import { readSnapshot } from '../../model/dashboard/snapshot';
import { formatTimeZoned } from '../../model/time/format';
import { toast } from '../../ui/toast';
import { NotFound } from '../app/NotFound';
import { useTitle } from '../app/title';
import { DashboardBody } from './DashboardBody';

export function SnapshotPage({ snapshot }: { snapshot: string }) {
  const { data, error } = useQuery({ queryKey: ['snapshot', snapshot], queryFn: ({ signal }) => getSnapshot(snapshot, signal), staleTime: Infinity });
  const read = useMemo(() => (data ? readSnapshot(data.dashboard) : undefined), [data]);
  const [, navigate] = useLocation();
  const remove = useMutation({
    mutationFn: () => deleteSnapshot(snapshot),
    onSuccess: () => {
      toast('The snapshot is deleted.');
      navigate('/dashboards');
    },
    onError: (problem) => toast(`The snapshot could not be deleted: ${problem.message}`, 'error'),
  });
  useTitle(read?.view.title ?? '');
  if (error) {
    return error instanceof ApiError && error.status === 404
      ? <NotFound title="This snapshot does not exist" detail="It may have expired, or somebody deleted it." />
      : <div className="state"><h2>The snapshot could not be loaded</h2><p>{error.message}</p></div>;
  }
  if (!read) return null;
  const zone = read.view.timezone || 'browser';
  const expires = Date.parse(data?.meta.expires ?? '');
  const banner = (
    <div className="notice" role="note">
      <span><Camera size={16} strokeWidth={1.75} aria-hidden /> A snapshot{read.taken === undefined ? '' : ` of ${formatTimeZoned(read.taken, zone)}`}{Number.isFinite(expires) ? `, kept until ${formatTimeZoned(expires, zone)}` : ''}. It does not change any more.</span>
      {boot.user.login !== '' && <button type="button" className="button quiet" disabled={remove.isPending} onClick={() => remove.mutate()}>Delete the snapshot</button>}
    </div>
  );
  return <DashboardBody doc={{ meta: { uid: '', title: read.view.title, url: '', folderTitle: '', folderUid: '', version: 0, provisioned: false, canEdit: false, isStarred: false }, raw: data?.dashboard, view: read.view }} fixed={read.frames} banner={banner} />;
}
