// What a machine can see wrong with a page. One expression, evaluated in the page by
// test_appearance.py.
(() => {
  const smallest = 11; // pixels, of text in a picture

  /** What is wrong with a figure's texts, as it is now. Boxes of lines are higher than their letters. */
  const look = (root) => {
    const found = [], side = document.documentElement.clientWidth;
    const texts = [...root.querySelectorAll(".live-picture svg text")].filter((t) =>
      t.textContent.trim() && getComputedStyle(t).visibility === "visible");
    const boxes = texts.map((t) => {
      const { a, b } = t.getScreenCTM(), size = parseFloat(getComputedStyle(t).fontSize) * Math.hypot(a, b);
      const { left, top, right, bottom } = t.getBoundingClientRect(), room = 0.18 * size;
      if (size < smallest) found.push(`${size.toFixed(1)} px: ${t.textContent}`);
      if (left < -0.5 || right > side + 0.5) found.push(`beyond the page: ${t.textContent}`);
      return Math.abs(b) > 0.1
        ? [left + room, top, right - room, bottom]
        : [left, top + room, right, bottom - room];
    });
    boxes.forEach((a, i) => boxes.slice(0, i).forEach((b, j) => {
      const wide = Math.min(a[2], b[2]) - Math.max(a[0], b[0]);
      const high = Math.min(a[3], b[3]) - Math.max(a[1], b[1]);
      if (wide > 1 && high > 1) found.push(`"${texts[i].textContent}" over "${texts[j].textContent}"`);
    }));
    return found;
  };

  const drawn = () => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)));

  /** Call `note` with every control at its first, lowest, middle and highest position, in turn. */
  const walk = async (root, note) => {
    await drawn();
    note("first");
    for (const control of root.querySelectorAll("input[type=range], select")) {
      if (!control.checkVisibility()) continue; // of a guess that is not asked for
      const list = control.tagName === "SELECT", at = list ? "selectedIndex" : "value";
      const [low, high] = list ? [0, control.options.length - 1] : [+control.min, +control.max];
      const first = control[at], label = control.closest(".live-control").textContent;
      const go = (place) => {
        control[at] = place;
        control.dispatchEvent(new Event(list ? "change" : "input"));
      };
      for (const [where, place] of Object.entries({ low, middle: Math.round((low + high) / 2), high })) {
        go(place);
        await drawn();
        note(`${label} ${where}`);
      }
      go(first);
    }
  };

  /** What is wrong with the look of a figure, and the heights of its readouts, wherever its controls are. */
  const everywhere = async (root) => {
    const found = new Set(), heights = new Set();
    await walk(root, (where) => {
      look(root).forEach((what) => found.add(`${where}: ${what}`));
      heights.add(root.querySelector(".live-readout").offsetHeight);
    });
    return [[...found], [...heights]];
  };

  /** Labels that two positions of a slider share. */
  const shared = (root) => [...root.querySelectorAll("input[type=range]")].flatMap((slider) => {
    const output = slider.closest(".live-control").querySelector("output"), first = slider.value;
    const seen = new Map(), go = (place) => {
      slider.value = place;
      slider.dispatchEvent(new Event("input"));
    };
    for (let place = +slider.min; place <= +slider.max; place++) {
      go(place);
      seen.set(output.value, [...(seen.get(output.value) ?? []), place]);
    }
    go(first);
    return [...seen].filter(([, places]) => places.length > 1).map(([text, places]) => `${text} at ${places}`);
  });

  /** Text that its own box cuts off, with no way to scroll to it; what only a screen reader reads, aside. */
  const cut = () => [...document.querySelectorAll("body *")].filter((e) => {
    const own = [...e.childNodes].some((n) => n.nodeType === Node.TEXT_NODE && n.data.trim());
    return own && e.clientWidth > 1 && ["hidden", "clip"].includes(getComputedStyle(e).overflowX)
      && e.checkVisibility({ contentVisibilityAuto: false }) && e.scrollWidth > e.clientWidth + 1;
  }).map((e) => e.textContent.trim().slice(0, 60));

  return { look, everywhere, shared, cut };
})()
