"""Choosing λ1 and λ2, and the fewest neurons that keep a probe's accuracy.

Both take their decisions on the development split; the test split is for the reader's last number alone.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from .evaluation import accuracies
from .probes import class_index
from .rankings import weight_mass
from .statistics import seed_interval
from .training import PAPERS, Weights, probes_per_load, train_linear
from .types import Curve, ProbeConfig, Ranking, read_only

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["GRID", "GridResult", "MinimalSet", "grid_search", "minimal_neurons", "smallest_within"]

GRID = (0.0, 1e-6, 1e-5, 1e-4, 1e-3, 1e-2, 1e-1)  # Durrani 2023 algorithm 2 (the printed "1^-6" is 10^-6)


@dataclass(frozen=True, eq=False)
class GridResult:
    """A λ grid, evaluated.

    table  one row per (λ1, λ2): l1, l2, A_t, A_b, A_z, A_l (accuracies in [0, 1]) and the score S
    best   the config of the highest S; ties go to the smaller λ1, then the smaller λ2
    """

    table: pd.DataFrame
    best: ProbeConfig

    def surface(self, column: str = "S") -> pd.DataFrame:
        """One column as a λ1 × λ2 matrix: what Dalvi 2019 figure 2 draws."""
        return self.table.pivot(index="l1", columns="l2", values=column)


def grid_search(
    X,
    y,
    X_dev,
    y_dev,
    *,
    l1: Sequence[float] = GRID,
    l2: Sequence[float] = GRID,
    fraction: int | float = 0.2,
    alpha: float = 0.5,
    beta: float = 0.5,
    config: ProbeConfig = PAPERS,
    retrain: bool = False,
    solver: str | None = None,
    tol: float = 1e-6,
    max_iter: int = 5000,
    device: str = "auto",
    precision: str = "float32",
) -> GridResult:
    """Score every (λ1, λ2) by S = α (A_t − A_b) − β (A_z − A_l) (Dalvi 2019 §3.2; Durrani 2023 §2.2, algorithm 2).

    A_t, A_b  accuracy with the top / bottom M neurons of that probe's own weight-mass ranking: the trained probe
              with the others set to zero (the papers' text), or, with retrain, a new probe on those neurons alone
              (algorithm 2)
    A_z       accuracy of the probe without regularisation, trained once
    A_l       accuracy of the probe with this λ1 and λ2
    No paper says on which split: ours is dev.

    X (N, D), y (N,); X_dev, y_dev alike. fraction M: of D, rounded up, or a count. config: everything but λ.
    solver: instead of the config's. Adam trains all pairs together in groups that fit in memory; "exact" follows a
    path from strong to weak penalties, each pair to a gap of `tol` or for `max_iter` iterations.

    Raises ValueError: an empty grid; as `train_linear`.
    """
    import pandas as pd

    pairs = [(float(a), float(b)) for a in sorted(set(l1)) for b in sorted(set(l2))]
    if not pairs:
        raise ValueError("the grid is empty; give at least one l1 and one l2")
    config = config if solver is None else dataclasses.replace(config, solver=solver)
    classes, index = np.unique(np.asarray(y), return_inverse=True)
    dev_index = class_index(y_dev, classes)
    todo = pairs if (0.0, 0.0) in pairs else [*pairs, (0.0, 0.0)]
    options = {"device": device, "precision": precision, "tol": tol, "max_iter": max_iter}

    rows: dict[tuple[float, float], tuple[float, float, float]] = {}
    size = probes_per_load(len(classes), X.shape[1])
    if config.solver == "exact":  # holds the weights alone, and the path should not be cut
        size *= 4
    for start in range(0, len(todo), size):
        chunk = todo[start : start + size]
        configs = [dataclasses.replace(config, l1=a, l2=b) for a, b in chunk]
        weights = train_linear(X, index, len(classes), configs, **options)
        rankings = [weight_mass(w.coef, classes) for w in weights]
        tops, bottoms = [r.top(fraction) for r in rankings], [r.reversed().top(fraction) for r in rankings]
        if retrain:
            part = train_linear(X, index, len(classes), configs * 2, columns=tops + bottoms, **options)
        else:
            part = weights * 2
        columns = [None] * len(chunk) + tops + bottoms
        full, top, bottom = accuracies(X_dev, dev_index, _forms(weights + part), columns).reshape(3, -1)
        rows.update(zip(chunk, zip(top.tolist(), bottom.tolist(), full.tolist(), strict=True), strict=True))

    unregularised = rows[0.0, 0.0][2]
    table = pd.DataFrame(
        [(a, b, rows[a, b][0], rows[a, b][1], unregularised, rows[a, b][2]) for a, b in pairs],
        columns=["l1", "l2", "A_t", "A_b", "A_z", "A_l"],
    )
    table["S"] = alpha * (table.A_t - table.A_b) - beta * (table.A_z - table.A_l)
    a, b = pairs[int(table.S.to_numpy().argmax())]
    return GridResult(table, dataclasses.replace(config, l1=a, l2=b))


def _forms(weights: Sequence[Weights]):
    return [(w.coef, w.intercept) for w in weights]


@dataclass(frozen=True, eq=False)
class MinimalSet:
    """The fewest top neurons of a ranking that keep the probe's accuracy.

    n, percent   their number, and as a percentage of D
    neurons      (n,) their ids, most salient first
    accuracy     on dev, retrained on them alone, in [0, 1], mean over seeds
    oracle       on dev with all neurons, in [0, 1], mean over seeds
    curve        accuracy against the percentages tried up to n, with an interval over seeds
    reached      False: no smaller number was enough, so n = D
    """

    n: int
    percent: float
    neurons: np.ndarray
    accuracy: float
    oracle: float
    curve: Curve
    reached: bool


def minimal_neurons(
    X,
    y,
    X_dev,
    y_dev,
    ranking: Ranking,
    delta: float = 1.0,
    *,
    step: float = 0.01,
    config: ProbeConfig = PAPERS,
    search: str = "steps",
    seeds: Sequence[int] = (0,),
    chunk: int = 8,
    solver: str | None = None,
    tol: float = 1e-6,
    max_iter: int = 5000,
    device: str = "auto",
    precision: str = "float32",
) -> MinimalSet:
    """Retrain on the top 1 %, 2 %, … of a ranking until the accuracy is within δ of the probe on all neurons.

    Durrani 2020 §2.3, Durrani 2023 §2.4 and algorithm 4 (whose printed stop condition is a misprint): the first
    N with Acc_oracle − Acc < δ, both on dev.

    delta   δ in accuracy points (percent): 1.0 (Durrani 2023), 0.5 and 2.0 (Durrani 2020)
    step    of the percentage, as a fraction of D (.01: one percent at a time)
    search  "steps": every size in turn, as published; "bracket": `smallest_within`, with a third of the retrainings
    seeds   accuracies are means over them
    chunk   how many steps train at the same time at most (Adam, "steps"): fewer where the accuracies so far promise an end before; it
            changes the time taken, not the answer
    solver  instead of the config's. Adam trains each number anew, as the papers do; "exact" starts each from the one
            before, to a gap of `tol` or for `max_iter` iterations, and no seed moves it

    Raises ValueError: a ranking of another number of neurons, step outside (0, 1], an unknown search; as `train_linear`.
    """
    d = X.shape[1]
    if len(ranking) != d:
        raise ValueError(f"a ranking of {len(ranking)} neurons for activations of {d}; rank the same activations")
    if not 0 < step <= 1:
        raise ValueError(f"step {step}; give a fraction of the neurons above 0 and at most 1")
    if search not in ("steps", "bracket"):
        raise ValueError(f"search {search!r}; give 'steps' (the papers') or 'bracket'")
    config = config if solver is None else dataclasses.replace(config, solver=solver)
    classes, index = np.unique(np.asarray(y), return_inverse=True)
    dev_index = class_index(y_dev, classes)
    options = {"device": device, "precision": precision, "tol": tol, "max_iter": max_iter}
    last: list[Weights] = []  # the exact probe on the last number of neurons

    def scores(counts: Sequence[int]) -> np.ndarray:
        """(counts, seeds) accuracy on dev of probes retrained on each of the tops."""
        if config.solver == "exact":
            return np.array([exact_score(n) for n in counts])[:, None].repeat(len(seeds), axis=1)
        columns = [ranking.top(n) for n in counts for _ in seeds]
        configs = [dataclasses.replace(config, seed=seed) for _ in counts for seed in seeds]
        weights = train_linear(X, index, len(classes), configs, columns=columns, **options)
        return accuracies(X_dev, dev_index, _forms(weights), columns).reshape(len(counts), len(seeds))

    def exact_score(n: int) -> float:
        columns = [ranking.top(n)]
        weights = train_linear(X, index, len(classes), [config], columns=columns, start=last or None, **options)
        last[:] = weights if n < d else []  # all neurons are the oracle's, and come first
        return float(accuracies(X_dev, dev_index, _forms(weights), columns)[0])

    steps = _counts(d, step)
    together = [d, *(steps[k] for k in _first(len(steps) - 1))] if search == "bracket" else [d]  # one read of X for all
    known = dict(zip(together, scores(together), strict=True))
    everything = known[d]
    if search == "steps":
        n = _first_within(scores, known, steps, delta, step * d, max(1, chunk))
    else:

        def score(n: int) -> float:
            if n not in known:
                known[n] = scores([n])[0]
            return 100 * known[n].mean()

        n = smallest_within(score, 100 * everything.mean(), d, [delta], step=step)[delta]
    tried = [(k, known[k]) for k in sorted(known) if k <= n]
    intervals = [seed_interval(v) for _, v in tried]
    curve = Curve(
        x=tuple(100 * k / d for k, _ in tried),
        y=tuple(float(v.mean()) for _, v in tried),
        low=tuple(low for low, _ in intervals) if len(seeds) > 1 else (),
        high=tuple(high for _, high in intervals) if len(seeds) > 1 else (),
        label=ranking.method,
    )
    return MinimalSet(n, 100 * n / d, read_only(ranking.top(n)), float(known[n].mean()), float(everything.mean()), curve, n < d)


def _first_within(scores, known: dict[int, np.ndarray], steps: Sequence[int], delta: float, each: float, chunk: int) -> int:
    """The first of the growing `steps` that is within δ of the last, all neurons; what is tried is put into `known`."""
    d = steps[-1]
    oracle = known[d].mean()
    tried: list[int] = []
    while len(tried) < len(steps) - 1:
        ahead = _ahead(tried, [oracle - known[n].mean() for n in tried], delta / 100, each, chunk)
        counts = steps[len(tried) : min(len(tried) + ahead, len(steps) - 1)]  # all the neurons are the oracle itself: not trained twice
        for n, values in zip(counts, scores(counts), strict=True):
            known[n] = values
            tried.append(n)
            if (oracle - values.mean()) * 100 < delta:
                return n
    return d


def smallest_within(score: Callable[[int], float], oracle: float, d: int, deltas: Sequence[float], *, step: float = 0.01) -> dict[float, int]:
    """The minimal sets of several thresholds in one search: δ → number of neurons (Durrani 2020 §2.3).

    The answer lies between the largest size that is too small and the smallest that is enough. After 5 and 10 % of the
    steps, the size tried next is the one at which a power law through two of the scores meets δ, until those two are a
    step apart. Where the score grows with the set, that is the first N that trying every step finds; where it dips on
    the way, a smaller N may have been enough.

    score   n → accuracy in percent of a probe retrained on the first n neurons; asked once for each n below d
    oracle  accuracy with all d
    """
    counts = _counts(d, step)
    whole = len(counts) - 1
    missing = {whole: 0.0}  # all the neurons are the oracle itself

    def ask(k: int) -> float:
        if k not in missing:
            missing[k] = oracle - score(counts[k])
        return missing[k]

    return {delta: counts[_bracket(delta, ask, counts)] for delta in deltas}


def _bracket(delta: float, missing: Callable[[int], float], counts: Sequence[int]) -> int:
    """The place in `counts` of the smallest size with less than `delta` missing; which others were asked for plays no part."""
    whole = len(counts) - 1
    tried = {k: missing(k) for k in (*_first(whole), whole)}
    moved = []  # which end each try moved
    while True:
        high = min(k for k in tried if k == whole or tried[k] < delta)
        low = max((k for k in tried if k < high), default=-1)
        if high - low == 1:
            return high
        stuck = len(moved) > 2 and len(set(moved[-3:])) == 1
        k = (low + high) // 2 if stuck else _meets(delta, low, high, tried, counts)
        tried[k] = missing(k)
        moved = [] if stuck else [*moved, tried[k] < delta]


def _first(whole: int) -> list[int]:
    """The sizes, as places among `whole` growing ones, that a search tries before it knows any: a twentieth and a tenth."""
    return sorted({round(part * whole) - 1 for part in (0.05, 0.1)} & set(range(whole)))


def _meets(delta: float, low: int, high: int, tried: Mapping[int, float], counts: Sequence[int]) -> int:
    """The place strictly between `low` and `high` where what is missing meets `delta`, if it falls as a power of the number of neurons.

    While nothing but all neurons was enough, the law comes from the two largest sizes, and the next has at most double the neurons.
    """
    bounded = high < len(counts) - 1
    limit = high - 1 if bounded or low < 0 else min(high - 1, 2 * low + 1)
    other = high if bounded else max((k for k in tried if k < low), default=-1)
    if min(low, other) < 0 or not 0 < tried[max(low, other)] < tried[min(low, other)] or delta <= 0:
        return (low + high) // 2 if bounded or low < 0 else limit
    power = np.log(tried[low] / tried[other]) / np.log(counts[other] / counts[low])
    size = counts[low] * (tried[low] / delta) ** (1 / power)
    return int(np.clip(np.searchsorted(counts, size), low + 1, limit))


def _ahead(sizes: Sequence[int], missing: Sequence[float], delta: float, each: float, most: int) -> int:
    """How many more steps of `each` neurons it may take until no more than `delta` of the accuracy is missing, at most `most`.

    What is missing falls about as a power of the number of neurons; the exponent comes from the later half of the curve.
    """
    if len(sizes) < 4 or not 0 < missing[-1] < missing[len(sizes) // 2 - 1] or delta <= 0:
        return most
    power = np.log(missing[len(sizes) // 2 - 1] / missing[-1]) / np.log(sizes[-1] / sizes[len(sizes) // 2 - 1])
    more = sizes[-1] * ((missing[-1] / delta) ** (1 / power) - 1) / each
    return int(np.clip(np.ceil(more), 1, most))


def _counts(d: int, step: float) -> list[int]:
    """Growing numbers of neurons: k · step of d, rounded up, up to all of them, none twice."""
    whole = int(np.ceil(1 / step - 1e-9))
    return sorted({min(d, int(np.ceil(k * step * d - 1e-9))) for k in range(1, whole + 1)} | {d})
