"""Studies set against each other: a model before and after fine-tuning, one language against another.

As in `Study`, tables have one row per seed and accuracies are in percent.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from itertools import combinations

import numpy as np
import pandas as pd

from . import evaluation
from .store import code_key
from .study import Study

__all__ = ["distances", "layer_counts", "like", "shares", "top_bottom"]


def like(study: Study, model: str) -> Study:
    """The same study of another model, at the λ that was chosen for the first: what differs is then the model's alone."""
    l1, l2 = study.lambdas
    return replace(study, model=model, l1=l1, l2=l2)


def top_bottom(study: Study, sizes: Sequence[int]) -> pd.DataFrame:
    """Test accuracy of probes trained on the first and on the last neurons of the ranking (Durrani 2023 table 6): columns t, b.

    sizes  neurons kept, one number per seed
    """
    train, test = study.data["train"], study.data["test"]

    def measure(seed, n):
        order = study.ranking("weight_mass", seed)
        chosen = {"t": order.top(n), "b": order.reversed().top(n)}
        found = evaluation.retraining(train.X, train.y, test.X, test.y, chosen, study._config(seed), seeds=[seed])
        return {name: 100 * values[0] for name, values in found.items()}

    rows = [
        study._remember("top_bottom", lambda s=seed, k=int(n): measure(s, k), config=study._config(seed), seed=seed, n=int(n), comparisons=code_key(__name__))
        for seed, n in zip(study.seeds, sizes, strict=True)
    ]
    return pd.DataFrame(rows, index=pd.Index(study.seeds, name="seed"))


def layer_counts(study: Study, sizes: Sequence[int]) -> pd.DataFrame:
    """How many of each seed's first neurons each layer gives: seeds × layers. As `Study.layer_counts`, for given sizes."""
    layers, rows = study.activations.layers, []
    for seed, n in zip(study.seeds, sizes, strict=True):
        where = study.activations.layer_of(study.ranking("weight_mass", seed).top(int(n)))
        rows.append({layer: int((where == layer).sum()) for layer in layers})
    return pd.DataFrame(rows, index=pd.Index(study.seeds, name="seed"))


def shares(counts: Mapping, keys: Sequence | None = None) -> pd.DataFrame:
    """Mean share of each layer (rows of one frame, one per key of `counts`): seeds × layers tables of one model's depth."""
    return pd.DataFrame({key: counts[key].mean() / counts[key].mean().sum() for key in (counts if keys is None else keys)}).T


def distances(table: pd.DataFrame) -> pd.DataFrame:
    """Every two rows of shares: correlation over layers, and half the sum of absolute differences (0: alike, 1: disjoint)."""
    rows = []
    for a, b in combinations(range(len(table)), 2):
        x, y = table.iloc[a].to_numpy(float), table.iloc[b].to_numpy(float)
        varied = np.ptp(x) > 0 and np.ptp(y) > 0
        rows.append({"first": table.index[a], "second": table.index[b], "r": float(np.corrcoef(x, y)[0, 1]) if varied else 0.0, "distance": float(np.abs(x - y).sum() / 2)})
    return pd.DataFrame(rows, columns=["first", "second", "r", "distance"])
