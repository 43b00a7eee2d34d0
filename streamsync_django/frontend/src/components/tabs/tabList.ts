import type { InjectionKey } from "vue";

import type { PanelList } from "../parts/panelList";

/** Tabs find their container through any number of repeaters. */
export const tabListKey: InjectionKey<PanelList> = Symbol("streamsync tabs");
