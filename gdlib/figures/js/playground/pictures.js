// What the playground paints: regions, units' pictures of the plane, samples, and the losses.

import { mesh } from "../../../live/js/generator.js";
import { largest } from "../largest.js";

/** @typedef {[number, number, number]} Rgb */

/** Colours of the page's theme, read once for each theme. */
export class Colours {
  /** @type {Record<string, Rgb>} */
  known = {};
  /** @type {{ ink: string, paper: string } | undefined} */
  written;

  /** @param {HTMLElement} root */
  constructor(root) { this.root = root; }

  forget() {
    this.known = {};
    this.written = undefined;
  }

  /** What is written with, and on. */
  get page() {
    if (!this.written) {
      const style = getComputedStyle(this.root);
      this.written = { ink: style.color, paper: style.getPropertyValue("--pst-color-background").trim() || "Canvas" };
    }
    return this.written;
  }

  /** @param {string} name @returns {Rgb} */
  rgb(name) {
    const style = () => getComputedStyle(this.root).getPropertyValue(`--live-${name}`).trim() || "#747474";
    return (this.known[name] ??= /** @type {Rgb} */ ([1, 3, 5].map((i) => parseInt(style().slice(i, i + 2), 16))));
  }

  /** @param {string} name */
  css(name) { return `rgb(${this.rgb(name)})`; }
}

/** The middle of each pixel, row by row from above. @param {number} side @param {number} reach */
export const pixels = (side, reach) => {
  const x = Float64Array.from({ length: side }, (_, i) => reach * ((2 * i + 1) / side - 1));
  return mesh(x, x.slice().reverse());
};

/** A colour in the order of a pixel's bytes. @param {Rgb} colour */
const packed = ([r, g, b]) => r | (g << 8) | (b << 16);
/** @param {number} ink @param {number} alpha */
const inked = (ink, alpha) => ink | ((255 * alpha) << 24);

/** A picture of so many pixels a side that is drawn into a canvas, as large as that is. */
export class Picture {
  /** @param {number} side */
  constructor(side) {
    this.canvas = document.createElement("canvas");
    this.canvas.width = this.canvas.height = side;
    this.context = /** @type {CanvasRenderingContext2D} */ (this.canvas.getContext("2d"));
    this.data = this.context.createImageData(side, side);
    this.words = new Uint32Array(this.data.data.buffer);
  }

  /** One word a pixel, so that nothing is made for each. @param {(i: number) => number} pixel */
  paint(pixel) {
    const { words } = this;
    for (let i = 0; i < words.length; i++) words[i] = pixel(i);
    this.context.putImageData(this.data, 0, 0);
  }

  /** The surest class of each pixel, the stronger the surer. @param {Float64Array} P @param {number} K @param {Rgb[]} colours */
  regions(P, K, colours) {
    const inks = colours.map(packed);
    this.paint((i) => {
      const best = largest(P, i * K, K);
      return inked(inks[best], 0.08 + 0.5 * (P[i * K + best] - 1 / K) / (1 - 1 / K));
    });
  }

  /** One column of values by sign and size. @param {Float64Array} values @param {number} N @param {number} unit @param {Rgb} above @param {Rgb} below */
  signs(values, N, unit, above, below) {
    const [over, under] = [above, below].map(packed);
    let most = 1e-12;
    for (let k = unit; k < N * this.canvas.width ** 2; k += N) most = Math.max(most, Math.abs(values[k]));
    this.paint((i) => {
      const v = values[i * N + unit] / most;
      return inked(v < 0 ? under : over, Math.abs(v));
    });
  }

  /** One column of probabilities. @param {Float64Array} P @param {number} K @param {number} unit @param {Rgb} colour */
  shares(P, K, unit, colour) {
    const ink = packed(colour);
    this.paint((i) => inked(ink, P[i * K + unit]));
  }
}

