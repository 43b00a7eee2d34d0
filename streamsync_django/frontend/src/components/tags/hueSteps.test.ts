import { describe, expect, it } from "vitest";

import { assignSteps, readAnnotations } from "../annotatedtext/annotations";
import { HUE_STEPS, shiftColor, stepOf, toHsl } from "./hueSteps";

describe("stepOf", () => {
  it("follows the published hash", () => {
    // seed 1: start 52673; "a" (97): 97 ^ 52673 = 52640, last digit 0
    expect(stepOf("a", 1)).toBe(0);
    // then "b" (98) at 1: 196 ^ 52640 = 52580
    expect(stepOf("ab", 1)).toBe(0);
    // then "d" (100) at 2: 300 ^ 52580 = 52296
    expect(stepOf("abd", 1)).toBe(6);
    expect(stepOf("", 1)).toBe(3);
  });
  it("gives every text a step, whatever the seed", () => {
    for (const seed of [0, 1, -7, 1e9]) expect(HUE_STEPS[stepOf("zażółć", seed)]).toBeDefined();
  });
});

describe("colours", () => {
  it("are shifted in hue, saturation and lightness, within their bounds", () => {
    expect(toHsl([255, 0, 0])).toEqual([0, 100, 50]);
    expect(shiftColor([255, 0, 0], 0)).toBe("hsl(282 66% 66%)");
    expect(shiftColor([255, 255, 255], 3)).toBe("hsl(348 0% 100%)");
  });
});

describe("annotations", () => {
  it("are texts and lists of text, tag and colour", () => {
    expect(readAnnotations(["a", ["b", "noun"], ["c", "verb", "#f00"]])).toEqual([
      { text: "a", tag: null, color: null },
      { text: "b", tag: "noun", color: null },
      { text: "c", tag: "verb", color: "#f00" },
    ]);
    expect([readAnnotations({}), readAnnotations([1])]).toEqual([null, null]);
  });
  it("get ten different steps before one is used twice", () => {
    const tags = Array.from({ length: 12 }, (_, at) => `tag ${at}`);
    const steps = [...assignSteps(tags, 1).values()];
    expect(new Set(steps.slice(0, 10)).size).toBe(10);
  });
});
