/** Stars the dashboard that is shown, or takes its star away. */
import { Star } from 'lucide-react';
import { setStar } from '../../panels/star';
import { useStar } from '../../query/stars';

export function StarButton({ uid, title }: { uid: string; title: string }) {
  const on = useStar(uid);
  return (
    <button type="button" className={on ? 'icon-button small starred' : 'icon-button small'} aria-pressed={on ?? false} aria-label={on ? 'Remove the star' : 'Star this dashboard'} disabled={on === undefined} onClick={() => void setStar({ uid, title }, !on)}>
      <Star size={16} strokeWidth={1.75} aria-hidden fill={on ? 'currentColor' : 'none'} />
    </button>
  );
}
