import type { Earlier } from "../core/connection";
import type { SavedEvent } from "../core/eventQueue";
import { hold, type Hold } from "./holding";
import type { MailMemory } from "./mail";

/** What a document leaves in its tab. */
interface Record {
  /** Names the session among the documents of this browser. */
  id: string;
  token: string;
  events: readonly SavedEvent[];
  mail: MailMemory;
  /** The document said goodbye; one that was discarded, or has crashed, never does. */
  isLeft: boolean;
}

type Left = Pick<Record, "events" | "mail">;

export interface TabMemory {
  /**
   * What the document before this one left, if this one goes on with it: after the tab was discarded or has crashed, and
   * when the visitor comes back to the page. Null begins a session: in a page that was opened afresh, or
   * reloaded (unless `resumesReload`), and in a duplicated tab, whose original is alive.
   */
  recall(): Promise<(Earlier & Left) | null>;
  /** Remember the session; nothing of it is unanswered. */
  keep(token: string, mail: MailMemory): void;
  /** Remember what is unanswered: the tab is hidden, and may be discarded without another word. */
  save(left: Left): void;
  /** The page is left: whoever comes next to this address begins a session, unless the visitor comes back. */
  leave(left: Left): void;
  /** The page has been put aside whole, and is looked at again. */
  comeBack(): void;
  /** The session has ended. */
  forget(): void;
}

/**
 * Keep a session in the tab, in `sessionStorage`: that outlives the document and is copied when the tab is duplicated.
 *
 * `name` tells applications of one page apart; pages at other addresses are other sessions.
 */
export function createTabMemory(name: string, resumesReload: boolean): TabMemory {
  const key = `streamsync:${name}:${location.pathname}${location.search}`;
  let held: Promise<Hold | null> = Promise.resolve(null);
  let record: Record | null = null;

  function holdIt(id: string): Promise<Hold | null> {
    held = hold(`streamsync:${id}`);
    return held;
  }

  function change(changes: Partial<Record>): void {
    if (!record) return;
    record = { ...record, ...changes };
    write(key, record);
  }

  function begin(): null {
    record = { id: randomId(), token: "", events: [], mail: { lastId: -1, imports: [] }, isLeft: false };
    void holdIt(record.id);
    return null;
  }

  return {
    async recall() {
      const earlier = read(key);
      if (!earlier || !goesOn(earlier.isLeft, resumesReload)) return begin();
      if (!(await holdIt(earlier.id))) return begin();
      record = earlier;
      return earlier;
    },
    keep(token, mail) {
      change({ token, mail, events: [], isLeft: false });
    },
    save(left) {
      change(left);
    },
    leave(left) {
      change({ ...left, isLeft: true });
      void held.then((hold) => hold?.release());
    },
    comeBack() {
      if (!record) return;
      change({ events: [], isLeft: false });
      void holdIt(record.id);
    },
    forget() {
      record = null;
      write(key, null);
      void held.then((hold) => hold?.release());
    },
  };
}

function goesOn(isLeft: boolean, resumesReload: boolean): boolean {
  const [navigation] = performance.getEntriesByType("navigation") as PerformanceNavigationTiming[];
  const isReload = navigation?.type === "reload";
  return !isLeft || navigation?.type === "back_forward" || (isReload && resumesReload);
}

function read(key: string): Record | null {
  try {
    const record = JSON.parse(sessionStorage.getItem(key) ?? "null") as Record | null;
    return record?.token ? record : null;
  } catch {
    return null; // the visitor allows no storage, or somebody else has written there
  }
}

function write(key: string, record: Record | null): void {
  try {
    if (record) sessionStorage.setItem(key, JSON.stringify(record));
    else sessionStorage.removeItem(key);
  } catch {
    // No storage, or no room in it: a discarded tab will begin anew.
    if (record?.events.length) write(key, { ...record, events: [] });
  }
}

/** `crypto.randomUUID` is for secure pages only. */
function randomId(): string {
  return Array.from(crypto.getRandomValues(new Uint32Array(4)), (part) => part.toString(36)).join("");
}
