// One painter for each kind of artist in artists.py: it rewrites the artist's part of the SVG.

import { draw, pick, points } from "./geometry.js";
import { fill } from "./numbers.js";

/** @typedef {[number, number]} Pair */

/** @param {Element} g @param {unknown} yes */
export const show = (g, yes) => (yes ? g.removeAttribute("visibility") : g.setAttribute("visibility", "hidden"));

/** @param {Element} g @param {string} selector @returns {Element} */
const part = (g, selector) => {
  const found = g.querySelector(selector);
  if (!found) throw new Error(`the figure has no ${selector} to move`);
  return found;
};

/**
 * Each painter returns whether there is anything to see, for each part or for all of them.
 * @type {Record<string, (item: import("./types").Item & { groups: SVGElement[] }, v: import("./types").Values, axes: import("./types").Axes) => boolean | boolean[]>}
 */
export const painters = {
  line(item, v, axes) {
    const [g] = item.groups;
    if (v.lw) /** @type {SVGElement} */ (part(g, "path")).style.strokeWidth = String(v.lw[0]);
    if (!v.x) return true;
    const list = points(v.x, v.y, axes), seen = /** @type {Pair[]} */ (list.filter(Boolean));
    if (!seen.length) return false;
    g.querySelector(":scope>path")?.setAttribute("d", draw(list));
    let marks = g.querySelectorAll("use");
    if (!marks.length) return true;
    const parent = marks[0].parentNode;
    for (let i = marks.length; i < seen.length; i++) parent?.append(marks[0].cloneNode());
    for (let i = seen.length; i < marks.length; i++) marks[i].remove();
    marks = g.querySelectorAll("use");
    seen.forEach(([x, y], i) => { marks[i].setAttribute("x", String(x)); marks[i].setAttribute("y", String(y)); });
    return true;
  },
  text(item, v, axes) {
    const text = part(item.groups[0], "text");
    if (v.x || v.y) {
      const [p] = points(v.x ?? [item.at[0]], v.y ?? [item.at[1]], axes);
      if (!p) return false;
      const x = p[0] + item.offset[0], y = p[1] + item.offset[1];
      text.setAttribute("x", String(x));
      text.setAttribute("y", String(y));
      const turn = /rotate\((\S+)/.exec(text.getAttribute("transform") ?? "");
      if (turn) text.setAttribute("transform", `rotate(${parseFloat(turn[1])} ${x} ${y})`);
    }
    if (item.template && v.values) text.textContent = fill(item.template, v.values);
    return true;
  },
  arrow(item, v, axes) {
    const [shaft, head] = item.groups[0].querySelectorAll("path");
    if (v.lw) shaft.style.strokeWidth = String(v.lw[0]);
    if (!v.x) return true;
    const [a, b] = points([v.x[0], v.x[0] + v.dx[0]], [v.y[0], v.y[0] + v.dy[0]], axes);
    if (!a || !b) return false;
    const length = Math.hypot(b[0] - a[0], b[1] - a[1]);
    if (length < 0.5) return false;
    const ux = (b[0] - a[0]) / length, uy = (b[1] - a[1]) / length;
    const [long, wide] = item.head, x = b[0] - long * ux, y = b[1] - long * uy;
    shaft.setAttribute("d", draw([a, [b[0] - ux, b[1] - uy]]));
    head.setAttribute("d", `${draw([[x - wide * uy, y + wide * ux], b, [x + wide * uy, y - wide * ux]])}z`);
    return true;
  },
  bars(item, v, axes) {
    return item.groups.map((g, i) => {
      const [x, y, w, h] = ["x", "y", "width", "height"].map((k) => pick(v[k] ?? item[k], i));
      const corners = points([x, x + w, x + w, x], [y, y, y + h, y + h], axes);
      const good = corners.every(Boolean);
      if (good) part(g, "path").setAttribute("d", `${draw(corners)}z`);
      return good;
    });
  },
  area(item, v, axes) {
    const list = points(v.x, v.y, axes);
    const back = v.y2 ? points(v.x, v.y2, axes).reverse() : [];
    const corners = [...list, ...back].filter(Boolean);
    if (corners.length < 3) return false;
    part(item.groups[0], "path").setAttribute("d", `${draw(corners)}z`);
    return true;
  },
  image(item, v) {
    const [width, height] = item.size, { colours, range: [low, high] } = item;
    item.lut ??= Uint32Array.from(colours.match(/.{8}/g), (c) =>
      (parseInt(c.slice(6), 16) << 24) | (parseInt(c.slice(4, 6), 16) << 16) | (parseInt(c.slice(2, 4), 16) << 8) | parseInt(c.slice(0, 2), 16));
    if (!item.canvas) {
      item.canvas = Object.assign(document.createElement("canvas"), { width, height });
      item.context = item.canvas.getContext("2d");
      item.data = item.context.createImageData(width, height);
      item.pixels = new Uint32Array(item.data.data.buffer);
    }
    const n = item.lut.length;
    for (let row = 0; row < height; row++) {
      for (let i = 0; i < width; i++) {
        const t = (v.value[row * width + i] - low) / (high - low);
        const colour = Math.min(n - 1, Math.max(0, Math.floor(t * n)));
        item.pixels[(height - 1 - row) * width + i] = item.lut[colour] ?? 0;
      }
    }
    item.context.putImageData(item.data, 0, 0);
    part(item.groups[0], "image").setAttribute("href", item.canvas.toDataURL());
    return v.value.some(Number.isFinite);
  },
};
