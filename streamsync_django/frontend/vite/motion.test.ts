import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";

import { expect, test } from "vitest";

const root = join(import.meta.dirname, "../src");
/** What neither moves anything else nor makes the browser lay the page out again. */
const QUIET = /^(opacity|transform|rotate|filter|color|box-shadow|(background|border)-color)$/;
/** At most 200 ms, and none where less motion is wanted: the tokens see to both. */
const DURATION = /^var\(--ss-(quick|panel)\)$/;
const CALM = "@media (prefers-reduced-motion: reduce)";

function stylesOf(path: string): string {
  const text = readFileSync(join(root, path), "utf8");
  const parts = path.endsWith(".vue") ? [...text.matchAll(/<style[^>]*>(.*?)<\/style>/gs)] : [["", text]];
  return parts.map((part) => (part[1] ?? "").replace(/\/\*.*?\*\//gs, "")).join("\n");
}

/** Every transition and animation of a sheet that is too long, moves too much or does not stop on request. */
function restlessIn(styles: string): string[] {
  const stops = styles
    .split(CALM)
    .slice(1)
    .some((calm) => calm.includes("animation: none"));
  let endless = 0;
  const found: string[] = [];
  for (const [line = "", kind, value = ""] of styles.matchAll(/\b(transition|animation):\s*([^;]+);/g)) {
    for (const part of value.split(/,(?![^(]*\))/).map((each) => each.trim())) {
      if (part === "none") continue;
      const [name = "", duration = ""] = part.split(/\s+/);
      if (kind === "animation" && /\binfinite\b/.test(part)) endless += 1;
      else if (duration !== "0s" && !DURATION.test(duration)) found.push(line);
      else if (kind === "transition" && !QUIET.test(name)) found.push(line);
    }
  }
  if (endless > 0 && !stops) found.push(`${endless} endless animations that nothing stops`);
  return found;
}

test("what moves too much is found", () => {
  expect(
    restlessIn(`.a { transition: width var(--ss-quick); } .b { transition: opacity 300ms; }
      .c { animation: turn 1s infinite; } .d { transition: opacity var(--ss-panel) var(--ss-ease) 200ms; }`),
  ).toEqual([
    "transition: width var(--ss-quick);",
    "transition: opacity 300ms;",
    "1 endless animations that nothing stops",
  ]);
  expect(
    restlessIn(`.c { animation: turn 1s infinite; }
@media (prefers-reduced-motion: reduce) {
  .c { animation: none; }
}
`),
  ).toEqual([]);
});

test("motion is short, leaves the layout alone, and stops for those who asked", () => {
  const sheets = readdirSync(root, { recursive: true, encoding: "utf8" }).filter((name) =>
    /\.(css|vue)$/.test(name),
  );
  expect(sheets.length).toBeGreaterThan(50);
  expect(sheets.flatMap((path) => restlessIn(stylesOf(path)).map((line) => `${path}: ${line}`))).toEqual([]);
});
