"""Proximal quasi-Newton for one λ pair, and warm-started along a path of them."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from .data import SMALL, Data
from .dual import Probabilities, duality_gap, empty, mean_loss, polish
from .metric import Newton, QuasiNewton, active_minimum
from .penalty import Penalty

__all__ = ["Solution", "minimise", "path"]

_NEWTON = 1_000_000  # N · d · C up to which the true Hessian serves as the model
_KEPT = 250_000_000  # logits kept as starts for the next λ1
_IDLE = 5  # iterations without progress that end the work
_CERTIFIED_IN_FLOAT32 = 1e-5  # gaps down to this are told apart from rounding in float32


@dataclass(frozen=True, eq=False)
class Solution:
    """W (C, D), b (C,), iterations (each two passes over X or a few more), gap and objective (nats per token)."""

    W: np.ndarray
    b: np.ndarray
    n_iter: int
    gap: float
    objective: float


def minimise(read, y, n_classes: int, d: int, *, l1: float, l2: float, **options) -> Solution | None:
    """Minimise mean NLL + λ1 ‖W‖₁ + λ2 ‖W‖² (or λ2 ‖W‖): `path` with one pair."""
    found = path(read, y, n_classes, d, [(l1, l2)], **options)
    return None if found is None else found[0]


def path(
    read,
    y: np.ndarray,
    n_classes: int,
    d: int,
    pairs: Sequence[tuple[float, float]],
    *,
    squared_l2: bool = True,
    penalise_bias: bool = False,
    tol: float = 1e-6,
    max_iter: int = 5000,
    targets: Sequence[float] | None = None,
    start: tuple[np.ndarray, np.ndarray] | None = None,
    device="cpu",
) -> list[Solution] | None:
    """Minimise mean NLL + λ1 ‖W‖₁ + λ2 ‖W‖² for every (λ1, λ2), each from its neighbour's solution.

    read(rows) gives rows of X (n, d) at any precision; X is held in float32 where that takes at most 1 GB, else
    read anew on every pass. Each pair stops when its duality gap is at most `tol` (nats per token), or after
    `max_iter` iterations. With λ1 = λ2 = 0 no finite minimum need exist: then the gap is nan, and it stops
    when an iteration promises less than `tol`. The iterations are float32 unless X is small and `tol` below
    1e-5, or X so small that the Hessian itself is the model; a gap below 1e-5 is certified in float64, which
    also does the iterations left.
    targets: per pair, an objective that is good enough: it stops there too, with whatever gap it has.
    start: (W, b) to start from instead of zero.
    Returns Solutions in the order of `pairs`, or None when X holds NaN or infinity.
    """
    import torch

    data = Data.of(read, y, n_classes, d, intercept=not penalise_bias, scale=squared_l2, device=device)
    if data is None:
        return None
    state = _State.at_zero(data) if start is None else _State.at(data, *start)
    few = len(y) * d <= SMALL and data.held is not None
    newton = few and len(y) * d * n_classes <= _NEWTON
    small = newton or (few and tol < _CERTIFIED_IN_FLOAT32)  # all in float64
    metric = Newton(data) if newton else QuasiNewton(data)
    found: list[Solution | None] = [None] * len(pairs)
    above: dict[float, list[_State]] = {}  # by λ2, at the λ1 before
    for i in _snake(pairs):
        penalty = Penalty(*pairs[i], squared_l2, data.s)
        state = min([state, *above.get(pairs[i][1], [])], key=lambda s: s.objective(data, penalty))
        goal = -math.inf if targets is None else targets[i]
        n_iter, gap = 0, math.inf
        if not small:
            state, n_iter, gap = _iterate(state.to(torch.float32), data, penalty, metric, tol, max_iter, goal)
        if small or ((tol < _CERTIFIED_IN_FLOAT32 or gap > tol) and n_iter < max_iter and state.objective(data, penalty) > goal):
            state, more, gap = _iterate(state.to(torch.float64), data, penalty, metric, tol, max_iter - n_iter, goal)
            n_iter += more
        found[i] = state.solution(data, penalty, n_iter, gap)
        if state.Z.numel() * len(pairs) ** 0.5 < _KEPT:
            above[pairs[i][1]] = [state]
    return found


def _snake(pairs) -> list[int]:
    """Indices from strong to weak λ1, λ2 falling and rising in turn: each pair beside the one before."""
    out: list[int] = []
    for k, l1 in enumerate(sorted({a for a, _ in pairs}, reverse=True)):
        row = [i for i, (a, _) in enumerate(pairs) if a == l1]
        out += sorted(row, key=lambda i: (pairs[i][1], i), reverse=k % 2 == 0)
    return out


@dataclass(frozen=True, eq=False)
class _State:
    """Where the solver stands: weights V (C, d) in scaled columns, intercept c (C,), logits Z (N, C)."""

    V: object
    c: object
    Z: object
    scale: float = 1.0  # of the metric's Kronecker part
    L: float = 1.0  # of the inner steps
    gradient: object = None  # of the loss at V, once known

    @classmethod
    def at_zero(cls, data: Data) -> _State:
        import torch

        n, n_classes, d = data.shape
        V = torch.zeros(n_classes, d, device=data.s.device)
        # the best probe without weights; a class that never occurs gets no probability
        c = data.frequency.log().clamp(min=-1e4) if data.intercept else torch.zeros_like(data.frequency)
        return cls(V, c, empty(n, n_classes, V.dtype, V.device).copy_(c))

    @classmethod
    def at(cls, data: Data, W, b) -> _State:
        import torch

        W, b = (torch.from_numpy(np.asarray(a, np.float64)).to(data.s.device) for a in (W, b))
        if not data.intercept:
            W, b = torch.cat([W, b[:, None]], 1), torch.zeros_like(b)
        V, c = (W * data.s).float(), b + W @ data.mu
        return cls(V, c, data.logits(V).add_(c.float()))

    def to(self, dtype) -> _State:
        """The same at another precision; logits that gain precision are not made so here."""
        if self.V.dtype == dtype:
            return self
        return _State(self.V.to(dtype), self.c, empty(*self.Z.shape, dtype, self.Z.device).copy_(self.Z), self.scale, self.L)

    def objective(self, data: Data, penalty: Penalty) -> float:
        return mean_loss(self.Z, data.y) + penalty.value(self.V)

    def solution(self, data: Data, penalty: Penalty, n_iter: int, gap: float) -> Solution:
        W = self.V.double() / data.s
        c = self.c.clamp(min=float(self.c[data.frequency > 0].min()) - 30)
        b = c - W @ data.mu
        if not data.intercept:
            W, b = W[:, :-1], W[:, -1]
        return Solution(W.cpu().numpy().copy(), b.cpu().numpy().copy(), n_iter, gap, self.objective(data, penalty))


def _iterate(state: _State, data: Data, penalty: Penalty, metric: Newton | QuasiNewton, tol: float, max_iter: int, goal: float):
    """Proximal quasi-Newton steps until the gap is at most `tol`; (state, iterations, gap)."""
    import torch

    V, c, Z, scale, L = state.V, state.c, state.Z, state.scale, state.L
    single = V.dtype == torch.float32
    certified = penalty.l1 > 0 or penalty.l2 > 0
    if state.gradient is not None:
        gradient, P = state.gradient, Probabilities(Z)
    else:
        if not single:  # logits at this precision
            Z = data.logits(V).add_(c)
        Z, c, P = polish(Z, c, data)
        gradient = data.gradient(P)
    loss, value = mean_loss(Z, data.y), penalty.value(V)
    n, best, idle, expected, stalled = 0, math.inf, 0, -math.inf, False
    while True:
        gap = max(0.0, duality_gap(loss + value, P, gradient, data, penalty)) if certified else math.nan
        # where rounding hides the objective's decrease the gap may still fall for a while
        idle = idle + 1 if stalled and not gap < 0.9 * best else 0
        best = min(best, gap)
        if gap <= tol or loss + value <= goal or n >= max_iter or idle > _IDLE or (stalled and single) or (not certified and -expected < tol):
            break
        metric.at(P)
        noise = (2e-7 if single else 1e-15) * max(1.0, abs(loss + value))
        for attempt in range(60):
            # first the part that is a guess grows, then the whole: what is remembered may be out of date too
            metric.damp(scale, 2.0 ** max(0, attempt - 1))
            W, BW, L = active_minimum(V, gradient, metric, penalty, L)
            D = W - V
            slope, curve, W_value = float((gradient * D).sum()), float((D * BW).sum()) / 2, penalty.value(W)
            Z_new = data.logits(D).add_(Z)
            W_loss = mean_loss(Z_new, data.y)
            expected = slope + curve + W_value - value
            if W_loss + W_value <= loss + value + 0.1 * expected + noise:
                break
            scale *= 2
        else:  # no step however short goes down: rounding rules
            break
        n += 1
        stalled = -expected <= noise
        if W_loss - loss - slope < curve:
            scale = max(1.0, 0.6 * scale)
        Z_new, c, P = polish(Z_new, c, data, rounds=2 if single else 6)
        loss, value, old = mean_loss(Z_new, data.y), W_value, gradient
        gradient = data.gradient(P)
        metric.remember(D, gradient - old)
        V, Z = W, Z_new
    return _State(V, c, Z, scale, L, gradient), n, gap
