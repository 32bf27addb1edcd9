"""States that are made of matrices: a training that goes on, or what one pass leaves behind.

Both are paths, as every state is: along the steps, or along the rows of what was computed.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Protocol

import numpy as np
import sympy as sp

from gdlib.live import generator
from gdlib.live.errors import LiveError
from gdlib.live.expressions import Iterated, symbols_in

Statement = tuple[Any, Any]
"""A matrix, and the expression that it becomes."""

NameOf = Callable[[np.ndarray], str]
"""What lists an array among a program's own, and returns its name there."""


class Source(Protocol):
    """A matrix that need not be sent to the page, as its numbers are made there."""

    shape: tuple[int, int]
    free_symbols: set[sp.Basic]

    def values(self, sliders: Mapping[Any, Any]) -> np.ndarray:
        """Return its numbers, for these values of the sliders."""

    def code(self, name_of: NameOf, names: Mapping[Any, Any]) -> str:
        """Return the JavaScript that makes it."""


@dataclass(frozen=True, eq=False)
class Given:
    """An array as it is."""

    array: np.ndarray
    free_symbols = frozenset[sp.Basic]()

    @property
    def shape(self) -> tuple[int, int]:
        rows, columns = self.array.shape
        return rows, columns

    def values(self, sliders: Mapping[Any, Any]) -> np.ndarray:
        return self.array

    def code(self, name_of: NameOf, names: Mapping[Any, Any]) -> str:
        return name_of(self.array.ravel())


@dataclass(frozen=True, eq=False)
class Mesh:
    """The places of an image's pixels, one in each row, x running fastest: two columns."""

    x: np.ndarray
    y: np.ndarray
    free_symbols = frozenset[sp.Basic]()

    @property
    def shape(self) -> tuple[int, int]:
        return self.x.size * self.y.size, 2

    def values(self, sliders: Mapping[Any, Any]) -> np.ndarray:
        x, y = np.meshgrid(self.x, self.y)
        return np.stack([x.ravel(), y.ravel()], axis=1)

    def code(self, name_of: NameOf, names: Mapping[Any, Any]) -> str:
        return f"mesh({name_of(self.x)},{name_of(self.y)})"


@dataclass(frozen=True, eq=False)
class Normals:
    """Numbers of mean 0 and variance 1 from `generator`, by a seed that may be on a slider."""

    seed: Any
    stream: int
    shape: tuple[int, int]

    @property
    def free_symbols(self) -> set[sp.Basic]:
        return set(sp.sympify(self.seed).free_symbols)

    def __post_init__(self) -> None:
        if not isinstance(self.seed, (int, sp.Symbol)):
            raise LiveError(f"seed is {self.seed}; expected a whole number, or a slider's symbol")

    def values(self, sliders: Mapping[Any, Any]) -> np.ndarray:
        seed = sliders[self.seed] if isinstance(self.seed, sp.Symbol) else self.seed
        return generator.normals(int(seed), self.stream, self.shape)

    def code(self, name_of: NameOf, names: Mapping[Any, Any]) -> str:
        rows, columns = self.shape
        return f"normals({names.get(self.seed, self.seed)},{self.stream},{rows * columns})"


@dataclass(frozen=True)
class Batches:
    """Batches of so many rows, shuffled by the seed in every epoch; `rows` counts those of one."""

    rows: sp.Symbol
    size: int
    seed: int = 0


@dataclass(frozen=True)
class Entrywise:
    """A scalar expression, applied to each entry of matrices of one shape: an update rule.

    `entries` says which matrix each of its symbols is an entry of; other symbols are the same for
    all entries.
    """

    expression: sp.Expr
    entries: Mapping[sp.Symbol, Any]

    @property
    def shape(self) -> tuple[Any, Any]:
        # A matrix of one entry is the same for all.
        return max((M.shape for M in self.entries.values()), key=lambda shape: shape != (1, 1))

    @property
    def free_symbols(self) -> set[sp.Basic]:
        found = set(symbols_in(self.expression)) - set(self.entries)
        for M in self.entries.values():
            found |= {s for s in M.free_symbols if isinstance(s, sp.Symbol)}
        return found


