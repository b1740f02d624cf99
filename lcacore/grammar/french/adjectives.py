"""French adjectives and participles beside a noun: their agreement and degrees."""

from __future__ import annotations

from random import Random

from ..engine import Leaf, complement, convert, modify
from ..meaning import Quality
from . import words as lexicon
from .closed import COLOURS, DEGREES, article, common_noun, preposition
from .closed import adjective as inflected
from .inflection import feminine, plural_adjective

__all__ = ["Adjectives", "chunked"]


def chunked(node, label: str):
    if type(node) is Leaf:
        node = convert(node)
    node.chunk = label
    return node


class Adjectives:
    """What one message settles once; adjectives. `random` chooses among ways to say the same (None: the neutral one)."""

    def __init__(self, random: Random | None = None):
        self.random = random
        self.begin()

    def begin(self) -> None:
        """Forget what was settled for the message before."""
        self.polite: bool | None = None
        self.genders: dict = {}
        self.literary = False

    def chance(self, p: float) -> bool:
        return self.random is not None and self.random.random() < p

    def material(self, word: str):
        leaf = common_noun(word, word, "Masc", "Sing")
        return complement(preposition("en"), chunked(convert(leaf, "N"), "NP"), "NP", "case", functor_heads=False)

    def adjective_leaf(self, word: str, women: str | None, gender: str, number: str, sem: str, degree="") -> Leaf:
        form = word if gender == "Masc" else women or feminine(word)
        if number == "Plur":
            form = plural_adjective(form, gender)
        return inflected(form, word, gender, number, sem, degree)

    @staticmethod
    def long(intensifier: str) -> bool:
        return len(lexicon.adverb("degree", intensifier)) > 5

    def adjective(self, quality: Quality, adjective: lexicon.Adjective, gender: str, number: str, *, after=False):
        """An adjective with its degree; `after` the noun a superlative repeats the article."""
        lemma = adjective.lemma
        sem = "COL" if lemma in COLOURS else "DEG" if lemma in DEGREES else "IST"
        if quality.degree == "Pos":
            node = self.adjective_leaf(lemma, adjective.women, gender, number, sem)
            if quality.intensifier:
                word = lexicon.adverb("degree", quality.intensifier)
                node = modify(node, Leaf(word, word, "ADV", "ADV", "", "INT"), "advmod", before=True)
            return node
        sem = "MOR" if quality.degree == "Cmp" else "TOP"
        own = {"bon": "meilleur", "mauvais": "pire"}.get(lemma)
        if own:
            leaf = self.adjective_leaf(own, None, gender, number, sem, "Cmp")
            leaf.lemma = lemma
            return leaf
        more = Leaf("plus", "plus", "ADV", "ADV", "Degree=Cmp", sem)
        node = modify(self.adjective_leaf(lemma, adjective.women, gender, number, sem if quality.degree == "Sup" else "DEG"), more, "advmod", before=True)
        if quality.degree == "Sup" and after:
            the = article(gender, number)
            the.fixed = ""
            node = modify(node, the, "det", before=True)
        return node

    def participle(self, what: tuple[str, ...], gender: str, number: str) -> Leaf:
        concept, tense = what[0].partition(":")[0], what[1]
        word = lexicon.participles().get((concept, tense))
        if word is None:
            raise ValueError(f"the French lexicon lacks the participle {concept!r} ({tense}); add it to lexicon/participles.tsv")
        return self.adjective_leaf(word, None, gender, number, "EXS" if tense == "past" else "EXG")
