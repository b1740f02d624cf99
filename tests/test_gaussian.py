"""Gaussian selection: the order and values of the direct computation, whatever the memory; planted pairs; nothing fails up to D picks."""

import numpy as np
import pytest
from scipy.stats import multivariate_normal

from lcacore import gaussian as gaussian_module
from lcacore import racing
from lcacore.gaussian import COVARIANCES, greedy
from lcacore.rankings import gaussian


def data(n=900, d=12, labels=4, seed=0):
    rng = np.random.default_rng(seed)
    y = rng.integers(0, labels, n)
    mix = rng.normal(size=(d, d)) / np.sqrt(d)
    X = rng.normal(size=(n, d)) @ mix + (0.3 * rng.normal(size=(labels, d)))[y]
    return (X[:600].astype(np.float32), y[:600]), (X[600:].astype(np.float32), y[600:])


def direct(train, dev, k, covariance):
    """Every candidate of every step by a density of its own (scipy)."""
    (X, y), (X_dev, y_dev) = train, dev
    X, X_dev = X.astype(np.float64), X_dev.astype(np.float64)
    n = np.bincount(y)
    d = X.shape[1]
    mean = [X[y == c].mean(axis=0) for c in range(len(n))]
    scatter = [(X[y == c] - m).T @ (X[y == c] - m) for c, m in enumerate(mean)]
    unnormalised = [s + np.diag(np.diag(s) / n[c]) for c, s in enumerate(scatter)]
    picks, values = [], []
    for _ in range(k):
        found = {}
        for j in sorted(set(range(d)) - set(picks)):
            S = [*picks, j]
            size = d if covariance == "full" else len(S)
            joint = [
                np.log(n[c] / n.sum()) + multivariate_normal(mean[c][S], unnormalised[c][np.ix_(S, S)] / (n[c] + 2 * size + 4)).logpdf(X_dev[:, S])
                for c in range(len(n))
            ]
            found[j] = (np.array(joint) - np.logaddexp.reduce(joint, axis=0))[y_dev, np.arange(len(y_dev))].mean()
        picks.append(max(found, key=found.get))
        values.append(found[picks[-1]])
    return picks, values


@pytest.mark.parametrize("covariance", COVARIANCES)
@pytest.mark.parametrize("memory", [2 << 30, 0])
def test_agrees_with_the_direct_computation(covariance, memory):
    train, dev = data()
    picks, values = direct(train, dev, 12, covariance)
    found = greedy(*train, dev=dev, covariance=covariance, dtype="float64", memory=memory)
    assert found.picks.tolist() == picks
    np.testing.assert_allclose(found.values, values, atol=1e-10)
    assert np.array_equal(found.best, np.maximum.accumulate(found.values))
    single = greedy(*train, dev=dev, covariance=covariance, memory=memory)
    assert single.picks.tolist() == picks  # float32 residuals change no pick here
    np.testing.assert_allclose(single.values, values, atol=1e-5)


@pytest.mark.parametrize("covariance", COVARIANCES)
@pytest.mark.parametrize("apart", [0.05, 0.6, 1.5])
def test_a_race_among_candidates_has_the_winner_of_the_whole_computation(monkeypatch, covariance, apart):
    rng = np.random.default_rng(4)
    y = rng.integers(0, 5, 5000)
    X = (rng.normal(size=(5000, 60)) @ (np.eye(60) + 0.1 * rng.normal(size=(60, 60))) + (apart * rng.normal(size=(5, 60)))[y]).astype(np.float32)
    X[:, 41] = X[:, 17]  # a tie, which goes to the lower index
    train, dev = (X[:2000], y[:2000]), (X[2000:], y[2000:])
    looked_at, sums = [], racing.Race._sums
    monkeypatch.setattr(racing.Race, "_sums", lambda self, tokens, neurons, terms: looked_at.append(len(tokens) * len(neurons)) or sums(self, tokens, neurons, terms))
    monkeypatch.setattr(racing, "_FIRST", 100)
    monkeypatch.setattr(gaussian_module, "_RACED_FROM", 0)
    raced = greedy(*train, 20, dev=dev, covariance=covariance)
    work = sum(looked_at)
    monkeypatch.setattr(gaussian_module, "_RACED", 0)
    monkeypatch.setattr(gaussian_module, "_SPARSE", -1.0)  # every label of every token counts
    looked_at.clear()
    whole = greedy(*train, 20, dev=dev, covariance=covariance, dtype="float64")
    assert raced.picks.tolist() == whole.picks.tolist() and not looked_at
    np.testing.assert_allclose(raced.values, whole.values, rtol=1e-5, atol=1e-7)
    np.testing.assert_allclose(raced.last, whole.last, atol=1e-5)
    assert 0 < work < (0.9 if apart > 0.5 else 1.01) * 19 * 3000 * 60  # where labels are told apart, most drop out before the end


