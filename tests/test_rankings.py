"""Each ranking against a brute-force reading of its definition."""

from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from lcacore.rankings import (
    _descending_row,
    magnitude,
    mean_abs_weight,
    mean_distance,
    neurons_per_label,
    probeless,
    random,
    variance,
    weight_mass,
    weight_mass_steps,
)

integer_weights = hnp.arrays(np.int64, hnp.array_shapes(min_dims=2, max_dims=2, min_side=1, max_side=9), elements=st.integers(-6, 6))


def smallest_sets(coef, percent: Fraction) -> set[int]:
    """The papers' definition, in exact arithmetic: per class, add neurons by |w| until their mass reaches p % of the total."""
    out: set[int] = set()
    for row in np.abs(coef).tolist():
        mass = Fraction(0)
        for j in sorted(range(len(row)), key=lambda j, row=row: (-row[j], j)):
            if mass >= percent / 100 * sum(row):
                break
            out.add(j)
            mass += row[j]
    return out


@given(integer_weights, st.sampled_from([1, 2, 5, 10, 25, 50, 100]))
@settings(max_examples=150, deadline=None)
def test_every_strides_sets_are_those_of_the_papers_and_prefixes_of_the_stepless_order(coef, stride):
    order = weight_mass(coef).order.tolist()
    found: set[int] = set()
    for k, new in enumerate(weight_mass_steps(coef, stride), start=1):
        assert new.tolist() == sorted(new.tolist()) and not found & set(new.tolist())
        found |= set(new.tolist())
        assert found == smallest_sets(coef, Fraction(k * stride))
        assert found == set(order[: len(found)])


@given(integer_weights)
@settings(max_examples=60, deadline=None)
def test_weight_mass_puts_empty_neurons_last_and_counts_the_others(coef):
    ranking = weight_mass(coef)
    empty = np.flatnonzero(~coef.any(axis=0))
    assert ranking.n_informative == coef.shape[1] - len(empty)
    assert ranking.order[ranking.n_informative :].tolist() == empty.tolist()
    assert not ranking.scores[empty].any()


edges = st.sampled_from([0.0, -0.0, 1.0, -1.0, 1e-45, -1e-45, 1.1754942e-38, 3.4028235e38, 0.1])
anything = st.floats(width=32, allow_nan=False, allow_infinity=False) | edges.map(np.float32)
single = hnp.arrays(np.float32, hnp.array_shapes(min_dims=2, max_dims=2, max_side=40), elements=anything)
double = hnp.arrays(np.float64, hnp.array_shapes(min_dims=2, max_dims=2, max_side=40), elements=st.floats(-1e300, 1e300) | edges | st.sampled_from([5e-324, 0.1 + 2**-56, -1e300]))


@given(single | double)
@settings(max_examples=300, deadline=None)
def test_every_order_is_that_of_a_stable_sort_to_the_last_bit_ties_included(coef):
    with np.errstate(all="ignore"):  # shares of masses beside 0 and of the largest floats
        ranking = weight_mass(coef)
    size = np.abs(coef.astype(np.float64))
    key, share = np.full(size.shape[1], np.inf), np.zeros(size.shape[1])
    for row, (label, order) in zip(size, ranking.per_class.items(), strict=True):
        assert order.tolist() == sorted(range(len(row)), key=lambda j, row=row: (-row[j], j)), label
        total, before = max(row.sum(), np.finfo(np.float64).tiny), 0.0
        for j in order[row[order] > 0]:
            if (before / total, -row[j] / total) < (key[j], -share[j]):
                key[j], share[j] = before / total, row[j] / total
            before += row[j]
    assert ranking.order.tolist() == sorted(range(len(key)), key=lambda j: (key[j], -share[j], j))


@given(st.lists(st.floats(allow_nan=False) | edges, min_size=1, max_size=60))
@settings(max_examples=200, deadline=None)
def test_class_orders_of_scores_of_any_sign_are_stable_too(scores):
    row = np.array(scores)
    assert _descending_row(row).tolist() == np.argsort(-row, kind="stable").tolist()


def test_weight_mass_ties_at_the_top_go_by_share_of_the_class():
    coef = np.array([[4.0, 1, 1, 0], [0, 9, 1, 0], [0, 0, 0, 2]])  # shares of the three top neurons: 4/6, 9/10, 1
    assert weight_mass(coef, ["a", "b", "c"]).order.tolist() == [3, 1, 0, 2]


def test_weight_mass_by_hand():
    coef = np.array([[5.0, 3, 2, 0], [1, 0, 1, -8]])
    ranking = weight_mass(coef, ["x", "y"])
    # neuron 1 enters after 5/10 of x, neuron 0 at 0 (top of x), 3 at 0 (top of y, share 8/10), 2 after min(8/10 of x, 9/10 of y)
    np.testing.assert_allclose(ranking.scores, [1, 0.5, 0.2, 1])
    assert ranking.order.tolist() == [3, 0, 1, 2]
    assert ranking.per_class["x"].tolist() == [0, 1, 2, 3] and ranking.per_class["y"].tolist() == [3, 0, 2, 1]
    assert weight_mass_steps(coef, 50)[0].tolist() == [0, 3]


