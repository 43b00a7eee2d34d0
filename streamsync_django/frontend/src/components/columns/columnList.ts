import { shallowReactive, type ComputedRef, type InjectionKey } from "vue";

/** One column as its neighbours see it. */
export interface ColumnEntry {
  readonly isCollapsible: ComputedRef<boolean>;
  element(): Element | null;
}

export interface ColumnList {
  add(entry: ColumnEntry): void;
  remove(entry: ColumnEntry): void;
  /** True if a column that always stays open stands before this one: it then collapses towards the row's end. */
  hasFixedBefore(entry: ColumnEntry): boolean;
}

/** Columns find their row through any number of repeaters. */
export const columnListKey: InjectionKey<ColumnList> = Symbol("streamsync columns");

export function createColumnList(): ColumnList {
  const all = shallowReactive(new Set<ColumnEntry>());
  return {
    add: (entry) => void all.add(entry),
    remove: (entry) => void all.delete(entry),
    hasFixedBefore: (entry) =>
      [...all].some((other) => !other.isCollapsible.value && isBefore(other.element(), entry.element())),
  };
}

function isBefore(first: Element | null, second: Element | null): boolean {
  if (!first || !second) return false;
  return Boolean(first.compareDocumentPosition(second) & Node.DOCUMENT_POSITION_FOLLOWING);
}
