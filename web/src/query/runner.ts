/** Runs the queries of a page: one streamed request per tick for the panels in sight, results handed to each panel by itself. */
import { streamQuery, type QueryLine, type QueryStats, type SeriesFrame, type WirePanel, type WireQuery } from '../api/query';
import { wordsOf } from '../model/errors';
import type { Frame } from '../model/frame';
import { nameSeries } from '../model/seriesnames';
import type { TimeRange } from '../model/time/range';
import type { Begun, BegunQuery } from './begun';
import { toFrames } from './frames';
import { appendTail, countValues, haveOf, type Held } from './tail';
import { Turn } from './turns';

export interface PanelRequest {
  range: TimeRange;
  /** The choice of time that led to the range, so that one can tell another choice from the same one a moment later. */
  choice?: string | undefined;
  maxDataPoints: number;
  intervalMs?: number | undefined;
  queries: WireQuery[];
}
export interface QueryProblem {
  refId: string;
  message: string;
  expr: string;
  /** Prometheus' kind of error; `datasource` when the source cannot be asked at all. */
  type?: string | undefined;
}
export interface PanelData {
  /** What is shown stays until its successor is there; `loading` only says that one is on its way. */
  loading: boolean;
  /** False until the first answer: there is nothing to show yet. */
  answered: boolean;
  frames: Frame[];
  problems: QueryProblem[];
  notices: string[];
  stats: (QueryStats & { refId: string })[];
  range: TimeRange;
  /** The choice of time that was asked with; empty before the first answer. */
  choice: string;
  queries: WireQuery[];
}

interface Answer {
  frames: Frame[];
  problem?: QueryProblem;
  notices: string[];
  stats?: QueryStats;
  /** The series as they came, until the tag is there. */
  series?: SeriesFrame;
  /** What a refresh need not ask for again. */
  held?: Held;
}
/** One request under way; when no panel waits for it any more, it is dropped, and the server stops too. */
interface Run {
  controller: AbortController;
  waiting: number;
}
interface Slot {
  request: PanelRequest | undefined;
  /** What was asked last, to see whether it must be asked again. */
  asked: string;
  visible: boolean;
  answers: Map<string, Answer>;
  /** Results of the run under way, moved to `answers` query by query. */
  arriving: Map<string, Answer>;
  running: number;
  /** The run whose answer this panel still waits for. */
  run: Run | undefined;
  data: PanelData;
  listeners: Set<() => void>;
}

/** How long answers may be taken in one turn, and what is drawn of the page for each; about half a frame. */
const turnMs = 8;
const nothing: PanelData = { loading: false, answered: false, frames: [], problems: [], notices: [], stats: [], range: { from: 0, to: 0 }, choice: '', queries: [] };

/** Everything that makes two requests differ. The moments of a relative range are covered by `epoch`. */
const fingerprint = (request: PanelRequest, epoch: number): string => JSON.stringify([epoch, request]);

export class QueryRunner {
  private readonly slots = new Map<string, Slot>();
  private readonly inFlight = new Set<AbortController>();
  private epoch = 0;
  private flushQueued = false;
  private idleWaiters: (() => void)[] = [];
  private busyListeners = new Set<() => void>();
  /** True while everything is asked for, in sight or not. */
  private wantsAll = false;
  private firstAnswer: () => void = () => undefined;

  /** `fixed` holds the data of panels that ask nothing, by their key: a snapshot's. `begun` is what was asked for them already. */
  constructor(private readonly fixed?: ReadonlyMap<string, Frame[]>, private begun?: Begun) {}

  private slot(id: string): Slot {
    let found = this.slots.get(id);
    if (!found) {
      found = { request: undefined, asked: '', visible: false, answers: new Map(), arriving: new Map(), running: 0, run: undefined, data: nothing, listeners: new Set() };
      this.slots.set(id, found);
    }
    return found;
  }

  subscribe(id: string, listener: () => void): () => void {
    const slot = this.slot(id);
    slot.listeners.add(listener);
    return () => {
      slot.listeners.delete(listener);
    };
  }

