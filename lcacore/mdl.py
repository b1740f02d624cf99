"""Minimum description length of labels given neurons, by the online code of Voita & Titov 2020 (§2.2).

How many bits does it take to send the labels of N tokens to someone who has their activations? The sender transmits
block after block, each with the probe that both sides can train on the blocks before it. Labels that are easy to read
off the neurons become cheap after few examples; so the length counts how well *and how fast* a probe learns.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from .training import Weights, column_ids, row_blocks, to_float, train_linear
from .types import ProbeConfig

__all__ = ["FRACTIONS", "Codelength", "online_codelength"]

FRACTIONS = (0.001, 0.002, 0.004, 0.008, 0.016, 0.032, 0.0625, 0.125, 0.25, 0.5, 1.0)  # Voita & Titov 2020 §3.2
EXACT = ProbeConfig(l1=1e-4, l2=1e-4, solver="exact")


@dataclass(frozen=True)
class Codelength:
    """Length of an online code.

    bits     per block; the first is sent by the uniform code, log2 K bits a label
    ends     tokens sent after each block: t_1 < … < t_S = N
    classes  K, labels of the alphabet
    """

    bits: tuple[float, ...]
    ends: tuple[int, ...]
    classes: int

    @property
    def total(self) -> float:
        """L = t_1 log2 K − Σ_i log2 p_θi(block i + 1), in bits."""
        return float(sum(self.bits))

    @property
    def uniform(self) -> float:
        """N log2 K: the length without looking at the neurons."""
        return float(self.ends[-1] * np.log2(self.classes))

    @property
    def compression(self) -> float:
        """Uniform length over the code's: 1 where the neurons tell nothing, larger is better."""
        return self.uniform / self.total

    @property
    def per_label(self) -> float:
        """Bits a label."""
        return self.total / self.ends[-1]


def online_codelength(
    X,
    y,
    config: ProbeConfig = EXACT,
    *,
    columns: Sequence[int] | None = None,
    fractions: Sequence[float] = FRACTIONS,
    classes: Sequence | None = None,
    seed: int = 0,
    tol: float = 1e-4,
    max_iter: int = 2000,
    device: str = "auto",
) -> Codelength:
    """Online codelength of the labels y (N,) given activations X (N, D) (Voita & Titov 2020 eq. 3).

    config     the probe's; by default the exact engine, where each block's probe starts from the one before (which moves its
               way to the minimum and not the minimum); Adam starts from nothing
    columns    neurons that the probe may see: ids or a boolean mask; None for all
    fractions  rising shares of N at which a block ends, the last 1; blocks that would be empty fall away
    classes    the alphabet that both sides know; default the labels of y
    seed       order in which the tokens are sent, and of Adam's batches
    tol        of the exact engine (nats a token)

    A label that the blocks sent so far have not shown has no probability in a linear probe fitted to them. So that it
    can be sent at all, the receiver keeps a share ε = 1/(t + 1) for the uniform code after t tokens.

    Raises ValueError: lengths that differ, fractions that do not rise to 1, a label outside the alphabet, fewer than
    two classes.
    """
    y = np.asarray(y)
    if len(X) != len(y) or not len(y):
        raise ValueError(f"{len(y)} labels for {len(X)} rows of activations; give one label per row, and at least one row")
    edges = np.asarray(fractions, dtype=float)
    if not len(edges) or edges[0] <= 0 or edges[-1] != 1 or (np.diff(edges) <= 0).any():
        raise ValueError(f"fractions {list(fractions)}; give rising shares above 0, the last of them 1")
    alphabet = np.unique(y if classes is None else np.asarray(classes))
    index = np.minimum(np.searchsorted(alphabet, y), len(alphabet) - 1)
    if (alphabet[index] != y).any():
        raise ValueError(f"label {y[alphabet[index] != y][0]!r} is not in the alphabet of {len(alphabet)} classes; give all labels in `classes`")
    if (k := len(alphabet)) < 2:
        raise ValueError("a code needs at least two classes; all labels are of one, and cost nothing")
    ids = column_ids(columns, X.shape[1])
    order = np.random.default_rng(seed).permutation(len(y))
    ends = np.unique(np.ceil(edges * len(y) - 1e-9).astype(int))
    bits, last = [float(ends[0] * np.log2(k))], None
    for start, stop in pairwise(ends.tolist()):
        seen, block = np.sort(order[:start]), np.sort(order[start:stop])
        last = _probe(X, index, seen, dataclasses.replace(config, seed=seed), ids, tol, max_iter, device, last)
        escape = 1 / (start + 1)
        log_p = _log2_probability(X, index, block, ids, last)
        bits.append(float(-np.logaddexp2(np.log2(1 - escape) + log_p, np.log2(escape / k)).sum()))
    return Codelength(tuple(bits), tuple(int(e) for e in ends), k)


@dataclass(frozen=True, eq=False)
class _Probe:
    """The labels that a receiver has met (rows of the weights), and the weights; None while there is but one."""

    known: np.ndarray
    weights: Weights | None


def _probe(X, index, seen, config, ids, tol, max_iter, device, last: _Probe | None) -> _Probe:
    """Trained on the rows `seen`, of which the probe `last` has seen some."""
    known, y = np.unique(index[seen], return_inverse=True)
    if len(known) == 1:
        return _Probe(known, None)
    rows = _rows(X, seen, ids)
    start = None
    if config.solver == "exact" and last is not None and last.weights is not None:
        # a label met just now starts without weights, as probable at the mean of X as the rarest of the others
        at, mean = np.searchsorted(known, last.known), rows.mean(axis=0, dtype=np.float64)
        coef = np.zeros((len(known), rows.shape[1]))
        intercept = np.full(len(known), (last.weights.intercept + last.weights.coef @ mean).min())
        coef[at], intercept[at] = last.weights.coef, last.weights.intercept
        start = [Weights(coef, intercept, 0)]
    (weights,) = train_linear(rows, y, len(known), [config], tol=tol, max_iter=max_iter, device=device, start=start)
    return _Probe(known, weights)


def _log2_probability(X, index, block, ids, probe: _Probe) -> np.ndarray:
    """(rows of block,) log2 of the probability that the probe gives the right label; −∞ for a label that it does not know."""
    at = np.minimum(np.searchsorted(probe.known, index[block]), len(probe.known) - 1)
    unknown = probe.known[at] != index[block]
    if probe.weights is None:
        return np.where(unknown, -np.inf, 0.0)
    out = np.empty(len(block))
    for part in row_blocks(len(block)):
        logits = to_float(_rows(X, block[part], ids), np.float64) @ probe.weights.coef.T + probe.weights.intercept
        chosen = logits[np.arange(len(logits)), at[part]]
        out[part] = (chosen - np.logaddexp.reduce(logits, axis=1)) / np.log(2)
    out[unknown] = -np.inf
    return out


def _rows(X, rows, ids) -> np.ndarray:
    """(rows, neurons that the probe may see)"""
    return np.asarray(X[rows]) if ids is None else np.asarray(X[rows][:, ids])
