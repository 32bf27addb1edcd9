// Native controls for a page without a kernel: one entry for each kind of widget in controls.py.

import { number } from "./numbers.js";
import { count, steps, value } from "./range.js";

/** @typedef {import("./models.js").Model} Model */

/**
 * @template {keyof HTMLElementTagNameMap} T
 * @param {T} tag @param {Record<string, any>} properties @param {(Node | string)[]} children
 * @returns {HTMLElementTagNameMap[T]}
 */
export const element = (tag, properties = {}, ...children) => {
  const node = Object.assign(document.createElement(tag), properties);
  node.append(...children);
  return node;
};

/** @param {string | undefined} spec @param {number} value */
const format = (spec, value) => {
  const [, plus, comma, digits, type] = /^(\+?)(,?)(?:\.(\d+))?([fegd]?)$/.exec(spec ?? "") ?? [];
  if (!type) return String(value);
  return number([type === "d" ? "f" : type, type === "d" ? 0 : +(digits ?? 6), !!plus, !!comma, "undefined"], value);
};

/** A control with its label. @param {string} text @param {HTMLElement[]} parts */
export const withLabel = (text, ...parts) => {
  const label = element("label", { htmlFor: parts[0].id, textContent: text });
  return element("div", { className: "live-control" }, label, ...parts);
};

/** @param {Model} model @param {HTMLElement[]} parts */
const labelled = (model, ...parts) => withLabel(model.label, ...parts);

/** @param {string} textContent */
export const textButton = (textContent) => element("button", { type: "button", className: "live-button", textContent });

/** Call a function now, and whenever a value of the model changes. @param {Model} model @param {string} key @param {() => void} refresh */
const follow = (model, key, refresh) => { model.on(key, refresh); refresh(); };

/** A range input counts steps, so that arrow keys move by exactly one. @param {Model} model */
const slider = (model) => {
  /** @type {import("./range.js").Range} */
  const range = [model.get("min"), model.get("max"), model.get("step") ?? 1, model.get("base") ?? 0];
  const input = element("input", { type: "range", id: `live-${model.id}`, min: 0, max: steps(range), step: 1, autocomplete: "off" });
  const output = element("output", {});
  output.htmlFor.value = input.id;
  input.dataset.symbol = model.symbol;
  // A range input paints no background of its own; what is around it does.
  const track = element("span", { className: "live-track" });
  /** @type {import("./types").ShadedInput} */ (input).shade = (above, label) => {
    const share = Number.isNaN(above) ? 1 : Math.min(1, Math.max(0, count(range, above) / steps(range)));
    track.classList.toggle("live-shaded", share < 1);
    track.style.setProperty("--live-share", String(share));
    input.title = share < 1 ? `shaded: ${label}` : "";
  };
  input.oninput = () => model.set("value", value(range, +input.value));
  // A finger that came to scroll the page leaves the slider where it was.
  let before = model.get("value");
  input.onpointerdown = () => { before = model.get("value"); };
  input.onpointercancel = () => model.set("value", before);
  follow(model, "value", () => {
    const text = format(model.get("readout_format"), model.get("value"));
    input.value = String(Math.round(count(range, model.get("value"))));
    input.setAttribute("aria-valuetext", text);
    output.value = text;
  });
  const row = labelled(model, input, output);
  input.replaceWith(track);
  track.append(input);
  return row;
};

