"""The multi-parallel set: the same messages in several languages, for probing (Durrani 2023, table 7) and translation.

    parallel(("en", "de"), size=100, seed=0)      pairs of annotated sentences that say the same
    parallel_corpus("de")                         the German side of the set as a corpus: `load_corpus("mini:parallel-de")`
    bitext("en", "fr", size=20000, seed=0)        words to train a translator on, none of them in that set
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import cache
from itertools import islice
from zlib import crc32

import numpy as np

from ..types import Corpus
from .engine import LAYERS, Sentence
from .messages import messages

__all__ = ["PARALLEL_SIZES", "bitext", "parallel", "parallel_corpus"]

PARALLEL_SIZES = {"train": 2000, "dev": 500, "test": 500}
PARTS = 3  # disjoint parts of a bitext, one for each of the models that are compared with one another

Row = tuple[Sentence, ...]


def parallel(languages: tuple[str, ...], *, size: int, seed: int | str = 0, style: str = "plain") -> list[Row]:
    """`size` messages, each realised in every language; no sentence of any language comes twice.

    Raises ValueError for an unknown language or style and for a size below 1.
    """
    if size < 1:
        raise ValueError(f"asked for {size} parallel sentences; give at least 1")
    return list(islice(_rows(tuple(languages), str(seed), style), size))


def _rows(languages: tuple[str, ...], seed: str, style: str, seen: tuple[set, ...] | None = None) -> Iterator[Row]:
    """Messages in every language, none that says what has been `seen` (per language) in one of them."""
    from . import language_module

    realisers = [language_module(language).realise for language in languages]
    if not realisers:
        raise ValueError("no language given; give at least one")
    seen = seen or tuple(set() for _ in languages)
    for message in messages(seed, style):
        row = tuple([realise(message) for realise in realisers])
        if not any(sentence.words in before for sentence, before in zip(row, seen, strict=True)):
            for sentence, before in zip(row, seen, strict=True):
                before.add(sentence.words)
            yield row


@cache
def _set(size: int, seed: int) -> tuple[tuple[str, ...], list[Row]]:
    """The set in all the world's languages: what is said depends on none of them alone."""
    from . import languages

    return languages(), parallel(languages(), size=size, seed=f"set/{seed}")


def parallel_corpus(language: str, *, sizes: Mapping[str, int] = PARALLEL_SIZES, seed: int = 0) -> Corpus:
    """One language's side of the multi-parallel set, with every layer; sentence i says the same in each language.

    sizes: split → number of sentences, in the order of the splits. Raises ValueError for an unknown language or an empty split.
    """
    from . import language_module

    language_module(language)
    if not sizes or min(sizes.values()) < 1:
        raise ValueError(f"sizes {dict(sizes)}: give each split at least one sentence")
    edges = np.cumsum([0, *sizes.values()]).tolist()
    spoken, rows = _set(edges[-1], seed)
    side = [row[spoken.index(language)] for row in rows]
    return Corpus(
        name=f"mini:parallel-{language}",
        sentences=tuple(s.words for s in side),
        annotations={layer: tuple(s.layer(layer) for s in side) for layer in LAYERS},
        splits={name: (edges[i], edges[i + 1]) for i, name in enumerate(sizes)},
        source={"spec": f"mini:parallel-{language}", "generator": "lcacore.grammar.parallel", "seed": str(seed), "sizes": ", ".join(f"{k} {v}" for k, v in sizes.items())},
    )


def bitext(source: str, target: str, *, size: int, seed: int = 0, part: int | None = None) -> list[tuple[tuple[str, ...], tuple[str, ...]]]:
    """`size` pairs of sentences (words) that say the same, none with a sentence of the multi-parallel set.

    part    0, 1 or 2: pairs of one third only. The thirds share no sentence (the text itself decides where it falls,
            alike in both directions); None: all of them

    Raises ValueError for an unknown language, source = target, a part that is none, a size below 1.
    """
    from . import language_module

    if part is not None and part not in range(PARTS):
        raise ValueError(f"part {part!r}; there are {PARTS}: give 0, 1, 2 or None for all")
    if size < 1:
        raise ValueError(f"asked for {size} pairs; give at least 1")
    if source == target:
        raise ValueError(f"source and target are both {source!r}; give two languages")
    first, second = sorted((source, target))
    realise_first, realise_second = language_module(first).realise, language_module(second).realise
    held = set(parallel_corpus(first).sentences), set(parallel_corpus(second).sentences)
    pairs, seen = [], set()
    for message in messages(f"bitext/{seed}", "plain"):
        a = realise_first(message).words
        if a in seen or a in held[0] or (part is not None and crc32(" ".join(a).encode()) % PARTS != part):
            continue
        b = realise_second(message).words
        if b in held[1]:
            continue
        seen.add(a)
        pairs.append((a, b) if first == source else (b, a))
        if len(pairs) == size:
            break
    return pairs
