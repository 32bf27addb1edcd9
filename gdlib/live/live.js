// The browser's face of a live figure: it evaluates the program that gdlib.live printed,
// and rewrites the bound artists in Matplotlib's SVG. One painter for each kind in artists.py.

const at = (path, i) => path[Math.min(path.length - 1, Math.max(0, Math.floor(i + 0.5)))] ?? NaN;

// An iterated path is computed again only when one of its inputs has moved.
const remember = (memo, name, inputs, make) => {
  const old = memo[name];
  if (old && old.inputs.every((v, i) => Object.is(v, inputs[i]))) return old.path;
  const path = make();
  memo[name] = { inputs, path };
  return path;
};

const unpack = (v) => {
  if (Array.isArray(v)) return Float64Array.from(v);
  const step = (v.to - v.from) / (v.n - 1);
  const grid = Float64Array.from({ length: v.n }, (_, i) => i * step + v.from);
  grid[v.n - 1] = v.to;
  return grid;
};

const powers = { "-": "⁻", 0: "⁰", 1: "¹", 2: "²", 3: "³", 4: "⁴", 5: "⁵", 6: "⁶", 7: "⁷", 8: "⁸", 9: "⁹" };

// The same number as readout.py writes: [type, digits, plus, comma, word for what is not finite].
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

const fill = (template, values) => {
  let i = 0;
  return template.map((p) => (typeof p === "string" ? p : number(p, values[i++]))).join("");
};

// Data to SVG coordinates, clamped far outside the picture: renderers fail on 1e300.
const scale = (value, [v0, v1], [c0, c1], log) => {
  const t = log
    ? (Math.log10(value) - Math.log10(v0)) / (Math.log10(v1) - Math.log10(v0))
    : (value - v0) / (v1 - v0);
  const c = c0 + t * (c1 - c0);
  return Math.round(Math.min(1e5, Math.max(-1e5, c)) * 100) / 100;
};
const pick = (values, i) => values[values.length === 1 ? 0 : i];
const points = (xs, ys, a) => {
  const n = Math.min(xs.length, ys.length) === 1 ? Math.max(xs.length, ys.length) : Math.min(xs.length, ys.length);
  const result = [];
  for (let i = 0; i < n; i++) {
    const x = pick(xs, i), y = pick(ys, i);
    const p = Number.isFinite(x) && Number.isFinite(y) ? [scale(x, a.xlim, a.x, a.log[0]), scale(y, a.ylim, a.y, a.log[1])] : null;
    result.push(p && p[0] === p[0] && p[1] === p[1] ? p : null);
  }
  return result;
};
const draw = (list) => {
  let d = "", pen = "M";
  for (const p of list) {
    if (p) { d += pen + p[0] + " " + p[1]; pen = "L"; } else pen = "M";
  }
  return d;
};

