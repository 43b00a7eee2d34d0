import { expect, test } from "vitest";
import { computed, watchSyncEffect } from "vue";

import type { PatchMessage } from "../core/messages";
import { Binary } from "../core/values";
import { createStateTree, type StateTree } from "./stateTree";

const DIGEST = "00112233445566778899aabbccddeeff";
const photo = { $: ["binary", "image/png", DIGEST, 3] };

function patch(
  tree: StateTree,
  changes: Partial<PatchMessage>,
  attachments = new Map<string, Uint8Array>(),
): void {
  tree.apply({ type: "patch", from: 0, to: 1, receipt: 1, ...changes }, attachments);
}

test("who reads one value is not disturbed by its neighbours", () => {
  const tree = createStateTree({ cart: { count: 1, note: "x" } }, "/blob/");
  patch(tree, { set: [[["cart", "note"], "y"]] });
  let reads = 0;
  watchSyncEffect(() => {
    reads += 1;
    return (tree.root["cart"] as Record<string, unknown>)["count"];
  });
  patch(tree, { set: [[["cart", "note"], "z"]] });
  patch(tree, { set: [[["other"], 1]] });
  expect(reads).toBe(1);
  patch(tree, { set: [[["cart", "count"], 2]] });
  expect(reads).toBe(2);
});

test("a key that is not there yet is noticed when it comes", () => {
  const tree = createStateTree({}, "/blob/");
  const shown = computed(() => tree.root["late"]);
  expect(shown.value).toBeUndefined();
  patch(tree, { set: [[["late"], 1]] });
  expect(shown.value).toBe(1);
});

test("a binary without bytes gets the server's address once blobs are allowed", () => {
  const tree = createStateTree({ photo }, "/blob/");
  const address = computed(() => String(tree.root["photo"]));
  expect(address.value).toBe("");
  tree.allowBlobs("s=1");
  expect(address.value).toBe(`/blob/${DIGEST}/?s=1`);
});

test("attached bytes are at hand with the patch that names them", async () => {
  const tree = createStateTree({}, "/blob/");
  patch(tree, { set: [[["photo"], photo]] }, new Map([[DIGEST, new Uint8Array([1, 2, 3])]]));
  const binary = tree.root["photo"] as Binary;
  expect(binary).toBeInstanceOf(Binary);
  expect([...(await binary.bytes())]).toEqual([1, 2, 3]);
});

test("an escaped object keeps its own dollar key", () => {
  const tree = createStateTree({ price: { $: ["object", { $: ["binary", 1], plain: photo }] } }, "/blob/");
  const price = tree.root["price"] as Record<string, unknown>;
  expect(price["$"]).toEqual(["binary", 1]);
  expect(price["plain"]).toBeInstanceOf(Binary);
});

test("the base comes back after a lost session", () => {
  const tree = createStateTree({ a: { b: 1 } }, "/blob/");
  patch(tree, {
    set: [
      [["a", "b"], 2],
      [["c"], 3],
    ],
  });
  tree.reset();
  expect(tree.root).toEqual({ a: { b: 1 } });
});

test.each([
  ["image/png", "blob:"],
  ["application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", "blob:"],
  ["text/html", "data:text/html;base64,"],
  ["image/SVG+xml", "data:image/SVG+xml;base64,"],
  ["application/xhtml+xml; charset=utf-8", "data:application/xhtml+xml; charset=utf-8;base64,"],
])("bytes in which scripts may stand get no address in the page's own origin: %s", (mime, begins) => {
  const page = "<script>steal()</script>".repeat(1000);
  const tree = createStateTree({}, "/blob/");
  const value = { $: ["binary", mime, DIGEST, page.length] };
  patch(tree, { set: [[["it"], value]] }, new Map([[DIGEST, new TextEncoder().encode(page)]]));
  const address = String(tree.root["it"]);
  expect(address.startsWith(begins)).toBe(true);
  if (begins.startsWith("data:")) expect(atob(address.slice(begins.length))).toBe(page);
});
