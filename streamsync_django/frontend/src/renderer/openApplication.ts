import {
  computed,
  onScopeDispose,
  ref,
  shallowRef,
  type ComputedRef,
  type InjectionKey,
  type ShallowRef,
  type VNode,
} from "vue";

import catalogue from "virtual:streamsync-catalogue";

import type { ComponentHandle, OpenApplication } from "../components/contract";
import { Connection, type ConnectionState, type Socket } from "../core/connection";
import type { EventResult } from "../core/eventQueue";
import { evaluate, isTruthy, type Context } from "../core/expressions";
import { Layout } from "../core/layout";
import type {
  Boot,
  ComponentRecord,
  LogEntry,
  PatchMessage,
  SnapshotMessage,
  Target,
} from "../core/messages";
import type { StateNode } from "../core/patches";
import { createMailbox } from "./mail";
import { createNotices, type Notices } from "./notices";
import { useRouting } from "./routing";
import { renewTicket, uploadFile } from "./server";
import { createStateTree } from "./stateTree";
import { createTabMemory, type TabMemory } from "./tabMemory";
import { texts } from "../core/texts";

/** What nodes and the page around them use of an open application. */
export interface Application extends OpenApplication {
  readonly state: StateNode;
  readonly layout: ShallowRef<Layout>;
  readonly connection: ShallowRef<ConnectionState>;
  /** A connection has stood at least once: what follows is a re-connection. */
  readonly hasBeenLive: ShallowRef<boolean>;
  readonly notices: Notices;
  readonly log: ShallowRef<readonly LogEntry[]>;
  /** Draws what is wrong with a component's fields: for developers, once it has come. */
  readonly fieldNotes: ShallowRef<FieldNotes | null>;
  /** Events that the server has not answered. */
  readonly unanswered: ComputedRef<number>;
  /** So many of them that others are dropped, until the server is there again. */
  readonly isFull: ShallowRef<boolean>;
  /** Go on in this tab with the session that another one has taken. */
  readonly takeBack: () => void;
  /** Have the handlers that run for this page end. */
  readonly cancelHandlers: () => void;
  isShown(record: ComponentRecord, context?: Context): boolean;
  send(target: Target, event: string, payload: unknown, queue: "all" | "latest"): Promise<EventResult>;
}

export interface FieldNotes {
  /** What is wrong with a component's fields, a line each; reactive. */
  readonly problems: (application: Application, handle: ComponentHandle) => string;
  readonly draw: (problems: string) => VNode;
}

export const applicationKey: InjectionKey<Application> = Symbol("streamsync application");

const MAX_LOG_ENTRIES = 500;

