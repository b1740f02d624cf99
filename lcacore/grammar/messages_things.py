"""Drawing whom and what a sentence speaks of: nouns, people, pronouns and what is said of them on the way."""

from __future__ import annotations

from random import Random

from .engine import Choice
from .english import words as lexicon
from .english.choices import Draws, gender_of, noun_choices, word_choices
from .english.closed import DEGREES, FEMININE, HUMAN, MASCULINE, UNCOUNTED
from .english.verbs import selects
from .meaning import Clause, Quality, Relation, Thing, Time
from .styles import KINDS_OF_TIME, Style

__all__ = ["Things", "fits", "is_human", "pronoun_for"]

_SINGULAR = Choice(("the", "a", "this", "that", "every", "no", "another"), [500, 330, 44, 60, 18, 12, 16])
_PLURAL = Choice(("the", "some", "this", "that", "many", "all", "no", "few", "both", "several"), [430, 90, 40, 35, 50, 35, 12, 16, 14, 18])
_MASS = Choice(("the", "some", "this", "that", "no"), [300, 80, 20, 14, 10])
_NUMBERS = Choice("two three four five ten six seven twenty eight twelve nine fifty thirty".split(), exponent=0.9)
_YEARS = Choice([str(y) for y in range(2019, 1919, -1)], exponent=0.7)
_LAST = Choice(("year", "week", "month", "summer", "winter", "Monday", "night"), exponent=0.5)
_NEXT = Choice(("year", "week", "month", "summer", "winter", "Monday"), exponent=0.5)
_EVERY = Choice(("day", "week", "morning", "year", "evening", "night", "month", "Sunday", "Monday"), exponent=0.6)
_THERE = Choice(("here", "there", "outside", "inside", "upstairs", "abroad"), exponent=1.0)


def is_human(thing: Thing | None) -> bool:
    """Whether a thing is a person (or stands for one)."""
    return thing is not None and thing.cls in HUMAN


def pronoun_for(thing: Thing, random: Random) -> Thing:
    """The pronoun that takes a thing up again: she for Mary, they for two dogs."""
    if thing.kind == "pronoun":
        return thing
    number = "Plur" if thing.beside and thing.beside[0] == "and" else thing.number
    gender = ""
    if is_human(thing):
        gender = _gender(thing) or ("Fem" if random.random() < 0.4 else "Masc")
        if number == "Plur" and thing.beside and _gender(thing.beside[1]) != "Fem":
            gender = "Masc"
    return Thing("pronoun", cls=thing.cls, number=number, gender=gender)


def _gender(thing: Thing) -> str:
    return thing.gender or gender_of(thing.concept)


