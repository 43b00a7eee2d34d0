type Json = Record<string, unknown>;

const POINT_KEYS = [
  "curveNumber",
  "pointNumber",
  "pointNumbers",
  "x",
  "y",
  "z",
  "label",
  "lat",
  "lon",
] as const;

/** What an event tells about points: values only, no reference into the chart; null without points. */
export function reducePoints(event: unknown): Json[] | null {
  const points = (event as { points?: unknown } | null | undefined)?.points;
  if (!Array.isArray(points)) return null;
  return points.map((point: unknown) => reducePoint(point as Json));
}

function reducePoint(point: Json): Json {
  const reduced: Json = {};
  for (const key of POINT_KEYS) {
    const value = plain(point[key]);
    if (value !== undefined && value !== null) reduced[key] = value;
  }
  for (const key of ["xaxis", "yaxis"]) {
    const anchor = (point[key] as Json | undefined)?.["anchor"];
    if (typeof anchor === "string") reduced[key] = { anchor };
  }
  return reduced;
}

function plain(value: unknown): unknown {
  if (value instanceof Date) return value.toISOString();
  if (Array.isArray(value)) return value.map(plain);
  if (typeof value === "number") return Number.isFinite(value) ? value : undefined;
  return typeof value === "string" || typeof value === "boolean" ? value : undefined;
}
