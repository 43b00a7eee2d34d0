import { describe, expect, it } from "vitest";

import { safeAddress } from "../parts/safeAddress";
import { isVoid, readAttributes, readStyles, safeElement } from "./elementProps";

describe("safeElement", () => {
  it("refuses what runs code or embeds documents, and what is no name", () => {
    expect(["script", "IFRAME", "object", "a b", "", "style", "foreignObject"].map(safeElement)).toEqual(
      Array(7).fill(null),
    );
  });
  it("takes ordinary and custom elements", () => {
    expect(["div", "H1", "my-card"].map(safeElement)).toEqual(["div", "h1", "my-card"]);
    expect([isVoid("br"), isVoid("div")]).toEqual([true, false]);
  });
});

describe("readAttributes", () => {
  it("drops handlers, properties that write HTML, and addresses that run code", () => {
    const given = {
      onclick: "x()",
      ONLOAD: "x()",
      innerHTML: "<b>",
      srcdoc: "x",
      href: "java\nscript:x()",
      "bad name": "x",
      ".innerHTML": "x",
    };
    expect(readAttributes(given)).toEqual({ attributes: {}, className: undefined, style: undefined });
  });
  it("keeps the others as attributes, never as properties", () => {
    const { attributes, className, style } = readAttributes({
      title: "T",
      href: "/a",
      class: "c",
      style: "color: red",
      hidden: true,
      n: 3,
      no: false,
    });
    expect(attributes).toEqual({ "^title": "T", "^href": "/a", "^hidden": "", "^n": "3" });
    expect([className, style]).toEqual(["c", "color: red"]);
  });
  it("takes nothing from what is no object", () => {
    expect([null, "x", [1]].map((value) => readAttributes(value).attributes)).toEqual([{}, {}, {}]);
    expect(readStyles({ "min-height": "4px", "--x": 1, "a;b": "c", nested: {} })).toEqual({
      "min-height": "4px",
      "--x": "1",
    });
  });
});

describe("safeAddress", () => {
  it("sees through blanks and control characters in a scheme", () => {
    for (const address of [
      "javascript:x",
      " JavaScript:x",
      "java\tscript:x",
      "\u0001javascript:x",
      "vbscript:x",
      "data:text/html,x",
    ]) {
      expect(safeAddress(address, "link")).toBeNull();
      expect(safeAddress(address, "frame")).toBeNull();
      expect(safeAddress(address, "image")).toBeNull();
    }
  });
  it("lets relative addresses and the schemes of its use pass", () => {
    expect(safeAddress("static/a b.png", "image")).toBe("static/a b.png");
    expect(safeAddress("data:image/png;base64,AA", "image")).toBe("data:image/png;base64,AA");
    expect(safeAddress("mailto:a@example.com", "link")).toBe("mailto:a@example.com");
    expect(safeAddress("#page", "link")).toBe("#page");
  });
});
