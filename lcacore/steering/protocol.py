"""One model, attribute and layer: rankings, interventions, predictions.

Rankings and mean activations come from train, β is swept on dev, and test is only reported. Predictions are kept in the
artefact store; what is counted on them (error rate, CLWV, saturation points) is computed from these. Shares are in [0, 1].
"""

from __future__ import annotations

import functools
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from .. import rankings, training
from ..corpora import split_task_spec
from ..extract import extract
from ..interventions import (
    LanguageModel,
    Lexicon,
    Reading,
    Spacy,
    ablate,
    installed_pipeline,
    language_model,
    outcomes,
    translate,
    translation_coefficients,
)
from ..models import load_model
from ..store import code_key, store
from ..study import sample
from ..types import Corpus, ProbeConfig, Ranking, fingerprint
from .effects import Effect

__all__ = ["FORWARD", "ORDERS", "Steering"]

FORWARD = ("linear", "gaussian", "probeless")
ORDERS = (*FORWARD, *(f"{name} reversed" for name in FORWARD), "random")
KINDS = ("translation", "ablation", "mean ablation")
_CODE = ("lcacore.models", "lcacore.alignment", "lcacore.interventions.moves", "lcacore.interventions.network", "lcacore.steering.protocol")


@functools.cache
def _language_model(spec: str) -> LanguageModel:
    return language_model(spec)


