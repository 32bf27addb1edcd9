// The controls of the playground, made from what gdlib/playground.py says can be set; and its links.

import { element, withLabel } from "../../../live/js/controls.js";
import { count, steps, value } from "../../../live/js/range.js";

/**
 * @typedef {{ name: string, label: string, kind: "range" | "choice" | "text", value: any,
 *   range?: import("../../../live/js/range.js").Range, options?: Record<string, string> }} Setting
 * @typedef {Record<string, any>} Values
 * @typedef {[units: number, activation: string]} Hidden
 */

const field = { autocomplete: "off" };

/** @param {string[]} values @param {string[]} [labels] */
export const selectOf = (values, labels = values) =>
  element("select", field, ...values.map((v, i) => element("option", { value: v, textContent: labels[i] })));

/** Hidden layers as text: "4.tanh_3.relu". @param {string} text @returns {Hidden[]} */
export const layersOf = (text) => text.split("_").filter(Boolean).map((part) => {
  const [units, activation] = part.split(".");
  return [Number(units), activation];
});

/** @param {Hidden[]} layers */
export const textOfLayers = (layers) => layers.map((layer) => layer.join(".")).join("_");

export class Settings {
  /** @type {Record<string, HTMLElement>} */
  rows = {};
  /** @type {Record<string, () => void>} */
  refresh = {};

  /** @param {Setting[]} all @param {Values} begin @param {string} prefix @param {(name: string) => void} changed */
  constructor(all, begin, prefix, changed) {
    this.all = all;
    this.begin = begin;
    this.values = { ...begin };
    this.prefix = prefix;
    this.changed = changed;
    for (const setting of all) {
      const { name, label, kind } = setting;
      if (kind === "text" && name !== "f") continue;
      const parts = kind === "range" ? this.slider(setting) : kind === "choice" ? [this.choice(setting)] : [this.text(setting)];
      parts[0].id = `${prefix}-${name}`;
      this.rows[name] = withLabel(label, ...parts);
    }
    this.update();
  }

  /** @param {string} name @param {any} value */
  set(name, value) {
    this.values[name] = value;
    this.refresh[name]?.();
    this.changed(name);
  }

  /** Show what is set, and only what has a meaning. */
  update() {
    Object.values(this.refresh).forEach((refresh) => refresh());
    const { data, start, optimizer } = this.values;
    const hidden = {
      f: data !== "above", classes: data !== "spirals" && data !== "own", n: data === "own", noise: data === "own", held_out: data === "own",
      scale: start !== "scale", beta: optimizer === "descent",
    };
    for (const [name, yes] of Object.entries(hidden)) this.rows[name].hidden = yes;
  }

  /** @param {Setting} setting */
  slider({ name, range: given }) {
    const range = given ?? [0, 1, 1, 0], output = element("output", {});
    const input = element("input", { ...field, type: "range", min: 0, max: steps(range), step: 1 });
    input.oninput = () => this.set(name, +value(range, +input.value).toPrecision(3));
    this.refresh[name] = () => {
      input.value = String(Math.round(count(range, this.values[name])));
      output.value = String(this.values[name]);
      input.setAttribute("aria-valuetext", output.value);
    };
    return [input, output];
  }

  /** @param {Setting} setting */
  choice({ name, options = {} }) {
    const select = selectOf(Object.keys(options), Object.values(options));
    select.onchange = () => this.set(name, select.value);
    this.refresh[name] = () => { select.value = this.values[name]; };
    return select;
  }

  /** @param {Setting} setting */
  text({ name }) {
    const input = element("input", { ...field, type: "text", spellcheck: false, maxLength: 200 });
    input.setAttribute("autocapitalize", "off");
    input.oninput = () => { this.values[name] = input.value; this.changed(name); };
    this.refresh[name] = () => { if (input.value !== this.values[name]) input.value = this.values[name]; };
    return input;
  }

