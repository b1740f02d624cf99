"""The probe minimises what it says it minimises, alike alone and in company, and tells when it cannot."""

import dataclasses
import subprocess
import sys

import numpy as np
import pytest
from sklearn.exceptions import ConvergenceWarning
from sklearn.linear_model import LogisticRegression
from sklearn.utils.estimator_checks import parametrize_with_checks

from lcacore.probes import LinearProbe, class_index, linear_form
from lcacore.training import adam, column_ids, train_linear
from lcacore.types import ProbeConfig


def planted(n=1500, d=24, c=4, informative=6, seed=0):
    """Tokens whose label is a noisy function of the first neurons."""
    rng = np.random.default_rng(seed)
    X = rng.normal(size=(n, d)).astype(np.float32) * rng.uniform(0.5, 2, d).astype(np.float32) + rng.normal(size=d).astype(np.float32)
    W = np.zeros((c, d))
    W[:, :informative] = rng.normal(size=(c, informative)) * 2
    y = ((X - X.mean(0)) @ W.T + rng.gumbel(size=(n, c))).argmax(1)
    return X, y


def objective(W, b, X, y, config: ProbeConfig):
    """The printed objective, written out."""
    logits = X.astype(np.float64) @ W.T + b
    nll = np.mean(np.logaddexp.reduce(logits, axis=1) - logits[np.arange(len(y)), y])
    theta = np.column_stack([W, b]) if config.penalise_bias else W
    square = (theta**2).sum()
    return nll + config.l1 * np.abs(theta).sum() + config.l2 * (square if config.squared_l2 else np.sqrt(square))


@parametrize_with_checks(
    [LinearProbe(solver="exact", l2=1e-3), LinearProbe(lr=0.05, epochs=100, batch_size=32, device="cpu")],
    expected_failed_checks=lambda estimator: {},  # none excluded
)
def test_scikit_learn_contract(estimator, check):
    check(estimator)


# --- exact -----------------------------------------------------------------------------------------


@pytest.mark.parametrize("l2", [1e-1, 1e-2, 1e-3])
def test_exact_ridge_equals_scikit_learn(l2):
    X, y = planted()
    probe = LinearProbe(l2=l2, solver="exact", tol=1e-11).fit(X, y)
    oracle = LogisticRegression(C=1 / (2 * l2 * len(y)), tol=1e-10, max_iter=10_000).fit(X.astype(np.float64), y)
    np.testing.assert_allclose(probe.coef_, oracle.coef_, atol=2e-4)


def test_exact_elastic_net_equals_saga():
    X, y = planted(n=400, d=10)
    l1, l2 = 5e-3, 5e-3
    probe = LinearProbe(l1, l2, solver="exact", tol=1e-11).fit(X, y)
    saga = LogisticRegression(
        C=1 / (len(y) * (l1 + 2 * l2)), l1_ratio=l1 / (l1 + 2 * l2), solver="saga", tol=1e-9, max_iter=20_000
    ).fit(X.astype(np.float64), y)
    np.testing.assert_allclose(probe.coef_, saga.coef_, atol=1e-3)
    assert np.array_equal(probe.coef_ == 0, np.abs(saga.coef_) < 1e-6)


@pytest.mark.parametrize("squared_l2", [True, False])
@pytest.mark.parametrize("penalise_bias", [True, False])
@pytest.mark.parametrize("l1, l2", [(1e-2, 0.0), (0.0, 1e-2), (3e-3, 1e-2)])
def test_gap_bounds_the_distance_from_the_minimum(l1, l2, squared_l2, penalise_bias):
    X, y = planted(n=500, d=12)
    config = ProbeConfig(l1, l2, solver="exact", squared_l2=squared_l2, penalise_bias=penalise_bias)
    (best,) = train_linear(X, y, 4, [config], tol=1e-9, max_iter=20_000)
    (rough,) = train_linear(X, y, 4, [config], tol=1e-3, max_iter=20_000)
    low, high = objective(best.coef, best.intercept, X, y, config), objective(rough.coef, rough.intercept, X, y, config)
    assert best.gap <= 1e-9 and rough.gap <= 1e-3
    assert low <= high + 1e-9 and high - low <= rough.gap + 1e-9
    rng = np.random.default_rng(0)
    for size in (1e-3, 1e-2, 1e-1):  # no neighbour does better
        W, b = best.coef + size * rng.normal(size=best.coef.shape), best.intercept + size * rng.normal(size=4)
        assert objective(W, b, X, y, config) >= low - 1e-9


