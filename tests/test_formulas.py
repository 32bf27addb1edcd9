"""Typeset formulas with live numbers, and calculations step by step."""

import itertools
import xml.etree.ElementTree as ET

import matplotlib.pyplot as plt
import numpy as np
import pytest
import sympy as sp
from matplotlib.patches import FancyArrowPatch

from gdlib import symbolic
from gdlib.figures import chain_rule, efficient_backprop
from gdlib.figures.stages import STAGE
from gdlib.live import FloatSlider, IntSlider, Live, LiveError
from tests.live_page import written

w, b = sp.symbols("w b", real=True)
k = sp.Symbol("k", real=True)


@pytest.fixture
def live():
    fig, ax = plt.subplots()
    ax.set(xlim=(-3, 3), ylim=(-3, 3))
    controls = {w: FloatSlider(min=-2, max=2, value=0.5), k: IntSlider(min=0, max=3, value=0)}
    return Live(fig, controls, alt="a formula")


def said(live, values=None):
    return [part for part in live.evaluate(values) if "html" in part]


def test_a_formula_is_text_and_mathml_with_the_same_numbers(live):
    live.formula(r"\frac{\partial L}{\partial w} = \num{+.2f} \cdot (\num{.1f})", 2 * w, w)
    (part,) = said(live, {w: -0.5})
    assert part["text"] == "∂L∂w=−1.00·(−0.5)"
    tree = ET.fromstring(f"<p>{part['html']}</p>")
    assert "".join(tree.itertext()) == part["text"]
    assert [n.text for n in tree.iterfind("span/span[@class='live-number']")] == ["−1.00", "−0.5"]
    assert len(tree.findall(".//mfrac/mrow")) == 2


def test_a_number_in_an_exponent_or_a_root_stays_in_the_formula(live):
    live.formula(r"2^{\num{.1f}} + \sqrt{\num{.1f}} = \num{.1f}", w, 2 * w, 3 * w)
    (part,) = said(live)
    tree = ET.fromstring(f"<p>{part['html']}</p>")
    assert [n.text for n in tree.iterfind(".//mn[@class='live-number']")] == ["0.5", "1.0"]
    assert [n.text for n in tree.iterfind("span/span")] == ["1.5"]
    assert part["text"] == "20.5+1.0=1.5"


def test_a_formula_may_be_broken_before_its_signs_but_not_in_parentheses(live):
    live.formula(r"w \leftarrow w - \eta\, (w + b) = \num{.2f}", w)
    (part,) = said(live)
    pieces = ET.fromstring(f"<p>{part['html']}</p>").findall("span")
    assert ["".join(piece.itertext()) for piece in pieces] == ["w", "←w", "−η(w+b)", "=0.50"]
    assert [piece[0][0].get("form") for piece in pieces[1:]] == ["infix"] * 3


def test_two_formulas_in_one_line_are_parted_by_a_space(live):
    live.formula(r"a = \num{.1f}, \quad y = \num{.1f}", w, 2 * w)
    (part,) = said(live)
    assert part["text"] == "a=0.5,\u2003y=1.0"


@pytest.mark.parametrize(
    ("tex", "numbers", "words"),
    [
        (r"\num{.2q}", [w], "is not one of"),
        (r"w = \num{.2f}", [], "1 slots for 0"),
        (r"\text{<b>} w", [], "is not TeX that can be typeset"),
        (r"\left( w", [], "is not TeX that can be typeset"),
        (3, [], "expected TeX, got 3"),
        (r"\num{.2f}", [b], "no slider for b"),
    ],
)
def test_what_is_no_formula_is_named(live, tex, numbers, words):
    with pytest.raises(LiveError, match=words):
        live.formula(tex, *numbers)


def test_what_is_typed_into_a_formula_is_no_markup(live):
    live.formula(r"w < \num{.1f}", w)
    (part,) = said(live)
    assert part["text"] == "w<0.5"
    (sign,) = ET.fromstring(f"<p>{part['html']}</p>").iterfind(".//mo")
    assert sign.text == "<"