/** @param {Model} model */
const play = (model) => {
  const button = element("button", { type: "button", className: "live-button live-play" });
  const pace = textButton("1×"), paces = [1, 2, 4, 0.5];
  let clock = 0, next = 0, times = 1;
  const say = () => {
    pace.textContent = times < 1 ? "½×" : `${times}×`;
    pace.setAttribute("aria-label", `Pace, ${times} times`);
  };
  pace.onclick = () => { times = paces[(paces.indexOf(times) + 1) % paces.length]; say(); };
  say();
  const tick = (/** @type {number} */ now) => {
    if (now >= next) {
      const wait = model.get("interval") / times;
      next = Math.max(next + wait, now - wait);
      const value = model.get("value") + (model.get("step") ?? 1);
      if (value <= model.get("max")) model.set("value", value);
      else if (model.get("repeat")) model.set("value", model.get("min"));
      else model.set("playing", false);
    }
    // Requested after the figure has requested its own frame, so that it draws every frame,
    // not every second one.
    if (model.get("playing")) clock = requestAnimationFrame(tick);
  };
  button.onclick = () => {
    if (!model.get("playing") && model.get("value") >= model.get("max")) model.set("value", model.get("min"));
    model.set("playing", !model.get("playing"));
  };
  // Nothing moves by itself for a reader who asked for less motion.
  if (matchMedia("(prefers-reduced-motion: reduce)").matches) model.set("playing", false);
  follow(model, "playing", () => {
    const playing = !!model.get("playing");
    button.textContent = playing ? "❚❚" : "▶";
    button.setAttribute("aria-label", `${playing ? "Pause" : "Play"} ${model.label}`);
    cancelAnimationFrame(clock);
    if (playing) { next = performance.now(); clock = requestAnimationFrame(tick); }
  });
  return element("span", { className: "live-player" }, button, pace);
};

/** Puts every control of the figure's box back to its start. @param {Model} model @param {Model} owner */
const reset = (model, owner) => {
  const back = textButton(model.label);
  back.onclick = () => {
    for (const each of owner.family) {
      for (const key of ["playing", "value", "index"]) if (key in each.start) each.set(key, each.start[key]);
    }
  };
  return back;
};

/** Takes the slider beside it one step further, and from its end back to its beginning. @param {Model} model @param {Model} beside */
const next = (model, beside) => {
  const button = textButton(model.label);
  button.onclick = () => {
    const value = beside.get("value");
    beside.set("value", value < beside.get("max") ? value + (beside.get("step") ?? 1) : beside.get("min"));
  };
  return button;
};

/** @type {Record<string, (model: Model, owner: Model) => HTMLElement>} */
const views = {
  FloatSlider: (model) => slider(model),
  IntSlider: (model) => slider(model),
  FloatLogSlider: (model) => slider(model),
  Checkbox: (model) => {
    const input = element("input", { type: "checkbox", id: `live-${model.id}`, autocomplete: "off" });
    input.onchange = () => model.set("value", input.checked);
    follow(model, "value", () => { input.checked = model.get("value"); });
    return labelled(model, input);
  },
  Dropdown: (model) => {
    const labels = model.get("_options_labels").map((/** @type {string} */ text) => element("option", { textContent: text }));
    const select = element("select", { id: `live-${model.id}`, autocomplete: "off" }, ...labels);
    select.dataset.symbol = model.symbol;
    select.onchange = () => model.set("index", select.selectedIndex);
    follow(model, "index", () => { select.selectedIndex = model.get("index") ?? -1; });
    return labelled(model, select);
  },
  Play: play,
  Button: reset,
  IntProgress: (model) => {
    const bar = element("progress", { id: `live-${model.id}`, max: model.get("max") - model.get("min") });
    follow(model, "value", () => { bar.value = model.get("value") - model.get("min"); });
    return labelled(model, bar);
  },
  HBox: (model, owner) => {
    const beside = model.children.find((c) => c?.name === "IntSlider");
    return element("div", { className: "live-row" }, ...model.children.map((c) => (beside && c?.name === "Button" ? next(c, beside) : view(c, owner))));
  },
  VBox: (model, owner) => element("div", { className: "live-controls" }, ...model.children.map((c) => view(c, owner))),
  HTML: (model) => element("div", { innerHTML: model.get("value") }),
  Label: (model) => element("span", { textContent: model.get("value") }),
};

/** A sentence in place of a control that the page cannot show. @param {string} name */
export const unknown = (name) => {
  /** @type {HTMLAnchorElement | null} */
  const launch = document.querySelector('a[href*="mybinder.org"]');
  const where = launch ? element("a", { href: launch.href, textContent: "open this page in Binder" }) : "run this notebook in JupyterLab";
  return element("p", { className: "live-unknown", role: "note" }, `This control (${name}) needs a running kernel: `, where, ".");
};

/** The control of a model; `owner` is the box of its figure. @param {Model | undefined} model @param {Model | undefined} owner @returns {HTMLElement} */
export const view = (model, owner = model) =>
  model && owner && views[model.name] ? views[model.name](model, owner) : unknown(model?.name ?? "not saved");
