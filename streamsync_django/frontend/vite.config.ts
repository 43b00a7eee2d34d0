import { fileURLToPath } from "node:url";

import vue from "@vitejs/plugin-vue";
import { defineConfig } from "vitest/config";

import { catalogue } from "./vite/catalogue.ts";
import { hideImportsFromDjango } from "./vite/hideImportsFromDjango.ts";
import { icons } from "./vite/icons.ts";
import { forbidImportsOfEntries, initialChunk } from "./vite/initialChunk.ts";
import { maplibreFiles } from "./vite/maplibreFiles.ts";
import { pdfFiles } from "./vite/pdfFiles.ts";
import { plotlyStyles } from "./vite/plotlyStyles.ts";

const here = (path: string): string => fileURLToPath(new URL(path, import.meta.url));

export default defineConfig({
  // Chunks are found beside renderer.js, wherever STATIC_URL puts it.
  base: "./",
  publicDir: false,
  plugins: [
    vue(),
    catalogue(here("../catalogue")),
    icons(here("node_modules/remixicon/icons")),
    pdfFiles(here("node_modules/pdfjs-dist")),
    plotlyStyles(),
    maplibreFiles(),
    forbidImportsOfEntries(),
    hideImportsFromDjango(),
  ],
  define: {
    __VUE_OPTIONS_API__: "false",
    __VUE_PROD_DEVTOOLS__: "false",
    __VUE_PROD_HYDRATION_MISMATCH_DETAILS__: "false",
  },
  build: {
    target: "es2022",
    // light-dark() stays what it is: compiled for older browsers, it no longer follows `color-scheme` below the root.
    cssTarget: ["chrome123", "firefox128", "safari17.5"],
    outDir: here("../static/streamsync"),
    emptyOutDir: true,
    assetsInlineLimit: 0,
    // One stylesheet under a stable name: the page links it, and nothing flashes when a chunk arrives late.
    cssCodeSplit: false,
    modulePreload: false,
    reportCompressedSize: false,
    // Plotly alone is larger than Vite's default; it is loaded by pages that draw a chart.
    chunkSizeWarningLimit: 6000,
    license: { fileName: "licenses.md" },
    rolldownOptions: {
      // How long each plugin took is nothing that a set-up has to say.
      checks: { pluginTimings: false },
      input: { renderer: here("src/entries/renderer.ts") },
      output: {
        comments: false,
        entryFileNames: "[name].js",
        chunkFileNames: "chunks/[name]-[hash].js",
        assetFileNames: ({ names }) => {
          // MapLibre's is loaded by pages with a map.
          const isOurs = names.some((name) => name.endsWith(".css") && !name.startsWith("maplibre"));
          if (isOurs) return "renderer.css";
          // Many servers do not know .mjs for JavaScript, and browsers then refuse it.
          const isModule = names.some((name) => name.endsWith(".mjs"));
          return `assets/[name]-[hash]${isModule ? ".js" : "[extname]"}`;
        },
        codeSplitting: { groups: [initialChunk("main")] },
      },
    },
  },
  server: { fs: { allow: [here("../..")] } },
  test: {
    environment: "happy-dom",
    include: ["src/**/*.test.ts", "vite/**/*.test.ts"],
    passWithNoTests: true,
    restoreMocks: true,
    unstubGlobals: true,
  },
});
