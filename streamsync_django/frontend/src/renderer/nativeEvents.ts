/** Component types' own events that carry no prefix; the component emits them itself. */
const OWN_PREFIX = "ss-";

/** The DOM events that a component's handlers name: unprefixed, and none of its type's own. */
export function nativeEvents(
  handlers: Readonly<Record<string, unknown>>,
  own: Readonly<Record<string, unknown>>,
): string[] {
  return Object.keys(handlers).filter((name) => !name.startsWith(OWN_PREFIX) && !Object.hasOwn(own, name));
}

/** What a DOM event says in scalars; its constants, and what Vue notes on it, are left out. */
export function nativePayload(event: Event): Record<string, string | number | boolean | null> {
  const payload: Record<string, string | number | boolean | null> = {};
  for (const name in event) {
    if (/^_|^[A-Z_0-9]+$/.test(name)) continue;
    const value: unknown = Reflect.get(event, name);
    if (value === null || typeof value === "string" || typeof value === "boolean") payload[name] = value;
    else if (typeof value === "number" && Number.isFinite(value)) payload[name] = value;
  }
  return payload;
}
