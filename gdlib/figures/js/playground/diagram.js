// The network as it is drawn: units with their pictures of the plane, and weights as edges.

import { element } from "../../../live/js/controls.js";
import { drawn } from "../../../live/js/svg.js";
import { Picture } from "./pictures.js";

const PITCH = 58, TOP = 30, UNIT = 38; // pixels: from unit to unit, above the first, and a unit's side
const THICKEST = 7; // pixels, of an edge

/** @typedef {import("./network.js").Network} Network @typedef {import("./network.js").Rows} Rows */
/** @typedef {{ button: HTMLElement, context: CanvasRenderingContext2D, number: HTMLElement }} Unit */

const DIGITS = "₀₁₂₃₄₅₆₇₈₉";
/** @param {number} k */
export const subscript = (k) => DIGITS[k + 1];

/** What a unit's value is called. @param {number} column @param {number} last @param {number} k */
export const valueName = (column, last, k) => `${column === 0 ? "x" : column === last ? "ŷ" : "h"}${subscript(k)}`;

export class Diagram {
  root = element("div", { className: "playground-network" });
  /** @type {Unit[][]} */
  units = [];
  /** @type {SVGLineElement[][]} */
  edges = [];

  /** @param {number} side @param {(layer: number, unit: number, from: number) => void} chosen */
  constructor(side, chosen) {
    this.picture = new Picture(side);
    this.chosen = chosen;
  }

  /** @param {number[]} sizes @param {string[]} names what is written above each column */
  build(sizes, names) {
    const columns = sizes.length, most = Math.max(...sizes), height = TOP + most * PITCH + 4;
    const across = (/** @type {number} */ c) => `${(100 * (c + 0.5)) / columns}%`;
    const down = (/** @type {number} */ c, /** @type {number} */ k) => TOP + ((most - sizes[c]) * PITCH) / 2 + k * PITCH;
    const svg = drawn("svg", { "aria-hidden": "true", height });
    this.edges = sizes.slice(1).map((N, l) => Array.from({ length: sizes[l] * N }, (_, k) => {
      const from = Math.floor(k / N), to = k % N;
      const ends = { x1: across(l), y1: down(l, from) + UNIT / 2, x2: across(l + 1), y2: down(l + 1, to) + UNIT / 2 };
      const [seen, touched] = ["seen", "touched"].map((name) => drawn("line", { class: `playground-${name}`, ...ends }));
      touched.onclick = () => this.chosen(l + 1, to, from);
      svg.append(seen, touched);
      return seen;
    }));
    this.units = sizes.map((N, c) => Array.from({ length: N }, (_, k) => {
      const canvas = element("canvas", { width: this.picture.canvas.width, height: this.picture.canvas.width });
      const number = element("span", { className: "playground-value" });
      const what = c === 0 ? `input ${k + 1}` : c === columns - 1 ? `output unit ${k + 1}` : `hidden layer ${c}, unit ${k + 1}`;
      const button = element(c ? "button" : "div", { className: "playground-unit" }, canvas, number);
      if (button instanceof HTMLButtonElement) {
        button.type = "button";
        button.setAttribute("aria-label", what);
        button.onclick = () => this.chosen(c, k, -1);
      }
      button.title = what;
      button.style.left = across(c);
      button.style.top = `${down(c, k)}px`;
      return { button, context: /** @type {CanvasRenderingContext2D} */ (canvas.getContext("2d")), number };
    }));
    const heads = names.map((name, c) => {
      const head = element("span", { className: "playground-head", textContent: name });
      head.style.left = across(c);
      return head;
    });
    this.root.style.height = `${height}px`;
    this.root.replaceChildren(svg, ...heads, ...this.units.flat().map(({ button }) => button));
  }

  /** The units' pictures of the plane. @param {Rows} r @param {import("./pictures.js").Colours} colours @param {string[]} classes */
  paint(r, colours, classes) {
    const last = this.units.length - 1, [orange, blue] = [colours.rgb("orange"), colours.rgb("blue")];
    this.units.forEach((column, c) => column.forEach(({ context }, k) => {
      const values = c ? r.U[c - 1] : r.X;
      if (c === last) this.picture.shares(values, column.length, k, colours.rgb(classes[k]));
      else this.picture.signs(values, column.length, k, blue, orange);
      context.clearRect(0, 0, context.canvas.width, context.canvas.height);
      context.drawImage(this.picture.canvas, 0, 0);
    }));
  }

  /** Edges as wide as weights, or as gradients; those below 0 are broken. @param {Network} net @param {boolean} gradients */
  weigh(net, gradients) {
    const of = (/** @type {import("./network.js").Layer} */ layer) => (gradients ? layer.parameters[0].gradient : layer.parameters[0].value);
    const most = gradients ? Math.max(1e-12, ...net.layers.map((layer) => of(layer).reduce((m, v) => Math.max(m, Math.abs(v)), 0))) : 3;
    net.layers.forEach((layer, l) => {
      const values = of(layer);
      this.edges[l].forEach((edge, k) => {
        const width = THICKEST * Math.min(1, Math.abs(values[k]) / most);
        edge.style.strokeWidth = `${(0.3 + width).toFixed(1)}px`;
        edge.classList.toggle("playground-below", values[k] < 0);
      });
    });
  }

  /** A number in each unit, by column; undefined where there is none. @param {(number | undefined)[][]} values @param {(v: number) => string} written */
  write(values, written) {
    this.units.forEach((column, c) => column.forEach(({ number }, k) => {
      const v = values[c]?.[k];
      number.textContent = v === undefined ? "" : written(v);
    }));
  }

  /** Mark the chosen unit, and the edge of a weight. @param {number} layer @param {number} unit @param {number} from */
  mark(layer, unit, from) {
    this.units.forEach((column, c) => column.forEach(({ button }, k) => {
      if (c) button.setAttribute("aria-pressed", String(c === layer && k === unit));
    }));
    this.edges.forEach((edges, l) => edges.forEach((edge, k) => {
      const N = this.units[l + 1].length;
      edge.classList.toggle("playground-lit", l + 1 === layer && k % N === unit && Math.floor(k / N) === from);
    }));
  }
}
