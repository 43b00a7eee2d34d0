import type { Rolldown } from "vite";

type Group = Rolldown.CodeSplittingGroup;
type Context = Parameters<Extract<Group["name"], (...values: never[]) => unknown>>[1];

/**
 * Gather all that an entry loads at once into one chunk of its own, so that the entry file only points at it.
 *
 * Otherwise lazily loaded chunks import what they share from renderer.js. Django may serve that file under a
 * second, hashed name, and the browser would then run the module twice: two Vues, two connections.
 */
export function initialChunk(chunk: string): Group {
  return {
    name: (id, context) => (isLoadedAtOnce(id, context, new Set()) ? chunk : null),
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
