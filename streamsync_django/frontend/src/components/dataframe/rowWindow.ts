export interface RowWindow {
  first: number;
  last: number;
  before: number;
  after: number;
}

/** Which rows of fixed height are in view, with a few more on both sides, and the space of the rest. */
export function rowWindow(
  scrollTop: number,
  viewHeight: number,
  rowHeight: number,
  rowCount: number,
  margin = 8,
): RowWindow {
  const first = clamp(Math.floor(scrollTop / rowHeight) - margin, 0, rowCount);
  const last = clamp(Math.ceil((scrollTop + viewHeight) / rowHeight) + margin, first, rowCount);
  return { first, last, before: first * rowHeight, after: (rowCount - last) * rowHeight };
}

/** The first and last row wholly or mostly in view, counted from 1: what the toolbar says. */
export function rowsInView(
  scrollTop: number,
  viewHeight: number,
  rowHeight: number,
  rowCount: number,
): { from: number; to: number } {
  if (rowCount === 0) return { from: 0, to: 0 };
  const from = clamp(Math.round(scrollTop / rowHeight) + 1, 1, rowCount);
  return { from, to: clamp(from + Math.floor(viewHeight / rowHeight + 0.01) - 1, from, rowCount) };
}

function clamp(value: number, low: number, high: number): number {
  return Math.max(low, Math.min(high, value));
}
