"""Quadratic models of the loss, and their proximal minimiser.

Of a small problem the Hessian itself; else a Kronecker product corrected by L-BFGS.

At W = 0 every token has the same probabilities p, and the Hessian is exactly A ⊗ G with A = diag(p) − p pᵀ (C, C)
and G = XᵀX / N (d, d). Elsewhere A is taken as the mean over tokens. Two small matrix products apply the
model, whatever N is, so the many inner steps cost little beside one pass over X; what the product misses,
the last changes of the gradient supply (compact L-BFGS form, Byrd, Nocedal & Schnabel 1994). Proximal
quasi-Newton: Lee, Sun & Saunders 2014.
"""

from __future__ import annotations

import copy
from collections import deque

__all__ = ["Newton", "QuasiNewton", "active_minimum", "proximal_minimum"]

_PAIRS = 10
_FEW = 0.5  # share of the columns up to which an active set pays: gathering them costs a few products of the whole


class Newton:
    """B(V) = the Hessian itself times V (C, d), the intercept eliminated: two passes over X, for small problems."""

    accuracy, most = 0.01, 200  # of the model's minimum; inner steps

    def __init__(self, data):
        self.data, self.P, self.damping = data, None, 1.0

    def remember(self, step, change) -> None:
        """Nothing to learn: the model is exact."""

    def at(self, P) -> None:
        """Move to where the probabilities are P: of a small problem, held."""
        self.P = P = P.whole
        self._intercept = P.mean(0).diag() - P.T @ P / len(P) + 1.0 / P.shape[1]

    def damp(self, scale: float, damping: float) -> None:
        self.damping = damping * scale

    def __call__(self, V, rough: bool = False):
        import torch

        P, Z = self.P, self.data.logits(V)
        if self.data.intercept:
            moved = (P * Z).mean(0) - (P * (P * Z).sum(1, keepdim=True)).mean(0)
            present = self.data.frequency > 0
            c = torch.zeros_like(moved)
            c[present] = torch.linalg.solve(self._intercept[present][:, present], moved[present])
            Z = Z - c
        R = P * Z
        R -= P * R.sum(1, keepdim=True)
        return self.damping * self.data.product(R)


class QuasiNewton:
    """B(V) ≈ Hessian · V for V (C, d), without a pass over X."""

    accuracy, most = 0.1, 200  # looser than Newton's: a residual left is damping, and the next model is better

    def __init__(self, data):
        self.gram = data.gram()
        self.pairs: deque = deque(maxlen=_PAIRS)
        self.A = None
        self.scale = self.damping = 1.0
        self._corrections = None

    def remember(self, step, change) -> None:
        """A step and the change of the gradient along it, kept if the curvature is positive beyond rounding."""
        if float((step * change).sum()) > 1e-7 * float(step.norm() * change.norm()):
            self.pairs.append((step, change, self.gram(step)))

    def at(self, P) -> None:
        """Move to where the probabilities are P."""
        self.A = P.mean(P.dtype).diag() - P.square() / len(P.Z)

    def damp(self, scale: float, damping: float) -> None:
        """Set the Kronecker part to scale · A ⊗ G; remembered pairs correct it, damping multiplies the whole."""
        import torch

        A = self.A
        self.scale, self.damping, self._corrections = scale, damping, None
        pairs = list(self.pairs)
        if pairs:
            pairs = pairs[-max(1, min(_PAIRS, pairs[0][0].numel() // 8)) :]  # fewer than there are directions
        if not pairs:
            return
        S = torch.stack([s.to(A.dtype).ravel() for s, *_ in pairs])
        Y = torch.stack([y.to(A.dtype).ravel() for _, y, _ in pairs])
        BS = torch.stack([(scale * (A @ g.to(A.dtype))).ravel() for *_, g in pairs])
        SBS, SY = (S @ BS.T).double(), (S @ Y.T).double()
        lower = SY.tril(-1)
        middle = torch.cat([torch.cat([SBS, lower], 1), torch.cat([lower.T, -SY.diag().diag()], 1)])
        inverse = torch.linalg.pinv(middle, hermitian=True)
        self._corrections = torch.cat([BS, Y]), inverse.to(A.dtype)

    def on(self, columns) -> QuasiNewton:
        """The model of V's `columns` (K,) alone, where all others stay as they are."""
        part = copy.copy(self)
        part.gram = self.gram.on(columns)
        if self._corrections is not None:
            U, M = self._corrections
            part._corrections = U.view(len(U), len(self.A), -1)[:, :, columns].flatten(1), M
        return part

    def __call__(self, V, rough: bool = False):
        out = self.scale * (self.A @ self.gram(V, rough))
        if self._corrections is not None:
            U, M = self._corrections
            out -= (U.T @ (M @ (U @ V.ravel()))).view_as(V)
        return out if self.damping == 1.0 else self.damping * out


def proximal_minimum(V, gradient, metric, penalty, L: float):
    """Minimise ⟨gradient, W − V⟩ + ½ ⟨W − V, B (W − V)⟩ + penalty(W) to `metric.accuracy` of the first residual.

    FISTA (Beck & Teboulle 2009) with backtracking on L and gradient restart (O'Donoghue & Candès 2015).
    Returns (W, B (W − V), L).
    """
    import torch

    W = W_old = V
    BW = BW_old = torch.zeros_like(V)
    t, first = 1.0, None
    for _ in range(metric.most):
        t_next = (1 + (1 + 4 * t * t) ** 0.5) / 2
        m = (t - 1) / t_next
        Y, BY = W + m * (W - W_old), BW + m * (BW - BW_old)  # B is linear: no product needed
        slope = gradient + BY
        while True:
            W_new = penalty.prox(Y - slope / L, 1 / L)
            d = W_new - Y
            Bd = metric(d, rough=True)  # of the step alone: what is rounded shrinks with it
            size = float((d * d).sum())
            if float((d * Bd).sum()) <= L * size * 1.0001 or L > 1e12:
                break
            L *= 1.5
        restart = float(((Y - W_new) * (W_new - W)).sum()) > 0
        W_old, BW_old, W, BW = W, BW, W_new, BY + Bd
        t = 1.0 if restart else t_next
        residual = L * size**0.5
        first = residual if first is None else first
        if residual <= metric.accuracy * first:
            break
        L *= 0.98
    return W, metric(W - V), L


def active_minimum(V, gradient, metric, penalty, L: float):
    """`proximal_minimum` over an active set of columns, as in glmnet (Friedman, Hastie & Tibshirani 2010).

    It holds the columns (neurons) that have weights and those whose zeros the model's gradient pushes beyond λ1; once it
    is solved, columns that are now pushed beyond join and it is solved again, until none is. So the minimum is that of
    all columns. Where more than half of them are active, as under weak penalties, all are taken at once.
    """
    import torch

    if not penalty.l1 or not hasattr(metric, "on"):
        return proximal_minimum(V, gradient, metric, penalty, L)
    limit = (penalty.l1 / penalty.s).to(V.dtype)

    def pushed(slope):
        return (slope.abs() > limit).any(0)

    active = (V != 0).any(0) | pushed(gradient)
    while int(active.sum()) <= _FEW * len(active):
        columns = active.nonzero()[:, 0]
        if not len(columns):
            return V, torch.zeros_like(V), L
        W = V.clone()
        W[:, columns], _, L = proximal_minimum(V[:, columns], gradient[:, columns], metric.on(columns), penalty.on(columns), L)
        BW = metric(W - V)
        joining = pushed(gradient + BW) & ~active
        if not joining.any():
            return W, BW, L
        active |= joining
    return proximal_minimum(V, gradient, metric, penalty, L)
