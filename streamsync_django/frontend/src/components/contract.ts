/**
 * What a component may rely on.
 *
 * A component type is a folder `components/<type>/` whose `index.ts` default-exports one Vue
 * component (script setup or defineComponent). It takes no props: everything comes through the
 * composables of this file. Its template has exactly ONE root element, because the classes,
 * data attributes, CSS variables, visibility and native listeners of the node fall through to it.
 *
 *     const { text, emit, isPending } = useComponent();
 *     <button class="ss-button" @click="emit('ss-click', clickPayload($event))">{{ text("text") }}</button>
 *
 * Fields, defaults and event types come from `streamsync_django/catalogue/<type>.json`; the
 * registry knows them, a component never repeats a default. Small components are bundled with
 * the renderer; every other folder becomes a chunk of its own (see registry.ts).
 */
import { inject } from "vue";

import { componentKey, type ComponentHandle } from "./handle";

/** The component being drawn. Call it in setup. */
export function useComponent(): ComponentHandle {
  const handle = inject(componentKey);
  if (!handle) throw new Error("useComponent() was called outside a drawn component");
  return handle;
}

/** Payload of the events of kind `click`. */
export function clickPayload(event: MouseEvent | KeyboardEvent): Record<string, boolean> {
  return { ctrlKey: event.ctrlKey, shiftKey: event.shiftKey, metaKey: event.metaKey };
}

/** Payload of the events of kind `keydown`. */
export function keydownPayload(event: KeyboardEvent): Record<string, boolean | string> {
  return { key: event.key, ...clickPayload(event) };
}

export * from "./handle";
export { useInput, type InputHandle, type InputOptions } from "./useInput";
export { ComponentChild, RepeatedChildren, SlotChildren } from "./children";
