"""Which word comes: by class, by what the sentence is about, and by what goes well together.

Shared by the English generator and by the sampler of messages, whose concepts are English words.
"""

from __future__ import annotations

from functools import cache
from random import Random
from zlib import crc32

from ..engine import Choice
from . import words as lexicon
from .closed import FEMININE, MASCULINE, ranked

__all__ = ["Draws", "favourite", "gender_of", "noun_choices", "word_choices"]


@cache
def noun_choices() -> dict[tuple[str, str], Choice]:
    """(class, domain) → choice of nouns; domain "" is all of the class. `place` unites its three kinds."""
    groups: dict[tuple[str, str], list] = {}
    for noun in lexicon.nouns():
        names = (noun.cls, noun.cls.split(".")[0]) if "." in noun.cls else (noun.cls,)
        for cls in names:
            groups.setdefault((cls, noun.domain), []).append(noun)
    for cls in sorted({c for c, _ in groups}):
        rows = [groups[key] for key in sorted(groups) if key[0] == cls]
        deepest = max(map(len, rows))
        groups[cls, ""] = [row[i] for i in range(deepest) for row in rows if i < len(row)]
    return {key: ranked(items, 2.5 if key[1] else 2.0) for key, items in groups.items()}


@cache
def word_choices(kind: str) -> dict[str, Choice]:
    source = {"adjective": lexicon.adjectives, "adverb": lexicon.adverbs, "name": lexicon.names}[kind]()
    return {cls: ranked(words, 2.0) for cls, words in source.items()}


class Favourite:
    """A fixed draw: what a word goes with most often (a verb its objects, a noun its adjectives)."""

    def __init__(self, name: str):
        self.value = crc32(name.encode()) / 2**32

    def random(self) -> float:
        return self.value


@cache
def favourite(kind: str, cls: str, domain: str, of: str, which: int):
    choice = noun_choices()[cls, domain] if kind == "noun" else word_choices(kind)[cls]
    return choice(Favourite(f"{of}/{cls}/{domain}/{which}"))


def gender_of(lemma: str) -> str:
    return "Fem" if lemma in FEMININE else "Masc" if lemma in MASCULINE else ""


class Draws:
    """Draws of one random stream; `domain` is what the sentence at hand is about."""

    def __init__(self, random: Random):
        self.random = random
        self.domain = ""
        self.used: set[str] = set()  # nouns and names of the sentence at hand, none of them twice if it can be helped

    def chance(self, p: float) -> bool:
        return self.random.random() < p

    def one_of(self, items):
        return items[int(self.random.random() * len(items))]

    def noun(self, cls: str, domain: str | None = None, of: str = "") -> lexicon.Noun:
        """A noun of a class, from the sentence's domain if that has any and chance agrees; `of`: the word it goes with."""
        choices = noun_choices()
        domain = self.domain if domain is None else domain
        for _ in range(4):
            home = domain if (cls, domain) in choices and self.chance(0.88) else ""
            if of and self.chance(0.5):
                noun = favourite("noun", cls, home, of, int(self.random.random() * 3))
            else:
                noun = choices[cls, home](self.random)
            if noun.lemma not in self.used:
                break
        self.used.add(noun.lemma)
        return noun
