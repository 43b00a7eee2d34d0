/** anywidget's front-end modules: the model they talk to, and their life. */
import type { ComponentHandle } from "../../components/contract";
import type { ExtensionRecord } from "../../core/messages";
import { fieldValue } from "./fieldValue";

type Listener = (...values: unknown[]) => unknown;
type Ending = (() => unknown) | undefined;
type Step = (context: Record<string, unknown>) => unknown;

/** What the module exports: the object, or a function that gives it. */
export type AnyWidget = WidgetObject | (() => WidgetObject | Promise<WidgetObject>);
interface WidgetObject {
  readonly initialize?: Step;
  readonly render?: Step;
}

/** The model as a widget sees it: fields are its traits. */
export interface WidgetModel {
  readonly get: (name: string) => unknown;
  readonly set: (name: string | Record<string, unknown>, value?: unknown) => void;
  readonly save_changes: () => void;
  readonly send: (content: unknown, callbacks?: unknown, buffers?: unknown) => void;
  readonly on: (events: string, listener: Listener) => void;
  readonly off: (events?: string | null, listener?: Listener | null) => void;
  /** The state has another value for a field. */
  readonly receive: (name: string, value: unknown) => void;
}

/**
 * Make the model of one drawn component.
 *
 * `set` counts at once for the widget; `save_changes` sends `<field>-change` with the value for each changed field, which
 * a binding writes to the state. `send` is the event `message`.
 */
export function createWidgetModel(component: ComponentHandle, extension: ExtensionRecord): WidgetModel {
  const values = new Map(
    Object.keys(extension.fields).map((name) => [name, fieldValue(component, extension, name)]),
  );
  const unsaved = new Set<string>();
  const listeners = new Map<string, Set<Listener>>();

  function tell(event: string, ...details: unknown[]): void {
    for (const listener of [...(listeners.get(event) ?? [])]) listener(...details);
  }

  function change(name: string, value: unknown): boolean {
    if (isSame(values.get(name), value)) return false;
    values.set(name, value);
    tell(`change:${name}`, model, value);
    return true;
  }

  const model: WidgetModel = {
    get: (name) => values.get(name),
    set(name, value) {
      const changes = typeof name === "string" ? { [name]: value } : name;
      const changed = Object.entries(changes).filter(([key, item]) => change(key, item));
      for (const [key] of changed) unsaved.add(key);
      if (changed.length > 0) tell("change", model);
    },
    save_changes() {
      const changed = [...unsaved];
      unsaved.clear();
      for (const name of changed) void component.emit(`${name}-change`, values.get(name));
    },
    send: (content) => void component.emit("message", content),
    on(events, listener) {
      for (const event of events.split(/\s+/)) {
        const known = listeners.get(event) ?? new Set();
        listeners.set(event, known.add(listener));
      }
    },
    off(events, listener) {
      for (const event of events ? events.split(/\s+/) : [...listeners.keys()]) {
        if (listener) listeners.get(event)?.delete(listener);
        else listeners.delete(event);
      }
    },
    receive(name, value) {
      if (!unsaved.has(name) && change(name, value)) tell("change", model);
    },
  };
  return model;
}

/** Run a widget's steps in an element; returns what ends it. */
export async function startWidget(
  widget: AnyWidget,
  model: WidgetModel,
  el: HTMLElement,
): Promise<() => void> {
  const { initialize, render } = typeof widget === "function" ? await widget() : widget;
  const experimental = {
    invoke: () => Promise.reject(new Error("invoke() needs a Jupyter kernel; use model.send()")),
  };
  const endings = [
    (await initialize?.({ model, experimental })) as Ending,
    (await render?.({ model, el, experimental })) as Ending,
  ];
  return () => {
    for (const ending of endings.reverse()) ending?.();
    model.off();
  };
}

function isSame(a: unknown, b: unknown): boolean {
  return Object.is(a, b) || (typeof a === "object" && JSON.stringify(a) === JSON.stringify(b));
}