def test_each_stage_has_its_formula_and_others_have_the_first(live):
    live.stages(k, [(r"\text{none}",), (r"w = \num{.1f}", w), (r"2 w = \num{.1f}", 2 * w)])
    texts = [said(live, {k: stage})[0]["text"] for stage in range(4)]
    assert texts == ["none", "w=0.5", "2w=1.0", "none"]
    with pytest.raises(LiveError, match="stages: q has no slider"):
        live.stages(sp.Symbol("q"), [(r"w",)])


def test_lines_and_arrows_may_be_as_thick_as_a_number(live):
    ax = live.fig.axes[0]
    (line,) = ax.plot([0, 1], [0, 1])
    live.bind(line, lw=1 + w**2)
    assert live.evaluate({w: 2})[0]["lw"] == 5
    live.build()
    assert line.get_linewidth() == 1.25
    assert line.get_xdata().tolist() == [0, 1]
    arrow = ax.add_patch(FancyArrowPatch((0, 0), (1, 1), arrowstyle="-|>"))
    with pytest.raises(LiveError, match="an arrow that moves needs x, y, dx and dy, got x"):
        live.bind(arrow, x=w)


X, Y, Z = sp.symbols("x y z", real=True)
GRAPHS = [
    ((X + Y) * Z, {X: -2, Y: 5, Z: -4}),
    (sp.tanh(X * Y + Z + sp.Float("6.88")), {X: 2, Y: -3, Z: 0.5}),
    (X**2 * sp.exp(-X) / (1 + Y**2), {X: 0.5, Y: 2}),
    (sp.log(X) * X + sp.sin(X), {X: 1.5}),
]


@pytest.mark.parametrize(("expression", "start"), GRAPHS, ids=str)
def test_a_graph_is_computed_node_by_node_then_back(expression, start):
    live = chain_rule.graph(expression, start)
    last = live.controls[STAGE].children[0].max
    shown = [written(live.evaluate({STAGE: stage})) for stage in range(last + 1)]
    assert all(len(early) < len(late) for early, late in itertools.pairwise(shown))
    made = chain_rule.ExpressionGraph(expression)
    inputs = [i for i, parents in enumerate(made.parents) if not parents]
    assert len(shown[0]) == len(inputs)
    numeric = [float(v.subs(start)) for v in made.values]
    grads = [float(g.subs(start)) for g in made.grads]
    operations = [i for i in range(len(numeric)) if i not in inputs]
    order = [numeric[i] for i in operations] + grads[::-1]
    lines = [said(live, {STAGE: stage})[0]["values"] for stage in range(1, last + 1)]
    assert [line[-1] for line in lines] == pytest.approx(order)
    for line in lines[len(operations) + 1 :]:  # sums of products, spelled out
        assert np.dot(line[:-1:2], line[1:-1:2]) == pytest.approx(line[-1])


def test_a_network_is_computed_unit_by_unit_then_back():
    network = symbolic.network((2, 3, 3))
    live = efficient_backprop.deltas(network, x=[0.7, -1.2], true_class=1, seed=3)
    last = live.controls[STAGE].children[0].max
    assert last == 2 * 6
    lines = [said(live, {STAGE: stage})[0]["values"] for stage in range(1, last + 1)]
    for line in lines[:6]:  # a unit: inputs and weights in pairs, the bias, the sum, the value
        *pairs, bias, score, _ = line
        assert np.dot(pairs[::2], pairs[1::2]) + bias == pytest.approx(score)
    assert [line[-1] for line in lines[:3]] == pytest.approx([np.tanh(li[-2]) for li in lines[:3]])
    for guess, truth, delta in lines[6:9]:
        assert guess - truth == pytest.approx(delta)
    for slope, *pairs, delta in lines[9:]:
        assert slope * np.dot(pairs[::2], pairs[1::2]) == pytest.approx(delta)
    assert sum(line[-1] for line in lines[6:9]) == pytest.approx(0)


def test_outputs_whose_delta_is_no_difference_are_not_said_to_be_one():
    network = symbolic.network((1, 2, 2), output="linear")
    live = efficient_backprop.deltas(network, x=[0.7], true_class=1)
    texts = [said(live, {STAGE: stage})[0]["text"] for stage in range(9)]
    assert not any("−y" in text for text in texts)
