/** A name that this document holds, so that no other one of the same browser does. */
export interface Hold {
  release(): void;
}

/** How long a document that is just going may keep what the next one asks for. */
const PATIENCE_MS = 500;

/**
 * Hold a name; null when another living document does.
 *
 * The browser itself lets go for a document that was closed, discarded or has crashed. It offers locks to
 * secure pages only; on others, documents ask each other.
 */
export function hold(name: string): Promise<Hold | null> {
  // Typed as if it were always there.
  const locks = navigator.locks as LockManager | undefined;
  return locks ? holdLock(locks, name) : holdByAsking(name);
}

function holdLock(locks: LockManager, name: string): Promise<Hold | null> {
  return new Promise((resolve) => {
    const until = (): Promise<void> =>
      new Promise((release) => {
        resolve({ release });
      });
    locks.request(name, { signal: AbortSignal.timeout(PATIENCE_MS) }, until).catch(() => {
      resolve(null);
    });
  });
}

function holdByAsking(name: string): Promise<Hold | null> {
  const channel = new BroadcastChannel(name);
  return new Promise((resolve) => {
    const timer = setTimeout(() => {
      channel.onmessage = ({ data }) => {
        if (data === "who") channel.postMessage("I");
      };
      resolve({
        release: () => {
          channel.close();
        },
      });
    }, PATIENCE_MS);
    channel.onmessage = ({ data }) => {
      if (data !== "I") return;
      clearTimeout(timer);
      channel.close();
      resolve(null);
    };
    channel.postMessage("who");
  });
}
