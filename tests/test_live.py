"""The live engine in Python: what can be bound, what is refused, and what is computed."""

from __future__ import annotations

import gzip
import json
import re
import sys
import types
import warnings
import xml.etree.ElementTree as ET

import anywidget
import ipywidgets as widgets
import matplotlib.pyplot as plt
import numpy as np
import pytest
import sympy as sp
from matplotlib.patches import FancyArrowPatch

from gdlib.live import (
    FOR_PAGES,
    FUNCTIONS,
    HOST,
    PALETTE,
    TYPED,
    WIDGET,
    Button,
    Checkbox,
    Dropdown,
    FloatLogSlider,
    FloatSlider,
    HBox,
    IntSlider,
    Live,
    LiveError,
    Play,
    Slot,
    differentiate,
    inlined,
    iterate,
    mean,
    number,
    opaque,
    supported,
    with_colours,
)

w, eta, x, v, t = sp.symbols("w eta x v t", real=True)
XS = np.linspace(-1, 3, 9)


@pytest.fixture
def axes():
    """Axes of a small figure, with fixed limits."""
    _, ax = plt.subplots(figsize=(4, 3))
    ax.set(xlim=(-1, 3), ylim=(0, 9))
    yield ax
    plt.close("all")


def slider(value=2.0, low=-1.0, high=7.0, **rest):
    return FloatSlider(min=low, max=high, value=value, **rest)


def live_of(ax, *symbols, value=2.0):
    return Live(ax.figure, {s: slider(value) for s in symbols or (w, eta)}, alt="A figure")


def arrow(ax, **settings):
    settings = {"arrowstyle": "-|>", "mutation_scale": 10, **settings}
    return ax.add_patch(FancyArrowPatch((0, 0), (1, 1), **settings))


def figure_of(live):
    return live.build().children[0]


def element_of(live, binding=0, member=0):
    """The SVG group of a bound artist."""
    root = ET.fromstring(figure_of(live).svg)
    (found,) = root.iterfind(f".//*[@id='{live._prefix}-b{binding}-{member}']")
    return found


def points_of(element):
    path = element.find("{*}path").get("d")
    return np.array(re.findall(r"-?[\d.]+", path), dtype=float).reshape(-1, 2)


def to_svg(ax, points):
    """Where Matplotlib puts data points in the SVG."""
    fig = ax.figure
    pixels = ax.transData.transform(points) * 72 / fig.dpi
    return pixels * [1, -1] + [0, fig.get_figheight() * 72]


# -- what can be bound, and that the first frame is drawn from it --------------------------


def test_a_line_over_a_grid_is_drawn_where_python_computes_it(axes):
    (line,) = axes.plot([], [])
    live = live_of(axes).bind(line, over={x: XS}, x=x, y=w * x)
    points = points_of(element_of(live))
    np.testing.assert_allclose(points[-1], to_svg(axes, [(3, 6)])[0], atol=0.006)
    np.testing.assert_array_equal(live.evaluate()[0]["y"], 2 * XS)


def test_a_tuple_is_several_points(axes):
    (line,) = axes.plot([], [])
    live = live_of(axes).bind(line, x=(0, w), y=(1, w**2))
    assert live.evaluate()[0]["y"].tolist() == [1, 4]


def test_a_marker_stands_where_python_computes_it(axes):
    (dot,) = axes.plot([], [], "o")
    live = live_of(axes).bind(dot, x=w, y=w**2)
    use = element_of(live).find(".//{*}use")
    point = float(use.get("x")), float(use.get("y"))
    np.testing.assert_allclose(point, to_svg(axes, [(2, 4)])[0], atol=0.006)


def test_text_is_written_and_placed(axes):
    live = live_of(axes).bind(axes.text(0, 0, ""), x=w, y=1, text=("w = {:.2f} $", w))
    text = element_of(live).find(".//{*}text")
    assert text.text == "w = 2.00 $"
    assert float(text.get("x")) == pytest.approx(to_svg(axes, [(2, 1)])[0, 0], abs=0.006)


def test_a_title_can_be_live_text(axes):
    live = live_of(axes).bind(axes.set_title("?"), text=("w = {:.1f}", w))
    assert element_of(live).find(".//{*}text").text == "w = 2.0"


def test_text_may_follow_one_coordinate_only(axes):
    live = live_of(axes).bind(axes.text(1, 5, "here"), x=w)
    assert figure_of(live).spec["items"][0]["at"] == [2.0, 5.0]


def test_an_arrow_has_a_shaft_and_a_head(axes):
    live = live_of(axes).bind(arrow(axes), x=0, y=1, dx=w, dy=w)
    assert len(element_of(live).findall("{*}path")) == 2


def test_an_arrow_of_no_length_is_hidden_but_complete(axes):
    live = live_of(axes).bind(arrow(axes), x=0, y=1, dx=w - 2, dy=0)
    element = element_of(live)
    assert element.get("visibility") == "hidden"
    assert len(element.findall("{*}path")) == 2


def test_bars_follow_one_value_each(axes):
    bars = axes.bar([0, 1], [1, 1])
    live = live_of(axes).bind(bars, height=(w, 3))
    top = [points_of(element_of(live, 0, i))[:, 1].min() for i in (0, 1)]
    np.testing.assert_allclose(top, to_svg(axes, [(0, 2), (0, 3)])[:, 1], atol=0.006)


def test_bars_keep_what_is_not_bound_even_when_undefined_at_first(axes):
    bars = axes.bar([0, 1], [1, 1])
    live = live_of(axes).bind(bars, height=sp.sqrt(w - 3))
    item = figure_of(live).spec["items"][0]
    assert item["x"] == [-0.4, 0.6]
    assert "height" not in item


