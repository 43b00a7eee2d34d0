import { describe, expect, it } from "vitest";

import { makeCellFormat, plainText } from "./cellText";
import { csvBlob, writeCsv } from "./csv";
import { isUnnamedIndex, makeIndexLabel, readIndexParts } from "./pandasIndex";
import { tableFromPlain } from "./plainTable";
import { parseCell, recordOf, withEdits } from "./records";
import { rowsInView, rowWindow } from "./rowWindow";
import type { TableColumn } from "./table";

const column = (name: string, cells: unknown[]): TableColumn => ({
  name,
  kind: "text",
  hidden: false,
  isIndex: false,
  at: (row) => cells[row],
});

describe("the pandas index", () => {
  it("is read from column names and ranges", () => {
    const parts = readIndexParts(
      '{"index_columns": ["a", {"kind": "range", "start": 5, "stop": 9, "step": 2}]}',
    );
    const label = makeIndexLabel(parts, [column("a", ["x", "y"])], String);
    expect([label(0), label(1)]).toEqual(["x, 5", "y, 7"]);
  });
  it("is the row number when there is none, or nothing readable", () => {
    expect(makeIndexLabel(readIndexParts("{oops"), [], String)(3)).toBe("3");
    expect(readIndexParts(undefined)).toEqual([]);
  });
  it("knows the names pandas gives to an index without one", () => {
    expect([isUnnamedIndex("__index_level_0__"), isUnnamedIndex("index_level_0")]).toEqual([true, false]);
  });
});

describe("tableFromPlain", () => {
  it("reads rows, and leaves a gap where a row lacks a key", () => {
    const table = tableFromPlain([{ a: 1 }, { b: "x" }]);
    expect(table?.columns.map(({ name, at }) => [name, at(0), at(1)])).toEqual([
      ["a", 1, undefined],
      ["b", undefined, "x"],
    ]);
  });
  it("reads columns of lists and columns by row label", () => {
    expect(tableFromPlain({ a: [1, 2, 3] })?.rowCount).toBe(3);
    const labelled = tableFromPlain({ data: { a: { x: 1, y: 2 } }, metadata: {} });
    expect([labelled?.indexLabel(1), labelled?.columns[0]?.at(1)]).toEqual(["y", 2]);
  });
  it("says null for what is no table", () => {
    expect([tableFromPlain(5), tableFromPlain([1, 2]), tableFromPlain({ a: 1 })]).toEqual([null, null, null]);
  });
});

describe("writeCsv", () => {
  it("quotes what needs it and writes any alphabet", async () => {
    const table = tableFromPlain([{ "na,me": 'say "hi"' }, { "na,me": "Зоя\nline" }]);
    const csv = writeCsv(table!, [0, 1], false);
    expect(csv).toBe('"na,me"\r\n"say ""hi"""\r\n"Зоя\nline"\r\n');
    expect(await csvBlob(csv).text()).toContain("Зоя");
  });
  it("writes the rows in the order they are shown, with the index in front", () => {
    expect(writeCsv(tableFromPlain({ a: [1, 2] })!, [1, 0], true)).toBe(",a\r\n1,2\r\n0,1\r\n");
  });
});

describe("cells", () => {
  const format = makeCellFormat("en");
  it("group large numbers but not years", () => {
    expect([format(12034, "number"), format(2024, "number"), format(1.5, "number")]).toEqual([
      "12,034",
      "2024",
      "1.5",
    ]);
  });
  it("show nothing for null and NaN, and dates without a time as days", () => {
    expect([format(null, "text"), format(NaN, "number")]).toEqual(["", ""]);
    expect(plainText(new Date("2024-03-05T00:00:00Z"))).toBe("2024-03-05");
  });
  it("show integers that no number can hold exactly", () => {
    expect(format(9007199254740993n, "number")).toBe("9,007,199,254,740,993");
  });
});

describe("the row window", () => {
  it("draws what is in view and a few rows around it", () => {
    expect(rowWindow(3600, 360, 36, 12034, 8)).toEqual({
      first: 92,
      last: 118,
      before: 3312,
      after: (12034 - 118) * 36,
    });
  });
  it("says which rows are seen", () => {
    expect(rowsInView(3600, 360, 36, 12034)).toEqual({ from: 101, to: 110 });
    expect(rowsInView(0, 360, 36, 3)).toEqual({ from: 1, to: 3 });
    expect(rowsInView(0, 360, 36, 0)).toEqual({ from: 0, to: 0 });
  });
  it("never leaves the table when it became shorter", () => {
    expect(rowWindow(99999, 360, 36, 5)).toMatchObject({ first: 5, last: 5, after: 0 });
  });
});

describe("records", () => {
  const table = tableFromPlain([{ a: 1, b: "x" }])!;
  it("carry big integers as text that the server reads", () => {
    const big = { ...table, columns: [{ ...column("n", [5n]), kind: "number" as const }] };
    expect(recordOf(big, 0)).toEqual({ n: "5n" });
  });
  it("show edits over the table, and added rows below it", () => {
    const edited = withEdits(table, new Map([[0, { a: 9 }]]), [{ a: 3, b: "new" }]);
    expect(edited.rowCount).toBe(2);
    expect([0, 1].map((row) => recordOf(edited, row))).toEqual([
      { a: 9, b: "x" },
      { a: 3, b: "new" },
    ]);
  });
  it("keep every digit of an integer that was typed", () => {
    const numbers = table.columns[0]!;
    expect(parseCell(" 2305843009213693953 ", numbers, 1)).toBe(2305843009213693953n);
    expect(parseCell("7", numbers, 1n)).toBe(7n);
    expect(parseCell("7", numbers, 1)).toBe(7);
    expect(parseCell("1e300", numbers, 1)).toBe(1e300);
  });
  it("refuse text in a column of numbers", () => {
    const numbers = table.columns[0]!;
    expect([parseCell("4.5", numbers, 1), parseCell("four", numbers, 1), parseCell("", numbers, 1)]).toEqual([
      4.5,
      undefined,
      null,
    ]);
  });
});
