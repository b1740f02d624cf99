"""What the crossing of probes and orders shows: patterns, overlaps, tests (Antverg & Belinkov 2022 §2.3, §3, appendix A).

`Crossing` holds the accuracies of many configurations; the functions below are views of it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from .corpora.unimorph import ATTRIBUTES, Attribute
from .pitfalls import FORWARD, ORDERS, PROBES, Configuration, relative
from .statistics import expected_overlap, overlap_distribution, wilcoxon_matrix

__all__ = ["OWN", "PATTERNS", "Clusters", "Crossing", "Stars", "alike", "cluster", "consistency", "cross", "filters", "gaps", "in_order", "overlaps", "probe_not_ranking", "selective", "shared", "significant", "wins_from"]

PATTERNS = ("Standard", "G>L", "L>G", "mixed")
OWN = {"Linear": "Linear", "Gaussian": "Gaussian"}  # a probe's own order
_RANDOM = ORDERS.index("random")


@dataclass(frozen=True, eq=False)
class Crossing:
    """Accuracies of probe × order × size in n configurations, in percent.

    accuracy, control  (n, 2, 7, K) on the task and on the control task, by `PROBES`, `ORDERS` and `ks`
    about    one row per configuration: model, language, attribute, layer, neurons, words of train, values, majority (%)
    """

    names: tuple[str, ...]
    ks: np.ndarray
    d: int
    accuracy: np.ndarray
    control: np.ndarray
    about: pd.DataFrame

    @property
    def selectivity(self) -> np.ndarray:
        """(n, 2, 7, K) task minus control accuracy, in points (Hewitt & Liang 2019)."""
        return self.accuracy - self.control

    @property
    def short(self) -> list[str]:
        """Names without what all configurations share: "Number 3" where there is one language and one model."""
        a = self.about
        given = [c for c in ("model", "language") if a[c].nunique() > 1]
        return [" ".join([*(str(row[c]) for c in given), f"{row.attribute} {row.layer}"]) for _, row in a.iterrows()]

    def at(self, k: int) -> int:
        """Index of the measured size nearest to `k`, the smaller of two."""
        return int(np.argmin(np.abs(self.ks - k)))

    def scale(self, k: int, of: int = 768) -> int:
        """The size that is to a layer here what `k` is to the paper's 768."""
        return relative(k, self.d, of)


def cross(configurations: Sequence[Configuration]) -> Crossing:
    """Measure every configuration (from the store where it has been measured). All must have layers of one width.

    Raises ValueError: layers of different width.
    """
    widths = sorted({c.n_neurons for c in configurations})
    if len(widths) != 1:
        raise ValueError(f"layers of {widths} neurons; cross models of one width at a time, so that a size k means one thing")
    found = 100 * np.stack([c.accuracy for c in configurations])
    several = len({c.model_name for c in configurations}) > 1
    rows = [
        {"model": c.model_name, "language": c.language, "attribute": c.attribute, "layer": c.layer, "values": len(c.values), "neurons": c.n_neurons,
         "train": len(c.data["train"]), "test": len(c.data["test"]), "majority": 100 * c.majority, "skipped": len(c.data["train"].skipped)}
        for c in configurations
    ]  # fmt: skip
    names = tuple(f"{c.model_name}: {c.name}" if several else c.name for c in configurations)
    return Crossing(names, configurations[0].ks, widths[0], found[:, 0], found[:, 1], pd.DataFrame(rows, index=names))


def filters(found: Mapping[str, Mapping[str, Attribute]], min_forms: int) -> pd.DataFrame:
    """What the filters leave: a row per language and attribute that the corpus marks at all.

    kept       values with enough distinct word forms, with the fewest forms in any split
    left out   the others, with theirs; words lost: tokens that carry them; used: two values are left
    """
    rows = []
    for language, attributes in found.items():
        for name, at in attributes.items():
            if at.forms:
                kept = ", ".join(f"{v} ({at.forms[v]})" for v in at.values)
                out = ", ".join(f"{v} ({n})" for v, n in at.forms.items() if n < min_forms)
                note = "" if name in ATTRIBUTES else ", not in the paper"
                lost = sum(at.dropped.values()) + (0 if at.usable else int((at.labels != "").sum()))
                rows.append({"language": language, "attribute": name + note, "kept (forms)": kept, "left out (forms)": out, "words lost": lost, "used": "yes" if at.usable else "no"})
    return pd.DataFrame(rows).set_index(["language", "attribute"])


