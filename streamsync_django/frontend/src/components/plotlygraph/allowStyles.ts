const GLOBAL = "plotly.js-style-global";

/**
 * Let Plotly add its rules under a Content-Security-Policy without inline styles: it looks for its own style element
 * by id, and takes any element's `sheet`. A sheet made by script is no inline style.
 */
export function allowStyles(): void {
  if (document.getElementById(GLOBAL)) return;
  const sheet = new CSSStyleSheet();
  const holder = document.createElement("meta");
  holder.id = GLOBAL;
  Object.defineProperty(holder, "sheet", { value: sheet });
  document.head.append(holder);
  document.adoptedStyleSheets.push(sheet);
}
