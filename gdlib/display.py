"""What a chapter shows of the library itself: the source of a function, as the output of a cell."""

import inspect
import re
import textwrap
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, repr=False)
class Source:
    """Python source, highlighted in the book and in JupyterLab, and plain elsewhere."""

    text: str

    def _repr_markdown_(self) -> str:
        # Markdown alone, without HTML beside it: the book and JupyterLab then highlight the block
        # with their own theme, light or dark.
        fence = "```"
        while fence in self.text:
            fence += "`"
        return f"{fence}python\n{self.text}\n{fence}"

    def __repr__(self) -> str:
        return self.text


def source(function: Any) -> Source:
    """The source of a function, method or class as in its module, but for the checks above it.

    The decorators of `gdlib._checked` are no part of a formula. ValueError for anything without
    Python source, such as NumPy's own functions.
    """
    try:
        lines = inspect.getsource(inspect.unwrap(function))
    except (TypeError, OSError) as error:
        raise ValueError(f"function = {function!r}: expected one written in Python") from error
    formula = re.sub(r"^ *@(checked\(.*\)|kept)\n", "", lines, flags=re.MULTILINE)
    return Source(textwrap.dedent(formula).rstrip())
