// Read my digit: a network that is trained in the page, a pad to draw on, and what it makes of it.

import { element, textButton, withLabel } from "../../live/js/controls.js";
import { BOX, CLASSES, Learner, PIXELS, SIDE, counted } from "./digit_learner.js";
import { heat, sketch } from "./digit_pictures.js";
import { largest } from "./largest.js";
import { rootIn } from "./root.js";

const ROUNDS = 20;
const SLICE = 12; // milliseconds of work before the page may do something else
const NS = [8, 16, 32, 48, 64], SIZES = [8, 32, 128];

/** @typedef {import("./digit_learner.js").Spec} Spec @typedef {import("./digit_learner.js").Point} Point */

const later = () => new Promise((done) => setTimeout(done));
const percent = (/** @type {number} */ v) => `${(100 * v).toFixed(1)} %`;

/** @param {string} label @param {HTMLElement} control @param {number} number */
const labelled = (label, control, number) => {
  control.id = `digit-${label.replace(/\W/g, "")}-${number}`;
  return withLabel(label, control);
};

/** @param {string} label @param {number[]} options @param {number} value @param {number} number */
const choice = (label, options, value, number) => {
  const select = element("select", { autocomplete: "off" }, ...options.map((v) => element("option", { value: String(v), textContent: String(v) })));
  select.value = String(value);
  return { select, row: labelled(label, select, number) };
};

const article = (/** @type {number} */ digit) => (digit === 8 ? "an 8" : `a ${digit}`);

export class Reader {
  button = textButton("Train");
  bar = element("progress", { max: ROUNDS, value: 0 });
  status = element("p", {});
  table = element("table", { className: "digit-confusions" });
  pad = element("canvas", { width: 256, height: 256, className: "digit-pad", tabIndex: 0 });
  place = element("p", { className: "digit-place" });
  words = element("p", {});
  meters = Array.from({ length: CLASSES }, () => element("meter", { min: 0, max: 1, value: 0 }));
  shares = this.meters.map(() => element("span", { textContent: "–" }));
  truth = element("select", { autocomplete: "off" },
    ...["", ..."0123456789"].map((v) => element("option", { value: v, textContent: v || "what it says" })));
  map = element("canvas", { width: 256, height: 256, className: "digit-map" });
  legend = element("p", { className: "digit-place" });

  /** @param {HTMLElement} root @param {Spec} spec */
  constructor(root, spec) {
    this.root = root;
    // The view of each widget in a notebook is a module of its own, so the count is the page's.
    const page = /** @type {any} */ (globalThis);
    this.number = page.digitReaders = (page.digitReaders ?? 0) + 1;
    this.run = 0;
    this.learner = new Learner(spec);
    /** @type {Point[][]} */
    this.strokes = [];
    /** The stroke that a finger or the mouse is drawing. @type {Map<number, Point[]>} */
    this.pens = new Map();
    this.x = new Float64Array(PIXELS);
    this.cursor = -1;
    this.chosen = -1;
    root.replaceChildren(this.training(), this.drawing(), this.answer());
    this.announce();
    this.show();
    // A canvas does not follow the page from light to dark by itself.
    this.observer = new MutationObserver(() => this.show());
    this.observer.observe(document.documentElement, { attributeFilter: ["data-theme"] });
    this.observer.observe(document.body, { attributeFilter: ["data-jp-theme-light"] });
  }

  training() {
    const eta = element("input", { type: "range", min: -2, max: 1.5, step: 0.1, value: Math.log10(0.5), autocomplete: "off" });
    const shown = element("output", {});
    const row = labelled("rate η", eta, this.number);
    row.append(shown);
    const units = choice("hidden units N", NS, 48, this.number), size = choice("batch", SIZES, 32, this.number);
    const seed = choice("seed", [0, 1, 2, 3], 0, this.number);
    const rate = () => +(10 ** +eta.value).toPrecision(2);
    eta.oninput = () => { shown.value = String(rate()); eta.setAttribute("aria-valuetext", shown.value); };
    eta.oninput(new Event("input"));
    this.bar.setAttribute("aria-label", "rounds through the training digits");
    const status = element("div", { className: "live-readout" }, this.status);
    status.setAttribute("role", "status");
    this.button.onclick = () => {
      if (this.learner.state === "training") { this.learner.state = "stopped"; return; }
      this.learner.begin({ N: +units.select.value, eta: rate(), size: +size.select.value, seed: +seed.select.value });
      this.train();
    };
    const controls = element("div", { className: "live-controls" }, row, units.row, size.row, seed.row,
      element("div", { className: "live-row" }, this.button, this.bar));
    return element("section", {}, element("h3", { textContent: "1. Train it" }), controls, status, this.table);
  }

