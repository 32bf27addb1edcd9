// The same for a page without a kernel: the static host looks for it by its name.

import playground from "./widget.js";

/** @type {any} */ (window).liveWidgets = { .../** @type {any} */ (window).liveWidgets, playground };
