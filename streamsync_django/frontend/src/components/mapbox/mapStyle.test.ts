import { expect, test } from "vitest";

import { readStyle } from "./mapStyle";

const resolve = (address: string): string => new URL(address, "http://site/app/").href;

test("styles of Mapbox, and any style with its token, are drawn by its own library", () => {
  expect(readStyle("mapbox://styles/mapbox/standard", false, resolve)).toEqual({
    isMapbox: true,
    style: "mapbox://styles/mapbox/standard",
  });
  expect(readStyle("https://tiles/style.json", true, resolve)).toMatchObject({ isMapbox: true });
});

test("a style of anybody else is drawn by the library that is ours; addresses are those of the application", () => {
  expect(readStyle(" static/style.json ", false, resolve)).toEqual({
    isMapbox: false,
    style: "http://site/app/static/style.json",
  });
  expect(readStyle('{"version": 8, "layers": []}', false, resolve)).toEqual({
    isMapbox: false,
    style: { version: 8, layers: [] },
  });
});

test("what is neither says so", () => {
  expect(readStyle("{version: 8}", false, resolve)).toContain("neither an address nor valid JSON");
});

test.each(["javascript:alert(1)", "data:application/json,{}", "java\tscript:alert(1)", "file:///etc/passwd"])(
  "a style is fetched by no other way than pages are: %s",
  (style) => {
    expect(readStyle(style, false, resolve)).toContain("not allowed");
  },
);
