import { locale } from "../../core/texts";
import { plainText } from "./cellText";
import type { ColumnKind, TableColumn } from "./table";

/** A value that can be ticked in a column's menu. */
export type Choice = string | number | boolean;

/** What the cells of one column must be, as the menu has it; all that is given must hold. */
export interface ColumnFilter {
  contains: string;
  /** Numbers or ISO days as they stand in inputs; both ends belong to the range. */
  from: string;
  to: string;
  /** Nothing ticked asks for nothing. */
  among: readonly Choice[];
  cells: "all" | "empty" | "filled";
}

export const NO_FILTER: ColumnFilter = { contains: "", from: "", to: "", among: [], cells: "all" };

/** Filters by the name of their column: they outlive new data. */
export type Filters = ReadonlyMap<string, ColumnFilter>;

/** What a column's menu offers; the server tells it of a table that is there. */
export interface ColumnFacts {
  kind: Exclude<ColumnKind, "object"> | "other";
  /** Its different values in order, where they are few. */
  choices: Choice[] | null;
  least: number | string | null;
  most: number | string | null;
}

/** As many, and as long, as the server offers. */
const MAX_CHOICES = 30;
const MAX_CHOICE_LENGTH = 60;
const DAY_MS = 86_400_000;

export function asksForNothing(filter: ColumnFilter): boolean {
  const { contains, from, to, among, cells } = filter;
  return contains === "" && from === "" && to === "" && among.length === 0 && cells === "all";
}

/** Write a filter as the server reads it. */
export function wireOf(column: string, filter: ColumnFilter): string {
  return JSON.stringify({
    column,
    ...(filter.contains === "" ? {} : { contains: filter.contains }),
    ...(filter.from === "" ? {} : { from: bound(filter.from) }),
    ...(filter.to === "" ? {} : { to: bound(filter.to) }),
    ...(filter.among.length === 0 ? {} : { among: filter.among }),
    ...(filter.cells === "all" ? {} : { empty: filter.cells === "empty" }),
  });
}

/** Make the test that a column's cells must pass. */
export function makeTest(column: TableColumn, filter: ColumnFilter): (row: number) => boolean {
  const needle = filter.contains.toLocaleLowerCase(locale);
  const least = filter.from === "" ? null : moment(bound(filter.from));
  const most = filter.to === "" ? null : moment(bound(filter.to)) + (isDay(filter.to) ? DAY_MS - 1 : 0);
  const among = new Set<unknown>(filter.among);
  return (row) => {
    const value = column.at(row);
    if (filter.cells !== "all" && isEmptyCell(value) !== (filter.cells === "empty")) return false;
    if (among.size > 0 && !among.has(value)) return false;
    if (needle !== "" && !plainText(value).toLocaleLowerCase(locale).includes(needle)) return false;
    if (least === null && most === null) return true;
    if (isEmptyCell(value)) return false;
    const size = Number(value);
    return (least === null || size >= least) && (most === null || size <= most);
  };
}

/** Find out what a column of a table that is here can be filtered by. */
export function factsOf(column: TableColumn, rowCount: number): ColumnFacts {
  const kind = column.kind === "object" ? "other" : column.kind;
  const isRange = kind === "number" || kind === "date";
  const found = new Set<unknown>();
  let [least, most] = [Infinity, -Infinity];
  for (let row = 0; row < rowCount; row++) {
    const value = column.at(row);
    if (isEmptyCell(value)) continue;
    if (found.size <= MAX_CHOICES) found.add(value);
    if (isRange) [least, most] = [Math.min(least, Number(value)), Math.max(most, Number(value))];
  }
  const values = [...found];
  const mayChoose = kind !== "other" && values.length <= MAX_CHOICES && values.every(isChoice);
  const edge = (at: number): number | string | null =>
    !Number.isFinite(at) ? null : kind === "date" ? new Date(at).toISOString().slice(0, 10) : at;
  return {
    kind,
    choices: mayChoose ? values.sort(inOrder) : null,
    least: edge(least),
    most: edge(most),
  };
}

/** Missing, not a number, no characters: what the table shows as a dash. */
export function isEmptyCell(value: unknown): boolean {
  return value === null || value === undefined || value === "" || Number.isNaN(value);
}

function isChoice(value: unknown): value is Choice {
  if (typeof value === "string") return value.length <= MAX_CHOICE_LENGTH;
  return typeof value === "boolean" || Number.isSafeInteger(value);
}

function inOrder(a: Choice, b: Choice): number {
  if (typeof a === "string" && typeof b === "string") return a.localeCompare(b, locale);
  return Number(a) - Number(b);
}

function bound(text: string): number | string {
  return isDay(text) ? text : Number(text);
}

function isDay(text: string): boolean {
  return /^\d{4,6}-\d\d-\d\d$/.test(text);
}

function moment(edge: number | string): number {
  return typeof edge === "number" ? edge : Date.parse(`${edge}T00:00:00Z`);
}
