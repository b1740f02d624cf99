"""The grid and the minimal set against their definitions, one probe at a time."""

import numpy as np
import pytest

import lcacore.search
import lcacore.training.adam
from lcacore.evaluation import masked_accuracy
from lcacore.probes import LinearProbe
from lcacore.rankings import random, weight_mass
from lcacore.search import GRID, _ahead, _counts, grid_search, minimal_neurons, smallest_within
from lcacore.types import ProbeConfig, Ranking

CONFIG = ProbeConfig(lr=1e-2, epochs=4, batch_size=128)


def planted(n=1400, d=30, informative=5, seed=0):
    rng = np.random.default_rng(seed)
    X = rng.normal(size=(n, d)).astype(np.float32)
    W = np.zeros((4, d))
    W[:, :informative] = rng.normal(size=(4, informative)) * 3
    return X, np.array(list("abcd"), dtype=object)[(X @ W.T + rng.gumbel(size=(n, 4))).argmax(1)]


@pytest.fixture(scope="module")
def split():
    X, y = planted()
    return X[:1000], y[:1000], X[1000:], y[1000:]


def probe_at(split, l1, l2, columns=slice(None)):
    X, y, _, _ = split
    return LinearProbe(l1, l2, lr=1e-2, epochs=4, batch_size=128, device="cpu").fit(X[:, columns], y)


def test_every_row_is_what_single_probes_give(split):
    _, _, X_dev, y_dev = split
    result = grid_search(*split, l1=(0, 1e-2), l2=(0, 1e-1), config=CONFIG, fraction=0.2, device="cpu")
    assert result.table[["l1", "l2"]].values.tolist() == [[0, 0], [0, 0.1], [0.01, 0], [0.01, 0.1]]
    for row in result.table.itertuples():
        probe = probe_at(split, row.l1, row.l2)
        order = weight_mass(probe.coef_).order
        full, top, bottom = masked_accuracy(probe, X_dev, y_dev, [None, order[:6], order[::-1][:6]])
        assert [row.A_l, row.A_t, row.A_b] == pytest.approx([full, top, bottom], abs=2 / 400)
        assert row.S == pytest.approx(0.5 * (row.A_t - row.A_b) - 0.5 * (row.A_z - row.A_l))
    assert (result.table.A_z == result.table.A_l[0]).all()
    best = result.table.S.idxmax()
    assert (result.best.l1, result.best.l2) == tuple(result.table.loc[best, ["l1", "l2"]]) and result.best.lr == 1e-2
    assert result.surface().shape == (2, 2)


def test_retraining_reading_trains_anew_on_the_masked_features(split):
    _, _, X_dev, y_dev = split
    result = grid_search(*split, l1=(1e-3,), l2=(1e-3,), config=CONFIG, retrain=True, device="cpu")
    order = weight_mass(probe_at(split, 1e-3, 1e-3).coef_).order
    for column, ids in (("A_t", order[:6]), ("A_b", order[::-1][:6])):
        ids = np.sort(ids)
        assert result.table[column][0] == pytest.approx(probe_at(split, 1e-3, 1e-3, ids).score(X_dev[:, ids], y_dev), abs=2 / 400)
    masked = grid_search(*split, l1=(1e-3,), l2=(1e-3,), config=CONFIG, device="cpu")
    assert masked.table.A_l[0] == result.table.A_l[0] and masked.table.A_t[0] <= result.table.A_t[0] + 0.02


def test_unregularised_probe_is_trained_even_where_the_grid_leaves_it_out(split):
    result = grid_search(*split, l1=(1e-1,), l2=(1e-1,), config=CONFIG, device="cpu")
    assert len(result.table) == 1
    assert result.table.A_z[0] == pytest.approx(probe_at(split, 0, 0).score(split[2], split[3]), abs=2 / 400)


def test_groups_change_nothing(split, monkeypatch):
    whole = grid_search(*split, l1=(0, 1e-3, 1e-2), l2=(0, 1e-2), config=CONFIG, device="cpu")
    monkeypatch.setattr(lcacore.training.adam, "_PARAMETERS_PER_LOAD", 250)  # two probes at a time
    parts = grid_search(*split, l1=(0, 1e-3, 1e-2), l2=(0, 1e-2), config=CONFIG, device="cpu")
    np.testing.assert_allclose(parts.table.values, whole.table.values, atol=2 / 400)


