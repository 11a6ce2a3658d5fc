/** Times of the server's answers as people read them. */
import { formatAgo, formatTime } from '../../model/time/format';

/** The server says the epoch, or year one, where something has never been. */
export function ago(text: string | null): string {
  const ms = text === null ? Number.NaN : Date.parse(text);
  return Number.isFinite(ms) && ms > 86_400_000 ? formatAgo(ms, Date.now()) : 'never';
}
export function day(text: string | null): string {
  const ms = text === null ? Number.NaN : Date.parse(text);
  return Number.isFinite(ms) && ms > 86_400_000 ? formatTime(ms, 'browser') : 'never';
}
export const roles = [['None', 'None'], ['Viewer', 'Viewer'], ['Editor', 'Editor'], ['Admin', 'Admin']] as const;
