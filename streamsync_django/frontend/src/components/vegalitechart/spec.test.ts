import { expect, test } from "vitest";

import { chartConfig, readChart, type Chart } from "./spec";

const BAR = { mark: "bar", encoding: { x: { field: "a" } }, data: { values: [{ a: 1 }] } };

test("a chart without a width takes that of its place", () => {
  const chart = readChart(BAR) as Chart;
  expect(chart.isFluid).toBe(true);
  expect(chart.spec).toMatchObject({ width: "container", autosize: { type: "fit-x" } });
  expect(BAR).not.toHaveProperty("width");
});

test.each([
  ["its own width", { ...BAR, width: 300 }],
  ["a width per step", { ...BAR, width: { step: 20 } }],
  ["charts beside each other", { hconcat: [BAR, BAR] }],
  ["small multiples", { ...BAR, encoding: { column: { field: "b" } } }],
  ["plain Vega", { $schema: "https://vega.github.io/schema/vega/v6.json", marks: [] }],
])("%s stays", (_, spec) => {
  const chart = readChart(spec) as Chart;
  expect(chart.isFluid).toBe(false);
  expect(chart.spec).toEqual({ ...spec });
});

test("what is no chart is told", () => {
  for (const nonsense of [null, "x", 3, [], {}]) expect(readChart(nonsense)).toEqual(expect.any(String));
});

test("of the embed options only the menu can be asked for", () => {
  const usermeta = { embedOptions: { actions: true, ast: false, loader: { baseURL: "https://elsewhere/" } } };
  const chart = readChart({ ...BAR, usermeta }) as Chart;
  expect(chart.actions).toBe(true);
  expect(chart.spec).not.toHaveProperty("usermeta");
});

test("the name of the figure is its title, else its description", () => {
  expect(readChart({ ...BAR, title: "Rain" })).toMatchObject({ title: "Rain" });
  expect(readChart({ ...BAR, title: { text: ["Rain", "and sun"] } })).toMatchObject({
    title: "Rain and sun",
  });
  expect(readChart({ ...BAR, description: "Days" })).toMatchObject({ title: "Days" });
  expect(readChart(BAR)).toMatchObject({ title: "" });
});

test("the page's colours reach the chart", () => {
  const theme = {
    text: "#111",
    faintText: "#555",
    grid: "#eee",
    surface: "#fff",
    line: "#ddd",
    fontFamily: "serif",
    palette: ["red", "blue"],
  };
  const config = chartConfig(theme);
  expect(config).toMatchObject({
    axis: { gridColor: "#eee" },
    range: { category: ["red", "blue"] },
    font: "serif",
  });
});
