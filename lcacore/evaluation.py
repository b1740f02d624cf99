"""Is a ranking any good, and does a probe read or memorise: ablation, retraining, control tasks.

Accuracies are fractions in [0, 1]. X is read a block of rows at a time, once for any number of selections.

Shape names: N tokens, D neurons, C classes, M masks (selections of neurons).
"""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping, Sequence

import numpy as np

from .mdl import online_codelength
from .probes import class_index, linear_form
from .rankings import random
from .statistics import bootstrap_interval
from .training import PAPERS, column_ids, row_blocks, to_float, train_linear
from .types import ProbeConfig, Ranking

__all__ = [
    "ablation",
    "accuracies",
    "accuracy",
    "accuracy_interval",
    "control_labels",
    "correct",
    "majority_baseline",
    "majority_labels",
    "masked_accuracy",
    "online_codelength",
    "retraining",
    "selectivity",
]


# --- accuracy --------------------------------------------------------------------------------------


def accuracy(y, predicted) -> float:
    """Share of labels predicted exactly. Raises ValueError: no label, or lengths that differ."""
    y, predicted = np.asarray(y), np.asarray(predicted)
    if len(y) != len(predicted) or not len(y):
        raise ValueError(f"{len(predicted)} predictions for {len(y)} labels; give one per label, and at least one")
    return float(np.mean(y == predicted))


def accuracies(X, y_index, weights: Sequence[tuple], columns: Sequence | None = None) -> np.ndarray:
    """(G,) accuracy of many linear probes on the same tokens, in one read of X.

    y_index   (N,) class index; −1 (a label unknown to the probe) is never right
    weights   G pairs of coef (C, D) and intercept (C,)
    columns   per probe None, or the neurons that it may see (ids or mask); the others count as zero

    Raises ValueError: lengths that differ, no row.
    """
    return correct(X, y_index, weights, columns).mean(axis=1)


def correct(X, y_index, weights: Sequence[tuple], columns: Sequence | None = None) -> np.ndarray:
    """(G, N) whether each of many linear probes is right about each token: `accuracies` before averaging."""
    X, y = np.asarray(X) if not isinstance(X, np.ndarray) else X, np.asarray(y_index)
    if len(X) != len(y) or not len(y):
        raise ValueError(f"{len(y)} labels for {len(X)} rows of activations; give one label per row, and at least one row")
    ids = [None] * len(weights) if columns is None else [column_ids(c, X.shape[1]) for c in columns]
    parts = []
    for (coef, intercept), chosen in zip(weights, ids, strict=True):
        W = np.asarray(coef, np.float32)
        parts.append((np.ascontiguousarray(W.T if chosen is None else W[:, chosen].T), np.asarray(intercept, np.float32)))
    out = np.empty((len(parts), len(y)), dtype=bool)
    for rows in row_blocks(len(y), 4096):
        x = to_float(X[rows])
        for g, ((W, b), chosen) in enumerate(zip(parts, ids, strict=True)):
            logits = (x if chosen is None else x[:, chosen]) @ W
            logits += b
            out[g, rows] = logits.argmax(axis=1) == y[rows]
    return out


def masked_accuracy(probe, X, y, masks: Sequence, *, fill: str = "zero", mean=None) -> np.ndarray:
    """(M,) accuracy of a trained probe when it keeps only some neurons, for many selections in one read of X.

    probe   anything with coef_ (C, D), intercept_ (C,), classes_ sorted
    masks   M selections of kept neurons: ids, boolean masks (D,), or None for all
    fill    the others' value: "zero" (Durrani 2020 §3.2; Durrani 2023 §4.1), or "mean", given as mean= (D,)

    Raises ValueError: unknown fill, a mean missing, a neuron id beyond D, lengths that differ.
    """
    coef, intercept = linear_form(probe)
    weights = []
    if fill == "mean":
        if mean is None:
            raise ValueError("mean ablation needs mean=, the neurons' means on the training split, shape (D,)")
    elif fill != "zero":
        raise ValueError(f"fill {fill!r}; give 'zero' or 'mean'")
    for mask in masks:
        ids = column_ids(mask, coef.shape[1])
        b = intercept
        if fill == "mean" and ids is not None:  # a constant input only moves the intercept
            gone = np.setdiff1d(np.arange(coef.shape[1]), ids, assume_unique=True)
            b = intercept + coef[:, gone] @ np.asarray(mean, np.float64)[gone]
        weights.append((coef, b))
    return accuracies(X, class_index(y, probe.classes_), weights, masks)


