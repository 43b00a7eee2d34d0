import { defineAsyncComponent, type Component } from "vue";

import LoadingComponent from "./LoadingComponent.vue";
import UnknownComponent from "./UnknownComponent.vue";

type Loader = () => Promise<Component>;

/** What nearly every page draws: bundled with the renderer. */
const bundled = import.meta.glob<Component>(
  [
    "../components/{root,page,header,sidebar,section,columns,column,horizontalstack,separator}/index.ts",
    "../components/{text,heading,button,link,icon,message,repeater,html,metric,image,timer}/index.ts",
    "../components/{tabs,tab,textinput}/index.ts",
  ],
  { eager: true, import: "default" },
);
/** Everything else comes when a page first draws it. */
const lazy = import.meta.glob<Component>(
  [
    "../components/*/index.ts",
    "!../components/{root,page,header,sidebar,section,columns,column,horizontalstack,separator}/index.ts",
    "!../components/{text,heading,button,link,icon,message,repeater,html,metric,image,timer}/index.ts",
    "!../components/{tabs,tab,textinput}/index.ts",
  ],
  { import: "default" },
);

const implementations = new Map<string, Component>();

/** The Vue component that draws a type. */
export function implementationOf(type: string): Component {
  let found = implementations.get(type);
  if (!found) {
    found = bundled[pathOf(type)] ?? maybeLazily(lazy[pathOf(type)]) ?? UnknownComponent;
    implementations.set(type, found);
  }
  return found;
}

/** Make a type of an extension known; it takes the place of an unknown one. */
export function registerComponent(type: string, component: Component): void {
  implementations.set(type, component);
}

function pathOf(type: string): string {
  return `../components/${type}/index.ts`;
}

function maybeLazily(loader: Loader | undefined): Component | undefined {
  return loader && lazily(loader);
}

/** A component that is loaded when it is first drawn. */
export function lazily(loader: Loader): Component {
  return defineAsyncComponent({
    loader,
    loadingComponent: LoadingComponent,
    errorComponent: UnknownComponent,
    // From the start, for it keeps the place; it shows itself after 200 ms.
    delay: 0,
  });
}
