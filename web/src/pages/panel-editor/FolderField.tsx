/** Chooses a folder by its name; one that is not there (any more) stays as its uid. */
import { useQuery } from '@tanstack/react-query';
import { folderChoices, folderTree } from '../../model/dashboard/folders';
import { treeQuery } from '../../query/folders';

export function FolderField({ label, value, onChange }: { label: string; value: string; onChange: (uid: string | undefined) => void }) {
  const { data } = useQuery(treeQuery);
  const folders = folderChoices(folderTree(data ?? []));
  return (
    <select className="select" aria-label={label} value={value} onChange={(e) => onChange(e.target.value === '' ? undefined : e.target.value)}>
      <option value="">All folders</option>
      {value !== '' && !folders.some(([uid]) => uid === value) && <option value={value}>{value}</option>}
      {folders.map(([uid, words]) => <option key={uid} value={uid}>{words}</option>)}
    </select>
  );
}
