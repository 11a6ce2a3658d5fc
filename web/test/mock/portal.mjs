/** Made-up annotations and alert rules, as the portal's interfaces tell them. */
const minute = 60_000;

export function annotations(params) {
  const now = Date.now();
  const all = [
    { id: 1, dashboardUID: 'gallery', panelId: 1, time: now - 20 * minute, timeEnd: now - 12 * minute, text: 'Deployed <b>web 1.4</b>', tags: ['deploy', 'web'], login: 'admin' },
    { id: 2, dashboardUID: '', panelId: 0, time: now - 5 * minute, timeEnd: now - 5 * minute, text: 'The disk of the database was full; old segments were moved away.', tags: ['incident'], login: 'admin' },
    { id: 3, dashboardUID: 'many', panelId: 0, time: now - 3000 * minute, timeEnd: now - 3000 * minute, text: 'Long before', tags: ['deploy'], login: 'admin' },
  ];
  const from = Number(params.get('from') ?? 0);
  const uid = params.get('dashboardUID');
  return all.filter((a) => a.time >= from && (!uid || a.dashboardUID === uid) && params.getAll('tags').every((t) => a.tags.includes(t))).slice(0, Number(params.get('limit') ?? 100));
}

export function rules() {
  const at = new Date(Date.now() - 42 * minute).toISOString();
  const rule = (name, state, summary, hosts) => ({
    name, state, type: 'alerting', health: 'ok', labels: { severity: 'page' }, annotations: { summary, runbook_url: 'https://example.com/runbook' },
    alerts: hosts.map((host) => ({ labels: { alertname: name, host }, state: state === 'firing' ? 'Alerting' : 'Pending', activeAt: at, value: '1' })),
  });
  return { status: 'success', data: { groups: [
    { name: 'hosts', file: 'Platform', rules: [rule('DiskAlmostFull', 'firing', 'Less than a tenth of the disk is left', ['db-1', 'db-2']), rule('HighLoad', 'pending', 'More waiting than cores', ['web-1']), rule('Calm', 'inactive', '', [])] },
  ] } };
}
