import type { TooltipHandler } from "vega";

import { plainScalar } from "../parts/options";

const GAP = 12;

/** Show what a chart's marks say in a box of ours: the library's own brings an inline stylesheet and knows no tokens. */
export function makeTooltip(box: HTMLElement): TooltipHandler {
  return (_handler, event, _item, value: unknown) => {
    const rows = readTooltip(value);
    box.hidden = rows.length === 0;
    if (box.hidden) return;
    box.replaceChildren(...rows.map(drawRow));
    const { clientX, clientY } = event;
    const { offsetWidth, offsetHeight } = box;
    const fitsRight = clientX + GAP + offsetWidth < window.innerWidth;
    const fitsBelow = clientY + GAP + offsetHeight < window.innerHeight;
    box.style.left = `${fitsRight ? clientX + GAP : Math.max(0, clientX - GAP - offsetWidth)}px`;
    box.style.top = `${fitsBelow ? clientY + GAP : Math.max(0, clientY - GAP - offsetHeight)}px`;
  };
}

/** Names and values; a plain text has no name. */
export function readTooltip(value: unknown): [name: string, value: string][] {
  if (value === null || value === undefined || value === "") return [];
  if (typeof value !== "object") return [["", written(value)]];
  if (Array.isArray(value)) return [["", value.map(written).join(", ")]];
  return Object.entries(value).map(([name, part]: [string, unknown]) => [name, written(part)]);
}

function written(value: unknown): string {
  return plainScalar(value) ?? JSON.stringify(value ?? null);
}

function drawRow([name, value]: [string, string]): HTMLElement {
  const row = document.createElement("div");
  if (name) {
    const label = document.createElement("span");
    label.textContent = name;
    row.append(label);
  }
  const content = document.createElement("strong");
  content.textContent = value;
  row.append(content);
  return row;
}
