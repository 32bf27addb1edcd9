// A figure in the page: it runs the program that gdlib.live printed, and paints what comes of it.

import { fill } from "./numbers.js";
import { painters, show } from "./painters.js";
import { compile } from "./program.js";

/**
 * Bring a drawn figure to life. `read(i)` gives the value of the i-th control.
 * @param {HTMLElement} root @param {import("./types").Spec} spec @param {(i: number) => any} read
 * @returns {import("./types").MountedFigure}
 */
export function mount(root, spec, read) {
  /** @type {ReturnType<typeof compile> | undefined} */
  let run;
  let frame = 0;
  const values = () => spec.choices.map((c, i) => (c ? c[read(i)] : Number(read(i))));
  // Compiled when it is first needed: a page has many figures.
  const evaluate = (/** @type {number[]} */ p) => (run ??= compile(spec))(p);
  const find = () => {
    for (const item of spec.items) {
      item.groups ??= item.ids?.map((id) => /** @type {SVGElement} */ (root.querySelector(`[id="${id}"]`)));
    }
    return /** @type {Element} */ (root.querySelector(".live-readout")).children;
  };
  const paint = () => {
    frame = 0;
    const lines = find(), results = evaluate(values());
    let line = 0;
    spec.items.forEach((item, i) => {
      const v = results[i], { groups } = item;
      if (!groups) {
        const text = fill(item.template ?? [], v.values ?? []), p = lines[line++];
        if (p.textContent !== text) p.textContent = text;
        return;
      }
      const seen = painters[item.kind](/** @type {any} */ (item), v, spec.axes[item.axes]);
      const wanted = v.visible === undefined || (v.visible !== 0 && !Number.isNaN(v.visible));
      groups.forEach((g, j) => show(g, wanted && (Array.isArray(seen) ? seen[j] : seen)));
    });
  };
  // Readouts keep the height that they once needed, so that nothing below them jumps.
  const readout = /** @type {HTMLElement | null} */ (root.querySelector(".live-readout"));
  if (readout && typeof ResizeObserver === "function") {
    let width = 0, most = 0;
    new ResizeObserver(([{ contentRect }]) => {
      if (contentRect.width !== width) { width = contentRect.width; most = 0; readout.style.minHeight = ""; }
      most = Math.max(most, contentRect.height);
      readout.style.minHeight = `${most}px`;
    }).observe(readout);
  }
  // However many controls move, the figure is drawn once a frame.
  const schedule = () => { frame ||= requestAnimationFrame(paint); };
  return { evaluate, paint, schedule, values };
}
