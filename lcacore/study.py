"""One model × one task, measured by the papers' protocol, each step kept in the artefact store.

The pages of the book are views of studies: what two pages need (activations, λ grid, probes, minimal
set) is computed by whichever asks first. Choices are made on dev; test is only reported.
Accuracies are in percent throughout; tables have one row per seed.
"""

from __future__ import annotations

import functools
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from . import evaluation, rankings, search, training
from .corpora import load_corpus, split_task_spec
from .extract import extract, pair_with_heads
from .models import load_model
from .pairs import read_as
from .probes import class_index
from .store import Busy, code_key, not_waiting, store
from .types import Activations, Corpus, ProbeConfig, Ranking, fingerprint

__all__ = ["TIE", "Study", "chosen", "cross", "each", "matched", "sample"]

# Points of the grid's score. Rounding, which differs between machines, moves a score of Adam's probes by tenths; pairs that
# near are equals, or one machine would choose λ₁ = .01 where another chooses .001.
TIE = 0.5

_CODE = ("lcacore.exact", "lcacore.training", "lcacore.probes", "lcacore.rankings", "lcacore.evaluation", "lcacore.search", "lcacore.study")


@functools.cache
def _corpus(spec: str) -> Corpus:
    return load_corpus(spec)


def sample(spec: str, sentences: Mapping[str, int | None] | Sequence[tuple[str, int | None]]) -> Corpus:
    """The first sentences of each split of a corpus (None: all of them)."""
    sizes = {name: size if size is not None else 10**9 for name, size in dict(sentences).items()}
    return _corpus(spec).head(**sizes)


def chosen(grid: pd.DataFrame) -> pd.Series:
    """The row of a grid whose λ are used: of those whose score S is within `TIE` of the best, the smallest λ₁, then λ₂."""
    return grid[grid.S >= grid.S.max() - TIE].sort_values(["l1", "l2"]).iloc[0]


