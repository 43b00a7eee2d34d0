/* eslint-disable vue/one-component-per-file -- three ways of drawing children, of a few lines each */
import { computed, defineComponent, h, inject, provide, type InjectionKey, type PropType } from "vue";

import { componentKey, contextKey, nodeKey, type ChildRecord } from "./handle";

/** Draws one child by id: for components that place their children themselves. */
export const ComponentChild = defineComponent({
  name: "ComponentChild",
  inheritAttrs: false,
  props: { id: { type: String, required: true }, index: { type: Number, default: 0 } },
  setup(props) {
    const node = given(nodeKey);
    return () => h(node, { key: props.id, id: props.id, index: props.index });
  },
});

/** Draws the children of a slot in order: `<SlotChildren />` or `<SlotChildren name="sidebar" />`. */
export const SlotChildren = defineComponent({
  name: "SlotChildren",
  inheritAttrs: false,
  props: { name: { type: String, default: "default" }, index: { type: Number, default: 0 } },
  setup(props) {
    const component = given(componentKey);
    const node = given(nodeKey);
    return () =>
      component
        .children(props.name)
        .map((child: ChildRecord) => h(node, { key: child.id, id: child.id, index: props.index }));
  },
});

/** One repetition: provides its variables, merged over those of the repeaters around it. */
const Repetition = defineComponent({
  name: "RepetitionOfChildren",
  props: {
    index: { type: Number, required: true },
    variables: { type: Object as PropType<Record<string, unknown>>, required: true },
  },
  setup(props) {
    const outer = inject(contextKey, null);
    provide(
      contextKey,
      computed(() => ({ ...outer?.value, ...props.variables })),
    );
    return () => h(SlotChildren, { index: props.index });
  },
});

/**
 * Draws the children once per item. `items` are `[key, value]` pairs in order; the names are those
 * that templates inside use (`itemId`, `item`). The repetition number is the ordinal.
 */
export const RepeatedChildren = defineComponent({
  name: "RepeatedChildren",
  inheritAttrs: false,
  props: {
    items: { type: Array as PropType<readonly (readonly [string | number, unknown])[]>, required: true },
    keyVariable: { type: String, required: true },
    valueVariable: { type: String, required: true },
  },
  setup(props) {
    return () =>
      props.items.map(([key, value], index) =>
        h(Repetition, {
          key: index,
          index,
          variables: { [props.keyVariable]: key, [props.valueVariable]: value },
        }),
      );
  },
});

function given<T>(key: InjectionKey<T>): T {
  const value = inject(key);
  if (value === undefined) throw new Error("children were drawn outside a component");
  return value;
}
