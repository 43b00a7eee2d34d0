import { describe, expect, it } from "vitest";

import { makeMatcher, nextSort, orderRows } from "./rowOrder";
import { tableFromPlain } from "./plainTable";
import type { TableData } from "./table";

function table(value: unknown): TableData {
  const made = tableFromPlain(value);
  if (!made) throw new Error("not a table");
  return made;
}

const people = table([
  { name: "Zoë", age: 31 },
  { name: "adam", age: null },
  { name: "Item 10", age: 4 },
  { name: "Item 9", age: 4 },
]);

describe("orderRows", () => {
  it("sorts numbers by size and keeps the order of equals", () => {
    expect(orderRows(people, "", { column: 1, direction: "ascending" })).toEqual([2, 3, 0, 1]);
  });
  it("puts empty cells last in both directions", () => {
    expect(orderRows(people, "", { column: 1, direction: "descending" })).toEqual([0, 2, 3, 1]);
  });
  it("sorts texts as people do: 9 before 10, whatever the case", () => {
    expect(orderRows(people, "", { column: 0, direction: "ascending" })).toEqual([1, 3, 2, 0]);
  });
  it("finds text in any column, whatever its case", () => {
    expect(orderRows(people, "ITEM", null)).toEqual([2, 3]);
    expect(orderRows(people, "31", null)).toEqual([0]);
  });
  it("copes with column names that are no identifiers", () => {
    expect(orderRows(table({ "a b'\"]": ["x", "y"] }), "y", null)).toEqual([1]);
  });
});

describe("makeMatcher", () => {
  it("takes /…/ as a regular expression", () => {
    expect(makeMatcher("/^it.m/")("Item 9")).toBe(true);
    expect(makeMatcher("/^em/")("Item 9")).toBe(false);
  });
  it("searches for a half-typed expression as it is written", () => {
    expect(makeMatcher("/(/")("a /(/ b")).toBe(true);
  });
  it("takes everything else as plain text", () => {
    expect(makeMatcher("a.c")("abc")).toBe(false);
  });
});

describe("nextSort", () => {
  it("cycles from ascending over descending to none", () => {
    const first = nextSort(null, 2);
    const second = nextSort(first, 2);
    expect([first?.direction, second?.direction, nextSort(second, 2)]).toEqual([
      "ascending",
      "descending",
      null,
    ]);
  });
  it("starts over on another column", () => {
    expect(nextSort({ column: 1, direction: "descending" }, 2)).toEqual({
      column: 2,
      direction: "ascending",
    });
  });
});
