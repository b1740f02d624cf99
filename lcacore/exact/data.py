"""Passes over X, centred and scaled, held in float32 where that fits and read a block at a time where not."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

__all__ = ["SMALL", "Data", "class_sums"]

SMALL = 2_000_000  # values of X up to which everything is float64
_BLOCK = 4096  # rows converted at a time
_RESIDENT = 2 << 30  # bytes of float32 activations that may be held in memory; beyond, every pass reads X anew
_GRAM_WIDTH = 4096  # widest X whose Gram matrix is formed
_SKETCH_ROWS = 2048  # of a wider X: rows that stand for all in the metric


@dataclass(frozen=True, eq=False)
class Data:
    """Activations as the solver sees them: columns (x − mu) / s, better conditioned and the same problem.

    read       read(rows) gives rows of X, (n, d), at its own precision; called anew on every pass unless held
    y          (N,) class indices, a tensor
    mu, s      (d,) float64; frequency (C,) float64, the share of each class
    target     (C, d) float64, Yᵀ (X − μ) / (N s)
    intercept  True: logits have a free intercept. False: a column of ones is appended instead (penalised as the rest)
    """

    read: Callable[[slice], np.ndarray]
    y: object
    mu: object
    s: object
    frequency: object
    target: object
    intercept: bool
    held: object  # (N, d) float32, of a small problem float64; None: read anew on every pass

    @classmethod
    def of(cls, read, y, n_classes: int, d: int, *, intercept: bool, scale: bool, device="cpu") -> Data | None:
        """Two reads of X; None when X holds NaN or infinity."""
        import torch

        n, wide = len(y), {"dtype": torch.float64, "device": device}
        labels = torch.from_numpy(y).to(device)

        def ones(block):
            return block if intercept else torch.cat([block, block.new_ones(len(block), 1)], 1)

        width = d if intercept else d + 1
        total = torch.zeros(width, **wide)
        for rows in _rows(n):
            total += ones(_tensor(read(rows), torch.float64, device)).sum(0)
        mean = total / n
        if not bool(torch.isfinite(mean).all()):
            return None
        square, sums = torch.zeros(width, **wide), torch.zeros(n_classes, width, **wide)
        fits = n * width * 4 <= _room(device)
        precision = torch.float64 if n * width <= SMALL else torch.float32
        held = torch.empty(n, width, dtype=precision, device=device) if fits else None
        mu = mean if intercept else torch.zeros_like(mean)
        for rows in _rows(n):
            block = ones(_tensor(read(rows), torch.float64, device))
            if held is not None:
                held[rows] = (block - mu).to(precision)
            block -= mean
            square += block.square().sum(0)
            sums.index_add_(0, labels[rows], block)
        s = (square / n).sqrt() if scale else torch.ones_like(mean)
        s[s <= 1e-12 * mean.abs().clamp(min=1.0)] = 1.0  # a constant neuron
        frequency = torch.bincount(labels, minlength=n_classes).double() / n
        sums += frequency[:, None] * n * (mean - mu)
        if held is not None:
            held /= s.to(precision)
        return cls(read, labels, mu, s, frequency, sums / n / s, intercept, held)

    @property
    def shape(self) -> tuple[int, int, int]:
        """(N, C, d)"""
        return len(self.y), len(self.frequency), len(self.s)

    def _blocks(self, dtype):
        import torch

        if self.held is not None and dtype in (torch.float32, self.held.dtype):
            yield slice(None), self.held.to(dtype)
            return
        for rows in _rows(len(self.y)):
            block = _tensor(self.read(rows), dtype, self.s.device)
            if not self.intercept:
                block = torch.cat([block, block.new_ones(len(block), 1)], 1)
            yield rows, block.sub_(self.mu.to(dtype)).div_(self.s.to(dtype))

    def logits(self, V):
        """(N, C) at V's precision, without intercept."""
        Z = V.new_empty(len(self.y), len(V))
        for rows, block in self._blocks(V.dtype):
            Z[rows] = block @ V.T
        return Z

    def gradient(self, P):
        """(C, d): (P − Y)ᵀ X / N, in the scaled columns. P is used up."""
        return self.product(P.scatter_add_(1, self.y[:, None], P.new_full((len(P), 1), -1.0)))

    def product(self, R):
        """(C, d): Rᵀ X / N for R (N, C), in the scaled columns."""
        G = R.new_zeros(R.shape[1], len(self.s))
        for rows, block in self._blocks(R.dtype):
            G += R[rows].T @ block
        return G / len(R)

    def gram(self):
        """XᵀX / N in float32, as a function of (C, d) matrices: what the metric multiplies by.

        Of a wide X a sketch: evenly spaced rows, and a tenth of the diagonal for the directions they miss.
        """
        import torch

        n, _, d = self.shape
        if d <= _GRAM_WIDTH:
            stride = max(1, n // (16 * d))  # so many rows tell the Gram matrix well enough for a metric
            G = torch.zeros(d, d, device=self.s.device)
            for _, block in self._blocks(torch.float32):
                part = block[::stride]
                G += part.T @ part
            G *= stride / n
            copies = {torch.float32: G}

            def product(V):
                if V.dtype not in copies:
                    copies[V.dtype] = G.to(V.dtype)
                return V @ copies[V.dtype]

            return product
        stride = -(-n // _SKETCH_ROWS)
        rows = torch.cat([block[::stride] for _, block in self._blocks(torch.float32)])
        share = 0.1 if stride > 1 else 0.0

        def sketch(V):
            x = rows.to(V.dtype)
            return ((V @ x.T) @ x).mul_((1 - share) / len(x)).add_(V, alpha=share)

        return sketch


def class_sums(block: np.ndarray, y: np.ndarray, n_classes: int) -> np.ndarray:
    """(C, D) sum of the rows of each class."""
    from scipy.sparse import csr_array

    one_hot = csr_array((np.ones(len(y)), (y, np.arange(len(y)))), shape=(n_classes, len(y)))
    return one_hot @ block


def _room(device) -> int:
    import torch

    if torch.device(device).type == "cuda":
        return torch.cuda.mem_get_info(device)[0] // 2
    return _RESIDENT


def _tensor(block: np.ndarray, dtype, device):
    """A copy of a block as a tensor at a computing precision."""
    import torch

    block = np.ascontiguousarray(block)
    if not block.flags.writeable:
        block = block.copy()
    if block.dtype.name == "bfloat16":  # NumPy's extension type: same bits, another name
        tensor = torch.from_numpy(block.view(np.uint16)).view(torch.bfloat16)
    else:
        tensor = torch.from_numpy(block)
    return tensor.to(device=device, dtype=dtype, copy=True)


def _rows(n):
    return (slice(start, min(start + _BLOCK, n)) for start in range(0, n, _BLOCK))