  data(id: string): PanelData {
    return this.slots.get(id)?.data ?? nothing;
  }

  /** Tells what a panel wants to ask; asks as soon as it is in sight. */
  setRequest(id: string, request: PanelRequest | undefined): void {
    const slot = this.slot(id);
    slot.request = request;
    this.queueFlush();
  }

  setVisible(id: string, visible: boolean): void {
    // A panel that is gone is out of sight anyway: it must not come back for that.
    if (!visible && !this.slots.has(id)) return;
    const slot = this.slot(id);
    if (slot.visible === visible) return;
    slot.visible = visible;
    if (visible) this.queueFlush();
  }

  /** What the first screen asks is on its way already. */
  get hasBegun(): boolean {
    return this.begun?.query !== undefined && this.begun.whole;
  }

  /** Resolves when the first panel has an answer. */
  readonly answered = new Promise<void>((resolve) => {
    this.firstAnswer = resolve;
  });

  inSight(id: string): boolean {
    return this.slots.get(id)?.visible === true;
  }

  /** The panel is gone, unless somebody still listens: what is on its way to it comes to nobody, and is dropped when nobody else waits. */
  forget(id: string): void {
    const slot = this.slots.get(id);
    if (!slot || slot.listeners.size > 0) return;
    this.slots.delete(id);
    slot.running += 1;
    leave(slot);
  }

  /**
   * Makes every panel ask again; resolves when all that are in sight have their answers. The server sends what is new since the
   * last answer; with `whole` everything, as when a person asks.
   */
  refresh(whole = false): Promise<void> {
    this.epoch += 1;
    // From now on everything is asked anew.
    this.endBegun();
    if (whole) for (const slot of this.slots.values()) for (const answer of slot.answers.values()) delete answer.held;
    this.queueFlush();
    return this.idle();
  }

  /** Asks for what no panel in sight has asked yet, too; resolves when every panel has its data. */
  async complete(): Promise<void> {
    this.wantsAll = true;
    this.queueFlush();
    await this.idle();
    this.wantsAll = false;
  }

  /** Whether a panel in sight was answered, without an error, and has nothing to show. */
  get lacking(): boolean {
    return [...this.slots].some(([id, { visible, data }]) => visible && !id.endsWith('~earlier') && data.answered && data.frames.length === 0 && data.problems.length === 0 && data.queries.length > 0);
  }

  get busy(): boolean {
    return this.inFlight.size > 0 || this.flushQueued;
  }

  onBusy(listener: () => void): () => void {
    this.busyListeners.add(listener);
    return () => {
      this.busyListeners.delete(listener);
    };
  }

  idle(): Promise<void> {
    if (!this.busy) return Promise.resolve();
    return new Promise((resolve) => {
      this.idleWaiters.push(resolve);
    });
  }

  /** Drops what is under way; what was shown before stays. */
  cancel(): void {
    for (const controller of this.inFlight) controller.abort();
    for (const slot of this.slots.values()) {
      if (!slot.run) continue;
      slot.run = undefined;
      slot.running += 1;
      slot.data = { ...slot.data, loading: false };
      this.tell(slot);
    }
  }

  /** Drops what is under way (the server stops too) and forgets everything. */
  destroy(): void {
    for (const controller of this.inFlight) controller.abort();
    this.endBegun();
    this.slots.clear();
  }

  private endBegun(): void {
    if (!this.begun) return;
    this.begun.over = true;
    this.begun.query?.close();
    this.begun = undefined;
  }

  private queueFlush(): void {
    if (this.flushQueued) return;
    this.flushQueued = true;
    // One turn later, so that all panels of a page go into one request.
    setTimeout(() => {
      this.flushQueued = false;
      this.flush();
      this.tellBusy();
    }, 0);
  }

  private tellBusy(): void {
    for (const listener of this.busyListeners) listener();
    if (this.busy) return;
    const waiters = this.idleWaiters;
    this.idleWaiters = [];
    for (const resolve of waiters) resolve();
  }

