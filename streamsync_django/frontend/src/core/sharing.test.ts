import { expect, test } from "vitest";

import { share } from "./sharing";
import { Binary, type BlobSource } from "./values";

const nowhere: BlobSource = {
  peek: () => undefined,
  fetch: () => Promise.reject(new Error("there is nothing")),
  address: () => "",
  remoteAddress: (digest, part = "") => Promise.resolve(`/blob/${digest}/${part}?`),
};

test("items that stayed as they were are the same objects", () => {
  const before = [{ id: 1, tags: ["a"] }, { id: 2 }, { id: 3 }];
  const shared = share(before, [{ id: 1, tags: ["a"] }, { id: 2, done: true }, { id: 3 }]) as unknown[];
  expect(shared).toEqual([{ id: 1, tags: ["a"] }, { id: 2, done: true }, { id: 3 }]);
  expect(shared).not.toBe(before);
  expect(shared[0]).toBe(before[0]);
  expect(shared[1]).not.toBe(before[1]);
  expect(shared[2]).toBe(before[2]);
});

test("a value without any difference is the one from before", () => {
  const before = { rows: [{ a: null, b: [1, 2, { c: "x" }] }], total: Number.NaN };
  expect(share(before, structuredClone(before))).toBe(before);
});

test("a shorter or longer list is another list", () => {
  const before = [{ a: 1 }, { a: 2 }];
  expect(share(before, [{ a: 1 }])).toEqual([{ a: 1 }]);
  expect(share(before, [{ a: 1 }, { a: 2 }, { a: 3 }])).toEqual([{ a: 1 }, { a: 2 }, { a: 3 }]);
  expect(before).toHaveLength(2);
});

test("keys in another order, missing or new make another object", () => {
  const before = { a: { x: 1 }, b: { x: 2 } };
  const turned = share(before, { b: { x: 2 }, a: { x: 1 } }) as typeof before;
  expect(turned).not.toBe(before);
  expect(Object.keys(turned)).toEqual(["b", "a"]);
  expect(turned.a).toBe(before.a);
  expect(share(before, { a: { x: 1 } })).toEqual({ a: { x: 1 } });
  expect(share({}, { a: undefined })).not.toBe(before);
});

test("nothing and emptiness are told apart", () => {
  for (const [before, after] of [
    [0, ""],
    [null, {}],
    [[], {}],
    [false, null],
    [{ 0: "a" }, ["a"]],
  ]) {
    expect(share(before, after)).toBe(after);
  }
});

test("bytes are known by their digest", () => {
  const before = new Binary("image/png", "ab", 3, nowhere);
  expect(share(before, new Binary("image/png", "ab", 3, nowhere))).toBe(before);
  const other = new Binary("image/png", "cd", 3, nowhere);
  expect(share(before, other)).toBe(other);
});

test("a key called __proto__ is a key", () => {
  const before = JSON.parse('{"__proto__": {"a": 1}}') as object;
  const after = JSON.parse('{"__proto__": {"a": 1}}') as object;
  expect(JSON.stringify(share(before, after))).toBe('{"__proto__":{"a":1}}');
});
