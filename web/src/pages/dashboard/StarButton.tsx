/** Stars the dashboard that is shown, or takes its star away. */
import { Star } from 'lucide-react';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { starDashboard } from '../../api/dashboards';
import { dashboardQuery, noteStar } from '../../query/dashboards';
import { toast } from '../../ui/toast';

export function StarButton({ uid, title }: { uid: string; title: string }) {
  const client = useQueryClient();
  // Of the page's own answer: a draft keeps that of when it was begun.
  const { data } = useQuery({ ...dashboardQuery(uid), enabled: false });
  const on = data?.meta.isStarred ?? false;
  const star = useMutation({
    mutationFn: (to: boolean) => starDashboard(uid, to),
    onMutate: (to) => noteStar(client, uid, to),
    onError: (problem, to) => {
      noteStar(client, uid, !to);
      toast(`The star of “${title}” could not be saved: ${problem.message}`, 'error');
    },
  });
  return (
    <button type="button" className={on ? 'icon-button small starred' : 'icon-button small'} aria-pressed={on} aria-label={on ? 'Remove the star' : 'Star this dashboard'} disabled={!data} onClick={() => star.mutate(!on)}>
      <Star size={16} strokeWidth={1.75} aria-hidden fill={on ? 'currentColor' : 'none'} />
    </button>
  );
}
