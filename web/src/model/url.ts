/** The address of a dashboard page: Grafana's parameter names, read and printed without loss. */
export interface DashboardUrl {
  from?: string | undefined;
  to?: string | undefined;
  timezone?: string | undefined;
  /** Undefined: as the dashboard says; empty: off. */
  refresh?: string | undefined;
  viewPanel?: string | undefined;
  kiosk: boolean;
  /** The panel that is being edited. */
  editPanel?: string | undefined;
  /** The page of the dashboard's settings that is open. */
  editview?: string | undefined;
  variables: Record<string, string[]>;
  /** Annotation queries that are switched against what the dashboard says, by name. */
  annotations: Record<string, boolean>;
  /** How much earlier the ghost of every chart is, such as `1d`. */
  compare?: string | undefined;
  /** The tab that is shown, by the slug of its title. */
  tab?: string | undefined;
  /** Parameters we do not know: kept, because other tools may. */
  rest: [string, string][];
}

/** `panelId` is what the address of a single panel has instead of `viewPanel`; both are read, the second is written. */
export function parseDashboardUrl(search: string): DashboardUrl {
  const out: DashboardUrl = { kiosk: false, variables: {}, annotations: {}, rest: [] };
  for (const [key, value] of new URLSearchParams(search)) {
    if (key.startsWith('var-')) {
      const name = key.slice(4);
      (out.variables[name] ??= []).push(value);
    } else if (key === 'from' || key === 'to' || key === 'timezone' || key === 'refresh') out[key] = value;
    else if (key.startsWith('annotation-')) out.annotations[key.slice(11)] = value !== 'off';
    else if (key === 'dtab') out.tab = value === '' ? undefined : value;
    else if (key === 'compare') out.compare = value === '' ? undefined : value;
    else if (key === 'viewPanel' || key === 'panelId') out.viewPanel = value.replace(/^panel-/, '');
    else if (key === 'kiosk') out.kiosk = value !== 'false';
    else if (key === 'editPanel') out.editPanel = value.replace(/^panel-/, '');
    else if (key === 'editview') out.editview = value;
    else out.rest.push([key, value]);
  }
  return out;
}

/** Without the question mark; empty when there is nothing to say. */
export function printDashboardUrl(url: DashboardUrl): string {
  const p = new URLSearchParams();
  if (url.from !== undefined) p.append('from', url.from);
  if (url.to !== undefined) p.append('to', url.to);
  if (url.timezone !== undefined) p.append('timezone', url.timezone);
  if (url.refresh !== undefined) p.append('refresh', url.refresh);
  for (const [name, values] of Object.entries(url.variables)) for (const value of values) p.append(`var-${name}`, value);
  for (const [name, on] of Object.entries(url.annotations)) p.append(`annotation-${name}`, on ? 'on' : 'off');
  if (url.tab !== undefined) p.append('dtab', url.tab);
  if (url.compare !== undefined) p.append('compare', url.compare);
  if (url.viewPanel !== undefined) p.append('viewPanel', url.viewPanel);
  if (url.editPanel !== undefined) p.append('editPanel', url.editPanel);
  if (url.editview !== undefined) p.append('editview', url.editview);
  for (const [key, value] of url.rest) p.append(key, value);
  const text = p.toString();
  return url.kiosk ? (text === '' ? 'kiosk' : `${text}&kiosk`) : text;
}
