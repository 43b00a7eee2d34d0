export interface RatingScale {
  min: number;
  max: number;
  step: number;
}

/** Keep a rating readable: at most eleven units, steps of a quarter at least. */
export function ratingScale(min: number | null, max: number | null, step: number | null): RatingScale {
  return {
    min: clamp(min ?? 1, 0, 1),
    max: Math.round(clamp(max ?? 5, 2, 11)),
    step: clamp(step ?? 1, 0.25, 1),
  };
}

/** The rating that a place between the first and the last unit means (0 to 1): rounded up to a step. */
export function ratingAt(fraction: number, { min, max, step }: RatingScale): number {
  return clamp(Number((Math.ceil((fraction * max) / step - 1e-9) * step).toFixed(4)), min, max);
}

/** How much of a unit is filled, 0 to 1. */
export function filledPart(unit: number, rating: number): number {
  return clamp(rating - unit, 0, 1);
}

function clamp(value: number, low: number, high: number): number {
  return Math.max(low, Math.min(high, value));
}
