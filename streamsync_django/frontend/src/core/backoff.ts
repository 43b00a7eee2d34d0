const FIRST_MS = 250;
const LONGEST_MS = 10_000;

/** How long to wait before connecting again: at most 250 ms at first, doubling to 10 s, never in step with others. */
export function retryDelay(attempt: number, random: () => number): number {
  const longest = Math.min(FIRST_MS * 2 ** attempt, LONGEST_MS);
  return Math.round(longest * (0.4 + 0.6 * random()));
}
