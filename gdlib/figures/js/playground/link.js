// Links to the playground in its present state: "#playground?data=xor&layers=4.tanh&…".

import { STAGES } from "./passes.js";

const NAME = "playground", FAR = 20000; // steps that a link may ask for
const FARTHEST = 1e6; // a weight that was moved by hand, in hundredths

/** @typedef {import("./view.js").Playground} Playground */

/**
 * All choices; and the steps and the weights moved by hand, if the same training leads there again.
 * @param {Playground} playground
 */
export const addressOf = ({ settings, training, stage, layer, unit, sample }) => {
  const state = settings.chosen;
  const { mixed } = training;
  if (!mixed && training.t) state.push(["t", String(training.t)]);
  const moves = training.moves.filter(([t]) => t <= training.t);
  if (!mixed && moves.length) state.push(["moved", moves.map(([t, l, i, j, v]) => [t, l, i, j, Math.round(100 * v)].join(".")).join("_")]);
  state.push(["show", stage], ["unit", `${layer}.${unit}`], ["sample", String(sample)]);
  return `#${NAME}?${new URLSearchParams(state)}`;
};

/** What the copied link does not lead to; nothing if it leads here. @param {Playground} playground */
export const notCopied = ({ training: { t, mixed } }) =>
  (mixed ? `The link has all that is chosen, but not these ${t} steps: a setting was changed on the way.` : "");

/** Whole numbers of a text: "1.0.2". @param {string} text */
const whole = (text) => (/^-?\d+(\.-?\d+)*$/.test(text) ? text.split(".").map(Number) : null);

/** Moves of a link that this network has. @param {Playground} playground @param {string} text */
const movesOf = ({ training: { net } }, text) => {
  const moves = text.split("_").filter(Boolean).map(whole);
  const right = moves.every((move) => {
    const [t, l, i, j] = move ?? [], layer = net.layers[l];
    return move?.length === 5 && t >= 0 && Math.abs(move[4]) <= FARTHEST && layer && i >= 0 && i <= layer.I && j >= 0 && j < layer.N;
  });
  return right ? /** @type {number[][]} */ (moves) : null;
};

/** Bring the playground into the state that the page's address names. @param {Playground} playground */
export const followed = async (playground) => {
  const [, name, query] = /^#([^?]*)\?(.*)$/.exec(location.hash) ?? [];
  if (name !== NAME) return;
  const { settings, spec } = playground, given = new URLSearchParams(query);
  let understood = true;
  Object.assign(settings.values, settings.begin);
  for (const setting of settings.all) {
    const text = given.get(setting.name);
    if (text === null) continue;
    const value = settings.taken(setting, text, spec.most, spec.activations);
    if (value === null) understood = false;
    else settings.values[setting.name] = value;
  }
  playground.stage = "values";
  playground.begin();
  const known = [...settings.all.map((setting) => setting.name), "t", "moved", "show", "unit", "sample"];
  if ([...given.keys()].some((key) => !known.includes(key))) understood = false;
  const { net, samples: { y } } = playground.training, last = net.layers.length;
  /** The numbers of a link, if they are as many as are here, and each between these ends. @param {string} key @param {number[]} otherwise @param {(found: number[]) => boolean} fit */
  const numbers = (key, otherwise, fit) => {
    const text = given.get(key), found = text === null ? otherwise : whole(text);
    if (found?.length === otherwise.length && (text === null || fit(found))) return found;
    understood = false;
    return otherwise;
  };
  const [t] = numbers("t", [0], ([steps]) => steps >= 0 && steps <= FAR);
  [playground.sample] = numbers("sample", [-1], ([k]) => k >= -1 && k < y.length);
  [playground.layer, playground.unit] = numbers("unit", [1, 0], ([l, k]) => l >= 1 && l <= last && k >= 0 && k < net.layers[l - 1].N);
  const moves = movesOf(playground, given.get("moved") ?? ""), show = given.get("show") ?? "values";
  if (!moves || !Object.hasOwn(STAGES, show)) understood = false;
  playground.look(Object.hasOwn(STAGES, show) ? /** @type {import("./passes.js").Stage} */ (show) : "values");
  if (!understood) playground.say("Part of the link was not understood, and is left out.", false);
  (playground.root.closest("figure") ?? playground.root).scrollIntoView();
  await replayed(playground, t, moves ?? []);
};

/** Make the steps that a link names, and move the weights that were moved. @param {Playground} playground @param {number} t @param {number[][]} moves */
const replayed = async (playground, t, moves) => {
  for (const [at, l, i, j, v] of moves.sort(([a], [b]) => a - b)) {
    if (at > t) break;
    if (!(await playground.ahead(at - playground.training.t))) return;
    playground.training.move(l, i, j, v / 100);
  }
  await playground.ahead(t - playground.training.t);
};