  /** Train in slices, so that the page goes on answering; a round is shown when it is over. */
  async train() {
    const { learner } = this, run = ++this.run, last = ROUNDS * learner.each;
    const goes = () => run === this.run && learner.state === "training";
    learner.state = "training";
    this.button.textContent = "Stop";
    this.announce();
    this.show();
    await later();
    while (goes() && learner.step < last) {
      const until = performance.now() + SLICE;
      do {
        learner.learn();
        if (learner.state !== "training" || learner.step === last) break;
        if (learner.step % learner.each === 0) { this.announce(); break; }
      } while (performance.now() < until);
      await later();
    }
    if (run !== this.run) return;
    if (/** @type {string} */ (learner.state) !== "diverged" && learner.step === last) learner.state = "trained";
    this.button.textContent = "Train again";
    this.announce();
    this.show();
  }

  /** Say how far the training has come. */
  announce() {
    const { learner } = this, { state, step, each } = learner, round = Math.floor(step / each);
    this.bar.value = round;
    if (state === "untrained") {
      this.status.textContent = `${learner.learned} digits to learn from, ${learner.labels.length - learner.learned} held out.`;
      return;
    }
    if (state === "diverged") {
      this.status.textContent = `diverged at step ${step}: try a smaller rate.`;
      return;
    }
    if (!step) { this.status.textContent = state === "training" ? "training …" : "stopped before the first step."; return; }
    const { loss, table, right, others } = learner.evaluate();
    const words = { training: "after", stopped: "stopped after", trained: "trained:" }[state];
    this.status.textContent = `${words} ${round} round${round === 1 ? "" : "s"}: loss ${loss.toFixed(4)} on the training digits, ${percent(right / others)} of the ${others} held-out ones right.`;
    this.confusions(table);
  }

  /** @param {number[][]} table */
  confusions(table) {
    const head = element("tr", {}, element("th", { textContent: "is \\ read as", scope: "col" }),
      ...table.map((_, k) => element("th", { textContent: String(k), scope: "col" })));
    const rows = table.map((row, k) => element("tr", {}, element("th", { textContent: String(k), scope: "row" }),
      ...row.map((count, said) => element("td", { textContent: count ? String(count) : "·", className: k === said ? "right" : count ? "wrong" : "" }))));
    const caption = element("caption", { textContent: "The held-out digits: what each is, and what it is read as." });
    this.table.replaceChildren(caption, element("thead", {}, head), element("tbody", {}, ...rows));
  }

  drawing() {
    this.pad.setAttribute("role", "application");
    this.pad.setAttribute("aria-label", "Pad to draw a digit on. Arrow keys move over 8 by 8 cells, space fills or clears one.");
    this.place.setAttribute("role", "status");
    const point = (/** @type {PointerEvent} */ e) => {
      const box = this.pad.getBoundingClientRect();
      return /** @type {Point} */ ([((e.clientX - box.left) / box.width) * BOX, ((e.clientY - box.top) / box.height) * BOX]);
    };
    this.pad.onpointerdown = (e) => {
      if (e.button !== 0) return;
      if (this.chosen >= 0 || this.cursor >= 0) this.clear();
      this.pad.setPointerCapture(e.pointerId);
      const stroke = [point(e)];
      this.pens.set(e.pointerId, stroke);
      this.strokes.push(stroke);
      this.drawn();
    };
    this.pad.onpointermove = (e) => {
      const stroke = this.pens.get(e.pointerId);
      if (!stroke) return;
      stroke.push(point(e));
      this.drawn();
    };
    this.pad.onpointerup = this.pad.onpointercancel = (e) => { this.pens.delete(e.pointerId); };
    this.pad.onkeydown = (e) => this.key(e);
    const clear = textButton("Clear"), next = textButton("A held-out digit");
    clear.onclick = () => { this.clear(); this.show(); };
    next.onclick = () => {
      const { learner } = this, others = learner.labels.length - learner.learned, before = this.chosen;
      this.clear();
      this.chosen = (before + 1) % others;
      const at = learner.learned + this.chosen;
      this.x = learner.pixels.slice(at * PIXELS, (at + 1) * PIXELS);
      this.truth.value = String(learner.labels[at]);
      this.show();
    };
    return element("section", {}, element("h3", { textContent: "2. Draw a digit" }), this.pad, this.place,
      element("div", { className: "live-row" }, clear, next));
  }

  clear() {
    this.strokes = [];
    this.pens.clear();
    this.x = new Float64Array(PIXELS);
    this.cursor = this.chosen = -1;
    this.truth.value = "";
    this.place.textContent = "";
  }