def test_exact_depends_on_neither_seed_nor_row_order():
    X, y = planted()
    shuffle = np.random.default_rng(3).permutation(len(y))
    a = LinearProbe(1e-3, 1e-2, solver="exact", tol=1e-12, seed=0).fit(X, y)
    b = LinearProbe(1e-3, 1e-2, solver="exact", tol=1e-12, seed=9).fit(X[shuffle], y[shuffle])
    np.testing.assert_allclose(a.coef_, b.coef_, atol=1e-6)
    assert np.array_equal(a.coef_ == 0, b.coef_ == 0) and (a.coef_ == 0).any()


def test_exact_huge_l1_leaves_only_the_class_frequencies():
    X, y = planted()
    probe = LinearProbe(l1=10.0, solver="exact").fit(X, y)
    assert not probe.coef_.any()
    np.testing.assert_allclose(probe.predict_proba(X[:1])[0], np.bincount(y) / len(y), atol=1e-6)


def test_exact_without_penalty_has_no_certificate_but_stops():
    X, y = planted(n=400, d=8)
    probe = LinearProbe(solver="exact", tol=1e-7).fit(X, y)
    assert np.isnan(probe.gap_) and probe.n_iter_ < 5000
    separable = LinearProbe(solver="exact", tol=1e-4).fit(np.array([[-1.0], [1.0]] * 10), [0, 1] * 10)
    assert np.isnan(separable.gap_) and np.isfinite(separable.coef_).all()


def test_exact_out_of_iterations_says_how_far_it_got():
    X, y = planted()
    with pytest.warns(ConvergenceWarning, match="duality gap"):
        probe = LinearProbe(l2=1e-5, solver="exact", tol=1e-12, max_iter=5).fit(X, y)
    assert probe.gap_ > 1e-12


# --- Adam ------------------------------------------------------------------------------------------


@pytest.mark.parametrize("squared_l2, penalise_bias", [(True, False), (False, False), (True, True), (False, True)])
def test_adam_step_follows_the_numerical_gradient_of_the_objective(squared_l2, penalise_bias):
    """Adam written out in NumPy, its gradient by central differences of the printed objective, gives the same weights."""
    X, y = planted(n=40, d=3, c=3, informative=3)
    X = X.astype(np.float64)
    config = ProbeConfig(0.02, 0.05, epochs=4, batch_size=16, lr=0.05, seed=5, squared_l2=squared_l2, penalise_bias=penalise_bias)
    (weights,) = train_linear(X, y, 3, [config], device="cpu")

    theta, m, v, step = np.zeros(12), np.zeros(12), np.zeros(12), 0
    rng = np.random.default_rng(5)
    for _ in range(4):
        order = rng.permutation(40)
        for start in range(0, 40, 16):
            rows = order[start : start + 16]

            def value(t, rows=rows):
                return objective(t[:9].reshape(3, 3), t[9:], X[rows], y[rows], config)

            if step == 0:  # every penalty's subgradient at zero is taken as zero
                free = dataclasses.replace(config, l1=0.0, l2=0.0)
                g = _slope(lambda t, rows=rows, free=free: objective(t[:9].reshape(3, 3), t[9:], X[rows], y[rows], free), theta)
            else:
                g = _slope(value, theta)
            step += 1
            m, v = 0.9 * m + 0.1 * g, 0.999 * v + 0.001 * g * g
            theta = theta - 0.05 * (m / (1 - 0.9**step)) / (np.sqrt(v / (1 - 0.999**step)) + 1e-8)
    np.testing.assert_allclose(weights.coef.ravel(), theta[:9], atol=2e-4)
    np.testing.assert_allclose(weights.intercept, theta[9:], atol=2e-4)


def _slope(f, t, h=1e-6):
    return np.array([(f(t + h * e) - f(t - h * e)) / (2 * h) for e in np.eye(len(t))])


def test_adam_approaches_the_exact_minimum():
    X, y = planted()
    adam = ProbeConfig(1e-3, 1e-2, epochs=200, lr=5e-3, batch_size=256)
    a, b = train_linear(X, y, 4, [adam, ProbeConfig(1e-3, 1e-2, solver="exact")], device="cpu")
    assert objective(a.coef, a.intercept, X, y, adam) == pytest.approx(objective(b.coef, b.intercept, X, y, adam), abs=5e-3)