def accuracy_interval(is_correct, sentence_ids, *, against=None, level: float = 0.95, n_boot: int = 1000, seed: int = 0):
    """Bootstrap interval (low, high) of an accuracy, drawing whole sentences; with against=, of the paired difference."""
    values = np.asarray(is_correct, dtype=float)
    if against is not None:
        if len(against) != len(values):
            raise ValueError(f"{len(values)} and {len(against)} tokens; a paired difference needs the same tokens")
        values = values - np.asarray(against, dtype=float)
    return bootstrap_interval(values, sentence_ids, level=level, n_boot=n_boot, seed=seed)


# --- selections: ablation and retraining -----------------------------------------------------------


def ablation(
    probe,
    X,
    y,
    ranking: Ranking,
    fraction: int | float = 0.2,
    *,
    seeds: Sequence[int] = (0, 1, 2),
    fill: str = "zero",
    mean=None,
) -> dict[str, float]:
    """Accuracy of a trained probe that keeps all, the top, random, or the bottom neurons (Durrani 2023 table 2).

    ranking   the order that says which are top and bottom
    fraction  how many are kept: a fraction of D (rounded up), or a count
    seeds     of the random selections; "random" is their mean
    fill, mean  what the others become, as `masked_accuracy`

    Raises ValueError: as `masked_accuracy`; a ranking of another number of neurons.
    """
    d = np.shape(probe.coef_)[1]
    if len(ranking) != d:
        raise ValueError(f"a ranking of {len(ranking)} neurons for a probe on {d}; rank the same activations")
    drawn = [random(d, seed).top(fraction) for seed in seeds]
    masks = [None, ranking.top(fraction), ranking.reversed().top(fraction), *drawn]
    all_, top, bottom, *others = masked_accuracy(probe, X, y, masks, fill=fill, mean=mean).tolist()
    return {"all": all_, "top": top, "random": float(np.mean(others)), "bottom": bottom}


def retraining(
    X,
    y,
    X_eval,
    y_eval,
    selections: Mapping[str, Sequence[int] | None],
    config: ProbeConfig = PAPERS,
    *,
    seeds: Sequence[int] = (0,),
    device: str = "auto",
    precision: str = "float32",
) -> dict[str, list[float]]:
    """Accuracy on X_eval of probes trained anew on selections of neurons alone: name → one value per seed.

    All selections and seeds share their reads of X (Durrani 2023 tables 3 and 5; Dalvi 2019 "retraining").

    selections  name → neuron ids, a boolean mask (D,), or None for all neurons

    Raises ValueError: as `train_linear`.
    """
    classes, index = np.unique(np.asarray(y), return_inverse=True)
    jobs = [(name, seed) for seed in seeds for name in selections]
    columns = [selections[name] for name, _ in jobs]
    weights = train_linear(
        X,
        index,
        len(classes),
        [dataclasses.replace(config, seed=seed) for _, seed in jobs],
        columns=columns,
        device=device,
        precision=precision,
    )
    found = accuracies(X_eval, class_index(y_eval, classes), [(w.coef, w.intercept) for w in weights], columns)
    out: dict[str, list[float]] = {name: [] for name in selections}
    for (name, _), value in zip(jobs, found.tolist(), strict=True):
        out[name].append(value)
    return out


# --- control tasks ---------------------------------------------------------------------------------


