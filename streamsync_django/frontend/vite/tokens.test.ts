import { readFileSync } from "node:fs";
import { join } from "node:path";

import { expect, test } from "vitest";

const css = readFileSync(join(import.meta.dirname, "../src/ui/tokens.css"), "utf8");

type Scheme = "light" | "dark";

/** The luminance of `white` or `oklch(L% C H)`, as contrast is measured. */
function luminance(color: string): number {
  if (color === "white") return 1;
  const [lightness = 0, chroma = 0, hue = 0] = (/oklch\(([^)]+)\)/.exec(color)?.[1] ?? "")
    .split(/[%\s]+/)
    .map(Number);
  const [l0, a, b] = [
    lightness / 100,
    chroma * Math.cos((hue * Math.PI) / 180),
    chroma * Math.sin((hue * Math.PI) / 180),
  ];
  const l = (l0 + 0.3963377774 * a + 0.2158037573 * b) ** 3;
  const m = (l0 - 0.1055613458 * a - 0.0638541728 * b) ** 3;
  const s = (l0 - 0.0894841775 * a - 1.291485548 * b) ** 3;
  const clamp = (value: number): number => Math.min(1, Math.max(0, value));
  const red = clamp(4.0767416621 * l - 3.3077115913 * m + 0.2309699292 * s);
  const green = clamp(-1.2684380046 * l + 2.6097574011 * m - 0.3413193965 * s);
  const blue = clamp(-0.0041960863 * l - 0.7034186147 * m + 1.707614701 * s);
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
}

function token(name: string, scheme: Scheme): string {
  const match = new RegExp(
    `${name}: light-dark\\((white|oklch\\([^)]+\\)), (white|oklch\\([^)]+\\))\\)`,
  ).exec(css);
  const color = match?.[scheme === "light" ? 1 : 2];
  if (color === undefined) throw new Error(`tokens.css has no ${name}`);
  return color;
}

function contrast(a: string, b: string): number {
  const [dark = 0, light = 0] = [luminance(a), luminance(b)].sort((x, y) => x - y);
  return (light + 0.05) / (dark + 0.05);
}

const texts = ["--primaryTextColor", "--secondaryTextColor"];
const surfaces = ["--emptinessColor", "--containerBackgroundColor", "--ss-raised"];
const signs = ["--accentColor", "--ss-good", "--ss-warn", "--ss-bad", "--ss-info"];

for (const scheme of ["light", "dark"] as const) {
  for (const surface of surfaces) {
    test.each(texts)(`${scheme}: %s can be read on ${surface}`, (text) => {
      expect(contrast(token(text, scheme), token(surface, scheme))).toBeGreaterThanOrEqual(4.5);
    });
    test.each(signs)(`${scheme}: %s can be seen on ${surface}`, (sign) => {
      expect(contrast(token(sign, scheme), token(surface, scheme))).toBeGreaterThanOrEqual(3);
    });
  }
  test(`${scheme}: text can be read on the accent and on buttons`, () => {
    expect(contrast(token("--ss-on-accent", scheme), token("--accentColor", scheme))).toBeGreaterThanOrEqual(
      4.5,
    );
    expect(
      contrast(token("--buttonTextColor", scheme), token("--buttonColor", scheme)),
    ).toBeGreaterThanOrEqual(4.5);
  });
}
