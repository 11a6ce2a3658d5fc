/** Puts a panel of the library onto the dashboard. */
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { listLibraryPanels } from '../../api/dashboard-edit';
import { Dialog } from '../../ui/dialog';
import { useSettled } from '../../ui/settled';
import { addLibraryPanel } from './actions';

export function LibraryDialog({ uid, onClose }: { uid: string; onClose: () => void }) {
  const [search, setSearch] = useState('');
  const wanted = useSettled(search.trim());
  const { data, error } = useQuery({ queryKey: ['library-panels', wanted], queryFn: ({ signal }) => listLibraryPanels(wanted, signal), placeholderData: (before) => before });
  return (
    <Dialog title="Panels of the library" onClose={onClose}>
      <input className="input full" type="search" autoFocus placeholder="Name or description" aria-label="Search the library" value={search} onChange={(e) => setSearch(e.target.value)} />
      {error && <p className="field-error">{error.message}</p>}
      {data?.length === 0 && <p className="quiet">{search === '' ? 'The library has no panels yet.' : `No panel fits “${search}”.`}</p>}
      <ul className="pick-list">
        {data?.map((p) => (
          <li key={p.uid}>
            <button type="button" className="menu-item" onClick={() => { addLibraryPanel(uid, p); onClose(); }}>
              <span className="menu-label">{p.name}</span>
              <span className="quiet">{p.type} · {p.meta.folderName} · on {p.meta.connectedDashboards} {p.meta.connectedDashboards === 1 ? 'dashboard' : 'dashboards'}</span>
            </button>
          </li>
        ))}
      </ul>
    </Dialog>
  );
}
