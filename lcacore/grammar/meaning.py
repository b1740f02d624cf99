"""What a sentence says, whatever the language that says it: the values between the sampler and the grammars.

    meanings(seed)  →  Message  →  realise(message)  →  Sentence       one message, a sentence in each language

A *concept* is a word of the English lexicon together with the class or frame that tells its senses apart:
a noun by (lemma, class), a verb by `sense` ("run:obl-human-place.in-into"), an adjective, adverb or preposition by
its lemma. Each other language's lexicon says every concept in its own words, with its own government and gender.

All values are frozen and made of plain strings, so that a message can be compared, hashed and edited by `replace`:
the sentence tasks derive their labels from such edits.
"""

from __future__ import annotations

from dataclasses import dataclass

__all__ = ["Clause", "Message", "Quality", "Relation", "Thing", "Time"]


@dataclass(frozen=True)
class Quality:
    """An adjective: concept; degree "Pos", "Cmp", "Sup"; intensifier: concept of a degree adverb ("very") or ""."""

    concept: str
    degree: str = "Pos"
    intensifier: str = ""


@dataclass(frozen=True)
class Relation:
    """A preposition and what it governs: ("in", the house)."""

    concept: str
    thing: Thing


@dataclass(frozen=True)
class Time:
    """When. kind: "adverb" (concept: yesterday), "weekday", "month", "year", "part" (morning), "span" (for three days),
    "last", "next", "every" (concept: week, Monday …); `count` a number word for a span."""

    kind: str
    concept: str
    count: str = ""


@dataclass(frozen=True)
class Thing:
    """Whom or what a noun phrase speaks of.

    kind        "noun"; "pronoun" (person, number, gender of who is meant); "person" (first, last, title); "name" (of a
                city, country, company: `concept` as in the English table of names, `cls` its row)
    concept     lemma of the noun, or the name
    cls         class in the lexicon: role, animal, place.in, … (pronouns: the class of what they stand for)
    number      "Sing" or "Plur" (mass nouns: Sing)
    gender      "Masc", "Fem" of persons and of who a pronoun means, "" where unknown or no person
    determiner  "the", "a", "this", "that", "every", "no", "some", "many", "few", "all", "several", "both", "another",
                "" (bare: mass or plural), "owner" (her book, the teacher's book)
    count       number word ("three") or ""
    owner       who has it, for determiner "owner": a pronoun, a person or a plain noun
    qualities   attributive adjectives, in English order
    origin      nationality (concept of the table of names) or ""
    participle  sense of a verb that the thing has undergone ("past") or does ("pres"): ("steal", "past"), or ()
    modifier    a prepositional phrase after it, or None
    relative    a relative clause; its `gap` says which argument the thing is, or None
    beside      ("and" | "or", another thing): a coordination, or None
    compound    concept of a noun that makes a compound with it (a kitchen table, ein Küchentisch), or ""
    """

    kind: str
    concept: str = ""
    cls: str = ""
    number: str = "Sing"
    person: int = 3
    gender: str = ""
    determiner: str = ""
    count: str = ""
    owner: Thing | None = None
    qualities: tuple[Quality, ...] = ()
    origin: str = ""
    participle: tuple[str, ...] = ()
    modifier: Relation | None = None
    relative: Clause | None = None
    beside: tuple[str, Thing] | None = None
    first: str = ""
    last: str = ""
    title: str = ""
    compound: str = ""


@dataclass(frozen=True)
class Clause:
    """A verb with its arguments and circumstances.

    sense       the verb's sense in the lexicon; its frame says which arguments there are:
                intr; trans: object; ditr: recipient, object; obl: oblique; part; tpart: object; put: object, oblique;
                that: complement (a statement); q: complement (an embedded question); to, ng: complement (subjectless);
                objto: object, complement; link: predicate (Quality); be: predicate (Quality, Thing or Relation);
                light: object (drink in `have a drink`)
    tense       "pres", "past", "imp" (went on or was a habit: French imparfait, English used to / was -ing), "fut"
    perfect     English perfect (has gone; had gone with "past")
    progressive English progressive
    modal       "", "can", "must", "should", "may", "would" (a conditional)
    mood        "Ind", or "Sub" where the governing verb or conjunction asks languages that have one for a subjunctive
    passive     its object is the subject of the sentence, `subject` the agent (None: unsaid)
    gap         "subject", "object", "oblique", "place" where this clause is relative or a wh-question, else ""
    manner, frequency, place_adverb   adverb concepts or ""
    place, extras                     circumstances (extras: with a spoon, for the child, like a teacher)
    purpose     subjectless clause (to buy bread) or None
    """

    sense: str
    subject: Thing | None = None
    object: Thing | None = None
    recipient: Thing | None = None
    oblique: Relation | None = None
    complement: Clause | None = None
    predicate: Quality | Thing | Relation | None = None
    tense: str = "past"
    perfect: bool = False
    progressive: bool = False
    modal: str = ""
    mood: str = "Ind"
    negated: bool = False
    passive: bool = False
    gap: str = ""
    question: str = ""  # of an embedded question: whether, where, why, when, how, what
    manner: str = ""
    frequency: str = ""
    place_adverb: str = ""
    time: Time | None = None
    place: Relation | None = None
    extras: tuple[Relation, ...] = ()
    purpose: Clause | None = None

    @property
    def verb(self) -> str:
        """Lemma of the verb's concept."""
        return self.sense.partition(":")[0]

    @property
    def frame(self) -> str:
        return self.sense.partition(":")[2].partition("-")[0]


@dataclass(frozen=True)
class Message:
    """A whole sentence.

    kind      "statement"; "question" (yes or no); "wh" (`question`: who, what, which, where, when, why, how; the gap in
              `clause` for who, what, which); "command" (to one person; `formal` to one or more politely); "existence"
              (there is `clause.subject` at `clause.place`)
    linked    (conjunction, clause): because, when, before, after, if, while, although, until, since: subordinate;
              and, but, so, or: coordinated. `linked_first`: the subordinate clause opens the sentence
    opening   what stands before the clause: sentence adverb or interjection concept, or "" ; `time_first`: the clause's
              time opens the sentence
    second    a second verb phrase of the same subject (she came and ate the bread): a Clause whose subject is None
    """

    kind: str
    clause: Clause
    question: str = ""
    linked: tuple[str, Clause] | None = None
    linked_first: bool = False
    second: Clause | None = None
    opening: str = ""
    time_first: bool = False
    formal: bool = False
