// The widgets of a page without a kernel: models with values, children and links.

const PREFIX = "IPY_MODEL_";

export class Model {
  /** @param {string} id @param {import("./types").SavedModel} saved @param {Record<string, Model>} page */
  constructor(id, { model_name, state }, page) {
    this.id = id;
    this.name = model_name.replace(/Model$/, "");
    this.state = state;
    this.start = { ...state };
    this.page = page;
    /** @type {Record<string, ((value: any) => void)[]>} */
    this.heard = {};
    /** What it is called in its figure, if it carries the value of a symbol. */
    this.symbol = "";
  }

  /** @param {string} key @returns {any} */
  get(key) { return this.state[key]; }

  /** @param {string} key @param {any} value */
  set(key, value) {
    if (Object.is(this.state[key], value)) return;
    this.state[key] = value;
    for (const f of this.heard[key] ?? []) f(value);
  }

  /** @param {string} key @param {(value: any) => void} f */
  on(key, f) { (this.heard[key] ??= []).push(f); }

  /** @param {string} reference @returns {Model} */
  other(reference) { return this.page[reference.slice(PREFIX.length)]; }

  /** @returns {Model[]} */
  get children() { return (this.get("children") ?? []).map((/** @type {string} */ name) => this.other(name)); }

  /** @returns {Model[]} */
  get family() { return [this, ...this.children.flatMap((child) => child.family)]; }

  get label() { return this.get("description") || this.get("tooltip") || this.name; }

  /** Follow a link, one way or both; the target takes the source's value at once. */
  link() {
    const [source, from] = this.get("source"), [target, to] = this.get("target");
    const a = this.other(source), b = this.other(target);
    if (/^p\d+$/.test(to)) a.symbol = to;
    b.set(to, a.get(from));
    a.on(from, (value) => b.set(to, value));
    if (this.name === "Link") b.on(to, (value) => a.set(from, value));
  }
}

/**
 * All models of a page's saved state, by their id, with their links followed.
 * @param {Record<string, import("./types").SavedModel>} saved
 */
export const revive = (saved) => {
  /** @type {Record<string, Model>} */
  const page = {};
  for (const [id, one] of Object.entries(saved)) page[id] = new Model(id, one, page);
  for (const model of Object.values(page)) {
    if (model.name === "Link" || model.name === "DirectionalLink") model.link();
  }
  return page;
};
