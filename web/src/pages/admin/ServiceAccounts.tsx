/** Service accounts for programs, and their tokens: shown once, with when each was last used. */
import { useQuery } from '@tanstack/react-query';
import { Plus } from 'lucide-react';
import { useState } from 'react';
import { Link, useLocation } from 'wouter';
import { createServiceAccount, createToken, deleteServiceAccount, deleteToken, getServiceAccount, listServiceAccounts, listTokens, updateServiceAccount } from '../../api/service-accounts';
import { Dialog } from '../../ui/dialog';
import { CopyButton, FormDialog, SelectField, TextField } from '../../ui/form';
import { Loaded } from '../parts/Loaded';
import { Rows } from '../parts/Rows';
import { useAct, useSend } from '../parts/act';
import { ago, day, roles } from './times';

const lifetimes = [['0', 'Never'], ['86400', 'In a day'], ['604800', 'In a week'], ['2592000', 'In 30 days'], ['7776000', 'In 90 days'], ['31536000', 'In a year']] as const;

function NewAccount({ onClose }: { onClose: () => void }) {
  const [name, setName] = useState('');
  const [role, setRole] = useState('Viewer');
  const [, navigate] = useLocation();
  const send = useSend();
  return (
    <FormDialog title="New service account" action="Create the account" onClose={onClose} onSubmit={async () => {
      let id = 0;
      await send(async () => { id = (await createServiceAccount({ name, role })).id; }, `“${name}” is created.`, 'service-accounts');
      navigate(`/org/serviceaccounts/${id}`);
    }}>
      <TextField label="Name" value={name} onChange={setName} required maxLength={190} placeholder="deploy-pipeline" />
      <SelectField label="Role" value={role} choices={roles} onChange={setRole} hint="The most that its tokens may do." />
    </FormDialog>
  );
}

export function ServiceAccountsPage() {
  const [adding, setAdding] = useState(false);
  const query = useQuery({ queryKey: ['service-accounts'], queryFn: ({ signal }) => listServiceAccounts(signal) });
  return (
    <>
      <div className="filter-bar"><p className="quiet grow">For programs: they come with a token instead of a password.</p><button type="button" className="button primary" onClick={() => setAdding(true)}><Plus size={16} strokeWidth={1.75} aria-hidden />New service account</button></div>
      <section className="card block">
        <Loaded query={query} what="the service accounts">
          {(all) => <Rows label="Service accounts" rows={all} id={(a) => a.id} text={(a) => `${a.name} ${a.role}`} empty="None yet." columns={[
            { title: 'Name', cell: (a) => <Link to={`/org/serviceaccounts/${a.id}`}>{a.name}</Link> },
            { title: 'Role', cell: (a) => a.role },
            { title: 'Tokens', cell: (a) => <span className="num">{a.tokens}</span> },
            { title: 'State', cell: (a) => a.isDisabled && <span className="chip">Disabled</span> },
          ]} />}
        </Loaded>
      </section>
      {adding && <NewAccount onClose={() => setAdding(false)} />}
    </>
  );
}

function NewToken({ id, onMade, onClose }: { id: number; onMade: (key: string) => void; onClose: () => void }) {
  const [name, setName] = useState('');
  const [seconds, setSeconds] = useState('2592000');
  const send = useSend();
  return (
    <FormDialog title="New token" action="Make the token" onClose={onClose} onSubmit={() => send(async () => onMade((await createToken(id, { name, secondsToLive: Number(seconds) })).key), 'The token is made.', 'tokens', 'service-accounts')}>
      <TextField label="Name" value={name} onChange={setName} required maxLength={190} />
      <SelectField label="Expires" value={seconds} choices={lifetimes} onChange={setSeconds} />
    </FormDialog>
  );
}

export function ServiceAccountPage({ id }: { id: number }) {
  const [asking, setAsking] = useState<'token' | 'delete' | ''>('');
  const [made, setMade] = useState('');
  const [, navigate] = useLocation();
  const act = useAct();
  const send = useSend();
  const query = useQuery({ queryKey: ['service-accounts', id], queryFn: ({ signal }) => getServiceAccount(id, signal) });
  const tokens = useQuery({ queryKey: ['tokens', id], queryFn: ({ signal }) => listTokens(id, signal) });
  return (
    <Loaded query={query} what="this service account">
      {(account) => (
        <>
          <div className="page-head tools">
            <h2 className="crumb"><Link to="/org/serviceaccounts">Service accounts</Link> / {account.name}</h2>
            <button type="button" className="button" onClick={() => void act(() => updateServiceAccount(id, { isDisabled: !account.isDisabled }), account.isDisabled ? 'Enabled.' : 'Disabled: its tokens open nothing.', 'service-accounts')}>{account.isDisabled ? 'Enable' : 'Disable'}</button>
            <button type="button" className="button danger" onClick={() => setAsking('delete')}>Delete</button>
          </div>
          <section className="card block"><h2>Role</h2><div className="form"><SelectField label="Role" value={account.role} choices={roles} onChange={(role) => void act(() => updateServiceAccount(id, { role }), `Its role is ${role}.`, 'service-accounts')} hint="The most that its tokens may do." /></div></section>
          <section className="card block"><h2>Tokens</h2>
            <Loaded query={tokens} what="the tokens">
              {(list) => <Rows label="Tokens" rows={list} id={(t) => t.id} text={(t) => t.name} empty="No token yet." columns={[
                { title: 'Name', cell: (t) => t.name },
                { title: 'Made', cell: (t) => <span className="num">{day(t.created)}</span> },
                { title: 'Expires', cell: (t) => (t.hasExpired ? <span className="state-word bad">Expired</span> : <span className="num">{day(t.expiration)}</span>) },
                { title: 'Last used', cell: (t) => <span className="num">{ago(t.lastUsedAt)}</span> },
                { title: '', end: true, cell: (t) => <button type="button" className="button danger" aria-label={`Revoke ${t.name}`} onClick={() => void act(() => deleteToken(id, t.id), `“${t.name}” opens nothing any more.`, 'tokens', 'service-accounts')}>Revoke</button> },
              ]} />}
            </Loaded>
            <p className="grant-form"><button type="button" className="button" onClick={() => setAsking('token')}>New token</button></p>
          </section>
          {asking === 'token' && <NewToken id={id} onMade={setMade} onClose={() => setAsking('')} />}
          {made !== '' && (
            <Dialog title="The new token" onClose={() => setMade('')}>
              <p className="banner warn">Copy it now: it is shown this once, and cannot be read back.</p>
              <div className="secret-line"><code data-token>{made}</code><CopyButton text={made} label="Copy the token" /></div>
            </Dialog>
          )}
          {asking === 'delete' && (
            <FormDialog title={`Delete “${account.name}”?`} action="Delete the account" danger onClose={() => setAsking('')} onSubmit={async () => {
              await send(() => deleteServiceAccount(id), `“${account.name}” is deleted.`, 'service-accounts');
              navigate('/org/serviceaccounts');
            }}><p>Programs that use its tokens are refused from then on.</p></FormDialog>
          )}
        </>
      )}
    </Loaded>
  );
}
