/** The messages on the WebSocket, as the server's protocol defines them. */

import type { FieldType } from "./fields";

export const PROTOCOL = 1;

export type Path = readonly string[];
export type WireValue = unknown;

export type EventStatus = "ok" | "failed" | "stale" | "rejected" | "interrupted";
export type WireResult = readonly [
  n: number,
  status: EventStatus,
  message: string | null,
  /** What the handler returned; only for components that show it. */
  reply?: unknown,
];
export type WireMail = readonly [id: number, type: string, payload: unknown];
/** Component ids from the root down, each with its repetition: a number in a list, a key in an object, else 0. */
export type Target = readonly (readonly [id: string, index: number | string])[];

export interface HelloMessage {
  type: "hello";
  protocol: number;
  ticket: string;
  token: string | null;
  version: number | null;
  base: string;
  layout: string;
}

export interface EventMessage {
  type: "event";
  n: number;
  target: Target;
  event: string;
  payload: unknown;
  version: number;
  layout: string;
  ack?: number;
}

export interface AckMessage {
  type: "ack";
  /** Everything up to this version has arrived. */
  version: number;
  /** Something between is missing: send all that changed since. */
  resync?: true;
}

export type ClientMessage =
  | HelloMessage
  | EventMessage
  | AckMessage
  | { type: "ping" }
  /** The running handlers of this session shall end. */
  | { type: "cancel" };

export interface WelcomeMessage {
  type: "welcome";
  token: string;
  version: number;
  resumed: boolean;
  nextEvent: number;
  blobQuery: string;
}

/** What rides on patches and snapshots alike. */
interface Riders {
  mail?: WireMail[];
  results?: WireResult[];
  acked?: number;
}

/** The elements changed from one version to another. */
export interface PatchMessage extends Riders {
  type: "patch";
  from: number;
  to: number;
  set?: [Path, WireValue][];
  del?: Path[];
  append?: [Path, WireValue[]][];
}

export interface SnapshotMessage extends Riders {
  type: "snapshot";
  to: number;
  state: Record<string, WireValue>;
}

export interface LayoutMessage {
  type: "layout";
  revision: string;
  components: Record<string, ComponentRecord>;
}

export interface LogEntry {
  kind: "print" | "log" | "error" | "warning";
  title: string;
  message: string;
  traceback: string | null;
  time: number;
  event: number | null;
  handler: string | null;
  session: string | null;
}

export interface ErrorMessage {
  type: "error";
  code: string;
  message: string;
  event: number | null;
}

export type ServerMessage =
  | WelcomeMessage
  | PatchMessage
  | SnapshotMessage
  | LayoutMessage
  | { type: "log"; entries: LogEntry[] }
  | ErrorMessage
  | { type: "pong" };

/** One component as the page and the `layout` message carry it. */
export interface ComponentRecord {
  id: string;
  type: string;
  content: Record<string, string>;
  parentId: string | null;
  position: number;
  /** Event type -> true, or the `$goToPage_…` that the browser does itself. */
  handlers: Record<string, true | string>;
  binding: { eventType: string; stateRef: string } | null;
  visible: { kind: "always" | "never" | "custom"; expression: string; reversed: boolean };
  isCodeManaged: boolean;
}

/** What the page says about the application, before any socket. */
export interface Boot {
  application: string;
  title: string;
  ticket: string;
  token: string | null;
  urls: { socket: string; ticket: string; blob: string; upload: string };
  base: { digest: string; state: Record<string, WireValue> };
  layout: { revision: string; components: Record<string, ComponentRecord> };
  locale: string;
  developer: boolean;
  csrfToken: string;
  resume: boolean;
  extensions: readonly ExtensionRecord[];
}

/** A custom component type of the application, and where its files are. */
export interface ExtensionRecord {
  readonly type: string;
  readonly module: string;
  readonly styles: readonly string[];
  readonly slot: string;
  readonly fields: Readonly<Record<string, readonly [type: FieldType, fallback?: string, isCssVariable?: 1]>>;
  readonly events: Readonly<Record<string, "all" | "latest">>;
}

/** Why the server closed the socket. */
export const CloseCode = {
  /** A server, or a proxy, that goes away by itself says 1012; ours cannot under Daphne, and says 4412. */
  serviceRestart: 1012,
  goingAway: 4412,
  visitorRefused: 4401,
  notAllowed: 4403,
  unknownApplication: 4404,
  helloTimeout: 4408,
  sessionTaken: 4409,
  sessionGone: 4410,
  tooMuch: 4429,
} as const;
