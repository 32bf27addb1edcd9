"""Live figures in a page without a kernel: the widgets' state made small, and a file of its own."""

from __future__ import annotations

import html
import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import ipywidgets as widgets

from gdlib.live.theme import STYLESHEET as STYLE

STATE_TYPE = "application/vnd.jupyter.widget-state+json"
FOR_PAGES = "GDLIB_LIVE_PAGES"
"""The environment variable by which a kernel knows that its outputs go to a page of Sphinx."""
BUNDLES = Path(__file__).with_name("static")
HOST, TYPED, WIDGET = (BUNDLES / f"{name}.js" for name in ("host", "typed", "widget"))
"""The script of pages without a kernel, what it loads when a loss is typed, and the view for
notebooks; `make engine` bundles them."""

# The reader's own light or dark, for a page that has no switch.
_THEME = (
    'document.documentElement.dataset.theme=matchMedia("(prefers-color-scheme: dark)").matches'
    '?"dark":"light"'
)

# What only a kernel's front end needs; the figure's SVG is in the page already.
_DROPPED_KEYS = re.compile(r"_.*|svg|frame|alt|style|layout|tabbable|tooltip|behavior|orientation")
_DROPPED_MODELS = re.compile(r".*(Style|Layout)Model")
# Not \b…\b: in "IPY_MODEL_4f…" the underscore before an id counts as a letter.
_MODEL_ID = re.compile(r"(?<![0-9a-f])[0-9a-f]{32}(?![0-9a-f])")


def lean_state(state: dict[str, Any]) -> dict[str, Any]:
    """Return the saved state without what the host never reads."""
    kept = {}
    for model_id, model in state["state"].items():
        if not _DROPPED_MODELS.fullmatch(model["model_name"]):
            values = {
                k: v
                for k, v in model["state"].items()
                if v is not None and (k == "_options_labels" or not _DROPPED_KEYS.fullmatch(k))
            }
            kept[model_id] = {"model_name": model["model_name"], "state": values}
    return {"state": kept}


def number_models(text: str, numbers: dict[str, str]) -> str:
    """Replace the random ids of widgets by numbers, in order of appearance."""
    return _MODEL_ID.sub(lambda m: numbers.setdefault(m[0], f"m{len(numbers)}"), text)


def state_script(state: dict[str, Any], numbers: dict[str, str]) -> str:
    """Return a lean state as the text of a script in a page."""
    text = json.dumps(lean_state(state), ensure_ascii=False, separators=(",", ":"))
    return number_models(text, numbers).replace("</", "<\\/")


def _family(widget: Any) -> Iterator[Any]:
    yield widget
    for child in getattr(widget, "children", ()):
        yield from _family(child)


def state_of(box: widgets.Box) -> dict[str, Any]:
    """Return the state of a figure's box: its widgets, and the links among them."""
    everything = widgets.Widget.get_manager_state()["state"]
    own = {widget.model_id for widget in _family(box)}
    links = {
        model_id
        for model_id, model in everything.items()
        if model["state"].get("source", [""])[0].removeprefix("IPY_MODEL_") in own
    }
    return {"state": {i: model for i, model in everything.items() if i in own | links}}


def page_of(figure: str, box: widgets.Box, title: str) -> str:
    """Return one page with a figure, its controls, engine and style, and no link outside."""
    numbers: dict[str, str] = {}
    figure = number_models(figure, numbers)
    scripts = [TYPED] if "typed" in box.children[0].spec else []
    engine = "".join(f"<script>{s.read_text('utf-8')}</script>" for s in [*scripts, HOST])
    state = state_script(state_of(box), numbers)
    return (
        '<!doctype html><html lang="en"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f"<title>{html.escape(title)}</title>"
        f"<style>{STYLE.read_text('utf-8')}"
        "body{margin:.5rem;font:16px/1.5 system-ui,sans-serif}[data-theme=dark]{color-scheme:dark}"
        f"</style><script>{_THEME}</script></head><body>{figure}"
        f'<script type="{STATE_TYPE}">{state}</script>'
        f"{engine}</body></html>\n"
    )