def test_a_band_lies_between_two_curves(axes):
    (band,) = axes.fill([0, 1, 1], [0, 0, 1])
    live = live_of(axes).bind(band, over={x: XS}, x=x, y=0, y2=w)
    heights = points_of(element_of(live))[:, 1]
    np.testing.assert_allclose(
        [heights.max(), heights.min()], to_svg(axes, [(0, 0), (0, 2)])[:, 1], atol=0.006
    )


def test_an_image_runs_over_two_symbols_the_horizontal_one_first(axes):
    image = axes.imshow(np.zeros((2, 2)), extent=(-1, 3, 0, 9), vmin=0, vmax=1, aspect="auto")
    live = live_of(axes).bind(image, over={x: XS, v: XS[:4]}, value=x + 10 * v)
    value = live.evaluate()[0]["value"]
    assert value.shape == (4, 9)
    np.testing.assert_array_equal(value, XS[None, :] + 10 * XS[:4, None])


def test_undefined_pixels_are_transparent_and_infinite_ones_the_ends_of_the_scale(axes):
    image = axes.imshow(np.zeros((2, 2)), extent=(-1, 3, 0, 9), vmin=0, vmax=1, aspect="auto")
    live = live_of(axes)
    values = sp.Piecewise((sp.nan, x < 0), (-sp.oo, x < 1), (sp.oo, x < 3), (1, True))
    live.bind(image, over={x: np.arange(-1.0, 4, 1.5), v: XS[:1]}, value=values)
    figure_of(live)
    pixels = live._bindings[0].artist.pixels
    assert pixels[0, 0].tolist() == [0, 0, 0, 0]
    assert pixels[0, 1:].tolist() == [[68, 1, 84, 255], [253, 231, 37, 255], [253, 231, 37, 255]]


def test_visible_hides_at_first_too(axes):
    (dot,) = axes.plot([], [], "o")
    live = live_of(axes).bind(dot, x=w, y=1, visible=w > 3)
    assert live.evaluate()[0]["visible"] is False
    assert element_of(live).get("visibility") == "hidden"


def test_visible_takes_a_checkbox_and_a_constant(axes):
    (one,), (two,) = axes.plot([], [], "o"), axes.plot([], [], "o")
    live = Live(axes.figure, {w: slider(), t: Checkbox(value=True)}, alt="Two")
    live.bind(one, x=w, y=1, visible=t).bind(two, x=w, y=1, visible=False)
    assert [values["visible"] for values in live.evaluate({t: 0})] == [False, False]
    assert live.evaluate()[0]["visible"] is True


@pytest.mark.parametrize("y", [sp.sqrt(-w), 1 / (w - 2), sp.log(w - 3)])
def test_what_is_undefined_at_first_is_hidden_and_has_the_pieces_to_come_back(axes, y):
    (line,) = axes.plot([], [], ".-")
    live = live_of(axes).bind(line, x=(w, 0), y=(y, y))
    element = element_of(live)
    assert element.get("visibility") == "hidden"
    assert element.find("{*}path") is not None
    assert element.find(".//{*}use") is not None


def test_text_that_is_undefined_at_first_keeps_its_words(axes):
    live = live_of(axes).bind(axes.text(0, 0, "minimum"), x=sp.sqrt(-w), y=1)
    element = element_of(live)
    assert element.get("visibility") == "hidden"
    assert element.find(".//{*}text").text == "minimum"


def test_a_point_outside_the_axes_has_the_pieces_to_come_back(axes):
    (dot,) = axes.plot([], [], "o")
    live = live_of(axes).bind(dot, x=1e6 * w, y=1e6)
    assert element_of(live).find(".//{*}use") is not None


def test_the_axes_stay_where_they_were(axes):
    axes.autoscale()
    (line,) = axes.plot([0, 1], [0, 1])
    before = axes.get_xlim()
    live = live_of(axes).bind(line, x=(0, 1000 * w), y=(0, 1))
    assert figure_of(live).spec["axes"][0]["xlim"] == list(before)


def test_binding_more_after_it_was_shown_is_not_lost(axes):
    (one,), (two,) = axes.plot([], [], "o"), axes.plot([], [], "o")
    live = live_of(axes).bind(one, x=w, y=1)
    assert len(figure_of(live).spec["items"]) == 1
    live.bind(two, x=w, y=2).readout("{:.1f}", w)
    assert len(figure_of(live).spec["items"]) == 3


# -- controls ------------------------------------------------------------------------------


def test_every_control_gives_its_value(axes):
    controls = {
        w: slider(1.5),
        eta: FloatLogSlider(min=-3, max=0, value=0.1),
        x: IntSlider(min=0, max=9, value=4),
        v: Checkbox(value=True),
        t: Dropdown(options=[("one", 1.0), ("ten", 10.0)], value=10.0),
    }
    live = Live(axes.figure, controls, alt="Five").readout("{:g}" * 5, *controls)
    np.testing.assert_allclose(live.evaluate()[0]["values"], [1.5, 0.1, 4, 1, 10])


@pytest.mark.parametrize("options", [{"a": 1.0, "b": 2.5}, (1.0, 2.5), np.array([1.0, 2.5])])
def test_a_dropdown_of_numbers_in_any_form(axes, options):
    live = Live(axes.figure, {w: Dropdown(options=options)}, alt="A choice").readout("{:g}", w)
    assert figure_of(live).spec["choices"] == [[1.0, 2.5]]


def test_play_starts_where_its_slider_does(axes):
    play = Play(min=0, max=10)
    Live(axes.figure, {t: HBox([play, IntSlider(min=0, max=10, value=5)])}, alt="Play")
    assert play.value == 5


def test_controls_are_named_after_their_symbols(axes):
    control = slider()
    Live(axes.figure, {sp.Symbol("eta"): control}, alt="A slider")
    assert control.description == "η"


