"""One answer, whatever the order, threads, precision and memory; a certificate that holds; paths that lead to it."""

import subprocess
import sys

import numpy as np
import pytest

from lcacore.exact import data as exact_data
from lcacore.exact import dual, metric, path, solver
from lcacore.rankings import weight_mass
from lcacore.training import exact_path, train_linear
from lcacore.types import ProbeConfig

PAIRS = [(1e-3, 1e-2), (1e-3, 1e-4), (1e-4, 1e-3), (0.0, 1e-2), (1e-2, 0.0)]


def correlated(n=3000, d=120, c=9, seed=0):
    """Neurons that share factors, as layers do, of unlike scales; classes by Zipf's law."""
    rng = np.random.default_rng(seed)
    factors = rng.normal(size=(n, 30)) * np.arange(1, 31) ** -0.5
    X = (factors @ rng.normal(size=(30, d)) + 0.3 * rng.normal(size=(n, d))) * np.exp(rng.normal(size=d)) + rng.normal(size=d)
    logits = 3 * factors @ rng.normal(size=(30, c)) - np.log(np.arange(1, c + 1))
    return X.astype(np.float16), (logits + rng.gumbel(size=(n, c))).argmax(1)


def solve(X, y, pairs, **options):
    return path(lambda rows: X[rows], np.asarray(y, np.int64), int(y.max()) + 1, X.shape[1], pairs, **options)


@pytest.fixture
def large(monkeypatch):
    """As X too large for float64 is treated: float32 passes, the quasi-Newton model, a last certificate in float64."""
    monkeypatch.setattr(exact_data, "SMALL", 0)
    monkeypatch.setattr(solver, "SMALL", 0)


def objective(W, b, X, y, l1, l2):
    Z = X.astype(np.float64) @ W.T + b
    return np.mean(np.logaddexp.reduce(Z, axis=1) - Z[np.arange(len(y)), y]) + l1 * np.abs(W).sum() + l2 * (W**2).sum()


def test_large_and_small_problems_have_one_answer(large, monkeypatch):
    X, y = correlated(n=1500, d=60)
    found = solve(X, y, PAIRS)
    monkeypatch.undo()
    for (l1, l2), a, b in zip(PAIRS, found, solve(X, y, PAIRS, tol=1e-10), strict=True):
        assert a.gap <= 1e-6 and b.gap <= 1e-10
        assert a.objective == pytest.approx(objective(a.W, a.b, X, y, l1, l2), abs=1e-9)
        assert 0 <= a.objective - b.objective <= a.gap + 1e-9  # the certificate holds


def test_a_path_leads_where_each_pair_leads_alone(large):
    X, y = correlated(n=1500, d=60)
    for pair, a in zip(PAIRS, solve(X, y, PAIRS), strict=True):
        (b,) = solve(X, y, [pair])
        assert abs(a.objective - b.objective) <= 1e-6


def test_zeros_are_exact_and_those_of_the_optimality_conditions(large):
    X, y = correlated()
    l1, l2 = 3e-3, 1e-3
    (found,) = solve(X, y, [(l1, l2)], tol=1e-9)
    Z = X.astype(np.float64) @ found.W.T + found.b
    P = np.exp(Z - np.logaddexp.reduce(Z, axis=1)[:, None])
    slope = (P - np.eye(Z.shape[1])[y]).T @ X.astype(np.float64) / len(y)
    zero = found.W == 0
    scale = X.astype(np.float64).std(0)
    assert 0.3 < zero.mean() < 0.99
    assert ((np.abs(slope) - l1)[zero] <= (1e-4 * scale + 0 * slope)[zero]).all()
    away = slope + l1 * np.sign(found.W) + 2 * l2 * found.W
    assert (np.abs(away) <= 1e-4 * scale)[~zero].all()


@pytest.mark.parametrize("l1, l2", [(1e-3, 1e-2), (1e-4, 1e-3)])
def test_the_ranking_agrees_with_itself_whatever_the_order_of_rows(large, l1, l2):
    X, y = correlated(d=400, n=4000)
    shuffle = np.random.default_rng(1).permutation(len(y))
    (a,), (b,) = solve(X, y, [(l1, l2)]), solve(X[shuffle], y[shuffle], [(l1, l2)])
    assert abs(a.objective - b.objective) <= 1e-6
    top = [set(weight_mass(found.W).top(0.05).tolist()) for found in (a, b)]
    assert len(top[0] & top[1]) >= 0.99 * len(top[0])
    assert np.mean((a.W == 0) == (b.W == 0)) > 0.99


