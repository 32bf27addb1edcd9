// The chosen unit: its weights to take hold of, and the formulas of a stage with its numbers.

import { element, withLabel } from "../../../live/js/controls.js";
import { subscript, valueName } from "./diagram.js";
import { lines, short, within } from "./passes.js";

const LARGEST = 5, STEP = 0.01; // of a weight that is moved by hand

export class Panel {
  title = element("h3", {});
  sliders = element("div", { className: "live-controls" });
  formulas = element("div", { className: "playground-formulas" });
  /** The formulas with numbers, below those without; typeset again where the stage is another. */
  worked = element("div", {});
  stage = "";
  root = element("section", { className: "playground-unit-panel" }, this.title, this.formulas, this.sliders);
  /** @type {{ input: HTMLInputElement, output: HTMLOutputElement }[]} */
  rows = [];
  built = "";

  /** @param {string} prefix @param {Record<string, string[]>} typeset @param {(from: number, value: number) => void} moved @param {(from: number) => void} held */
  constructor(prefix, typeset, moved, held) {
    this.prefix = prefix;
    this.typeset = typeset;
    this.moved = moved;
    this.held = held;
  }

  /** Sliders for the weights of a unit, and for its bias. @param {import("./network.js").Network} net @param {number} layer @param {number} unit */
  build(net, layer, unit) {
    const last = net.layers.length, { I, activation } = net.layers[layer - 1];
    const key = `${net.sizes}:${layer}.${unit}:${activation}`;
    if (key === this.built) return;
    this.built = key;
    this.title.textContent = `${layer === last ? "output" : `hidden layer ${layer},`} unit ${unit + 1} (${activation})`;
    this.rows = Array.from({ length: I + 1 }, (_, from) => {
      const input = element("input", { type: "range", id: `${this.prefix}-w${from}`, min: -LARGEST, max: LARGEST, step: STEP, autocomplete: "off" });
      input.oninput = () => this.moved(from, Number(input.value));
      input.onfocus = () => this.held(from);
      return { input, output: element("output", {}) };
    });
    this.sliders.replaceChildren(...this.rows.map(({ input, output }, from) => {
      const name = from < I ? `w${subscript(from)}${subscript(unit)} from ${valueName(layer - 1, last, from)}` : `bias b${subscript(unit)}`;
      return withLabel(name, input, output);
    }));
  }

  /** @param {import("./network.js").Network} net @param {number} layer @param {number} unit */
  refresh(net, layer, unit) {
    const { I, N, parameters: [W, b] } = net.layers[layer - 1];
    this.rows.forEach(({ input, output }, from) => {
      const v = from < I ? W.value[from * N + unit] : b.value[unit], most = Math.max(LARGEST, Math.ceil(Math.abs(v)));
      // A weight that training has taken far has a slider that is as long.
      if (+input.max !== most) Object.assign(input, { min: String(-most), max: String(most) });
      input.value = String(v);
      output.value = short(v);
      input.setAttribute("aria-valuetext", output.value);
    });
  }

  /** @param {import("./passes.js").Stage} stage @param {import("./network.js").Network} net @param {import("./network.js").Rows} r @param {number} layer @param {number} unit */
  explain(stage, net, r, layer, unit) {
    this.formulas.hidden = stage === "values";
    if (stage === "values") return;
    const last = net.layers.length, [least, most] = within(stage, last);
    if (layer < least || layer > most) {
      this.stage = "";
      const words = least > most ? "There are no hidden units." : `Press ${stage === "output" ? "an output" : "a hidden"} unit: this stage is about those.`;
      this.formulas.replaceChildren(element("p", { textContent: words }));
      return;
    }
    if (stage !== this.stage) {
      this.stage = stage;
      this.formulas.replaceChildren(...this.typeset[stage].map((html) => element("p", { className: "live-readout", innerHTML: html })), this.worked);
    }
    this.worked.replaceChildren(...lines(stage, net, r, layer, unit).map((textContent) => element("p", { textContent })));
  }
}
