// The formulas of a stage with the numbers of one unit put in. The numbers are those of the passes.

import { number } from "../../../live/js/numbers.js";
import { subscript, valueName } from "./diagram.js";

/** @typedef {import("./network.js").Network} Network @typedef {import("./network.js").Rows} Rows */
/** @typedef {"values" | "forward" | "output" | "hidden" | "weights"} Stage */

/** The stages, named as the book names them. @type {Record<Stage, string>} */
export const STAGES = {
  values: "weights only",
  forward: "forward: activations",
  output: "backward 1: output units",
  hidden: "backward 2: hidden units",
  weights: "backward 3: weights and biases",
};

/** @param {number} v */
export const short = (v) => (Number.isFinite(v) ? number(["g", 3, 0, 0, ""], v) : "not finite");
/** In a unit, where there is little room. @param {number} v */
export const shorter = (v) => number(["g", 2, 0, 0, ""], v);
/** In a product or a difference. @param {number} v */
const held = (v) => (v < 0 ? `(${short(v)})` : short(v));

/** The layers that a stage is about, of so many. @param {Stage} stage @param {number} last */
export const within = (stage, last) => (stage === "output" ? [last, last] : stage === "hidden" ? [1, last - 1] : [1, last]);

/** What stands in the units, column by column: activations forward, deltas backward. @param {Stage} stage @param {Rows} r */
export const numbers = (stage, r) => {
  const last = r.U.length;
  return [0, ...r.U.keys()].map((_, c) => {
    if (stage === "forward") return [...(c ? r.U[c - 1] : r.X)];
    const seen = stage === "output" ? c === last : c > 0;
    return seen ? [...r.D[c - 1]] : [];
  });
};

/**
 * Lines with numbers, for a unit of a layer (from 1), after one sample has gone forward and back.
 * @param {Exclude<Stage, "values">} stage @param {Network} net @param {Rows} r @param {number} layer @param {number} unit
 */
export const lines = (stage, net, r, layer, unit) => {
  const last = net.layers.length, l = layer - 1, { I, N, activation, parameters: [W, b] } = net.layers[l];
  const j = subscript(unit), feeds = [...r.into(l).subarray(0, I)], w = feeds.map((_, i) => W.value[i * N + unit]);
  const from = (/** @type {number} */ i) => valueName(layer - 1, last, i);
  const name = valueName(layer, last, unit), a = r.A[l][unit], value = r.U[l][unit], delta = r.D[l][unit];
  const weight = (/** @type {number} */ i) => `w${subscript(i)}${j}`;
  switch (stage) {
    case "forward": {
      const sum = `a${j} = b${j} + ${feeds.map((_, i) => `${from(i)} ${weight(i)}`).join(" + ")} = ${short(b.value[unit])} + ${feeds.map((h, i) => `${held(h)} · ${held(w[i])}`).join(" + ")} = ${short(a)}`;
      if (layer < last) return [sum, `${name} = ${activation}(a${j}) = ${activation}(${short(a)}) = ${short(value)}`];
      const scores = [...r.A[l].subarray(0, N)].map((score) => `exp(${short(score)})`);
      return [sum, `${name} = ${scores[unit]} / (${scores.join(" + ")}) = ${short(value)}`];
    }
    case "output":
      return [`δ${j} = ${name} − y${j} = ${short(value)} − ${short(r.Y[unit])} = ${short(delta)}`];
    case "hidden": {
      const next = net.layers[layer], ahead = [...r.D[layer].subarray(0, next.N)], V = next.parameters[0].value;
      const terms = ahead.map((d, k) => `${held(d)} · ${held(V[unit * next.N + k])}`).join(" + ");
      const words = ahead.map((_, k) => `δ${subscript(k)} w${j}${subscript(k)}`).join(" + ");
      return [`δ${j} = (${words}) g′(a${j}) = (${terms}) · ${short(r.S[l][unit])} = ${short(delta)}`];
    }
    case "weights":
      return [
        ...feeds.map((h, i) => `∂L/∂${weight(i)} = ${from(i)} δ${j} = ${short(h)} · ${held(delta)} = ${short(W.gradient[i * N + unit])}`),
        `∂L/∂b${j} = δ${j} = ${short(b.gradient[unit])}`,
      ];
  }
};
