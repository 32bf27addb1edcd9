"""What marking needs besides the exercises' text, one module per chapter, named as in gdlib."""

from __future__ import annotations

from importlib import import_module

from marking.exercise import Exercise, Variant

MODULES = {
    "01_loss_functions": "loss_functions",
    "02_slope": "slope",
    "03_taylor_expansion": "taylor_expansion",
    "04_chain_rule": "chain_rule",
    "05_efficient_backprop": "efficient_backprop",
    "06_gradient_descent": "gradient_descent",
}


def exercises(chapter: str) -> list[Exercise]:
    """The exercises of a chapter, in its order."""
    module = import_module(f"marking.exercises.{MODULES[chapter]}")
    return [value for value in vars(module).values() if isinstance(value, Exercise)]


def in_the_book() -> dict[str, Variant]:
    """All exercises by label, with the numbers of the book."""
    return {e.label: e.in_the_book() for chapter in MODULES for e in exercises(chapter)}
