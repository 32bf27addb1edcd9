// What a printed program runs on: states at a step, paths that are kept, packed columns and grids.

import { batches, mesh, normals, take } from "./generator.js";

/** @param {Float64Array} path @param {number} i */
const at = (path, i) => path[Math.min(path.length - 1, Math.max(0, Math.floor(i + 0.5)))] ?? NaN;

/**
 * An iterated path is computed again only when one of its inputs has moved.
 * @param {Record<string, { inputs: number[], path: any }>} memo
 * @param {string} name @param {number[]} inputs @param {() => any} make
 */
const remember = (memo, name, inputs, make) => {
  const old = memo[name];
  if (old && old.inputs.every((v, i) => Object.is(v, inputs[i]))) return old.path;
  const path = make();
  memo[name] = { inputs, path };
  return path;
};

/** The remainder with the divisor's sign, as NumPy's. @param {number} a @param {number} m */
const mod = (a, m) => {
  const rest = a % m;
  if (rest === 0) return m < 0 ? -0 : 0;
  return rest < 0 !== m < 0 ? rest + m : rest;
};

/** 0, `half` or 1 by the sign. @param {number} x @param {number} half */
export const heaviside = (x, half) => (x > 0 ? 1 : x < 0 ? 0 : x === 0 ? half : NaN);

/**
 * The error function, by a series of positive terms: 2/√π · e^(−x²) · Σ 2ⁿ x^(2n+1) / (2n+1)!!
 * Beyond 6, it is 1 to 16 digits. (Abramowitz and Stegun, 7.1.6)
 * @param {number} x
 */
export const erf = (x) => {
  if (!(Math.abs(x) < 6)) return Math.sign(x);
  let sum = 0, term = (2 / Math.sqrt(Math.PI)) * x * Math.exp(-x * x);
  for (let n = 1; sum + term !== sum; n++) {
    sum += term;
    term *= (2 * x * x) / (2 * n + 1);
  }
  return sum;
};

const helpers = { at, remember, mod, heaviside, erf, mesh, normals, batches, take };

/** @param {import("./types").Packed} v */
const unpack = (v) => {
  if (Array.isArray(v)) return Float64Array.from(v);
  const step = (v.to - v.from) / (v.n - 1);
  const grid = Float64Array.from({ length: v.n }, (_, i) => i * step + v.from);
  grid[v.n - 1] = v.to;
  return grid;
};

/**
 * A figure's program as a function of its controls' values. What it uses beyond the helpers is given
 * by name.
 * @param {import("./types").Program} spec @param {Record<string, any>} more @returns {(values: number[]) => any}
 */
export const compile = ({ program, columns, grids }, more = {}) => {
  const known = { ...helpers, ...more };
  const body = new Function("p", "D", "G", "M", ...Object.keys(known), program);
  const data = columns.map(unpack), places = grids.map(unpack), memo = {};
  return (values) => body(values, data, places, memo, ...Object.values(known));
};
