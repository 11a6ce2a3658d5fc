/** A page that is not there, with the ways on. */
import { Link } from 'wouter';
import { useTitle } from './title';

export function NotFound({ title = 'There is nothing at this address', detail }: { title?: string; detail?: string }) {
  useTitle('Not found');
  return (
    <div className="state">
      <h2>{title}</h2>
      <p>{detail ?? 'The link may be old, or the page may have moved.'}</p>
      <p><Link to="/dashboards" className="button">All dashboards</Link></p>
    </div>
  );
}
