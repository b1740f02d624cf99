"""Several models of one kind, trained apart: what one neuron, or one direction, has in common with the others (Bau 2019).

One blocked pass over the tokens collects the covariances of all neurons of all models (`moments`); every score is
read off them (`cross_scores`). Bau 2019 names four: the largest and the smallest over models of a neuron's best |ρ|,
how well all neurons of another model together foretell it (R²), and SVCCA's directions; PWCCA (Morcos 2018) weighs
canonical directions by what they carry.

Sign convention: a neuron that another model has with the sign turned counts as found again, so |ρ|.

Shape names: N tokens, D neurons of one model, M models, E all their neurons together, k directions.
"""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from .types import read_only

__all__ = ["CrossScores", "Directions", "Moments", "cross_scores", "moments", "pwcca", "r_squared", "svcca"]

_BLOCK = 64 << 20  # bytes of a block of float64 activations


@dataclass(frozen=True, eq=False)
class Moments:
    """First and second moments of M models on the same tokens.

    n           tokens
    mean        (E,) means
    covariance  (E, E) float64, divided by n
    edges       model m's neurons are edges[m] … edges[m + 1] - 1
    constant    (E,) bool, neurons that do not vary: their rows and columns are zero
    """

    n: int
    mean: np.ndarray
    covariance: np.ndarray
    edges: tuple[int, ...]
    constant: np.ndarray

    def of(self, m: int) -> slice:
        """Where the neurons of model m are. Raises ValueError for a model that is not there."""
        if not 0 <= m < len(self.edges) - 1:
            raise ValueError(f"no model {m}; there are {len(self.edges) - 1}, counted from 0")
        return slice(self.edges[m], self.edges[m + 1])


@dataclass(frozen=True, eq=False)
class Directions:
    """Canonical directions of a model shared with another, the most correlated first.

    directions   (D, k): centred activations times a column is a variate of variance 1
    correlation  (k,) ρ of the two models' variates, falling, in [0, 1]
    weight       (k,) what a direction carries of the model's activations, summing to 1 (PWCCA); equal for SVCCA
    score        Σ weight · correlation: how like the models are, in [0, 1]
    """

    directions: np.ndarray
    correlation: np.ndarray
    weight: np.ndarray
    score: float


@dataclass(frozen=True, eq=False)
class CrossScores:
    """A model's neurons against each of the other models.

    best         (M - 1, D) the best |ρ| with a neuron of each other model
    r2           (M - 1, D) R² of the regression on all neurons of each other model
    constant     how many neurons do not vary; they score 0
    max_correlation, min_correlation, max_r2, min_r2   (D,): over the other models
    """

    best: np.ndarray
    r2: np.ndarray
    constant: int

    @property
    def max_correlation(self) -> np.ndarray:
        return self.best.max(axis=0)

    @property
    def min_correlation(self) -> np.ndarray:
        return self.best.min(axis=0)

    @property
    def max_r2(self) -> np.ndarray:
        return self.r2.max(axis=0)

    @property
    def min_r2(self) -> np.ndarray:
        return self.r2.min(axis=0)


