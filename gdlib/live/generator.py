"""Random numbers that are the same in Python and in a page: for weights, batches and shuffles.

Number i of a stream is a hash of a counter, so that any of them can be had without those before it:
with the state s, the counter is c = s + (i + 1) · 0x6D2B79F5, all modulo 2³², and the hash is that
of the generator known as mulberry32. `js/generator.js` has the same lines.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from gdlib.live.errors import LiveError

_WORD = 0xFFFFFFFF
EPOCHS = 1 << 16
"""The stream of the first epoch's order; those below it are for weights."""


def uniforms(seed: int, stream: int, count: int) -> np.ndarray:
    """The first numbers of a stream, each from 0 up to, but not including, 1."""
    seed, stream, count = (_whole(*v) for v in (("seed", seed), ("stream", stream), ("n", count)))
    state = (seed * 0x9E3779B1 + stream * 0x85EBCA6B) & _WORD
    c = (state + np.arange(1, count + 1, dtype=np.uint64) * 0x6D2B79F5) & _WORD
    t = ((c ^ (c >> 15)) * (c | 1)) & _WORD
    t ^= (t + (((t ^ (t >> 7)) * (t | 61)) & _WORD)) & _WORD
    return (t ^ (t >> 14)) / 2.0**32


def normals(seed: int, stream: int, shape: tuple[int, ...]) -> np.ndarray:
    r"""Numbers of mean 0 and variance 1, from two uniform ones for each two of them.

    By Box and Muller: :math:`\sqrt{-2 \log(1 - u)}` times the cosine and the sine of 2πv.
    """
    count = int(np.prod(shape))
    pairs = uniforms(seed, stream, 2 * ((count + 1) // 2)).reshape(-1, 2)
    radius, angle = np.sqrt(-2 * np.log(1 - pairs[:, 0])), 2 * np.pi * pairs[:, 1]
    both = np.stack([radius * np.cos(angle), radius * np.sin(angle)], axis=1)
    return both.ravel()[:count].reshape(shape)


def order(seed: int, stream: int, n: int) -> np.ndarray:
    """The numbers from 0 to n − 1, shuffled (Fisher and Yates, from the last place down)."""
    shuffled = np.arange(n)
    draws = uniforms(seed, stream, max(n - 1, 0))
    for last, u in zip(range(n - 1, 0, -1), draws, strict=True):
        other = int(u * (last + 1))
        shuffled[last], shuffled[other] = shuffled[other], shuffled[last]
    return shuffled


def batch(step: int, n: int, size: int, seed: int) -> np.ndarray:
    """The rows of a step's batch: epochs one after the other, the last batch of each shorter."""
    step, n, size = (_whole(*v) for v in (("step", step), ("n", n), ("size", size)))
    if not (n and size):
        raise LiveError(f"n and size are {n} and {size}; expected at least 1 of each")
    epoch, place = divmod(step, -(-n // size))
    return order(seed, EPOCHS + epoch, n)[place * size : (place + 1) * size]


def _whole(name: str, value: Any) -> int:
    """A whole number that is not negative, below 2³²."""
    if isinstance(value, bool) or not 0 <= value <= _WORD or int(value) != value:
        raise LiveError(f"{name} is {value!r}; expected a whole number from 0 to 2³² − 1")
    return int(value)