def test_a_reset_button_puts_the_controls_back(axes):
    control = slider(2)
    box = Live(axes.figure, {w: control}, alt="A slider").build()
    control.value = 5
    box.children[-1].click()
    assert control.value == 2


# -- bad input -----------------------------------------------------------------------------


def bind_error(ax, artist=None, message="", **properties):
    """What `bind` says about wrong properties of a line."""
    if artist is None:
        (artist,) = ax.plot([], [], "o")
    with pytest.raises(LiveError) as error:
        live_of(ax).bind(artist, **properties)
    return str(error.value)


def test_a_symbol_without_a_slider_is_named(axes):
    assert "no slider for v" in bind_error(axes, x=w, y=v + w)


def test_a_symbol_without_a_slider_is_named_in_text_visible_and_readout(axes):
    assert "no slider for v" in bind_error(axes, axes.text(0, 0, ""), text=("{:f}", v))
    assert "no slider for v" in bind_error(axes, x=w, y=w, visible=v > 0)
    with pytest.raises(LiveError, match="no slider for v"):
        live_of(axes).readout("{:f}", v)


def test_a_symbol_of_the_same_name_but_other_assumptions_is_explained(axes):
    assert "other assumptions" in bind_error(axes, x=w, y=sp.Symbol("w"))


def test_an_artist_of_another_figure_is_named(axes):
    _, other = plt.subplots()
    (line,) = other.plot([], [])
    assert "Line2D belongs to another figure" in bind_error(axes, line, x=w, y=w)


@pytest.mark.parametrize(
    "function", [sp.LambertW, sp.gamma, sp.DiracDelta, sp.zeta, sp.Function("f")]
)
def test_an_unsupported_function_is_named(axes, function):
    assert f"{function.__name__} cannot be computed" in bind_error(axes, x=w, y=1 + function(w))


@pytest.mark.parametrize(
    "expression",
    [sp.I * w, sp.Sum(w, (x, 0, 3)), sp.Product(w, (x, 0, 3)), sp.zoo, w + sp.O(w**2)],
    ids=str,
)
def test_what_is_no_real_formula_is_refused(axes, expression):
    assert "cannot be computed" in bind_error(axes, x=w, y=expression)


def test_an_unsupported_function_is_named_inside_a_mean_and_an_iteration(axes):
    assert "gamma" in bind_error(axes, x=w, y=mean(sp.gamma(w * x), {x: XS}))
    assert "gamma" in bind_error(axes, x=w, y=iterate({w: sp.gamma(w)}, steps=2).last(w))


@pytest.mark.parametrize("alt", ["", "  \n", None])
def test_an_empty_alt_is_refused(axes, alt):
    with pytest.raises(LiveError, match="alt is empty"):
        Live(axes.figure, {}, alt=alt)


def test_a_missing_alt_is_refused(axes):
    with pytest.raises(TypeError, match="alt"):
        Live(axes.figure, {})


@pytest.mark.parametrize("value", [8, -2, np.nan, np.inf])
def test_a_start_outside_the_range_is_named(value):
    with pytest.raises(LiveError, match=f"'the weight': the start value {value}"):
        slider(value, description="the weight")


def test_a_start_outside_the_range_is_named_for_every_slider():
    with pytest.raises(LiveError, match="start value 11"):
        IntSlider(min=0, max=10, value=11)
    with pytest.raises(LiveError, match="start value 20"):
        FloatLogSlider(min=-3, max=1, value=20)


def test_a_log_slider_may_start_at_its_very_end():
    assert FloatLogSlider(min=-3, max=1, value=0.001).value == 0.001


def test_a_range_or_step_that_is_no_range_is_named():
    with pytest.raises(LiveError, match="min 7 is not below max 1"):
        slider(2, 7, 1)
    with pytest.raises(LiveError, match="step must be above 0"):
        slider(2, step=0)


def test_a_linked_control_that_cannot_start_there_is_named(axes):
    box = HBox([Play(min=0, max=3), IntSlider(min=0, max=10, value=5)])
    with pytest.raises(LiveError, match="Play of t cannot start at 5"):
        Live(axes.figure, {t: box}, alt="Play")


@pytest.mark.parametrize("options", [["a", "b"], [("a", "x")], [("a", np.inf)], [1.0, "b"]])
def test_a_dropdown_of_other_than_numbers_is_named(axes, options):
    with pytest.raises(LiveError, match=r"option of w is .*; options must be numbers"):
        Live(axes.figure, {w: Dropdown(options=options)}, alt="A choice")


def test_a_dropdown_without_a_choice_is_named(axes):
    with pytest.raises(LiveError, match="Dropdown of w starts with no choice"):
        Live(axes.figure, {w: Dropdown(options=[1.0, 2.0], value=None)}, alt="A choice")


@pytest.mark.parametrize("control", [widgets.Text(), Button(), HBox([]), 3])
def test_a_control_without_a_value_is_named(axes, control):
    with pytest.raises(LiveError, match=f"control of w is a {type(control).__name__}"):
        Live(axes.figure, {w: control}, alt="A control")


def test_controls_that_belong_to_no_symbol_are_named(axes):
    with pytest.raises(LiveError, match="'w' is none"):
        Live(axes.figure, {"w": slider()}, alt="A control")


def test_something_else_than_a_figure_is_named(axes):
    with pytest.raises(TypeError, match="got Axes"):
        Live(axes, {w: slider()}, alt="Axes")


def test_axes_of_another_scale_are_named(axes):
    axes.set_xscale("symlog")
    with pytest.raises(LiveError, match="linear or log, not symlog"):
        live_of(axes)


def test_an_unknown_or_a_missing_property_is_named(axes):
    assert "line takes lw, x, y, got colour, x, y" in bind_error(axes, x=w, y=w, colour=w)
    assert "a line that moves needs x and y, got x" in bind_error(axes, x=w)
    assert "got nothing" in bind_error(axes, axes.text(0, 0, ""))


