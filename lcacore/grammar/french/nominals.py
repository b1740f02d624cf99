"""French noun phrases: agreement, articles, the place of adjectives, what follows a noun.

A noun phrase is kept in two pieces, determiner and noun with what belongs to it, until it is known what stands
before it: a preposition contracts with le and les, and swallows des and du after de.
"""

from __future__ import annotations

from ..engine import Branch, Leaf, complement, convert, coordinate, modify
from ..meaning import Relation, Thing
from . import words as lexicon
from .adjectives import Adjectives, chunked
from .closed import (
    COORDINATORS,
    article,
    common_noun,
    contracted,
    determiner,
    feats,
    possessive,
    pronoun,
)
from .inflection import elides

__all__ = ["Nominal", "Nominals", "comma", "first_word"]


def comma() -> Leaf:
    return Leaf(",", ",", "PUNCT", "PONCT", "", "NIL", "O")


def first_word(node) -> str:
    """The first word of a tree."""
    while type(node) is Branch:
        node = node.left
    return node.word


class Nominal:
    """A noun phrase in pieces, and what agrees with it.

    kind        its article: "def", "ind" (un, des), "part" (du), "zero", or "" for anything else
    before      tous in `tous les livres`
    whole       the finished node of a pronoun or a name, which has no determiner
    other       (conjunction, another phrase) of a coordination
    number_word number of the words themselves, which polite vous makes differ from `number`
    """

    __slots__ = ("before", "cls", "determiner", "gender", "human", "kind", "nbar", "negative", "number", "other", "person", "pronoun", "tonic", "whole", "word_number")

    def __init__(self, *, gender="Masc", number="Sing", person=3, cls="thing", human=False):
        self.gender, self.number, self.person, self.cls, self.human = gender, number, person, cls, human
        self.word_number = number
        self.kind = ""
        self.determiner = self.nbar = self.before = self.whole = self.other = self.tonic = None
        self.pronoun = self.negative = False

    @property
    def agreement(self) -> tuple[str, str]:
        """Gender and number of what agrees with it: with those of all conjuncts."""
        if self.other is None:
            return self.gender, self.number
        second = self.other[1]
        return "Fem" if self.gender == second.gender == "Fem" else "Masc", "Plur" if self.other[0] == "and" else second.number


