import type { Plugin } from "vite";

const WORKER = /maplibre-gl-worker.*\.js$/;
const STYLESHEET = /maplibre-gl.*\.css$/;

/**
 * Fit MapLibre's worker and stylesheet into the build: the first names a source map that is not there, which
 * ManifestStaticFilesStorage refuses; the second goes into our cascade layer, nothing in it important, so that an
 * author's rules win.
 */
export function maplibreFiles(): Plugin {
  return {
    name: "streamsync:maplibre-files",
    apply: "build",
    generateBundle(_options, bundle) {
      const assets = Object.values(bundle).filter((file) => file.type === "asset");
      const worker = assets.find(({ fileName }) => WORKER.test(fileName));
      const stylesheet = assets.find(({ fileName }) => STYLESHEET.test(fileName));
      if (!worker || !stylesheet) this.error("MapLibre's worker or stylesheet is not part of the build");
      worker.source = textOf(worker.source).replace(/\n\/\/# sourceMappingURL=\S+\s*$/, "\n");
      const rules = textOf(stylesheet.source).replace(/\s*!important/g, "");
      stylesheet.source = `@layer streamsync{${rules}}`;
    },
  };
}

function textOf(source: string | Uint8Array): string {
  return typeof source === "string" ? source : new TextDecoder().decode(source);
}
