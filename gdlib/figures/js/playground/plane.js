// The plane of the inputs: regions, samples, and a cross for those who use keys.

import { element } from "../../../live/js/controls.js";
import { Picture, drawCross, drawSamples } from "./pictures.js";

const PIXELS = 640;

/** @typedef {(x: number, y: number) => void} Picked */

export class Plane {
  canvas = element("canvas", { width: PIXELS, height: PIXELS, className: "playground-plane", tabIndex: 0 });
  context = /** @type {CanvasRenderingContext2D} */ (this.canvas.getContext("2d"));
  /** @type {[number, number] | null} */
  cross = null;

  /** @param {number} side @param {number} reach @param {import("./pictures.js").Colours} colours @param {Picked} picked @param {() => void} moved */
  constructor(side, reach, colours, picked, moved) {
    this.picture = new Picture(side);
    this.reach = reach;
    this.colours = colours;
    this.picked = picked;
    this.moved = moved;
    const { canvas } = this;
    canvas.setAttribute("role", "application");
    canvas.onclick = (e) => {
      const box = canvas.getBoundingClientRect(), at = (/** @type {number} */ share) => reach * (2 * share - 1);
      this.cross = null;
      // A click by a key has no place: the cross has one.
      if (e.detail) picked(at((e.clientX - box.left) / box.width), -at((e.clientY - box.top) / box.height));
    };
    canvas.onkeydown = (e) => this.key(e);
    canvas.onblur = () => { this.cross = null; moved(); };
  }

  /** @param {KeyboardEvent} e */
  key(e) {
    const moves = /** @type {Record<string, [number, number]>} */ ({ ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, 1], ArrowDown: [0, -1] });
    const move = moves[e.key];
    if (e.altKey || e.ctrlKey || e.metaKey) return;
    if (move) {
      const within = (/** @type {number} */ v) => Math.round(100 * Math.min(this.reach, Math.max(-this.reach, v))) / 100;
      const [x, y] = this.cross ?? [0, 0], step = e.shiftKey ? 0.5 : 0.1;
      this.cross = [within(x + step * move[0]), within(y + step * move[1])];
      this.moved();
    } else if ((e.key === "Enter" || e.key === " ") && this.cross) this.picked(...this.cross);
    else return;
    e.preventDefault();
  }

  /**
   * @param {import("./network.js").Rows} r @param {import("./training.js").Training} training
   * @param {[string, string][]} looks @param {number} chosen
   */
  draw(r, { samples: { X, y, classes }, learned }, looks, chosen) {
    const { context, picture, colours, reach } = this, { ink } = colours.page;
    picture.regions(r.U[r.U.length - 1], classes, looks.map(([name]) => colours.rgb(name)));
    context.clearRect(0, 0, PIXELS, PIXELS);
    context.drawImage(picture.canvas, 0, 0, PIXELS, PIXELS);
    drawSamples(context, { X, y, learned, reach, looks, chosen, colours });
    context.fillStyle = ink;
    context.font = `${PIXELS / 22}px sans-serif`;
    context.textAlign = "right";
    context.fillText("x₁ →", PIXELS - 8, PIXELS - 12);
    context.textAlign = "left";
    context.fillText("x₂ ↑", 8, PIXELS / 20);
    if (this.cross) drawCross(context, this.cross, reach, ink);
  }
}
