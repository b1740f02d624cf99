"""What there is to say: messages drawn from the English lexicon's tables, which the languages then put into words.

    messages("0", style="de")        →  Message, Message, …        without end; a pure function of its arguments

A message is coherent: its clauses keep to one time, its nouns to one domain of life, its pronouns to people already
spoken of, and each verb, preposition and adjective takes what it selects. Where `meaning` leaves a choice of
notation, messages are written like this:

    gap            names the argument in the active: in `the letter that was written` it is "object", with passive=True
    wh             who: gap "subject" (or "object"); what: gap "object"; which: gap "object" and `clause.object` a plain
                   noun with determiner "which"; where, when, why, how: no gap, and no place, time, purpose, manner
    q-complements  `question` on the complement; what: gap "object"
    if … would     the condition is tense "past", mood "Sub" (if he came, she would eat)
    future         after when, before, after, until, if, while the linked clause is tense "pres" (he will eat when she comes)
    commands       no subject; tense "pres"
    before, after, during an event: a Relation among `extras`, as the other circumstances with a preposition are
"""

from __future__ import annotations

from collections.abc import Iterator
from random import Random

from .engine import Choice
from .english.choices import word_choices
from .english.closed import DOMAINS
from .meaning import Clause, Message, Thing
from .messages_clauses import NO_PLACE, PRESENT, Clauses, replaced, sense_of_be
from .messages_things import is_human, pronoun_for
from .styles import STYLES, Style

__all__ = ["STYLES", "Messages", "messages"]

_LINKS = Choice(("because", "when", "before", "after", "if", "while", "although", "until", "since", "and", "but", "so", "or"), [17, 17, 9, 9, 8, 7, 6, 4, 3, 24, 18, 8, 2])
_SUBORDINATE = frozenset(("because", "when", "before", "after", "if", "while", "although", "until", "since"))
_TEMPORAL = frozenset(("when", "before", "after", "until", "if", "while"))
_INTERJECTIONS = Choice(("oh", "yes", "no", "well", "hey", "wow", "hello", "oops"), exponent=0.6)


