import { describe, expect, it } from "vitest";

import { readTables } from "./dataTable";
import type { FigureTheme } from "../parts/useFigureTheme";
import { type Json, readFigure, themedLayout } from "./figure";
import { reducePoints } from "./points";

const theme: FigureTheme = {
  text: "rgba(1, 1, 1, 1)",
  faintText: "rgba(2, 2, 2, 1)",
  grid: "rgba(3, 3, 3, 1)",
  line: "rgba(5, 5, 5, 1)",
  surface: "rgba(4, 4, 4, 1)",
  fontFamily: "system-ui",
  palette: ["#123456"],
};
const looks = (layout: Json): Json => (layout["template"] as { layout: Json }).layout;

describe("themedLayout", () => {
  it("gives a figure without template the page's look, under what its author wrote", () => {
    const layout = themedLayout({ paper_bgcolor: "red" }, theme);
    expect(layout["paper_bgcolor"]).toBe("red");
    expect(looks(layout)).toMatchObject({ plot_bgcolor: "rgba(0,0,0,0)", colorway: ["#123456"] });
  });
  it("writes the name of a trace on an opaque colour, and tools on the surface", () => {
    expect(looks(themedLayout({}, theme))).toMatchObject({
      hoverlabel: { bordercolor: theme.line },
      modebar: { bgcolor: theme.surface },
    });
  });
  it("keeps the data colours of Plotly's default template and nothing of its paper", () => {
    const template = {
      layout: { plot_bgcolor: "#E5ECF6", paper_bgcolor: "white", colorway: ["#636efa"] },
      data: { bar: [{ marker: { line: { color: "#E5ECF6" } }, error_x: { color: "#2a3f5f" } }] },
    };
    const layout = themedLayout({ template }, theme);
    expect(looks(layout)).toMatchObject({
      plot_bgcolor: "rgba(0,0,0,0)",
      paper_bgcolor: "rgba(0,0,0,0)",
      colorway: ["#636efa"],
    });
    expect((layout["template"] as Json)["data"]).toEqual({
      bar: [{ marker: { line: { color: theme.surface } }, error_x: { color: theme.text } }],
    });
  });
  it("leaves a template the author chose as it is", () => {
    const template = { layout: { plot_bgcolor: "#111", paper_bgcolor: "#111" } };
    expect(themedLayout({ template }, theme)["template"]).toEqual(template);
  });
  it("never changes the layout it was given", () => {
    const given = { template: { layout: { plot_bgcolor: "#E5ECF6" } } };
    const before = JSON.stringify(given);
    themedLayout(given, theme, true);
    expect(JSON.stringify(given)).toBe(before);
  });
});

describe("readFigure", () => {
  it.each([[null], ["text"], [[1]], [{ data: 5 }], [{ data: [1] }], [{ layout: [] }]])(
    "says what is wrong with %j",
    (spec) => {
      expect(typeof readFigure(spec)).toBe("string");
    },
  );
  it("takes a figure without data as an empty one", () => {
    expect(readFigure({})).toMatchObject({ data: [], layout: {} });
  });
});

describe("reducePoints", () => {
  it("keeps values only, and leaves out what has none", () => {
    const point = {
      curveNumber: 0,
      pointNumber: 2,
      x: "a",
      y: 3,
      z: undefined,
      data: {},
      xaxis: { anchor: "y", range: [1] },
    };
    expect(reducePoints({ points: [point] })).toEqual([
      { curveNumber: 0, pointNumber: 2, x: "a", y: 3, xaxis: { anchor: "y" } },
    ]);
  });
  it("is null when the event has no points", () => {
    expect([reducePoints(undefined), reducePoints({})]).toEqual([null, null]);
  });
});

describe("readTables", () => {
  it("reads lists and packed numbers", () => {
    const packed = { dtype: "i1", bdata: btoa("\u0001\u0002") };
    expect(readTables([{ name: "s", x: ["a", "b"], y: packed }])).toEqual([
      {
        caption: "s",
        head: ["x", "y"],
        rows: [
          ["a", "1"],
          ["b", "2"],
        ],
      },
    ]);
  });
  it("makes no table of traces that have too many points, or none", () => {
    expect(readTables([{ x: Array.from({ length: 300 }, Number), y: [] }, { z: [[1]] }])).toEqual([]);
  });
});
