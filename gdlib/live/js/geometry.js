// From data to the SVG's coordinates, and from points to a path.

/** @typedef {[number, number]} Pair @typedef {import("./types").Numbers} Numbers */

/** Clamped far outside the picture: renderers fail on 1e300. @param {number} value @param {Pair} limits @param {Pair} ends @param {number} log */
const scale = (value, [v0, v1], [c0, c1], log) => {
  const t = log
    ? (Math.log10(value) - Math.log10(v0)) / (Math.log10(v1) - Math.log10(v0))
    : (value - v0) / (v1 - v0);
  const c = c0 + t * (c1 - c0);
  return Math.round(Math.min(1e5, Math.max(-1e5, c)) * 100) / 100;
};

/** Where a place in the SVG is in data. @param {number[]} place @param {import("./types").Axes} a */
export const unscaled = ([across, up], a) => {
  const back = (/** @type {number} */ c, /** @type {Pair} */ [v0, v1], /** @type {Pair} */ [c0, c1], /** @type {number} */ log) => {
    const t = (c - c0) / (c1 - c0);
    return log ? v0 * (v1 / v0) ** t : v0 + t * (v1 - v0);
  };
  return [back(across, a.xlim, a.x, a.log[0]), back(up, a.ylim, a.y, a.log[1])];
};

/** The middle of the points that are somewhere; null if none is. @param {(Pair | null)[]} list @returns {Pair | null} */
export const middle = (list) => {
  const seen = /** @type {Pair[]} */ (list.filter(Boolean));
  const mean = (/** @type {0 | 1} */ k) => seen.reduce((sum, p) => sum + p[k], 0) / seen.length;
  return seen.length ? [mean(0), mean(1)] : null;
};

/** One value for all, or one for each. @param {Numbers} values @param {number} i */
export const pick = (values, i) => values[values.length === 1 ? 0 : i];

/** Where points of data are, null where one is undefined. @param {Numbers} xs @param {Numbers} ys @param {import("./types").Axes} a @returns {(Pair | null)[]} */
export const points = (xs, ys, a) => {
  const n = Math.min(xs.length, ys.length) === 1 ? Math.max(xs.length, ys.length) : Math.min(xs.length, ys.length);
  /** @type {(Pair | null)[]} */
  const list = [];
  for (let i = 0; i < n; i++) {
    const x = pick(xs, i), y = pick(ys, i);
    const seen = Number.isFinite(x) && Number.isFinite(y);
    const across = seen ? scale(x, a.xlim, a.x, a.log[0]) : NaN, up = seen ? scale(y, a.ylim, a.y, a.log[1]) : NaN;
    list.push(Number.isNaN(across) || Number.isNaN(up) ? null : [across, up]);
  }
  return list;
};

/** The path through points; it is interrupted where there is none. @param {(Pair | null)[]} list */
export const draw = (list) => {
  let d = "", pen = "M";
  for (const p of list) {
    if (p) { d += pen + p[0] + " " + p[1]; pen = "L"; } else pen = "M";
  }
  return d;
};
