// The playground: settings, a network, the plane, and its training, in the reader's hands.

import { element } from "../../../live/js/controls.js";
import { copyButton } from "../../../live/js/link.js";
import { SpellingError } from "../../../live/js/spelling.js";
import { Diagram } from "./diagram.js";
import { Layout } from "./layout.js";
import { addressOf, notCopied } from "./link.js";
import { Rows } from "./network.js";
import { Panel } from "./panel.js";
import { numbers, shorter, within } from "./passes.js";
import { Colours, pixels } from "./pictures.js";
import { Plane } from "./plane.js";
import { ofSamples, whyNot } from "./remarks.js";
import { nearest, pointsOf, samples, textOf } from "./samples.js";
import { Settings, layerControls, layersOf } from "./settings.js";
import { Training } from "./training.js";

const SLICE = 12; // milliseconds of work before the page may do something else
const NEAR = 0.12; // how close to an own point a click means that point, and sets none
const WAIT = 700; // milliseconds without a key before what is wrong is said
/** A training goes on with what is set of these, and begins anew with anything else. */
const GOES_ON = ["eta", "beta", "batch", "decay"];

/** @typedef {import("./passes.js").Stage} Stage */

const later = () => new Promise((done) => setTimeout(done));

/** No samples at all. @type {import("./samples.js").Samples} */
const NOTHING = { X: new Float64Array(0), y: new Int32Array(0), classes: 2, learned: 0, said: "" };

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
  shape = "";
  /** The last function that could be read. */
  readable = "";

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
    this.plane = new Plane(spec.side, spec.reach, this.colours, (x, y) => this.picked(x, y), () => { this.layout.locate(this.plane.cross); this.show(); });
    this.panel = new Panel(prefix, spec.formulas, (from, v) => this.move(from, v), (from) => this.diagram.mark(this.layer, this.unit, from));
    this.mesh = pixels(spec.side, spec.reach);
    this.layout = new Layout(prefix, copyButton(() => addressOf(this)));
    this.layout.into(root, this.settings.rows, this.layers, { diagram: this.diagram.root, plane: this.plane.canvas, panel: this.panel.root });
    this.listen();
    this.training = new Training(this.program, NOTHING, spec.begin, []);
    this.passes = this.rows();
    this.before = this.now();
    const sliding = (/** @type {Event} */ { target }) => target instanceof HTMLInputElement && target.type === "range";
    root.addEventListener("pointerdown", (e) => { if (sliding(e)) this.before = this.now(); }, true);
    root.addEventListener("pointercancel", (e) => { if (sliding(e)) this.restore(this.before); }, true);
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
    layout.link.addEventListener("click", () => { const says = notCopied(this); if (says) this.say(says, false); });
    layout.steps.oninput = () => {
      const k = +layout.steps.value;
      this.run++;
      this.pause();
      this.training.back(k);
      this.remark();
      this.show();
    };
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
    if (!GOES_ON.includes(name)) { this.begin(name === "f"); return; }
    if (!this.playing) this.run++;
    this.settings.update();
    this.layout.summarise(this.settings, this.training.net.sizes);
    this.training.follow(values);
    this.remark();
    this.show();
  }

  /** At the first step, with what is set. A function that cannot be read leaves the one before, and is said. */
  begin(typing = false) {
    const { settings: { values }, spec } = this;
    let some, wrong = "";
    try {
      some = samples(values, this.program, /** @type {any} */ (spec));
      this.readable = values.f;
    } catch (error) {
      if (!(error instanceof SpellingError)) throw error;
      wrong = `${error.message}.`;
      if (typing) { this.say(wrong, true, WAIT); return; }
      some = samples({ ...values, f: this.readable }, this.program, /** @type {any} */ (spec));
    }
    this.pause();
    this.run++;
    this.training = new Training(this.program, some, values, layersOf(values.layers));
    this.enter();
    if (wrong) this.say(wrong, true);
  }

  /** Show a training from where it stands. */
  enter() {
    const { settings: { values }, training: { net, samples: some }, layout: { label, own } } = this;
    this.settings.update();
    this.layout.summarise(this.settings, net.sizes);
    const shape = `${net.sizes}:${net.layers.map(({ activation }) => activation)}`;
    if (shape !== this.shape) {
      this.shape = shape;
      this.diagram.build(net.sizes, ["inputs", ...net.layers.map(({ activation }) => activation)]);
      this.passes = this.rows();
    }
    if (label.options.length !== some.classes) {
      label.replaceChildren(...Array.from({ length: some.classes }, (_, k) => element("option", { value: String(k), textContent: String(k + 1) })));
    }
    if (this.sample >= some.y.length) this.sample = some.y.length ? 0 : -1;
    own.hidden = values.data !== "own";
    this.plane.canvas.setAttribute("aria-label", `The plane of the inputs, with the samples. Arrow keys move a cross; Enter ${values.data === "own" ? "sets a point there" : "chooses the sample that is nearest"}.`);
    this.remark();
    this.choose(this.layer, this.unit, -1);
  }

  /** All that a control may change, so that it can be put back. */
  now() {
    const { settings, training, sample } = this;
    return { values: { ...settings.values }, training, sample, moment: training.all };
  }

  /** A finger that came to scroll the page leaves everything as it was. @param {ReturnType<Playground["now"]>} before */
  restore({ values, training, sample, moment }) {
    Object.assign(this.settings.values, values);
    Object.assign(this, { training, sample });
    training.all = moment;
    this.enter();
  }

  /** What a pass over the plane leaves behind, and one over a single sample. */
  rows() {
    const { net } = this.training, field = new Rows(net.layers, this.spec.side ** 2);
    field.X.set(this.mesh);
    return { field, one: new Rows(net.layers, 1) };
  }

  /** Say what is to be said of the samples, or nothing. */
  remark() { this.say(ofSamples(this.training, this.settings.values, this.spec), false); }

  /** @param {string} text @param {boolean} wrong */
  say(text, wrong, wait = 0) {
    clearTimeout(this.waiting);
    this.waiting = setTimeout(() => { this.layout.said.textContent = text; this.layout.said.classList.toggle("live-wrong", wrong); }, wait);
  }

  /** Choose a unit, and the weight from another. @param {number} layer @param {number} unit @param {number} from */
  choose(layer, unit, from) {
    const { net } = this.training, last = net.layers.length;
    this.layer = Math.min(last, Math.max(1, layer));
    this.unit = Math.min(net.layers[this.layer - 1].N - 1, unit);
    this.panel.build(net, this.layer, this.unit);
    this.diagram.mark(this.layer, this.unit, from);
    this.show();
    if (from >= 0) this.panel.rows[from].input.focus({ preventScroll: false });
  }

  /** A place in the plane was clicked, near to a sample or to none. @param {number} x @param {number} y */
  picked(x, y) {
    const { values } = this.settings, near = nearest(this.training.samples.X, x, y, values.data === "own" ? NEAR : Infinity);
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
    const [least, most] = within(stage, this.training.net.layers.length);
    this.stage = stage;
    if (stage !== "values" && this.sample < 0 && this.training.samples.y.length) this.sample = 0;
    this.choose(Math.max(least, Math.min(most, this.layer)), this.unit, -1);
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
    this.remark();
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
    for (let k = 0, shown = performance.now(); k < many && run === this.run && this.training.ready;) {
      if (performance.now() - shown > 100) { this.show(); shown = performance.now(); }
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

  sayWhy() { this.say(whyNot(this.training), true); }

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
    this.panel.explain(shown ? this.stage : "values", net, one, this.layer, this.unit);
    this.layout.report(training, this.playing, this.sample, this.stage);
  }

  /** The chosen sample goes forward and back. @param {Rows} one */
  pass(one) {
    const { X, Y, samples: { classes }, net } = this.training;
    one.X.set(X.subarray(2 * this.sample, 2 * this.sample + 2));
    one.Y.set(Y.subarray(classes * this.sample, classes * (this.sample + 1)));
    net.forward(one, 1);
    net.backward(one, 1);
  }
}
