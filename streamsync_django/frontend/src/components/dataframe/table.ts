import type { IndexPart } from "./pandasIndex";

/** What the table shows, whatever it was decoded from. Cells are read by row and never copied. */
export type ColumnKind = "number" | "boolean" | "date" | "text" | "object";

export interface TableColumn {
  name: string;
  kind: ColumnKind;
  /** A column that only carries the index of the data frame is not shown among the others. */
  hidden: boolean;
  /** Index columns are left out of the records sent with events. */
  isIndex: boolean;
  at: (row: number) => unknown;
}

export interface TableData {
  columns: TableColumn[];
  rowCount: number;
  /** The text in the index cell of a row. */
  indexLabel: (row: number) => string;
  /** Rows that can be read at once, where not all of them can. */
  atHand?: number;
  /** Where the index comes from, if it is not the row's number. */
  indexParts?: IndexPart[];
}

export const EMPTY_TABLE: TableData = { columns: [], rowCount: 0, indexLabel: String };

/** The kind most of a column's first values have; one text among numbers makes it text. */
export function guessKind(at: (row: number) => unknown, rowCount: number): ColumnKind {
  const kinds = new Set<ColumnKind>();
  for (let row = 0; row < Math.min(rowCount, 200); row++) {
    const value = at(row);
    if (value !== null && value !== undefined) kinds.add(kindOf(value));
    if (kinds.size > 1) return kinds.has("text") ? "text" : "object";
  }
  const [only] = kinds;
  return only ?? "text";
}

export function kindOf(value: unknown): ColumnKind {
  if (typeof value === "number" || typeof value === "bigint") return "number";
  if (typeof value === "boolean") return "boolean";
  if (value instanceof Date) return "date";
  return typeof value === "object" && value !== null ? "object" : "text";
}