  private flush(): void {
    const due: [string, Slot, PanelRequest][] = [];
    for (const [id, slot] of this.slots) {
      if (!(slot.visible || this.wantsAll) || !slot.request) continue;
      const wanted = fingerprint(slot.request, this.epoch);
      if (slot.asked === wanted) continue;
      slot.asked = wanted;
      if (slot.request.queries.length === 0) {
        slot.data = { ...nothing, answered: true, range: slot.request.range, choice: slot.request.choice ?? '', frames: this.fixed?.get(id) ?? [] };
        this.tell(slot);
      } else due.push([id, slot, slot.request]);
    }
    if (due.length === 0) return;
    const begun = this.begun?.query;
    const served = begun ? due.filter(([id, , request]) => begun.take(id, request)) : [];
    if (begun && served.length > 0) void this.run(served, begun);
    // What nobody has wanted by now is of another question; the other panels come and take theirs.
    else this.endBegun();
    if (!begun?.open) this.endBegun();
    // Panels with a time range of their own need a request of their own.
    const byRange = new Map<string, [string, Slot, PanelRequest][]>();
    for (const entry of due) {
      if (served.includes(entry)) continue;
      const key = `${entry[2].range.from}-${entry[2].range.to}`;
      const list = byRange.get(key);
      if (list) list.push(entry);
      else byRange.set(key, [entry]);
    }
    for (const entries of byRange.values()) void this.run(entries);
  }

  private async run(entries: [string, Slot, PanelRequest][], begun?: BegunQuery): Promise<void> {
    const first = entries[0];
    if (!first) return;
    const controller = new AbortController();
    this.inFlight.add(controller);
    const run: Run = { controller, waiting: entries.length };
    const live = new Map<string, { slot: Slot; request: PanelRequest; run: number; held: ReadonlyMap<string, Held> }>();
    for (const [id, slot, request] of entries) {
      slot.running += 1;
      leave(slot);
      slot.run = run;
      slot.arriving = new Map();
      slot.data = { ...slot.data, loading: true };
      live.set(id, { slot, request, run: slot.running, held: heldBy(slot) });
      this.tell(slot);
    }
    const turn = new Turn(turnMs);
    try {
      const take = (line: QueryLine): Promise<void> | undefined => {
        if ('end' in line) return undefined;
        const target = live.get(line.id);
        if (target && target.slot.running === target.run) this.take(target.slot, target.request, line, target.held);
        // The panel that is complete is drawn before the next one's answer is read.
        return 'done' in line ? turn.pause() : undefined;
      };
      if (begun) await begun.read(new Set(live.keys()), controller.signal, take);
      else await streamQuery({ range: first[2].range, panels: entries.map(([id, , r]) => wirePanel(id, r, live.get(id)?.held)) }, controller.signal, take);
      for (const { slot, request, run } of live.values()) if (slot.running === run) this.finish(slot, request, undefined);
    } catch (error) {
      if (controller.signal.aborted) return;
      const message = wordsOf(error);
      for (const { slot, request, run } of live.values()) if (slot.running === run) this.finish(slot, request, message);
    } finally {
      for (const { slot } of live.values()) if (slot.run === run) slot.run = undefined;
      this.inFlight.delete(controller);
      this.tellBusy();
    }
  }

  private take(slot: Slot, request: PanelRequest, line: Exclude<QueryLine, { end: true }>, held: ReadonlyMap<string, Held>): void {
    let answer = slot.arriving.get(line.refId);
    if (!answer) {
      answer = { frames: [], notices: [] };
      slot.arriving.set(line.refId, answer);
    }
    const query = request.queries.find((q) => q.refId === line.refId);
    if ('frame' in line) {
      const before = held.get(line.refId)?.frame;
      const frame = line.frame.kind === 'tail' ? before && appendTail(before, line.frame) : line.frame;
      if (frame?.kind === 'series') answer.series = frame;
      // Histograms come after the lines of their query: without lines there is an empty table, which would stand before theirs.
      if (frame?.kind === 'histograms') answer.frames = answer.frames.filter((f) => f.length > 0);
      if (frame) answer.frames.push(...toFrames(frame, { refId: line.refId, format: query?.format ?? 'time_series', several: request.queries.length > 1, legendFormat: query?.legendFormat }));
      else answer.problem = { refId: line.refId, message: 'The new part of the answer does not fit to the old one.', expr: query?.expr ?? '' };
    } else if ('notice' in line) answer.notices.push(line.notice);
    else if ('error' in line) answer.problem = { refId: line.refId, message: line.error.message, expr: query?.expr ?? '', type: line.error.type };
    else {
      const { tag, ...stats } = line.done;
      const { series } = answer;
      // Of a new part the server has counted that alone.
      answer.stats = series && held.has(line.refId) ? { ...stats, series: series.series.length, samples: countValues(series) } : stats;
      if (series && tag !== undefined) answer.held = { frame: series, tag };
      delete answer.series;
    }
    if ('error' in line || 'done' in line) {
      slot.answers.set(line.refId, answer);
      const loading = request.queries.some((q) => !isComplete(slot.arriving.get(q.refId)));
      if (!loading) settle(slot);
      this.publish(slot, request, loading);
    }
  }

