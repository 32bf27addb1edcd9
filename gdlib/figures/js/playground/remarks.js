// What is said below the buttons of the playground.

/** @typedef {import("./training.js").Training} Training */

/** What a reader should know of the samples; nothing if there is nothing odd. @param {Training} training @param {Record<string, any>} settings @param {Record<string, any>} spec */
export const ofSamples = ({ learned, samples: { X, y, said } }, { data, n }, { most, reach }) => {
  if (!y.length) return "There are no samples yet: choose a class and click into the plane.";
  if (new Set(y.subarray(0, learned)).size < 2) return "All samples that are trained on are of one class: there is nothing to tell apart.";
  if (data === "own" && y.length === most.samples) return `There are ${most.samples} points: no more can be set.`;
  if (data === "penguins" && y.length < n) return `There are ${y.length} penguins.`;
  const outside = X.filter((v, k) => Math.max(Math.abs(v), Math.abs(X[k ^ 1])) > reach).length / 2;
  return said || (outside ? `${outside} of the samples lie outside of the plane that is shown.` : "");
};

/** Why it does not train. @param {Training} training */
export const whyNot = ({ diverged, t }) =>
  (diverged
    ? `The training diverges: after step ${t + 1} the loss is no number any more. Take steps back, choose a smaller rate η, or reset.`
    : "There is nothing to learn from.");
