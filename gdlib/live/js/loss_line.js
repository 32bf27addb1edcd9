// The line below a figure in which another loss can be typed, and the buttons beside it.

import { element, textButton } from "./controls.js";

const WAIT = 700; // milliseconds without a key before what is wrong is said

/** @typedef {typeof import("./typed.js")} TypedModule */

/**
 * Lines for all losses of a figure that can be typed. `load` brings what reads them.
 * @param {HTMLElement} root @param {import("./types").Spec} spec @param {import("./types").MountedFigure} figure @param {() => Promise<TypedModule>} load
 */
export const lossLines = (root, spec, figure, load) => {
  const { losses } = /** @type {import("./types").Typed} */ (spec.typed);
  const said = element("p", { className: "live-said" });
  said.setAttribute("role", "status");
  /** @type {ReturnType<TypedModule["retyped"]> | undefined} */
  let typed;
  let waiting = 0;
  const say = (/** @type {string} */ text, /** @type {boolean} */ wrong, wait = 0) => {
    clearTimeout(waiting);
    waiting = setTimeout(() => { said.textContent = text; said.classList.toggle("live-wrong", wrong); }, wait);
  };
  /** What was typed; null where the author's loss stands. */
  const given = () => inputs.map((input, i) => (input.value.trim() === losses[i].text ? null : input.value));
  const draw = async (wait = 0) => {
    let module;
    try {
      module = await load();
    } catch {
      say("The script that reads formulas could not be loaded.", true);
      return;
    }
    typed ??= module.retyped(root, spec, figure);
    inputs.forEach((input) => input.removeAttribute("aria-invalid"));
    if (given().every((text) => text === null)) { typed.restore(); say("", false); return; }
    try {
      say(typed.draw(inputs.map((input) => input.value)), false);
    } catch (error) {
      if (!(error instanceof module.SpellingError)) throw error;
      inputs.forEach((input, i) => { if (given()[i] !== null) input.setAttribute("aria-invalid", "true"); });
      say(`${error.message}.`, true, wait);
    }
  };
  const inputs = losses.map(({ text, label }) => {
    const input = element("input", { type: "text", value: text, autocomplete: "off", spellcheck: false, maxLength: 500, placeholder: "another loss" });
    input.setAttribute("autocapitalize", "off");
    input.setAttribute("aria-label", `${label} =`);
    input.onfocus = () => { load().catch(() => {}); };
    input.oninput = () => draw(WAIT);
    input.onchange = () => draw();
    return input;
  });
  const set = (/** @type {number} */ i, /** @type {string} */ text) => { inputs[i].value = text; return draw(); };
  const rows = losses.map(({ label, text, examples }, i) => {
    const tries = examples.map((example) => Object.assign(textButton(example), { onclick: () => set(i, example) }));
    const back = Object.assign(textButton("↺"), { title: "the book’s own", onclick: () => set(i, text) });
    back.setAttribute("aria-label", `${label}: back to the book’s own`);
    const name = element("span", {}, `${label} =`);
    name.setAttribute("aria-hidden", "true");
    return element("div", { className: "live-row live-loss" }, name, inputs[i], back, ...tries);
  });
  const reset = () => { inputs.forEach((input, i) => { input.value = losses[i].text; }); if (typed) draw(); };
  return { lines: element("div", { className: "live-typed" }, ...rows, said), given, set, reset };
};
