"""A page with live figures on it, made without Sphinx, for the browser tests of the engine."""

from __future__ import annotations

import json
from pathlib import Path

import ipywidgets as widgets

from _ext.downhill.static_host import STATE_TYPE, bundle, lean_state
from gdlib.live import Live

ROOT = Path(__file__).parent.parent
LIVE = ROOT / "gdlib" / "live"


def html(*shown: Live | widgets.Widget) -> str:
    """Return a page that shows live figures and widgets as the built book shows them."""
    body = []
    for one in shown:
        bundle_of_mimes = one._repr_mimebundle_()
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
        f"<style>{(LIVE / 'live.css').read_text(encoding='utf-8')}</style></head><body>"
        + "".join(body)
        + f'<script type="{STATE_TYPE}">{text}</script>'
        + f"<script>{bundle(LIVE / 'live.js')}</script></body></html>"
    )
