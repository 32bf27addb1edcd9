// Another loss in the author's place: what was typed is read, differentiated and put into the figure's
// own bindings; then level lines, curves and axes are drawn again. It is loaded when first used.

import { FUNCTIONS, derivative, variable } from "./calculus.js";
import { contours } from "./contours.js";
import { fill, number as written } from "./numbers.js";
import { painters, show } from "./painters.js";
import { compile } from "./program.js";
import { SpellingError, TOLERANCES, read, rightSide } from "./spelling.js";
import { stationary } from "./stationary.js";
import { compiled, variables } from "./tape.js";
import { drawTicks, restoreTicks } from "./ticks.js";

/** @typedef {import("./calculus.js").Expression} Expression @typedef {import("./types").TypedLoss} TypedLoss */

const LARGEST = 1e100, POINTS = 41;

/** The quantile of the finite numbers, as NumPy's; 0 if there is none. @param {ArrayLike<number>} values @param {number} share */
const quantile = (values, share) => {
  const sorted = Float64Array.from(values).filter(Number.isFinite).sort();
  if (!sorted.length) return 0;
  const at = share * (sorted.length - 1), below = Math.floor(at), above = Math.min(below + 1, sorted.length - 1);
  return sorted[below] + (sorted[above] - sorted[below]) * (at - below);
};

/** @param {number} x */
const short = (x) => written(["g", 4, 0, 0, ""], x);

/** A loss of one or two weights as functions: itself, and any derivative of it. */
class Loss {
  /** @param {TypedLoss} asked @param {string} text */
  constructor(asked, text) {
    this.asked = asked;
    this.typed = text;
    this.text = rightSide(text);
    this.expression = read(text, asked.names);
    /** @type {Map<string, any>} */
    this.made = new Map();
    this.heights = this.onGrid();
    this.check();
  }

  /** The derivative of these orders by each weight. @param {number[]} orders @returns {Expression} */
  derived(orders) {
    const by = orders.findIndex((order) => order > 0);
    if (by < 0) return this.expression;
    const key = `e${orders}`;
    if (!this.made.has(key)) {
      const lower = orders.map((order, i) => (i === by ? order - 1 : order));
      this.made.set(key, derivative(this.derived(lower), variable(this.asked.names[by])));
    }
    return this.made.get(key);
  }

  /** The same as a function. @param {number[]} orders @returns {(a: number, b?: number) => number} */
  of(orders) {
    const key = `f${orders}`;
    if (!this.made.has(key)) {
      const { at, run } = compiled(this.derived(orders), this.asked.names);
      this.made.set(key, (/** @type {number} */ a, /** @type {number} */ b) => { at[0] = a; if (at.length > 1) at[1] = b; return run(); });
    }
    return this.made.get(key);
  }

  /** Where it is looked at, in words. */
  get where() {
    const { names, box } = this.asked;
    return names.map((name, i) => `${name} from ${short(box[i][0])} to ${short(box[i][1])}`).join(" and ");
  }

  /** Its values on a grid over the box. */
  onGrid() {
    const { box } = this.asked, f = this.of(box.map(() => 0));
    const line = (/** @type {[number, number]} */ [a, b], /** @type {number} */ n) => Array.from({ length: n }, (_, i) => a + (b - a) * i / (n - 1));
    if (box.length === 1) return line(box[0], POINTS ** 2).map((x) => f(x));
    return line(box[1], POINTS).flatMap((y) => line(box[0], POINTS).map((x) => f(x, y)));
  }

  /** Refuse what no figure can show. */
  check() {
    const { names } = this.asked, found = variables(this.expression), missing = names.filter((name) => !found.includes(name));
    if (!found.length) throw new SpellingError(`${this.text} is a constant: it has no slope to follow`);
    if (missing.length) throw new SpellingError(`${this.text} has no ${missing.join(" and no ")}; this figure is of ${names.join(" and ")}`);
    const finite = this.heights.filter(Number.isFinite), size = Math.max(...finite.map(Math.abs));
    if (finite.length < 2) throw new SpellingError(`${this.text} is undefined for ${this.where}`);
    if (size > LARGEST) throw new SpellingError(`${this.text} is too large to be drawn, for ${this.where}`);
    if (Math.max(...finite) - Math.min(...finite) <= 1e-12 * size) throw new SpellingError(`${this.text} is ${short(finite[0])} everywhere for ${this.where}: there is nothing to see`);
  }

