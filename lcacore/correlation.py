"""Correlation of neurons across models: which neurons does another model, trained apart, find again? (Bau 2019; Dalvi 2019)

    score(i) = max over other models m and their neurons j of |ρ(x_i, x_mj)|

ρ is Pearson's correlation over the tokens of one evaluation set. Dalvi 2019 prints ρ without saying what becomes of
its sign; here a neuron that another model has with the sign turned counts as found again, so |ρ|.

Shape names: N tokens, D neurons, E neurons of another model.
"""

from __future__ import annotations

import functools
import itertools
import warnings
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from .types import read_only

__all__ = ["BestMatch", "best_match", "best_matches", "correlation"]

_TILE = 8 << 20  # bytes of a block of centred activations: small enough to stay in cache until multiplied
_SCREENED_FROM = 1 << 30  # multiply-adds from which a screen in bfloat16 is worth its passes
_CANDIDATES = 0.02  # share of the pairs that a screen may leave; more are sooner multiplied in float32
_HALF_UNIT = 2.0**-8  # largest relative error of rounding to bfloat16


@dataclass(frozen=True, eq=False)
class BestMatch:
    """For each of D neurons its best partner among the neurons of other models.

    score     (D,) |ρ| with the partner, in [0, 1]; 0 for a constant neuron
    rho       (D,) ρ with its sign
    model     (D,) index of the partner's model
    neuron    (D,) the partner's index in that model
    per_model (models, D) best |ρ| within each model
    constant  how many of the D neurons do not vary
    """

    score: np.ndarray
    rho: np.ndarray
    model: np.ndarray
    neuron: np.ndarray
    per_model: np.ndarray
    constant: int


def best_match(X, others: Sequence, *, memory: int = 512 << 20, device: str = "auto") -> BestMatch:
    """Each neuron's best |ρ| over all neurons of all other models, without ever holding a D × E matrix.

    X (N, D); others: arrays (N, E_m), the same tokens in the same order. Any float type, may be memory-mapped.
    memory: bytes for blocks of activations and correlations; time is that of Σ_m N·D·E_m multiply-adds. A processor that
    multiplies in bfloat16 looks through all pairs in that precision and computes in float32 only those that can be a best.

    Warns of neurons that do not vary (they score 0). Raises ValueError: no other model, other tokens, NaN or
    infinite activations.
    """
    if not len(others):
        raise ValueError("no other model to correlate with; give at least one array of its activations")
    room = memory // 2 // (1 + len(others))
    own = _Side(X, room)
    return _collected(X, [_both_ways(own, _Side(other, room), memory, device)[0] for other in others])


