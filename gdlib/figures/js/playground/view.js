// The playground: settings, a network, the plane, and its training, in the reader's hands.

import { element } from "../../../live/js/controls.js";
import { SpellingError } from "../../../live/js/spelling.js";
import { ownKeys } from "../own_keys.js";
import { Diagram } from "./diagram.js";
import { Layout } from "./layout.js";
import { copied, followed } from "./link.js";
import { Rows } from "./network.js";
import { Panel } from "./panel.js";
import { numbers, shorter, within } from "./passes.js";
import { Colours, pixels } from "./pictures.js";
import { Plane } from "./plane.js";
import { pointsOf, samples, textOf } from "./samples.js";
import { Settings, layerControls, layersOf } from "./settings.js";
import { Training } from "./training.js";

const SLICE = 12; // milliseconds of work before the page may do something else
const WAIT = 700; // milliseconds without a key before what is wrong is said
/** A training goes on with what is set of these, and begins anew with anything else. */
const GOES_ON = ["eta", "beta", "batch", "decay"];

/** @typedef {import("./passes.js").Stage} Stage */

const later = () => new Promise((done) => setTimeout(done));

/** No samples at all. @type {import("./samples.js").Samples} */
const NOTHING = { X: new Float64Array(0), y: new Int32Array(0), classes: 2, said: "" };

export class Playground {
  playing = false;
  /** @type {Stage} */
  stage = "values";
  layer = 1;
  unit = 0;
  sample = -1;
  /** How often something was begun that takes a while: what is older gives up. */
  run = 0;
  waiting = 0;
  /** Whether a setting of the training was changed on the way. */
  mixed = false;
  shape = "";

  /** @param {HTMLElement} root @param {Record<string, any>} spec */
  constructor(root, spec) {
    this.root = root;
    this.spec = spec;
    // The view of each widget in a notebook is a module of its own, so the count is the page's.
    const page = /** @type {any} */ (globalThis);
    const prefix = `playground${(page.playgrounds = (page.playgrounds ?? 0) + 1)}`;
    this.program = new Function(spec.program)();
    this.colours = new Colours(root);
    this.settings = new Settings(spec.settings, spec.begin, prefix, (name) => this.changed(name));
    this.layers = layerControls(this.settings, spec.most, spec.activations);
    this.diagram = new Diagram(spec.side, (layer, unit, from) => this.choose(layer, unit, from));
    this.plane = new Plane(spec.side, spec.reach, this.colours, (x, y, near) => this.picked(x, y, near), () => this.show());
    this.panel = new Panel(prefix, spec.formulas, (from, v) => this.move(from, v), (from) => this.diagram.mark(this.layer, this.unit, from));
    this.mesh = pixels(spec.side, spec.reach);
    this.layout = new Layout(prefix);
    this.layout.into(root, this.settings.rows, this.layers, { diagram: this.diagram.root, plane: this.plane.canvas, panel: this.panel.root });
    this.listen();
    this.training = new Training(this.program, NOTHING, spec.begin, []);
    this.passes = this.rows();
    this.begin();
    // A canvas does not follow the page from light to dark by itself.
    this.observer = new MutationObserver(() => { this.colours.forget(); this.show(); });
    this.observer.observe(document.documentElement, { attributeFilter: ["data-theme"] });
    this.observer.observe(document.body, { attributeFilter: ["data-jp-theme-light"] });
  }

  /** What the buttons do. */
  listen() {
    const { layout, settings, spec } = this, points = () => pointsOf(settings.values.points);
    layout.play.onclick = () => (this.playing ? this.pause() : this.train());
    layout.step.onclick = () => this.ahead(1);
    layout.epoch.onclick = () => this.ahead(this.training.plan.each);
    layout.reset.onclick = () => this.begin();
    layout.book.onclick = () => {
      Object.assign(settings.values, spec.begin);
      this.stage = "values";
      this.begin();
    };
    layout.link.onclick = () => copied(this);
    layout.steps.oninput = () => { this.pause(); this.training.back(+layout.steps.value); this.show(); };
    layout.stages.onchange = () => this.look(/** @type {Stage} */ (layout.stages.value));
    layout.next.onclick = () => {
      const n = this.training.samples.y.length;
      if (n) this.sample = (this.sample + 1) % n;
      this.show();
    };
    layout.undo.onclick = () => settings.set("points", textOf(points().slice(0, -1)));
    layout.clear.onclick = () => settings.set("points", "");
  }

