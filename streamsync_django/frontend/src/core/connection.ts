import { retryDelay } from "./backoff";
import { StreamsyncError } from "./errors";
import {
  EventQueue,
  type EventResult,
  type QueuedEvent,
  type SavedEvent,
  type Transmission,
} from "./eventQueue";
import { decodeFrame } from "./frames";
import {
  CloseCode,
  PROTOCOL,
  type ClientMessage,
  type EditorMessage,
  type EditorRequest,
  type ErrorMessage,
  type EventMessage,
  type LayoutMessage,
  type LogEntry,
  type PatchMessage,
  type ServerMessage,
  type SnapshotMessage,
  type WelcomeMessage,
} from "./messages";
import { Pacer } from "./pacer";
import { Timers, type Clock } from "./timers";

/** The part of a WebSocket that is used, so that tests and the page can each give one. */
export interface Socket {
  binaryType: string;
  onopen: (() => void) | null;
  onmessage: ((event: { data: string | ArrayBuffer }) => void) | null;
  onclose: ((event: { code: number; reason: string }) => void) | null;
  send(data: string): void;
  close(code?: number): void;
}

/** Why there is no session any more. Nothing but a decision of the visitor helps. */
export type EndReason = "refused" | "not-allowed" | "unknown-application" | "taken" | "gone" | "outdated";

export type ConnectionState =
  | { phase: "connecting" | "live" }
  | { phase: "waiting"; attempt: number }
  | { phase: "ended"; reason: EndReason };

/** What the connection tells the page. */
export interface ConnectionHost {
  readonly onState: (state: ConnectionState) => void;
  /** `isReplacement`: the session before is lost, so what is shown must go back to the base. */
  readonly onWelcome: (message: WelcomeMessage, isReplacement: boolean) => void;
  /** The change has been checked against the version; apply it. Attachments come first. */
  readonly onChange: (
    message: PatchMessage | SnapshotMessage,
    attachments: ReadonlyMap<string, Uint8Array>,
  ) => void;
  readonly onLayout: (message: LayoutMessage) => void;
  readonly onLog: (entries: LogEntry[]) => void;
  readonly onError: (message: ErrorMessage | StreamsyncError) => void;
  /** What is said to a window that edits the layout; others are told nothing of the kind. */
  readonly onEditing?: (message: EditorMessage) => void;
  /** The session that `start` was given is gone; a new one is on its way. */
  readonly onEarlierGone: () => void;
}

/** What an earlier document of this tab left of its session. */
export interface Earlier {
  token: string;
  events: readonly SavedEvent[];
}

export interface ConnectionOptions {
  url: string;
  ticket: string;
  base: string;
  layout(): string;
  openSocket(url: string): Socket;
  /** A new ticket, by one CSRF-checked POST. Rejects with attribution "app" when the visitor may not have one. */
  renewTicket(): Promise<string>;
  clock: Clock;
  random: () => number;
  host: ConnectionHost;
}

const ACK_AFTER_MS = 250;
const PING_AFTER_MS = 25_000;
const PONG_WITHIN_MS = 10_000;
const PONG_AFTER_WAKING_MS = 3000;
const WELCOME_WITHIN_MS = 10_000;
const CHECK_EVENTS_EVERY_MS = 1000;
/** A server that goes away sends all its visitors off at once: spread them. */
const GOING_AWAY_SPREAD_MS = 1000;
const TOO_MUCH_PAUSE_MS = 5000;

const ENDINGS: Readonly<Record<number, EndReason>> = {
  [CloseCode.notAllowed]: "not-allowed",
  [CloseCode.unknownApplication]: "unknown-application",
  [CloseCode.sessionTaken]: "taken",
  [CloseCode.sessionGone]: "gone",
  [CloseCode.outdated]: "outdated",
};

/**
 * One session's line to the server, through as many sockets as it takes.
 *
 * connecting -> live -> waiting -> connecting …, or ended. A session is resumed with its token and
 * the version seen last; unanswered events are sent again, under their numbers.
 */