def test_one_and_two_threads_agree(tmp_path):
    code = """
import sys
import numpy as np, torch
from lcacore.exact import data, path, solver
torch.set_num_threads(int(sys.argv[1]))
data.SMALL = solver.SMALL = 0
X, y = np.load(sys.argv[2]), np.load(sys.argv[3])
(found,) = path(lambda rows: X[rows], y, int(y.max()) + 1, X.shape[1], [(1e-3, 1e-2)])
np.savez(sys.argv[4], W=found.W, objective=found.objective)
"""
    X, y = correlated(d=200, n=2000)
    np.save(tmp_path / "X.npy", X)
    np.save(tmp_path / "y.npy", y)
    found = []
    for threads in "12":
        out = tmp_path / f"{threads}.npz"
        subprocess.run([sys.executable, "-c", code, threads, str(tmp_path / "X.npy"), str(tmp_path / "y.npy"), str(out)], check=True)
        found.append(np.load(out))
    assert abs(found[0]["objective"] - found[1]["objective"]) <= 1e-6
    top = [set(weight_mass(f["W"]).top(0.05).tolist()) for f in found]
    assert len(top[0] & top[1]) >= 0.99 * len(top[0])


def test_activations_read_anew_give_the_same_as_held_ones(large, monkeypatch):
    X, y = correlated(n=9000, d=40)
    (held,) = solve(X, y, [(1e-3, 1e-3)], tol=1e-8)
    monkeypatch.setattr(exact_data, "_RESIDENT", 0)
    (streamed,) = solve(X, y, [(1e-3, 1e-3)], tol=1e-8)
    np.testing.assert_allclose(held.W, streamed.W, atol=1e-3)
    assert abs(held.objective - streamed.objective) <= 1e-8


@pytest.mark.parametrize("intercept", [True, False])
def test_many_logits_in_blocks_and_in_a_file_give_the_same_as_few(large, monkeypatch, intercept):
    X, y = correlated(n=3000, d=30)
    (whole,) = solve(X, y, [(1e-3, 1e-3)], tol=1e-8, penalise_bias=not intercept)
    monkeypatch.setattr(dual, "_TOGETHER", 5000)
    monkeypatch.setattr(dual, "_IN_MEMORY", 0)
    (parts,) = solve(X, y, [(1e-3, 1e-3)], tol=1e-8, penalise_bias=not intercept)
    np.testing.assert_allclose(whole.W, parts.W, atol=1e-3)
    assert abs(whole.objective - parts.objective) <= 1e-8 and parts.gap <= 1e-8


def test_activations_beyond_memory_stay_there(tmp_path):
    """In a process of its own: neither a float32 nor a float16 copy of the map is made."""
    code = """
import resource, sys
import numpy as np
from lcacore.exact import data, path
n, d = 100_000, 256
X = np.lib.format.open_memmap(sys.argv[1], "w+", np.float16, (n, d))
rng = np.random.default_rng(0)
for k in range(0, n, 10_000):
    X[k:k + 10_000] = rng.normal(size=(10_000, d))
y = np.asarray(X[:, 0] > 0).astype(np.int64)
X = np.load(sys.argv[1], mmap_mode="r")
data._RESIDENT = 0
def peak(): return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024
def solve(n): return path(lambda rows: X[:n][rows], y[:n], 2, d, [(1e-2, 1e-2)], tol=1e-2, max_iter=5)
solve(8000)
before = peak()
solve(n)
print((peak() - before) / (n * d))
"""
    out = subprocess.run([sys.executable, "-c", code, str(tmp_path / "X.npy")], capture_output=True, text=True, check=True)
    assert float(out.stdout) < 3.0  # the map's own pages count 2


def test_a_wide_input_is_sketched_and_solved_all_the_same(large, monkeypatch):
    X, y = correlated(n=1200, d=300)
    (whole,) = solve(X, y, [(1e-3, 1e-2)])
    monkeypatch.setattr(exact_data, "_GRAM_WIDTH", 100)
    monkeypatch.setattr(exact_data, "_SKETCH_ROWS", 400)
    (sketched,) = solve(X, y, [(1e-3, 1e-2)])
    assert sketched.gap <= 1e-6 and abs(whole.objective - sketched.objective) <= 1e-6