def test_mean_abs_weight_and_magnitude_by_hand():
    coef = np.array([[3.0, -2.0, 0.0], [0.0, 2.0, 0.1]])
    assert mean_abs_weight(coef).order.tolist() == [1, 0, 2]
    np.testing.assert_allclose(mean_abs_weight(coef).scores, [1.5, 2.0, 0.05])
    assert magnitude(coef).order.tolist() == [0, 1, 2]
    np.testing.assert_allclose(magnitude(coef).scores, [3.0, np.sqrt(8), 0.1])


@given(st.integers(2, 7), st.integers(0, 10_000))
@settings(max_examples=40, deadline=None)
def test_probeless_is_the_sum_over_all_pairs(c, seed):
    rng = np.random.default_rng(seed)
    X = rng.normal(size=(60, 5)).round(1)
    y = np.concatenate([np.arange(c), rng.integers(0, c, 60 - c)])
    q = np.array([X[y == z].mean(axis=0) for z in range(c)])
    ranking = probeless(X, y)
    pairs = np.abs(q[:, None] - q[None]).sum(axis=1)
    np.testing.assert_allclose(ranking.scores, pairs.sum(axis=0) / 2, atol=1e-9)
    for z in range(c):
        np.testing.assert_allclose(ranking.class_scores[z], pairs[z], atol=1e-9)


def test_probeless_means_half_precision_in_double():
    """60,000 values near 1,000 in float16: a float16 sum would overflow, a float32 one would drift."""
    X = np.full((60_000, 2), 1000, np.float16)
    X[::2, 1] = 1001
    y = np.arange(60_000) % 2
    np.testing.assert_array_equal(probeless(X, y).scores, [0.0, 1.0])


def test_random_is_seeded_and_carries_no_evidence():
    assert np.array_equal(random(50, 3).order, random(50, 3).order)
    assert not np.array_equal(random(50, 3).order, random(50, 4).order)
    assert random(50, 3).n_informative == 0


def test_orders_by_spread_are_numpys_whatever_the_blocks_and_the_mean():
    X = np.random.default_rng(4).normal(size=(5000, 9)) * np.arange(1, 10)[::-1] + 1000
    X[:, 3] = 5.0
    np.testing.assert_allclose(variance(X).scores, X.var(axis=0), rtol=1e-9)
    np.testing.assert_allclose(mean_distance(X).scores, np.abs(X - X.mean(axis=0)).mean(axis=0), rtol=1e-9)
    assert variance(X).order.tolist() == mean_distance(X).order.tolist() == [0, 1, 2, 4, 5, 6, 7, 8, 3]
    assert variance(X).n_informative == 8
    outlier = np.zeros((100, 2))
    outlier[0, 0], outlier[:, 1] = 8, np.tile([0.5, -0.5], 50)
    assert variance(outlier).order[0] == 0 and mean_distance(outlier).order[0] == 1


def test_bad_input_is_named():
    with pytest.raises(ValueError, match="at least one token"):
        variance(np.ones((0, 3)))
    with pytest.raises(ValueError, match="NaN"):
        mean_distance(np.array([[1.0], [np.nan]]))
    with pytest.raises(ValueError, match=r"give \(classes, neurons\)"):
        weight_mass(np.ones(4))
    with pytest.raises(ValueError, match="NaN"):
        mean_abs_weight(np.array([[1.0, np.nan]]))
    with pytest.raises(ValueError, match="2 classes for weights of 1"):
        weight_mass(np.ones((1, 4)), ["a", "b"])
    with pytest.raises(ValueError, match="at least two labels"):
        probeless(np.ones((3, 2)), ["a"] * 3)
    with pytest.raises(ValueError, match="one label per token"):
        probeless(np.ones((3, 2)), ["a", "b"])
    with pytest.raises(ValueError, match="NaN"):
        probeless(np.array([[1.0], [np.inf]]), ["a", "b"])
    with pytest.raises(ValueError, match="stride 0"):
        weight_mass_steps(np.ones((2, 2)), 0)


def test_labels_contribute_what_their_mass_reaches():
    """Oracle for figure 7: at a threshold p every label's set is the published loop's; together they are the first n."""
    coef = np.random.default_rng(3).standard_normal((4, 30)) ** 3
    ranking = weight_mass(coef, list("abcd"))
    for n in (1, 4, 9, 20, 30):
        counts = neurons_per_label(ranking, n)
        sets = [set(ranking.per_class[label][: counts[label]].tolist()) for label in "abcd"]
        assert set(ranking.order[:n].tolist()) <= set().union(*sets)
        assert len(set().union(*sets)) == max(n, 4)  # every label's first neuron enters at once
