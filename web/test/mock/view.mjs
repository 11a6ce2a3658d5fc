/** A plain normalisation of current dashboard JSON, enough for the dashboards the mock serves; the binary does the real one. */
const target = (t, fallback) => ({
  refId: t.refId ?? 'A', expr: t.expr ?? '', datasource: t.datasource ?? fallback, legendFormat: t.legendFormat ?? '__auto', instant: t.instant ?? false, range: t.range ?? !t.instant,
  format: t.format ?? 'time_series', interval: t.interval ?? '', intervalFactor: 1, hide: t.hide ?? false, raw: t,
});

function panel(p, rowId) {
  return {
    id: p.id, type: p.type, originalType: p.type, title: p.title ?? '', description: p.description ?? '', transparent: p.transparent ?? false, gridPos: p.gridPos, datasource: p.datasource ?? null,
    targets: (p.targets ?? []).map((t) => target(t, p.datasource ?? null)), options: p.options ?? {}, fieldConfig: { defaults: p.fieldConfig?.defaults ?? {}, overrides: p.fieldConfig?.overrides ?? [] },
    transformations: p.transformations ?? [], interval: p.interval ?? '', maxDataPoints: p.maxDataPoints ?? null, timeFrom: p.timeFrom ?? '', timeShift: p.timeShift ?? '', hideTimeOverride: p.hideTimeOverride ?? false,
    repeat: p.repeat ?? '', repeatDirection: p.repeatDirection ?? 'h', maxPerRow: p.maxPerRow ?? 0, links: p.links ?? [], rowId, collapsed: p.collapsed ?? false,
  };
}

function variable(v) {
  return {
    name: v.name, label: v.label ?? '', type: v.type, hide: v.hide ?? 0, multi: v.multi ?? false, includeAll: v.includeAll ?? false, allValue: v.allValue ?? null,
    query: typeof v.query === 'string' ? v.query : (v.query?.query ?? ''), datasource: v.datasource ?? null, regex: v.regex ?? '', sort: v.sort ?? 0, refresh: v.refresh ?? 0,
    options: (v.options ?? []).map((o) => ({ text: o.text, value: o.value })), current: { text: v.current?.text ?? '', value: v.current?.value ?? '' },
    auto: v.auto ?? false, autoCount: v.auto_count ?? 30, autoMin: v.auto_min ?? '10s', skipUrlSync: false,
  };
}

export function toView(d) {
  const panels = [];
  let row = null;
  for (const p of d.panels) {
    if (p.type === 'row') {
      row = p.id;
      panels.push(panel(p, null));
      for (const inner of p.panels ?? []) panels.push(panel(inner, p.id));
    } else panels.push(panel(p, row));
  }
  return {
    uid: d.uid, title: d.title, description: d.description ?? '', tags: d.tags ?? [], editable: true, time: d.time ?? { from: 'now-6h', to: 'now' }, timezone: d.timezone ?? '', refresh: d.refresh ?? '',
    refreshIntervals: [], graphTooltip: d.graphTooltip ?? 0, weekStart: '', links: d.links ?? [], variables: (d.templating?.list ?? []).map(variable), annotations: [], panels, notices: d.notices ?? [],
  };
}
