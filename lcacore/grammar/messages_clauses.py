"""Drawing clauses: a verb, the arguments that its frame asks for, and the circumstances that suit it."""

from __future__ import annotations

from functools import cache
from random import Random

from .engine import Choice
from .english import words as lexicon
from .english.choices import word_choices
from .english.verbs import verb_choices, verbs_of, verbs_taking
from .meaning import Clause, Quality, Relation, Thing, Time
from .messages_things import Things, fits, is_human, pronoun_for
from .styles import Way

__all__ = ["NO_PLACE", "PRESENT", "Clauses", "replaced", "sense_of_be"]

_FREQUENCY = {
    "past": ("often", "never", "always", "sometimes", "rarely", "also", "just"),
    "imp": ("often", "always", "never", "sometimes", "usually", "still"),
    "pres": ("often", "never", "always", "usually", "sometimes", "still", "rarely", "also"),
    "fut": ("never", "always", "also", "often"),
    "would": ("never", "always", "also", "often"),
    "perfect": ("already", "never", "just", "often", "always", "also"),
}
_PAST_STATEMENTS = Choice([("past", False, False, ""), ("past", True, False, ""), ("pres", False, False, "would"), ("past", False, False, "can"), ("imp", False, False, "")], [52, 22, 14, 6, 6])
_PRES_STATEMENTS = Choice([("pres", False, False, ""), ("past", False, False, ""), ("fut", False, False, ""), ("pres", True, False, ""), ("pres", False, False, "can")], [46, 18, 18, 12, 6])
NO_PLACE = ("place", "city", "country", "surface")
_PLAIN_FRAMES = Choice(("trans", "light", "intr", "obl", "put", "tpart", "part"), [40, 10, 16, 16, 6, 6, 6])
PRESENT: Way = ("pres", False, False, "")


@cache
def sense_of_be(cls: str) -> str:
    """The sense of `be` for a subject of a class."""
    fitting = [v.sense for v in lexicon.verbs() if v.frame == "be" and fits(v.subjects, Thing("noun", cls=cls))]
    return fitting[0] if fitting else next(v.sense for v in lexicon.verbs() if v.frame == "be" and "human" not in v.subjects)


