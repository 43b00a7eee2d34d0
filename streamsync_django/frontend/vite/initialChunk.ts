import type { Plugin, Rolldown } from "vite";

type Group = Rolldown.CodeSplittingGroup;
type Context = Parameters<Extract<Group["name"], (...values: never[]) => unknown>>[1];

/**
 * Gather all that an entry loads at once into one chunk of its own, beside the entry file that imports it.
 *
 * Otherwise lazily loaded chunks import what they share from renderer.js. Django may serve that file under a
 * second, hashed name, and the browser would then run the module twice: two Vues, two connections.
 */
export function initialChunk(chunk: string): Group {
  return {
    name: (id, context) => {
      const isEntry = context.getModuleInfo(id)?.isEntry ?? false;
      return !isEntry && isLoadedAtOnce(id, context, new Set()) ? chunk : null;
    },
    debugName: chunk,
    includeDependenciesRecursively: false,
  };
}

function isLoadedAtOnce(id: string, context: Context, seen: Set<string>): boolean {
  if (seen.has(id)) return false;
  seen.add(id);
  const module = context.getModuleInfo(id);
  if (!module) return false;
  return module.isEntry || module.importers.some((importer) => isLoadedAtOnce(importer, context, seen));
}

/** Fail the build when a chunk imports an entry file: a bundler's new version may choose chunks differently. */
export function forbidImportsOfEntries(): Plugin {
  return {
    name: "streamsync:forbid-imports-of-entries",
    apply: "build",
    generateBundle(_options, bundle) {
      const chunks = Object.values(bundle).filter((file) => file.type === "chunk");
      const entries = new Set(chunks.filter((chunk) => chunk.isEntry).map((chunk) => chunk.fileName));
      for (const chunk of chunks) {
        const entry = [...chunk.imports, ...chunk.dynamicImports].find((name) => entries.has(name));
        if (entry)
          this.error(`${chunk.fileName} imports ${entry}, which Django may serve under a second name`);
      }
    },
  };
}