def test_a_list_of_artists_is_explained(axes):
    assert "line, = ax.plot" in bind_error(axes, axes.plot([], []), x=w, y=w)


@pytest.mark.parametrize("name", ["PathCollection", "Axes", "str"])
def test_what_cannot_be_bound_is_named(axes, name):
    artist = {"PathCollection": axes.scatter([], []), "Axes": axes, "str": "line"}[name]
    assert f"cannot move a {name}" in bind_error(axes, artist, x=w, y=w)


def test_an_artist_is_bound_once(axes):
    (dot,) = axes.plot([], [], "o")
    live = live_of(axes).bind(dot, x=w, y=w)
    with pytest.raises(LiveError, match="Line2D is bound already"):
        live.bind(dot, x=w, y=w)


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda ax: ax.axvline(0), "data coordinates"),
        (lambda ax: ax.text(0, 0, "?", transform=ax.transAxes), "data coordinates"),
        (lambda ax: ax.plot([], [], drawstyle="steps")[0], "without steps"),
        (lambda ax: ax.plot([], [], visible=False)[0], "invisible"),
        (lambda ax: ax.text(0, 0, "$w^2$"), "one line without mathematics"),
        (lambda ax: ax.text(0, 0, "a\nb"), "one line without mathematics"),
        (lambda ax: ax.text(0, 0, "a", bbox={"pad": 1}), "no box and no arrow"),
        (lambda ax: ax.annotate("a", (0, 0), (1, 1), arrowprops={}), "no box and no arrow"),
        (lambda ax: ax.text(0, 0, "a", rotation=30), "rotation_mode='anchor'"),
        (lambda ax: ax.figure.text(0, 0, "a"), "stands in no axes"),
    ],
)
def test_an_artist_that_the_browser_could_not_follow_is_refused(axes, make, message):
    assert message in bind_error(axes, make(axes), x=w, y=w)


def test_an_arrow_of_another_style_is_refused(axes):
    wrong = arrow(axes, arrowstyle="->")
    assert "arrowstyle='-|>'" in bind_error(axes, wrong, x=0, y=0, dx=w, dy=w)


def test_an_image_without_ends_of_its_scale_is_refused(axes):
    image = axes.imshow(np.zeros((2, 2)))
    assert "vmin and vmax" in bind_error(axes, image, over={x: XS, v: XS}, value=x)


@pytest.mark.parametrize(
    ("over", "message"),
    [
        ({x: XS[None, :]}, "one-dimensional"),
        ({x: 3.0}, "one-dimensional"),
        ({(x, v): (XS,)}, "one-dimensional"),
        ({(x, v): (XS, XS[:4])}, "one-dimensional"),
        ({x: []}, "finite numbers for x"),
        ({x: [1, np.nan]}, "finite numbers for x"),
        ({w: XS}, "w is a slider"),
        ({x: XS, v: XS}, "everything else over one"),
        ({(x, x): (XS, XS)}, "symbol twice"),
    ],
)
def test_an_odd_over_is_named(axes, over, message):
    assert message in bind_error(axes, over=over, x=x, y=w)


def test_an_image_that_stands_on_its_head_is_refused(axes):
    image = axes.imshow([[0]], vmin=0, vmax=1)
    axes.invert_yaxis()
    assert "origin='lower'" in bind_error(axes, image, over={x: XS, v: XS}, value=x)


def test_an_image_over_one_symbol_is_refused(axes):
    image = axes.imshow([[0]], vmin=0, vmax=1, origin="lower")
    assert "two symbols" in bind_error(axes, image, over={x: XS}, value=x)


@pytest.mark.parametrize(
    "properties",
    [
        {"x": (w, 0), "y": (w, 0, 1)},
        {"x": x, "y": (w, 0), "over": {x: XS}},
        {"x": iterate({w: w / 2}, steps=3)[w], "y": (w, 0)},
    ],
)
def test_properties_of_different_lengths_are_counted(axes, properties):
    assert "as many for each" in bind_error(axes, **properties)


def test_an_artist_says_how_many_values_it_takes(axes):
    assert "expected 2" in bind_error(axes, axes.bar([0, 1], [1, 1]), height=(w, w, w))
    assert "expected 1" in bind_error(axes, arrow(axes), x=(0, 1), y=0, dx=w, dy=w)
    assert "expected 1" in bind_error(axes, axes.text(0, 0, ""), x=(w, w), y=0)


@pytest.mark.parametrize("value", [None, "w + 1", [[w]], w > 0, sp.Matrix([w])], ids=str)
def test_what_is_no_expression_is_refused(axes, value):
    assert "expression" in bind_error(axes, x=w, y=(value,))


def test_a_path_where_one_value_is_wanted_is_explained(axes):
    path = iterate({w: w / 2}, steps=3)
    with pytest.raises(LiveError, match=r"take \.last"):
        live_of(axes).readout("{:.2f}", path[w])


def test_two_iterations_in_one_binding_are_refused(axes):
    one, two = iterate({w: w / 2}, steps=3), iterate({w: w / 3}, steps=3)
    assert "second" in bind_error(axes, x=one[w], y=two[w])
    assert "second" in bind_error(axes, x=x, y=one[w], over={x: XS})


def test_an_iteration_cannot_depend_on_what_it_runs_over(axes):
    path = iterate({w: w - x}, steps=3)
    assert "cannot depend on x" in bind_error(axes, x=x, y=path.last(w), over={x: XS})