def test_the_default_grid_is_the_papers_and_too_much_penalty_costs_accuracy(split):
    result = grid_search(*split, config=ProbeConfig(lr=2e-2, epochs=30, batch_size=256), device="cpu")
    assert len(result.table) == 49 and sorted(set(result.table.l1)) == list(GRID)
    assert np.isfinite(result.table.values).all()
    surface = result.surface("A_l")
    assert surface.loc[0.1, 0.1] < surface.loc[1e-3, 1e-3] - 0.05
    assert result.best.l1 >= 1e-3  # sparsity keeps the top neurons alone


def test_the_exact_solver_searches_too(split):
    result = grid_search(*split, l1=(1e-3, 1e-2), l2=(1e-2,), config=ProbeConfig(solver="exact"))
    assert result.best.solver == "exact" and (result.table.A_t > result.table.A_b).all()


def test_the_exact_path_gives_what_single_exact_probes_give(split):
    X, y, X_dev, y_dev = split
    grid = grid_search(*split, l1=(0, 1e-3, 1e-2), l2=(1e-3, 1e-1), solver="exact")
    assert grid.best.solver == "exact"
    for row in grid.table.itertuples():
        assert row.A_l == pytest.approx(LinearProbe(row.l1, row.l2, solver="exact").fit(X, y).score(X_dev, y_dev), abs=2 / 400)


def test_ties_go_to_the_weaker_penalty():
    X = np.array([[1.0, 0], [-1, 0]] * 50, dtype=np.float32)
    y = np.array(["p", "n"] * 50)
    result = grid_search(X, y, X, y, l1=(1e-6, 1e-5), l2=(1e-6, 1e-5), config=CONFIG, fraction=1, device="cpu")
    assert result.table.S.nunique() == 1 and (result.best.l1, result.best.l2) == (1e-6, 1e-6)


def test_empty_grid():
    X, y = planted(n=50)
    with pytest.raises(ValueError, match="grid is empty"):
        grid_search(X, y, X, y, l1=())


# --- minimal set -----------------------------------------------------------------------------------


def true_ranking(d=30):
    return Ranking(np.arange(d), np.arange(d, 0, -1.0), method="planted")


def test_finds_about_the_planted_neurons(split):
    found = minimal_neurons(*split, true_ranking(), 1.0, config=ProbeConfig(1e-3, solver="exact"))
    assert 4 <= found.n <= 6 and found.reached and found.neurons.tolist() == list(range(found.n))
    assert (found.oracle - found.accuracy) * 100 < 1.0
    assert found.percent == pytest.approx(100 * found.n / 30) == found.curve.x[-1]
    assert found.accuracy == found.curve.y[-1] and found.curve.low == ()


def test_exact_minimal_sets_started_from_the_last_are_those_trained_from_nothing(split):
    X, y, X_dev, y_dev = split
    found = minimal_neurons(*split, true_ranking(), 1.0, config=ProbeConfig(1e-3, 1e-3), solver="exact", seeds=(0, 1))
    assert found.curve.low == found.curve.high == found.curve.y  # no seed moves it
    for x, accuracy in zip(found.curve.x, found.curve.y, strict=True):
        n = round(x * 30 / 100)
        assert accuracy == pytest.approx(LinearProbe(1e-3, 1e-3, solver="exact").fit(X[:, :n], y).score(X_dev[:, :n], y_dev), abs=2 / 400)


def test_stops_at_the_first_step_that_is_enough(split):
    found = minimal_neurons(*split, true_ranking(), 2.0, config=CONFIG, seeds=(0, 1), device="cpu")
    assert all((found.oracle - value) * 100 >= 2.0 for value in found.curve.y[:-1])
    assert all(low <= y <= high for low, y, high in zip(found.curve.low, found.curve.y, found.curve.high, strict=True))
    # a step of 1 % of 30 neurons rounds up to one neuron: each count is tried once
    assert [round(x * 30 / 100) for x in found.curve.x] == list(range(1, found.n + 1))


@pytest.mark.parametrize("power, needed", [(0.7, 3), (1.0, 9), (2.5, 30)])
def test_steps_ahead_are_as_many_as_a_power_law_needs(power, needed):
    sizes = np.arange(1, 11) * 4
    missing = 0.3 * (sizes / 4.0) ** -power
    delta = 0.3 * (10.0 + needed - 1e-6) ** -power  # reached a little before the step
    assert _ahead(sizes, missing, delta, 4, 100) == needed and _ahead(sizes, missing, delta, 4, 5) == min(needed, 5)
    assert _ahead(sizes, missing, -0.1, 4, 7) == _ahead(sizes, missing[::-1], delta, 4, 7) == _ahead(sizes[:3], missing[:3], delta, 4, 7) == 7  # nothing to go by


