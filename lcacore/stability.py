"""How much of a ranking is the data's, and how much the optimiser's: the two engines side by side, seed by seed."""

from __future__ import annotations

from dataclasses import replace
from itertools import combinations

import numpy as np
import pandas as pd

from . import evaluation, rankings, training
from .probes import class_index
from .study import Study

__all__ = ["engines", "objective"]


def objective(X, y_index, weights, l1: float, l2: float) -> float:
    """What both engines minimise: mean −log P(y | x) + λ1 ‖W‖₁ + λ2 ‖W‖²₂ (nats a token), in float64.

    X (N, D); y_index (N,); weights with coef (C, D) and intercept (C,).
    """
    total = 0.0
    for rows in training.row_blocks(len(X)):
        logits = training.to_float(X[rows], np.float64) @ weights.coef.T + weights.intercept
        total += float((np.logaddexp.reduce(logits, axis=1) - logits[np.arange(len(logits)), y_index[rows]]).sum())
    return total / len(X) + l1 * float(np.abs(weights.coef).sum()) + l2 * float((weights.coef**2).sum())


def engines(study: Study, *, share: float = 0.05, long: int = 10, tol: float = 1e-5) -> pd.DataFrame:
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
