"""A page with live figures on it, made without Sphinx, for the browser tests of the engine."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import ipywidgets as widgets
import numpy as np
from playwright.sync_api import ElementHandle, Page

from gdlib.live import HOST, STATE_TYPE, STYLESHEET, Live, lean_state

ROOT = Path(__file__).parent.parent
LIVE = ROOT / "gdlib" / "live"

# One string, for Playwright takes lists apart value by value. JSON has neither NaN nor infinity.
EVALUATE = """(root, all) => JSON.stringify(all.map((p) => root.live.evaluate(p)), (key, v) =>
  ArrayBuffer.isView(v) ? [...v] : typeof v === "number" && !Number.isFinite(v) ? String(v) : v)"""


def sentences(parts: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    """What a figure says below it and writes into it, whatever its sliders' places."""
    return [part for part in parts if set(part) - {"html", "which"} == {"values", "text"}]


def written(parts: Sequence[dict[str, Any]]) -> list[float]:
    """The numbers that are written into a figure's picture and seen there, in their order."""
    texts = [part for part in parts if "text" in part and "html" not in part]
    return [value for part in texts if part.get("visible", True) for value in part["values"]]


def words(parts: Sequence[dict[str, Any]]) -> list[str]:
    """What is written in a figure, of all that it evaluates, where it depends on its sliders."""
    return [part["text"] for part in parts if part.get("visible") and "text" in part]


def evaluated(root: ElementHandle, positions: Sequence[Sequence[float]]) -> list[list[dict]]:
    """What the browser computes for a figure at these positions: arrays of numbers by name."""
    found = json.loads(root.evaluate(EVALUATE, [list(map(float, p)) for p in positions]))
    return [
        [{key: np.ravel(np.array(v, float)) for key, v in part.items()} for part in parts]
        for parts in found
    ]


def html(*shown: Live | widgets.Widget) -> str:
    """Return a page that shows live figures and widgets as the built book shows them."""
    body = []
    for one in shown:
        bundle_of_mimes = one._repr_mimebundle_()
        if isinstance(one, Live):
            bundle_of_mimes, _ = bundle_of_mimes
        if "text/html" in bundle_of_mimes:
            body.append(bundle_of_mimes["text/html"])
        else:
            view = json.dumps(bundle_of_mimes["application/vnd.jupyter.widget-view+json"])
            kind = "application/vnd.jupyter.widget-view+json"
            body.append(f'<script type="{kind}">{view}</script>')
    state = lean_state({"state": widgets.Widget.get_manager_state()["state"]})
    text = json.dumps(state).replace("</", "<\\/")
    return (
        '<!doctype html><html lang="en"><head><meta charset="utf-8"><title>Live</title>'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f"<style>{STYLESHEET.read_text(encoding='utf-8')}</style></head><body>"
        + "".join(body)
        + f'<script type="{STATE_TYPE}">{text}</script>'
        + f"<script>{HOST.read_text(encoding='utf-8')}</script></body></html>"
    )


def answered(page: Page) -> None:
    """Wait until a page's figures are alive, and skip what some of them ask first."""
    page.wait_for_selector("html[data-live=ready]")
    page.evaluate("""document.querySelectorAll('.live-question button:last-child')
      .forEach((button) => { button.click(); document.activeElement.blur(); });
      scrollTo(0, 0)""")


def drawn(page: Page) -> None:
    """Wait until what was asked for is drawn: figures draw in the frame after an event."""
    page.evaluate("new Promise((f) => requestAnimationFrame(() => requestAnimationFrame(f)))")
