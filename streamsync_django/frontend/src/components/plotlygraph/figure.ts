import type { FigureTheme } from "../parts/useFigureTheme";

export type Json = Record<string, unknown>;

export interface Figure {
  data: Json[];
  layout: Json;
  config: Json;
  frames: Json[] | undefined;
}

/** Read a figure; a text says why it is none. */
export function readFigure(spec: unknown): Figure | string {
  if (!isObject(spec))
    return "The chart's specification must be a Plotly figure: an object with “data” and “layout”.";
  const data = spec["data"] ?? [];
  if (!Array.isArray(data) || !data.every(isObject)) return "“data” of the chart must be a list of traces.";
  const layout = spec["layout"] ?? {};
  if (!isObject(layout)) return "“layout” of the chart must be an object.";
  const config = isObject(spec["config"]) ? spec["config"] : {};
  const frames = Array.isArray(spec["frames"]) ? spec["frames"].filter(isObject) : undefined;
  return { data, layout, config, frames };
}

/**
 * Put the page's look under the figure's own layout. Everything goes into the layout's template,
 * which Plotly itself puts under what the author wrote. A template the author chose stays as it
 * is; Plotly's default one keeps its colours for data and takes the page's for the rest.
 */
export function themedLayout(layout: Json, theme: FigureTheme, isNarrow = false): Json {
  const template = isObject(layout["template"]) ? layout["template"] : null;
  const own = isObject(template?.["layout"]) ? template["layout"] : {};
  if (template && Object.keys(own).length > 0 && !isDefaultTemplate(own)) {
    return { ...layout, font: merge({ family: theme.fontFamily }, asObject(layout["font"])) };
  }
  const recolored = asObject(template ? recolor(template, theme) : {});
  const look = merge(asObject(recolored["layout"]), pageLook(theme));
  if (Array.isArray(own["colorway"])) look["colorway"] = own["colorway"];
  if (isNarrow) look["legend"] = merge(asObject(look["legend"]), NARROW_LEGEND);
  const themed: Json = { ...layout, template: { ...recolored, layout: look } };
  if (!isObject(layout["margin"]) && !hasOwnMargin(own)) themed["margin"] = defaultMargin(layout);
  return themed;
}

/** plotly.py sends its default template with every figure. */
export function isDefaultTemplate(layout: Json): boolean {
  return String(layout["plot_bgcolor"]).toLowerCase() === "#e5ecf6";
}

/** Beside a narrow chart a legend would take half of it. */
const NARROW_LEGEND: Json = { orientation: "h", x: 0, xanchor: "left", y: -0.25, yanchor: "top" };

function pageLook(theme: FigureTheme): Json {
  const axis = {
    gridcolor: theme.grid,
    linecolor: theme.grid,
    zerolinecolor: theme.grid,
    zerolinewidth: 1,
    automargin: true,
    tickfont: { color: theme.faintText },
    title: { standoff: 12, font: { color: theme.faintText, size: 13 } },
  };
  const clear = "rgba(0,0,0,0)";
  return {
    font: { family: theme.fontFamily, size: 12, color: theme.text },
    title: { font: { size: 16 }, x: 0, xref: "paper", xanchor: "left" },
    paper_bgcolor: clear,
    plot_bgcolor: clear,
    colorway: [...theme.palette],
    xaxis: axis,
    yaxis: axis,
    polar: { bgcolor: clear, angularaxis: axis, radialaxis: axis },
    ternary: { bgcolor: clear },
    scene: { xaxis: sceneAxis(theme), yaxis: sceneAxis(theme), zaxis: sceneAxis(theme) },
    geo: { bgcolor: clear, lakecolor: clear, landcolor: theme.grid },
    legend: { bgcolor: clear, font: { color: theme.text } },
    hoverlabel: {
      bgcolor: theme.surface,
      // The name of a trace is written on it, in the colour of the trace.
      bordercolor: theme.line,
      font: { color: theme.text, family: theme.fontFamily },
    },
    modebar: { bgcolor: theme.surface, color: theme.faintText, activecolor: theme.text },
  };
}

function sceneAxis(theme: FigureTheme): Json {
  return {
    backgroundcolor: "rgba(0,0,0,0)",
    gridcolor: theme.grid,
    linecolor: theme.grid,
    zerolinecolor: theme.grid,
  };
}

/** The colours that Plotly's default template draws frames, texts and outlines with. */
function recolor(value: unknown, theme: FigureTheme): unknown {
  if (typeof value === "string") {
    const lower = value.toLowerCase();
    if (lower === "#e5ecf6") return theme.surface;
    if (lower === "#2a3f5f") return theme.text;
    if (["#c8d4e3", "#ebf0f8", "#dfe8f3", "#a2b1c6"].includes(lower)) return theme.grid;
    return value;
  }
  if (Array.isArray(value)) return value.map((item) => recolor(item, theme));
  if (!isObject(value)) return value;
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, recolor(item, theme)]));
}

function defaultMargin(layout: Json): Json {
  const title = layout["title"];
  const hasTitle = typeof title === "string" ? title !== "" : isObject(title) && Boolean(title["text"]);
  return { l: 48, r: 16, t: hasTitle ? 48 : 16, b: 40 };
}

function hasOwnMargin(templateLayout: Json): boolean {
  return isObject(templateLayout["margin"]);
}

/** Merge plain objects at every depth; the second wins. */
export function merge(under: Json, over: Json): Json {
  const merged: Json = { ...under };
  for (const [key, value] of Object.entries(over)) {
    const before = merged[key];
    merged[key] = isObject(before) && isObject(value) ? merge(before, value) : value;
  }
  return merged;
}

function asObject(value: unknown): Json {
  return isObject(value) ? value : {};
}

function isObject(value: unknown): value is Json {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