@dataclass(frozen=True)
class Study:
    """A task's labels read from a model's neurons.

    model          a model spec ("mini:bert-en", a hub id, a folder)
    task           "<corpus spec>#<layer>"; "+head" appended sets each word beside its syntactic head, "+head:mean" and
                   the like read the two otherwise (`pairs.READINGS`)
    sentences      (split, size) pairs: how many sentences of train, dev and test
    l1, l2         λ₁, λ₂ of the probe, or "grid" for the best pair on dev
    seeds          each moves the order of training batches, the random neurons and the control task, nothing else
    grid_values    λ values of the grid; grid_sentences caps the training sentences it sees
    epochs, batch_size, lr  Adam's; the defaults are the papers'
    fraction       M of the grid's score and of ablation; step: growth of the minimal set, of all neurons
    """

    model: str
    task: str
    sentences: tuple[tuple[str, int | None], ...] = (("train", None), ("dev", None), ("test", None))
    l1: float | str = "grid"
    l2: float | str = "grid"
    seeds: tuple[int, ...] = (0, 1, 2)
    grid_values: tuple[float, ...] = search.GRID
    grid_sentences: int | None = None
    fraction: float = 0.2
    step: float = 0.01
    solver: str = "adam"
    epochs: int = 10
    batch_size: int = 512
    lr: float = 1e-3
    layers: tuple[int, ...] | None = None

    # --- data --------------------------------------------------------------------------------------

    @functools.cached_property
    def corpus(self) -> Corpus:
        return sample(split_task_spec(self.task)[0], self.sentences)

    @functools.cached_property
    def activations(self) -> Activations:
        """Labelled activations of all splits."""
        layer = split_task_spec(self.task)[1]
        label, _, paired = layer.partition("+")
        paired, _, reading = paired.partition(":")
        layers = "all" if self.layers is None else list(self.layers)
        found = extract(load_model(self.model), self.corpus, layers=layers)
        if paired:
            found = pair_with_heads(found, self.corpus.labels(paired))
            found = read_as(found, reading) if reading else found
        return found.with_labels(self.corpus.labels(label)[found.token_ids]).labelled()

    @functools.cached_property
    def data(self) -> dict[str, Activations]:
        """Split name → labelled activations."""
        return {name: self.activations.split(name) for name in self.activations.splits}

    @property
    def n_neurons(self) -> int:
        return self.activations.X.shape[1]

    def _remember(self, name: str, make, **more):
        # the splits too: the same sentences cut elsewhere train and test on other words
        key = {
            "activations": self.activations.key,
            "labels": fingerprint(self.activations.y),
            "splits": dict(self.activations.splits),
            **more,
            "code": code_key(*_CODE),
        }
        return store().remember(name, key, make)

    def _config(self, seed: int, l1=None, l2=None) -> ProbeConfig:
        if l1 is None:
            l1, l2 = self.lambdas
        return ProbeConfig(l1=l1, l2=l2, seed=seed, solver=self.solver, epochs=self.epochs, batch_size=self.batch_size, lr=self.lr)

    # --- λ -----------------------------------------------------------------------------------------

    def grid(self) -> pd.DataFrame:
        """Every λ pair on dev: l1, l2, A_t, A_b, A_z, A_l and S = α(A_t − A_b) − β(A_z − A_l), all in percent (§2.2)."""
        train, dev = self.data["train"], self.data["dev"]
        rows = len(train)
        if self.grid_sentences is not None:  # rows lie in sentence order, so a cap on sentences is a prefix
            rows = int(np.searchsorted(train.sentence_ids, train.sentence_ids[0] + self.grid_sentences))
        config = self._config(self.seeds[0], 0.0, 0.0)

        def make():
            values = {"l1": self.grid_values, "l2": self.grid_values, "fraction": self.fraction, "config": config}
            table = search.grid_search(train.X[:rows], train.y[:rows], dev.X, dev.y, **values).table
            return {"table": table.assign(**{c: 100 * table[c] for c in ("A_t", "A_b", "A_z", "A_l", "S")}).to_dict("list")}

        return pd.DataFrame(self._remember("grid", make, rows=rows, values=list(self.grid_values), fraction=self.fraction, config=config)["table"])

    @functools.cached_property
    def lambdas(self) -> tuple[float, float]:
        """(λ₁, λ₂) in use; from a grid, the `chosen` pair."""
        if "grid" not in (self.l1, self.l2):
            return float(self.l1), float(self.l2)
        if self.l1 != self.l2:
            raise ValueError(f"l1={self.l1!r} and l2={self.l2!r}; give two numbers, or 'grid' for both (a grid chooses the pair)")
        best = chosen(self.grid())
        return float(best.l1), float(best.l2)

    # --- probes and rankings -----------------------------------------------------------------------

    @functools.cached_property
    def classes(self) -> np.ndarray:
        """(C,) the labels of train, sorted: rows of every probe's weights."""
        return np.unique(self.data["train"].y)

    def probe(self, seed: int, *, regularised: bool = True) -> training.Weights:
        """The probe at the chosen λ, or the unregularised one; both are trained side by side on train."""
        train = self.data["train"]
        configs = [self._config(seed), self._config(seed, 0.0, 0.0)]

        def make():
            index = np.searchsorted(self.classes, train.y)
            both = training.train_linear(train.X, index, len(self.classes), configs)
            return {"coef": np.stack([w.coef for w in both]), "intercept": np.stack([w.intercept for w in both]), "epochs": both[0].n_iter}

        kept = self._remember("probe", make, configs=configs)
        which = 0 if regularised else 1
        return training.Weights(kept["coef"][which], kept["intercept"][which], kept["epochs"])

    def ranking(self, method: str, seed: int) -> Ranking:
        """"weight_mass" and "linear" from the chosen probe, "magnitude" from the unregularised one, "probeless", "random"."""
        if method == "probeless":
            return self._probeless
        if method == "random":
            return rankings.random(self.n_neurons, seed)
        methods = {"weight_mass": rankings.weight_mass, "linear": rankings.mean_abs_weight, "magnitude": rankings.magnitude}
        if method not in methods:
            raise ValueError(f"no ranking {method!r} here; there is {', '.join(sorted([*methods, 'probeless', 'random']))}")
        return methods[method](self.probe(seed, regularised=method != "magnitude").coef, self.classes)

    @functools.cached_property
    def _probeless(self) -> Ranking:
        train = self.data["train"]

        def make():
            found = rankings.probeless(train.X, train.y)
            return {"order": found.order, "scores": found.scores}

        kept = self._remember("probeless", make)
        return Ranking(kept["order"], kept["scores"], method="probeless")

    # --- evaluation --------------------------------------------------------------------------------

    def ablation(self, fraction: float = 0.2) -> pd.DataFrame:
        """Test accuracy with all but the top, random, bottom or largest-magnitude neurons set to zero (table 2)."""

        def measure(seed):
            order, weights = self.ranking("weight_mass", seed), self.probe(seed)
            keep = {
                "All": None,
                "Top": order.top(fraction),
                "Random": self.ranking("random", seed).top(fraction),
                "Bottom": order.reversed().top(fraction),
                "Magnitude": self.ranking("magnitude", seed).top(fraction),
            }
            form = (weights.coef, weights.intercept)
            found = evaluation.accuracies(self.data["test"].X, self._test_index, [form] * len(keep), list(keep.values()))
            return dict(zip(keep, 100 * found, strict=True))

        return self._per_seed("ablation", measure, fraction=fraction)

    def selections(self, percents: Sequence[int] = (10, 15, 20), *, retrain: bool = False) -> pd.DataFrame:
        """Test accuracy with all neurons, and with the first or the last of the ranking alone (Dalvi 2019, tables 2, 4, 5, 6).

        Columns All, "Top 10", "Bottom 10", …, the numbers in percent of the neurons.
        retrain  False: the trained probe, all other neurons set to zero. True: new probes trained on these alone
        """
        train, test = self.data["train"], self.data["test"]

        def measure(seed):
            order, weights = self.ranking("weight_mass", seed), self.probe(seed)
            ends = {"Top": order, "Bottom": order.reversed()}
            keep = {f"{end} {p}": ranking.top(p / 100) for p in percents for end, ranking in ends.items()}
            form = (weights.coef, weights.intercept)
            if not retrain:
                found = evaluation.accuracies(test.X, self._test_index, [form] * (1 + len(keep)), [None, *keep.values()])
                return dict(zip(["All", *keep], 100 * found, strict=True))
            whole = evaluation.accuracies(test.X, self._test_index, [form])[0]
            found = evaluation.retraining(train.X, train.y, test.X, test.y, keep, self._config(seed), seeds=[seed])
            return {"All": 100 * whole} | {name: 100 * values[0] for name, values in found.items()}

        return self._per_seed("selections", measure, percents=list(percents), retrain=retrain)

    def against_majority(self) -> pd.DataFrame:
        """Test accuracy of the probe, and of giving each word its most frequent label in train (Dalvi 2019, table 1): Probe, Majority."""
        train, test = self.data["train"], self.data["test"]
        majority = 100 * evaluation.majority_baseline(train.words, train.y, test.words, test.y)
        return self.selections(())[["All"]].rename(columns={"All": "Probe"}).assign(Majority=majority)

    def unregularised(self) -> pd.DataFrame:
        """Test accuracy of the probe trained with λ1 = λ2 = 0: what the penalty costs is the difference to "All"."""

        def measure(seed):
            weights = self.probe(seed, regularised=False)
            return {"All": 100 * evaluation.accuracies(self.data["test"].X, self._test_index, [(weights.coef, weights.intercept)])[0]}

        return self._per_seed("unregularised", measure)

    def minimal(self, delta: float = 1.0) -> pd.DataFrame:
        """The smallest top share of the ranking whose retrained probe loses less than δ points on dev (§2.4).

        Columns n, percent, oracle, accuracy, reached, and the curve (curve_percent, curve_accuracy: lists).
        """
        train, dev = self.data["train"], self.data["dev"]

        def measure(seed):
            order = self.ranking("weight_mass", seed)
            found = search.minimal_neurons(train.X, train.y, dev.X, dev.y, order, delta, step=self.step, config=self._config(seed), seeds=[seed])
            curve = {"curve_percent": list(found.curve.x), "curve_accuracy": [100 * v for v in found.curve.y]}
            sizes = {"n": found.n, "percent": found.percent, "reached": found.reached}
            return sizes | {"oracle": 100 * found.oracle, "accuracy": 100 * found.accuracy} | curve

        return self._per_seed("minimal", measure, delta=delta, step=self.step)

    def retraining(self, delta: float = 1.0) -> pd.DataFrame:
        """Test accuracy with all neurons, and of probes trained again on as many as the minimal set (tables 3 and 5)."""
        return self.selections(())[["All"]].join(self.retrained(self.minimal(delta)["n"]))

    def retrained(self, sizes: Sequence[int], which: Sequence[str] = ("Top", "Random", "Bottom", "Probeless")) -> pd.DataFrame:
        """Test accuracy of probes trained again on so many neurons (one number per seed): the first of the ranking ("Top"), as many
        drawn at random ("Random"), its last ("Bottom"), the first of Probeless."""
        train, test = self.data["train"], self.data["test"]

        def measure(seed, n):
            order = self.ranking("weight_mass", seed)
            end = {"Top": lambda: order, "Random": lambda: self.ranking("random", seed), "Bottom": order.reversed, "Probeless": lambda: self.ranking("probeless", seed)}
            chosen = {name: end[name]().top(n) for name in which}
            found = evaluation.retraining(train.X, train.y, test.X, test.y, chosen, self._config(seed), seeds=[seed])
            return {name: 100 * values[0] for name, values in found.items()}

        pairs = [(seed, int(n)) for seed, n in zip(self.seeds, sizes, strict=True)]
        return self._table([self._remember("retrained", lambda s=seed, k=n: measure(s, k), config=self._config(seed), n=n, which=list(which)) for seed, n in pairs])

    def selectivity(self, delta: float = 1.0) -> pd.DataFrame:
        """Task accuracy minus control-task accuracy on test, with all and with the minimal neurons (§2.5)."""
        train, test, sizes = self.data["train"], self.data["test"], self.minimal(delta)["n"]
        edges = self.activations.splits

        def measure(seed):
            control = evaluation.control_labels(self.activations.words, self.activations.y, seed)
            y, y_test = (control[slice(*edges[split])] for split in ("train", "test"))
            selections = {"All": None, "Top": self.ranking("weight_mass", seed).top(int(sizes[seed]))}
            found = evaluation.retraining(train.X, y, test.X, y_test, selections, self._config(seed), seeds=[seed])
            return {name: 100 * values[0] for name, values in found.items()}

        return self.retraining(delta)[["All", "Top"]] - self._per_seed("control", measure, sizes=sizes.tolist())

    @functools.cached_property
    def _test_index(self) -> np.ndarray:
        return class_index(self.data["test"].y, self.classes)

    def _per_seed(self, name: str, measure, **more) -> pd.DataFrame:
        """A table with one row per seed, each remembered by itself: one more seed computes only that one."""
        rows = [self._remember(name, lambda seed=seed: measure(seed), config=self._config(seed), **more) for seed in self.seeds]
        return self._table(rows)

    def _table(self, rows: list[dict]) -> pd.DataFrame:
        return pd.DataFrame(rows, index=pd.Index(self.seeds, name="seed"))

    # --- where the neurons are ---------------------------------------------------------------------

    def layer_counts(self, delta: float = 1.0, sizes: Sequence[int] | None = None) -> pd.DataFrame:
        """How many neurons of the minimal set, or of each seed's first so many, each layer gives (figure 6): seeds × layers."""
        layers = self.activations.layers
        rows = []
        for seed, n in zip(self.seeds, self.minimal(delta)["n"] if sizes is None else sizes, strict=True):
            where = self.activations.layer_of(self.ranking("weight_mass", seed).top(int(n)))
            rows.append({layer: int((where == layer).sum()) for layer in layers})
        return self._table(rows)

    def neurons_per_label(self, delta: float = 1.0, min_tokens: int = 1) -> pd.DataFrame:
        """Neurons that each label contributes to the minimal set (figure 7): seeds × labels."""
        labels, count = np.unique(self.data["train"].y, return_counts=True)
        frequent = labels[count >= min_tokens]
        rows = []
        for seed, n in zip(self.seeds, self.minimal(delta)["n"], strict=True):
            sizes = rankings.neurons_per_label(self.ranking("weight_mass", seed), int(n))
            rows.append({label: sizes[label] for label in frequent})
        return self._table(rows)


