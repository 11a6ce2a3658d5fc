/** The heading of a panel: the title always; description, warnings and menu at hand when pointed at or focused. */
import { memo } from 'react';
import { CircleAlert, Compass, Copy, CopyPlus, Download, EllipsisVertical, ExternalLink, Info, LibraryBig, Maximize2, Minimize2, Pencil, Share2, Sheet, TableProperties, Trash2, TriangleAlert, Unlink } from 'lucide-react';
import type { ShownLink } from '../../model/links';
import { toCsv } from '../../model/table';
import type { QueryProblem } from '../../query/runner';
import { Menu, Popover, type MenuItem } from '../../ui/popover';
import { toast } from '../../ui/toast';
import { download, fileName } from '../parts/download';
import type { PanelActions } from './usePanelKeys';

const icon = { size: 16, strokeWidth: 1.75, 'aria-hidden': true } as const;

interface PanelHeaderProps {
  titleId: string;
  title: string;
  description: string;
  note: string;
  problems: readonly QueryProblem[];
  notices: readonly string[];
  viewing: boolean;
  asTable: boolean;
  hasData: boolean;
  canExplore: boolean;
  zone: string;
  panelKey: string;
  actions: PanelActions;
  /** Links of the panel, with variables filled in. */
  links: readonly ShownLink[];
  /** The panel stands for one of the library. */
  library: boolean;
}

async function copyLink(panelKey: string): Promise<void> {
  const url = new URL(location.href);
  url.searchParams.set('viewPanel', panelKey);
  try {
    await navigator.clipboard.writeText(url.href);
    toast('The link to this panel is copied.');
  } catch {
    toast('The browser does not allow copying here. Open the panel with “View” and copy the address.', 'error');
  }
}

function Note({ kind, label, lines }: { kind: 'info' | 'warning' | 'problem'; label: string; lines: readonly string[] }) {
  if (lines.length === 0) return null;
  const mark = kind === 'info' ? <Info {...icon} /> : kind === 'warning' ? <TriangleAlert {...icon} /> : <CircleAlert {...icon} />;
  return <Popover label={label} title={lines.join('\n')} triggerClass={`icon-button small note-${kind}`} trigger={mark} className="note">{() => lines.map((l) => <p key={l}>{l}</p>)}</Popover>;
}

export const PanelHeader = memo(function PanelHeader(p: PanelHeaderProps) {
  const { edit } = p.actions;
  const items: MenuItem[] = [
    ...(edit ? [{ label: 'Edit', hint: 'e', icon: <Pencil {...icon} />, run: edit.open }] : []),
    { label: p.viewing ? 'Back to the dashboard' : 'View', hint: 'v', icon: p.viewing ? <Minimize2 {...icon} /> : <Maximize2 {...icon} />, run: p.actions.onView },
    ...(p.hasData ? [
      { label: p.asTable ? 'Show the picture' : 'Show as table', hint: 't', icon: <Sheet {...icon} />, run: p.actions.onTable },
      { label: 'Inspect data', hint: 'i', icon: <TableProperties {...icon} />, run: p.actions.onInspect },
      { label: 'Download CSV', icon: <Download {...icon} />, run: () => download(`${fileName(p.title, 'panel')}.csv`, toCsv(p.actions.table(), p.zone), 'text/csv') },
    ] : []),
    ...p.links.map((l): MenuItem => ({ label: l.title, icon: <ExternalLink {...icon} />, href: l.url, blank: l.blank })),
    ...(p.canExplore ? [{ label: 'Explore', hint: 'x', icon: <Compass {...icon} />, run: p.actions.onExplore }] : []),
    { label: 'Share', hint: 'p s', icon: <Share2 {...icon} />, run: p.actions.onShare },
    { label: 'Copy link', icon: <Copy {...icon} />, run: () => void copyLink(p.panelKey) },
    ...(edit && !p.viewing ? [
      { label: 'Duplicate', hint: 'p d', icon: <CopyPlus {...icon} />, run: edit.duplicate },
      ...(p.library
        ? [{ label: 'Where it is used', icon: <LibraryBig {...icon} />, run: edit.libraryUses }, { label: 'Unlink from the library', icon: <Unlink {...icon} />, run: edit.unlink }]
        : [{ label: 'Put into the library', icon: <LibraryBig {...icon} />, run: edit.putIntoLibrary }]),
      { label: 'Copy', hint: 'p c', icon: <Copy {...icon} />, run: edit.copy },
      { label: 'Remove', hint: 'p r', icon: <Trash2 {...icon} />, run: edit.remove },
    ] : []),
  ];
  return (
    <header className="panel-head">
      <h2 id={p.titleId} title={p.title}>{p.title === '' ? <span className="visually-hidden">Panel without a title</span> : p.title}</h2>
      <Note kind="info" label="Description" lines={p.description === '' ? [] : [p.description]} />
      {p.note !== '' && <span className="panel-note">{p.note}</span>}
      <span className="panel-head-space" />
      <Note kind="problem" label="A query failed" lines={p.problems.map((x) => `Query ${x.refId} failed: ${x.message}`)} />
      <Note kind="warning" label="Notice" lines={p.notices} />
      <Menu label={`Menu of ${p.title || 'the panel'}`} align="end" triggerClass="icon-button small panel-menu" trigger={<EllipsisVertical {...icon} />} items={items} />
    </header>
  );
});
