import { isReactive, shallowReactive, shallowRef } from "vue";

import { BlobCache } from "../core/blobs";
import { StreamsyncError } from "../core/errors";
import type { PatchMessage, SnapshotMessage } from "../core/messages";
import { applyPatch, applySnapshot, type NodeFactory, type StateNode } from "../core/patches";
import { decodeValue, digestsIn, mayRun } from "../core/values";

/** Nested states are watched key by key; leaves (tables, lists, figures) stay raw. */
const watchedNodes: NodeFactory = {
  makeNode: (source) => shallowReactive(source),
  isNode: (value) => isReactive(value),
};

/** What the browser has of one session's state. */
export interface StateTree {
  readonly root: StateNode;
  readonly apply: (
    message: PatchMessage | SnapshotMessage,
    attachments: ReadonlyMap<string, Uint8Array>,
  ) => void;
  readonly decode: (value: unknown) => unknown;
  /** Go back to the base, when the session before is lost. */
  readonly reset: () => void;
  /** The session's blobs can be fetched from now on. */
  readonly allowBlobs: (query: string) => void;
}

export function createStateTree(base: StateNode, blobUrl: string): StateTree {
  const root = shallowReactive<StateNode>({});
  const query = shallowRef<string | null>(null);
  let allow = (): void => undefined;
  const reachable = new Promise<void>((resolve) => (allow = resolve));

  const blobs = new BlobCache({
    remoteUrl: (digest, part = "") =>
      query.value === null ? null : `${blobUrl}${digest}/${part}?${query.value}`,
    whenReachable: () => reachable,
    fetch: fetchBytes,
    createUrl: (bytes, mime) => (mayRun(mime) ? dataUrl(bytes, mime) : objectUrl(bytes, mime)),
    revokeUrl: (url) => {
      URL.revokeObjectURL(url);
    },
  });
  const decode = (value: unknown): unknown => decodeValue(value, blobs);

  /** The base is kept as text: patches change in place what they are applied to. */
  const baseText = JSON.stringify(base);
  const reset = (): void => {
    applySnapshot(root, JSON.parse(baseText) as StateNode, decode);
  };
  reset();

  return {
    root,
    decode,
    reset,
    apply(message, attachments) {
      for (const [digest, bytes] of attachments) blobs.add(digest, bytes);
      if (message.type === "patch") applyPatch(root, message, watchedNodes, decode);
      else applySnapshot(root, message.state, decode);
      blobs.sweep(() => digestsIn(root));
    },
    allowBlobs(granted) {
      query.value = granted;
      allow();
    },
  };
}

async function fetchBytes(url: string): Promise<ArrayBuffer> {
  const response = await fetch(url);
  if (!response.ok) throw new StreamsyncError("blob.refused", { url, status: response.status }, "network");
  return response.arrayBuffer();
}

function objectUrl(bytes: Uint8Array, mime: string): string {
  return URL.createObjectURL(new Blob([bytes as Uint8Array<ArrayBuffer>], { type: mime }));
}

/** An object URL belongs to the page's own origin, and so would its scripts; a data URL belongs to none. */
function dataUrl(bytes: Uint8Array, mime: string): string {
  let text = "";
  for (let start = 0; start < bytes.length; start += 0x2000)
    text += String.fromCharCode(...bytes.subarray(start, start + 0x2000));
  return `data:${mime};base64,${btoa(text)}`;
}
