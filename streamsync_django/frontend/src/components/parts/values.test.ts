import { describe, expect, it } from "vitest";

import { readConversation } from "../chatbot/conversation";
import { toHex } from "../colorinput/colors";
import { readFiles } from "../fileinput/files";
import { readNote } from "../metric/note";
import { limit, readTyped, stepFrom } from "../numberinput/limits";
import { progressFraction } from "../progressbar/progress";
import { moveThumb, readRange } from "../rangeinput/range";
import { filledPart, ratingAt, ratingScale } from "../ratinginput/rating";
import { readRepetitions } from "../repeater/repetitions";
import { fractionOf, makeScale, makeScaleFormat } from "../sliderinput/scale";
import { advance } from "../steps/stepList";
import { findOptions, readChosen, readOptions } from "./options";
import { writeSize } from "./writeSize";

describe("sliders", () => {
  it("have no scale when the bounds leave nothing to choose", () => {
    expect([makeScale(5, 1, 1), makeScale(1, 1, 1)]).toEqual([null, null]);
    expect(makeScale(null, null, 0)).toEqual({ min: 0, max: 100, step: "any" });
  });
  it("write all values with the decimals of the step", () => {
    expect(makeScaleFormat({ min: 0, max: 10, step: 0.25 }, "en")(3)).toBe("3.00");
    expect(fractionOf({ min: 10, max: 20, step: 1 }, 99)).toBe(1);
  });
  it("stop one thumb at the other", () => {
    expect(moveThumb([20, 50], 0, 80)).toEqual([50, 50]);
    expect(readRange(["9", 3], { min: 0, max: 5, step: 1 })).toEqual([3, 5]);
    expect(readRange("nonsense", null)).toEqual([20, 50]);
  });
});

describe("numbers", () => {
  it("are read as typed, empty is null, anything else is nothing", () => {
    expect(["1.5", "1,5", "1.", "-.5", "", " ", "1x", "-", "1e3"].map(readTyped)).toEqual([
      1.5,
      1.5,
      1,
      -0.5,
      null,
      null,
      undefined,
      undefined,
      1000,
    ]);
  });
  it("keep their limits and step without the noise of fractions", () => {
    expect(limit(7, { min: 0, max: 5 })).toBe(5);
    expect(stepFrom(0.1, 2, 0.1, { min: null, max: null })).toBe(0.3);
    expect(stepFrom(null, 1, 1, { min: 3, max: null })).toBe(3);
  });
});

describe("ratings", () => {
  it("are rounded up to a step and clamped", () => {
    const scale = ratingScale(1, 5, 0.5);
    expect([ratingAt(0.01, scale), ratingAt(0.41, scale), ratingAt(1, scale)]).toEqual([1, 2.5, 5]);
    expect(ratingScale(-4, 99, 0)).toEqual({ min: 0, max: 11, step: 0.25 });
    expect(filledPart(2, 2.5)).toBe(0.5);
  });
});

describe("choices", () => {
  const options = readOptions({ b: "Beta", a: "Alpha" }) ?? [];
  it("come from objects of scalars, or lists of texts", () => {
    expect(options.map(({ key }) => key)).toEqual(["b", "a"]);
    expect(readOptions(["x"])).toEqual([{ key: "x", label: "x" }]);
    expect([readOptions("x"), readOptions([{}])]).toEqual([null, null]);
  });
  it("drop chosen keys that do not exist", () => {
    expect(readChosen(["a", "zzz", "a"], options)).toEqual(["a"]);
    expect(readChosen("a", options)).toEqual([]);
  });
  it("are found by part of their label", () => {
    expect(findOptions(options, " ET ")).toEqual([{ key: "b", label: "Beta" }]);
  });
});

describe("small readers", () => {
  it("take the tone from a note's first character", () => {
    expect([readNote("+5 %"), readNote("-x"), readNote("plain"), readNote("")]).toEqual([
      { tone: "positive", text: "5 %" },
      { tone: "negative", text: "x" },
      { tone: "neutral", text: "plain" },
      { tone: "neutral", text: "" },
    ]);
  });
  it("repeat over objects and lists, and over nothing else", () => {
    expect(readRepetitions({ a: 1 })).toEqual([["a", 1]]);
    expect(readRepetitions(["x"])).toEqual([[0, "x"]]);
    expect([readRepetitions(null), readRepetitions(5), readRepetitions("x")]).toEqual([[], null, null]);
  });
  it("know how far a progress is, or that it is unknown", () => {
    expect([
      progressFraction(5, 0, 10),
      progressFraction(50, 0, 10),
      progressFraction(null, 0, 1),
      progressFraction(1, 1, 1),
    ]).toEqual([0.5, 1, null, null]);
  });
  it("go from a completed step to the next open one, or to the last", () => {
    expect([advance([true, true, false], 0), advance([false, true], 0), advance([true, true], 0)]).toEqual([
      2, 0, 1,
    ]);
  });
  it("read conversations whatever a role is called", () => {
    expect(readConversation([{ role: "system", content: 5, actions: [{ name: "Go" }, {}] }])).toEqual([
      {
        role: "system",
        content: "5",
        actions: [{ name: "Go", subheading: null, description: null, data: null }],
      },
    ]);
    expect([readConversation("x"), readConversation([1]), readConversation(null)]).toEqual([null, null, []]);
  });
  it("list files and their sizes", () => {
    expect(readFiles([{ name: "a.txt", data: "javascript:x" }, 5])).toEqual([
      { name: "a.txt", size: null, href: null, content: null },
    ]);
    expect(writeSize(1536 * 1024, "en")).toBe("1.5 MB");
  });
  it("understand short colours", () => {
    expect([toHex("#AbC"), toHex("#aabbcc"), toHex("red")]).toEqual(["#aabbcc", "#aabbcc", null]);
  });
});
