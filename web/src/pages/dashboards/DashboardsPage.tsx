/** All dashboards: the tree of folders at the left, the list at the right, search as one types; import, folders, several at once. */
import { keepPreviousData, useQuery } from '@tanstack/react-query';
import { FileUp, Folder, FolderOpen, FolderPlus, LayoutDashboard, LayoutGrid, List, Plus, Search, Star } from 'lucide-react';
import { Suspense, useMemo, useRef, useState } from 'react';
import { Link, useLocation } from 'wouter';
import { myRights } from '../../api/access';
import { searchLimit, type DashboardHit } from '../../api/dashboards';
import { searchFor } from '../../api/folders';
import { below, folderChoices, folderTree } from '../../model/dashboard/folders';
import { setStar } from '../../panels/star';
import { foundKey } from '../../query/dashboards';
import { treeQuery } from '../../query/folders';
import { stars, useStarred } from '../../query/stars';
import { lazyPart } from '../../ui/boundary';
import { useShortcuts } from '../../ui/keys';
import { useSettled } from '../../ui/settled';
import type { Choice } from '../../ui/form';
import { useShell } from '../app/shell';
import { useTitle } from '../app/title';
import { viewedTimes } from '../app/viewed';
import { BulkBar } from './BulkBar';
import { DashboardItems } from './DashboardItems';
import { FolderTools, NewFolder } from './FolderTools';
import './dashboards.css';

const ImportDialog = lazyPart(() => import('./ImportDialog'));
const icon = { size: 16, strokeWidth: 1.75, 'aria-hidden': true } as const;
const sorts: readonly Choice[] = [['', 'Name, A to Z'], ['alpha-desc', 'Name, Z to A'], ['updated-desc', 'Changed last'], ['updated-asc', 'Changed first'], ['viewed-desc', 'Seen last'], ['owner', 'Owner']];

const cardsKey = 'orrery.dashboards.cards';
const wantsCards = (): boolean => { try { return localStorage.getItem(cardsKey) === 'true'; } catch { return false; } };

/** Orders that only this page knows; the server's come as they are. */
function ordered(hits: readonly DashboardHit[], sort: string, viewed: Readonly<Record<string, number>>): DashboardHit[] {
  const by = { 'viewed-desc': (a: DashboardHit, b: DashboardHit) => (viewed[b.uid] ?? 0) - (viewed[a.uid] ?? 0), owner: (a: DashboardHit, b: DashboardHit) => (a.createdBy || '\uffff').localeCompare(b.createdBy || '\uffff') }[sort];
  return by ? [...hits].sort(by) : [...hits];
}

