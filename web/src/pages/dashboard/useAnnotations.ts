/** The annotations of the page: asked for with every tick, each query by itself, switched on and off in the address. */
import { useQueries, useQueryClient } from '@tanstack/react-query';
import { useCallback, useEffect, useLayoutEffect, useMemo, useRef } from 'react';
import { boot } from '../../api/boot';
import { annotationQueries, askedFor, isDrawn, showsIn, type AnnotationQuery } from '../../model/dashboard/annotations';
import type { Mark } from '../../model/marks';
import { isRelative } from '../../model/time/range';
import { drawsMarks } from '../../panels/kinds';
import { askAnnotations } from '../../query/annotations';
import type { DashboardState } from './useDashboard';

interface AnnotationSwitch {
  query: AnnotationQuery;
  on: boolean;
  /** Why it could not be asked, in words. */
  problem: string | undefined;
  count: number;
}

export interface Annotations {
  switches: AnnotationSwitch[];
  toggle: (name: string, on: boolean) => void;
  /** Marks for one panel; the same array as long as nothing changed. */
  of: (panelId: number) => readonly Mark[];
  reload: () => void;
  canEdit: boolean;
}

const none: readonly Mark[] = [];

/** What the panels are given: the same objects as long as the answers say the same. */
const answersOf = (results: readonly { data: Mark[] | undefined; error: Error | null }[]): { marks: readonly Mark[]; problem: string | undefined }[] => results.map(({ data, error }) => ({ marks: data ?? none, problem: error?.message }));

/** `asked` counts how often a person asked for everything anew. */
export function useAnnotations(state: Pick<DashboardState, 'doc' | 'address' | 'raw' | 'range' | 'now' | 'context' | 'sources' | 'variables'>, asked: number): Annotations {
  const { doc, address, raw, range, now, context, sources, variables } = state;
  const client = useQueryClient();
  const queries = useMemo(() => annotationQueries(doc.view), [doc.view]);
  const chosen = address.url.annotations;
  const isOn = (q: AnnotationQuery): boolean => chosen[q.name] ?? q.enable;
  const uid = doc.view.uid;
  const key = useMemo(() => ['annotations', uid], [uid]);
  const latest = useRef({ range, context, sources });
  useLayoutEffect(() => {
    latest.current = { range, context, sources };
  });
  const answers = useQueries({
    queries: queries.map((query) => ({
      queryKey: [...key, query.saved.length > 0 ? query.name : query, ...askedFor(query, raw, range, JSON.stringify(context.variables)), asked],
      queryFn: ({ signal }: { signal: AbortSignal }) => askAnnotations(query, { range: latest.current.range, context: latest.current.context, sources: latest.current.sources ?? [], dashboardUid: uid }, signal),
      enabled: isOn(query) && isDrawn(query, doc.view.panels, drawsMarks) && variables !== undefined && (query.kind !== 'prometheus' || sources !== undefined),
      // What was there stays until the new answer has come.
      placeholderData: (before: Mark[] | undefined) => before,
      staleTime: 60_000,
      gcTime: 30_000,
      retry: false,
    })),
    combine: answersOf,
  });
  // A refresh looks for what others have added. One that is asked already goes on: on a slow server it would never come else.
  const moves = isRelative(raw);
  const drawnAt = useRef(now);
  useEffect(() => {
    if (now === drawnAt.current) return;
    drawnAt.current = now;
    if (moves) void client.invalidateQueries({ queryKey: key }, { cancelRefetch: false });
  }, [client, key, moves, now]);
  const on = JSON.stringify(queries.map(isOn));
  const of = useMemo(() => {
    const made = new Map<number, readonly Mark[]>();
    const lists = queries.map((query, i) => ({ query, marks: isOn(query) ? (answers[i]?.marks ?? none) : none }));
    return (panelId: number): readonly Mark[] => {
      let found = made.get(panelId);
      if (!found) {
        const all = lists.flatMap(({ query, marks }) => (showsIn(query, panelId) ? marks.filter((m) => m.panelId === 0 || m.panelId === panelId) : []));
        found = all.length === 0 ? none : all;
        made.set(panelId, found);
      }
      return found;
    };
    // oxlint-disable-next-line react/exhaustive-deps -- `on` stands for the switches
  }, [queries, answers, on]);
  const { change } = address;
  const toggle = useCallback((name: string, on: boolean) => change({ annotations: { ...chosen, [name]: on } }), [change, chosen]);
  const reload = useCallback(() => void client.invalidateQueries({ queryKey: key }), [client, key]);
  const canEdit = boot.user.orgRole === 'Admin' || boot.user.orgRole === 'Editor' || boot.user.isGrafanaAdmin || doc.meta.canEdit;
  return useMemo(() => ({
    switches: queries.map((query, i) => ({ query, on: isOn(query), problem: isOn(query) ? answers[i]?.problem : undefined, count: answers[i]?.marks.length ?? 0 })),
    toggle, of, reload, canEdit,
    // oxlint-disable-next-line react/exhaustive-deps -- `on` stands for the switches
  }), [queries, answers, on, toggle, of, reload, canEdit]);
}
