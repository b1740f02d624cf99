"""Layers computed from the words themselves."""

from __future__ import annotations

import functools
from collections.abc import Sequence
from dataclasses import replace

from ..types import Corpus

__all__ = ["DERIVATION", "INFLECTION", "position", "suffix", "with_derived"]

# Durrani 2023 (table 1, figure 6) predicts the suffix of a word, with 58 labels and no list of them; this
# list is ours. Inflection counts only where the form differs from its lemma ("meets", not "bus").
INFLECTION = ("ing", "ed", "er", "est", "es", "s")
DERIVATION = (
    "ability", "ibility", "ization", "isation", "ification", "ation", "ition", "ically", "fulness", "lessness", "iveness", "ousness",
    "ment", "ness", "tion", "sion", "ship", "hood", "ance", "ence", "ancy", "ency", "able", "ible", "less", "ful", "ious", "eous", "ous",
    "ical", "ial", "ual", "ive", "ity", "ism", "ist", "ize", "ise", "ify", "ward", "wards", "wise", "dom", "ant", "ent", "ary", "ory",
    "age", "ate", "ic", "al", "ish", "ly",
)  # fmt: skip
_DERIVATION = sorted(DERIVATION, key=lambda s: (-len(s), s))
_INFLECTION = sorted(INFLECTION, key=lambda s: (-len(s), s))


@functools.cache
def position(n_words: int) -> tuple[str, ...]:
    """begin, middle or end: the third of the sentence in which the middle of each word lies."""
    return tuple(("begin", "middle", "end")[(3 * (2 * i + 1)) // (2 * n_words)] for i in range(n_words))


def suffix(word: str, lemma: str = "") -> str:
    """The suffix of an English word, "" where it has none.

    An inflectional one where the lemma is known and the form is a stem of the lemma plus the suffix; else the
    longest derivational one after a stem of three letters or more.
    """
    form, lemma = word.lower(), lemma.lower()
    if not form.isalpha():
        return ""
    if lemma and form != lemma:
        for end in _INFLECTION:
            stem = form.removesuffix(end)
            # "making" from "make", "tries" from "try", "stopped" from "stop"
            if stem != form and (stem.startswith(lemma) or (len(stem) >= 3 and lemma.startswith(stem[:-1]))):
                return end
    for end in _DERIVATION:
        if form.endswith(end) and len(form) - len(end) >= 3:
            return end
    return ""


def with_derived(corpus: Corpus, *, english: bool = False) -> Corpus:
    """The corpus with layer `position`, a layer per feature of `feats`, and for English `suffix`, where it lacks them."""
    extra = {}
    parsed = [[dict(pair.split("=", 1) for pair in word.split("|") if "=" in pair) for word in row] for row in corpus.annotations.get("feats", ())]
    for name in sorted({name for row in parsed for word in row for name in word} - set(corpus.annotations)):
        extra[name] = tuple(tuple(word.get(name, "") for word in row) for row in parsed)
    if "position" not in corpus.annotations:
        extra["position"] = tuple(position(len(s)) for s in corpus.sentences)
    if english and "suffix" not in corpus.annotations:
        lemmas: Sequence = corpus.annotations.get("lemma") or [("",) * len(s) for s in corpus.sentences]
        extra["suffix"] = tuple(tuple(map(suffix, words, row)) for words, row in zip(corpus.sentences, lemmas, strict=True))
    return replace(corpus, annotations={**corpus.annotations, **extra}) if extra else corpus
