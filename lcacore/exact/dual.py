"""Class probabilities, the intercept's own optimum, and a lower bound on the objective: the two halves of the certificate.

Logits are as many numbers as tokens times classes, which may be more than X has. What is computed from them is summed
over blocks of tokens, and the logits themselves lie in a temporary file where they are many.
"""

from __future__ import annotations

import math
import tempfile

__all__ = ["Probabilities", "duality_gap", "empty", "mean_loss", "polish", "rows_of"]

_TOGETHER = 1 << 24  # numbers (tokens × classes) in a block
_IN_MEMORY = 1 << 28  # bytes up to which logits are held in memory


def rows_of(n: int, n_classes: int):
    """Slices of 0 … n, in each of which tokens × classes is not too much for a few temporary arrays."""
    step = max(1, _TOGETHER // n_classes)
    return (slice(start, min(start + step, n)) for start in range(0, n, step))


def empty(n: int, n_classes: int, dtype, device):
    """(N, C) uninitialised; where that is much for a CPU's memory, mapped from a temporary file that has no name any more."""
    import torch

    if n * n_classes * dtype.itemsize <= _IN_MEMORY or torch.device(device).type != "cpu":
        return torch.empty(n, n_classes, dtype=dtype, device=device)
    with tempfile.NamedTemporaryFile() as file:
        return torch.from_file(file.name, shared=True, size=n * n_classes, dtype=dtype).view(n, n_classes)


class Probabilities:
    """Softmax of logits Z (N, C), which are not to change meanwhile: a block of tokens at a time, held if there is one only."""

    def __init__(self, Z):
        self.Z, self.dtype = Z, Z.dtype
        self.whole = Z.softmax(1) if Z.numel() <= _TOGETHER else None

    def of(self, rows: slice):
        """(n, C) of some tokens; not to be written to."""
        return self.whole[rows] if self.whole is not None else self.Z[rows].softmax(1)

    def blocks(self):
        return ((rows, self.of(rows)) for rows in rows_of(*self.Z.shape))

    def mean(self, dtype):
        """(C,) over the tokens."""
        return sum(p.sum(0, dtype=dtype) for _, p in self.blocks()) / len(self.Z)

    def square(self):
        """(C, C) PᵀP."""
        return sum(p.T @ p for _, p in self.blocks())


def mean_loss(Z, y) -> float:
    """Mean −log P(y) of logits Z (N, C), in nats."""
    return sum(float((Z[rows].logsumexp(1) - Z[rows].gather(1, y[rows, None])[:, 0]).sum(dtype=_double())) for rows in rows_of(*Z.shape)) / len(Z)


def polish(Z, c, data, *, rounds: int = 6):
    """Newton on the intercept alone, until every class's mean probability is its frequency; (Z, c, P).

    Cheap (no pass over X), and it leaves a problem in W only. The dual point needs those means: with rare
    classes even a small error in them costs more of the bound than W's own error.
    """
    import torch

    if not data.intercept:
        return Z, c, Probabilities(Z)
    frequency, loss = data.frequency, None
    present = frequency > 0
    accuracy = 1e-6 if Z.dtype == torch.float32 else 1e-11
    for _ in range(rounds):
        P = Probabilities(Z)
        mean = P.mean(torch.float64)
        g = mean - frequency
        if float((g[present].abs() / frequency[present]).max()) <= accuracy:
            return Z, c, P
        H = mean.diag() - P.square().double() / len(Z)
        H = H + 1.0 / len(mean)  # a constant added to every intercept changes nothing
        H.diagonal().add_(1e-14)
        d = torch.where(present, -torch.linalg.solve(H, g), torch.zeros_like(g)).clamp_(-4, 4)
        loss = mean_loss(Z, data.y) if loss is None else loss
        slack = (1e-7 if Z.dtype == torch.float32 else 1e-13) * max(1.0, abs(loss))
        for _ in range(20):
            Z_new = torch.add(Z, d.to(Z.dtype), out=empty(*Z.shape, Z.dtype, Z.device))
            new = mean_loss(Z_new, data.y)
            if new <= loss + slack:
                break
            d = d / 2
        else:
            return Z, c, P
        Z, c, loss = Z_new, c + d, new
    return Z, c, Probabilities(Z)


def duality_gap(primal: float, P: Probabilities, U, data, penalty) -> float:
    """primal − a dual value: a bound on the objective's distance from its minimum. P (N, C), U = (P − Y)ᵀ X / N.

    Dual of the problem: maximise mean entropy H(q_i) − g*((Q − Y)ᵀ X / N) over distributions q_i, with
    Σ_i (q_i − y_i) = 0 where the intercept is free. P is made feasible by mixing in a constant distribution;
    mixing in Y then scales the residual into the conjugate's domain, or leaves it.
    """
    import torch

    mix, filler = 0.0, None
    if data.intercept:
        mean = P.mean(torch.float64)
        ratio = data.frequency / mean.clamp(min=1e-300)
        mix = min(1.0, max(0.0, 1 - float(ratio[data.frequency > 0].min())))
        mix = max(mix, float(mean[data.frequency == 0].sum()))
        if mix > 0:
            filler = (data.frequency - (1 - mix) * mean).clamp_(min=0.0) / mix
            U = (1 - mix) * U - (mix * data.target).to(U.dtype)
    best = -math.inf
    for scale in sorted({1.0, penalty.feasible_scale(U)}):
        conjugate = penalty.conjugate(scale * U)
        if conjugate == math.inf:
            continue
        entropy = 0.0
        for rows, p in P.blocks():
            q = p if filler is None else (1 - mix) * p + (mix * filler).to(p.dtype)
            if scale < 1.0:
                q = (q * scale).scatter_add_(1, data.y[rows, None], q.new_full((len(q), 1), 1 - scale))
            entropy += float(torch.special.entr(q).sum(dtype=_double()))
        best = max(best, entropy / len(P.Z) - conjugate)
    return primal - best


def _double():
    import torch

    return torch.float64