@pytest.mark.parametrize("kind", ["shared factors", "a loud neuron", "few tokens"])
@pytest.mark.parametrize("scale", [True, False])
def test_a_gram_matrix_rounded_to_bfloat16_is_symmetric_and_nowhere_negative_and_its_rough_products_keep_their_bound(monkeypatch, kind, scale):
    import torch

    monkeypatch.setattr(exact_data, "multiplies_bfloat16", lambda device: True)  # any processor can, if slowly
    rng = np.random.default_rng(2)
    n, d = (300, 500) if kind == "few tokens" else (2000, 500)
    X = rng.normal(size=(n, 10)) @ rng.normal(size=(10, d)) + 0.01 * rng.normal(size=(n, d))
    X[:, 3] *= 300 if kind == "a loud neuron" else 1
    data = exact_data.Data.of(lambda rows: X[rows], rng.integers(0, 3, n), 3, d, intercept=True, scale=scale)
    gram, centred = data.gram(), (X - X.mean(0)) / data.s.numpy()
    assert gram.held.dtype == torch.bfloat16 and bool((gram.held == gram.held.T).all())
    true, own = centred.T @ centred / n, np.sqrt((centred**2).mean(0))
    rounded = gram.held.double().numpy()
    assert np.linalg.eigvalsh(rounded / own / own[:, None])[0] < -1e-3  # rounding alone makes a curvature negative
    whole = rounded + np.diag(gram.diagonal.double().numpy())
    assert np.linalg.eigvalsh(whole / own / own[:, None])[0] > 0
    assert (np.abs(whole - true) <= 0.1 * np.outer(own, own)).all()

    V = torch.from_numpy(rng.normal(size=(7, d)) * np.exp(3 * rng.normal(size=(7, d)))).float()
    exact = V.double().numpy() @ whole
    size = np.abs(V.double().numpy()) @ np.abs(whole)
    assert (np.abs(gram(V).double().numpy() - exact) <= 1e-5 * size).all()
    rough = np.abs(gram(V, rough=True).double().numpy() - exact)
    assert (rough <= 2.0**-8 * (size + np.abs(exact)) * (1 + 2.0**-7)).all() and (rough > 1e-5 * size).any()
    assert np.abs(gram(V.double(), rough=True).numpy() - exact).max() <= 1e-12 * size.max()  # double precision is never rounded


def test_few_tokens_are_multiplied_by_themselves_and_give_the_same_product(monkeypatch):
    """Two products with X (n, d) for V (XᵀX / n), where n is under half of d: no (d, d) matrix is formed, and nothing is lost."""
    import torch

    monkeypatch.setattr(exact_data, "multiplies_bfloat16", lambda device: False)
    X, _ = correlated(n=90, d=200)
    X, V = X.astype(np.float64), np.random.default_rng(1).normal(size=(5, 200))
    data = exact_data.Data.of(lambda rows: X[rows], np.arange(90) % 3, 3, 200, intercept=True, scale=True)
    scaled, gram = (X - X.mean(0)) / data.s.numpy(), data.gram()
    assert gram.held.shape == (90, 200)
    assert gram(torch.from_numpy(V)).numpy() == pytest.approx(V @ scaled.T @ scaled / 90, rel=1e-5, abs=1e-6)


@pytest.mark.parametrize("width", [4096, 100])
def test_a_processor_with_bfloat16_and_one_without_find_the_same(large, monkeypatch, width):
    X, y = correlated(n=1500, d=200)
    monkeypatch.setattr(exact_data, "_GRAM_WIDTH", width)
    found = []
    for half in (False, True):
        monkeypatch.setattr(exact_data, "multiplies_bfloat16", lambda device, half=half: half)
        found.append(solve(X, y, PAIRS[:2]))
    for a, b in zip(*found, strict=True):
        assert max(a.gap, b.gap) <= 1e-6 and abs(a.objective - b.objective) <= 1e-6
        top = [set(weight_mass(f.W).top(0.05).tolist()) for f in (a, b)]
        assert len(top[0] & top[1]) >= 0.99 * len(top[0])


