// What gdlib.live writes into a page: the checked types of the modules beside this file.

/** [type, digits, plus, comma, word for what is not finite], as readout.py parses it. */
export type Slot = [string, number, 0 | 1 | boolean, 0 | 1 | boolean, string];
export type Template = (string | Slot)[];
/** What a number measures: an item and its colour; or the control that sets it. */
export interface Mark { items?: number[]; colour?: string; control?: number }
/** What a readout can say; a formula's template is MathML, with an element for each number. */
export interface Sentence { template: Template; typeset: 0 | 1; marks: (Mark | null)[] }
export type Numbers = ArrayLike<number>;

/** Numbers, or the ends and length of evenly spaced ones. */
export type Packed = number[] | { from: number; to: number; n: number };

export interface Axes {
  x: [number, number];
  y: [number, number];
  xlim: [number, number];
  ylim: [number, number];
  log: [0 | 1, 0 | 1];
}

/** A bound artist, or a readout; a kind adds what its painter needs. */
export interface Item {
  kind: string;
  ids?: string[];
  groups?: SVGElement[];
  axes: number;
  template?: Template;
  sentences?: Sentence[];
  [detail: string]: any;
}

/** What one binding evaluates to: arrays by property, and whether it is visible. */
export interface Values {
  values?: Numbers;
  visible?: number;
  [property: string]: any;
}

export interface Spec {
  items: Item[];
  axes: Axes[];
  /** The readouts as they are at first, and in a page also where they are longest, as HTML. */
  first: string[];
  longest?: string[];
  choices: (number[] | null)[];
  columns: Packed[];
  grids: Packed[];
  program: string;
  /** What the control of each symbol is called in a link. */
  names: string[];
  /** The ends, the step and the base of each control that is a slider. */
  ranges: (import("./range.js").Range | null)[];
  handles?: Handles;
  guess?: Guess;
}

/** What is asked before a figure answers: the control of its phase, those of the guess, and from
 * which item on all is the answer. */
export interface Guess { control: number; guess: number[]; question: string; from: number }

/** What can be dragged, and one program of the controls' values and the pointer's place. */
export interface Handles {
  items: { item: number; sets: number[]; x: number[]; y: number[] }[];
  columns: Packed[];
  grids: Packed[];
  program: string;
}

export interface MountedFigure {
  evaluate(values: number[]): Values[];
  paint(): void;
  schedule(): void;
  shadeFirst(): void;
  values(): number[];
}

/** A slider whose track can be shaded above a value. */
export type ShadedInput = HTMLInputElement & { shade?(above: number, label: string): void };

export type LiveElement = HTMLElement & { live?: MountedFigure };

/** A model as Jupyter saves it. */
export interface SavedModel {
  model_name: string;
  state: Record<string, any>;
}
