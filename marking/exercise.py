"""What marking knows about an exercise: which numbers vary, what is asked for, what is right.

An exercise is a function of its numbers. Its defaults are the numbers of the book; a student's are
drawn from a salt and the student's id, so nothing has to be stored. Two students may draw the same
numbers by chance.
"""

from __future__ import annotations

import hashlib
import hmac
import inspect
from collections.abc import Callable, Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np
from sympy import Expr


class Answer(NamedTuple):
    """A number or a formula: its name in the notebook, what it is (LaTeX), its value (SymPy).

    `mistakes` are wrong values that people come to, each with a sentence that does not give the
    right one away. Page and feedback say the first that fits.
    """

    name: str
    formula: str
    value: Expr
    mistakes: tuple[tuple[Expr, str], ...] = ()


class Function(NamedTuple):
    """A function to write: the reference, and the calls whose results are compared with its own.

    A call is a tuple of numbers, lists, arrays and `formula`s. The first one is shown to the
    student with its result; the others are hidden. `alone`: it is called where gdlib is not there.
    """

    reference: Callable[..., Any]
    calls: Sequence[tuple[Any, ...]]
    alone: bool = False

    @property
    def name(self) -> str:
        """The name that the student's function must have."""
        return self.reference.__name__

    @property
    def signature(self) -> str:
        """The first line of its definition."""
        return f"def {self.name}{inspect.signature(self.reference)}:"


class Variant(NamedTuple):
    """An exercise with its numbers put in.

    `says`: the pieces of the chapter's text that carry these numbers. `hand_in`: what the notebook
    adds to the text. `review`: the points that a person gives, None for all of them.
    """

    says: tuple[str, ...] = ()
    answers: tuple[Answer, ...] = ()
    functions: tuple[Function, ...] = ()
    hand_in: str = ""
    review: int | None = 0


class Exercise(NamedTuple):
    """An exercise's label in the chapter, its variants as a function, and the numbers to draw."""

    label: str
    make: Callable[..., Variant]
    choices: Mapping[str, Sequence[Any]]

    def in_the_book(self) -> Variant:
        """The exercise with the numbers of the chapter."""
        return self.make(np.random.default_rng(0))

    def for_student(self, student: str, salt: bytes) -> Variant:
        """A student's variant: the same for the same salt and id, on every machine."""
        drawn = {
            name: choices[_seed(salt, student, self.label, name) % len(choices)]
            for name, choices in self.choices.items()
        }
        return self.make(np.random.default_rng(_seed(salt, student, self.label)), **drawn)


def _seed(salt: bytes, *words: str) -> int:
    """A large integer that nobody can guess without the salt."""
    return int.from_bytes(hmac.digest(salt, "\0".join(words).encode(), hashlib.sha256))


def exercise(label: str, **choices: Sequence[Any]) -> Callable[[Callable[..., Variant]], Exercise]:
    """Make an `Exercise` from a function of a generator and numbers, each with its choices."""

    def decorate(make: Callable[..., Variant]) -> Exercise:
        return Exercise(label, make, choices)

    return decorate


def formula(source: str) -> dict[str, str]:
    """A function as an argument, such as `formula("w: np.exp(w)")`."""
    return {"lambda": source}


HALF = "A factor of 2 is missing: what does a square's derivative begin with?"
SIGN = "The sign is the other way round."
SUM = "That is the sum over the samples, and the mean is asked for."


def normal(rng: np.random.Generator, *shape: int) -> np.ndarray:
    """Random inputs with two decimals: a student may want to copy them."""
    return rng.normal(size=shape).round(2)


def factor(number: Any) -> str:
    """A number as the factor before a letter: empty for 1."""
    return "" if str(number) == "1" else str(number)
