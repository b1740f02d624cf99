"""How much of a ranking is the data's, and how much the optimiser's: two engines, several seeds, resampled sentences."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import replace
from itertools import combinations

import numpy as np
import pandas as pd

from . import evaluation, rankings, training
from .probes import class_index
from .search import smallest_within
from .store import code_key
from .study import Study

__all__ = ["agreement", "engines", "minimal_sets", "objective", "resample", "shared"]


def objective(X, y_index, weights, l1: float, l2: float) -> float:
    """What both engines minimise: mean −log P(y | x) + λ1 ‖W‖₁ + λ2 ‖W‖²₂ (nats a token), in float64.

    X (N, D); y_index (N,); weights with coef (C, D) and intercept (C,).
    """
    total = 0.0
    for rows in training.row_blocks(len(X)):
        logits = training.to_float(X[rows], np.float64) @ weights.coef.T + weights.intercept
        total += float((np.logaddexp.reduce(logits, axis=1) - logits[np.arange(len(logits)), y_index[rows]]).sum())
    return total / len(X) + l1 * float(np.abs(weights.coef).sum()) + l2 * float((weights.coef**2).sum())


def engines(study: Study, *, share: float = 0.05, long: int = 10, tol: float = 1e-6) -> pd.DataFrame:
    """Adam as in the papers, Adam `long` times as long, and the exact engine, each on training tokens shuffled by the seeds.

    One row per engine: objective (mean over seeds; lower is better trained), excess over the exact one's, accuracy on dev (%),
    kept (% of the first `share` of the ranking that two seeds have in common: mean over pairs, and the lowest), with_exact
    (% in common with the exact ranking), zeros (% of weights that are exactly zero), gap (the exact engine's certificate:
    objective minus minimum is at most this).
    """
    train, dev = study.data["train"], study.data["dev"]
    y, y_dev = np.searchsorted(study.classes, train.y), class_index(dev.y, study.classes)
    l1, l2 = study.lambdas
    kinds = {
        "Adam, as published": study._config(0),
        f"Adam, {long} × the epochs": replace(study._config(0), epochs=long * study.epochs),
        "exact": replace(study._config(0), solver="exact"),
    }

    def make(kind, config, seed):
        order = np.random.default_rng(seed).permutation(len(train))
        weights = training.train_linear(train.X[order], y[order], len(study.classes), [replace(config, seed=seed)], tol=tol)[0]
        accuracy = evaluation.accuracies(dev.X, y_dev, [(weights.coef, weights.intercept)])[0]
        top = rankings.weight_mass(weights.coef, study.classes).top(share)
        return {"objective": objective(train.X, y, weights, l1, l2), "accuracy": 100 * float(accuracy), "zeros": 100 * float((weights.coef == 0).mean()), "gap": float(weights.gap), "top": [int(j) for j in top]}

    found = {
        kind: [study._remember("engine", lambda k=kind, c=config, s=seed: make(k, c, s), config=config, seed=seed, share=share, tol=tol) for seed in study.seeds]
        for kind, config in kinds.items()
    }
    tops = {kind: [set(run["top"]) for run in runs] for kind, runs in found.items()}
    size = len(tops["exact"][0])
    lowest = float(np.mean([run["objective"] for run in found["exact"]]))
    rows = {}
    for kind, runs in found.items():
        pairs = [100 * len(a & b) / size for a, b in combinations(tops[kind], 2)]
        mean = {name: float(np.mean([run[name] for run in runs])) for name in ("objective", "accuracy", "zeros", "gap")}
        with_exact = float(np.mean([100 * len(a & b) / size for a, b in zip(tops[kind], tops["exact"], strict=True)]))
        rows[kind] = {"objective": mean["objective"], "excess": mean["objective"] - lowest, "accuracy": mean["accuracy"], "kept": float(np.mean(pairs)), "kept_lowest": min(pairs), "with_exact": with_exact, "zeros": mean["zeros"], "gap": mean["gap"]}
    return pd.DataFrame(rows).T


def agreement(sets: Sequence[Collection[int]], d: int) -> float:
    """How alike sets of neurons are beyond chance, of whatever sizes (Nogueira, Sechidis & Brown 2018, eq. 4).

    1 − mean_f s_f² / (k/d · (1 − k/d)), where s_f² is the unbiased variance over the sets of "neuron f is in it" and k their
    mean size: 1 for equal sets, 0 on average for random ones, 1 by convention where every set is all of the d or empty.

    Raises ValueError for fewer than two sets, or a neuron outside 0 … d − 1.
    """
    if len(sets) < 2:
        raise ValueError(f"{len(sets)} set of neurons; give at least two, or there is nothing to agree with")
    inside = np.zeros((len(sets), d))
    for row, one in zip(inside, sets, strict=True):
        chosen = np.asarray(sorted(one), dtype=int)
        if len(chosen) and not 0 <= chosen[0] <= chosen[-1] < d:
            raise ValueError(f"a set holds neurons {chosen[0]} to {chosen[-1]}; give neurons from 0 to {d - 1}")
        row[chosen] = 1
    share = inside.sum() / inside.size
    return float(1 - inside.var(axis=0, ddof=1).mean() / (share * (1 - share))) if 0 < share < 1 else 1.0


def shared(sets: Sequence[Collection[int]]) -> list[float]:
    """Intersection over union of every two sets, in percent."""
    return [100 * len(set(a) & set(b)) / max(len(set(a) | set(b)), 1) for a, b in combinations(sets, 2)]


def resample(sentence_ids: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Rows of as many sentences as there are, drawn with replacement: each drawn sentence whole, in the order of the draws."""
    kept, start = np.unique(sentence_ids, return_index=True)
    edges = np.append(np.sort(start), len(sentence_ids))
    drawn = rng.integers(len(kept), size=len(kept))
    return np.concatenate([np.arange(edges[i], edges[i + 1]) for i in drawn])


