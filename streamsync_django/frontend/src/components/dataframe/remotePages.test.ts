import { expect, test } from "vitest";

import { type FetchPage, MAX_PAGES, PAGE_ROWS, RemotePages } from "./remotePages";

const TOTAL = 100_000;

/** Rows whose only cell is their number, in reverse order. */
const page = (offset: number, limit: number, total = TOTAL) => {
  const count = Math.max(0, Math.min(limit, total - offset));
  const numbers = Array.from({ length: count }, (_, row) => total - 1 - offset - row);
  const at = (row: number): unknown => numbers[row];
  const column = { name: "n", kind: "number" as const, hidden: false, isIndex: false, at };
  return { table: { columns: [column], rowCount: count, indexLabel: String }, numbers, total };
};

function watched(): { pages: RemotePages; asked: number[] } {
  const asked: number[] = [];
  const fetchPage: FetchPage = (offset, limit) => {
    asked.push(offset);
    return Promise.resolve(page(offset, limit));
  };
  const pages = new RemotePages(fetchPage);
  pages.found = TOTAL;
  return { pages, asked };
}

test("rows are known by place, and their cells by their number", async () => {
  const { pages, asked } = watched();
  expect(pages.keyAt(50_000)).toBeUndefined();
  await pages.load(50_000, 50_020);
  expect(asked).toEqual([49_800, 50_000]);
  expect(pages.keyAt(50_000)).toBe(49_999);
  const cell = pages.cell(49_999);
  expect(cell?.page.table.columns[0]?.at(cell.at)).toBe(49_999);
});

test("what is there is not fetched again, nor what is on its way", async () => {
  const { pages, asked } = watched();
  await Promise.all([pages.load(0, 20), pages.load(0, 30)]);
  await pages.load(10, 40);
  expect(asked).toEqual([0]);
});

test("however far one scrolls, only some pages are kept", async () => {
  const { pages } = watched();
  for (let place = 0; place < TOTAL; place += 1_000) await pages.load(place, place + 20);
  expect(pages.kept).toBeLessThanOrEqual(MAX_PAGES);
  expect(pages.keyAt(0)).toBeUndefined();
  expect(pages.cell(TOTAL - 1)).toBeUndefined();
  expect(pages.keyAt(TOTAL - 1_000)).toBe(999);
});

test("pages that only flew by are given up", async () => {
  const aborted: number[] = [];
  const pages = new RemotePages((offset, limit, signal) => {
    if (offset > 1_000) return Promise.resolve(page(offset, limit));
    return new Promise((_, reject) => {
      signal.addEventListener("abort", () => {
        aborted.push(offset);
        reject(new Error("aborted"));
      });
    });
  });
  pages.found = TOTAL;
  const flownBy = pages.load(0, 20);
  await pages.load(60_150, 60_170);
  await flownBy;
  expect(aborted).toEqual([0]);
  expect(pages.keyAt(60_150)).toBe(39_849);
});

test("a page that failed is asked for again", async () => {
  let attempts = 0;
  const pages = new RemotePages((offset, limit) => {
    attempts += 1;
    return attempts === 1 ? Promise.reject(new Error("no network")) : Promise.resolve(page(offset, limit));
  });
  pages.found = 50;
  await expect(pages.load(0, 20)).rejects.toThrow("no network");
  await pages.load(0, 20);
  expect(pages.keyAt(0)).toBe(TOTAL - 1);
});

test("rows without numbers are told apart by their place", async () => {
  const pages = new RemotePages((offset, limit) => {
    const made = page(offset, limit, 300);
    return Promise.resolve({ ...made, numbers: made.numbers.map(() => null) });
  });
  pages.found = 300;
  await pages.load(0, 300);
  expect([pages.keyAt(0), pages.keyAt(PAGE_ROWS), pages.keyAt(299)]).toEqual([-1, -1 - PAGE_ROWS, -300]);
  expect(pages.cell(-1 - PAGE_ROWS)?.at).toBe(0);
});

test("the rows that came with the table are its first page, if they are enough", () => {
  const { pages } = watched();
  pages.begin(page(0, PAGE_ROWS));
  expect(pages.keyAt(PAGE_ROWS - 1)).toBe(TOTAL - PAGE_ROWS);
  const few = watched().pages;
  few.begin(page(0, 20));
  expect([few.found, few.keyAt(0)]).toEqual([TOTAL, undefined]);
});
