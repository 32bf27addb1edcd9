// Numbers as text, the same as readout.py writes them.

/** @type {Record<string, string>} */
const powers = { "-": "⁻", 0: "⁰", 1: "¹", 2: "²", 3: "³", 4: "⁴", 5: "⁵", 6: "⁶", 7: "⁷", 8: "⁸", 9: "⁹" };

/** @param {import("./types").Slot} slot @param {number} value */
export const number = ([type, digits, plus, comma, word], value) => {
  if (!Number.isFinite(value)) return word;
  const size = Math.abs(value);
  if (type === "f" && size >= 1e15) [type, digits] = ["e", 3];
  let text;
  if (type === "g") {
    digits = Math.max(digits, 1);
    const exponent = +size.toExponential(digits - 1).split("e")[1];
    text = size && !(exponent > -5 && exponent < digits)
      ? size.toExponential(digits - 1)
      : size.toFixed(Math.max(digits - 1 - (size ? exponent : 0), 0));
    const [mantissa, ...power] = text.split("e");
    text = [mantissa.includes(".") ? mantissa.replace(/\.?0+$/, "") : mantissa, ...power].join("e");
  } else text = type === "e" ? size.toExponential(digits) : size.toFixed(digits);
  if (comma && !text.includes("e")) text = text.replace(/\B(?<!\.\d*)(?=(\d{3})+(?!\d))/g, ",");
  if (text.includes("e")) {
    const [mantissa, power] = text.split("e");
    text = `${mantissa}×10${[...String(+power)].map((c) => powers[c]).join("")}`;
  }
  const negative = value < 0 && /[1-9]/.test(text.split("×")[0]);
  return (negative ? "−" : plus ? "+" : "") + text;
};

/** A template with numbers in its slots. @param {import("./types").Template} template @param {import("./types").Numbers} values */
export const fill = (template, values) => {
  let i = 0;
  return template.map((p) => (typeof p === "string" ? p : number(p, values[i++]))).join("");
};
