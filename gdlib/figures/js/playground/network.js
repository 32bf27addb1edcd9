// A network of any shape, forward and backward, on the printed functions of gdlib/playground.py. Here
// are loops over layers; what is computed in a layer is in the program.

/** @typedef {Float64Array<ArrayBuffer>} Matrix */
/** @typedef {Record<string, (...given: any[]) => void>} Program */
/** A layer: I units feed its N; weights, biases, their gradients and what an optimizer remembers.
 * @typedef {{ I: number, N: number, activation: string, parameters: Parameter[] }} Layer */
/** A weight matrix or a row of biases.
 * @typedef {{ rows: number, columns: number, value: Matrix, ahead: Matrix, gradient: Matrix, memory: Matrix[] }} Parameter */

/** What a pass leaves behind, layer by layer, of so many rows. */
export class Rows {
  /** @param {Layer[]} layers @param {number} most */
  constructor(layers, most) {
    const of = (/** @type {(layer: Layer) => number} */ size) => layers.map((layer) => new Float64Array(most * size(layer)));
    const last = layers[layers.length - 1].N;
    this.most = most;
    this.X = new Float64Array(most * layers[0].I);
    this.Y = new Float64Array(most * last);
    /** Scores, states, their slopes and deltas; the last layer's states are the probabilities. */
    this.A = of(({ N }) => N);
    this.U = of(({ N }) => N);
    this.S = of(({ N }) => N);
    this.D = of(({ N }) => N);
    this.L = new Float64Array(most);
    this.R = new Float64Array(1);
  }

  /** What feeds a layer. @param {number} l */
  into(l) { return l ? this.U[l - 1] : this.X; }
}

/** @param {number} rows @param {number} columns @returns {Parameter} */
const parameter = (rows, columns) => {
  const make = () => new Float64Array(rows * columns);
  return { rows, columns, value: make(), ahead: make(), gradient: make(), memory: [make(), make()] };
};

export class Network {
  /** @param {Program} program @param {number[]} sizes @param {string[]} activations */
  constructor(program, sizes, activations) {
    this.program = program;
    this.sizes = sizes;
    /** @type {Layer[]} */
    this.layers = sizes.slice(1).map((N, l) => ({
      I: sizes[l], N, activation: activations[l] ?? "softmax", parameters: [parameter(sizes[l], N), parameter(1, N)],
    }));
    this.parameters = this.layers.flatMap((layer) => layer.parameters);
    /** All that a step depends on: each matrix, and what is remembered of it. */
    this.matrices = this.parameters.flatMap(({ value, memory }) => [value, ...memory]);
    this.spare = [0, 1, 2].map(() => new Float64Array(Math.max(...this.parameters.map(({ value }) => value.length))));
    this.length = this.matrices.reduce((sum, { length }) => sum + length, 0);
  }

  /** Random weights. @param {string} start @param {number} scale @param {(layer: number, count: number) => Matrix} normals */
  begin(start, scale, normals) {
    this.layers.forEach(({ I, N, parameters: [W, b] }, l) => {
      this.program[`start_${start}`](I, N, scale, normals(l, I * N), W.value);
      b.value.fill(0);
    });
    for (const { memory } of this.parameters) memory.forEach((M) => M.fill(0));
  }

  /** @param {Rows} r @param {number} n @param {"value" | "ahead"} of */
  forward(r, n, of = "value") {
    const { program } = this;
    this.layers.forEach(({ I, N, activation, parameters: [W, b] }, l) => {
      program.scores(n, I, N, r.into(l), W[of], b[of], r.A[l]);
      if (activation === "softmax") program.output(n, N, r.A[l], r.U[l]);
      else program[activation](n, N, r.A[l], r.U[l]);
    });
  }

  /** The mean loss of what has just gone forward. @param {Rows} r @param {number} n */
  loss(r, n) {
    const { N } = this.layers[this.layers.length - 1];
    this.program.losses(n, N, r.Y, r.L, r.R);
    return r.R[0];
  }

  /** From the output units to the hidden units, and to weights and biases. @param {Rows} r @param {number} n @param {"value" | "ahead"} of */
  backward(r, n, of = "value") {
    const { program, layers } = this, last = layers.length - 1;
    program.errors(n, layers[last].N, r.U[last], r.Y, r.D[last]);
    for (let l = last; l >= 0; l--) {
      const { I, N, parameters: [W, b] } = layers[l];
      program.weights(n, I, N, r.into(l), r.D[l], W.gradient);
      program.bias(n, N, r.D[l], b.gradient);
      if (!l) break;
      program[`${layers[l - 1].activation}_slopes`](n, I, r.A[l - 1], r.U[l - 1], r.S[l - 1]);
      program.hidden(n, I, N, r.D[l], W[of], r.S[l - 1], r.D[l - 1]);
    }
  }

  /** One step of an optimizer on these rows. @param {Rows} r @param {number} n @param {{ optimizer: string, eta: number, beta: number, decay: number }} how @param {number} t */
  step(r, n, { optimizer, eta, beta, decay }, t) {
    const { program, spare } = this, ahead = `${optimizer}_ahead`, of = Object.hasOwn(program, ahead) ? "ahead" : "value";
    if (of === "ahead") for (const p of this.parameters) program[ahead](p.rows, p.columns, eta, beta, p.value, ...p.memory, p.ahead);
    this.forward(r, n, of);
    this.backward(r, n, of);
    this.parameters.forEach(({ rows, columns, value, gradient, memory }, k) => {
      program[optimizer](rows, columns, eta, beta, k % 2 ? 0 : decay, t, value, gradient, ...memory, ...spare);
      [value, ...memory].forEach((M, i) => M.set(spare[i].subarray(0, M.length)));
    });
  }

  /** All of them in one row of numbers. */
  get state() {
    const state = new Float64Array(this.length);
    let at = 0;
    for (const M of this.matrices) { state.set(M, at); at += M.length; }
    return state;
  }

  set state(state) {
    let at = 0;
    for (const M of this.matrices) { M.set(state.subarray(at, at + M.length)); at += M.length; }
  }
}
