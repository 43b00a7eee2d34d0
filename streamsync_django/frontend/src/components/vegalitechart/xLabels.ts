import type { Json } from "./spec";

/** About how wide a letter is at the size of axis labels, and what stays free between two. */
const LETTER = 7;
const GAP = 12;
/** What the other axis takes of the chart's width. */
const OTHER_AXIS = 60;

/** Whether the names along the horizontal axis would not fit beside each other; unknown ones lean, to be safe. */
export function xLabelsLean(spec: Json, width: number): boolean {
  const names = discreteNames(spec);
  if (names === null) return true;
  const widest = Math.max(0, ...names.map((name) => name.length));
  return (widest * LETTER + GAP) * names.length > width - OTHER_AXIS;
}

/** The different values along a discrete axis, where the chart brings its data along. */
function discreteNames(spec: Json): string[] | null {
  const x = encodingOf(spec)["x"];
  if (!isObject(x) || typeof x["field"] !== "string") return null;
  const field = x["field"];
  const rows = rowsOf(spec);
  if (!rows?.some((row) => field in row)) return null;
  return [...new Set(rows.map((row) => String(row[field])))];
}

function encodingOf(spec: Json): Json {
  const first = Array.isArray(spec["layer"]) ? (spec["layer"] as unknown[])[0] : undefined;
  const encoding = spec["encoding"] ?? (isObject(first) ? first["encoding"] : undefined);
  return isObject(encoding) ? encoding : {};
}

/** Altair puts the rows beside the chart, under a name. */
function rowsOf(spec: Json): Json[] | null {
  if (spec["transform"] !== undefined || !isObject(spec["data"])) return null;
  const { name, values } = spec["data"];
  const named = isObject(spec["datasets"]) && typeof name === "string" ? spec["datasets"][name] : undefined;
  const rows = values ?? named;
  return Array.isArray(rows) ? rows.filter(isObject) : null;
}

function isObject(value: unknown): value is Json {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
