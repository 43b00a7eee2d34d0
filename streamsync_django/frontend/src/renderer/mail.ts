import type { Notice } from "../components/contract";
import { safeAddress } from "../components/parts/safeAddress";
import { StreamsyncError } from "../core/errors";
import type { WireMail } from "../core/messages";
import { Binary } from "../core/values";

export interface MailRoom {
  readonly notify: (notice: Notice) => void;
  readonly goToPage: (pageKey: string) => void;
  readonly setVariables: (variables: Record<string, unknown>) => void;
  readonly resolveUrl: (address: string) => string;
  readonly decode: (value: unknown) => unknown;
}

export interface Mailbox {
  readonly deliver: (items: readonly WireMail[]) => void;
  /** Numbers begin again with another session. */
  readonly forget: () => void;
  /** What another document of the same session needs to know. */
  readonly save: () => MailMemory;
  readonly restore: (memory: MailMemory) => void;
}

/** Messages up to `lastId` were delivered; what they imported, each document imports for itself. */
export interface MailMemory {
  readonly lastId: number;
  readonly imports: readonly (readonly [type: string, payload: unknown])[];
}

interface Payloads {
  notification: { type: Notice["kind"]; title: string; message: string };
  fileDownload: { data: unknown; fileName: string };
  openUrl: string;
  pageChange: string;
  routeVarsChange: Record<string, unknown>;
  importStylesheet: { stylesheetKey: string; path: string };
  importScript: { scriptKey: string; path: string };
  importModule: { moduleKey: string; specifier: string };
  functionCall: { moduleKey: string; functionName: string; args: unknown[] };
}

type Delivery = { [Type in keyof Payloads]: (payload: Payloads[Type]) => unknown };
type Module = Record<string, unknown>;

/** How many imports another document repeats; those under the same key replace each other. */
const MAX_IMPORTS = 200;

/** Acts on the server's one-time messages, each once, in the order they were written. */
export function createMailbox(room: MailRoom): Mailbox {
  const modules = new Map<string, Promise<Module>>();
  const imports: (readonly [type: string, payload: unknown])[] = [];
  let lastId = -1;

  const delivery: Delivery = {
    notification: ({ type, title, message }) => {
      room.notify({ kind: type, title, message });
    },
    fileDownload: async ({ data, fileName }) => {
      download(await downloadAddress(data), fileName);
    },
    openUrl: (address) => window.open(checked(address), "_blank", "noopener"),
    pageChange: (pageKey) => {
      room.goToPage(pageKey);
    },
    routeVarsChange: (variables) => {
      room.setVariables(variables);
    },
    importStylesheet: ({ stylesheetKey, path }) => {
      const link = document.createElement("link");
      link.rel = "stylesheet";
      link.href = room.resolveUrl(path);
      replaceInHead(link, `stylesheet:${stylesheetKey}`);
    },
    importScript: ({ scriptKey, path }) => {
      const script = document.createElement("script");
      script.src = room.resolveUrl(path);
      script.async = false;
      replaceInHead(script, `script:${scriptKey}`);
    },
    importModule: ({ moduleKey, specifier }) => {
      const loading = import(/* @vite-ignore */ room.resolveUrl(specifier)) as Promise<Module>;
      modules.set(moduleKey, loading);
      return loading;
    },
    functionCall: async ({ moduleKey, functionName, args }) => {
      const called = (await modules.get(moduleKey))?.[functionName];
      if (typeof called !== "function") {
        throw new StreamsyncError("mail.unknown-function", { moduleKey, functionName }, "app");
      }
      await (called as (...values: unknown[]) => unknown)(...args);
    },
  };

  function deliverOne(type: string, payload: unknown): void {
    if (!Object.hasOwn(delivery, type)) return;
    const act = delivery[type as keyof Payloads] as (payload: unknown) => unknown;
    if (type.startsWith("import")) imports.push([type, payload]);
    // The author's scripts and addresses may fail in any way; the page goes on.
    new Promise((resolve) => {
      resolve(act(payload));
    }).catch((error: unknown) => {
      console.error(`Mail of type ${type} failed`, error);
    });
  }

  return {
    deliver(items) {
      for (const [id, type, payload] of items) {
        if (id <= lastId) continue;
        lastId = id;
        deliverOne(type, room.decode(payload));
      }
    },
    forget() {
      lastId = -1;
    },
    save: () => ({ lastId, imports: imports.slice(-MAX_IMPORTS) }),
    restore(memory) {
      for (const [type, payload] of memory.imports) deliverOne(type, payload);
      lastId = Math.max(lastId, memory.lastId);
    },
  };
}

async function downloadAddress(data: unknown): Promise<string> {
  if (!(data instanceof Binary)) return String(data);
  await data.bytes();
  return data.url;
}

/** What a handler opens may come from a visitor: an address, and not a script. */
function checked(address: string): string {
  const safe = safeAddress(address, "link");
  if (safe === null) throw new StreamsyncError("mail.unsafe-address", { address }, "app");
  return safe;
}

function download(address: string, fileName: string): void {
  const anchor = document.createElement("a");
  anchor.href = address;
  anchor.download = fileName;
  anchor.click();
}

/** An import under a key that is in use takes the place of the one before. */
function replaceInHead(element: HTMLElement, key: string): void {
  element.dataset["streamsyncKey"] = key;
  document.head.querySelector(`[data-streamsync-key="${CSS.escape(key)}"]`)?.remove();
  document.head.append(element);
}
