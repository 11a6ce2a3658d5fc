/** The stars of this person: one place for all that show or set them, so that a star set in one is seen in the others. */
import { useMemo, useSyncExternalStore } from 'react';
import { starDashboard } from '../api/dashboards';

interface Starred {
  uid: string;
  isStarred?: boolean;
}

/** Why a listener is told: a star is shown otherwise, or the server has it by now (or has refused). */
type StarNews = 'shown' | 'sent';

export class Stars {
  private readonly known = new Map<string, boolean>();
  /** Counts what was sent: an answer that was asked for before says nothing about it. */
  private moment = 0;
  private readonly sentAt = new Map<string, number>();
  private readonly sending = new Map<string, Promise<void>>();
  private readonly listeners = new Set<(news: StarNews) => void>();
  /** Another number whenever a star is shown otherwise. */
  version = 0;

  constructor(private readonly send: (uid: string, on: boolean) => Promise<void>) {}

  /** Undefined as long as nobody has asked about this dashboard. */
  of = (uid: string): boolean | undefined => this.known.get(uid);

  subscribe = (listener: (news: StarNews) => void): (() => void) => {
    this.listeners.add(listener);
    return () => {
      this.listeners.delete(listener);
    };
  };

  /** Runs a question to the server and remembers which of the answered dashboards have a star. */
  async learn<T>(ask: Promise<T>, found: (answer: T) => readonly Starred[]): Promise<T> {
    const { moment } = this;
    const answer = await ask;
    let changed = false;
    for (const { uid, isStarred } of found(answer)) {
      if (isStarred === undefined || this.sending.has(uid) || (this.sentAt.get(uid) ?? 0) > moment || this.known.get(uid) === isStarred) continue;
      this.known.set(uid, isStarred);
      changed = true;
    }
    if (changed) this.tell('shown');
    return answer;
  }

  /** Shows it at once and tells the server; of several in a row the last counts. Rejects, and shows what was, when it is refused. */
  set(uid: string, on: boolean): Promise<void> {
    const under = this.sending.get(uid);
    const before = this.known.get(uid) ?? !on;
    // A click on what an answer has changed since it was drawn.
    if (before === on && !under) return Promise.resolve();
    this.known.set(uid, on);
    this.tell('shown');
    if (under) return under;
    const sent = this.sendAll(uid, before);
    this.sending.set(uid, sent);
    return sent;
  }

  private async sendAll(uid: string, before: boolean): Promise<void> {
    let stored = before;
    try {
      for (let wanted = this.known.get(uid) ?? false; wanted !== stored; wanted = this.known.get(uid) ?? false) {
        await this.send(uid, wanted);
        stored = wanted;
      }
    } finally {
      this.known.set(uid, stored);
      this.sending.delete(uid);
      this.moment += 1;
      this.sentAt.set(uid, this.moment);
      this.tell('sent');
    }
  }

  private tell(news: StarNews): void {
    this.version += 1;
    for (const listener of this.listeners) listener(news);
  }
}

export const stars = new Stars(starDashboard);

/** Whether the dashboard has a star; undefined until that is known. */
export const useStar = (uid: string): boolean | undefined => useSyncExternalStore(stars.subscribe, () => stars.of(uid));

/** The dashboards with their stars as they are by now. */
export function useStarred<T extends Starred>(dashboards: readonly T[] | undefined): T[] {
  const version = useSyncExternalStore(stars.subscribe, () => stars.version);
  // oxlint-disable-next-line react/exhaustive-deps -- `version` stands for what the store holds
  return useMemo(() => (dashboards ?? []).map((d) => ({ ...d, isStarred: stars.of(d.uid) ?? d.isStarred })), [dashboards, version]);
}
