// Level lines of a surface that is known on a grid: where each level crosses the grid's cells.

import { points } from "./geometry.js";

/**
 * The crossings of one level, as points two by two. A cell of a saddle is cut by its middle's height.
 * @param {ArrayLike<number>} heights row by row, the horizontal index first @param {number} width @param {number} height @param {number} level
 */
const crossings = (heights, width, height, level) => {
  const xs = /** @type {number[]} */ ([]), ys = /** @type {number[]} */ ([]);
  const at = (/** @type {number} */ i, /** @type {number} */ j) => heights[j * width + i] - level;
  for (let j = 0; j + 1 < height; j++) {
    for (let i = 0; i + 1 < width; i++) {
      const a = at(i, j), b = at(i + 1, j), c = at(i + 1, j + 1), d = at(i, j + 1);
      const kind = +(a > 0) + 2 * +(b > 0) + 4 * +(c > 0) + 8 * +(d > 0);
      if (kind === 0 || kind === 15 || !Number.isFinite(a + b + c + d)) continue;
      /** The place on each side: below, right, above, left. @type {[number, number][]} */
      const sides = [[i + a / (a - b), j], [i + 1, j + b / (b - c)], [i + d / (d - c), j + 1], [i, j + a / (a - d)]];
      const cut = (/** @type {number[]} */ ...which) => which.forEach((side) => { xs.push(sides[side][0]); ys.push(sides[side][1]); });
      if (kind === 5 || kind === 10) {
        if ((a + b + c + d > 0) === (kind === 5)) cut(0, 1, 2, 3);
        else cut(3, 0, 1, 2);
      } else cut(.../** @type {number[]} */ (CUTS[kind]));
    }
  }
  return [xs, ys];
};

/** The two sides that a level crosses, by which corners are above it. @type {Record<number, number[]>} */
const CUTS = { 1: [3, 0], 14: [3, 0], 2: [0, 1], 13: [0, 1], 4: [1, 2], 11: [1, 2], 8: [2, 3], 7: [2, 3], 3: [3, 1], 12: [3, 1], 6: [0, 2], 9: [0, 2] };

/**
 * Draw level lines into a group that Matplotlib drew others in.
 * @param {import("./types").Item & { groups: SVGElement[] }} item @param {import("./types").Values} v @param {import("./types").Axes} axes
 */
export const contours = (item, v, axes) => {
  const [width, height] = item.size, [[left, right], [bottom, top]] = item.box;
  const lines = v.levels.map((/** @type {number} */ level) => {
    const [xs, ys] = crossings(v.value, width, height, level);
    const across = xs.map((i) => left + (right - left) * i / (width - 1)), up = ys.map((j) => bottom + (top - bottom) * j / (height - 1));
    const ends = points(across, up, axes);
    let d = "";
    for (let i = 0; i + 1 < ends.length; i += 2) {
      const [p, q] = [ends[i], ends[i + 1]];
      if (p && q) d += `M${p[0]} ${p[1]}L${q[0]} ${q[1]}`;
    }
    return d;
  });
  const [first, ...others] = item.groups[0].querySelectorAll("path");
  first.setAttribute("d", lines.join(""));
  others.forEach((path) => path.remove());
  return lines.some(Boolean);
};