/** Draw from what the page carries, and connect. Call it in an effect scope (an app's setup). */
export function openApplication(boot: Boot): Application {
  let uploadUrl = boot.urls.upload;
  const tree = createStateTree(boot.base.state, boot.urls.blob);
  const layout = shallowRef(makeLayout(boot.layout.revision, boot.layout.components));
  const connectionState = shallowRef<ConnectionState>({ phase: "connecting" });
  const hasBeenLive = shallowRef(false);
  const log = shallowRef<readonly LogEntry[]>([]);
  const unanswered = ref(0);
  const isFull = shallowRef(false);
  const notices = createNotices();
  const { route, goToPage, setVariables } = useRouting();
  const resolveUrl = urlResolver(boot.urls.blob);
  const notify = notices.add;
  const memory = createTabMemory(boot.urls.socket, boot.resume);
  let earlier: Awaited<ReturnType<TabMemory["recall"]>> = null;
  const mailbox = createMailbox({ notify, goToPage, setVariables, resolveUrl, decode: tree.decode });

  const isShown = (record: ComponentRecord, context?: Context): boolean => {
    const { kind, expression, reversed } = record.visible;
    if (kind !== "custom") return kind === "always";
    return isTruthy(evaluate(expression, tree.root, context)) !== reversed;
  };

  function change(
    message: PatchMessage | SnapshotMessage,
    attachments: ReadonlyMap<string, Uint8Array>,
  ): void {
    tree.apply(message, attachments);
    mailbox.deliver(message.mail ?? []);
    const isTold = (message.mail ?? []).some(([, type]) => type === "notification");
    for (const [, status, text] of message.results ?? []) {
      if (status === "interrupted")
        notify({ kind: "warning", title: texts.interrupted, message: text ?? "" });
      else if (status === "failed" && !isTold)
        notify({ kind: "error", title: texts.failed, message: text ?? "" });
    }
  }

  const connection = new Connection({
    url: socketUrl(boot.urls.socket),
    ticket: boot.ticket,
    base: boot.base.digest,
    layout: () => layout.value.revision,
    openSocket: (url) => new WebSocket(url) as Socket,
    renewTicket: () => renewTicket(boot.urls.ticket, boot.csrfToken),
    clock: {
      now: () => performance.now(),
      setTimeout: (callback, delayMs) => window.setTimeout(callback, delayMs),
      clearTimeout: (id) => {
        window.clearTimeout(id);
      },
    },
    random: Math.random,
    host: {
      onState: (state) => {
        connectionState.value = state;
        hasBeenLive.value ||= state.phase === "live";
        if (state.phase === "ended" && state.reason === "gone") memory.forget();
      },
      onWelcome: ({ blobQuery, token, resumed }, isReplacement) => {
        isFull.value = false;
        tree.allowBlobs(blobQuery);
        uploadUrl = `${boot.urls.upload}?${blobQuery}`;
        if (isReplacement) {
          tree.reset();
          mailbox.forget();
        }
        if (earlier && resumed) mailbox.restore(earlier.mail);
        earlier = null;
        memory.keep(token, mailbox.save());
      },
      onChange: change,
      onLayout: ({ revision, components }) => (layout.value = makeLayout(revision, components)),
      onLog: (entries) => (log.value = [...log.value, ...entries].slice(-MAX_LOG_ENTRIES)),
      onError: (error) => {
        const told = refusals()[error.code];
        if (told !== undefined) notify({ kind: "error", title: told });
        console.warn(`streamsync: ${error.code}: ${error.message}`);
      },
      onEarlierGone: () => {
        notify({ kind: "warning", title: texts.earlierGone, message: texts.earlierGoneDetail });
      },
    },
  });
  void memory.recall().then((left) => {
    earlier = left;
    connection.start(left);
  });
  live(connection, memory, () => ({ events: connection.events.save(), mail: mailbox.save() }));
  const fieldNotes = shallowRef<FieldNotes | null>(null);
  if (boot.developer) void import("./fieldNotes").then((notes) => (fieldNotes.value = notes.fieldNotes));

  return {
    slug: boot.application,
    title: boot.title,
    locale: boot.locale,
    isDeveloper: boot.developer,
    isEditing: false,
    urls: boot.urls,
    maxUploadBytes: boot.maxUploadBytes,
    maxUploadFiles: boot.maxUploadFiles,
    isLive: computed(() => connectionState.value.phase === "live"),
    state: tree.root,
    layout,
    connection: connectionState,
    hasBeenLive,
    notices,
    log,
    fieldNotes,
    unanswered: computed(() => unanswered.value),
    isFull,
    route: computed(() => route.value),
    activePageId: computed(() => {
      const pages = layout.value.pages();
      const named = pages.find((page) => page.content["key"] === route.value.pageKey);
      return (named ?? pages.find((page) => isShown(page)))?.id;
    }),
    notify,
    goToPage,
    resolveUrl,
    upload: (file, name, options) => uploadFile(uploadUrl, boot.csrfToken, file, name, options),
    takeBack: () => {
      connection.takeBack();
    },
    cancelHandlers: () => {
      connection.cancelHandlers();
    },
    isShown,
    async send(target, event, payload, queue) {
      unanswered.value += 1;
      try {
        const result = await connection.send({ target, event, payload }, queue);
        if (result.status === "dropped" && connectionState.value.phase !== "ended") {
          if (!isFull.value) notify({ kind: "error", title: texts.dropped });
          isFull.value = true;
        }
        return result;
      } finally {
        unanswered.value -= 1;
      }
    },
  };
}

/** What visitors are told of events that were not taken; the rest is for developers. */
function refusals(): Readonly<Record<string, string | undefined>> {
  return {
    "event.too-large": texts.tooLarge,
    "event.too-many": texts.dropped,
    "store.full": texts.storeFull,
    "store.failed": texts.storeFailed,
  };
}

function makeLayout(revision: string, components: Record<string, ComponentRecord>): Layout {
  return new Layout(revision, components, (type) => catalogue[type]?.slot ?? "default");
}

function socketUrl(path: string): string {
  const url = new URL(path, location.href);
  url.protocol = url.protocol === "https:" ? "wss:" : "ws:";
  return url.href;
}

/** Relative addresses belong to the application, wherever its page is embedded. */
function urlResolver(blobUrl: string): (address: string) => string {
  const home = new URL("..", new URL(blobUrl, location.href));
  return (address) => {
    if (address === "" || /^(#|[a-z][a-z0-9+.-]*:)/i.test(address)) return address;
    return new URL(address, home).href;
  };
}

/** Follow the page's life: it may be hidden, put aside, discarded and come back at any time. */
function live(connection: Connection, memory: TabMemory, left: () => Parameters<TabMemory["save"]>[0]): void {
  const listeners = new AbortController();
  const on = (target: EventTarget, type: string, listener: (event: Event) => void): void => {
    target.addEventListener(type, listener, { signal: listeners.signal });
  };
  // Timers sleep in hidden tabs and on closed laptops; the browser says when they wake.
  on(window, "online", () => {
    connection.wake();
  });
  on(document, "visibilitychange", () => {
    if (document.visibilityState === "visible") connection.wake();
    else memory.save(left());
  });
  on(window, "pagehide", () => {
    memory.leave(left());
    connection.sleep();
  });
  on(window, "pageshow", (event) => {
    if (!(event as PageTransitionEvent).persisted) return;
    memory.comeBack();
    connection.wake();
  });
  onScopeDispose(() => {
    listeners.abort();
    connection.close();
  });
}
