"""Training many linear probes at once.

G probes on the same tokens share one read of X per batch: their weights are stacked into one (G·C, D)
matrix, so a whole λ grid, or a probe per set of neurons, costs a few large matrix products per step.

Shape names: N tokens, D neurons, C classes, G probes, B tokens in a batch.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence

import numpy as np

from ..exact import path
from ..types import ProbeConfig
from .adam import loads, probes_per_load, resolve_device, train_together
from .common import Weights, not_finite, row_blocks, to_float

__all__ = ["PAPERS", "Weights", "column_ids", "exact_path", "probes_per_load", "row_blocks", "to_float", "train_linear"]

PAPERS = ProbeConfig()  # the papers' protocol, without penalties


def train_linear(
    X,
    y_index,
    n_classes: int,
    configs: Sequence[ProbeConfig],
    *,
    columns: Sequence | None = None,
    shift=None,
    scale=None,
    device: str = "auto",
    precision: str = "float32",
    tol: float = 1e-6,
    max_iter: int = 5000,
    start: Sequence[Weights | None] | None = None,
) -> list[Weights]:
    """Train one multinomial logistic probe per config, together.

    Each minimises (Dalvi 2019 eq. 1; Durrani 2020 §2.1; Durrani 2023 algorithm 1)

        mean over tokens of −log P_θ(y | x)  +  λ1 ‖W‖₁  +  λ2 ‖W‖²₂        W (C, D), b (C,)

    on W only unless `penalise_bias`, with the norm unsquared unless `squared_l2`. Weights start at zero, so
    a seed moves only the shuffling. A probe's result does not depend on its company beyond rounding.

    X          (N, D) float16, bfloat16, float32 or float64, may be memory-mapped; converted batch by batch
    y_index    (N,) class of each token, 0 … C−1
    configs    G configs; each may have its own solver ("adam" or "exact"), λ, seed …
    columns    per config: None for all neurons, or neuron ids, or a boolean mask (D,): retraining on those alone
    shift, scale  (D,) the probe sees (x − shift) / scale
    device     "auto" (a GPU where there is one), "cpu", "cuda", "cuda:1" …
    precision  "float32", or "bfloat16" for the matrix products of Adam (Adam's own state stays float32)
    tol, max_iter  the exact solver's: largest gap accepted, and most iterations
    start      per config, for the exact solver: a probe to start from (the papers retrain from nothing, and so does Adam)

    Exact configs that differ in λ alone make one path: each starts from its neighbour's solution.

    Raises ValueError: lengths differ, fewer than two classes, NaN or infinite activations, a bad setting.
    """
    X, y = _checked(X, y_index, n_classes)
    for config in configs:
        _check(config)
    if precision not in ("float32", "bfloat16"):
        raise ValueError(f"precision {precision!r}; give 'float32' or 'bfloat16'")
    given = [None] * len(configs) if columns is None else list(columns)
    if len(given) != len(configs):
        raise ValueError(f"{len(given)} sets of columns for {len(configs)} configs; give one per config")
    d = X.shape[1]
    families = [column_ids(c, d) for c in given]
    shift = None if shift is None else np.asarray(shift, np.float64)
    scale = None if scale is None else np.asarray(scale, np.float64)

    out: list[Weights | None] = [None] * len(configs)
    for members in _paths(configs, families):
        first, pairs = members[0], [(configs[i].l1, configs[i].l2) for i in members]
        settings = (shift, scale, resolve_device(device), tol, max_iter, None if start is None else start[first])
        weights = _exact(X, y, n_classes, configs[first], pairs, families[first], *settings)
        for i, found in zip(members, weights, strict=True):
            out[i] = found
    for load in loads(configs, families, n_classes, d):
        train_together(X, y, n_classes, configs, families, load, shift, scale, resolve_device(device), precision, out)
    return out


def exact_path(
    X,
    y_index,
    n_classes: int,
    pairs: Sequence[tuple[float, float]],
    *,
    config: ProbeConfig = PAPERS,
    columns=None,
    device: str = "auto",
    tol: float = 1e-6,
    max_iter: int = 5000,
    targets: Sequence[float] | None = None,
) -> list[Weights]:
    """Exact probes for many (λ1, λ2), each started from its neighbour's solution, strong penalties first.

    Arguments as `train_linear`; of the config only `squared_l2` and `penalise_bias` count. A pair stops at a duality
    gap of `tol`, after `max_iter` iterations, or, with targets, at an objective (nats per token) no higher than its own.

    Raises ValueError: as `train_linear`; targets of another number than pairs.
    """
    X, y = _checked(X, y_index, n_classes)
    for l1, l2 in pairs:
        _check(dataclasses.replace(config, l1=l1, l2=l2))
    if targets is not None and len(targets) != len(pairs):
        raise ValueError(f"{len(targets)} targets for {len(pairs)} pairs; give one per pair")
    ids = column_ids(columns, X.shape[1])
    return _exact(X, y, n_classes, config, list(pairs), ids, None, None, resolve_device(device), tol, max_iter, None, targets)


def column_ids(selection, d: int) -> np.ndarray | None:
    """Sorted neuron ids of a selection: ids in any order, or a boolean mask (d,); None stays None (all of them)."""
    if selection is None:
        return None
    selection = np.asarray(selection)
    if selection.dtype == bool:
        if selection.shape != (d,):
            raise ValueError(f"a mask of shape {selection.shape} for {d} neurons; give one value per neuron")
        return np.flatnonzero(selection)
    ids = np.unique(selection.astype(np.int64))
    if len(ids) != selection.size:
        raise ValueError("a selection names a neuron more than once; give each id once")
    if len(ids) and not 0 <= ids[0] <= ids[-1] < d:
        raise ValueError(f"a selection names neurons {ids[0]} to {ids[-1]}; there are {d} (0 to {d - 1})")
    return ids if len(ids) < d else None


def _checked(X, y_index, n_classes: int) -> tuple[np.ndarray, np.ndarray]:
    X = np.asarray(X) if not isinstance(X, np.ndarray) else X
    y = np.asarray(y_index, dtype=np.int64)
    if X.ndim != 2:
        raise ValueError(f"activations have shape {X.shape}; give (tokens, neurons)")
    if len(y) != len(X):
        raise ValueError(f"{len(y)} labels for {len(X)} rows of activations; give one label per row")
    if not len(y) or n_classes < 2 or y.min() == y.max():
        raise ValueError("a probe needs at least two classes among its labels; these have one class only, or none")
    if y.min() < 0 or y.max() >= n_classes:
        raise ValueError(f"class indices run from {y.min()} to {y.max()}; wanted 0 to {n_classes - 1}")
    return X, y


def _check(c: ProbeConfig) -> None:
    if c.solver not in ("adam", "exact"):
        raise ValueError(f"solver {c.solver!r}; give 'adam' (the papers') or 'exact'")
    for name in ("l1", "l2"):
        value = getattr(c, name)
        if not (np.isfinite(value) and value >= 0):
            raise ValueError(f"{name} = {value}; a penalty is a finite number of at least 0")
    if c.epochs < 1 or c.batch_size < 1 or not c.lr > 0:
        raise ValueError(f"epochs {c.epochs}, batch_size {c.batch_size}, lr {c.lr}; all must be positive")


# --- exact -----------------------------------------------------------------------------------------


def _exact(X, y, n_classes, config, pairs, ids, shift, scale, device, tol, max_iter, start, targets=None) -> list[Weights]:
    """One probe per (λ1, λ2) of `pairs`, each started from its neighbour; everything else as `config`."""
    d = X.shape[1]
    take = slice(None) if ids is None else ids
    part = None if shift is None and scale is None else (_or(shift, 0.0, d)[take], _or(scale, 1.0, d)[take])

    def read(rows):
        block = np.asarray(X[rows])[:, take]
        return block if part is None else (to_float(block, np.float64) - part[0]) / part[1]

    solutions = path(
        read,
        y,
        n_classes,
        d if ids is None else len(ids),
        pairs,
        squared_l2=config.squared_l2,
        penalise_bias=config.penalise_bias,
        tol=tol,
        max_iter=max_iter,
        start=None if start is None else (start.coef[:, take], start.intercept),
        targets=targets,
        device=device,
    )
    if solutions is None:
        raise not_finite(X)
    out = []
    for found in solutions:
        coef = np.zeros((n_classes, d))
        coef[:, take] = found.W
        out.append(Weights(coef, found.b, found.n_iter, found.gap))
    return out


def _paths(configs, families) -> list[list[int]]:
    """Indices of exact configs that differ in λ alone, on the same neurons: one path each."""
    paths: dict[tuple, list[int]] = {}
    for i, c in enumerate(configs):
        if c.solver == "exact":
            ids = None if families[i] is None else families[i].tobytes()
            paths.setdefault((ids, c.squared_l2, c.penalise_bias), []).append(i)
    return list(paths.values())


def _or(value, default, d):
    return np.full(d, default) if value is None else value
