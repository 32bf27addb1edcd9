// What is on the page of the playground, and how it stands together.

import { element, textButton, withLabel } from "../../../live/js/controls.js";
import { drawn } from "../../../live/js/svg.js";
import { STAGES, short } from "./passes.js";
import { lossPaths } from "./pictures.js";
import { selectOf } from "./settings.js";

const PACES = ["1", "5", "25"];
const GROUPS = {
  Data: ["data", "f", "classes", "noise", "n", "held_out"],
  Network: ["start", "scale", "seed"],
  Training: ["optimizer", "eta", "beta", "batch", "decay"],
};

/** @param {string} name @param {import("./training.js").Score} score */
const scored = (name, { loss, share }) =>
  (Number.isFinite(loss) ? `${name}: loss ${loss.toFixed(4)}, ${(100 * share).toFixed(1)} % right.` : `${name}: no samples.`);

/** @typedef {keyof typeof GROUPS} Group */

/** The losses along the steps: the SVG, what is learned from, what is held out, and where it stands. */
const chart = () => {
  const parts = [drawn("path", { class: "playground-learned" }), drawn("path", { class: "playground-held" }), drawn("line", { y1: 0, y2: 90 })];
  const svg = drawn("svg", { class: "playground-losses", viewBox: "-2 -2 304 94", role: "img" });
  svg.append(...parts);
  return [svg, ...parts];
};

export class Layout {
  play = textButton("▶ Train");
  step = textButton("One step");
  epoch = textButton("One epoch");
  reset = textButton("Reset");
  book = textButton("The book’s settings");
  next = textButton("Next sample");
  undo = textButton("Take the last back");
  clear = textButton("Clear");
  pace = selectOf(PACES, PACES.map((v) => `${v} a frame`));
  steps = element("input", { type: "range", min: 0, max: 0, step: 1, autocomplete: "off" });
  at = element("output", {});
  said = element("p", { className: "live-said" });
  scores = element("div", { className: "live-readout playground-scores" });
  curve = chart();
  stages = selectOf(Object.keys(STAGES), Object.values(STAGES));
  which = element("span", {});
  /** Where the keys are in the plane. */
  where = element("p", { className: "playground-where" });
  label = selectOf([]);
  /** What is set of each group, in a few words. */
  words = { Data: element("span", {}), Network: element("span", {}), Training: element("span", {}) };

  /** @param {string} prefix @param {HTMLElement} link the button that copies it */
  constructor(prefix, link) {
    this.link = link;
    this.pace.setAttribute("aria-label", "steps a frame");
    this.steps.id = `${prefix}-t`;
    this.stages.id = `${prefix}-stage`;
    this.label.id = `${prefix}-label`;
    for (const told of [this.said, this.which, this.where]) told.setAttribute("role", "status");
    this.own = element("div", { className: "live-row" }, withLabel("new points: class", this.label), this.undo, this.clear);
  }

  /** @param {HTMLElement} root @param {Record<string, HTMLElement>} rows @param {HTMLElement} layers @param {{ diagram: HTMLElement, plane: HTMLElement, panel: HTMLElement }} pictures */
  into(root, rows, layers, { diagram, plane, panel }) {
    const group = (/** @type {Group} */ name, /** @type {HTMLElement[]} */ before = [], /** @type {HTMLElement[]} */ after = []) =>
      element("details", {}, element("summary", {}, element("b", {}, `${name}: `), this.words[name]),
        element("div", { className: "live-controls" }, ...before, ...GROUPS[name].map((each) => rows[each]), ...after));
    root.replaceChildren(
      element("div", { className: "playground-choices" }, group("Data", [], [this.own]), group("Network", [layers]), group("Training")),
      element("div", { className: "live-row playground-buttons" }, this.play, this.pace, this.step, this.epoch, this.reset),
      element("div", { className: "live-controls" }, withLabel("step t", this.steps, this.at)),
      this.said,
      element("div", { className: "playground-pictures" }, element("div", {}, diagram),
        element("div", {}, plane, this.where, this.scores, this.curve[0],
          element("p", { className: "playground-where" }, "The loss: trained on, solid; held out, broken."))),
      element("div", { className: "live-row playground-shown" }, withLabel("shown", this.stages), this.next, this.which),
      panel,
      element("div", { className: "live-row playground-buttons" }, this.book, this.link));
  }

  /** Say what is set. @param {import("./settings.js").Settings} settings @param {number[]} sizes */
  summarise(settings, sizes) {
    const { values } = settings, name = (/** @type {string} */ key) => settings.all.find((each) => each.name === key)?.options?.[values[key]] ?? values[key];
    this.words.Data.textContent = name("data") + (values.data === "above" ? ` = ${values.f}` : "");
    this.words.Network.textContent = sizes.join("–");
    this.words.Training.textContent = `${name("optimizer")}, η = ${values.eta}`;
  }

  /** Say where the cross is. @param {[number, number] | null} cross */
  locate(cross) { this.where.textContent = cross ? `x₁ = ${short(cross[0])}, x₂ = ${short(cross[1])}` : ""; }

  /** Say how far the training has come. @param {import("./training.js").Training} training @param {boolean} playing @param {number} sample @param {string} stage */
  report({ history, place, now, plan, t, samples: { X, y } }, playing, sample, stage) {
    this.play.textContent = playing ? "❚❚ Pause" : "▶ Train";
    this.steps.max = String(history.length - 1);
    this.steps.value = String(place);
    this.steps.setAttribute("aria-valuetext", `step ${t}`);
    this.at.value = String(t);
    // Who hears the page is told when the training stands, not sixty times a second.
    this.scores.setAttribute("aria-live", playing ? "off" : "polite");
    this.scores.replaceChildren(...[`Step ${t}, epoch ${Math.floor(t / plan.each)}.`, scored("Trained on", now.learned), scored("Held out", now.held)]
      .map((textContent) => element("p", { textContent })));
    const { learned, held, at, last, top } = lossPaths(history, t);
    const [svg, ...parts] = this.curve;
    svg.setAttribute("aria-label", `The loss from step 0 to step ${last}, at most ${short(top)}`);
    [{ d: learned }, { d: held }, { x1: at, x2: at }].forEach((given, k) => Object.entries(given).forEach(([key, v]) => parts[k].setAttribute(key, String(v))));
    this.which.textContent = sample < 0 ? "" : `sample ${sample + 1}: (${short(X[2 * sample])}, ${short(X[2 * sample + 1])}), class ${y[sample] + 1}`;
    this.stages.value = stage;
  }
}
