"""A race among the candidates of one greedy step: most drop out after the few tokens that decide.

A token's log p(z | h) is never above 0, so a candidate's sum over some tokens bounds its sum over all from above. The
tokens are taken hardest first; a candidate whose sum so far is already below another's whole sum has lost, and is not
looked at on the others. What is left is summed to the end, and candidates too close for float32 again in float64: the
winner is that of the whole computation, as far as float32 is off by no more than `_ROUNDING`.

Shape names: M tokens, D neurons, C labels, s neurons picked so far.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

__all__ = ["Race"]

_FIRST = 512  # tokens before the first candidates drop out; then twice as many, and so on
_FEW = 24  # candidates that are cheaper summed to the end than raced
_ROUNDING = 1e-3  # what sums in float32 may be off by, of themselves: an estimate with room to spare, not a proven bound
_TILE = 1 << 18  # numbers in a chunk (labels × tokens × neurons): a megabyte, so that all steps on it stay in cache


@dataclass(frozen=True, eq=False)
class Race:
    """The tokens of a selection split: read by the race of every step.

    x       (M, D) activations less `centre`, a tensor at the precision of the sums
    source  source(tokens, neurons) gives such activations in float64, for candidates that are close
    mean    (C, D) float64, the labels' means less the same centre
    true    (M,) label of each token
    """

    x: object
    source: object
    mean: object
    true: object

    def winner(self, free, g, b, a, whitened, factor, hard) -> tuple[int, float]:
        """(neuron, its sum over the tokens of log p(z | h_S ∪ {j}) in nats), ties to the lower index.

        free (D,) candidates; g, b (C, D), a (C, M) float64: a label's log-density is a − g r² − b, r the residual
        whitened (s, C, M) of a token's picks, factor (C, s, D) Cholesky rows: r = x − mean − whitenedᵀ factor
        hard (M,) the tokens, hardest first
        """
        double = g, b, a, whitened, factor
        terms = tuple(t.to(self.x.dtype) for t in double)
        total, alive = np.zeros(len(free)), free.copy()
        bar, done, width, leader = -np.inf, 0, _FIRST, -1
        while done < len(hard) and alive.sum() > _FEW:
            total[alive] += self._sums(hard[done : done + width], np.flatnonzero(alive), terms)
            done, width = done + width, 2 * width
            ahead = int(np.argmax(np.where(alive, total, -np.inf)))
            if ahead != leader:
                leader, bar = ahead, max(bar, self._whole(np.array([ahead]), terms)[0])
            alive &= total >= (1 + _ROUNDING) * bar
        left = np.flatnonzero(alive)
        if done < len(hard):
            total[left] = self._whole(left, terms)
        best = total[left].max()
        close = left[total[left] >= (1 + _ROUNDING) * best]
        sums = self._whole(close, double)
        at = int(np.argmax(sums))
        return int(close[at]), float(sums[at])

    def _sums(self, tokens, neurons: np.ndarray, terms) -> np.ndarray:
        """(neurons,) float64: sums over some tokens for many neurons."""
        import torch

        g, b, a, whitened, factor = terms
        mean = self.mean.to(g.dtype)
        # most of the columns: all of them, which need not be copied
        columns = slice(None) if len(neurons) > 0.8 * g.shape[1] else torch.from_numpy(neurons)
        g, b, factor, mean = g[:, None, columns], b[:, None, columns], factor[:, :, columns].contiguous(), mean[:, None, columns]
        out = torch.zeros(g.shape[2], dtype=torch.float64)
        step = max(1, _TILE // g.numel())
        for start in range(0, len(tokens), step):
            own = torch.from_numpy(tokens[start : start + step])
            r = self.x[own][:, columns] - mean
            if len(whitened):
                r = torch.baddbmm(r, whitened[:, :, own].permute(1, 2, 0), factor, alpha=-1)
            density = torch.addcmul(a[:, own, None], r.square_(), g, value=-1).sub_(b)
            out += _log_posterior(density, self.true[own].view(1, -1, 1)).sum(dim=0)
        return out.numpy()[neurons] if isinstance(columns, slice) else out.numpy()

    def _whole(self, neurons: np.ndarray, terms) -> np.ndarray:
        """(neurons,) float64: sums over all tokens for a few neurons."""
        import torch

        g, b, a, whitened, factor = terms
        at = torch.from_numpy(neurons)
        g, b, factor, mean = g[:, at, None], b[:, at, None], factor[:, :, at].transpose(1, 2), self.mean.to(g.dtype)[:, at, None]
        out, m = torch.zeros(len(neurons), dtype=torch.float64), a.shape[1]
        step = max(1, 4 * _TILE // g.numel())
        for start in range(0, m, step):
            own = slice(start, min(start + step, m))
            x = self.x[own, at] if g.dtype == self.x.dtype else self.source(own, neurons)
            r = x.T[None] - mean
            if len(whitened):
                r = torch.baddbmm(r, factor, whitened[:, :, own].permute(1, 0, 2), alpha=-1)
            density = torch.addcmul(a[:, None, own], r.square_(), g, value=-1).sub_(b)
            out += _log_posterior(density, self.true[own].view(1, 1, -1)).sum(dim=1)
        return out.numpy()


def _log_posterior(density, true):
    """log p(z | h) of the true labels, from log-densities (C, …) up to what all labels share; they are used up."""
    import torch

    true = true.expand(1, *density.shape[1:])
    density.sub_(density.gather(0, true)).scatter_(0, true, -torch.inf)
    ahead = density.amax(dim=0).clamp_(min=0)  # by how much another label is
    # nothing below e⁻⁸⁰ adds to a float32, and numbers next to 0 would cost tenfold
    others = density.sub_(ahead).clamp_(min=-80 if density.dtype == torch.float32 else -700).exp_().sum(dim=0)
    return others.add_(torch.expm1(-ahead)).log1p_().add_(ahead).neg_()  # where the true one is: −log1p(others), to the last digit
