import { Binary } from "../../core/values";

export interface ShownFile {
  name: string;
  size: number | null;
  /** Where it can be downloaded, once there is an address. */
  href: string | null;
  /** The file itself, for sending it again; null where the page cannot have it. */
  content: (() => Promise<File>) | null;
}

/** The files in a bound value: a list of `{name, type, data}`; anything else holds none. */
export function readFiles(bound: unknown): ShownFile[] {
  if (!Array.isArray(bound)) return [];
  return bound.flatMap((item: unknown): ShownFile[] => {
    if (typeof item !== "object" || item === null) return [];
    const { name, type, data, size } = item as Record<string, unknown>;
    if (typeof name !== "string") return [];
    if (data instanceof Binary) {
      const mime = typeof type === "string" ? type : data.mime;
      const content = async (): Promise<File> =>
        new File([(await data.bytes()) as Uint8Array<ArrayBuffer>], name, { type: mime });
      return [{ name, size: data.size, href: data.url || null, content }];
    }
    const href = typeof data === "string" && data.startsWith("data:") ? data : null;
    return [{ name, size: typeof size === "number" ? size : null, href, content: null }];
  });
}

/** A file the visitor has just chosen. */
export function shownFile(file: File): ShownFile {
  return { name: file.name, size: file.size, href: null, content: () => Promise.resolve(file) };
}
