import type { ComputedRef, InjectionKey } from "vue";

import type { PanelEntry, PanelList } from "../parts/panelList";

export interface StepEntry extends PanelEntry {
  readonly isCompleted: ComputedRef<boolean>;
}

/** Steps find their container through any number of repeaters. */
export const stepListKey: InjectionKey<PanelList<StepEntry>> = Symbol("streamsync steps");

/** From a completed step on, the next open one is current; when none is left, the last. */
export function advance(completed: readonly boolean[], current: number): number {
  if (!completed[current]) return current;
  const next = completed.findIndex((isCompleted, at) => at > current && !isCompleted);
  return next === -1 ? completed.length - 1 : next;
}