@pytest.mark.parametrize(
    "template",
    ["{}", "{:d", "{:>5.2f}", "{w:.2f}", "{0:.2f}", "{!r:.2f}", "{:.2%}", "{:x}", "{:.200f}"],
)
def test_a_slot_that_is_not_understood_is_refused(axes, template):
    with pytest.raises(LiveError, match="slot"):
        live_of(axes).readout(template, w)


def test_slots_and_expressions_are_counted(axes):
    with pytest.raises(LiveError, match="2 slots for 1 expressions"):
        live_of(axes).readout("{:f} {:f}", w)


@pytest.mark.parametrize("text", ["two\nlines", w, 3])
def test_live_text_begins_with_one_line_of_template(axes, text):
    assert "one line of text" in bind_error(axes, axes.text(0, 0, ""), text=text)


def test_evaluate_names_a_symbol_without_a_slider(axes):
    with pytest.raises(LiveError, match="v has no slider"):
        live_of(axes).evaluate({v: 1})


def test_an_error_is_one_sentence_in_a_notebook():
    assert LiveError("no slider for v")._render_traceback_() == ["LiveError: no slider for v"]


# -- mean ----------------------------------------------------------------------------------


def value_of(expression, **values):
    """Evaluate one expression of w and eta as a live figure does."""
    fig, _ = plt.subplots()
    live = Live(fig, {w: slider(), eta: slider()}, alt="A number").readout("{:f}", expression)
    plt.close(fig)
    symbols = {"w": w, "eta": eta}
    return live.evaluate({symbols[k]: n for k, n in values.items()})[0]["values"].item()


def test_a_mean_is_the_mean_over_the_rows():
    assert value_of(mean((w - x) ** 2, {x: XS}), w=2) == pytest.approx(((2 - XS) ** 2).mean())


def test_the_derivative_of_a_mean_is_the_mean_of_the_derivative():
    data = {x: XS, v: np.sin(XS)}
    loss = (w * x - v) ** 2
    assert value_of(sp.diff(mean(loss, data), w), w=0.3) == pytest.approx(
        value_of(mean(sp.diff(loss, w), data), w=0.3), rel=1e-14
    )
    assert sp.diff(mean(loss, data), eta) == 0


def test_columns_of_one_mean_run_side_by_side():
    assert value_of(mean(x * v, {x: XS, v: XS**2})) == pytest.approx((XS**3).mean())


def test_a_mean_of_what_has_no_data_is_itself():
    assert mean(w**2, {x: XS}) == w**2


def test_a_variance_is_a_mean_with_a_mean_within():
    within = mean(x, {x: XS})
    assert value_of(mean((x - within) ** 2, {x: XS})) == pytest.approx(XS.var())


def test_a_mean_of_other_data_may_stand_within():
    long, short = np.arange(7.0), np.array([1.0, 5.0])
    inner = mean(v, {v: short})
    assert value_of(mean(x * inner, {x: long})) == pytest.approx(9)


def test_a_mean_over_all_pairs_is_refused():
    inner = mean((x - v) ** 2, {v: XS})
    with pytest.raises(LiveError, match="depends on x too"):
        mean(inner, {x: XS})


@pytest.mark.parametrize(
    ("data", "message"),
    [
        ({x: XS, v: XS[:3]}, "different lengths"),
        ({x: XS[None, :]}, "one-dimensional"),
        ({x: []}, "non-empty"),
        ({x: [1, np.nan]}, "NaN or infinity"),
    ],
)
def test_data_that_are_no_columns_are_named(data, message):
    with pytest.raises(LiveError, match=message):
        mean(x + v, data)


def test_a_mean_over_a_grid_has_one_value_a_point(axes):
    (line,) = axes.plot([], [])
    data = np.array([0.0, 1.0, 5.0])
    live = live_of(axes).bind(line, over={v: XS}, x=v, y=mean((v - x) ** 2 + w, {x: data}))
    expected = ((XS[:, None] - data) ** 2).mean(axis=1) + 2
    np.testing.assert_allclose(live.evaluate()[0]["y"], expected, rtol=1e-14)


def test_a_mean_depends_on_no_data_in_the_eyes_of_sympy():
    assert mean((w - x) ** 2, {x: XS}).free_symbols == {w}


# -- iterate -------------------------------------------------------------------------------

halve = iterate({w: w - eta * w}, steps=4)


def test_the_last_state_is_that_after_all_steps():
    assert value_of(halve.last(w), w=6, eta=0.5) == 6 / 16


def test_a_path_has_the_start_and_every_step(axes):
    (line,) = axes.plot([], [])
    live = live_of(axes).bind(line, x=halve[w], y=halve[w**2])
    values = live.evaluate({w: 4, eta: 0.5})[0]
    assert values["x"].tolist() == [4, 2, 1, 0.5, 0.25]
    assert values["y"].tolist() == [16, 4, 1, 0.25, 0.0625]


@pytest.mark.parametrize(
    ("step", "expected"), [(0, 4), (1, 2), (1.49, 2), (1.5, 1), (99, 0.25), (-3, 4), (sp.oo, 0.25)]
)
def test_a_step_is_rounded_and_clamped(step, expected):
    assert value_of(halve.at(step, w), w=4, eta=0.5) == expected


def test_an_undefined_step_is_undefined():
    assert np.isnan(value_of(halve.at(sp.sqrt(w), w), w=-1, eta=0.5))


def test_an_undefined_start_stays_undefined():
    path = iterate({w: w / 2}, steps=3, start={w: sp.log(w)})
    assert np.isnan(value_of(path.last(w), w=-1))


def test_all_components_step_together():
    swap = iterate({w: eta, eta: w}, steps=3)
    assert value_of(swap.last(w), w=1, eta=5) == 5
    assert value_of(swap.last(eta), w=1, eta=5) == 1


def test_a_start_may_be_an_expression_of_the_sliders():
    path = iterate({w: w * eta, v: v + w}, steps=2, start={w: w + 1, v: 0})
    assert value_of(path.last(v), w=1, eta=3) == 2 + 6