@pytest.mark.parametrize("criterion", ["log_likelihood", "accuracy"])
@pytest.mark.parametrize("memory", [2 << 30, 100_000, 0])
def test_leaving_out_labels_that_cannot_matter_changes_nothing(monkeypatch, criterion, memory):
    rng = np.random.default_rng(3)
    y = rng.integers(0, 5, 1500)
    X = (rng.normal(size=(1500, 15)) + (2.5 * rng.normal(size=(5, 15)))[y]).astype(np.float32)  # soon most tokens are beyond doubt
    computed, asked = gaussian_module._Selection._computed, []
    monkeypatch.setattr(gaussian_module._Selection, "_computed", lambda self, tokens, labels: asked.append(tokens) or computed(self, tokens, labels))
    found = {}
    for share in (-1.0, 1.0):
        monkeypatch.setattr(gaussian_module, "_SPARSE", share)
        asked.clear()
        found[share] = greedy(X[:1000], y[:1000], 10, dev=(X[1000:], y[1000:]), criterion=criterion, memory=memory)
        assert (share > 0) == any(not isinstance(tokens, slice) for tokens in asked)
    assert found[-1.0].picks.tolist() == found[1.0].picks.tolist()
    np.testing.assert_allclose(found[-1.0].values, found[1.0].values, atol=2e-6)


def test_residuals_of_fewer_tokens_at_a_time_change_nothing(monkeypatch):
    train, dev = data()
    whole = greedy(*train, 6, dev=dev, memory=0)
    monkeypatch.setattr(gaussian_module, "_TILE", 2000)
    monkeypatch.setattr(gaussian_module, "_NUMBERS", 2000)
    computed, sizes = gaussian_module._Selection._computed, []

    def watched(self, tokens, labels):
        out = computed(self, tokens, labels)
        sizes.append(out.numel())
        return out

    monkeypatch.setattr(gaussian_module._Selection, "_computed", watched)
    parts = greedy(*train, 6, dev=dev, memory=0)
    assert max(sizes) <= 2000
    assert whole.picks.tolist() == parts.picks.tolist()
    np.testing.assert_allclose(whole.values, parts.values, atol=2e-6)


def test_the_two_covariances_are_two_readings():
    rng = np.random.default_rng(3)
    y = np.repeat([0, 1], [30, 570])  # n/(n + 2D + 4) shrinks the variance of the rare label twenty-fold under "full"
    X = rng.normal(size=(600, 300)).astype(np.float32)
    full, marginal = (greedy(X, y, 1, dev=(X, y), covariance=c).first for c in COVARIANCES)
    assert np.abs(marginal).max() < 0.5 < np.abs(full).max()


def test_a_pair_that_only_tells_together_is_found_together():
    # neurons 3 and 7 have the same marginals under both labels and opposite correlation: nothing alone, all together
    rng = np.random.default_rng(1)
    X = rng.normal(size=(4000, 10))
    y = rng.integers(0, 2, 4000)
    X[:, 7] = np.where(y == 1, 1, -1) * 0.95 * X[:, 3] + np.sqrt(1 - 0.95**2) * X[:, 7]
    found = greedy(X, y, 10, dev=(X, y))
    at = found.picks.tolist().index
    assert abs(at(3) - at(7)) == 1
    second = max(at(3), at(7))
    assert found.values[second] - found.values[second - 1] > 0.4


