// The value of an expression that was typed: what it is made of, each part once, in order.

import { SLOPE, STEP, VALUES, slopeOf } from "./calculus.js";
import { heaviside } from "./program.js";

/** @typedef {import("./calculus.js").Expression} Expression */

/** All that an expression is made of, each once, what is needed first. @param {Expression} whole @returns {Expression[]} */
const inOrder = (whole) => {
  /** @type {Set<Expression>} */
  const seen = new Set();
  const visit = (/** @type {Expression} */ e) => {
    if (seen.has(e)) return;
    e.args.forEach(visit);
    seen.add(e);
  };
  visit(whole);
  return [...seen];
};

/** How one node is computed from those before it. @param {Expression} e @param {Float64Array} tape @param {number[]} from @returns {() => number} */
const rule = ({ op, weights, value }, tape, from) => {
  const [a, b] = from, compute = VALUES[op];
  if (compute) return () => compute(tape[a]);
  switch (op) {
    case "sum":
      return () => { let s = value; for (let i = 0; i < from.length; i++) s += weights[i] * tape[from[i]]; return s; };
    case "product": {
      const powers = weights.map(raise);
      if (from.length === 1) { const [f] = powers; return () => value * f(tape[a]); }
      if (from.length === 2) { const [f, g] = powers; return () => value * f(tape[a]) * g(tape[b]); }
      return () => { let p = value; for (let i = 0; i < from.length; i++) p *= powers[i](tape[from[i]]); return p; };
    }
    case "power": return () => tape[a] ** tape[b];
    case "max": return () => Math.max(tape[a], tape[b]);
    case "min": return () => Math.min(tape[a], tape[b]);
    case STEP: return () => heaviside(tape[a], 0.5);
    case SLOPE: return () => slopeOf(tape[a], weights[0]);
    default: return () => slopeOf(tape[a], weights[0]) * tape[a]; // rectified
  }
};

/** @param {number} n @returns {(x: number) => number} */
const raise = (n) => {
  switch (n) {
    case 1: return (x) => x;
    case 2: return (x) => x * x;
    case 3: return (x) => x * x * x;
    case -1: return (x) => 1 / x;
    case 0.5: return Math.sqrt;
    case -0.5: return (x) => 1 / Math.sqrt(x);
    default: return (x) => x ** n;
  }
};

/**
 * An expression to be computed: `run` does so where `at` says that the variables are. `blame` says
 * which part was the first without a value.
 * @param {Expression} e @param {string[]} names
 */
export const compiled = (e, names) => {
  const order = inOrder(e), place = new Map(order.map((part, i) => [part, i]));
  const tape = new Float64Array(order.length), last = order.length - 1;
  const at = new Float64Array(names.length);
  const inputs = /** @type {number[]} */ ([]), from = /** @type {number[]} */ ([]), targets = /** @type {number[]} */ ([]);
  /** @type {(() => number)[]} */
  const rules = [];
  order.forEach((part, i) => {
    if (part.op === "number") tape[i] = part.value;
    else if (part.op === "variable") { inputs.push(i); from.push(names.indexOf(part.name)); }
    else { targets.push(i); rules.push(rule(part, tape, part.args.map((a) => /** @type {number} */ (place.get(a))))); }
  });
  return {
    at,
    run: () => {
      for (let i = 0; i < inputs.length; i++) tape[inputs[i]] = at[from[i]];
      for (let i = 0; i < rules.length; i++) tape[targets[i]] = rules[i]();
      return tape[last];
    },
    blame: () => order.find((part, i) => !Number.isFinite(tape[i]) && part.args.every((a) => Number.isFinite(tape[/** @type {number} */ (place.get(a))]))),
  };
};

/** The names of the variables in an expression. @param {Expression} e */
export const variables = (e) => inOrder(e).flatMap(({ op, name }) => (op === "variable" ? [name] : []));
