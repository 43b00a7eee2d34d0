import { locale, texts } from "../../core/texts";
import { type ChartLocale, readChartLocale } from "../parts/chartLocale";

/** What Plotly writes itself, in the page's language: numbers, dates and the tools above the chart. */
export function plotlyLocale(): { format: ChartLocale; dictionary: Record<string, string> } {
  const tools = texts.chartTools;
  return {
    format: readChartLocale(locale),
    dictionary: {
      Zoom: tools.zoom,
      Pan: tools.pan,
      "Box Select": tools.selectBox,
      "Lasso Select": tools.selectLasso,
      "Zoom in": tools.zoomIn,
      "Zoom out": tools.zoomOut,
      Autoscale: tools.autoscale,
      "Reset axes": tools.resetAxes,
      "Download plot as a PNG": tools.savePng,
      "Sorry, there was a problem downloading your image!": texts.failed,
      "Double-click to zoom back out": tools.doubleClick,
      "Double-click on legend to isolate one trace": tools.isolate,
    },
  };
}
