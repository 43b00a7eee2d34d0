import { isPlainObject } from "./expressions";
import type { PatchMessage, Path } from "./messages";
import { share } from "./sharing";

/** A nested state: an object whose keys can be watched one by one. */
export type StateNode = Record<string, unknown>;

/**
 * Makes the tree's nodes, so that the core need not know how changes are watched. A value stays as
 * it came until something is set below it; only then it becomes a node.
 */
export interface NodeFactory {
  makeNode(source: StateNode): StateNode;
  isNode(value: unknown): boolean;
}

export const plainNodes: NodeFactory = { makeNode: (source) => source, isNode: isPlainObject };

type Changes = Pick<PatchMessage, "set" | "del" | "append">;

/**
 * Apply one patch to the tree in place: deletions, then assignments in order, then appended items.
 * `decode` turns each wire value into what the browser works with.
 */
export function applyPatch(
  root: StateNode,
  changes: Changes,
  nodes: NodeFactory = plainNodes,
  decode: (value: unknown) => unknown = (value) => value,
): void {
  for (const path of changes.del ?? []) deleteAt(root, path, nodes);
  for (const [path, value] of changes.set ?? []) setAt(root, path, decode(value), nodes);
  for (const [path, items] of changes.append ?? []) appendAt(root, path, decode(items) as unknown[], nodes);
}

/** Make the root hold exactly this state: changed keys are replaced, missing ones removed. */
export function applySnapshot(
  root: StateNode,
  state: StateNode,
  decode: (value: unknown) => unknown = (value) => value,
): void {
  for (const key of Object.keys(root)) if (!Object.hasOwn(state, key)) Reflect.deleteProperty(root, key);
  for (const [key, value] of Object.entries(state)) assign(root, key, share(own(root, key), decode(value)));
}

function setAt(root: StateNode, path: Path, value: unknown, nodes: NodeFactory): void {
  let node = root;
  for (const key of path.slice(0, -1)) node = enter(node, key, nodes);
  const last = path.at(-1);
  if (last !== undefined) assign(node, last, share(own(node, last), value));
}

/** The node below `key`, made where there is none: a parent that is not an object is replaced. */
function enter(node: StateNode, key: string, nodes: NodeFactory): StateNode {
  const child = own(node, key);
  if (nodes.isNode(child)) return child as StateNode;
  const made = nodes.makeNode(isPlainObject(child) ? child : {});
  assign(node, key, made);
  return made;
}

function deleteAt(root: StateNode, path: Path, nodes: NodeFactory): void {
  let node = root;
  for (const key of path.slice(0, -1)) {
    if (!isPlainObject(own(node, key))) return;
    node = enter(node, key, nodes);
  }
  const last = path.at(-1);
  if (last !== undefined && Object.hasOwn(node, last)) Reflect.deleteProperty(node, last);
}

/** Items go to a new array: whoever shows the old one keeps it whole, and sees that it changed. */
function appendAt(root: StateNode, path: Path, items: unknown[], nodes: NodeFactory): void {
  let node = root;
  for (const key of path.slice(0, -1)) node = enter(node, key, nodes);
  const last = path.at(-1);
  if (last === undefined) return;
  const before = own(node, last);
  assign(node, last, Array.isArray(before) ? [...(before as unknown[]), ...items] : items);
}

function own(node: StateNode, key: string): unknown {
  return Object.hasOwn(node, key) ? node[key] : undefined;
}

/** Set a key even where it is called `__proto__`. */
function assign(node: StateNode, key: string, value: unknown): void {
  if (key === "__proto__")
    Object.defineProperty(node, key, { value, writable: true, enumerable: true, configurable: true });
  else node[key] = value;
}
