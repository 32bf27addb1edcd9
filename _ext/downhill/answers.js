// Answer boxes: what is typed is read as a typed loss is, by the same script, and its value computed
// at the sample points.
(() => {
  const digits = (number) => String(Number(number.toPrecision(4)));

  /** Whether a decimal number is the answer, rounded to too few digits. */
  function isRounded(text, value, wanted) {
    const decimals = /^\s*[-+−–]?\d*\.?(\d*)\s*$/.exec(text)?.[1].length;
    const off = Math.abs(value - wanted);
    return decimals !== undefined && off > 5e-3 * Math.abs(wanted) && off <= 0.5 * 10 ** -decimals && decimals > 0;
  }

  /** What to say about an answer, and whether it is right; a SpellingError where it cannot be read. */
  function judge(text, { letters, points, values }, { SpellingError, compiled, read, variables }) {
    if (!text.trim()) throw new SpellingError("there is nothing to check yet");
    const formula = read(text, letters), [stranger] = letters.length ? [] : variables(formula);
    if (stranger) throw new SpellingError(`${stranger} is not known here: the answer is a number`);
    const { at, run } = compiled(formula, letters);
    for (let i = 0; i < points.length; i++) {
      at.set(points[i]);
      const value = run();
      const where = letters.map((s, k) => `${s} = ${points[i][k]}`).join(", ");
      if (!Number.isFinite(value))
        return [false, `Not yet: yours has no value${where && ` at ${where}`}.`];
      if (!letters.length && isRounded(text, value, values[i]))
        return [false, "Close: give more digits, or a fraction."];
      const room = (letters.length ? 1e-6 : 5e-3) * Math.abs(values[i]) + 1e-9;
      if (Math.abs(value - values[i]) > room)
        return [false, where ? `Not yet: at ${where} yours is ${digits(value)}, and the answer is not.`
          : `Not yet: yours is ${digits(value)}, and the answer is not.`];
    }
    return [true, "Right."];
  }

  let loading;
  const library = (address) => loading ??= new Promise((done, failed) => {
    if (window.liveTyped) { done(); return; }  // a figure has loaded it
    const script = document.createElement("script");
    Object.assign(script, { src: address, onload: done, onerror: failed });
    document.head.append(script);
  });

  for (const boxes of document.querySelectorAll(".live-answers")) {
    const load = () => library(boxes.dataset.library);
    boxes.hidden = false;
    boxes.addEventListener("focusin", () => load().catch(() => {}), { once: true });
    const fields = [...boxes.querySelectorAll(".live-answer")].map((field) => {
      const input = field.querySelector("input"), said = field.querySelector("output");
      const say = (state, text) => { said.dataset.state = state; said.textContent = text; };
      input.addEventListener("input", () => say("", ""));
      return { input, say, answer: () => JSON.parse(field.dataset.answer) };
    });
    boxes.addEventListener("submit", async (event) => {
      event.preventDefault();
      // All that are filled in; or the first, to say that there is nothing yet.
      const filled = fields.filter(({ input }) => input.value.trim()), asked = filled.length ? filled : fields.slice(0, 1);
      let reader;
      try {
        await load();
        reader = window.liveTyped;
      } catch {
        for (const { say } of asked) say("wrong", "The script that reads formulas could not be loaded.");
        return;
      }
      for (const { input, say, answer } of asked) {
        try {
          const [right, text] = judge(input.value, answer(), reader);
          say(right ? "right" : "wrong", text);
        } catch (error) {
          if (!(error instanceof reader.SpellingError)) throw error;
          say("wrong", `${error.message[0].toUpperCase()}${error.message.slice(1)}.`);
        }
      }
    });
  }
})();
