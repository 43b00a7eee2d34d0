export interface Limits {
  min: number | null;
  max: number | null;
}

/** Read typed text: a number, null for an empty box, undefined while it is no number. */
export function readTyped(text: string): number | null | undefined {
  const compact = text.trim().replace(",", ".");
  if (compact === "") return null;
  if (!/^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i.test(compact)) return undefined;
  const value = Number(compact);
  return Number.isFinite(value) ? value : undefined;
}

export function limit(value: number, { min, max }: Limits): number {
  if (max !== null && value > max) return max;
  return min !== null && value < min ? min : value;
}

/** One step up or down from a value, on the grid of the steps, within the limits. */
export function stepFrom(value: number | null, steps: number, step: number, limits: Limits): number {
  const from = value ?? (steps > 0 ? (limits.min ?? 0) - step * steps : (limits.max ?? 0) - step * steps);
  return limit(Number((from + steps * step).toFixed(10)), limits);
}
