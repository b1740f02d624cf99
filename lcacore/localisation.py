"""Where labels live: the neurons, layers and words behind each label of a minimal set (Durrani 2020 §5; Durrani 2023 §5.2).

`sizes` are the neurons in the minimal set, one number per seed of the study.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd

from .study import Study
from .types import Ranking

__all__ = ["agreement", "contexts", "dominant_layers", "label_sets", "per_label", "rank_correlation", "sharing"]


def label_sets(ranking: Ranking, n: int) -> dict[str, np.ndarray]:
    """Label → the neurons that it brings into the first `n` of a weight-mass ranking, its largest weights first.

    As many as `rankings.neurons_per_label` counts.
    """
    from .rankings import neurons_per_label

    return {label: ranking.per_class[label][:count] for label, count in neurons_per_label(ranking, n).items()}


def _sets(study: Study, sizes: Sequence[int], min_tokens: int) -> list[dict[str, np.ndarray]]:
    """Per seed: label → its neurons, for labels of at least `min_tokens` words in train."""
    labels, count = np.unique(study.data["train"].y, return_counts=True)
    frequent = labels[count >= min_tokens].tolist()
    found = []
    for seed, n in zip(study.seeds, sizes, strict=True):
        sets = label_sets(study.ranking("weight_mass", seed), int(n))
        found.append({label: sets[label] for label in frequent})
    return found


def _table(study: Study, rows: list[dict]) -> pd.DataFrame:
    return pd.DataFrame(rows, index=pd.Index(study.seeds, name="seed"))


def per_label(study: Study, sizes: Sequence[int], min_tokens: int = 1) -> pd.DataFrame:
    """Neurons that each label brings into the minimal set (Durrani 2020 figures 2 and 4): seeds × labels."""
    return _table(study, [{label: len(ids) for label, ids in sets.items()} for sets in _sets(study, sizes, min_tokens)])


def dominant_layers(study: Study, sizes: Sequence[int], min_tokens: int = 1) -> pd.DataFrame:
    """The layer that contributes most neurons to each label (Durrani 2020 figure 5): seeds × labels; the lower of equals."""
    layers = np.asarray(study.activations.layers)
    rows = []
    for sets in _sets(study, sizes, min_tokens):
        where = {label: study.activations.layer_of(ids) for label, ids in sets.items() if len(ids)}
        rows.append({label: int(layers[np.argmax([(at == layer).sum() for layer in layers])]) for label, at in where.items()})
    return _table(study, rows)


def sharing(study: Study, sizes: Sequence[int], min_tokens: int = 1) -> pd.DataFrame:
    """How exclusive neurons are (Durrani 2020 figure 3): seeds × (set, per label, labels per neuron).

    set  neurons in the minimal set; per label  mean over labels of those that the label brings in; labels per neuron  the mean
    over neurons that any label brings in.
    """
    rows = []
    for sets, n in zip(_sets(study, sizes, min_tokens), sizes, strict=True):
        together = np.concatenate(list(sets.values()))
        brought = len(np.unique(together))
        rows.append({"set": int(n), "per label": len(together) / len(sets), "labels per neuron": len(together) / max(brought, 1)})
    return _table(study, rows)


def contexts(study: Study) -> pd.Series:
    """Label → number of word forms that have it in train."""
    train = study.data["train"]
    return pd.Series({label: len(set(train.words[train.y == label].tolist())) for label in study.classes.tolist()})


def agreement(tables: Mapping[tuple[str, str], pd.DataFrame]) -> pd.DataFrame:
    """Rank correlation over labels of the mean neurons per label, for every task and two models: task, first, second, rho, labels."""
    rows = []
    for i, ((task, first), a) in enumerate(tables.items()):
        for (other, second), b in list(tables.items())[i + 1 :]:
            if other == task:
                shared = [label for label in a.columns if label in b.columns]
                rows.append({"task": task, "first": first, "second": second, "rho": rank_correlation(a[shared].mean(), b[shared].mean()), "labels": len(shared)})
    return pd.DataFrame(rows, columns=["task", "first", "second", "rho", "labels"])


def rank_correlation(a, b) -> float:
    """Spearman's ρ; 0 where either side does not vary or has fewer than three values."""
    from scipy.stats import spearmanr

    a, b = np.asarray(a, dtype=float), np.asarray(b, dtype=float)
    return float(spearmanr(a, b).statistic) if len(a) > 2 and np.ptp(a) and np.ptp(b) else 0.0
