import { plainText } from "./cellText";
import type { TableData } from "./table";

/** Write the given rows as CSV (RFC 4180); the index comes first when it is shown. */
export function writeCsv(table: TableData, rows: readonly number[], withIndex: boolean): string {
  const columns = table.columns.filter((column) => !column.hidden);
  const head = columns.map((column) => column.name);
  const lines = [withIndex ? ["", ...head] : head];
  for (const row of rows) {
    const cells = columns.map((column) => plainText(column.at(row)));
    lines.push(withIndex ? [table.indexLabel(row), ...cells] : cells);
  }
  return lines.map((cells) => cells.map(quote).join(",")).join("\r\n") + "\r\n";
}

/** The byte order mark makes spreadsheets read the file as UTF-8, whatever its alphabet. */
export function csvBlob(csv: string): Blob {
  return new Blob(["\ufeff", csv], { type: "text/csv;charset=utf-8" });
}

function quote(cell: string): string {
  return /[",\r\n]/.test(cell) ? `"${cell.replaceAll('"', '""')}"` : cell;
}
