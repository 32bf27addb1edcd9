// Formulas as people type them, read without running anything: the reader of the pages.
// It is gdlib/spelling.py once more, held to it by tests; how things may be spelled is in spellings.json.

import { CONSTANTS, FUNCTIONS, afresh, number, power, product, sum, variable } from "./calculus.js";
import SPELLINGS from "../../spellings.json" with { type: "json" };

/** @typedef {import("./calculus.js").Expression} Expression */

/** When two numbers are the same answer. */
export const TOLERANCES = SPELLINGS.tolerances;

/** A text that is not a formula; the message says where, and what is missing. */
export class SpellingError extends Error {}

/** @type {Record<string, string>} */
const SIGNS = SPELLINGS.signs;
/** @type {Record<string, string>} */
const LETTERS = SPELLINGS.letters;
/** @type {Record<string, string>} */
const CALLED = SPELLINGS.functions;
/** @type {Record<string, number[]>} */
const FRACTIONS = SPELLINGS.fractions;
const RAISED = [...SPELLINGS.superscripts], LOWERED = [...SPELLINGS.subscripts], PARTS = Object.keys(FRACTIONS).join("");
const LARGEST = 300; // digits: as in Python, where a power of more would take for ever

const TOKEN = new RegExp(
  "\\s*(?:(?<number>(?:\\d+\\.?\\d*|\\.\\d+)(?:[eE][+-]?\\d+)?)"
  + `|(?<name>(?:[a-zA-Z][a-zA-Z\\d_${SPELLINGS.subscripts}]*|[α-ωΑ-Ω][\\d_${SPELLINGS.subscripts}]*|√))`
  + `|(?<raised>[${SPELLINGS.superscripts}]+)|(?<part>[${PARTS}])`
  + "|(?<sign>\\*\\*|.))", "gu");