def test_gradient_descent_on_a_mean_contracts_by_its_rate():
    loss = mean((w - x) ** 2, {x: XS}) / 2
    path = iterate({w: w - eta * sp.diff(loss, w)}, steps=5)
    error = value_of(path.last(w), w=7, eta=0.25) - XS.mean()
    assert error == pytest.approx((7 - XS.mean()) * 0.75**5)


def test_one_iteration_may_start_where_another_ended():
    first = iterate({v: v / 2}, steps=2, start={v: w})
    second = iterate({t: t + 1}, steps=3, start={t: first.last(v)})
    assert value_of(second.last(t), w=4) == 4


def test_an_iteration_within_an_update_may_not_depend_on_the_state():
    inner = iterate({v: v / 2}, steps=2, start={v: w})
    with pytest.raises(LiveError, match="depends on"):
        iterate({w: inner.last(v)}, steps=2)


def test_the_step_of_one_iteration_may_come_from_another():
    clock = iterate({t: t + 1}, steps=2, start={t: 0})
    assert value_of(halve.at(clock.last(t), w), w=4, eta=0.5) == 1


def test_a_state_refuses_to_be_differentiated():
    with pytest.raises(LiveError, match="cannot be differentiated"):
        sp.diff(halve.last(w), eta)
    assert sp.diff(halve.last(w), x) == 0


@pytest.mark.parametrize("steps", [0, -1, 2.0, True, None])
def test_steps_must_be_a_positive_integer(steps):
    with pytest.raises(LiveError, match="positive integer"):
        iterate({w: w / 2}, steps=steps)


def test_a_start_that_is_not_updated_is_named():
    with pytest.raises(LiveError, match="start names v"):
        iterate({w: w / 2}, steps=2, start={v: 1})
    with pytest.raises(LiveError, match="nothing to update"):
        iterate({}, steps=2)


def test_what_leaves_the_numbers_makes_no_warning():
    exploding = iterate({w: w**3}, steps=30)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert value_of(exploding.last(w), w=7) == np.inf


# -- numbers as text -----------------------------------------------------------------------


def text_of(template, value):
    fig, _ = plt.subplots()
    live = Live(fig, {w: slider(0, -2e300, 2e300)}, alt="A number").readout(template, w)
    plt.close(fig)
    return live.evaluate({w: value})[0]["text"]


@pytest.mark.parametrize(
    ("template", "value", "text"),
    [
        ("{:.2f}", 3.14159, "3.14"),
        ("{:.2f}", -0.001, "0.00"),
        ("{:+.2f}", 3, "+3.00"),
        ("{:+.2f}", -3, "−3.00"),
        ("{:+.1f}", 0, "+0.0"),
        ("{:,.0f}", 1234567.8, "1,234,568"),
        ("{:,.3f}", 1234.5678, "1,234.568"),
        ("{:d}", 4, "4"),
        ("{:.2e}", 0, "0.00×10⁰"),
        ("{:.1e}", -0.000123, "−1.2×10⁻⁴"),
        ("{:.3g}", 1234567, "1.23×10⁶"),
        ("{:.3g}", 0.00012345, "0.000123"),
        ("{:.3g}", 0, "0"),
        ("{:.3g}", 2.5, "2.5"),
        ("{:.3g}", 999.9, "1×10³"),
        ("{:.1f}", 2e20, "2.000×10²⁰"),
        ("{:.2f}", np.nan, "undefined here"),
        ("{:.2f}", -np.inf, "undefined here"),
        ("{{{:.0f}}}", 2, "{2}"),
    ],
)
def test_numbers_are_written_as_a_person_would(template, value, text):
    assert text_of(template, value) == text


@pytest.mark.parametrize(
    ("value", "text"), [(0.125, "0.13"), (0.375, "0.38"), (-0.125, "−0.13"), (2.675, "2.67")]
)
def test_exact_ties_are_rounded_away_from_zero(value, text):
    assert text_of("{:.2f}", value) == text


def test_rounding_never_moves_a_number_by_more_than_half_a_unit():
    slot = Slot(plus=False, comma=False, digits=3, type="f", word="")
    for value in np.random.default_rng(0).uniform(-100, 100, 500):
        assert abs(float(number(slot, value).replace("−", "-")) - value) <= 0.0005 + 1e-12


def test_a_path_that_left_the_numbers_diverges():
    fig, _ = plt.subplots()
    path = iterate({w: w**3}, steps=30)
    live = Live(fig, {w: slider()}, alt="A path").readout("{:.2f} from {:.0f}", path.last(w), w)
    plt.close(fig)
    assert live.evaluate({w: 7})[0]["text"] == "diverges from 7"
    assert live.evaluate({w: 0.5})[0]["text"] == "0.00 from 1"


# -- the page's side -----------------------------------------------------------------------


def full_figure():
    fig, ax = plt.subplots(figsize=(4, 3))
    ax.set(xlim=(-1, 3), ylim=(0, 9), title="A title")
    bars = ax.bar([0, 1], [1, 1], hatch="/")
    (line,) = ax.plot([], [], ".-")
    live = Live(fig, {w: slider(), eta: slider(0.5)}, alt='A <line> & "bars"')
    live.bind(line, over={x: XS}, x=x, y=w * x).bind(bars, height=w)
    live.bind(ax.text(0, 0, ""), x=w, y=w, text=("{:.1f} <b>", w))
    live.readout("1 < {:.2f}", w)
    plt.close(fig)
    return live


def test_the_svg_carries_nothing_superfluous():
    svg = figure_of(full_figure()).svg
    for waste in ("metadata", "<?xml", "DOCTYPE", "<style", "font-family", "<!--", "\n"):
        assert waste not in svg


