"""The values that flow between stages: frozen, with read-only arrays and a content key each.

Shape names used throughout the library
    N  tokens (words)          D  neurons (features)      C  classes (labels)
    L  layers                  d  neurons per layer       S  sentences
"""

from __future__ import annotations

import dataclasses
import hashlib
import json
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from types import MappingProxyType

import numpy as np

__all__ = ["Activations", "Corpus", "Curve", "ProbeConfig", "Ranking", "fingerprint", "read_only"]


def read_only(array) -> np.ndarray:
    """A read-only view of `array` (no copy): a later stage cannot change an earlier one."""
    view = np.asanyarray(array).view()
    view.flags.writeable = False
    return view


def fingerprint(value) -> str:
    """SHA-256 (hex) of a value's content: equal content gives an equal key on every machine."""
    digest = hashlib.sha256()
    digest.update(json.dumps(value, sort_keys=True, default=_plain, ensure_ascii=False).encode())
    return digest.hexdigest()


def _plain(value):
    if dataclasses.is_dataclass(value):
        return {f.name: getattr(value, f.name) for f in dataclasses.fields(value)}
    if isinstance(value, Mapping):
        return dict(value)
    if isinstance(value, np.ndarray):
        data = value if value.dtype != object else value.astype(str)
        body = hashlib.sha256(np.ascontiguousarray(data).tobytes()).hexdigest()
        return {"dtype": str(data.dtype), "shape": list(data.shape), "sha256": body}
    if isinstance(value, np.generic):
        return value.item()
    raise TypeError(f"fingerprint: no content key for a {type(value).__name__}; give plain values, arrays or dataclasses")


@dataclass(frozen=True, eq=False)
class Corpus:
    """Sentences of words, any number of annotation layers over them, and named splits.

    sentences    S tuples of words
    annotations  layer → S tuples of labels, one per word; "" marks a word without this annotation
    splits       name → (start, stop) of sentence indices, contiguous ("train", "dev", "test")
    source       where it came from: the spec and the checksum of each file, or the generator's seed
    """

    name: str
    sentences: tuple[tuple[str, ...], ...]
    annotations: Mapping[str, tuple[tuple[str, ...], ...]] = field(default_factory=dict)
    splits: Mapping[str, tuple[int, int]] = field(default_factory=dict)
    source: Mapping[str, str] = field(default_factory=dict)

    def __post_init__(self):
        if not self.sentences:
            raise ValueError(f"corpus {self.name!r} has no sentence; give a file with at least one")
        for layer, rows in self.annotations.items():
            if len(rows) != len(self.sentences):
                raise ValueError(
                    f"corpus {self.name!r}, layer {layer!r}: {len(rows)} annotated sentences for "
                    f"{len(self.sentences)} sentences; give one row of labels per sentence"
                )
            for i, (words, labels) in enumerate(zip(self.sentences, rows, strict=True)):
                if len(words) != len(labels):
                    raise ValueError(
                        f"corpus {self.name!r}, layer {layer!r}, sentence {i}: {len(labels)} labels for "
                        f"{len(words)} words; give one label per word"
                    )
        object.__setattr__(self, "annotations", MappingProxyType(dict(self.annotations)))
        object.__setattr__(self, "splits", MappingProxyType(dict(self.splits) or {"all": (0, len(self.sentences))}))
        object.__setattr__(self, "source", MappingProxyType(dict(self.source)))

    @property
    def n_tokens(self) -> int:
        return sum(map(len, self.sentences))

    @property
    def words(self) -> np.ndarray:
        """(N,) words in order."""
        return np.array([w for s in self.sentences for w in s], dtype=object)

    @property
    def sentence_ids(self) -> np.ndarray:
        """(N,) index of each word's sentence."""
        return np.repeat(np.arange(len(self.sentences)), [len(s) for s in self.sentences])

    def labels(self, layer: str) -> np.ndarray:
        """(N,) labels of one annotation layer, "" where a word has none: a task to probe for."""
        if layer not in self.annotations:
            raise ValueError(f"corpus {self.name!r} has no layer {layer!r}; it has {', '.join(sorted(self.annotations))}")
        return np.array([x for row in self.annotations[layer] for x in row], dtype=object)

    def split(self, name: str) -> Corpus:
        """One split as a corpus of its own."""
        start, stop = _span(self.splits, name, f"corpus {self.name!r}")
        return self._take([range(start, stop)], [name])

    def head(self, **sizes: int) -> Corpus:
        """The first sentences of each named split: `corpus.head(train=2000, dev=500)`."""
        spans = []
        for name, size in sizes.items():
            start, stop = _span(self.splits, name, f"corpus {self.name!r}")
            spans.append(range(start, min(stop, start + size)))
        return self._take(spans, list(sizes))

    def _take(self, spans: Sequence[range], names: Sequence[str]) -> Corpus:
        index = [i for span in spans for i in span]
        edges = np.cumsum([0, *map(len, spans)]).tolist()
        return replace(
            self,
            sentences=tuple(self.sentences[i] for i in index),
            annotations={k: tuple(rows[i] for i in index) for k, rows in self.annotations.items()},
            splits={n: (edges[k], edges[k + 1]) for k, n in enumerate(names)},
        )

    @property
    def text_key(self) -> str:
        """Key of the words alone: activations depend on nothing else of a corpus."""
        return fingerprint(self.sentences)


