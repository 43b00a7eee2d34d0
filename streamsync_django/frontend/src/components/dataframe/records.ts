import type { TableColumn, TableData } from "./table";

export type DataRecord = Record<string, unknown>;

/** Bigints travel as `"12n"`; the server makes integers of them again. */
export function recordOf(table: TableData, row: number): DataRecord {
  const record: DataRecord = {};
  for (const column of table.columns) {
    if (!column.isIndex) record[column.name] = toWire(column.at(row));
  }
  return record;
}

/** A new record has the emptiest value of each column's type. */
export function emptyRecord(table: TableData): DataRecord {
  const record: DataRecord = {};
  for (const column of table.columns) {
    if (!column.isIndex) record[column.name] = emptyValue(column);
  }
  return record;
}

export function toWire(value: unknown): unknown {
  if (typeof value === "bigint") return `${value}n`;
  if (value instanceof Date) return value.toISOString();
  if (value === undefined || (typeof value === "number" && !Number.isFinite(value))) return null;
  return value;
}

/** Read what was typed into a cell; undefined means it is no value of that column. */
export function parseCell(text: string, column: TableColumn, before: unknown): unknown {
  if (column.kind !== "number") return text;
  if (text.trim() === "") return null;
  const value = Number(text);
  // A number would round what has more digits than it can hold.
  const isExact = typeof before === "bigint" || !Number.isSafeInteger(value);
  if (isExact && /^-?\d+$/.test(text.trim())) return BigInt(text.trim());
  return Number.isFinite(value) ? value : undefined;
}

/** Show changed and added records over the table as it was sent, until the next one arrives. */
export function withEdits(
  table: TableData,
  changed: ReadonlyMap<number, DataRecord>,
  added: readonly DataRecord[],
): TableData {
  if (changed.size === 0 && added.length === 0) return table;
  const columns = table.columns.map((column): TableColumn => ({
    ...column,
    at(row) {
      const edit = row >= table.rowCount ? added[row - table.rowCount] : changed.get(row);
      return edit && column.name in edit ? edit[column.name] : row < table.rowCount ? column.at(row) : null;
    },
  }));
  return {
    ...table,
    columns,
    rowCount: table.rowCount + added.length,
    indexLabel: (row) => (row < table.rowCount ? table.indexLabel(row) : String(row)),
  };
}

function emptyValue(column: TableColumn): unknown {
  if (column.kind === "number") return typeof column.at(0) === "bigint" ? 0n : 0;
  if (column.kind === "boolean") return false;
  return column.kind === "object" ? {} : "";
}
