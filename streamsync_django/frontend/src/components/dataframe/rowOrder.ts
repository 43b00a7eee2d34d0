import { locale } from "../../core/texts";
import { plainText } from "./cellText";
import { type Filters, makeTest } from "./filters";
import type { TableColumn, TableData } from "./table";

export type SortDirection = "ascending" | "descending";
export interface Sort {
  column: number;
  direction: SortDirection;
}

/** Ascending, then descending, then as it came; another column starts over. */
export function nextSort(sort: Sort | null, column: number): Sort | null {
  if (sort?.column !== column) return { column, direction: "ascending" };
  return sort.direction === "ascending" ? { column, direction: "descending" } : null;
}

/** Return the row numbers to show, in order: those that pass the filters and the search finds, sorted. */
export function orderRows(
  table: TableData,
  search: string,
  sort: Sort | null,
  filters: Filters = new Map(),
): number[] {
  const rows = findRows(table, search, filters);
  const column = sort ? table.columns[sort.column] : undefined;
  if (!sort || !column) return rows;
  const compare = comparer(column);
  const sign = sort.direction === "ascending" ? 1 : -1;
  return rows.sort((a, b) => {
    const emptyA = isEmpty(column.at(a));
    const emptyB = isEmpty(column.at(b));
    // Empty cells come last in both directions: nobody sorts to see them.
    if (emptyA || emptyB) return Number(emptyA) - Number(emptyB) || a - b;
    return sign * compare(a, b) || a - b;
  });
}

/** Find by plain text, or by regular expression when it is written `/…/`; case never matters. */
export function makeMatcher(search: string): (text: string) => boolean {
  const text = search.trim();
  const expression = /^\/(.+)\/$/.exec(text)?.[1];
  if (expression !== undefined) {
    try {
      const regex = new RegExp(expression, "iu");
      return (cell) => regex.test(cell);
    } catch {
      // A half-typed expression searches for its own characters.
    }
  }
  const needle = text.toLocaleLowerCase(locale);
  return (cell) => cell.toLocaleLowerCase(locale).includes(needle);
}

function findRows(table: TableData, search: string, filters: Filters): number[] {
  let rows = Array.from({ length: table.rowCount }, (_, row) => row);
  for (const column of table.columns) {
    const filter = filters.get(column.name);
    if (filter) rows = rows.filter(makeTest(column, filter));
  }
  if (search.trim() === "") return rows;
  const matches = makeMatcher(search);
  const columns = table.columns.filter((column) => !column.hidden);
  return rows.filter((row) => columns.some((column) => matches(plainText(column.at(row)))));
}

function comparer(column: TableColumn): (a: number, b: number) => number {
  if (column.kind === "number" || column.kind === "boolean" || column.kind === "date") {
    return (a, b) => {
      const x = column.at(a) as number;
      const y = column.at(b) as number;
      return x < y ? -1 : x > y ? 1 : 0;
    };
  }
  const collator = new Intl.Collator(locale, { numeric: true, sensitivity: "base" });
  return (a, b) => collator.compare(plainText(column.at(a)), plainText(column.at(b)));
}

function isEmpty(value: unknown): boolean {
  return value === null || value === undefined || (typeof value === "number" && Number.isNaN(value));
}
