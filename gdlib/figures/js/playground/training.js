// Training that can be taken back: every step is kept, or every second, every fourth, as there are more.

import { batches, normals, take } from "../../../live/js/generator.js";
import { largest } from "../largest.js";
import { Network, Rows } from "./network.js";

const KEPT = 600; // how many states are kept at most

/** What is known of a step. @typedef {{ t: number, state: Float64Array<ArrayBuffer>, mixed: boolean, learned: Score, held: Score }} Moment */
/** @typedef {{ loss: number, share: number }} Score */

export class Training {
  t = 0;
  /** @type {Moment[]} */
  history = [];
  every = 1;
  diverged = false;
  /** Whether the steps so far were made with several settings, so that no link leads here again. */
  mixed = false;
  /** Each weight that was moved by hand: when, where, and to what. @type {[t: number, layer: number, from: number, to: number, value: number][]} */
  moves = [];

  /**
   * At its first step, with these samples and settings.
   * @param {import("./network.js").Program} program @param {import("./samples.js").Samples} samples
   * @param {Record<string, any>} settings @param {[units: number, activation: string][]} hidden
   */
  constructor(program, samples, settings, hidden) {
    const { X, y, classes } = samples, { seed, start, scale } = settings;
    this.samples = samples;
    this.net = new Network(program, [2, ...hidden.map(([units]) => units), classes], hidden.map(([, g]) => g));
    this.X = X;
    this.Y = new Float64Array(y.length * classes);
    y.forEach((label, i) => { this.Y[i * classes + label] = 1; });
    this.rows = new Rows(this.net.layers, Math.max(1, y.length));
    this.net.begin(start, scale, (layer, count) => normals(seed, layer, count));
    this.plan = this.planned(settings);
    this.keep();
  }

  /** Make the next steps as these settings say. @param {Record<string, any>} settings */
  follow(settings) {
    this.plan = this.planned(settings);
    this.diverged = false;
    // What came later was made by other steps: it is no future of this one.
    this.history = this.history.slice(0, this.place + 1).map((moment) => ({ ...moment, mixed: moment.t > 0 }));
    this.mixed = this.t > 0;
  }

  /** @param {Record<string, any>} settings */
  planned({ batch, seed, optimizer, eta, beta, decay }) {
    const n = this.learned, size = Math.max(1, batch === "all" ? n : Math.min(n, Number(batch)));
    const each = Math.max(1, Math.ceil(n / size)), order = batches(n, size, seed);
    let epoch = -1;
    return {
      how: { optimizer, eta, beta, decay: Number(decay) }, each,
      // An epoch is shuffled at its first step, from which a training may not go on.
      batch: (/** @type {number} */ t) => {
        if (Math.floor(t / each) !== epoch) { epoch = Math.floor(t / each); order(epoch * each); }
        return order(t);
      },
    };
  }

  /** How many samples are learned from; they come first. */
  get learned() { return this.samples.learned; }

  get ready() { return this.learned > 0 && !this.diverged; }

  /** One step; where it leads to numbers that are not finite, the last finite ones stay. */
  step() {
    const { net, rows, t } = this, chosen = this.plan.batch(t);
    take(rows.X, this.X, chosen, 2);
    take(rows.Y, this.Y, chosen, this.samples.classes);
    net.step(rows, chosen.length, this.plan.how, t);
    const before = this.history[this.place];
    this.moves = this.moves.filter(([when]) => when <= t);
    this.t = t + 1;
    this.keep();
    const { state, learned } = this.history[this.history.length - 1];
    if (Number.isFinite(learned.loss) && state.every(Number.isFinite)) return;
    this.history.pop();
    if (this.history[this.history.length - 1] !== before) this.history.push(before);
    net.state = before.state;
    this.t = t;
    this.diverged = true;
  }

  /** Keep the present state, as the last one: what came later is forgotten. */
  keep() {
    const { net, t, every, history } = this, end = () => history[history.length - 1];
    while (history.length && end().t >= t) history.pop();
    // Of those that are not kept for good only the newest stays.
    if (history.length && end().t % every) history.pop();
    if (history.length < KEPT / 2) this.every = 1; // a branch has room for every step again
    history.push({ t, state: net.state, mixed: this.mixed, learned: this.score(0, this.learned), held: this.score(this.learned, this.samples.y.length) });
    if (history.length <= KEPT) return;
    this.every = 2 * every;
    this.history = history.filter((moment) => moment.t % this.every === 0 || moment === end());
  }

  /** Go back to a state that was kept. @param {number} k */
  back(k) {
    const moment = this.history[k];
    this.net.state = moment.state;
    this.t = moment.t;
    this.mixed = moment.mixed;
    this.diverged = false;
  }

  /** Move a weight by hand; `from` is the unit that it comes from, or after them all for the bias. @param {number} layer @param {number} from @param {number} to @param {number} value */
  move(layer, from, to, value) {
    const { I, N, parameters: [W, b] } = this.net.layers[layer];
    if (from < I) W.value[from * N + to] = value;
    else b.value[to] = value;
    this.moves = this.moves.filter(([t, l, i, j]) => t < this.t || (t === this.t && !(l === layer && i === from && j === to)));
    this.moves.push([this.t, layer, from, to, value]);
    this.diverged = false;
    this.keep();
  }

  /** All that changes while it trains, to be put back as it was. */
  get all() {
    const { t, every, history, moves, mixed, diverged, plan, net: { state } } = this;
    return { t, every, history: [...history], moves: [...moves], mixed, diverged, plan, state };
  }

  set all({ state, ...rest }) {
    Object.assign(this, rest);
    this.net.state = state;
  }

  /** The present state's place among those that were kept. */
  get place() { return this.history.findIndex(({ t }) => t === this.t); }

  /** What is known of the present state. */
  get now() { return this.history[this.place]; }

  /** Loss and accuracy on some of the samples. @param {number} from @param {number} to @returns {Score} */
  score(from, to) {
    const { net, rows, samples: { y, classes: K } } = this, n = to - from;
    if (n <= 0) return { loss: NaN, share: NaN };
    rows.X.set(this.X.subarray(2 * from, 2 * to));
    rows.Y.set(this.Y.subarray(K * from, K * to));
    net.forward(rows, n);
    const P = rows.U[rows.U.length - 1];
    let right = 0;
    for (let i = 0; i < n; i++) if (largest(P, i * K, K) === y[from + i]) right++;
    return { loss: net.loss(rows, n), share: right / n };
  }
}
