// Links to a figure in its present state: "…#fig-descent?w=1.3&eta=0.8".

import { element, textButton } from "./controls.js";
import { NONE } from "./guess.js";
import { snapped } from "./range.js";

/** @typedef {ReturnType<typeof import("./loss_line.js").lossLines>} Typing */
/** @typedef {{ root: HTMLElement, spec: import("./types").Spec, read: (i: number) => any, write: (i: number, value: any) => void, typing?: Typing }} Shown */

/** The figure's name on its page. @param {HTMLElement} root */
const label = (root) => root.closest("figure[id]")?.id ?? root.id;

/** What a typed loss is called in a link: loss, loss2. @param {number} i */
const lossKey = (i) => (i ? `loss${i + 1}` : "loss");

/** @param {Shown} shown */
export const address = ({ root, spec, read, typing }) => {
  const state = spec.names.map((name, i) => [name, String(+Number(read(i)).toPrecision(10))]);
  typing?.given().forEach((text, i) => { if (text !== null) state.push([lossKey(i), text]); });
  return `#${label(root)}?${new URLSearchParams(state)}`;
};

/** A button that copies the link, and shows it beside itself where it cannot. @param {() => string} hash what names the state in the page's address */
export const copyButton = (hash) => {
  const button = textButton("Copy link"), place = element("input", { className: "live-link", readOnly: true });
  place.setAttribute("aria-label", "Link to this figure as it is");
  button.onclick = async () => {
    history.replaceState(null, "", hash());
    try {
      await navigator.clipboard.writeText(location.href);
      button.textContent = "Copied";
      setTimeout(() => { button.textContent = "Copy link"; }, 2000);
    } catch {
      // No clipboard: the link is shown, ready to be copied.
      place.value = location.href;
      button.after(place);
      place.select();
    }
  };
  return button;
};

/** What a control can take of a link's text; null if nothing. @param {import("./types").Spec} spec @param {number} i @param {string} text */
const taken = (spec, i, text) => {
  const number = text.trim() === "" ? NaN : Number(text), choice = spec.choices[i], range = spec.ranges[i];
  if (!Number.isFinite(number)) return null;
  if (choice) return Number.isInteger(number) && number >= 0 && number < choice.length ? number : null;
  return range ? snapped(range, number) : number !== 0;
};

/** Bring the figure that the page's address names into view, in the state that it names. @param {Shown[]} all */
export const follow = (all) => {
  const [, name, query] = /^#([^?]*)\?(.*)$/.exec(location.hash) ?? [];
  const shown = all.find(({ root }) => label(root) === name);
  if (!shown) return;
  const { root, spec, write, typing } = shown;
  let understood = true;
  for (const [key, text] of new URLSearchParams(query)) {
    const loss = typing?.given().findIndex((_, i) => lossKey(i) === key) ?? -1;
    if (loss >= 0) { typing?.set(loss, text); continue; }
    const i = spec.names.indexOf(key), value = i < 0 ? null : taken(spec, i, text);
    if (value === null) understood = false;
    else write(i, value);
  }
  // Who was sent here has been told what to look at.
  if (spec.guess && !query.includes(`${spec.names[spec.guess.control]}=`)) write(spec.guess.control, NONE);
  root.querySelector(".live-note")?.remove();
  if (!understood) root.append(element("p", { className: "live-note", role: "note" }, "Part of the link was not understood, and is left out."));
  (root.closest("figure") ?? root).scrollIntoView();
};
