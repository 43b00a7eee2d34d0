import { Binary } from "../../core/values";
import { tableFromPlain } from "./plainTable";
import { EMPTY_TABLE, type TableData } from "./table";

/** Said to developers in the table's place: the value is wrong, and asking for it again would not help. */
export class UnreadableTable extends Error {}

/** Make a table of whatever the field holds: Arrow bytes, rows, columns, JSON of these, a data URL. */
export async function readTable(value: unknown): Promise<TableData> {
  if (value === null || value === undefined || value === "") return EMPTY_TABLE;
  if (value instanceof Binary) return decode(await value.bytes());
  if (typeof value === "string") return readText(value.trim());
  const table = tableFromPlain(value);
  if (table) return table;
  throw new UnreadableTable("The data must be a data frame, a list of rows or an object of columns.");
}

async function readText(text: string): Promise<TableData> {
  const base64 = /^data:application\/vnd\.apache\.arrow\.[a-z]+;base64,(.*)$/s.exec(text)?.[1];
  if (base64 !== undefined) return decode(fromBase64(base64));
  let parsed: unknown;
  try {
    parsed = JSON.parse(text);
  } catch {
    throw new UnreadableTable(
      "The text in “Data” is neither a table nor JSON. Write a template such as @{table}.",
    );
  }
  const table = typeof parsed === "string" ? null : tableFromPlain(parsed);
  if (table) return table;
  throw new UnreadableTable("The JSON in “Data” is neither a list of rows nor an object of columns.");
}

function fromBase64(text: string): Uint8Array {
  try {
    return Uint8Array.from(atob(text), (char) => char.charCodeAt(0));
  } catch (error) {
    throw new UnreadableTable(`The data URL could not be read: ${String(error)}`);
  }
}

async function decode(bytes: Uint8Array): Promise<TableData> {
  const { tableFromArrow } = await import("./arrowTable");
  try {
    return tableFromArrow(bytes);
  } catch (error) {
    throw new UnreadableTable(`The Arrow data could not be read: ${String(error)}`);
  }
}