class Messages(Clauses):
    """Whole messages drawn by one random stream."""

    def start(self) -> None:
        """Forget the sentence before; choose what the next is about and when it happens."""
        self.domain, self.narrative = DOMAINS(self.random), self.style.narratives(self.random)
        self.timed = self.negative = False
        self.used = set()
        self.actor, self.left = None, self.style.clauses

    def message(self) -> Message:
        """One message of any kind."""
        self.start()
        kind = self.style.kinds(self.random)
        return getattr(self, "_" + kind)()

    def _statement(self) -> Message:
        clause = self.clause()
        said: dict = {}
        x = self.random.random()
        if x < self.style.linked and self.left > 0 and not (clause.modal == "would" and clause.perfect):
            said = self.linked(clause)
        elif x < self.style.linked + self.style.second and clause.subject is not None and not clause.passive:
            said = self.second(clause)
        elif self.chance(self.style.opening):
            said["opening"] = word_choices("adverb")["sentence"](self.random) if self.chance(0.6) else _INTERJECTIONS(self.random)
        if clause.time and not said.get("opening") and not said.get("linked_first") and not clause.perfect and clause.time.kind != "span" and self.chance(0.3):
            said["time_first"] = True
        clause = said.pop("clause", clause)
        return Message("statement", clause, **said)

    def linked(self, clause: Clause) -> dict:
        """Another clause linked to the first, in a tense that goes with it."""
        word, way, mood = _LINKS(self.random), None, "Ind"
        tense = "would" if clause.modal == "would" else clause.tense
        if clause.modal in ("may", "should", "must", "can") or clause.perfect or clause.progressive:
            word = word if word in ("because", "although", "and", "but", "so") else "because"
            way = ("past" if tense in ("past", "imp") else "pres", False, False, "")
        elif tense == "would":
            word = word if word in ("if", "and", "but") else "if"
            way, mood = (("past", False, False, ""), "Sub") if word == "if" else (("pres", False, False, "would"), "Ind")
        elif tense == "fut":
            way = PRESENT if word in _TEMPORAL or (word in ("because", "although", "since") and self.chance(0.5)) else ("fut", False, False, "")
        elif tense in ("past", "imp"):
            x = self.random.random()
            way = ("past", True, False, "") if x < 0.18 and word in ("because", "after", "although", "since") else (tense, False, False, "")
            if word in ("while", "because") and 0.18 <= x < 0.5 and "imp" in self.style.ways:
                way = ("imp", False, False, "")
            elif word in ("before", "until"):
                way = ("past", False, False, "")
        else:
            way = PRESENT
        if word == "if" and tense in ("past", "imp"):
            word = "when"
        subject = pronoun_for(clause.subject, self.random) if is_human(clause.subject) and not clause.passive and self.chance(0.45) else None
        self.left -= 1
        self.actor = clause.subject if is_human(clause.subject) else None
        other = self.clause(1, subject=subject, way=way, mood=mood, without=("purpose",))
        first = word in _SUBORDINATE and word not in ("before", "until") and self.chance(0.45)
        if first and subject is not None and clause.subject is not None and clause.subject.kind != "pronoun":
            # who is spoken of is named first: when Mary came, she ate
            clause, other = replaced(clause, subject=subject), replaced(other, subject=_plain(clause.subject))
        return {"clause": clause, "linked": (word, other), "linked_first": first}

    def second(self, clause: Clause) -> dict:
        subject = clause.subject
        if clause.perfect or clause.progressive or clause.modal or clause.negated or not is_human(subject) or clause.frame in ("that", "q", "be", "link", "to", "ng", "objto"):
            return {}
        self.actor = subject
        return {"second": self.clause(2, verb=self.human_verb(), way=(clause.tense, False, False, ""), bare=True, without=("purpose", "time"))}

    def _question(self) -> Message:
        return Message("question", self.clause(1))

    def _wh(self) -> Message:
        x = self.random.random()
        if x < 0.22:
            return Message("wh", self.clause(1, verb=self.human_verb("trans"), gap="subject", without=("purpose",)), "who")
        if x < 0.32:
            verb = self.human_verb("trans")
            while "human" not in verb.objects:
                verb = self.human_verb("trans")
            return Message("wh", self.clause(1, verb=verb, gap="object", without=("purpose",)), "who")
        if x < 0.62:
            question = self.one_of(("where", "why", "when", "how", "why"))
            without = {"where": ("place",), "when": ("time",), "why": ("purpose",), "how": ("manner", "purpose")}[question]
            verb = self.human_verb()
            while question == "where" and any(c.startswith(NO_PLACE) for c in verb.objects):
                verb = self.human_verb()
            return Message("wh", self.clause(1, verb=verb, without=without), question)
        verb = self.what_verb()
        clause = self.clause(1, verb=verb, gap="object", without=("purpose",))
        if x < 0.85:
            return Message("wh", clause, "what")
        noun = self.noun(self.one_of(verb.objects), of=verb.sense)
        said = {"kind": "noun", "concept": noun.lemma, "cls": noun.cls, "number": "Plur" if noun.plural_only or (noun.plural and self.chance(0.3)) else "Sing", "determiner": "which"}
        self.describe(said, noun.cls.split(".")[0], 0.1)
        return Message("wh", replaced(clause, object=Thing(**said)), "which")

    def _existence(self) -> Message:
        cls = self.one_of(("role", "thing", "animal", "food", "text"))
        noun = self.noun(cls)
        plural = bool(noun.plural) and (noun.plural_only or self.chance(0.35))
        determiner = self.one_of(("a", "a", "a", "no") if noun.plural and not plural else ("some", "no", "many", "some") if noun.plural else ("some", "no"))
        said: dict = {"kind": "noun", "concept": noun.lemma, "cls": noun.cls, "number": "Plur" if plural else "Sing", "determiner": determiner}
        if plural and self.chance(0.3):
            said |= {"determiner": "", "count": self.number()}
        self.describe(said, cls)
        subject = self.specified(Thing(**said), noun, 1) if self.chance(0.5) else Thing(**said)
        tense = {"past": "past", "imp": "imp", "fut": "fut"}.get(self.narrative, "pres")
        return Message("existence", Clause(sense_of_be(cls), subject, place=self.place(), tense=tense))

    def _command(self) -> Message:
        self.actor = Thing("pronoun", cls="role", person=2)
        self.narrative = "pres"
        clause = self.clause(1, verb=self.human_verb(), way=PRESENT, bare=True, without=("purpose", "time"))
        if self.chance(0.18):
            clause = replaced(clause, negated=True)
        opening = "please" if self.chance(0.3) else ""
        return Message("command", clause, opening=opening, formal=self.chance(0.4))


def _plain(thing: Thing) -> Thing:
    return Thing(**{**thing.__dict__, "relative": None})


def messages(seed: str, style: str = "en") -> Iterator[Message]:
    """Messages without end, drawn in one of `STYLES`; the same for the same seed and style on every machine.

    Raises ValueError for an unknown style.
    """
    if style not in STYLES:
        raise ValueError(f"no style {style!r} of messages; there are {', '.join(STYLES)}")
    return _stream(STYLES[style], f"lcacore/messages/{style}/{seed}")


def _stream(style: Style, seed: str) -> Iterator[Message]:
    sampler = Messages(Random(seed), style)
    while True:
        yield sampler.message()
