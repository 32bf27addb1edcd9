"""`@checked(preparation)` above a formula: the outermost call checks its arguments by name.

Calls made within it are not checked again, so the functions a reader sees are nothing but their
formulas, and a training step pays for nothing else. A preparation gets the arguments by name, in
order, and replaces them; `gdlib._preparations` has them all.
"""

import functools
import inspect
import threading
import weakref
from collections.abc import Callable
from typing import Any, TypeVar, cast

import numpy as np

Function = TypeVar("Function", bound=Callable[..., Any])
Arguments = dict[str, Any]

_outermost = threading.local()


def checked(prepare: Callable[[Arguments], None]) -> Callable[[Function], Function]:
    """A function whose arguments `prepare` checks and converts before it runs.

    It emits no NumPy warnings: what overflows becomes infinite, as documented.
    """

    def decorate(function: Function) -> Function:
        bind = inspect.signature(function).bind

        @functools.wraps(function)
        def checked_first(*args: Any, **kwargs: Any) -> Any:
            if hasattr(_outermost, "values"):
                return function(*args, **kwargs)
            bound = bind(*args, **kwargs)
            prepare(bound.arguments)
            _outermost.values = {}
            try:
                with np.errstate(all="ignore"):
                    result = function(*bound.args, **bound.kwargs)
            finally:
                del _outermost.values
            return result[()] if isinstance(result, np.ndarray) else result  # no arrays of shape ()

        return cast(Function, checked_first)

    return decorate


def kept(function: Function) -> Function:
    """A function of one array whose value is kept as long as that array, within one outermost call.

    No array changes within it, so the backward pass reuses what the forward pass has evaluated.
    """

    @functools.wraps(function)
    def once(a: Any) -> Any:
        values, key = _outermost.values, (function, id(a))
        if key in values:
            return values[key][0]
        value = function(a)
        if isinstance(a, np.ndarray):  # otherwise its id could be reused unnoticed
            values[key] = value, weakref.ref(a, lambda _: values.pop(key))
        return value

    return cast(Function, once)
