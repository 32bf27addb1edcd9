"""The random numbers of the pages: the same in JavaScript, and as random as they are used."""

import numpy as np
import pytest

from gdlib.live import LiveError, generator
from tests.node import run_node

SEEDS = [0, 1, 7, 123_456_789, 2**32 - 1]


def test_javascript_has_the_same_numbers():
    body = """return given.map((seed) => [0, 3, 70000].map((stream) => [
        [...uniforms(seed, stream, 50)], [...normals(seed, stream, 51)],
        [...order(seed, stream, 40)]]));"""
    for seed, streams in zip(
        SEEDS, run_node("generator.js", "uniforms, normals, order", body, SEEDS), strict=True
    ):
        for stream, (u, z, rows) in zip([0, 3, 70000], streams, strict=True):
            np.testing.assert_array_equal(u, generator.uniforms(seed, stream, 50))
            np.testing.assert_allclose(z, generator.normals(seed, stream, (51,)), rtol=1e-13)
            np.testing.assert_array_equal(rows, generator.order(seed, stream, 40))


@pytest.mark.parametrize(("n", "size"), [(10, 4), (9, 3), (5, 8), (1, 1)])
def test_an_epoch_has_every_row_once_and_javascript_the_same_batches(n, size):
    body = "const b = batches(...given); return [...Array(7).keys()].map((k) => [...b(k)]);"
    theirs = run_node("generator.js", "batches", body, [n, size, 5])
    ours = [generator.batch(k, n, size, 5) for k in range(7)]
    assert [rows.tolist() for rows in ours] == theirs
    epoch = -(-n // size)
    assert sorted(np.concatenate(ours[:epoch])) == list(range(n))


def test_numbers_are_spread_as_they_should_be():
    u, z = generator.uniforms(3, 0, 100_000), generator.normals(3, 1, (100_000,))
    assert u.min() >= 0 and u.max() < 1
    counts, _ = np.histogram(u, 20, (0, 1))
    assert ((counts - 5000) ** 2 / 5000).sum() < 45  # χ² with 19 degrees: 1 in 1,000
    assert abs(z.mean()) < 0.01 and abs(z.std() - 1) < 0.01
    assert abs((z**4).mean() - 3) < 0.1
    streams = [generator.normals(seed, k, (20_000,)) for seed in (0, 1, 2) for k in (0, 1, 2)]
    correlated = np.corrcoef(streams) - np.eye(9)
    assert np.abs(correlated).max() < 0.03
    assert np.abs(np.corrcoef(z[:-1], z[1:])[0, 1]) < 0.015


def test_every_order_of_three_is_as_frequent():
    orders = [tuple(generator.order(seed, generator.EPOCHS, 3)) for seed in range(6000)]
    counts = [orders.count(o) for o in set(orders)]
    assert len(counts) == 6
    assert min(counts) > 880 and max(counts) < 1120


@pytest.mark.parametrize("seed", [-1, 1.5, 2**32, True, float("nan")])
def test_a_seed_that_is_none_is_named(seed):
    with pytest.raises(LiveError, match="seed is .*; expected a whole number from 0"):
        generator.uniforms(seed, 0, 3)
