/** How much room a component will take, as far as its fields tell before its code has come. */

import type { ComponentHandle } from "../components/contract";
import { readOptions } from "../components/parts/options";

type Read = Pick<ComponentHandle, "type" | "text" | "number" | "boolean" | "object">;

/** 13 px of text at 1.5, and the gap below. */
const LABEL = "25.5px";
const FIELD = "var(--ss-control-height)";
const MAP = "min(420px, 70vh)";

/** Without label. Where only data tells how tall something is, this is what most have. */
const HEIGHTS: Record<string, string | ((component: Read) => string)> = {
  annotatedtext: "27px",
  avatar: ({ text }) => ({ small: "28px", large: "72px" })[text("size")] ?? "40px",
  chatbot: "320px",
  checkboxinput: choices,
  dataframe: ({ number }) => `${(Math.min(number("displayRowCount") ?? 10, 10) + 1) * 36 + 46}px`,
  fileinput: "52px",
  googlemaps: MAP,
  iframe: "max(60vh, 240px)",
  jsonviewer: "126px",
  mapbox: MAP,
  pagination: "32px",
  pdf: "min(760px, 85vh)",
  plotlygraph: "360px",
  progressbar: "8px",
  radioinput: choices,
  rangeinput: "41.5px",
  ratinginput: "42px",
  sliderinput: "41.5px",
  steps: "104px",
  tags: "26px",
  textareainput: ({ number }) => `${Math.max(1, number("rows") ?? 5) * 22 + 14}px`,
  vegalitechart: "300px",
};

/** Return the least height of what stands in for a component; types that are as wide as they are tall have a ratio. */
export function heightToKeep(component: Read): string {
  const { type, text, boolean } = component;
  const own = HEIGHTS[type] ?? FIELD;
  const height = typeof own === "string" ? own : own(component);
  // A switch has its label beside it.
  const hasLabel = type !== "switchinput" && text("label") !== "";
  return hasLabel || boolean("displayPercentage") ? `calc(${height} + ${LABEL})` : height;
}

function choices({ text, object }: Read): string {
  const count = readOptions(object("options"))?.length ?? 1;
  return text("orientation") === "horizontal" ? "30px" : `${Math.max(1, count) * 32 - 2}px`;
}
