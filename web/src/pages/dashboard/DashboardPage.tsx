/** Loads a dashboard and shows it, or says why it cannot be shown. */
import { useQuery } from '@tanstack/react-query';
import { useEffect, useMemo } from 'react';
import { ApiError } from '../../api/http';
import { dashboardQuery } from '../../query/dashboards';
import { whenIdle } from '../../query/turns';
import { NotFound } from '../app/NotFound';
import { useShell } from '../app/shell';
import { useTitle } from '../app/title';
import { useDrafts } from '../dashboard-edit/draft';
import { DashboardBody } from './DashboardBody';

export function DashboardPage({ uid, solo = false }: { uid: string; solo?: boolean }) {
  const { data, error, refetch } = useQuery(dashboardQuery(uid));
  const draft = useDrafts((s) => s.drafts[uid]);
  // What is being edited is what is shown.
  const shown = useMemo(() => (draft ? { meta: draft.base.meta, raw: draft.history.raw, view: draft.view } : data), [draft, data]);
  const visited = useShell((s) => s.visited);
  useTitle(data?.view.title ?? '');
  useEffect(() => {
    if (!data || solo) return undefined;
    // The panels come first.
    return whenIdle(() => visited({ uid, title: data.view.title, url: data.meta.url || `/d/${uid}` }));
  }, [data, uid, visited, solo]);
  if (error instanceof ApiError && error.status === 404) return <NotFound title="This dashboard does not exist" detail={`There is no dashboard with the id “${uid}”. It may have been deleted or moved.`} />;
  if (error && !data) {
    return (
      <div className="state">
        <h2>The dashboard could not be loaded</h2>
        <p>{error.message}</p>
        <p><button type="button" className="button" onClick={() => void refetch()}>Try again</button></p>
      </div>
    );
  }
  return shown ? <DashboardBody doc={shown} solo={solo} /> : null;
}
