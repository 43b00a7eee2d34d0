/**
 * Custom component types of an application: modules that are loaded as they are, without a build step.
 *
 * What a module exports says what it is: `setup(api)` gives a Vue component, a default export that is a class is a
 * custom element, anything else an anywidget (an object, or a function that gives one).
 */
import catalogue from "virtual:streamsync-catalogue";

import { StreamsyncError } from "../core/errors";
import type { ExtensionRecord } from "../core/messages";
import { lazily, registerComponent } from "./registry";

/** What an extension's module may export. */
export interface ExtensionModule {
  readonly setup?: unknown;
  readonly default?: unknown;
  /** The first releases of anywidget had it here. */
  readonly render?: unknown;
}

/** Make an application's custom types known, before anything is drawn; their modules come when used. */
export function registerExtensions(extensions: readonly ExtensionRecord[]): void {
  for (const extension of extensions) {
    const { type, slot, fields, events } = extension;
    // The catalogue is one object in the whole page, and this the only place that adds to it.
    (catalogue as Record<string, (typeof catalogue)[string]>)[type] = { slot, fields, events };
    for (const address of extension.styles) link(address);
    registerComponent(
      type,
      lazily(() => load(extension)),
    );
  }
}

async function load(extension: ExtensionRecord): Promise<ReturnType<typeof lazily>> {
  const loading = import(/* @vite-ignore */ new URL(extension.module, location.href).href);
  const [module, kinds] = await Promise.all([
    loading as Promise<ExtensionModule>,
    import("./extensions/kinds"),
  ]);
  const { setup, default: main } = module;
  if (typeof setup === "function") return kinds.vueComponent(setup as (api: unknown) => unknown);
  if (isElementClass(main)) return kinds.customElement(main, extension);
  const widget = main ?? (module.render ? module : null);
  if (widget !== null) return kinds.anyWidget(widget, extension);
  throw new StreamsyncError("extension.no-component", { type: extension.type }, "app");
}

function isElementClass(value: unknown): value is CustomElementConstructor {
  return typeof value === "function" && value.prototype instanceof HTMLElement;
}

function link(address: string): void {
  const element = document.createElement("link");
  element.rel = "stylesheet";
  element.href = address;
  document.head.append(element);
}
