"""The book's data, read from the files in `gdlib/data/`, and what is done to data before training.

Penguins: Gorman, Williams, Fraser (2014), doi:10.1371/journal.pone.0090081, CC0.
Digits: Alpaydin, Kaynak (1998), UCI, doi:10.24432/C50P49, CC BY 4.0.
"""

import csv
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from gdlib._argument_checks import Array, bad, count, generator, real, scalar

FOLDER = Path(__file__).parent / "data"
MEASUREMENTS = ("bill_length_mm", "bill_depth_mm", "flipper_length_mm", "body_mass_g")


class Penguins(NamedTuple):
    """342 penguins: four measurements each, shape (342,), and the species as 0, 1, 2.

    `species_names[species]` spells the species out; `dropped` counts the rows left out because a
    measurement was missing.
    """

    bill_length_mm: Array
    bill_depth_mm: Array
    flipper_length_mm: Array
    body_mass_g: Array
    species: Array
    species_names: Array
    dropped: int


class Digits(NamedTuple):
    """1797 handwritten digits: X (1797, 64), the 8 × 8 pixels from 0 to 1, and y (1797,), 0…9."""

    X: Array
    y: Array


def load_penguins() -> Penguins:
    """The Palmer penguins with all four measurements, lengths in millimetres and mass in grams."""
    with open(FOLDER / "penguins.csv", encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    whole = [row for row in rows if all(row[name] != "NA" for name in MEASUREMENTS)]
    columns = {name: np.array([float(row[name]) for row in whole]) for name in MEASUREMENTS}
    species_names, species = np.unique([row["species"] for row in whole], return_inverse=True)
    return Penguins(
        **columns, species=species, species_names=species_names, dropped=len(rows) - len(whole)
    )


def load_digits() -> Digits:
    """Handwritten digits, with the pixel counts 0–16 of the source divided by 16."""
    table = np.loadtxt(FOLDER / "digits.csv.gz", delimiter=",", dtype=int)
    return Digits(X=table[:, :-1] / 16, y=table[:, -1])


def standardise(X: Any) -> tuple[Array, Array, Array]:
    r"""Each column shifted to mean 0 and scaled to standard deviation 1.

    :math:`Z = (X - \text{mean}) / \text{std}` for X (n, d) or (n,); returns (Z, mean, std).
    A constant column cannot be scaled: its std is returned as 1 and its Z is 0, so that the same
    mean and std also work for new data. ValueError without rows, or for NaN.
    """
    X = real("X", X)
    if X.ndim not in (1, 2) or len(X) == 0:
        raise ValueError(f"X has shape {X.shape}: expected (n, d) or (n,) with n at least 1")
    constant = X.max(axis=0) == X.min(axis=0)
    with np.errstate(over="ignore", invalid="ignore"):
        mean = np.where(constant, X[0], X.mean(axis=0))
        std = np.where(constant, X.dtype.type(1), X.std(axis=0))
    if not np.isfinite([mean, std]).all():
        raise bad("X", X, "numbers whose squares are finite")
    return (X - mean) / std, mean, std


def split(n: int, test: float = 0.25, rng: Any = None) -> tuple[Array, Array]:
    """Row numbers 0 … n − 1 shuffled into (train, test), with the share `test` held out.

    `rng` is a generator, or a whole number that seeds one. Both parts keep at least one row.
    ValueError for n < 2 or a share outside 0 … 1.
    """
    held_out = round(count("n", n, least=2) * scalar("test", test, 0, 1))
    held_out = min(max(held_out, 1), n - 1)
    order = generator("rng", rng).permutation(n)
    return order[held_out:], order[:held_out]
