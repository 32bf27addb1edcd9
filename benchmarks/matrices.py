"""A training step in the page, by printed matrices, beside TensorFlow's Playground's own code.

`PLAYGROUND_NN=…/nn.ts python -m benchmarks.matrices` takes the file `src/nn.ts` of
github.com/tensorflow/playground, which is no dependency of the book; without it, it says so. Both
train the same 2–8–8–1 network, tanh, squared error, on the same 200 samples, in turn, in one
process. It prints the ratio and the size of the printed program, and fails where one misses its
budget.
"""

from __future__ import annotations

import gzip
import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

import numpy as np
import sympy as sp

from gdlib.data import load_penguins
from gdlib.efficient_backprop import Network
from gdlib.figures import efficient_backprop as figures
from gdlib.live import Program
from gdlib.symbolic import eta, network
from gdlib.symbolic_training import recorded_loss, training_path

RATIO_AT_MOST, BYTES_AT_MOST = 0.2, 6_000
STEPS, ROUNDS, ETA = 400, 15, 0.05
SIZES = (2, 8, 8, 1)

RUN = """
import * as theirs from "./nn.mjs";
import { compile } from %s;
import { readFileSync } from "node:fs";
const { spec, X, y, layers, steps, rounds, eta } = JSON.parse(readFileSync(0, "utf8"));
const { TANH, LINEAR } = theirs.Activations;
const build = () => {
  const net = theirs.buildNetwork([2, 8, 8, 1], TANH, LINEAR, null, ["x", "y"]);
  layers.forEach(([W, b], l) => net[l + 1].forEach((node, j) => {
    node.bias = b[j];
    node.inputLinks.forEach((link, i) => { link.weight = W[i][j]; });
  }));
  return net;
};
const squares = (net) => X.map((x, i) => (theirs.forwardProp(net, x) - y[i]) ** 2);
const lossOf = (net) => squares(net).reduce((sum, s) => sum + s) / y.length;
const playground = () => {
  const net = build();
  // Half of our rate: their error is half the square, ours the square.
  for (let t = 0; t < steps; t++) {
    X.forEach((x, i) => {
      theirs.forwardProp(net, x);
      theirs.backProp(net, y[i], theirs.Errors.SQUARE);
    });
    theirs.updateWeights(net, 2 * eta, 0);
  }
  return lossOf(net);
};
const ours = () => compile(spec)([eta])[0];
const contenders = { playground, ours }, times = { playground: [], ours: [] }, losses = {};
for (let round = -2; round < rounds; round++)
  for (const [name, run] of Object.entries(contenders)) {
    const began = performance.now();
    losses[name] = run();
    if (round >= 0) times[name].push((performance.now() - began) / steps);
  }
console.log(JSON.stringify({ times, losses }));
"""


def task() -> dict[str, Any]:
    """The same network and data for both, and our printed program."""
    rng, symbols = np.random.default_rng(0), network(SIZES, output="linear")
    X = rng.uniform(-1, 1, (200, 2))
    y = np.sin(3 * X[:, 0]) * X[:, 1]
    layers = Network.random(SIZES, output="linear", rng=1).layers
    values = [v for layer in layers for matrix in layer for v in matrix.flat]
    start = dict(zip(symbols.parameters, map(sp.Float, values), strict=True))
    data = dict(zip([*symbols.inputs, *symbols.labels], [*X.T, y], strict=True))
    path = training_path(symbols, data, STEPS, start)
    program = Program([eta])
    codes = program.scalars([path.at(STEPS + 1, recorded_loss)])
    spec = {
        "program": program.source(f"[{','.join(codes)}]"),
        "columns": [c.values.tolist() for c in program.columns],
        "grids": [g.tolist() for g in program.grids],
    }
    pairs = [[W.tolist(), b.tolist()] for W, b in layers]
    settings = {"steps": STEPS, "rounds": ROUNDS, "eta": ETA}
    return {"spec": spec, "X": X.tolist(), "y": y.tolist(), "layers": pairs, **settings}


def beside_playground(source: Path) -> float:
    """Our time for a step as a share of theirs."""
    tools = Path(sys.executable).parent
    esbuild = Path(__file__).parent.parent / "node_modules" / ".bin" / "esbuild"
    engine = Path(__file__).parent.parent / "gdlib" / "live" / "js" / "program.js"
    with tempfile.TemporaryDirectory() as folder:
        translated = Path(folder, "nn.mjs")
        subprocess.run(
            [esbuild, source, f"--outfile={translated}", "--log-level=error"], check=True
        )
        script = Path(folder, "run.mjs")
        script.write_text(RUN % json.dumps(engine.as_uri()), encoding="utf-8")
        done = subprocess.run(
            [tools / "node", "--no-warnings", script],
            input=json.dumps(task()), capture_output=True, text=True, check=True,
        )  # fmt: skip
    found = json.loads(done.stdout)
    medians = {name: float(np.median(times)) for name, times in found["times"].items()}
    for name, each in medians.items():
        print(
            f"{name:12} {1000 * each:7.1f} µs a step, loss in the end {found['losses'][name]:.6f}"
        )
    if abs(found["losses"]["ours"] - found["losses"]["playground"]) > 1e-9:
        raise SystemExit("they do not compute the same")
    return medians["ours"] / medians["playground"]


def main() -> int:
    missed = False
    if source := os.environ.get("PLAYGROUND_NN"):
        ratio = beside_playground(Path(source))
        missed |= ratio > RATIO_AT_MOST
        print(f"ratio {ratio:.3f} (at most {RATIO_AT_MOST}){' MISSED' * (ratio > RATIO_AT_MOST)}")
    else:
        print("PLAYGROUND_NN names no nn.ts of TensorFlow's Playground: not compared")
    p = load_penguins()
    X = np.column_stack([p.bill_length_mm, p.bill_depth_mm])
    for hidden in ("tanh", "relu"):
        live = figures.training(network((2, 8, 8, 3), hidden=hidden), X, p.species)
        size = len(gzip.compress(live.build().children[0].spec["program"].encode(), mtime=0))
        missed |= size > BYTES_AT_MOST
        print(f"program of 2–8–8–3, {hidden}: {size} bytes gzipped (at most {BYTES_AT_MOST})")
    return int(missed)


if __name__ == "__main__":
    sys.exit(main())
