"""How time and memory grow with tokens, neurons and labels: activations in a memory-mapped file, each size in a process of its own.

Peak memory is what the process allocates beyond its start (anonymous pages); the mapped file itself belongs to the
system's cache and may be larger than memory.

Each job does the same work at every size: so many iterations, picks or sizes of a set, not as many as its answer needs.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path

import numpy as np

TOKENS, NEURONS, LABELS = (31_250, 125_000, 500_000, 2_000_000), (1_250, 5_000, 20_000), (12, 56, 267, 1_272)
SIZES = {
    "tokens": [(n, 256, 44) for n in TOKENS],
    "neurons": [(10_000, d, 44) for d in NEURONS],
    "labels": [(10_000, 512, t) for t in LABELS],
}
PARTNERS = 256  # neurons of the other model that each is correlated with
SELECTION = 256  # tokens on which candidates are judged: a split of its own, which need not grow with the training data
KEPT = 1 << 28  # bytes that the Gaussian selection may keep: what is larger it reads anew


def run() -> list:
    rows = []
    for axis, sizes in SIZES.items():
        for n, d, t in sizes:
            code = f"import json; from benchmarks.scale import measure; print('@' + json.dumps(measure({n}, {d}, {t})))"
            done = subprocess.run([sys.executable, "-W", "ignore", "-c", code], stdout=subprocess.PIPE, text=True, check=True)
            found = json.loads(next(line[1:] for line in done.stdout.splitlines() if line.startswith("@")))
            rows += [_Point(axis=axis, n=n, d=d, t=t, job=job, **values) for job, values in found.items()]
            print(axis, n, d, t, {job: f"{v['seconds']:.2f} s, {v['mib']:.0f} MiB" for job, v in found.items()}, file=sys.stderr)
    return rows


class _Point(dict):
    def as_dict(self) -> dict:
        return dict(self)


def measure(n: int, d: int, t: int) -> dict:
    """{job: {seconds (CPU), mib}} at one size."""
    with tempfile.TemporaryDirectory() as folder:
        X, y = _mapped(Path(folder) / "x.npy", n, d, t)
        other = np.asarray(X[:, :PARTNERS])[:, ::-1].copy() if d == 256 else np.random.default_rng(1).standard_normal((n, PARTNERS), dtype=np.float32).astype(np.float16)
        for job in _jobs(np.ascontiguousarray(X[:8192, :256]), y[:8192] % 3, 3, other[:8192]).values():
            job()  # libraries load, buffers of fixed size are made
        jobs = _jobs(X, y, t, other)
        if t != 44:  # labels play no part in it
            del jobs["correlation with 256 neurons"]
        return {name: _watched(job) for name, job in jobs.items()}


def _jobs(X, y, t: int, other) -> dict:
    from lcacore.correlation import best_match
    from lcacore.gaussian import greedy
    from lcacore.rankings import average_precision, probeless, weight_mass
    from lcacore.search import minimal_neurons
    from lcacore.training import train_linear
    from lcacore.types import ProbeConfig

    coef = np.random.default_rng(2).laplace(size=(t, X.shape[1])).astype(np.float32)
    adam = ProbeConfig(l1=1e-3, l2=1e-2, epochs=1)
    exact = ProbeConfig(l1=0.2 / t, l2=0.2 / t, solver="exact")  # a label's gradient is at most its share of the tokens
    dev = np.asarray(X[-SELECTION:]), y[-SELECTION:]
    return {
        "probe, one epoch of Adam": lambda: train_linear(X, y, t, [adam]),
        "exact probe, three iterations": lambda: train_linear(X, y, t, [exact], tol=0.0, max_iter=3),
        # no accuracy is that far above the oracle's, so all sizes are tried
        "minimal set, three sizes": lambda: minimal_neurons(X, y, *dev, weight_mass(coef), -100.0, step=0.25, config=adam),
        "Gaussian selection, five picks": lambda: greedy(X, y, 5, dev=dev, memory=KEPT),
        "weight-mass order": lambda: weight_mass(coef),
        "Probeless": lambda: probeless(X, y),
        "average precision": lambda: average_precision(X, y),
        "correlation with 256 neurons": lambda: best_match(X, [other]),
    }


def _mapped(path: Path, n: int, d: int, t: int):
    rng = np.random.default_rng(0)
    X = np.lib.format.open_memmap(path, mode="w+", dtype=np.float16, shape=(n, d))
    y = np.concatenate([np.arange(t), rng.integers(0, t, n - t)])
    block = rng.standard_normal((1 << 20,), dtype=np.float32)
    for start in range(0, n, 4096):
        stop = min(start + 4096, n)
        X[start:stop] = np.resize(np.roll(block, start * 7), (stop - start, d))
        X[start:stop, : min(t, d)] += (y[start:stop, None] == np.arange(min(t, d))).astype(np.float16)
    X.flush()
    return np.load(path, mmap_mode="r"), y


def _watched(job) -> dict:
    """CPU seconds, and the peak of anonymous memory above the start, sampled every few milliseconds."""
    before, peak, stop = _anonymous(), [0], threading.Event()

    def sample():
        while not stop.is_set():
            peak[0] = max(peak[0], _anonymous() - before)
            time.sleep(0.005)

    thread = threading.Thread(target=sample)
    thread.start()
    start = time.process_time()
    job()
    seconds = time.process_time() - start
    stop.set()
    thread.join()
    return {"seconds": round(seconds, 4), "mib": round(peak[0] / 2**20, 1)}


def _anonymous() -> int:
    for line in Path(f"/proc/{os.getpid()}/status").read_text().splitlines():
        if line.startswith("RssAnon"):
            return int(line.split()[1]) * 1024
    return 0
