"""What is dragged, in Python: what it sets, and what cannot be."""

import json

import matplotlib.pyplot as plt
import numpy as np
import pytest
import sympy as sp

from gdlib.live import (
    Dropdown,
    FloatLogSlider,
    FloatSlider,
    IntSlider,
    Live,
    LiveError,
    iterate,
    pointer,
    snapped,
)

w, b, eta, n, c, x = sp.symbols("w b eta n c x", real=True)


@pytest.fixture
def live():
    fig, ax = plt.subplots()
    ax.set(xlim=(-3, 3), ylim=(-3, 3))
    controls = {
        w: FloatSlider(min=-2, max=2, value=1, step=0.1),
        b: FloatSlider(min=0, max=1, value=0.5, step=0.25),
        eta: FloatLogSlider(min=-3, max=1, value=0.1, step=0.5),
        n: IntSlider(min=0, max=9, value=3),
        c: Dropdown(options=[("one", 1.0), ("two", 2.0)]),
    }
    return Live(fig, controls, alt="A point")


def point(live, **properties):
    artist = live.fig.axes[0].plot([], [], "o")[0]
    live.bind(artist, **properties)
    return artist


def test_a_point_sets_its_sliders_which_snap_and_are_clamped(live):
    dot = point(live, x=w, y=b)
    live.drag(dot, x=w, y=b)
    assert live.dragged(dot, 1.23, 0.3) == pytest.approx({w: 1.2, b: 0.25})
    assert live.dragged(dot, 99, -99) == pytest.approx({w: 2, b: 0})


def test_a_point_on_a_curve_sets_one(live):
    dot = point(live, x=w, y=w**2)
    live.drag(dot, x=w)
    assert live.dragged(dot, -0.52, 2) == pytest.approx({w: -0.5})


def test_an_expression_of_the_finger_and_of_the_sliders(live):
    dot = point(live, x=w + n, y=0)
    live.drag(dot, to={n: pointer[0] - w})
    assert live.dragged(dot, 5.4, 0) == {n: 4}
    ends = point(live, x=eta, y=1)
    live.drag(ends, to={eta: sp.exp(pointer[1])})
    assert live.dragged(ends, 0, np.log(0.3))[eta] == pytest.approx(10**-0.5)


@pytest.mark.parametrize(
    ("limits", "value", "expected"),
    [
        ([0, 1, 0.1, 0], 0.25, 0.3),  # halfway goes up, as in JavaScript
        ([0, 1, 0.3, 0], 0.97, 1.0),  # the last position is the end itself
        ([-3, 1, 0.5, 10], 0.0, 1e-3),
        ([-3, 1, 0.5, 10], -5.0, 1e-3),
        ([-3, 1, 0.5, 10], 1e9, 10.0),
    ],
)
def test_a_slider_has_no_other_values(limits, value, expected):
    assert snapped(limits, value) == pytest.approx(expected)


@pytest.mark.parametrize(
    ("drag", "words"),
    [
        (lambda live, dot: live.drag(dot), "name the slider"),
        (lambda live, dot: live.drag(dot, x=sp.Symbol("q")), "drag: q has no slider"),
        (lambda live, dot: live.drag(dot, to={c: pointer[0]}), "control of c is no slider"),
        (lambda live, dot: live.drag(dot, to={w: sp.Symbol("q")}), "no slider for q"),
        (lambda live, dot: live.drag(live.fig.axes[0].plot([], [])[0], x=w), "is not bound"),
        (lambda live, dot: live.dragged(dot, 0, 0), "cannot be dragged"),
        (lambda live, dot: live.shade(sp.Symbol("q"), above=1, label="high"), "shade: q has no"),
        (lambda live, dot: live.readout("{:.1f}", w, instead=3), "instead is a condition"),
        (lambda live, dot: live.predict("where?", w, [b]), "w must be a choice of 0, 1 and 2"),
        (lambda live, dot: live.predict("where?", sp.Symbol("q"), [b]), "predict: q has no slider"),
        (lambda live, dot: live.readout("{:.1f}", w, instead=(w > 0, "{:.1f}")), "1 slots for 0"),
    ],
)
def test_what_cannot_be_dragged_shaded_or_said_is_named(live, drag, words):
    dot = point(live, x=w, y=b)
    with pytest.raises(LiveError, match=words):
        drag(live, dot)


def test_many_points_and_words_are_no_handle(live):
    path = iterate({w: w / 2}, steps=3)
    trail = point(live, x=path[w], y=path[w])
    with pytest.raises(LiveError, match="many points"):
        live.drag(trail, x=w)
    text = live.fig.axes[0].text(0, 0, "here")
    live.bind(text, x=w, y=b)
    with pytest.raises(LiveError, match="a text is no point"):
        live.drag(text, x=w)


def test_another_sentence_is_said_when_its_condition_holds(live):
    live.readout("w is {:.1f}", w, instead=(w > 1, "too far: {:.1f} and {:.1f}", w, b))
    assert [live.evaluate({w: at})[-1]["text"] for at in (0.5, 1.5)] == [
        "w is 0.5",
        "too far: 1.5 and 0.5",
    ]


def test_a_shade_follows_the_other_sliders(live):
    live.shade(eta, above=2 / w, label="too fast")
    assert live.evaluate({w: 0.5})[-1]["above"].item() == pytest.approx(4)


def test_a_page_is_sent_only_numbers_that_json_has(live):
    pole = 1 / (w - 1)  # where the slider starts
    live.drag(dot := point(live, x=pole, y=b), to={w: pointer[0]})
    live.shade(eta, above=pole, label="too fast")
    live.readout("{:.1f}", (pole, dot))
    spec = live.build().children[0].spec
    json.dumps(spec, allow_nan=False)
    assert [item["first"] for item in spec["items"] if "first" in item] == [[None], None]


def test_a_number_that_measures_a_stranger_is_refused(live):
    point(live, x=w, y=b)
    stranger = live.fig.axes[0].plot([], [])[0]
    live.readout("{:.1f}", (w, stranger))
    with pytest.raises(LiveError, match="readout: this Line2D is not bound"):
        live.build()


def test_a_choice_stands_in_a_link(live):
    live.controls[c].index = 1
    spec = live.bind(live.fig.axes[0].plot([], [])[0], x=w, y=b).build().children[0].spec
    assert spec["names"] == ["w", "b", "eta", "n", "c"]
    assert spec["ranges"][-1] is None and spec["ranges"][2] == [-3, 1, 0.5, 10]
