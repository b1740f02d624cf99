"""What every Spanish phrase needs: agreement, features, the frame of noun and prepositional phrases, ways to choose."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from random import Random

from ..engine import Leaf, complement, convert, modify
from ..meaning import Thing
from .closed import COORDINATORS, INVARIABLE

HUMAN = ("role", "female", "male")


@dataclass(frozen=True)
class Agreement:
    """What a noun phrase tells its verb and adjectives; `polite`: usted, a second person with verbs of the third."""

    number: str = "Sing"
    person: int = 3
    gender: str = "Masc"
    cls: str = "thing"
    polite: bool = False

    @property
    def human(self) -> bool:
        return self.cls in HUMAN


@dataclass(frozen=True)
class Phrase:
    """A noun phrase (category NP), or a prepositional phrase around one (PP), and its agreement."""

    node: object
    agreement: Agreement
    negative: bool = False


@cache
def features(*parts: str) -> str:
    """Features in the order of Universal Dependencies; empty ones are left out."""
    return "|".join(sorted((f for part in parts for f in part.split() if not f.endswith("=")), key=str.lower))


def chunked(node, label: str):
    node.chunk = label
    return node


def phrase_of(leaf: Leaf, category: str = "NP"):
    """A word that is a noun phrase on its own."""
    return chunked(convert(leaf, category), "NP")


def comma() -> Leaf:
    return Leaf(",", ",", "PUNCT", "Fc", "PunctType=Comm", "NIL", "O")


def conjunction(word: str, sem: str = "") -> Leaf:
    form, usual = COORDINATORS[word]
    return Leaf(form, form, "CCONJ", "CC", "", sem or usual, "O")


def is_second(thing: Thing) -> bool:
    return thing.kind == "pronoun" and thing.person == 2


class Speaker:
    """Who says things; `random` picks among ways to say the same, None takes the plainest."""

    def __init__(self, random: Random | None = None):
        self.random = random
        self.begin()

    def begin(self) -> None:
        """Settle what holds for a whole sentence: the sex of who speaks, whether one says tú or usted."""
        self.speaker = "Fem" if self.chance(0.5) else "Masc"
        self.polite = self.chance(0.25)
        self.past = False
        self.mentioned: dict[str, str] = {}  # class of a thing → gender of the noun that it was last called by
        self.negative = False  # whether something after the verb asks for `no` before it

    def chance(self, p: float) -> bool:
        return self.random is not None and self.random.random() < p

    def pick(self, items):
        """One of several ways to say something, the first ones more often."""
        if self.random is None or len(items) == 1:
            return items[0]
        x = self.random.random()
        return items[0] if x < 0.7 else items[int(len(items) * (x - 0.7) / 0.3)]

    def agreement_of(self, thing: Thing) -> Agreement:
        """Number, person and gender of what a pronoun, a name or a person stands for."""
        if thing.kind == "pronoun":
            gender = thing.gender or (self.speaker if thing.person < 3 and thing.number == "Sing" else "")
            if not gender and thing.cls not in HUMAN:
                gender = self.mentioned.get(thing.cls) or ("Fem" if self.chance(0.45) else "Masc")
            gender = gender or "Masc"
            return Agreement(thing.number, thing.person, gender, thing.cls, thing.person == 2 and self.polite)
        return Agreement("Sing", 3, thing.gender or "Masc", thing.cls or "role")

    # --- frames ---

    def framed(self, nbar, determiners: list[Leaf], preposition: str, behind: list):
        """Determiners, an N and what follows it as an NP; after a preposition as a PP, in one word with the article where Spanish has it."""
        *far, near = preposition.split("_") if preposition else ("",)
        contracted = bool(determiners) and near in ("a", "de") and determiners[0].word == "el"
        if contracted:
            leaf = Leaf("al" if near == "a" else "del", near, "ADP", "SPC", features("Definite=Def Gender=Masc Number=Sing PronType=Art"), "REL", "PP")
            node = complement(leaf, chunked(convert(nbar), "NP"), "N", "case", functor_heads=False)
        else:
            node = convert(nbar, "N")
            if determiners:
                determiners[-1].fixed = "NP[nb]/N" if determiners[-1].xpos != "DT" else ""
                node = complement(determiners[-1], nbar, "N", "det", functor_heads=False)
                for leaf in determiners[-2::-1]:
                    node = modify(node, leaf, "det", before=True)
            node.chunk = "NP"
        for after, relation in behind:
            node = modify(node, after, relation)
        if preposition and not contracted:
            node = complement(self.preposition(near), node, "NP", "case", functor_heads=False)
        for word in far[::-1]:
            node = complement(Leaf(word, word, "ADV", "RG", "", "REL", "PP"), node, "PP", "case", functor_heads=False)
        return node

    def governed(self, preposition: str, np):
        return complement(self.preposition(preposition), np, "NP", "case", functor_heads=False)

    def preposition(self, word: str) -> Leaf:
        return Leaf(word, word, "ADP", "SP", "", "REL", "PP")

    def determiner_leaf(self, entry, gender: str, number: str) -> Leaf:
        forms, lemma, xpos, feats, sem = entry
        word = forms[gender, number]
        shown = f"Number={number}" if lemma in ("mi", "tu", "su") else "" if word in INVARIABLE else f"Gender={gender} Number={number}"
        tag = xpos if word in INVARIABLE else f"{xpos}{number[0]}" if lemma in ("mi", "tu", "su") else f"{xpos}{gender[0]}{number[0]}"
        return Leaf(word, lemma, "DET", tag, features(feats, shown), sem)
