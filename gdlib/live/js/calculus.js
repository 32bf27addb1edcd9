// Calculus on expressions that were typed: the same parts are one node, sums and products collect
// what is alike (as SymPy does), and derivatives are exact. tape.js computes their values.

import { erf, heaviside } from "./program.js";

/**
 * A node. Its terms and factors come with a number each: what it is multiplied by, or raised to.
 * @typedef {{ id: number, op: string, value: number, args: Expression[], weights: number[], name: string }} Expression
 */

/** @type {Map<string, Expression>} */
const known = new Map();
let made = 0;

/** The one node that is made of these. @param {string} op @param {Expression[]} args @param {number[]} weights @param {number} value @param {string} name @returns {Expression} */
const node = (op, args = [], weights = [], value = 0, name = "") => {
  const key = `${op}|${value}|${name}|${args.map(({ id }) => id)}|${weights}`;
  let found = known.get(key);
  if (!found) {
    found = { id: made++, op, args, weights, value, name };
    known.set(key, found);
  }
  return found;
};

/** The terms or factors of a node, each with its number. @param {Expression} e @returns {[Expression, number][]} */
const parts = (e) => e.args.map((a, i) => [a, e.weights[i]]);

/** @param {number} value */
export const number = (value) => node("number", [], [], value);

/** @param {string} name */
export const variable = (name) => node("variable", [], [], 0, name);

const ZERO = number(0), ONE = number(1), KEPT = [...known], isNumber = (/** @type {Expression} */ e) => e.op === "number";
/** @type {Record<string, number>} */
export const CONSTANTS = { pi: Math.PI, e: Math.E };

/** Forget what was made for another formula: somebody types for hours. */
export const afresh = () => {
  // A variable stays the one that it is: a derivative may be asked for later.
  const kept = [...known].filter(([, e]) => e.op === "variable");
  known.clear();
  [...KEPT, ...kept].forEach(([key, e]) => known.set(key, e));
};

/** What stands once in a list, with the sum of its numbers. @param {[Expression, number][]} pairs */
const collected = (pairs) => {
  /** @type {Map<Expression, number>} */
  const all = new Map();
  for (const [e, weight] of pairs) all.set(e, (all.get(e) ?? 0) + weight);
  return [...all].filter(([, weight]) => weight !== 0);
};

/** A sum: c + Σ weight · term; `value` is c. @param {Expression[]} terms @returns {Expression} */
export const sum = (terms) => {
  let constant = 0;
  const pairs = collected(terms.flatMap((e) => {
    if (isNumber(e)) { constant += e.value; return []; }
    if (e.op === "sum") { constant += e.value; return parts(e); }
    const [factor, rest] = split(e);
    return [/** @type {[Expression, number]} */ ([rest, factor])];
  }));
  if (!pairs.length) return number(constant);
  if (!constant && pairs.length === 1) return times(pairs[0][1], pairs[0][0]);
  return node("sum", pairs.map(([e]) => e), pairs.map(([, weight]) => weight), constant);
};

/** The number in front of a product, and the rest. @param {Expression} e @returns {[number, Expression]} */
const split = (e) => (e.op === "product" && e.value !== 1 ? [e.value, factors(1, parts(e))] : [1, e]);

/** @param {number} value @param {Expression} e */
const times = (value, e) => product([number(value), e]);

/** A product: c · Π factor^weight; `value` is c. @param {Expression[]} list @returns {Expression} */
export const product = (list) => {
  let constant = 1;
  const pairs = collected(list.flatMap((e) => {
    if (isNumber(e)) { constant *= e.value; return []; }
    if (e.op === "product") { constant *= e.value; return parts(e); }
    return [/** @type {[Expression, number]} */ ([e, 1])];
  }));
  // An even power of a size has no sign to lose.
  return factors(constant, pairs.map(([e, n]) => (e.op === "abs" && n % 2 === 0 ? [e.args[0], n] : [e, n])));
};

