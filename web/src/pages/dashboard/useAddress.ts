/** The address of the page as state: read with defaults from the dashboard, written as a new entry or over the current one. */
import { useCallback, useMemo } from 'react';
import { useLocation, useSearch } from 'wouter';
import { parseDashboardUrl, printDashboardUrl, type DashboardUrl } from '../../model/url';

export interface Address {
  url: DashboardUrl;
  /** Applying something makes a new entry, so that Back undoes one step; `replace` does not. */
  change: (part: Partial<DashboardUrl>, replace?: boolean) => void;
}

export function useAddress(): Address {
  const search = useSearch();
  const [path, navigate] = useLocation();
  const url = useMemo(() => parseDashboardUrl(search), [search]);
  const change = useCallback((part: Partial<DashboardUrl>, replace = false) => {
    // Read at the moment of the change: two changes in one turn must both survive.
    const current = parseDashboardUrl(location.search);
    const text = printDashboardUrl({ ...current, ...part });
    navigate(text === '' ? path : `${path}?${text}`, { replace });
  }, [navigate, path]);
  return useMemo(() => ({ url, change }), [url, change]);
}
