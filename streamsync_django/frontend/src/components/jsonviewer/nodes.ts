import { fill, texts } from "../../core/texts";

/** How many children are drawn before the reader asks for more. */
export const MAX_SHOWN = 200;

/** The entries of an object or list; null for everything that has none. */
export function childrenOf(value: unknown): [key: string, child: unknown][] | null {
  if (Array.isArray(value)) return value.map((item: unknown, at) => [String(at), item]);
  if (typeof value !== "object" || value === null) return null;
  return Object.entries(value);
}

export interface Description {
  kind: "text" | "number" | "boolean" | "null" | "object";
  text: string;
}

/** What stands beside a key: the value itself, or the size of what can be opened. */
export function describe(value: unknown): Description {
  if (value === null || value === undefined) return { kind: "null", text: "null" };
  if (Array.isArray(value))
    return {
      kind: "object",
      text: value.length === 1 ? texts.oneItem : fill(texts.items, { count: value.length }),
    };
  switch (typeof value) {
    case "string":
      return { kind: "text", text: JSON.stringify(value) };
    case "number":
    case "bigint":
      return { kind: "number", text: String(value) };
    case "boolean":
      return { kind: "boolean", text: String(value) };
    default: {
      const size = Object.keys(value).length;
      return { kind: "object", text: size === 1 ? texts.oneKey : fill(texts.keys, { count: size }) };
    }
  }
}