def test_a_probe_is_the_same_alone_and_in_company(monkeypatch):
    X, y = planted()
    configs = [ProbeConfig(l1, l2, epochs=3, lr=1e-2) for l1 in (0, 1e-3, 1e-2) for l2 in (0, 1e-2)]
    together = train_linear(X, y, 4, configs, device="cpu")
    monkeypatch.setattr(adam, "_ROWS_PER_BLOCK", {"cpu": 8})
    monkeypatch.setattr(adam, "_PARAMETERS_PER_LOAD", 300)
    for config, one, small in zip(configs, together, train_linear(X, y, 4, configs, device="cpu"), strict=True):
        (alone,) = train_linear(X, y, 4, [config], device="cpu")
        for other in (small, alone):
            np.testing.assert_allclose(one.coef, other.coef, atol=1e-5)
            np.testing.assert_allclose(one.intercept, other.intercept, atol=1e-5)


@pytest.mark.parametrize("solver", ["adam", "exact"])
def test_retraining_on_a_selection_is_training_on_those_columns(solver):
    X, y = planted()
    config = ProbeConfig(1e-3, 1e-2, solver=solver, epochs=3, lr=1e-2)
    mask = np.zeros(24, dtype=bool)
    mask[[1, 4, 20]] = True
    by_ids, by_mask, everything, nothing = train_linear(
        X, y, 4, [config] * 4, columns=[[20, 1, 4], mask, None, []], device="cpu"
    )
    (alone,) = train_linear(X[:, [1, 4, 20]], y, 4, [config], device="cpu")
    np.testing.assert_allclose(by_ids.coef[:, [1, 4, 20]], alone.coef, atol=1e-5)
    assert not by_ids.coef[:, ~mask].any() and np.array_equal(by_ids.coef, by_mask.coef)
    assert not nothing.coef.any() and nothing.intercept.any()
    assert everything.coef[:, 0].any()


def test_nested_and_crossing_selections_train_as_each_alone():
    X, y = planted()
    config = ProbeConfig(1e-3, 1e-2, epochs=2, lr=1e-2)
    order = np.random.default_rng(1).permutation(24)
    nested = [order[:n] for n in (1, 2, 9, 10, 12, 24)]
    for columns in (nested, [*nested, order[5:15], order[20:], [], None], [[]]):
        together = train_linear(X, y, 4, [config] * len(columns), columns=columns, device="cpu")
        for ids, weights in zip(columns, together, strict=True):
            (alone,) = train_linear(X, y, 4, [config], columns=[ids], device="cpu")
            np.testing.assert_allclose(weights.coef, alone.coef, atol=1e-5)
            np.testing.assert_allclose(weights.intercept, alone.intercept, atol=1e-5)
            assert ids is None or not np.delete(weights.coef, ids, axis=1).any()


def test_seed_moves_only_the_shuffling():
    X, y = planted()
    config = ProbeConfig(epochs=2, lr=1e-2)
    other = dataclasses.replace(config, seed=1)
    a, b, again = train_linear(X, y, 4, [config, other, config], device="cpu")
    assert np.array_equal(a.coef, again.coef) and not np.array_equal(a.coef, b.coef)
    whole = dataclasses.replace(config, batch_size=len(y)), dataclasses.replace(other, batch_size=len(y))
    c, d = train_linear(X, y, 4, whole, device="cpu")  # one batch: nothing left to shuffle
    np.testing.assert_allclose(c.coef, d.coef, atol=1e-6)


def test_a_half_precision_memory_map_trains_as_its_float32_values(tmp_path):
    X, y = planted()
    np.save(tmp_path / "X.npy", X.astype(np.float16))
    mapped = np.load(tmp_path / "X.npy", mmap_mode="r")
    for settings in ({"epochs": 2, "device": "cpu"}, {"solver": "exact", "l2": 1e-2}):
        a = LinearProbe(**settings).fit(mapped, y)
        b = LinearProbe(**settings).fit(mapped.astype(np.float32), y)
        np.testing.assert_allclose(a.coef_, b.coef_, atol=1e-12)
        assert np.array_equal(a.predict(mapped), b.predict(mapped.astype(np.float32)))


