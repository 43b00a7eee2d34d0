import { expect, test } from "vitest";

import { follow, MAX_HEIGHT, pageHeight, rowsInView, rowWindow, settled } from "./rowWindow";

const ROWS = 1_000_000;
const VIEW = 360;
const END = MAX_HEIGHT - VIEW;
const at = (scrollTop: number, before = { scrollTop: 0, shift: 0 }) =>
  follow(before, scrollTop, VIEW, 36, ROWS);
const seen = ({ scrollTop, shift }: { scrollTop: number; shift: number }) =>
  rowsInView(scrollTop + shift, VIEW, 36, ROWS);

test("a table that fits is scrolled as it is", () => {
  expect(follow({ scrollTop: 0, shift: 0 }, 90_000, VIEW, 36, 10_000)).toEqual({
    scrollTop: 90_000,
    shift: 0,
  });
  expect(pageHeight(36, 10_000)).toBe(360_000);
});

test("both ends of a page that is too low show both ends of the rows", () => {
  expect(pageHeight(36, ROWS)).toBe(MAX_HEIGHT);
  expect(seen(at(END))).toEqual({ from: ROWS - 9, to: ROWS });
  expect(seen(at(0, at(END)))).toEqual({ from: 1, to: 10 });
});

test("a jump goes to the same fraction, a step moves rows by as much as the page", () => {
  const middle = at(END / 2);
  expect(seen(middle).from).toBeCloseTo(ROWS / 2, -2);
  const step = at(middle.scrollTop + 72, middle);
  expect(seen(step).from).toBe(seen(middle).from + 2);
});

test("putting the bar right moves no row, and a second time changes nothing", () => {
  let now = at(END / 3);
  for (let turn = 0; turn < 50; turn++) now = at(now.scrollTop + 300, now);
  const right = settled(now, VIEW, 36, ROWS);
  expect(seen(right)).toEqual(seen(now));
  expect(right.scrollTop).not.toBe(now.scrollTop);
  expect(Math.abs(settled(right, VIEW, 36, ROWS).scrollTop - right.scrollTop)).toBeLessThan(1);
});

test("rows stand where they are seen, near the top too, and the page keeps its height", () => {
  for (const top of [0, 300, 2_000, 18_000_000, ROWS * 36 - VIEW]) {
    const { scrollTop, shift } = settled({ scrollTop: top, shift: 0 }, VIEW, 36, ROWS);
    const { first, last, before, after } = rowWindow(scrollTop, VIEW, 36, ROWS, 8, shift);
    expect(before).toBeGreaterThanOrEqual(0);
    expect(first * 36 - before).toBeCloseTo(shift, 5);
    expect(first * 36).toBeLessThanOrEqual(top);
    expect(last * 36).toBeGreaterThanOrEqual(top + VIEW);
    expect(before + (last - first) * 36 + after).toBeCloseTo(MAX_HEIGHT, 5);
  }
});
