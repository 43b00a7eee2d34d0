import { expect, test } from "vitest";

import { hideImports } from "./hideImportsFromDjango.ts";

const names = ["main-a1.js", "plotly-b2.js"];

test.each([
  ['import{a as b}from"./main-a1.js";', 'import{a as b}from/**/"./main-a1.js";'],
  ['import"./chunks/main-a1.js";', 'import/**/"./chunks/main-a1.js";'],
  ["()=>import(`./plotly-b2.js`)", "()=>import(/**/`./plotly-b2.js`)"],
  ['export{a}from"../main-a1.js";', 'export{a}from/**/"../main-a1.js";'],
])("an import of a chunk is hidden: %s", (code, hidden) => {
  expect(hideImports(code, names)).toBe(hidden);
});

test("text that only looks like an import stays as it is", () => {
  const code = 'const help = "write import(\'./yours.js\')"; load("./main-a1.js");';
  expect(hideImports(code, names)).toBe(code);
});
