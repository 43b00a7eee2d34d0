import { expect, test } from "vitest";

import { coordinate, readMarkers } from "./mapPoints";

test("markers are read, and keep what else the author gave", () => {
  const given = { lat: 52.37, lng: "4.9", name: "Depot", id: 7 };
  expect(readMarkers([given])).toEqual([{ lat: 52.37, lng: 4.9, name: "Depot", given }]);
  expect(readMarkers([{ lat: 0, lng: 0 }])).toMatchObject([{ name: "" }]);
});

test("no markers are none", () => {
  for (const nothing of [null, undefined, "", []]) expect(readMarkers(nothing)).toEqual([]);
});

test("what is wrong is told", () => {
  expect(readMarkers({})).toContain("list");
  for (const item of [null, 3, {}, { lat: 91, lng: 0 }, { lat: Number.NaN, lng: 0 }, { lat: "", lng: 0 }]) {
    expect(readMarkers([{ lat: 1, lng: 1 }, item])).toContain("Marker 2");
  }
  expect(coordinate(-180, 180)).toBe(-180);
});
