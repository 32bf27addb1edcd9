// The samples of the playground: made from random numbers by the printed functions, from a table, or
// from points that somebody sets.

import { normals, uniforms } from "../../../live/js/generator.js";
import { SpellingError, read } from "../../../live/js/spelling.js";
import { compiled } from "../../../live/js/tape.js";

/** Those that are learned from come first.
 * @typedef {{ X: Float64Array, y: Int32Array, classes: number, learned: number, said: string }} Samples */
/** @typedef {[x: number, y: number, label: number]} Point */

/** The points of a text: "120.-34.0" is (1.2, −0.34) of class 0. @param {string} text @returns {Point[]} */
export const pointsOf = (text) =>
  text.split("_").filter(Boolean).map((part) => {
    const [x, y, label] = part.split(".").map(Number);
    return [x / 100, y / 100, label];
  });

/** @param {Point[]} points */
export const textOf = (points) => points.map(([x, y, label]) => `${Math.round(100 * x)}.${Math.round(100 * y)}.${label}`).join("_");

/** The sample that is nearest to a place, no farther than this; or −1. @param {Float64Array} X @param {number} x @param {number} y @param {number} most */
export const nearest = (X, x, y, most) => {
  let best = -1, least = most ** 2;
  for (let i = 0; 2 * i < X.length; i++) {
    const d = (X[2 * i] - x) ** 2 + (X[2 * i + 1] - y) ** 2;
    if (d < least) { least = d; best = i; }
  }
  return best;
};

/** As Python rounds. @param {number} x */
const rounded = (x) => {
  const below = Math.floor(x);
  return x - below === 0.5 ? below + (below % 2) : Math.round(x);
};

/** @param {number[][]} rows @param {ArrayLike<number>} labels @param {number} classes @param {number} share that is held out @returns {Samples} */
const made = (rows, labels, classes, share, said = "") =>
  ({ X: Float64Array.from(rows.flat()), y: Int32Array.from(labels), classes, learned: rows.length - rounded(rows.length * share), said });

/** The typed function, at every x; what cannot be read is thrown. @param {string} text @param {number[]} xs */
const heights = (text, xs) => {
  const { at, run } = compiled(read(text, ["x"]), ["x"]);
  return xs.map((x) => { at[0] = x; return run(); });
};

/**
 * The samples of these settings. @param {Record<string, any>} settings
 * @param {import("./network.js").Program} program @param {{ penguins: number[][], stream: number }} spec
 * @returns {Samples}
 */
export const samples = (settings, program, { penguins, stream }) => {
  const { data, noise, held_out: share } = settings;
  if (data === "own") {
    // Points of a class that there is not, at present, wait until there is one.
    const points = pointsOf(settings.points).filter(([, , label]) => label < settings.classes);
    return made(points.map(([x, y]) => [x, y]), points.map(([, , label]) => label), settings.classes, 0);
  }
  const n = data === "penguins" ? Math.min(settings.n, penguins.length) : settings.n;
  const K = data === "spirals" ? settings.classes : data === "penguins" ? 3 : 2;
  const labels = Array.from({ length: n }, (_, i) => i % K);
  // The stream of random numbers is that of gdlib/playground.py: two uniform, two normal.
  const draws = [uniforms(0, stream, n), uniforms(0, stream + 1, n), normals(0, stream + 2, n), normals(0, stream + 3, n)];
  const [, , z1, z2] = draws;
  const moved = (/** @type {number[]} */ [x, y], /** @type {number} */ i) => [x + noise * z1[i], y + noise * z2[i]];
  if (data === "penguins") {
    const some = penguins.slice(0, n);
    return made(some.map(moved), some.map(([, , species]) => species), K, share);
  }
  const X1 = new Float64Array(n), X2 = new Float64Array(n);
  program[`data_${data}`](n, K, noise, Float64Array.from(labels), ...draws, X1, X2);
  const rows = labels.map((_, i) => [X1[i], X2[i]]);
  if (data !== "above") return made(rows, labels, K, share);
  const height = heights(settings.f, [...X1]), defined = rows.map((_, i) => i).filter((i) => Number.isFinite(height[i]));
  const left = n - defined.length;
  if (left === n) throw new SpellingError(`${settings.f} is not defined anywhere here: there are no samples`);
  const said = left ? `${settings.f} is not defined at ${left} of ${n} samples: they are left out.` : "";
  return made(defined.map((i) => moved(rows[i], i)), defined.map((i) => Number(rows[i][1] > height[i])), K, share, said);
};
