// The view of a figure where there is a kernel: an anywidget module.

import { mount } from "./figure.js";
import { lossLines } from "./loss_line.js";
import * as typed from "./typed.js";

/** @typedef {{ get(key: string): any, set(key: string, value: any): void, save_changes(): void, on(event: string, f: () => void): void, off(event: string, f: () => void): void }} KernelModel */

export default {
  /** @param {{ model: KernelModel, el: HTMLElement }} view */
  render({ model, el }) {
    const picture = Object.assign(document.createElement("div"), { className: "live-picture", innerHTML: model.get("svg") });
    picture.setAttribute("role", "img");
    picture.setAttribute("aria-label", model.get("alt"));
    const readout = Object.assign(document.createElement("div"), { className: "live-readout" });
    readout.setAttribute("aria-live", "polite");
    /** @type {import("./types").Spec} */
    const spec = structuredClone(model.get("spec"));
    readout.append(...spec.first.map((said) => Object.assign(document.createElement("p"), { innerHTML: said })));
    /** @type {import("./types").LiveElement} */
    const root = Object.assign(document.createElement("div"), { className: "live" });
    root.append(picture, readout);
    el.append(root);
    const figure = mount(root, spec, (i) => model.get(`p${i}`), (i, value) => {
      model.set(`p${i}`, value);
      model.save_changes();
    });
    root.live = figure;
    if (spec.typed) root.append(lossLines(root, spec, figure, async () => typed).lines);
    spec.choices.forEach((_, i) => model.on(`change:p${i}`, figure.schedule));
    figure.paint();
    // The first frame beside it is for a notebook that is opened without a kernel.
    for (const frame of document.querySelectorAll(`[data-frame="${model.get("frame")}"]`)) {
      if (frame instanceof HTMLElement) frame.hidden = true;
    }
    // A notebook takes over the arrow keys, unless their target says that it needs them.
    const keepKeys = (/** @type {FocusEvent} */ { target }) => {
      if (target instanceof HTMLElement && target.closest(".live-box")) target.dataset.lmSuppressShortcuts = "true";
    };
    document.addEventListener("focusin", keepKeys);
    return () => {
      document.removeEventListener("focusin", keepKeys);
      spec.choices.forEach((_, i) => model.off(`change:p${i}`, figure.schedule));
    };
  },
};
