import { computed, shallowRef, triggerRef, type ComputedRef, type InjectionKey } from "vue";

/** One tab as its container sees it. */
export interface TabEntry {
  readonly key: string;
  readonly panelId: string;
  readonly name: ComputedRef<string>;
  readonly isVisible: ComputedRef<boolean>;
  /** Where the panel stands in the document: that is the order of the tabs. */
  element(): Element | null;
}

export interface TabList {
  readonly entries: ComputedRef<readonly TabEntry[]>;
  readonly active: ComputedRef<TabEntry | undefined>;
  readonly id: string;
  add(entry: TabEntry): void;
  remove(entry: TabEntry): void;
  activate(key: string): void;
}

/** Tabs find their container through any number of repeaters. */
export const tabListKey: InjectionKey<TabList> = Symbol("streamsync tabs");

export function createTabList(id: string): TabList {
  const all = shallowRef<TabEntry[]>([]);
  const chosen = shallowRef<string | null>(null);
  const entries = computed(() => all.value.filter((entry) => entry.isVisible.value));

  return {
    id,
    entries,
    active: computed(() => entries.value.find((entry) => entry.key === chosen.value) ?? entries.value[0]),
    add(entry) {
      all.value.push(entry);
      all.value.sort(inDocumentOrder);
      triggerRef(all);
    },
    remove(entry) {
      all.value = all.value.filter((other) => other !== entry);
    },
    activate(key) {
      chosen.value = key;
    },
  };
}

function inDocumentOrder(a: TabEntry, b: TabEntry): number {
  const [first, second] = [a.element(), b.element()];
  if (!first || !second) return 0;
  return first.compareDocumentPosition(second) & Node.DOCUMENT_POSITION_FOLLOWING ? -1 : 1;
}
