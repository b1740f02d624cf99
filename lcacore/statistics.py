"""Overlaps expected by chance, paired tests, intervals: pure functions on arrays."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

import numpy as np

from .types import Ranking

__all__ = [
    "bootstrap_interval",
    "expected_common",
    "expected_overlap",
    "holm",
    "overlap",
    "overlap_distribution",
    "seed_interval",
    "wilcoxon_matrix",
]


# --- overlap of rankings ---------------------------------------------------------------------------


def expected_overlap(d: int, m: int, n_rankings: int = 2) -> float:
    """Expected number of neurons common to the top `m` of `n_rankings` independent random rankings of `d` neurons.

    E_i = m^i / d^(i−1): each neuron is in all i tops with probability (m/d)^i. Equals the papers' recurrence
    (Antverg & Belinkov 2022 appendix A.3): E_2(768, 100) = 13.02, E_3(768, 100) = 1.695.

    Raises ValueError: m outside 0 … d, fewer than one ranking.
    """
    _check_overlap(d, m, n_rankings)
    return d * (m / d) ** n_rankings


def expected_common(d: int, sizes: Sequence[int]) -> float:
    """Expected number of neurons common to independent random sets of these sizes, of `d` neurons: d · Π size/d.

    With equal sizes, `expected_overlap`. Raises ValueError: a size outside 0 … d, no set.
    """
    if not len(sizes) or not all(0 <= m <= d for m in sizes):
        raise ValueError(f"sets of {list(sizes)} of {d} neurons; give at least one size, each from 0 to {d}")
    return float(d * np.prod([m / d for m in sizes]))


def overlap_distribution(d: int, m: int, n_rankings: int = 2) -> np.ndarray:
    """(m + 1,) probability that exactly k = 0 … m neurons are common to all tops.

    Exact: with K neurons common so far, a further top of m drawn from d meets j of them with the
    hypergeometric probability. The same numbers as the papers' recurrence over C_i[n, m, k]
    (Antverg & Belinkov 2022 appendix A.3, eq. 3), without its huge integers.

    Raises ValueError as `expected_overlap`.
    """
    from scipy.stats import hypergeom

    _check_overlap(d, m, n_rankings)
    k = np.arange(m + 1)
    step = hypergeom.pmf(k[None, :], d, k[:, None], m)  # [K, j]: j of the K common ones are met again
    p = np.zeros(m + 1)
    p[m] = 1.0
    for _ in range(n_rankings - 1):
        p = p @ step
    return p


def overlap(rankings: Sequence[Ranking], m: int | float) -> np.ndarray:
    """Sorted ids of the neurons that are in the top `m` (a count, or a fraction of D) of every ranking.

    Raises ValueError: no ranking, or rankings of different lengths.
    """
    if not rankings:
        raise ValueError("overlap of no rankings; give at least one")
    sizes = [len(r) for r in rankings]
    if len(set(sizes)) > 1:
        raise ValueError(f"rankings of {sizes} neurons; compare rankings of the same neurons")
    counts = np.zeros(sizes[0], dtype=int)
    for ranking in rankings:
        counts[ranking.top(m)] += 1
    return np.flatnonzero(counts == len(rankings))


def _check_overlap(d, m, n_rankings):
    if not 0 <= m <= d or d < 1:
        raise ValueError(f"the top {m} of {d} neurons; give 0 to {d}")
    if n_rankings < 1:
        raise ValueError(f"{n_rankings} rankings; give at least 1")


# --- paired tests ----------------------------------------------------------------------------------


def wilcoxon_matrix(values: Mapping[str, Sequence[float]], *, alternative: str = "greater", correct: bool = True):
    """One-sided Wilcoxon signed-rank tests between every two methods, paired over configurations.

    values       method → (n,) one value per configuration (a language, attribute and layer), in the same order
    alternative  "greater": row i is tested to be better than column j (Antverg & Belinkov 2022 appendix A.7)
    Differences of zero are dropped (SciPy's default); methods equal everywhere give p = 1.

    Returns two DataFrames (methods × methods; nan on the diagonal): raw p, and p after Holm's correction over
    all ordered pairs (the raw p again if not `correct`).

    Raises ValueError: fewer than two methods, different lengths, NaN.
    """
    import pandas as pd
    from scipy.stats import wilcoxon

    names = list(values)
    rows = [np.asarray(values[n], dtype=float) for n in names]
    if len(names) < 2 or len({len(r) for r in rows}) != 1 or not len(rows[0]):
        raise ValueError(f"{ {n: len(r) for n, r in zip(names, rows, strict=True)} }; give two or more methods with one value per configuration each")
    if not all(np.isfinite(r).all() for r in rows):
        raise ValueError("values hold NaN or infinity; leave such configurations out of every method")
    p = np.full((len(names), len(names)), np.nan)
    for i, a in enumerate(rows):
        for j, b in enumerate(rows):
            if i != j:
                p[i, j] = 1.0 if np.array_equal(a, b) else wilcoxon(a, b, alternative=alternative).pvalue
    off = ~np.eye(len(names), dtype=bool)
    adjusted = p.copy()
    if correct:
        adjusted[off] = holm(p[off])
    return pd.DataFrame(p, names, names), pd.DataFrame(adjusted, names, names)


def holm(p) -> np.ndarray:
    """Holm's step-down correction of p values (n,): keeps the chance of any false claim at the level of the test."""
    p = np.asarray(p, dtype=float)
    order = np.argsort(p, kind="stable")
    out = np.empty_like(p)
    out[order] = np.minimum(1.0, np.maximum.accumulate(p[order] * (len(p) - np.arange(len(p)))))
    return out


# --- intervals -------------------------------------------------------------------------------------


def bootstrap_interval(values, clusters=None, *, level: float = 0.95, n_boot: int = 1000, seed: int = 0) -> tuple[float, float]:
    """Percentile bootstrap interval of a mean.

    values    (N,) e.g. 1 where a token was right; for a paired difference, one method's minus the other's
    clusters  (N,) what is drawn together, e.g. sentence ids: words of a sentence are not independent

    Raises ValueError: no value, or lengths that differ.
    """
    values = np.asarray(values, dtype=float)
    if not len(values) or (clusters is not None and len(clusters) != len(values)):
        raise ValueError(f"{len(values)} values and {'no' if clusters is None else len(clusters)} clusters; give at least one value, and a cluster for each")
    index = np.arange(len(values)) if clusters is None else np.unique(np.asarray(clusters), return_inverse=True)[1]
    total, size = np.bincount(index, values), np.bincount(index).astype(float)
    rng = np.random.default_rng(seed)
    n = len(total)
    means = np.empty(n_boot)
    for k in range(n_boot):  # a multinomial count per cluster, one draw at a time: memory stays at one array
        weight = np.bincount(rng.integers(0, n, n), minlength=n)
        means[k] = (weight @ total) / (weight @ size)
    low, high = np.quantile(means, [(1 - level) / 2, (1 + level) / 2])
    return float(low), float(high)


def seed_interval(values, *, level: float = 0.95) -> tuple[float, float]:
    """Mean ± t · s / √n over repetitions with different seeds; one value gives itself twice.

    Raises ValueError: no value.
    """
    from scipy.stats import t

    values = np.asarray(values, dtype=float)
    if not len(values):
        raise ValueError("no values; give one per seed")
    mean = float(values.mean())
    if len(values) == 1:
        return mean, mean
    half = float(t.ppf((1 + level) / 2, len(values) - 1) * values.std(ddof=1) / math.sqrt(len(values)))
    return mean - half, mean + half