def selective(crossing: Crossing, ks: Sequence[int]) -> pd.DataFrame:
    """Means over configurations of each probe with its own order: accuracy, control accuracy, selectivity at each size."""
    rows = {}
    for p, probe in enumerate(PROBES):
        for k in ks:
            at = (slice(None), p, ORDERS.index(OWN[probe]), crossing.at(k))
            rows[f"{probe} probe, k = {k}"] = {name: getattr(crossing, name)[at].mean() for name in ("accuracy", "control", "selectivity")}
    return pd.DataFrame.from_dict(rows, orient="index")


# --- patterns --------------------------------------------------------------------------------------


def in_order(values: np.ndarray) -> np.ndarray:
    """(…) whether every forward order is above the random one and that above every reversed one; values (…, 7) by `ORDERS`."""
    forward, backward, random = values[..., :3], values[..., 3:6], values[..., _RANDOM]
    return (forward.min(axis=-1) > random) & (random > backward.max(axis=-1))


def wins_from(a: np.ndarray, b: np.ndarray) -> np.ndarray:
    """(…) index of the first size from which `a` (…, K) stays above `b` up to the last; K where it never does."""
    above = a > b
    return above.shape[-1] - np.cumprod(above[..., ::-1], axis=-1).sum(axis=-1)


def gaps(crossing: Crossing, k: int) -> pd.DataFrame:
    """Why a bad order can beat a good one: how far apart the probes are, and how far apart the orders, at size `k` (points).

    With a, b the Gaussian probe by its own and by the random order, and c, d the Linear probe likewise,
        between probes  P = ((a − c) + (b − d)) / 2        between orders  R = ((a − b) + (c − d)) / 2
    so that b − c = P − R and d − a = −P − R exactly: the Gaussian probe with a random order beats the Linear one with its own
    if and only if P > R, and the Linear probe with a random order beats the Gaussian one with its own if and only if −P > R.
    pattern: "G>L", "L>G"; between them "Standard" where the mean over the sizes up to `k` is `in_order` for both probes, else "mixed".
    """
    at = crossing.accuracy[..., crossing.at(k)]
    own = {p: ORDERS.index(OWN[p]) for p in PROBES}
    a, b = at[:, 1, own["Gaussian"]], at[:, 1, _RANDOM]
    c, d = at[:, 0, own["Linear"]], at[:, 0, _RANDOM]
    probes, orders = ((a - c) + (b - d)) / 2, ((a - b) + (c - d)) / 2
    standard = in_order(crossing.accuracy[..., crossing.ks <= k].mean(axis=-1)).all(axis=1)
    pattern = np.where(probes > orders, "G>L", np.where(-probes > orders, "L>G", np.where(standard, "Standard", "mixed")))
    return pd.DataFrame({"between probes": probes, "between orders": orders, "pattern": pattern, "G own": a, "G random": b, "L own": c, "L random": d}, index=list(crossing.names))


def alike(one: Crossing, other: Crossing, k: int) -> pd.Series:
    """(language, attribute, layer) → whether a configuration of two models shows the same pattern in both at size `k` (`gaps`)."""
    keys = ["language", "attribute", "layer"]
    a, b = (gaps(c, k).join(c.about[keys]).set_index(keys).pattern for c in (one, other))
    both = a.index.intersection(b.index)
    return a[both] == b[both]


def probe_not_ranking(crossing: Crossing, start: int, k: int) -> pd.DataFrame:
    """What shows that a probe is not its ranking, one row per configuration.

    standard         whether both probes put the orders in their place (`in_order`), by the mean over the sizes up to `k`
    gaussian         whether the Gaussian probe with a reversed or the random order ends above the Linear probe with its own, up to `k`
    linear           the Linear probe above the Gaussian one, likewise
    linear_later     the same up to the largest size
    fall             points that the Gaussian probe with its own order is below its peak at the largest size
    below            whether it is below the majority label at any size from `start` on
    """
    acc = crossing.accuracy
    upto = acc[..., : crossing.at(k) + 1]

    def wins(values, probe):
        own = values[:, 1 - probe, 1 - probe : 2 - probe]  # the other probe's own order
        return (wins_from(values[:, probe, 3:], own) < values.shape[-1]).any(axis=1)

    gaussian = acc[:, 1, 1]
    below = (gaussian[:, crossing.at(start) :] < crossing.about.majority.to_numpy()[:, None]).any(axis=1)
    return pd.DataFrame({
        "standard": in_order(upto.mean(axis=-1)).all(axis=1), "gaussian": wins(upto, 1), "linear": wins(upto, 0), "linear_later": wins(acc, 0),
        "fall": gaussian.max(axis=-1) - gaussian[:, -1], "below": below,
    }, index=list(crossing.names))


