"""How a figure is shown: in a notebook, in a page without a kernel, in a file of its own."""

from __future__ import annotations

import html
import os
from abc import abstractmethod
from pathlib import Path
from typing import Any

import ipywidgets as widgets
from IPython import get_ipython
from IPython.display import display

from gdlib.live.errors import LiveError
from gdlib.live.page import FOR_PAGES, page_of
from gdlib.live.theme import with_colours


class Shown:
    """What `Live` gives to Jupyter, to Sphinx and to disk, of the widget that it builds."""

    alt: str
    _bindings: list[Any]

    @abstractmethod
    def build(self) -> widgets.VBox:
        """Return the widget: the figure, its readouts and its controls."""

    @abstractmethod
    def open_losses(self) -> None:
        """Tell a page or a notebook how another loss can be typed."""

    @abstractmethod
    def make_room(self) -> None:
        """Tell a page how much room the readouts need at most."""

    def save(self, path: str | Path) -> Path:
        """Write one HTML file with the figure, its controls and the engine; return its path.

        It works from disk, in an `iframe`, and offline. Raises `LiveError` for another suffix than
        .html, a folder that is not there, or a figure to which nothing is bound.
        """
        path = Path(path)
        if path.suffix != ".html":
            raise LiveError(f"save: {path.name} must end in .html")
        if not path.parent.is_dir():
            raise LiveError(f"save: the folder {path.parent} does not exist")
        if not self._bindings:
            raise LiveError("save: nothing is bound to this figure, so nothing in it would move")
        box = self.build()
        self.open_losses()
        self.make_room()
        path.write_text(page_of(self.to_html(box.model_id), box, self.alt), encoding="utf-8")
        return path

    def _ipython_display_(self) -> None:
        """In a notebook, show the first frame too: an output that the widget hides when it draws.

        A notebook opened again has no widget, and Jupyter says "model not found" in its place. It
        prefers these words to HTML in the same output, but shows the HTML of another.
        """
        # A page of Sphinx takes both from one output, a terminal takes neither.
        if FOR_PAGES in os.environ or not hasattr(get_ipython(), "kernel"):
            raise NotImplementedError  # IPython then takes the bundle below
        bundle, metadata = self._repr_mimebundle_()
        mark = f'data-frame="{self.build().children[0].frame}"'
        frame = (
            f'<div {mark} style="max-width:36rem;margin:auto">{with_colours(self.to_html())}</div>'
        )
        display({"text/html": frame, "text/plain": bundle["text/plain"]}, raw=True)
        del bundle["text/html"]
        display(bundle, metadata=metadata, raw=True)

    def _repr_mimebundle_(self, **_: Any) -> tuple[dict[str, Any], dict[str, Any]]:
        """Show the widget where there is a kernel, and the first frame where there is none.

        The metadata are those that anywidget sends with the figure: Colab needs them to load it,
        and looks for them beside what is shown, which is the box around it.
        """
        box = self.build()
        self.open_losses()
        if FOR_PAGES in os.environ:
            self.make_room()
        bundle = dict(box._repr_mimebundle_())
        bundle["text/html"] = self.to_html(box.model_id)
        bundle["text/plain"] = f"Live figure: {self.alt}"
        _, metadata = box.children[0]._repr_mimebundle_()
        return bundle, metadata

    def to_html(self, model_id: str = "") -> str:
        """Return the first frame as HTML: what the static page starts from, and what is
        left of it without JavaScript and in print."""
        figure, *controls = self.build().children
        readouts = "".join(f"<p>{said}</p>" for said in figure.spec["first"])
        mark = f' data-live="{model_id}"' if model_id else ""
        # So that the page can reserve their space until they load.
        rows = sum(not isinstance(control, widgets.Button) for control in controls)
        rows += len(figure.spec.get("typed", {}).get("losses", ()))
        mark += f' style="--live-rows:{rows}"' if controls else ""
        picture = f'<div class="live-picture" role="img" aria-label="{html.escape(self.alt)}">'
        # Captions speak of sliders.
        words = "Without JavaScript its sliders are not there, and this is its first frame."
        still = f"<noscript><p>{words}</p></noscript>" if controls else ""
        return (
            f'<div class="live"{mark}>{picture}{figure.svg}</div>{still}'
            f'<div class="live-readout" aria-live="polite">{readouts}</div></div>'
        )
