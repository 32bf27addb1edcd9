// Readouts: sentences with numbers in them. A number that measures something in the picture has its
// colour, and pointing at one of both marks the other; one that a slider sets can be drawn sideways.

import { element } from "./controls.js";
import { number } from "./numbers.js";
import { count, steps, value } from "./range.js";

const STEP = 6; // pixels to the next position of the slider

/** @typedef {import("./types").Sentence} Sentence */

/** What stands in a paragraph: the sentence, and its numbers' elements. @type {WeakMap<Element, { sentence: Sentence, spans: HTMLElement[] }>} */
const written = new WeakMap();

/**
 * Write a sentence into a paragraph, its numbers into elements of their own. Where it is typeset, the
 * template is MathML, and has them.
 * @param {Element} p @param {Sentence} sentence @param {import("./types").Numbers} values
 */
export const say = (p, sentence, values) => {
  const { template, marks, typeset } = sentence;
  let here = written.get(p);
  if (here?.sentence !== sentence) {
    if (typeset) p.innerHTML = template.map((piece) => (typeof piece === "string" ? piece : "")).join("");
    else p.replaceChildren(...template.map((piece) => (typeof piece === "string" ? piece : element("span", { className: "live-number" }))));
    const spans = /** @type {HTMLElement[]} */ ([...p.querySelectorAll(".live-number")]);
    spans.forEach((span, i) => {
      const mark = marks[i];
      if (mark?.colour) span.style.color = `var(--live-${mark.colour})`;
      if (mark?.items) span.dataset.items = mark.items.join(" ");
      // What is within a formula is no part of the page to a screen reader.
      if (mark?.items && !span.closest("math")) Object.assign(span, { tabIndex: 0, role: "button" });
      if (mark?.control !== undefined) span.dataset.control = String(mark.control);
    });
    here = { sentence, spans };
    written.set(p, here);
  }
  const slots = template.filter((piece) => typeof piece !== "string");
  here.spans.forEach((span, i) => {
    const text = number(slots[i], values[i]);
    if (span.textContent !== text) span.textContent = text;
  });
};

/** The numbers of the things that a number measures. @param {Element | null} n */
const itemsOf = (n) => n?.getAttribute("data-items")?.split(" ").map(Number) ?? [];

/**
 * Let numbers and their things mark each other, and let a slider's number be drawn sideways.
 * @param {HTMLElement} root @param {import("./types").Spec} spec @param {(item: number) => SVGElement[]} find
 * @param {(i: number) => any} read @param {(i: number, value: number) => void} write
 */
export const listen = (root, spec, find, read, write) => {
  const readout = root.querySelector(".live-readout");
  if (!(readout instanceof HTMLElement)) return;
  const numberOf = (/** @type {Event} */ { target }) => (target instanceof Element ? /** @type {HTMLElement | null} */ (target.closest(".live-number")) : null);
  /** @type {Set<Element>} */
  const lit = new Set();
  const dark = () => { lit.forEach((e) => e.classList.remove("live-lit")); lit.clear(); };
  // A number lights with all that it measures; so does each of them with every number that measures it.
  const light = (/** @type {number[]} */ items) => {
    dark();
    for (const n of root.querySelectorAll(".live-number[data-items]")) {
      if (itemsOf(n).some((item) => items.includes(item))) lit.add(n);
    }
    for (const item of items) find(item).forEach((g) => lit.add(g));
    lit.forEach((e) => e.classList.add("live-lit"));
  };
  for (const type of ["pointerover", "focusin"]) {
    readout.addEventListener(type, (event) => {
      const items = itemsOf(numberOf(event));
      if (items.length) light(items);
    });
  }
  const leave = (/** @type {PointerEvent} */ { pointerType }) => { if (pointerType === "mouse") dark(); };
  readout.addEventListener("pointerout", leave);
  readout.addEventListener("focusout", dark);
  const measured = spec.items.flatMap((item) => item.sentences ?? []).flatMap(({ marks }) => marks).flatMap((mark) => (mark?.items ? [mark.items] : []));
  for (const item of new Set(measured.flat())) {
    for (const g of find(item)) {
      g.addEventListener("pointerenter", () => light([...new Set(measured.filter((items) => items.includes(item)).flat())]));
      g.addEventListener("pointerleave", leave);
    }
  }
  // What a finger has lit stays so until the next touch.
  root.addEventListener("pointerdown", ({ target }) => { if (!(target instanceof Element && target.closest(".live-lit"))) dark(); });
  readout.addEventListener("pointerdown", (event) => {
    const held = numberOf(event), control = held?.getAttribute("data-control"), range = control ? spec.ranges[+control] : null;
    if (!held || !control || !range || event.button) return;
    const from = Math.round(count(range, read(+control)));
    held.setPointerCapture(event.pointerId);
    held.onpointermove = ({ clientX }) => {
      const moved = from + Math.round((clientX - event.clientX) / STEP);
      write(+control, value(range, Math.min(steps(range), Math.max(0, moved))));
    };
    held.onpointerup = held.onpointercancel = () => { held.onpointermove = null; };
  });
};