@dataclass(frozen=True, eq=False)
class Clusters:
    """K-means of the configurations' curves.

    label    (n,) cluster of each configuration, the largest cluster 0
    pattern  cluster → what its mean curves show at the largest size: "Standard", "G>L", "L>G", or "mixed"
    example  cluster → the configuration nearest to its mean
    place    (n, 2) t-SNE
    """

    label: np.ndarray
    pattern: tuple[str, ...]
    example: tuple[int, ...]
    place: np.ndarray

    def table(self, crossing: Crossing) -> pd.DataFrame:
        """Every configuration with its cluster, what that shows, and its place in the picture."""
        rows = {"cluster": self.label + 1, "pattern": [self.pattern[c] for c in self.label], "x": self.place[:, 0], "y": self.place[:, 1]}
        return pd.DataFrame(rows, index=list(crossing.names)).sort_values("cluster", kind="stable")


def cluster(crossing: Crossing, k: int, n_clusters: int = 3, seed: int = 0) -> Clusters:
    """Three clusters of the (n, 8 × sizes up to `k`) matrix of forward and random orders, and its t-SNE (appendix A.6).

    Raises ValueError: fewer configurations than clusters.
    """
    from sklearn.cluster import KMeans
    from sklearn.manifold import TSNE

    n = len(crossing.names)
    if n < n_clusters:
        raise ValueError(f"{n} configurations in {n_clusters} clusters; give at least as many configurations")
    shown = crossing.ks <= k
    kept = [o for o, name in enumerate(ORDERS) if not name.endswith("reversed")]
    matrix = crossing.accuracy[:, :, kept][..., shown].reshape(n, -1)
    label = KMeans(n_clusters, n_init=50, random_state=seed).fit_predict(matrix)
    sizes = np.bincount(label, minlength=n_clusters)
    first = [int(np.flatnonzero(label == c)[0]) for c in range(n_clusters)]
    rank = {c: i for i, c in enumerate(sorted(range(n_clusters), key=lambda c: (-sizes[c], first[c])))}
    label = np.array([rank[c] for c in label.tolist()])
    place = TSNE(2, perplexity=min(30, (n - 1) / 3), init="pca", random_state=seed).fit_transform(matrix) if n > 3 else np.zeros((n, 2))
    last = int(np.flatnonzero(shown)[-1])
    names, example = [], []
    for c in range(n_clusters):
        inside = np.flatnonzero(label == c)
        example.append(int(inside[np.square(matrix[inside] - matrix[inside].mean(axis=0)).sum(axis=1).argmin()]))
        mean = crossing.accuracy[label == c][..., last].mean(axis=0)
        own = [mean[p, ORDERS.index(OWN[name])] for p, name in enumerate(PROBES)]
        if mean[1, _RANDOM] > own[0]:
            names.append("G>L")
        elif mean[0, _RANDOM] > own[1]:
            names.append("L>G")
        else:
            names.append("Standard" if in_order(mean).all() else "mixed")
    return Clusters(label, tuple(names), tuple(example), place)


# --- overlaps --------------------------------------------------------------------------------------


def overlaps(configurations: Sequence[Configuration], m: int) -> pd.DataFrame:
    """Neurons shared by the first `m` of Linear, Gaussian and Probeless, in pairs and all three, a row per configuration."""
    rows = {}
    for c in configurations:
        tops = {name: set(c.orders[o, :m].tolist()) for o, name in enumerate(FORWARD)}
        pairs = {f"{a} ∩ {b}": len(tops[a] & tops[b]) for i, a in enumerate(FORWARD) for b in FORWARD[i + 1 :]}
        rows[c.name] = pairs | {"all three": len(set.intersection(*tops.values()))}
    return pd.DataFrame.from_dict(rows, orient="index")


def shared(configurations: Sequence[Configuration], m: int) -> dict[str, pd.DataFrame]:
    """Ranking → square table: neurons shared by the first `m` of every two configurations."""
    names = [c.name for c in configurations]
    out = {}
    for o, method in enumerate(FORWARD):
        tops = [set(c.orders[o, :m].tolist()) for c in configurations]
        out[method] = pd.DataFrame([[len(a & b) for b in tops] for a in tops], names, names)
    return out


