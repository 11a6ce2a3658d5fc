/** Sessions of an account, each of which can be ended. */
import type { Session } from '../../api/users';
import { ago, day } from '../admin/times';
import { Rows } from './Rows';

export function SessionRows({ sessions, onRevoke }: { sessions: readonly Session[]; onRevoke: (session: Session) => void }) {
  return (
    <Rows label="Sessions" rows={sessions} id={(s) => s.id} text={(s) => `${s.clientIp} ${s.userAgent}`} empty="No session is open." columns={[
      { title: 'From', cell: (s) => <>{s.clientIp} {s.isActive && <span className="chip on">This one</span>}</> },
      { title: 'Browser', cell: (s) => <div className="clip" title={s.userAgent}>{s.userAgent || 'Not told'}</div> },
      { title: 'Since', cell: (s) => <span className="num">{day(s.createdAt)}</span> },
      { title: 'Seen', cell: (s) => <span className="num">{ago(s.seenAt)}</span> },
      { title: '', end: true, cell: (s) => (s.isActive ? null : <button type="button" className="button" onClick={() => onRevoke(s)}>End</button>) },
    ]} />
  );
}
