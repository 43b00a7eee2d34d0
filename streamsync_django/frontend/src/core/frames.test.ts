import { expect, test } from "vitest";

import table from "../../../../tests/cases/frames.json";
import { StreamsyncError } from "./errors";
import { decodeFrame, encodeFrame } from "./frames";

const fromHex = (hex: string): Uint8Array<ArrayBuffer> =>
  Uint8Array.from(hex.match(/../g) ?? [], (pair) => Number.parseInt(pair, 16));
const toHex = (bytes: Uint8Array): string =>
  Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");

interface Case {
  name: string;
  frame: string;
  message: Record<string, unknown>;
  attachments: [string, string][];
}

test.each(table.cases as unknown as Case[])("decodes: $name", ({ frame, message, attachments }) => {
  const decoded = decodeFrame(fromHex(frame).buffer);
  expect(decoded.message).toEqual(message);
  expect([...decoded.attachments].map(([digest, bytes]) => [digest, toHex(bytes)])).toEqual(attachments);
});

test.each((table.cases as unknown as Case[]).filter(({ attachments }) => attachments.length > 0))(
  "encodes: $name",
  ({ frame, message, attachments }) => {
    const buffers = new Map(attachments.map(([digest, hex]) => [digest, fromHex(hex)]));
    expect(toHex(encodeFrame(message, buffers) as Uint8Array)).toBe(frame);
  },
);

test.each(table.broken)("refuses: $name", ({ frame, error }) => {
  expect(() => decodeFrame(fromHex(frame).buffer)).toThrow(StreamsyncError);
  expect(() => decodeFrame(fromHex(frame).buffer)).toThrow(error);
});

test("buffers begin where readers of tables can read them", () => {
  const floats = new Uint8Array(new Float64Array([1.5, 2.5]).buffer);
  const frame = encodeFrame(
    { type: "patch", odd: "x" },
    new Map([
      ["text", new Uint8Array(3)],
      ["floats", floats],
    ]),
  );
  const { attachments } = decodeFrame((frame as Uint8Array<ArrayBuffer>).buffer);
  const { buffer, byteOffset } = attachments.get("floats")!;
  expect([...new Float64Array(buffer, byteOffset, 2)]).toEqual([1.5, 2.5]);
});

test("a message without attachments is a text frame", () => {
  expect(encodeFrame({ type: "ping" })).toBe('{"type":"ping"}');
  expect(decodeFrame('{"type":"pong"}').message).toEqual({ type: "pong" });
});