class _Matrices(Iterated):
    """What the states of matrices share: statements, what they know, and what that depends on."""

    statements: list[Statement]
    known: dict[Any, Source]
    given: dict[Any, list[Any]]

    def _know(
        self,
        statements: Iterable[Statement],
        known: Mapping[Any, Any],
        given: Mapping[Any, Sequence[Any]],
    ) -> None:
        self.statements = list(statements)
        self.known = {M: _source(M, array) for M, array in known.items()}
        self.given = {M: list(map(sp.sympify, entries)) for M, entries in given.items()}
        self.start = tuple(e for entries in self.given.values() for e in entries)

    @cached_property
    def free_symbols(self) -> set[sp.Basic]:
        found = set[sp.Basic]().union(*map(symbols_in, self.start))
        for source in self.known.values():
            found |= source.free_symbols
        for _, e in self.statements:
            found |= {s for s in e.free_symbols if isinstance(s, sp.Symbol)}
        return found


class MatrixIterated(_Matrices):
    """A state of matrices that is updated by statements; each entry is a component by its symbol.

    `state` has a matrix of scalar symbols for each matrix of the state. It starts from the one of
    the `known` or `given` matrices (these with an expression each entry) that `start` names, or
    from an expression of them, with as many entries. `statements` compute in order what follows
    from the state and from the known matrices; a matrix of the state becomes the one that `after`
    names, all together at the end of a step. With `batches`, the known matrices with as many rows
    as a batch get the rows of its own at each step.
    """

    def __init__(
        self,
        state: Mapping[Any, Any],
        statements: Sequence[Statement],
        after: Mapping[Any, Any],
        start: Mapping[Any, Any],
        known: Mapping[Any, Any],
        given: Mapping[Any, Sequence[Any]],
        steps: int,
        batches: Batches | None = None,
    ) -> None:
        super().__init__({s: s for M in state for s in state[M]}, steps)
        self.matrices, self.after, self.batches = dict(state), dict(after), batches
        self.begin = dict(start)
        self._know(statements, known, given)

    @cached_property
    def free_symbols(self) -> set[sp.Basic]:
        own = {self.batches.rows} if self.batches else set[sp.Basic]()
        return super().free_symbols - own

    def in_batches(self, M: Any) -> bool:
        """Whether a known matrix comes batch by batch."""
        return self.batches is not None and M.shape[0] == self.batches.rows


class MatrixRows(_Matrices):
    """What statements make of `known` matrices, and of `given` ones with an expression each entry.

    All `results` have as many rows, along which the path runs: an entry's row is its step.
    """

    def __init__(
        self,
        results: Sequence[Any],
        statements: Sequence[Statement],
        known: Mapping[Any, Any],
        given: Mapping[Any, Sequence[Any]],
    ) -> None:
        rows = {int(M.shape[0]) for M in results}
        if len(rows) != 1:
            raise LiveError(f"the results have {sorted(rows)} rows; expected as many in each")
        self.results = list(results)
        self._columns = {
            (M, j): sp.Dummy(f"{M.name}_{j}", real=True)
            for M in results for j in range(int(M.shape[1]))
        }  # fmt: skip
        self._follow({s: s for s in self._columns.values()}, rows.pop() - 1)
        self._know(statements, known, given)

    def entry(self, M: Any, column: int, row: Any = 0) -> sp.Expr:
        """An entry of a result, in a row that may be an expression."""
        return self.at(row, self._columns[M, column])

    def row(self, M: Any, row: Any = 0) -> list[sp.Expr]:
        """All entries of a result in a row."""
        return [self.entry(M, j, row) for j in range(int(M.shape[1]))]


def _source(M: Any, given: Any) -> Any:
    """What a known matrix is made from. `LiveError` if its shape is another, or a number is NaN."""
    if isinstance(given, (Given, Mesh, Normals)):
        return given
    array = np.array(given, dtype=float)
    if array.ndim != 2 or any(
        isinstance(wanted, sp.Integer) and wanted != found
        for wanted, found in zip(M.shape, array.shape, strict=False)
    ):
        raise LiveError(f"{M} has shape {array.shape}; expected {M.shape}")
    if not np.isfinite(array).all():
        raise LiveError(f"{M} contains NaN or infinity")
    return Given(array)
