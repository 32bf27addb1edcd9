"""Reads what a student wrote as a number or a formula, without running it."""

from __future__ import annotations

import ast
import operator
from collections.abc import Mapping
from typing import Any

import numpy as np

OPERATORS: dict[type, Any] = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
    ast.Div: operator.truediv,
    ast.Pow: operator.pow,
    ast.UAdd: operator.pos,
    ast.USub: operator.neg,
}
FUNCTIONS = {
    name: getattr(np, name.lower())
    for name in ("exp", "log", "sqrt", "sin", "cos", "tan", "tanh", "abs", "Abs")
}
LONGEST = 500


def evaluate(text: str, values: Mapping[str, np.ndarray]) -> np.ndarray:
    """A formula's value where its letters have these values.

    ValueError says what could not be read. Every number is a float array, so that no power, however
    high, costs memory or time.
    """
    if len(text) > LONGEST:
        raise ValueError(f"a formula of {len(text)} characters")
    try:
        tree = ast.parse(text.strip().replace("^", "**"), mode="eval").body
        with np.errstate(all="ignore"):
            return _value(tree, values)
    except (SyntaxError, MemoryError, RecursionError):
        raise ValueError(f"{text[:60]!r}: write it as in Python, such as 2*w + 1") from None


def _value(node: ast.expr, values: Mapping[str, np.ndarray]) -> Any:
    match node:
        case ast.Constant(value=bool() | str() | bytes() | complex() | None):
            pass
        case ast.Constant(value=int() | float() as number):
            return np.float64(number) if abs(number) < 1e300 else np.float64("inf")
        case ast.Name(id=name):
            if name not in values:
                raise ValueError(f"it has no letter {name[:20]!r}")
            return values[name]
        case ast.BinOp(left=left, op=op, right=right) if type(op) in OPERATORS:
            return OPERATORS[type(op)](_value(left, values), _value(right, values))
        case ast.UnaryOp(op=op, operand=operand) if type(op) in OPERATORS:
            return OPERATORS[type(op)](_value(operand, values))
        case ast.Call(func=ast.Name(id=name), args=[argument], keywords=[]) if name in FUNCTIONS:
            return FUNCTIONS[name](_value(argument, values))
    raise ValueError(f"{ast.unparse(node)[:60]!r} is neither a number nor a formula")
