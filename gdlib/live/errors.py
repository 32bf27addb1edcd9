"""What a live figure says when it is given something wrong: a sentence."""


class LiveError(ValueError):
    """A wrong argument. A notebook shows the sentence alone: the engine's frames help nobody."""

    def _render_traceback_(self) -> list[str]:
        return [f"{type(self).__name__}: {self}"]


class LiveTypeError(LiveError, TypeError):
    """An argument of the wrong type."""
