// The two pictures of the page that reads digits: the pad, and the slopes by the pixels.

import { BOX, PEN, SIDE } from "./digit_learner.js";

/** @param {HTMLCanvasElement} canvas */
const brush = (canvas) => {
  const context = /** @type {CanvasRenderingContext2D} */ (canvas.getContext("2d"));
  context.clearRect(0, 0, canvas.width, canvas.height);
  const style = getComputedStyle(canvas);
  return { context, cell: canvas.width / SIDE, colour: (/** @type {string} */ name) => style.getPropertyValue(`--live-${name}`) || "gray", ink: style.color };
};

/**
 * The cells as the network sees them, the strokes over them, and where the keys are.
 * @param {HTMLCanvasElement} pad @param {Float64Array} x @param {import("./digit_learner.js").Point[][]} strokes
 * @param {number} cursor
 */
export const sketch = (pad, x, strokes, cursor) => {
  const { context, cell, colour, ink } = brush(pad);
  context.fillStyle = strokes.length ? colour("pale") : ink;
  x.forEach((v, k) => {
    const size = cell * Math.sqrt(v);
    context.fillRect((k % SIDE) * cell + (cell - size) / 2, Math.floor(k / SIDE) * cell + (cell - size) / 2, size, size);
  });
  context.strokeStyle = ink;
  context.lineWidth = (2 * PEN * pad.width) / BOX / 2;
  context.lineCap = context.lineJoin = "round";
  const unit = pad.width / BOX;
  for (const stroke of strokes) {
    context.beginPath();
    context.moveTo(stroke[0][0] * unit, stroke[0][1] * unit);
    for (const [px, py] of stroke) context.lineTo(px * unit, py * unit);
    context.stroke();
  }
  if (cursor >= 0) {
    context.strokeStyle = colour("orange");
    context.lineWidth = 3;
    context.strokeRect((cursor % SIDE) * cell + 2, Math.floor(cursor / SIDE) * cell + 2, cell - 4, cell - 4);
  }
};

/** The slopes by the pixels, as signs of their size. @param {HTMLCanvasElement} map @param {Float64Array | undefined} G */
export const heat = (map, G) => {
  const { context, cell, colour } = brush(map);
  if (!G) return;
  const most = Math.max(...G.map(Math.abs)) || 1;
  G.forEach((v, k) => {
    const size = cell * 0.9 * Math.sqrt(Math.abs(v) / most), x = ((k % SIDE) + 0.5) * cell, y = (Math.floor(k / SIDE) + 0.5) * cell;
    context.strokeStyle = context.fillStyle = colour(v > 0 ? "orange" : "blue");
    context.lineWidth = Math.max(1, size / 4);
    context.beginPath();
    context.moveTo(x - size / 2, y);
    context.lineTo(x + size / 2, y);
    if (v > 0) { context.moveTo(x, y - size / 2); context.lineTo(x, y + size / 2); }
    context.stroke();
  });
};
