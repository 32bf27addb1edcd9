// Parts out of sight have guessed heights until they come near (see book.css), and each right height
// moves the scroll bar. So each is laid out once in idle time, and the browser remembers its height.
(() => {
  // Where the browser does not hold the text that is read, what changes above would move it.
  if (!CSS.supports("overflow-anchor", "auto")) return;
  const WHERE = ".bd-article > section > section:nth-of-type(n+3)";
  const SLICE = 2; // parts at a time: a few milliseconds on a phone
  const idle = window.requestIdleCallback ?? ((task) => setTimeout(task, 50));
  const page = document.documentElement;
  let run = 0;

  function settle() {
    const mine = ++run;
    delete page.dataset.heights;
    const parts = [...document.querySelectorAll(`${WHERE}, ${WHERE} section`)]
      .flatMap((section) => [...section.children]);
    let shown = [];
    const next = () => {
      if (mine !== run) return;
      for (const { style } of shown) {
        style.removeProperty("content-visibility");
        style.removeProperty("contain");
      }
      shown = [];
      while (parts.length > 0 && shown.length < SLICE) {
        const part = parts.shift();
        if (getComputedStyle(part).contentVisibility === "auto") shown.push(part);
      }
      // The height is remembered when a frame is drawn. Out of sight no margin reaches out of a part.
      for (const { style } of shown) style.cssText += "content-visibility: visible; contain: layout paint style";
      if (shown.length > 0) requestAnimationFrame(() => requestAnimationFrame(() => idle(next)));
      else page.dataset.heights = "known";
    };
    idle(next);
  }

  // At another width everything has another height.
  let width = 0;
  new ResizeObserver(([{ contentRect }]) => {
    if (contentRect.width !== width) {
      width = contentRect.width;
      idle(settle);
    }
  }).observe(document.body);
})();
