import type { TableColumn } from "./table";

/** pandas names an index without a name like this; such a column is no column to its author. */
const UNNAMED_INDEX = /^__index_level_\d+__$/;

interface RangeIndex {
  kind: "range";
  start: number;
  step: number;
}

export type IndexPart = { column: string } | RangeIndex;

/** Read which columns of an Arrow table are the index of a pandas data frame. */
export function readIndexParts(pandasMetadata: string | undefined): IndexPart[] {
  const metadata = parseObject(pandasMetadata);
  const parts = metadata?.["index_columns"];
  if (!Array.isArray(parts)) return [];
  return parts.flatMap((part: unknown): IndexPart[] => {
    if (typeof part === "string") return [{ column: part }];
    return isRange(part) ? [{ kind: "range", start: part.start, step: part.step }] : [];
  });
}

export function isUnnamedIndex(name: string): boolean {
  return UNNAMED_INDEX.test(name);
}

/** Join the index values of a row as `a, b`; without an index it is the row's number. */
export function makeIndexLabel(
  parts: IndexPart[],
  columns: TableColumn[],
  format: (value: unknown) => string,
): (row: number) => string {
  const readers = parts.flatMap((part): ((row: number) => unknown)[] => {
    if ("kind" in part) return [(row) => part.start + row * part.step];
    const column = columns.find((candidate) => candidate.name === part.column);
    return column ? [(row) => column.at(row)] : [];
  });
  if (readers.length === 0) return String;
  return (row) => readers.map((read) => format(read(row))).join(", ");
}

function isRange(part: unknown): part is RangeIndex {
  if (typeof part !== "object" || part === null) return false;
  const { kind, start, step } = part as Record<string, unknown>;
  return kind === "range" && typeof start === "number" && typeof step === "number";
}

function parseObject(text: string | undefined): Record<string, unknown> | null {
  if (!text) return null;
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === "object" && value !== null ? (value as Record<string, unknown>) : null;
  } catch {
    return null;
  }
}
