"""The errors of a live figure, each a sentence about what is wrong."""


class LiveError(ValueError):
    """A wrong argument. A notebook shows only the sentence: the stack frames would not help."""

    def _render_traceback_(self) -> list[str]:
        return [f"{type(self).__name__}: {self}"]


class LiveTypeError(LiveError, TypeError):
    """An argument of the wrong type."""
