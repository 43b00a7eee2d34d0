import { expect, test } from "vitest";

import { Binary, type BlobSource } from "../../core/values";
import { writeSize } from "../parts/writeSize";
import { readFiles, shownFile } from "./files";

const source: BlobSource = {
  peek: () => undefined,
  fetch: () => Promise.resolve(new TextEncoder().encode("hello")),
  address: (digest) => `/blob/${digest}/`,
  remoteAddress: (digest, part = "") => Promise.resolve(`/blob/${digest}/${part}?`),
};

test("files in the state are shown, and can be sent again", async () => {
  const data = new Binary("application/octet-stream", "ab", 5, source);
  const [file] = readFiles([{ name: "a.txt", type: "text/plain", data }]);
  expect(file).toMatchObject({ name: "a.txt", size: 5, href: "/blob/ab/" });
  const again = await file!.content!();
  expect([again.name, again.type, await again.text()]).toEqual(["a.txt", "text/plain", "hello"]);
});

test("anything else holds no files", () => {
  for (const bound of [null, undefined, "x", 3, {}, [null, 1, { data: "x" }, { name: 4 }]]) {
    expect(readFiles(bound)).toEqual([]);
  }
});

test("a file just chosen is itself", async () => {
  const file = new File(["x"], "b.txt");
  expect(shownFile(file)).toMatchObject({ name: "b.txt", size: 1, href: null });
  expect(await shownFile(file).content!()).toBe(file);
});

test("sizes are written as people do", () => {
  expect(writeSize(0, "en")).toBe("0 bytes");
  expect(writeSize(1536, "en")).toBe("1.5 kB");
  expect(writeSize(200 * 1024 * 1024, "en")).toBe("200 MB");
});
