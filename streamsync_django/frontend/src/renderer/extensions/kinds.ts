/* eslint-disable vue/one-component-per-file -- the kinds differ in a few lines */
/** The three ways of drawing a custom component type; loaded only by applications that have one. */
import {
  defineComponent,
  h,
  nextTick,
  onBeforeUnmount,
  onMounted,
  useTemplateRef,
  watch,
  type Component,
} from "vue";

import { SlotChildren, useComponent } from "../../components/contract";
import { StreamsyncError } from "../../core/errors";
import type { ExtensionRecord } from "../../core/messages";
import { createWidgetModel, startWidget, type AnyWidget } from "./anyWidget";
import { fieldValue } from "./fieldValue";
import { vueApi } from "./vueApi";

/** `export function setup({ vue, useComponent, … }) { return component }` */
export function vueComponent(setup: (api: typeof vueApi) => unknown): Component {
  const component = setup(vueApi);
  if (typeof component !== "object" || component === null) {
    throw new StreamsyncError(
      "extension.no-component",
      { expected: "setup() to return a Vue component" },
      "app",
    );
  }
  return component;
}

/** `export default class extends HTMLElement`: fields are properties, and declared events are listened to. */
export function customElement(element: CustomElementConstructor, extension: ExtensionRecord): Component {
  const tag = tagOf(element, extension.type);
  const events = Object.keys(extension.events);
  return defineComponent({
    name: extension.type,
    setup() {
      const component = useComponent();
      const listeners = Object.fromEntries(
        events.map((name) => [
          `on:${name}`,
          (event: Event) =>
            void component.emit(name, event instanceof CustomEvent ? (event.detail as unknown) : null),
        ]),
      );
      return () => {
        const properties = Object.keys(extension.fields).map((name) => [
          `.${name}`,
          fieldValue(component, extension, name),
        ]);
        const children = component.children().length > 0 ? [h(SlotChildren)] : undefined;
        return h(tag, { ...Object.fromEntries(properties), ...listeners }, children);
      };
    },
  });
}

/** `export default { render({ model, el }) }`, and everything else of anywidget's front-end module. */
export function anyWidget(widget: AnyWidget, extension: ExtensionRecord): Component {
  return defineComponent({
    name: extension.type,
    setup() {
      const component = useComponent();
      const root = useTemplateRef<HTMLElement>("root");
      const model = createWidgetModel(component, extension);
      let stop: (() => void) | undefined;
      let isGone = false;

      for (const name of Object.keys(extension.fields)) {
        watch(
          () => fieldValue(component, extension, name),
          (value) => {
            model.receive(name, value);
          },
        );
      }
      onMounted(async () => {
        // Classes and styles of the node are around the element from here on.
        await nextTick();
        if (!root.value) return;
        const ending = await startWidget(widget, model, root.value);
        if (isGone) ending();
        else stop = ending;
      });
      onBeforeUnmount(() => {
        isGone = true;
        stop?.();
      });
      // An element of its own: what the widget does to its classes and style is not undone by the node's.
      return () => h("div", [h("div", { ref: "root" })]);
    },
  });
}

const tags = new Map<CustomElementConstructor, string>();

/** A class can be defined once and under one name only; the module may have done so itself. */
function tagOf(element: CustomElementConstructor, type: string): string {
  const known = tags.get(element) ?? customElements.getName(element);
  if (known) return known;
  const tag = `streamsync-${type.replace(/[^a-z0-9]+/g, "-")}`;
  customElements.define(tag, element);
  tags.set(element, tag);
  return tag;
}
