/** The settings in force, and for each where it comes from: the default, the file, Grafana's settings, the environment, a flag. */
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { serverSettings, settingOrigins, type SettingOrigin } from '../../api/server';
import { Loaded } from '../parts/Loaded';
import { Rows } from '../parts/Rows';

const sourceWords: Record<SettingOrigin['source'], string> = { default: 'Default', file: 'File', grafana: 'Grafana’s settings', environment: 'Environment', flag: 'Flag', '': 'Unknown' };
const variable = (key: string): string => `ORRERY_${key.replaceAll('.', '_').toUpperCase()}`;
type Shown = 'all' | 'set';

function Value({ value }: { value: string }) {
  return value === '' ? <span className="quiet">empty</span> : <code>{value}</code>;
}

function Own() {
  const [shown, setShown] = useState<Shown>('all');
  const query = useQuery({ queryKey: ['settings', 'origins'], queryFn: ({ signal }) => settingOrigins(signal) });
  return (
    <section className="card block"><h2>Settings in force</h2>
      <p className="quiet">What the server runs with now. The last that says something wins: file, Grafana’s settings (grafana.ini, then GF_*), ORRERY_* variables, flags. Secrets are never shown.</p>
      <Loaded query={query} what="the settings" who="administrators of the server">
        {(all) => {
          const set = all.filter((s) => s.source !== 'default');
          return (
            <>
              <div className="segmented" role="group" aria-label="Which settings">
                <button type="button" aria-pressed={shown === 'all'} onClick={() => setShown('all')}>All <span className="count">{all.length}</span></button>
                <button type="button" aria-pressed={shown === 'set'} onClick={() => setShown('set')}>Set by somebody <span className="count">{set.length}</span></button>
              </div>
              <Rows label="Settings" rows={shown === 'set' ? set : all} id={(s) => s.key} text={(s) => `${s.key} ${s.value} ${sourceWords[s.source]} ${s.name} ${variable(s.key)}`} empty="Nobody has set anything: all is as it comes." columns={[
                { title: 'Setting', cell: (s) => <code>{s.key}</code> },
                { title: 'Value', cell: (s) => <><Value value={s.value} />{s.value !== s.default && <div className="quiet">else <Value value={s.default} /></div>}</> },
                { title: 'Comes from', cell: (s) => <><span className={s.source === 'default' ? 'quiet' : 'state-word'}>{sourceWords[s.source]}</span>{s.name !== '' && <div><code className="quiet">{s.name}</code></div>}</> },
                { title: 'Variable', cell: (s) => <code className="quiet">{variable(s.key)}</code> },
              ]} />
            </>
          );
        }}
      </Loaded>
    </section>
  );
}

/** Grafana's own sections, for scripts and people who look there. */
function Grafanas() {
  const query = useQuery({ queryKey: ['settings'], queryFn: ({ signal }) => serverSettings(signal) });
  return (
    <section className="card block"><h2>In Grafana’s words</h2><p className="quiet">The sections of grafana.ini that mean something here, as <code>/api/admin/settings</code> tells them.</p>
      <Loaded query={query} what="the settings" who="administrators of the server">
        {(sections) => {
          const rows = Object.entries(sections).filter(([section]) => !section.startsWith('orrery.')).flatMap(([section, values]) => Object.entries(values).map(([key, value]) => ({ section, key, value })));
          return <Rows label="Grafana’s settings" rows={rows} id={(r) => `${r.section}.${r.key}`} text={(r) => `${r.section}.${r.key} ${r.value}`} empty="None." columns={[
            { title: 'Section', cell: (r) => <code>[{r.section}]</code> }, { title: 'Key', cell: (r) => <code>{r.key}</code> }, { title: 'Value', cell: (r) => <Value value={r.value} /> },
          ]} />;
        }}
      </Loaded>
    </section>
  );
}

export const Settings = () => <><Own /><Grafanas /></>;