/** @typedef {(context: CanvasRenderingContext2D, x: number, y: number, r: number) => void} Marker */
const polygon = (/** @type {[number, number][]} */ corners) => /** @type {Marker} */ ((context, x, y, r) => {
  corners.forEach(([dx, dy], i) => (i ? context.lineTo(x + r * dx, y + r * dy) : context.moveTo(x + r * dx, y + r * dy)));
  context.closePath();
});
/** By their names in Matplotlib. @type {Record<string, Marker>} */
const MARKERS = {
  o: (context, x, y, r) => context.arc(x, y, r, 0, 2 * Math.PI),
  s: polygon([[-0.9, -0.9], [0.9, -0.9], [0.9, 0.9], [-0.9, 0.9]]),
  "^": polygon([[0, -1.2], [1.1, 0.8], [-1.1, 0.8]]),
  D: polygon([[0, -1.3], [1.1, 0], [0, 1.3], [-1.1, 0]]),
  v: polygon([[0, 1.2], [1.1, -0.8], [-1.1, -0.8]]),
};

/**
 * Samples over what is in the canvas: those held out are hollow, the chosen one has a ring.
 * @param {CanvasRenderingContext2D} context
 * @param {{ X: Float64Array, y: Int32Array, learned: number, reach: number, looks: [string, string][], chosen: number, colours: Colours }} what
 */
export const drawSamples = (context, { X, y, learned, reach, looks, chosen, colours }) => {
  const { ink, paper } = colours.page;
  const size = context.canvas.width, place = (/** @type {number} */ v) => (size * (v / reach + 1)) / 2, r = size / 90;
  y.forEach((label, i) => {
    const [colour, marker] = looks[label], px = place(X[2 * i]), py = size - place(X[2 * i + 1]), held = i >= learned;
    context.beginPath();
    MARKERS[marker](context, px, py, r);
    context.fillStyle = held ? paper : colours.css(colour);
    context.strokeStyle = held ? colours.css(colour) : paper;
    context.lineWidth = held ? r / 2.2 : r / 5;
    context.fill();
    context.stroke();
    if (i !== chosen) return;
    context.beginPath();
    context.arc(px, py, 2.4 * r, 0, 2 * Math.PI);
    context.strokeStyle = ink;
    context.lineWidth = r / 1.6;
    context.stroke();
  });
};

/** Where the keys are. @param {CanvasRenderingContext2D} context @param {[number, number]} at @param {number} reach @param {string} ink */
export const drawCross = (context, [x, y], reach, ink) => {
  const size = context.canvas.width, px = (size * (x / reach + 1)) / 2, py = size - (size * (y / reach + 1)) / 2, arm = size / 28;
  context.beginPath();
  context.moveTo(px - arm, py);
  context.lineTo(px + arm, py);
  context.moveTo(px, py - arm);
  context.lineTo(px, py + arm);
  context.strokeStyle = ink;
  context.lineWidth = size / 200;
  context.stroke();
};

const WIDTH = 300, HEIGHT = 90;

/** The losses of all kept steps as paths of an SVG of 300 × 90. @param {import("./training.js").Moment[]} history @param {number} t */
export const lossPaths = (history, t) => {
  const last = Math.max(1, history[history.length - 1].t), finite = history.flatMap(({ learned, held }) => [learned.loss, held.loss]).filter(Number.isFinite);
  const top = Math.max(...finite, 1e-9) * 1.05, every = Math.ceil(history.length / 200);
  const path = (/** @type {"learned" | "held"} */ of) => history
    .filter((moment, k) => Number.isFinite(moment[of].loss) && (k % every === 0 || k === history.length - 1))
    .map((moment, k) => `${k ? "L" : "M"}${((WIDTH * moment.t) / last).toFixed(1)} ${(HEIGHT * (1 - moment[of].loss / top)).toFixed(1)}`).join("");
  return { learned: path("learned"), held: path("held"), at: (WIDTH * t) / last, last, top };
};
