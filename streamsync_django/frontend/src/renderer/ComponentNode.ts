import { computed, defineComponent, h, inject, provide, type PropType } from "vue";

import catalogue from "virtual:streamsync-catalogue";

import { componentKey, nodeKey, type ComponentHandle, type RepetitionIndex } from "../components/contract";
import type { ComponentRecord } from "../core/messages";
import { authoredScheme, readableTexts } from "./colorScheme";
import { nativeEvents, nativePayload } from "./nativeEvents";
import { applicationKey } from "./openApplication";
import { implementationOf } from "./registry";
import { useNode } from "./useNode";

/**
 * Draws one component of the layout. It adds no element of its own: classes, attributes, CSS
 * variables, visibility and native listeners land on the component's root element. Developers get a
 * note behind it when a field holds what its type cannot read.
 */
export const ComponentNode = defineComponent({
  name: "ComponentNode",
  inheritAttrs: false,
  props: {
    id: { type: String, required: true },
    index: { type: [Number, String] as PropType<RepetitionIndex>, default: 0 },
  },
  setup(props) {
    // id and index are part of a node's key, so a node never becomes another one.
    const { handle, record } = useNode(props.id, props.index);
    provide(componentKey, handle);
    provide(nodeKey, ComponentNode);
    const instancePath = handle.target.map(([id, index]) => `${id}:${index}`).join(",");

    const classes = computed(() => [
      "component",
      `ss-type-${handle.type}`,
      `wf-type-${handle.type}`,
      handle.children("*").length === 0 && "childless",
      handle.isDisabled.value && "disabled",
      handle.text("cssClasses"),
    ]);
    const style = computed(() => ({ ...cssVariables(handle), ...hiding(handle) }));
    const listeners = computed(() => (record.value ? nativeListeners(handle, record.value) : {}));

    const application = inject(applicationKey);
    const problems = computed(() => {
      const notes = handle.isVisible.value ? application?.fieldNotes.value : null;
      return (application && notes?.problems(application, handle)) ?? "";
    });

    return () => {
      if (!record.value) return undefined;
      const drawn = h(implementationOf(record.value.type), {
        class: classes.value,
        style: style.value,
        "data-streamsync-id": handle.id,
        "data-streamsync-instance-path": instancePath,
        "aria-disabled": handle.isDisabled.value || undefined,
        ...busy(handle),
        ...listeners.value,
      });
      return problems.value ? [drawn, application?.fieldNotes.value?.draw(problems.value)] : drawn;
    };
  },
});

/** Only what the author set: unset variables are inherited, or the page's own. */
function cssVariables(handle: ComponentHandle): Record<string, string> {
  const variables = readableTexts(handle);
  for (const [field, [, , isVariable]] of Object.entries(catalogue[handle.type]?.fields ?? {})) {
    if (isVariable && handle.stored(field)) variables[`--${field}`] = handle.text(field);
  }
  const scheme = authoredScheme(handle);
  return scheme ? { ...variables, colorScheme: scheme } : variables;
}

/** Hidden components stay mounted. */
function hiding(handle: ComponentHandle): Record<string, string> {
  return handle.isVisible.value ? {} : { display: "none" };
}

/**
 * What waits for an answer says so, except what holds others: a screen reader may leave out what is busy.
 * Nothing at all is said otherwise, for a component may be busy of its own accord.
 */
function busy(handle: ComponentHandle): Record<string, boolean> {
  return handle.isPending() && handle.children("*").length === 0 ? { "aria-busy": true } : {};
}

/** `on:name` keeps a listener's name as it is, whatever its spelling. */
function nativeListeners(
  handle: ComponentHandle,
  record: ComponentRecord,
): Record<string, (event: Event) => void> {
  const names = nativeEvents(record.handlers, catalogue[record.type]?.events ?? {});
  return Object.fromEntries(
    names.map((name) => [`on:${name}`, (event: Event) => void handle.emit(name, nativePayload(event))]),
  );
}
