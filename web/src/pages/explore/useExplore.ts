/** The address of Explore as state. Applying something makes a new entry, so that Back undoes one step. */
import { useCallback, useMemo } from 'react';
import { useLocation, useSearch } from 'wouter';
import { parseExploreUrl, printExploreUrl, type ExplorePane, type ExploreUrl } from '../../model/explore';

interface ExploreAddress {
  url: ExploreUrl;
  /** True as long as the address says nothing. */
  blank: boolean;
  change: (how: (url: ExploreUrl) => ExploreUrl, replace?: boolean) => void;
  changePane: (id: string, part: Partial<ExplorePane> | ((pane: ExplorePane) => Partial<ExplorePane>), replace?: boolean) => void;
}

export function useExplore(): ExploreAddress {
  const search = useSearch();
  const [, navigate] = useLocation();
  const url = useMemo(() => parseExploreUrl(search), [search]);
  const change = useCallback((how: (url: ExploreUrl) => ExploreUrl, replace = false): void => {
    // Read at the moment of the change: two changes in one turn must both survive.
    const next = printExploreUrl(how(parseExploreUrl(location.search)));
    if (next !== location.search.replace(/^\?/, '')) navigate(`/explore?${next}`, { replace });
  }, [navigate]);
  const changePane = useCallback((id: string, part: Partial<ExplorePane> | ((pane: ExplorePane) => Partial<ExplorePane>), replace = false): void => {
    change((u) => ({ ...u, panes: u.panes.map((p) => (p.id === id ? { ...p, ...(typeof part === 'function' ? part(p) : part) } : p)) }), replace);
  }, [change]);
  return { url, blank: !/[?&](panes|left)=/.test(`?${search}`), change, changePane };
}