def test_criteria_measure_the_same_posterior():
    train, dev = data(seed=5)
    by_likelihood, by_information = (greedy(*train, 5, dev=dev, criterion=c) for c in ("log_likelihood", "mutual_information"))
    assert by_likelihood.picks.tolist() == by_information.picks.tolist()
    share = np.bincount(dev[1]) / len(dev[1])
    entropy = -(share * np.log(share)).sum()
    np.testing.assert_allclose(by_information.values, 1 + by_likelihood.values / entropy)
    perfect = (np.repeat([0.0, 100.0], 50)[:, None] + np.random.default_rng(0).normal(size=(100, 2)), np.repeat([0, 1], 50))
    assert greedy(*perfect, 1, dev=perfect, criterion="mutual_information").values[0] == pytest.approx(1.0)
    assert greedy(*perfect, 1, dev=perfect, criterion="accuracy").values[0] == 1.0


def test_accuracy_is_that_of_the_posterior():
    train, dev = data(seed=6)
    found = greedy(*train, 1, dev=dev, criterion="accuracy")
    j = found.picks[0]
    (X, y), (x, z) = train, dev
    n = np.bincount(y)
    joint = []
    for c in range(len(n)):
        own = X[y == c, j].astype(np.float64)
        variance = own.var() * (n[c] + 1) / (n[c] + 2 * X.shape[1] + 4)
        joint.append(np.log(n[c]) - 0.5 * (x[:, j] - own.mean()) ** 2 / variance - 0.5 * np.log(variance))
    assert found.values[0] == pytest.approx((np.argmax(joint, axis=0) == z).mean())


@pytest.mark.filterwarnings("error")
def test_all_neurons_can_be_picked_from_few_tokens_with_constant_and_repeated_neurons():
    rng = np.random.default_rng(2)
    X = rng.normal(size=(40, 30)).astype(np.float16)
    X[:, 4] = 0.25
    X[:, 9] = X[:, 8]
    y = np.array(["a"] * 6 + ["b"] * 34)  # six tokens for thirty neurons
    ranking = gaussian(X, y)
    assert sorted(ranking.order.tolist()) == list(range(30)) and ranking.n_informative == 30
    found = greedy(X, y, dev=(X, y))
    assert np.isfinite(found.values).all() and (np.diff(found.best) >= 0).all()


def test_a_ranking_puts_the_picks_first_and_the_rest_by_the_last_step():
    train, dev = data(seed=7)
    ranking = gaussian(*train, 4, dev=dev)
    found = greedy(*train, 4, dev=dev)
    assert ranking.order[:4].tolist() == found.picks.tolist() and ranking.n_informative == 4
    assert (np.diff(found.last[ranking.order[4:]]) <= 0).all()


def test_memory_mapped_half_precision_gives_the_same(tmp_path):
    (X, y), dev = data()
    X = X.astype(np.float16)
    np.save(tmp_path / "x.npy", X)
    mapped = np.load(tmp_path / "x.npy", mmap_mode="r")
    assert np.array_equal(greedy(mapped, y, 6, dev=dev).picks, greedy(X, y, 6, dev=dev).picks)


def test_refusals_say_what_to_give():
    train, dev = data()
    with pytest.raises(ValueError, match="1 to 12"):
        greedy(*train, 13, dev=dev)
    with pytest.raises(ValueError, match="log_likelihood"):
        greedy(*train, dev=dev, criterion="bic")
    with pytest.raises(ValueError, match="at least two labels"):
        greedy(train[0], np.zeros(600), dev=dev)
    with pytest.raises(ValueError, match="no token of the selection split"):
        greedy(*train, dev=(dev[0], dev[1] + 100))
    with pytest.raises(ValueError, match="NaN"):
        greedy(np.full((600, 12), np.nan), train[1], dev=dev)
    with pytest.raises(ValueError, match="one width"):
        greedy(*train, dev=(dev[0][:, :3], dev[1]))
