"""What the engine's JavaScript makes of something, run by Node without a browser."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import sympy as sp

from gdlib.live import Program

ENGINE = Path(__file__).parent.parent / "gdlib" / "live" / "js"

RUN = """
const numbers = { inf: Infinity, "-inf": -Infinity, nan: NaN };
const found = given.map(({ spec, places }) => {
  const run = compile(spec);
  return places.map((place) => run(place.map((v) => numbers[v] ?? Number(v))));
});
return found.map((rows) => rows.map((row) => row.map(String)));
"""


def run_node(
    module: str, names: str, body: str, given: Any = None, more: Mapping[str, str] | None = None
) -> Any:
    """What a function body returns that uses these names of a module, and what it is given.

    `more` are the names that it uses of further modules.
    """
    imports = (
        f"import {{ {names} }} from {json.dumps((ENGINE / module).as_uri())};"
        for module, names in {module: names, **(more or {})}.items()
    )
    source = (
        f"{''.join(imports)}"
        'let text = ""; for await (const part of process.stdin) text += part;'
        f"console.log(JSON.stringify(((given) => {{{body}}})(JSON.parse(text))));"
    )
    node = Path(sys.executable).with_name("node")
    run = [str(node), "--no-warnings", "--input-type=module", "-e", source]
    text = json.dumps(given)
    return json.loads(
        subprocess.run(run, input=text, capture_output=True, check=True, text=True).stdout
    )


def in_page(
    tasks: Sequence[tuple[Sequence[Any], Sequence[sp.Symbol], Sequence[Sequence[float]]]],
) -> list[np.ndarray]:
    """For each task's expressions and symbols: the values at each of its places, one a row."""
    given = []
    for expressions, symbols, places in tasks:
        program = Program(symbols)
        codes = program.scalars(expressions)
        spec = {
            "program": program.source(f"[{','.join(codes)}]"),
            "columns": [c.values.tolist() for c in program.columns],
            "grids": [g.tolist() for g in program.grids],
        }
        given.append({"spec": spec, "places": [[str(float(v)) for v in p] for p in places]})
    found = run_node("program.js", "compile", RUN, given)
    return [np.array([[float(v) for v in row] for row in rows]) for rows in found]


def page_values(expressions: Sequence[Any], at: Mapping[Any, float]) -> np.ndarray:
    """What the page makes of expressions at one place."""
    return in_page([(expressions, [*at], [[*at.values()]])])[0][0]
