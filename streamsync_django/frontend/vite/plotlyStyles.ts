import type { Plugin } from "vite";

const MADE = /document\.createElement\("style"\)/g;

/** What takes the place of a style element: a sheet made by script is no inline style, whatever the policy. */
const HOLDER = `function streamsyncStyleHolder() {
  const sheet = new CSSStyleSheet();
  const calm = new CSSStyleSheet();
  calm.replaceSync("@media (prefers-reduced-motion: reduce) { .js-plotly-plot * { transition: none !important } }");
  const holder = document.createElement("meta");
  Object.defineProperty(holder, "sheet", { value: sheet });
  Object.defineProperty(holder, "textContent", { set: (text) => sheet.replaceSync(text) });
  document.adoptedStyleSheets.push(sheet, calm);
  return holder;
}
`;

/** Let Plotly bring its rules under a Content-Security-Policy without inline styles. */
export function plotlyStyles(): Plugin {
  return {
    name: "streamsync:plotly-styles",
    transform: {
      filter: { id: /plotly-strict\.min\.js$/ },
      handler(code) {
        if (!MADE.test(code)) this.error("Plotly makes its style elements in another way now");
        return { code: HOLDER + code.replace(MADE, "streamsyncStyleHolder()"), map: null };
      },
    },
  };
}
