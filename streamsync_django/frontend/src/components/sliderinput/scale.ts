export interface Scale {
  min: number;
  max: number;
  step: number | "any";
}

/** Make bounds that a range input can use; null when they leave nothing to choose. */
export function makeScale(min: number | null, max: number | null, step: number | null): Scale | null {
  const low = min ?? 0;
  const high = max ?? 100;
  if (!(high > low)) return null;
  return { min: low, max: high, step: step !== null && step > 0 ? step : "any" };
}

export function clampTo(scale: Scale, value: number): number {
  return Math.max(scale.min, Math.min(scale.max, value));
}

/** The nearest value on the scale, without the noise of binary fractions. */
export function snapTo(scale: Scale, value: number): number {
  if (scale.step === "any") return clampTo(scale, value);
  const steps = Math.round((clampTo(scale, value) - scale.min) / scale.step);
  const snapped = scale.min + steps * scale.step;
  return clampTo(scale, Number(snapped.toFixed(decimalsOf(scale) + 2)));
}

/** Where a value stands between the bounds, 0 to 1. */
export function fractionOf(scale: Scale, value: number): number {
  return (clampTo(scale, value) - scale.min) / (scale.max - scale.min);
}

/** How many decimals the values of a scale need. */
export function decimalsOf(scale: Scale): number {
  return Math.max(...[scale.min, scale.step].map((part) => (part === "any" ? 2 : countDecimals(part))));
}

/** Write values of a scale with the same number of decimals, so that the width stays. */
export function makeScaleFormat(scale: Scale, locale: string, isPadded = true): (value: number) => string {
  const decimals = Math.min(decimalsOf(scale), 10);
  const format = new Intl.NumberFormat(locale, {
    minimumFractionDigits: scale.step === "any" || !isPadded ? 0 : decimals,
    maximumFractionDigits: decimals,
  });
  return (value) => format.format(value);
}

function countDecimals(value: number): number {
  const text = String(value);
  const exponent = /e-(\d+)$/.exec(text)?.[1];
  if (exponent) return Number(exponent);
  return text.split(".")[1]?.length ?? 0;
}
