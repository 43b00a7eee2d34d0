import { fill, texts } from "../../core/texts";

type Json = Record<string, unknown>;

export interface ChartTable {
  caption: string;
  head: string[];
  rows: string[][];
}

/** More than this is no table to listen to. */
const MAX_POINTS = 200;

/** The traces as tables for those who cannot see the chart; traces without x and y have none. */
export function readTables(traces: readonly Json[]): ChartTable[] {
  return traces.flatMap((trace, at): ChartTable[] => {
    const [head, first, second] = readAxes(trace);
    if (!first || !second || first.length === 0 || first.length > MAX_POINTS) return [];
    const name =
      typeof trace["name"] === "string" && trace["name"] !== ""
        ? trace["name"]
        : fill(texts.seriesNumber, { number: at + 1 });
    return [{ caption: name, head, rows: first.map((value, row) => [value, second[row] ?? ""]) }];
  });
}

function readAxes(trace: Json): [string[], string[] | null, string[] | null] {
  if (Array.isArray(trace["labels"]))
    return [[texts.name, texts.value], written(trace["labels"]), written(trace["values"])];
  return [["x", "y"], written(trace["x"]), written(trace["y"])];
}

/** Lists arrive as JSON or, from newer plotly.py, as packed numbers. */
function written(value: unknown): string[] | null {
  if (Array.isArray(value))
    return value.map((item) => (typeof item === "object" ? JSON.stringify(item) : String(item)));
  const packed = value as { dtype?: unknown; bdata?: unknown } | null | undefined;
  if (typeof packed?.dtype !== "string" || typeof packed.bdata !== "string") return null;
  const make = ARRAYS[packed.dtype];
  if (!make) return null;
  const bytes = Uint8Array.from(atob(packed.bdata), (char) => char.charCodeAt(0));
  return Array.from(make(bytes.buffer), String);
}

const ARRAYS: Record<string, (buffer: ArrayBuffer) => ArrayLike<number>> = {
  i1: (buffer) => new Int8Array(buffer),
  u1: (buffer) => new Uint8Array(buffer),
  i2: (buffer) => new Int16Array(buffer),
  u2: (buffer) => new Uint16Array(buffer),
  i4: (buffer) => new Int32Array(buffer),
  u4: (buffer) => new Uint32Array(buffer),
  f4: (buffer) => new Float32Array(buffer),
  f8: (buffer) => new Float64Array(buffer),
};