def test_no_more_steps_train_than_a_chunk_and_none_far_beyond_the_last(split, monkeypatch):
    trained, train = [], lcacore.search.train_linear
    monkeypatch.setattr(lcacore.search, "train_linear", lambda *a, **k: trained.append(len(k["columns"])) or train(*a, **k))
    config = ProbeConfig(lr=1e-2, epochs=2, batch_size=128)
    found = minimal_neurons(*split, random(30), 1.0, step=1 / 30, config=config, chunk=10, device="cpu")
    assert max(trained) <= 10 and sum(trained[1:]) <= len(found.curve.x) + 3


def test_chunks_change_the_time_not_the_answer(split):
    runs = [minimal_neurons(*split, true_ranking(), 1.0, config=CONFIG, chunk=c, device="cpu") for c in (1, 3, 50)]
    assert len({run.n for run in runs}) == 1
    np.testing.assert_allclose(runs[0].curve.y, runs[2].curve.y, atol=2 / 400)


def test_a_larger_delta_never_needs_more(split):
    sizes = [minimal_neurons(*split, true_ranking(), d, config=CONFIG, device="cpu").n for d in (0.5, 2.0, 10.0, 50.0)]
    assert sizes == sorted(sizes, reverse=True) and sizes[-1] < sizes[0]


def test_a_bad_ranking_needs_more_than_a_good_one(split):
    good, bad = (minimal_neurons(*split, r, 1.0, config=CONFIG, device="cpu") for r in (true_ranking(), true_ranking().reversed()))
    assert good.n < bad.n


def test_never_enough_gives_all_neurons_and_says_so(split):
    found = minimal_neurons(*split, random(30), -100.0, step=0.25, config=CONFIG, device="cpu")
    assert found.n == 30 and found.percent == 100 and not found.reached
    assert [round(x * 30 / 100) for x in found.curve.x] == [8, 15, 23, 30] and found.accuracy == found.oracle


@pytest.mark.parametrize("slope", [0.05, 0.31, 0.37, 0.5, 0.993, 1.0])
@pytest.mark.parametrize("d", [37, 100, 896])
def test_on_a_rising_curve_the_bracket_finds_the_first_size(slope, d):
    """Accuracy rises linearly to its height at a share `slope` of the neurons: the answer is known without training."""
    asked = []

    def score(n):
        asked.append(n)
        return min(90.0, 50 + 40 * n / (slope * d))

    found = smallest_within(score, 90.0, d, (0.5, 1.0, 2.0))
    assert len(asked) == len(set(asked)) <= 30
    for delta, n in found.items():
        assert n == next(k for k in _counts(d, 0.01) if 90 - min(90.0, 50 + 40 * k / (slope * d)) < delta)


def test_what_else_is_asked_for_does_not_move_a_threshold():
    """On a curve that dips, the size found depends on the sizes tried: those of one threshold must not help another."""
    accuracy = 90 - 40 / np.arange(1, 301) ** 0.6 + np.random.default_rng(0).normal(0, 0.7, 300)
    together = smallest_within(lambda n: accuracy[n - 1], 90.0, 300, (0.5, 1.0, 2.0, 4.0))
    assert together == {delta: smallest_within(lambda n: accuracy[n - 1], 90.0, 300, (delta,))[delta] for delta in (4.0, 0.5, 2.0, 1.0)}
    assert list(together.values()) == sorted(together.values(), reverse=True)


def test_the_bracket_ends_with_all_neurons_where_nothing_less_is_enough():
    assert smallest_within(lambda n: 10.0, 90.0, 64, (1.0,)) == {1.0: 64}


def test_the_bracket_finds_what_every_step_finds_with_fewer_retrainings(split):
    """On a ranking that is right the curve rises, and its first size within δ is the one that the bracket closes on."""
    for delta in (0.5, 2.0, 10.0):
        steps, fewer = (minimal_neurons(*split, true_ranking(), delta, config=CONFIG, search=how, device="cpu") for how in ("steps", "bracket"))
        assert np.all(np.diff(steps.curve.y) > 0), "the planted curve should rise"
        assert fewer.n == steps.n and fewer.accuracy == pytest.approx(steps.accuracy, abs=1 / 400)
        assert set(fewer.curve.x) <= set(steps.curve.x) and fewer.curve.x[-1] == steps.curve.x[-1]


def test_bad_input_is_named(split):
    with pytest.raises(ValueError, match="ranking of 31 neurons"):
        minimal_neurons(*split, random(31))
    with pytest.raises(ValueError, match="step 0"):
        minimal_neurons(*split, random(30), step=0)
    with pytest.raises(ValueError, match="search 'bisection'"):
        minimal_neurons(*split, random(30), search="bisection")
