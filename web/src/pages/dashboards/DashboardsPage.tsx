/** All dashboards: folders at the left, the list at the right, search as one types. */
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { Folder, FolderOpen, LayoutDashboard, Search, Star } from 'lucide-react';
import { useMemo, useRef, useState } from 'react';
import { Link } from 'wouter';
import { searchDashboards, searchLimit, starDashboard, type DashboardHit } from '../../api/dashboards';
import { useShortcuts } from '../../ui/keys';
import { toast } from '../../ui/toast';
import { useTitle } from '../app/title';

const icon = { size: 16, strokeWidth: 1.75, 'aria-hidden': true } as const;
const noFolder = 'General';
const folderOf = (d: DashboardHit): string => d.folderTitle || noFolder;

function matches(d: DashboardHit, words: readonly string[]): boolean {
  const text = `${d.title} ${folderOf(d)} ${d.tags.join(' ')}`.toLowerCase();
  return words.every((w) => text.includes(w));
}

function Row({ dashboard, tag, onTag, onStar }: { dashboard: DashboardHit; tag: string; onTag: (tag: string) => void; onStar: (d: DashboardHit) => void }) {
  return (
    <li className="dash-row">
      <LayoutDashboard {...icon} />
      <div className="dash-name">
        <Link to={dashboard.url} className="dash-title">{dashboard.title}</Link>
        <span className="dash-folder">{folderOf(dashboard)}</span>
      </div>
      <div className="dash-tags">
        {dashboard.tags.map((t) => <button key={t} type="button" className={t === tag ? 'chip on' : 'chip'} aria-pressed={t === tag} onClick={() => onTag(t === tag ? '' : t)}>{t}</button>)}
      </div>
      <button type="button" className={dashboard.isStarred ? 'icon-button small starred' : 'icon-button small'} aria-pressed={dashboard.isStarred} aria-label={dashboard.isStarred ? `Remove the star from ${dashboard.title}` : `Star ${dashboard.title}`} onClick={() => onStar(dashboard)}>
        <Star {...icon} fill={dashboard.isStarred ? 'currentColor' : 'none'} />
      </button>
    </li>
  );
}

export function DashboardsPage({ folder: startFolder = '' }: { folder?: string }) {
  useTitle('Dashboards');
  const client = useQueryClient();
  const [text, setText] = useState('');
  const [folder, setFolder] = useState(startFolder);
  const [tag, setTag] = useState('');
  const [starredOnly, setStarredOnly] = useState(false);
  const input = useRef<HTMLInputElement>(null);
  useShortcuts([{ keys: '/', label: 'Search the list', group: 'Dashboards', run: () => input.current?.focus() }]);
  const { data, error, isPending, refetch } = useQuery({ queryKey: ['dashboards'], queryFn: ({ signal }) => searchDashboards(signal) });
  const star = useMutation({
    mutationFn: (d: DashboardHit) => starDashboard(d.uid, !d.isStarred),
    onMutate: (d) => client.setQueryData<DashboardHit[]>(['dashboards'], (all) => all?.map((x) => (x.uid === d.uid ? { ...x, isStarred: !x.isStarred } : x))),
    onError: (problem, d) => {
      client.setQueryData<DashboardHit[]>(['dashboards'], (all) => all?.map((x) => (x.uid === d.uid ? { ...x, isStarred: d.isStarred } : x)));
      toast(`The star of “${d.title}” could not be saved: ${problem.message}`, 'error');
    },
  });
  const folders = useMemo(() => {
    const counts = new Map<string, number>();
    for (const d of data ?? []) counts.set(folderOf(d), (counts.get(folderOf(d)) ?? 0) + 1);
    return [...counts].sort(([a], [b]) => a.localeCompare(b));
  }, [data]);
  const shown = useMemo(() => {
    const words = text.toLowerCase().split(/\s+/).filter((w) => w !== '');
    return (data ?? []).filter((d) => (folder === '' || folderOf(d) === folder || d.folderUid === folder) && (tag === '' || d.tags.includes(tag)) && (!starredOnly || d.isStarred) && matches(d, words));
  }, [data, text, folder, tag, starredOnly]);

  return (
    <div className="page">
      <header className="page-head"><h1>Dashboards</h1></header>
      <div className="dash-page">
        <nav className="dash-folders" aria-label="Folders">
          <button type="button" className="menu-item" aria-pressed={folder === '' && !starredOnly} onClick={() => { setFolder(''); setStarredOnly(false); }}><LayoutDashboard {...icon} /><span className="menu-label">All</span><span className="num count">{data?.length ?? ''}</span></button>
          <button type="button" className="menu-item" aria-pressed={starredOnly} onClick={() => setStarredOnly(!starredOnly)}><Star {...icon} /><span className="menu-label">Starred</span><span className="num count">{data?.filter((d) => d.isStarred).length ?? ''}</span></button>
          <hr />
          {folders.map(([name, count]) => (
            <button key={name} type="button" className="menu-item" aria-pressed={folder === name} onClick={() => setFolder(folder === name ? '' : name)}>
              {folder === name ? <FolderOpen {...icon} /> : <Folder {...icon} />}<span className="menu-label">{name}</span><span className="num count">{count}</span>
            </button>
          ))}
        </nav>
        <section className="dash-list" aria-label="List of dashboards">
          <div className="search-field"><Search {...icon} /><input ref={input} className="input" type="search" placeholder="Search by name, folder or tag" aria-label="Search dashboards" value={text} onChange={(e) => setText(e.target.value)} /></div>
          {tag !== '' && <p className="filter-line">Tagged <button type="button" className="chip on" onClick={() => setTag('')} aria-label={`Stop filtering by ${tag}`}>{tag} ×</button></p>}
          {error && <div className="state"><h2>The list could not be loaded</h2><p>{error.message}</p><button type="button" className="button" onClick={() => void refetch()}>Try again</button></div>}
          {!error && !isPending && shown.length === 0 && (
            <div className="state">
              <h2>{data.length === 0 ? 'No dashboards yet' : 'No dashboard fits'}</h2>
              <p>{data.length === 0 ? 'Put dashboard JSON into a provisioned folder and it appears here by itself.' : 'Try fewer words, or leave the folder, tag or star filter.'}</p>
            </div>
          )}
          <ul className="card">{shown.map((d) => <Row key={d.uid} dashboard={d} tag={tag} onTag={setTag} onStar={star.mutate} />)}</ul>
          {data?.length === searchLimit && <p className="filter-line">Only the first {searchLimit} are listed.</p>}
        </section>
      </div>
    </div>
  );
}