export class Connection {
  readonly events: EventQueue;
  private state: ConnectionState = { phase: "connecting" };
  private socket: Socket | null = null;
  private version = 0;
  /** Of the last update that was read on this socket; null once the server was told. */
  private receipt: number | null = null;
  private token: string | null = null;
  private ticket: string | null;
  private earlier: Earlier | null = null;
  private attempt = 0;
  private refusals = 0;
  private hasSession = false;
  private isStarted = false;
  /** The server was told where we are; it has not answered with what follows from there. */
  private isResyncing = false;
  private readonly timers: Timers;
  private readonly pacer: Pacer;
  private readonly options: ConnectionOptions;

  constructor(options: ConnectionOptions) {
    this.options = options;
    this.ticket = options.ticket;
    this.timers = new Timers(options.clock);
    const now = (): number => options.clock.now();
    this.pacer = new Pacer(now);
    this.events = new EventQueue((message) => this.transmitEvent(message), now);
  }

  get shownVersion(): number {
    return this.version;
  }

  /** Connect: to go on with what an earlier document left, or to begin a session. */
  start(earlier: Earlier | null = null): void {
    this.isStarted = true;
    this.earlier = earlier;
    this.token = earlier?.token ?? null;
    void this.connect();
  }

  send(event: Omit<QueuedEvent, "version" | "layout">, queue: "all" | "latest"): Promise<EventResult> {
    if (this.state.phase === "ended") {
      return Promise.resolve({ ok: false, status: "dropped", message: null });
    }
    return this.events.add({ ...event, version: this.version, layout: this.options.layout() }, queue);
  }

  /** Have the handlers that run now end at their next access of the state. */
  cancelHandlers(): void {
    this.transmit({ type: "cancel" });
  }

  /**
   * Ask for the draft, or edit it. False when there is no socket: nothing is queued here, because after a
   * reconnect the draft may be another. Send edits without an answer again then, under their keys.
   */
  edit(request: EditorRequest): boolean {
    return this.transmit(request);
  }

  /** The page is looked at again, or the network is back: find out now, not at the next timer. */
  wake(): void {
    if (this.state.phase === "waiting") void this.connect();
    else if (this.state.phase === "live") this.ping(PONG_AFTER_WAKING_MS);
  }

  /** Be silent until `wake`: the page is put aside, and what it was doing may never come back. */
  sleep(): void {
    if (!this.isStarted || this.state.phase === "ended") return;
    this.timers.stop();
    this.forgetSocket()?.close(1000);
    this.change({ phase: "waiting", attempt: 0 });
  }

  /** Go on here with the session that another tab has taken. */
  takeBack(): void {
    if (this.state.phase === "ended" && this.state.reason === "taken") void this.connect();
  }

  /** Give up for good, as when the page is left. */
  close(): void {
    this.timers.stop();
    const socket = this.forgetSocket();
    socket?.close(1000);
    this.events.dropAll();
  }

  private async connect(): Promise<void> {
    this.timers.stop();
    this.change({ phase: "connecting" });
    const ticket = await this.takeTicket();
    if (ticket === null || this.socket || this.state.phase !== "connecting") return;
    const socket = this.options.openSocket(this.options.url);
    this.socket = socket;
    socket.binaryType = "arraybuffer";
    socket.onopen = () => {
      this.sayHello(ticket);
    };
    socket.onmessage = ({ data }) => {
      this.receive(data);
    };
    socket.onclose = ({ code }) => {
      this.closed(code);
    };
    this.timers.after("welcome", WELCOME_WITHIN_MS, () => {
      this.lose();
    });
  }

  /** The page's ticket serves once; later sockets need a new one. */
  private async takeTicket(): Promise<string | null> {
    const ticket = this.ticket;
    this.ticket = null;
    if (ticket !== null) return ticket;
    try {
      return await this.options.renewTicket();
    } catch (error) {
      if (error instanceof StreamsyncError && error.attribution === "app") this.end("refused");
      else this.retry();
      return null;
    }
  }