// Each painter returns whether there is anything to see.
const painters = {
  line(item, v, axes) {
    const [g] = item.groups, list = points(v.x, v.y, axes), seen = list.filter(Boolean);
    if (!seen.length) return false;
    const path = g.querySelector(":scope>path");
    if (path) path.setAttribute("d", draw(list));
    let marks = g.querySelectorAll("use");
    if (!marks.length) return true;
    const parent = marks[0].parentNode;
    for (let i = marks.length; i < seen.length; i++) parent.append(marks[0].cloneNode());
    for (let i = seen.length; i < marks.length; i++) marks[i].remove();
    marks = g.querySelectorAll("use");
    seen.forEach((p, i) => { marks[i].setAttribute("x", p[0]); marks[i].setAttribute("y", p[1]); });
    return true;
  },
  text(item, v, axes) {
    const element = item.groups[0].querySelector("text");
    if (v.x || v.y) {
      const [p] = points(v.x ?? [item.at[0]], v.y ?? [item.at[1]], axes);
      if (!p) return false;
      const x = p[0] + item.offset[0], y = p[1] + item.offset[1];
      element.setAttribute("x", x);
      element.setAttribute("y", y);
      const turn = /rotate\((\S+)/.exec(element.getAttribute("transform") ?? "");
      if (turn) element.setAttribute("transform", `rotate(${parseFloat(turn[1])} ${x} ${y})`);
    }
    if (item.template) element.textContent = fill(item.template, v.values);
    return true;
  },
  arrow(item, v, axes) {
    const [a, b] = points([v.x[0], v.x[0] + v.dx[0]], [v.y[0], v.y[0] + v.dy[0]], axes);
    if (!a || !b) return false;
    const length = Math.hypot(b[0] - a[0], b[1] - a[1]);
    if (length < 0.5) return false;
    const [shaft, head] = item.groups[0].querySelectorAll("path");
    const ux = (b[0] - a[0]) / length, uy = (b[1] - a[1]) / length;
    const [long, wide] = item.head, x = b[0] - long * ux, y = b[1] - long * uy;
    shaft.setAttribute("d", draw([a, [b[0] - ux, b[1] - uy]]));
    head.setAttribute("d", draw([[x - wide * uy, y + wide * ux], b, [x + wide * uy, y - wide * ux]]) + "z");
    return true;
  },
  bars(item, v, axes) {
    return item.groups.map((g, i) => {
      const [x, y, w, h] = ["x", "y", "width", "height"].map((k) => pick(v[k] ?? item[k], i));
      const corners = points([x, x + w, x + w, x], [y, y, y + h, y + h], axes);
      const good = corners.every(Boolean);
      if (good) g.querySelector("path").setAttribute("d", draw(corners) + "z");
      show(g, good);
      return good;
    });
  },
  area(item, v, axes) {
    const list = points(v.x, v.y, axes);
    const back = v.y2 ? points(v.x, v.y2, axes).reverse() : [];
    const corners = [...list, ...back].filter(Boolean);
    if (corners.length < 3) return false;
    item.groups[0].querySelector("path").setAttribute("d", draw(corners) + "z");
    return true;
  },
  image(item, v) {
    const [width, height] = item.size, { colours, range: [low, high] } = item;
    item.lut ??= Uint32Array.from(colours.match(/.{8}/g), (c) =>
      (parseInt(c.slice(6), 16) << 24) | (parseInt(c.slice(4, 6), 16) << 16) | (parseInt(c.slice(2, 4), 16) << 8) | parseInt(c.slice(0, 2), 16));
    if (!item.canvas) {
      item.canvas = Object.assign(document.createElement("canvas"), { width, height });
      item.context = item.canvas.getContext("2d");
      item.data = item.context.createImageData(width, height);
      item.pixels = new Uint32Array(item.data.data.buffer);
    }
    const n = item.lut.length;
    for (let row = 0; row < height; row++) {
      for (let i = 0; i < width; i++) {
        const t = (v.value[row * width + i] - low) / (high - low);
        const colour = Math.min(n - 1, Math.max(0, Math.floor(t * n)));
        item.pixels[(height - 1 - row) * width + i] = item.lut[colour] ?? 0;
      }
    }
    item.context.putImageData(item.data, 0, 0);
    item.groups[0].querySelector("image").setAttribute("href", item.canvas.toDataURL());
    return v.value.some(Number.isFinite);
  },
};

const show = (g, yes) => (yes ? g.removeAttribute("visibility") : g.setAttribute("visibility", "hidden"));

// Bring a drawn figure to life. `read(i)` gives the value of the i-th control.
export function mount(root, spec, read) {
  let run, frame = 0;
  const memo = {};
  const values = () => spec.choices.map((c, i) => (c ? c[read(i)] : Number(read(i))));
  const evaluate = (p) => {
    if (!run) {
      const body = new Function("p", "D", "G", "M", "at", "remember", spec.program);
      const columns = spec.columns.map(unpack), grids = spec.grids.map(unpack);
      run = (q) => body(q, columns, grids, memo, at, remember);
    }
    return run(p);
  };
  const find = () => {
    for (const item of spec.items) {
      item.groups ??= item.ids?.map((id) => root.querySelector(`[id="${id}"]`));
    }
    return root.querySelector(".live-readout").children;
  };
  const paint = () => {
    frame = 0;
    const lines = find(), results = evaluate(values());
    let line = 0;
    spec.items.forEach((item, i) => {
      const v = results[i];
      if (item.kind === "readout") {
        const text = fill(item.template, v.values), p = lines[line++];
        if (p.textContent !== text) p.textContent = text;
        return;
      }
      const seen = painters[item.kind](item, v, spec.axes[item.axes]);
      const wanted = v.visible === undefined || (v.visible !== 0 && v.visible === v.visible);
      item.groups.forEach((g, j) => show(g, wanted && (Array.isArray(seen) ? seen[j] : seen)));
    });
  };
  // However many controls move, the figure is drawn once a frame.
  const schedule = () => { frame ||= requestAnimationFrame(paint); };
  return { evaluate, paint, schedule, values };
}

export default {
  render({ model, el }) {
    const picture = Object.assign(document.createElement("div"), { className: "live-picture", innerHTML: model.get("svg") });
    picture.setAttribute("role", "img");
    picture.setAttribute("aria-label", model.get("alt"));
    const readout = Object.assign(document.createElement("div"), { className: "live-readout" });
    readout.setAttribute("aria-live", "polite");
    const spec = structuredClone(model.get("spec"));
    readout.append(...spec.first.map((text) => Object.assign(document.createElement("p"), { textContent: text })));
    const root = Object.assign(document.createElement("div"), { className: "live" });
    root.append(picture, readout);
    el.append(root);
    const figure = mount(root, spec, (i) => model.get(`p${i}`));
    root.live = figure;
    spec.choices.forEach((_, i) => model.on(`change:p${i}`, figure.schedule));
    figure.paint();
    // A notebook takes over the arrow keys, unless their target says that it needs them.
    const keepKeys = ({ target }) => {
      if (target.closest?.(".live-box")) target.dataset.lmSuppressShortcuts = "true";
    };
    document.addEventListener("focusin", keepKeys);
    return () => {
      document.removeEventListener("focusin", keepKeys);
      spec.choices.forEach((_, i) => model.off(`change:p${i}`, figure.schedule));
    };
  },
};
