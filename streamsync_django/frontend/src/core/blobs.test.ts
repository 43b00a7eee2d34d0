import { expect, test, vi } from "vitest";

import { BlobCache, type BlobCacheOptions } from "./blobs";

function makeCache(options: Partial<BlobCacheOptions> = {}): BlobCache {
  return new BlobCache({
    remoteUrl: (digest) => `/blob/${digest}/`,
    whenReachable: () => Promise.resolve(),
    fetch: () => Promise.resolve(new Uint8Array([7]).buffer),
    createUrl: (bytes) => `blob:${bytes.byteLength}`,
    revokeUrl: () => undefined,
    ...options,
  });
}

test("bytes are fetched once, however many ask", async () => {
  const fetch = vi.fn(() => Promise.resolve(new Uint8Array([7]).buffer));
  const cache = makeCache({ fetch });
  await Promise.all([cache.fetch("a"), cache.fetch("a")]);
  await cache.fetch("a");
  expect(fetch).toHaveBeenCalledOnce();
});

test("a failed fetch is tried again by the next that asks", async () => {
  const fetch = vi.fn<BlobCacheOptions["fetch"]>().mockRejectedValueOnce(new Error("offline"));
  fetch.mockResolvedValue(new Uint8Array([7]).buffer);
  const cache = makeCache({ fetch });
  await expect(cache.fetch("a")).rejects.toThrow("offline");
  await expect(cache.fetch("a")).resolves.toEqual(new Uint8Array([7]));
});

test("over the budget, what the state does not hold is dropped and its address revoked", () => {
  const revokeUrl = vi.fn();
  const cache = makeCache({ revokeUrl, budgetBytes: 3 });
  cache.add("used", new Uint8Array(2));
  cache.add("unused", new Uint8Array(2));
  cache.address("unused", "image/png");
  cache.sweep(() => new Set(["used"]));
  expect(revokeUrl).toHaveBeenCalledWith("blob:2");
  expect(cache.peek("used")).toBeDefined();
  expect(cache.peek("unused")).toBeUndefined();
});
