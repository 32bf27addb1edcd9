// Keys in a widget are for what has the focus there: JupyterLab's own, for its cells, are kept away.

/** JupyterLab looks for this at the focused element alone. @param {HTMLElement} root */
export const ownKeys = (root) => root.addEventListener("focusin", ({ target }) => {
  if (target instanceof HTMLElement) target.dataset.lmSuppressShortcuts = "true";
});