  /** A sentence on where it is not defined, if that is somewhere in the box. */
  gaps() {
    const { names, box } = this.asked, seen = this.heights.map(Number.isFinite);
    if (seen.every(Boolean)) return "";
    const { at, run, blame } = compiled(this.expression, names), f = (/** @type {number} */ x) => { at[0] = x; return run(); };
    if (names.length > 1) {
      const bad = seen.indexOf(false);
      at[0] = box[0][0] + (box[0][1] - box[0][0]) * (bad % POINTS) / (POINTS - 1);
      at[1] = box[1][0] + (box[1][1] - box[1][0]) * Math.floor(bad / POINTS) / (POINTS - 1);
      run();
      return `${called(blame())} in part of the picture: nothing is drawn there`;
    }
    const [[low, high]] = box, place = (/** @type {number} */ i) => low + (high - low) * i / (seen.length - 1);
    const first = seen.indexOf(true), last = seen.lastIndexOf(true), holes = seen.slice(first, last + 1).filter((good) => !good).length;
    /** The edge between a place without a value and one with. @param {number} bad @param {number} good */
    const edge = (bad, good) => {
      for (let i = 0; i < 60; i++) { const middle = (bad + good) / 2; if (Number.isFinite(f(middle))) good = middle; else bad = middle; }
      return +good.toFixed(9);
    };
    const parts = [];
    if (first > 0) { const e = edge(place(first - 1), place(first)); parts.push(`${names[0]} ${Number.isFinite(f(e)) ? "<" : "≤"} ${short(e)}`); }
    if (last < seen.length - 1) { const e = edge(place(last + 1), place(last)); parts.push(`${names[0]} ${Number.isFinite(f(e)) ? ">" : "≥"} ${short(e)}`); }
    const hole = first + seen.slice(first).indexOf(false);
    if (holes === 1) parts.push(`${names[0]} = ${short(place(hole))}`);
    f(place(seen.indexOf(false)));
    const where = holes > 1 || !parts.length ? "in part of the picture" : `for ${parts.join(" and ")}`;
    return `${called(blame())} ${where}: nothing is drawn there`;
  }
}

/** What is wrong with a part that has no value. @param {Expression | undefined} e */
const called = (e) => {
  if (e && Object.hasOwn(FUNCTIONS, e.op)) return `${e.op} is not defined`;
  const powers = e?.op === "product" ? e.weights : [];
  if (powers.some((n) => n < 0 && Number.isInteger(n))) return "a division by 0 has no value";
  if (powers.some((n) => Math.abs(n) === 0.5)) return "a square root has no value";
  return "a power has no value";
};

/** What a program calls, made of losses. @param {import("./types").OpenProgram} program @param {Loss[]} losses */
const functions = ({ called: list }, losses) => list.map(([loss, ...orders]) => losses[loss].of(orders));

/**
 * Ready a figure for other losses. `draw` puts them in, or throws a SpellingError and leaves all as it
 * is; it returns a sentence on what is missing. `restore` brings the author's back.
 * @param {HTMLElement} root @param {import("./types").Spec} spec @param {import("./types").MountedFigure} figure
 */
