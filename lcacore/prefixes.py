"""Probes on the first k neurons of an order, for every k and every order at once (Antverg & Belinkov 2022 §3).

A probe for each k of each order is many small probes on the same tokens. Linear probes are stacked and masked, and
train in one pass over the data. Of the Gaussian probe nothing is trained twice: with the neurons in an order, the
leading block of a Cholesky factor is the factor of the leading block, so that one factorisation and one triangular
solve a label give the densities of all k.

Shape names: N tokens, D neurons, C classes, O orders, K sizes k, T targets (labellings of the same tokens).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from .gaussian import COVARIANCES
from .training import PAPERS, row_blocks, to_float
from .types import ProbeConfig, read_only

__all__ = ["GaussianProbe", "LinearPrefixes", "linear_prefixes", "sizes"]


def sizes(d: int, *, every: int = 50, step: int = 10, last: int = 150) -> np.ndarray:
    """The k of the paper's curves: 1 … `every`, then each `step` up to `last`, as far as an order of `d` neurons leaves some out."""
    ks = np.concatenate([np.arange(1, every + 1), np.arange(every + step, last + 1, step)])
    return ks[ks < d]


# --- linear ----------------------------------------------------------------------------------------


@dataclass(frozen=True, eq=False)
class LinearPrefixes:
    """Linear probes of every target, order and size.

    coef       (T, O, K, C, D) in the neurons' own numbering; exactly zero on neurons beyond the first k of the order
    intercept  (T, O, K, C)
    """

    coef: np.ndarray
    intercept: np.ndarray

    def predict(self, X) -> np.ndarray:
        """(T, O, K, N) class index of each token."""
        t, o, k, c, d = self.coef.shape
        flat, bias = self.coef.reshape(-1, d).T, self.intercept.reshape(-1)
        out = np.empty((t, o, k, len(X)), dtype=np.int16)
        for rows in row_blocks(len(X), max(64, (1 << 25) // flat.shape[1])):
            logits = to_float(X[rows]) @ flat + bias
            out[..., rows] = np.moveaxis(logits.reshape(-1, t, o, k, c).argmax(axis=-1), 0, -1)
        return out


def linear_prefixes(X, targets, n_classes: int, orders, ks, config: ProbeConfig = PAPERS, *, device: str = "auto") -> LinearPrefixes:
    """Train a probe for every target, order and size together; each as `training.train_linear` would train it alone.

    X        (N, D)
    targets  (T, N) class index 0 … n_classes − 1, e.g. a task and its control task
    orders   (O, D) permutations of the neurons; ks (K,) ascending sizes
    config   Adam's: λ1, λ2, epochs, batch_size, lr, seed, squared_l2

    The weights of an order are kept in that order, so that a probe's neurons are a prefix and its mask is a length;
    sizes of like width share one stacked matrix, padded to the widest.

    Raises ValueError: shapes that do not fit, orders that are no permutations, sizes outside 1 … D, another solver
    than Adam or a penalty on the bias, weights that diverge.
    """
    import torch

    X, targets, orders, ks = np.asarray(X), np.atleast_2d(np.asarray(targets)), np.atleast_2d(np.asarray(orders)), np.asarray(ks)
    n, d = X.shape
    if targets.shape[1] != n or orders.shape[1] != d or not (np.sort(orders, axis=1) == np.arange(d)).all():
        raise ValueError(f"activations {X.shape}, targets {targets.shape}, orders {orders.shape}; give one label a token, and each order every neuron once")
    if not len(ks) or (np.diff(ks) <= 0).any() or ks[0] < 1 or ks[-1] > d:
        raise ValueError(f"sizes {ks.tolist()} of {d} neurons; give ascending sizes from 1 to {d}")
    if targets.min() < 0 or targets.max() >= n_classes:
        raise ValueError(f"class indices run from {targets.min()} to {targets.max()}; wanted 0 to {n_classes - 1}")
    if config.solver != "adam" or config.penalise_bias:
        raise ValueError(f"{config}; many sizes at once are trained by Adam with penalties on the weights alone")
    device = torch.device(("cuda" if torch.cuda.is_available() else "cpu") if device == "auto" else device)
    blocks = [_Block(part, len(targets), len(orders), n_classes, device) for part in _alike(ks)]
    adam = torch.optim.Adam([p for b in blocks for p in (b.W, b.b)], lr=config.lr, fused=True)
    data = torch.from_numpy(np.ascontiguousarray(to_float(X))).to(device)
    columns = torch.from_numpy(np.ascontiguousarray(orders[:, : ks[-1]])).to(device).reshape(-1)
    labels = torch.nn.functional.one_hot(torch.from_numpy(targets.T.astype(np.int64)), n_classes).transpose(1, 2).float().to(device)  # (N, C, T)
    rng = np.random.default_rng(config.seed)
    with torch.no_grad():
        for _ in range(config.epochs):
            order = rng.permutation(n)
            for start in range(0, n, config.batch_size):
                rows = torch.from_numpy(np.sort(order[start : start + config.batch_size])).to(device)
                x = data[rows].T.contiguous()[columns].view(len(orders), ks[-1], len(rows))
                for block in blocks:
                    block.gradient(x, labels[rows], config)
                adam.step()
    coef = np.zeros((len(targets), len(orders), len(ks), n_classes, d), dtype=np.float32)
    intercept = np.zeros(coef.shape[:-1], dtype=np.float32)
    at = 0
    for block in blocks:
        w, g = block.widest, len(block.ks)
        W = block.W.cpu().numpy().reshape(len(orders), w, n_classes, len(targets), g).transpose(3, 0, 4, 2, 1)
        for i, order in enumerate(orders):
            coef[:, i, at : at + g, :, order[:w]] = np.moveaxis(W[:, i], -1, 0)  # an index between slices moves its axis to the front
        intercept[:, :, at : at + g] = block.b.cpu().numpy().reshape(len(orders), n_classes, len(targets), g).transpose(2, 0, 3, 1)
        at += g
    if not np.isfinite(coef).all():
        raise ValueError("training diverged: weights became infinite; give a smaller lr, or leave out rows with NaN")
    return LinearPrefixes(read_only(coef), read_only(intercept))


def _alike(ks: np.ndarray) -> list[np.ndarray]:
    """Sizes in groups: padding to the widest at most doubles the work of the narrowest, and small ones stay together."""
    groups: list[list[int]] = []
    for k in ks.tolist():
        if groups and (k <= 16 or k <= 2 * groups[-1][0]):
            groups[-1].append(k)
        else:
            groups.append([k])
    return [np.array(g) for g in groups]


class _Block:
    """Probes of like size: weights (O, widest, C·T·g), zero and without gradient beyond a probe's own size."""

    def __init__(self, ks: np.ndarray, n_targets: int, n_orders: int, n_classes: int, device):
        import torch

        self.ks, self.widest, self.n_classes = ks, int(ks[-1]), n_classes
        columns = n_classes * n_targets * len(ks)
        self.W = torch.zeros(n_orders, self.widest, columns, device=device)
        self.b = torch.zeros(n_orders, 1, columns, device=device)
        self.W.grad, self.b.grad = torch.zeros_like(self.W), torch.zeros_like(self.b)
        mask = (np.arange(self.widest)[:, None] < ks[None, :]).astype(np.float32)
        self.mask = torch.from_numpy(np.tile(mask, (1, n_classes * n_targets))).to(device)

    def gradient(self, x, labels, config: ProbeConfig) -> None:
        """Of the mean negative log-likelihood over a batch, x (O, widest or more, B) and labels (B, C, T), and the penalties."""
        import torch

        n = x.shape[2]
        x = x[:, : self.widest]
        logits = torch.baddbmm(self.b, x.transpose(1, 2), self.W)
        shape = (len(x), n, self.n_classes, labels.shape[2], len(self.ks))
        p = torch.softmax(logits.view(len(x), n, self.n_classes, -1), dim=2).view(shape).sub_(labels[None, ..., None])
        p = p.view(len(x), n, -1)
        torch.mean(p, dim=1, keepdim=True, out=self.b.grad)
        torch.bmm(x, p, out=self.W.grad)
        self.W.grad.div_(n)
        if config.l1:
            self.W.grad.add_(torch.sign(self.W), alpha=config.l1)
        if config.l2 and config.squared_l2:
            self.W.grad.add_(self.W, alpha=2 * config.l2)
        elif config.l2:
            norm = self.W.view(len(x), self.widest, self.n_classes, -1).square().sum(dim=(1, 2)).sqrt()
            factor = torch.where(norm > 0, config.l2 / norm, torch.zeros_like(norm))  # at W = 0 the subgradient 0
            self.W.grad.addcmul_(self.W, factor.repeat(1, self.n_classes)[:, None])
        self.W.grad.mul_(self.mask)


# --- Gaussian --------------------------------------------------------------------------------------


class GaussianProbe:
    """The generative probe of Torroba Hennigen 2020: p(z | h_S) ∝ p(z) N(h_S; μ_z,S, Σ_z,SS), for any set S of neurons.

    covariance  "full" or "marginal", as `gaussian.greedy`: over how many neurons the prior is spread, all D or |S|

    fit sets classes_ (C,), counts_ (C,), mean_ (C, D) and scatter_ (C, D, D), the unnormalised Λ0 + S, in float64.
    """

    def __init__(self, covariance: str = "full"):
        if covariance not in COVARIANCES:
            raise ValueError(f"covariance {covariance!r}; give one of {', '.join(COVARIANCES)}")
        self.covariance = covariance

    def fit(self, X, y) -> GaussianProbe:
        """X (N, D), y (N,). Raises ValueError: fewer than two labels, lengths that differ, NaN or infinite activations."""
        y = np.asarray(y)
        if len(X) != len(y):
            raise ValueError(f"{len(y)} labels for {len(X)} rows of activations; give one label per row")
        self.classes_, index = np.unique(y, return_inverse=True)
        if len(self.classes_) < 2:
            raise ValueError("a probe needs at least two labels among its tokens")
        self.counts_ = np.bincount(index)
        d = X.shape[1]
        self.mean_, self.scatter_ = np.empty((len(self.classes_), d)), np.empty((len(self.classes_), d, d))
        for c in range(len(self.classes_)):
            own = to_float(X[np.flatnonzero(index == c)], np.float64)
            self.mean_[c] = own.mean(axis=0)
            own = own - self.mean_[c]
            self.scatter_[c] = own.T @ own
        if not np.isfinite(self.scatter_).all():
            raise ValueError("activations hold NaN or infinity; leave such rows out")
        squares = np.einsum("cdd->cd", self.scatter_)  # a view of the diagonals
        pooled = squares.sum(axis=0) / len(y)
        floor = np.where(pooled > 0, pooled, 1.0) * 1e-6  # as in the greedy search: no density is infinite
        squares += np.maximum(squares / self.counts_[:, None], floor)
        return self

    def log_joint(self, X, neurons=None, ks: Sequence[int] | None = None) -> np.ndarray:
        """(K, N, C) log p(z) + log N(h_S; …) in nats for S the first k of `neurons`, for each k of `ks` (None: all of them).

        Raises ValueError: sizes beyond the neurons given.
        """
        from scipy.linalg import cholesky, solve_triangular

        d = self.mean_.shape[1]
        neurons = np.arange(d) if neurons is None else np.asarray(neurons)
        ks = np.array([len(neurons)]) if ks is None else np.asarray(ks)
        if ks.min() < 1 or ks.max() > len(neurons):
            raise ValueError(f"sizes {ks.min()} to {ks.max()} of {len(neurons)} neurons; give 1 to {len(neurons)}")
        neurons = neurons[: ks.max()]
        x = to_float(X[:, neurons], np.float64)
        out = np.empty((len(ks), len(x), len(self.classes_)))
        for c, n in enumerate(self.counts_):
            factor = cholesky(self.scatter_[c][np.ix_(neurons, neurons)], lower=True)
            z = solve_triangular(factor, (x - self.mean_[c, neurons]).T, lower=True, overwrite_b=True)
            np.cumsum(np.square(z, out=z), axis=0, out=z)
            logdet = 2 * np.cumsum(np.log(np.diag(factor)))[ks - 1]
            scale = n + 2.0 * (d if self.covariance == "full" else ks) + 4
            constant = np.log(n / self.counts_.sum()) - 0.5 * (ks * np.log(2 * np.pi) + logdet - ks * np.log(scale))
            out[:, :, c] = constant[:, None] - 0.5 * np.reshape(scale, (-1, 1)) * z[ks - 1]
        return out

    def predict_prefixes(self, X, order, ks) -> np.ndarray:
        """(K, N) class index of each token for each size."""
        parts = [self.log_joint(X[rows], order, ks).argmax(axis=2) for rows in row_blocks(len(X), 4096)]
        return np.concatenate(parts, axis=1).astype(np.int16)

    def predict_proba(self, X, neurons=None) -> np.ndarray:
        """(N, C) posterior of each label given the neurons (None: all)."""
        joint = self.log_joint(X, neurons)[0]
        p = np.exp(joint - joint.max(axis=1, keepdims=True))
        return p / p.sum(axis=1, keepdims=True)

    def predict(self, X, neurons=None) -> np.ndarray:
        """(N,) the most probable label; ties to the first in sorted order."""
        return self.classes_[self.log_joint(X, neurons)[0].argmax(axis=1)]

    def score(self, X, y, neurons=None) -> float:
        """Accuracy on labelled tokens."""
        return float(np.mean(self.predict(X, neurons) == np.asarray(y)))
