"""Every method that orders neurons by salience: pure functions on arrays, each giving a `Ranking`.

`rank(method, activations, …)` calls any of them alike on labelled activations. Another direction is
`ranking.reversed()`.

Shape names: N tokens, D neurons, C classes (labels). coef (C, D) are a linear probe's weights.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from .concepts import average_precision_scores, iou_scores
from .correlation import best_match
from .exact import class_sums
from .gaussian import greedy
from .probes import LinearProbe
from .training import row_blocks, to_float
from .types import Activations, Ranking

__all__ = [
    "METHODS",
    "average_precision",
    "class_means",
    "cross_model",
    "descending",
    "gaussian",
    "iou",
    "magnitude",
    "mean_abs_weight",
    "mean_distance",
    "neurons_per_label",
    "probeless",
    "random",
    "rank",
    "register",
    "variance",
    "weight_mass",
    "weight_mass_steps",
]


def descending(scores) -> np.ndarray:
    """Neuron ids by score, highest first, ties by index."""
    return np.argsort(-np.asarray(scores), kind="stable")


# --- from a probe's weights ------------------------------------------------------------------------


def weight_mass(coef, classes=None) -> Ranking:
    """The ranking of Linguistic Correlation Analysis (Dalvi 2019 algorithm 1; Durrani 2023 algorithm 3), without a step size.

    The papers raise p from almost 0 to 100 % and add, at each step, every class's smallest set of largest |w|
    whose cumulative mass reaches p % of that class's Σ|w|. In the limit of small steps a neuron enters when p
    exceeds the mass that precedes it in a class; its key is the least such mass over the classes. Whatever the
    stride, each step's set is a prefix of this one order (`weight_mass_steps`).

    Ties in the key (every class's top neuron enters at 0) go by the neuron's share of that class's mass, then by
    index. Neurons without any weight come last by index; n_informative counts the others.
    scores: 1 − key, in [0, 1]. per_class: by |w| of that class; class_scores: |w|.

    coef (C, D); classes: the C labels, default 0 … C−1.

    Raises ValueError: coef is not (C, D), holds NaN, or does not match classes.
    """
    size, labels = _weights(coef, classes)
    key, share, by_class = _entry(size)
    informative = np.isfinite(key)
    order = np.lexsort((-share, key))  # stable: equal keys and shares stay in index order
    scores = np.where(informative, 1 - np.where(informative, key, 1.0), 0.0)
    return _ranking(order, scores, labels, size, "weight_mass", int(informative.sum()), by_class)


def weight_mass_steps(coef, stride: float = 1.0) -> list[np.ndarray]:
    """The neurons newly found at each step p = stride, 2·stride, … 100 % of the papers' loop, each step sorted by id.

    Published code appends a step's neurons in the order of a Python set, so only these sets can be compared.
    A neuron found at no step carries no weight.

    Raises ValueError: stride outside (0, 100].
    """
    if not 0 < stride <= 100:
        raise ValueError(f"stride {stride}; give a percentage of the weight mass above 0 and at most 100")
    key, *_ = _entry(_weights(coef, None)[0])
    steps, found = [], np.zeros(len(key), dtype=bool)
    n_steps = int(np.ceil(100 / stride - 1e-9))
    for k in range(1, n_steps + 1):
        inside = np.isfinite(key) if k == n_steps else key < k * stride / 100
        steps.append(np.flatnonzero(inside & ~found))
        found |= inside
    return steps


def neurons_per_label(ranking: Ranking, n: int) -> dict:
    """Label → how many neurons it contributes to the first `n` of a weight-mass ranking (Durrani 2023 §5.2, figure 7).

    The first n neurons are all that some label's weight mass reaches by a threshold p; a label contributes those
    that its own mass reaches by that p. A neuron may count for several labels.
    """
    threshold = 1 - ranking.scores[ranking.order[n - 1]] if n else -1.0
    out = {}
    for label, order in ranking.per_class.items():
        size = ranking.class_scores[label][order]
        before = (np.cumsum(size) - size) / size.sum() if size.any() else np.full(len(size), np.inf)
        out[label] = int(((before <= threshold + 1e-12) & (size > 0)).sum())
    return out


def _entry(size: np.ndarray) -> tuple[np.ndarray, np.ndarray, list]:
    """Per neuron: the least share of a class's mass that precedes it (inf without weight), and its own share there.

    Third: each class's neurons by size, ties by index.
    """
    d = size.shape[1]
    key, share, orders = np.full(d, np.inf), np.zeros(d), []
    for row in size:  # a row at a time stays in cache
        order = _descending_row(row)
        orders.append(order)
        at = order[: np.count_nonzero(row)]  # the others come last, and never enter
        total = max(row.sum(), np.finfo(np.float64).tiny)
        before, own = np.full(d, np.inf), row / total
        before[at[:1]] = 0.0
        before[at[1:]] = np.cumsum(row[at])[:-1] / total
        better = (before < key) | ((before == key) & (own > share))
        np.copyto(key, before, where=better)
        np.copyto(share, own, where=better)
    return key, share, orders


def _descending_row(row: np.ndarray) -> np.ndarray:
    """`descending(row)` for floats, by a radix sort of their bits, sixteen at a time from the lowest.

    Bits of floats order as integers do once those of the negative ones are turned. Each pass is stable, and so is the
    whole: equal values stay in order of index, which numpy's fast sort leaves to be repaired. Values that float32
    holds exactly, as trained weights, take half the passes.
    """
    values = np.asarray(row, dtype=np.float64) + 0.0  # −0 is 0
    if np.isnan(values).any():
        return descending(values)
    with np.errstate(over="ignore", under="ignore"):
        single = values.astype(np.float32)
    values = single if np.array_equal(single, values) else values
    bits = values.view(np.uint32 if values.itemsize == 4 else np.uint64)
    positive = bits.dtype.type(np.iinfo(bits.dtype).max >> 1)
    digits = np.where(bits > positive, bits, positive - bits).astype(bits.dtype.newbyteorder("<")).view("<u2").reshape(-1, values.itemsize // 2)
    order = np.argsort(digits[:, 0], kind="stable")
    for digit in digits.T[1:]:
        order = order[np.argsort(digit[order], kind="stable")]
    return order


def mean_abs_weight(coef, classes=None) -> Ranking:
    """Neurons by mean |w| over the classes: the "Linear" ranking of Antverg & Belinkov 2022 (appendix A.1).

    per_class: by |w| of that class. Raises ValueError as `weight_mass`.
    """
    size, labels = _weights(coef, classes)
    # sorted before summing: rounding, hence the order, does not depend on how the labels are named
    return _by_score(np.sort(size, axis=0).mean(axis=0), labels, size, "mean_abs_weight")


def magnitude(coef, classes=None) -> Ranking:
    """The weight-magnitude baseline of Durrani 2023 table 2, which the paper names without defining.

    Our reading: the Euclidean norm over classes of a neuron's weights in a probe trained *without*
    regularisation (`rank("magnitude", …)` trains one): the same weights, minus the two things that the
    paper's method adds, elastic net and per-class mass. Raises ValueError as `weight_mass`.
    """
    size, labels = _weights(coef, classes)
    return _by_score(np.sqrt((np.sort(size, axis=0) ** 2).sum(axis=0)), labels, size, "magnitude")


def _weights(coef, classes) -> tuple[np.ndarray, list]:
    size = np.array(coef, dtype=np.float64)
    np.abs(size, out=size)
    if size.ndim != 2:
        raise ValueError(f"weights have shape {np.shape(coef)}; give (classes, neurons), as LinearProbe.coef_")
    if not np.isfinite(size).all():
        raise ValueError("weights hold NaN or infinity; train the probe again with a smaller lr")
    labels = list(range(len(size))) if classes is None else np.asarray(classes).tolist()
    if len(labels) != len(size):
        raise ValueError(f"{len(labels)} classes for weights of {len(size)}; give one label per row (scikit-learn keeps one row for two classes)")
    return size, labels


# --- from the data alone ---------------------------------------------------------------------------


def probeless(X, y) -> Ranking:
    """Probeless (Antverg & Belinkov 2022 §2.1): r = Σ over pairs of labels |q(z) − q(z′)|, q(z) the mean activation under z.

    per_class: the same sum with one label fixed. In float64 throughout; ties by index.

    X (N, D), any float type, may be memory-mapped; y (N,) labels.

    Raises ValueError: fewer than two labels, lengths differ, NaN or infinite activations.
    """
    means, labels = class_means(X, y)
    # Σ over pairs at O(C log C) per neuron: with the means sorted, the i-th exceeds i of them and is exceeded by the rest
    order = np.argsort(means, axis=0, kind="stable")
    s = np.take_along_axis(means, order, axis=0)
    c = len(labels)
    i = np.arange(c)[:, None]
    below = np.cumsum(s, axis=0) - s
    total = s.sum(axis=0)
    distance = np.empty_like(means)
    np.put_along_axis(distance, order, i * s - below + (total - below - s) - (c - 1 - i) * s, axis=0)
    score = np.maximum(((2 * i - c + 1) * s).sum(axis=0), 0.0)
    return _by_score(score, labels, np.maximum(distance, 0.0), "probeless")


def class_means(X, y) -> tuple[np.ndarray, list]:
    """(C, D) mean activation under each label in float64, and the C sorted labels.

    Raises ValueError: fewer than two labels, lengths differ, NaN or infinite activations.
    """
    X, y = np.asarray(X) if not isinstance(X, np.ndarray) else X, np.asarray(y)
    if X.ndim != 2 or len(X) != len(y):
        raise ValueError(f"activations of shape {X.shape} and {len(y)} labels; give (tokens, neurons) and one label per token")
    classes, index = np.unique(y, return_inverse=True)
    if len(classes) < 2:
        raise ValueError(f"a ranking needs at least two labels; all {len(y)} are {classes[0]!r}" if len(classes) else "there are no labels")
    sums = np.zeros((len(classes), X.shape[1]))
    for rows in row_blocks(len(X), 4096):
        sums += class_sums(to_float(X[rows], np.float64), index[rows], len(classes))
    if not np.isfinite(sums).all():
        raise ValueError("activations hold NaN or infinity; leave such rows out")
    return sums / np.bincount(index)[:, None], classes.tolist()


def gaussian(X, y, k: int | None = None, *, dev=None, criterion: str = "log_likelihood", **settings) -> Ranking:
    """Greedy selection under class-conditional Gaussians (Torroba Hennigen 2020; Antverg & Belinkov 2022): `gaussian.greedy`.

    k      how many neurons to pick greedily (None: all); the rest follow by their criterion at the last step
    dev    (X_dev, y_dev): the selection split. None: the training tokens themselves
    scores: D for the first of the order, down to 1: the criterion need not fall along the picks. per_class: by how much
    a neuron on its own tells the tokens of that label (nats a token). n_informative: k.

    settings: covariance, device, dtype, memory, as `gaussian.greedy`, which says what it raises.
    """
    found = greedy(X, y, k, dev=(X, y) if dev is None else dev, criterion=criterion, **settings)
    rest = descending(found.last)[: X.shape[1] - len(found.picks)]  # the picked ones have −inf there
    order = np.concatenate([found.picks, rest])
    scores = np.empty(len(order))
    scores[order] = np.arange(len(order), 0, -1)
    return _ranking(order, scores, found.labels, found.first, "gaussian", len(found.picks))


def iou(X, y, *, quantile: float | None = None, **settings) -> Ranking:
    """Neurons by intersection over union with the labels' tokens, mean over labels (Mu & Andreas 2020): `concepts.iou_scores`.

    per_class: by that label's IoU. Raises ValueError as there.
    """
    scores, labels = iou_scores(X, y, quantile=quantile, **settings)
    return _by_score(np.sort(scores, axis=0).mean(axis=0), labels, scores, "iou")


def average_precision(X, y, **settings) -> Ranking:
    """Neurons by average precision as detectors of the labels, mean over labels (Suau 2020): `concepts.average_precision_scores`.

    per_class: by that label's average precision. Raises ValueError as there.
    """
    scores, labels = average_precision_scores(X, y, **settings)
    return _by_score(np.sort(scores, axis=0).mean(axis=0), labels, scores, "average_precision")


def cross_model(activations: Activations, reference, **settings) -> Ranking:
    """Neurons by their best |ρ| with any neuron of other models on the same tokens (Bau 2019; Dalvi 2019): `correlation.best_match`.

    reference: `Activations` of another model, or a list of them. It needs no labels and gives no per-class orders.

    Raises ValueError: other tokens; as `best_match`.
    """
    others = [reference] if isinstance(reference, Activations) else list(reference)
    for other in others:
        if not (np.array_equal(other.sentence_ids, activations.sentence_ids) and np.array_equal(other.token_ids, activations.token_ids)):
            raise ValueError(f"the models' activations are of other tokens ({len(activations)} and {len(other)}); extract both from one corpus, and leave out what either skipped")
    score = best_match(activations.X, [other.X for other in others], **settings).score
    return Ranking(descending(score), score, n_informative=int(np.count_nonzero(score)), method="cross_model")


def variance(X) -> Ranking:
    """Neurons by the variance of their activations: an order that needs one model alone and no labels (Dalvi 2019, figure 7).

    Raises ValueError: X is not (tokens, neurons), or holds NaN or infinity.
    """
    return _spread(X, "variance", lambda centred: centred**2)


def mean_distance(X) -> Ranking:
    """Neurons by how far their activations lie from their mean, E|x − E x| (Dalvi 2019, figure 7).

    The paper names the order without a formula; this reading gives rare outliers less weight than the variance does.
    Raises ValueError as `variance`.
    """
    return _spread(X, "mean_distance", np.abs)


def _spread(X, method: str, size: Callable) -> Ranking:
    X = np.asarray(X) if not isinstance(X, np.ndarray) else X
    if X.ndim != 2 or not len(X):
        raise ValueError(f"activations of shape {X.shape}; give (tokens, neurons), at least one token")
    mean = sum(np.sum(X[rows], axis=0, dtype=np.float64) for rows in row_blocks(len(X), 4096)) / len(X)
    score = sum(size(to_float(X[rows], np.float64) - mean).sum(axis=0) for rows in row_blocks(len(X), 4096)) / len(X)
    if not np.isfinite(score).all():
        raise ValueError("activations hold NaN or infinity; leave such rows out")
    return Ranking(descending(score), score, n_informative=int(np.count_nonzero(score)), method=method)


def random(d: int, seed: int = 0) -> Ranking:
    """A random order of `d` neurons: the baseline. Carries no per-class orders, and no evidence."""
    order = np.random.default_rng(seed).permutation(d)
    scores = np.empty(d)
    scores[order] = np.arange(d, 0, -1) / max(d, 1)
    return Ranking(order, scores, n_informative=0, method="random")


# --- one door to all -------------------------------------------------------------------------------

METHODS: dict[str, Callable[..., Ranking]] = {}


def register(*names: str):
    """Make a function (activations, **options) → Ranking known to `rank` under these names."""

    def keep(function):
        METHODS.update(dict.fromkeys(names, function))
        return function

    return keep


def rank(method: str, activations: Activations, **options) -> Ranking:
    """Rank the neurons of labelled activations by any method, called alike.

    method       a name in METHODS: "lca" (= "weight_mass"), "linear" (= "mean_abs_weight"), "magnitude",
                 "probeless", "random", …
    activations  with labels; where they have a "train" split, only that is used, and rows labelled "" are left out
    options      the method's own. Those from a probe take LinearProbe's settings (l1, l2, solver, …), or
                 probe=, an already trained one

    Raises ValueError: unknown method, no labels, fewer than two labels.
    """
    if method not in METHODS:
        raise ValueError(f"no ranking method {method!r}; there is {', '.join(sorted(METHODS))}")
    part = activations.split("train") if "train" in activations.splits else activations
    return METHODS[method](part.labelled(), **options)


def _from_probe(ranking: Callable[..., Ranking], **fixed):
    def method(activations: Activations, probe=None, **settings) -> Ranking:
        if probe is None:
            probe = LinearProbe(**(settings | fixed)).fit(activations.X, activations.y)
        return ranking(probe.coef_, probe.classes_)

    return method


register("lca", "weight_mass")(_from_probe(weight_mass))
register("linear", "mean_abs_weight")(_from_probe(mean_abs_weight))
register("magnitude")(_from_probe(magnitude, l1=0.0, l2=0.0))
register("iou")(lambda activations, **settings: iou(activations.X, activations.y, **settings))
register("average_precision")(lambda activations, **settings: average_precision(activations.X, activations.y, **settings))
register("gaussian")(lambda activations, k=None, **settings: gaussian(activations.X, activations.y, k, **settings))
register("probeless")(lambda activations: probeless(activations.X, activations.y))
register("variance")(lambda activations: variance(activations.X))
register("mean_distance")(lambda activations: mean_distance(activations.X))
register("random")(lambda activations, seed=0: random(activations.X.shape[1], seed))


# --- assembling a ranking --------------------------------------------------------------------------


def _by_score(scores, labels, class_scores, method) -> Ranking:
    return _ranking(descending(scores), scores, labels, class_scores, method, int(np.count_nonzero(scores > 0)))


def _ranking(order, scores, labels, class_scores, method, n_informative, by_class=None) -> Ranking:
    by_class = [_descending_row(row) for row in class_scores] if by_class is None else by_class
    at = sorted(range(len(labels)), key=lambda i: labels[i])
    return Ranking(
        order,
        scores,
        per_class={labels[i]: by_class[i] for i in at},
        class_scores={labels[i]: class_scores[i] for i in at},
        n_informative=n_informative,
        method=method,
    )
