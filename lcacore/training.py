"""Training many linear probes at once.

G probes on the same tokens share one read of X per batch: their weights are stacked into one (G·C, D)
matrix, so a whole λ grid, or a probe per set of neurons, costs a few large matrix products per step.

Shape names: N tokens, D neurons, C classes, G probes, B tokens in a batch.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from .exact import minimise
from .types import ProbeConfig

__all__ = ["PAPERS", "Weights", "column_ids", "first_bad_value", "probes_per_load", "row_blocks", "to_float", "train_linear"]

PAPERS = ProbeConfig()  # the papers' protocol, without penalties
_ROWS_PER_BLOCK = {"cpu": 1024, "cuda": 8192}  # rows of one stacked weight matrix
_PARAMETERS_PER_LOAD = 48_000_000  # weights trained at the same time; Adam holds four arrays of this size (0.8 GB in float32)


@dataclass(frozen=True, eq=False)
class Weights:
    """One trained probe: logits = X @ coef.T + intercept.

    coef       (C, D); exactly zero on neurons that the probe was not given
    intercept  (C,)
    n_iter     epochs (Adam) or iterations (exact)
    gap        exact solver: bound on the objective's distance from its minimum, in nats per token; else nan
    """

    coef: np.ndarray
    intercept: np.ndarray
    n_iter: int
    gap: float = math.nan


def train_linear(
    X,
    y_index,
    n_classes: int,
    configs: Sequence[ProbeConfig],
    *,
    columns: Sequence | None = None,
    shift=None,
    scale=None,
    device: str = "auto",
    precision: str = "float32",
    tol: float = 1e-6,
    max_iter: int = 5000,
) -> list[Weights]:
    """Train one multinomial logistic probe per config, together.

    Each minimises (Dalvi 2019 eq. 1; Durrani 2020 §2.1; Durrani 2023 algorithm 1)

        mean over tokens of −log P_θ(y | x)  +  λ1 ‖W‖₁  +  λ2 ‖W‖²₂        W (C, D), b (C,)

    on W only unless `penalise_bias`, with the norm unsquared unless `squared_l2`. Weights start at zero, so
    a seed moves only the shuffling. A probe's result does not depend on its company beyond rounding.

    X          (N, D) float16, bfloat16, float32 or float64, may be memory-mapped; converted batch by batch
    y_index    (N,) class of each token, 0 … C−1
    configs    G configs; each may have its own solver ("adam" or "exact"), λ, seed …
    columns    per config: None for all neurons, or neuron ids, or a boolean mask (D,): retraining on those alone
    shift, scale  (D,) the probe sees (x − shift) / scale
    device     "auto" (a GPU where there is one), "cpu", "cuda", "cuda:1" …; the exact solver runs on the CPU
    precision  "float32", or "bfloat16" for the matrix products of Adam (Adam's own state stays float32)
    tol, max_iter  the exact solver's: largest gap accepted, and most iterations

    Raises ValueError: lengths differ, fewer than two classes, NaN or infinite activations, a bad setting.
    """
    X = np.asarray(X) if not isinstance(X, np.ndarray) else X
    y = np.asarray(y_index, dtype=np.int64)
    if X.ndim != 2:
        raise ValueError(f"activations have shape {X.shape}; give (tokens, neurons)")
    if len(y) != len(X):
        raise ValueError(f"{len(y)} labels for {len(X)} rows of activations; give one label per row")
    if not len(y) or n_classes < 2 or y.min() == y.max():
        raise ValueError("a probe needs at least two classes among its labels; these have one class only, or none")
    if y.min() < 0 or y.max() >= n_classes:
        raise ValueError(f"class indices run from {y.min()} to {y.max()}; wanted 0 to {n_classes - 1}")
    for config in configs:
        _check(config)
    if precision not in ("float32", "bfloat16"):
        raise ValueError(f"precision {precision!r}; give 'float32' or 'bfloat16'")
    given = [None] * len(configs) if columns is None else list(columns)
    if len(given) != len(configs):
        raise ValueError(f"{len(given)} sets of columns for {len(configs)} configs; give one per config")
    d = X.shape[1]
    families = [column_ids(c, d) for c in given]
    shift = None if shift is None else np.asarray(shift, np.float64)
    scale = None if scale is None else np.asarray(scale, np.float64)

    out: list[Weights | None] = [None] * len(configs)
    for i, config in enumerate(configs):
        if config.solver == "exact":
            out[i] = _exact(X, y, n_classes, config, families[i], shift, scale, tol, max_iter)
    for load in _loads(configs, families, n_classes, d):
        _adam(X, y, n_classes, configs, families, load, shift, scale, _device(device), precision, out)
    return out


def column_ids(selection, d: int) -> np.ndarray | None:
    """Sorted neuron ids of a selection: ids in any order, or a boolean mask (d,); None stays None (all of them)."""
    if selection is None:
        return None
    selection = np.asarray(selection)
    if selection.dtype == bool:
        if selection.shape != (d,):
            raise ValueError(f"a mask of shape {selection.shape} for {d} neurons; give one value per neuron")
        return np.flatnonzero(selection)
    ids = np.unique(selection.astype(np.int64))
    if len(ids) != selection.size:
        raise ValueError("a selection names a neuron more than once; give each id once")
    if len(ids) and not 0 <= ids[0] <= ids[-1] < d:
        raise ValueError(f"a selection names neurons {ids[0]} to {ids[-1]}; there are {d} (0 to {d - 1})")
    return ids if len(ids) < d else None


def probes_per_load(n_classes: int, d: int) -> int:
    """How many probes train at the same time within the memory that one load may take."""
    return max(1, _PARAMETERS_PER_LOAD // (n_classes * (d + 1)))


def row_blocks(n: int, size: int = 8192):
    """Slices that cover 0 … n in order: X is converted a block at a time, never whole."""
    return (slice(start, min(start + size, n)) for start in range(0, n, size))


def to_float(block: np.ndarray, dtype=np.float32) -> np.ndarray:
    """A block of activations at a computing precision."""
    return np.asarray(block).astype(dtype, copy=False)


def first_bad_value(X) -> tuple[int, int] | None:
    """(row, column) of the first NaN or infinite activation."""
    for rows in row_blocks(len(X)):
        bad = np.argwhere(~np.isfinite(to_float(X[rows])))
        if len(bad):
            return rows.start + int(bad[0, 0]), int(bad[0, 1])
    return None


def _check(c: ProbeConfig) -> None:
    if c.solver not in ("adam", "exact"):
        raise ValueError(f"solver {c.solver!r}; give 'adam' (the papers') or 'exact'")
    for name in ("l1", "l2"):
        value = getattr(c, name)
        if not (np.isfinite(value) and value >= 0):
            raise ValueError(f"{name} = {value}; a penalty is a finite number of at least 0")
    if c.epochs < 1 or c.batch_size < 1 or not c.lr > 0:
        raise ValueError(f"epochs {c.epochs}, batch_size {c.batch_size}, lr {c.lr}; all must be positive")


def _not_finite(X) -> ValueError:
    bad = first_bad_value(X)
    if bad:
        return ValueError(f"activations hold NaN or infinity (first at row {bad[0]}, column {bad[1]}); leave such rows out")
    return ValueError("training diverged: weights became infinite; give a smaller lr or standardise the activations")


# --- exact -----------------------------------------------------------------------------------------


def _exact(X, y, n_classes, config, ids, shift, scale, tol, max_iter) -> Weights:
    d = X.shape[1]
    take = slice(None) if ids is None else ids
    part = None if shift is None and scale is None else (_or(shift, 0.0, d)[take], _or(scale, 1.0, d)[take])

    def read(rows):
        block = to_float(X[rows], np.float64)[:, take]
        return block if part is None else (block - part[0]) / part[1]

    solution = minimise(
        read,
        y,
        n_classes,
        d if ids is None else len(ids),
        l1=config.l1,
        l2=config.l2,
        squared_l2=config.squared_l2,
        penalise_bias=config.penalise_bias,
        tol=tol,
        max_iter=max_iter,
    )
    if solution is None:
        raise _not_finite(X)
    W, b, n_iter, gap = solution
    coef = np.zeros((n_classes, d))
    coef[:, take] = W
    return Weights(coef, b, n_iter, gap)


def _or(value, default, d):
    return np.full(d, default) if value is None else value


# --- Adam ------------------------------------------------------------------------------------------


def _loads(configs, families, n_classes, d):
    """Lists of probe indices that train in one pass: same schedule, within the memory of a load."""
    schedules: dict[tuple, list[int]] = {}
    for i, c in enumerate(configs):
        if c.solver == "adam":
            schedules.setdefault((c.epochs, c.batch_size, c.seed), []).append(i)
    for members in schedules.values():
        load, size = [], 0
        for i in members:
            cost = n_classes * (1 + (d if families[i] is None else len(families[i])))
            if load and size + cost > _PARAMETERS_PER_LOAD:
                yield load
                load, size = [], 0
            load.append(i)
            size += cost
        yield load


def _device(device: str):
    import torch

    if device == "auto":
        device = "cuda" if torch.cuda.is_available() else "cpu"
    if device.startswith("cuda") and not torch.cuda.is_available():
        raise ValueError(f"device {device!r}, but PyTorch finds no GPU here; give device='cpu' or 'auto'")
    return torch.device(device)


def _adam(X, y, n_classes, configs, families, load, shift, scale, device, precision, out) -> None:
    import torch

    first = configs[load[0]]
    blocks = _blocks(configs, families, load, n_classes, X.shape[1], device, precision)
    batches = _Batches(X, y, shift, scale, device)
    rng = np.random.default_rng(first.seed)
    with torch.no_grad():
        for _ in range(first.epochs):
            order = rng.permutation(len(y))
            for start in range(0, len(y), first.batch_size):
                x, t = batches.take(np.sort(order[start : start + first.batch_size]))
                for block in blocks:
                    block.step(x, t)
            if not all(block.finite() for block in blocks):
                raise _not_finite(X)
    for block in blocks:
        block.store(out, first.epochs)


def _blocks(configs, families, load, n_classes, d, device, precision):
    """Probes with the same neurons, lr and kind of penalty share one stacked matrix, up to a size that suits the device."""
    per_block = max(1, _ROWS_PER_BLOCK[device.type] // n_classes)
    kinds: dict[tuple, list[int]] = {}
    for i in load:
        ids, c = families[i], configs[i]
        kinds.setdefault((None if ids is None else ids.tobytes(), c.lr, c.squared_l2, c.penalise_bias), []).append(i)
    return [
        _Block(members[k : k + per_block], configs, families[members[0]], n_classes, d, device, precision)
        for members in kinds.values()
        for k in range(0, len(members), per_block)
    ]


class _Batches:
    """Batches of X at float32 on the device; X itself stays where it is, or moves at its own precision if the GPU holds it."""

    def __init__(self, X, y, shift, scale, device):
        import torch

        self.device, self.X = device, X
        self.resident = None
        if device.type == "cuda":
            free, _ = torch.cuda.mem_get_info(device)
            if X.nbytes < free // 2:
                self.resident = _tensor(X).to(device)
        self.y = torch.from_numpy(y).to(device)
        self.shift = None if shift is None else torch.from_numpy(shift).float().to(device)
        self.scale = None if scale is None else torch.from_numpy(scale).float().to(device)

    def take(self, index: np.ndarray):
        import torch

        rows = torch.from_numpy(index).to(self.device)
        x = _tensor(self.X[index]).to(self.device) if self.resident is None else self.resident[rows]
        x = x.float()
        if self.shift is not None:
            x = x - self.shift
        if self.scale is not None:
            x = x / self.scale
        return x, self.y[rows]


def _tensor(array: np.ndarray):
    import torch

    if array.dtype.name == "bfloat16":  # NumPy's extension type: same bits, another name
        return torch.from_numpy(np.array(array).view(np.uint16)).view(torch.bfloat16)
    return torch.from_numpy(np.array(array))  # a fancy index copied already; a memory map is read-only to torch


class _Block:
    """Probes with the same neurons, stacked: weights (g·C, d), one matrix product each way per step."""

    def __init__(self, members, configs, ids, n_classes, d, device, precision):
        import torch

        self.members, self.ids, self.C, self.d = members, ids, n_classes, d
        self.g = len(members)
        width = d if ids is None else len(ids)
        rows = self.g * n_classes
        self.columns = None if ids is None else torch.from_numpy(ids).to(device)
        self.W, self.grad, self.scratch = (torch.zeros(rows, width, device=device) for _ in range(3))
        self.b, self.grad_b = (torch.zeros(rows, device=device) for _ in range(2))
        self.low = torch.bfloat16 if precision == "bfloat16" else None
        some = configs[members[0]]
        self.squared, self.on_bias = some.squared_l2, some.penalise_bias
        l1 = np.repeat([configs[i].l1 for i in members], n_classes)
        l2 = np.repeat([configs[i].l2 for i in members], n_classes)
        self.l1 = torch.from_numpy(l1).float().to(device) if l1.any() else None
        self.l2 = torch.from_numpy(l2).float().to(device) if l2.any() else None
        self.W.grad, self.b.grad = self.grad, self.grad_b
        self.optimiser = torch.optim.Adam([self.W, self.b], lr=some.lr, fused=True)

    def step(self, x, target) -> None:
        """One Adam step on a batch: gradient of the mean NLL is (softmax − one-hot)ᵀ x / B."""
        import torch

        if self.columns is not None:
            x = x.index_select(1, self.columns)
        n = len(x)
        W = self.W
        if self.low:
            x, W = x.to(self.low), W.to(self.low)
            logits = (x @ W.T).float().add_(self.b)
        else:
            logits = torch.addmm(self.b, x, W.T)
        p = torch.softmax(logits.view(n, self.g, self.C), dim=-1)
        p[torch.arange(n, device=p.device), :, target] -= 1
        p = p.view(n, -1).div_(n)
        torch.sum(p, dim=0, out=self.grad_b)
        if self.low:
            self.grad.copy_(p.to(self.low).T @ x)
        else:
            torch.mm(p.T, x, out=self.grad)
        self._penalise()
        self.optimiser.step()

    def _penalise(self) -> None:
        import torch

        if self.l1 is not None:
            self.grad.addcmul_(torch.sign(self.W, out=self.scratch), self.l1[:, None])
            if self.on_bias:
                self.grad_b.addcmul_(torch.sign(self.b), self.l1)
        if self.l2 is None:
            return
        factor = 2 * self.l2
        if not self.squared:
            square = self.W.view(self.g, -1).square().sum(1)
            if self.on_bias:
                square += self.b.view(self.g, -1).square().sum(1)
            norm = square.sqrt().repeat_interleave(self.C)
            factor = torch.where(norm > 0, self.l2 / norm, torch.zeros_like(norm))  # at W = 0 the subgradient 0
        self.grad.addcmul_(self.W, factor[:, None])
        if self.on_bias:
            self.grad_b.addcmul_(self.b, factor)

    def finite(self) -> bool:
        import torch

        return bool(torch.isfinite(self.b).all() and torch.isfinite(self.W).all())

    def store(self, out: list, epochs: int) -> None:
        W = self.W.view(self.g, self.C, -1).cpu().numpy()
        b = self.b.view(self.g, self.C).cpu().numpy()
        for k, i in enumerate(self.members):
            coef = W[k].copy() if self.ids is None else np.zeros((self.C, self.d), np.float32)
            if self.ids is not None:
                coef[:, self.ids] = W[k]
            out[i] = Weights(coef, b[k].copy(), epochs)