def moments(models: Sequence) -> Moments:
    """Means and covariances of all models' neurons, in one pass over blocks of tokens, in float64.

    models  arrays (N, D_m) of the same tokens in the same order; any float type, may be memory-mapped

    Values are taken relative to the first token's, so that a mean far from zero costs no accuracy. Memory: that of
    the (E, E) result and one block. Raises ValueError: no model, other tokens, fewer than two, NaN or infinity.
    """
    if not len(models):
        raise ValueError("no model; give at least one array of activations (tokens, neurons)")
    if any(np.ndim(X) != 2 or len(X) != len(models[0]) for X in models) or len(models[0]) < 2:
        raise ValueError(f"activations of shapes {', '.join(str(np.shape(X)) for X in models)}; give (tokens, neurons) of the same tokens for all models, at least two tokens")
    n, edges = len(models[0]), tuple(np.cumsum([0, *(X.shape[1] for X in models)]).tolist())
    first = np.concatenate([np.asarray(X[0], dtype=np.float64) for X in models])
    total, square, still = np.zeros(edges[-1]), np.zeros((edges[-1], edges[-1])), np.ones(edges[-1], dtype=bool)
    step = max(1, _BLOCK // (8 * edges[-1]))
    for start in range(0, n, step):
        block = np.concatenate([np.asarray(X[start : start + step], dtype=np.float64) for X in models], axis=1) - first
        if not np.isfinite(block).all():
            raise ValueError("activations hold NaN or infinity; leave such rows out")
        total += block.sum(axis=0)
        square += block.T @ block
        still &= (block == 0).all(axis=0)
    mean = total / n
    covariance = square / n - np.outer(mean, mean)
    covariance[still] = 0.0
    covariance[:, still] = 0.0
    return Moments(n, read_only(mean + first), read_only((covariance + covariance.T) / 2), edges, read_only(still))


def cross_scores(models: Sequence | Moments) -> tuple[CrossScores, ...]:
    """For every model the four scores of its neurons against all other models (Bau 2019).

    Warns, per model, of neurons that do not vary (they score 0). Raises ValueError: fewer than two models; as `moments`.
    """
    found = models if isinstance(models, Moments) else moments(models)
    M = len(found.edges) - 1
    if M < 2:
        raise ValueError(f"{M} model; give the activations of at least two on the same tokens")
    rho = np.abs(_correlations(found))
    out = []
    for m in range(M):
        own, others = found.of(m), [b for b in range(M) if b != m]
        still = int(found.constant[own].sum())
        if still:
            warnings.warn(f"model {m}: {still} of {own.stop - own.start} neurons do not vary on these tokens; they score 0", stacklevel=2)
        best = np.stack([rho[own, found.of(b)].max(axis=1) for b in others])
        r2 = np.stack([r_squared(found, m, b) for b in others])
        out.append(CrossScores(read_only(best), read_only(r2), still))
    return tuple(out)


def r_squared(found: Moments, m: int, other: int) -> np.ndarray:
    """(D,) share of the variance of each neuron of model m that a least-squares regression on all neurons of another explains.

    R² = c C⁻¹ cᵀ / σ², with C the other model's covariances, c those with the neuron. Neurons of the other model that
    others repeat exactly add nothing (C's pseudo-inverse). An invertible linear map of either model's neurons in
    `other` changes nothing. A neuron that does not vary has 0.
    """
    rho, own, there = _correlations(found), found.of(m), found.of(other)
    values, vectors = np.linalg.eigh(rho[there, there])
    kept = values > values.max(initial=0) * len(values) * np.finfo(np.float64).eps * 8
    explained = ((rho[own, there] @ vectors[:, kept]) ** 2 / values[kept]).sum(axis=1) if kept.any() else np.zeros(own.stop - own.start)
    return np.clip(explained, 0.0, 1.0)


def svcca(found: Moments, m: int, other: int, *, variance: float = 0.99) -> Directions:
    """Canonical directions of model m shared with another, within both models' first principal components (Raghu 2017).

    variance  the share of each model's variance that its components keep

    A rotation of either model's neurons changes nothing but the directions' coordinates.
    Raises ValueError: variance outside (0, 1], a model that does not vary.
    """
    if not 0 < variance <= 1:
        raise ValueError(f"variance {variance}; give the share to keep, above 0 and at most 1")
    directions, rho = _canonical(found, m, other, variance)
    weight = np.full(len(rho), 1 / len(rho))
    return Directions(read_only(directions), read_only(rho), read_only(weight), float(rho.mean()))


def pwcca(found: Moments, m: int, other: int) -> Directions:
    """Canonical directions of model m shared with another, each weighted by what it carries of m's activations (Morcos 2018).

    weight_i ∝ Σ_j |⟨h_i, x_j⟩|, h_i the variate and x_j the centred neurons of m. Not symmetric in the models.
    Raises ValueError: a model that does not vary.
    """
    directions, rho = _canonical(found, m, other, 1.0)
    own = found.of(m)
    weight = np.abs(directions.T @ found.covariance[own, own]).sum(axis=1)
    weight /= weight.sum()
    return Directions(read_only(directions), read_only(rho), read_only(weight), float(weight @ rho))


def _correlations(found: Moments) -> np.ndarray:
    """(E, E) correlations; rows and columns of neurons that do not vary are 0."""
    scale = np.sqrt(np.diag(found.covariance))
    inverse = np.divide(1.0, scale, out=np.zeros_like(scale), where=scale > 0)
    return np.clip(found.covariance * inverse[:, None] * inverse, -1.0, 1.0)


def _canonical(found: Moments, m: int, other: int, variance: float) -> tuple[np.ndarray, np.ndarray]:
    """((D, k) directions of variance 1, (k,) correlations), k the smaller model's number of components."""
    white = [_whitening(found, b, variance) for b in (m, other)]
    left, rho, _ = np.linalg.svd(white[0].T @ found.covariance[found.of(m), found.of(other)] @ white[1], full_matrices=False)
    directions = white[0] @ left
    # a direction's sign is arbitrary: its largest coordinate is made positive
    at = np.abs(directions).argmax(axis=0)
    signs = np.sign(directions[at, np.arange(directions.shape[1])])
    return directions * signs, np.clip(rho, 0.0, 1.0)


def _whitening(found: Moments, m: int, variance: float) -> np.ndarray:
    """(D, k) map of model m's centred neurons to its first principal components, each of variance 1."""
    own = found.of(m)
    values, vectors = np.linalg.eigh(found.covariance[own, own])
    values, vectors = values[::-1], vectors[:, ::-1]
    real = values > values.max(initial=0) * len(values) * np.finfo(np.float64).eps * 8
    if not real.any():
        raise ValueError(f"no neuron of model {m} varies on these tokens; give more, or others")
    share = np.cumsum(values[real]) / values[real].sum()
    k = int(np.searchsorted(share, variance - 1e-12) + 1)
    return vectors[:, real][:, :k] / np.sqrt(values[real][:k])
