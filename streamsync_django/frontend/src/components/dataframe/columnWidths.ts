import type { CellFormat } from "./cellText";
import { isCoarse } from "./coarse";
import type { TableData } from "./table";

export const MIN_COLUMN_WIDTH = 80;
const MAX_AUTOMATIC_WIDTH = 300;
const SAMPLE_ROWS = 60;
const CELL_PADDING = 24;
const SORT_MARK = 18;
/** What the button of the filter needs beside the cell's padding. */
const FILTER_BUTTON = isCoarse ? 48 : 28;
/** As in the stylesheet. */
const MONOSPACE = "ui-monospace, SFMono-Regular, Menlo, Consolas, monospace";

/** Widths from the names and rows from all over the table, so that a column need not be measured in the page. */
export function automaticWidths(
  table: TableData,
  format: CellFormat,
  measure: Measure,
  hasFilters = false,
): number[] {
  const marks = SORT_MARK + (hasFilters ? FILTER_BUTTON : 0);
  const sample = sampleRows(table);
  return table.columns.map((column) => {
    let longest = 0;
    for (const row of sample) {
      longest = Math.max(longest, measure(format(column.at(row), column.kind)));
    }
    const wanted = Math.max(longest, measure(column.name) + marks);
    return Math.round(Math.max(MIN_COLUMN_WIDTH, Math.min(MAX_AUTOMATIC_WIDTH, wanted + CELL_PADDING)));
  });
}

function sampleRows(table: TableData): number[] {
  const rowCount = table.atHand ?? table.rowCount;
  const stride = Math.max(1, (rowCount - 1) / (SAMPLE_ROWS - 1));
  const count = Math.min(rowCount, SAMPLE_ROWS);
  return Array.from({ length: count }, (_, at) => Math.round(at * stride));
}

export function indexWidth(table: TableData, measure: Measure): number {
  let longest = 16;
  const rows = sampleRows(table);
  if (table.atHand !== undefined && !table.indexParts?.length) rows.push(table.rowCount);
  for (const row of rows) longest = Math.max(longest, measure(table.indexLabel(row)));
  return Math.round(Math.min(200, Math.max(48, longest + CELL_PADDING)));
}

export type Measure = (text: string) => number;

/** Measure texts in an element's font, without touching the layout of the page. */
export function makeMeasure(element: Element | null, isMonospace = false): Measure {
  const context = element ? document.createElement("canvas").getContext("2d") : null;
  if (!element || !context) return (text) => text.length * 8.2;
  const { fontSize, fontFamily, fontWeight } = getComputedStyle(element);
  context.font = isMonospace ? `13px ${MONOSPACE}` : `${fontWeight} ${fontSize} ${fontFamily}`;
  return (text) => context.measureText(text.slice(0, 80)).width + 1;
}
