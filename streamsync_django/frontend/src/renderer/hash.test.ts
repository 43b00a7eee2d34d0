import { expect, test } from "vitest";

import { formatHash, parseHash } from "./hash";

test.each([
  ["", { pageKey: null, variables: {} }],
  ["#story", { pageKey: "story", variables: {} }],
  ["#story/id=7&name=a%20b", { pageKey: "story", variables: { id: "7", name: "a b" } }],
  ["#/id=7", { pageKey: null, variables: { id: "7" } }],
  ["#a%2Fb/x=%26%3D", { pageKey: "a/b", variables: { x: "&=" } }],
  ["#50%/x=%", { pageKey: "50%", variables: { x: "%" } }],
])("%s is read", (hash, route) => {
  expect(parseHash(hash)).toEqual(route);
});

test("what is written is read back, and null removes a variable", () => {
  const hash = formatHash("a/b", { x: "&= ü", gone: null, n: 3 });
  expect(parseHash(hash)).toEqual({ pageKey: "a/b", variables: { x: "&= ü", n: "3" } });
});
