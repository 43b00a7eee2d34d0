import { StreamsyncError } from "./errors";
import type { BlobSource } from "./values";

export interface BlobCacheOptions {
  /** The server's address of a blob, or of a part of it; null until the session has been welcomed. */
  remoteUrl(digest: string, part?: string): string | null;
  /** Resolves once `remoteUrl` answers. */
  whenReachable(): Promise<void>;
  fetch(url: string): Promise<ArrayBuffer>;
  createUrl(bytes: Uint8Array, mime: string): string;
  revokeUrl(url: string): void;
  /** Bytes kept before what no longer is in the state is dropped. */
  budgetBytes?: number;
}

interface Entry {
  bytes: Uint8Array;
  url?: string;
}

const DEFAULT_BUDGET_BYTES = 64 * 1024 * 1024;

/** Bytes by digest: what frames attached and what was fetched. Object URLs are made when first asked for. */
export class BlobCache implements BlobSource {
  private readonly entries = new Map<string, Entry>();
  private readonly fetching = new Map<string, Promise<Uint8Array>>();
  private readonly options: BlobCacheOptions;
  private heldBytes = 0;

  constructor(options: BlobCacheOptions) {
    this.options = options;
  }

  peek(digest: string): Uint8Array | undefined {
    return this.entries.get(digest)?.bytes;
  }

  add(digest: string, bytes: Uint8Array): void {
    if (this.entries.has(digest)) return;
    this.entries.set(digest, { bytes });
    this.heldBytes += bytes.byteLength;
  }

  fetch(digest: string): Promise<Uint8Array> {
    const here = this.peek(digest);
    if (here) return Promise.resolve(here);
    let fetching = this.fetching.get(digest);
    if (!fetching) {
      fetching = this.load(digest).finally(() => this.fetching.delete(digest));
      this.fetching.set(digest, fetching);
    }
    return fetching;
  }

  address(digest: string, mime: string): string {
    const entry = this.entries.get(digest);
    if (!entry) return this.options.remoteUrl(digest) ?? "";
    entry.url ??= this.options.createUrl(entry.bytes, mime);
    return entry.url;
  }

  async remoteAddress(digest: string, part?: string): Promise<string> {
    await this.options.whenReachable();
    const url = this.options.remoteUrl(digest, part);
    if (url === null) throw new StreamsyncError("blob.unreachable", { digest }, "network");
    return url;
  }

  /** Drop what is not in use any more, once there is more than the budget. */
  sweep(inUse: () => ReadonlySet<string>): void {
    if (this.heldBytes <= (this.options.budgetBytes ?? DEFAULT_BUDGET_BYTES)) return;
    const kept = inUse();
    for (const [digest, entry] of this.entries) {
      if (kept.has(digest)) continue;
      if (entry.url) this.options.revokeUrl(entry.url);
      this.entries.delete(digest);
      this.heldBytes -= entry.bytes.byteLength;
    }
  }

  private async load(digest: string): Promise<Uint8Array> {
    const url = await this.remoteAddress(digest);
    const bytes = new Uint8Array(await this.options.fetch(url));
    this.add(digest, bytes);
    return bytes;
  }
}
