import { expect, test } from "vitest";

import { readSeparated } from "./separatedValues";

test("rows become objects, quotes and missing cells included", () => {
  const text = 'name,note\r\n"Ada, first","said ""hi""\nand left"\r\n\r\nBob\r\nEve,';
  expect(readSeparated(text, ",")).toEqual([
    { name: "Ada, first", note: 'said "hi"\nand left' },
    { name: "Bob", note: "" },
    { name: "Eve", note: "" },
  ]);
});

test("names can be given, and there may be nothing", () => {
  expect(readSeparated("1\t2\n3\t4\n", "\t", ["a", "b"])).toEqual([
    { a: "1", b: "2" },
    { a: "3", b: "4" },
  ]);
  expect(readSeparated("", ",")).toEqual([]);
  expect(readSeparated('a\n"open', ",")).toEqual([{ a: "open" }]);
});