def test_a_memory_map_is_never_copied_whole(tmp_path):
    """In a process of its own: the map's pages (2 bytes a value) may count towards its peak, a float32 copy (4) may not."""
    code = """
import resource, sys
import numpy as np
from lcacore.probes import LinearProbe
n, d = 160_000, 256
X = np.lib.format.open_memmap(sys.argv[1], "w+", np.float16, (n, d))
rng = np.random.default_rng(0)
for k in range(0, n, 10_000):
    X[k:k + 10_000] = rng.normal(size=(10_000, d))
y = np.asarray(X[:, 0] > 0).astype(int)
X = np.load(sys.argv[1], mmap_mode="r")
def peak(): return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024
LinearProbe(epochs=1, device="cpu").fit(X[:5000], y[:5000]).predict(X[:5000])
before = peak()
LinearProbe(epochs=1, device="cpu").fit(X, y).predict(X)
print((peak() - before) / (n * d))
"""
    out = subprocess.run([sys.executable, "-c", code, str(tmp_path / "X.npy")], capture_output=True, text=True, check=True)
    assert float(out.stdout) < 3.0


def test_bfloat16_activations_train_as_their_float32_values():
    ml_dtypes = pytest.importorskip("ml_dtypes")
    X, y = planted()
    low = X.astype(ml_dtypes.bfloat16)
    for settings in ({"epochs": 2, "device": "cpu"}, {"solver": "exact", "l2": 1e-2}):
        a, b = LinearProbe(**settings).fit(low, y), LinearProbe(**settings).fit(low.astype(np.float32), y)
        np.testing.assert_allclose(a.coef_, b.coef_, atol=1e-12)
        assert np.array_equal(a.predict(low), b.predict(low.astype(np.float32)))
    with pytest.raises(ValueError, match="trained on 24 neurons"):
        a.predict(low[:, :3])
    (subset,) = train_linear(low, y, 4, [ProbeConfig(epochs=1)], columns=[[3, 1]], device="cpu")
    assert subset.coef[:, [1, 3]].all()


def test_bfloat16_products_rank_like_float32():
    X, y = planted(n=4000, d=64)
    config = ProbeConfig(1e-3, 1e-3, lr=1e-2)
    (exact,), (low,) = (train_linear(X, y, 4, [config], device="cpu", precision=p) for p in ("float32", "bfloat16"))
    top = [set(np.argsort(-np.abs(w.coef).mean(0))[:6].tolist()) for w in (exact, low)]
    assert top[0] == top[1]


def test_activations_held_on_a_device_give_the_batches_of_streamed_ones():
    import torch

    rng = np.random.default_rng(5)
    X, y = rng.normal(size=(60, 12)).astype(np.float16), rng.integers(0, 3, 60)
    layout = np.array([7, 2, 3, 11, 0, 5, 9])
    streamed, held = (adam._Batches(X, y, 3, layout, np.arange(12.0), np.full(12, 2.0), torch.device("cpu"), "float32") for _ in range(2))
    held.resident, held.columns = adam._tensor(X), torch.from_numpy(layout)  # what a GPU with room for them does
    index = np.array([1, 4, 30, 59])
    for a, b in zip(streamed.take(index), held.take(index), strict=True):
        assert torch.equal(a, b)
    np.testing.assert_allclose(streamed.take(index)[0].numpy(), (X[index][:, layout] - layout) / 2, rtol=1e-6)


def test_gpu_gives_the_same_probe():
    torch = pytest.importorskip("torch")
    if not torch.cuda.is_available():
        pytest.skip("no GPU on this machine")
    X, y = planted()
    config = ProbeConfig(1e-3, 1e-3, epochs=3)
    (a,), (b,) = (train_linear(X.astype(np.float16), y, 4, [config], columns=[np.arange(10)], device=d) for d in ("cpu", "cuda"))
    np.testing.assert_allclose(a.coef, b.coef, atol=1e-4)


# --- the estimator ---------------------------------------------------------------------------------


def test_two_classes_keep_a_row_each_and_labels_are_sorted():
    X, y = planted()
    names = np.array(["yes", "no"], dtype=object)[(y > 1).astype(int)]
    probe = LinearProbe(solver="exact", l2=1e-3).fit(X, names)
    assert probe.coef_.shape == (2, 24) and probe.intercept_.shape == (2,) and probe.classes_.tolist() == ["no", "yes"]
    assert probe.decision_function(X).shape == (len(y),)
    assert probe.predict_proba(X).argmax(1).tolist() == [("no", "yes").index(label) for label in probe.predict(X)]


