export interface RowWindow {
  first: number;
  last: number;
  before: number;
  after: number;
}

/** Browsers stop making elements higher somewhere beyond this, Firefox first. */
export const MAX_HEIGHT = 8_000_000;

/** How high the rows are in the page, and where in all of them the scrolled page is. */
export interface Scrolling {
  scrollTop: number;
  /** Pixels by which the rows in view are further down than the page is scrolled. */
  shift: number;
}

export function pageHeight(rowHeight: number, rowCount: number): number {
  return Math.min(MAX_HEIGHT, rowHeight * rowCount);
}

/**
 * Follow one scrolling of a page that is lower than its rows. Small steps move rows by as much, so that a wheel
 * scrolls as in any other page; a jump (the bar, a key) goes to the same fraction of the rows.
 */
export function follow(
  before: Scrolling,
  scrollTop: number,
  viewHeight: number,
  rowHeight: number,
  rowCount: number,
): Scrolling {
  const height = rowHeight * rowCount;
  const end = pageHeight(rowHeight, rowCount) - viewHeight;
  if (height <= MAX_HEIGHT) return { scrollTop, shift: 0 };
  if (scrollTop <= 0) return { scrollTop, shift: 0 };
  if (scrollTop >= end - 1) return { scrollTop, shift: height - viewHeight - scrollTop };
  const isStep = Math.abs(scrollTop - before.scrollTop) <= 2 * viewHeight;
  const wanted = isStep ? scrollTop + before.shift : (scrollTop / end) * (height - viewHeight);
  const top = clamp(wanted, 0, height - viewHeight);
  return { scrollTop, shift: top - scrollTop };
}

/** Where the page is to be scrolled for the bar to tell the truth again, without any row moving. */
export function settled(now: Scrolling, viewHeight: number, rowHeight: number, rowCount: number): Scrolling {
  const height = rowHeight * rowCount;
  if (height <= MAX_HEIGHT) return now;
  const top = now.scrollTop + now.shift;
  const end = pageHeight(rowHeight, rowCount) - viewHeight;
  const scrollTop = clamp(Math.round((top / (height - viewHeight)) * end), top <= 0 ? 0 : 1, end);
  return { scrollTop, shift: top - scrollTop };
}

/** Which rows of fixed height are in view, with a few more on both sides, and the space of the rest. */
export function rowWindow(
  scrollTop: number,
  viewHeight: number,
  rowHeight: number,
  rowCount: number,
  margin = 8,
  shift = 0,
): RowWindow {
  const top = scrollTop + shift;
  // Rows that would be above the page's top cannot be placed, and are not seen either.
  const lowest = Math.ceil(shift / rowHeight);
  const first = clamp(Math.max(lowest, Math.floor(top / rowHeight) - margin), 0, rowCount);
  const last = clamp(Math.ceil((top + viewHeight) / rowHeight) + margin, first, rowCount);
  const before = Math.max(0, first * rowHeight - shift);
  const after = Math.max(0, pageHeight(rowHeight, rowCount) - before - (last - first) * rowHeight);
  return { first, last, before, after };
}

/** The first and last row wholly or mostly in view, counted from 1: what the toolbar says. */
export function rowsInView(
  top: number,
  viewHeight: number,
  rowHeight: number,
  rowCount: number,
): { from: number; to: number } {
  if (rowCount === 0) return { from: 0, to: 0 };
  const from = clamp(Math.round(top / rowHeight) + 1, 1, rowCount);
  return { from, to: clamp(from + Math.floor(viewHeight / rowHeight + 0.01) - 1, from, rowCount) };
}

function clamp(value: number, low: number, high: number): number {
  return Math.max(low, Math.min(high, value));
}
