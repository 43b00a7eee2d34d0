import { type TableColumn, type TableData, guessKind } from "./table";

/** Make a table of rows (`[{a: 1}]`), of columns (`{a: [1]}` or `{a: {row: 1}}`), or say null. */
export function tableFromPlain(value: unknown): TableData | null {
  if (Array.isArray(value)) return tableFromRows(value);
  if (!isObject(value)) return null;
  const inner = isObject(value["data"]) && "metadata" in value ? value["data"] : value;
  return tableFromColumns(inner);
}

function tableFromRows(rows: unknown[]): TableData | null {
  if (rows.length > 0 && rows.every(Array.isArray)) {
    const width = Math.max(...rows.map((row: unknown[]) => row.length));
    return build(
      Array.from({ length: width }, (_, at) => [String(at), (row) => (rows[row] as unknown[])[at]]),
      rows.length,
      String,
    );
  }
  if (!rows.every(isObject)) return null;
  const names = new Set<string>();
  for (const row of rows) for (const name of Object.keys(row)) names.add(name);
  return build(
    [...names].map((name) => [name, (row) => rows[row]?.[name]]),
    rows.length,
    String,
  );
}

function tableFromColumns(columns: Record<string, unknown>): TableData | null {
  const entries = Object.entries(columns);
  if (entries.length > 0 && entries.every(([, cells]) => Array.isArray(cells))) {
    const arrays = entries as [string, unknown[]][];
    const length = Math.max(...arrays.map(([, cells]) => cells.length));
    return build(
      arrays.map(([name, cells]) => [name, (row) => cells[row]]),
      length,
      String,
    );
  }
  if (!entries.every(([, cells]) => isObject(cells))) return null;
  const labels = new Set<string>();
  for (const [, cells] of entries) for (const label of Object.keys(cells as object)) labels.add(label);
  const rowLabels = [...labels];
  return build(
    entries.map(([name, cells]) => [name, (row) => (cells as Record<string, unknown>)[rowLabels[row] ?? ""]]),
    rowLabels.length,
    (row) => rowLabels[row] ?? "",
  );
}

function build(
  readers: [string, (row: number) => unknown][],
  rowCount: number,
  indexLabel: (row: number) => string,
): TableData {
  const columns = readers.map(([name, at]): TableColumn => ({
    name,
    kind: guessKind(at, rowCount),
    hidden: false,
    isIndex: false,
    at,
  }));
  return { columns, rowCount, indexLabel };
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
