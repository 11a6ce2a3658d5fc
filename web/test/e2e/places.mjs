/** Every address the pages have, for the journeys that look at all of them. */

/** What the shell knows, and the sign-in page. */
export const SHELL = [
  '/', '/dashboards', '/dashboard/import', '/dashboard/new', '/explore', '/explore/metrics', '/explore/metrics/node_load1', '/connections/datasources', '/connections/datasources/new',
  '/connections/datasources/edit/orrery-metrics', '/profile', '/admin', '/admin/users', '/admin/orgs', '/admin/settings', '/admin/stats', '/admin/plugins', '/admin/provisioning', '/admin/access', '/admin/audit', '/org',
  '/org/users', '/org/teams', '/org/serviceaccounts', '/d/orrery-host', '/nowhere', '/login',
];

/** The faces of one dashboard: whole, one panel, the editor, every page of its settings. */
export const facesOf = (uid, panel) => [
  `/d/${uid}`, `/d/${uid}?kiosk`, `/d/${uid}?viewPanel=${panel}`, `/d-solo/${uid}?panelId=${panel}`, `/d/${uid}?editPanel=${panel}`,
  ...['settings', 'variables', 'annotations', 'links', 'permissions', 'versions', 'dashboard_json'].map((page) => `/d/${uid}?editview=${page}`),
];

/** On the Prometheus port. */
export const PROMETHEUS = ['/query', '/query?g0.expr=node_load1&g0.tab=0', '/targets', '/rules', '/alerts', '/tsdb-status', '/flags', '/status', '/config', '/service-discovery'];
