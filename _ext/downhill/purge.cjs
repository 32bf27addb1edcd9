// Reads {css, words, keep, variables} from standard input and prints the style sheet without the
// rules, fonts, animations and custom properties that nothing uses, and without white space.
"use strict";
const { createRequire } = require("node:module");
const { readFileSync } = require("node:fs");
const load = createRequire(process.cwd() + "/package.json");
const { PurgeCSS } = load("purgecss");
const postcss = load("postcss");

function dropVariables(root, elsewhere) {
  for (let before = -1, after = 0; before !== after; ) {
    before = after;
    const used = new Set(elsewhere);
    root.walkDecls((decl) => {
      for (const [, name] of decl.value.matchAll(/var\(\s*(--[\w-]+)/g)) used.add(name);
    });
    root.walkDecls(/^--/, (decl) => {
      if (!used.has(decl.prop)) { decl.remove(); after++; }
    });
  }
}

const plain = (name) => name.replace(/["'\\]/g, "");
const weight = (value) => (value === "bold" ? "700" : value);

// purgecss looks for a font's name in font-family only, not in the shorthand and not in variables,
// and keeps all weights and styles. A face stays if a rule asks for it, or for its weight or style.
function dropFonts(root) {
  const faces = [];
  const asked = [];
  root.walk((node) => {
    if (node.type !== "rule" && node.name !== "font-face") return;
    const font = {};
    node.each((decl) => {
      if (/^(font|font-family|--.*)$/.test(decl.prop)) font.family = (font.family ?? "") + plain(decl.value);
      if (decl.prop === "font-style") font.style = decl.value;
      if (decl.prop === "font-weight") font.weight = weight(decl.value);
    });
    if (node.name === "font-face") faces.push({ node, ...font });
    else asked.push(font);
  });
  const fits = (face) => (font) => {
    const named = font.family?.includes(face.family);
    if (!named && (font.family || !asked.some((other) => other.family?.includes(face.family)))) return false;
    const open = font.weight?.startsWith("var(") || font.weight?.includes("inherit");
    return (open || (font.weight ?? "400") === face.weight) && (font.style ?? "normal") === face.style;
  };
  for (const face of faces) if (!asked.some(fits(face))) face.node.remove();
}

function minify(root) {
  root.walkComments((comment) => comment.remove());
  root.walk((node) => {
    if (node.nodes && !node.nodes.length) { node.remove(); return; }
    node.raws.before = node.raws.after = "";
    node.raws.semicolon = false;
    if (node.type === "decl") {
      node.raws.between = ":";
      delete node.raws.value;
      if (node.important) node.raws.important = "!important";
      if (!node.prop.startsWith("--")) node.value = node.value.replace(/\s*\n\s*/g, " ");
    } else node.raws.between = "";
    if (node.type === "atrule") node.raws.afterName = node.params ? " " : "";
    if (node.type === "rule") node.selector = node.selector.replace(/\s*,\s*/g, ",").replace(/\s+/g, " ");
  });
  root.raws.after = "";
}

async function main() {
  const { css, words, keep, variables } = JSON.parse(readFileSync(0, "utf8"));
  const [purged] = await new PurgeCSS().purge({
    content: [{ raw: words.join(" "), extension: "html" }],
    css: [{ raw: css }],
    safelist: { standard: [], deep: [], greedy: keep.map((pattern) => new RegExp(pattern)) },
    keyframes: true,
  });
  const root = postcss.parse(purged.css);
  dropVariables(root, variables);
  dropFonts(root);
  minify(root);
  minify(root); // rules that the first pass emptied
  process.stdout.write(root.toString());
}

main();