  /** A setting was changed. @param {string} name */
  changed(name) {
    const { values } = this.settings;
    if (name === "classes" && values.data === "own") {
      values.points = textOf(pointsOf(values.points).filter(([, , label]) => label < values.classes));
    }
    if (!GOES_ON.includes(name)) { this.begin(name === "f" ? WAIT : 0); return; }
    this.settings.update();
    if (this.training.t) this.mixed = true;
    this.training.follow(values);
    this.show();
  }

  /** At the first step, with what is set. What cannot be read leaves all as it is, and is said. */
  begin(wait = 0) {
    const { settings, spec } = this, { values } = settings;
    this.pause();
    this.run++;
    settings.update();
    let some = NOTHING;
    try {
      some = samples(values, this.program, /** @type {any} */ (spec));
    } catch (error) {
      if (!(error instanceof SpellingError)) throw error;
      this.say(`${error.message}.`, true, wait);
      if (this.training.samples !== NOTHING) return;
    }
    this.mixed = false;
    this.training = new Training(this.program, some, values, layersOf(values.layers));
    const { net } = this.training, { most } = spec;
    const shape = `${net.sizes}:${net.layers.map(({ activation }) => activation)}`;
    if (shape !== this.shape) {
      this.shape = shape;
      this.diagram.build(net.sizes, ["inputs", ...net.layers.map(({ activation }) => activation)]);
      this.passes = this.rows();
    }
    const { label, own } = this.layout;
    if (label.options.length !== some.classes) {
      label.replaceChildren(...Array.from({ length: some.classes }, (_, k) => element("option", { value: String(k), textContent: String(k + 1) })));
    }
    if (this.sample >= some.y.length) this.sample = some.y.length ? 0 : -1;
    own.hidden = values.data !== "own";
    this.plane.canvas.setAttribute("aria-label", `The plane of the inputs, with the samples. Arrow keys move a cross; Enter ${values.data === "own" ? "sets a point there" : "chooses the sample that is close to it"}.`);
    this.remark(some, most.samples);
    this.choose(this.layer, this.unit, -1);
  }

  /** What a pass over the plane leaves behind, and one over a single sample. */
  rows() {
    const { net } = this.training, field = new Rows(net.layers, this.spec.side ** 2);
    field.X.set(this.mesh);
    return { field, one: new Rows(net.layers, 1) };
  }

  /** What is to be said of the samples. @param {import("./samples.js").Samples} some @param {number} most */
  remark({ y, said }, most) {
    const { learned } = this.training, kinds = new Set(y.subarray(0, learned)).size;
    if (!y.length) this.say("There are no samples yet: choose a class and click into the plane.", false);
    else if (kinds < 2) this.say("All samples are of one class: there is nothing to tell apart.", false);
    else if (y.length === most && this.settings.values.data === "own") this.say(`There are ${most} points: no more can be set.`, false);
    else this.say(said, false);
  }

  /** @param {string} text @param {boolean} wrong */
  say(text, wrong, wait = 0) {
    clearTimeout(this.waiting);
    this.waiting = setTimeout(() => { this.layout.said.textContent = text; this.layout.said.classList.toggle("live-wrong", wrong); }, wait);
  }

  /** Choose a unit, and the weight from another. @param {number} layer @param {number} unit @param {number} from */
  choose(layer, unit, from) {
    const { net } = this.training, last = net.layers.length, [least, most] = within(this.stage, last);
    this.layer = Math.min(last, Math.max(1, layer));
    if (least <= most && this.stage !== "values") this.layer = Math.min(most, Math.max(least, this.layer));
    this.unit = Math.min(net.layers[this.layer - 1].N - 1, unit);
    this.panel.build(net, this.layer, this.unit);
    this.diagram.mark(this.layer, this.unit, from);
    this.show();
    if (from >= 0) this.panel.rows[from].input.focus({ preventScroll: false });
  }

  /** A place in the plane was clicked, near to a sample or to none. @param {number} x @param {number} y @param {number} near */
  picked(x, y, near) {
    const { values } = this.settings;
    if (near < 0 && values.data === "own") {
      const points = pointsOf(values.points);
      if (points.length < this.spec.most.samples) this.settings.set("points", textOf([...points, [x, y, Number(this.layout.label.value)]]));
      return;
    }
    if (near >= 0) this.sample = near;
    this.show();
  }