export function DashboardsPage({ folder = '', importing = false }: { folder?: string; importing?: boolean }) {
  const [, navigate] = useLocation();
  const { recent } = useShell();
  const [text, setText] = useState('');
  const [tag, setTag] = useState('');
  const [sort, setSort] = useState('');
  const [show, setShow] = useState<'all' | 'starred' | 'recent'>('all');
  const served = sort === 'viewed-desc' || sort === 'owner' ? '' : sort;
  const [cards, setCards] = useState(wantsCards);
  const [viewed] = useState(viewedTimes);
  const [now] = useState(() => Date.now());
  const [chosen, setChosen] = useState<ReadonlySet<string>>(new Set());
  const [open, setOpen] = useState<'import' | 'folder' | ''>(importing ? 'import' : '');
  const input = useRef<HTMLInputElement>(null);
  useShortcuts([{ keys: '/', label: 'Search the list', group: 'Dashboards', run: () => input.current?.focus() }]);
  const wanted = useSettled(text.trim());
  const everything = useQuery(treeQuery);
  const rights = useQuery({ queryKey: ['rights'], queryFn: ({ signal }) => myRights(signal) });
  const { data, error, isPending, refetch } = useQuery<DashboardHit[]>({
    queryKey: [...foundKey(show === 'starred'), wanted, tag, served], placeholderData: keepPreviousData,
    queryFn: ({ signal }): Promise<DashboardHit[]> => stars.learn(searchFor({ query: wanted, tag, starred: show === 'starred', sort: served }, signal), (found) => found),
  });
  const found = useStarred(data);
  const tree = useMemo(() => folderTree(everything.data ?? []), [everything.data]);
  const node = tree.find((f) => f.uid === folder);
  const missing = folder !== '' && everything.isSuccess && !node;
  useTitle(node?.title ?? 'Dashboards');
  const shown = useMemo(() => {
    const inside = folder === '' ? undefined : below(tree, folder);
    const at = new Map(recent.map((r, i) => [r.uid, i]));
    const fitting = found.filter((d) => (show !== 'starred' || d.isStarred) && (inside === undefined || inside.has(d.folderUid ?? '')) && (show !== 'recent' || at.has(d.uid)));
    return show === 'recent' ? fitting.sort((a, b) => (at.get(a.uid) ?? 0) - (at.get(b.uid) ?? 0)) : ordered(fitting, sort, viewed);
  }, [found, tree, folder, show, recent, sort, viewed]);
  const canCompose = rights.data?.['dashboards:create'] === true;
  const choices: Choice[] = [['', 'No folder'], ...folderChoices(tree)];
  const total = useStarred(everything.data).filter((h) => h.type !== 'dash-folder');
  const pick = (next: typeof show): void => {
    setShow(next);
    if (folder !== '') navigate('/dashboards');
  };
  const asCards = (on: boolean): void => {
    setCards(on);
    try { localStorage.setItem(cardsKey, String(on)); } catch { /* Only comfort is lost. */ }
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
            <div className="search-field"><Search {...icon} /><input ref={input} className="input" type="search" placeholder="Search by name" aria-label="Search dashboards" value={text} onChange={(e) => setText(e.target.value)} onKeyDown={(e) => { if (e.key === 'ArrowDown') { e.preventDefault(); document.querySelector<HTMLElement>('.dash-list .dash-title')?.focus(); } }} /></div>
            <select className="select" aria-label="Order" value={sort} onChange={(e) => setSort(e.target.value)}>{sorts.map(([v, t]) => <option key={v} value={v}>{t}</option>)}</select>
            <div className="segmented" role="group" aria-label="How dashboards are shown">
              <button type="button" aria-pressed={!cards} aria-label="As a list" title="As a list" onClick={() => asCards(false)}><List {...icon} /></button>
              <button type="button" aria-pressed={cards} aria-label="As cards" title="As cards" onClick={() => asCards(true)}><LayoutGrid {...icon} /></button>
            </div>
          </div>
          {tag !== '' && <p className="filter-line">Tagged <button type="button" className="chip on" onClick={() => setTag('')} aria-label={`Stop filtering by ${tag}`}>{tag} ×</button></p>}
          {canCompose && <BulkBar chosen={shown.filter((d) => chosen.has(d.uid))} folders={choices} onDone={() => setChosen(new Set())} />}
          {error && <div className="state"><h2>The list could not be loaded</h2><p>{error.message}</p><button type="button" className="button" onClick={() => void refetch()}>Try again</button></div>}
          {!error && !isPending && shown.length === 0 && (
            <div className="state">
              <h2>{missing ? 'There is no such folder' : total.length === 0 ? 'No dashboards yet' : 'No dashboard fits'}</h2>
              <p>{missing ? <>It may have been deleted, or you may not see it. <Link to="/dashboards">All dashboards</Link></> : total.length === 0 ? 'Make a new one, drop a dashboard file here, or put its JSON into a provisioned folder.' : 'Try fewer words, or leave the folder, tag or star filter.'}</p>
            </div>
          )}
          <DashboardItems shown={shown} cards={cards} tag={tag} chosen={chosen} canChoose={canCompose} viewed={viewed} now={now} onTag={setTag} onStar={(d) => void setStar(d, !d.isStarred)} onChoose={choose} />
          {data?.length === searchLimit && <p className="filter-line">Only the first {searchLimit} are listed.</p>}
        </section>
      </div>
      {open === 'import' && <Suspense fallback={null}><ImportDialog folders={choices} folder={folder} onClose={() => setOpen('')} /></Suspense>}
      {open === 'folder' && <NewFolder parent={folder} onClose={() => setOpen('')} />}
    </div>
  );
}