export const retyped = (root, spec, figure) => {
  const typed = /** @type {import("./types").Typed} */ (spec.typed), { losses: asked } = typed;
  const find = (/** @type {string} */ id) => /** @type {SVGElement} */ (root.querySelector(`[id="${id}"]`));
  const picture = /** @type {Element} */ (root.querySelector(".live-picture")), alt = picture.getAttribute("aria-label") ?? "";
  const drawn = typed.drawn.map((/** @type {import("./types").Item} */ item) => {
    const groups = (item.ids ?? []).map(find);
    return Object.assign(/** @type {import("./types").Item & { groups: SVGElement[] }} */ ({ ...item, groups }), { before: groups.map((g) => [g.innerHTML, g.getAttribute("visibility")]) });
  });
  const axes = spec.axes.map((one) => structuredClone(one));
  const axis = (/** @type {number} */ i) => find(`${/** @type {string[]} */ (typed.drawn[0].ids)[0].replace(/-t\d+$/, "")}-y${i}`);

  const restore = () => {
    drawn.forEach(({ groups, before }) => groups.forEach((g, i) => {
      const [inside, seen] = before[i];
      g.innerHTML = inside ?? "";
      show(g, seen !== "hidden");
    }));
    spec.axes.forEach((one, i) => Object.assign(one, structuredClone(axes[i])));
    for (const [i] of typed.ends) restoreTicks(axis(i));
    picture.setAttribute("aria-label", alt);
    figure.use();
  };

  // The losses of the last drawing: one that is not typed anew is not read again.
  let last = /** @type {Loss[]} */ ([]);
  const draw = (/** @type {string[]} */ texts) => {
    const losses = texts.map((text, i) => (last[i]?.typed === text ? last[i] : new Loss(asked[i], text)));
    const places = drawn.some(({ stationary: wanted }) => wanted !== undefined) || typed.program.includes("X.") ? stationary(losses[0], asked[0].box) : [];
    const more = { quantile, X: lowest(losses[0], places) };
    const run = compile(typed, { ...more, F: functions(typed, losses) });
    const handles = compile(typed.handles, { F: functions(typed.handles, losses) });
    const found = run(figure.values()), refused = found.refused.findIndex((/** @type {number} */ no) => no === 1);
    if (refused >= 0) throw new SpellingError(`${losses[0].text}: ${fill(typed.refused[refused], found.numbers[refused])}`);
    last = losses;
    typed.ends.forEach(([i, way], k) => {
      const [low, high, log] = found.limits[k], one = spec.axes[i];
      if (!(low < high)) return;
      one[way === "x" ? "xlim" : "ylim"] = [low, high];
      if (log !== undefined) one.log = [one.log[0], log];
      drawTicks(axis(i), one);
    });
    drawn.forEach((item, k) => {
      const [g] = item.groups, v = found.drawn[k];
      if (item.kind === "words") { g.querySelectorAll("text").forEach((text) => { text.textContent = item.words[v.which]; }); return; }
      if (item.stationary !== undefined) {
        const here = places.filter(({ upwards }) => upwards === item.stationary).map(({ at }) => at);
        Object.assign(v, { x: here.map(([x]) => x), y: here.map(([, y]) => y) });
      }
      show(g, (item.kind === "contours" ? contours : painters.line)(item, v, spec.axes[item.axes]));
    });
    picture.setAttribute("aria-label", `${losses.map(({ asked: { label }, text }) => `${label} = ${text}`).join("; ")}, typed by you. ${alt}`);
    figure.use({ run: (values) => run(values).items, handles });
    return [...losses.map((loss) => loss.gaps()).filter(Boolean), typed.note].filter(Boolean).map((said) => said.replace(/[^.]$/, "$&.")).join(" ");
  };
  return { draw, restore: () => { last = []; restore(); } };
};

/** The lowest minimum, if nothing in the box is lower. @param {Loss} loss @param {ReturnType<typeof stationary>} places */
const lowest = (loss, places) => {
  const minimum = places.find(({ upwards }) => upwards === 2);
  if (!minimum) return { found: 0, lowest: 0 };
  const heights = loss.heights, least = quantile(heights, 0), most = quantile(heights, 1);
  const found = minimum.value <= least + 1e-9 * (most - least);
  return { found: +found, lowest: found ? minimum.value : 0 };
};

export { SpellingError, TOLERANCES, compiled, derivative, read, stationary, variable, variables };
