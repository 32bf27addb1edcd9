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

/** A printed program, and the numbers that it reads. */
export interface Program { columns: Packed[]; grids: Packed[]; program: string }

export interface Spec extends Program {
  items: Item[];
  axes: Axes[];
  /** The readouts as they are at first, and in a page also where they are longest, as HTML. */
  first: string[];
  longest?: string[];
  choices: (number[] | null)[];
  /** What the control of each symbol is called in a link. */
  names: string[];
  /** The ends, the step and the base of each control that is a slider. */
  ranges: (import("./range.js").Range | null)[];
  handles?: Handles;
  guess?: Guess;
  typed?: Typed;
}

/** A loss that can be typed: what stands before its equals sign, the author's, its weights, where it is looked at. */
export interface TypedLoss { label: string; text: string; names: string[]; box: [number, number][]; examples: string[] }

/** A program with calls of typed losses, each a loss and how often it is derived by each weight. */
export interface OpenProgram extends Program { called: number[][] }

/** What another loss changes besides what is bound; as typed.py writes it. */
export interface Typed extends OpenProgram {
  losses: TypedLoss[];
  drawn: Item[];
  ends: [number, "x" | "y"][];
  refused: Template[];
  note: string;
  handles: OpenProgram;
}

/** What is asked before a figure answers: the control of its phase, those of the guess, and from
 * which item on all is the answer. */
export interface Guess { control: number; guess: number[]; question: string; from: number }

/** What can be dragged, and one program of the controls' values and the pointer's place. */
export interface Handles extends Program {
  items: { item: number; sets: number[]; x: number[]; y: number[] }[];
}

export interface MountedFigure {
  /** Where its axes are, and their ends, which follow a typed loss. */
  axes: Axes[];
  evaluate(values: number[]): Values[];
  paint(): void;
  schedule(): void;
  shadeFirst(): void;
  values(): number[];
  /** Compute with another loss: what is bound, and what the handles set; or with the author's. */
  use(other?: { run(values: number[]): Values[]; handles(values: number[]): any }): void;
}

/** A slider whose track can be shaded above a value. */
export type ShadedInput = HTMLInputElement & { shade?(above: number, label: string): void };

export type LiveElement = HTMLElement & { live?: MountedFigure };

/** A model as Jupyter saves it. */
export interface SavedModel {
  model_name: string;
  state: Record<string, any>;
}
