/* eslint-disable vue/one-component-per-file -- three ways of drawing children, of a few lines each */
import { computed, defineComponent, h, inject, provide, type InjectionKey, type PropType } from "vue";

import { componentKey, contextKey, nodeKey, type ChildRecord, type RepetitionIndex } from "./handle";

const INDEX = { type: [Number, String] as PropType<RepetitionIndex>, default: 0 };

/** Draws one child by id: for components that place their children themselves. */
export const ComponentChild = defineComponent({
  name: "ComponentChild",
  inheritAttrs: false,
  props: { id: { type: String, required: true }, index: INDEX },
  setup(props) {
    const node = given(nodeKey);
    return () => h(node, { key: props.id, id: props.id, index: props.index });
  },
});

/** Draws the children of a slot in order: `<SlotChildren />` or `<SlotChildren name="sidebar" />`. */
export const SlotChildren = defineComponent({
  name: "SlotChildren",
  inheritAttrs: false,
  props: { name: { type: String, default: "default" }, index: INDEX },
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
    index: { type: [Number, String] as PropType<RepetitionIndex>, required: true },
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
 * that templates inside use (`itemId`, `item`). A repetition is known by its key, a number in lists, so that
 * those of an object keep their elements (and what is typed in them) when the object is put in another order.
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
    let known = new Map<string | number, Variables>();
    return () => {
      const before = known;
      known = new Map();
      return props.items.map(([key, value]) => {
        const variables = sameVariables(before.get(key), {
          [props.keyVariable]: key,
          [props.valueVariable]: value,
        });
        known.set(key, variables);
        return h(Repetition, { key, index: key, variables });
      });
    };
  },
});

type Variables = Readonly<Record<string, unknown>>;

/** The variables from before if they say the same: a repetition whose item stayed is not drawn again. */
function sameVariables(before: Variables | undefined, now: Variables): Variables {
  const isSame =
    before !== undefined &&
    Object.keys(now).every((name) => Object.hasOwn(before, name) && Object.is(before[name], now[name]));
  return isSame ? before : now;
}

function given<T>(key: InjectionKey<T>): T {
  const value = inject(key);
  if (value === undefined) throw new Error("children were drawn outside a component");
  return value;
}
