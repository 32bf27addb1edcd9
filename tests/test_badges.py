"""Badges that can fail: every public formula has one, and a wrong constant turns it red."""

from __future__ import annotations

import ast
import inspect
import types
from collections.abc import Iterator
from typing import Any

import pytest

from gdlib import (
    activation_functions,
    chain_rule,
    efficient_backprop,
    gradient_descent,
    loss_functions,
    slope,
    taylor_expansion,
)
from gdlib.verify import Agreement, Disagreement
from tests.chapters import CHAPTERS, PAGES, code_cells, run, run_cell

LAST = next(path for path in CHAPTERS if path.name.startswith("06"))
MODULES = (
    activation_functions,
    chain_rule,
    efficient_backprop,
    gradient_descent,
    loss_functions,
    slope,
    taylor_expansion,
)
ALIASES = {module.__name__.removeprefix("gdlib.") for module in MODULES} | {"taylor"}
# Public, but not a formula that a badge could vouch for.
NO_FORMULA = {
    "graph": "an order of nodes",
    "paths": "walks through a graph",
    "minibatches": "a cut of row numbers",
    "check_gradient": "a comparison of two others",
    "numerical_gradient": "central differences, which are answered for",
    "log": "a rule of Var, as exp is, held to SymPy by the tests",
    "cos": "a rule of Var, as sin is, held to SymPy by the tests",
    "maximum": "a choice between two",
}


def formulas() -> Iterator[str]:
    """The public functions of the mathematics."""
    for module in MODULES:
        for name, value in vars(module).items():
            own = inspect.isfunction(value) and value.__module__ == module.__name__
            if own and not name.startswith("_"):
                yield name


@pytest.fixture(scope="module")
def answered() -> set[str]:
    """Every name that some code beside an `agree` uses, by page."""
    found: set[str] = set()
    for path in PAGES:
        cells = [cell for cell in code_cells(path) if "agree(" in cell]
        nodes = [node for cell in cells for node in ast.walk(ast.parse(cell))]
        of_modules = (node for node in nodes if isinstance(node, ast.Attribute))
        found |= {node.attr for node in of_modules if ast.unparse(node.value) in ALIASES}
        found |= {node.id for node in nodes if isinstance(node, ast.Name)}
        if any("ACTIVATIONS" in cell for cell in cells):
            found |= {
                f.__name__ for pair in activation_functions.ACTIVATIONS.values() for f in pair
            }
    return found


def test_every_public_formula_has_a_badge(answered: set[str]) -> None:
    missing = {name for name in formulas() if name not in answered}
    assert missing == set(NO_FORMULA)


def mutated(name: str, old: str, new: str) -> Any:
    """A function of gdlib.gradient_descent with one piece of its code replaced."""
    source = inspect.getsource(getattr(gradient_descent, name))
    head, code = source[: source.rindex('"""') + 3], source[source.rindex('"""') + 3 :]
    assert code.count(old) == 1, old
    module = types.ModuleType("mutated")
    vars(module).update(vars(gradient_descent))
    exec(compile(head + code.replace(old, new), f"{name}: {new}", "exec"), vars(module))
    return getattr(module, name)


def badge(rule: Any, name: str, monkeypatch: pytest.MonkeyPatch) -> Any:
    """What the last chapter's badge for a rule says about this function."""
    monkeypatch.setattr(gradient_descent, name, rule)
    namespace = dict(run(LAST)[0])
    cells = code_cells(LAST)
    last = next(i for i, c in enumerate(cells) if f"gradient_descent.{name}(" in c and "agree" in c)
    first = next(i for i, c in enumerate(cells) if "descend(lambda u: 2 * u, w, eta, 2)" in c)
    shown = None
    for cell in cells[first : last + 1]:
        if f"gradient_descent.{name}(" in cell or "agree(" not in cell:
            shown = run_cell(cell, namespace, name)
        else:  # the cell's definitions are needed; its badge is for another rule
            run_cell(cell.split("agree(")[0], namespace, name)
    return shown


@pytest.mark.parametrize("name", ["descend", "momentum", "nesterov", "adam"])
def test_the_rule_itself_earns_its_badge(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    assert isinstance(badge(getattr(gradient_descent, name), name, monkeypatch), Agreement)


@pytest.mark.parametrize(
    ("name", "old", "new"),
    [
        ("momentum", "beta * v", "v"),
        ("momentum", "- eta * v", "+ eta * v"),
        ("nesterov", "- eta * beta * v", "+ eta * beta * v"),
        ("adam", "beta1 * m", "beta2 * m"),
        ("adam", "(1 - beta1) * gradient", "gradient"),
        ("adam", "(1 - beta1) * gradient", "(1 - beta2) * gradient"),
        ("adam", "beta2 * v", "beta1 * v"),
        ("adam", "(1 - beta2) * gradient**2", "gradient**2"),
        ("adam", "gradient**2", "abs(gradient)"),
        ("adam", "m / (1 - beta1**t)", "m"),
        ("adam", "beta1**t", "beta1"),
        ("adam", "beta1**t", "beta2**t"),
        ("adam", "v / (1 - beta2**t)", "v"),
        ("adam", "beta2**t", "beta2"),
        ("adam", "t + 1", "t + 2"),
        ("adam", "m, v, t = 0.0, 0.0, 0", "m, v, t = 0.1, 0.0, 0"),
        ("adam", "m, v, t = 0.0, 0.0, 0", "m, v, t = 0.0, 0.1, 0"),
        ("adam", "np.sqrt(v_hat)", "v_hat"),
        ("adam", "np.sqrt(v_hat) + eps", "np.sqrt(v_hat)"),
        ("adam", "np.sqrt(v_hat) + eps", "np.sqrt(v_hat + eps)"),
        ("adam", "w - eta * m_hat", "w - m_hat"),
        ("adam", "w - eta * m_hat", "w + eta * m_hat"),
    ],
)
def test_a_wrong_constant_turns_the_badge_red(
    name: str, old: str, new: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    with pytest.raises(Disagreement):
        badge(mutated(name, old, new), name, monkeypatch)