class Clauses(Things):
    """Clauses drawn by one random stream, on top of the things that they speak of."""

    narrative = "past"
    no_passive = frozenset("have hate lose want like".split())

    # --- verbs ---

    def verb(self, frame: str = "") -> lexicon.Verb:
        while True:
            choice = verb_choices().get((frame or self.style.frames(self.random), self.domain))
            if choice:
                return choice(self.random)

    def human_verb(self, frame: str = "") -> lexicon.Verb:
        """A verb for a human subject, in a clause that embeds no other."""
        while True:
            verb = self.verb(frame or _PLAIN_FRAMES(self.random))
            if "human" in verb.subjects:
                return verb

    def way(self, verb: lexicon.Verb) -> Way:
        tense, perfect, progressive, modal = self.style.ways[self.narrative](self.random)
        if verb.lemma in lexicon.stative() or verb.frame in ("link", "be"):
            progressive = False
        return tense, perfect, progressive, modal

    # --- clauses ---

    def clause(self, depth=0, *, verb=None, subject: Thing | None = None, way: Way | None = None, without=(), mood="Ind", gap="", bare=False) -> Clause:
        """A clause; its subject may be given.

        way      how the verb is said (None: as the narrative has it)
        without  circumstances that must not be there: "place", "time", "manner", "purpose", "extras"
        gap      an argument that is not there
        bare     no subject either: infinitives, commands, second verb phrases
        """
        if verb is None:
            verb = self.verb()
            while (verb.frame in ("that", "q") and (depth > 0 or not self.left)) or (subject is not None and not fits(verb.subjects, subject)):
                verb = self.verb() if subject is None else self.verb_for(subject)
        self.left -= verb.frame in ("that", "q")  # before its subject can spend it
        passive = subject is None and not gap and not bare and self.passivises(verb)
        said: dict = {"sense": verb.sense, "mood": mood, "gap": gap, "passive": passive}
        way = way or self.way(verb)
        said["tense"], said["perfect"], said["progressive"], said["modal"] = way
        actor = self.actor
        if not bare and gap != "subject" and not passive:
            subject = subject or self.thing(verb.subjects, subject=True, depth=depth)
            said["subject"] = subject
        if is_human(subject):
            self.actor = subject
        outer = self.negative
        said["negated"] = negated = not bare and not self._has_no(subject) and verb.frame != "light" and self.chance(self.style.negated)
        self.negative = outer or negated
        self.arguments(said, verb, depth, passive, gap)
        self.circumstances(said, verb, depth, passive, set(without), bare)
        self.negative, self.actor = outer, actor
        return Clause(**said)

    def verb_for(self, subject: Thing) -> lexicon.Verb:
        """A verb that suits a given subject."""
        if is_human(subject):
            verb = self.verb()
            return verb if verb.frame not in ("that", "q") else self.human_verb()
        choice = verbs_of(subject.cls)
        return choice(self.random) if choice and self.chance(0.6) else next(v for v in lexicon.verbs() if v.sense == sense_of_be(subject.cls))

    @staticmethod
    def _has_no(thing: Thing | None) -> bool:
        return thing is not None and thing.determiner in ("no", "every", "few")

    def passivises(self, verb: lexicon.Verb) -> bool:
        if verb.frame == "objto":
            return verb.lemma not in ("want", "help") and self.chance(0.5 * self.style.passive)
        return verb.frame in ("trans", "ditr", "tpart", "put") and "human" in verb.subjects and "feeling" not in verb.objects and verb.lemma not in self.no_passive and self.chance(self.style.passive)

    def arguments(self, said: dict, verb: lexicon.Verb, depth: int, passive: bool, gap: str) -> None:
        frame, subject = verb.frame, said.get("subject")
        inner = max(depth, 1) if frame not in ("trans", "obl") else depth
        if frame in ("trans", "tpart", "put") and gap != "object":
            said["object"] = self.thing(verb.objects, subject=passive, depth=depth if passive else inner, governor=verb.sense)
        elif frame == "light" and gap != "object":
            noun = self.noun(self.one_of(verb.objects))
            thing = {"kind": "noun", "concept": noun.lemma, "cls": noun.cls, "determiner": "a" if noun.plural else ""}
            if self.chance(0.15):
                self.describe(thing, "event", 0.8)
            said["object"] = Thing(**thing)
        elif frame == "ditr":
            said["recipient"] = self.thing(("human",), depth=2)
            if gap != "object":
                said["object"] = self.common(self.one_of(verb.marks), 1, False, verb.sense)
        elif frame == "obl":
            mark = self.one_of(verb.marks)
            said["oblique"] = Relation(mark, self.thing(verb.objects, depth=inner, governor=f"{verb.lemma} {mark}"))
        if frame == "put":
            mark = self.one_of(verb.marks)
            said["oblique"] = Relation(mark, self.common("container" if mark.startswith("in") else "surface", 2, True, f"put {mark}"))
        elif frame == "that":
                said["complement"] = self.statement(said, verb, depth)
        elif frame == "q":
            said["complement"] = self.embedded_question(said, depth)
        elif frame in ("link", "be"):
            said["predicate"] = self.predicate(subject, verb, depth)
        elif frame == "objto":
            said["object"] = patient = self.thing(("human",), subject=passive, depth=2)
            said["complement"] = self.infinitive(depth, patient)
        elif frame in ("to", "ng"):
            said["complement"] = self.infinitive(depth, subject)
        if passive and self.chance(0.36):
            said["subject"] = self.thing(verb.subjects if frame != "objto" else ("human",), depth=2, plain=self.chance(0.85))

    def infinitive(self, depth: int, actor: Thing | None) -> Clause:
        outer = self.actor
        self.actor = actor if is_human(actor) else None
        out = self.clause(depth + 2, verb=self.human_verb(), way=PRESENT, bare=True, without=("time", "purpose"))
        self.actor = outer
        return out

    def statement(self, said: dict, verb: lexicon.Verb, depth: int) -> Clause:
        """What is said or thought: its tense follows that of the verb above it."""
        past = said["tense"] in ("past", "imp") or (said["modal"] == "would" and self.chance(0.5))
        wanted = verb.lemma in self.style.subjunctive or (said["negated"] and verb.lemma in self.style.doubtful)
        way: Way = (_PAST_STATEMENTS if past else _PRES_STATEMENTS)(self.random)
        if wanted:
            way = ("past" if past else "pres", self.chance(0.15), False, "")
        elif verb.lemma in ("promise", "decide"):
            way = ("pres", False, False, "would") if past else ("fut", False, False, "")
        subject, outer, timed = None, self.negative, self.timed
        if is_human(said.get("subject")) and self.chance(0.3):
            subject = pronoun_for(said["subject"], self.random)
        self.negative = False
        self.timed = timed or self.chance(0.6)
        out = self.clause(depth + 1, subject=subject, way=way, mood="Sub" if wanted else "Ind", without=("purpose",))
        self.negative, self.timed = outer, timed or self.timed
        return out

    def embedded_question(self, said: dict, depth: int) -> Clause:
        past = said["tense"] in ("past", "imp")
        way: Way = (_PAST_STATEMENTS if past else _PRES_STATEMENTS)(self.random)
        x = self.random.random()
        question = "whether" if x < 0.45 else self.one_of(("where", "why", "when", "how")) if x < 0.8 else "what"
        if question == "whether":
            verb = None
        elif question == "what":
            verb = self.what_verb()
        else:
            verb = self.human_verb(self.one_of(("trans", "obl", "intr", "trans")))
        outer, self.negative = self.negative, False
        out = self.clause(depth + 1, verb=verb, way=way, gap="object" if question == "what" else "", without=("place", "time", "manner", "purpose"))
        self.negative = outer
        return replaced(out, question=question)

    def what_verb(self) -> lexicon.Verb:
        """A verb whose object one asks for by what."""
        verb = self.human_verb("trans")
        while {"human", "org", "place"} & set(verb.objects):
            verb = self.human_verb("trans")
        return verb

    def predicate(self, subject: Thing | None, verb: lexicon.Verb, depth: int) -> Quality | Thing | Relation:
        cls = "role" if subject is None else subject.cls
        base = cls.split(".")[0]
        human = subject is None or is_human(subject)
        key = "human" if human else base if base in word_choices("adjective") else "idea"
        x = self.random.random()
        plural = subject is not None and (subject.number == "Plur" or bool(subject.beside and subject.beside[0] == "and"))
        if verb.frame == "link" or x < 0.62:
            return self.quality(key, "degree")
        if x < 0.86 and human:
            noun = self.noun("role")
            said: dict = {"kind": "noun", "concept": noun.lemma, "cls": noun.cls, "number": "Plur" if plural else "Sing", "determiner": "" if plural else "a"}
            if self.style.women and subject is not None and subject.gender:
                said["gender"] = subject.gender
            self.describe(said, "role")
            thing = Thing(**said)
            return self.specified(thing, noun, depth + 1) if depth == 0 and thing.concept != getattr(subject, "concept", "") else thing
        if human or base in ("animal", "thing", "tool", "vehicle", "food"):
            return self.place()
        return self.quality(key, "degree")

    def circumstances(self, said: dict, verb: lexicon.Verb, depth: int, passive: bool, without: set[str], bare: bool) -> None:
        """Manner, place, time, company and purpose, fewer the deeper the clause stands."""
        more = (1.0, 0.5, 0.25, 0.2)[min(depth, 3)] * self.style.circumstances
        frame, negated = verb.frame, said["negated"]
        stative = verb.lemma in lexicon.stative()
        embedding = frame in ("to", "ng", "that", "q", "objto")
        if not bare and not negated and not self.negative and frame != "be" and self.chance(0.05):
            key = "perfect" if said["perfect"] else said["modal"] if said["modal"] == "would" else said["tense"]
            if not said["modal"] or said["modal"] == "would":
                said["frequency"] = _first(_FREQUENCY[key], self.random)
        if verb.manner and not stative and not embedding and frame != "link" and "manner" not in without and not said.get("frequency") and self.chance(0.10 * more + 0.02):
            said["manner"] = self.manner(verb)
        placed = any(c.startswith(NO_PLACE) for c in verb.objects) or frame in ("put", "be", "link")
        if "place" not in without and not embedding and not placed and not stative and self.chance(0.25 * more):
            if self.chance(0.14):
                said["place_adverb"] = self.place_adverb()
            else:
                said["place"] = self.place(verb.lemma)
        if "extras" not in without and verb.lemma in lexicon.companions() and frame in ("trans", "obl", "intr") and "human" in verb.subjects and not passive and self.chance(0.12 * more):
            companion = self.companion(verb)
            if said.get("oblique") is None or said["oblique"].concept != companion.concept:
                said["extras"] = (companion,)
        if "time" not in without and not self.timed and self.chance((0.12 if frame == "be" else 0.29) * more):
            key = "perfect" if said["perfect"] and said["tense"] == "pres" and not said["modal"] else "would" if said["modal"] in ("would", "may", "should") else said["tense"]
            if said["modal"] in ("can", "must") and said["tense"] == "pres":
                key = "fut"
            when = self.time(key, frame == "intr" and verb.manner in ("still", "work", "speech"))
            self.timed = True
            if isinstance(when, Time):
                said["time"] = when
            else:
                said["extras"] = (*said.get("extras", ()), when)
        willing = is_human(said.get("subject")) and not passive and not stative and not embedding and frame not in ("be", "link", "light")
        if depth < 2 and willing and "purpose" not in without and not negated and self.chance(0.05 * more):
            said["purpose"] = self.infinitive(depth, said["subject"])

    def manner(self, verb: lexicon.Verb) -> str:
        return word_choices("adverb")[verb.manner](self.random)

    def relative(self, thing: Thing, depth: int) -> Clause | None:
        """A relative clause on a thing, as told in the narrative's tenses."""
        cls, x = thing.cls, self.random.random()
        outer_actor, outer_negative = self.actor, self.negative
        way = self.relative_way()
        self.left -= 1
        clause = None
        self.negative = False
        if x < 0.42 and (choice := verbs_of(cls)):
            self.actor = thing if is_human(thing) else None
            clause = self.clause(depth + 2, verb=choice(self.random), gap="subject", way=way, without=("purpose",))
        elif x < 0.56 and cls.startswith("place"):
            clause = self.clause(depth + 2, verb=self.human_verb(), gap="place", way=way, without=("purpose", "place"))
        elif choice := verbs_taking(cls):
            verb = choice(self.random)
            while verb.lemma in ("have", "need"):
                verb = choice(self.random)
            clause = self.clause(depth + 2, verb=verb, gap="object", way=way, without=("purpose",))
            if x > 0.84 and verb.lemma not in self.no_passive and clause.subject is not None and clause.subject.kind != "pronoun":
                clause = replaced(clause, passive=True, subject=clause.subject if self.chance(0.5) else None, progressive=False)
        if clause is None:
            self.left += 1
        self.actor, self.negative = outer_actor, outer_negative
        return clause

    def relative_way(self) -> Way:
        past = self.narrative in ("past", "imp")
        x = self.random.random()
        if past:
            return ("past", x > 0.82, False, "") if x < 0.94 or self.narrative == "past" else ("imp", False, False, "")
        return PRESENT if x < 0.62 else ("past", False, False, "") if x < 0.82 else ("pres", True, False, "") if x < 0.92 else ("fut", False, False, "")


def replaced(clause: Clause, **changes) -> Clause:
    """`dataclasses.replace`, faster."""
    return Clause(**{**clause.__dict__, **changes})


def _first(words, random: Random) -> str:
    """A word, the first ones more often."""
    return words[int(len(words) * random.random() * random.random())]
