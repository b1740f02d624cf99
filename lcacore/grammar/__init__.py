"""The miniature world: languages that the project speaks itself, every word annotated on every layer.

    generate("en", size=1000, seed=0)      sentences with their trees
    corpus("en")                           the probing corpus: train, dev, test, with unseen words in dev and test
    text("en", size=100000, seed=1)        text for training language models, sharing no sentence with that corpus
    parallel_corpus("de")                  one side of a set whose sentences say the same in every language
    bitext("en", "fr", size=20000)         text for training translators, sharing no sentence with that set
    paired_text(size=100000, seed=1)       two English sentences of one text each, for models that are to read pairs
    statistics(corpus("en"))               what the world is like, in the papers' terms

Everything is a pure function of its arguments and the same on every machine.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Set
from functools import cache
from itertools import islice

import numpy as np

from ..types import Corpus
from . import discourse, english, french, german, spanish
from .ccg import derives
from .engine import LAYERS, Sentence
from .parallel import bitext, parallel, parallel_corpus

__all__ = [
    "LAYERS", "SIZES", "Sentence", "bitext", "corpus", "derives", "generate", "language_module", "languages", "paired_text", "parallel",
    "parallel_corpus", "sizes_of", "statistics", "text", "zipf_exponent",
]

SIZES = {"train": 4000, "dev": 800, "test": 800}
# The languages of many forms: as many sentences as values of their rarer features need (Antverg 2022: 100 forms of each).
_RICH = {"train": 4000, "dev": 2000, "test": 2000}
_LANGUAGES = {"en": english, "de": german, "fr": french, "es": spanish}


def languages() -> tuple[str, ...]:
    """Languages that the world speaks."""
    return tuple(_LANGUAGES)


def language_module(language: str):
    """The package of one language. Raises ValueError for one that the world does not speak."""
    if language not in _LANGUAGES:
        raise ValueError(f"no language {language!r} in the miniature world; it speaks {', '.join(_LANGUAGES)}")
    return _LANGUAGES[language]


def generate(language: str = "en", size: int = 1000, seed: int = 0) -> list[Sentence]:
    """`size` sentences drawn from the grammar; a longer list starts with the shorter one.

    Raises ValueError for an unknown language or a size below 1.
    """
    if size < 1:
        raise ValueError(f"asked for {size} sentences; give at least 1")
    return language_module(language).generate(size, str(seed))


def sizes_of(language: str) -> dict[str, int]:
    """Split → number of sentences of a language's probing corpus."""
    return dict(SIZES if language == "en" else _RICH)


def corpus(language: str = "en", *, sizes: Mapping[str, int] | None = None, seed: int = 0) -> Corpus:
    """The probing corpus: splits that share no sentence, and a train split that lacks the withheld words.

    sizes   split → number of sentences (default: `sizes_of` the language); the order of splits is the order of `sizes`
    seed    draws the sentences; the withheld words (`withheld`) do not depend on it

    Every layer of `LAYERS` is there. Raises ValueError for an unknown language or an empty split.
    """
    sizes = sizes_of(language) if sizes is None else sizes
    if not sizes or min(sizes.values()) < 1:
        raise ValueError(f"sizes {dict(sizes)}: give each split at least one sentence")
    drawn = _draw(language, sizes, seed)
    ordered = [s for name in sizes for s in drawn[name]]
    edges = np.cumsum([0, *sizes.values()]).tolist()
    return Corpus(
        name=f"mini:{language}",
        sentences=tuple(s.words for s in ordered),
        annotations={layer: tuple(s.layer(layer) for s in ordered) for layer in LAYERS},
        splits={name: (edges[i], edges[i + 1]) for i, name in enumerate(sizes)},
        source={"spec": f"mini:{language}", "generator": "lcacore.grammar", "seed": str(seed), "sizes": ", ".join(f"{k} {v}" for k, v in sizes.items())},
    )


