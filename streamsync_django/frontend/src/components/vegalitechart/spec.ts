import type { FigureTheme } from "../parts/useFigureTheme";

export type Json = Record<string, unknown>;

export interface Chart {
  /** A copy: the library writes into what it is given, and the specification is part of the state. */
  readonly spec: Json;
  readonly title: string;
  /** It grows and shrinks with its place. */
  readonly isFluid: boolean;
  /** What authors may set through `usermeta.embedOptions`. */
  readonly actions: unknown;
}

const COMPOSITIONS = ["hconcat", "vconcat", "concat", "repeat", "facet"];

/** Read a specification; a text says why it is none. */
export function readChart(given: unknown): Chart | string {
  if (!isObject(given)) return "The chart's specification must be an object, as Altair's to_dict() makes it.";
  const spec = toPlain(given);
  const isVega = typeof spec["$schema"] === "string" && /\/vega\/v\d/.test(spec["$schema"]);
  if (!isVega && !["mark", "layer", ...COMPOSITIONS].some((key) => key in spec)) {
    return "The chart's specification says neither what to draw (“mark”, “layer”) nor what to put together (“concat”, “facet” …).";
  }
  const isFluid = !isVega && !COMPOSITIONS.some((key) => key in spec) && !hasOwnWidth(spec);
  if (isFluid) {
    spec["width"] = "container";
    spec["autosize"] ??= { type: "fit-x", contains: "padding" };
  }
  // Of which year's version it is makes no difference, and is no news to visitors' consoles.
  if (!isVega) delete spec["$schema"];
  const options = isObject(spec["usermeta"]) ? spec["usermeta"]["embedOptions"] : undefined;
  delete spec["usermeta"];
  return { spec, title: titleOf(spec), isFluid, actions: isObject(options) ? options["actions"] : undefined };
}

/** `row` and `column` make small charts in a row, which have a size each. */
function hasOwnWidth(spec: Json): boolean {
  const encoding = isObject(spec["encoding"]) ? spec["encoding"] : {};
  const isFaceted = ["row", "column", "facet"].some((channel) => channel in encoding);
  return isFaceted || (spec["width"] !== undefined && spec["width"] !== "container");
}

function titleOf(spec: Json): string {
  const title = isObject(spec["title"]) ? spec["title"]["text"] : spec["title"];
  const lines = Array.isArray(title) ? title.join(" ") : title;
  if (typeof lines === "string" && lines !== "") return lines;
  return typeof spec["description"] === "string" && spec["description"] !== "" ? spec["description"] : "";
}

/** The page's look under the specification's own `config`. */
export function chartConfig(theme: FigureTheme, xLabelsLean = true): Json {
  const label = { labelColor: theme.faintText, labelFontSize: 12, labelFont: theme.fontFamily };
  const title = {
    titleColor: theme.faintText,
    titleFontSize: 13,
    titleFontWeight: 500,
    titleFont: theme.fontFamily,
  };
  const mainColor = theme.palette[0];
  return {
    background: "transparent",
    font: theme.fontFamily,
    view: { stroke: "transparent", continuousHeight: 300, discreteHeight: 300 },
    axis: {
      ...label,
      ...title,
      gridColor: theme.grid,
      domainColor: theme.grid,
      tickColor: theme.grid,
      titlePadding: 10,
      labelPadding: 6,
    },
    axisXDiscrete: xLabelsLean
      ? { labelAngle: -35, labelAlign: "right", labelBaseline: "middle" }
      : { labelAngle: 0 },
    legend: { ...label, ...title, labelColor: theme.text, symbolStrokeWidth: 2 },
    header: { ...label, ...title },
    title: {
      color: theme.text,
      subtitleColor: theme.faintText,
      font: theme.fontFamily,
      fontSize: 16,
      fontWeight: 600,
      anchor: "start",
      offset: 12,
    },
    mark: { color: mainColor },
    bar: { cornerRadiusEnd: 2 },
    line: { strokeWidth: 2 },
    rule: { color: theme.faintText },
    text: { color: theme.text, font: theme.fontFamily },
    range: { category: [...theme.palette] },
  };
}

function toPlain(value: Json): Json {
  return JSON.parse(JSON.stringify(value)) as Json;
}

function isObject(value: unknown): value is Json {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
