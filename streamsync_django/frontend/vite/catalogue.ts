import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";

import type { Plugin } from "vite";

const MODULE = "virtual:streamsync-catalogue";
const RESOLVED = `\0${MODULE}`;

interface Definition {
  type: string;
  slot?: string;
  fields: Record<string, { type: string; default?: string; cssVariable?: boolean }>;
  events: Record<string, { queue: "all" | "latest" }>;
}

/**
 * Give the renderer what it uses of the catalogue, and nothing of its texts: visitors do not load
 * labels and descriptions. The module's shape is declared in src/renderer/catalogue.d.ts.
 */
export function catalogue(folder: string): Plugin {
  return {
    name: "streamsync:catalogue",
    resolveId: (id) => (id === MODULE ? RESOLVED : null),
    load(id) {
      if (id !== RESOLVED) return null;
      const files = readdirSync(folder).filter((name) => name.endsWith(".json") && name !== "schema.json");
      for (const name of files) this.addWatchFile(join(folder, name));
      const definitions = files.map(
        (name) => JSON.parse(readFileSync(join(folder, name), "utf8")) as Definition,
      );
      return `export default ${JSON.stringify(Object.fromEntries(definitions.map(essence)))}`;
    },
  };
}

/** One type as `[type, {slot?, fields: {key: [type, default?, isCssVariable?]}, events: {name: queue}}]`. */
export function essence(definition: Definition): [string, object] {
  const fields = Object.entries(definition.fields).map(([key, field]): [string, unknown[]] => {
    if (field.cssVariable) return [key, [field.type, field.default ?? "", 1]];
    return [key, field.default ? [field.type, field.default] : [field.type]];
  });
  const events = Object.entries(definition.events).map(([name, event]) => [name, event.queue] as const);
  const slot = definition.slot && definition.slot !== "default" ? { slot: definition.slot } : {};
  return [
    definition.type,
    { ...slot, fields: Object.fromEntries(fields), events: Object.fromEntries(events) },
  ];
}