  /** What a setting can take of a link's text; null if nothing. @param {Setting} setting @param {string} text @param {{ units: number, hidden: number, samples: number, classes: number, place: number }} most @param {string[]} activations */
  taken({ name, kind, range, options }, text, most, activations) {
    if (kind === "choice") return options && Object.hasOwn(options, text) ? text : null;
    if (kind === "range") {
      const number = /^-?\d+(\.\d+)?(e-?\d+)?$/.test(text) ? Number(text) : NaN;
      if (!range) return null;
      const ends = [0, steps(range)].map((k) => +value(range, k).toPrecision(3)), whole = !range[3] && Number.isInteger(range[2]);
      return number >= ends[0] && number <= ends[1] && (!whole || Number.isInteger(number)) ? number : null;
    }
    if (name === "layers") {
      const layers = text.split("_").filter(Boolean).map((part) => part.split("."));
      const right = layers.every(([units, g, more]) => /^[1-9]$/.test(units) && +units <= most.units && activations.includes(g) && more === undefined);
      return right && layers.length <= most.hidden ? text : null;
    }
    if (name !== "points") return text.slice(0, 200);
    const points = text.split("_").filter(Boolean);
    const right = points.every((part) => /^-?\d+\.-?\d+\.\d$/.test(part) && part.split(".").every((v, i) => Math.abs(+v) <= (i < 2 ? most.place : most.classes - 1)));
    return right && points.length <= most.samples ? text : null;
  }

  /** All choices that have a meaning now, for a link. @returns {[string, string][]} */
  get chosen() {
    const { data } = this.values;
    return this.all
      .filter(({ name }) => (name === "points" ? data === "own" : !this.rows[name]?.hidden))
      .map(({ name }) => [name, String(this.values[name])]);
  }
}

/** Controls of the hidden layers, as many rows as there are. @param {Settings} settings @param {{ units: number, hidden: number }} most @param {string[]} activations */
export const layerControls = (settings, most, activations) => {
  const upTo = (/** @type {number} */ from, /** @type {number} */ to) => Array.from({ length: to - from + 1 }, (_, i) => String(from + i));
  const root = element("div", { className: "playground-layers" }), many = selectOf(upTo(0, most.hidden));
  many.id = `${settings.prefix}-depth`;
  const set = (/** @type {Hidden[]} */ layers) => settings.set("layers", textOfLayers(layers));
  many.onchange = () => {
    const layers = layersOf(settings.values.layers), last = layers[layers.length - 1] ?? [4, "tanh"];
    set(Array.from({ length: +many.value }, (_, l) => layers[l] ?? [...last]));
  };
  const rows = element("div", {});
  let drawn = "-";
  settings.refresh.layers = () => {
    const { layers: text } = settings.values;
    if (text === drawn) return;
    const layers = layersOf(text), same = layers.length === layersOf(drawn).length && drawn !== "-";
    drawn = text;
    many.value = String(layers.length);
    if (same) {
      // What has the focus stays.
      rows.querySelectorAll("select").forEach((select, i) => { select.value = String(layers[i >> 1][i % 2]); });
      return;
    }
    rows.replaceChildren(...layers.map((layer, l) => {
      const units = selectOf(upTo(1, most.units)), activation = selectOf(activations);
      units.id = `${settings.prefix}-units${l}`;
      units.value = String(layer[0]);
      activation.value = layer[1];
      activation.setAttribute("aria-label", `activation of hidden layer ${l + 1}`);
      const change = () => {
        const now = layersOf(settings.values.layers);
        now[l] = [+units.value, activation.value];
        set(now);
      };
      units.onchange = activation.onchange = change;
      units.setAttribute("aria-label", `units of hidden layer ${l + 1}`);
      return withLabel(`layer ${l + 1}`, units, activation);
    }));
  };
  root.append(withLabel("hidden layers", many), rows);
  settings.refresh.layers();
  return root;
};
