// Random numbers that are the same in Python and in a page: generator.py says how they are made.

const EPOCHS = 1 << 16;

/** @param {number} seed @param {number} stream @param {number} count */
export const uniforms = (seed, stream, count) => {
  const state = Math.imul(seed, 0x9e3779b1) + Math.imul(stream, 0x85ebca6b);
  return Float64Array.from({ length: count }, (_, i) => {
    const c = (state + Math.imul(i + 1, 0x6d2b79f5)) | 0;
    let t = Math.imul(c ^ (c >>> 15), c | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  });
};

/** @param {number} seed @param {number} stream @param {number} count */
export const normals = (seed, stream, count) => {
  const u = uniforms(seed, stream, 2 * Math.ceil(count / 2));
  return Float64Array.from({ length: count }, (_, i) => {
    const first = i - (i % 2), angle = 2 * Math.PI * u[first + 1];
    return Math.sqrt(-2 * Math.log(1 - u[first])) * (i % 2 ? Math.sin(angle) : Math.cos(angle));
  });
};

/** @param {number} seed @param {number} stream @param {number} n */
export const order = (seed, stream, n) => {
  const shuffled = Int32Array.from({ length: n }, (_, i) => i);
  const draws = uniforms(seed, stream, Math.max(n - 1, 0));
  for (let last = n - 1; last > 0; last--) {
    const other = Math.floor(draws[n - 1 - last] * (last + 1)), kept = shuffled[last];
    shuffled[last] = shuffled[other];
    shuffled[other] = kept;
  }
  return shuffled;
};

/**
 * The rows of a step's batch, for steps that come one after the other.
 * @param {number} n @param {number} size @param {number} seed
 */
export const batches = (n, size, seed) => {
  const each = Math.ceil(n / size);
  let rows = new Int32Array(0);
  return (/** @type {number} */ step) => {
    const place = step % each;
    if (place === 0) rows = order(seed, EPOCHS + Math.floor(step / each), n);
    return rows.subarray(place * size, (place + 1) * size);
  };
};

/** Copy these rows of a matrix. @param {Float64Array} to @param {Float64Array} from */
export const take = (to, from, /** @type {Int32Array} */ rows, /** @type {number} */ columns) => {
  for (let i = 0; i < rows.length; i++)
    for (let j = 0; j < columns; j++) to[i * columns + j] = from[rows[i] * columns + j];
};

/** All pairs of places, x running fastest: two columns. @param {Float64Array} x @param {Float64Array} y */
export const mesh = (x, y) =>
  Float64Array.from({ length: 2 * x.length * y.length }, (_, i) => {
    const pair = i >> 1;
    return i % 2 ? y[Math.floor(pair / x.length)] : x[pair % x.length];
  });