  /** The run is over: queries without an answer are an error in words, or the failure of the whole request. */
  private finish(slot: Slot, request: PanelRequest, failure: string | undefined): void {
    for (const q of request.queries) {
      const got = slot.arriving.get(q.refId);
      if (isComplete(got)) continue;
      const before = slot.answers.get(q.refId);
      slot.answers.set(q.refId, {
        frames: got?.frames.length ? got.frames : (before?.frames ?? []),
        notices: got?.notices ?? [],
        problem: { refId: q.refId, expr: q.expr, message: failure ?? 'The server sent no answer to this query.' },
      });
    }
    this.publish(slot, request, false);
  }

  private publish(slot: Slot, request: PanelRequest, loading: boolean): void {
    const asked = new Set(request.queries.map((q) => q.refId));
    for (const refId of slot.answers.keys()) if (!asked.has(refId)) slot.answers.delete(refId);
    const ordered = request.queries.flatMap((q) => {
      const answer = slot.answers.get(q.refId);
      return answer ? [{ refId: q.refId, answer }] : [];
    });
    slot.data = {
      loading,
      answered: slot.data.answered || ordered.length > 0,
      frames: nameSeries(ordered.flatMap((o) => o.answer.frames)),
      problems: ordered.flatMap((o) => (o.answer.problem ? [o.answer.problem] : [])),
      notices: ordered.flatMap((o) => o.answer.notices),
      stats: ordered.flatMap((o) => (o.answer.stats ? [{ refId: o.refId, ...o.answer.stats }] : [])),
      range: request.range,
      choice: request.choice ?? '',
      queries: request.queries,
    };
    this.tell(slot);
    this.firstAnswer();
  }

  private tell(slot: Slot): void {
    for (const listener of slot.listeners) listener();
  }
}

/** What a panel has of each answer already, by its query. */
function heldBy(slot: Slot): ReadonlyMap<string, Held> {
  return new Map([...slot.answers].flatMap(([refId, { held }]) => (held ? [[refId, held] as const] : [])));
}

/** A panel's request as it goes to the server, with what is held of its queries. */
export function wirePanel(id: string, request: PanelRequest, held: ReadonlyMap<string, Held> | undefined): WirePanel {
  const queries = request.queries.map((query) => {
    const known = held?.get(query.refId);
    return known ? { ...query, have: haveOf(known) } : query;
  });
  return { id, maxDataPoints: request.maxDataPoints, ...(request.intervalMs ? { intervalMs: request.intervalMs } : {}), queries };
}

/** A panel has all it waited for: the run goes on to its end for the others, and for the connection to stay usable. */
function settle(slot: Slot): Run | undefined {
  const { run } = slot;
  if (run) run.waiting -= 1;
  slot.run = undefined;
  return run;
}

/** A panel no longer waits for the run it belonged to; one that nobody waits for is dropped, and the server stops too. */
function leave(slot: Slot): void {
  const run = settle(slot);
  if (run?.waiting === 0) run.controller.abort();
}

const isComplete = (answer: Answer | undefined): boolean => answer !== undefined && (answer.stats !== undefined || answer.problem !== undefined);
