import { expect, test } from "vitest";

import { fieldProblem } from "./fieldProblems";

const STATE = { none: null, empty: "", zero: 0, words: "twelve", list: [1], broken: "{[", yes: true };

test.each([
  ["number", "12px"],
  ["number", "@{zero}"],
  ["number", "@{none}"],
  ["number", "@{nowhere}"],
  ["number", "@{empty}"],
  ["boolean", "yes"],
  ["boolean", "@{yes}"],
  ["boolean", ""],
  ["object", "[1, 2]"],
  ["object", "@{list}"],
  ["object", "@{none}"],
  ["keyValue", '{"a": "@{words}"}'],
  ["text", "@{broken}"],
] as const)("a %s field may hold %s", (type, content) => {
  expect(fieldProblem("size", type, content, STATE)).toBeNull();
});

test.each([
  ["number", "@{words}", "“size” is not a number: twelve"],
  ["number", "@{list}", "“size” is not a number: [1]"],
  ["boolean", "perhaps", "“size” is neither yes nor no: perhaps"],
  ["object", "{[", "“size” is not JSON: {["],
  ["keyValue", "@{broken}", "“size” is not JSON: {["],
] as const)("a %s field that holds %s shows its default, and the reason", (type, content, problem) => {
  expect(fieldProblem("size", type, content, STATE)).toBe(problem);
});

test("a repeater's variables count, and long contents are cut", () => {
  expect(fieldProblem("size", "number", "@{item}", STATE, { item: "x".repeat(1000) })).toBe(
    `“size” is not a number: ${"x".repeat(80)}…`,
  );
});
