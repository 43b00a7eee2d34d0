import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";

import type { Plugin } from "vite";

/**
 * Put what documents may lack into the build, `pdf/cmaps/` and `pdf/standard_fonts/`: character maps of East
 * Asian scripts and the fonts that a document may name without bringing. The viewer loads one when it needs it.
 */
export function pdfFiles(folder: string): Plugin {
  return {
    name: "streamsync:pdf-files",
    apply: "build",
    generateBundle() {
      for (const group of ["cmaps", "standard_fonts"]) {
        for (const name of readdirSync(join(folder, group))) {
          const source = readFileSync(join(folder, group, name));
          this.emitFile({ type: "asset", fileName: `pdf/${group}/${name}`, source });
        }
      }
    },
  };
}
