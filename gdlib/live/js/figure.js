// A figure in the page: it runs the program that gdlib.live printed, and paints what comes of it.

import { MARKING } from "./guess.js";
import { handles } from "./handles.js";
import { painters, show } from "./painters.js";
import { compile } from "./program.js";
import { listen, say } from "./sentences.js";

/**
 * Bring a drawn figure to life. `read(i)` gives the value of the i-th control, `write` sets it.
 * @param {HTMLElement} root @param {import("./types").Spec} spec
 * @param {(i: number) => any} read @param {(i: number, value: number) => void} write
 * @returns {import("./types").MountedFigure}
 */
export function mount(root, spec, read, write) {
  /** @type {((values: number[]) => import("./types").Values[]) | undefined} */
  let run;
  let frame = 0;
  const values = () => spec.choices.map((c, i) => (c ? c[read(i)] : Number(read(i))));
  // Compiled when it is first needed: a page has many figures.
  const evaluate = (/** @type {number[]} */ p) => (run ??= compile(spec))(p);
  /** @param {import("./types").Item} item */
  const groups = (item) => (item.groups ??= item.ids?.map((id) => /** @type {SVGElement} */ (root.querySelector(`[id="${id}"]`))));
  /** Only a page without a kernel has sliders that can be shaded. @param {import("./types").Item} item @param {number} above */
  const shade = (item, above) => {
    if (Object.is(item.above, above)) return;
    item.above = above;
    /** @type {import("./types").ShadedInput | null} */ (root.querySelector(`[data-symbol="p${item.control}"]`))?.shade?.(above, item.label);
  };
  const shadeFirst = () => spec.items.forEach((item) => { if (item.kind === "shade") shade(item, item.first ?? NaN); });
  const { guess } = spec;
  const paint = () => {
    frame = 0;
    const now = values(), marking = !!guess && now[guess.control] === MARKING;
    root.classList.toggle("live-marking", marking);
    const lines = /** @type {Element} */ (root.querySelector(".live-readout")).children, results = evaluate(now);
    /** @type {boolean[]} */
    const visible = [];
    let line = 0;
    spec.items.forEach((item, i) => {
      const v = results[i], parts = groups(item);
      if (item.kind === "shade") { shade(item, v.above?.[0] ?? NaN); return; }
      if (!parts) {
        say(lines[line++], (item.sentences ?? [])[v.which?.[0] ?? 0], v.values ?? []);
        return;
      }
      const seen = painters[item.kind](/** @type {any} */ (item), v, spec.axes[item.axes]);
      const answer = marking && i >= (guess?.from ?? 0);
      const wanted = !answer && (v.visible === undefined || (v.visible !== 0 && !Number.isNaN(v.visible)));
      visible[i] = wanted && !!seen;
      parts.forEach((g, j) => show(g, wanted && (Array.isArray(seen) ? seen[j] : seen)));
    });
    held?.follow(results, visible, marking);
  };
  const held = spec.handles && handles(spec, spec.handles, (i) => groups(spec.items[i]) ?? [], values, write);
  // Numbers that mark something do so from the first frame on.
  spec.items.filter(({ kind }) => kind === "readout").forEach((item, line) => {
    const p = root.querySelectorAll(".live-readout > p")[line];
    if (item.first && p) say(p, (item.sentences ?? [])[item.which], item.first);
  });
  listen(root, spec, (i) => groups(spec.items[i]) ?? [], read, write);
  // Readouts have room for their longest sentences, so that nothing below them jumps. They stay in
  // view under the picture that does, if a few sliders have room below both.
  const readout = /** @type {HTMLElement | null} */ (root.querySelector(".live-readout"));
  if (readout && typeof ResizeObserver === "function") {
    let width = 0, most = 0;
    new ResizeObserver(([{ contentRect }]) => {
      if (contentRect.width !== width) { width = contentRect.width; most = needed(readout, spec.longest ?? spec.first); readout.style.minHeight = ""; }
      most = Math.max(most, contentRect.height);
      readout.style.minHeight = `${most}px`;
      const [picture, panel] = [".live-picture", ".live-picture svg"].map((css) => /** @type {Element} */ (root.querySelector(css)));
      const above = (getComputedStyle(panel).position === "sticky" ? panel : picture).getBoundingClientRect().height;
      const stays = innerHeight - above - most > 200;
      readout.classList.toggle("live-stays", stays);
      held?.resize();
      root.style.setProperty("--live-above", `${above}px`);
      root.style.setProperty("--live-covered", `${stays ? above + most : above}px`);
    }).observe(readout);
  }
  // However many controls move, the figure is drawn once a frame.
  const schedule = () => { frame ||= requestAnimationFrame(paint); };
  /** @type {import("./types").MountedFigure["use"]} */
  const use = (other) => { run = other?.run; held?.use(other?.handles); schedule(); };
  return { axes: spec.axes, evaluate, paint, schedule, shadeFirst, use, values };
}

/** The height that these sentences take. @param {HTMLElement} readout @param {string[]} sentences */
function needed(readout, sentences) {
  const trial = /** @type {HTMLElement} */ (readout.cloneNode());
  trial.append(...sentences.map((said) => Object.assign(document.createElement("p"), { innerHTML: said })));
  trial.style.cssText = `min-height:0;visibility:hidden;position:absolute;width:${readout.offsetWidth}px`;
  readout.after(trial);
  const { height } = trial.getBoundingClientRect();
  trial.remove();
  return height;
}
