import { StreamsyncError } from "./errors";

/** A frame's JSON and the buffers that came with it, by digest. */
export interface Frame {
  message: Record<string, unknown>;
  attachments: ReadonlyMap<string, Uint8Array>;
}

const HEADER_LENGTH_BYTES = 4;

/**
 * Read one WebSocket frame: JSON text, or a binary frame (4-byte big-endian header length, JSON
 * header, buffers one after another). Buffers are copies: in the frame they begin anywhere, and readers of
 * tables need theirs to begin at a multiple of eight.
 */
export function decodeFrame(frame: string | ArrayBuffer): Frame {
  if (typeof frame === "string") return { message: parseObject(frame), attachments: new Map() };
  if (frame.byteLength < HEADER_LENGTH_BYTES) throw new StreamsyncError("frame.truncated", {}, "network");
  const headerEnd = HEADER_LENGTH_BYTES + new DataView(frame).getUint32(0);
  if (headerEnd > frame.byteLength) throw new StreamsyncError("frame.truncated", { headerEnd }, "network");
  const header = new Uint8Array(frame, HEADER_LENGTH_BYTES, headerEnd - HEADER_LENGTH_BYTES);
  const { attachments: listed, ...message } = parseObject(new TextDecoder().decode(header));
  const attachments = new Map<string, Uint8Array>();
  let start = headerEnd;
  for (const [digest, length] of (listed ?? []) as [string, number][]) {
    if (start + length > frame.byteLength)
      throw new StreamsyncError("frame.truncated", { digest }, "network");
    attachments.set(digest, new Uint8Array(frame.slice(start, start + length)));
    start += length;
  }
  if (start !== frame.byteLength) throw new StreamsyncError("frame.trailing-bytes", { start }, "network");
  return { message, attachments };
}

/** Write a frame: text where nothing is attached. */
export function encodeFrame(
  message: Record<string, unknown>,
  attachments: ReadonlyMap<string, Uint8Array> = new Map(),
): string | Uint8Array {
  if (attachments.size === 0) return JSON.stringify(message);
  const listed = [...attachments].map(([digest, bytes]) => [digest, bytes.byteLength]);
  const header = new TextEncoder().encode(JSON.stringify({ ...message, attachments: listed }));
  const buffers = [...attachments.values()];
  const length = buffers.reduce(
    (sum, bytes) => sum + bytes.byteLength,
    HEADER_LENGTH_BYTES + header.byteLength,
  );
  const frame = new Uint8Array(length);
  new DataView(frame.buffer).setUint32(0, header.byteLength);
  frame.set(header, HEADER_LENGTH_BYTES);
  let start = HEADER_LENGTH_BYTES + header.byteLength;
  for (const bytes of buffers) {
    frame.set(bytes, start);
    start += bytes.byteLength;
  }
  return frame;
}

function parseObject(text: string): Record<string, unknown> {
  let parsed: unknown;
  try {
    parsed = JSON.parse(text);
  } catch {
    throw new StreamsyncError("frame.not-json", {}, "network");
  }
  if (typeof parsed !== "object" || parsed === null || Array.isArray(parsed)) {
    throw new StreamsyncError("frame.not-an-object", {}, "network");
  }
  return parsed as Record<string, unknown>;
}
