import { describe, expect, it } from "vitest";

import { Layout } from "./layout";
import type { ComponentRecord } from "./messages";

const SLOTS: Record<string, string> = { sidebar: "sidebar", reuse: "*" };

function layout(
  ...records: [id: string, type: string, parent: string | null, content?: Record<string, string>][]
) {
  const made = records.map(([id, type, parentId, content], position): [string, ComponentRecord] => [
    id,
    {
      id,
      type,
      content: content ?? {},
      parentId,
      position,
      handlers: {},
      binding: null,
      visible: { kind: "always", expression: "", reversed: false },
      isCodeManaged: false,
    },
  ]);
  return new Layout("1", Object.fromEntries(made), (type) => SLOTS[type] ?? "default");
}

describe("a component that stands for another", () => {
  const page = layout(
    ["page", "page", "root"],
    ["side", "sidebar", "page"],
    ["text", "text", "page"],
    ["reused-text", "reuse", "page", { proxyId: "text" }],
    ["reused-side", "reuse", "page", { proxyId: "side" }],
    ["reused-later", "reuse", "page", { proxyId: "@{chosen}" }],
  );
  const ids = (slot: string): string[] => page.children("page", slot).map(({ id }) => id);

  it("is in the slot of that one", () => {
    expect(ids("sidebar")).toEqual(["side", "reused-side"]);
    expect(ids("default")).toEqual(["text", "reused-text", "reused-later"]);
  });

  it("is one child among all", () => {
    expect(page.children("page")).toHaveLength(5);
  });
});
