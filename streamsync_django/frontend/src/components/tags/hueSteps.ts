/** Ten shifts of hue, saturation and lightness that keep neighbours apart. */
export const HUE_STEPS: readonly (readonly [hue: number, saturation: number, lightness: number])[] = [
  [-78, -34, 16],
  [-61, -37, 16],
  [-2, 0, 24],
  [-12, 0, 29],
  [28, -20, 24],
  [-61, -95, 25],
  [-173, 0, 16],
  [-228, 0, 22],
  [69, 0, 25],
  [70, 0, 29],
];

/** The step a text gets: always the same for the same text and seed, as in existing layouts. */
export function stepOf(text: string, seed: number): number {
  let hash = Math.imul(Math.trunc(seed), 52673) & 0xffffffff;
  for (let at = 0; at < text.length; at++) {
    hash = ((at + 1) * text.charCodeAt(at)) ^ (hash & 0xffffffff);
  }
  return Math.abs(hash) % HUE_STEPS.length;
}

export type Rgb = readonly [red: number, green: number, blue: number];

/** Move a colour by one of the steps. */
export function shiftColor(color: Rgb, step: number): string {
  const [hue, saturation, lightness] = toHsl(color);
  const [byHue, bySaturation, byLightness] = HUE_STEPS[step % HUE_STEPS.length] ?? [0, 0, 0];
  const h = (((hue + byHue) % 360) + 360) % 360;
  const s = clampPercent(saturation + bySaturation);
  const l = clampPercent(lightness + byLightness);
  return `hsl(${Math.round(h)} ${Math.round(s)}% ${Math.round(l)}%)`;
}

export function toHsl([red, green, blue]: Rgb): [number, number, number] {
  const [r, g, b] = [red / 255, green / 255, blue / 255];
  const max = Math.max(r, g, b);
  const min = Math.min(r, g, b);
  const spread = max - min;
  const lightness = (max + min) / 2;
  if (spread === 0) return [0, 0, lightness * 100];
  const saturation = spread / (1 - Math.abs(2 * lightness - 1));
  const sector = max === r ? ((g - b) / spread) % 6 : max === g ? (b - r) / spread + 2 : (r - g) / spread + 4;
  return [(sector * 60 + 360) % 360, saturation * 100, lightness * 100];
}

function clampPercent(value: number): number {
  return Math.max(0, Math.min(100, value));
}
