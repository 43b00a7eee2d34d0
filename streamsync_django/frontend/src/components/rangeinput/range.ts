import { clampTo, type Scale } from "../sliderinput/scale";

/** Read a bound `[low, high]`; without one, a stretch around a third of the scale. */
export function readRange(bound: unknown, scale: Scale | null): [number, number] {
  const bounds = scale ?? { min: 0, max: 100, step: 1 };
  if (Array.isArray(bound) && bound.length === 2) {
    const [low, high] = bound.map(Number) as [number, number];
    if (Number.isFinite(low) && Number.isFinite(high)) {
      return [clampTo(bounds, Math.min(low, high)), clampTo(bounds, Math.max(low, high))];
    }
  }
  const span = bounds.max - bounds.min;
  return [bounds.min + span * 0.2, bounds.min + span * 0.5];
}

/** Move one end; it stops at the other. */
export function moveThumb([low, high]: readonly [number, number], at: 0 | 1, to: number): [number, number] {
  return at === 0 ? [Math.min(to, high), high] : [low, Math.max(to, low)];
}
