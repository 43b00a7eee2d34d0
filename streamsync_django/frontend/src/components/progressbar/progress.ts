/** How far along a value is, 0 to 1; null when it is unknown, which shows as moving. */
export function progressFraction(
  value: number | null,
  min: number | null,
  max: number | null,
): number | null {
  if (value === null || Number.isNaN(value)) return null;
  const low = min ?? 0;
  const high = max ?? 1;
  if (high === low) return null;
  return Math.max(0, Math.min(1, (value - low) / (high - low)));
}
