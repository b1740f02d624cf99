"""Neurons as detectors of a concept: intersection over union, and average precision, for all neurons and labels at once.

    IoU(neuron, label)   of the tokens on which the neuron is high, and those with the label (Mu & Andreas 2020)
    AP(neuron, label)    of the neuron's activation as the score of a detector of the label (Suau 2020)

A neuron may be low where the label holds: `signed` says whether that counts too.

Shape names: N tokens, D neurons, C labels.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

__all__ = ["average_precision_scores", "iou_scores"]

_SIGNS = ("both", "high", "low")
_BLOCK = 32 << 20  # bytes of the activations of one block of neurons, in float32


def iou_scores(X, y, *, quantile: float | None = None, threshold: float | None = None, signed: str = "both") -> tuple[np.ndarray, tuple]:
    """(C, D) intersection over union of each neuron's mask with each label's tokens, and the C sorted labels.

    X (N, D) of any float type, may be memory-mapped; y (N,) labels
    quantile   a neuron's mask is where it exceeds this quantile of its own activations (0.995 in Bau 2017). None: the mask
               is as large as the label is frequent, so that IoU can reach 1 for every label
    threshold  the mask is where the neuron exceeds this value (0 in Mu & Andreas 2020) in place of a quantile
    signed     "high" as published; "low": where the neuron is low; "both": the better of the two

    Raises ValueError: a quantile outside (0, 1), both quantile and threshold, fewer than two labels, NaN or infinity.
    """
    if quantile is not None and threshold is not None:
        raise ValueError(f"quantile {quantile} and threshold {threshold}; give one of them")
    if quantile is not None and not 0 < quantile < 1:
        raise ValueError(f"quantile {quantile}; give a share above 0 and below 1, e.g. 0.995")
    index, labels = _labels(X, y, signed)
    n, counts = len(index), np.bincount(index)

    def score(x):
        return _iou(x, index, counts, n, quantile, threshold)

    return _by_blocks(X, score, len(labels), signed), labels


def _iou(x, index, counts, n, quantile, threshold):
    if quantile is None and threshold is None:
        ordered = np.sort(x, axis=0)
        cut = ordered[n - counts]  # (C, B): the lowest activation inside a mask of the label's size
        inside = x >= cut[index]
        size = np.stack([n - np.searchsorted(ordered[:, j], cut[:, j], "left") for j in range(x.shape[1])], axis=1)
    else:
        cut = threshold if threshold is not None else np.quantile(x, quantile, axis=0).astype(x.dtype)
        inside = x > cut
        size = inside.sum(axis=0)[None]
    both = _sums(inside, index, len(counts))
    return both / (size + counts[:, None] - both)


def average_precision_scores(X, y, *, signed: str = "both") -> tuple[np.ndarray, tuple]:
    """(C, D) average precision of each neuron's activation as a detector of each label, and the C sorted labels.

    scikit-learn's definition (no interpolation; equal activations are one threshold), on the raw activation, which is
    not changed. signed as in `iou_scores`. Raises ValueError as `iou_scores`.
    """
    index, labels = _labels(X, y, signed)
    counts = np.bincount(index)
    rows = [np.flatnonzero(index == c) for c in range(len(counts))]
    out = np.zeros((len(counts), X.shape[1]))
    for columns, x in _column_blocks(X):
        x = np.ascontiguousarray(x.T)  # sorting runs along memory
        everywhere = _standing(x)
        for c, own in enumerate(rows):
            within = _standing(np.ascontiguousarray(x[:, own]))
            for sign, all_tokens, those in zip(("high", "low"), everywhere, within, strict=True):
                if signed in ("both", sign):
                    out[c, columns] = np.maximum(out[c, columns], (those / all_tokens[:, own]).mean(axis=1))
    return out, labels


def _standing(x) -> tuple[np.ndarray, np.ndarray]:
    """(B, n) how many entries of a row are at least as high as each, and how many at most as high."""
    n = x.shape[1]
    order = np.argsort(x, axis=1)
    ordered = np.take_along_axis(x, order, axis=1)
    first = np.ones(x.shape, dtype=bool)
    first[:, 1:] = ordered[:, 1:] != ordered[:, :-1]
    at = np.arange(n, dtype=np.int32)
    # a run of equal entries counts from its first place upwards, and up to its last place downwards
    below = np.maximum.accumulate(np.where(first, at, 0), axis=1)
    last = np.roll(first, -1, axis=1)
    last[:, -1] = True
    up_to = np.minimum.accumulate(np.where(last, at + 1, n)[:, ::-1], axis=1)[:, ::-1]
    high, low = np.empty(x.shape, dtype=np.float32), np.empty(x.shape, dtype=np.float32)
    np.put_along_axis(high, order, n - below, axis=1)
    np.put_along_axis(low, order, up_to, axis=1)
    return high, low


def _labels(X, y, signed) -> tuple[np.ndarray, tuple]:
    y = np.asarray(y)
    if X.ndim != 2 or len(X) != len(y):
        raise ValueError(f"activations of shape {X.shape} and {len(y)} labels; give (tokens, neurons) and one label per token")
    if signed not in _SIGNS:
        raise ValueError(f"signed {signed!r}; give one of {', '.join(_SIGNS)}")
    labels, index = np.unique(y, return_inverse=True)
    if len(labels) < 2:
        raise ValueError(f"a concept needs tokens with and without it; all {len(y)} labels are {labels.tolist()}")
    return index, tuple(labels.tolist())


def _by_blocks(X, score, n_labels: int, signed: str) -> np.ndarray:
    out = np.empty((n_labels, X.shape[1]))
    for columns, x in _column_blocks(X):
        high = score(x) if signed != "low" else None
        low = score(-x) if signed != "high" else None
        out[:, columns] = high if low is None else low if high is None else np.maximum(high, low)
    return out


def _column_blocks(X) -> Iterator[tuple[slice, np.ndarray]]:
    width = max(1, _BLOCK // (4 * len(X)))
    for start in range(0, X.shape[1], width):
        columns = slice(start, min(start + width, X.shape[1]))
        x = np.asarray(X[:, columns], dtype=np.float32)
        if not np.isfinite(x).all():
            raise ValueError("activations hold NaN or infinity; leave such rows out")
        yield columns, x


def _sums(values: np.ndarray, index: np.ndarray, n_labels: int) -> np.ndarray:
    """(C, B) sums of (N, B) values over the tokens of each label."""
    return np.stack([values[index == c].sum(axis=0) for c in range(n_labels)]).astype(np.float64)
