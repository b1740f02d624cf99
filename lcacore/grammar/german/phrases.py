"""German noun and prepositional phrases: from the things of a message to trees, in a case."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from random import Random

from ..engine import Leaf, complement, convert, coordinate, modify, punctuate
from ..meaning import Quality, Relation, Thing
from . import words as lexicon
from .closed import (
    AMOUNTS,
    COLOURS,
    DEFINITE,
    DETERMINERS,
    FORMAL,
    HUMAN,
    LEMMAS,
    PRONOUNS,
    REFLEXIVES,
    SIZES,
    WITH_ARTICLE,
    comma,
    conjunction,
)
from .forms import adjective_ending, adjective_stem, compared, determiner_ending, noun_form


@dataclass(frozen=True, slots=True)
class Phrase:
    """A noun phrase and what others need to know of it."""

    node: object
    number: str = "Sing"
    person: int = 3
    gender: str = "Masc"
    definite: bool = True
    pronoun: bool = False


@cache
def features(*parts: str) -> str:
    """Features in the order of their names."""
    return "|".join(sorted((part for names in parts for part in names.split("|") if part), key=str.lower))


def chunked(node, label: str):
    node.chunk = label
    return node


def is_human(thing: Thing) -> bool:
    return thing.cls in HUMAN or thing.kind == "person"


def preposition(word: str) -> Leaf:
    return Leaf(word, word, "ADP", "APPR", "", "REL", "PP")


class Phrases:
    """Phrases; `random` chooses among ways to say the same (None: the most neutral one)."""

    def __init__(self, random: Random | None = None):
        self.random = random
        self.closers: list = []  # commas that close a clause: superfluous ones are dropped in the end

    def either(self, p: float) -> bool:
        """Whether to say something in another way than the neutral one."""
        return self.random is not None and self.random.random() < p

    # --- noun phrases ---

    def np(self, thing: Thing, case: str) -> Phrase:
        """A noun phrase in a case."""
        first = self._single(thing, case)
        if thing.beside is None:
            return first
        word, other = thing.beside
        second = self._single(other, case)
        mark = conjunction("und", "GRP") if word == "and" else conjunction("oder", "DIS")
        number = "Plur" if word == "and" or "Plur" in (first.number, second.number) else "Sing"
        return Phrase(coordinate(first.node, mark, second.node), number, min(first.person, second.person), "", first.definite)

    def _single(self, thing: Thing, case: str) -> Phrase:
        if thing.kind == "pronoun":
            return self.pronoun(thing, case)
        if thing.kind == "man":
            leaf = Leaf("man", "man", "PRON", "PIS", "Case=Nom|Number=Sing|PronType=Ind", "PRO")
            return Phrase(chunked(convert(leaf, "NP"), "NP"), pronoun=True)
        determiner, nbar, number, gender, definite = self.core(thing, case)
        node = convert(nbar, "N") if determiner is None else complement(determiner[0], nbar, "N", determiner[1], functor_heads=False)
        return Phrase(chunked(node, "NP"), number, 3, gender, definite)

    formal = False  # whether the sentence addresses somebody as Sie

    def pronoun(self, thing: Thing, case: str) -> Phrase:
        gender, formal = "", self.formal and thing.person == 2
        if thing.person == 3 and thing.number == "Sing":
            gender = thing.gender if is_human(thing) and thing.gender else "Masc" if is_human(thing) else "Neut"
            if thing.concept and not is_human(thing):
                gender = lexicon.noun(thing.concept, thing.cls).gender
        if case == "Nom" and thing_pronoun(thing) and self.either(0.4):
            return self.demonstrative(thing, case, gender)
        forms = FORMAL if formal else PRONOUNS[thing.person, thing.number, gender]
        case = "Dat" if case == "Gen" else case
        word = forms[("Nom", "Acc", "Dat").index(case)]
        feats = features(f"Case={case}|Number={'Plur' if formal else thing.number}|Person={thing.person}|PronType=Prs", f"Gender={gender}" if gender else "", "Polite=Form" if formal else "")
        leaf = Leaf(word, forms[0], "PRON", "PPER", feats, "PRO")
        number = "Plur" if formal else thing.number
        return Phrase(chunked(convert(leaf, "NP"), "NP"), number, 3 if formal else thing.person, gender or "Masc", True, True)

    def demonstrative(self, thing: Thing, case: str, gender: str) -> Phrase:
        """das, die: it and they, spoken with weight."""
        form = determiner_ending("der", gender if thing.number == "Sing" else "Plur", case)
        feats = features(f"Case={case}|Number={thing.number}|PronType=Dem", f"Gender={gender}" if gender else "")
        return Phrase(chunked(convert(Leaf(form, "der", "PRON", "PDS", feats, "PRO"), "NP"), "NP"), thing.number, 3, gender or "Masc")

    def reflexive(self, subject: Phrase, case: str) -> Leaf:
        word = REFLEXIVES.get((subject.person, subject.number), ("sich", "sich"))[case == "Dat"]
        number = "Sing" if subject.number == "Sing" else "Plur"
        feats = f"Case={case}|Number={number}|Person={subject.person}|PronType=Prs|Reflex=Yes"
        return chunked(convert(Leaf(word, "sich", "PRON", "PRF", feats, "REF"), "NP"), "NP")

    def core(self, thing: Thing, case: str, fixed="NP[nb]/N"):
        """(determiner with its relation or None, N, number, gender, whether definite) of anything but a pronoun."""
        if thing.kind == "person":
            return None, self.person(thing, case), "Sing", thing.gender or "Masc", True
        if thing.kind == "name":
            return self._name(thing, case, fixed)
        noun = lexicon.noun(thing.concept, thing.cls, thing.compound)
        if thing.gender == "Fem":
            noun = lexicon.feminine(noun)
        number, word, count = _counted(noun, thing)
        gender = noun.gender if noun.gender != "Adj" else "Fem" if thing.gender == "Fem" else "Masc"
        slot = gender if number == "Sing" else "Plur"
        feats = f"Gender={gender}|Number={number}"
        determiner, declension, genitive = self._determiner(thing, word, number, slot, feats, case, fixed)
        node = self._noun_leaf(noun, thing.cls, number, gender, case, declension)
        node = self._attributes(node, thing, slot, case, declension, feats)
        if word == "another":
            leaf = Leaf("ander" + adjective_ending("mixed", slot, case), "ander", "ADJ", "ADJA", features(f"Case={case}|Degree=Pos", feats), "ALT")
            node = modify(node, leaf, "amod", before=True)
        if count:
            number_word = lexicon.name(count, "number")
            node = modify(node, Leaf(number_word, number_word, "NUM", "CARD", "NumType=Card", "QUC"), "nummod", before=True)
        if genitive is not None:
            node = modify(node, genitive, "nmod")
        if thing.modifier is not None:
            node = modify(node, self.postmodifier(thing, thing.modifier), "nmod")
        if thing.relative is not None:
            node = modify(node, self.enclosed(self.relative(thing, number, gender)), "acl:relcl")
        return determiner, node, number, gender, word in DEFINITE

    def _noun_leaf(self, noun, cls: str, number: str, gender: str, case: str, declension: str) -> Leaf:
        sem = "ROL" if cls == "role" else "UOM" if cls == "unit" else "CON"
        feats = features(f"Case={case}|Gender={gender}|Number={number}")
        if noun.gender == "Adj":
            word = noun.lemma[:-1] + adjective_ending(declension, gender if number == "Sing" else "Plur", case)
        else:
            word = noun_form(noun, number, case)
        return Leaf(word, noun.lemma, "NOUN", "NN", feats, sem)

    def _determiner(self, thing: Thing, word: str, number: str, slot: str, feats: str, case: str, fixed: str):
        """((leaf or phrase, relation) or None, declension of adjectives, genitive after the noun or None)."""
        if word == "owner":
            return self._owner(thing.owner, slot, feats, case, fixed)
        if word in ("", "amount"):
            if word == "amount":
                form = AMOUNTS[thing.determiner]
                return (Leaf(form, form, "DET", "PIAT", "PronType=Ind", "DIS", fixed=fixed), "det"), "strong", None
            return None, "strong", None
        return (self.determiner(word, slot, feats, case, fixed), "det"), DETERMINERS[word][2], None

    def determiner(self, word: str, slot: str, feats: str, case: str, fixed="NP[nb]/N") -> Leaf:
        stem, kind, _, xpos, own, sem = DETERMINERS[word]
        ending = determiner_ending(kind, slot, case)
        form = ending if kind == "der" else stem + ending
        return Leaf(form, LEMMAS.get(stem, stem), "DET", xpos, features(f"Case={case}", feats, own), sem, fixed=fixed)

    def _owner(self, owner: Thing, slot: str, feats: str, case: str, fixed: str):
        if owner.kind == "pronoun":
            gender = owner.gender if owner.person == 3 and owner.number == "Sing" else ""
            if owner.person == 3 and owner.number == "Sing" and not gender:
                gender = "Masc" if is_human(owner) else "Neut"
            polite = self.formal and owner.person == 2
            stem = FORMAL[3] if polite else PRONOUNS[owner.person, owner.number, gender][3]
            ending = determiner_ending("ein", slot, case)
            form = ("eur" if stem == "euer" and ending else stem) + ending
            own = f"Case={case}|Number[psor]={owner.number}|Person={owner.person}|Poss=Yes|PronType=Prs"
            return (Leaf(form, stem, "DET", "PPOSAT", features(own, feats), "HAS", fixed=fixed), "det:poss"), "mixed", None
        if owner.kind in ("person", "name") and owner.beside is None and self.either(0.8):
            last = (owner.last or owner.first) if owner.kind == "person" else lexicon.name(owner.concept, owner.cls)
            if last[-1] not in "sßxz" and last not in WITH_ARTICLE:
                node = chunked(convert(self.core(owner, "Gen")[1]), "NP")
                return (node, "nmod:poss"), "strong", None
        genitive = self.genitive(owner)
        return (self.determiner("the", slot, feats, case, fixed), "det"), "weak", genitive

    def genitive(self, thing: Thing):
        """What belongs to the noun before: des Lehrers; von Maria, von Lehrern, where there is no article to show the case."""
        if thing.kind == "noun" and thing.beside is None and thing.determiner not in ("", "some", "many", "few", "several") and not thing.count:
            determiner, nbar, *_ = self.core(thing, "Gen", fixed="")
            if determiner is not None and determiner[1] != "nmod:poss":
                return chunked(complement(determiner[0], nbar, "N", determiner[1], functor_heads=False), "NP")
        return self.pp("von", "Dat", thing)

    def _attributes(self, node, thing: Thing, slot: str, case: str, declension: str, feats: str):
        """The adjectives before a noun, nearest one last in the message."""
        ending = adjective_ending(declension, slot, case)
        if thing.participle:
            concept, which = thing.participle
            stem = lexicon.participle(concept.partition(":")[0], which, thing.cls)
            own = "Tense=Past|VerbForm=Part" if which == "past" else "Tense=Pres|VerbForm=Part"
            node = modify(node, Leaf(stem + ending, stem, "ADJ", "ADJA", features(f"Case={case}|Degree=Pos", feats, own), "EXS" if which == "past" else "EXG"), "amod", before=True)
        if thing.origin:
            word = lexicon.name(thing.origin, "nationality")
            node = modify(node, Leaf(word + ending, word, "ADJ", "ADJA", features(f"Case={case}|Degree=Pos", feats), "GPO"), "amod", before=True)
        for quality in reversed(thing.qualities):
            word, leaf = self._adjective(quality, thing.cls)
            leaf.word, leaf.xpos = word + ending, "ADJA"
            leaf.feats = features(f"Case={case}|Degree={quality.degree}", feats)
            adjective = modify(leaf, self.degree(quality.intensifier), "advmod", before=True) if quality.intensifier else leaf
            node = modify(node, adjective, "amod", before=True)
        return node

    def _adjective(self, quality: Quality, cls: str) -> tuple[str, Leaf]:
        """(stem before an ending, predicative leaf) of an adjective."""
        lemma = lexicon.adjective(quality.concept, cls)
        degree = quality.degree
        if degree == "Pos":
            sem = "COL" if lemma in COLOURS else "DEG" if lemma in SIZES else "IST"
            return adjective_stem(lemma), Leaf(lemma, lemma, "ADJ", "ADJD", "Degree=Pos", sem)
        word = compared(lemma, degree)
        return word, Leaf(word, lemma, "ADJ", "ADJD", f"Degree={degree}", "MOR" if degree == "Cmp" else "TOP")

    def degree(self, concept: str) -> Leaf:
        word = lexicon.adverb(concept)
        return Leaf(word, word, "ADV", "PTKA" if word == "zu" else "ADV", "", "INT")

    def person(self, thing: Thing, case: str):
        """Category N: a first name, a last name or both, a title before."""
        feats = features(f"Case={case}|Gender={thing.gender or 'Masc'}|Number=Sing")
        parts = []
        if thing.title:
            if thing.title == "Dr.":
                word = "Dr."
            else:
                word = "Frau" if thing.gender == "Fem" else "Herr" if case == "Nom" else "Herrn"
            parts.append(Leaf(word, word.removesuffix("n") if word != "Dr." else word, "NOUN", "NN", feats, "ROL"))
        names = [name for name in (thing.first, thing.last) if name]
        for i, name in enumerate(names):
            word = name + "s" if case == "Gen" and i == len(names) - 1 and name[-1] not in "sßxz" else name
            parts.append(Leaf(word, name, "PROPN", "NE", feats, "PER"))
        node = parts[-1]
        for leaf in reversed(parts[:-1]):
            node = modify(node, leaf, "flat", before=True, modifier_heads=True)
        return node

    def _name(self, thing: Thing, case: str, fixed: str):
        name = lexicon.name(thing.concept, thing.cls)
        gender = "Fem" if name == "Türkei" else "Masc" if name in WITH_ARTICLE else "Neut"
        sem = {"company": "ORG", "geo": "GEO"}.get(thing.cls, "GPE")
        word = name + "s" if case == "Gen" and name[-1] not in "sßxz" and gender == "Neut" else name
        feats = f"Gender={gender}|Number=Sing"
        leaf = Leaf(word, name, "PROPN", "NE", features(f"Case={case}", feats), sem)
        if name in WITH_ARTICLE:
            return (self.determiner("the", gender, feats, case, fixed), "det"), leaf, "Sing", gender, True
        return None, leaf, "Sing", gender, True

    # --- clauses inside ---

    def enclosed(self, node):
        """A clause between commas; the second is dropped where another mark follows."""
        closed = punctuate(punctuate(node, comma(), before=True), comma())
        self.closers.append(closed)
        return closed

    def relative(self, thing: Thing, number: str, gender: str):
        raise NotImplementedError

    def pp(self, word: str, case: str, thing: Thing, *, personal=False):
        raise NotImplementedError

    def postmodifier(self, thing: Thing, relation: Relation):
        raise NotImplementedError


def thing_pronoun(thing: Thing) -> bool:
    return thing.kind == "pronoun" and thing.person == 3 and not is_human(thing)


def _counted(noun, thing: Thing) -> tuple[str, str, str]:
    """(number, determiner, count) as German counts: a noun without plural stays singular, one without singular is plural."""
    number, word, count = thing.number, thing.determiner, thing.count
    if noun.always_plural and number == "Sing":
        return "Plur", {"a": "", "every": "all", "another": "some"}.get(word, word), count
    if number == "Plur" and not noun.plural:
        return "Sing", "amount" if word in AMOUNTS else {"all": "the", "both": "the"}.get(word, word), ""
    if number == "Sing" and word in AMOUNTS:
        return "Sing", "amount", count
    return number, word, count
