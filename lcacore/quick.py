"""A study whose minimal sets are searched for with few retrainings, for several thresholds at once.

    studies = quick.cross(models, tasks, …)    as `study.cross`

λ grids, probes and rankings are those of `Study`, and shared with it in the artefact store.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields

import numpy as np
import pandas as pd

from . import evaluation, study, training
from .probes import class_index
from .search import smallest_within
from .store import code_key
from .study import Study

__all__ = ["QuickStudy", "cross"]


@dataclass(frozen=True)
class QuickStudy(Study):
    """A study with a quick search for minimal sets.

    deltas  thresholds that are searched for together (Durrani 2020 tables 2 and 3; Durrani 2023 table 3)
    """

    deltas: tuple[float, ...] = (0.5, 1.0, 2.0)

    def _keep(self, name: str, make, **more) -> dict:
        return self._remember(name, make, quick=code_key(__name__), **more)

    def minimal(self, delta: float = 1.0) -> pd.DataFrame:
        """The smallest top share of the ranking whose retrained probe loses less than δ points on dev (§2.4).

        Columns n, percent, reached, oracle, accuracy (dev), test_oracle, test_accuracy (of the same probes on test), and the
        curve of the sizes tried up to it (curve_percent, curve_accuracy: lists). The search is `search.smallest_within`.
        """
        deltas = sorted({float(delta), *self.deltas})
        train, d = self.data["train"], self.n_neurons

        def measure(seed):
            order, weights, config = self.ranking("weight_mass", seed), self.probe(seed), self._config(seed)
            index = np.searchsorted(self.classes, train.y)
            tried = {d: self._both(weights, None)}

            def score(n):
                (part,) = training.train_linear(train.X, index, len(self.classes), [config], columns=[order.top(n)])
                tried[n] = self._both(part, order.top(n))
                return tried[n][0]

            sizes = smallest_within(score, tried[d][0], d, deltas, step=self.step)
            return {"sizes": {f"{x:g}": n for x, n in sizes.items()}, "tried": {str(n): tried[n] for n in sorted(tried)}}

        rows = []
        for seed in self.seeds:
            one = self._keep("quick_minimal", lambda s=seed: measure(s), config=self._config(seed), deltas=[f"{x:g}" for x in deltas], step=self.step)
            n, tried = one["sizes"][f"{float(delta):g}"], {int(k): v for k, v in one["tried"].items()}
            curve = [k for k in sorted(tried) if k <= n]
            (oracle, test_oracle), (accuracy, test_accuracy) = tried[d], tried[n]
            sizes = {"n": n, "percent": 100 * n / d, "reached": n < d, "oracle": oracle, "accuracy": accuracy, "test_oracle": test_oracle, "test_accuracy": test_accuracy}
            rows.append(sizes | {"curve_percent": [100 * k / d for k in curve], "curve_accuracy": [tried[k][0] for k in curve]})
        return self._table(rows)

    def _both(self, weights, columns) -> list[float]:
        """Accuracy of a probe on dev and on test."""
        splits = [self.data[split] for split in ("dev", "test")]
        return [float(100 * evaluation.accuracies(part.X, class_index(part.y, self.classes), [(weights.coef, weights.intercept)], [columns])[0]) for part in splits]

    def selectivity(self, delta: float = 1.0, construction: str = "token", split: str = "test") -> pd.DataFrame:
        """Task accuracy minus control-task accuracy, with all and with the minimal neurons (§2.5).

        construction  how control labels are drawn, see `evaluation.control_labels`
        """
        found = self.minimal(delta)
        mark = {"test": "test_", "dev": ""}[split]
        whole, part = self._control(construction, [None] * len(self.seeds)), self._control(construction, found["n"].tolist())
        return pd.DataFrame({"All": found[f"{mark}oracle"] - whole[split], "Top": found[f"{mark}accuracy"] - part[split]})

    def _control(self, construction: str, sizes: Sequence[int | None]) -> pd.DataFrame:
        """Accuracy on the control task, on dev and test, of probes on each seed's first neurons (None: all)."""
        train, edges = self.data["train"], self.activations.splits
        every = np.unique(self.activations.y)

        def measure(seed, n):
            control = evaluation.control_labels(self.activations.words, self.activations.y, seed, construction=construction)
            index = {split: np.searchsorted(every, control[slice(*edges[split])]) for split in ("train", "dev", "test")}
            columns = [None if n is None else self.ranking("weight_mass", seed).top(int(n))]
            (found,) = training.train_linear(train.X, index["train"], len(every), [self._config(seed)], columns=columns)
            form = [(found.coef, found.intercept)]
            return {split: float(100 * evaluation.accuracies(self.data[split].X, index[split], form, columns)[0]) for split in ("dev", "test")}

        given = zip(self.seeds, sizes, strict=True)
        return self._table([self._keep("quick_control", lambda s=seed, k=n: measure(s, k), config=self._config(seed), seed=seed, n=n, construction=construction) for seed, n in given])


def cross(models: Mapping[str, str], tasks: Mapping[str, str], **settings) -> dict[tuple[str, str], QuickStudy]:
    """(task name, model name) → QuickStudy, for every pair; settings as in `study.cross`."""
    plain = study.cross(models, tasks, **settings)
    return {key: QuickStudy(**{f.name: getattr(one, f.name) for f in fields(Study)}) for key, one in plain.items()}
