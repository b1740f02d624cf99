"""Spanish adverbs and phrases of time."""

from __future__ import annotations

from ..engine import Leaf, modify
from ..meaning import Time
from . import words as lexicon
from .base import Agreement, chunked, features
from .closed import ADVERB_SEM, DETERMINERS, NUMBERS, SEASONS, UNITS_OF_DAY
from .inflection import plural
from .phrases import Phrases


class Circumstances(Phrases):
    """When and how."""

    def adverb(self, concept: str, chunk: str = "ADVP"):
        """An adverb, of one word or several (a menudo)."""
        first, *rest = self.pick(lexicon.lookup(lexicon.adverbs(), concept, "adverb"))
        sem = ADVERB_SEM.get(concept, "IST")
        if not rest:
            return Leaf(first, first, "ADV", "RN" if concept == "never" else "RG", features("Polarity=Neg") if concept == "never" else "", sem, chunk)
        head = Leaf(first, first, "ADV" if first not in ("a", "de", "en", "por", "sin", "con") else "ADP", "RG" if first not in ("a", "de", "en", "por", "sin", "con") else "SP", "", sem)
        for word in rest:
            head = modify(head, _part(word), "fixed")
        return chunked(head, chunk)

    def time(self, time: Time):
        """(phrase, relation): ayer, el lunes, en mayo, la semana pasada, durante tres días."""
        kind, concept = time.kind, time.concept
        if kind == "adverb":
            return self.adverb(concept), "advmod"
        if kind == "month":
            month = lexicon.name("month", concept)
            return self.framed(Leaf(month, month, "NOUN", "NCMS", features("Gender=Masc Number=Sing"), "MOY"), [], "en", []), "obl"
        if kind == "year":
            return self.framed(Leaf(concept, concept, "NUM", "Z", features("NumForm=Digit NumType=Card"), "YOC"), [], "en", []), "obl"
        if kind == "last" and concept == "night":
            return Leaf("anoche", "anoche", "ADV", "RG", "", "PST", "ADVP"), "advmod"
        number = "Plur" if kind == "span" else "Sing"
        noun, gender = self.moment(concept, number)
        if kind == "span":
            word = lexicon.lookup(NUMBERS, time.count, "number")
            node = modify(noun, Leaf(word, word, "NUM", "Z", features("NumType=Card Number=Plur"), "QUC"), "nummod", before=True)
            return self.framed(node, [], "durante", []), "obl"
        the = self.determiner_leaf(DETERMINERS["the"], gender, number)
        if kind == "part":
            return self.framed(noun, [the], "por", []), "obl"
        if kind == "weekday":
            return _when(noun, [the]), "obl:tmod"
        agreement = Agreement(number, 3, gender)
        if kind in ("last", "next"):
            leaf = self.adjective_leaf("pasado" if kind == "last" else "próximo", agreement, "PST" if kind == "last" else "FUT")
            return _when(modify(noun, leaf, "amod", before=kind == "next"), [the]), "obl:tmod"
        if kind != "every":
            raise ValueError(f"no kind of time {kind!r}; Spanish knows adverb, weekday, month, year, part, span, last, next, every")
        if concept in UNITS_OF_DAY or self.chance(0.4):
            noun, gender = self.moment(concept, "Plur")
            determiners = [self.determiner_leaf(DETERMINERS[d], gender, "Plur") for d in ("all", "the")]
        else:
            determiners = [self.determiner_leaf(DETERMINERS["every"], gender, "Sing")]
        return _when(noun, determiners), "obl:tmod"

    def moment(self, concept: str, number: str) -> tuple[Leaf, str]:
        """A noun for a stretch of time, and its gender."""
        if concept in UNITS_OF_DAY:
            lemma, gender, sem = lexicon.name("weekday", concept), "Masc", "DOW"
        elif concept in SEASONS:
            lemma, sem = SEASONS[concept], "UOM"
            gender = "Fem" if lemma.endswith("a") else "Masc"
        else:
            cls = "unit" if (concept, "unit") in lexicon.nouns() else "timeofday"
            entry = lexicon.lookup(lexicon.nouns(), (concept, cls), "noun")[0]
            lemma, gender, sem = entry.lemma, entry.gender, "UOM" if cls == "unit" else "CON"
        word = plural(lemma) if number == "Plur" else lemma
        return Leaf(word, lemma, "NOUN", f"NC{gender[0]}{number[0]}", features(f"Gender={gender} Number={number}"), sem), gender


def _when(node, determiners: list[Leaf]):
    """A noun phrase that says when: el lunes, todas las noches."""
    for leaf in determiners[::-1]:
        node = modify(node, leaf, "det", before=True)
    return chunked(node, "NP")


def _part(word: str) -> Leaf:
    """A word inside a fixed expression."""
    if word in ("a", "de", "en", "por", "con"):
        return Leaf(word, word, "ADP", "SP", "", "REL")
    if word in ("el", "la", "todas", "esta"):
        gender = "Masc" if word == "el" else "Fem"
        return Leaf(word, {"la": "el", "todas": "todo", "esta": "este"}.get(word, word), "DET", {"esta": "DDFS", "todas": "DIFP"}.get(word, f"DA{gender[0]}S"), features(f"Gender={gender} Number={'Plur' if word == 'todas' else 'Sing'}"), "DEF")
    if word in ("vez", "veces", "voz", "partes", "noche"):
        return Leaf(word, {"veces": "vez", "partes": "parte"}.get(word, word), "NOUN", "NCFP" if word.endswith("s") else "NCFS", features(f"Gender=Fem Number={'Plur' if word.endswith('s') else 'Sing'}"), "CON")
    return Leaf(word, word, "ADV", "RG", "", "NIL")
