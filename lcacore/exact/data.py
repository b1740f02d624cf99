"""Passes over X, centred and scaled, held in float32 where that fits and read a block at a time where not."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np

from .dual import Probabilities, empty, rows_of

__all__ = ["SMALL", "Data", "Gram", "class_sums"]

SMALL = 2_000_000  # values of X up to which everything is float64
_BLOCK = 1024  # rows converted at a time: more leave the cache, and took three times as long
_RESIDENT = 1 << 30  # bytes of float32 activations that may be held in memory; beyond, every pass reads X anew
_GRAM_WIDTH = 4096  # widest X whose Gram matrix is formed
_SQUARE = 512  # width of a block of it
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
            for rows in rows_of(len(self.y), len(self.frequency)):
                yield rows, self.held[rows].to(dtype)
            return
        for rows in _rows(len(self.y)):
            block = _tensor(self.read(rows), dtype, self.s.device)
            if not self.intercept:
                block = torch.cat([block, block.new_ones(len(block), 1)], 1)
            yield rows, block.sub_(self.mu.to(dtype)).div_(self.s.to(dtype))

    def logits(self, V):
        """(N, C) at V's precision, without intercept."""
        Z = empty(len(self.y), len(V), V.dtype, V.device)
        for rows, block in self._blocks(V.dtype):
            Z[rows] = block @ V.T
        return Z

    def gradient(self, P: Probabilities):
        """(C, d): (P − Y)ᵀ X / N, in the scaled columns."""

        def residual(rows):
            p = P.of(rows)
            return p.scatter_add(1, self.y[rows, None], p.new_full((len(p), 1), -1.0))

        return self._product(residual, P.dtype)

    def product(self, R):
        """(C, d): Rᵀ X / N for R (N, C), in the scaled columns."""
        return self._product(lambda rows: R[rows], R.dtype)

    def _product(self, R, dtype):
        import torch

        n, n_classes, d = self.shape
        G = torch.zeros(n_classes, d, dtype=dtype, device=self.s.device)
        for rows, block in self._blocks(dtype):
            G += R(rows).T @ block
        return G / n

    def gram(self) -> Gram:
        """XᵀX / N, which the metric multiplies by: of a wide X a sketch, of few tokens the rows themselves."""
        import torch

        n, _, d = self.shape
        half = multiplies_bfloat16(self.s.device)
        if d > _GRAM_WIDTH or 2 * n < d:  # two products with (n, d) then cost less than one with (d, d), and are exact
            stride = -(-n // _SKETCH_ROWS)
            rows = torch.cat([block[::stride] for _, block in self._blocks(torch.float32)])
            share = 0.1 if stride > 1 else 0.0
            return Gram(rows.bfloat16() if half else rows, (1 - share) / len(rows), torch.full((d,), share, device=self.s.device))
        stride = max(1, n // (16 * d))  # so many rows tell the Gram matrix well enough for a metric
        G, taken = torch.zeros(d, d, device=self.s.device), 0
        for _, block in self._blocks(torch.float32):
            part = block[::stride].bfloat16() if half else block[::stride]
            taken += len(part)
            for first in range(0, d, _SQUARE):  # symmetric: nothing left of the diagonal's blocks is computed
                G[first : first + _SQUARE, first:] += part[:, first : first + _SQUARE].T @ part[:, first:]
        G = (G.triu() + G.triu(1).T).div_(taken)
        if not half:
            return Gram(G)
        # rounding (twice: the product, the mean) is like a noise of 2⁻⁹ to 2⁻⁸ of each entry, whose norm on the scale of the
        # correlations C = G_ij / √(G_ii G_jj) is about 2 ‖C‖ / √d as much: added to the diagonal, it leaves no eigenvalue negative
        scale = G.diagonal().clamp(min=torch.finfo(G.dtype).tiny)
        noise = 3 * 2.0**-9 * (G / scale.sqrt() / scale.sqrt()[:, None]).norm() / d**0.5
        return Gram(G.bfloat16(), diagonal=noise * scale)


@dataclass(frozen=True, eq=False)
class Gram:
    """G = XᵀX / N (d, d), or nearly: symmetric, nowhere negative, and otherwise free to differ, as the metric is only a model.

    Where the processor multiplies bfloat16 fast, G is rounded to it. A product is then either that of the rounded matrix
    at V's precision, or rough: V rounded as well, in half the time. Entries are then off by at most 2⁻⁸ |V| |G| and, as
    they are rounded too, by 2⁻⁸ of themselves.

    held      (d, d) the matrix itself; or, of a sketch, (n, d) evenly spaced rows of X
    weight    of a sketch: G = weight · rowsᵀ rows
    diagonal  (d,) added to G's: what rounding may have taken (of a sketch: a tenth, for directions that its rows miss)
    """

    held: object
    weight: float | None = None
    diagonal: object = None
    _copies: dict = field(default_factory=dict)

    def on(self, columns) -> Gram:
        """G of some columns (K,) alone."""
        held = self.held[:, columns] if self.weight is not None else self.held[columns][:, columns]
        return Gram(held, self.weight, None if self.diagonal is None else self.diagonal[columns])

    def __call__(self, V, rough: bool = False):
        """(C, d): V G for V (C, d), at V's precision."""
        import torch

        narrow = rough and V.dtype == torch.float32 and self.held.dtype == torch.bfloat16
        dtype = torch.bfloat16 if narrow else V.dtype
        if dtype not in self._copies:
            self._copies[dtype] = self.held.to(dtype)
        matrix, v = self._copies[dtype], V.to(dtype)
        if self.weight is None:
            out = torch.nn.functional.linear(v, matrix).to(V.dtype)  # it is symmetric, and this way faster
        else:
            out = ((v @ matrix.T) @ matrix).to(V.dtype).mul_(self.weight)
        return out if self.diagonal is None else out.addcmul_(V, self.diagonal.to(V.dtype))


def multiplies_bfloat16(device) -> bool:
    """Whether products in bfloat16 are faster than in float32: on a processor with instructions for them."""
    import torch

    return torch.device(device).type == "cpu" and bool(torch.cpu._is_avx512_bf16_supported())


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
