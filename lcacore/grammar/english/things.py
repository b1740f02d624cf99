"""What a message speaks of, in English: noun phrases, adjectives and circumstances of its values (see `..meaning`)."""

from __future__ import annotations

from functools import cache
from random import Random

from ..engine import Leaf, convert, coordinate, modify
from ..meaning import Clause, Quality, Relation, Thing, Time
from . import build
from . import words as lexicon
from .build import PRONOUN_ENTRIES, Agreement, Phrase, bare, chunked, pp
from .closed import DETERMINERS, FEMININE, HUMAN, MASCULINE

_NAME_SEM = {"city": "GPE", "country": "GPE", "geo": "GEO", "company": "ORG"}


@cache
def _nouns() -> dict[tuple[str, str], lexicon.Noun]:
    """(lemma, class) → noun; class "" for any."""
    out: dict[tuple[str, str], lexicon.Noun] = {}
    for noun in lexicon.nouns():
        out.setdefault((noun.lemma, noun.cls), noun)
        out.setdefault((noun.lemma, noun.cls.split(".")[0]), noun)
        out.setdefault((noun.lemma, ""), noun)
    return out


@cache
def _senses() -> dict[str, lexicon.Verb]:
    out: dict[str, lexicon.Verb] = {}
    for verb in lexicon.verbs():
        out.setdefault(verb.sense, verb)
    return out


@cache
def _modifiers() -> frozenset[str]:
    """Nouns that the lexicon has as first part of a compound."""
    return frozenset(word for words in lexicon.compounds().values() for word in words)


def verb_of(sense: str) -> lexicon.Verb:
    """The verb of a sense. Raises ValueError for a sense that the lexicon lacks."""
    if sense not in _senses():
        raise ValueError(f"the English lexicon has no verb sense {sense!r}; senses are written as Verb.sense writes them")
    return _senses()[sense]


def noun_of(lemma: str, cls: str) -> lexicon.Noun:
    """The noun of a concept. Raises ValueError for a lemma that the lexicon lacks in that class."""
    noun = _nouns().get((lemma, cls)) or _nouns().get((lemma, ""))
    if noun is None:
        raise ValueError(f"the English lexicon has no noun {lemma!r} of class {cls!r}")
    return noun


class Things:
    """Puts things into words; `random` chooses among ways to say the same (None: the neutral one)."""

    def __init__(self, random: Random | None = None):
        self.random = random

    def maybe(self, p: float) -> bool:
        """Whether to say it the less neutral way."""
        return self.random is not None and self.random.random() < p

    def thing(self, thing: Thing, case="Acc", subject: Agreement | None = None) -> Phrase:
        """A noun phrase; `subject`: of the clause, whose own pronoun as an object becomes a reflexive one."""
        phrase = self.single(thing, case, subject)
        if thing.beside is None:
            return phrase
        word, other = thing.beside
        second = self.thing(other, case)
        conjunction = build.coordinator("and", "GRP") if word == "and" else build.coordinator(word)
        number = "Plur" if word == "and" else second.agreement.number
        return Phrase(coordinate(phrase.node, conjunction, second.node), Agreement(number, 3, phrase.agreement.cls))

    def single(self, thing: Thing, case: str, subject: Agreement | None = None) -> Phrase:
        if thing.kind == "pronoun":
            entry = self.pronoun_entry(thing)
            if case == "Acc" and thing.person < 3 and subject is not None and (subject.pronoun, subject.person, subject.number) == (True, thing.person, thing.number):
                return Phrase(build.reflexive(subject), subject)
            return build.pronoun(entry, case, "role" if thing.cls in HUMAN else thing.cls)
        if thing.kind == "person":
            first = "" if thing.title and thing.last else thing.first
            return Phrase(build.titled(first, thing.last, thing.title), Agreement("Sing", 3, "role", False, thing.gender))
        if thing.kind == "name":
            cls = "org" if thing.cls == "company" else "place"
            return Phrase(bare(build.proper(thing.concept, _NAME_SEM.get(thing.cls, "GPE"))), Agreement("Sing", 3, cls))
        return self.noun_phrase(thing)

    def pronoun_entry(self, thing: Thing) -> tuple:
        human = thing.cls in HUMAN
        gender = (thing.gender or "Masc") if human else "Neut"
        number = "Sing" if thing.person == 2 and thing.number == "Sing" else thing.number
        return next(p for p in PRONOUN_ENTRIES if p[2:4] == (number, thing.person) and (thing.person < 3 or number == "Plur" or p[4] == gender))

    def noun_phrase(self, thing: Thing) -> Phrase:
        noun = noun_of(thing.concept, thing.cls)
        plural = thing.number == "Plur" and bool(noun.plural)
        gender = "Fem" if noun.lemma in FEMININE else "Masc" if noun.lemma in MASCULINE else thing.gender
        agreement = Agreement("Plur" if plural else "Sing", 3, noun.cls, False, gender)
        nbar = self.nbar(thing, noun, plural)
        if thing.determiner == "owner" and thing.owner is not None:
            if thing.owner.kind == "pronoun":
                np = build.possessive_pronoun(self.pronoun_entry(thing.owner), nbar)
            else:
                np = build.possessive(self.thing(thing.owner).node, nbar)
        elif thing.determiner in DETERMINERS:
            word = thing.determiner
            if not noun.plural:  # a mass noun
                word = {"a": "some", "another": "some", "many": "much", "several": "some", "every": "all", "both": "all"}.get(word, word)
            np = build.determined(word, nbar, agreement.number)
        elif thing.determiner:
            raise ValueError(f"no English determiner {thing.determiner!r}; give {', '.join(DETERMINERS)}, owner or nothing")
        else:
            np = convert(nbar, "N")
        node = chunked(np, "NP")
        if thing.modifier is not None:
            node = modify(node, self.relation(thing.modifier), "nmod")
        if thing.relative is not None:
            node = self.relative(node, thing.relative, agreement)
        return Phrase(node, agreement)

    def nbar(self, thing: Thing, noun: lexicon.Noun, plural: bool):
        """Category N: count, adjectives, participle, nationality, first noun of a compound, noun."""
        node = build.noun_leaf(noun, plural)
        if thing.compound:
            first = lexicon.Noun(thing.compound, "", "", "") if thing.compound in _modifiers() else noun_of(thing.compound, "")
            node = modify(node, build.noun_leaf(first, False), "compound", before=True)
        if thing.origin:
            node = modify(node, Leaf(thing.origin, thing.origin, "ADJ", "JJ", "Degree=Pos", "GPO"), "amod", before=True)
        if thing.participle:
            sense, when = thing.participle
            node = modify(node, build.participle(sense.partition(":")[0], "VBN" if when == "past" else "VBG"), "amod", before=True)
        for quality in thing.qualities[::-1]:
            node = modify(node, self.quality(quality), "amod", before=True)
        return build.numbered(thing.count, node) if thing.count else node

    def quality(self, quality: Quality):
        """An adjective with its degree or its intensifier."""
        if quality.intensifier:
            return build.intensified(build.adjective(quality.concept), quality.intensifier)
        return build.compared(quality.concept, quality.degree)

    def relation(self, relation: Relation, subject: Agreement | None = None):
        return pp(relation.concept, self.thing(relation.thing, subject=subject).node)

    def time(self, time: Time):
        """(phrase, dependency relation)"""
        return build.time_phrase(time.kind, time.concept, time.count)

    def relative(self, node, clause: Clause, agreement: Agreement):
        raise NotImplementedError
