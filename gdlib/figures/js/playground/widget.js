// The playground as a widget: for notebooks, and by `page.js` for pages without a kernel.

import { rootIn } from "../root.js";
import { followed } from "./link.js";
import { Playground } from "./view.js";

export default {
  /** @param {{ model: { get(key: string): any }, el: HTMLElement }} view */
  render({ model, el }) {
    const root = rootIn(el, "playground");
    const playground = /** @type {any} */ (root).playground = new Playground(root, model.get("spec"));
    const follow = () => followed(playground);
    // The address does not change where a link is followed again.
    const again = (/** @type {Event} */ { target }) => {
      const link = target instanceof Element ? target.closest("a") : null;
      if (link?.hash.startsWith("#playground?") && link.href === location.href) follow();
    };
    follow();
    addEventListener("hashchange", follow);
    document.addEventListener("click", again);
    return () => {
      playground.run++;
      playground.playing = false;
      playground.observer.disconnect();
      removeEventListener("hashchange", follow);
      document.removeEventListener("click", again);
    };
  },
};
