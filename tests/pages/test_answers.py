"""Answers checked in the static page: opened from disk, with nothing to fetch."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
import sympy
from playwright.sync_api import Browser, Locator, Page

from marking import marks
from marking.exercise import Answer
from marking.exercises import in_the_book
from marking.in_sandbox import encode
from tests.chapters import CHAPTERS, ROOT, name

BOOK = ROOT / "_build" / "html"
BY_HAND = {
    path: [
        a for label, v in in_the_book().items() for a in v.answers if f":label: {label}\n" in text
    ]
    for path in CHAPTERS
    for text in [path.read_text("utf-8")]
}

(DERIVATIVE,) = [a for answers in BY_HAND.values() for a in answers if a.name == "derivative"]


class Reader:
    """A reader of a page from disk; all requests and errors are recorded."""

    def __init__(self, page: Page) -> None:
        self.page, self.errors, self.requests = page, [], []
        page.on("console", lambda m: self.errors.append(m.text) if m.type == "error" else None)
        page.on("pageerror", lambda error: self.errors.append(str(error)))
        page.on("request", lambda request: self.requests.append(request.url))

    def open(self, path: Path) -> list[Locator]:
        """Open a chapter and return its boxes."""
        self.requests.clear()
        self.page.goto((BOOK / name(path)).with_suffix(".html").as_uri())
        return self.page.locator(".live-answer").all()

    def answer(self, box: Locator, text: str) -> str:
        """Type, press Enter, and read the response."""
        box.locator("input").fill(text)
        box.locator("input").press("Enter")
        said = box.locator("output:not(:empty)")
        said.wait_for()
        return said.text_content() or ""


@pytest.fixture(scope="module")
def reader(browser: Browser) -> Iterator[Reader]:
    context = browser.new_context(offline=True)
    reader = Reader(context.new_page())
    yield reader
    context.close()
    assert reader.errors == []


@pytest.fixture(scope="module")
def derivative(reader: Reader) -> Locator:
    """The box for the derivative of (3w − 6)²."""
    (path,) = [p for p in CHAPTERS if p.stem == "02_slope"]
    return reader.open(path)[0]


def marked_right(answer: Answer, text: str) -> bool:
    """Whether the marking gives the points: page and marking are one judge."""
    given = encode(text)
    return marks._answer(answer, {"value": given})[0] == 1


def spellings(value: sympy.Expr) -> set[str]:
    """The ways people write an answer."""
    text = str(value)
    plain = {text, text.replace("**", "^"), text.replace("*", " "), re.sub(r"(\d)\*", r"\1", text)}
    return plain | {text.replace("-", "−"), f"({text})"}


@pytest.mark.parametrize("path", CHAPTERS, ids=name)
def test_every_box_knows_the_right_answer_from_a_wrong_one(reader: Reader, path: Path) -> None:
    boxes = reader.open(path)
    assert len(boxes) == len(BY_HAND[path]) >= 2
    for box, answer in zip(boxes, BY_HAND[path], strict=True):
        for text in spellings(answer.value):
            assert reader.answer(box, text) == "Right.", text
            assert marked_right(answer, text)
        for wrong in (
            answer.value * sympy.Rational(51, 50) + sympy.Rational(15, 14),
            answer.value * sympy.Rational(11, 10) + sympy.Rational(1, 9),
        ):
            assert reader.answer(box, str(wrong)).startswith("Not yet"), wrong
            assert not marked_right(answer, str(wrong))
        for wrong, says in answer.mistakes:
            if not marked_right(answer, str(wrong)):
                assert reader.answer(box, str(wrong)) == f"Not yet. {says}"
        in_words = answer.formula.startswith(r"\text")
        assert box.locator("label math").count() == (not in_words)
        assert len(box.locator("label").text_content() or "") > len("Your ")
    assert all(url.startswith("file:") for url in reader.requests)


def test_the_reader_is_loaded_when_a_box_is_first_used(reader: Reader) -> None:
    boxes = reader.open(CHAPTERS[0])
    assert not [url for url in reader.requests if "live-typed" in url]
    reader.answer(boxes[0], "5/3")
    reader.answer(boxes[1], "-10/3")
    assert len([url for url in reader.requests if "live-typed" in url]) == 1


@pytest.mark.parametrize(
    "text",
    [
        "18w-36",
        "18 (w - 2)",
        "2(3w-6)3",
        "6*(3w − 6)",
        "(w-2)18",
        "36w/2-6²",
        "w·18-36",
        "9w*2 - 36.0",
        "L'(w) = 18w - 36",
        "18w − 72⁄2",
    ],
)
def test_a_formula_is_read_as_people_write_it(
    reader: Reader, derivative: Locator, text: str
) -> None:
    assert reader.answer(derivative, text) == "Right."
    assert marked_right(DERIVATIVE, text)


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("18w", r"Not yet: at w = [\d.]+ yours is [-\d.]+, and the answer is not\."),
        ("log(w-5)", r"Not yet: yours has no value at w = "),
        ("18x - 36", "x is not known here, only w"),
        ("18w -", "it ends where a number, a name or a bracket is missing"),
        ("(18w - 36", r"a '\)' is missing"),
        ("18,5w", "decimal point"),
        ("   ", "nothing to check"),
        ("<img src=x onerror=alert(1)>", "missing before '<'|'<' is not part of a formula"),
        ('import("x")', "import is no function known here"),
        ("f(w)=w", "Not yet"),
        ("w=1=2", "'=' is not part"),
        ("1 2/3", "write a sum or a product"),
        ('"w"', "is not part of a formula"),
        ("constructor", "constructor is not known"),
        ("w.constructor", "is not part|not known"),
        ("1" * 400, "too large"),
        ("(" * 200, "nested more than 50 deep"),
        ("9^9^9^9", "a power of more than 300 digits"),
    ],
)
def test_what_is_wrong_or_unreadable_is_said(
    reader: Reader, derivative: Locator, text: str, says: str
) -> None:
    assert re.search(says, reader.answer(derivative, text))
    assert not marked_right(DERIVATIVE, text)


def test_letters_in_a_row_are_a_product(reader: Reader, derivative: Locator) -> None:
    """As in 2x(wx − y), which is no call of a function."""
    assert reader.answer(derivative, "ww*18/w - 36") == "Right."
    assert reader.answer(derivative, "18w(w-2)/w") == "Right."
    assert reader.answer(derivative, "2ww(9w-18)/w^2") == "Right."


def test_it_works_by_keyboard_and_button_and_is_announced(
    reader: Reader, derivative: Locator
) -> None:
    derivative.locator("input").fill("18w-36")
    assert derivative.locator("output").text_content() == ""
    reader.page.keyboard.press("Tab")  # the exercise's second box
    reader.page.keyboard.press("Tab")
    check = derivative.locator("xpath=..").locator("button")
    assert check.evaluate("b => b === document.activeElement")
    reader.page.keyboard.press("Space")
    output = derivative.locator("output[role=status]:not(:empty)")
    output.wait_for()
    assert output.text_content() == "Right."
    assert derivative.locator("input").evaluate("i => i.labels.length") == 1


def test_one_check_looks_at_all_that_is_filled_in(reader: Reader) -> None:
    (path,) = [p for p in CHAPTERS if p.stem == "03_taylor_expansion"]
    boxes = reader.open(path)[:7]
    form = boxes[0].locator("xpath=..")
    assert form.locator("button").count() == 1
    for box, text in zip(boxes, ["4", "8", "", "7", "0.15", "5/17", ""], strict=True):
        box.locator("input").fill(text)
    form.locator("button").click()
    boxes[5].locator("output:not(:empty)").wait_for()
    said = [box.locator("output").text_content() or "" for box in boxes]
    assert said[:3] == ["Right.", "Right.", ""] and said[5:] == ["Right.", ""]
    assert said[3] == "Not yet: yours is 7, and the answer is not."
    assert said[4] == "Close: give more digits, or a fraction."
    for box in boxes:
        box.locator("input").fill("")
    form.locator("button").click()
    boxes[0].locator("output:not(:empty)").wait_for()
    assert boxes[0].locator("output").text_content() == "There is nothing to check yet."


@pytest.mark.parametrize("text", ["1.7", "1.67", "2", "1.6", "5/3", "1.9"])
def test_a_rounded_number_is_close_and_another_is_not(reader: Reader, text: str) -> None:
    (path,) = [p for p in CHAPTERS if p.stem == "01_loss_functions"]
    box = reader.open(path)[0]  # 5/3
    wanted = {"1.7": "Close", "1.67": "Right", "5/3": "Right"}.get(text, "Not yet")
    assert reader.answer(box, text).startswith(wanted)
    assert marked_right(BY_HAND[path][0], text) == (wanted == "Right")


def test_boxes_fit_a_phone_and_a_finger(browser: Browser) -> None:
    context = browser.new_context(offline=True, viewport={"width": 375, "height": 800})
    reader = Reader(context.new_page())
    boxes = reader.open(CHAPTERS[2])
    for box in boxes:
        for part in (box.locator("input"), box.locator("xpath=..").locator("button")):
            shape = part.bounding_box()
            assert shape
            assert shape["height"] >= 44
            assert shape["x"] >= 0
            assert shape["x"] + shape["width"] <= 375
    context.close()
    assert reader.errors == []


def test_without_javascript_there_is_no_box_that_says_nothing(browser: Browser) -> None:
    context = browser.new_context(java_script_enabled=False)
    boxes = Reader(context.new_page()).open(CHAPTERS[0])
    assert boxes
    assert not any(box.is_visible() for box in boxes)
    context.close()
