"""A trained probe's value, and reading activations of any precision a block at a time."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

__all__ = ["Weights", "first_bad_value", "not_finite", "row_blocks", "to_float"]


@dataclass(frozen=True, eq=False)
class Weights:
    """One trained probe: logits = X @ coef.T + intercept.

    coef       (C, D); exactly zero on neurons that the probe was not given
    intercept  (C,)
    n_iter     epochs (Adam) or iterations (exact)
    gap        exact solver: bound on the objective's distance from its minimum, in nats per token; else nan
    """

    coef: np.ndarray
    intercept: np.ndarray
    n_iter: int
    gap: float = math.nan


def row_blocks(n: int, size: int = 8192):
    """Slices that cover 0 … n in order: X is converted a block at a time, never whole."""
    return (slice(start, min(start + size, n)) for start in range(0, n, size))


def to_float(block: np.ndarray, dtype=np.float32) -> np.ndarray:
    """A block of activations at a computing precision."""
    return np.asarray(block).astype(dtype, copy=False)


def first_bad_value(X) -> tuple[int, int] | None:
    """(row, column) of the first NaN or infinite activation."""
    for rows in row_blocks(len(X)):
        bad = np.argwhere(~np.isfinite(to_float(X[rows])))
        if len(bad):
            return rows.start + int(bad[0, 0]), int(bad[0, 1])
    return None


def not_finite(X) -> ValueError:
    """The error for weights that are no numbers: it names the first bad activation, if that is the reason."""
    bad = first_bad_value(X)
    if bad:
        return ValueError(f"activations hold NaN or infinity (first at row {bad[0]}, column {bad[1]}); leave such rows out")
    return ValueError("training diverged: weights became infinite; give a smaller lr or standardise the activations")
