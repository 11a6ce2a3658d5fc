/** The tree of folders, from the flat list that the server has. */
export interface FolderNode {
  uid: string;
  title: string;
  depth: number;
  /** Dashboards in it and below. */
  count: number;
  parent: string;
}
interface Hit {
  uid: string;
  title: string;
  type: string;
  folderUid?: string;
}

/** In the order in which the tree is read. A folder whose parent one may not see stands at the top. */
export function folderTree(hits: readonly Hit[]): FolderNode[] {
  const folders = hits.filter((h) => h.type === 'dash-folder');
  const known = new Set(folders.map((f) => f.uid));
  const parentOf = (f: Hit): string => (f.folderUid !== undefined && known.has(f.folderUid) ? f.folderUid : '');
  const out: FolderNode[] = [];
  const walk = (parent: string, depth: number): void => {
    for (const f of folders.filter((x) => parentOf(x) === parent).sort((a, b) => a.title.localeCompare(b.title))) {
      const node: FolderNode = { uid: f.uid, title: f.title, depth, parent, count: hits.filter((h) => h.type !== 'dash-folder' && h.folderUid === f.uid).length };
      out.push(node);
      const at = out.length;
      if (depth < 16) walk(f.uid, depth + 1);
      node.count += out.slice(at).filter((n) => n.parent === f.uid).reduce((sum, n) => sum + n.count, 0);
    }
  };
  walk('', 0);
  return out;
}

/** The folder and all below it. */
export function below(tree: readonly FolderNode[], uid: string): Set<string> {
  const out = new Set([uid]);
  for (const node of tree) if (out.has(node.parent)) out.add(node.uid);
  return out;
}

/** To choose one of, each in its depth. */
export const folderChoices = (tree: readonly FolderNode[]): [uid: string, words: string][] => tree.map((f) => [f.uid, `${'– '.repeat(f.depth)}${f.title}`]);