@pytest.mark.parametrize("settings", [{"solver": "exact", "l2": 1e-4}, {"lr": 1e-2, "epochs": 20, "device": "cpu"}])
def test_finds_the_planted_neurons_and_beats_the_majority(settings):
    X, y = planted()
    probe = LinearProbe(**settings).fit(X[:1000], y[:1000])
    assert probe.score(X[1000:], y[1000:]) > np.bincount(y).max() / len(y) + 0.2
    assert set(np.argsort(-np.abs(probe.coef_ * X.std(0)).mean(0))[:6].tolist()) == set(range(6))


def test_a_probe_on_shuffled_labels_is_at_chance():
    X, y = planted(n=3000)
    shuffled = np.random.default_rng(0).permutation(y)
    probe = LinearProbe(solver="exact", l2=1e-3).fit(X[:2000], shuffled[:2000])
    p = np.bincount(y).max() / len(y)
    assert probe.score(X[2000:], shuffled[2000:]) < p + 4 * np.sqrt(p * (1 - p) / 1000)


def test_standardised_probe_works_on_raw_activations_through_its_linear_form():
    X, y = planted()
    probe = LinearProbe(solver="exact", l2=1e-3, standardise=True).fit(X, y)
    by_hand = LinearProbe(solver="exact", l2=1e-3).fit((X - X.mean(0)) / X.std(0), y)
    np.testing.assert_allclose(probe.coef_, by_hand.coef_, atol=2e-2)
    coef, intercept = linear_form(probe)
    assert np.array_equal(probe.classes_[(X @ coef.T + intercept).argmax(1)], probe.predict(X))


def test_configs_round_trip():
    config = ProbeConfig(0.1, 0.2, solver="exact", seed=4, squared_l2=False)
    assert LinearProbe.from_config(config).config == config


def test_class_index():
    assert class_index(["b", "zz", "a", ""], ["a", "b"]).tolist() == [1, -1, 0, -1]


def test_the_callers_arrays_stay_as_they_are():
    X, y = planted(n=200)
    kept_X, kept_y = X.copy(), y.copy()
    LinearProbe(epochs=1, standardise=True, device="cpu").fit(X, y).predict(X)
    LinearProbe(1e-3, solver="exact", tol=1e-2).fit(X, y)
    assert np.array_equal(X, kept_X) and np.array_equal(y, kept_y)


# --- bad input -------------------------------------------------------------------------------------


@pytest.mark.parametrize("solver", ["adam", "exact"])
@pytest.mark.parametrize("bad", [np.nan, np.inf])
def test_not_finite_activations_are_refused_with_their_place(solver, bad):
    X, y = planted(n=100)
    X[40, 7] = bad
    with pytest.raises(ValueError, match=r"row 40, column 7"):
        train_linear(X, y, 4, [ProbeConfig(solver=solver, epochs=1)], device="cpu")
    with pytest.raises(ValueError, match=r"NaN|infinity"):
        LinearProbe(solver=solver).fit(X, y)


def test_bad_input_is_named():
    X, y = planted(n=100)
    with pytest.raises(ValueError, match="99 labels for 100 rows"):
        train_linear(X, y[:99], 4, [ProbeConfig()])
    with pytest.raises(ValueError, match="one class"):
        train_linear(X, np.zeros(100, int), 4, [ProbeConfig()])
    with pytest.raises(ValueError, match="two classes"):
        LinearProbe().fit(X, ["NOUN"] * 100)
    with pytest.raises(ValueError, match="solver 'sgd'"):
        LinearProbe(solver="sgd").fit(X, y)
    with pytest.raises(ValueError, match="l1 = -1"):
        LinearProbe(l1=-1).fit(X, y)
    with pytest.raises(ValueError, match="epochs 0"):
        LinearProbe(epochs=0).fit(X, y)
    with pytest.raises(ValueError, match="precision"):
        train_linear(X, y, 4, [ProbeConfig()], precision="float8")
    with pytest.raises(ValueError, match="there are 24"):
        column_ids([3, 24], 24)
    with pytest.raises(ValueError, match="more than once"):
        column_ids([3, 3], 24)


def test_asking_for_a_gpu_that_is_not_there():
    torch = pytest.importorskip("torch")
    if torch.cuda.is_available():
        pytest.skip("this machine has a GPU")
    X, y = planted(n=50)
    with pytest.raises(ValueError, match="no GPU"):
        LinearProbe(device="cuda").fit(X, y)


def test_a_learning_rate_that_diverges_is_said_to():
    X, y = planted(n=200)
    with pytest.raises(ValueError, match="diverged"):
        LinearProbe(lr=1e38, l2=1e30, epochs=5, batch_size=10, device="cpu").fit(X * 1e30, y)
