import js from "@eslint/js";
import globals from "globals";

export default [
  { ignores: ["_build/", "benchmarks/", "gdlib/*/static/", "node_modules/", ".venv*/"] },
  js.configs.recommended,
  {
    files: ["**/*.js"],
    languageOptions: { globals: globals.browser },
    rules: { eqeqeq: "error", "no-var": "error", "prefer-const": ["error", { destructuring: "all" }] },
  },
  // Classic scripts: modules cannot be loaded from a folder on disk.
  {
    files: ["_ext/downhill/{answers,book}.js"],
    languageOptions: { sourceType: "script", globals: { math: "readonly" } },
  },
  { files: ["**/*.cjs"], languageOptions: { sourceType: "commonjs", globals: globals.node } },
];
