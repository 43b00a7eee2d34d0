import { readFileSync } from "node:fs";
import { join } from "node:path";

import { expect, test } from "vitest";

const css = readFileSync(join(import.meta.dirname, "../src/ui/tokens.css"), "utf8");

type Scheme = "light" | "dark";

type Lab = readonly [lightness: number, a: number, b: number];

/** Where `white` or `oklch(L% C H)` is in Oklab. */
function lab(color: string): Lab {
  if (color === "white") return [1, 0, 0];
  const [lightness = 0, chroma = 0, hue = 0] = (/oklch\(([^)]+)\)/.exec(color)?.[1] ?? "")
    .split(/[%\s]+/)
    .map(Number);
  return [
    lightness / 100,
    chroma * Math.cos((hue * Math.PI) / 180),
    chroma * Math.sin((hue * Math.PI) / 180),
  ];
}

/** What `color-mix(in oklab, first share, second)` makes. */
function mix(first: Lab, share: number, second: Lab): Lab {
  const of = (at: 0 | 1 | 2): number => first[at] * share + second[at] * (1 - share);
  return [of(0), of(1), of(2)];
}

/** The luminance of a colour, as contrast is measured. */
function luminance([l0, a, b]: Lab): number {
  const l = (l0 + 0.3963377774 * a + 0.2158037573 * b) ** 3;
  const m = (l0 - 0.1055613458 * a - 0.0638541728 * b) ** 3;
  const s = (l0 - 0.0894841775 * a - 1.291485548 * b) ** 3;
  const clamp = (value: number): number => Math.min(1, Math.max(0, value));
  const red = clamp(4.0767416621 * l - 3.3077115913 * m + 0.2309699292 * s);
  const green = clamp(-1.2684380046 * l + 2.6097574011 * m - 0.3413193965 * s);
  const blue = clamp(-0.0041960863 * l - 0.7034186147 * m + 1.707614701 * s);
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
}

function token(name: string, scheme: Scheme): Lab {
  const match = new RegExp(
    `${name}: light-dark\\((white|oklch\\([^)]+\\)), (white|oklch\\([^)]+\\))\\)`,
  ).exec(css);
  const color = match?.[scheme === "light" ? 1 : 2];
  if (color === undefined) throw new Error(`tokens.css has no ${name}`);
  return lab(color);
}

function contrast(a: Lab, b: Lab): number {
  const [dark = 0, light = 0] = [luminance(a), luminance(b)].sort((x, y) => x - y);
  return (light + 0.05) / (dark + 0.05);
}

/** A token that is mixed of two others, where a control stands on a surface. */
function mixed(name: string, scheme: Scheme): Lab {
  const match = new RegExp(
    `${name}: color-mix\\(in oklab, var\\((--\\w+)\\) (\\d+)%, var\\((--\\w+)\\)\\)`,
  ).exec(css);
  const [, first, share, second] = match ?? [];
  if (!first || !share || !second) throw new Error(`tokens.css does not mix ${name}`);
  return mix(token(first, scheme), Number(share) / 100, token(second, scheme));
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
  test.each(surfaces)(`${scheme}: the outlines of controls can be seen on %s`, (surface) => {
    expect(contrast(mixed("--ss-control-line", scheme), token(surface, scheme))).toBeGreaterThanOrEqual(3);
  });
  test.each(surfaces)(`${scheme}: links can be read on %s`, (surface) => {
    expect(contrast(mixed("--ss-accent-text", scheme), token(surface, scheme))).toBeGreaterThanOrEqual(4.5);
  });
}
