// Handles: a point or an arrow's head that the reader drags. A handle sets the controls' values and
// nothing else; the figure then moves it as it moves everything.

import { middle, points, unscaled } from "./geometry.js";
import { compile } from "./program.js";
import { snapped } from "./range.js";
import { drawn } from "./svg.js";

const TARGET = 22, RING = 11; // pixels: half of what a finger hits, and the ring that is seen

/** @param {string} className @param {number} radius */
const circle = (className, radius) => drawn("circle", { class: className, r: radius });

/**
 * Put a figure's handles into its picture. `find` gives the groups of an item, `read` a control's
 * value, `write` sets it. What is returned moves the handles to where their artists are.
 * @param {import("./types").Spec} spec @param {import("./types").Handles} held @param {(item: number) => SVGElement[]} find
 * @param {() => number[]} values @param {(i: number, value: number) => void} write
 */
export const handles = (spec, held, find, values, write) => {
  /** @type {ReturnType<typeof compile> | undefined} */
  let run;
  const made = held.items.map((handle, number) => {
    const item = spec.items[handle.item], axes = spec.axes[item.axes];
    const svg = /** @type {SVGSVGElement} */ (find(handle.item)[0].ownerSVGElement);
    const g = drawn("g", { class: "live-handle", "aria-hidden": "true" }), target = circle("live-target", TARGET);
    target.dataset.handle = String(number);
    g.append(circle("live-ring", RING), target);
    svg.append(g);
    let here = /** @type {[number, number] | null} */ (null), away = [0, 0], pixel = 1;
    /** The same size on the screen, however large the picture is. */
    const put = () => { if (here) g.setAttribute("transform", `translate(${here}) scale(${pixel})`); };
    const pointer = (/** @type {PointerEvent} */ { clientX, clientY }) => {
      const p = new DOMPoint(clientX, clientY).matrixTransform(/** @type {DOMMatrix} */ (svg.getScreenCTM()).inverse());
      return [p.x, p.y];
    };
    target.onpointerdown = (event) => {
      if (!here || event.button) return;
      const [x, y] = pointer(event);
      away = [here[0] - x, here[1] - y];
      target.setPointerCapture(event.pointerId);
      event.preventDefault();
      document.documentElement.dataset.liveDragged = "";
    };
    // Not every browser takes touch-action from a part of a picture.
    target.addEventListener("touchstart", (event) => event.preventDefault(), { passive: false });
    target.onpointermove = (event) => {
      if (!target.hasPointerCapture(event.pointerId)) return;
      const [x, y] = pointer(event), place = unscaled([x + away[0], y + away[1]], axes);
      const wanted = /** @type {any} */ ((run ??= compile(held))([...values(), ...place])[number]);
      handle.sets.forEach((control, i) => {
        const range = spec.ranges[control];
        if (range && Number.isFinite(wanted[i])) write(control, snapped(range, wanted[i]));
      });
    };
    /** @param {ArrayLike<number>} x @param {ArrayLike<number>} y @param {boolean} seen */
    const move = (x, y, seen) => {
      here = middle(points(x, y, axes));
      const within = here?.every((c, k) => {
        const [a, b] = k ? axes.y : axes.x;
        return Math.abs(2 * c - a - b) <= Math.abs(b - a) + RING * pixel;
      });
      g.setAttribute("visibility", within && seen ? "visible" : "hidden");
      put();
    };
    move(handle.x, handle.y, true);
    const resize = () => {
      pixel = svg.viewBox.baseVal.width / (svg.getBoundingClientRect().width || 1);
      put();
    };
    return { handle, move, resize };
  });
  return {
    /** While a guess is marked, only its handles are there; afterwards, only the others.
     * @param {import("./types").Values[]} results @param {boolean[]} seen @param {boolean} marking */
    follow: (results, seen, marking) => made.forEach(({ handle, move }) => {
      const v = results[handle.item], plus = (/** @type {string} */ a, /** @type {string} */ d) => (v[d] ? [v[a][0] + v[d][0]] : v[a]);
      const own = handle.sets.some((control) => spec.guess?.guess.includes(control));
      move(plus("x", "dx"), plus("y", "dy"), seen[handle.item] && marking === own);
    }),
    /** Set what another loss says. @param {ReturnType<typeof compile> | undefined} other */
    use: (other) => { run = other; },
    resize: () => made.forEach(({ resize }) => resize()),
  };
};
