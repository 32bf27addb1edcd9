"""A figure's columns as panels of one drawing: what is split, and that nothing is lost."""

import re
import xml.etree.ElementTree as ET

import matplotlib.pyplot as plt
import pytest
import sympy as sp

from gdlib.live import STYLE, FloatSlider, Live

w = sp.Symbol("w", real=True)


def two(**options):
    with plt.rc_context(STYLE):
        return plt.subplots(1, 2, figsize=(600 / 72, 3), **options)


def drawn(fig, *axes):
    """The SVGs of a figure with a live point in each of these axes."""
    live = Live(fig, {w: FloatSlider(min=0, max=1, value=0.5)}, alt="Points")
    for ax in axes:
        live.bind(ax.plot([], [], "o")[0], x=w, y=w)
    return re.findall(r"<svg\b.*?</svg>", live.to_html(), re.S)


def texts(svg):
    return [t.text for t in ET.fromstring(svg).iter() if t.tag.endswith("}text")]


def test_two_columns_are_two_svgs_that_look_at_one_drawing():
    fig, (left, right) = two()
    left.set(xlabel="first", title="one")
    right.set(xlabel="second")
    first, second = drawn(fig, left, right)
    assert {"first", "one"} <= set(texts(first)) and "second" not in texts(first)
    assert "second" in texts(second) and not {"first", "one"} & set(texts(second))
    boxes = [list(map(float, ET.fromstring(s).get("viewBox").split())) for s in (first, second)]
    (x0, _, width, _), (x1, _, other, _) = boxes
    assert width == other == 300
    assert abs(x0) < 30 and abs(x1 - 300) < 30
    ends = [y + height for _, y, _, height in boxes]
    assert ends == [216, 216]


def test_what_an_svg_refers_to_is_in_one_of_them():
    fig, axes = two()
    for ax in axes:
        ax.plot([0, 1], [0, 1], "s")
    html = "".join(drawn(fig, *axes))
    ids = set(re.findall(r' id="([^"]+)"', html))
    assert len(re.findall(r' id="', html)) == len(ids)
    references = re.findall(r'href="#([^"]+)"', html) + re.findall(r"url\(#([^)]+)\)", html)
    assert references and set(references) <= ids


@pytest.mark.parametrize(
    "shared",
    [
        lambda fig, axes: fig.suptitle("both"),
        lambda fig, axes: fig.text(0.5, 0.5, "both"),
        lambda fig, axes: fig.legend(handles=[plt.Line2D([], [], label="both")]),
        lambda fig, axes: fig.colorbar(plt.cm.ScalarMappable(), ax=axes),
        lambda fig, axes: fig.add_axes((0.4, 0.4, 0.2, 0.2)),
    ],
)
def test_a_figure_with_something_for_all_of_it_is_not_split(shared):
    fig, axes = two()
    shared(fig, axes)
    assert len(drawn(fig, *axes)) == 1


def test_axes_over_both_columns_keep_them_together():
    with plt.rc_context(STYLE):
        fig = plt.figure()
        grid = fig.add_gridspec(2, 2)
        axes = [
            fig.add_subplot(grid[0, 0]),
            fig.add_subplot(grid[0, 1]),
            fig.add_subplot(grid[1, :]),
        ]
    assert len(drawn(fig, *axes)) == 1


def test_rows_of_a_column_stay_in_its_panel():
    with plt.rc_context(STYLE):
        fig, axes = plt.subplots(2, 2)
    for number, ax in enumerate(axes.flat):
        ax.set_xlabel(f"axes {number}")
    first, second = drawn(fig, *axes.flat)
    assert {"axes 0", "axes 2"} <= set(texts(first))
    assert {"axes 1", "axes 3"} <= set(texts(second))


def test_one_panel_is_the_whole_drawing():
    fig, ax = plt.subplots(figsize=(4, 3))
    (only,) = drawn(fig, ax)
    assert ET.fromstring(only).get("viewBox") == "0 0 288 216"
