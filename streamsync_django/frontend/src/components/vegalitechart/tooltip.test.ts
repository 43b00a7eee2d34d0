import { expect, test } from "vitest";

import { makeTooltip, readTooltip } from "./tooltip";

test("values of every kind are written", () => {
  expect(readTooltip({ month: "Jan", rain: 3.5, extra: { a: 1 } })).toEqual([
    ["month", "Jan"],
    ["rain", "3.5"],
    ["extra", '{"a":1}'],
  ]);
  expect(readTooltip(0)).toEqual([["", "0"]]);
  expect(readTooltip([1, "b"])).toEqual([["", "1, b"]]);
  for (const nothing of [null, undefined, "", {}]) expect(readTooltip(nothing)).toEqual([]);
});

test("mark-up in a value stays text", () => {
  const box = document.createElement("div");
  const show = makeTooltip(box) as (
    handler: unknown,
    event: MouseEvent,
    item: unknown,
    value: unknown,
  ) => void;
  show(null, new MouseEvent("mousemove"), null, { name: "<img src=x onerror=alert(1)>" });
  expect(box.hidden).toBe(false);
  expect(box.querySelector("img")).toBeNull();
  expect(box.textContent).toBe("name<img src=x onerror=alert(1)>");
  show(null, new MouseEvent("mousemove"), null, null);
  expect(box.hidden).toBe(true);
});
