import { expect, test } from "vitest";

import { xLabelsLean } from "./xLabels";

const rows = (...names: string[]) => names.map((name) => ({ name, amount: 1 }));
const encoding = { x: { field: "name", type: "nominal" } };

test("short names stand upright", () => {
  expect(xLabelsLean({ mark: "bar", encoding, data: { values: rows("A", "B", "C") } }, 300)).toBe(false);
});

test("names lean where they do not fit beside each other", () => {
  const spec = { mark: "bar", encoding, data: { values: rows("Amsterdam", "Rotterdam", "Den Haag") } };
  expect(xLabelsLean(spec, 200)).toBe(true);
  expect(xLabelsLean(spec, 900)).toBe(false);
});

test("each name counts once, also where the rows stand under a name or below a layer", () => {
  const datasets = { some: rows("A", "A", "A", "A", "A", "A", "A", "A", "A", "A", "A", "A", "A", "A") };
  expect(xLabelsLean({ layer: [{ encoding }], data: { name: "some" }, datasets }, 120)).toBe(false);
});

test.each([
  ["from an address", { data: { url: "/rows.csv" } }],
  ["made by a transformation", { data: { values: rows("A") }, transform: [{ aggregate: [] }] }],
  ["without the field", { data: { values: [{ other: 1 }] } }],
  ["missing", {}],
])("rows %s are not known: their names lean", (_, data) => {
  expect(xLabelsLean({ mark: "bar", encoding, ...data }, 2000)).toBe(true);
});
