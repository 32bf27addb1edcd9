import js from "@eslint/js";
import globals from "globals";

export default [
  { ignores: ["_build/", "benchmarks/", "node_modules/", ".venv*/"] },
  js.configs.recommended,
  {
    files: ["**/*.js"],
    languageOptions: { globals: globals.browser },
    rules: { eqeqeq: "error", "no-var": "error", "prefer-const": ["error", { destructuring: "all" }] },
  },
  // Joined into classic scripts by the build; there they share one scope.
  {
    files: ["_ext/downhill/host.js", "_ext/downhill/answers.js"],
    languageOptions: { sourceType: "script", globals: { mount: "readonly", number: "readonly", math: "readonly" } },
  },
  { files: ["**/*.cjs"], languageOptions: { sourceType: "commonjs", globals: globals.node } },
];
