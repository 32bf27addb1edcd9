"""The figures' colours: seen against the page, light and dark, and told apart without red or green.

Contrast is as in the Web Content Accessibility Guidelines; colour blindness is simulated by the
matrices of Machado, Oliveira and Fernandes (2009) at full severity, distance measured in CIELAB.
"""

from __future__ import annotations

import re
from itertools import combinations

import matplotlib.colors as colors
import numpy as np
import pytest

from gdlib.live import DARK, PALETTE
from tests.chapters import ROOT

BOOK = ROOT / "_build" / "html"
THEMES = {"light": PALETTE, "dark": DARK}
TEXT, LINE = 4.5, 3.0
APART = 20.0  # in CIELAB; an eye can just tell 2.3 apart in patches side by side
IDEAS = ("blue", "orange", "green", "purple", "grey")  # pale is for what need not be seen
BLIND = {
    "protanopia": [[0.152286, 1.052583, -0.204868], [0.114503, 0.786281, 0.099216],
                   [-0.003882, -0.048116, 1.051998]],
    "deuteranopia": [[0.367322, 0.860646, -0.227968], [0.280085, 0.672501, 0.047413],
                     [-0.011820, 0.042940, 0.968881]],
    "none": np.eye(3).tolist(),
}  # fmt: skip
SRGB_TO_XYZ = [
    [0.4124564, 0.3575761, 0.1804375],
    [0.2126729, 0.7151522, 0.0721750],
    [0.0193339, 0.1191920, 0.9503041],
]


def linear(colour: str) -> np.ndarray:
    rgb = np.array(colors.to_rgb(colour))
    return np.where(rgb <= 0.04045, rgb / 12.92, ((rgb + 0.055) / 1.055) ** 2.4)


def contrast(one: str, other: str) -> float:
    dark, light = sorted(0.05 + float(linear(c) @ SRGB_TO_XYZ[1]) for c in (one, other))
    return light / dark


def over(colour: str, opacity: float, background: str) -> str:
    """The colour that shows where a translucent one lies on a background."""
    mixed = opacity * np.array(colors.to_rgb(colour))
    return colors.to_hex(mixed + (1 - opacity) * np.array(colors.to_rgb(background)))


def lab(colour: str, blindness: str) -> np.ndarray:
    seen = np.clip(np.array(BLIND[blindness]) @ linear(colour), 0, 1)
    xyz = np.array(SRGB_TO_XYZ) @ seen / np.sum(SRGB_TO_XYZ, axis=1)
    f = np.where(xyz > 216 / 24389, np.cbrt(xyz), (24389 / 27 * xyz + 16) / 116)
    return np.array([116 * f[1] - 16, 500 * (f[0] - f[1]), 200 * (f[1] - f[2])])


@pytest.fixture(scope="module")
def backgrounds() -> dict[str, str]:
    """The page's background in each theme: the last one the style sheet sets, print aside."""
    css = (BOOK / "_static" / "downhill.css").read_text("utf-8").rpartition("@media print")[0]
    found = {}
    for theme in THEMES:
        blocks = re.findall(rf'html\[data-theme="?{theme}"?\]\{{([^}}]*)', css)
        said = re.findall(r"--pst-color-background:(#\w+)", ";".join(blocks))
        found[theme] = said[-1]
    return found


@pytest.fixture(scope="module")
def drawn() -> tuple[set[tuple[str, float]], set[str]]:
    """The colours of all lines, with their opacities, and of all texts in the book's figures."""
    lines, texts = set(), set()
    for page in BOOK.rglob("*.html"):
        for svg in re.findall(r"<svg\b.*?</svg>", page.read_text("utf-8"), re.S):
            for tag, attributes in re.findall(r"<(text|path|use)\b([^>]*)>", svg):
                style = dict(re.findall(r"([\w-]+):([^;\"]+)", attributes))
                if tag == "text":
                    texts.add(style.get("fill", "currentColor"))
                elif (stroke := style.get("stroke", "none")) != "none":
                    lines.add((stroke, float(style.get("stroke-opacity", 1))))
    return lines, texts


def resolved(colour: str, theme: str) -> str:
    """An SVG's colour in a theme; one that does not follow the theme is an error."""
    if colour == "currentColor":
        return "#000000" if theme == "light" else "#ced6dd"
    name = re.fullmatch(r"var\(--live-(\w+)\)", colour)
    assert name, f"{colour} does not follow the theme"
    return THEMES[theme][name[1]]


@pytest.mark.parametrize("theme", THEMES)
def test_every_line_and_text_of_the_book_stands_out(theme, backgrounds, drawn) -> None:
    lines, texts = drawn
    ground = backgrounds[theme]
    assert {"var(--live-blue)", "var(--live-orange)"} <= texts
    for colour, opacity in lines:
        assert contrast(over(resolved(colour, theme), opacity, ground), ground) >= LINE, colour
    for colour in texts:
        assert contrast(resolved(colour, theme), ground) >= TEXT, colour


@pytest.mark.parametrize("theme", THEMES)
def test_every_colour_of_the_palette_may_be_text(theme, backgrounds) -> None:
    ratios = {name: contrast(THEMES[theme][name], backgrounds[theme]) for name in IDEAS}
    assert {name: ratio for name, ratio in ratios.items() if ratio < TEXT} == {}


@pytest.mark.parametrize("blindness", BLIND)
@pytest.mark.parametrize("theme", THEMES)
def test_the_palette_is_told_apart(theme, blindness) -> None:
    seen = {name: lab(THEMES[theme][name], blindness) for name in IDEAS}
    near = {
        (a, b): round(float(np.linalg.norm(seen[a] - seen[b])), 1)
        for a, b in combinations(IDEAS, 2)
    }
    assert {pair: distance for pair, distance in near.items() if distance < APART} == {}


def test_contrast_is_that_of_the_guidelines() -> None:
    assert contrast("#000000", "#ffffff") == pytest.approx(21)
    assert contrast("#767676", "#ffffff") == pytest.approx(4.54, abs=0.01)
