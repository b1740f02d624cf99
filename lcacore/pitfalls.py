"""Two probes by seven orders, in every configuration of language, attribute and layer (Antverg & Belinkov 2022 §2, §3).

A configuration's rankings, and its accuracies on the task and on a control task, are kept in the artefact store.
Rankings are made on train (the Gaussian one selects on dev); accuracies are on test, as fractions.

Shape names: N tokens, D neurons of a layer, C values of the attribute, K sizes k.
"""

from __future__ import annotations

import functools
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from . import rankings
from .corpora.unimorph import ATTRIBUTES, Attribute, attributes
from .evaluation import control_labels
from .extract import extract
from .models import load_model
from .prefixes import GaussianProbe, linear_prefixes, sizes
from .store import code_key, store
from .study import sample
from .training import to_float, train_linear
from .types import Activations, ProbeConfig, Ranking, fingerprint

__all__ = ["FORWARD", "ORDERS", "PROBES", "Configuration", "Protocol", "configurations", "found_attributes", "relative"]

FORWARD = ("Linear", "Gaussian", "Probeless")
ORDERS = (*FORWARD, *(f"{name} reversed" for name in FORWARD), "random")
PROBES = ("Linear", "Gaussian")
_CODE = ("lcacore.exact", "lcacore.training", "lcacore.gaussian", "lcacore.rankings", "lcacore.evaluation", "lcacore.prefixes", "lcacore.pitfalls")


@dataclass(frozen=True)
class Protocol:
    """How a configuration is measured; each field is a reading on which papers and code may differ.

    sentences     (split, size) pairs, None for all; tokens: (split, size) pairs, the first labelled words of a split
    min_forms     values of an attribute with fewer distinct word forms in some split are left out (the paper: 100)
    aggregation   a word's sub-tokens: "mean" (the paper), "last", "first"
    l1, l2, epochs, batch_size, lr, squared_l2   the linear probe's, Adam
    covariance, criterion   the Gaussian probe's and its greedy search's, as `gaussian.greedy`
    picks         neurons that the greedy search picks one by one, None for all (the rest by the last step's criterion)
    linear        the Linear ranking: "mean_abs_weight" (the paper), "weight_mass" (Dalvi 2019)
    control       labels of the control task: "token" (drawn from the task's distribution), "uniform"
    seed          of the batches, the random order and the control task
    """

    sentences: tuple[tuple[str, int | None], ...] = (("train", None), ("dev", None), ("test", None))
    tokens: tuple[tuple[str, int | None], ...] = ()
    min_forms: int = 100
    aggregation: str = "mean"
    l1: float = 1e-3
    l2: float = 1e-2
    epochs: int = 10
    batch_size: int = 512
    lr: float = 1e-3
    squared_l2: bool = True
    covariance: str = "full"
    criterion: str = "log_likelihood"
    picks: int | None = None
    linear: str = "mean_abs_weight"
    control: str = "token"
    seed: int = 0

    @property
    def probe(self) -> ProbeConfig:
        return ProbeConfig(l1=self.l1, l2=self.l2, epochs=self.epochs, batch_size=self.batch_size, lr=self.lr, squared_l2=self.squared_l2, seed=self.seed)


def relative(k: int, d: int, of: int = 768) -> int:
    """The size that is to `d` neurons what `k` is to the paper's 768, at least 1."""
    return max(1, round(k * d / of))


@functools.cache
def _attributes(corpus: str, sentences, names: tuple, min_forms: int) -> dict[str, Attribute]:
    return attributes(sample(corpus, sentences), names, min_forms)


@functools.lru_cache(maxsize=4)
def _activations(model: str, corpus: str, sentences, layers: tuple, aggregation: str) -> Activations:
    return extract(load_model(model), sample(corpus, sentences), layers=list(layers), aggregation=aggregation)


