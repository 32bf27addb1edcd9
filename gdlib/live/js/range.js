// A slider's positions: evenly spaced between two ends, in the exponent for a logarithmic one.

/** @typedef {[low: number, high: number, step: number, base: number]} Range */

/** How many steps lead from one end to the other. @param {Range} range */
export const steps = ([low, high, step]) => Math.max(1, Math.round((high - low) / step));

/** A value's place, counted in steps; 0 for what a logarithmic slider cannot reach. @param {Range} range @param {number} value */
export const count = ([low, , step, base], value) => {
  const place = base ? (value > 0 ? Math.log(value) / Math.log(base) : -Infinity) : value;
  return (place - low) / step;
};

/** The value after so many steps; the last is the end itself. No rounding piles up. @param {Range} range @param {number} k */
export const value = (range, k) => {
  const [low, high, step, base] = range;
  const raw = k === steps(range) ? high : low + k * step;
  return base ? base ** raw : +raw.toPrecision(12);
};

/** The closest value that the slider has. @param {Range} range @param {number} wanted */
export const snapped = (range, wanted) =>
  value(range, Math.round(Math.min(steps(range), Math.max(0, count(range, wanted)))));
