import { expect, test } from "vitest";

import { findMatches, readHighlights } from "./matches";

const part = (text: string, endsLine = false): { text: string; endsLine: boolean } => ({ text, endsLine });

test("texts are found in any case and inside words", () => {
  expect(findMatches([part("Rainy days. RAIN again.")], ["rain"])).toEqual([
    [{ part: 0, from: 0, to: 4 }],
    [{ part: 0, from: 12, to: 16 }],
  ]);
});

test("a text that runs over parts and lines is one match in pieces", () => {
  const parts = [part("the average", true), part("high of "), part("the month")];
  expect(findMatches(parts, ["Average high of the"])).toEqual([
    [
      { part: 0, from: 4, to: 11 },
      { part: 1, from: 0, to: 8 },
      { part: 2, from: 0, to: 3 },
    ],
  ]);
});

test("of texts inside each other the longer one is marked", () => {
  expect(findMatches([part("rainfall")], ["rain", "rainfall", "fall"])).toEqual([
    [{ part: 0, from: 0, to: 8 }],
  ]);
});

test("signs that mean something elsewhere are texts here, and characters are counted as they stand", () => {
  expect(findMatches([part("a.b (c) İstanbul*")], ["a.b", "(c)", "stanbul*"])).toEqual([
    [{ part: 0, from: 0, to: 3 }],
    [{ part: 0, from: 4, to: 7 }],
    [{ part: 0, from: 9, to: 17 }],
  ]);
});

test("blanks alone, and nothing, find nothing", () => {
  expect(findMatches([part("a b")], ["", "  "])).toEqual([]);
  expect(findMatches([], ["a"])).toEqual([]);
});

test("highlights are a list of texts", () => {
  expect(readHighlights(["a", 7, " "])).toEqual(["a", "7"]);
  expect(readHighlights(null)).toEqual([]);
  for (const nonsense of ["a", {}, [null], [["a"]]]) expect(readHighlights(nonsense)).toBeNull();
});