def minimal_sets(study: Study, *, draws: int = 5, delta: float = 1.0) -> pd.DataFrame:
    """The minimal set again and again: with each of the study's seeds, and from `draws` bootstrap samples of the sentences of train.

    One row per fit: how ("seeds" or "sentences"), n, percent (of all neurons), accuracy (on test, of the probe on the set, %),
    neurons (the set, best first). λ are the study's throughout, so that only the fit moves; the search is `search.smallest_within`.
    """
    train, dev, test, d = study.data["train"], study.data["dev"], study.data["test"], study.n_neurons
    y_of = {name: class_index(part.y, study.classes) for name, part in (("train", train), ("dev", dev), ("test", test))}

    def fit(rows, seed):
        config, k = study._config(seed), len(study.classes)
        X, y = (train.X, y_of["train"]) if rows is None else (train.X[rows], y_of["train"][rows])

        def score(split, weights, columns):
            part = dev if split == "dev" else test
            return float(100 * evaluation.accuracies(part.X, y_of[split], [(weights.coef, weights.intercept)], [columns])[0])

        (whole,) = training.train_linear(X, y, k, [config])
        order, parts = rankings.weight_mass(whole.coef, study.classes), {d: whole}

        def retrained(n):
            (parts[n],) = training.train_linear(X, y, k, [config], columns=[order.top(n)])
            return score("dev", parts[n], order.top(n))

        n = smallest_within(retrained, score("dev", whole, None), d, [delta], step=study.step)[delta]
        return {"n": n, "accuracy": score("test", parts[n], order.top(n) if n < d else None), "neurons": order.top(n).tolist()}

    def remembered(how, number, rows, seed):
        found = study._remember("minimal_set_of", lambda: fit(rows, seed), config=study._config(seed), how=how, number=number, delta=delta, step=study.step, stability=code_key(__name__))
        return {"how": how, "n": found["n"], "percent": 100 * found["n"] / d, "accuracy": found["accuracy"], "neurons": found["neurons"]}

    rows = [remembered("seeds", seed, None, seed) for seed in study.seeds]
    rows += [remembered("sentences", i, resample(train.sentence_ids, np.random.default_rng(i)), study.seeds[0]) for i in range(draws)]
    return pd.DataFrame(rows)
