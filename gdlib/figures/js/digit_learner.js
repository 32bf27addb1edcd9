// The network that reads digits, and the digits it learns from; and a drawing, as the data were made.
// The mathematics is in the printed program of gdlib/digit_reader.py; here are loops.

import { batches, normals, take } from "../../live/js/generator.js";
import { largest } from "./largest.js";

export const SIDE = 8, PIXELS = 64, CLASSES = 10;
export const BOX = 32, PEN = 2.4; // the scan's side and half the width of its pen, in its dots

/**
 * @typedef {{ program: string, pixels: string, labels: string, learned: number, farthest: number }} Spec
 * @typedef {{ X: Float64Array, Y: Float64Array, P: Float64Array, L: Float64Array, G: Float64Array,
 *   weights: Float64Array[], Z: Float64Array[],
 *   forward(n: number, N: number): void, backward(n: number, N: number): void,
 *   pixels(n: number, N: number): void, update(n: number, N: number, eta: number): void,
 *   start(n: number, N: number): void }} Program
 * @typedef {[number, number]} Point
 */

/** The data, and the network that learns from them. */
export class Learner {
  settings = { N: 48, eta: 0.5, size: 32, seed: 0 };
  rows = batches(1, 1, 0);
  each = 1;
  step = 0;
  share = 0;
  /** @type {"untrained" | "training" | "stopped" | "diverged" | "trained"} */
  state = "untrained";

  /** @param {Spec} spec */
  constructor(spec) {
    /** @type {Program} */
    this.net = new Function(spec.program)();
    this.pixels = Float64Array.from(spec.pixels, (c) => (c.charCodeAt(0) - 48) / 16);
    this.labels = Array.from(spec.labels, Number);
    this.learned = spec.learned;
    this.farthest = spec.farthest;
    this.truth = new Float64Array(this.labels.length * CLASSES);
    this.labels.forEach((label, i) => { this.truth[i * CLASSES + label] = 1; });
    this.begin(this.settings);
  }

  /** @param {{ N: number, eta: number, size: number, seed: number }} settings */
  begin(settings) {
    const { N, size, seed } = this.settings = settings;
    this.net.Z[0].set(normals(seed, 0, PIXELS * N));
    this.net.Z[1].set(normals(seed, 1, N * CLASSES));
    this.net.start(1, N);
    this.rows = batches(this.learned, size, seed);
    this.each = Math.ceil(this.learned / size);
    this.step = 0;
    this.share = 0;
    this.state = "untrained";
  }

  /** One step of gradient descent, on the next batch. */
  learn() {
    const { N, eta } = this.settings, rows = this.rows(this.step), { net } = this;
    take(net.X, this.pixels, rows, PIXELS);
    take(net.Y, this.truth, rows, CLASSES);
    net.forward(rows.length, N);
    if (!Number.isFinite(net.L[0])) { this.state = "diverged"; return; }
    net.backward(rows.length, N);
    net.update(rows.length, N, eta);
    this.step++;
  }

  /** The loss on the training digits, and what each held-out one is taken for. */
  evaluate() {
    const { net, learned } = this, { N } = this.settings, others = this.labels.length - learned;
    net.X.set(this.pixels.subarray(0, learned * PIXELS));
    net.Y.set(this.truth.subarray(0, learned * CLASSES));
    net.forward(learned, N);
    const loss = net.L[0];
    net.X.set(this.pixels.subarray(learned * PIXELS));
    net.forward(others, N);
    const table = Array.from({ length: CLASSES }, () => new Array(CLASSES).fill(0));
    let right = 0;
    for (let i = 0; i < others; i++) {
      const said = largest(net.P, i * CLASSES, CLASSES), label = this.labels[learned + i];
      table[label][said]++;
      if (said === label) right++;
    }
    this.share = right / others;
    return { loss, table, right, others };
  }

  /** Ten probabilities for one digit. @param {Float64Array} x */
  read(x) {
    this.net.X.set(x);
    this.net.forward(1, this.settings.N);
    return this.net.P.slice(0, CLASSES);
  }

  /** The slope of the loss by each pixel, if this is the truth. @param {Float64Array} x @param {number} label */
  slopes(x, label) {
    this.read(x);
    this.net.Y.fill(0, 0, CLASSES);
    this.net.Y[label] = 1;
    this.net.backward(1, this.settings.N);
    this.net.pixels(1, this.settings.N);
    return this.net.G.slice(0, PIXELS);
  }

  /** How far a digit is from the nearest training digit: the sum of squared differences. @param {Float64Array} x */
  distance(x) {
    let nearest = Infinity;
    for (let i = 0; i < this.learned; i++) {
      let sum = 0;
      for (let k = 0; k < PIXELS && sum < nearest; k++) sum += (x[k] - this.pixels[i * PIXELS + k]) ** 2;
      nearest = Math.min(nearest, sum);
    }
    return nearest;
  }
}

/**
 * What was drawn as the data were made: the strokes fill the height of a scan of 32 × 32 dots (or
 * its width), in its middle; then the dots of each block of 4 × 4 are counted.
 * @param {Point[][]} strokes
 */
export const counted = (strokes) => {
  const points = strokes.flat(), x = new Float64Array(PIXELS);
  if (!points.length) return x;
  let left = Infinity, top = Infinity, right = -Infinity, bottom = -Infinity;
  for (const [px, py] of points) {
    left = Math.min(left, px);
    right = Math.max(right, px);
    top = Math.min(top, py);
    bottom = Math.max(bottom, py);
  }
  const width = right - left, height = bottom - top;
  // A tap that slips is a dot, and no stroke as high as the scan.
  const room = BOX - 2 * PEN, scale = room / Math.max(width, height, 3);
  const place = (/** @type {Point} */ [px, py]) => [
    BOX / 2 + (px - left - width / 2) * scale, BOX / 2 + (py - top - height / 2) * scale,
  ];
  const dots = new Uint8Array(BOX * BOX);
  for (const stroke of strokes) {
    stroke.forEach((point, i) => {
      const [ax, ay] = place(stroke[Math.max(i - 1, 0)]), [bx, by] = place(point);
      const long = Math.hypot(bx - ax, by - ay), steps = Math.ceil(2 * long) || 1;
      for (let s = 0; s <= steps; s++) {
        const cx = ax + ((bx - ax) * s) / steps, cy = ay + ((by - ay) * s) / steps;
        for (let r = Math.max(0, Math.floor(cy - PEN)); r < Math.min(BOX, cy + PEN); r++)
          for (let c = Math.max(0, Math.floor(cx - PEN)); c < Math.min(BOX, cx + PEN); c++)
            if (Math.hypot(c + 0.5 - cx, r + 0.5 - cy) <= PEN) dots[r * BOX + c] = 1;
      }
    });
  }
  for (let i = 0; i < BOX * BOX; i++)
    x[(Math.floor(i / BOX) >> 2) * SIDE + ((i % BOX) >> 2)] += dots[i] / 16;
  return x;
};
