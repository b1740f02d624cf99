"""Correlation across models: numpy's in float64, whatever the blocks; a mean far from zero costs nothing; planted partners."""

import warnings

import numpy as np
import pytest

from lcacore import correlation as correlation_module
from lcacore.correlation import best_match, best_matches, correlation
from lcacore.rankings import cross_model
from lcacore.types import Activations


def pair(n=3000, d=70, e=50, seed=0, mean=0.0, dtype=np.float32):
    rng = np.random.default_rng(seed)
    shared = rng.normal(size=(n, 20))
    make = lambda width: (shared @ rng.normal(size=(20, width)) + rng.normal(size=(n, width)) + mean * rng.normal(size=width)).astype(dtype)  # noqa: E731
    return make(d), make(e)


def reference(X, Y):
    return np.corrcoef(X.astype(np.float64).T, Y.astype(np.float64).T)[: X.shape[1], X.shape[1] :]


@pytest.mark.parametrize("memory", [512 << 20, 4096])
@pytest.mark.parametrize("mean", [0.0, 1e4])
def test_agrees_with_numpy_in_double_precision_also_far_from_zero(memory, mean):
    X, Y = pair(mean=mean)
    np.testing.assert_allclose(correlation(X, Y, memory=memory), reference(X, Y), atol=3e-6)


def test_a_naive_float32_sum_would_not_survive_such_a_mean():
    X, Y = pair(mean=1e4)
    naive = (X.T @ Y) / len(X) - np.outer(X.mean(axis=0), Y.mean(axis=0))
    naive /= np.outer(X.std(axis=0), Y.std(axis=0))
    assert np.abs(naive - reference(X, Y)).max() > 0.1


def test_a_model_with_itself_is_symmetric_with_ones():
    X, _ = pair()
    own = correlation(X)
    np.testing.assert_allclose(np.diag(own), 1, atol=3e-6)
    np.testing.assert_allclose(own, own.T, atol=1e-6)


def test_best_match_finds_the_planted_partner_and_its_sign():
    X, Y = pair()
    Z = np.random.default_rng(9).normal(size=(len(X), 33)).astype(np.float16)
    Z[:, 11] = -2 * X[:, 5] + 3
    found = best_match(X, [Y, Z])
    assert (found.model[5], found.neuron[5]) == (1, 11) and found.rho[5] < -0.999
    both = [np.abs(reference(X, other)) for other in (Y, Z)]
    np.testing.assert_allclose(found.per_model, [b.max(axis=1) for b in both], atol=2e-3)
    np.testing.assert_allclose(found.score, found.per_model.max(axis=0))
    assert np.array_equal(found.neuron[found.model == 0], both[0].argmax(axis=1)[found.model == 0])


def test_all_models_at_once_are_each_against_the_rest():
    (X, Y), (Z, _) = pair(), pair(d=40, seed=1)
    together = best_matches([X, Y, Z])
    for found, own, others in zip(together, (X, Y, Z), ([Y, Z], [X, Z], [X, Y]), strict=True):
        alone = best_match(own, others)
        np.testing.assert_allclose(found.score, alone.score, atol=1e-6)
        assert np.array_equal(found.neuron, alone.neuron) and np.array_equal(found.model, alone.model)


def test_scale_and_shift_of_a_neuron_change_nothing():
    X, Y = pair()
    rng = np.random.default_rng(4)
    moved = X * rng.uniform(0.1, 10, X.shape[1]).astype(np.float32) * rng.choice([-1, 1], X.shape[1]).astype(np.float32) + 5
    np.testing.assert_allclose(best_match(moved, [Y]).score, best_match(X, [Y]).score, atol=1e-5)


def test_constant_neurons_score_zero_with_a_warning_that_counts_them():
    X, Y = pair()
    X[:, 3], X[:, 8], Y[:, 0] = 0.1, 1e4, -7.3
    with pytest.warns(UserWarning, match="2 of 70 neurons do not vary"):
        found = best_match(X, [Y])
    assert found.constant == 2 and found.score[3] == found.score[8] == 0
    assert not (found.neuron[found.score > 0] == 0).any()
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        best_match(np.delete(X, [3, 8], axis=1), [Y])


@pytest.mark.filterwarnings("ignore:1 of 70 neurons do not vary")
@pytest.mark.parametrize("memory", [512 << 20, 1 << 20])
def test_a_screen_in_bfloat16_leaves_the_answers_of_float32(monkeypatch, memory):
    X, Y = pair(mean=3.0)
    Y[:, 7] = X[:, 4] + np.float32(0.02) * Y[:, 9]  # two candidates that bfloat16 cannot tell apart
    Y[:, 31] = X[:, 4] + np.float32(0.0199) * Y[:, 9]
    X[:, 60] = 2.5
    Z = pair(d=40, seed=1)[0]
    plain = best_matches([X, Y, Z], memory=memory)
    screened, asked = correlation_module._screened, []
    monkeypatch.setattr(correlation_module, "_worth_screening", lambda *_: True)
    monkeypatch.setattr(correlation_module, "_screened", lambda *a: asked.append(screened(*a)) or asked[-1])
    again = best_matches([X, Y, Z], memory=memory)
    assert all(asked), "the screen gave up"
    for a, b in zip(plain, again, strict=True):
        assert np.array_equal(a.neuron, b.neuron) and np.array_equal(a.model, b.model)
        np.testing.assert_allclose(a.rho, b.rho, atol=3e-6)  # what sums of squares in float32 cost the first of them


def test_a_screen_that_leaves_too_much_gives_way_to_float32(monkeypatch):
    X, _ = pair()
    alike = X[:, :1] + np.float32(1e-3) * X  # every neuron is nearly the same
    plain = best_match(X, [alike])
    monkeypatch.setattr(correlation_module, "_worth_screening", lambda *_: True)
    again = best_match(X, [alike])
    assert np.array_equal(plain.neuron, again.neuron) and np.array_equal(plain.rho, again.rho)


def test_memory_mapped_activations_are_read_in_blocks(tmp_path):
    X, Y = pair(dtype=np.float16)
    for name, array in (("x", X), ("y", Y)):
        np.save(tmp_path / f"{name}.npy", array)
    mapped = [np.load(tmp_path / f"{name}.npy", mmap_mode="r") for name in "xy"]
    assert np.array_equal(correlation(*mapped), correlation(X, Y))


def test_as_a_ranking_of_activations():
    X, Y = pair()
    ids = np.arange(len(X))
    make = lambda array, tokens=ids: Activations(array, np.full(len(array), "w", object), tokens, tokens, (0,), array.shape[1], len(array))  # noqa: E731
    ranking = cross_model(make(X), make(Y))
    assert np.array_equal(ranking.scores, best_match(X, [Y]).score) and ranking.method == "cross_model"
    with pytest.raises(ValueError, match="other tokens"):
        cross_model(make(X), make(Y, ids[::-1].copy()))


def test_refusals():
    X, Y = pair()
    with pytest.raises(ValueError, match="same tokens"):
        correlation(X, Y[:-1])
    with pytest.raises(ValueError, match="at least one"):
        best_match(X, [])
    X[7, 7] = np.inf
    with pytest.raises(ValueError, match="infinity"):
        correlation(X, Y)
