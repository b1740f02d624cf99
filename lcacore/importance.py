"""Which neurons matter to a model itself: orders of its neurons, and the damage done when they go (Dalvi 2019, figures 4, 5, 7, 8).

A `Family` is several models of one kind, trained apart on like data: language models, whose damage is perplexity, or
translators, whose damage is BLEU. Neurons are ranked on dev sentences and ablated on test sentences; what was measured
is kept in the artefact store, each piece by itself.

Shape names: D neurons of the layers looked at, M models.
"""

from __future__ import annotations

import functools
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from . import ablation, attribution, rankings
from .correlation import best_matches
from .crossmodel import CrossScores, cross_scores
from .extract import extract
from .interventions import language_model
from .models import Model, load_model
from .store import code_key, store
from .study import Study, sample
from .types import Activations, Curve, Ranking

__all__ = ["ORDERS", "Family", "curve", "share_of_best"]

# order → what it needs: another model, gradients, or nothing but activations
ORDERS = ("cross-model", "cross-model, weakest match", "regression", "variance", "distance from mean", "gradient × activation", "integrated gradients", "random")
_CODE = ("lcacore.recurrent", "lcacore.models", "lcacore.alignment", "lcacore.interventions", "lcacore.ablation")


@dataclass(frozen=True)
class Family:
    """Models of one kind and how their neurons are ranked and ablated.

    models     specs; the cross-model order needs at least two
    corpus     "mini:en": its dev sentences rank, its test sentences are scored
    target     of translators: (source corpus, target corpus), parallel sentence by sentence ("mini:parallel-en", "mini:parallel-fr")
    layers     None: all but the embeddings, as in the paper
    rank, score   sentences of dev that rank, and of test that are scored; `attributed`: of dev, that gradients are taken on
    tasks      (name, task spec) pairs: orders of a probe for that task, by its name; `probes` are the settings of `Study`
    seeds      of the random orders
    fill       "zero" or "mean": what an ablated neuron is held at
    recurrence is the ablated state what an LSTM's next step reads? (`ablation`)
    """

    models: tuple[str, ...]
    corpus: str
    target: tuple[str, str] | None = None
    layers: tuple[int, ...] | None = None
    rank: int = 800
    score: int = 300
    attributed: int = 200
    tasks: tuple[tuple[str, str], ...] = ()
    probes: tuple[tuple[str, object], ...] = ()
    seeds: tuple[int, ...] = (0, 1, 2)
    fill: str = "zero"
    recurrence: bool = True
    beam: int = 5

    def __post_init__(self):
        if self.fill not in ("zero", "mean"):
            raise ValueError(f"fill {self.fill!r}; give 'zero' or 'mean'")
        if not self.models:
            raise ValueError("no model; give at least one spec")

    @classmethod
    def of(cls, models: Sequence[str], corpus: str, *, tasks: Mapping[str, str] | None = None, probes: Mapping | None = None, target=None, layers=None, seeds=(0, 1, 2), **settings) -> Family:
        """A family from plain lists and mappings, as a page's parameters hold them."""
        fixed = {name: tuple(v.items()) if isinstance(v, Mapping) else tuple(v) if isinstance(v, list) else v for name, v in (probes or {}).items()}
        return cls(
            tuple(models), corpus, tuple(target) if target else None, None if layers is None else tuple(layers),
            tasks=tuple((tasks or {}).items()), probes=tuple(sorted(fixed.items())), seeds=tuple(seeds), **settings,
        )

    # --- models and what they read -----------------------------------------------------------------

    @property
    def unit(self) -> str:
        return "BLEU" if self.target else "perplexity"

    def model(self, m: int) -> Model:
        return _loaded(self.models[m], bool(self.target))

    @functools.cached_property
    def _layers(self) -> tuple[int, ...]:
        return self.layers if self.layers is not None else tuple(range(1, self.model(0).n_layers + 1))

    @functools.cached_property
    def activations(self) -> tuple[Activations, ...]:
        """Of every model, on the sentences that rank: words that all models have (one may leave out sentences that are too long for it)."""
        corpus = sample(self.corpus, (("dev", self.rank),))
        found = [extract(load_model(spec), corpus, layers=list(self._layers)) for spec in self.models]
        common = functools.reduce(np.intersect1d, [a.token_ids for a in found])
        return tuple(a.rows(np.isin(a.token_ids, common)) for a in found)

    @property
    def n_neurons(self) -> int:
        return self.activations[0].X.shape[1]

    def layer_of(self, neurons):
        return self.activations[0].layer_of(neurons)

    # --- orders ------------------------------------------------------------------------------------

    @functools.cached_property
    def matches(self):
        """`correlation.best_matches` of all models. Raises ValueError for a single model."""
        if len(self.models) < 2:
            raise ValueError(f"one model ({self.models[0]}); a cross-model order needs another one, trained apart")
        return best_matches([a.X for a in self.activations])

    @functools.cached_property
    def scores(self) -> tuple[CrossScores, ...]:
        """`crossmodel.cross_scores` of all models."""
        return cross_scores([a.X for a in self.activations])

    def order(self, m: int, method: str, seed: int = 0) -> Ranking:
        """An order of model m's neurons: one of ORDERS, or the name of one of the family's tasks (its probe's weight mass)."""
        return self._ordered(m, method, seed)[0]

    def seconds(self, m: int, method: str) -> float:
        """CPU seconds that the order cost, activations and probes aside; of when it was made."""
        return self._ordered(m, method, 0)[1]

    def _ordered(self, m: int, method: str, seed: int) -> tuple[Ranking, float]:
        if method == "random":
            return rankings.random(self.n_neurons, seed), 0.0
        key = {
            "method": method, "model": m, "activations": [a.key for a in (self.activations if self._across(method) else self.activations[m : m + 1])],
            "text": [self._text_key("dev"), self.attributed] if "gradient" in method else None, "task": self._task(method),
            "code": code_key("lcacore.correlation", "lcacore.crossmodel", "lcacore.attribution", "lcacore.rankings", "lcacore.importance", *_CODE),
        }

        def make():
            start = time.process_time()
            found = self._rank(m, method)
            return {"order": found.order, "scores": np.asarray(found.scores), "n_informative": found.n_informative, "seconds": time.process_time() - start}

        kept = store().remember("order", key, make)
        return Ranking(kept["order"], kept["scores"], n_informative=kept["n_informative"], method=method), kept["seconds"]

    @staticmethod
    def _across(method: str) -> bool:
        return method in ("cross-model", "cross-model, weakest match", "regression")

    def _task(self, method: str):
        return (dict(self.tasks)[method], self.probes, self._layers) if method in dict(self.tasks) else None

    def _rank(self, m: int, method: str) -> Ranking:
        if method in dict(self.tasks):
            return self.study(m, method).ranking("weight_mass", 0)
        X = self.activations[m].X
        if method == "cross-model":
            score = self.matches[m].score
        elif method == "cross-model, weakest match":
            score = self.matches[m].per_model.min(axis=0)
        elif method == "regression":
            score = self.scores[m].min_r2
        elif method == "variance":
            return rankings.variance(X)
        elif method == "distance from mean":
            return rankings.mean_distance(X)
        elif method in ("gradient × activation", "integrated gradients"):
            rank = attribution.gradient_activation if method.startswith("gradient") else attribution.integrated_gradients
            return rank(self.model(m), self._sentences("dev", self.attributed), layers=self._layers)
        else:
            raise ValueError(f"no order {method!r}; there is {', '.join([*ORDERS, *dict(self.tasks)])}")
        return Ranking(rankings.descending(score), score, n_informative=int(np.count_nonzero(score)), method=method)

    def study(self, m: int, task: str) -> Study:
        """The study that one of the family's tasks is ranked by: model m, the family's layers."""
        return Study(model=self.models[m], task=dict(self.tasks)[task], layers=self._layers, **dict(self.probes))

    # --- damage ------------------------------------------------------------------------------------

    def damage(self, m: int, method: str, shares: Sequence[float], *, bottom: bool = False, seed: int = 0) -> list[float]:
        """Perplexity or BLEU of model m while the first shares of an order are ablated (bottom: the last).

        shares  in percent of the neurons, rounded to whole neurons
        """
        ranking = self.order(m, method, seed)
        order = (ranking.reversed() if bottom else ranking).order
        counts = [round(share * len(order) / 100) for share in shares]
        values = np.asarray(self.activations[m].X, dtype=np.float64).mean(axis=0) if self.fill == "mean" else None
        key = {
            "model": self.activations[m].key, "order": order[: max(counts)], "counts": counts, "fill": self.fill, "recurrence": self.recurrence, "layers": self._layers,
            "text": self._text_key("test"), "score": self.score, "beam": self.beam if self.target else None, "code": code_key("lcacore.importance", "lcacore.recurrent", *_CODE),
        }

        def make():
            model, measure = self.model(m), self._measure(m)
            return {"values": ablation.sweep(model, order, counts, measure, layers=self._layers, values=values, recurrence=self.recurrence)}

        return store().remember("damage", key, make)["values"]

    def table(self, methods: Sequence[str], shares: Sequence[float], *, bottom: Sequence[str] = ()) -> pd.DataFrame:
        """`damage` in rows: order, end ("top", "bottom"), model, seed, share, value. `bottom`: orders that also go from their other end."""
        rows = []
        for m, spec in enumerate(self.models):
            for method in methods:
                for seed in self.seeds if method == "random" else (0,):
                    for end in ("top", "bottom") if method in bottom else ("top",):
                        found = self.damage(m, method, shares, bottom=end == "bottom", seed=seed)
                        rows += [{"order": method, "end": end, "model": spec, "seed": seed, "share": s, "value": v} for s, v in zip(shares, found, strict=True)]
        return pd.DataFrame(rows)

    @functools.lru_cache(maxsize=4)  # noqa: B019  a family is a small frozen value
    def _measure(self, m: int):
        model, texts = self.model(m), self._sentences("test", self.score)
        if not self.target:
            prepared = ablation.batches(model, texts)
            return lambda: ablation.perplexity(model, prepared)
        from .recurrent import translate
        from .zoo.translation import bleu

        return lambda: bleu(translate(model, [a for a, _ in texts], beam=self.beam), [b for _, b in texts])[0]

    @property
    def signature(self) -> str:
        """sacrebleu's signature of the scores. Empty for language models."""
        if not self.target:
            return ""
        from .zoo.translation import bleu

        return bleu([("a",)], [("a",)])[1]

    def _sentences(self, split: str, size: int) -> list:
        sides = [sample(name, ((split, size),)).sentences for name in self.target or (self.corpus,)]
        return list(zip(*sides, strict=True)) if self.target else list(sides[0])

    def _text_key(self, split: str) -> str:
        size = self.attributed if split == "dev" else self.score
        return " ".join(sample(name, ((split, size),)).text_key for name in self.target or (self.corpus,))


@functools.lru_cache(maxsize=8)
def _loaded(spec: str, translator: bool) -> Model:
    return load_model(spec) if translator else language_model(spec)


def curve(table: pd.DataFrame, order: str, end: str = "top") -> Curve:
    """One order's damage: the mean over models (and seeds of a random order), from the lowest to the highest."""
    part = table[(table["order"] == order) & (table["end"] == end)]
    if part.empty:
        raise ValueError(f"no order {order!r} from the {end}; there is {', '.join(dict.fromkeys(table['order']))}")
    by = part.groupby("share", sort=True)["value"]
    return Curve(tuple(by.mean().index), tuple(by.mean()), tuple(by.min()), tuple(by.max()), label=order if end == "top" else f"{order}, from the bottom")


def share_of_best(a: Ranking, b: Ranking, share: float) -> float:
    """The part of the first `share` of one order (a fraction of the neurons) that another has among its own first, in percent."""
    first, other = a.top(share), b.top(share)
    return 100 * len(np.intersect1d(first, other)) / len(first)