def best_matches(models: Sequence, *, memory: int = 512 << 20, device: str = "auto") -> tuple[BestMatch, ...]:
    """`best_match` of every model against all others, each pair of models correlated once.

    models: arrays (N, D_m). `BestMatch.model` counts the other models only, in their order (as `best_match`).
    Warns and raises as `best_match`.
    """
    if len(models) < 2:
        raise ValueError(f"{len(models)} model; give the activations of at least two on the same tokens")
    found: dict = {}
    sides = [_Side(X, 2 * memory // 3 // len(models)) for X in models]
    for m in range(len(models)):
        for other in range(m + 1, len(models)):
            found[m, other], found[other, m] = _both_ways(sides[m], sides[other], memory, device)
    return tuple(_collected(X, [found[m, other] for other in range(len(models)) if other != m]) for m, X in enumerate(models))


def _both_ways(one: _Side, two: _Side, memory: int, device: str):
    """The best partner of every neuron of one in two, and of two in one: ((ρ, partner), (ρ, partner))."""
    X, Y = one.X, two.X
    sides = tuple((np.zeros(Z.shape[1], dtype=np.float32), np.zeros(Z.shape[1], dtype=np.int64)) for Z in (X, Y))
    if _worth_screening(X, Y, device) and _screened(one, two, memory, sides):
        return sides
    for rows, columns, tile in _tiles(one, two, memory, device):
        for (rho, partner), own, there, part in ((sides[0], rows, columns, tile), (sides[1], columns, rows, tile.T)):
            at = np.argmax(np.abs(part), axis=1)
            value = part[np.arange(len(part)), at]
            better = np.abs(value) > np.abs(rho[own])  # equal: the lower index, which came first, stays
            rho[own] = np.where(better, value, rho[own])
            partner[own] = np.where(better, at + there.start, partner[own])
    return sides


# --- a screen in bfloat16 --------------------------------------------------------------------------


class _Side:
    """One model's activations and means; for the screen centred, a neuron's tokens in a row, and these rounded to bfloat16.

    room: bytes that prepared blocks may take to serve the next pair of models; what needs more is prepared anew.
    """

    def __init__(self, X, room: int):
        self.X, self.kept = X, {} if 6 * X.size <= room else None

    @functools.cached_property
    def mean(self) -> np.ndarray:
        return _mean(self.X)

    def block(self, neurons: slice, tokens: slice):
        """(float32 (D, n), bfloat16 (D, n), sums of squares (D,) of the first, and of the difference)"""
        import torch

        key = neurons.start, neurons.stop, tokens.start, tokens.stop
        if self.kept is not None and key in self.kept:
            return self.kept[key]
        part = np.ascontiguousarray(self.X[tokens, neurons])
        x = torch.from_numpy(part if part.flags.writeable else part.copy())
        exact = torch.empty(x.shape[1], x.shape[0]).copy_(x.T)
        exact.sub_(torch.from_numpy(self.mean[neurons]).float()[:, None])
        rough = exact.bfloat16()
        found = exact.numpy(), rough, *(np.einsum("dn,dn->d", e, e).astype(np.float64) for e in (exact.numpy(), (exact - rough).numpy()))
        if self.kept is not None:
            self.kept[key] = found
        return found


def _worth_screening(X, Y, device: str) -> bool:
    import torch

    if X.ndim != 2 or X.shape[:1] != Y.shape[:1] or X.size * Y.shape[-1] < _SCREENED_FROM or device not in ("auto", "cpu") or (device == "auto" and torch.cuda.is_available()):
        return False
    return bool(torch.cpu._is_avx512_bf16_supported())


def _screened(one: _Side, two: _Side, memory: int, sides) -> bool:
    """Put every neuron's best partner into `sides`; False where so many come near the best that nothing is gained.

    A product of columns in bfloat16 is off by at most ‖δx‖‖y‖ + ‖x‖‖δy‖ + ‖δx‖‖δy‖ (Cauchy and Schwarz), δ what rounding took from
    the columns, and by the rounding of sums. A pair whose |ρ| could at most be below what another pair of its neuron
    has at least is no best; the pairs that are left are computed in float32. So the answer is that of float32.
    """
    n, side = len(one.X), max(64, int((memory / 128) ** 0.5))
    found = []
    for first in range(0, one.X.shape[1], side):
        rows = slice(first, min(first + side, one.X.shape[1]))
        for second in range(0, two.X.shape[1], side):
            columns = slice(second, min(second + side, two.X.shape[1]))
            shape = rows.stop - rows.start, columns.stop - columns.start
            count = -(-n // max(1, memory // 4 // (6 * sum(shape))))
            step = -(-n // count)
            tokens = [slice(start, min(start + step, n)) for start in range(0, n, step)]
            scale, i, j = _candidates(one, two, rows, columns, tokens, shape)
            if len(i) > max(4 * sum(shape), _CANDIDATES * shape[0] * shape[1]):
                return False
            dots, edges = np.zeros(len(i)), np.flatnonzero(np.diff(i, prepend=-1, append=-1))
            for part in tokens:
                x, y = one.block(rows, part)[0], two.block(columns, part)[0]
                for start, stop in itertools.pairwise(edges):
                    dots[start:stop] += y[j[start:stop]] @ x[i[start]]
            found.append((i + rows.start, j + columns.start, np.clip(dots * scale[0][i] * scale[1][j], -1, 1)))
    i, j, value = (np.concatenate(parts) for parts in zip(*found, strict=True))
    for (rho, partner), own, there in ((sides[0], i, j), (sides[1], j, i)):
        order = np.lexsort((there, -np.abs(value).astype(np.float32), own))  # equal: the lower index
        order = order[np.diff(own[order], prepend=-1) > 0]
        rho[own[order]], partner[own[order]] = value[order], there[order]
    return True


def _candidates(one: _Side, two: _Side, rows: slice, columns: slice, tokens, shape):
    """((1/‖x‖, 1/‖y‖), rows, columns) of the pairs of a tile that can be the best of their neuron."""
    import torch

    total, spread = torch.zeros(shape), torch.zeros(shape)
    squares, lost = [np.zeros(k) for k in shape], [np.zeros(k) for k in shape]
    for part in tokens:
        blocks = one.block(rows, part), two.block(columns, part)
        product = (blocks[0][1] @ blocks[1][1].T).float()
        total += product
        spread += product.abs_()
        for k in (0, 1):
            squares[k] += blocks[k][2]
            lost[k] += blocks[k][3]
    if not all(np.isfinite(s).all() for s in squares):
        raise ValueError("activations hold NaN or infinity; leave such rows out")
    scale = [np.where(s > 0, 1 / np.sqrt(np.where(s > 0, s, 1.0)), 0.0) for s in squares]
    left, top = (torch.from_numpy(s).float() for s in scale)
    size = total.abs_().mul_(left[:, None]).mul_(top)
    off_x, off_y = (torch.from_numpy(np.sqrt(e) * s).float() for e, s in zip(lost, scale, strict=True))
    error = spread.mul_(left[:, None]).mul_(top).mul_(1.02 * _HALF_UNIT)
    error.add_(off_x[:, None]).add_(off_y + 1e-6 + 1.1 * 2.0**-24 * (tokens[0].stop + len(tokens))).addcmul_(off_x[:, None], off_y)
    least, most = size - error, size.add_(error)
    possible = (most >= least.amax(1, keepdim=True)) | (most >= least.amax(0))
    possible &= (left > 0)[:, None] & (top > 0)  # a neuron that does not vary has no partner
    i, j = np.nonzero(possible.numpy())
    return scale, i, j


def _collected(X, sides) -> BestMatch:
    rho, partner = np.stack([side[0] for side in sides]).astype(np.float64), np.stack([side[1] for side in sides])
    step = max(1, (32 << 20) // (8 * X.shape[1]))
    still = np.ones(X.shape[1], dtype=bool)
    for i in range(0, len(X), step):
        still &= (X[i : i + step] == X[0]).all(axis=0)
    if count := int(still.sum()):
        warnings.warn(f"{count} of {len(still)} neurons do not vary on these tokens; they correlate with nothing and score 0", stacklevel=3)
    model, at = np.argmax(np.abs(rho), axis=0), np.arange(len(still))
    best = rho[model, at]
    return BestMatch(*map(read_only, (np.abs(best), best, model, partner[model, at], np.abs(rho))), count)


def correlation(X, Y=None, *, memory: int = 512 << 20, device: str = "auto") -> np.ndarray:
    """(D, E) float32 Pearson correlations of the columns of X (N, D) and Y (N, E); Y None: of X with itself.

    A column that does not vary correlates 0 with all. Activations are centred on means taken in float64 before
    they are rounded to float32, so that a mean far from zero costs no accuracy; sums run over blocks of tokens.

    Raises ValueError: other tokens, NaN or infinite activations.
    """
    same = Y is None or Y is X
    Y = X if same else Y
    out = np.zeros((X.shape[1], Y.shape[1]), dtype=np.float32)
    one = _Side(X, 0)
    for rows, columns, tile in _tiles(one, one if same else _Side(Y, 0), memory, device):
        out[rows, columns] = tile
    return out


def _tiles(one: _Side, two: _Side, memory: int, device: str) -> Iterator[tuple[slice, slice, np.ndarray]]:
    """(columns of one, columns of two, their correlations), tile by tile."""
    import torch

    X, Y, same = one.X, two.X, one is two
    if X.ndim != 2 or Y.ndim != 2 or len(X) != len(Y):
        raise ValueError(f"activations {X.shape} and {Y.shape}; give (tokens, neurons) of the same tokens for both models")
    if len(X) < 2:
        raise ValueError(f"{len(X)} token; a correlation needs at least two")
    device = ("cuda" if torch.cuda.is_available() else "cpu") if device == "auto" else device
    centre_x, centre_y = one.mean, two.mean
    # square tiles of correlations from a quarter of the memory, blocks of tokens from the rest
    side = max(64, int((memory / 16) ** 0.5))
    for first in range(0, X.shape[1], side):
        rows = slice(first, min(first + side, X.shape[1]))
        for second in range(0, Y.shape[1], side):
            columns = slice(second, min(second + side, Y.shape[1]))
            total = torch.zeros(rows.stop - rows.start, columns.stop - columns.start, device=device)
            square_x, square_y = (np.zeros(n) for n in total.shape)
            step = max(1, min(_TILE, memory // 2) // (4 * sum(total.shape)))
            buffers = [torch.empty(min(step, len(X)), n, device=device) for n in total.shape]
            for start in range(0, len(X), step):
                a = _centred(X[start : start + step, rows], centre_x[rows], buffers[0])
                b = a if same and rows == columns else _centred(Y[start : start + step, columns], centre_y[columns], buffers[1])
                total.addmm_(a.T, b)
                square_x += _squares(a)
                square_y += _squares(b)
            total.mul_(_inverse_root(square_x, device)[:, None]).mul_(_inverse_root(square_y, device))
            if not (np.isfinite(square_x).all() and np.isfinite(square_y).all()):
                raise ValueError("activations hold NaN or infinity; leave such rows out")
            yield rows, columns, total.clamp_(-1, 1).cpu().numpy()


def _mean(X) -> np.ndarray:
    """(D,) means, summed in float64 over blocks of tokens."""
    step = max(1, (32 << 20) // (8 * X.shape[1]))
    return sum(np.sum(X[i : i + step], axis=0, dtype=np.float64) for i in range(0, len(X), step)) / len(X)


def _centred(block, mean, buffer):
    """A block of tokens without its mean, as float32, in `buffer` (new memory for each block would cost more than the sum).

    The mean is rounded to float32 too: the offset that this leaves is as small as the rounding of the activations
    themselves, and enters a correlation squared.
    """
    import torch

    block = np.ascontiguousarray(block)
    # torch knows no read-only memory; what is read-only here (a mapped file) is copied, block by block
    x = torch.from_numpy(block if block.flags.writeable else block.copy())
    out = buffer[: len(x)]
    mean = torch.from_numpy(mean).to(buffer.device).float()
    if x.dtype == torch.float32 and not buffer.is_cuda:
        return torch.sub(x, mean, out=out)
    return out.copy_(x).sub_(mean)


def _squares(block) -> np.ndarray:
    """Sums of squares of a block's columns (on a CPU by numpy, whose loop is the fastest here)."""
    if block.is_cuda:
        return (block * block).sum(dim=0).double().cpu().numpy()
    return np.einsum("nd,nd->d", block.numpy(), block.numpy())


def _inverse_root(square: np.ndarray, device):
    """1/√ of the columns' sums of squares; 0 for one that does not vary."""
    import torch

    return torch.from_numpy(np.where(square > 0, 1 / np.sqrt(np.where(square > 0, square, 1.0)), 0.0)).to(device).float()
