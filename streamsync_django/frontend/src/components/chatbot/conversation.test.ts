import { expect, test } from "vitest";

import { readReply } from "./conversation";

test("what a handler returned is a text, or a text with actions", () => {
  expect(readReply("Hello")).toEqual({ role: "assistant", content: "Hello", actions: [] });
  expect(readReply({ text: "Choose", actions: [{ name: "One", desc: "first", data: "1" }] })).toEqual({
    role: "assistant",
    content: "Choose",
    actions: [{ name: "One", subheading: null, description: "first", data: "1" }],
  });
});

test("a handler that returned nothing says nothing", () => {
  expect(readReply(undefined)).toBeNull();
  expect(readReply(null)).toBeNull();
});
