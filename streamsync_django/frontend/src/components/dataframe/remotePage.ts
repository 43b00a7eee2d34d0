import { guessKind, type TableColumn, type TableData } from "./table";

/** Some rows as the server answers: without the column of their numbers. */
export interface RemotePage {
  table: TableData;
  /** Each row's number in the whole table; null where the server cannot tell. */
  numbers: (number | null)[];
}

/** Read an answer by its type: Arrow from data frames, JSON from a database. */
export async function readPage(mime: string, bytes: Uint8Array): Promise<RemotePage> {
  if (mime.startsWith("application/json")) return readJson(bytes);
  const { tableFromArrow } = await import("./arrowTable");
  const table = tableFromArrow(bytes);
  const last = table.columns.at(-1);
  const numbers = Array.from({ length: table.rowCount }, (_, row) => Number(last?.at(row)));
  return { table: { ...table, columns: table.columns.slice(0, -1) }, numbers };
}

interface JsonRows {
  columns: string[];
  rows: unknown[][];
  numbers: (number | null)[];
}

function readJson(bytes: Uint8Array): RemotePage {
  const { columns: names, rows, numbers } = JSON.parse(new TextDecoder().decode(bytes)) as JsonRows;
  const columns = names.map((name, place): TableColumn => {
    const at = (row: number): unknown => rows[row]?.[place];
    return { name, kind: guessKind(at, rows.length), hidden: false, isIndex: false, at };
  });
  return { table: { columns, rowCount: rows.length, indexLabel: String }, numbers };
}
