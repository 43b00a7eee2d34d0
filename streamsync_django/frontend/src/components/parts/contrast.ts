import { resolveColor } from "./resolveColor";

export type Scheme = "light" | "dark";

const OPAQUE_ENOUGH = 0.6;
const known = new Map<string, Scheme | undefined>();

/**
 * The scheme whose texts can be read on this colour; undefined where what is behind it decides (variables,
 * transparent colours) or it is no colour at all.
 */
export function schemeOn(color: string): Scheme | undefined {
  if (color === "" || color.includes("var(") || color.includes("light-dark(")) return undefined;
  if (!known.has(color)) known.set(color, measure(color));
  return known.get(color);
}

function measure(color: string): Scheme | undefined {
  const rgba = resolveColor(color, document.body);
  if (rgba === null || rgba[3] < OPAQUE_ENOUGH) return undefined;
  return lightness(rgba) > 0.5 ? "light" : "dark";
}

/** Near enough to what WCAG measures to know whether black or white contrasts more. */
export function lightness([red, green, blue]: readonly [number, number, number, ...unknown[]]): number {
  return (0.2126 * red + 0.7152 * green + 0.0722 * blue) / 255;
}

/** The texts of our two schemes, for where an author chose a background and no colour for the text on it. */
const TEXT_ON: Readonly<Record<Scheme, string>> = {
  light: "oklch(25% 0.02 260)",
  dark: "oklch(98% 0.004 260)",
};

/** A text colour that can be read on this background; undefined where nothing can be said. */
export function textOn(color: string): string | undefined {
  const scheme = schemeOn(color);
  return scheme && TEXT_ON[scheme];
}
