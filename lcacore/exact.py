"""The elastic-net probe to its optimum: accelerated proximal gradient with a certificate.

The objective is convex, so its minimum depends on neither seed, row order, thread count nor machine. FISTA
(Beck & Teboulle 2009) with backtracking and gradient restart (O'Donoghue & Candès 2015) gives exact zeros;
the duality gap bounds how far the objective still is from its minimum.

Shape names: N tokens, D neurons, C classes. R = P − Y (N, C) is the residual, Y the one-hot labels.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

__all__ = ["class_sums", "minimise"]

_BLOCK = 4096
_CHECK_EVERY = 10


def minimise(
    read: Callable[[slice], np.ndarray],
    y: np.ndarray,
    n_classes: int,
    d: int,
    *,
    l1: float,
    l2: float,
    squared_l2: bool = True,
    penalise_bias: bool = False,
    tol: float = 1e-6,
    max_iter: int = 5000,
) -> tuple[np.ndarray, np.ndarray, int, float] | None:
    """Minimise mean NLL + λ1 ‖W‖₁ + λ2 ‖W‖² (or λ2 ‖W‖); returns (W (C, D), b (C,), iterations, gap).

    read(rows) gives rows of X as float64 (n, d); it is called anew on every pass, so X is never held whole.
    Stops when the duality gap is at most `tol` (nats per token). With λ1 = λ2 = 0 no finite minimum need exist:
    then the gap is nan, and it stops when ten iterations lower the objective by less than `tol`.
    Returns None when X holds NaN or infinity.

    The work happens on centred and scaled columns, v = w·s and c = b + w·μ: the same problem in other
    variables (penalties λ1/s and λ2/s² per column), far better conditioned.
    """
    data = _Data.of(read, y, n_classes, d, centre=not penalise_bias, scale=squared_l2)
    if data is None:
        return None
    penalty = _Penalty(l1, l2, squared_l2, penalise_bias, data.s)

    V, c = np.zeros((n_classes, d)), np.zeros(n_classes)
    if not penalise_bias:
        c[:] = np.log(np.maximum(data.frequency, 1e-12))  # the best probe without weights
    Z = np.broadcast_to(c, (len(y), n_classes)).copy()
    V_old, c_old, Z_old = V, c, Z
    t, step_L, previous, gap, iteration = 1.0, 1.0, math.inf, math.inf, 0
    for iteration in range(1, max_iter + 1):
        t_next = (1 + math.sqrt(1 + 4 * t * t)) / 2
        m = (t - 1) / t_next
        Vy, cy, Zy = V + m * (V - V_old), c + m * (c - c_old), Z + m * (Z - Z_old)  # logits are linear: no product needed
        f_y, P = data.loss(Zy)
        G, g = data.gradient(P)
        while True:
            V_new, c_new = penalty.prox(Vy - G / step_L, cy - g / step_L, 1 / step_L)
            Z_new = data.logits(V_new, c_new)
            dV, dc = V_new - Vy, c_new - cy
            f_new = data.loss(Z_new, gradient=False)[0]
            bound = f_y + np.vdot(G, dV) + g @ dc + step_L / 2 * (np.vdot(dV, dV) + dc @ dc)
            if f_new <= bound + 1e-12 * max(1.0, abs(f_y)):
                break
            step_L *= 1.6
        restart = np.vdot(Vy - V_new, V_new - V) + (cy - c_new) @ (c_new - c) > 0
        V_old, c_old, Z_old, V, c, Z = V, c, Z, V_new, c_new, Z_new
        t = 1.0 if restart else t_next
        step_L *= 0.97  # curvature falls as the probe grows confident
        if iteration % _CHECK_EVERY and iteration != max_iter:
            continue
        primal = f_new + penalty.value(V, c)
        if l1 == 0 and l2 == 0:
            gap = math.nan
            if previous - primal < tol:
                break
            previous = primal
            continue
        gap = max(0.0, primal - _dual(data, penalty, data.loss(Z)[1]))
        if gap <= tol:
            break
    W = V / data.s
    return W, c - W @ data.mu, iteration, gap


@dataclass(frozen=True, eq=False)
class _Data:
    """Passes over X, centred by mu and scaled by s without ever storing the result."""

    read: Callable[[slice], np.ndarray]
    y: np.ndarray
    mu: np.ndarray  # (D,)
    s: np.ndarray  # (D,)
    frequency: np.ndarray  # (C,) share of each class
    target: np.ndarray  # (C, D) Yᵀ(X − μ) / N

    @classmethod
    def of(cls, read, y, n_classes, d, *, centre, scale):
        n = len(y)
        total, square, sums = np.zeros(d), np.zeros(d), np.zeros((n_classes, d))
        for rows in _rows(n):
            total += read(rows).sum(0)
        mu = total / n
        if not np.isfinite(mu).all():
            return None
        for rows in _rows(n):
            block = read(rows) - mu
            square += np.einsum("nd,nd->d", block, block)
            sums += class_sums(block, y[rows], n_classes)
        s = np.sqrt(square / n) if scale else np.ones(d)
        s[s <= 1e-12 * np.maximum(1.0, np.abs(mu))] = 1.0  # a constant neuron
        frequency = np.bincount(y, minlength=n_classes) / n
        if not centre:
            sums += frequency[:, None] * n * mu
            mu = np.zeros(d)
        return cls(read, y, mu, s, frequency, sums / n)

    def logits(self, V, c):
        W = (V / self.s).T
        offset = c - self.mu @ W
        Z = np.empty((len(self.y), len(c)))
        for rows in _rows(len(self.y)):
            np.matmul(self.read(rows), W, out=Z[rows])
        Z += offset
        return Z

    def loss(self, Z, gradient=True):
        """Mean NLL, and the class probabilities P (N, C)."""
        top = Z.max(1, keepdims=True)
        E = np.exp(Z - top)
        norm = E.sum(1, keepdims=True)
        value = float(np.mean(np.log(norm[:, 0]) + top[:, 0] - np.take_along_axis(Z, self.y[:, None], 1)[:, 0]))
        return value, np.divide(E, norm, out=E) if gradient else None

    def residual_product(self, P):
        """((P − Y)ᵀ (X − μ) / N (C, D), mean residual (C,))."""
        n = len(self.y)
        out = np.zeros((P.shape[1], len(self.mu)))
        for rows in _rows(n):
            out += P[rows].T @ self.read(rows)
        mean = P.mean(0)
        # Yᵀ(X − μ) was summed once, so only the probabilities' part is read here
        return out / n - mean[:, None] * self.mu - self.target, mean - self.frequency

    def gradient(self, P):
        G, g = self.residual_product(P)
        return G / self.s, g


@dataclass(frozen=True, eq=False)
class _Penalty:
    l1: float
    l2: float
    squared: bool
    on_bias: bool
    s: np.ndarray

    def value(self, V, c) -> float:
        W = V / self.s
        if self.on_bias:
            W = np.column_stack([W, c])
        square = float(np.vdot(W, W))
        return self.l1 * float(np.abs(W).sum()) + self.l2 * (square if self.squared else math.sqrt(square))

    def prox(self, V, c, step):
        V = _soft(V, step * self.l1 / self.s)
        if self.on_bias:
            c = _soft(c, step * self.l1)
        if self.squared:
            V = V / (1 + 2 * step * self.l2 / self.s**2)
            return V, c / (1 + 2 * step * self.l2) if self.on_bias else c
        norm = math.sqrt(np.vdot(V, V) + (c @ c if self.on_bias else 0.0))
        shrink = max(0.0, 1 - step * self.l2 / norm) if norm else 0.0
        return V * shrink, c * shrink if self.on_bias else c

    def conjugate(self, U) -> float:
        """g*(U): the penalty's convex conjugate at U (in the units of W)."""
        over = np.maximum(np.abs(U) - self.l1, 0.0)
        square = float(np.vdot(over, over))
        if self.l2 and self.squared:
            return square / (4 * self.l2)
        limit = 0.0 if self.squared else self.l2
        return 0.0 if math.sqrt(square) <= limit * (1 + 1e-12) + 1e-15 else math.inf

    def feasible_scale(self, U) -> float:
        """The largest factor ≤ 1 (up to rounding) that brings U into the conjugate's zero set."""
        largest = float(np.abs(U).max(initial=0.0))
        if largest <= self.l1:
            return 1.0
        if self.squared or not self.l2:
            return self.l1 / largest
        if self.conjugate(U) == 0.0:
            return 1.0
        low, high = 0.0, 1.0
        for _ in range(60):
            middle = (low + high) / 2
            low, high = (middle, high) if self.conjugate(middle * U) == 0.0 else (low, middle)
        return low


