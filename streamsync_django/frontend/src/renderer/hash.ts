import type { Route } from "../components/contract";

/** Read `#key/name=value&other=value`; every part is URI-encoded. */
export function parseHash(hash: string): Route {
  const text = hash.replace(/^#/, "");
  const slash = text.indexOf("/");
  const key = slash < 0 ? text : text.slice(0, slash);
  const variables: Record<string, string> = {};
  for (const pair of slash < 0 ? [] : text.slice(slash + 1).split("&")) {
    const equals = pair.indexOf("=");
    if (equals > 0) variables[decode(pair.slice(0, equals))] = decode(pair.slice(equals + 1));
  }
  return { pageKey: key ? decode(key) : null, variables };
}

/** Write it; variables that are null are left out. */
export function formatHash(pageKey: string | null, variables: Readonly<Record<string, unknown>>): string {
  const pairs = Object.entries(variables)
    .filter(([, value]) => value !== null && value !== undefined)
    .map(([name, value]) => `${encodeURIComponent(name)}=${encodeURIComponent(textOf(value))}`);
  const key = pageKey === null ? "" : encodeURIComponent(pageKey);
  return pairs.length ? `#${key}/${pairs.join("&")}` : `#${key}`;
}

function textOf(value: unknown): string {
  return typeof value === "string" ? value : JSON.stringify(value);
}

/** A hash typed by hand may hold a stray `%`. */
function decode(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    return part;
  }
}
