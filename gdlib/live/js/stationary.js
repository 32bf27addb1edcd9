// Where the gradient of a loss of two weights vanishes: Newton's method from a grid of starts, as
// `OpaqueLoss.stationary_points` in Python.

const STARTS = 13, STEPS = 40;

/** @typedef {{ at: [number, number], value: number, upwards: number }} Place */

/**
 * The places in the box where the method settled, the lowest first; `upwards` counts the axes along
 * which the loss bends upwards.
 * @param {{ of(orders: number[]): (a: number, b: number) => number }} loss @param {[number, number][]} box @returns {Place[]}
 */
export const stationary = (loss, box) => {
  const [f, g, h, p, q, r] = [[0, 0], [1, 0], [0, 1], [2, 0], [1, 1], [0, 2]].map((orders) => loss.of(orders));
  const size = box.map(([low, high]) => high - low);
  /** @type {Place[]} */
  const found = [];
  for (let n = 0; n < STARTS ** 2; n++) {
    let x = box[0][0] + size[0] * Math.floor(n / STARTS) / (STARTS - 1), y = box[1][0] + size[1] * (n % STARTS) / (STARTS - 1);
    for (let step = 0; step < STEPS; step++) {
      const a = p(x, y), c = q(x, y), d = r(x, y), largest = Math.max(Math.abs(a), Math.abs(c), Math.abs(d)), determinant = a * d - c * c;
      if (!Number.isFinite(largest) || !(Math.abs(determinant) > 1e-12 * largest ** 2)) break;
      const u = g(x, y), v = h(x, y), dx = (d * u - c * v) / determinant, dy = (a * v - c * u) / determinant;
      if (!Number.isFinite(dx + dy)) break;
      const moved = Math.max(Math.abs(dx) / size[0], Math.abs(dy) / size[1]);
      if (step === STEPS - 1 || moved <= 1e-12) {
        const value = f(x, y), within = box.every(([low, high], k) => [x, y][k] >= low && [x, y][k] <= high);
        const fresh = found.every(({ at }) => Math.max(Math.abs(at[0] - x) / size[0], Math.abs(at[1] - y) / size[1]) > 1e-6);
        if (moved < 1e-9 && within && fresh && Number.isFinite(value)) {
          const middle = (a + d) / 2, radius = Math.hypot((a - d) / 2, c);
          found.push({ at: [x, y], value, upwards: +(middle - radius > 0) + +(middle + radius > 0) });
        }
        break;
      }
      x -= dx;
      y -= dy;
    }
  }
  return found.sort((one, other) => one.value - other.value);
};
