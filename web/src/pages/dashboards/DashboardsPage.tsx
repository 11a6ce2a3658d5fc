/** All dashboards: the tree of folders at the left, the list at the right, search as one types; import, folders, several at once. */
import { keepPreviousData, useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { FileUp, Folder, FolderOpen, FolderPlus, LayoutDashboard, Plus, Search, Star } from 'lucide-react';
import { Suspense, useDeferredValue, useMemo, useRef, useState } from 'react';
import { Link, useLocation } from 'wouter';
import { myRights } from '../../api/access';
import { searchLimit, starDashboard, type DashboardHit } from '../../api/dashboards';
import { searchEverything, searchFor } from '../../api/folders';
import { below, folderTree } from '../../model/dashboard/folders';
import { lazyPart } from '../../ui/boundary';
import { useShortcuts } from '../../ui/keys';
import { toast } from '../../ui/toast';
import type { Choice } from '../../ui/form';
import { useShell } from '../app/shell';
import { useTitle } from '../app/title';
import { BulkBar } from './BulkBar';
import { FolderTools, NewFolder } from './FolderTools';
import './dashboards.css';

const ImportDialog = lazyPart(() => import('./ImportDialog'));
const icon = { size: 16, strokeWidth: 1.75, 'aria-hidden': true } as const;
const sorts: readonly Choice[] = [['', 'Name, A to Z'], ['alpha-desc', 'Name, Z to A'], ['updated-desc', 'Changed last'], ['updated-asc', 'Changed first']];

interface RowProps {
  dashboard: DashboardHit;
  tag: string;
  chosen: boolean;
  canChoose: boolean;
  onTag: (tag: string) => void;
  onStar: (d: DashboardHit) => void;
  onChoose: (d: DashboardHit) => void;
}

function Row({ dashboard, tag, chosen, canChoose, onTag, onStar, onChoose }: RowProps) {
  return (
    <li className="dash-row">
      {canChoose ? <input type="checkbox" className="dash-tick" checked={chosen} aria-label={`Choose ${dashboard.title}`} onChange={() => onChoose(dashboard)} /> : <LayoutDashboard {...icon} />}
      <div className="dash-name">
        <Link to={dashboard.url} className="dash-title">{dashboard.title}</Link>
        <span className="dash-folder">{dashboard.folderTitle ?? 'No folder'}</span>
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

export function DashboardsPage({ folder = '', importing = false }: { folder?: string; importing?: boolean }) {
  const client = useQueryClient();
  const [, navigate] = useLocation();
  const { recent } = useShell();
  const [text, setText] = useState('');
  const [tag, setTag] = useState('');
  const [sort, setSort] = useState('');
  const [show, setShow] = useState<'all' | 'starred' | 'recent'>('all');
  const [chosen, setChosen] = useState<ReadonlySet<string>>(new Set());
  const [open, setOpen] = useState<'import' | 'folder' | ''>(importing ? 'import' : '');
  const input = useRef<HTMLInputElement>(null);
  useShortcuts([{ keys: '/', label: 'Search the list', group: 'Dashboards', run: () => input.current?.focus() }]);
  const wanted = useDeferredValue(text.trim());
  const everything = useQuery({ queryKey: ['dashboards', 'tree'], queryFn: ({ signal }) => searchEverything(signal) });
  const rights = useQuery({ queryKey: ['rights'], queryFn: ({ signal }) => myRights(signal) });
  const { data, error, isPending, refetch } = useQuery<DashboardHit[]>({
    queryKey: ['dashboards', 'find', wanted, tag, show === 'starred', sort], placeholderData: keepPreviousData,
    queryFn: ({ signal }): Promise<DashboardHit[]> => searchFor({ query: wanted, tag, starred: show === 'starred', sort }, signal),
  });
  const star = useMutation({
    mutationFn: (d: DashboardHit) => starDashboard(d.uid, !d.isStarred),
    onSettled: () => client.invalidateQueries({ queryKey: ['dashboards'] }),
    onError: (problem, d) => toast(`The star of “${d.title}” could not be saved: ${problem.message}`, 'error'),
  });
  const tree = useMemo(() => folderTree(everything.data ?? []), [everything.data]);
  const node = tree.find((f) => f.uid === folder);
  useTitle(node?.title ?? 'Dashboards');
  const shown = useMemo(() => {
    const inside = folder === '' ? undefined : below(tree, folder);
    const at = new Map(recent.map((r, i) => [r.uid, i]));
    const fitting = (data ?? []).filter((d) => (inside === undefined || inside.has(d.folderUid ?? '')) && (show !== 'recent' || at.has(d.uid)));
    return show === 'recent' ? fitting.sort((a, b) => (at.get(a.uid) ?? 0) - (at.get(b.uid) ?? 0)) : fitting;
  }, [data, tree, folder, show, recent]);
  const canCompose = rights.data?.['dashboards:create'] === true;
  const choices: Choice[] = [['', 'No folder'], ...tree.map((f) => [f.uid, `${'– '.repeat(f.depth)}${f.title}`] as const)];
  const total = everything.data?.filter((h) => h.type !== 'dash-folder') ?? [];
  const pick = (next: typeof show): void => {
    setShow(next);
    if (folder !== '') navigate('/dashboards');
  };
  const choose = (d: DashboardHit): void => {
    const next = new Set(chosen);
    if (!next.delete(d.uid)) next.add(d.uid);
    setChosen(next);
  };
  return (
    <div className="page" onDragOver={(e) => { if (canCompose) e.preventDefault(); }} onDragEnter={(e) => { if (canCompose && e.dataTransfer.types.includes('Files')) setOpen('import'); }}>
      <header className="page-head tools">
        <h1>{node?.title ?? 'Dashboards'}</h1>
        {canCompose && <>
          <button type="button" className="button" onClick={() => setOpen('import')}><FileUp {...icon} />Import</button>
          <button type="button" className="button" onClick={() => setOpen('folder')}><FolderPlus {...icon} />New folder</button>
          <Link to="/dashboard/new" className="button primary"><Plus {...icon} />New dashboard</Link>
        </>}
      </header>
      <div className="dash-page">
        <nav className="dash-folders" aria-label="Folders">
          <button type="button" className="menu-item" aria-pressed={folder === '' && show === 'all'} onClick={() => pick('all')}><LayoutDashboard {...icon} /><span className="menu-label">All</span><span className="num count">{everything.data ? total.length : ''}</span></button>
          <button type="button" className="menu-item" aria-pressed={show === 'starred'} onClick={() => pick(show === 'starred' ? 'all' : 'starred')}><Star {...icon} /><span className="menu-label">Starred</span><span className="num count">{everything.data ? total.filter((d) => d.isStarred).length : ''}</span></button>
          <button type="button" className="menu-item" aria-pressed={show === 'recent'} onClick={() => pick(show === 'recent' ? 'all' : 'recent')}><LayoutDashboard {...icon} /><span className="menu-label">Recent</span><span className="num count">{recent.length}</span></button>
          <hr />
          {tree.map((f) => (
            <Link key={f.uid} to={f.uid === folder ? '/dashboards' : `/dashboards/f/${f.uid}`} className="menu-item" data-depth={Math.min(f.depth, 6)} aria-current={f.uid === folder ? 'page' : undefined} onClick={() => setShow('all')}>
              {f.uid === folder ? <FolderOpen {...icon} /> : <Folder {...icon} />}<span className="menu-label">{f.title}</span><span className="num count">{f.count}</span>
            </Link>
          ))}
        </nav>
        <section className="dash-list" aria-label="List of dashboards">
          {node && <FolderTools key={node.uid} folder={node} tree={tree} />}
          <div className="dash-search">
            <div className="search-field"><Search {...icon} /><input ref={input} className="input" type="search" placeholder="Search by name" aria-label="Search dashboards" value={text} onChange={(e) => setText(e.target.value)} /></div>
            <select className="select" aria-label="Order" value={sort} onChange={(e) => setSort(e.target.value)}>{sorts.map(([v, t]) => <option key={v} value={v}>{t}</option>)}</select>
          </div>
          {tag !== '' && <p className="filter-line">Tagged <button type="button" className="chip on" onClick={() => setTag('')} aria-label={`Stop filtering by ${tag}`}>{tag} ×</button></p>}
          {canCompose && <BulkBar chosen={shown.filter((d) => chosen.has(d.uid))} folders={choices} onDone={() => setChosen(new Set())} />}
          {error && <div className="state"><h2>The list could not be loaded</h2><p>{error.message}</p><button type="button" className="button" onClick={() => void refetch()}>Try again</button></div>}
          {!error && !isPending && shown.length === 0 && (
            <div className="state">
              <h2>{total.length === 0 ? 'No dashboards yet' : 'No dashboard fits'}</h2>
              <p>{total.length === 0 ? 'Make a new one, drop a dashboard file here, or put its JSON into a provisioned folder.' : 'Try fewer words, or leave the folder, tag or star filter.'}</p>
            </div>
          )}
          <ul className="card">{shown.map((d) => <Row key={d.uid} dashboard={d} tag={tag} chosen={chosen.has(d.uid)} canChoose={canCompose} onTag={setTag} onStar={star.mutate} onChoose={choose} />)}</ul>
          {data?.length === searchLimit && <p className="filter-line">Only the first {searchLimit} are listed.</p>}
        </section>
      </div>
      {open === 'import' && <Suspense fallback={null}><ImportDialog folders={choices} folder={folder} onClose={() => setOpen('')} /></Suspense>}
      {open === 'folder' && <NewFolder parent={folder} onClose={() => setOpen('')} />}
    </div>
  );
}
