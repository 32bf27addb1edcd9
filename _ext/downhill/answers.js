// Answer boxes: what is typed is read as a typed loss is, by the same script, and its value computed
// at the sample points.
(() => {
  const digits = (number) => String(Number(number.toPrecision(4)));

  /** Whether a decimal number is the answer, rounded to too few digits. */
  function isRounded(text, value, wanted, room) {
    const decimals = /^\s*[-+−–]?\d*\.?(\d*)\s*$/.exec(text)?.[1].length;
    const off = Math.abs(value - wanted);
    return decimals !== undefined && off > room * Math.abs(wanted) && off <= 0.5 * 10 ** -decimals && decimals > 0;
  }

  /** What to say about an answer, and whether it is right; a SpellingError where it cannot be read. */
  function judge(text, { letters, points, values, mistakes = [] }, { SpellingError, TOLERANCES, compiled, read, variables }) {
    if (!text.trim()) throw new SpellingError("there is nothing to check yet");
    const formula = read(text, letters), [stranger] = letters.length ? [] : variables(formula);
    if (stranger) throw new SpellingError(`${stranger} is not known here: the answer is a number`);
    const { at, run } = compiled(formula, letters);
    const given = points.map((place) => { at.set(place); return run(); });
    const where = (i) => letters.map((s, k) => `${s} = ${points[i][k]}`).join(", ");
    const missing = given.findIndex((value) => !Number.isFinite(value));
    if (missing >= 0) return [false, `Not yet: yours has no value${letters.length ? ` at ${where(missing)}` : ""}.`];
    const { number, formula: exact, small } = TOLERANCES;
    const off = (wanted) => given.findIndex((value, i) => Math.abs(value - wanted[i]) > (letters.length ? exact : number) * Math.abs(wanted[i]) + small);
    const wrong = off(values);
    if (wrong < 0) return [true, "Right."];
    if (!letters.length && isRounded(text, given[0], values[0], number)) return [false, "Close: give more digits, or a fraction."];
    const [, known] = mistakes.find(([wanted]) => off(wanted) < 0) ?? [];
    if (known) return [false, `Not yet. ${known}`];
    return [false, `Not yet: ${letters.length ? `at ${where(wrong)} ` : ""}yours is ${digits(given[wrong])}, and the answer is not.`];
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
