"""Cross-model correlation against numpy.corrcoef, and against the bare float32 products (numpy's or torch's, the faster)."""

import numpy as np
import torch

from lcacore.correlation import best_matches

from .common import Row, in_turns

PAIRS = ((0, 1), (0, 2), (1, 2))


def run() -> list[Row]:
    rng = np.random.default_rng(0)
    shared = rng.standard_normal((10_000, 60), dtype=np.float32)
    models = [(shared @ rng.standard_normal((60, 1_536), dtype=np.float32) / 8 + rng.standard_normal((10_000, 1_536), dtype=np.float32) + 3) for _ in range(3)]

    def product():
        return [models[i].T @ models[j] for i, j in PAIRS]

    def torch_product():
        return [torch.from_numpy(models[i]).T @ torch.from_numpy(models[j]) for i, j in PAIRS]

    def numpy():
        return [np.corrcoef(models[i], models[j], rowvar=False)[:1_536, 1_536:] for i, j in PAIRS]

    seconds, found = in_turns({"product": product, "torch": torch_product, "numpy": numpy, "ours": lambda: best_matches(models)}, 5)
    own = np.maximum(np.abs(found["numpy"][0]).max(axis=1), np.abs(found["numpy"][1]).max(axis=1))
    apart = float(np.abs(found["ours"][0].score - own).max())
    work = "3 models × 1,536 neurons, 10,000 tokens"
    seconds["numpy's"], seconds["torch's"] = seconds["product"], seconds["torch"]
    faster = min(("numpy's", "torch's"), key=seconds.get)
    agreement = f"largest difference to numpy in double precision {apart:.1e}"
    return [
        Row("cross-model correlation", work, "numpy.corrcoef", seconds["numpy"], seconds["ours"], 4, agreement, apart < 1e-5),
        Row("cross-model correlation against its floor", work, f"the bare float32 products ({faster})", seconds[faster], seconds["ours"], 1, agreement, apart < 1e-5),
    ]
