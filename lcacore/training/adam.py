"""Adam on stacked probes: one matrix product each way per step and block (Kingma & Ba 2014; the papers' protocol).

Shape names: N tokens, C classes, g probes in a block, B tokens in a batch.
"""

from __future__ import annotations

import numpy as np

from .common import Weights, not_finite, row_blocks

__all__ = ["loads", "probes_per_load", "resolve_device", "train_together"]

_ROWS_PER_BLOCK = {"cpu": 1024, "cuda": 8192}  # rows of one stacked weight matrix
_COLUMNS_HELD = 1 << 30  # bytes: columns of X in use, or in another order (`copied`), are copied once if they take no more
_PARAMETERS_PER_LOAD = 48_000_000  # weights trained at the same time; Adam holds four arrays of this size (0.8 GB in float32)


def probes_per_load(n_classes: int, d: int) -> int:
    """How many probes train at the same time within the memory that one load may take."""
    return max(1, _PARAMETERS_PER_LOAD // (n_classes * (d + 1)))


def loads(configs, families, n_classes, d):
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


def resolve_device(device: str):
    """The torch device of a name; "auto" is a GPU where there is one."""
    import torch

    if device == "auto":
        device = "cuda" if torch.cuda.is_available() else "cpu"
    if device.startswith("cuda") and not torch.cuda.is_available():
        raise ValueError(f"device {device!r}, but PyTorch finds no GPU here; give device='cpu' or 'auto'")
    return torch.device(device)


def train_together(X, y, n_classes, configs, families, load, shift, scale, device, precision, out) -> None:
    """Train the probes of one load (indices into `configs`) and put their Weights into `out`."""
    import torch

    first = configs[load[0]]
    layout, places = _layout([families[i] for i in load], X.shape[1])
    blocks = _blocks(configs, dict(zip(load, places, strict=True)), load, n_classes, device, precision)
    by_lr: dict[float, list] = {}
    for block in blocks:
        by_lr.setdefault(block.lr, []).extend([block.W, block.b])
    optimiser = torch.optim.Adam([{"params": p, "lr": lr} for lr, p in by_lr.items()], fused=True)
    batches = _Batches(X, y, n_classes, layout, shift, scale, device, precision)
    rng = np.random.default_rng(first.seed)
    with torch.no_grad():
        for _ in range(first.epochs):
            order = rng.permutation(len(y))
            for start in range(0, len(y), first.batch_size):
                x, target = batches.take(np.sort(order[start : start + first.batch_size]))
                for block in blocks:
                    block.gradient(x, target)
                optimiser.step()
            if not all(block.finite() for block in blocks):
                raise not_finite(X)
    for block in blocks:
        block.store(out, first.epochs, layout, X.shape[1])


def _layout(families, d: int) -> tuple[np.ndarray, list]:
    """An order of the columns in use in which nested families are prefixes, and each family's place in it.

    A place is a width (the family is the first columns) or an array of positions. The tops of one ranking
    nest, so a probe for each costs a slice of the batch, not a copy.
    """
    count = np.zeros(d, dtype=np.int64)
    for ids in families:
        count[slice(None) if ids is None else ids] += 1
    used = np.flatnonzero(count)
    layout = used[np.argsort(-count[used], kind="stable")]
    position = np.empty(d, dtype=np.int64)
    position[layout] = np.arange(len(layout))
    places: list = []
    for ids in families:
        at = np.arange(len(layout)) if ids is None else position[ids]
        places.append(len(at) if not len(at) or at.max() < len(at) else at)
    return layout, places


def _blocks(configs, places, load, n_classes, device, precision) -> list[_Block]:
    """Probes that can share one stacked matrix: the same neurons, or prefixes of about the same width, up to a size."""
    per_block = max(1, _ROWS_PER_BLOCK[device.type] // n_classes)
    kinds: dict[tuple, list[int]] = {}
    for i in load:
        c, place = configs[i], places[i]
        which = None if isinstance(place, int) else place.tobytes()
        kinds.setdefault((which, c.lr, c.squared_l2, c.penalise_bias), []).append(i)
    groups: list[list[int]] = []
    for (which, *_), members in kinds.items():
        if which is None:
            members = sorted(members, key=lambda i: -places[i])
        for i in members:
            last = groups[-1] if groups and i != members[0] else []
            # a narrower prefix wastes part of the widest one's product: worth it while that part is small
            if last and len(last) < per_block and (which or places[i] >= 0.75 * places[last[0]] or places[last[0]] <= 64):
                last.append(i)
            else:
                groups.append([i])
    return [_Block(g, [configs[i] for i in g], [places[i] for i in g], n_classes, device, precision) for g in groups]


class _Batches:
    """Batches of X on the device, at the precision of the products; X itself stays where it is, or moves at its own precision if the GPU holds it.

    Rows are gathered in the papers' full shuffle, sorted within a batch (a sum's order only) so that a memory map is read
    forwards. What a GPU cannot hold goes there batch by batch at its own precision, through pinned memory on a stream of
    its own: gathering and copying one batch run beside the computation of the one before.
    """

    def __init__(self, X, y, n_classes, layout, shift, scale, device, precision):
        import torch

        self.device, self.X, self.resident, self.dtype = device, X, None, getattr(torch, precision)
        self.layout = None if np.array_equal(layout, np.arange(X.shape[1])) else layout
        if device.type == "cuda":
            free, _ = torch.cuda.mem_get_info(device)
            if X.nbytes < free // 2:
                self.resident = _tensor(X).to(device)
        if self.resident is None:
            own = _tensor(X[:1]).dtype
            # rounded once, unless something is to be subtracted or divided first
            rounded = device.type == "cpu" and shift is None and scale is None and self.dtype.itemsize < own.itemsize
            kept = self.dtype if rounded else own
            # a copy of most of an array in memory is welcome, one of most of a mapped file is not
            copied = self.layout is not None and (2 * len(layout) < X.shape[1] or not isinstance(X, np.memmap))
            if (copied or rounded) and len(X) * len(layout) * kept.itemsize <= _COLUMNS_HELD:
                self.X = torch.empty(len(X), len(layout), dtype=kept)
                for part in row_blocks(len(X), 512):
                    self.X[part] = _tensor(X[part] if self.layout is None else np.take(X[part], layout, axis=1))
                self.layout = None
        self.copying = torch.cuda.Stream(device) if device.type == "cuda" and self.resident is None else None
        self.columns = None if self.resident is None or self.layout is None else torch.from_numpy(layout).to(device)
        self.y = torch.from_numpy(y).to(device)
        self.n_classes = n_classes
        self.shift = None if shift is None else torch.from_numpy(shift[layout]).float().to(device)
        self.scale = None if scale is None else torch.from_numpy(scale[layout]).float().to(device)

    def take(self, index: np.ndarray):
        """(x (B, columns in use), one-hot labels / B (B, 1, C) in float32)"""
        import torch

        rows = torch.from_numpy(index).to(self.device)
        if self.resident is not None:
            x = self.resident[rows]
            x = x if self.columns is None else x[:, self.columns]
        elif isinstance(self.X, torch.Tensor):
            x = self._move(self.X.index_select(0, torch.from_numpy(index)))
        else:
            x = self.X[index]
            x = self._move(_tensor(x if self.layout is None else np.take(x, self.layout, axis=1)))
        if self.shift is not None:
            x = x.float() - self.shift
        if self.scale is not None:
            x = x.float() / self.scale
        x = x.to(self.dtype).contiguous()
        n = len(index)
        target = torch.zeros(n, 1, self.n_classes, device=self.device)
        return x, target.scatter_(2, self.y[rows].view(n, 1, 1), 1.0 / n)

    def _move(self, x):
        import torch

        if self.copying is None:
            return x.to(self.device)
        with torch.cuda.stream(self.copying):
            moved = x.pin_memory().to(self.device, non_blocking=True)
        now = torch.cuda.current_stream(self.device)
        now.wait_stream(self.copying)
        moved.record_stream(now)  # its memory is not given to the next copy before this stream has read it
        return moved


def _tensor(array: np.ndarray):
    import torch

    array = np.require(np.asarray(array), requirements=["C", "W"])  # a fancy index is; a read-only memory map is copied
    if array.dtype.name == "bfloat16":  # NumPy's extension type: same bits, another name
        return torch.from_numpy(array.view(np.uint16)).view(torch.bfloat16)
    return torch.from_numpy(array)


class _Block:
    """Probes stacked: weights (g·C, width), one matrix product each way per step."""

    def __init__(self, members, configs, places, n_classes, device, precision):
        import torch

        self.members, self.C, self.g = members, n_classes, len(members)
        self.prefix = isinstance(places[0], int)
        self.widths = [p if self.prefix else len(p) for p in places]
        self.place = places[0]
        self.columns = None if self.prefix else torch.from_numpy(self.place).to(device)
        rows, width = self.g * n_classes, max(self.widths)
        self.W, self.grad, self.scratch = (torch.zeros(rows, width, device=device) for _ in range(3))
        self.b, self.grad_b = (torch.zeros(rows, device=device) for _ in range(2))
        self.W.grad, self.b.grad = self.grad, self.grad_b
        self.low = torch.bfloat16 if precision == "bfloat16" else None
        self.lr, self.squared, self.on_bias = configs[0].lr, configs[0].squared_l2, configs[0].penalise_bias
        l1, l2 = (np.repeat([getattr(c, name) for c in configs], n_classes) for name in ("l1", "l2"))
        self.l1 = torch.from_numpy(l1).float().to(device) if l1.any() else None
        self.l2 = torch.from_numpy(l2).float().to(device) if l2.any() else None

    def gradient(self, x, target) -> None:
        """Gradient on a batch, left in `grad`: of the mean NLL it is (softmax − one-hot)ᵀ x / B."""
        import torch

        x = x[:, : self.W.shape[1]] if self.prefix else x.index_select(1, self.columns)
        n = len(x)
        if self.low:
            logits = (x @ self.W.to(self.low).T).float().add_(self.b)
        else:
            logits = torch.addmm(self.b, x, self.W.T)
        p = torch.softmax(logits.view(n, self.g, self.C), dim=-1).div_(n).sub_(target).view(n, -1)
        torch.sum(p, dim=0, out=self.grad_b)
        if self.low:
            self.grad.copy_(p.to(self.low).T @ x)
        else:
            torch.mm(p.T, x, out=self.grad)
        self._penalise()
        for k, width in enumerate(self.widths):  # without a gradient Adam leaves these weights at exactly zero
            self.grad[k * self.C : (k + 1) * self.C, width:] = 0

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
            norm = torch.linalg.vector_norm(self.W.view(self.g, -1), dim=1)
            if self.on_bias:
                norm = torch.hypot(norm, torch.linalg.vector_norm(self.b.view(self.g, -1), dim=1))
            norm = norm.repeat_interleave(self.C)
            factor = torch.where(norm > 0, self.l2 / norm, torch.zeros_like(norm))  # at W = 0 the subgradient 0
        self.grad.addcmul_(self.W, factor[:, None])
        if self.on_bias:
            self.grad_b.addcmul_(self.b, factor)

    def finite(self) -> bool:
        import torch

        return bool(torch.isfinite(self.b).all() and torch.isfinite(self.W).all())

    def store(self, out: list, epochs: int, layout: np.ndarray, d: int) -> None:
        W = self.W.view(self.g, self.C, -1).cpu().numpy()
        b = self.b.view(self.g, self.C).cpu().numpy()
        for k, i in enumerate(self.members):
            columns = layout[: self.widths[k]] if self.prefix else layout[self.place]
            coef = np.zeros((self.C, d), np.float32)
            coef[:, columns] = W[k, :, : self.widths[k]]
            out[i] = Weights(coef, b[k].copy(), epochs)