@pytest.mark.parametrize("options", [{}, {"squared_l2": False}, {"penalise_bias": True}])
@pytest.mark.parametrize("width", [4096, 100])
def test_an_active_set_finds_what_all_columns_find(large, monkeypatch, width, options):
    X, y = correlated(n=1000, d=120)
    monkeypatch.setattr(exact_data, "_GRAM_WIDTH", width)
    strong = [(0.05, 1e-3), (0.02, 1e-2), (1e-3, 1e-3)]
    sizes, on = [], metric.QuasiNewton.on
    monkeypatch.setattr(metric.QuasiNewton, "on", lambda self, columns: sizes.append(len(columns)) or on(self, columns))
    few = solve(X, y, strong, **options)
    assert sizes and max(sizes) <= 60
    monkeypatch.setattr(metric, "_FEW", -1.0)
    taken = len(sizes)
    for a, b in zip(few, solve(X, y, strong, **options), strict=True):
        assert max(a.gap, b.gap) <= 1e-6 and abs(a.objective - b.objective) <= 1e-6
        assert abs(int((a.W != 0).any(0).sum()) - int((b.W != 0).any(0).sum())) <= 2
    assert len(sizes) == taken  # the second time none


def test_rare_and_absent_classes_do_not_spoil_the_certificate(large):
    X, y = correlated(n=2000, d=40)
    y[y == 7] = 0
    y[:1] = 8
    (found,) = path(lambda rows: X[rows], np.where(y == 8, 8, y).astype(np.int64), 12, 40, [(1e-3, 1e-2)])
    assert found.gap <= 1e-6 and np.isfinite(found.b).all()
    assert not found.W[[7, 9, 10, 11]].any() and (found.b[[7, 9, 10, 11]] < found.b[[0, 8]].min() - 20).all()


def test_targets_stop_a_path_early_and_are_kept(large):
    X, y = correlated()
    full = solve(X, y, PAIRS)
    targets = [f.objective * 1.05 for f in full]
    early = solve(X, y, PAIRS, targets=targets)
    assert all(e.objective <= t for e, t in zip(early, targets, strict=True))
    assert sum(e.n_iter for e in early) < 0.5 * sum(f.n_iter for f in full)
    assert all(e.gap >= e.objective - f.objective - 1e-9 for e, f in zip(early, full, strict=True))


def test_a_start_changes_the_way_not_the_answer(large):
    X, y = correlated(n=1500, d=60)
    (found,) = solve(X, y, [(1e-3, 1e-3)])
    (again,) = solve(X, y, [(1e-3, 1e-3)], start=(found.W, found.b))
    assert again.n_iter < found.n_iter / 2 and abs(again.objective - found.objective) <= 1e-6
    config = ProbeConfig(1e-3, 1e-3, solver="exact")
    (probe,) = train_linear(X, y, 9, [config])
    (warm,) = train_linear(X, y, 9, [config], columns=[np.arange(0, 60, 2)], start=[probe])
    (cold,) = train_linear(X, y, 9, [config], columns=[np.arange(0, 60, 2)])
    assert not warm.coef[:, 1::2].any()
    np.testing.assert_allclose(warm.coef, cold.coef, atol=5e-2)


@pytest.mark.parametrize("squared_l2, penalise_bias", [(False, False), (True, True), (False, True)])
def test_other_readings_of_the_penalty_at_scale(large, monkeypatch, squared_l2, penalise_bias):
    X, y = correlated(n=1500, d=40)
    options = {"squared_l2": squared_l2, "penalise_bias": penalise_bias}
    (a,) = solve(X, y, [(1e-3, 1e-2)], tol=1e-5, **options)
    monkeypatch.undo()
    (b,) = solve(X, y, [(1e-3, 1e-2)], tol=1e-9, **options)
    assert a.gap <= 1e-5 and -1e-9 <= a.objective - b.objective <= a.gap + 1e-9


def test_exact_path_is_the_probes_of_train_linear():
    X, y = correlated(n=800, d=30)
    columns = np.arange(3, 20)
    weights = exact_path(X, y, 9, PAIRS[:3], columns=columns)
    configs = [ProbeConfig(l1, l2, solver="exact") for l1, l2 in PAIRS[:3]]
    for a, b in zip(weights, train_linear(X, y, 9, configs, columns=[columns] * 3), strict=True):
        assert np.array_equal(a.coef, b.coef) and a.gap <= 1e-6
    with pytest.raises(ValueError, match="2 targets for 3 pairs"):
        exact_path(X, y, 9, PAIRS[:3], targets=[1.0, 1.0])
    with pytest.raises(ValueError, match="l1 = -1"):
        exact_path(X, y, 9, [(-1.0, 0.0)])
