import type { EventMessage, EventStatus, Target, WireResult } from "./messages";

/** How an event ended: the server's status, or why the server never ran it. */
export interface EventResult {
  readonly ok: boolean;
  readonly status: EventStatus | "unsent" | "superseded" | "dropped";
  readonly message: string | null;
  /** What the handler returned, for components that show it. */
  readonly reply?: unknown;
}

export interface QueuedEvent {
  target: Target;
  event: string;
  payload: unknown;
  /** The layout revision it was drawn from. */
  layout: string;
  /** The state's version it was drawn from. */
  version: number;
}

/** An event that was not answered, as a page leaves it to the one that follows; `n` is 0 if it was never sent. */
export type SavedEvent = QueuedEvent & { n: number };

interface Entry {
  event: QueuedEvent;
  key: string;
  /** The session's event number, given when it is first sent; 0 before. */
  n: number;
  /** When it was sent on the socket there is now; endlessly long ago when it was not. */
  sentAt: number;
  resends: number;
  /** It goes out without waiting for an earlier one of its kind, and no newer one takes its place. */
  isReleased: boolean;
  resolve(result: EventResult): void;
}

/** What became of an event that was to be sent; `later` when there is no connection, or no room on it. */
export type Transmission = "sent" | "later" | "too-large";

/** How many unanswered events are kept; one more is dropped, visibly. */
export const MAX_EVENTS = 1000;
const RESEND_AFTER_MS = 5000;
const MAX_RESEND_MS = 60_000;
const NEVER = -Infinity;

/**
 * The events of a session until the server has answered them.
 *
 * `all` events go out in the order they were made. Of `latest` events one per component and type
 * is under way while only the newest waits; it waits no longer once an `all` event is made, so
 * that a click never overtakes the text typed before it, nor text typed after it takes that one's place.
 */
export class EventQueue {
  private sent: Entry[] = [];
  private waiting: Entry[] = [];
  private next = 1;
  private readonly transmit: (message: EventMessage) => Transmission;
  private readonly now: () => number;

  constructor(transmit: (message: EventMessage) => Transmission, now: () => number) {
    this.transmit = transmit;
    this.now = now;
  }

  /** Events that the server has not answered. */
  get size(): number {
    return this.sent.length + this.waiting.length;
  }

  get isFull(): boolean {
    return this.size >= MAX_EVENTS;
  }

  add(event: QueuedEvent, queue: "all" | "latest"): Promise<EventResult> {
    return new Promise((resolve) => {
      const entry = makeEntry(event, 0, queue === "all", resolve);
      if (queue === "latest") this.supersede(entry.key);
      if (this.isFull) {
        resolve({ ok: false, status: "dropped", message: null });
        return;
      }
      if (queue === "all") this.releaseWaiting();
      this.waiting.push(entry);
      this.pump();
    });
  }

  /** What is unanswered, to be restored in another document of the same session. */
  save(): SavedEvent[] {
    return [...this.sent, ...this.waiting].map(({ event, n }) => ({ ...event, n }));
  }

  /** Take what an earlier document left, before anything made here. Call it before `resume`. */
  restore(saved: readonly SavedEvent[]): void {
    const entries = saved.map(({ n, ...event }) => makeEntry(event, n, true, () => undefined));
    this.sent = [...entries.filter(({ n }) => n > 0), ...this.sent];
    this.waiting = [...entries.filter(({ n }) => n === 0), ...this.waiting];
    this.next = Math.max(this.next, ...entries.map(({ n }) => n + 1));
  }

  /** A session answered: number from here on, and send again what is unanswered. */
  resume(nextEvent: number): void {
    this.next = Math.max(this.next, nextEvent);
    for (const entry of this.sent) entry.sentAt = NEVER;
    this.pump();
  }

  /** Send what may go, in order, for as long as it is taken. */
  pump(): void {
    for (const entry of [...this.sent, ...this.waiting]) {
      if (this.mayGo(entry) && !this.send(entry)) return;
    }
  }

  /** The session is another one now: nothing of the old one can be answered. */
  restart(): void {
    this.dropAll();
    this.next = 1;
  }

  dropAll(): void {
    const dropped = [...this.sent, ...this.waiting];
    this.sent = [];
    this.waiting = [];
    for (const entry of dropped) entry.resolve({ ok: false, status: "dropped", message: null });
  }

  /** Take the server's answers: results by number, and the number up to which everything is done. */
  settle(results: readonly WireResult[], acked: number): void {
    const byNumber = new Map(results.map(([n, status, message, reply]) => [n, { status, message, reply }]));
    const answered: [Entry, EventResult][] = [];
    this.sent = this.sent.filter((entry) => {
      const result = byNumber.get(entry.n);
      if (!result && entry.n > acked) return true;
      const status = result?.status ?? "ok";
      const { message = null, reply } = result ?? {};
      answered.push([
        entry,
        { ok: status === "ok", status, message, ...(reply === undefined ? {} : { reply }) },
      ]);
      return false;
    });
    for (const [entry, result] of answered) entry.resolve(result);
    if (answered.length) this.pump();
  }

  /** Send again what has been unanswered for long: the frame, or its answer, may be lost. */
  resendOverdue(): void {
    for (const entry of this.sent) {
      const patience = Math.min(RESEND_AFTER_MS * 2 ** entry.resends, MAX_RESEND_MS);
      if (entry.sentAt === NEVER || this.now() - entry.sentAt < patience) continue;
      entry.resends += 1;
      entry.sentAt = NEVER;
    }
    this.pump();
  }

  private supersede(key: string): void {
    this.waiting = this.waiting.filter((entry) => {
      if (entry.isReleased || entry.key !== key) return true;
      entry.resolve({ ok: false, status: "superseded", message: null });
      return false;
    });
  }

  private releaseWaiting(): void {
    for (const entry of this.waiting) entry.isReleased = true;
  }

  private mayGo(entry: Entry): boolean {
    if (entry.n > 0) return entry.sentAt === NEVER;
    return entry.isReleased || !this.sent.some(({ key }) => key === entry.key);
  }

  /** Send an event, numbered if it is the first time; false when nothing more is taken now. */
  private send(entry: Entry): boolean {
    const isFirst = entry.n === 0;
    switch (this.transmit({ type: "event", n: isFirst ? this.next : entry.n, ...entry.event })) {
      case "later":
        return false;
      case "too-large":
        remove(entry, isFirst ? this.waiting : this.sent);
        entry.resolve({ ok: false, status: "rejected", message: null });
        return true;
      case "sent":
        entry.sentAt = this.now();
        if (isFirst) {
          entry.n = this.next++;
          remove(entry, this.waiting);
          this.sent.push(entry);
        }
        return true;
    }
  }
}

function remove(entry: Entry, from: Entry[]): void {
  from.splice(from.indexOf(entry), 1);
}

function makeEntry(event: QueuedEvent, n: number, isReleased: boolean, resolve: Entry["resolve"]): Entry {
  return { event, key: keyOf(event), n, sentAt: NEVER, resends: 0, isReleased, resolve };
}

function keyOf(event: QueuedEvent): string {
  return `${event.event} ${event.target.map(([id, index]) => `${id}:${index}`).join(",")}`;
}
