import type { Plugin } from "vite";

/**
 * Keep Django's ManifestStaticFilesStorage from renaming chunks that carry a content hash already.
 *
 * With `support_js_module_import_aggregation` it rewrites every import it recognises, and gives up on chunks
 * that import each other ("Max post-process passes exceeded"). A comment before the address is the same
 * JavaScript and is not recognised, so chunks keep the one name under which everybody imports them.
 */
export function hideImportsFromDjango(): Plugin {
  return {
    name: "streamsync:hide-imports-from-django",
    apply: "build",
    generateBundle: {
      order: "post",
      handler(_options, bundle) {
        const chunks = Object.values(bundle).filter((file) => file.type === "chunk");
        const names = chunks.map((chunk) => chunk.fileName.split("/").at(-1) ?? chunk.fileName);
        for (const chunk of chunks) chunk.code = hideImports(chunk.code, names);
      },
    },
  };
}

/** Put a comment before the address of every import of one of the named files. */
export function hideImports(code: string, names: readonly string[]): string {
  const oneOfThem = names.map((name) => name.replace(/[.*+?^${}()|[\]\\]/g, "\\$&")).join("|");
  const anImport = new RegExp(
    `\\b(from|import|import\\()\\s*(["'\`])(\\.[./\\w-]*/(?:${oneOfThem}))\\2`,
    "g",
  );
  return code.replace(anImport, "$1/**/$2$3$2");
}