@dataclass(frozen=True)
class Configuration:
    """An attribute of a language in one layer of a model; `layers` are those extracted together with it."""

    model_name: str
    model: str
    language: str
    corpus: str
    attribute: str
    layer: int
    layers: tuple[int, ...]
    protocol: Protocol

    @property
    def name(self) -> str:
        return f"{self.language} {self.attribute}, layer {self.layer}"

    # --- data --------------------------------------------------------------------------------------

    @functools.cached_property
    def data(self) -> dict[str, Activations]:
        """Split → labelled activations of this layer, float32 in memory."""
        p = self.protocol
        whole = _activations(self.model, self.corpus, p.sentences, self.layers, p.aggregation)
        labels = _attributes(self.corpus, p.sentences, (self.attribute,), p.min_forms)[self.attribute].labels
        kept = whole.with_labels(labels).labelled()
        limit = dict(p.tokens)
        out = {}
        for split in kept.splits:
            part = kept.split(split)
            size = limit.get(split)
            out[split] = part if size is None or size >= len(part) else part.rows(np.arange(size))
        return out

    def x(self, split: str) -> np.ndarray:
        """(N, D) this layer's activations of a split's labelled words."""
        part = self.data[split]
        at = part.layers.index(self.layer) * part.width
        return np.ascontiguousarray(to_float(part.X[:, at : at + part.width]))

    @functools.cached_property
    def values(self) -> np.ndarray:
        """(C,) the attribute's values in train, sorted."""
        return np.unique(self.data["train"].y.astype(str))

    @property
    def n_neurons(self) -> int:
        return self.data["train"].width

    @property
    def ks(self) -> np.ndarray:
        return sizes(self.n_neurons)

    def _remember(self, kind: str, make) -> dict:
        parts = {split: [part.key, fingerprint(part.y)] for split, part in self.data.items()}
        return store().remember(kind, {"data": parts, "layer": self.layer, "protocol": self.protocol, "code": code_key(*_CODE)}, make)

    def _index(self, labels) -> np.ndarray:
        """Class index of labels; −1, never right, for one that train lacks."""
        labels = np.asarray(labels).astype(str)
        at = np.minimum(np.searchsorted(self.values, labels), len(self.values) - 1)
        return np.where(self.values[at] == labels, at, -1)

    # --- rankings and accuracies -------------------------------------------------------------------

    @functools.cached_property
    def orders(self) -> np.ndarray:
        """(7, D) neurons by each of `ORDERS`."""

        def make():
            X, y, p = self.x("train"), self.data["train"].y, self.protocol
            coef = train_linear(X, self._index(y), len(self.values), [p.probe])[0].coef
            picks = None if p.picks is None else min(p.picks, X.shape[1])
            found: list[Ranking] = [
                getattr(rankings, p.linear)(coef, self.values),
                rankings.gaussian(X, y, picks, dev=(self.x("dev"), self.data["dev"].y), criterion=p.criterion, covariance=p.covariance),
                rankings.probeless(X, y),
            ]
            found += [r.reversed() for r in found]
            return {"orders": np.stack([r.order for r in (*found, rankings.random(X.shape[1], p.seed))])}

        return self._remember("pitfalls_orders", make)["orders"]

    @functools.cached_property
    def accuracy(self) -> np.ndarray:
        """(2, 2, 7, K) accuracy on test: task and control task, by `PROBES`, `ORDERS` and `ks`."""

        def make():
            train, test, p = self.data["train"], self.data["test"], self.protocol
            words, y = np.concatenate([train.words, test.words]), np.concatenate([train.y, test.y])
            control = control_labels(words, y, p.seed, construction=p.control)
            fitted = [self._index(train.y), self._index(control[: len(train)])]
            wanted = np.stack([self._index(test.y), self._index(control[len(train) :])])
            X, X_test, ks = self.x("train"), self.x("test"), self.ks
            out = np.empty((2, len(PROBES), len(ORDERS), len(ks)))
            linear = linear_prefixes(X, np.stack(fitted), len(self.values), self.orders, ks, p.probe).predict(X_test)
            out[:, 0] = (linear == wanted[:, None, None]).mean(axis=-1)
            for t, index in enumerate(fitted):
                probe = GaussianProbe(p.covariance).fit(X, index)
                for o, order in enumerate(self.orders):
                    found = probe.classes_[probe.predict_prefixes(X_test, order, ks)]
                    out[t, 1, o] = (found == wanted[t]).mean(axis=-1)
            return {"accuracy": out}

        return self._remember("pitfalls_accuracy", make)["accuracy"]

    @property
    def majority(self) -> float:
        """Accuracy on test of train's most frequent value."""
        index = self._index(self.data["train"].y)
        return float((self._index(self.data["test"].y) == np.bincount(index).argmax()).mean())


def _protocol(settings: Mapping) -> Protocol:
    settings = dict(settings)
    for name in ("sentences", "tokens"):
        if isinstance(settings.get(name), Mapping):
            settings[name] = tuple(settings[name].items())
    return Protocol(**settings)


def found_attributes(corpora: Mapping[str, str], names: Sequence[str] = ATTRIBUTES, **settings) -> dict[str, dict[str, Attribute]]:
    """Language → attribute name → what the filters leave of it (settings as `Protocol`)."""
    p = _protocol(settings)
    return {language: _attributes(spec, p.sentences, tuple(names), p.min_forms) for language, spec in corpora.items()}


def configurations(models: Mapping[str, str], corpora: Mapping[str, str], layers: Sequence[int], names: Sequence[str] = ATTRIBUTES, **settings) -> list[Configuration]:
    """Every model × language × usable attribute × layer.

    models   name → spec; each is read on every corpus: give several languages to a multilingual model alone
    corpora  language → corpus spec with UD's parts of speech and features
    settings  fields of `Protocol`; sentences and tokens may be mappings

    Raises ValueError: no attribute with two values left.
    """
    p = _protocol(settings)
    out = []
    for model_name, model in models.items():
        for language, corpus in corpora.items():
            for name, at in found_attributes({language: corpus}, names, sentences=p.sentences, min_forms=p.min_forms)[language].items():
                if at.usable:
                    out += [Configuration(model_name, model, language, corpus, name, layer, tuple(layers), p) for layer in layers]
    if not out:
        raise ValueError(f"no attribute of {', '.join(corpora.values())} keeps two values with {p.min_forms} word forms in every split; lower min_forms, or give more sentences")
    return out
