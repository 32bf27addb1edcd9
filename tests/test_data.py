"""The data are the published ones, and their preparation keeps its promises."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gdlib.data import load_digits, load_penguins, split, standardise


def test_penguins_are_the_published_ones():
    penguins = load_penguins()
    assert penguins.dropped == 2 and all(len(column) == 342 for column in penguins[:5])
    assert penguins.species_names.tolist() == ["Adelie", "Chinstrap", "Gentoo"]
    assert np.bincount(penguins.species).tolist() == [151, 68, 123]
    means = [column.mean() for column in penguins[:4]]
    np.testing.assert_allclose(means, [43.9219, 17.1512, 200.9152, 4201.7544], atol=5e-5)
    assert penguins.bill_length_mm[:4].tolist() == [39.1, 39.5, 40.3, 36.7]
    assert penguins.species.dtype.kind == "i" and penguins.body_mass_g.dtype == float
    assert penguins._fields[:4] == (
        "bill_length_mm",
        "bill_depth_mm",
        "flipper_length_mm",
        "body_mass_g",
    )


def test_digits_are_the_published_ones():
    X, y = load_digits()
    assert X.shape == (1797, 64) and y.shape == (1797,) and y.dtype.kind == "i"
    assert X.min() == 0 and X.max() == 1 and X[0, 2] == 5 / 16
    assert np.bincount(y).tolist() == [178, 182, 177, 183, 181, 182, 181, 179, 174, 180]
    assert y[:4].tolist() == [0, 1, 2, 3]


def test_every_load_is_fresh():
    load_digits().X[:] = 0
    load_penguins().species[:] = 9
    assert load_digits().X.any() and load_penguins().species.max() == 2


@given(n=st.integers(2, 20), d=st.integers(0, 3), seed=st.integers(0, 99))
def test_standardised_columns_have_mean_zero_and_deviation_one(n, d, seed):
    X = np.random.default_rng(seed).normal(5, 3, size=(n, d) if d else n)
    before = X.copy()
    Z, mean, std = standardise(X)
    np.testing.assert_allclose(Z.mean(axis=0), 0, atol=1e-12)
    np.testing.assert_allclose(Z.std(axis=0), 1, rtol=1e-12)
    np.testing.assert_allclose(mean, X.mean(axis=0))
    np.testing.assert_allclose(std, np.sqrt(((X - mean) ** 2).mean(axis=0)))
    np.testing.assert_allclose(Z * std + mean, X)
    np.testing.assert_array_equal(X, before)


def test_a_constant_column_becomes_zeros_and_keeps_new_data_finite():
    X = np.array([[0.1, 1.0], [0.1, 2.0], [0.1, 3.0]])
    Z, mean, std = standardise(X)
    assert (Z[:, 0] == 0).all() and (mean[0], std[0]) == (0.1, 1) and std[1] != 1
    assert standardise(X[:1].astype(np.float32))[0].dtype == np.float32
    assert standardise(X.astype(np.float32))[2].dtype == np.float32


@pytest.mark.parametrize("X", [1.0, np.zeros((0, 2)), [], np.zeros((2, 2, 2))])
def test_standardise_refuses_what_has_no_rows(X):
    with pytest.raises(ValueError, match=r"^X has shape"):
        standardise(X)
    with pytest.raises(ValueError, match=r"^X = .*NaN"):
        standardise([[1.0], [np.nan]])


@given(n=st.integers(2, 60), test=st.floats(0.01, 0.99), seed=st.integers(0, 99))
def test_split_holds_out_its_share_and_loses_nothing(n, test, seed):
    train, held_out = split(n, test, seed)
    assert sorted([*train, *held_out]) == list(range(n))
    assert len(held_out) == min(max(round(n * test), 1), n - 1)


def test_split_is_shuffled_by_the_generator_and_a_quarter_by_default():
    train, test = split(100, rng=3)
    assert len(test) == 25 and train.tolist() != sorted(train)
    np.testing.assert_array_equal(split(100, rng=np.random.default_rng(3))[1], test)
    assert (split(100, rng=4)[1] != test).any()


@pytest.mark.parametrize(
    ("arguments", "name"), [((1,), "n"), ((2.0,), "n"), ((9, 0), "test"), ((9, 1.0), "test")]
)
def test_split_refuses_what_leaves_a_part_empty(arguments, name):
    with pytest.raises(ValueError, match=f"^{name} = "):
        split(*arguments)
