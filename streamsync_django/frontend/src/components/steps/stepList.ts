import { computed, type ComputedRef, type InjectionKey, shallowRef, triggerRef } from "vue";

/** One step as its container sees it. */
export interface StepEntry {
  readonly key: string;
  readonly panelId: string;
  readonly name: ComputedRef<string>;
  readonly isVisible: ComputedRef<boolean>;
  readonly isCompleted: ComputedRef<boolean>;
  /** Where the panel stands in the document: that is the order of the steps. */
  element(): Element | null;
}

export interface StepList {
  readonly id: string;
  readonly entries: ComputedRef<readonly StepEntry[]>;
  readonly active: ComputedRef<StepEntry | undefined>;
  add(entry: StepEntry): void;
  remove(entry: StepEntry): void;
  activate(key: string): void;
}

/** Steps find their container through any number of repeaters. */
export const stepListKey: InjectionKey<StepList> = Symbol("streamsync steps");

/** From a completed step on, the next open one is current; when none is left, the last. */
export function advance(completed: readonly boolean[], current: number): number {
  if (!completed[current]) return current;
  const next = completed.findIndex((isCompleted, at) => at > current && !isCompleted);
  return next === -1 ? completed.length - 1 : next;
}

export function createStepList(id: string): StepList {
  const all = shallowRef<StepEntry[]>([]);
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

function inDocumentOrder(a: StepEntry, b: StepEntry): number {
  const [first, second] = [a.element(), b.element()];
  if (!first || !second) return 0;
  return first.compareDocumentPosition(second) & Node.DOCUMENT_POSITION_FOLLOWING ? -1 : 1;
}
