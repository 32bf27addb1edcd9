// The static host: it gives a page's saved widgets native controls, without a kernel.

import { element, unknown, view } from "./controls.js";
import { mount } from "./figure.js";
import { ask, MARKING } from "./guess.js";
import { address, copyButton, follow } from "./link.js";
import { lossLines } from "./loss_line.js";
import { revive } from "./models.js";

const STATE = 'script[type="application/vnd.jupyter.widget-state+json"]';
const VIEW = 'script[type="application/vnd.jupyter.widget-view+json"]';

/** @typedef {import("./models.js").Model} Model */

const HERE = document.currentScript instanceof HTMLScriptElement ? document.currentScript.src : "";
/** @type {Promise<any> | undefined} */
let loading;
/** What reads a typed loss, from a script beside this one; a page of one file has it. */
const typed = () => (loading ??= new Promise((done, failed) => {
  const known = () => /** @type {any} */ (window).liveTyped;
  if (known()) { done(known()); return; }
  const script = element("script", { src: HERE.replace("live-host", "live-typed"), onload: () => done(known()), onerror: failed });
  document.head.append(script);
}).catch((error) => { loading = undefined; throw error; }));

/** Bring one drawn figure to life. @param {import("./types").LiveElement} root @param {Model | undefined} box */
const revived = (root, box) => {
  if (!box) { root.append(unknown("not saved")); return []; }
  const [figure, ...controls] = box.children;
  /** @type {import("./link.js").Shown} */
  const shown = {
    root, spec: figure.get("spec"),
    read: (/** @type {number} */ i) => figure.get(`p${i}`),
    write: (/** @type {number} */ i, /** @type {any} */ value) => figure.set(`p${i}`, value),
  };
  const { spec } = shown, live = mount(root, spec, shown.read, shown.write);
  root.live = live;
  spec.choices.forEach((/** @type {unknown} */ _, /** @type {number} */ i) => figure.on(`p${i}`, live.schedule));
  // A control that was moved after the first frame was drawn.
  if (Object.keys(figure.start).some((key) => figure.get(key) !== figure.start[key])) live.schedule();
  if (controls.length) {
    const views = controls.map((c) => view(c, box)), reset = views.pop() ?? "";
    const hint = spec.handles ? element("span", { className: "live-hint" }, "Drag what has a ring.") : "";
    const foot = element("div", { className: "live-row" }, reset, copyButton(() => address(shown)), hint);
    root.append(element("div", { className: "live-controls" }, ...views, foot));
    if (spec.typed) {
      const typing = lossLines(root, spec, live, typed);
      foot.before(typing.lines);
      shown.typing = typing;
      if (reset instanceof HTMLElement) reset.addEventListener("click", typing.reset);
    }
  }
  live.shadeFirst();
  if (spec.guess) {
    const enter = ask(shown), name = `p${spec.guess.control}`, phase = box.family.find((model) => model.symbol === name);
    figure.on(name, enter);
    // What is saved shows all, for those who print it; whoever reads it here is asked, and again after a reset.
    if (phase) { phase.start.index = MARKING; phase.set("index", MARKING); }
  }
  return [shown];
};

const start = () => {
  const saved = document.querySelector(STATE);
  const models = revive(saved?.textContent ? JSON.parse(saved.textContent).state : {});
  const figures = [...document.querySelectorAll("[data-live]")].flatMap((root) =>
    (root instanceof HTMLElement ? revived(root, models[root.dataset.live ?? ""]) : []));
  for (const script of document.querySelectorAll(VIEW)) {
    script.after(view(models[JSON.parse(script.textContent ?? "{}").model_id]));
  }
  for (const root of document.querySelectorAll("[data-live-widget]")) {
    if (!(root instanceof HTMLElement)) continue;
    const widget = /** @type {any} */ (window).liveWidgets?.[root.dataset.liveWidget ?? ""], model = models[root.dataset.model ?? ""];
    if (widget && model) { root.replaceChildren(); widget.render({ model, el: root }); }
    else root.append(unknown(root.dataset.liveWidget ?? "not saved"));
  }
  document.documentElement.dataset.live = "ready";
  follow(figures);
  addEventListener("hashchange", () => follow(figures));
};

if (document.readyState === "loading") addEventListener("DOMContentLoaded", start);
else start();
