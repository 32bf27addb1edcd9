// Where a widget stands, in a notebook's output or in a page.

import { element } from "../../live/js/controls.js";

/** Its element. Keys in it are for what has the focus there: JupyterLab looks for its sign at that element alone. @param {HTMLElement} el @param {string} className */
export const rootIn = (el, className) => {
  const root = element("div", { className });
  root.addEventListener("focusin", ({ target }) => {
    if (target instanceof HTMLElement) target.dataset.lmSuppressShortcuts = "true";
  });
  el.append(root);
  return root;
};
