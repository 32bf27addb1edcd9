"""Formulas as people type them: what is read, and what is refused with which sentence."""

from __future__ import annotations

import pytest
import sympy as sp

from gdlib import spelling, symbolic
from gdlib.spelling import FUNCTIONS, SPELLINGS, SpellingError, canonical, read

w, b = symbolic.w, symbolic.b
theta, eta = sp.symbols("theta eta", real=True)

SAME = {
    w**2: ["w²", "w^2", "w**2", "w w", "w·w", "w × w", "(w)(w)", "L(w) = w²", "L = w^2", "w^(4/2)"],
    3 * w**2 - 1: ["3w² − 1", "3*w**2 - 1", "3 w^2-1", "−1 + 3w²", "3(w)^2 – 1", "w²3 − 1"],
    sp.sin(3 * w): ["sin(3*w)", "sin(3w)", "sin( 3·w )"],
    sp.sin(w) ** 2: ["sin²(w)", "sin(w)²", "(sin(w))^2"],
    sp.Abs(w) / 2: ["|w|/2", "abs(w)/2", "½|w|", "|w| ÷ 2", "0.5 |w|"],
    sp.exp(w): ["e^w", "exp(w)", "e**w"],
    sp.log(w): ["ln(w)", "log(w)"],
    sp.sqrt(w + 1): ["√(w+1)", "sqrt(w + 1)", "(w+1)^(1/2)", "(w + 1)^0.5", "(w+1)^½"],
    -(w**2): ["-w^2", "−w²", "--−w²"],
    1 / w: ["1/w", "w^-1", "w⁻¹", "w^(-1)"],
    w**512: ["w^2^3^2", "w^(2^9)"],
    w / 1000: ["1e-3w", "w/1000", ".001w", "w·10^-3"],
    theta**2 + eta: ["θ² + η", "theta^2 + eta"],
    sp.Max(w, 1 - w): ["max(w, 1 - w)", "max(1-w,w)"],
    sp.pi * w: ["πw", "pi*w", "π w"],
    symbolic.sigmoid(w): ["sigmoid(w)", "σ(w)", "1/(1 + e^-w)"],
    symbolic.relu(w): ["relu(w)", "ReLU(w)"],
    w / 2 + b: ["w/2 + b", "½w + b", "1/2w+b"],
}

REFUSED = {
    "": "there is no formula",
    "   ": "there is no formula",
    "L(w) =": "there is no formula",
    "w +": "it ends where",
    "(w": r"a '\)' is missing",
    "|w": r"a '\|' is missing",
    "w)": "a bracket is closed",
    "0,5w": "write a decimal point, not a comma",
    "(0,5)": "write a decimal point",
    "sin(0,5)": "sin takes one argument",
    "sin w": r"sin needs brackets, as in sin\(…\)",
    "sin": "sin needs brackets",
    "3 4": "two numbers side by side",
    "3½": "two numbers side by side",
    "w $ 2": "'\\$' is not part",
    "w == 2": "'=' is not part",
    "w!": "'!' is not part",
    "x.__class__": "'.' is not part",
    "__import__('os')": "'_' is not part",
    "w; import os": "';' is not part",
    "[w]": r"'\[' is not part",
    "9^9^9^9": "a power of more than 300 digits",
    "10^400": "more than 300 digits",
    "1e400": "1e400 is too large",
    "*w": r"missing before '\*'",
    "1.2.3w": "'.3' is not part",
    "w² = 3w": "'=' is not part",
    "2w = w²": "'=' is not part",
    "3 = w": "'=' is not part",
    "log2(w)": "log2 is no function known here",
    "wsin(w)": "wsin is no function known here",
    "nan*w": "nan is no number here",
    "oo": "oo is no number here",
    "sin⁻¹(w)": "can mean two things",
    "√w²": "can mean two things",
    "|2|w|+1|": r"'\|' is not part",
    "w^": "it ends where",
    "w⁻": "'⁻' is no exponent",
    "(" * 60 + "w" + ")" * 60: "nested more than 50 deep",
    "w^" * 60 + "w": "nested more than 50 deep",
    "w+" * 300 + "w": "at most 500",
}


@pytest.mark.parametrize("expected, texts", SAME.items(), ids=map(str, SAME))
def test_it_is_read_as_meant(expected, texts) -> None:
    for text in texts:
        assert sp.simplify(read(text) - expected) == 0, text


@pytest.mark.parametrize("text, message", REFUSED.items(), ids=[t[:20] for t in REFUSED])
def test_it_is_refused_with_a_sentence(text, message) -> None:
    with pytest.raises(SpellingError, match=message) as caught:
        read(text)
    assert "\n" not in str(caught.value)


def test_names_are_those_that_are_known() -> None:
    assert read("w₂ + w_1·w2", ["w_1", "w_2"]) == sp.sympify("w_2 + w_1*w_2", {
        n: sp.Symbol(n, real=True) for n in ("w_1", "w_2")
    })  # fmt: skip
    assert read("e + w", ["w"]) == sp.E + w
    assert read("e + w", ["w", "e"]) == sp.Symbol("e", real=True) + w
    for text in ("wb²", "wbb", "w·b²", "b²w"):
        assert read(text, ["w", "b"]) == sp.Symbol("w", real=True) * sp.Symbol("b", real=True) ** 2
    assert read("2etaw(w + 1)", ["eta", "w"]) == read("2·eta·w·(w + 1)", ["eta", "w"])
    for text, message in (("wq", "only w, b"), ("q", "only w, b")):
        with pytest.raises(SpellingError, match=message):
            read(text, ["w", "b"])


def test_every_function_of_the_file_is_known_and_the_other_way_round() -> None:
    assert set(SPELLINGS["functions"].values()) == set(FUNCTIONS)
    assert set(SPELLINGS["several_arguments"]) <= set(FUNCTIONS)
    for name, meaning in SPELLINGS["functions"].items():
        arguments = (w, b) if meaning in SPELLINGS["several_arguments"] else (w,)
        assert read(f"{name}({', '.join(map(str, arguments))})") == FUNCTIONS[meaning](*arguments)


def test_one_name_may_be_spelled_in_several_ways() -> None:
    for names in (["θ", "theta"], ["w₁", "w1", "w_1"], ["η", "eta"]):
        assert len({canonical(name) for name in names}) == 1
        for typed in names:
            assert read(f"{typed}²", [names[-1]]) == sp.Symbol(names[-1], real=True) ** 2
    assert read("σ w") == sp.Symbol("sigma", real=True) * w


def test_nothing_is_evaluated(monkeypatch) -> None:
    def forbidden(*args, **kwargs):
        raise AssertionError("a text was evaluated")

    for name in ("sympify", "parse_expr", "S"):
        monkeypatch.setattr(spelling.sp, name, forbidden)
    monkeypatch.setattr("builtins.eval", forbidden)
    monkeypatch.setattr("builtins.exec", forbidden)
    assert read("sin(3w)² + |w|^½") == sp.sin(3 * w) ** 2 + sp.sqrt(sp.Abs(w))
