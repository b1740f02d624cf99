"""Activations like a language model's, drawn from a seed: correlated neurons, frequent and rare labels."""

from __future__ import annotations

import numpy as np


def activations(n: int, d: int, labels: int, *, seed: int = 0, rank: int = 200, signal: float = 0.25, dtype="float32"):
    """X (n, d) and y (n,): labels by Zipf; `rank` shared factors and own noise; each label moves a tenth of the factors."""
    rng = np.random.default_rng(seed)
    weights = 1 / np.arange(1, labels + 1)
    y = rng.choice(labels, n, p=weights / weights.sum())
    y[:labels] = np.arange(labels)  # every label at least once
    rank = min(rank, d)
    factors = (rng.normal(size=(rank, d)) / np.sqrt(rank)).astype(np.float32)
    shift = (signal * rng.normal(size=(labels, rank)) * (rng.random((labels, rank)) < 0.1) * np.sqrt(rank)).astype(np.float32)
    X = np.empty((n, d), dtype=dtype)
    for start in range(0, n, 8192):
        own = y[start : start + 8192]
        hidden = rng.standard_normal((len(own), rank), dtype=np.float32) + shift[own]
        X[start : start + 8192] = hidden @ factors + 0.5 * rng.standard_normal((len(own), d), dtype=np.float32)
    return X, y


def papers_size():
    """20,000 training and 5,000 dev tokens, 2,688 neurons, 44 labels: a small model's layers on part-of-speech tags."""
    X, y = activations(25_000, 2_688, 44, signal=0.08)  # a probe gets 97 % right, and needs a seventh of the neurons for it
    return (X[:20_000], y[:20_000]), (X[20_000:], y[20_000:])