@dataclass(frozen=True, eq=False)
class Activations:
    """One row of hidden states per word, all layers side by side.

    X             (N, D) float16, bfloat16 (an ml_dtypes array) or float32, read-only, usually a memory map; D = parts · L · d
    words         (N,) the word of each row
    sentence_ids  (N,) its sentence in the corpus
    token_ids     (N,) its position among all words of the corpus (skipped sentences leave gaps)
    layers        the layers side by side, 0 = embeddings
    width         d, neurons per layer
    parts         ("word",), or ("modifier", "head") where two words' activations are concatenated, or what is read of such a pair (`pairs`)
    n_tokens      words in the corpus, skipped ones included
    skipped       sentences left out (longer than the model takes)
    y             (N,) labels, "" where a row has none; None before `with_labels`
    splits        name → (start, stop) of rows
    key           content key of X and its rows
    """

    X: np.ndarray
    words: np.ndarray
    sentence_ids: np.ndarray
    token_ids: np.ndarray
    layers: tuple[int, ...]
    width: int
    n_tokens: int
    parts: tuple[str, ...] = ("word",)
    skipped: tuple[int, ...] = ()
    y: np.ndarray | None = None
    splits: Mapping[str, tuple[int, int]] = field(default_factory=dict)
    model: str = ""
    corpus: str = ""
    key: str = ""

    def __post_init__(self):
        n, d = self.X.shape
        if d != len(self.parts) * len(self.layers) * self.width:
            raise ValueError(
                f"activations have {d} columns; wanted {len(self.parts)} part(s) x {len(self.layers)} layers x {self.width} neurons"
            )
        for name in ("words", "sentence_ids", "token_ids", "y"):
            value = getattr(self, name)
            if value is None:
                continue
            if len(value) != n:
                raise ValueError(f"activations have {n} rows but {len(value)} {name}; give one per row")
            object.__setattr__(self, name, read_only(value))
        object.__setattr__(self, "X", read_only(self.X))
        object.__setattr__(self, "splits", MappingProxyType(dict(self.splits)))

    def __len__(self) -> int:
        return len(self.X)

    def layer_of(self, neuron):
        """Layer of a neuron id, or of each id in an array (both parts of a pair count alike)."""
        within = np.asarray(neuron) % (len(self.layers) * self.width)
        out = np.asarray(self.layers)[within // self.width]
        return int(out) if np.ndim(neuron) == 0 else out

    def with_labels(self, y) -> Activations:
        """Attach labels: one per row, or one per word of the corpus (rows of skipped sentences fall away)."""
        y = np.asarray(y, dtype=object)
        if len(y) == len(self):
            return replace(self, y=y)
        if len(y) == self.n_tokens:
            return replace(self, y=y[self.token_ids])
        raise ValueError(
            f"{len(y)} labels for {len(self)} rows ({self.n_tokens} words in the corpus); give one label per word"
        )

    def rows(self, index) -> Activations:
        """The rows of a boolean mask or a sorted index (X is copied at its own dtype)."""
        index = np.asarray(index)
        index = np.flatnonzero(index) if index.dtype == bool else index
        if len(index) == len(self):
            return self
        return replace(
            self,
            X=self.X[index],
            words=self.words[index],
            sentence_ids=self.sentence_ids[index],
            token_ids=self.token_ids[index],
            y=None if self.y is None else self.y[index],
            splits={k: tuple(np.searchsorted(index, span).tolist()) for k, span in self.splits.items()},
            key=fingerprint([self.key, index]),
        )

    def labelled(self) -> Activations:
        """The rows that carry a label."""
        if self.y is None:
            raise ValueError("these activations carry no labels; call with_labels(corpus.labels(layer)) first")
        return self.rows(self.y != "")

    def split(self, name: str) -> Activations:
        """One split: a view, X is not copied."""
        start, stop = _span(self.splits, name, "activations")
        part = slice(start, stop)
        return replace(
            self,
            X=self.X[part],
            words=self.words[part],
            sentence_ids=self.sentence_ids[part],
            token_ids=self.token_ids[part],
            y=None if self.y is None else self.y[part],
            splits={name: (0, stop - start)},
            key=fingerprint([self.key, name, start, stop]),
        )


def _span(splits, name, what):
    if name not in splits:
        raise ValueError(f"{what} has no split {name!r}; it has {', '.join(splits) or 'none'}")
    return splits[name]


@dataclass(frozen=True, eq=False)
class Ranking:
    """Neurons from most to least salient, for a task and for each of its labels.

    order          (D,) int64 neuron ids, best first; a permutation of 0 … D-1
    scores         (D,) score of neuron i at index i; higher is better
    per_class      label → (D,) order for that label
    class_scores   label → (D,) scores for that label
    n_informative  neurons that the method gave evidence on; the rest follow by index
    """

    order: np.ndarray
    scores: np.ndarray
    per_class: Mapping[str, np.ndarray] = field(default_factory=dict)
    class_scores: Mapping[str, np.ndarray] = field(default_factory=dict)
    n_informative: int | None = None
    method: str = ""

    def __post_init__(self):
        order = np.asarray(self.order, dtype=np.int64)
        d = len(order)
        if not np.array_equal(np.sort(order), np.arange(d)):
            raise ValueError(f"a ranking orders every neuron once; {self.method or 'this order'} is no permutation of 0 … {d - 1}")
        if len(self.scores) != d:
            raise ValueError(f"{len(self.scores)} scores for {d} neurons; give one per neuron")
        object.__setattr__(self, "order", read_only(order))
        object.__setattr__(self, "scores", read_only(self.scores))
        for name in ("per_class", "class_scores"):
            frozen = {k: read_only(v) for k, v in getattr(self, name).items()}
            object.__setattr__(self, name, MappingProxyType(frozen))
        if self.n_informative is None:
            object.__setattr__(self, "n_informative", d)

    def __len__(self) -> int:
        return len(self.order)

    def top(self, n: int | float) -> np.ndarray:
        """The first `n` neurons: an int is a count, a float a fraction of D (rounded up)."""
        return self.order[: count_of(n, len(self))]

    def reversed(self) -> Ranking:
        """Worst first: orders reversed, scores negated."""
        return replace(
            self,
            order=self.order[::-1],
            scores=-np.asarray(self.scores),
            per_class={k: v[::-1] for k, v in self.per_class.items()},
            class_scores={k: -np.asarray(v) for k, v in self.class_scores.items()},
        )


def count_of(n: int | float, d: int) -> int:
    """A number of neurons from a count (int) or a fraction of `d` (float, rounded up)."""
    if isinstance(n, (bool, np.bool_)) or not isinstance(n, (int, float, np.integer, np.floating)):
        raise ValueError(f"asked for {n!r} neurons; give an int (a count) or a float (a fraction)")
    if isinstance(n, (float, np.floating)):
        if not 0 <= n <= 1:
            raise ValueError(f"asked for the fraction {n} of {d} neurons; give a fraction from 0 to 1, or an int for a count")
        # 0.07 * 100 is 7.000000000000001 in binary: forgive the last digits before rounding up
        return min(d, math.ceil(n * d - 1e-9))
    if not 0 <= n <= d:
        raise ValueError(f"asked for the top {n} of {d} neurons; give a count from 0 to {d}")
    return int(n)


@dataclass(frozen=True)
class Curve:
    """A quantity along a growing number of neurons, with an interval where there is one."""

    x: tuple[float, ...]
    y: tuple[float, ...]
    low: tuple[float, ...] = ()
    high: tuple[float, ...] = ()
    label: str = ""


@dataclass(frozen=True)
class ProbeConfig:
    """How a probe is trained. Defaults: Durrani 2020 and 2023 (Adam, ten epochs, batches of 512)."""

    l1: float = 0.0
    l2: float = 0.0
    solver: str = "adam"
    epochs: int = 10
    batch_size: int = 512
    lr: float = 1e-3
    seed: int = 0
    squared_l2: bool = True  # the papers print λ2‖W‖²; published code uses the unsquared norm
    penalise_bias: bool = False  # Durrani 2023 algorithm 1 penalises θ = (W, b); published code W alone
