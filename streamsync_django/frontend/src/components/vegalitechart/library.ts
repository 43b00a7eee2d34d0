import { formats, loader as makeLoader, type Loader } from "vega";
import embed, { type EmbedOptions, type Result } from "vega-embed";

import { locale, texts } from "../../core/texts";
import { readChartLocale } from "../parts/chartLocale";
import { readSeparated } from "./separatedValues";
import { makeTooltip } from "./tooltip";

interface Separated {
  delimiter?: string;
  header?: string[];
}

for (const [name, delimiter] of [
  ["csv", ","],
  ["tsv", "\t"],
  ["dsv", ","],
] as const) {
  const read = (text: string, format: Separated = {}): object[] =>
    readSeparated(text, format.delimiter ?? delimiter, format.header);
  // Vega asks its readers whether they want text.
  formats(name, Object.assign(read, { responseType: "text" }));
}

const written = readChartLocale(locale);

/** Draw a chart. Expressions are interpreted, so that no policy has to allow `eval`. */
export function drawChart(
  element: HTMLElement,
  spec: object,
  options: {
    config: object;
    actions: EmbedOptions["actions"];
    tooltip: HTMLElement;
    resolveUrl: (address: string) => string;
  },
): Promise<Result> {
  return embed(element, spec, {
    ast: true,
    mode: "$schema" in spec ? "vega" : "vega-lite",
    // Theirs would be a style element, which a strict policy forbids.
    defaultStyle: false,
    tooltip: makeTooltip(options.tooltip),
    actions: options.actions ?? false,
    renderer: "svg",
    config: options.config as NonNullable<EmbedOptions["config"]>,
    loader: resolvingLoader(options.resolveUrl),
    downloadFileName: "chart",
    formatLocale: { ...written },
    timeFormatLocale: { ...written },
    i18n: {
      CLICK_TO_VIEW_ACTIONS: texts.chartTools.actions,
      PNG_ACTION: texts.chartTools.savePng,
      SVG_ACTION: texts.chartTools.saveSvg,
    },
  });
}

/** Relative addresses (`static/data.csv`) belong to the application. */
function resolvingLoader(resolveUrl: (address: string) => string): Loader {
  const loader = makeLoader();
  const sanitize = loader.sanitize.bind(loader);
  loader.sanitize = (address, options) => sanitize(resolveUrl(address), options);
  return loader;
}