def test_the_svg_has_numbers_of_two_decimals():
    svg = re.sub(r'base64,[^"]*', "", figure_of(full_figure()).svg)
    assert re.findall(r"\d+\.\d{3,}", svg) == []


def test_ids_are_unique_on_a_page_of_several_figures():
    svgs = [figure_of(full_figure()).svg for _ in range(3)]
    ids = [i for svg in svgs for i in re.findall(r' id="([^"]+)"', svg)]
    assert len(ids) == len(set(ids)) > 9


def test_every_reference_in_the_svg_is_answered_within_it():
    svg = figure_of(full_figure()).svg
    wanted = set(re.findall(r'url\(#([^)]+)\)|href="#([^"]+)"', svg))
    ids = set(re.findall(r' id="([^"]+)"', svg))
    assert {a or b for a, b in wanted} <= ids


def test_the_same_figure_gives_the_same_output():
    one, two = full_figure(), full_figure()
    html = [f.to_html().replace(f._prefix, "live") for f in (one, two)]
    specs = [json.dumps(figure_of(f).spec).replace(f._prefix, "live") for f in (one, two)]
    assert html[0] == html[1]
    assert specs[0] == specs[1]


def test_what_is_saved_is_json_that_a_browser_reads(axes):
    bars = axes.bar([0, 1], [1, 1])
    live = live_of(axes).bind(bars, height=(sp.sqrt(w - 3), sp.log(w - 2)))
    live.readout("{:.2f}", 1 / (w - 2))
    json.dumps(figure_of(live).spec, allow_nan=False)


def test_the_first_frame_is_html_that_says_what_it_shows():
    live = full_figure()
    html = live.to_html()
    assert 'role="img" aria-label="A &lt;line&gt; &amp; &quot;bars&quot;"' in html
    assert "<p>1 &lt; 2.00</p>" in html
    assert "2.0 &lt;b&gt;" in html


def test_a_notebook_gets_the_widget_the_picture_and_the_words():
    bundle_of_mimes, metadata = full_figure()._repr_mimebundle_()
    assert "application/vnd.jupyter.widget-view+json" in bundle_of_mimes and metadata == {}
    assert bundle_of_mimes["text/plain"].startswith("Live figure: A <line>")
    assert 'data-live="' in bundle_of_mimes["text/html"]


def test_in_a_notebook_the_first_frame_is_an_output_of_its_own(monkeypatch):
    from IPython.core.interactiveshell import InteractiveShell
    from IPython.utils.capture import capture_output

    shell = InteractiveShell.instance()
    live = full_figure()
    monkeypatch.setattr(shell, "kernel", object(), raising=False)
    monkeypatch.delenv(FOR_PAGES, raising=False)
    with capture_output() as captured:
        shell.display_formatter.format(live)
    frame, view = captured.outputs
    mark = live.build().children[0].frame
    assert f'data-frame="{mark}"' in frame.data["text/html"]
    assert "data-live=" not in frame.data["text/html"]
    assert with_colours("stroke:var(--live-blue)") == f"stroke:var(--live-blue,{PALETTE['blue']})"
    assert set(view.data) == {"application/vnd.jupyter.widget-view+json", "text/plain"}
    monkeypatch.setenv(FOR_PAGES, "1")
    with capture_output() as captured:
        data, _ = shell.display_formatter.format(live)
    assert not captured.outputs and "text/html" in data
    InteractiveShell.clear_instance()


def test_colab_learns_where_the_figures_view_is_loaded_from(monkeypatch):
    enabled = []
    output = types.ModuleType("google.colab.output")
    output.enable_custom_widget_manager = lambda: enabled.append(True)
    output._widgets = types.SimpleNamespace(_installed_url="https://ssl.gstatic.com/manager.js")
    monkeypatch.setitem(sys.modules, "google.colab.output", output)
    anywidget._util.enable_custom_widget_manager_once.cache_clear()
    mimes, metadata = full_figure()._repr_mimebundle_()
    view = "application/vnd.jupyter.widget-view+json"
    assert enabled and view in mimes
    manager = {"url": "https://ssl.gstatic.com/manager.js"}
    assert metadata == {view: {"colab": {"custom_widget_manager": manager}}}


def test_colours_of_the_palette_become_the_themes():
    fig, ax = plt.subplots()
    ax.plot([0, 1], [0, 1], color=PALETTE["blue"])
    svg = figure_of(Live(fig, {}, alt="A line")).svg
    assert "var(--live-blue)" in svg
    assert PALETTE["blue"] not in svg
    assert "#000000" not in svg


def test_engine_and_host_are_within_their_budget():
    """A page loads the host, and the reader of typed losses when one is typed; a notebook the view,
    which has the reader in it."""
    most = {HOST: 10_500, TYPED: 25_000, WIDGET: 18_000}
    sizes = {bundle: len(gzip.compress(bundle.read_bytes(), 9)) for bundle in most}
    assert all(2_000 < sizes[bundle] <= limit for bundle, limit in most.items())


# -- the program ---------------------------------------------------------------------------


def program_of(*expressions):
    fig, _ = plt.subplots()
    live = Live(fig, {w: slider(), eta: slider()}, alt="A program")
    plt.close(fig)
    for expression in expressions:
        live.readout("{:f}", expression)
    return figure_of(live).spec["program"]


def test_common_subexpressions_are_computed_once():
    assert (
        program_of(sp.exp(w) + 1, sp.sin(sp.exp(w)), sp.diff(sp.exp(w), w)).count("Math.exp") == 1
    )


def test_means_over_the_same_rows_share_one_loop():
    loss = mean((w * x - eta) ** 2, {x: XS})
    assert program_of(loss, sp.diff(loss, w), sp.diff(loss, eta)).count("for(") == 1


