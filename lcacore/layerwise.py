"""What each layer of a model carries: probes of one layer at a time, beside probes of all of them.

As in `Study`, everything is kept in the artefact store and accuracies are in percent of the test tokens.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd

from . import evaluation, training
from .store import code_key
from .study import Study

__all__ = ["accuracies", "depth", "means"]


def accuracies(study: Study) -> pd.DataFrame:
    """Test accuracy of unregularised probes (λ1 = λ2 = 0): one row per seed.

    Columns All (every layer side by side), one for each layer, named by its number (0 the embeddings), and Majority (each
    word's most frequent label in train; no seed moves it). Of a pair of words ("+head") a layer is that of both.
    """
    data, test = study.activations, study.data["test"]
    layers = list(data.layers)
    where = data.layer_of(np.arange(study.n_neurons))
    columns = [None, *(np.flatnonzero(where == layer) for layer in layers)]

    def measure(seed):
        train = study.data["train"]
        index = np.searchsorted(study.classes, train.y)
        found = training.train_linear(train.X, index, len(study.classes), [study._config(seed, 0.0, 0.0)] * len(columns), columns=columns)
        right = evaluation.accuracies(test.X, study._test_index, [(w.coef, w.intercept) for w in found], columns)
        majority = evaluation.majority_baseline(train.words, train.y, test.words, test.y)
        return {"values": [float(100 * value) for value in (*right, majority)]}

    rows = [study._remember("layerwise", lambda s=seed: measure(s), config=study._config(seed, 0.0, 0.0), layerwise=code_key(__name__))["values"] for seed in study.seeds]
    return pd.DataFrame(rows, columns=["All", *layers, "Majority"], index=pd.Index(study.seeds, name="seed"))


def means(found: Mapping[tuple[str, str], pd.DataFrame]) -> pd.DataFrame:
    """(task, model) → Majority, Embeddings, the best layer's number and accuracy, All, and the `depth`; means over seeds."""
    rows = {}
    for key, table in found.items():
        mean = table.mean()
        alone = mean.drop(["All", "Majority"])
        best = alone.idxmax()
        rows[key] = {"Majority": mean["Majority"], "Embeddings": alone.iloc[0], "Best layer": int(best), "there": alone[best], "All": mean["All"], "Depth": depth(table)}
    return pd.DataFrame.from_dict(rows, orient="index").rename_axis(["task", "model"])


def depth(table: pd.DataFrame, margin: float = 1.0) -> float:
    """How deep a property lies: the first layer whose probe is within `margin` points of the best layer's, as a share of
    the deepest layer's number (0 the embeddings, 1 the last layer)."""
    alone = table.mean().drop(["All", "Majority"]).to_numpy()
    return float(np.argmax(alone > alone.max() - margin)) / max(1, len(alone) - 1)
