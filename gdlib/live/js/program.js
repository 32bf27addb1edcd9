// What a printed program runs on: states at a step, paths that are kept, packed columns and grids.

/** @param {Float64Array} path @param {number} i */
const at = (path, i) => path[Math.min(path.length - 1, Math.max(0, Math.floor(i + 0.5)))] ?? NaN;

/**
 * An iterated path is computed again only when one of its inputs has moved.
 * @param {Record<string, { inputs: number[], path: Float64Array[] }>} memo
 * @param {string} name @param {number[]} inputs @param {() => Float64Array[]} make
 */
const remember = (memo, name, inputs, make) => {
  const old = memo[name];
  if (old && old.inputs.every((v, i) => Object.is(v, inputs[i]))) return old.path;
  const path = make();
  memo[name] = { inputs, path };
  return path;
};

/** @param {import("./types").Packed} v */
const unpack = (v) => {
  if (Array.isArray(v)) return Float64Array.from(v);
  const step = (v.to - v.from) / (v.n - 1);
  const grid = Float64Array.from({ length: v.n }, (_, i) => i * step + v.from);
  grid[v.n - 1] = v.to;
  return grid;
};

/**
 * A figure's program as a function of its controls' values.
 * @param {import("./types").Spec} spec @returns {(values: number[]) => import("./types").Values[]}
 */
export const compile = ({ program, columns, grids }) => {
  const body = new Function("p", "D", "G", "M", "at", "remember", program);
  const data = columns.map(unpack), places = grids.map(unpack), memo = {};
  return (values) => body(values, data, places, memo, at, remember);
};