def test_a_mean_within_a_mean_is_computed_once_not_once_a_row():
    within = mean(sp.exp(w * x), {x: XS})
    program = program_of(mean((x - within) ** 2, {x: XS}))
    inner = program.index("Math.exp")
    assert program.index("for(") < inner < program.index("}\n", inner) < program.rindex("for(")


def test_what_does_not_depend_on_the_row_is_computed_outside_its_loop():
    program = program_of(mean(sp.sin(x) * sp.exp(w), {x: XS}))
    assert program.index("Math.exp") < program.index("for(") < program.index("Math.sin")


def test_the_names_of_the_program_never_meet_the_readers():
    names = [sp.Symbol(f"{letter}{i}", real=True) for letter in "mtxqrdskpo" for i in range(1, 9)]
    fig, _ = plt.subplots()
    live = Live(fig, {s: slider(i / 20) for i, s in enumerate(names)}, alt="Names")
    plt.close(fig)
    expression = mean(sum(names) * x, {x: XS}) + sp.exp(names[0])
    program = live.readout("{:f}", expression).build().children[0].spec["program"]
    assert not re.search(r"\b[m]\d+\b.*=p\[", program)
    assert len(set(re.findall(r"const (p\d+)=p\[", program))) == len(names)


def test_data_that_change_later_change_no_figure():
    x, data = sp.Symbol("x", real=True), np.array([1.0, 2.0, 3.0])
    before = mean(x, {x: data})
    data *= 100
    live = Live(plt.subplots()[0], {}, alt="numbers")
    live.readout("{:.1f} {:.1f}", before, mean(x, {x: np.array([1.0, 2.0, 3.0])}))
    assert live.evaluate()[0]["text"] == "2.0 2.0"


# -- functions that are named before they are known -----------------------------------------


def test_an_opaque_function_is_differentiated_by_the_chain_rule_and_put_in_last():
    f = opaque("f", [w, v], w**3 * v)
    composed = f(sp.sin(x), x).diff(x)
    assert not composed.has(sp.Pow) and composed.free_symbols == {x}
    assert sp.simplify(inlined(composed) - sp.diff(sp.sin(x) ** 3 * x, x)) == 0
    assert inlined(f(w, v).diff(w, v)) == 3 * w**2
    assert f(2, 3).is_number is False and inlined(f(2, 3)) == 24


def test_two_opaque_functions_of_one_name_are_two():
    one, other = (opaque("f", [w], e) for e in (w, w**2))
    assert one(x) != other(x)
    assert [inlined(g(x)) for g in (one, other)] == [x, x**2]


def test_what_an_opaque_function_depends_on_besides_must_have_a_slider(axes):
    f = opaque("f", [w], w * eta)
    assert f(x).free_symbols == {x, eta}
    (dot,) = axes.plot([0], [0], "o")
    with pytest.raises(LiveError, match="no slider for eta"):
        live_of(axes, w).bind(dot, x=w, y=f(w))


def test_an_opaque_function_that_cannot_be_printed_is_refused_by_its_expression(axes):
    f = opaque("f", [w], sp.zeta(w))
    (dot,) = axes.plot([0], [0], "o")
    with pytest.raises(LiveError, match="zeta"):
        live_of(axes, w).bind(dot, x=w, y=f(w))


def test_a_jump_has_no_delta_function_in_its_derivative():
    assert not differentiate(sp.sign(w) * w, w, 2).has(sp.DiracDelta)


# -- one file ------------------------------------------------------------------------------


def test_save_writes_one_file_and_says_where(axes, tmp_path):
    live = live_of(axes, w)
    (dot,) = axes.plot([0], [0], "o")
    live.bind(dot, x=w, y=w**2)
    path = live.save(tmp_path / "descent.html")
    page = path.read_text("utf-8")
    assert path == tmp_path / "descent.html" and "A figure" in page
    assert not re.findall(r'(?:src|href)="(?!#)[^"]*"', page)
    assert len(gzip.compress(page.encode(), 9)) <= 30_000


def test_save_keeps_the_state_of_its_own_figure_only(axes, tmp_path):
    live, other = live_of(axes, w), Live(plt.figure(), {eta: slider()}, alt="Another")
    other.readout("{:f}", eta)
    (dot,) = axes.plot([0], [0], "o")
    live.bind(dot, x=w, y=w**2)
    other.build()
    page = live.save(tmp_path / "one.html").read_text("utf-8")
    state = json.loads(re.search(r'widget-state\+json">(.*?)</script>', page)[1])["state"]
    kinds = sorted(model["model_name"] for model in state.values())
    assert kinds == ["AnyModel", "ButtonModel", "FloatSliderModel", "LinkModel", "VBoxModel"]
    assert not re.search(r"[0-9a-f]{32}", page)


@pytest.mark.parametrize("name, words", [
    ("figure.htm", "figure.htm must end in .html"),
    ("nowhere/figure.html", "nowhere does not exist"),
])  # fmt: skip
def test_save_refuses_what_it_cannot_write(axes, tmp_path, name, words):
    live = live_of(axes, w)
    (dot,) = axes.plot([0], [0], "o")
    live.bind(dot, x=w, y=w)
    with pytest.raises(LiveError, match=re.escape(words)):
        live.save(tmp_path / name)


def test_save_refuses_a_figure_in_which_nothing_moves(axes, tmp_path):
    with pytest.raises(LiveError, match="nothing is bound"):
        live_of(axes, w).save(tmp_path / "still.html")


def test_every_function_that_the_page_names_can_be_computed():
    for function in FUNCTIONS:
        two = function in (sp.atan2, sp.Mod, sp.Max, sp.Min)
        supported(function(w, eta) if two else function(w))
    with pytest.raises(LiveError, match="zeta"):
        supported(sp.zeta(w))
