// The static host: it gives the page's saved widget state native controls, without a kernel.
// Built into one classic script together with live.js (`mount`, `number`), so that it runs
// from a folder on disk, where modules cannot be loaded.

(() => {
  const PREFIX = "IPY_MODEL_";

  class Model {
    constructor(id, { model_name, state }) {
      Object.assign(this, { id, name: model_name.replace(/Model$/, ""), state, start: { ...state }, heard: {} });
    }
    get(key) { return this.state[key]; }
    set(key, value) {
      if (Object.is(this.state[key], value)) return;
      this.state[key] = value;
      for (const f of this.heard[key] ?? []) f(value);
    }
    on(key, f) { (this.heard[key] ??= []).push(f); }
  }

  const element = (tag, properties = {}, ...children) => {
    const node = Object.assign(document.createElement(tag), properties);
    node.append(...children);
    return node;
  };
  const label = (model) => model.get("description") || model.get("tooltip") || model.name;
  const format = (spec, value) => {
    const [, plus, comma, digits, type] = /^(\+?)(,?)(?:\.(\d+))?([fegd]?)$/.exec(spec ?? "") ?? [];
    if (!type) return String(value);
    return number([type === "d" ? "f" : type, type === "d" ? 0 : +(digits ?? 6), !!plus, !!comma, "undefined"], value);
  };

  const start = () => {
    const saved = document.querySelector('script[type="application/vnd.jupyter.widget-state+json"]');
    const models = {};
    for (const [id, one] of Object.entries(saved ? JSON.parse(saved.textContent).state : {})) models[id] = new Model(id, one);
    const deref = (name) => models[name.slice(PREFIX.length)];
    const children = (model) => (model.get("children") ?? []).map(deref);
    const family = (model) => [model, ...children(model).flatMap(family)];

    for (const model of Object.values(models)) {
      if (model.name !== "Link" && model.name !== "DirectionalLink") continue;
      const [source, from] = model.get("source"), [target, to] = model.get("target");
      const a = deref(source), b = deref(target);
      b.set(to, a.get(from));
      a.on(from, (value) => b.set(to, value));
      if (model.name === "Link") b.on(to, (value) => a.set(from, value));
    }

    // A range input counts steps, so that arrow keys move by exactly one and no rounding piles up.
    const slider = (model, { low, high, step, value, position }) => {
      const id = `live-${model.id}`, steps = Math.max(1, Math.round((high - low) / step));
      const input = element("input", { type: "range", id, min: 0, max: steps, step: 1, autocomplete: "off" });
      const output = element("output");
      output.htmlFor = id;
      const refresh = () => {
        const text = format(model.get("readout_format"), model.get("value"));
        input.value = Math.round((position(model.get("value")) - low) / step);
        input.setAttribute("aria-valuetext", text);
        output.value = text;
      };
      input.oninput = () => {
        const raw = +input.value === steps ? high : low + input.value * step;
        model.set("value", value(+raw.toPrecision(12)));
      };
      model.on("value", refresh);
      refresh();
      return element("div", { className: "live-control" }, element("label", { htmlFor: id, textContent: label(model) }), input, output);
    };
    const linear = (model) => slider(model, {
      low: model.get("min"), high: model.get("max"), step: model.get("step") ?? 1, value: (v) => v, position: (v) => v,
    });

    const views = {
      FloatSlider: linear,
      IntSlider: linear,
      FloatLogSlider: (model) => {
        const base = model.get("base"), log = (v) => Math.log(v) / Math.log(base);
        return slider(model, { low: model.get("min"), high: model.get("max"), step: model.get("step"), value: (v) => base ** v, position: log });
      },
      Checkbox: (model) => {
        const id = `live-${model.id}`, input = element("input", { type: "checkbox", id, checked: model.get("value"), autocomplete: "off" });
        input.onchange = () => model.set("value", input.checked);
        model.on("value", (value) => { input.checked = value; });
        return element("div", { className: "live-control" }, element("label", { htmlFor: id, textContent: label(model) }), input);
      },
      Dropdown: (model) => {
        const id = `live-${model.id}`;
        const select = element("select", { id, autocomplete: "off" }, ...model.get("_options_labels").map((text) => element("option", { textContent: text })));
        const refresh = () => { select.selectedIndex = model.get("index") ?? -1; };
        select.onchange = () => model.set("index", select.selectedIndex);
        model.on("index", refresh);
        refresh();
        return element("div", { className: "live-control" }, element("label", { htmlFor: id, textContent: label(model) }), select);
      },
      Play: (model) => {
        const button = element("button", { type: "button", className: "live-button live-play" });
        let clock = 0, next = 0;
        const tick = (now) => {
          if (now >= next) {
            next = Math.max(next + model.get("interval"), now - model.get("interval"));
            const value = model.get("value") + (model.get("step") ?? 1);
            if (value <= model.get("max")) model.set("value", value);
            else if (model.get("repeat")) model.set("value", model.get("min"));
            else model.set("playing", false);
          }
          // Requested after the figure has requested its own frame, so that it draws every frame,
          // not every second one.
          if (model.get("playing")) clock = requestAnimationFrame(tick);
        };
        const refresh = () => {
          const playing = !!model.get("playing");
          button.textContent = playing ? "❚❚" : "▶";
          button.setAttribute("aria-label", `${playing ? "Pause" : "Play"} ${label(model)}`);
          cancelAnimationFrame(clock);
          if (playing) { next = performance.now(); clock = requestAnimationFrame(tick); }
        };
        button.onclick = () => {
          if (!model.get("playing") && model.get("value") >= model.get("max")) model.set("value", model.get("min"));
          model.set("playing", !model.get("playing"));
        };
        // Nothing moves by itself for a reader who asked for less motion.
        if (matchMedia("(prefers-reduced-motion: reduce)").matches) model.set("playing", false);
        model.on("playing", refresh);
        refresh();
        return button;
      },
      Button: (model, owner) => {
        const button = element("button", { type: "button", className: "live-button", textContent: label(model) });
        button.onclick = () => {
          for (const each of family(owner)) {
            for (const key of ["playing", "value", "index"]) if (key in each.start) each.set(key, each.start[key]);
          }
        };
        return button;
      },
      IntProgress: (model) => {
        const id = `live-${model.id}`, bar = element("progress", { id, max: model.get("max") - model.get("min") });
        const refresh = () => { bar.value = model.get("value") - model.get("min"); };
        model.on("value", refresh);
        refresh();
        return element("div", { className: "live-control" }, element("label", { htmlFor: id, textContent: label(model) }), bar);
      },
      HBox: (model, owner) => element("div", { className: "live-row" }, ...children(model).map((c) => view(c, owner))),
      VBox: (model, owner) => element("div", { className: "live-controls" }, ...children(model).map((c) => view(c, owner))),
      HTML: (model) => element("div", { innerHTML: model.get("value") }),
      Label: (model) => element("span", { textContent: model.get("value") }),
    };
    const unknown = (name) => {
      const launch = document.querySelector('a[href*="mybinder.org"]');
      const where = launch ? element("a", { href: launch.href, textContent: "open this page in Binder" }) : "run this chapter in JupyterLab";
      return element("p", { className: "live-unknown", role: "note" }, `This control (${name}) needs a running kernel: `, where, ".");
    };
    const view = (model, owner) => (model && views[model.name] ? views[model.name](model, owner) : unknown(model?.name ?? "not saved"));

    for (const root of document.querySelectorAll("[data-live]")) {
      const box = models[root.dataset.live];
      if (!box) { root.append(unknown("not saved")); continue; }
      const [figure, ...controls] = children(box);
      root.live = mount(root, figure.get("spec"), (i) => figure.get(`p${i}`));
      figure.get("spec").choices.forEach((_, i) => figure.on(`p${i}`, root.live.schedule));
      // A control that was moved after the first frame was drawn.
      if (Object.keys(figure.start).some((key) => figure.get(key) !== figure.start[key])) root.live.schedule();
      if (controls.length) root.append(element("div", { className: "live-controls" }, ...controls.map((c) => view(c, box))));
    }
    for (const script of document.querySelectorAll('script[type="application/vnd.jupyter.widget-view+json"]')) {
      const model = models[JSON.parse(script.textContent).model_id];
      script.after(view(model, model));
    }
    document.documentElement.dataset.live = "ready";
  };

  if (document.readyState === "loading") addEventListener("DOMContentLoaded", start);
  else start();
})();
