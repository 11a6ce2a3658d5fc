/** The settings of one data source: where it is, how one gets in, how it is asked. */
import { CircleAlert, CircleCheck, Plus, Trash2 } from 'lucide-react';
import { useState, type FormEvent } from 'react';
import type { DataSource, SourceHealth } from '../../api/datasources';
import { sourceHealth, updateDataSource } from '../../api/datasources';
import { draftOf, flagOf, headersMax, isPrometheus, requestOf, sourceProblem, withoutHeader, type SourceAuth, type SourceDraft, type SourceHeader, type SourceRecord } from '../../model/datasource';
import { wordsOf } from '../../model/errors';
import { text } from '../../model/json';
import { SelectField, SwitchField, TextField } from '../../ui/form';
import { SecretField } from './SecretField';

const icon = { size: 16, strokeWidth: 1.75, 'aria-hidden': true } as const;

export function SourceForm({ record, sources, canWrite, health, onHealth, onSaved }: { record: SourceRecord; sources: readonly DataSource[]; canWrite: boolean; health: SourceHealth | undefined; onHealth: (health: SourceHealth | undefined) => void; onSaved: () => Promise<void> }) {
  const [draft, setDraft] = useState<SourceDraft>(() => draftOf(record));
  const [busy, setBusy] = useState(false);
  const [problem, setProblem] = useState('');
  const fixed = record.readOnly || !canWrite;
  const set = (change: Partial<SourceDraft>): void => setDraft((d) => ({ ...d, ...change }));
  const json = (key: string, value: unknown): void => setDraft((d) => ({ ...d, json: { ...d.json, [key]: value } }));
  const secret = (key: string, value: string): void => setDraft((d) => ({ ...d, secrets: { ...d.secrets, [key]: value } }));
  const header = (at: number, change: Partial<SourceHeader>): void => set({ headers: draft.headers.map((h, i) => (i === at ? { ...h, ...change } : h)) });
  const isSet = (key: string): boolean => record.secureJsonFields[key] === true;

  const save = async (): Promise<void> => {
    onHealth(undefined);
    const wrong = fixed ? '' : sourceProblem(draft);
    setProblem(wrong);
    if (wrong !== '') return;
    setBusy(true);
    try {
      if (!fixed) await updateDataSource(record.uid, requestOf(record, draft));
      onHealth(await sourceHealth(record.uid));
      if (!fixed) await onSaved();
    } catch (error) {
      setProblem(wordsOf(error));
    } finally {
      setBusy(false);
    }
  };
  const setAuth = (auth: SourceAuth): void => {
    const bearer = draft.headers.some((h) => h.name.toLowerCase() === 'authorization');
    set({ auth, headers: auth === 'bearer' && !bearer ? [...draft.headers, { name: 'Authorization', value: '', configured: false }] : draft.headers });
  };
  const submit = (e: FormEvent): void => {
    e.preventDefault();
    void save();
  };
  return (
    <form onSubmit={submit}>
      <fieldset disabled={fixed} className="plain">
        <section className="card block"><h2>Address</h2><div className="form two">
          <TextField label="Name" value={draft.name} onChange={(name) => set({ name })} required maxLength={190} />
          <TextField label="URL" value={draft.url} onChange={(url) => set({ url })} placeholder={record.url === '' && record.readOnly ? 'Inside this server' : 'http://prometheus:9090'} hint="As seen from this server." />
          <SelectField label="Access" value={draft.access} choices={[['proxy', 'Through this server'], ['direct', 'From the browser (kept for Grafana; asked through this server)']]} onChange={(access) => set({ access })} />
          <SwitchField label="Default: used where a panel names no source" checked={draft.isDefault} onChange={(isDefault) => set({ isDefault })} />
        </div></section>
        <section className="card block"><h2>Signing in</h2><div className="form two">
          <SelectField label="Method" value={draft.auth} choices={[['none', 'None'], ['basic', 'User and password'], ['bearer', 'Bearer token']]} onChange={(v) => setAuth(v as SourceAuth)} hint={draft.auth === 'bearer' ? 'Its value stands in the header Authorization below, as “Bearer …”.' : undefined} />
          {draft.auth === 'basic' && <TextField label="User" value={draft.basicAuthUser} onChange={(basicAuthUser) => set({ basicAuthUser })} />}
          {draft.auth === 'basic' && <SecretField label="Password" configured={isSet('basicAuthPassword')} onChange={(v) => secret('basicAuthPassword', v)} />}
          <SwitchField label="Do not check the certificate" checked={flagOf(draft, 'tlsSkipVerify')} onChange={(v) => json('tlsSkipVerify', v)} hint="Anybody between could read and change what is sent." />
          <SwitchField label="Trust an authority of its own" checked={flagOf(draft, 'tlsAuthWithCACert')} onChange={(v) => json('tlsAuthWithCACert', v)} />
          <SwitchField label="Show a client certificate" checked={flagOf(draft, 'tlsAuth')} onChange={(v) => json('tlsAuth', v)} />
          {flagOf(draft, 'tlsAuthWithCACert') && <SecretField multiline label="Authority's certificate" configured={isSet('tlsCACert')} onChange={(v) => secret('tlsCACert', v)} />}
          {flagOf(draft, 'tlsAuth') && <SecretField multiline label="Client certificate" configured={isSet('tlsClientCert')} onChange={(v) => secret('tlsClientCert', v)} />}
          {flagOf(draft, 'tlsAuth') && <SecretField multiline label="Client key" configured={isSet('tlsClientKey')} onChange={(v) => secret('tlsClientKey', v)} />}
          <TextField label="Server name" value={text(draft.json['serverName'])} onChange={(v) => json('serverName', v)} hint="The name the certificate is checked for, when it is not the URL's." />
        </div></section>
        <section className="card block"><h2>Headers</h2>
          {draft.headers.length === 0 && <p className="quiet">Sent with every request: a tenant's name, a token.</p>}
          {draft.headers.map((h, i) => (
            // oxlint-disable-next-line react/no-array-index-key -- a header is its place in the list
            <div className="filter-bar" key={i}>
              <TextField label={`Header ${i + 1}`} value={h.name} onChange={(name) => header(i, { name })} placeholder="X-Tenant-ID" />
              <SecretField key={String(h.configured)} label={`Value of header ${i + 1}`} configured={h.configured} onChange={(value) => header(i, { value })} />
              <button type="button" className="icon-button" aria-label={`Remove header ${h.name || i + 1}`} onClick={() => set({ headers: withoutHeader(draft.headers, i) })}><Trash2 {...icon} /></button>
            </div>
          ))}
          {!fixed && draft.headers.length < headersMax && <button type="button" className="button" onClick={() => set({ headers: [...draft.headers, { name: '', value: '', configured: false }] })}><Plus {...icon} />Add a header</button>}
        </section>
        <section className="card block"><h2>Queries</h2><div className="form two">
          <TextField label="Timeout in seconds" value={text(draft.json['timeout'])} type="number" onChange={(v) => json('timeout', v === '' ? '' : Number(v))} placeholder="30" />
          {isPrometheus(draft.type) && <>
            <TextField label="Scrape interval" value={text(draft.json['timeInterval'])} onChange={(v) => json('timeInterval', v)} placeholder="15s" hint="The least step of a query." />
            <TextField label="Query timeout" value={text(draft.json['queryTimeout'])} onChange={(v) => json('queryTimeout', v)} placeholder="60s" />
            <SelectField label="HTTP method" value={text(draft.json['httpMethod'], 'POST')} choices={[['POST', 'POST'], ['GET', 'GET']]} onChange={(v) => json('httpMethod', v)} />
            <SelectField label="Default editor" value={text(draft.json['defaultEditor'], 'builder')} choices={[['builder', 'Builder'], ['code', 'Code']]} onChange={(v) => json('defaultEditor', v)} />
            <SwitchField label="Manage alerts through this source" checked={flagOf(draft, 'manageAlerts', true)} onChange={(v) => json('manageAlerts', v)} />
          </>}
        </div></section>
        {isPrometheus(draft.type) && <section className="card block"><h2>Exemplars</h2>
          {draft.exemplars.length === 0 && <p className="quiet">Where the trace of an exemplar is found.</p>}
          {draft.exemplars.map((e, i) => (
            // oxlint-disable-next-line react/no-array-index-key -- a link is its place in the list
            <div className="filter-bar" key={i}>
              <TextField label="Label with the trace's id" value={e.name} onChange={(name) => set({ exemplars: draft.exemplars.map((x, n) => (n === i ? { ...x, name } : x)) })} placeholder="trace_id" />
              <SelectField label="Leads to" value={e.datasourceUid} choices={[['', 'A URL'], ...sources.filter((s) => s.type === 'tempo' || s.uid === e.datasourceUid).map((s) => [s.uid, s.name] as const)]} onChange={(datasourceUid) => set({ exemplars: draft.exemplars.map((x, n) => (n === i ? { ...x, datasourceUid } : x)) })} />
              {e.datasourceUid === '' && <TextField label="URL" value={e.url} onChange={(url) => set({ exemplars: draft.exemplars.map((x, n) => (n === i ? { ...x, url } : x)) })} placeholder="https://traces.example/${__value.raw}" />}
              <button type="button" className="icon-button" aria-label={`Remove the link of ${e.name || i + 1}`} onClick={() => set({ exemplars: draft.exemplars.filter((_, n) => n !== i) })}><Trash2 {...icon} /></button>
            </div>
          ))}
          {!fixed && <button type="button" className="button" onClick={() => set({ exemplars: [...draft.exemplars, { name: '', datasourceUid: '', url: '' }] })}><Plus {...icon} />Add a link</button>}
        </section>}
      </fieldset>
      <div role="status" aria-live="polite">
        {health && <div className={health.ok ? 'banner good' : 'banner bad'}>{health.ok ? <CircleCheck {...icon} /> : <CircleAlert {...icon} />}<span>{health.message}</span></div>}
        {problem !== '' && <div className="banner bad"><CircleAlert {...icon} /><span>{problem}</span></div>}
      </div>
      <button type="submit" className="button primary" disabled={busy}>{fixed ? 'Test' : 'Save & test'}</button>
    </form>
  );
}
