import { plainText } from "./cellText";
import type { TableData } from "./table";

export const MIN_COLUMN_WIDTH = 80;
const MAX_AUTOMATIC_WIDTH = 300;
const CHARACTER_WIDTH = 7.6;
const CELL_PADDING = 24;
const SORT_MARK = 18;

/** Widths from the names and the first rows, so that a column need not be measured in the page. */
export function automaticWidths(table: TableData): number[] {
  return table.columns.map((column) => {
    let longest = 0;
    for (let row = 0; row < Math.min(table.rowCount, 60); row++) {
      longest = Math.max(longest, plainText(column.at(row)).length);
    }
    const wanted = Math.max(longest * CHARACTER_WIDTH, column.name.length * CHARACTER_WIDTH + SORT_MARK);
    return Math.round(Math.max(MIN_COLUMN_WIDTH, Math.min(MAX_AUTOMATIC_WIDTH, wanted + CELL_PADDING)));
  });
}

export function indexWidth(table: TableData): number {
  let longest = 2;
  for (const row of [0, 1, 2, 3, Math.floor(table.rowCount / 2), table.rowCount - 1]) {
    if (row >= 0 && row < table.rowCount) longest = Math.max(longest, table.indexLabel(row).length);
  }
  return Math.round(Math.min(200, Math.max(48, longest * CHARACTER_WIDTH + CELL_PADDING)));
}
