/** Chooses a folder by its name; one that is not there (any more) stays as its uid. */
import { useQuery } from '@tanstack/react-query';
import { searchEverything } from '../../api/folders';
import { folderTree } from '../../model/dashboard/folders';

export function FolderField({ label, value, onChange }: { label: string; value: string; onChange: (uid: string | undefined) => void }) {
  const { data } = useQuery({ queryKey: ['dashboards', 'tree'], queryFn: ({ signal }) => searchEverything(signal) });
  const folders = folderTree(data ?? []);
  return (
    <select className="select" aria-label={label} value={value} onChange={(e) => onChange(e.target.value === '' ? undefined : e.target.value)}>
      <option value="">All folders</option>
      {value !== '' && !folders.some((f) => f.uid === value) && <option value={value}>{value}</option>}
      {folders.map((f) => <option key={f.uid} value={f.uid}>{`${'– '.repeat(f.depth)}${f.title}`}</option>)}
    </select>
  );
}
