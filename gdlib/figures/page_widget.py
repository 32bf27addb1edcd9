"""A widget with a script of its own: for notebooks, and for pages without a kernel."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any, ClassVar

import anywidget
import traitlets

from gdlib.live import FOR_PAGES, STYLESHEET, LiveError

FOLDER = Path(__file__).parent
BUNDLES = FOLDER / "static"
"""`NAME.js` is for notebooks, `NAME_page.js` for pages without a kernel: bundles."""


class PageWidget(anywidget.AnyWidget):
    """What a subclass names: a style sheet NAME.css, and in `static` the scripts of NAME."""

    NAME: ClassVar[str]
    spec = traitlets.Dict().tag(sync=True)

    def __init_subclass__(cls, **options: Any) -> None:
        if "NAME" in vars(cls):  # traits that are added later make a class without one
            cls._esm = BUNDLES / f"{cls.NAME}.js"
            cls._css = STYLESHEET.read_text("utf-8") + cls.style()
        super().__init_subclass__(**options)

    @classmethod
    def style(cls) -> str:
        """Its own style sheet; a page has that of live figures already."""
        return (FOLDER / f"{cls.NAME}.css").read_text("utf-8")

    def first_frame(self) -> str:
        """What is seen until the script has begun, and where there is none."""
        raise NotImplementedError

    def _repr_mimebundle_(self, **options: Any) -> Any:
        """Show the widget where there is a kernel; in a page, what the host starts from."""
        found = super()._repr_mimebundle_(**options)
        if found is None:
            raise LiveError(f"{self.NAME}: widgets are not available here")
        bundle, metadata = found
        bundle["text/plain"] = repr(self)
        if FOR_PAGES in os.environ:
            bundle["text/html"] = self.to_html()
        return bundle, metadata

    def to_html(self) -> str:
        """Return what a page without a kernel shows; the script in it does the rest."""
        script = (BUNDLES / f"{self.NAME}_page.js").read_text("utf-8")
        return (
            f"<style>{self.style()}</style>"
            f'<div id="{self.NAME}" data-live-widget="{self.NAME}" data-model="{self.model_id}">'
            f"{self.first_frame()}</div>"
            f"<script>{script}</script>"
        )
