// Readouts: sentences with numbers in them. A number that measures something in the picture has its
// colour, and pointing at one of both marks the other; one that a slider sets can be drawn sideways.

import { element } from "./controls.js";
import { number } from "./numbers.js";
import { count, steps, value } from "./range.js";

const STEP = 6; // pixels to the next position of the slider

/** @typedef {import("./types").Template} Template @typedef {import("./types").Mark} Mark */

/** What stands in a paragraph: the template it was made from, and its numbers' elements. @type {WeakMap<Element, { template: Template, spans: HTMLElement[] }>} */
const written = new WeakMap();

/**
 * Write a sentence into a paragraph, its numbers into elements of their own.
 * @param {Element} p @param {Template} template @param {import("./types").Numbers} values @param {(Mark | null)[]} marks
 */
export const say = (p, template, values, marks) => {
  let here = written.get(p);
  if (here?.template !== template) {
    /** @type {HTMLElement[]} */
    const spans = [];
    p.replaceChildren(...template.map((piece) => {
      if (typeof piece === "string") return piece;
      const mark = marks[spans.length], span = element("span", { className: "live-number" });
      if (mark?.colour) span.style.color = `var(--live-${mark.colour})`;
      if (mark?.item !== undefined) Object.assign(span, { tabIndex: 0, role: "button" }).dataset.item = String(mark.item);
      if (mark?.control !== undefined) span.dataset.control = String(mark.control);
      spans.push(span);
      return span;
    }));
    here = { template, spans };
    written.set(p, here);
  }
  const slots = template.filter((piece) => typeof piece !== "string");
  here.spans.forEach((span, i) => {
    const text = number(slots[i], values[i]);
    if (span.textContent !== text) span.textContent = text;
  });
};

/**
 * Let numbers and their things mark each other, and let a slider's number be drawn sideways.
 * @param {HTMLElement} root @param {import("./types").Spec} spec @param {(item: number) => SVGElement[]} find
 * @param {(i: number) => any} read @param {(i: number, value: number) => void} write
 */
export const listen = (root, spec, find, read, write) => {
  const readout = root.querySelector(".live-readout");
  if (!(readout instanceof HTMLElement)) return;
  const numberOf = (/** @type {Event} */ { target }) => (target instanceof HTMLElement ? target.closest(".live-number") : null);
  const light = (/** @type {number} */ item, /** @type {boolean} */ lit) => {
    find(item).forEach((g) => g.classList.toggle("live-lit", lit));
    root.querySelectorAll(`.live-number[data-item="${item}"]`).forEach((n) => n.classList.toggle("live-lit", lit));
  };
  for (const [type, lit] of /** @type {[string, boolean][]} */ ([["pointerover", true], ["pointerout", false], ["focusin", true], ["focusout", false]])) {
    readout.addEventListener(type, (event) => {
      const item = numberOf(event)?.getAttribute("data-item");
      if (item) light(+item, lit);
    });
  }
  const marked = new Set(spec.items.flatMap((item) => [...(item.marks ?? []), ...(item.otherMarks ?? [])]).flatMap((mark) => mark?.item ?? []));
  for (const item of marked) {
    for (const g of find(item)) {
      g.addEventListener("pointerenter", () => light(item, true));
      g.addEventListener("pointerleave", () => light(item, false));
    }
  }
  readout.addEventListener("pointerdown", (event) => {
    const held = numberOf(event), control = held?.getAttribute("data-control"), range = control ? spec.ranges[+control] : null;
    if (!(held instanceof HTMLElement) || !control || !range || event.button) return;
    const from = Math.round(count(range, read(+control)));
    held.setPointerCapture(event.pointerId);
    held.onpointermove = ({ clientX }) => {
      const moved = from + Math.round((clientX - event.clientX) / STEP);
      write(+control, value(range, Math.min(steps(range), Math.max(0, moved))));
    };
    held.onpointerup = held.onpointercancel = () => { held.onpointermove = null; };
  });
};
