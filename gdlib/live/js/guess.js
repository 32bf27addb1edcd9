// A figure that asks first: the reader marks a guess in the picture, or skips it, and then has the
// other controls. What is marked stays beside the answer.

import { element, textButton } from "./controls.js";

export const MARKING = 0, SHOWN = 1, NONE = 2;

/** A row of controls holds what a finger can set. @param {HTMLElement} root @param {number} i */
const rowOf = (root, i) => /** @type {HTMLElement | null} */ (root.querySelector(`[data-symbol="p${i}"]`)?.closest(".live-controls > *"));

/**
 * Put the question above a figure's controls. What is returned does what a phase asks for.
 * @param {import("./link.js").Shown} shown
 */
export const ask = ({ root, spec, write }) => {
  const { control, guess, question } = /** @type {import("./types").Guess} */ (spec.guess);
  const show = textButton("Show"), skip = textButton("Skip");
  const row = element("div", { className: "live-question" }, element("p", {}, question), element("div", { className: "live-row" }, show, skip));
  root.querySelector(".live-controls")?.prepend(row);
  row.after(...guess.flatMap((i) => rowOf(root, i) ?? []));
  for (const [button, phase] of /** @type {[HTMLButtonElement, number][]} */ ([[show, SHOWN], [skip, NONE]])) {
    button.onclick = () => {
      write(control, phase);
      // The button is gone; whoever walks with the keyboard goes on at the first slider.
      /** @type {HTMLElement | null} */ (root.querySelector(".live-controls input:enabled:not([hidden] *)"))?.focus();
    };
  }
  return (/** @type {number} */ phase) => {
    row.hidden = phase !== MARKING;
    spec.names.forEach((_, i) => {
      const own = rowOf(root, i);
      if (!own) return;
      own.hidden = i === control || (guess.includes(i) && phase !== MARKING);
      for (const input of own.querySelectorAll("input, select, button")) {
        /** @type {HTMLInputElement} */ (input).disabled = phase === MARKING && !guess.includes(i);
      }
    });
  };
};
