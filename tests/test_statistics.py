"""Chance overlaps against the papers' recurrence and simulation; tests and intervals against their definitions."""

from functools import cache
from itertools import combinations, product
from math import comb

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from lcacore.rankings import random
from lcacore.statistics import (
    bootstrap_interval,
    expected_common,
    expected_overlap,
    holm,
    overlap,
    overlap_distribution,
    seed_interval,
    wilcoxon_matrix,
)


@cache
def papers_count(i, n, m, k):
    """C_i[n, m, k]: ways for i tops of m out of n to share exactly k (Antverg & Belinkov 2022, eq. 3)."""
    if not 0 <= k <= m <= n:
        return 0
    return comb(n, k) * (comb(n - k, m - k) ** i - sum(papers_count(i, n - k, m - k, j) for j in range(1, m - k + 1)))


@pytest.mark.parametrize("d, m, i", [(9, 4, 2), (9, 4, 3), (12, 5, 2), (10, 7, 3), (5, 5, 2), (6, 0, 2)])
def test_distribution_is_the_papers_recurrence(d, m, i):
    expected = [papers_count(i, d, m, k) / comb(d, m) ** i for k in range(m + 1)]
    np.testing.assert_allclose(overlap_distribution(d, m, i), expected, atol=1e-12)


def test_distribution_by_enumeration():
    tops = list(combinations(range(5), 2))
    counts = np.bincount([len(set(a) & set(b) & set(c)) for a, b, c in product(tops, repeat=3)], minlength=3)
    np.testing.assert_allclose(overlap_distribution(5, 2, 3), counts / counts.sum(), atol=1e-12)


def test_the_published_numbers():
    assert round(expected_overlap(768, 100, 2), 2) == 13.02
    assert round(expected_overlap(768, 100, 3), 3) == 1.695  # printed as 1.69


@given(st.integers(1, 60).flatmap(lambda d: st.tuples(st.just(d), st.integers(0, d), st.integers(1, 4))))
def test_expectation_is_the_mean_of_the_distribution(case):
    d, m, i = case
    p = overlap_distribution(d, m, i)
    assert p.sum() == pytest.approx(1) and p @ np.arange(m + 1) == pytest.approx(expected_overlap(d, m, i), abs=1e-9)


def test_overlap_counts_the_common_neurons():
    a, b = random(30, 0), random(30, 1)
    assert set(overlap([a, b], 10).tolist()) == set(a.top(10).tolist()) & set(b.top(10).tolist())
    assert overlap([a, a], 0.5).tolist() == sorted(a.top(15).tolist())
    with pytest.raises(ValueError, match="same neurons"):
        overlap([a, random(31, 0)], 5)
    with pytest.raises(ValueError, match="no rankings"):
        overlap([], 5)
    with pytest.raises(ValueError, match="top 31 of 30"):
        expected_overlap(30, 31)


def test_wilcoxon_matrix_finds_the_better_method_and_is_one_sided():
    rng = np.random.default_rng(0)
    base = rng.normal(size=40)
    raw, corrected = wilcoxon_matrix({"good": base + 0.5 + 0.1 * rng.normal(size=40), "bad": base, "same": base})
    assert raw.loc["good", "bad"] < 1e-6 and raw.loc["bad", "good"] > 0.999
    assert raw.loc["bad", "same"] == raw.loc["same", "bad"] == 1.0
    assert np.isnan(raw.loc["good", "good"])
    assert corrected.loc["good", "bad"] == pytest.approx(raw.loc["good", "bad"] * 6, rel=0.2)  # six ordered pairs


def test_wilcoxon_exact_p_by_hand():
    """Five differences, all positive and distinct: p = 1/32."""
    raw, _ = wilcoxon_matrix({"a": [2.0, 3, 4, 5, 6], "b": [1.9, 2.8, 3.7, 4.6, 5.5]})
    assert raw.loc["a", "b"] == pytest.approx(1 / 32)


def test_holm_by_hand():
    np.testing.assert_allclose(holm([0.01, 0.04, 0.03, 0.005]), [0.03, 0.06, 0.06, 0.02])
    assert holm([0.9, 0.8]).tolist() == [1.0, 1.0]


def test_wilcoxon_refuses_unpaired_values():
    with pytest.raises(ValueError, match="one value per configuration"):
        wilcoxon_matrix({"a": [1.0, 2], "b": [1.0]})
    with pytest.raises(ValueError, match="NaN"):
        wilcoxon_matrix({"a": [1.0, np.nan], "b": [1.0, 2.0]})


def test_bootstrap_interval_covers_at_its_level():
    rng = np.random.default_rng(0)
    hits = 0
    for trial in range(200):
        low, high = bootstrap_interval(rng.random(150) < 0.7, n_boot=200, seed=trial)
        hits += low <= 0.7 <= high
    assert 0.88 <= hits / 200 <= 0.99


def test_words_of_a_sentence_are_not_independent():
    rng = np.random.default_rng(0)
    per_sentence = rng.random(100) < 0.5
    values, clusters = np.repeat(per_sentence, 10), np.repeat(np.arange(100), 10)
    low, high = bootstrap_interval(values, clusters)
    naive_low, naive_high = bootstrap_interval(values)
    assert (high - low) > 2 * (naive_high - naive_low)
    assert bootstrap_interval(values, clusters) == (low, high)
    with pytest.raises(ValueError, match="a cluster for each"):
        bootstrap_interval(values, clusters[:-1])


def test_seed_interval_by_hand():
    low, high = seed_interval([1.0, 2.0, 3.0])
    assert (low + high) / 2 == pytest.approx(2) and high - 2 == pytest.approx(4.302653 / np.sqrt(3), rel=1e-5)
    assert seed_interval([0.9]) == (0.9, 0.9)
    with pytest.raises(ValueError, match="one per seed"):
        seed_interval([])


def test_sets_of_several_sizes_meet_as_often_as_drawn_ones():
    assert expected_common(768, [100, 100]) == pytest.approx(expected_overlap(768, 100, 2))
    rng = np.random.default_rng(0)
    drawn = [len(set.intersection(*(set(rng.permutation(30)[:m].tolist()) for m in (20, 12, 25)))) for _ in range(4000)]
    assert np.mean(drawn) == pytest.approx(expected_common(30, [20, 12, 25]), abs=0.1)
    with pytest.raises(ValueError, match="each from 0 to 30"):
        expected_common(30, [31])