/** @param {number} constant @param {[Expression, number][]} pairs @returns {Expression} */
const factors = (constant, pairs) => {
  if (constant === 0) return ZERO;
  if (!pairs.length) return number(constant);
  const [[first, weight]] = pairs;
  if (pairs.length === 1 && weight === 1) {
    if (constant === 1) return first;
    if (first.op === "sum") return node("sum", first.args, first.weights.map((w) => w * constant), first.value * constant);
  }
  return node("product", pairs.map(([e]) => e), pairs.map(([, n]) => n), constant);
};

/** @param {Expression} base @param {Expression} exponent @returns {Expression} */
export const power = (base, exponent) => {
  if (!isNumber(exponent)) return isNumber(base) && base.value === Math.E ? FUNCTIONS.exp(exponent) : node("power", [base, exponent]);
  const n = exponent.value;
  if (n === 0) return ONE;
  if (n === 1) return base;
  if (isNumber(base)) return number(base.value ** n);
  if (base.op === "product") {
    // A whole power goes to each factor; a root does not, but for a positive number, and for the size of an even power.
    if (Number.isInteger(n)) return product([number(base.value ** n), ...parts(base).map(([a, m]) => factors(1, [[a, m * n]]))]);
    if (base.value > 0 && base.value !== 1) return times(base.value ** n, power(split(base)[1], exponent));
    if (base.value === 1 && base.args.length === 1 && base.weights[0] % 2 === 0) return power(FUNCTIONS.abs(base.args[0]), number(base.weights[0] * n));
  }
  if (base.op === "abs" && n % 2 === 0) return factors(1, [[base.args[0], n]]);
  return factors(1, [[base, n]]);
};

/** @param {string} op @param {(x: number) => number} compute @returns {(e: Expression) => Expression} */
const elementary = (op, compute) => (e) => (isNumber(e) ? number(compute(e.value)) : node(op, [e]));

/** Functions of one number. `+ 0` makes 0 of a negative zero. @type {Record<string, (x: number) => number>} */
export const VALUES = {
  exp: Math.exp, log: Math.log, sin: Math.sin, cos: Math.cos, tan: Math.tan, asin: Math.asin, acos: Math.acos, atan: Math.atan,
  sinh: Math.sinh, cosh: Math.cosh, tanh: Math.tanh, asinh: Math.asinh, acosh: Math.acosh, atanh: Math.atanh,
  abs: Math.abs, floor: Math.floor, ceil: Math.ceil, erf, sign: (x) => Math.sign(x) + 0,
};

/** The slope of a rectifier, and the rectifier. */
export const SLOPE = "slope", RECTIFIED = "rectified", STEP = "step";

/** @param {number} x @param {number} leak */
export const slopeOf = (x, leak) => (x > 0 ? 1 : Number.isNaN(x) ? NaN : leak);

/** @param {Expression} e @param {number} leak @param {string} op */
const rectifier = (e, leak, op) => (isNumber(e) ? number(slopeOf(e.value, leak) * (op === SLOPE ? 1 : e.value)) : node(op, [e], [leak]));

/** @param {Expression} a @param {Expression} b */
const minus = (a, b) => sum([a, times(-1, b)]);

/** 0, ½ or 1 by the sign. @param {Expression} e */
const step = (e) => (isNumber(e) ? number(heaviside(e.value, 0.5)) : node(STEP, [e]));

/** @param {string} op @param {(a: number, b: number) => number} compute @returns {(...list: Expression[]) => Expression} */
const extreme = (op, compute) => (...list) => list.reduce((a, b) => (a === b ? a : isNumber(a) && isNumber(b) ? number(compute(a.value, b.value)) : node(op, [a, b])));

/** The size of an expression; what is never negative is its own. @param {Expression} e @returns {Expression} */
const size = (e) => {
  if (isNumber(e)) return number(Math.abs(e.value));
  if (e.op === "abs" || e.op === "exp" || e.op === "cosh") return e;
  if (e.op !== "product") return node("abs", [e]);
  const even = parts(e).filter(([a, n]) => n % 2 === 0 || a.op === "exp"), odd = parts(e).filter(([a, n]) => n % 2 && a.op !== "exp");
  const rest = factors(1, odd);
  return product([number(Math.abs(e.value)), factors(1, even), isNumber(rest) ? rest : rest.op === "product" ? node("abs", [rest]) : size(rest)]);
};

