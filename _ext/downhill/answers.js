// Answer boxes: what is typed is split into known numbers, letters and signs, and only then
// passed to mathjs, which computes its value at the sample points.
(() => {
  const FUNCTIONS = ["exp", "log", "ln", "sqrt", "sin", "cos", "tan", "tanh", "abs", "max", "min"];
  const SPELLINGS = [[/[−–]/g, "-"], [/[⁄∕]/g, "/"], [/[·×⋅]/g, "*"], [/\*\*/g, "^"], [/²/g, "^2"], [/³/g, "^3"], [/½/g, "(1/2)"], [/η/g, "eta"], [/λ/g, "lambda"], [/\bln\b/g, "log"]];
  const TOKEN = /\s*(?:(\d+\.?\d*(?:e[+-]?\d+)?|\.\d+)|([a-z_]\w*)|([-+*/^(),]))/iy;

  class Unreadable extends Error {}

  /** A name as known letters and functions: `wx` is w times x. */
  function split(name, known) {
    if (!name || known.includes(name)) return name ? [name] : [];
    for (let end = name.length - 1; end; end--) {
      if (!known.includes(name.slice(0, end))) continue;
      const rest = split(name.slice(end), known);
      if (rest) return [name.slice(0, end), ...rest];
    }
    return null;
  }

  /** What was typed, with the signs of multiplication that people leave out. */
  function spelled(text, letters) {
    for (const [pattern, plain] of SPELLINGS) text = text.replace(pattern, plain);
    text = text.replace(/^[\wη\s'′()]*=(?!.*=)/, "").trim();  // "η = 1/18": the label has said the name
    if (!text) throw new Unreadable("There is nothing to check yet.");
    if (text.length > 300) throw new Unreadable("That is too long for a formula.");
    if (/\d\s+\d/.test(text)) throw new Unreadable("Write a mixed number as a sum, such as 1 + 2/3.");
    if (/\d,\d/.test(text)) throw new Unreadable("Write a decimal point, not a comma.");
    const known = [...letters, ...FUNCTIONS, "pi", "e"], parts = [];
    TOKEN.lastIndex = 0;
    for (let at = 0; at < text.length; at = TOKEN.lastIndex) {
      const found = TOKEN.exec(text);
      if (!found) throw new Unreadable(`“${text.slice(at).trim()[0]}” is not part of a formula.`);
      if (!found[2]) { parts.push(found[1] ?? found[3]); continue; }
      const names = split(found[2], known);
      if (!names) throw new Unreadable(`“${found[2]}” is not known here. ` + (letters.length
        ? `The formula is in ${letters.join(", ")}.` : "The answer is a number."));
      parts.push(...names);
    }
    return parts.map((part, i) => {
      const before = parts[i - 1];
      const joins = i && /^[\w.(]/.test(part) && /[\w.)]$/.test(before) && !FUNCTIONS.includes(before);
      return joins ? `*${part}` : part;
    }).join("");
  }

  const digits = (number) => String(Number(number.toPrecision(4)));

  /** Whether a decimal number is the answer, rounded to too few digits. */
  function isRounded(text, value, wanted) {
    const decimals = /^\s*[-+−–]?\d*\.?(\d*)\s*$/.exec(text)?.[1].length;
    const off = Math.abs(value - wanted);
    return decimals !== undefined && off > 5e-3 * Math.abs(wanted) && off <= 0.5 * 10 ** -decimals && decimals > 0;
  }

  /** What to say about an answer, and whether it is right. */
  function judge(text, { letters, points, values }) {
    const source = spelled(text, letters);
    let compute;
    try { compute = math.compile(source); }
    catch { throw new Unreadable("That could not be read. Is a bracket or a sign missing?"); }
    for (let i = 0; i < points.length; i++) {
      let value;
      try { value = compute.evaluate(Object.fromEntries(letters.map((s, k) => [s, points[i][k]]))); }
      catch { throw new Unreadable("That could not be read. Is a bracket or a sign missing?"); }
      const where = letters.map((s, k) => `${s} = ${points[i][k]}`).join(", ");
      if (typeof value !== "number" || !Number.isFinite(value))
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
      try {
        await load();
      } catch {
        for (const { say } of asked) say("wrong", "The script that reads formulas could not be loaded.");
        return;
      }
      for (const { input, say, answer } of asked) {
        try {
          const [right, text] = judge(input.value, answer());
          say(right ? "right" : "wrong", text);
        } catch (error) {
          if (!(error instanceof Unreadable)) throw error;
          say("wrong", error.message);
        }
      }
    });
  }
})();
