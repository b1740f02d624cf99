"""On a GPU, where there is one: the whole λ grid at the papers' scale in bfloat16, and the Gaussian search.

    python -m benchmarks gpu

It needs 25 GB of memory on the host and on the device, and is not part of `make bench`. Seconds are those of the clock,
after a first round on little data (kernels load); the upload of the activations counts.
"""

from __future__ import annotations

import time

import numpy as np

from lcacore.gaussian import greedy
from lcacore.search import GRID
from lcacore.training import train_linear
from lcacore.types import ProbeConfig

from .common import Row
from .data import activations

SECONDS = {"grid": 10.0, "gaussian": 0.2}  # the goals, on an H200


def hardware() -> str:
    """The GPU's name; an error where PyTorch finds none."""
    import torch

    if not torch.cuda.is_available():
        raise SystemExit("PyTorch finds no GPU here; run `python -m benchmarks gpu` on a machine with one, and with a build of PyTorch for it")
    return torch.cuda.get_device_name()


def run(device: str = "cuda", n: int = 950_000, d: int = 9_984, labels: int = 44, dev: int = 20_000, candidates: int = 768, picks: int = 50) -> list[Row]:
    if device == "cuda":
        hardware()
    X, y = _drawn(n, d, labels, device)
    configs = [ProbeConfig(a, b) for a in GRID for b in GRID]
    few, some = configs[:: len(configs) // 4], slice(0, min(n, dev))
    # the first round, and the check: the same probes by float32 on the CPU
    rough = train_linear(X[some], y[some], labels, few, device=device, precision="bfloat16")
    exact = train_linear(X[some], y[some], labels, few, device="cpu")
    held = slice(max(0, n - dev), n)
    apart = max(abs(_accuracy(X[held], y[held], a) - _accuracy(X[held], y[held], b)) for a, b in zip(rough, exact, strict=True))
    grid = _clock(device, lambda: train_linear(X, y, labels, configs, device=device, precision="bfloat16"))[0]

    Z, z = activations(2 * dev, candidates, 8)
    train, held = (Z[:dev], z[:dev]), (Z[dev:], z[dev:])
    greedy(*train, min(3, picks), dev=held, device=device)
    seconds, found = _clock(device, lambda: greedy(*train, picks, dev=held, device=device))
    same = np.array_equal(found.picks, greedy(*train, picks, dev=held, device="cpu").picks)
    return [
        Row("λ grid of 49 on a GPU, bfloat16", f"{n:,} tokens, {d:,} neurons, {labels} labels, ten epochs", "the goal on an H200", SECONDS["grid"], grid, 1,
            f"accuracy within {100 * apart:.1f} points of float32 on a CPU, {len(few)} pairs on {some.stop:,} tokens", apart < 0.02),
        Row(f"Gaussian selection on a GPU, {candidates} neurons, {picks} picks", f"{dev:,} + {dev:,} tokens, 8 labels", "the goal on an H200", SECONDS["gaussian"], seconds, 1,
            "same neurons as on the CPU" if same else "other neurons than on the CPU", same),
    ]  # fmt: skip


def _clock(device: str, job):
    import torch

    wait = torch.cuda.synchronize if device.startswith("cuda") else lambda: None
    wait()
    start = time.perf_counter()
    result = job()
    wait()
    return time.perf_counter() - start, result


def _accuracy(X, y, weights) -> float:
    return float(((X.astype(np.float32) @ weights.coef.T.astype(np.float32) + weights.intercept).argmax(axis=1) == y).mean())


def _drawn(n: int, d: int, labels: int, device: str):
    """`data.activations` in half precision, drawn on the device: a single core would take many minutes."""
    import torch

    y = activations(n, 1, labels)[1]
    rng = torch.Generator(device).manual_seed(0)
    normal = lambda *shape: torch.randn(*shape, generator=rng, device=device)  # noqa: E731
    factors = normal(200, d) / 200**0.5
    shift = 0.25 * 200**0.5 * normal(labels, 200) * (torch.rand(labels, 200, generator=rng, device=device) < 0.1)
    X = np.empty((n, d), np.float16)
    for start in range(0, n, 8192):
        own = torch.from_numpy(y[start : start + 8192]).to(device)
        X[start : start + 8192] = ((normal(len(own), 200) + shift[own]) @ factors + 0.5 * normal(len(own), d)).half().cpu().numpy()
    return X, y
