// The numbers along an upright axis whose ends have moved: round ones, few, and short.

import { points } from "./geometry.js";
import { number } from "./numbers.js";
import { drawn } from "./svg.js";

const MOST = 6;

/** @typedef {{ at: number, text: string }} Tick */

/** A power of ten. @param {number} exponent */
const ten = (exponent) => number(["e", 0, 0, 0, ""], 10 ** exponent).replace("1×", "");

/** Round numbers between two ends, on a linear axis: 1, 2 or 5 times a power of ten apart. @param {number} low @param {number} high @returns {number[]} */
const round = (low, high) => {
  const rough = (high - low) / MOST, power = 10 ** Math.floor(Math.log10(rough));
  const step = power * (/** @type {number} */ ([1, 2, 5, 10].find((size) => size * power >= rough * (1 - 1e-9))));
  const first = Math.ceil(low / step - 1e-9), count = Math.floor(high / step + 1e-9) - first + 1;
  return Array.from({ length: count }, (_, i) => +((first + i) * step).toPrecision(12));
};

/** Whole powers of ten between two ends. @param {number} low @param {number} high @returns {number[]} */
const decades = (low, high) => {
  const first = Math.ceil(Math.log10(low) - 1e-9), last = Math.floor(Math.log10(high) + 1e-9), every = Math.max(1, Math.ceil((last - first) / MOST));
  return Array.from({ length: Math.max(0, Math.floor((last - first) / every) + 1) }, (_, i) => first + i * every);
};

/** @param {number} at */
const plain = (at) => number(["g", 12, 0, 0, ""], at);

/**
 * What to write at which heights; and what all of it is to be multiplied by, or counts from.
 * @param {[number, number]} limits @param {boolean} log @returns {{ ticks: Tick[], times: string }}
 */
export const ticksOf = ([low, high], log) => {
  if (log) return { ticks: decades(low, high).map((k) => ({ at: 10 ** k, text: ten(k) })), times: "" };
  const places = round(low, high);
  if (places.every((at) => plain(at).length <= 5)) return { ticks: places.map((at) => ({ at, text: plain(at) })), times: "" };
  // Long numbers share a power of ten; far from zero, they count from a round number.
  const size = Math.max(Math.abs(low), Math.abs(high)), length = high - low;
  if (size > 100 * length) {
    const unit = 10 ** Math.ceil(Math.log10(length)), from = +(Math.floor(low / unit) * unit).toPrecision(12);
    const { ticks, times } = ticksOf([low - from, high - from], false);
    return { ticks: ticks.map(({ at, text }) => ({ at: at + from, text })), times: `${times} ${from < 0 ? "−" : "+"} ${plain(Math.abs(from))}`.trim() };
  }
  const power = Math.floor(Math.log10(Math.max(...places.map(Math.abs))));
  const texts = places.map((at) => number(["g", 6, 0, 0, ""], at / 10 ** power));
  return { ticks: places.map((at, i) => ({ at, text: texts[i] })), times: power ? `×${ten(power)}` : "" };
};

/** The widest of texts. @param {Iterable<Element>} texts */
const widest = (texts) => Math.max(0, ...[...texts].map((text) => (text instanceof SVGTextElement ? text.getComputedTextLength() : 0)));

/** How far each axis has been widened. @type {WeakMap<Element, number>} */
const widened = new WeakMap();

/** Make room left of an axis: its name moves, and the picture widens. @param {Element} axis @param {number} by */
const widen = (axis, by) => {
  const more = by - (widened.get(axis) ?? 0), svg = /** @type {SVGGraphicsElement} */ (axis).ownerSVGElement;
  if (!more || !svg) return;
  widened.set(axis, by);
  const [x, y, width, height] = (svg.getAttribute("viewBox") ?? "").split(" ").map(Number);
  svg.setAttribute("viewBox", [x - more, y, width + more, height].map((n) => +n.toFixed(2)).join(" "));
  const name = axis.querySelector(":scope > text");
  if (!name) return;
  const at = +(+(name.getAttribute("x") ?? 0) - more).toFixed(2);
  name.setAttribute("x", String(at));
  name.setAttribute("transform", (name.getAttribute("transform") ?? "").replace(/rotate\((\S+) \S+ (\S+)\)/, `rotate($1 ${at} $2)`));
};

/** Take our numbers away, and show Matplotlib's again. @param {Element} axis */
export const restoreTicks = (axis) => {
  widen(axis, 0);
  axis.querySelectorAll(".live-tick").forEach((tick) => tick.remove());
  for (const own of axis.querySelectorAll(":scope > g, :scope > use")) own.removeAttribute("visibility");
};

/** Write the numbers of an upright axis anew. @param {Element} axis Matplotlib's group @param {import("./types").Axes} axes */
export const drawTicks = (axis, axes) => {
  axis.querySelectorAll(".live-tick").forEach((tick) => tick.remove());
  const mark = axis.querySelector("use");
  if (!mark) return;
  for (const own of axis.querySelectorAll(":scope > g, :scope > use")) own.setAttribute("visibility", "hidden");
  const { ticks, times } = ticksOf(axes.ylim, !!axes.log[1]), left = axes.x[0];
  const heights = points([axes.xlim[0]], ticks.map(({ at }) => at), axes);
  const style = "font-size:11.2px", group = drawn("g", { class: "live-tick" });
  ticks.forEach(({ text }, i) => {
    const y = heights[i]?.[1];
    if (y === undefined) return;
    const tick = /** @type {Element} */ (mark.cloneNode());
    tick.setAttribute("y", String(y));
    group.append(tick, drawn("text", { x: left - 7, y: y + 4.26, style: `${style};text-anchor:end` }, text));
  });
  if (times) group.append(drawn("text", { x: left + 4, y: axes.y[1] + 9, style }, times));
  axis.append(group);
  const texts = [...group.querySelectorAll("text")].slice(0, ticks.length);
  widen(axis, Math.max(0, Math.ceil(widest(texts) - widest(axis.querySelectorAll(":scope > g:not(.live-tick) text")))));
};
