import { isPlainObject } from "./expressions";
import { Binary } from "./values";

/**
 * Return `after`, holding what it has in common with `before` as the very objects of `before`; `before` itself
 * where nothing differs. Whoever shows one item of a long list then sees at once that it is the same.
 * `after` is changed in place.
 */
export function share(before: unknown, after: unknown): unknown {
  if (Object.is(before, after)) return before;
  if (before instanceof Binary && after instanceof Binary) return sameBytes(before, after) ? before : after;
  if (Array.isArray(before) && Array.isArray(after)) return shareItems(before, after);
  if (isPlainObject(before) && isPlainObject(after)) return shareEntries(before, after);
  return after;
}

function shareItems(before: unknown[], after: unknown[]): unknown[] {
  let isSame = before.length === after.length;
  for (let at = 0; at < after.length; at++) {
    const shared = at < before.length ? share(before[at], after[at]) : after[at];
    isSame &&= Object.is(shared, before[at]);
    after[at] = shared;
  }
  return isSame ? before : after;
}

/** Order counts: a repeater draws an object's entries as they come. */
function shareEntries(before: Record<string, unknown>, after: Record<string, unknown>): object {
  const [oldKeys, newKeys] = [Object.keys(before), Object.keys(after)];
  let isSame = oldKeys.length === newKeys.length;
  for (const [at, key] of newKeys.entries()) {
    isSame &&= oldKeys[at] === key;
    if (key === "__proto__" || !Object.hasOwn(before, key)) {
      isSame = false;
      continue;
    }
    const shared = share(before[key], after[key]);
    isSame &&= Object.is(shared, before[key]);
    after[key] = shared;
  }
  return isSame ? before : after;
}

function sameBytes(before: Binary, after: Binary): boolean {
  return before.digest === after.digest && before.mime === after.mime;
}
