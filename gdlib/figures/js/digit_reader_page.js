// The same for a page without a kernel: the static host looks for it by its name.

import reader from "./digit_reader.js";

/** @type {any} */ (window).liveWidgets = { .../** @type {any} */ (window).liveWidgets, digit_reader: reader };
