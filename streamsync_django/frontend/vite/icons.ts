import { readdirSync, readFileSync } from "node:fs";
import { basename, dirname, join } from "node:path";

import type { Plugin } from "vite";

import { materialNames } from "./materialNames.ts";

/**
 * Put every RemixIcon into the build as a file of its own, `icons/<name>.svg`: layouts name icons
 * freely, pages load only those they show. `close` finds `close-line`, as the original's class
 * names did, and the common Material names find their likeness.
 */
export function icons(folder: string): Plugin {
  return {
    name: "streamsync:icons",
    apply: "build",
    generateBundle() {
      for (const [name, source] of iconFiles(folder)) {
        this.emitFile({ type: "asset", fileName: `icons/${name}.svg`, source });
      }
      const license = readFileSync(`${dirname(folder)}/License`, "utf8");
      this.emitFile({ type: "asset", fileName: "icons/LICENSE.txt", source: license });
    },
  };
}

/** Each icon's drawing by every name it answers to. */
export function iconFiles(folder: string): Map<string, string> {
  const files = new Map<string, string>();
  for (const path of readdirSync(folder, { recursive: true, encoding: "utf8" })) {
    if (path.endsWith(".svg")) files.set(basename(path, ".svg"), readFileSync(join(folder, path), "utf8"));
  }
  for (const [name, source] of [...files]) {
    const short = name.replace(/-line$/, "");
    if (!files.has(short)) files.set(short, source);
  }
  for (const [material, remix] of Object.entries(materialNames)) {
    const source = files.get(remix);
    if (source === undefined) throw new Error(`materialNames: there is no icon ${remix} for ${material}`);
    if (!files.has(material)) files.set(material, source);
  }
  return files;
}