  drawn() {
    this.x = counted(this.strokes);
    this.show();
  }

  /** Draw by keys, cell by cell. @param {KeyboardEvent} e */
  key(e) {
    const moves = /** @type {Record<string, Point>} */ ({ ArrowLeft: [0, -1], ArrowRight: [0, 1], ArrowUp: [-1, 0], ArrowDown: [1, 0] });
    const move = moves[e.key], fill = e.key === " " || e.key === "Enter";
    if ((!move && !fill) || e.altKey || e.ctrlKey || e.metaKey) return;
    e.preventDefault();
    if (this.chosen >= 0 || this.strokes.length) this.clear();
    if (this.cursor < 0) this.cursor = 0;
    else if (move) {
      const within = (/** @type {number} */ v) => Math.min(SIDE - 1, Math.max(0, v));
      this.cursor = within(Math.floor(this.cursor / SIDE) + move[0]) * SIDE + within((this.cursor % SIDE) + move[1]);
    }
    if (fill) this.x[this.cursor] = this.x[this.cursor] ? 0 : 1;
    this.place.textContent = `row ${Math.floor(this.cursor / SIDE) + 1}, column ${(this.cursor % SIDE) + 1}: ${this.x[this.cursor] ? "ink" : "empty"}`;
    this.show();
  }

  answer() {
    const words = element("div", { className: "live-readout" }, this.words);
    words.setAttribute("role", "status");
    this.meters.forEach((meter, k) => meter.setAttribute("aria-label", `probability of ${k}`));
    const bars = element("ol", { className: "digit-answer" }, ...this.meters.map((meter, k) =>
      element("li", {}, element("b", { textContent: String(k) }), meter, this.shares[k])));
    this.truth.onchange = () => this.show();
    this.map.setAttribute("role", "img");
    return element("section", {}, element("h3", { textContent: "3. What it says" }), words, bars,
      labelled("it is a", this.truth, this.number), this.map, this.legend);
  }

  /** What the network may say of what is drawn; "" if it may say a digit. @param {Float64Array | undefined} P */
  refusal(P) {
    const { state } = this.learner;
    if (!this.x.some((v) => v > 0)) return "Nothing is drawn yet.";
    if (state === "untrained") return "The network knows nothing yet: train it first.";
    if (state === "training") return "It is still learning.";
    if (state === "stopped") return "The training was stopped: let it run to its end, and it will answer.";
    if (state === "diverged") return "The training diverged: train it with a smaller rate.";
    if (this.learner.share < 0.5) return `It has not learned to read: only ${percent(this.learner.share)} of the held-out digits are right. Train it with a smaller rate.`;
    if (this.learner.distance(this.x) > 1.5 * this.learner.farthest) return "This is unlike every digit that it has learned: no guess.";
    if (P && P[largest(P)] < 0.5) return "It cannot tell: no digit has half of the probability.";
    return "";
  }

  /** Draw the pad, and what the network makes of it. */
  show() {
    sketch(this.pad, this.x, this.strokes, this.cursor);
    const trained = this.learner.state === "trained", some = this.x.some((v) => v > 0);
    const P = trained && some ? this.learner.read(this.x) : undefined, refusal = this.refusal(P);
    const refused = refusal !== "" && !refusal.startsWith("It cannot tell");
    this.meters.forEach((meter, k) => {
      const share = P && !refused ? P[k] : NaN;
      meter.value = Number.isNaN(share) ? 0 : share;
      this.shares[k].textContent = Number.isNaN(share) ? "–" : percent(share);
    });
    const best = P ? largest(P) : 0;
    this.words.textContent = refusal || `It reads ${article(best)}, with ${percent(P ? P[best] : 0)}.`;
    const label = this.truth.value === "" ? best : +this.truth.value;
    const G = P && !refused ? this.learner.slopes(this.x, label) : undefined;
    heat(this.map, G);
    this.legend.textContent = G
      ? `The slope of the loss by each pixel, if it is ${article(label)}: more ink where there is a plus makes the loss larger, where there is a minus smaller. The largest is ${Math.max(...G.map(Math.abs)).toPrecision(2)}.`
      : "";
    this.map.setAttribute("aria-label", this.legend.textContent || "No gradient yet.");
    this.map.hidden = !G;
  }
}

export default {
  /** @param {{ model: { get(key: string): any }, el: HTMLElement }} view */
  render({ model, el }) {
    const root = rootIn(el, "digit-reader");
    const reader = /** @type {any} */ (root).reader = new Reader(root, model.get("spec"));
    return () => {
      reader.run++;
      reader.observer.disconnect();
    };
  },
};
