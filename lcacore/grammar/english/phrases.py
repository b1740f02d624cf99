"""English noun, prepositional, adjective and adverb phrases (the rules; the words are in the lexicon).

Probabilities written where they are used are the weights of the rules (see `closed`).
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from random import Random

from ..engine import Choice, Leaf, complement, convert, coordinate, leaves_of, modify, punctuate
from . import words as lexicon
from .closed import (
    ADVERB_SEM,
    COLOURS,
    DEGREES,
    IT,
    MASS,
    NUMBER_WORDS,
    PERSONAL,
    PLURAL,
    SINGULAR,
    THINGS,
    TIMES,
    UNCOUNTED,
    YEARS,
)


@dataclass(frozen=True)
class Agreement:
    """What a subject tells its verb, and a noun its relative pronoun."""

    number: str = "Sing"
    person: int = 3
    cls: str = "thing"
    pronoun: bool = False
    gender: str = ""

    @property
    def present(self) -> str:
        return "VBZ" if self.number == "Sing" and self.person == 3 else "VBP"

    @property
    def be(self) -> int:
        """The person that `inflect` wants: 1 and 3 for singular subjects, 2 for the rest."""
        return self.person if self.number == "Sing" and self.person != 2 else 2


@dataclass(frozen=True)
class Phrase:
    """A noun phrase (category NP) and its agreement."""

    node: object
    agreement: Agreement


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
    return {key: Choice(items, exponent=1.25 if key[1] else 0.9) for key, items in groups.items()}


@cache
def word_choices(kind: str) -> dict[str, Choice]:
    source = {"adjective": lexicon.adjectives, "adverb": lexicon.adverbs, "name": lexicon.names}[kind]()
    return {cls: Choice(words, exponent=1.1) for cls, words in source.items()}


def preposition(word: str, category="") -> Leaf:
    return Leaf(word, word, "ADP", "IN", "", "REL", "PP", category)


class Phrases:
    """Phrases drawn by one random stream; `domain` is what the sentence at hand is about."""

    def __init__(self, random: Random):
        self.random = random
        self.domain = ""
        self.avoided = 0  # person of a pronoun subject: I and we do not see me or us

    def chance(self, p: float) -> bool:
        return self.random.random() < p

    def one_of(self, items):
        return items[int(self.random.random() * len(items))]

    # --- nouns ---

    def noun(self, cls: str, domain: str | None = None) -> lexicon.Noun:
        """A noun of a class, from the sentence's domain if that has any and chance agrees."""
        choices = noun_choices()
        domain = self.domain if domain is None else domain
        key = (cls, domain) if (cls, domain) in choices and self.chance(0.85) else (cls, "")
        return choices[key](self.random)

    def noun_leaf(self, noun: lexicon.Noun, plural: bool) -> Leaf:
        sem = "ROL" if noun.cls == "role" else "UOM" if noun.cls == "unit" else "CON"
        if plural:
            return Leaf(noun.plural, noun.lemma, "NOUN", "NNS", "Number=Plur", sem)
        return Leaf(noun.lemma, noun.lemma, "NOUN", "NN", "Number=Sing", sem)

    def np(self, classes, case="Acc", depth=0, plain=False) -> Phrase:
        """A noun phrase of one of the classes; `plain`: no pronoun and nothing after the noun; `depth`: clauses above."""
        cls = self.one_of(classes)
        if cls == "human":
            x = self.random.random()
            if x < (0.38 if case == "Nom" else 0.36) and not plain:
                return self.pronoun(PERSONAL, case)
            if x < 0.56:
                return self.person(depth)
            cls = "role"
        elif cls in ("city", "country", "geo", "company"):
            return self.name(cls)
        elif cls == "org" and self.chance(0.25):
            return self.name("company")
        elif cls == "place" and self.chance(0.08):
            return self.name("city")
        elif not plain and self.chance(0.09):
            return self.pronoun(IT if cls in UNCOUNTED else THINGS, case, cls)
        phrase = self.common(cls, depth, plain)
        if depth < 2 and not plain and self.chance(0.05):
            other = self.common(cls, 2, True)
            if leaves_of(other.node)[-1].lemma in [leaf.lemma for leaf in leaves_of(phrase.node)]:
                return phrase
            word = self.conjunction("GRP") if self.chance(0.85) else Leaf("or", "or", "CCONJ", "CC", "", "DIS", "O")
            number = "Plur" if word.word == "and" else other.agreement.number
            return Phrase(coordinate(phrase.node, word, other.node), Agreement(number, 3, cls))
        return phrase

    def conjunction(self, sem: str) -> Leaf:
        return Leaf("and", "and", "CCONJ", "CC", "", sem, "O")

    def pronoun(self, choice: Choice, case: str, cls="role") -> Phrase:
        forms, lemma, number, person, gender = choice(self.random)
        while case == "Acc" and person < 3 and person == self.avoided:
            forms, lemma, number, person, gender = choice(self.random)
        feats = [f"Case={case}"] + [f"Gender={gender}"] * bool(gender) + [f"Number={number}", f"Person={person}", "PronType=Prs"]
        if lemma == "it" or lemma == "you":
            feats = feats[1:]
        leaf = Leaf(forms[case], lemma, "PRON", "PRP", "|".join(feats), "PRO")
        return Phrase(chunked(convert(leaf, "NP"), "NP"), Agreement(number, person, cls, True, gender))

    def proper(self, word: str, sem: str) -> Leaf:
        return Leaf(word, word, "PROPN", "NNP", "Number=Sing", sem)

    def name(self, cls: str) -> Phrase:
        sem = {"city": "GPE", "country": "GPE", "geo": "GEO", "company": "ORG"}[cls]
        leaf = self.proper(word_choices("name")[cls](self.random), sem)
        return Phrase(chunked(convert(leaf, "N"), "NP"), Agreement("Sing", 3, "org" if cls == "company" else "place"))

    def person(self, depth=0) -> Phrase:
        sex = "female" if self.chance(0.5) else "male"
        first = self.proper(word_choices("name")[sex](self.random), "PER")
        node, x = first, self.random.random()
        if x < 0.22:
            last = self.proper(word_choices("name")["surname"](self.random), "PER")
            node = modify(last, first, "flat", before=True, modifier_heads=True)
        elif x < 0.30:
            title = self.proper(self.one_of(("Mr.", "Dr.") if sex == "male" else ("Mrs.", "Dr.", "Ms.")), "ROL")
            last = self.proper(word_choices("name")["surname"](self.random), "PER")
            node = modify(last, title, "flat", before=True, modifier_heads=True)
        np = chunked(convert(node, "N"), "NP")
        if depth == 0 and self.chance(0.07):  # Mary and John
            other = self.person(1)
            return Phrase(coordinate(np, self.conjunction("GRP"), other.node), Agreement("Plur", 3, "role"))
        if depth == 0 and self.chance(0.06):  # Mary, a young nurse,
            noun = self.noun("role")
            gloss = self.determined(SINGULAR, self.nbar(noun, False), "a")
            gloss = punctuate(punctuate(chunked(gloss, "NP"), comma(), before=True), comma())
            np = modify(np, convert(gloss, "NP"), "appos")
        return Phrase(np, Agreement("Sing", 3, "role"))

    def nbar(self, noun: lexicon.Noun, plural: bool, adjectives=0.30):
        """Category N: noun with its adjectives, a number or a noun before it."""
        node = self.noun_leaf(noun, plural)
        cls = noun.cls.split(".")[0]
        if noun.lemma in lexicon.compounds() and self.chance(0.15):
            first = self.one_of(lexicon.compounds()[noun.lemma])
            if first != noun.lemma:
                node = modify(node, Leaf(first, first, "NOUN", "NN", "Number=Sing", "CON"), "compound", before=True)
        if cls in ("role", "food", "work", "org", "vehicle") and self.chance(0.06):
            word = word_choices("name")["nationality"](self.random)
            node = modify(node, Leaf(word, word, "ADJ", "JJ", "Degree=Pos", "GPO"), "amod", before=True)
        elif cls in word_choices("adjective") and self.chance(adjectives):
            node = modify(node, self.attribute(cls), "amod", before=True)
            if getattr(node.left, "sem", "DEG") not in ("DEG", "MOR") and self.chance(0.2):
                extra = self.adjective_leaf(word_choices("adjective")[cls](self.random))
                if extra.sem == "DEG":  # size and age come first: a big red box
                    node = modify(node, extra, "amod", before=True)
        if type(node) is Leaf and cls in lexicon.participles() and self.chance(0.05):
            node = modify(node, self.participle(cls), "amod", before=True)
        return node

    def adjective_leaf(self, entry: str, degree="Pos") -> Leaf:
        word = entry.rstrip("!")
        sem = "COL" if word in COLOURS else "DEG" if word in DEGREES else "IST"
        if degree == "Pos":
            return Leaf(word, word, "ADJ", "JJ", "Degree=Pos", sem)
        return Leaf(lexicon.compare(word, degree), word, "ADJ", "JJR" if degree == "Cmp" else "JJS", f"Degree={degree}", "MOR" if degree == "Cmp" else "TOP")

    def attribute(self, cls: str):
        """An adjective before a noun (N/N), with a degree adverb or compared now and then."""
        entry = word_choices("adjective")[cls](self.random)
        if entry.endswith("!") or not self.chance(0.22):
            return self.adjective_leaf(entry)
        if self.chance(0.45):
            return modify(self.adjective_leaf(entry), self.degree_adverb("attributive"), "advmod", before=True)
        return self.compared(entry, "Cmp")

    def compared(self, entry: str, degree: str):
        if lexicon.compare(entry, degree):
            return self.adjective_leaf(entry, degree)
        word, xpos = ("more", "RBR") if degree == "Cmp" else ("most", "RBS")
        adverb = Leaf(word, word, "ADV", xpos, f"Degree={degree}", "MOR" if degree == "Cmp" else "TOP")
        return modify(self.adjective_leaf(entry), adverb, "advmod", before=True)

    def degree_adverb(self, cls="degree") -> Leaf:
        word = word_choices("adverb")[cls](self.random)
        return Leaf(word, word, "ADV", "RB", "", "INT")

    def participle(self, cls: str):
        """A participle before a noun: a stolen book, a sleeping child."""
        lemma, xpos = self.one_of(lexicon.participles()[cls])
        feats = "Tense=Past|VerbForm=Part" if xpos == "VBN" else "Tense=Pres|VerbForm=Part"
        return Leaf(lexicon.inflect(lemma, xpos), lemma, "VERB", xpos, feats, "EXS" if xpos == "VBN" else "EXG")

    def determined(self, choice: Choice, nbar, word: str | None = None):
        """Category NP: a determiner over an N."""
        entry = choice(self.random) if word is None else next(e for e in choice.items if e[0] == word)
        lemma, xpos, upos, feats, sem = entry
        determiner = Leaf(lemma, lemma, upos, xpos, feats, sem, fixed="NP[nb]/N")
        return complement(determiner, nbar, "N", "det" if upos == "DET" else "amod", functor_heads=False)

    def common(self, cls: str, depth=0, plain=False) -> Phrase:
        """A noun phrase around a common noun."""
        noun = self.noun(cls)
        if not noun.plural:
            number = "Mass"
        else:
            number = "Plur" if noun.plural_only or self.chance(0.36) else "Sing"
        agreement = Agreement("Plur" if number == "Plur" else "Sing", 3, noun.cls)
        if cls == "body":  # one's own: she washed her hands
            agreement = Agreement("Plur" if number == "Plur" else "Sing", 3, cls)
            return Phrase(chunked(self.possessed(self.nbar(noun, number == "Plur", 0.15), depth), "NP"), agreement)
        x = self.random.random()
        superlative = x > 0.985 and noun.cls.split(".")[0] in word_choices("adjective") and not noun.plural_only
        nbar = self.nbar(noun, number == "Plur", 0.0 if superlative else 0.30)
        if superlative:
            entries = [a for a in word_choices("adjective")[noun.cls.split(".")[0]].items if not a.endswith("!")]
            np = self.determined(SINGULAR, modify(nbar, self.compared(entries[0], "Sup"), "amod", before=True), "the")
        elif (number == "Plur" and x < 0.17) or (number == "Mass" and x < 0.45):
            np = convert(nbar, "N")  # bare plural or mass noun
        elif number == "Plur" and x < 0.29 and not noun.plural_only:
            word = NUMBER_WORDS(self.random)
            nbar = modify(nbar, Leaf(word, word, "NUM", "CD", "NumType=Card", "QUC"), "nummod", before=True)
            np = convert(nbar, "N")
            if self.chance(0.35):
                np = self.determined(PLURAL, nbar, "the")
        elif x < 0.47 and depth < 2:
            np = self.possessed(nbar, depth)
        else:
            choice = {"Sing": SINGULAR, "Plur": PLURAL, "Mass": MASS}[number]
            np = self.determined(choice, nbar)
        np = chunked(np, "NP") if np.chunk == "" else np
        if depth == 0 and not plain and number == "Plur" and self.chance(0.06):
            np, agreement = self.partitive(np, agreement)
        if not plain and depth < 2:
            np = self.postmodified(np, agreement, noun, depth)
        return Phrase(np, agreement)

    def partitive(self, np, agreement):
        """one of the boys: the number before decides the agreement, the noun after attracts."""
        word = self.one_of(("one", "one", "some", "many", "most", "two"))
        xpos, upos, feats, sem = {"some": ("DT", "PRON", "PronType=Ind", "DIS"), "many": ("JJ", "ADJ", "Degree=Pos", "QUV"), "most": ("JJS", "ADJ", "Degree=Sup", "QUV")}.get(word, ("CD", "NUM", "NumType=Card", "QUC"))
        head = chunked(convert(Leaf(word, word, upos, xpos, feats, sem), "N"), "NP")
        inner = np.right if np.schema == 0 else np.left
        the = self.determined(PLURAL, inner, "the") if np.schema == 7 or type(np.left) is Leaf else np
        the.chunk = "NP"
        out = modify(head, complement(preposition("of"), the, "NP", "case", functor_heads=False), "nmod")
        return out, Agreement("Sing" if word == "one" else "Plur", 3, agreement.cls)

    def possessed(self, nbar, depth):
        """her book, the teacher's book."""
        if self.chance(0.68):
            forms, lemma, number, person, gender = PERSONAL(self.random)
            feats = "|".join(["Case=Gen"] * (lemma == "she" or lemma == "he") + [f"Gender={gender}"] * bool(gender) + [f"Number={number}", f"Person={person}", "Poss=Yes", "PronType=Prs"])
            leaf = Leaf(forms["Gen"], lemma, "PRON", "PRP$", feats, "HAS", fixed="NP[nb]/N")
            return complement(leaf, nbar, "N", "nmod:poss", functor_heads=False)
        owner = self.person(2).node if self.chance(0.5) else self.common("role", 2, True).node
        mark = Leaf("'s", "'s", "PART", "POS", "", "HAS")
        last = leaves_of(owner)[-1]
        if last.word.endswith("s") and last.xpos == "NNS":
            mark.word = "'"
        possessive = complement(mark, owner, "NP", "case", functor_heads=False, backward=True)
        out = complement(possessive, nbar, "N", "nmod:poss", functor_heads=False)
        out.chunk = "NP"
        return out

    def postmodified(self, np, agreement, noun, depth):
        """What follows a noun: a prepositional phrase or a relative clause (see `Clauses.relative`)."""
        x = self.random.random()
        cls = noun.cls.split(".")[0]
        if x < 0.16 and cls in lexicon.postmodifiers():
            word, target = self.one_of(lexicon.postmodifiers()[cls])
            other = self.np(("human",) if target == "role" and word != "between" else (target,), depth=depth + 1, plain=True).node
            if word == "between":
                other = coordinate(other, self.conjunction("GRP"), self.common("role", 2, True).node)
            return modify(np, complement(preposition(word), other, "NP", "case", functor_heads=False), "nmod")
        if x < 0.24:
            return self.relative(np, agreement, depth)
        return np

    def relative(self, np, agreement, depth):
        raise NotImplementedError

    # --- prepositional and adverb phrases as adjuncts ---

    def pp(self, word: str, np):
        return complement(preposition(word), np, "NP", "case", functor_heads=False)

    def place_pp(self):
        """in the kitchen, at the station, on the beach: the noun chooses its preposition."""
        if self.chance(0.15):
            return self.pp("in", self.name("city" if self.chance(0.6) else "country").node)
        noun = self.noun("place")
        np = self.determined(SINGULAR, self.nbar(noun, False, 0.2), "the" if self.chance(0.8) else "a")
        return self.pp(noun.cls.split(".")[1], chunked(np, "NP"))

    def time_phrase(self, tense: str, durative=False):
        """(phrase, relation) that suits a tense: yesterday, on Monday, in 1987, last week, after the war."""
        names = word_choices("name")
        kind = TIMES[tense](self.random)
        while kind == "span" and not durative:
            kind = TIMES[tense](self.random)
        if kind == "adverb":
            return self.adverb("time." + tense), "advmod"
        if kind == "weekday":
            return self.pp("on", self.dated("weekday", "DOW")), "obl"
        if kind == "month":
            return self.pp("in", self.dated("month", "MOY")), "obl"
        if kind == "year":
            year = YEARS(self.random)
            return self.pp("in", chunked(convert(Leaf(year, year, "NUM", "CD", "NumType=Card", "YOC"), "N"), "NP")), "obl"
        if kind == "date":
            month, day = self.proper(names["month"](self.random), "MOY"), str(1 + int(self.random.random() * 28))
            date = modify(month, Leaf(day, day, "NUM", "CD", "NumType=Card", "DOM"), "nummod")
            return self.pp("on", chunked(convert(date, "N"), "NP")), "obl"
        if kind == "event":
            noun = self.noun("event")
            word = self.one_of(("after", "before", "during", "after"))
            return self.pp(word, chunked(self.determined(SINGULAR, self.noun_leaf(noun, False), "the"), "NP")), "obl"
        if kind == "span":
            number, noun = NUMBER_WORDS(self.random), self.noun("unit", "time")
            node = modify(self.noun_leaf(noun, True), Leaf(number, number, "NUM", "CD", "NumType=Card", "QUC"), "nummod", before=True)
            return self.pp("for", chunked(convert(node, "N"), "NP")), "obl"
        if kind in ("last", "next"):
            word = self.one_of(("year", "week", "month", "summer", "winter", "Monday", "night" if kind == "last" else "year"))
            noun = Leaf(word, word, "NOUN", "NN", "Number=Sing", "UOM") if word.islower() else self.proper(word, "DOW")
            leaf = Leaf(kind, kind, "ADJ", "JJ", "Degree=Pos", "PST" if kind == "last" else "FUT")
            return chunked(modify(noun, leaf, "amod", before=True), "NP"), "obl:tmod"
        if kind == "every":
            noun = noun_choices()["timeofday" if self.chance(0.4) else "unit", "time"](self.random)
            leaf = Leaf("every", "every", "DET", "DT", "PronType=Tot", "AND")
            return chunked(modify(self.noun_leaf(noun, False), leaf, "det", before=True), "NP"), "obl:tmod"
        noun = self.noun("timeofday", "time")
        if noun.lemma == "night":
            return self.pp("at", chunked(convert(self.noun_leaf(noun, False), "N"), "NP")), "obl"
        return self.pp("in", chunked(self.determined(SINGULAR, self.noun_leaf(noun, False), "the"), "NP")), "obl"

    def dated(self, cls: str, sem: str):
        return chunked(convert(self.proper(word_choices("name")[cls](self.random), sem), "N"), "NP")

    def adverb(self, cls: str) -> Leaf:
        word = word_choices("adverb")[cls](self.random)
        sem = ADVERB_SEM.get(word, "IST")
        if word == "earlier":
            return Leaf(word, "early", "ADV", "RBR", "Degree=Cmp", sem, "ADVP")
        xpos, upos, feats = ("NN", "NOUN", "Number=Sing") if word in ("yesterday", "today", "tomorrow", "tonight") else ("RB", "ADV", "")
        return Leaf(word, word, upos, xpos, feats, sem, "NP" if xpos == "NN" else "ADVP")


def comma() -> Leaf:
    return Leaf(",", ",", "PUNCT", ",", "", "NIL", "O")


def chunked(node, label: str):
    node.chunk = label
    return node