# --- several studies at once ---------------------------------------------------------------------------

def cross(models: Mapping[str, str], tasks: Mapping[str, str], *, sentences: Mapping[str, int | None], **settings) -> dict[tuple[str, str], Study]:
    """(task name, model name) → Study, for every pair; λ grids and sizes as in `Study`."""
    if not models or not tasks:
        raise ValueError("no model or no task given; give at least one of each as name: spec")
    for name in ("seeds", "grid_values", "layers"):
        if isinstance(settings.get(name), (list, tuple)):
            kind = float if name == "grid_values" else int  # 0 and 0.0 are one value and must give one key
            settings[name] = tuple(kind(v) for v in settings[name])
    return {
        (task, model): Study(model=models[model], task=tasks[task], sentences=tuple(dict(sentences).items()), **settings)
        for task in tasks
        for model in models
    }


def matched(models: Mapping[str, Mapping[str, str]], tasks: Mapping[str, str], **settings) -> dict[tuple[str, str], Study]:
    """(task, kind of model) → Study, where a kind has a model for each language, and a task's name ends in its language.

    models  {"NLM": {"en": spec, "de": spec}}; tasks {"POS en": task spec}. Pairs without a model are left out; settings as `cross`.
    """
    found = {}
    for task, spec in tasks.items():
        language = task.split()[-1]
        for kind, by_language in models.items():
            if language in by_language:
                found |= cross({kind: by_language[language]}, {task: spec}, **settings)
    if not found:
        raise ValueError(f"no model for any of the languages of {', '.join(tasks)}; there are models of {', '.join(sorted({x for m in models.values() for x in m})) or 'none'}")
    return found


def each(studies: Mapping[tuple[str, str], Study], measure: str, *arguments, **options) -> dict[tuple[str, str], pd.DataFrame]:
    """One measurement of every study: `each(studies, "ablation", 0.2)` → {(task, model): its table}, in the studies' order.

    Pages run side by side and want the same artefacts: a study on which another process is at work is put off
    while others are free, so that two pages share the work instead of waiting for each other.
    """
    found, waiting = {}, list(studies)
    while waiting:
        before = len(waiting)
        for key in list(waiting):
            try:
                with not_waiting():
                    found[key] = getattr(studies[key], measure)(*arguments, **options)
                waiting.remove(key)
            except Busy:
                continue
        if len(waiting) == before:  # everything left is in other hands
            key = waiting.pop(0)
            found[key] = getattr(studies[key], measure)(*arguments, **options)
    return {key: found[key] for key in studies}
