import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";

import { expect, test } from "vitest";

const source = join(import.meta.dirname, "../src");
const TAG = /<(?:"[^"]*"|'[^']*'|[^>"'])*>/g;
/** Attributes that are read to somebody; what a ProblemNote says is for developers, and English. */
const SPOKEN =
  /(?<![\w-]):?(?:aria-label|aria-valuetext|aria-description|title|placeholder|alt|label)="([^"]*)"/g;

/** Words that stand in a template themselves instead of coming from the texts of the page's language. */
function wordsIn(vue: string): string[] {
  const template = (/<template>\n(.*)\n<\/template>/s.exec(vue)?.[1] ?? "").replace(/<!--.*?-->/gs, "");
  const between = template.replace(/\{\{.*?\}\}/gs, " ").split(TAG);
  const spoken = [...template.matchAll(SPOKEN)].flatMap(([attribute, value = ""]) =>
    attribute.startsWith(":")
      ? [...value.matchAll(/'([A-Z][^']*)'/g)].map((found) => found[1] ?? "")
      : [value],
  );
  return [...between, ...spoken].map((text) => text.trim()).filter((text) => /[a-z]{2}/i.test(text));
}

test("words in a template are found, values are not", () => {
  const vue = `<template>\n<p :title="is ? texts.a : 'Nothing'" alt="A bird">Hello {{ name }}</p>\n</template>`;
  expect(wordsIn(vue)).toEqual(["Hello", "Nothing", "A bird"]);
});

test("no component says anything that cannot be translated", () => {
  const names = readdirSync(source, { recursive: true, encoding: "utf8" }).filter((name) =>
    name.endsWith(".vue"),
  );
  expect(names.length).toBeGreaterThan(50);
  const found = names.flatMap((name) =>
    wordsIn(readFileSync(join(source, name), "utf8")).map((words) => `${name}: ${words}`),
  );
  expect(found).toEqual([]);
});
