import { isPlainObject } from "./expressions";

/** Where the bytes of binaries come from; given by the renderer. */
export interface BlobSource {
  /** Bytes already here, if any. */
  peek(digest: string): Uint8Array | undefined;
  /** The bytes, fetched at most once per digest. */
  fetch(digest: string): Promise<Uint8Array>;
  /** An address for `src` and `href`: an object URL or the server's; empty until there is one. */
  address(digest: string, mime: string): string;
  /** The server's address of a binary, or of a part of it; resolves once there is a session to ask. */
  remoteAddress(digest: string, part?: string): Promise<string>;
}

/** Bytes in the state: a table, an image, a file. As text it is an address that can be shown. */
/** Tell whether scripts may stand in a kind of content: in HTML, SVG, everything made of XML. */
export function mayRun(mime: string): boolean {
  return /[/+](x?html|xml|xsl)/i.test(mime);
}

export class Binary {
  readonly mime: string;
  readonly digest: string;
  readonly size: number;
  private readonly source: BlobSource;

  constructor(mime: string, digest: string, size: number, source: BlobSource) {
    this.mime = mime;
    this.digest = digest;
    this.size = size;
    this.source = source;
  }

  /** The bytes if they are already in the browser. */
  get available(): Uint8Array | undefined {
    return this.source.peek(this.digest);
  }

  bytes(): Promise<Uint8Array> {
    const here = this.available;
    return here ? Promise.resolve(here) : this.source.fetch(this.digest);
  }

  get url(): string {
    return this.source.address(this.digest, this.mime);
  }

  /** The server's own address: whatever scripts are in what it sends, they belong to no origin. */
  remoteUrl(): Promise<string> {
    return this.source.remoteAddress(this.digest);
  }

  toString(): string {
    return this.url;
  }

  /** JSON in templates shows the address too. */
  toJSON(): string {
    return this.url;
  }
}

/** A table that stays on the server: here are its first rows, others are fetched as they are shown. */
export class RemoteTable {
  readonly first: Binary;
  readonly rowCount: number;
  private readonly source: BlobSource;

  constructor(first: Binary, rowCount: number, source: BlobSource) {
    this.first = first;
    this.rowCount = rowCount;
    this.source = source;
  }

  /** The address of rows: `offset`, `limit`, `sort`, `descending`, `search`, `format`. */
  async address(query: URLSearchParams): Promise<string> {
    return `${await this.source.remoteAddress(this.first.digest, "rows/")}&${query.toString()}`;
  }

  /** In a text it says what it is. */
  toString(): string {
    return `Table(${this.rowCount})`;
  }

  toJSON(): string {
    return this.toString();
  }
}

/**
 * Turn a wire value into what the browser works with, in place: markers become `Binary` objects,
 * escaped objects lose their escape. Everything else stays the object that JSON.parse made.
 */
export function decodeValue(value: unknown, source: BlobSource): unknown {
  if (Array.isArray(value)) {
    const items = value as unknown[];
    for (let i = 0; i < items.length; i++) {
      const item = items[i];
      if (typeof item === "object" && item !== null) items[i] = decodeValue(item, source);
    }
    return items;
  }
  if (!isPlainObject(value)) return value;
  const marker = value.$;
  if (Array.isArray(marker)) {
    const [kind, ...rest] = marker as [string, ...unknown[]];
    if (kind === "binary") {
      const [mime, digest, size] = rest as [string, string, number];
      return new Binary(mime, digest, size, source);
    }
    if (kind === "table") {
      const [mime, digest, size, rowCount] = rest as [string, string, number, number];
      return new RemoteTable(new Binary(mime, digest, size, source), rowCount, source);
    }
    if (kind === "object") return decodeEntries(rest[0] as Record<string, unknown>, source);
  }
  return decodeEntries(value, source);
}

function decodeEntries(value: Record<string, unknown>, source: BlobSource): Record<string, unknown> {
  for (const key in value) {
    const item = value[key];
    if (typeof item === "object" && item !== null) value[key] = decodeValue(item, source);
  }
  return value;
}

/** Digests of every binary below a value. */
export function digestsIn(value: unknown, found = new Set<string>()): Set<string> {
  if (value instanceof Binary) found.add(value.digest);
  else if (value instanceof RemoteTable) found.add(value.first.digest);
  else if (typeof value === "object" && value !== null) {
    for (const item of Object.values(value)) digestsIn(item, found);
  }
  return found;
}