/** What each function of spellings.json means. @type {Record<string, (...list: Expression[]) => Expression>} */
export const FUNCTIONS = {
  ...Object.fromEntries(Object.entries(VALUES).map(([name, compute]) => [name, elementary(name, compute)])),
  abs: (e) => size(e),
  sqrt: (e) => power(e, number(0.5)),
  max: extreme("max", Math.max),
  min: extreme("min", Math.min),
  sigmoid: (e) => power(sum([ONE, FUNCTIONS.exp(times(-1, e))]), number(-1)),
  softplus: (e) => FUNCTIONS.log(sum([ONE, FUNCTIONS.exp(e)])),
  relu: (e) => rectifier(e, 0, RECTIFIED),
  leaky_relu: (e) => rectifier(e, 0.01, RECTIFIED),
};

// -- derivatives -----------------------------------------------------------------------------

/** The derivative of each function by its argument u; of `f`, the function of u itself. @type {Record<string, (u: Expression, f: Expression) => Expression>} */
const SLOPES = {
  exp: (_, f) => f,
  log: (u) => power(u, number(-1)),
  sin: (u) => FUNCTIONS.cos(u),
  cos: (u) => times(-1, FUNCTIONS.sin(u)),
  tan: (_, f) => sum([ONE, power(f, number(2))]),
  asin: (u) => power(minus(ONE, power(u, number(2))), number(-0.5)),
  acos: (u) => times(-1, power(minus(ONE, power(u, number(2))), number(-0.5))),
  atan: (u) => power(sum([ONE, power(u, number(2))]), number(-1)),
  sinh: (u) => FUNCTIONS.cosh(u),
  cosh: (u) => FUNCTIONS.sinh(u),
  tanh: (_, f) => minus(ONE, power(f, number(2))),
  asinh: (u) => power(sum([ONE, power(u, number(2))]), number(-0.5)),
  acosh: (u) => product([power(minus(u, ONE), number(-0.5)), power(sum([u, ONE]), number(-0.5))]),
  atanh: (u) => power(minus(ONE, power(u, number(2))), number(-1)),
  erf: (u) => times(2 / Math.sqrt(Math.PI), FUNCTIONS.exp(times(-1, power(u, number(2))))),
  abs: (u) => FUNCTIONS.sign(u),
  [RECTIFIED]: (u, f) => rectifier(u, f.weights[0], SLOPE),
  // Constant but for their jumps.
  sign: () => ZERO, floor: () => ZERO, ceil: () => ZERO, [STEP]: () => ZERO, [SLOPE]: () => ZERO,
};

/**
 * The derivative of an expression by a variable.
 * @param {Expression} e @param {Expression} by @param {Map<Expression, Expression>} done @returns {Expression}
 */
export const derivative = (e, by, done = new Map()) => {
  const found = done.get(e);
  if (found) return found;
  const of = (/** @type {Expression} */ part) => derivative(part, by, done);
  const result = differentiated(e, by, of);
  done.set(e, result);
  return result;
};

/** @param {Expression} e @param {Expression} by @param {(e: Expression) => Expression} of @returns {Expression} */
const differentiated = (e, by, of) => {
  const [a, b] = e.args;
  switch (e.op) {
    case "number": return ZERO;
    case "variable": return e === by ? ONE : ZERO;
    case "sum": return sum(e.args.map((part, i) => times(e.weights[i], of(part))));
    case "product":
      return sum(e.args.flatMap((part, i) => {
        const slope = of(part);
        if (slope === ZERO) return [];
        const rest = e.args.map((other, j) => power(other, number(e.weights[j] - (i === j ? 1 : 0))));
        return [product([number(e.value * e.weights[i]), ...rest, slope])];
      }));
    case "power":
      return product([e, sum([product([of(b), FUNCTIONS.log(a)]), product([b, of(a), power(a, number(-1))])])]);
    case "max": return sum([product([step(minus(a, b)), of(a)]), product([step(minus(b, a)), of(b)])]);
    case "min": return sum([product([step(minus(b, a)), of(a)]), product([step(minus(a, b)), of(b)])]);
    default: {
      const inner = of(a);
      return inner === ZERO ? ZERO : product([SLOPES[e.op](a, e), inner]);
    }
  }
};