def _draw(language: str, sizes: Mapping[str, int], seed: int) -> dict[str, list[Sentence]]:
    """Sentences of each split, none of them twice; train comes last, so that what it must not have is known."""
    module = language_module(language)
    seen: set[tuple[str, ...]] = set()
    drawn: dict[str, list[Sentence]] = {}
    for name in sorted(sizes, key=lambda name: (name == "train", name)):
        drawn[name] = []
        for sentence in _new(module, f"{seed}/{name}", seen, module.withheld("train") if name == "train" else frozenset()):
            seen.add(sentence.words)
            drawn[name].append(sentence)
            if len(drawn[name]) == sizes[name]:
                break
    return drawn


def text(language: str = "en", *, size: int, seed: int = 1) -> list[tuple[str, ...]]:
    """`size` sentences of words to train a language model on: none of the probing corpus's, and without its hidden words."""
    module = language_module(language)
    seen = _probing_sentences(language)
    lacking = module.withheld("text")
    return [s.words for s in islice(_new(module, f"text/{seed}", seen, lacking), size)]


def paired_text(*, size: int, seed: int = 1) -> list[tuple[tuple[str, ...], tuple[str, ...]]]:
    """`size` pairs of English sentences that follow each other in a text (`discourse`): as `text`, nothing of the probing corpus."""
    seen, lacking = _probing_sentences("en"), english.withheld("text")
    new = (pair for pair in discourse.pairs(f"text/{seed}") if all(s.words not in seen and lacking.isdisjoint([leaf.lemma for leaf in s.leaves]) for s in pair))
    return [(a.words, b.words) for a, b in islice(new, size)]


@cache
def _probing_sentences(language: str) -> frozenset[tuple[str, ...]]:
    return frozenset(s.words for part in _draw(language, sizes_of(language), 0).values() for s in part)


def _new(module, stream: str, seen: Set, lacking: frozenset[str]) -> Iterator[Sentence]:
    """The sentences of a stream that are not in `seen` and have no word of `lacking`."""
    for sentence in module.stream(stream):
        if sentence.words not in seen and lacking.isdisjoint([leaf.lemma for leaf in sentence.leaves]):
            yield sentence


def zipf_exponent(words, ranks: int = 1000) -> float:
    """Slope of log frequency on log rank over the first `ranks` word types (minus it: 1 is Zipf's law)."""
    counts = np.sort(np.array(list(Counter(words).values())))[::-1][:ranks]
    if len(counts) < 2:
        raise ValueError(f"{len(counts)} word type; give a text with at least two")
    return float(-np.polyfit(np.log(np.arange(1, len(counts) + 1)), np.log(counts), 1)[0])


def statistics(corpus: Corpus, *, train: str = "train", test: str = "test") -> dict:
    """What a corpus is like: size, word types, mean length, Zipf exponent, unseen words, majority baselines.

    baselines: layer → share of test words whose label is the word's most frequent one in train (a word that
    train lacks gets train's most frequent label). These are the numbers that a probe has to beat (Durrani
    2020, section 3: local majority).
    """
    a, b = corpus.split(train), corpus.split(test)
    known = set(a.words)
    test_words = b.words
    out = {
        "sentences": len(corpus.sentences),
        "tokens": corpus.n_tokens,
        "types": len(set(corpus.words)),
        "mean_length": corpus.n_tokens / len(corpus.sentences),
        "zipf_exponent": zipf_exponent(corpus.words),
        "unseen": float(np.mean([w not in known for w in test_words])),
        "labels": {}, "baselines": {}, "majority": {},
    }
    for layer in corpus.annotations:
        if layer in ("head", "lemma"):
            continue
        train_labels, labels = a.labels(layer), b.labels(layer)
        table: dict[str, Counter] = {}
        for word, label in zip(a.words, train_labels, strict=True):
            table.setdefault(word, Counter())[label] += 1
        overall = _first(Counter(train_labels))
        best = {word: _first(counts) for word, counts in table.items()}
        out["labels"][layer] = len(set(train_labels))
        out["baselines"][layer] = float(np.mean([best.get(w, overall) == y for w, y in zip(test_words, labels, strict=True)]))
        out["majority"][layer] = float(np.mean(labels == overall))
    return out


def _first(counts: Counter) -> str:
    """The most frequent label, ties by name."""
    return min(counts, key=lambda label: (-counts[label], label))