@dataclass(frozen=True)
class Steering:
    """What becomes of the words that carry an attribute when their neurons are changed.

    model        a model with a language-modelling head ("mini:words-en", a hub id, a folder). A masked one is asked for the
                 words themselves; a causal one for the word after each, of which it predicts the first sub-token
    task         "<corpus spec>#<attribute>"
    layer        where the states are changed, 0 = embeddings
    sentences    (split, size) pairs
    pipeline     the analyser: a spaCy pipeline's name; "auto": that of the treebank's language where it is installed, as in the
                 paper, else the lexicon; None: the lexicon
    lexicon      corpus spec of the lexicon's forms; None: the task's corpus, whole
    context      of the lexicon: "form" or "upos" (`interventions.Lexicon`)
    min_forms    values of the attribute with fewer different forms than this in a split of the corpus are left out
    first        intervene in the first sentences of a split only; None: in all
    masked       hide the words from the model, one at a time
    floor        last coefficient of a translation
    l1, l2, epochs, batch_size, lr   of the probe behind the ranking "linear"
    picks        neurons that the ranking "gaussian" picks one by one; the rest follow by the criterion at its last step
    seed         of the probe's batches and of the random order
    """

    model: str
    task: str
    layer: int
    sentences: tuple[tuple[str, int | None], ...] = (("train", None), ("dev", None), ("test", None))
    pipeline: str | None = "auto"
    lexicon: str | None = None
    context: str = "form"
    min_forms: int = 100
    first: int | None = None
    masked: bool = False
    floor: float = 1e-3
    l1: float = 1e-3
    l2: float = 1e-2
    epochs: int = 10
    batch_size: int = 256
    lr: float = 3e-3
    picks: int = 50
    seed: int = 0

    # --- data -----------------------------------------------------------------------------------------

    @property
    def attribute(self) -> str:
        return split_task_spec(self.task)[1]

    @functools.cached_property
    def network(self) -> LanguageModel:
        return _language_model(self.model)

    @functools.cached_property
    def corpus(self) -> Corpus:
        return sample(split_task_spec(self.task)[0], self.sentences)

    @functools.cached_property
    def whole(self) -> Corpus:
        return sample(split_task_spec(self.task)[0], dict.fromkeys(dict(self.sentences)))

    def filtered(self) -> pd.DataFrame:
        """Different forms of each value in each split of the whole corpus, and whether the value is kept."""
        rows = {}
        for name in self.whole.splits:
            part = self.whole.split(name)
            words, labels = part.words, part.labels(self.attribute)
            rows[name] = {value: len(set(words[labels == value].tolist())) for value in sorted(set(labels.tolist()) - {""})}
        table = pd.DataFrame(rows).fillna(0).astype(int).sort_index()
        return table.assign(kept=(table >= self.min_forms).all(axis=1))

    @functools.cached_property
    def values(self) -> tuple[str, ...]:
        """The attribute's values in use, sorted. Raises ValueError where fewer than two are left."""
        table = self.filtered()
        kept = tuple(table.index[table.kept])
        if len(kept) < 2:
            raise ValueError(f"{self.task}: {len(kept)} value(s) with {self.min_forms} forms in every split, of {table.drop(columns='kept').to_dict('index')}; lower min_forms or take another attribute")
        return kept

    @functools.cached_property
    def activations(self) -> dict[str, tuple[np.ndarray, np.ndarray]]:
        """Split → (activations (N, d) of this layer, values (N,)) of the words that carry the attribute, train and dev."""
        found = extract(load_model(self.model), self.corpus, aggregation="mean")
        found = found.with_labels(self.corpus.labels(self.attribute))
        columns = slice(self.layer * found.width, (self.layer + 1) * found.width)
        out = {}
        for name in ("train", "dev"):
            part = found.split(name)
            rows = np.flatnonzero(np.isin(part.y, self.values))
            out[name] = np.asarray(part.X[rows, columns], dtype=np.float32), part.y[rows].astype(str)
        return out

    @functools.cached_property
    def means(self) -> np.ndarray:
        """(C, d) q(z): mean activation under each value, on train."""
        return rankings.class_means(*self.activations["train"])[0]

    # --- orders ---------------------------------------------------------------------------------------

    def order(self, name: str) -> np.ndarray:
        """(d,) neurons by one of ORDERS."""
        if name not in ORDERS:
            raise ValueError(f"no order {name!r}; there is {', '.join(ORDERS)}")
        method = name.removesuffix(" reversed")
        if method == "random":
            return rankings.random(self.network.width, self.seed).order
        return self._ranked[method][:: -1 if name != method else 1]

    @functools.cached_property
    def _ranked(self) -> dict[str, np.ndarray]:
        config = ProbeConfig(l1=self.l1, l2=self.l2, epochs=self.epochs, batch_size=self.batch_size, lr=self.lr, seed=self.seed)
        picks = min(self.picks, self.network.width)
        key = {**self._key("train", "dev"), "config": config, "picks": picks, "code": code_key("lcacore.training", "lcacore.rankings", "lcacore.gaussian", "lcacore.extract", "lcacore.steering.protocol")}

        def make():
            (X, y), dev = self.activations["train"], self.activations["dev"]
            probe = training.train_linear(X, np.searchsorted(self.values, y), len(self.values), [config])[0]
            found: dict[str, Ranking] = {
                "linear": rankings.mean_abs_weight(probe.coef, self.values),
                "gaussian": rankings.gaussian(X, y, picks, dev=dev),
                "probeless": rankings.probeless(X, y),
            }
            return {method: np.array(ranking.order) for method, ranking in found.items()}

        return {method: np.array(order) for method, order in store().remember("steering-orders", key, make).items()}

    def _key(self, *splits: str) -> dict:
        parts = {name: self.corpus.split(name) for name in splits}
        read = {name: [part.text_key, fingerprint(part.labels(self.attribute))] for name, part in parts.items()}
        return {"model": self.network.key, "layer": self.layer, "values": list(self.values), "read": read}

    # --- interventions --------------------------------------------------------------------------------

    @functools.cached_property
    def _memory(self) -> dict:
        return {}

    def _once(self, name: tuple, make):
        if name not in self._memory:
            self._memory[name] = make()
        return self._memory[name]

    def words(self, split: str) -> Words:
        """The words of a split that carry the attribute."""
        return self._once(("words", split), lambda: self._words(split))

    def _words(self, split: str) -> Words:
        part = self.corpus.split(split)
        value = part.labels(self.attribute)
        sentence = part.sentence_ids
        rows = np.flatnonzero(np.isin(value, self.values) & (sentence < (len(part.sentences) if self.first is None else self.first)))
        start = np.searchsorted(sentence, np.arange(len(part.sentences)))
        position = np.arange(part.n_tokens) - start[sentence]
        return Words(part.sentences, sentence[rows], position[rows], np.searchsorted(self.values, value[rows].astype(str)))

    def reading(self, split: str) -> Reading:
        """Their sentences, read up to this layer."""
        words = self.words(split)
        return self._once(("reading", split), lambda: self.network.read(words.sentences, words.sentence, words.position, self.layer, masked=self.masked))

    def predictions(self, order: str, ks: Sequence[int], *, kind: str = "translation", beta: float = 8.0, split: str = "test") -> np.ndarray:
        """(C − 1, K, R) ids predicted after an intervention with each k: in row t each word is moved to the t-th other value.

        An ablation has no target: (1, K, R).
        """
        if kind not in KINDS:
            raise ValueError(f"no intervention {kind!r}; there is {', '.join(KINDS)}")
        chosen = np.asarray(self.order(order), dtype=np.int64)
        translating = kind == "translation"
        key = {**self._key("train", split), "split": split, "order": fingerprint(chosen), "ks": list(ks), "kind": kind, "first": self.first, "masked": self.masked, "code": code_key(*_CODE)}
        key |= {"beta": beta, "floor": self.floor} if translating else {}

        def make():
            one = self.reading(split)
            value = self.words(split).value[one.index]
            alpha = translation_coefficients(self.network.width, beta, self.floor) if translating else None
            mean = self.activations["train"][0].mean(axis=0, dtype=np.float64) if kind == "mean ablation" else None
            out = np.empty((len(self.values) - 1 if translating else 1, len(ks), len(one.owner)), dtype=np.int32)
            for t in range(len(out)):
                target = np.where(t < value, t, t + 1)  # the t-th value that is not its own
                difference = self.means[target] - self.means[value]
                for j, k in enumerate(ks):
                    if not k:
                        out[t, j] = one.predict()
                    elif translating:
                        out[t, j] = one.predict(lambda h, w, k=k, difference=difference: translate(h, chosen, k, difference[w], alpha))
                    else:
                        out[t, j] = one.predict(lambda h, w, k=k: ablate(h, chosen[:k], mean))
            return {"ids": out}

        return store().remember("interventions", key, make)["ids"]

    @functools.cached_property
    def forms(self) -> Lexicon:
        """The treebank's forms with their lemmas and values."""
        return _lexicon(self.lexicon or split_task_spec(self.task)[0], self.attribute, self.context)

    @functools.cached_property
    def analyser(self) -> Lexicon | Spacy:
        name = installed_pipeline(split_task_spec(self.task)[0]) if self.pipeline == "auto" else self.pipeline
        return Spacy(name, self.attribute) if name else self.forms

    def effect(self, order: str, ks: Sequence[int], *, kind: str = "translation", beta: float = 8.0, split: str = "test", compared_with: str = "prediction", missing_is_wrong: bool = False) -> Effect:
        """What an intervention did, for each k and word.

        compared_with      "prediction": lemma and value are those of the unmodified prediction, as in the paper; "text":
                           those of the true word, as in the published code
        missing_is_wrong   count a missing value as a wrong one, as in the published code
        """
        if compared_with not in ("prediction", "text"):
            raise ValueError(f"compared_with={compared_with!r}; give 'prediction' or 'text'")
        ids = self.predictions(order, ks, kind=kind, beta=beta, split=split)
        one, context = self.reading(split), self._context(split)[0]
        n = len(one)
        truth = self.network.forms(one.truth, one.owner, n)
        form = truth if compared_with == "text" else self.network.forms(self._unmodified(split), one.owner, n)
        after = self.analyser.analyse(self.network.forms(ids, one.owner, n), **context)
        found = outcomes(truth, self.analyser.analyse(form, **context), after, missing_is_wrong=missing_is_wrong)
        return Effect(tuple(int(k) for k in ks), one.sentence, form=after.form, truth=truth, **found)

    def _context(self, split: str) -> tuple[dict, np.ndarray]:
        """(where the predicted words stand, as analysers want it; the values that the text has there). A causal model predicts the word after."""
        one, part = self.reading(split), self.corpus.split(split)
        position = one.position + int(self.network.causal)
        places = list(zip(one.sentence.tolist(), position.tolist(), strict=True))
        upos, value = (np.array([part.annotations[layer][s][p] if layer in part.annotations else "" for s, p in places], dtype=object) for layer in ("upos", self.attribute))
        return {"upos": upos, "sentences": part.sentences, "sentence": one.sentence, "position": position}, value

    def _unmodified(self, split: str) -> np.ndarray:
        return self._once(("unmodified", split), lambda: self.predictions("random", [0], kind="ablation", split=split)[0, 0])

    # --- what limits it -------------------------------------------------------------------------------

    def limits(self, split: str = "test") -> dict[str, float]:
        """What bounds the measures: a row of shares.

        words        words of the split that carry the attribute
        asked        share of them that the model can be asked for (known to its tokenizer, sentence not too long)
        pieces       share of these in more than one sub-token
        copied       share that the unmodified model predicts right
        analysed     share of unmodified predictions to which the analyser gives the value that the text's annotation has
        known        share of unmodified predictions with a lemma and a value
        ceiling      share for which a form with the same lemma and another value exists, of as many sub-tokens (mean over values)
        """
        one, words = self.reading(split), self.words(split)
        n, size, (context, value) = len(one), np.bincount(one.owner), self._context(split)
        truth = self.network.forms(one.truth, one.owner, n)
        before = self.analyser.analyse(self.network.forms(self._unmodified(split), one.owner, n), **context)
        return {
            "words": len(words.sentence),
            "asked": n / len(words.sentence),
            "pieces": float((one.n_pieces > 1).mean()),
            "copied": float((before.form == truth).mean()),
            "analysed": float((before.value == value).mean()),
            "known": float(((before.lemma != "") & (before.value != "")).mean()),
            "ceiling": float(np.mean([self._counterparts(lemma, was, int(size)) for lemma, was, size in zip(before.lemma, before.value, size, strict=True)])),
        }

    def _counterparts(self, lemma: str, value: str, size: int) -> float:
        """Share of the other values for which the lemma has a form of so many sub-tokens."""
        if not lemma or value not in self.values:
            return 0.0
        others = [v for v in self.values if v != value]
        return sum(any(self._pieces(form) == size for form in self.forms.forms(lemma, v)) for v in others) / len(others)

    def _pieces(self, form: str) -> int:
        """Sub-tokens of a form; 0 where the tokenizer does not know it."""
        return self._once(("pieces", form), lambda: self._cut(form))

    def _cut(self, form: str) -> int:
        tokenizer = self.network.tokenizer
        ids = tokenizer([form], is_split_into_words=True, add_special_tokens=False)["input_ids"]
        return 0 if tokenizer.unk_token_id in ids else len(ids)


@functools.cache
def _lexicon(spec: str, attribute: str, context: str) -> Lexicon:
    from ..study import _corpus

    return Lexicon(_corpus(spec), attribute, context=context)


@dataclass(frozen=True, eq=False)
class Words:
    """Words that carry an attribute: where they stand, and the number of their value."""

    sentences: tuple
    sentence: np.ndarray
    position: np.ndarray
    value: np.ndarray