  private sayHello(ticket: string): void {
    this.transmit({
      type: "hello",
      protocol: PROTOCOL,
      ticket,
      token: this.token,
      version: this.hasSession ? this.version : null,
      base: this.options.base,
      layout: this.options.layout(),
    });
  }

  private receive(data: string | ArrayBuffer): void {
    this.listenForSilence();
    try {
      const { message, attachments } = decodeFrame(data);
      this.handle(message as unknown as ServerMessage, attachments);
    } catch (error) {
      if (!(error instanceof StreamsyncError)) throw error;
      this.options.host.onError(error);
    }
  }

  private handle(message: ServerMessage, attachments: ReadonlyMap<string, Uint8Array>): void {
    const { host } = this.options;
    switch (message.type) {
      case "welcome":
        this.welcomed(message);
        break;
      case "patch":
        this.note(message.receipt);
        if (message.from === this.version) this.changed(message, attachments);
        else this.sayVersion();
        break;
      case "snapshot":
        this.note(message.receipt);
        this.changed(message, attachments);
        break;
      case "layout":
        host.onLayout(message);
        break;
      case "log":
        host.onLog(message.entries);
        break;
      case "error":
        if (typeof message.event === "number")
          this.events.settle([[message.event, "rejected", message.message]], 0);
        host.onError(message);
        break;
      case "draft":
      case "edited":
      case "conflict":
      case "refused":
        host.onEditing?.(message);
        break;
      case "pong":
        this.pacer.takePong();
        this.events.pump();
        break;
      default:
        message satisfies never;
    }
  }

  private welcomed(message: WelcomeMessage): void {
    const isReplacement = this.hasSession && !message.resumed;
    if (isReplacement) this.events.restart();
    else if (message.resumed && this.earlier) this.events.restore(this.earlier.events);
    this.earlier = null;
    if (!message.resumed) this.version = 0;
    this.receipt = null;
    this.hasSession = true;
    this.token = message.token;
    this.attempt = this.refusals = 0;
    this.timers.cancel("welcome");
    this.isResyncing = false;
    this.pacer.begin(message.allowance);
    this.options.host.onWelcome(message, isReplacement);
    this.change({ phase: "live" });
    this.events.resume(message.nextEvent);
    this.timers.after("events", CHECK_EVENTS_EVERY_MS, () => {
      this.checkEvents();
    });
  }

  private changed(
    message: PatchMessage | SnapshotMessage,
    attachments: ReadonlyMap<string, Uint8Array>,
  ): void {
    this.version = message.to;
    this.isResyncing = false;
    this.options.host.onChange(message, attachments);
    this.events.settle(message.results ?? [], message.acked ?? 0);
  }

  /** Every update that was read is acknowledged, with the next event or after a moment. */
  private note(receipt: number): void {
    this.receipt = receipt;
    if (!this.timers.has("ack"))
      this.timers.after("ack", ACK_AFTER_MS, () => {
        this.sendAck();
      });
  }

  /**
   * A patch from another version than ours is not ours to apply: say where we are, the server sends the rest.
   * Once, for all that was on its way.
   */
  private sayVersion(): void {
    if (this.isResyncing) return;
    this.isResyncing = true;
    this.transmit({ type: "ack", version: this.version, receipt: this.takeReceipt() ?? 0, resync: true });
  }

  private sendAck(): void {
    if (this.pacer.waitMs > 0) {
      this.timers.after("ack", ACK_AFTER_MS, () => {
        this.sendAck();
      });
      return;
    }
    const receipt = this.takeReceipt();
    if (receipt !== null) this.transmit({ type: "ack", version: this.version, receipt });
  }

  private takeReceipt(): number | null {
    const { receipt } = this;
    this.receipt = null;
    return receipt;
  }

