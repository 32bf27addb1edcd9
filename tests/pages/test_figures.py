"""The figures of chapter 6 and the appendices in a browser: alive, and with Python's numbers."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import sympy as sp
from playwright.sync_api import Browser

from gdlib import symbolic
from gdlib.figures import (
    activation_functions,
    gradient_descent,
    initialisation,
    overfitting,
    quadratic_bowl,
    universal_approximation,
)
from gdlib.live import Live
from gdlib.symbolic import a, b, mse, w, x, y
from tests.live_page import evaluated, html

BOX = {w: (-2.0, 2.0), b: (-2.0, 2.0)}
START = {w: 1.5, b: 0.5}
ROWS = {x: np.linspace(-1, 1, 20), y: np.sin(np.arange(20.0))}
FEW = [np.random.default_rng(k).normal(size=(5, 2)) for k in range(3)]
BOWL = w**2 / 2 + 5 * b**2
FIGURES: dict[str, Callable[[], Live]] = {
    "optimizers": lambda: gradient_descent.optimizers(BOWL, over=BOX, start=START),
    "batches": lambda: gradient_descent.batches(
        mse(y, w * x + b), ROWS, over=BOX, start=START, sizes=(1, 8), size=8
    ),
    "sweep": lambda: gradient_descent.sweep(BOWL, over=BOX, start=START),
    "surface": lambda: gradient_descent.surface(w**2 - b**2 + b**4 / 4, over=BOX, start=START),
    "activations": lambda: activation_functions.activations(
        {name: g(a) for name, g in symbolic.ACTIVATIONS.items()}, start="softplus"
    ),
    "bump": lambda: universal_approximation.bump(symbolic.sigmoid(a)),
    "sum_of_bumps": lambda: universal_approximation.sum_of_bumps(sp.sin(6 * x)),
    "tower": lambda: universal_approximation.tower(symbolic.sigmoid(a), pixels=20),
    "axes": quadratic_bowl.axes,
    "depth": lambda: initialisation.depth(layers=6, width=8, rows=5, gain=1.3),
    "fit": lambda: overfitting.fit(*FEW, hidden=4, steps=30),
    "trained": lambda: universal_approximation.trained(sp.sin(3 * x), hidden=4, steps=20),
}


@pytest.mark.parametrize("name", FIGURES)
def test_the_browser_computes_what_python_does(browser: Browser, tmp_path: Path, name: str) -> None:
    live = FIGURES[name]()
    path = tmp_path / "page.html"
    path.write_text(html(live), encoding="utf-8")
    page = browser.new_page(viewport={"width": 375, "height": 700})
    errors: list[str] = []
    page.on("pageerror", lambda error: errors.append(str(error)))
    page.goto(path.as_uri())
    page.wait_for_function("document.querySelector('.live')?.live")
    start = page.evaluate("document.querySelector('.live').live.values()")
    (found,) = evaluated(page.query_selector(".live"), [start])
    for ours, theirs in zip(live.evaluate(), found, strict=True):
        for key, values in theirs.items():
            expected = np.ravel(np.asarray(ours[key], float))
            assert values == pytest.approx(expected, rel=1e-8, abs=1e-9, nan_ok=True)
    assert page.evaluate("document.documentElement.scrollWidth") <= 375
    assert errors == []
    page.close()