class Nominals(Adjectives):
    """Noun phrases on top of adjectives."""

    # --- noun phrases ---

    def nominal(self, thing: Thing, *, owner: Nominal | None = None, subject=False) -> Nominal:
        """The noun phrase for a thing; owner: whose part of the body it is said to be already (il se lave les mains)."""
        if thing.kind == "pronoun":
            out = self.pronominal(thing)
        elif thing.kind == "person":
            out = self.person(thing)
        elif thing.kind == "name":
            out = self.named(thing)
        else:
            out = self.common(thing, owner, subject)
        if thing.beside is not None:
            conjunction, second = thing.beside
            out.other = (conjunction, self.nominal(second, subject=subject))
        return out

    def pronominal(self, thing: Thing) -> Nominal:
        gender, person, number = thing.gender, thing.person, thing.number
        human = thing.cls in ("role", "human", "female", "male")
        key = (person, number, thing.cls if not human else "")
        if not gender and thing.concept:
            gender = lexicon.noun(thing.cls, thing.concept).gender
        if gender not in ("Masc", "Fem"):
            if key not in self.genders:
                self.genders[key] = "Fem" if self.chance(0.35 if not (human and person == 3) else 0.1) else "Masc"
            gender = self.genders[key]
        out = Nominal(gender=gender, number=number, person=person, cls=thing.cls, human=human)
        out.pronoun = True
        if person == 2 and number == "Sing":
            if self.polite is None:
                self.polite = self.chance(0.25)
            if self.polite:
                out.word_number = "Plur"
        return out

    def person(self, thing: Thing) -> Nominal:
        out = Nominal(gender=thing.gender or "Masc", cls="role", human=True)
        parts = []
        if thing.title and thing.title != "Dr.":
            parts.append(self.proper(lexicon.name("title", thing.title), "ROL"))
        if thing.first:
            parts.append(self.proper(lexicon.name("female" if thing.gender == "Fem" else "male", thing.first), "PER"))
        if thing.last:
            parts.append(self.proper(lexicon.name("surname", thing.last), "PER"))
        if not parts:
            raise ValueError(f"a person without a name: {thing}; give first or last")
        node = parts[0]
        for part in parts[1:]:
            node = modify(node, part, "flat:name")
        if thing.title == "Dr.":  # le docteur Martin
            word = "docteure" if out.gender == "Fem" else "docteur"
            head = common_noun(word, "docteur", out.gender, "Sing", "ROL")
            out.nbar, out.kind, out.determiner = modify(head, node, "flat:name"), "def", article(out.gender, "Sing")
        else:
            out.whole = chunked(convert(node, "N"), "NP")
        self.extended(out, thing)
        return out

    def proper(self, word: str, sem: str, gender="") -> Leaf:
        return Leaf(word, word, "PROPN", "NPP", feats(Gender=gender, Number="Sing"), sem)

    def named(self, thing: Thing) -> Nominal:
        spec = lexicon.name(thing.cls, thing.concept)
        word, _, mark = spec.partition(".")
        gender = "Fem" if mark.startswith("f") else "Masc"
        sem = {"city": "GPE", "country": "GPE", "geo": "GEO"}.get(thing.cls, "ORG")
        out = Nominal(gender=gender, cls=thing.cls)
        leaf = self.proper(word, sem, gender if mark else "")
        if mark and not mark.endswith("-"):
            out.nbar, out.determiner, out.kind = leaf, article(gender, "Sing"), "def"
        else:
            out.whole = chunked(convert(leaf, "N"), "NP")
        self.extended(out, thing)
        return out

    def common(self, thing: Thing, owner: Nominal | None, subject: bool) -> Nominal:
        noun = lexicon.noun(thing.cls, thing.concept)
        number = "Plur" if noun.plural_only else "Sing" if noun.singular_only or (noun.mass and not thing.count) else thing.number
        gender = (thing.gender if thing.gender and noun.women else "") or noun.gender
        base = thing.cls.split(".")[0]
        out = Nominal(gender=gender, number=number, cls=thing.cls, human=base == "role")
        out.nbar = self.nbar(thing, noun, gender, number)
        self.determine(out, thing, noun, owner, subject)
        self.extended(out, thing)
        return out

    def nbar(self, thing: Thing, noun: lexicon.Noun, gender: str, number: str):
        """Noun, adjectives, numeral: category N."""
        node = self.noun_leaf(noun, gender, number, thing.cls)
        if noun.tail:
            mark, word, kind = noun.tail
            if kind == "v":
                tail = Leaf(word, word, "VERB", "VINF", "VerbForm=Inf", "CON")
            else:
                many = kind.endswith("*")
                tail = common_noun(word, word.rstrip("s") if many else word, "Fem" if kind[0] == "f" else "Masc", "Plur" if many else "Sing")
            node = modify(node, complement(Leaf(mark, mark, "ADP", "P", "", "REL"), tail, "N", "case", functor_heads=False), "nmod")
        if thing.compound:
            node = modify(node, self.compounded(thing), "nmod")
        pre, post = [], []
        for quality in thing.qualities:
            adjective = lexicon.adjective(quality.concept, thing.cls)
            if adjective.material:
                post.append((self.material(adjective.material), "nmod"))
            elif adjective.before and not (quality.intensifier and self.long(quality.intensifier)):
                pre.append(self.adjective(quality, adjective, gender, number))
            else:
                post.append((self.adjective(quality, adjective, gender, number, after=True), "amod"))
        if thing.origin:
            post.append((self.adjective_leaf(lexicon.name("nationality", thing.origin), None, gender, number, "GPO"), "amod"))
        for leaf in reversed(pre):
            node = modify(node, leaf, "amod", before=True)
        if thing.participle:
            post.append((self.participle(thing.participle, gender, number), "amod"))
        for item, relation in reversed(post):
            node = modify(node, item, relation)
        if thing.count:
            word = lexicon.name("number", thing.count)
            node = modify(node, Leaf(word, word, "NUM", "NUM", "NumType=Card", "QUC"), "nummod", before=True)
        return node

    def noun_leaf(self, noun: lexicon.Noun, gender: str, number: str, cls: str) -> Leaf:
        sem = "ROL" if cls == "role" else "UOM" if cls == "unit" else "CON"
        return common_noun(noun.form(gender, number), noun.lemma, gender, number, sem)

    def compounded(self, thing: Thing):
        """table de cuisine, tarte aux pommes."""
        other = lexicon.noun_anywhere(thing.compound)
        number = "Plur" if other.plural_only else "Sing"
        leaf = self.noun_leaf(other, other.gender, number, "compound")
        if thing.cls == "food" and not (number == "Sing" and elides(leaf.word)) and (number == "Plur" or other.gender == "Masc"):
            mark = Leaf(*contracted("à", other.gender, number)[:6])
        else:
            mark = Leaf("de", "de", "ADP", "P", "", "REL")
        return complement(mark, leaf, "N", "case", functor_heads=False)

    # --- determiners ---

    def determine(self, out: Nominal, thing: Thing, noun: lexicon.Noun, owner: Nominal | None, subject: bool) -> None:
        """Choose the determiner and say what kind of article it is."""
        gender, number, concept = out.gender, out.number, thing.determiner
        if concept == "owner":
            if owner is not None:
                concept = "the"
            elif thing.owner is not None and thing.owner.kind == "pronoun":
                whose = self.pronominal(thing.owner)
                out.determiner = possessive(whose.person, whose.word_number, gender, number)
                return
            else:
                concept = "the"
                out.nbar = modify(out.nbar, self.pp("de", self.nominal(thing.owner)), "nmod")
        if concept == "" and thing.count:
            out.kind, out.determiner = "zero", None
            return
        if noun.singular_only and concept not in ("this", "that", "no", "owner", "which"):
            concept = "the"
        elif noun.mass and concept in ("", "a", "some"):
            concept = "the" if concept == "" and subject else "part"
        elif concept == "":
            concept = "a"
        elif concept == "some":
            concept = "a" if number == "Sing" or not self.chance(0.5) else "some"
        if concept == "part":
            self.partitive(out)
            return
        if concept in ("many", "few", "much"):
            self.quantified(out, concept)
            return
        if concept == "both":
            two = Leaf("deux", "deux", "NUM", "NUM", "NumType=Card", "AND")
            out.nbar = modify(out.nbar, two, "nummod", before=True)
            concept = "the"
        elif concept == "another":
            other = self.adjective_leaf("autre", None, gender, number, "ALT")
            out.nbar = modify(out.nbar, other, "amod", before=True)
            concept = "a"
        elif concept == "all":
            out.before = determiner("all", gender, number)
            out.before.fixed = ""
            concept = "the"
        elif concept == "no":
            out.negative = True
            if number == "Plur":
                self.singular_again(out, thing, noun)
                number = "Sing"
        elif concept in ("every", "each") and number == "Plur":
            concept = "the"
        out.determiner = determiner(concept, gender, number)
        if concept == "which":
            out.determiner.fixed = ""
        out.kind = {"the": "def", "a": "ind"}.get(concept, "")
        if concept == "that" and self.chance(0.3) and type(out.nbar) is Leaf:  # ce livre-là
            out.nbar = modify(out.nbar, Leaf("-là", "là", "ADV", "ADV", "", "DST"), "advmod")
        if concept == "a" and number == "Plur" and self._adjective_first(out.nbar):
            out.determiner = determiner("de", gender, number)

    def singular_again(self, out: Nominal, thing: Thing, noun: lexicon.Noun) -> None:
        """aucun livre for no books."""
        out.number = out.word_number = "Sing"
        out.nbar = self.nbar(thing, noun, out.gender, "Sing")

    @staticmethod
    def _adjective_first(node) -> bool:
        while type(node) is Branch:
            node = node.left
        return node.upos == "ADJ" or node.word == "plus"

    def partitive(self, out: Nominal) -> None:
        """du pain, de la soupe, de l'eau: before a vowel and in the feminine in two words."""
        out.kind = "part"
        vowel = elides(first_word(out.nbar))
        if out.number == "Plur":
            out.determiner = determiner("a", out.gender, "Plur")
        elif vowel or out.gender == "Fem":
            the = article(out.gender, "Sing")
            of = Leaf("de", "de", "DET", "DETPART", "Definite=Ind|PronType=Art", "DIS", fixed="NP/NP")
            out.determiner, out.before = the, of
        else:
            out.determiner = determiner("part", out.gender, "Sing")

    def quantified(self, out: Nominal, concept: str) -> None:
        """beaucoup de livres, peu de livres, de nombreux livres."""
        if concept == "many" and self.chance(0.4):
            many = self.adjective_leaf("nombreux", None, out.gender, out.number, "QUV")
            out.nbar = modify(out.nbar, many, "amod", before=True)
            out.determiner, out.kind = determiner("de", out.gender, out.number), "ind"
            return
        word = "peu" if concept == "few" else "beaucoup"
        out.determiner = modify(Leaf(word, word, "ADV", "ADV", "", "QUV"), Leaf("de", "de", "ADP", "P", "", "REL"), "fixed")

    # --- what follows a noun ---

    def extended(self, out: Nominal, thing: Thing) -> None:
        """A prepositional phrase or a relative clause after the noun."""
        if thing.modifier is not None:
            self.attach(out, self.relation(thing.modifier, noun=True), "nmod")
        if thing.relative is not None:
            self.attach(out, self.relative(thing.relative, out), "acl:relcl" if not (thing.relative.passive and thing.relative.gap == "object") else "acl")

    def attach(self, out: Nominal, node, relation: str) -> None:
        if out.nbar is None:
            out.whole = modify(out.whole, node, relation)
        else:
            out.nbar = modify(out.nbar, node, relation)

    def relative(self, clause, out: Nominal):
        raise NotImplementedError

    def relation(self, relation: Relation, *, noun=False):
        raise NotImplementedError

    def pp(self, mark: str, out: Nominal, *, bare=False):
        raise NotImplementedError

    # --- noun phrases as nodes ---

    def np(self, out: Nominal, *, negated=False, role="tonic"):
        """Category NP; negated: un, du and des become de under a negation."""
        first = self._np(out, negated, role)
        if out.other is None:
            return first
        conjunction, other = out.other
        return coordinate(first, self.conjunction(conjunction), self._np(other, negated, role))

    def _np(self, out: Nominal, negated: bool, role: str):
        if out.pronoun:
            return chunked(self.pronoun_leaf(out, role), "NP")
        if out.whole is not None:
            return out.whole
        det, before = out.determiner, out.before
        if negated and out.kind in ("ind", "part"):
            det, before = determiner("de", out.gender, out.number), None
        if det is None:
            return chunked(convert(out.nbar, "N"), "NP")
        node = complement(det, out.nbar, "N", "det", functor_heads=False)
        if before is not None:
            node = modify(node, before, "det", before=True)
        return chunked(node, "NP")

    def pronoun_leaf(self, out: Nominal, role: str) -> Leaf:
        if role == "tonic" and not out.human:  # avec cela
            return Leaf("cela", "cela", "PRON", "PRO", "Gender=Masc|Number=Sing|Person=3|PronType=Dem", "PRO")
        return pronoun(out.person, out.word_number, out.gender, role)

    def conjunction(self, concept: str) -> Leaf:
        word, sem = COORDINATORS[concept]
        return Leaf(word, word, "CCONJ", "CC", "", "GRP" if concept == "and" else sem, "O")
