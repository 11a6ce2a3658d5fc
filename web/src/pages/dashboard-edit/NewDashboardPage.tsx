/** A dashboard that is not saved yet: empty, ready to be built. */
import { useEffect, useMemo } from 'react';
import type { DashboardDoc } from '../../api/dashboards';
import { useTitle } from '../app/title';
import { DashboardBody } from '../dashboard/DashboardBody';
import { beginDraft, useDrafts } from './draft';

const raw = {
  title: 'New dashboard', tags: [], schemaVersion: 42, editable: true, graphTooltip: 1, timezone: '', refresh: '', time: { from: 'now-6h', to: 'now' },
  templating: { list: [] }, annotations: { list: [] }, links: [], panels: [],
};
const fresh: DashboardDoc = {
  meta: { uid: '', title: raw.title, url: '/dashboard/new', folderTitle: '', folderUid: '', version: 0, provisioned: false, canEdit: true, isStarred: false },
  raw,
  view: {
    uid: '', title: raw.title, description: '', tags: [], editable: true, time: raw.time, timezone: '', refresh: '', refreshIntervals: ['5s', '10s', '30s', '1m', '5m', '15m', '30m', '1h', '2h', '1d'],
    graphTooltip: 1, weekStart: '', links: [], variables: [], annotations: [], panels: [], notices: [],
  },
};

export function NewDashboardPage() {
  const draft = useDrafts((s) => s.drafts['']);
  useTitle('New dashboard');
  useEffect(() => void beginDraft(fresh, true), []);
  const doc = useMemo((): DashboardDoc | undefined => draft && { meta: draft.base.meta, raw: draft.history.raw, view: draft.view }, [draft]);
  return doc ? <DashboardBody doc={doc} /> : null;
}
