import { expect, test } from "vitest";

import table from "../../../../tests/cases/patches.json";
import { applyPatch, applySnapshot, type StateNode } from "./patches";

interface Case {
  name: string;
  state: StateNode;
  patch: Parameters<typeof applyPatch>[1];
  expected: StateNode;
}

test.each(table.cases as unknown as Case[])("$name", ({ state, patch, expected }) => {
  const root = structuredClone(state);
  applyPatch(root, structuredClone(patch));
  expect(root).toEqual(expected);
});

test("a key named __proto__ is data and changes no prototype", () => {
  const root: StateNode = {};
  applyPatch(root, { set: [[["__proto__", "polluted"], true]] });
  expect(({} as { polluted?: boolean }).polluted).toBeUndefined();
  expect(Object.keys(root)).toEqual(["__proto__"]);
});

test("appending leaves the list that is shown untouched", () => {
  const shown = [1];
  const root: StateNode = { a: shown };
  applyPatch(root, { append: [[["a"], [2]]] });
  expect(shown).toEqual([1]);
  expect(root["a"]).toEqual([1, 2]);
});

test("a parent becomes a watched node only when something is set below it", () => {
  const made: StateNode[] = [];
  const factory = {
    makeNode: (source: StateNode) => {
      made.push(source);
      return source;
    },
    isNode: (value: unknown) => made.includes(value as StateNode),
  };
  const root: StateNode = { cart: { count: 1 }, other: { untouched: true } };
  applyPatch(root, { set: [[["cart", "count"], 2]] }, factory);
  applyPatch(root, { set: [[["cart", "count"], 3]] }, factory);
  expect(made).toEqual([{ count: 3 }]);
});

test("a snapshot replaces the whole state in the same root", () => {
  const root: StateNode = { a: 1, b: 2 };
  applySnapshot(root, { b: 3, c: 4 });
  expect(root).toEqual({ b: 3, c: 4 });
});