class Things(Draws):
    """Things drawn by one random stream in one style."""

    def __init__(self, random: Random, style: Style):
        super().__init__(random)
        self.style = style
        self.left = 0  # finite clauses that the sentence may still have
        self.timed = False
        self.negative = False  # inside a negated clause: no second negation
        self.actor: Thing | None = None  # whose things are probably meant by his or her

    def thing(self, classes, *, subject=False, depth=0, plain=False, governor="") -> Thing:
        """Something of one of the classes; `plain`: no pronoun, nothing after the noun; `depth`: how deep it stands."""
        cls = self.one_of(classes)
        if cls == "human":
            x = self.random.random()
            p = self.style.pronoun if subject else 0.8 * self.style.pronoun
            if x < p and not plain:
                return self.pronoun(subject)
            if x < p + 0.18:
                return self.person(depth)
            cls = "role"
        elif cls in ("city", "country", "geo", "company"):
            return self.name(cls)
        elif cls == "org" and self.chance(0.2):
            return self.name("company")
        elif cls == "place" and self.chance(0.08):
            return self.name("city")
        elif not plain and self.chance(0.08):
            return Thing("pronoun", cls=cls, number="Sing" if cls in UNCOUNTED or self.chance(0.7) else "Plur")
        first = self.common(cls, depth, plain, governor)
        if depth < 2 and not plain and first.relative is None and first.modifier is None and self.chance(0.045):
            other = self.common(cls, 2, True, governor)
            if other.concept != first.concept:
                return _with(first, beside=("and" if self.chance(0.85) else "or", other))
        return first

    def pronoun(self, subject=True) -> Thing:
        person, number = self.style.persons(self.random)
        while not subject and self.actor is not None and person < 3 and person == self.actor.person:
            person, number = self.style.persons(self.random)
        gender = ""
        if person == 3:
            gender = ("Fem" if self.chance(0.55) else "Masc") if number == "Sing" else "Fem" if self.chance(self.style.women) else ""
        return Thing("pronoun", cls="role", number=number, person=person, gender=gender)

    def name_of(self, cls: str) -> str:
        for _ in range(4):
            word = word_choices("name")[cls](self.random)
            if word not in self.used:
                break
        self.used.add(word)
        return word

    def name(self, cls: str) -> Thing:
        return Thing("name", self.name_of(cls), cls)

    def person(self, depth=0) -> Thing:
        female = self.chance(0.5)
        first, last, title = self.name_of("female" if female else "male"), "", ""
        x = self.random.random()
        if x < 0.30:
            last = self.name_of("surname")
        if 0.22 <= x < 0.30:
            first, title = "", self.one_of(("Mrs.", "Dr.", "Ms.") if female else ("Mr.", "Dr."))
        beside = None
        if depth == 0 and self.chance(0.06):
            other = self.person(1)
            beside = ("and", other) if other.first != first else None
        return Thing("person", cls="role", gender="Fem" if female else "Masc", first=first, last=last, title=title, beside=beside)

    def common(self, cls: str, depth=0, plain=False, governor="") -> Thing:
        """Something named by a common noun."""
        noun = self.noun(cls, of=governor)
        base = noun.cls.split(".")[0]
        number = "Plur" if noun.plural and (noun.plural_only or self.chance(0.36)) else "Sing"
        said: dict = {"kind": "noun", "concept": noun.lemma, "cls": noun.cls, "number": number}
        if base == "role" and self.style.women and noun.lemma not in FEMININE | MASCULINE and self.chance(self.style.women):
            said["gender"] = "Fem"
        if self.style.compound and noun.lemma in lexicon.compounds() and self.chance(self.style.compound):
            first = self.one_of(lexicon.compounds()[noun.lemma])
            if first != noun.lemma:
                said["compound"] = first
        x = self.random.random()
        if base == "body":  # one's own: she washed her hands
            said |= {"determiner": "owner", "owner": self.owner(True)}
        elif number == "Plur" and not noun.plural_only and 0.17 <= x < 0.29:
            said |= {"count": _NUMBERS(self.random), "determiner": "the" if self.chance(0.35) else ""}
        elif (number == "Plur" and x < 0.17) or (not noun.plural and x < (0.75 if base == "feeling" else 0.5)):
            said["determiner"] = ""
        elif x < 0.46 and depth < 2:
            said |= {"determiner": "owner", "owner": self.owner()}
        else:
            choice = _PLURAL if number == "Plur" else _SINGULAR if noun.plural else _MASS
            word = choice(self.random)
            while self.negative and word in ("no", "every", "some", "all", "both"):
                word = choice(self.random)
            said["determiner"] = word
        self.describe(said, base)
        thing = Thing(**said)
        if not plain and depth < 2:
            thing = self.specified(thing, noun, depth)
        return thing

    def describe(self, said: dict, cls: str, chance: float | None = None) -> None:
        """Adjectives, a nationality or a participle."""
        p = self.style.adjective if chance is None else chance
        if cls in ("role", "food", "work", "org", "vehicle") and self.chance(0.05):
            said["origin"] = word_choices("name")["nationality"](self.random)
        elif cls in word_choices("adjective") and self.chance(p):
            if said["determiner"] == "the" and self.chance(0.06):
                said["qualities"] = (Quality(self.gradable(cls), "Sup"),)
                return
            first = self.quality(cls, "attributive")
            qualities = (first,)
            if not first.intensifier and first.degree == "Pos" and first.concept not in DEGREES and self.chance(0.2):
                second = self.quality(cls, "")
                if second.concept in DEGREES:  # size and age come first: a big red box
                    qualities = (second, first)
            said["qualities"] = qualities
        elif cls in lexicon.participles() and self.chance(0.04):
            lemma, xpos = self.one_of(lexicon.participles()[cls])
            said["participle"] = (lemma, "past" if xpos == "VBN" else "pres")

    def describable(self) -> frozenset[str]:
        """Classes of things that have adjectives."""
        return frozenset(word_choices("adjective"))

    def gradable(self, cls: str) -> str:
        entry = word_choices("adjective")[cls](self.random)
        while entry.endswith("!"):
            entry = word_choices("adjective")[cls](self.random)
        return entry

    def quality(self, cls: str, intensifiers: str) -> Quality:
        entry = word_choices("adjective")[cls](self.random)
        x = self.random.random()
        if entry.endswith("!") or x > 0.22 or not intensifiers:
            return Quality(entry.rstrip("!"))
        if x < 0.14:
            return Quality(entry, "Pos", word_choices("adverb")[intensifiers](self.random))
        return Quality(entry, "Cmp")

    def owner(self, own=False) -> Thing:
        """Whose something is: his who acts, or somebody else's."""
        x = self.random.random()
        if is_human(self.actor) and (own or x < 0.5):
            return pronoun_for(self.actor, self.random)
        if x < 0.68 or own:
            return self.pronoun()
        return self.person(2) if x < 0.86 else _with(self.common("role", 2, True), determiner="the", owner=None, qualities=(), count="")

    def specified(self, thing: Thing, noun: lexicon.Noun, depth: int) -> Thing:
        """With what comes after the noun: a prepositional phrase or a relative clause."""
        base = noun.cls.split(".")[0]
        x = self.random.random()
        if x < self.style.modifier:
            options = [pair for pair in lexicon.postmodifiers().get(base, ()) if pair[0] != "between" and not (pair[0] == "of" and thing.determiner == "owner")]
            if options:
                word, target = self.one_of(options)
                other = self.thing((target,), depth=depth + 1, plain=True, governor=f"{base} {word}")
                if other.concept != thing.concept:
                    return _with(thing, modifier=Relation(word, other))
        elif x < self.style.modifier + self.style.relative and self.left > 0:
            relative = self.relative(thing, depth)
            if relative is not None:
                return _with(thing, relative=relative)
        return thing

    def relative(self, thing: Thing, depth: int) -> Clause | None:
        raise NotImplementedError

    def number(self) -> str:
        return _NUMBERS(self.random)

    # --- circumstances ---

    def companion(self, verb: lexicon.Verb) -> Relation:
        """With a knife, for her, like a child, with joy: what suits the verb (one that the table of companions has)."""
        word, nouns = self.one_of(lexicon.companions()[verb.lemma])
        if nouns[0] == "<human>":
            return Relation(word, self.thing(("human",), depth=2))
        if nouns[0] == "<role>":
            noun = self.noun("role")
        else:
            lemma = nouns[int(self.random.random() * self.random.random() * len(nouns))]
            noun = next(n for n in lexicon.nouns() if n.lemma == lemma)
        return Relation(word, Thing("noun", noun.lemma, noun.cls, determiner="" if not noun.plural else "a" if word == "like" or self.chance(0.6) else "the"))

    def place(self, governor="") -> Relation:
        if self.chance(0.15):
            return Relation("in", self.name("city" if self.chance(0.6) else "country"))
        noun = self.noun("place", of=governor)
        said = {"kind": "noun", "concept": noun.lemma, "cls": noun.cls, "determiner": "the" if self.chance(0.8) else "a"}
        self.describe(said, "place", 0.18)
        return Relation(noun.cls.split(".")[1], Thing(**said))

    def place_adverb(self) -> str:
        return _THERE(self.random)

    def time(self, tense: str, durative=False) -> Time | Relation:
        """When, as suits the tense; a `Relation` for before, after, during an event."""
        kind = KINDS_OF_TIME[tense](self.random)
        while kind == "span" and not durative:
            kind = KINDS_OF_TIME[tense](self.random)
        if kind == "adverb":
            return Time("adverb", word_choices("adverb")["time." + {"perfect": "perf", "would": "fut"}.get(tense, tense)](self.random))
        if kind == "event":
            noun = self.noun("event", of="time")
            return Relation(self.one_of(("after", "before", "after") if tense == "fut" else ("after", "before", "during", "after")), Thing("noun", noun.lemma, noun.cls, determiner="the"))
        if kind == "span":
            unit = noun_choices()["unit", "time"](self.random)
            return Time("span", unit.lemma, _NUMBERS(self.random))
        if kind == "part":
            return Time("part", noun_choices()["timeofday", "time"](self.random).lemma)
        draw = {"weekday": word_choices("name")["weekday"], "month": word_choices("name")["month"], "year": _YEARS, "last": _LAST, "next": _NEXT, "every": _EVERY}[kind]
        return Time(kind, draw(self.random))


def _with(thing: Thing, **changes) -> Thing:
    """`dataclasses.replace`, faster."""
    return Thing(**{**thing.__dict__, **changes})


def fits(classes, thing: Thing) -> bool:
    """Whether a verb that wants one of `classes` takes this thing there."""
    cls = {"company": "org", "city": "place", "country": "place", "geo": "place"}.get(thing.cls, thing.cls)
    return thing.cls in classes or selects(classes, cls)
