"""Qualitative evaluation (Durrani 2023 §4.4): single neurons seen through words and sentences, and annotations shown."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd

from .study import Study, sample
from .types import Activations, Curve

__all__ = [
    "detectors", "example", "examples", "label_counts", "label_neurons", "mass_counts", "mass_neurons", "position_neuron", "position_profiles",
    "relative_position", "switch_neuron",
    "top_words", "well_formed_trees",
]


def label_neurons(study: Study, labels: Sequence[str], among: int = 10) -> pd.DataFrame:
    """One neuron per label: of the first `among` of the label's own ranking, the one that separates its words best on dev.

    Columns label, neuron, layer, rank (1 is the first of the ranking), sign (+1 where high activation speaks for the
    label), auc, and first_auc, that of the ranking's first neuron, both on test. The area under the ROC curve is the
    chance that a word of the label lies on the label's side of another word; sides are settled on dev too.

    Raises ValueError for a label that the task does not have.
    """
    ranking = study.ranking("weight_mass", study.seeds[0])
    rows = []
    for label in labels:
        if label not in ranking.per_class:
            raise ValueError(f"task {study.task} has no label {label!r}; it has {', '.join(study.classes)}")
        candidates = ranking.per_class[label][:among]
        areas = [_auc(study.data["dev"], int(neuron), label) for neuron in candidates]
        sides = [1 if area >= 0.5 else -1 for area in areas]
        best = int(np.argmax([max(area, 1 - area) for area in areas]))
        on_test = [_auc(study.data["test"], int(candidates[k]), label) for k in (best, 0)]
        chosen, first = (area if sides[k] > 0 else 1 - area for area, k in zip(on_test, (best, 0), strict=True))
        neuron = int(candidates[best])
        rows.append(
            {"label": label, "neuron": neuron, "layer": study.activations.layer_of(neuron), "rank": best + 1, "sign": sides[best], "auc": chosen, "first_auc": first}
        )
    return pd.DataFrame(rows)


def mass_neurons(study: Study, percent: float, min_tokens: int = 1, seed: int | None = None) -> dict[str, np.ndarray]:
    """Label → its salient neurons: the fewest whose weights sum to `percent` of the label's weight mass (Dalvi 2019, figure 6).

    Of the probe of a seed (None: the study's first), the largest weight first; labels with fewer than `min_tokens` words in train are left out.
    Raises ValueError for a share outside (0, 100].
    """
    if not 0 < percent <= 100:
        raise ValueError(f"{percent} % of the weight mass; give a share above 0 and at most 100")
    ranking = study.ranking("weight_mass", study.seeds[0] if seed is None else seed)
    labels, count = np.unique(study.data["train"].y, return_counts=True)
    out = {}
    for label in labels[count >= min_tokens].tolist():
        order = ranking.per_class[label]
        mass = np.cumsum(ranking.class_scores[label][order])
        out[label] = order[: int(np.searchsorted(mass, percent / 100 * mass[-1] * (1 - 1e-12)) + 1)]
    return out


def mass_counts(study: Study, percent: float, min_tokens: int = 1) -> pd.DataFrame:
    """How many neurons `mass_neurons` gives each label: seeds × labels."""
    rows = [{label: len(ids) for label, ids in mass_neurons(study, percent, min_tokens, seed).items()} for seed in study.seeds]
    return pd.DataFrame(rows, index=pd.Index(study.seeds, name="seed"))


def switch_neuron(study: Study, one: str, other: str, among: int = 10) -> dict:
    """A neuron that tells two labels apart by its sign (Dalvi 2019, figure 3a), of the first `among` of either label.

    Chosen on dev, where the distance of the two labels' means is largest. Means on test, in standard deviations from the
    neuron's mean: `one`, `other`, `rest` (all other words); `switch`: do the two have opposite signs, the rest between?
    Raises ValueError for a label that the task does not have.
    """
    ranking = study.ranking("weight_mass", study.seeds[0])
    for label in (one, other):
        if label not in ranking.per_class:
            raise ValueError(f"task {study.task} has no label {label!r}; it has {', '.join(study.classes)}")
    candidates = np.unique(np.concatenate([ranking.per_class[x][:among] for x in (one, other)]))

    def means(split):
        data = study.data[split]
        X = data.X[:, candidates].astype(np.float64)
        z = (X - X.mean(axis=0)) / np.where(X.std(axis=0) > 0, X.std(axis=0), 1)
        return [z[where].mean(axis=0) for where in (data.y == one, data.y == other, (data.y != one) & (data.y != other))]

    first, second, _ = means("dev")
    at = int(np.argmax(np.abs(first - second)))
    first, second, rest = (float(m[at]) for m in means("test"))
    neuron = int(candidates[at])
    switch = first * second < 0 and min(first, second) < rest < max(first, second)
    return {"neuron": neuron, "layer": study.activations.layer_of(neuron), "one": first, "other": second, "rest": rest, "switch": switch}


def detectors(study: Study, labels: Sequence[str], neurons) -> pd.DataFrame:
    """Which of these neurons detects each label best: chosen on dev, its area under the ROC curve on test, whichever its sign.

    Columns label, neuron, auc; a label that dev or test lacks has none.
    """
    rows = []
    for label in labels:
        if not all((study.data[split].y == label).any() for split in ("dev", "test")):
            continue
        areas = [_auc(study.data["dev"], int(neuron), label) for neuron in neurons]
        best = int(np.argmax([max(a, 1 - a) for a in areas]))
        area = _auc(study.data["test"], int(neurons[best]), label)
        rows.append({"label": label, "neuron": int(neurons[best]), "auc": area if areas[best] >= 0.5 else 1 - area})
    return pd.DataFrame(rows, columns=["label", "neuron", "auc"])


def relative_position(data: Activations) -> np.ndarray:
    """(N,) where each word stands in its sentence: 0 the first, 1 the last (a sole word: 0)."""
    _, start, length = np.unique(data.sentence_ids, return_index=True, return_counts=True)
    return (np.arange(len(data.sentence_ids)) - np.repeat(start, length)) / np.maximum(np.repeat(length, length) - 1, 1)


def position_profiles(study: Study, neurons, split: str = "test", bins: int = 10) -> pd.DataFrame:
    """Neurons along the sentence: neuron, layer, correlation (Pearson's, with the relative position), profile.

    profile  a `Curve`: means per part of the sentence, in standard deviations from the neuron's mean
    """
    data = study.data[split]
    where = relative_position(data)
    part = np.minimum((where * bins).astype(int), bins - 1)
    x = tuple((np.arange(bins) + 0.5) / bins)
    rows = []
    for neuron in np.asarray(neurons).tolist():
        column = data.X[:, neuron].astype(np.float64)
        z = (column - column.mean()) / (column.std() or 1.0)
        profile = tuple(float(z[part == b].mean()) if (part == b).any() else float("nan") for b in range(bins))
        centred = where - where.mean()
        rho = float(z @ centred / (len(z) * (where.std() or 1.0)))
        rows.append({"neuron": neuron, "layer": study.activations.layer_of(neuron), "correlation": rho, "profile": Curve(x, profile)})
    return pd.DataFrame(rows)


def _auc(data: Activations, neuron: int, label: str) -> float:
    """Chance that a word of the label has a higher activation than another word, ties counted half; 0.5 without either."""
    from scipy.stats import rankdata

    ranks, member = rankdata(data.X[:, neuron].astype(np.float64)), data.y == label
    n, m = int(member.sum()), int((~member).sum())
    return float((ranks[member].sum() - n * (n + 1) / 2) / (n * m)) if n and m else 0.5


def top_words(study: Study, labels: Sequence[str], k: int = 5, among: int = 10) -> pd.DataFrame:
    """The k word types that drive each label's neuron most on test, by mean activation (table 4).

    Adds to `label_neurons`: words, their mean activations, carries (lists: does the word ever carry the label), hits
    (their number).
    """
    data, found = study.data["test"], label_neurons(study, labels, among)
    types, inverse = np.unique(data.words.astype(str), return_inverse=True)
    count = np.bincount(inverse)
    rows = []
    for at in found.itertuples():
        mean = at.sign * np.bincount(inverse, data.X[:, at.neuron].astype(np.float64)) / count
        best = np.argsort(-mean, kind="stable")[:k]
        carriers = set(data.words[data.y == at.label].tolist())
        carries = [types[i] in carriers for i in best]
        rows.append({"words": types[best].tolist(), "activations": (at.sign * mean[best]).tolist(), "carries": carries, "hits": sum(carries)})
    return found.join(pd.DataFrame(rows))


def examples(study: Study, neuron: int, label: str | None = None, k: int = 4, split: str = "test", length: tuple[int, int] = (6, 14)) -> dict:
    """k sentences with a neuron's activation per word, in standard deviations from its mean over the split.

    With a label: the first sentences that hold it; without: the first of suitable length.
    Returns {"sentences": [words], "values": [activations]}.
    """
    data = study.data[split]
    column = data.X[:, neuron].astype(np.float64)
    z = (column - column.mean()) / (column.std() or 1.0)
    order = np.unique(data.sentence_ids)
    sentences, values = [], []
    for sentence in order:
        rows = slice(*np.searchsorted(data.sentence_ids, [sentence, sentence + 1]))
        if length[0] <= rows.stop - rows.start <= length[1] and (label is None or label in data.y[rows]):
            sentences.append(data.words[rows].tolist())
            values.append(z[rows].tolist())
        if len(sentences) == k:
            break
    return {"sentences": sentences, "values": values}


def position_neuron(study: Study, split: str = "test", bins: int = 10) -> dict:
    """The first neuron for a word's position: id, layer, its mean at the beginning, middle and end, and along the sentence.

    Activations in standard deviations from the neuron's mean; `profile` has one mean per tenth of the sentence.
    """
    seed = study.seeds[0]
    neuron = int(study.ranking("weight_mass", seed).order[0])
    data = study.data[split]
    column = data.X[:, neuron].astype(np.float64)
    z = (column - column.mean()) / (column.std() or 1.0)
    where = relative_position(data)
    tenth = np.minimum((where * bins).astype(int), bins - 1)
    profile = [float(z[tenth == b].mean()) if (tenth == b).any() else float("nan") for b in range(bins)]
    means = {name: float(z[data.y == name].mean()) for name in ("begin", "middle", "end")}
    return {"neuron": neuron, "layer": study.activations.layer_of(neuron), "profile": profile} | means


# --- annotations ---------------------------------------------------------------------------------------

def example(spec: str, layers: Sequence[str], *, sentences: Mapping, length: tuple[int, int], split: str = "test") -> dict[str, list[str]]:
    """One sentence with the asked annotation layers: of the suitable ones, the one with the most distinct labels."""
    corpus = sample(spec, sentences).split(split)
    fitting = [i for i, s in enumerate(corpus.sentences) if length[0] <= len(s) <= length[1]]
    if not fitting:
        raise ValueError(f"{spec}, {split}: no sentence of {length[0]} to {length[1]} words; widen the length or take more sentences")
    for layer in layers:
        corpus.labels(layer)  # names the layers there are when one is missing
    best = max(fitting, key=lambda i: (sum(len({x for x in corpus.annotations[a][i] if x}) for a in layers), -i))
    return {"word": list(corpus.sentences[best])} | {a: list(corpus.annotations[a][best]) for a in layers}


def label_counts(spec: str, layers: Sequence[str], *, sentences: Mapping) -> pd.DataFrame:
    """Per layer: the number of distinct labels and the share of words that have one."""
    corpus = sample(spec, sentences)
    rows = []
    for layer in layers:
        labels = corpus.labels(layer)
        rows.append({"layer": layer, "labels": len({x for x in labels.tolist() if x}), "share": float((labels != "").mean())})
    return pd.DataFrame(rows)


def well_formed_trees(spec: str, *, sentences: Mapping) -> dict[str, int]:
    """How many sentences have exactly one root and no cycle among their heads."""
    corpus = sample(spec, sentences)
    good = 0
    for heads in corpus.annotations["head"]:
        parent = [int(h) for h in heads]
        depth = [_reaches_root(i, parent) for i in range(1, len(parent) + 1)]
        good += parent.count(0) == 1 and all(depth)
    return {"good": good, "all": len(corpus.sentences)}


def _reaches_root(node: int, parent: list[int]) -> bool:
    for _ in parent:
        node = parent[node - 1]
        if node == 0:
            return True
    return False
