import type { ComponentHandle } from "../contract";

type Reader = Pick<ComponentHandle, "stored" | "text">;

/** Alignment and padding of a container whose children stand below each other. */
export function stackStyle({ stored, text }: Reader): Record<string, string | undefined> {
  return {
    padding: text("contentPadding") || undefined,
    alignItems: stored("contentHAlign") ? text("contentHAlign") : undefined,
    justifyContent: stored("contentVAlign") ? text("contentVAlign") : undefined,
  };
}

/** The same for one whose children stand beside each other. */
export function rowStyle({ stored, text }: Reader): Record<string, string | undefined> {
  return {
    padding: text("contentPadding") || undefined,
    justifyContent: stored("contentHAlign") ? text("contentHAlign") : undefined,
    alignItems: stored("contentVAlign") ? text("contentVAlign") : undefined,
  };
}
