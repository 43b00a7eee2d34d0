import { describe, expect, it } from "vitest";

import { asksForNothing, type ColumnFilter, factsOf, makeTest, NO_FILTER, wireOf } from "./filters";
import { orderRows } from "./rowOrder";
import { tableFromPlain } from "./plainTable";
import type { TableColumn, TableData } from "./table";

function table(value: unknown): TableData {
  const made = tableFromPlain(value);
  if (!made) throw new Error("not a table");
  return made;
}

const orders = table({
  city: ["Ärhus", "paris", null, "", "Paris"],
  price: [10, 2.5, null, Number.NaN, -3],
  isOpen: [true, false, null, true, false],
  at: [
    new Date("2026-03-01T00:00:00Z"),
    new Date("2026-03-02T23:59:59.999Z"),
    new Date("2026-03-03T00:00:00Z"),
    null,
    new Date("1969-12-31T12:00:00Z"),
  ],
  tags: [["a"], ["b"], null, ["c"], ["d"]],
});

function column(name: string): TableColumn {
  const found = orders.columns.find((candidate) => candidate.name === name);
  if (!found) throw new Error(`no column ${name}`);
  return found;
}

function passing(name: string, filter: Partial<ColumnFilter>): number[] {
  const passes = makeTest(column(name), { ...NO_FILTER, ...filter });
  return [0, 1, 2, 3, 4].filter(passes);
}

describe("a filter", () => {
  it("finds texts whatever their case", () => {
    expect(passing("city", { contains: "PAR" })).toEqual([1, 4]);
    expect(passing("city", { contains: "ärh" })).toEqual([0]);
  });
  it("takes both ends of a range, and nothing that is empty", () => {
    expect(passing("price", { from: "2.5" })).toEqual([0, 1]);
    expect(passing("price", { to: "2.5" })).toEqual([1, 4]);
    expect(passing("price", { from: "-3", to: "9.99" })).toEqual([1, 4]);
  });
  it("takes whole days", () => {
    expect(passing("at", { from: "2026-03-01", to: "2026-03-02" })).toEqual([0, 1]);
    expect(passing("at", { to: "1969-12-31" })).toEqual([4]);
  });
  it("takes only what is ticked", () => {
    expect(passing("city", { among: ["paris", "Ärhus"] })).toEqual([0, 1]);
    expect(passing("isOpen", { among: [false] })).toEqual([1, 4]);
  });
  it("knows what is empty: missing, no number, no characters", () => {
    expect(passing("city", { cells: "empty" })).toEqual([2, 3]);
    expect(passing("price", { cells: "empty" })).toEqual([2, 3]);
    expect(passing("tags", { cells: "filled" })).toEqual([0, 1, 3, 4]);
  });
  it("holds together with other columns, the search and the sort", () => {
    const filters = new Map([
      ["city", { ...NO_FILTER, contains: "par" }],
      ["isOpen", { ...NO_FILTER, among: [false] }],
    ]);
    expect(orderRows(orders, "", { column: 1, direction: "ascending" }, filters)).toEqual([4, 1]);
    expect(orderRows(orders, "2.5", null, filters)).toEqual([1]);
  });
  it("asks for nothing until something is given", () => {
    expect(asksForNothing(NO_FILTER)).toBe(true);
    expect(asksForNothing({ ...NO_FILTER, from: "0" })).toBe(false);
  });
});

describe("what a column can be filtered by", () => {
  it("is found in its values", () => {
    expect(factsOf(column("city"), 5)).toEqual({
      kind: "text",
      choices: ["Ärhus", "paris", "Paris"],
      least: null,
      most: null,
    });
    expect(factsOf(column("isOpen"), 5).choices).toEqual([false, true]);
    expect(factsOf(column("price"), 5)).toMatchObject({ kind: "number", choices: null, least: -3, most: 10 });
    expect(factsOf(column("at"), 5)).toMatchObject({ kind: "date", least: "1969-12-31", most: "2026-03-03" });
    expect(factsOf(column("tags"), 5)).toEqual({ kind: "other", choices: null, least: null, most: null });
  });
  it("are no choices where there are many values or a long one", () => {
    const many = table({ n: Array.from({ length: 31 }, (_, at) => at), long: ["x".repeat(61)] });
    expect(many.columns.map((each) => factsOf(each, 31).choices)).toEqual([null, null]);
    expect(factsOf(table({ n: [3, 1, 3] }).columns[0]!, 3).choices).toEqual([1, 3]);
  });
});

describe("what the server reads", () => {
  it("has numbers as numbers and days as texts", () => {
    expect(wireOf("price", { ...NO_FILTER, from: "2.5", to: "1e3" })).toBe(
      '{"column":"price","from":2.5,"to":1000}',
    );
    expect(wireOf("at", { ...NO_FILTER, to: "2026-03-01", cells: "filled" })).toBe(
      '{"column":"at","to":"2026-03-01","empty":false}',
    );
    expect(wireOf('a"', { ...NO_FILTER, contains: "é", among: [true, 2] })).toBe(
      '{"column":"a\\"","contains":"é","among":[true,2]}',
    );
  });
});
