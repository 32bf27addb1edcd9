// The class that a network takes a sample for.

/** The place of the largest of K numbers from a place on; of equal ones the first. @param {ArrayLike<number>} values */
export const largest = (values, from = 0, K = values.length) => {
  let best = 0;
  for (let k = 1; k < K; k++) if (values[from + k] > values[from + best]) best = k;
  return best;
};
