import { computed, type ComputedRef, shallowRef, triggerRef } from "vue";

/** One panel as its container sees it, which shows one of them at a time. */
export interface PanelEntry {
  readonly key: string;
  readonly panelId: string;
  readonly name: ComputedRef<string>;
  readonly isVisible: ComputedRef<boolean>;
  /** Where the panel stands in the document: that is the order of the panels. */
  element(): Element | null;
}

export interface PanelList<Entry extends PanelEntry = PanelEntry> {
  readonly id: string;
  readonly entries: ComputedRef<readonly Entry[]>;
  /** The one that was chosen, else the first. */
  readonly active: ComputedRef<Entry | undefined>;
  add(entry: Entry): void;
  remove(entry: Entry): void;
  activate(key: string): void;
}

export function createPanelList<Entry extends PanelEntry>(id: string): PanelList<Entry> {
  const all = shallowRef<Entry[]>([]);
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

function inDocumentOrder(a: PanelEntry, b: PanelEntry): number {
  const [first, second] = [a.element(), b.element()];
  if (!first || !second) return 0;
  return first.compareDocumentPosition(second) & Node.DOCUMENT_POSITION_FOLLOWING ? -1 : 1;
}