def _dual(data: _Data, penalty: _Penalty, P: np.ndarray) -> float:
    """A dual value, hence a lower bound on the minimum.

    Dual of the problem: maximise mean entropy H(q_i) − g*((Q − Y)ᵀX / N) over distributions q_i, with
    Σ_i (q_i − y_i) = 0 where the bias is free. P is made feasible by mixing in a constant distribution;
    mixing in Y then scales the residual into the conjugate's domain, or leaves it.
    """
    U, u = data.residual_product(P)
    Q = P
    if penalty.on_bias:
        U = np.column_stack([U, u])
    else:
        mean = u + data.frequency
        ratio = data.frequency / np.maximum(mean, 1e-300)
        mix = min(1.0, max(0.0, 1 - float(ratio.min())))
        if mix > 0:
            filler = np.maximum(data.frequency - (1 - mix) * mean, 0.0) / mix
            Q = (1 - mix) * P + mix * filler
            U = (1 - mix) * U - mix * data.target
    n = len(Q)
    best = -math.inf
    for scale in sorted({1.0, penalty.feasible_scale(U)}):
        conjugate = penalty.conjugate(scale * U)
        if conjugate == math.inf:
            continue
        mixed = Q * scale
        mixed[np.arange(n), data.y] += 1 - scale
        entropy = -float(np.sum(mixed * np.log(np.maximum(mixed, 1e-300)))) / n
        best = max(best, entropy - conjugate)
    return best


def class_sums(block: np.ndarray, y: np.ndarray, n_classes: int) -> np.ndarray:
    """(C, D) sum of the rows of each class."""
    from scipy.sparse import csr_array

    one_hot = csr_array((np.ones(len(y)), (y, np.arange(len(y)))), shape=(n_classes, len(y)))
    return one_hot @ block


def _soft(value, threshold):
    return np.sign(value) * np.maximum(np.abs(value) - threshold, 0.0)


def _rows(n):
    return (slice(start, min(start + _BLOCK, n)) for start in range(0, n, _BLOCK))