const LEFT_SIDE = /^\s*[a-zA-Zα-ωΑ-Ω][a-zA-Z0-9_]*['′]*\s*(\([a-zA-Z0-9_,\s]*\))?\s*=(?!=)/;

/** Digits on the line. @param {string} text */
const plain = (text) => [...text].map((c) => {
  const at = Math.max(RAISED.indexOf(c), LOWERED.indexOf(c));
  return at < 0 ? c : "0123456789-"[at];
}).join("");

/** A name with Greek letters written out and digits on the line. @param {string} name */
const spelledOut = (name) => {
  const [first, ...rest] = plain(name);
  return (LETTERS[first] ?? first) + rest.join("");
};

/** What names have in common that mean one thing: w₂, w2 and w_2. @param {string} name */
const canonical = (name) => spelledOut(name).replaceAll("_", "");

/** A text in quotes. @param {string} text */
const quoted = (text) => (text.includes("'") && !text.includes('"') ? `"${text}"` : `'${text.replaceAll("\\", "\\\\").replaceAll("'", "\\'")}'`);

/** A text without what stands before its equals sign. @param {string} text */
export const rightSide = (text) => text.replace(LEFT_SIDE, "").trim();

/**
 * The formula that a text spells. `names` are the only names it may contain, if there are any.
 * @param {string} text @param {string[]} names @returns {Expression}
 */
export const read = (text, names = []) => {
  if (text.length > SPELLINGS.longest) throw new SpellingError(`a formula of ${text.length} characters; at most ${SPELLINGS.longest} are read`);
  afresh();
  return new Reader(rightSide(text), names).whole();
};

/** Reads one text from left to right; each method reads one kind of part. */
class Reader {
  /** @param {string} text @param {string[]} names */
  constructor(text, names) {
    this.text = text;
    this.names = names;
    this.depth = this.bars = this.at = 0;
    /** @type {[string, string][]} */
    this.tokens = [...text.matchAll(TOKEN)].map(({ groups }) => /** @type {[string, string]} */ (Object.entries(groups ?? {}).find(([, found]) => found !== undefined)));
  }

  // -- tokens ------------------------------------------------------------------------------
  /** The next token's kind and what it is, with signs spelled alike; "end" after the last. @returns {[string, string]} */
  peek() {
    if (this.at >= this.tokens.length) return ["end", ""];
    const [kind, found] = this.tokens[this.at];
    return [kind, own(SIGNS, found) ?? found];
  }

  /** The next token if it is one of these, else nothing. @param {string[]} wanted */
  take(...wanted) {
    const [, found] = this.peek();
    if (!found || !wanted.includes(found)) return "";
    this.at++;
    return found;
  }

  /** @param {string} problem @returns {never} */
  refuse(problem) { throw new SpellingError(`${quoted(this.text)}: ${problem}`); }

  /** @param {string} what */
  deeper(what) {
    if (++this.depth > SPELLINGS.deepest) throw new SpellingError(`${what} nested more than ${SPELLINGS.deepest} deep`);
  }

  // -- parts, the widest first -------------------------------------------------------------
  whole() {
    if (!this.tokens.length) throw new SpellingError("there is no formula");
    if (new RegExp(`\\d(\\s+\\d|\\s*[${PARTS}])`).test(this.text)) this.refuse("two numbers side by side; write a sum or a product");
    if (this.peek()[0] === "end") this.refuse("there is no formula");
    const value = this.sum(), [kind, found] = this.peek();
    if (kind !== "end") {
      this.refuse(found === "," ? "write a decimal point, not a comma"
        : found === ")" ? "a bracket is closed that was not opened" : `${quoted(found)} is not part of a formula`);
    }
    return value;
  }

  /** @returns {Expression} */
  sum() {
    this.deeper("brackets");
    let value = this.product(), sign = this.take("+", "-");
    for (; sign; sign = this.take("+", "-")) {
      const term = this.product();
      value = sum([value, sign === "+" ? term : product([number(-1), term])]);
    }
    this.depth--;
    return value;
  }

  product() {
    let value = this.signed();
    for (;;) {
      const sign = this.take("*", "/");
      if (sign) {
        const factor = this.signed();
        value = product([value, sign === "*" ? factor : power(factor, number(-1))]);
      } else if (this.begins()) value = product([value, this.power()]); // 3w, 2(w + 1): the sign that people leave out
      else return value;
    }
  }

  /** Whether a factor follows; a bar inside two others ends them. */
  begins() {
    const [kind, found] = this.peek();
    const opens = found === "(" || (found === "|" && !this.bars && this.text.split("|").length === 3);
    return opens || kind === "name" || kind === "part" || (kind === "number" && this.tokens[this.at - 1][0] !== "number");
  }

  signed() {
    let negative = false, sign = this.take("+", "-");
    for (; sign; sign = this.take("+", "-")) negative = negative !== (sign === "-");
    const value = this.power();
    return negative ? product([number(-1), value]) : value;
  }

  power() { return this.raised(this.single()); }

  /** The base to the exponents that follow it: w², w^2, w^-2, w^2^3. @param {Expression} base @returns {Expression} */
  raised(base) {
    const [kind, found] = this.peek();
    if (kind === "raised") {
      this.at++;
      return this.raised(this.toThe(base, number(this.exponent(found))));
    }
    if (!this.take("^")) return base;
    this.deeper("powers");
    const exponent = this.signed(); // reads the powers to its right first
    this.depth--;
    return this.toThe(base, exponent);
  }

  /** @param {string} found */
  exponent(found) {
    const digits = plain(found);
    if (!/^-?\d+$/.test(digits)) this.refuse(`${quoted(found)} is no exponent`);
    return +digits;
  }

  /** @param {Expression} base @param {Expression} exponent */
  toThe(base, exponent) {
    if (base.op === "number" && exponent.op === "number" && base.value) {
      const size = Math.abs(base.value);
      if (!(Math.abs(exponent.value * Math.log10(Math.max(size, 1e-300))) <= LARGEST)) this.refuse(`a power of more than ${LARGEST} digits`);
    }
    return power(base, exponent);
  }

  /** @returns {Expression} */
  single() {
    const [kind, found] = this.peek();
    if (kind !== "end") this.at++;
    if (kind === "number") return Number.isFinite(+found) ? number(+found) : this.refuse(`${found} is too large`);
    if (kind === "part") return number(FRACTIONS[found][0] / FRACTIONS[found][1]);
    if (kind === "name") return this.named(found);
    if (found === "(") return this.closed(this.sum(), ")");
    if (found === "|") {
      this.bars++;
      const value = this.closed(this.sum(), "|");
      this.bars--;
      return FUNCTIONS.abs(value);
    }
    if (kind === "end") this.refuse("it ends where a number, a name or a bracket is missing");
    return this.refuse("+-*/^),|".includes(found) ? `a number, a name or a bracket is missing before ${quoted(found)}` : `${quoted(found)} is not part of a formula`);
  }

  /** @param {Expression} value @param {string} bracket */
  closed(value, bracket) {
    if (!this.take(bracket)) this.refuse(this.peek()[1] === "," ? "write a decimal point, not a comma" : `a ${quoted(bracket)} is missing`);
    return value;
  }

  /** A name of a weight, a constant, or a function with its argument. @param {string} found @returns {Expression} */
  named(found) {
    const name = spelledOut(found), known = this.names.find((one) => canonical(one) === canonical(found));
    if (known) return variable(known);
    const called = this.peek()[1] === "(";
    const functionName = own(CALLED, found) ?? (called ? own(CALLED, found.toLowerCase()) : undefined);
    if (functionName && (called || found.length > 1 || found === "√")) return this.function(found, functionName);
    const parts = this.inARow(name);
    if (parts.length) {
      // What follows, as a power, belongs to the last of them.
      this.tokens.splice(this.at - 1, 1, ...parts.map((part) => /** @type {[string, string]} */ (["name", part])));
      return this.named(parts[0]);
    }
    if (called && found.length > 1 && /^[\p{L}\p{N}]+$/u.test(found) && !own(CONSTANTS, found)) this.refuse(`${found} is no function known here; a product needs its sign`);
    if (SPELLINGS.no_numbers.includes(found.toLowerCase())) this.refuse(`${found} is no number here`);
    const constant = own(SPELLINGS.constants, found);
    if (constant) return number(CONSTANTS[constant]);
    if (!this.names.length) return variable(name);
    return this.refuse(`${found} is not known here, only ${this.names.join(", ")}`);
  }

  /** The known names that a name is made of, as wx of w and x, the longest first. @param {string} name @returns {string[]} */
  inARow(name) {
    for (let end = name.length - 1; end > 0; end--) {
      const [first, last] = [name.slice(0, end), name.slice(end)];
      if (!this.names.includes(first)) continue;
      const rest = this.names.includes(last) ? [last] : this.inARow(last);
      if (rest.length) return [first, ...rest];
    }
    return [];
  }

  /** @param {string} found @param {string} meaning */
  function(found, meaning) {
    let exponent = null;
    if (this.peek()[0] === "raised") exponent = this.exponent(this.tokens[this.at++][1]); // sin²(w)
    if (exponent !== null && exponent < 0) this.refuse(`${found} to the ${exponent} can mean two things; write it with brackets`);
    if (found === "√" && this.peek()[1] !== "(") {
      const value = FUNCTIONS.sqrt(this.single());
      if (this.peek()[0] === "raised" || this.peek()[1] === "^") this.refuse("a power after a root can mean two things; write it with brackets");
      return value;
    }
    if (!this.take("(")) this.refuse(`${found} needs brackets, as in ${found}(…)`);
    const given = [this.sum()];
    while (this.take(",")) {
      if (!SPELLINGS.several_arguments.includes(meaning)) this.refuse(`${found} takes one argument; a decimal number has a point`);
      given.push(this.sum());
    }
    const value = FUNCTIONS[meaning](...given);
    this.closed(value, ")");
    return exponent === null ? value : power(value, number(exponent));
  }
}

/** What a table of our own has under a name that somebody typed. @template T @param {Record<string, T>} table @param {string} name @returns {T | undefined} */
const own = (table, name) => (Object.hasOwn(table, name) ? table[name] : undefined);
