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
  /** As in an `AckMessage`. */
  ack?: number;
  receipt?: number;
}

export interface AckMessage {
  type: "ack";
  /** Everything up to this version has arrived. */
  version: number;
  /** That of the last update which was read, fitting or not. */
  receipt: number;
  /** Something between is missing: send all that changed since. */
  resync?: true;
}

/** A window that edits wants the draft and, from then on, each edit of it; it may have a version already. */
export interface DraftRequest {
  type: "draft";
  version?: number;
}

/** Operations on the draft that build on a version of it: all are done, or none. */
export interface EditMessage {
  type: "edit";
  /** The window's own name for the edit, letters and digits: sent again, it is done once and answered again. */
  key: string;
  base: number;
  operations: readonly Operation[];
}

export type EditorRequest = DraftRequest | EditMessage;

/** Whether a component shows, as operations say it. */
type Visible = Partial<ComponentRecord["visible"]>;
type Binding = NonNullable<ComponentRecord["binding"]>;

/** One change of a layout. Components are named by id, positions count among the siblings. */
export type Operation =
  | {
      do: "add";
      type: string;
      parentId: string;
      position?: number;
      id?: string;
      content?: Record<string, string>;
      handlers?: Record<string, string>;
      binding?: Binding;
      visible?: Visible;
    }
  | { do: "move"; id: string; parentId: string; position?: number }
  | {
      do: "update";
      id: string;
      /** What is not named stays; null takes a key out. */
      content?: Record<string, string | null>;
      handlers?: Record<string, string | null>;
      binding?: Binding | null;
      visible?: Visible;
    }
  | { do: "delete"; id: string }
  | { do: "duplicate"; id: string; ids?: Record<string, string> }
  | {
      do: "paste";
      parentId: string;
      components: readonly StoredComponent[];
      position?: number;
      ids?: Record<string, string>;
    };

/** A whole layout in place of the draft; only the server does this, for an import or a return to a revision. */
export interface ReplaceOperation {
  do: "replace";
  components: Record<string, StoredComponent>;
}

/** A component as ui.json has it, with the names of its handlers. */
export interface StoredComponent {
  id: string;
  type: string;
  content: Record<string, string>;
  parentId: string | null;
  position: number;
  handlers?: Record<string, string>;
  binding?: Binding;
  visible?: false | { expression: string; binding: string; reversed: boolean };
}

export type ClientMessage =
  | EditorRequest
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
  /** What the server takes of this socket; past it, it closes it. */
  allowance?: Allowance;
}

export interface Allowance {
  messagesAtOnce: number;
  messagesPerSecond: number;
  messageBytes: number;
}

/** What rides on patches and snapshots alike. */
interface Riders {
  mail?: WireMail[];
  results?: WireResult[];
  acked?: number;
  /** What to acknowledge it with. */
  receipt: number;
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

/** The whole draft; each `edited` that follows brings it one version on, without gaps. */
export interface DraftMessage {
  type: "draft";
  version: number;
  components: Record<string, StoredComponent>;
}

/** An edit was accepted and made this version. Doing its operations gives what the server has. */
export interface EditedMessage {
  type: "edited";
  version: number;
  who: string;
  when: string;
  operations: readonly (Operation | ReplaceOperation)[];
  /** Empty when it is another window's. */
  key: string;
}

/** An edit would have overwritten what somebody else has changed meanwhile; nothing was done. */
export interface ConflictMessage {
  type: "conflict";
  key: string;
  version: number;
  conflicts: readonly {
    component: string;
    /** `place`, `visible`, `binding`, `content.<field>`, `handlers.<event>`, `added`, `deleted`, `type`. */
    part: string;
    who: string;
    when: string;
    version: number;
    text: string;
  }[];
}

/** An edit, or with an empty key the wish to follow the draft, was not taken; nothing was done. */
export interface RefusedMessage {
  type: "refused";
  key: string;
  code:
    | "edit.not-allowed"
    | "edit.operations"
    | "edit.layout"
    | "edit.outdated"
    | "edit.unmanaged"
    | "edit.unavailable"
    | "edit.failed";
  problems: readonly string[];
}

export type EditorMessage = DraftMessage | EditedMessage | ConflictMessage | RefusedMessage;

export type ServerMessage =
  | EditorMessage
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
  urls: { socket: string; ticket: string; blob: string; upload: string };
  maxUploadBytes: number;
  maxUploadFiles: number;
  base: { digest: string; state: Record<string, WireValue> };
  layout: { revision: string; components: Record<string, ComponentRecord> };
  locale: string;
  developer: boolean;
  csrfToken: string;
  /** Reloading the page goes on with its session. */
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
  outdated: 4426,
  tooMuch: 4429,
} as const;
