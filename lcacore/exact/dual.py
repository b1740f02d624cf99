"""The intercept's own optimum, and a lower bound on the objective: the two halves of the certificate."""

from __future__ import annotations

import math

__all__ = ["duality_gap", "mean_loss", "polish"]


def mean_loss(Z, y) -> float:
    """Mean −log P(y) of logits Z (N, C), in nats."""
    return float((Z.logsumexp(1) - Z.gather(1, y[:, None])[:, 0]).mean(dtype=_double()))


def polish(Z, c, data, *, rounds: int = 6):
    """Newton on the intercept alone, until every class's mean probability is its frequency; (Z, c, P).

    Cheap (no pass over X), and it leaves a problem in W only. The dual point needs those means: with rare
    classes even a small error in them costs more of the bound than W's own error.
    """
    import torch

    if not data.intercept:
        return Z, c, torch.softmax(Z, 1)
    frequency, loss = data.frequency, None
    present = frequency > 0
    accuracy = 1e-6 if Z.dtype == torch.float32 else 1e-11
    for _ in range(rounds):
        P = torch.softmax(Z, 1)
        mean = P.mean(0, dtype=torch.float64)
        g = mean - frequency
        if float((g[present].abs() / frequency[present]).max()) <= accuracy:
            return Z, c, P
        H = mean.diag() - (P.T @ P).double() / len(Z)
        H = H + 1.0 / len(mean)  # a constant added to every intercept changes nothing
        H.diagonal().add_(1e-14)
        d = torch.where(present, -torch.linalg.solve(H, g), torch.zeros_like(g)).clamp_(-4, 4)
        loss = mean_loss(Z, data.y) if loss is None else loss
        slack = (1e-7 if Z.dtype == torch.float32 else 1e-13) * max(1.0, abs(loss))
        for _ in range(20):
            Z_new = Z + d.to(Z.dtype)
            new = mean_loss(Z_new, data.y)
            if new <= loss + slack:
                break
            d = d / 2
        else:
            return Z, c, P
        Z, c, loss = Z_new, c + d, new
    return Z, c, torch.softmax(Z, 1)


def duality_gap(primal: float, P, U, data, penalty) -> float:
    """primal − a dual value: a bound on the objective's distance from its minimum. P (N, C), U = (P − Y)ᵀ X / N.

    Dual of the problem: maximise mean entropy H(q_i) − g*((Q − Y)ᵀ X / N) over distributions q_i, with
    Σ_i (q_i − y_i) = 0 where the intercept is free. P is made feasible by mixing in a constant distribution;
    mixing in Y then scales the residual into the conjugate's domain, or leaves it.
    """
    import torch

    Q = P
    if data.intercept:
        mean = P.mean(0, dtype=torch.float64)
        ratio = data.frequency / mean.clamp(min=1e-300)
        mix = min(1.0, max(0.0, 1 - float(ratio[data.frequency > 0].min())))
        mix = max(mix, float(mean[data.frequency == 0].sum()))
        if mix > 0:
            filler = (data.frequency - (1 - mix) * mean).clamp_(min=0.0) / mix
            Q = (1 - mix) * P + (mix * filler).to(P.dtype)
            U = (1 - mix) * U - (mix * data.target).to(U.dtype)
    best = -math.inf
    for scale in sorted({1.0, penalty.feasible_scale(U)}):
        conjugate = penalty.conjugate(scale * U)
        if conjugate == math.inf:
            continue
        mixed = Q if scale == 1.0 else Q * scale
        if scale < 1.0:
            mixed.scatter_add_(1, data.y[:, None], mixed.new_full((len(mixed), 1), 1 - scale))
        entropy = float(torch.special.entr(mixed).sum(dtype=_double())) / len(mixed)
        best = max(best, entropy - conjugate)
    return primal - best


def _double():
    import torch

    return torch.float64
