"""The JavaScript face of a live figure: SymPy expressions, printed as one program.

The program shares common subexpressions (`sympy.cse`), and moves what does not depend on
a loop's variable out of that loop. It is the body of a function of `p` (the sliders' values),
`D` (data columns), `G` (grids) and `M` (an object that remembers iterated paths). One file, as a
loop, its means and what they share are written in one go.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import sympy as sp
from sympy.logic.boolalg import Boolean

from gdlib.live.expressions import (
    Column,
    Iterated,
    Mean,
    StateAt,
    nodes,
    outermost,
    put,
    put_all,
    symbols_in,
)
from gdlib.live.functions import Constant, Minimum, Opaque, Unknown, inlined, opened
from gdlib.live.matrices import MatrixProgram
from gdlib.live.matrix_states import MatrixIterated, MatrixRows
from gdlib.live.printing import to_javascript


@dataclass(frozen=True)
class Loop:
    """Symbols that run together over arrays of one length; a tuple of loops is nested."""

    symbols: tuple[sp.Symbol, ...]
    values: tuple[np.ndarray, ...] = field(compare=False)

    @property
    def size(self) -> int:
        return self.values[0].size


class Program:
    """Collects outputs, and prints the program that computes them all."""

    def __init__(self, sliders: Sequence[sp.Symbol], typed: Sequence[Any] = ()) -> None:
        self.sliders = list(sliders)
        self.typed = list(typed)
        """The functions that a reader types: they are called, not written out."""
        self.called: list[Any] = []
        self.columns: list[Column] = []
        self.grids: list[np.ndarray] = []
        self.body: list[str] = []
        self.outputs: list[str] = []
        self._states: dict[Iterated, str] = {}
        self._numbers: dict[Any, sp.Symbol] = {}
        self._arrays: dict[Any, str] = {}
        self._counter = 0
        self._slider_names: dict[sp.Basic, sp.Symbol] = {}
        for i, slider in enumerate(self.sliders):
            self._slider_names[slider] = sp.Symbol(f"p{i}", real=True)

    # -- names ---------------------------------------------------------------------------
    def _name(self, letter: str = "t") -> str:
        self._counter += 1
        return f"{letter}{self._counter}"

    def _symbols(self) -> Iterable[sp.Symbol]:
        while True:
            yield sp.Symbol(self._name())

    def _column(self, column: Column) -> int:
        if column not in self.columns:
            self.columns.append(column)
        return self.columns.index(column)

    def _grid(self, values: np.ndarray) -> int:
        for i, grid in enumerate(self.grids):
            if np.array_equal(grid, values):
                return i
        self.grids.append(values)
        return len(self.grids) - 1

    # -- outputs -------------------------------------------------------------------------
    def scalars(self, expressions: Sequence[sp.Expr]) -> list[str]:
        """Return the code of single values, after writing what they share."""
        return self._emit(expressions, [self.body], self._slider_names)

    def path(self, properties: Sequence[Sequence[sp.Expr]], iterated: Iterated) -> list[str]:
        """Return the names of the arrays that follow the properties along an iteration."""
        k = sp.Symbol(self._name("k"), integer=True)
        names = self._slider_names | {iterated.step: k}
        header = f"for(let {k}=0;{k}<={iterated.steps};{k}++){{"
        return self._fill(properties, [(header, {k}, str(k))], [iterated.steps + 1], names)

    def sequence(self, properties: Sequence[Sequence[sp.Expr]], loops: Sequence[Loop]) -> list[str]:
        """Return the names of the arrays that hold the properties over nested loops.

        The first loop runs fastest, as the horizontal axis of an image does.
        """
        names, headers, sizes = dict(self._slider_names), [], []
        for loop in reversed(loops):
            i = self._name("i")
            header = f"for(let {i}=0;{i}<{loop.size};{i}++){{"
            variables = set()
            for symbol, values in zip(loop.symbols, loop.values, strict=True):
                variable = sp.Symbol(self._name("x"), real=True)
                names[symbol] = variable
                variables.add(variable)
                header += f"const {variable}=G[{self._grid(values)}][{i}];"
            headers.append((header, variables, i))
            sizes.append(loop.size)
        return self._fill(properties, headers, sizes, names)

    def _fill(
        self,
        properties: Sequence[Sequence[sp.Expr]],
        headers: Sequence[tuple[str, set[sp.Symbol], str]],
        sizes: Sequence[int],
        names: Mapping[sp.Basic, sp.Symbol],
    ) -> list[str]:
        arrays, total = [], int(np.prod(sizes))
        for expressions in properties:
            arrays.append(self._name("o"))
            self.body.append(f"const {arrays[-1]}=new Float64Array({total * len(expressions)});")
        levels: list[list[str]] = [self.body] + [[] for _ in headers]
        flat = [e for expressions in properties for e in expressions]
        values = iter(self._emit(flat, levels, names, [h[1] for h in headers]))
        counter = self._name("n")
        for array, expressions in zip(arrays, properties, strict=True):
            for j, _ in enumerate(expressions):
                offset = counter if len(expressions) == 1 else f"{counter}*{len(expressions)}+{j}"
                levels[-1].append(f"{array}[{offset}]={next(values)};")
        levels[-1].append(f"{counter}++;")
        self.body.append(f"let {counter}=0;")
        for depth in range(len(headers), 0, -1):
            levels[depth - 1] += [headers[depth - 1][0], *levels[depth], "}"]
        return arrays

    # -- code ----------------------------------------------------------------------------
    def _emit(
        self,
        expressions: Sequence[sp.Expr],
        levels: list[list[str]],
        names: Mapping[sp.Basic, sp.Symbol],
        variables: Sequence[set[sp.Symbol]] = (),
    ) -> list[str]:
        """Write what computes the expressions, each line in the outermost loop it can be in.

        `levels[0]` is outside all loops, `levels[i]` inside loop i, whose variables are
        `variables[i - 1]`. Returns the expressions as code for the innermost level.
        """
        exact = [self._plain(sp.sympify(e)) for e in expressions]
        for expression in exact:
            self._ensure_all(expression)
        nest = _Nest(self, levels, variables)
        # Means first: all those over the same rows, at the same depth, share one loop.
        groups: dict[tuple[int, int], list[Mean]] = {}
        for node in outermost(exact, Mean):
            # Its own rows are no reason to compute a mean inside another loop over them.
            outside = {s: name for s, name in names.items() if s not in node.columns}
            level = nest.depth(put(node.args[0], outside))
            groups.setdefault((level, node.columns[0].values.size), []).append(node)
        means: dict[sp.Basic, sp.Symbol] = {}
        for (level, rows), group in groups.items():
            totals = self._sum_rows(group, rows, levels[: level + 1], names, variables[:level])
            means |= zip(group, totals, strict=True)
            nest.deepen(totals, level)
        plain = put_all(exact, {**names, **means})
        shared, results = sp.cse(plain, symbols=self._symbols(), order="none", list=True)
        for symbol, value in shared:
            nest.place(value, symbol)
        return [self._print(nest.hoist(e, len(levels) - 1)) for e in results]

    def _plain(self, expression: sp.Basic) -> sp.Basic:
        """The expression with what its functions stand for, but for those that are typed."""
        if not self.typed:
            return inlined(expression)
        plain = opened(expression, self.typed)
        waiting = (node for node in nodes([plain]) if isinstance(node, (Unknown, Constant)))
        found = put(plain, {node: self._found(node) for node in waiting})
        calls = dict.fromkeys(type(node) for node in nodes([found]) if isinstance(node, Opaque))
        self.called += [function for function in calls if function not in self.called]
        return found

    def _found(self, node: Any) -> sp.Expr:
        """Write what finds a number of a typed loss, once; return its name."""
        if isinstance(node, Minimum):
            return sp.Symbol(f"X.{node.what}", real=True)
        if isinstance(node, Constant) and node.typed.is_Atom:
            # SymPy compares nothing with NaN; JavaScript has it as a name.
            return sp.Symbol("NaN", real=True) if node.typed is sp.nan else node.typed
        if node not in self._numbers:
            if isinstance(node, Constant):
                (code,) = self._emit([node.typed], [self.body], {})
            else:
                (values,) = self.once([node.found], as_loops(node.over))
                code = f"quantile({values},{node.share})"
            name = self._numbers[node] = sp.Symbol(self._name("m"), real=True)
            kept = f"remember(M,{json.dumps(str(name))},[],()=>{code})"
            self.body.append(f"const {name}={kept};")
        return self._numbers[node]

    def once(self, properties: Sequence[sp.Expr], loops: Sequence[Loop]) -> list[str]:
        """Return the names of arrays over loops that are computed once, whatever the sliders say.

        The same array is computed once, whoever asks for it.
        """
        return [self._once(sp.sympify(e), tuple(loops)) for e in properties]

    def _once(self, expression: sp.Expr, loops: tuple[Loop, ...]) -> str:
        grids = tuple(self._grid(v) for loop in loops for v in loop.values)
        key = (expression, tuple(loop.symbols for loop in loops), grids)
        if key not in self._arrays:
            outside, self.body = self.body, []
            (values,) = self.sequence([[expression]], loops)
            inside, self.body = self.body, outside
            name = self._arrays[key] = self._name("a")
            head = f"const {name}=remember(M,{json.dumps(name)},[],()=>{{"
            self.body += [head, *inside, f"return {values};", "});"]
        return self._arrays[key]

    def _sum_rows(
        self,
        nodes: Sequence[Mean],
        rows: int,
        outer: list[list[str]],
        names: Mapping[sp.Basic, sp.Symbol],
        variables: Sequence[set[sp.Symbol]],
    ) -> list[sp.Symbol]:
        r = self._name("r")
        columns = list(dict.fromkeys(c for node in nodes for c in node.columns))
        local = {c: sp.Symbol(self._name("d"), real=True) for c in columns}
        inside: list[str] = []
        values = self._emit(
            [node.args[0] for node in nodes],
            [*outer, inside],
            {**names, **local},
            [*variables, set(local.values())],
        )
        totals = [sp.Symbol(self._name("m"), real=True) for _ in nodes]
        lines = outer[-1]
        lines.append("let " + ",".join(f"{t}=0" for t in totals) + ";")
        reads = "".join(f"const {v}=D[{self._column(c)}][{r}];" for c, v in local.items())
        lines.append(f"for(let {r}=0;{r}<{rows};{r}++){{{reads}")
        lines += inside
        lines += [f"{t}+={v};" for t, v in zip(totals, values, strict=True)]
        lines.append("}")
        lines.append("".join(f"{t}/={rows};" for t in totals))
        return totals

    def _ensure(self, iterated: Iterated) -> None:
        """Write the loop of an iteration once; its path is kept while its inputs are unchanged."""
        if iterated in self._states:
            return
        if isinstance(iterated, (MatrixIterated, MatrixRows)):
            for expression in iterated.start:
                self._ensure_all(expression)
            if isinstance(iterated, MatrixIterated):
                once, run = self._run(iterated)
            else:
                once, run = self._rows(iterated)
            self._states[iterated] = self._kept(iterated, once, run)
            return
        for expression in (*iterated.update, *iterated.start):
            self._ensure_all(expression)
        self._states[iterated] = self._remembered(iterated, self._loop(iterated))

    def _loop(self, iterated: Iterated) -> list[str]:
        """The code of a path of scalars."""
        before: list[str] = []
        inside: list[str] = []
        start = self._emit(iterated.start, [before], self._slider_names)
        state = [sp.Symbol(self._name("q"), real=True) for _ in iterated.state]
        names = {**self._slider_names, **dict(zip(iterated.state, state, strict=True))}
        after = self._emit(iterated.update, [before, inside], names, [set(state)])
        store = "".join(f"P[{i}][k]={q};" for i, q in enumerate(state))
        fresh = [self._name("v") for _ in state]
        return [
            f"const P=Array.from({{length:{len(state)}}},",
            f"()=>new Float64Array({iterated.steps + 1}));",
            *before,
            "let " + ",".join(f"{q}={s}" for q, s in zip(state, start, strict=True)) + ";",
            f"for(let k=0;;k++){{{store}if(k==={iterated.steps})return P;",
            *inside,
            "const " + ",".join(f"{f}={a}" for f, a in zip(fresh, after, strict=True)) + ";",
            "".join(f"{q}={f};" for q, f in zip(state, fresh, strict=True)),
            "}",
        ]

    def _remembered(self, iterated: Iterated, lines: Sequence[str]) -> str:
        """Write a path that is computed again when its inputs have changed; return its name."""
        path = self._name("s")
        inputs = [self._slider_names[s] for s in self.sliders if s in iterated.free_symbols]
        head = f"const {path}=remember(M,{json.dumps(path)},[{','.join(map(str, inputs))}],()=>{{"
        self.body += [head, *lines, "});"]
        return path

    def _kept(self, iterated: Iterated, once: Sequence[str], run: Sequence[str]) -> str:
        """The same for a path of matrices, whose buffers and functions are made once."""
        function, names = self._name("f"), [*self._slider_names.values(), *self._states.values()]
        arguments = ",".join(map(str, names))
        # A function of its own for the run, and one for a step, is soon made fast by the browser.
        self.body += [
            f"const {function}=M.{function}??=(()=>{{",
            *once,
            f"return({arguments})=>{{",
            *run,
            "}})();",
        ]
        return self._remembered(iterated, [f"return {function}({arguments});"])

    def _matrices(
        self, iterated: MatrixIterated | MatrixRows, most: Mapping[sp.Symbol, int] | None = None
    ) -> MatrixProgram:
        """A program with the names of what it knows."""
        scalars = {**self._slider_names, **{count: sp.Symbol("N") for count in most or {}}}
        program = MatrixProgram({s: str(name) for s, name in scalars.items()}, most)
        for number, (M, source) in enumerate(iterated.known.items()):
            code = source.code(lambda values: f"G[{self._grid(values)}]", self._slider_names)
            program.names[M] = f"K{number}"
            if source.free_symbols:
                program.buffers.append(f"let K{number};")
                program.lines.append(f"K{number}={code};")
            else:
                program.buffers.append(f"const K{number}={code};")
        return program

    def _run(self, iterated: MatrixIterated) -> tuple[list[str], list[str]]:
        """The code of a path of matrices: what is made once, and a run."""
        batches = iterated.batches
        together = [M for M in iterated.known if iterated.in_batches(M)]
        rows = iterated.known[together[0]].shape[0] if batches else 0
        program = self._matrices(
            iterated, {batches.rows: min(batches.size, rows)} if batches else {}
        )
        program.lines += self._given(program, iterated)
        begin: list[str] = []
        if batches:
            program.lines.append(f"const B=batches({rows},{batches.size},{batches.seed});")
            begin.append("const R=B(k),N=R.length;")
            for M in together:
                everything = program.names.pop(M)
                begin.append(f"take({program.matrix(M)},{everything},R,{M.shape[1]});")
        store, renew, at = list[str](), list[str](), 0
        for M, symbols in iterated.matrices.items():
            name, source = program.matrix(M), iterated.begin[M]
            if not isinstance(source, sp.MatrixSymbol):
                source = sp.MatrixSymbol(f"{M.name}_start", *source.shape)
                program.add(source, iterated.begin[M])
            program.lines.append(f"{name}.set({program.names[source]});")
            store.append(f"for(let q=0;q<{len(symbols)};q++)P[{at}+q][k]={name}[q];")
            at += len(symbols)
        first, program.lines = program.lines, []
        for target, e in iterated.statements:
            program.add(target, e)
        for M, after in iterated.after.items():
            source = program.names[after]
            if after in iterated.matrices and after != M:  # it is about to be renewed itself
                program.buffers.append(f"const {source}_={source}.slice();")
                program.lines.append(f"{source}_.set({source});")
                source = f"{source}_"
            renew.append(f"{program.names[M]}.set({source});")
        scalars = ",".join(map(str, self._slider_names.values()))
        batch = "R,N" if batches else ""
        arguments = ",".join(filter(None, (scalars, batch)))
        once = [
            f"const P=Array.from({{length:{at}}},()=>new Float64Array({iterated.steps + 1}));",
            *program.buffers,
            f"const step=({arguments})=>{{",
            *program.lines,
            *renew,
            "};",
        ]
        run = [
            *first,
            f"for(let k=0;;k++){{{''.join(store)}if(k==={iterated.steps})return P;",
            *begin,
            f"step({arguments})}}",
        ]
        return once, run

    def _rows(self, iterated: MatrixRows) -> tuple[list[str], list[str]]:
        """The code of what one pass leaves behind: a path along its rows for each column."""
        program = self._matrices(iterated)
        program.lines += self._given(program, iterated)
        for target, e in iterated.statements:
            program.add(target, e)
        rows, store, at = iterated.steps + 1, list[str](), 0
        for M in iterated.results:
            places = range(int(M.shape[1]))
            entries = "".join(f"P[{at + j}][i]={program.names[M]}[k+{j}];" for j in places)
            store.append(f"for(let i=0,k=0;i<{rows};i++,k+={len(places)}){{{entries}}}")
            at += len(places)
        paths = f"const P=Array.from({{length:{at}}},()=>new Float64Array({rows}));"
        return [paths, *program.buffers], [*program.lines, *store, "return P;"]

    def _given(self, program: MatrixProgram, iterated: MatrixIterated | MatrixRows) -> list[str]:
        """The code that fills the matrices with an expression each entry."""
        lines, plain = list[str](), list[tuple[str, sp.Expr]]()
        for M, entries in iterated.given.items():
            name = program.matrix(M)
            if taken := _from_path(entries):
                component, step = taken
                (place,) = self._emit([step], [lines], self._slider_names)
                path, at = self._states[component.iterated], component.position
                lines.append(
                    f"for(let q=0;q<{len(entries)};q++){name}[q]=at({path}[{at}+q],{place});"
                )
            else:
                plain += [(f"{name}[{q}]", e) for q, e in enumerate(entries) if e != 0]
        values = self._emit([e for _, e in plain], [lines], self._slider_names)
        return lines + [f"{place}={v};" for (place, _), v in zip(plain, values, strict=True)]

    def _ensure_all(self, expression: sp.Basic) -> None:
        for node in outermost([expression], StateAt):
            self._ensure(node.component.iterated)
            self._ensure_all(node.args[1])

    def _print(self, expression: sp.Basic) -> str:
        return to_javascript(expression, self._states, self.called)

    def source(self, result: str) -> str:
        """Return the whole function body, which returns `result`."""
        unpack = "".join(f"const {name}=p[{i}];" for i, name in enumerate(self._names_in_order()))
        return "\n".join([unpack, *self.body, f"return {result};"])

    def packed(self, result: str) -> dict[str, Any]:
        """Return the program as JSON, with the numbers that it reads."""
        return {
            "columns": [pack(c.values) for c in self.columns],
            "grids": [pack(g) for g in self.grids],
            "program": self.source(result),
        }

    def _names_in_order(self) -> list[sp.Symbol]:
        return [self._slider_names[s] for s in self.sliders]


def as_loops(over: Mapping[Any, Any]) -> list[Loop]:
    """Arrays by symbol as loops; those by several symbols run side by side."""
    return [
        Loop(key, tuple(given)) if isinstance(key, tuple) else Loop((key,), (given,))
        for key, given in over.items()
    ]


def _from_path(entries: Sequence[sp.Expr]) -> tuple[Any, sp.Expr] | None:
    """The first component and the step of entries that are neighbours in a path, else None."""
    if not all(isinstance(e, StateAt) for e in entries):
        return None
    first, step = entries[0].component, entries[0].args[1]
    neighbours = (
        e.component.iterated is first.iterated
        and e.component.position == first.position + q
        and e.args[1] == step
        for q, e in enumerate(entries)
    )
    return (first, step) if all(neighbours) else None


class _Nest:
    """Loops inside loops that are being written, and how deep in them a value has to stand."""

    def __init__(
        self, program: Program, levels: list[list[str]], variables: Sequence[set[sp.Symbol]]
    ) -> None:
        self.program, self.levels = program, levels
        self._depths = {v: i for i, level in enumerate(variables, start=1) for v in level}
        self._placed: dict[sp.Basic, sp.Symbol] = {}

    def depth(self, expression: sp.Basic) -> int:
        return max((self._depths.get(s, 0) for s in symbols_in(expression)), default=0)

    def deepen(self, symbols: Iterable[sp.Symbol], level: int) -> None:
        """Remember that these symbols are known inside a loop only."""
        if level:
            self._depths |= dict.fromkeys(symbols, level)

    def place(self, value: sp.Basic, symbol: sp.Symbol) -> sp.Symbol:
        """Give a value a name, as far outside as it can be computed."""
        level = self.depth(value)
        value = self.hoist(value, level)
        self._placed[value] = symbol
        self.deepen([symbol], level)
        self.levels[level].append(f"const {symbol}={self.program._print(value)};")
        return symbol

    def hoist(self, value: sp.Basic, level: int) -> sp.Basic:
        """Name the largest parts of a value that can be computed outside its loop."""
        if value.is_Atom or not level:
            return value
        if self.depth(value) < level and isinstance(value, (sp.Expr, Boolean)):
            name = self._placed.get(value)
            return name or self.place(value, sp.Symbol(self.program._name()))
        arguments = list(value.args)
        if isinstance(value, (sp.Add, sp.Mul)):
            outside = [a for a in arguments if self.depth(a) < level]
            inside = [a for a in arguments if self.depth(a) == level]
            if not all(a.is_number for a in outside):
                arguments = [value.func(*outside), *inside]
        return value.func(*(self.hoist(a, level) for a in arguments))


def pack(array: np.ndarray) -> Any:
    """Return an array as JSON: its ends and length where it is evenly spaced, else the numbers."""
    values = np.asarray(array, dtype=float)
    n = values.size
    if n > 2 and np.array_equal(np.linspace(values[0], values[-1], n), values):
        return {"from": values[0].item(), "to": values[-1].item(), "n": n}
    return values.tolist()
