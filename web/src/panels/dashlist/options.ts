/** Options of the dashboard list, and the addresses its links get. */
import { flag, list, number, text } from '../../model/json';
import type { Options } from '../types';

export interface ListOptions {
  starred: boolean;
  recent: boolean;
  search: boolean;
  headings: boolean;
  max: number;
  text: string;
  tags: string[];
  folderUid: string;
  folderId: number | undefined;
  keepTime: boolean;
  includeVars: boolean;
}

export function listOptions(o: Options): ListOptions {
  return {
    starred: flag(o['showStarred'], true), recent: flag(o['showRecentlyViewed']), search: flag(o['showSearch']), headings: flag(o['showHeadings'], true),
    max: Math.min(1000, Math.max(1, Math.round(number(o['maxItems']) ?? 10))),
    text: text(o['query']), tags: list(o['tags']).map((t) => text(t)).filter((t) => t !== ''),
    folderUid: text(o['folderUID']), folderId: number(o['folderId']), keepTime: flag(o['keepTime']), includeVars: flag(o['includeVars']),
  };
}

/** The dashboard's address with what the reader chose here, where the panel says so. */
export function dashboardAddress(url: string, search: string, o: Pick<ListOptions, 'keepTime' | 'includeVars'>): string {
  const kept = new URLSearchParams();
  for (const [key, value] of new URLSearchParams(search)) {
    if (o.keepTime && ['from', 'to', 'timezone'].includes(key)) kept.append(key, value);
    if (o.includeVars && key.startsWith('var-')) kept.append(key, value);
  }
  const words = kept.toString();
  return words === '' ? url : `${url}?${words}`;
}
