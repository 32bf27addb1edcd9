"""Descent behaves as its theory says, and as others have published."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gdlib.gradient_descent import adam, descend, minibatches, momentum, nesterov, step
from gdlib.loss_functions import mse_grad

OPTIMISERS = [descend, momentum, nesterov, adam]


def parabola(*curvatures):
    """The gradient of ½ Σ λ w²."""
    return lambda w: np.reshape(curvatures, np.shape(w)) * w


def test_a_step_goes_against_the_gradient():
    np.testing.assert_allclose(step([1.0, 2.0], [10.0, -10.0], 0.1), [0, 3])
    assert step(3.0, 2.0, 0.5) == 2
    assert step(np.float32(1), np.float32(1), 0.5).dtype == np.float32


@given(eta=st.floats(0.01, 3), curvature=st.floats(0.1, 1))
def test_on_a_parabola_the_error_contracts_by_one_minus_eta_lambda(eta, curvature):
    path = descend(parabola(curvature), 1.0, eta, 20)
    factor = 1 - eta * curvature
    # To 1e-12 of the error itself: where ηλ is nearly 1, the factor is a small difference.
    assert (abs(path[1:] - factor * path[:-1]) <= 1e-12 * abs(path[:-1])).all()
    np.testing.assert_allclose(path, factor ** np.arange(21), rtol=1e-11, atol=1e-12)


@pytest.mark.parametrize("share", [0.99, 1.01])
def test_it_diverges_past_two_over_the_largest_curvature(share):
    path = descend(parabola(1.0, 10.0), [1.0, 1.0], share * 2 / 10, 400)
    assert (np.linalg.norm(path[-1]) > np.linalg.norm(path[0])) == (share > 1)


@pytest.mark.parametrize("method", [momentum, nesterov])
def test_without_memory_momentum_is_plain_descent(method):
    arguments = parabola(1.0, 5.0), [1.0, -2.0], 0.1, 30
    np.testing.assert_array_equal(method(*arguments, beta=0), descend(*arguments))


@pytest.mark.parametrize("method", [momentum, nesterov])
def test_the_velocity_starts_from_zero_so_the_first_step_is_a_plain_one(method):
    arguments = parabola(1.0, 5.0), [1.0, -2.0], 0.1, 1
    np.testing.assert_allclose(method(*arguments, beta=0.9), descend(*arguments), rtol=1e-15)


def test_momentum_follows_its_recursion():
    """w_{t+1} = w_t − η∇ + β (w_t − w_{t−1}), the form without a velocity."""
    path = momentum(parabola(1.0, 4.0), [1.0, 2.0], 0.1, 25)
    for t in range(1, 25):
        expected = path[t] - 0.1 * np.array([1, 4]) * path[t] + 0.9 * (path[t] - path[t - 1])
        np.testing.assert_allclose(path[t + 1], expected, rtol=1e-12, atol=1e-15)


def test_nesterov_follows_its_recursion():
    """y = w_t + β (w_t − w_{t−1}) and w_{t+1} = y − η∇(y), the form without a velocity."""
    path = nesterov(parabola(1.0, 4.0), [1.0, 2.0], 0.1, 25)
    for t in range(1, 25):
        ahead = path[t] + 0.9 * (path[t] - path[t - 1])
        np.testing.assert_allclose(
            path[t + 1], ahead - 0.1 * np.array([1, 4]) * ahead, rtol=1e-12, atol=1e-15
        )


@pytest.mark.parametrize("method", [momentum, nesterov])
def test_momentum_is_faster_on_a_long_valley(method):
    arguments = parabola(1.0, 100.0), [1.0, 1.0], 0.01, 200
    assert np.linalg.norm(method(*arguments)[-1]) < 0.01 * np.linalg.norm(descend(*arguments)[-1])


@given(scale=st.floats(1e-3, 1e3))
def test_the_first_step_of_adam_has_length_eta_whatever_the_gradients_scale(scale):
    path = adam(lambda w: scale * np.array([1.0, -2.0]), [0.0, 0.0], 0.1, 1)
    np.testing.assert_allclose(path[1], [-0.1, 0.1], rtol=1e-4)


@pytest.mark.parametrize("settings", [{}, {"beta1": 0.5, "beta2": 0.9, "eps": 0.1}])
def test_adam_is_pytorchs(settings, torch):
    path = adam(parabola(1.0, 10.0), [1.0, -2.0], 0.1, 30, **settings)
    w = torch.tensor([1.0, -2.0], dtype=torch.float64, requires_grad=True)
    betas = settings.get("beta1", 0.9), settings.get("beta2", 0.999)
    optimiser = torch.optim.Adam([w], lr=0.1, betas=betas, eps=settings.get("eps", 1e-8))
    for expected in path[1:]:
        optimiser.zero_grad()
        (0.5 * torch.tensor([1.0, 10.0]) * w**2).sum().backward()
        optimiser.step()
        np.testing.assert_allclose(w.detach().numpy(), expected, rtol=1e-9)


def test_adam_by_hand():
    """Two steps with gradients 1 and 3, β1 = ½, β2 = ¾, ε = 1, written out."""
    gradients = iter([1.0, 3.0])
    path = adam(lambda w: next(gradients), 0.0, 1.0, 2, beta1=0.5, beta2=0.75, eps=1.0)
    first = 1 / (1 + 1)  # m̂ = 1, v̂ = 1
    m_hat, v_hat = (0.5 * 0.5 + 0.5 * 3) / 0.75, (0.75 * 0.25 + 0.25 * 9) / (1 - 0.75**2)
    np.testing.assert_allclose(path, [0, -first, -first - m_hat / (v_hat**0.5 + 1)], rtol=1e-14)


@pytest.mark.parametrize(("eta", "end"), [(0.2, 0.060466), (0.05, 3.486784), (1.1, 61.917364)])
def test_dive_into_deep_learning_in_one_dimension(eta, end):
    path = descend(lambda w: 2 * w, 10.0, eta, 10)
    assert path[-1] == pytest.approx(end, abs=5e-7)
    assert path[-1] == pytest.approx((1 - 2 * eta) ** 10 * 10)


@pytest.mark.parametrize(
    ("curvatures", "eta", "end"),
    [
        ((2, 4), 0.1, (-0.057646, -0.000073)),
        ((0.2, 4), 0.4, (-0.943467, -0.000073)),
        ((0.2, 4), 0.6, (-0.387814, -1673.365109)),
    ],
)
def test_dive_into_deep_learning_in_two_dimensions(curvatures, eta, end):
    path = descend(parabola(*curvatures), [-5.0, -2.0], eta, 20)
    np.testing.assert_allclose(path[-1], end, atol=5e-7)


def test_mathematics_for_machine_learning_example_7_1():
    H, c = np.array([[2.0, 1], [1, 20]]), np.array([5.0, 3])
    path = descend(lambda w: H @ w - c, [-3.0, -1.0], 0.085, 300)
    np.testing.assert_allclose(path[1], [-1.98, 1.21], rtol=1e-12)
    np.testing.assert_allclose(path[2], [-1.32125, -0.4237], rtol=1e-12)
    np.testing.assert_allclose(path[-1], [97 / 39, 1 / 39], rtol=1e-9)


@pytest.mark.parametrize("method", OPTIMISERS)
@pytest.mark.parametrize("shape", [(), (3,), (2, 2)])
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_the_path_starts_at_w0_and_has_every_step(method, shape, dtype):
    w0 = np.ones(shape, dtype)
    path = method(lambda w: 2 * w, w0, 0.1, 5)
    assert path.shape == (6, *shape) and path.dtype == dtype
    np.testing.assert_array_equal(path[0], w0)
    np.testing.assert_array_equal(w0, np.ones(shape))
    assert not np.shares_memory(path, w0)
    np.testing.assert_array_equal(method(lambda w: 2 * w, w0, 0.1, 0), [w0])


@pytest.mark.parametrize("method", OPTIMISERS)
def test_a_gradient_that_writes_into_its_argument_does_not_change_the_path(method):
    def greedy(w):
        g = 2 * w
        w[...] = 99
        return g

    arguments = np.array([1.0, 2.0]), 0.1, 5
    np.testing.assert_array_equal(method(greedy, *arguments), method(lambda w: 2 * w, *arguments))


@pytest.mark.parametrize("method", [descend, momentum, nesterov])
def test_divergence_is_reported_with_its_step_and_the_rest_is_nan(method):
    with pytest.warns(RuntimeWarning, match="not finite from step") as caught:
        path = method(lambda w: w**3, 10.0, 1.0, 50)
    assert len(caught) == 1 and caught[0].filename == __file__
    step = int(str(caught[0].message).split("step ")[1].split()[0])
    assert np.isfinite(path[:step]).all() and not np.isfinite(path[step:]).any()
    assert 2 <= step < 10 and np.isnan(path[step + 1 :]).all() and path.shape == (51,)


def test_a_gradient_of_nan_is_divergence_and_it_is_not_asked_again():
    asked = []
    with pytest.warns(RuntimeWarning, match="step 2 on"):
        descend(lambda w: asked.append(w) or (1.0 if len(asked) < 2 else np.nan), 0.0, 0.1, 9)
    assert len(asked) == 2


@pytest.mark.parametrize("method", OPTIMISERS)
@pytest.mark.parametrize("eta", [0, -0.1, np.nan, np.inf, "fast", [0.1]])
def test_a_bad_eta_is_refused(method, eta):
    with pytest.raises(ValueError, match=r"^eta = "):
        method(lambda w: w, 1.0, eta, 3)
    with pytest.raises(ValueError, match=r"^eta = "):
        step(1.0, 1.0, eta)


@pytest.mark.parametrize("method", OPTIMISERS)
@pytest.mark.parametrize("steps", [-1, 2.5, True, None])
def test_a_bad_number_of_steps_is_refused(method, steps):
    with pytest.raises(ValueError, match=r"^steps = "):
        method(lambda w: w, 1.0, 0.1, steps)


@pytest.mark.parametrize("method", OPTIMISERS)
def test_a_bad_start_or_gradient_is_refused(method):
    for w0 in ([1.0, np.nan], np.inf, "here"):
        with pytest.raises(ValueError, match=r"^w0 = "):
            method(lambda w: w, w0, 0.1, 3)
    with pytest.raises(ValueError, match=r"^grad\(w\) has shape \(2,\): expected \(\)"):
        method(lambda w: [1.0, 2.0], 1.0, 0.1, 3)
    with pytest.raises(ValueError, match=r"^g has shape"):
        step([1.0, 2.0], 1.0, 0.1)
    with pytest.raises(ValueError, match=r"^g = .*NaN"):
        step(1.0, np.nan, 0.1)


@pytest.mark.parametrize("beta", [-0.1, 1, 1.5, np.nan])
def test_a_bad_beta_is_refused(beta):
    for method, name in [(momentum, "beta"), (nesterov, "beta"), (adam, "beta1"), (adam, "beta2")]:
        with pytest.raises(ValueError, match=f"^{name} = "):
            method(lambda w: w, 1.0, 0.1, 3, **{name: beta})


@pytest.mark.parametrize("eps", [0, -1e-8, np.nan])
def test_a_bad_eps_is_refused(eps):
    with pytest.raises(ValueError, match=r"^eps = "):
        adam(lambda w: w, 1.0, 0.1, 3, eps=eps)


@given(n=st.integers(1, 50), batch_size=st.integers(1, 60), seed=st.integers(0, 9))
def test_an_epoch_has_every_row_exactly_once(n, batch_size, seed):
    batches = minibatches(n, batch_size, seed)
    assert sorted(np.concatenate(batches)) == list(range(n))
    assert all(len(batch) == batch_size for batch in batches[:-1])
    assert 1 <= len(batches[-1]) <= batch_size


def test_batches_are_shuffled_by_the_generator_and_nothing_else():
    first, again, other = (np.concatenate(minibatches(20, 6, seed)) for seed in (1, 1, 2))
    np.testing.assert_array_equal(first, again)
    assert (first != other).any() and (first != np.arange(20)).any()
    rng = np.random.default_rng(1)
    np.testing.assert_array_equal(np.concatenate(minibatches(20, 6, rng)), first)
    assert (np.concatenate(minibatches(20, 6, rng)) != first).any()
    assert len(minibatches(20, 6, None)) == 4


@pytest.mark.parametrize(("n", "batch_size"), [(0, 1), (5, 0), (5, -1), (2.0, 1)])
def test_empty_epochs_and_batches_are_refused(n, batch_size):
    with pytest.raises(ValueError, match="whole number, at least 1"):
        minibatches(n, batch_size, 0)


@pytest.mark.parametrize("method", (descend, momentum, nesterov))
def test_a_line_whose_predictions_run_away_first_diverges_with_a_warning(method):
    X, y = np.array([[200.0, 1.0], [180.0, 1.0]]), np.array([4000.0, 3000.0])
    with pytest.warns(RuntimeWarning, match="not finite from step"):
        path = method(lambda w: X.T @ mse_grad(y, X @ w), [0.0, 0.0], 0.1, 500)
    assert np.isfinite(path[0]).all() and not np.isfinite(path[-1]).any()
