import type { Component, ComputedRef, InjectionKey } from "vue";

/** Which repetition: the place in a list, the key in an object, 0 outside of repeaters. */
export type RepetitionIndex = number | string;

/** A node path: `[componentId, index]` from the root down. */
export type Target = readonly (readonly [id: string, index: RepetitionIndex])[];

/** How the server answered an event, or why it was not sent. */
export interface EventResult {
  readonly ok: boolean;
  /**
   * `unsent`: nothing handles it, or the component is disabled; `superseded`: a newer value of the
   * same `latest` event took its place; `dropped`: the queue was full or the session has ended.
   */
  readonly status:
    "ok" | "failed" | "stale" | "rejected" | "interrupted" | "unsent" | "superseded" | "dropped";
  readonly message: string | null;
  /** What the handler returned, where the component shows it: a chatbot without a conversation field. */
  readonly reply?: unknown;
}

export interface EmitOptions {
  /** Overrides the catalogue's queue: `all` never drops, `latest` keeps the newest while one is under way. */
  queue?: "all" | "latest";
  /** Send even if the component is disabled or nothing handles it. */
  force?: boolean;
}

/** One child as its parent sees it. Draw it with `<ComponentChild :id :index />`. */
export interface ChildRecord {
  readonly id: string;
  readonly type: string;
}

export interface UploadOptions {
  onProgress?: (fraction: number) => void;
  signal?: AbortSignal;
  /** The component the file is for: what it takes is checked before the bytes are read. */
  component?: string;
}

/** A notification as the page shows it. */
export interface Notice {
  kind: "info" | "success" | "warning" | "error";
  title: string;
  message?: string;
}

/** The open application: what is the same for all of its components. */
export interface OpenApplication {
  readonly slug: string;
  readonly title: string;
  readonly locale: string;
  readonly isDeveloper: boolean;
  /** True inside the Builder's canvas, where components are selected rather than used. */
  readonly isEditing: boolean;
  readonly urls: { readonly blob: string; readonly upload: string };
  /** The most bytes that the files of one event may have together. */
  readonly maxUploadBytes: number;
  /** How many they may be. */
  readonly maxUploadFiles: number;
  /** False while the server cannot be reached: what is asked of it over HTTP may fail, too. */
  readonly isLive: ComputedRef<boolean>;
  /** The page to show: the one the address names, else the first visible one. */
  readonly activePageId: ComputedRef<string | undefined>;
  /** What the address says: the page's key and the route variables. */
  readonly route: ComputedRef<Route>;
  /** Show a toast; errors stay until dismissed. */
  readonly notify: (notice: Notice) => void;
  /** Change page (by page key) and route variables; what the server's `pageChange` mail does. */
  readonly goToPage: (pageKey: string) => void;
  /**
   * Send a file over HTTP (CSRF-checked, streamed) and resolve to the reference that goes into
   * the event's payload in place of the bytes.
   */
  readonly upload: (file: Blob, name: string, options?: UploadOptions) => Promise<UploadReference>;
  /** Make an address in a field usable: relative `static/…` stays inside the application. */
  readonly resolveUrl: (address: string) => string;
}

/** What `#key/name=value` in the address says. */
export interface Route {
  readonly pageKey: string | null;
  readonly variables: Readonly<Record<string, string>>;
}

/** What an event payload carries for an uploaded file. */
export interface UploadReference {
  readonly upload: string;
  readonly name: string;
  readonly type: string;
  readonly size: number;
}

/** Values that a repeater gives to its repetitions, by variable name. */
export type Context = Readonly<Record<string, unknown>>;

/** One drawn component. The readers are reactive: call them in templates and computed values. */
export interface ComponentHandle {
  readonly id: string;
  readonly type: string;
  readonly target: Target;
  readonly context: Context;
  readonly application: OpenApplication;

  /** Text, Color, Shadow, Width, Align, Padding: never null, the default when empty. */
  readonly text: (field: string) => string;
  /** Number, or null when neither the text nor the default is one. */
  readonly number: (field: string) => number | null;
  /** True for `yes` and `true`. */
  readonly boolean: (field: string) => boolean;
  /** Object and Key-Value: parsed JSON, or the value itself when the field is one template. */
  // eslint-disable-next-line @typescript-eslint/no-unnecessary-type-parameters -- the author of the layout promises the shape
  readonly object: <T = unknown>(field: string) => T | null;
  /**
   * The value of a field that is one whole template, as it is in the state: a `Binary` (tables,
   * images), a list, a number, null; undefined when empty. Otherwise the evaluated text.
   */
  readonly raw: (field: string) => unknown;
  /** The stored text, with its templates unevaluated. */
  readonly stored: (field: string) => string;

  /** The component's `isDisabled` field, where it has one. */
  readonly isDisabled: ComputedRef<boolean>;
  /** False while hidden by `visible` (the component stays mounted). */
  readonly isVisible: ComputedRef<boolean>;
  /** The value of the binding's expression; undefined when unbound. */
  readonly bound: ComputedRef<unknown>;
  readonly isBound: ComputedRef<boolean>;

  /** Children of a slot, by position; all slots with `*`. */
  readonly children: (slot?: string) => readonly ChildRecord[];
  /** True if the event has a handler, or is the bound one. */
  readonly handles: (eventType: string) => boolean;
  /** True while an event of this type of this component is unanswered. */
  readonly isPending: (eventType?: string) => boolean;
  /** Send an event; resolves (never rejects) when the server has answered that very event. */
  readonly emit: (eventType: string, payload?: unknown, options?: EmitOptions) => Promise<EventResult>;
}

export const componentKey: InjectionKey<ComponentHandle> = Symbol("streamsync component");
/** The Vue component that draws one node; given by the renderer, so that components never import it. */
export const nodeKey: InjectionKey<Component> = Symbol("streamsync node");
/** What the repeaters above a component provide. */
export const contextKey: InjectionKey<ComputedRef<Context>> = Symbol("streamsync context");
