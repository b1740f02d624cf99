"""What tables of several studies say in a few numbers: layer histograms, overlaps, a line of named values."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from . import evaluation
from .statistics import expected_overlap
from .study import Study, cross

__all__ = ["Overlaps", "concat", "layers", "listed", "overlaps", "overview"]


def overview(studies: Mapping[tuple[str, str], Study]) -> pd.DataFrame:
    """What was measured, a row per study: neurons, words and labels, λ, accuracy at λ = 0, the words' majority labels.

    Accuracies on test, in percent. "skipped": sentences longer than the model takes, where there are any.
    """
    several, rows = len({model for _, model in studies}) > 1, {}
    for (task, model), s in studies.items():
        train, test = s.data["train"], s.data["test"]
        l1, l2 = s.lambdas
        rows[f"{task} · {model}" if several else task] = {
            "neurons": s.n_neurons,
            "train": len(train),
            "test": len(test),
            "labels": len(s.classes),
            "λ1": f"{l1:g}",
            "λ2": f"{l2:g}",
            "unpenalised": f"{s.unregularised()['All'].mean():.1f} %",
            "majority": f"{100 * evaluation.majority_baseline(train.words, train.y, test.words, test.y):.1f} %",
            "skipped": len(s.activations.skipped),
        }
    table = pd.DataFrame.from_dict(rows, orient="index")
    return table if table["skipped"].any() else table.drop(columns="skipped")


def concat(tables: Mapping[tuple[str, str], pd.DataFrame]) -> pd.DataFrame:
    """Tables of several studies under one another, with columns task and model added; of none, these two columns alone."""
    if not tables:
        return pd.DataFrame(columns=["task", "model"])
    return pd.concat([t.assign(task=task, model=model) for (task, model), t in tables.items()], ignore_index=True)


def layers(counts: pd.DataFrame) -> pd.DataFrame:
    """What a layer histogram says, per seed (counts: seeds × layers). In percent but for the rank.

    mean depth         mean layer of the counted neurons: 0 embeddings, 100 last layer
    lower half         share in the lower half of the layers (a middle layer counts half)
    evenness           entropy of the histogram over that of a flat one
    lowest two, rank   of the two lowest layers among all pairs of neighbouring layers, by their share
    """
    layers = counts.columns.to_numpy(float)
    share = counts.div(counts.sum(axis=1), axis=0).to_numpy()
    depth = layers / layers.max()
    entropy = -(share * np.log(np.where(share > 0, share, 1))).sum(axis=1)
    pairs = share[:, :-1] + share[:, 1:]
    columns = {
        "mean depth": 100 * share @ depth,
        "lower half": 100 * share @ np.where(depth < 0.5, 1, np.where(depth == 0.5, 0.5, 0)),
        "evenness": 100 * entropy / np.log(len(layers)),
        "lowest two, rank": 1 + (pairs > pairs[:, :1]).sum(axis=1),
    }
    return pd.DataFrame(columns, index=counts.index)


def listed(values: Mapping[str, float | str], unit: str = "") -> str:
    """"POS/BERT 95.2%, SEM/BERT 91.0%": named numbers in a line."""
    return ", ".join(f"{name} {value if isinstance(value, str) else f'{value:.2f}'.rstrip('0').rstrip('.')}{unit}" for name, value in values.items())


@dataclass(frozen=True, eq=False)
class Overlaps:
    """Shared first neurons: `table` between methods, `between_tasks` (method → square frame), `expected` by chance."""

    table: pd.DataFrame
    between_tasks: dict[str, pd.DataFrame]
    expected: float


def overlaps(models, tasks, layers: Sequence[int], methods: Sequence[str], share: float, **settings) -> Overlaps:
    """How many of their first neurons two rankings of one layer share (Antverg and Belinkov 2022, §2.3).

    share  of a layer's neurons looked at; `expected` is E_2(d, share · d).
    """
    tops, rows = {}, []
    for (task, model), whole in cross(models, tasks, **settings).items():
        for layer in layers:
            one = replace(whole, layers=(layer,))
            n = int(np.ceil(share * one.n_neurons))
            expected = expected_overlap(one.n_neurons, n, 2)
            for method in methods:
                tops[method, task, model, layer] = set(one.ranking(method, one.seeds[0]).top(n).tolist())
            for i, a in enumerate(methods):
                for b in methods[i + 1 :]:
                    shared = len(tops[a, task, model, layer] & tops[b, task, model, layer])
                    rows.append({"task": task, "model": model, "layer": layer, "pair": f"{a} ∩ {b}", "overlap": shared, "expected": expected, "of": n, "neurons": one.n_neurons})
    between = {}
    for method in methods:
        keys = [k[1:] for k in tops if k[0] == method]
        names = [f"{t} · {m} · layer {x}" if len(models) > 1 else f"{t} · layer {x}" for t, m, x in keys]
        square = [[len(tops[method, *a] & tops[method, *b]) if a[1:] == b[1:] else np.nan for b in keys] for a in keys]
        between[method] = pd.DataFrame(square, index=names, columns=names)
    return Overlaps(pd.DataFrame(rows), between, expected)