  private checkEvents(): void {
    this.events.resendOverdue();
    this.timers.after("events", CHECK_EVENTS_EVERY_MS, () => {
      this.checkEvents();
    });
  }

  private listenForSilence(): void {
    this.timers.cancel("pong");
    this.timers.after("silence", PING_AFTER_MS, () => {
      this.ping(PONG_WITHIN_MS);
    });
  }

  private ping(withinMs: number): void {
    this.transmit({ type: "ping" });
    this.timers.after("pong", withinMs, () => {
      this.lose();
    });
  }

  private transmit(message: ClientMessage): boolean {
    const isHello = message.type === "hello";
    if (!this.socket || (!isHello && this.state.phase !== "live")) return false;
    this.write(this.socket, message.type, JSON.stringify(message));
    return true;
  }

  /** Send an event if the server takes it now; `pump` comes back for those that have to wait. */
  private transmitEvent(message: EventMessage): Transmission {
    if (!this.socket || this.state.phase !== "live") return "later";
    const { waitMs } = this.pacer;
    if (waitMs > 0) {
      if (waitMs < Infinity)
        this.timers.after("pace", waitMs, () => {
          this.events.pump();
        });
      return "later";
    }
    const { receipt } = this;
    const text = JSON.stringify(receipt === null ? message : { ...message, ack: this.version, receipt });
    if (!fits(text, this.pacer.messageBytes)) {
      this.options.host.onError(new StreamsyncError("event.too-large", { event: message.event }, "app"));
      return "too-large";
    }
    this.receipt = null;
    this.write(this.socket, "event", text);
    return "sent";
  }

  private write(socket: Socket, type: ClientMessage["type"], text: string): void {
    socket.send(text);
    if (type === "ping") this.pacer.countPing();
    else this.pacer.countMessage();
    // Only counted: whether anybody is there is asked after silence, and a slow line may be busy for long.
    if (this.pacer.wantsPing) this.transmit({ type: "ping" });
  }

  /** Give a silent socket up; waiting for its own close can take minutes. */
  private lose(): void {
    const socket = this.forgetSocket();
    socket?.close();
    this.retry();
  }

  private closed(code: number): void {
    this.forgetSocket();
    const { random } = this.options;
    const reason = ENDINGS[code];
    if (reason === "gone" && this.earlier) this.beginAfresh();
    else if (reason) this.end(reason);
    else if (code === CloseCode.visitorRefused && this.refusals++ > 0) this.end("refused");
    else if (code === CloseCode.goingAway || code === CloseCode.serviceRestart)
      this.retry(random() * GOING_AWAY_SPREAD_MS);
    else if (code === CloseCode.tooMuch) this.retry(TOO_MUCH_PAUSE_MS * (1 + random()));
    else this.retry();
  }

  /** There was a session before this document; nothing of it is shown yet, so nothing is taken away. */
  private beginAfresh(): void {
    this.earlier = this.token = null;
    this.options.host.onEarlierGone();
    void this.connect();
  }

  private retry(delayMs = retryDelay(this.attempt, this.options.random)): void {
    this.timers.stop();
    this.attempt += 1;
    this.change({ phase: "waiting", attempt: this.attempt });
    this.timers.after("retry", delayMs, () => void this.connect());
  }

  private end(reason: EndReason): void {
    this.timers.stop();
    this.change({ phase: "ended", reason });
    this.events.dropAll();
  }

  private forgetSocket(): Socket | null {
    const socket = this.socket;
    this.socket = null;
    if (socket) socket.onopen = socket.onmessage = socket.onclose = null;
    return socket;
  }

  private change(state: ConnectionState): void {
    this.state = state;
    this.options.host.onState(state);
  }
}

/** A text is three bytes a unit at the most: few have to be measured. */
function fits(text: string, maxBytes: number): boolean {
  return text.length * 3 <= maxBytes || new TextEncoder().encode(text).length <= maxBytes;
}
