import eslint from "@eslint/js";
import prettier from "eslint-config-prettier";
import { createTypeScriptImportResolver } from "eslint-import-resolver-typescript";
import importX from "eslint-plugin-import-x";
import vue from "eslint-plugin-vue";
import globals from "globals";
import tseslint from "typescript-eslint";

/** Who must not import whom; arrows point builder -> renderer -> components -> core, with ui beside them. */
const zones = [
  {
    target: "./src/core",
    from: ["./src/components", "./src/renderer", "./src/builder", "./src/ui", "./src/entries"],
    message: "core knows only itself: pass what it needs to it.",
  },
  {
    target: "./src/ui",
    from: ["./src/components", "./src/renderer", "./src/builder", "./src/entries"],
    message: "ui holds plain controls that know nothing of applications.",
  },
  {
    target: "./src/components",
    from: ["./src/renderer", "./src/builder", "./src/entries"],
    message:
      "A component talks to the page through its contract (components/contract.ts), not to the renderer.",
  },
  {
    target: "./src/renderer",
    from: ["./src/builder", "./src/entries"],
    message: "Visitors never load the Builder.",
  },
];

export default tseslint.config(
  { ignores: ["node_modules/"] },
  eslint.configs.recommended,
  tseslint.configs.strictTypeChecked,
  tseslint.configs.stylisticTypeChecked,
  vue.configs["flat/recommended"],
  {
    files: ["**/*.{ts,vue}"],
    plugins: { "import-x": importX },
    languageOptions: {
      globals: globals.browser,
      parserOptions: {
        parser: tseslint.parser,
        project: ["./tsconfig.app.json", "./tsconfig.node.json"],
        tsconfigRootDir: import.meta.dirname,
        extraFileExtensions: [".vue"],
      },
    },
    settings: {
      "import-x/resolver-next": [createTypeScriptImportResolver({ project: "./tsconfig.app.json" })],
      // A .vue file's script is TypeScript; without this its imports count for no cycle.
      "import-x/parsers": { "@typescript-eslint/parser": [".ts"], "vue-eslint-parser": [".vue"] },
      "import-x/extensions": [".ts", ".vue"],
    },
    rules: {
      "import-x/no-restricted-paths": ["error", { basePath: import.meta.dirname, zones }],
      "import-x/no-cycle": "error",
      "import-x/no-duplicates": ["error", { "prefer-inline": true }],
      "no-eval": "error",
      "no-implied-eval": "off", // the typed rule below knows more
      "@typescript-eslint/no-implied-eval": "error",
      "no-restricted-syntax": [
        "error",
        {
          selector: "ThrowStatement > :matches(Literal, TemplateLiteral)",
          message: "Throw an Error with a code.",
        },
      ],
      eqeqeq: ["error", "always", { null: "ignore" }],
      "no-console": ["error", { allow: ["warn", "error"] }],
      "@typescript-eslint/switch-exhaustiveness-check": [
        "error",
        { considerDefaultExhaustiveForUnions: true },
      ],
      "@typescript-eslint/consistent-type-imports": ["error", { fixStyle: "inline-type-imports" }],
      "@typescript-eslint/restrict-template-expressions": [
        "error",
        { allowNumber: true, allowBoolean: true },
      ],
      "@typescript-eslint/no-unused-vars": ["error", { argsIgnorePattern: "^_", varsIgnorePattern: "^_" }],
      // Data from the wire is read as data: figure["layout"].
      "@typescript-eslint/dot-notation": ["error", { allowIndexSignaturePropertyAccess: true }],
      "@typescript-eslint/consistent-type-definitions": "off", // unions are types, shapes are interfaces
      "vue/block-lang": ["error", { script: { lang: "ts" } }],
      "vue/block-order": ["error", { order: ["script", "template", "style"] }],
      "vue/component-api-style": ["error", ["script-setup"]],
      "vue/no-v-html": "error", // every use says why its HTML is safe
      "vue/multi-word-component-names": "error",
      "vue/define-props-declaration": ["error", "type-based"],
      "vue/define-emits-declaration": ["error", "type-based"],
    },
  },
  {
    files: ["src/core/**/*.ts"],
    ignores: ["**/*.test.ts"],
    rules: {
      "no-restricted-imports": [
        "error",
        { patterns: [{ group: ["vue", "@vue/*", "*.vue"], message: "core is plain TypeScript: no Vue." }] },
      ],
      "no-restricted-globals": ["error", "window", "document", "navigator", "localStorage", "sessionStorage"],
    },
  },
  {
    files: ["**/*.test.ts"],
    rules: {
      "@typescript-eslint/no-non-null-assertion": "off", // a wrong guess fails the test, as it should
      "vue/one-component-per-file": "off",
    },
  },
  { files: ["**/*.js"], extends: [tseslint.configs.disableTypeChecked] },
  prettier,
);