def consistency(tables: Mapping[str, pd.DataFrame], configurations: Sequence[Configuration], d: int, m: int) -> pd.DataFrame:
    """Per ranking: mean overlap over all pairs, over pairs of languages with one attribute, and of these the share within two
    standard deviations of chance (%); NaN where there is no such pair. `expected` is what two random rankings share."""
    p = overlap_distribution(d, m, 2)
    expected = expected_overlap(d, m, 2)
    limit = expected + 2 * np.sqrt((np.arange(m + 1) - expected) ** 2 @ p)
    i, j = np.triu_indices(len(configurations), 1)
    across = np.array([configurations[a].attribute == configurations[b].attribute and configurations[a].language != configurations[b].language for a, b in zip(i, j, strict=True)], dtype=bool)
    rows = {}
    for method, table in tables.items():
        all_pairs = table.to_numpy()[i, j]
        same = all_pairs[across]
        rows[method] = {
            "all pairs": all_pairs.mean() if len(all_pairs) else np.nan,
            "lowest": all_pairs.min() if len(all_pairs) else np.nan,
            "one attribute, two languages": same.mean() if len(same) else np.nan,
            "largest of these": same.max() if len(same) else np.nan,
            "near chance (%)": 100 * (same <= limit).mean() if len(same) else np.nan,
            "expected": expected,
        }
    return pd.DataFrame.from_dict(rows, orient="index")


# --- tests -----------------------------------------------------------------------------------------


def significant(crossing: Crossing, k: int, orders: Sequence[str] = ORDERS, *, correct: bool = True) -> tuple[pd.DataFrame, pd.DataFrame]:
    """One-sided Wilcoxon signed-rank tests over configurations between every two of "<probe> by <order>" at size `k`:
    p that the row is no better than the column, raw and after Holm's correction over the whole table (appendix A.7)."""
    at = crossing.accuracy[..., crossing.at(k)]
    values = {f"{probe} by {order}": at[:, p, ORDERS.index(order)] for order in orders for p, probe in reversed(list(enumerate(PROBES)))}
    return wilcoxon_matrix(values, correct=correct)


@dataclass(frozen=True, eq=False)
class Stars:
    """Readings of `significant` at several sizes: size → raw p of every "<probe> by <order>" against every other.

    The methods that judge give (verdict, the numbers behind it), as a report's claim takes them.
    """

    p: Mapping[int, pd.DataFrame]
    level: float = 0.05

    def _better(self, k: int, a: str, b: str) -> bool:
        return bool(self.p[k].loc[a, b] < self.level)

    def probe_wins(self) -> dict[int, int]:
        """Size → under how many of the seven orders the Gaussian probe is better than the Linear one."""
        return {k: sum(self._better(k, f"Gaussian by {o}", f"Linear by {o}") for o in ORDERS) for k in self.p}

    def order_better(self, a: str, b: str, k: int) -> tuple[bool, str]:
        """Order `a` better than `b` under both probes."""
        won = {probe: self.p[k].loc[f"{probe} by {a}", f"{probe} by {b}"] for probe in PROBES}
        return all(v < self.level for v in won.values()), f"{a}'s order over {b}'s, as k = {k}: " + ", ".join(f"{probe} probe p = {v:.3f}" for probe, v in won.items())

    def order_best(self, order: str, k: int) -> tuple[bool, str]:
        """An order better than the other two forward ones under both probes."""
        parts = [self.order_better(order, other, k) for other in FORWARD if other != order]
        return all(holds for holds, _ in parts), "; ".join(text for _, text in parts)

    def consistent(self) -> tuple[bool, str]:
        """Each forward order better than the random one, and that better than each reversed one, under each probe, at each size."""
        parts = {}
        for k in self.p:
            up = sum(self._better(k, f"{probe} by {o}", f"{probe} by random") for probe in PROBES for o in FORWARD)
            down = sum(self._better(k, f"{probe} by random", f"{probe} by {o} reversed") for probe in PROBES for o in FORWARD)
            parts[k] = up, down
        text = ", ".join(f"as k = {k}: forward over random {up} of 6, random over reversed {down} of 6" for k, (up, down) in parts.items())
        return all(v == (6, 6) for v in parts.values()), text

    def behind(self, order: str) -> tuple[bool, str]:
        """An order worse than the other forward ones in more than half of the comparisons of sizes, probes and others."""
        others = [o for o in FORWARD if o != order]
        lost = {k: sum(self._better(k, f"{probe} by {o}", f"{probe} by {order}") for probe in PROBES for o in others) for k in self.p}
        total = len(PROBES) * len(others) * len(lost)
        return sum(lost.values()) > total / 2, f"behind in {sum(lost.values())} of {total}: " + ", ".join(f"{v} as k = {k}" for k, v in lost.items())
