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
from itertools import islice, product

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
# The languages of many forms have more sentences to choose and to report on,
_RICH = {"train": 4000, "dev": 2000, "test": 2000}
# and sentences added for the values of which these have fewer forms than it takes to probe for them (Antverg 2022).
_RARE = {"de": ("Mood=Imp", "Mood=Sub"), "fr": ("Mood=Sub",), "es": ("Mood=Imp",)}
_FORMS = 100
_LONG = 12  # words: of shorter ones, a text of some 100,000 sentences has many (a tenth of Spanish imperatives of eight words)
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
    """Split → number of sentences of a language's probing corpus, before those that are added for rare values."""
    return dict(SIZES if language == "en" else _RICH)


def corpus(language: str = "en", *, sizes: Mapping[str, int] | None = None, seed: int = 0) -> Corpus:
    """The probing corpus: splits that share no sentence, and a train split that lacks the withheld words.

    sizes   split → number of sentences (default: `sizes_of` the language, and in each split as many more with a rare mood
            as give it 100 forms); the order of splits is the order of `sizes`
    seed    draws the sentences; the withheld words (`withheld`) do not depend on it

    Every layer of `LAYERS` is there. Raises ValueError for an unknown language or an empty split.
    """
    rare = () if sizes is not None else _RARE.get(language, ())
    sizes = sizes_of(language) if sizes is None else sizes
    if not sizes or min(sizes.values()) < 1:
        raise ValueError(f"sizes {dict(sizes)}: give each split at least one sentence")
    drawn = _draw(language, sizes, seed, rare)
    ordered = [s for name in sizes for s in drawn[name]]
    sizes = {name: len(drawn[name]) for name in sizes}
    edges = np.cumsum([0, *sizes.values()]).tolist()
    return Corpus(
        name=f"mini:{language}",
        sentences=tuple(s.words for s in ordered),
        annotations={layer: tuple(s.layer(layer) for s in ordered) for layer in LAYERS},
        splits={name: (edges[i], edges[i + 1]) for i, name in enumerate(sizes)},
        source={"spec": f"mini:{language}", "generator": "lcacore.grammar", "seed": str(seed), "sizes": ", ".join(f"{k} {v}" for k, v in sizes.items())},
    )


def _draw(language: str, sizes: Mapping[str, int], seed: int, rare: tuple[str, ...]) -> dict[str, list[Sentence]]:
    """Sentences of each split, none of them twice; train comes last, so that what it must not have is known.

    To a split in which fewer than 100 forms have one of the `rare` values, sentences with it are added.
    """
    module = language_module(language)
    seen: set[tuple[str, ...]] = set()
    drawn: dict[str, list[Sentence]] = {}
    for name in sorted(sizes, key=lambda name: (name == "train", name)):
        lacking = module.withheld("train") if name == "train" else frozenset()
        drawn[name] = list(islice(_once(_new(module, f"{seed}/{name}", seen, lacking), seen), sizes[name]))
        drawn[name] += _once(_with_forms(_new(module, f"{seed}/{name}/rare", seen, lacking), drawn[name], rare), seen)
    return drawn


def _once(sentences: Iterator[Sentence], seen: set) -> Iterator[Sentence]:
    """The sentences, each added to those that were `seen`."""
    for sentence in sentences:
        seen.add(sentence.words)
        yield sentence


def _with_forms(sentences: Iterator[Sentence], known: list[Sentence], values: tuple[str, ...]) -> Iterator[Sentence]:
    """Those long sentences that bring a new form of a value of which there are fewer than a hundred, until there are."""
    forms: dict[str, set] = {value: set() for value in values}
    of = lambda s, value: {word.lower() for word, feats in zip(s.words, s.layer("feats"), strict=True) if value in feats.split("|")}  # noqa: E731
    for value, s in product(values, known):
        forms[value] |= of(s, value)
    while lacking := [value for value in values if len(forms[value]) < _FORMS]:
        s = next(s for s in sentences if len(s.words) >= _LONG and any(of(s, value) - forms[value] for value in lacking))
        for value in values:
            forms[value] |= of(s, value)
        yield s


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
    return frozenset(corpus(language).sentences)


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
