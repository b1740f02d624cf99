"""All sizes at once are each size on its own; the Gaussian probe is SciPy's density; a planted neuron is found."""

import numpy as np
import pytest
from scipy.stats import multivariate_normal

from lcacore.gaussian import COVARIANCES, greedy
from lcacore.prefixes import GaussianProbe, linear_prefixes, sizes
from lcacore.training import train_linear
from lcacore.types import ProbeConfig

KS = [1, 2, 3, 7, 17, 20, 24]


@pytest.fixture(scope="module")
def data():
    rng = np.random.default_rng(0)
    y = rng.integers(0, 3, 700)
    X = rng.normal(size=(700, 24)) @ (np.eye(24) + 0.2 * rng.normal(size=(24, 24)))
    X[:, 5] += 3.0 * y  # the planted neuron
    orders = np.stack([np.arange(24), np.arange(24)[::-1], rng.permutation(24)])
    return X.astype(np.float32), y, orders


@pytest.mark.parametrize("penalties", [{"l1": 1e-3, "l2": 1e-2}, {"l2": 1e-2, "squared_l2": False}, {}])
def test_together_is_one_by_one(data, penalties):
    X, y, orders = data
    other = np.random.default_rng(1).integers(0, 3, len(y))
    config = ProbeConfig(epochs=4, batch_size=64, lr=0.01, seed=3, **penalties)
    found = linear_prefixes(X, [y, other], 3, orders, KS, config)
    for t, target in enumerate((y, other)):
        for o, order in enumerate(orders):
            alone = train_linear(X, target, 3, [config] * len(KS), columns=[order[:k] for k in KS])
            for k, weights in enumerate(alone):
                np.testing.assert_allclose(found.coef[t, o, k], weights.coef, atol=2e-5)
                np.testing.assert_allclose(found.intercept[t, o, k], weights.intercept, atol=2e-5)
                assert not found.coef[t, o, k][:, order[KS[k] :]].any(), "a neuron outside the prefix has weight"


def test_predictions_are_those_of_the_weights(data):
    X, y, orders = data
    found = linear_prefixes(X, y, 3, orders, KS, ProbeConfig(epochs=2, lr=0.01))
    predicted = found.predict(X[:90])
    assert predicted.shape == (1, 3, len(KS), 90)
    logits = X[:90] @ found.coef[0, 2, 4].T + found.intercept[0, 2, 4]
    assert np.array_equal(predicted[0, 2, 4], logits.argmax(axis=1))


def test_the_planted_neuron_is_worth_as_much_as_all(data):
    X, y, orders = data
    config = ProbeConfig(epochs=30, batch_size=64, lr=0.02)
    right = (linear_prefixes(X[:500], y[:500], 3, orders, range(1, 25), config).predict(X[500:]) == y[500:]).mean(axis=-1)[0]
    gaussian = GaussianProbe().fit(X[:500], y[:500])
    for o, order in enumerate(orders):
        at = order.tolist().index(5)
        curve = (gaussian.predict_prefixes(X[500:], order, range(1, 25)) == y[500:]).mean(axis=-1)
        for accuracy in (right[o], curve):
            assert accuracy[:at].max(initial=0) < 0.6 < 0.8 < accuracy[at:].min()


@pytest.mark.parametrize("covariance", COVARIANCES)
def test_densities_of_all_sizes_are_scipys(data, covariance):
    X, y, orders = data
    probe = GaussianProbe(covariance).fit(X, y)
    found = probe.log_joint(X[:40], orders[2], KS)
    for i, k in enumerate(KS):
        S = orders[2][:k]
        for c in range(3):
            own = X[y == c].astype(np.float64)
            n = len(own)
            scatter = (own - own.mean(0)).T @ (own - own.mean(0))
            sigma = (scatter + np.diag(np.diag(scatter) / n)) / (n + 2 * (24 if covariance == "full" else k) + 4)
            expected = np.log(n / len(y)) + multivariate_normal(own.mean(0)[S], sigma[np.ix_(S, S)]).logpdf(X[:40][:, S].astype(np.float64))
            np.testing.assert_allclose(found[i, :, c], expected, rtol=1e-9, atol=1e-9)


@pytest.mark.parametrize("covariance", COVARIANCES)
def test_the_probe_is_the_model_of_the_greedy_search(data, covariance):
    X, y, _ = data
    picked = greedy(X[:500], y[:500], 10, dev=(X[500:], y[500:]), covariance=covariance, dtype="float64")
    joint = GaussianProbe(covariance).fit(X[:500], y[:500]).log_joint(X[500:], picked.picks, range(1, 11))
    posterior = joint - np.logaddexp.reduce(joint, axis=2, keepdims=True)
    np.testing.assert_allclose(posterior[:, np.arange(200), y[500:]].mean(axis=1), picked.values, atol=1e-10)


def test_an_order_of_the_same_neurons_changes_no_posterior(data):
    X, y, _ = data
    probe = GaussianProbe().fit(X, np.array(["b", "c", "a"])[y])
    np.testing.assert_allclose(probe.predict_proba(X, [3, 9, 1]), probe.predict_proba(X, [1, 3, 9]))
    assert probe.predict_proba(X).sum(axis=1) == pytest.approx(1.0)
    assert probe.classes_.tolist() == ["a", "b", "c"]
    assert probe.score(X, np.array(["b", "c", "a"])[y]) > 0.9


def test_constant_neurons_and_rare_labels_give_finite_densities():
    X = np.random.default_rng(2).normal(size=(60, 30)).astype(np.float16)
    X[:, 4] = 0.25
    y = np.repeat([0, 1], [4, 56])
    assert np.isfinite(GaussianProbe().fit(X, y).log_joint(X, np.arange(30), range(1, 31))).all()


def test_sizes_are_the_papers_below_the_width():
    assert sizes(768).tolist() == [*range(1, 51), *range(60, 151, 10)]
    assert sizes(128).tolist() == [*range(1, 51), *range(60, 121, 10)]
    assert sizes(20).tolist() == list(range(1, 20))


@pytest.mark.parametrize(
    "change",
    [{"orders": [[0, 0, 1]]}, {"ks": [2, 1]}, {"ks": [4]}, {"targets": [[0, 1]]}, {"targets": [[0, 1, 2, 0]]}, {"config": ProbeConfig(solver="exact")}],
)
def test_what_does_not_fit_is_named(change):
    given = {"targets": [[0, 1, 0, 1]], "n_classes": 2, "orders": [[0, 1, 2]], "ks": [1]} | change
    with pytest.raises(ValueError, match=r"give|wanted|Adam"):
        linear_prefixes(np.eye(4, 3), **given)
    with pytest.raises(ValueError, match="full, marginal"):
        GaussianProbe("diagonal")