  /** Show a stage of a sample's way forward and back. @param {Stage} stage */
  look(stage) {
    this.stage = stage;
    if (stage !== "values" && this.sample < 0 && this.training.samples.y.length) this.sample = 0;
    this.choose(this.layer, this.unit, -1);
  }

  /** Move a weight of the chosen unit by hand. @param {number} from @param {number} value */
  move(from, value) {
    this.training.move(this.layer - 1, from, this.unit, value);
    this.diagram.mark(this.layer, this.unit, from);
    this.show();
  }

  train() {
    if (!this.training.ready) { this.sayWhy(); return; }
    this.playing = true;
    this.run++;
    const { run } = this;
    const frame = () => {
      if (!this.playing || run !== this.run || !this.root.isConnected) return;
      const until = performance.now() + SLICE;
      for (let k = 0; k < +this.layout.pace.value && this.training.ready && performance.now() < until; k++) this.training.step();
      this.show();
      if (this.training.ready) requestAnimationFrame(frame);
      else { this.pause(); this.sayWhy(); }
    };
    this.show();
    requestAnimationFrame(frame);
  }

  pause() {
    if (!this.playing) return;
    this.playing = false;
    this.show();
  }

  /** So many steps, in slices, so that the page goes on answering; whether nothing came between. @param {number} many */
  async ahead(many) {
    this.pause();
    const run = ++this.run;
    if (!this.training.ready && many > 0) { this.sayWhy(); return false; }
    for (let k = 0; k < many && run === this.run && this.training.ready;) {
      const until = performance.now() + SLICE;
      while (k < many && this.training.ready && performance.now() < until) { this.training.step(); k++; }
      if (k < many) await later();
    }
    if (run !== this.run) return false;
    this.show();
    if (this.training.ready || many <= 0) return true;
    this.sayWhy();
    return false;
  }

  sayWhy() {
    const { training } = this;
    if (training.diverged) this.say(`The training diverges: after step ${training.t + 1} the loss is no number any more. Take steps back, choose a smaller rate η, or reset.`, true);
    else this.say("There is nothing to learn from.", true);
  }

  /** Draw the present state. */
  show() {
    const { training, passes: { field, one }, spec, diagram } = this;
    const { net, samples: { classes } } = training, looks = spec.looks.slice(0, classes), shown = this.stage !== "values" && this.sample >= 0;
    net.forward(field, spec.side ** 2);
    this.plane.draw(field, training, looks, this.sample);
    diagram.paint(field, this.colours, looks.map((/** @type {[string, string]} */ [name]) => name));
    if (shown) this.pass(one);
    diagram.weigh(net, shown && this.stage === "weights");
    diagram.write(shown ? numbers(this.stage, one) : [], shorter);
    this.panel.refresh(net, this.layer, this.unit);
    this.panel.explain(shown && this.covered ? this.stage : "values", net, one, this.layer, this.unit);
    this.layout.summarise(this.settings, net.sizes);
    this.layout.report(training, this.playing, this.sample, this.stage);
  }

  /** Whether there are units that the stage is about. */
  get covered() { const [least, most] = within(this.stage, this.training.net.layers.length); return least <= most; }

  /** The chosen sample goes forward and back. @param {Rows} one */
  pass(one) {
    const { X, Y, samples: { classes }, net } = this.training;
    one.X.set(X.subarray(2 * this.sample, 2 * this.sample + 2));
    one.Y.set(Y.subarray(classes * this.sample, classes * (this.sample + 1)));
    net.forward(one, 1);
    net.backward(one, 1);
  }
}

export default {
  /** @param {{ model: { get(key: string): any }, el: HTMLElement }} view */
  render({ model, el }) {
    const root = element("div", { className: "playground" });
    ownKeys(root);
    el.append(root);
    const playground = /** @type {any} */ (root).playground = new Playground(root, model.get("spec"));
    const follow = () => followed(playground);
    follow();
    addEventListener("hashchange", follow);
    return () => {
      playground.run++;
      playground.playing = false;
      playground.observer.disconnect();
      removeEventListener("hashchange", follow);
    };
  },
};
