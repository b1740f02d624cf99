"""English noun, prepositional, adjective and adverb phrases, drawn at random (built by `build`; the words are in the lexicon).

Probabilities written where they are used are the weights of the rules (see `closed`).
"""

from __future__ import annotations

from random import Random

from ..engine import complement, convert, coordinate, leaves_of, modify, punctuate
from . import build
from . import words as lexicon
from .build import Agreement, Phrase, bare, chunked, pp
from .choices import Draws, favourite, gender_of, noun_choices, word_choices
from .closed import ARTICLES, EVERY, FREQUENCY, HUMAN, NUMBER_WORDS, PERSONAL, TIMES, UNCOUNTED, YEARS

PRONOUN = {lemma: next(p for p in build.PRONOUN_ENTRIES if p[1] == lemma) for lemma in ("he", "she", "they", "I", "we", "you", "it")}


class Phrases(Draws):
    """Phrases drawn by one random stream."""

    def __init__(self, random: Random):
        super().__init__(random)
        self.subject_now: Agreement | None = None  # of the clause at hand: her in `she washed her hands`

    def np(self, classes, case="Acc", depth=0, plain=False, of="") -> Phrase:
        """A noun phrase of one of the classes; `plain`: no pronoun and nothing after the noun; `depth`: clauses above."""
        cls = self.one_of(classes)
        if cls == "human":
            x = self.random.random()
            if x < (0.40 if case == "Nom" else 0.34) and not plain:
                return self.pronoun(PERSONAL(self.random), case)
            if x < 0.56:
                return self.person(depth)
            cls = "role"
        elif cls in ("city", "country", "geo", "company"):
            return self.name(cls)
        elif cls == "org" and self.chance(0.25):
            return self.name("company")
        elif cls == "place" and self.chance(0.08):
            return self.name("city")
        elif not plain and self.chance(0.10 if case == "Acc" else 0.07):
            return self.pronoun("it" if cls in UNCOUNTED or self.chance(0.7) else "they", case, cls)
        phrase = self.common(cls, depth, plain, case, of)
        if depth < 2 and not plain and self.chance(0.05) and leaves_of(phrase.node)[-1].xpos in ("NN", "NNS"):
            other = self.common(cls, 2, True, case, of)
            word = build.coordinator("and", "GRP") if self.chance(0.85) else build.coordinator("or")
            number = "Plur" if word.word == "and" else other.agreement.number
            return Phrase(coordinate(phrase.node, word, other.node), Agreement(number, 3, cls))
        return phrase

    def pronoun(self, lemma: str, case: str, cls="role") -> Phrase:
        """A personal pronoun; I and we do not see me or us."""
        avoided = self.subject_now.person if self.subject_now and self.subject_now.pronoun else 0
        while case == "Acc" and PRONOUN[lemma][3] < 3 and PRONOUN[lemma][3] == avoided:
            lemma = PERSONAL(self.random)
        return build.pronoun(PRONOUN[lemma], case, cls)

    def name(self, cls: str) -> Phrase:
        sem = {"city": "GPE", "country": "GPE", "geo": "GEO", "company": "ORG"}[cls]
        return Phrase(bare(build.proper(self.proper_name(cls), sem)), Agreement("Sing", 3, "org" if cls == "company" else "place"))

    def proper_name(self, cls: str) -> str:
        for _ in range(4):
            word = word_choices("name")[cls](self.random)
            if word not in self.used:
                break
        self.used.add(word)
        return word

    def person(self, depth=0) -> Phrase:
        gender = "Fem" if self.chance(0.5) else "Masc"
        first = self.proper_name("female" if gender == "Fem" else "male")
        x = self.random.random()
        if x < 0.22:
            np = build.titled(first, self.proper_name("surname"))
        elif x < 0.30:
            np = build.titled("", self.proper_name("surname"), self.one_of(("Mr.", "Dr.") if gender == "Masc" else ("Mrs.", "Dr.", "Ms.")))
        else:
            np = build.titled(first)
        if depth == 0 and self.chance(0.07):  # Mary and John
            return Phrase(coordinate(np, build.coordinator("and", "GRP"), self.person(1).node), Agreement("Plur", 3, "role"))
        if depth == 0 and self.chance(0.06):  # Mary, a young nurse,
            gloss = chunked(build.determined("a", self.nbar(self.role(gender), False)), "NP")
            np = modify(np, convert(punctuate(punctuate(gloss, build.comma(), before=True), build.comma()), "NP"), "appos")
        return Phrase(np, Agreement("Sing", 3, "role", False, gender))

    def role(self, gender: str, domain=None) -> lexicon.Noun:
        """A noun for a person of a gender."""
        while True:
            noun = self.noun("role", domain)
            if gender_of(noun.lemma) in ("", gender):
                return noun
            domain = ""

    def nbar(self, noun: lexicon.Noun, plural: bool, adjectives=0.30):
        """Category N: noun with its adjectives, a nationality or a noun before it."""
        node = build.noun_leaf(noun, plural)
        cls = noun.cls.split(".")[0]
        if noun.lemma in lexicon.compounds() and self.chance(0.15):
            first = self.one_of(lexicon.compounds()[noun.lemma])
            if first not in self.used:
                self.used.add(first)
                node = modify(node, build.noun_leaf(lexicon.Noun(first, "", "", ""), False), "compound", before=True)
        if cls in ("role", "food", "work", "org", "vehicle") and self.chance(0.06):
            node = modify(node, self.nationality(), "amod", before=True)
        elif cls in word_choices("adjective") and (noun.plural or cls not in ("news", "idea")) and self.chance(adjectives):
            entry, other = self.adjective(cls, noun.lemma), self.adjective(cls, noun.lemma)
            if plural and entry in ("left!", "right!"):  # one has one of them
                entry = "cold"
            node = modify(node, self.attribute(entry), "amod", before=True)
            extra = build.adjective(other.rstrip("!"))
            if getattr(node.left, "sem", "DEG") not in ("DEG", "MOR") and extra.sem == "DEG" and self.chance(0.3):
                node = modify(node, extra, "amod", before=True)  # size and age come first: a big red box
        elif adjectives and cls in lexicon.participles() and self.chance(0.04):
            node = modify(node, build.participle(*self.one_of(lexicon.participles()[cls])), "amod", before=True)
        return node

    def nationality(self):
        word = word_choices("name")["nationality"](self.random)
        return build.Leaf(word, word, "ADJ", "JJ", "Degree=Pos", "GPO")

    def adjective(self, cls: str, of="") -> str:
        """An entry of the table of adjectives ("!": no degrees)."""
        if of and self.chance(0.5):
            return favourite("adjective", cls, "", of, int(self.random.random() * 2))
        return word_choices("adjective")[cls](self.random)

    def attribute(self, entry: str):
        """An adjective before a noun (N/N), with a degree adverb or compared now and then."""
        if entry.endswith("!") or not self.chance(0.2):
            return build.adjective(entry.rstrip("!"))
        if self.chance(0.5):
            return build.intensified(build.adjective(entry), word_choices("adverb")["attributive"](self.random))
        return build.compared(entry, "Cmp")

    def common(self, cls: str, depth=0, plain=False, case="Acc", of="", plural: bool | None = None) -> Phrase:
        """A noun phrase around a common noun."""
        noun = self.noun(cls, of=of)
        if not noun.plural:
            number = "Mass"
        else:
            number = "Plur" if noun.plural_only or (self.chance(0.36) if plural is None else plural) else "Sing"
        agreement = Agreement("Plur" if number == "Plur" else "Sing", 3, noun.cls, False, gender_of(noun.lemma))
        base = noun.cls.split(".")[0]
        x = self.random.random()
        if cls == "body":  # one's own: she washed her hands
            return Phrase(chunked(self.possessed(self.nbar(noun, number == "Plur", 0.15), depth, own=1.0), "NP"), agreement)
        if cls == "feeling" and x < 0.75:  # fear, her great fear
            nbar = self.nbar(noun, False, 0.25)
            return Phrase(bare(nbar) if x < 0.45 else chunked(self.possessed(nbar, depth, own=0.8), "NP"), agreement)
        superlative = x > 0.985 and base in word_choices("adjective") and not noun.plural_only and number == "Sing"
        nbar = self.nbar(noun, number == "Plur", 0.0 if superlative else 0.30)
        if superlative:
            entries = [a for a in word_choices("adjective")[base].items if not a.endswith("!")][:4]
            np = build.determined("the", modify(nbar, build.compared(self.one_of(entries), "Sup"), "amod", before=True))
        elif (number == "Plur" and x < 0.15) or (number == "Mass" and x < 0.45):
            np = bare(nbar)
        elif number == "Plur" and x < 0.26 and not noun.plural_only:
            nbar = build.numbered(NUMBER_WORDS(self.random), nbar)
            np = build.determined("the", nbar) if self.chance(0.35) else bare(nbar)
        elif x < 0.45 and depth < 2:
            np, plain = self.possessed(nbar, depth), True  # who has it says which one: no relative clause
        else:
            np = build.determined(ARTICLES[number, case == "Nom"](self.random), nbar)
        np = chunked(np, "NP")
        if depth == 0 and not plain and number == "Plur" and x > 0.45 and self.chance(0.10):
            word = self.one_of(("one", "one", "some", "many", "most", "two"))
            whole = np if self.chance(0.3) and leaves_of(np)[0].word in ("the", "these", "those") else chunked(build.determined("the", nbar), "NP")
            np = build.partitive(word, whole)
            agreement = Agreement("Sing" if word == "one" else "Plur", 3, agreement.cls, False, agreement.gender)
        if not plain and depth < 2:
            np = self.postmodified(np, agreement, noun, depth, case)
        return Phrase(np, agreement)

    def possessed(self, nbar, depth, own=0.6):
        """her book, the teacher's book; `own`: how often it is the subject's."""
        if self.chance(max(0.7, own)):
            subject = self.subject_now
            lemma = PERSONAL(self.random)
            if subject and self.chance(own) and (subject.gender or subject.pronoun or subject.number == "Plur" or subject.cls != "role"):
                return build.possessive_pronoun(subject.owned, nbar)
            return build.possessive_pronoun(PRONOUN[lemma], nbar)
        owner = self.person(2).node if self.chance(0.5) else self.common("role", 2, True).node
        return build.possessive(owner, nbar)

    def postmodified(self, np, agreement, noun, depth, case="Acc"):
        """What follows a noun: a prepositional phrase or a relative clause (see `Relatives`)."""
        x = self.random.random()
        cls = noun.cls.split(".")[0]
        attract = case == "Nom" and depth == 0
        if x < (0.20 if attract else 0.14) and cls in lexicon.postmodifiers():
            word, target = self.one_of(lexicon.postmodifiers()[cls])
            if word == "between":
                first, second = (self.common("role", 2, True) for _ in range(2))
                other = coordinate(first.node, build.coordinator("and", "GRP"), second.node)
            elif target == "role" and (word == "about" or word == "for" or word == "by") and self.chance(0.5):
                other = self.np(("human",), depth=depth + 1, plain=True).node
            elif (target, "") in noun_choices():  # a noun of the other number attracts agreement
                plural = agreement.number == "Sing" if attract and self.chance(0.65) else False if target in ("city", "event", "place", "disaster", "container", "surface") else None
                other = self.common(target, depth + 1, True, plural=plural).node
            else:
                other = self.np((target,), depth=depth + 1, plain=True).node
            return modify(np, pp(word, other), "nmod")
        if x < (0.34 if attract else 0.28):
            return self.relative(np, agreement, depth)
        return np

    def relative(self, np, agreement, depth):
        raise NotImplementedError

    # --- prepositional and adverb phrases as adjuncts ---

    def place_pp(self, of=""):
        """in the kitchen, at the station, on the beach: the noun chooses its preposition."""
        if self.chance(0.15):
            return pp("in", self.name("city" if self.chance(0.6) else "country").node)
        noun = self.noun("place", of=of)
        np = build.determined("the" if self.chance(0.84) else "a", self.nbar(noun, False, 0.2))
        return pp(noun.cls.split(".")[1], chunked(np, "NP"))

    def time_phrase(self, tense: str, durative=False):
        """(phrase, relation) that suits a tense: yesterday, on Monday, in 1987, last week, after the war."""
        kind = TIMES[tense](self.random)
        while kind == "span" and not durative:
            kind = TIMES[tense](self.random)
        if kind == "event":
            noun = self.noun("event")
            return pp(self.one_of(("after", "before", "during", "after")), chunked(build.determined("the", build.noun_leaf(noun, False)), "NP")), "obl"
        count = ""
        if kind == "adverb":
            word = word_choices("adverb")["time." + tense](self.random)
        elif kind in ("weekday", "month", "date"):
            word = word_choices("name")["month" if kind == "date" else kind](self.random)
            count = str(1 + int(self.random.random() * 28))
        elif kind == "year":
            word = YEARS(self.random)
        elif kind == "span":
            word, count = self.noun("unit", "time").lemma, NUMBER_WORDS(self.random)
        elif kind == "part":
            word = self.noun("timeofday", "time").lemma
        elif kind == "every":
            word = EVERY(self.random)
        else:
            word = self.one_of(("year", "week", "month", "summer", "winter", "Monday", "night" if kind == "last" else "year"))
        return build.time_phrase(kind, word, count)

    def adverb(self, cls: str):
        return build.adverb(word_choices("adverb")[cls](self.random))

    def frequency(self, tense: str):
        return build.adverb(FREQUENCY[tense](self.random))

    # --- adjectives as predicates ---

    def adjective_phrase(self, subject: Agreement, depth: int):
        """Category S[adj]\\NP, a chunk of its own."""
        cls = subject.cls.split(".")[0]
        cls = cls if cls in word_choices("adjective") else "human" if cls in HUMAN else "idea"
        entry = self.adjective(cls)
        word, x = entry.rstrip("!"), self.random.random()
        if not entry.endswith("!") and x < 0.25:
            return chunked(build.intensified(build.adjective(word), word_choices("adverb")["degree"](self.random)), "ADJP")
        if not entry.endswith("!") and x < 0.36:
            other = self.np(("human",) if cls == "human" else (subject.cls,), depth=2, plain=cls != "human").node
            return complement(chunked(build.compared(word, "Cmp"), "ADJP"), pp("than", other), "PP", "obl")
        second = self.adjective(cls).rstrip("!")
        if x < 0.46 and second != word:
            conjunction = chunked(build.coordinator("and" if self.chance(0.8) else "but"), "")
            return chunked(coordinate(build.adjective(word), conjunction, build.adjective(second)), "ADJP")
        return chunked(build.adjective(word), "ADJP")
