import { describe, expect, it } from "vitest";

import { pageLinks, parsePageSizes } from "./pageLinks";

const shown = (page: number, pages: number): string =>
  pageLinks(page, pages)
    .map((link) => (link === "gap" ? "…" : link))
    .join(" ");

describe("pageLinks", () => {
  it.each([
    [1, 1, "1"],
    [4, 7, "1 2 3 4 5 6 7"],
    [1, 20, "1 2 3 … 18 19 20"],
    [2, 20, "1 2 3 … 18 19 20"],
    [3, 20, "1 2 3 4 … 19 20"],
    [4, 20, "1 2 3 4 5 … 20"],
    [10, 20, "1 … 9 10 11 … 20"],
    [18, 20, "1 2 … 17 18 19 20"],
    [20, 20, "1 2 3 … 18 19 20"],
  ])("on page %i of %i offers %s", (page, pages, expected) => {
    expect(shown(page, pages)).toBe(expected);
  });
});

describe("parsePageSizes", () => {
  it("keeps positive whole numbers, each once", () => {
    expect(parsePageSizes("10, 20,x,-5,20, 2.5,")).toEqual([10, 20]);
  });
});