def control_labels(words, y, seed: int = 0, *, construction: str = "token") -> np.ndarray:
    """(N,) a control task's labels: every word type gets one label at random, the same in every split.

    (Hewitt & Liang 2019; Durrani 2020 §2.4; Durrani 2023 §2.5.) Give the words of all splits together, then cut
    the result as the words were. Types are visited in sorted order, so that a seed decides everything.

    words, y      (N,) words, and the task's own labels; where y is "" (no annotation) the control label is "" too
    construction  "token": labels drawn from the task's distribution over tokens (the papers);
                  "uniform": every label alike (the code of Antverg & Belinkov 2022)

    Raises ValueError: lengths that differ, no label, unknown construction.
    """
    words, y = np.asarray(words, dtype=object), np.asarray(y, dtype=object)
    if len(words) != len(y):
        raise ValueError(f"{len(y)} labels for {len(words)} words; give one label per word")
    if construction not in ("token", "uniform"):
        raise ValueError(f"construction {construction!r}; give 'token' or 'uniform'")
    given = y != ""
    labels, counts = np.unique(y[given], return_counts=True)
    if not len(labels):
        raise ValueError("no word carries a label; a control task needs the task's labels")
    types, which = np.unique(words[given], return_inverse=True)
    p = counts / counts.sum() if construction == "token" else None
    drawn = labels[np.random.default_rng(seed).choice(len(labels), size=len(types), p=p)]
    out = np.full(len(y), "", dtype=object)
    out[given] = drawn[which]
    return out


def selectivity(
    X,
    y,
    words,
    X_eval,
    y_eval,
    words_eval,
    selections: Mapping[str, Sequence[int] | None] | None = None,
    config: ProbeConfig = PAPERS,
    *,
    seeds: Sequence[int] = (0,),
    construction: str = "token",
    device: str = "auto",
    precision: str = "float32",
) -> dict[str, dict[str, float]]:
    """Task accuracy, control accuracy and their difference, for all and for selected neurons.

    A probe that reads a property off the activations does well on the task and badly on the control task; one
    that memorises word types does well on both. Means over seeds; a seed moves the control task and the shuffling.

    selections  name → neuron ids or None, default {"all": None}
    Returns name → {"task", "control", "selectivity"}.

    Raises ValueError: as `retraining` and `control_labels`.
    """
    selections = {"all": None} if selections is None else selections
    options = {"device": device, "precision": precision}
    task = retraining(X, y, X_eval, y_eval, selections, config, seeds=seeds, **options)
    control: dict[str, list[float]] = {name: [] for name in selections}
    all_words, all_labels = np.concatenate([words, words_eval]), np.concatenate([y, y_eval])
    for seed in seeds:
        labels = control_labels(all_words, all_labels, seed, construction=construction)
        part = retraining(X, labels[: len(y)], X_eval, labels[len(y) :], selections, config, seeds=[seed], **options)
        for name, values in part.items():
            control[name] += values
    out = {}
    for name in selections:
        t, c = float(np.mean(task[name])), float(np.mean(control[name]))
        out[name] = {"task": t, "control": c, "selectivity": t - c}
    return out


# --- baselines -------------------------------------------------------------------------------------


def majority_labels(words, y, words_eval) -> np.ndarray:
    """(N,) each word's most frequent training label, the overall one for unknown words; ties to the first in sorted order.

    Raises ValueError: lengths that differ, nothing to learn from.
    """
    words, y = np.asarray(words, dtype=object), np.asarray(y, dtype=object)
    if len(words) != len(y) or not len(y):
        raise ValueError(f"{len(y)} labels for {len(words)} words; give one label per word, and at least one")
    labels, index = np.unique(y, return_inverse=True)
    types, which = np.unique(words, return_inverse=True)
    pairs, counts = np.unique(which * len(labels) + index, return_counts=True)
    # by type, then by count descending, then by label: the first of each type is its majority
    order = np.lexsort((pairs, -counts, pairs // len(labels)))
    _, first = np.unique(pairs[order] // len(labels), return_index=True)
    best = dict(zip(types, labels[pairs[order][first] % len(labels)], strict=True))
    overall = labels[np.bincount(index).argmax()]
    return np.array([best.get(w, overall) for w in words_eval], dtype=object)


def majority_baseline(words, y, words_eval, y_eval) -> float:
    """Accuracy of `majority_labels`: what a word's form alone gives ("local majority", Dalvi 2019 table 1)."""
    return accuracy(y_eval, majority_labels(words, y, words_eval))
