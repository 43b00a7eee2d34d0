export type Repetition = readonly [key: string | number, value: unknown];

/** The pairs a repeater repeats over: an object's entries or a list's items; null for anything else. */
export function readRepetitions(value: unknown): Repetition[] | null {
  if (value === null || value === undefined || value === "") return [];
  if (Array.isArray(value)) return value.map((item: unknown, at): Repetition => [at, item]);
  if (typeof value === "object") return Object.entries(value);
  return null;
}
