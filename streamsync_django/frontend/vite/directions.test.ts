import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";

import { expect, test } from "vitest";

const root = join(import.meta.dirname, "../../..");
const FOLDERS = [
  "streamsync_django/frontend/src",
  "streamsync_django/static/streamsync_admin",
  "streamsync_django/static/streamsync_pages",
  "project/static/project",
];
/** Declarations that mean one side whichever way the language runs. */
const PHYSICAL =
  /^\s*((margin|padding|border|scroll-margin|scroll-padding)-(left|right)\b[\w-]*|left|right|float|border-(top|bottom)-(left|right)-radius|text-align: (left|right))\s*[:;]/;

function stylesOf(path: string): string {
  const text = readFileSync(join(root, path), "utf8");
  const parts = path.endsWith(".vue") ? [...text.matchAll(/<style[^>]*>(.*?)<\/style>/gs)] : [["", text]];
  return parts.map((part) => (part[1] ?? "").replace(/\/\*.*?\*\//gs, "")).join("\n");
}

/** One declaration or selector a line, however the sheet is written. */
function physicalIn(styles: string): string[] {
  return styles.split(/[{};]/).flatMap((part) => (PHYSICAL.test(`${part.trim()};`) ? [part.trim()] : []));
}

test("what means one side is found", () => {
  expect(physicalIn(".a { margin-left: 1px; inset-inline-start: 0; } .b{left:0}")).toEqual([
    "margin-left: 1px",
    "left:0",
  ]);
});

test("no sheet says left or right where it means start or end", () => {
  const sheets = FOLDERS.flatMap((folder) =>
    readdirSync(join(root, folder), { recursive: true, encoding: "utf8" })
      .filter((name) => /\.(css|vue)$/.test(name))
      .map((name) => join(folder, name)),
  );
  expect(sheets.length).toBeGreaterThan(50);
  const found = sheets.flatMap((path) => physicalIn(stylesOf(path)).map((line) => `${path}: ${line}`));
  expect(found).toEqual([]);
});
