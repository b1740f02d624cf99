"""German words: the lexicon's tables read into typed entries that answer to the English concepts.

A concept (an English noun and its class, a verb's sense, an adjective …) is looked up in a table under `lexicon`;
what German needs to inflect and govern is in tables of its own (`forms`).
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache, partial

from ..lexicon import read_table

__all__ = ["Noun", "Verb", "adjective", "adverb", "feminine", "interjection", "light_verb", "name", "noun", "participle", "place_prepositions", "table", "verb"]


@dataclass(frozen=True)
class Noun:
    """gender: Masc, Fem, Neut, or "Adj" for a noun that declines as an adjective; plural "" where there is none."""

    lemma: str
    gender: str
    genitive: str
    plural: str
    always_plural: bool = False


@dataclass(frozen=True)
class Verb:
    """lemma (aufstehen), its separable prefix (auf) and base (stehen); the case of its reflexive pronoun or "".

    governs  "A", "D" (a bare noun phrase), "an+A" (a preposition and its case), "es" (beside an infinitive), "dass",
             "!" (an infinitive without zu), "@" (an adverb, which is the lemma)
    sein     whether it forms its perfect with `sein` where it has no accusative object
    """

    lemma: str
    prefix: str
    base: str
    reflexive: str
    governs: str
    sein: bool


table = partial(read_table, __package__)


@cache
def pairs(name: str) -> dict[tuple[str, str], str]:
    """(first column, English word) → German entry, of a table whose last column lists English=German."""
    out: dict[tuple[str, str], str] = {}
    for row in table(name):
        for pair in row[-1].split():
            english, _, german = pair.partition("=")
            out.setdefault((row[0] if len(row) > 1 else "", english), german)
    return out


def lacking(kind: str, concept: str) -> ValueError:
    return ValueError(f"the German lexicon has no {kind} for {concept!r}; add it to lcacore/grammar/german/lexicon")


# --- nouns -----------------------------------------------------------------------------------------

_GENDERS = {"m": "Masc", "f": "Fem", "n": "Neut", "a": "Adj", "p": "Fem"}


def umlaut(stem: str) -> str:
    """The last a, o, u or au of a stem with its umlaut: Haus, Häus."""
    found = list(re.finditer(r"au|[aouAOU]", stem))
    if not found:
        return stem
    at = found[-1].start()
    return stem[:at] + {"a": "ä", "o": "ö", "u": "ü", "A": "Ä", "O": "Ö", "U": "Ü"}[stem[at]] + stem[at + 1 :]


@cache
def _declensions() -> dict[str, tuple[str, str, str]]:
    return {word: (gender, genitive, plural) for gender, genitive, plural, words in table("declensions") for word in words.split()}


@cache
def _entry(entry: str) -> Noun:
    """A noun of the tables: `Tisch`, `Schreib+tisch` (the last part declines), `Beweis*` (always plural)."""
    first, _, head = entry.rstrip("*").rpartition("+")
    key = head[0].upper() + head[1:] if first else head
    if key not in _declensions():
        raise lacking("declension", key)
    gender, genitive, plural = _declensions()[key]
    bare = key.partition("(")[0]
    forms = []
    for form in (bare, _plural(bare, plural)):
        forms.append(first.replace("+", "") + form[:1].lower() + form[1:] if first and form else form)
    if genitive == "s" and re.search(r"(s|ß|x|z|sch)$", bare):
        genitive = "es"
    return Noun(forms[0], _GENDERS[gender], genitive.strip("-"), forms[1], entry.endswith("*") or gender == "p")


def _plural(lemma: str, code: str) -> str:
    if code.startswith("="):
        return code[1:]
    if code == "~":
        return ""
    return (umlaut(lemma) if code.startswith("¨") else lemma) + code.strip("¨-")


@cache
def noun(concept: str, cls: str, compound: str = "") -> Noun:
    """The German noun for an English one of a class; `compound`: the English noun before it, which German writes as one word.

    Raises ValueError where the lexicon lacks it.
    """
    known = pairs("nouns")
    entry = known.get((cls, concept)) or next((known[c, concept] for c in _classes() if (c, concept) in known), None)
    if entry is None:
        raise lacking("noun", f"{concept} ({cls})")
    if compound:
        whole = pairs("compounds").get(("", f"{compound}_{concept}"))
        part = pairs("compounds").get(("", compound))
        if not whole and not part:
            raise lacking("first part of a compound", compound)
        entry = whole or f"{part}+{entry[0].lower()}{entry[1:]}"
    return _entry(entry)


@cache
def _classes() -> tuple[str, ...]:
    return tuple(dict.fromkeys(row[0] for row in table("nouns")))


@cache
def feminine(masculine: Noun) -> Noun:
    """The noun for a woman: Lehrerin, Ärztin, Kundin; nouns that are for women or anybody stay."""
    if masculine.gender != "Masc":
        return masculine
    known = dict(table("feminine"))
    lemma = known.get(masculine.lemma)
    if lemma is None:
        lemma = next((masculine.lemma[: 1 - len(m)] + f[1:] for m, f in known.items() if m[0] == "-" and masculine.lemma.endswith(m[1:])), None)
    lemma = lemma or masculine.lemma.removesuffix("e") + "in"
    if lemma == masculine.lemma:
        return masculine
    plural = lemma + "nen" if lemma.endswith("in") else lemma + "n" if lemma.endswith("e") else lemma + "en"
    return Noun(lemma, "Fem", "", plural)


@cache
def place_prepositions(lemma: str, cls: str) -> tuple[str, str]:
    """(where, whither) of a place: im Haus, ins Haus; am Bahnhof, zum Bahnhof; auf dem Feld, aufs Feld."""
    for where, whither, words in table("places"):
        if lemma in words.split():
            return where, whither
    preposition = {"on": "auf", "at": "an"}.get(cls.partition(".")[2], "in")
    return preposition, "zu" if preposition == "an" else preposition


# --- verbs -----------------------------------------------------------------------------------------

@cache
def _verb_classes() -> dict[str, frozenset[str]]:
    out: dict[str, set[str]] = {}
    for kind, words in table("verbclasses"):
        out.setdefault(kind, set()).update(words.split())
    return {kind: frozenset(words) for kind, words in out.items()}


@cache
def entry_verb(entry: str) -> Verb:
    """A verb of the tables: `auf|stehen`, `sich+erheben`, `warten:auf+A`, `wollen!`, `@gern`."""
    if entry.startswith("@"):
        return Verb(entry[1:], "", "", "", "@", False)
    word, _, governs = entry.partition(":")
    reflexive = ""
    if word.startswith("sich"):
        mark, _, word = word.partition("+")
        reflexive = "D" if mark == "sich3" else "A"
    if word.endswith("!"):
        word, governs = word[:-1], "!"
    prefix, _, base = word.rpartition("|")
    return Verb(prefix + base, prefix, base, reflexive, governs, word in _verb_classes()["sein"])


@cache
def verb(sense: str) -> Verb:
    """The German verb for an English verb's sense; a sense of the same verb and frame serves where that very one is not listed.

    Raises ValueError where the lexicon lacks it.
    """
    lemma, _, classes = sense.partition(":")
    known = pairs("verbs")
    entry = known.get((classes, lemma))
    if entry is None:
        frame = classes.split("-")[0]
        entry = next((german for (key, english), german in known.items() if english == lemma and key.split("-")[0] == frame), None)
    if entry is None:
        raise lacking("verb", sense)
    return entry_verb(entry)


@cache
def light_verb(sense: str, concept: str, cls: str) -> Verb:
    """The verb that goes with a noun: einen Spaziergang machen, ein Gespräch führen."""
    entry = pairs("light").get((cls, concept))
    return entry_verb(entry) if entry else verb(sense)


# --- the rest --------------------------------------------------------------------------------------

@cache
def adjective(concept: str, cls: str = "-") -> str:
    known = pairs("adjectives")
    cls = "human" if cls == "role" else cls.split(".")[0]
    german = known.get((cls, concept)) or known.get(("-", concept))
    if german is None:
        raise lacking("adjective", concept)
    return german


@cache
def adverb(concept: str) -> str:
    german = pairs("adverbs").get(("", concept))
    if german is None:
        raise lacking("adverb", concept)
    return german


def interjection(concept: str) -> str:
    """The interjection for an English one, "" where the concept is none."""
    return pairs("adverbs").get(("interjection", concept), "")


KEPT = frozenset(("female", "male", "surname", "company"))


@cache
def name(concept: str, cls: str = "") -> str:
    """A proper name, a number, a nationality, a month or day; people and companies keep their names."""
    if cls in KEPT:
        return concept
    known = pairs("names")
    german = known.get((cls, concept)) or next((word for (_, english), word in known.items() if english == concept), None)
    if german is None:
        raise lacking("name", concept)
    return german


@cache
def participle(concept: str, which: str, cls: str) -> str:
    """The participle that stands before a noun: gestohlen, schlafend."""
    known = pairs("participles")
    german = known.get((which, f"{concept}:{cls.split('.')[0]}")) or known.get((which, concept))
    if german is None:
        raise lacking("participle", f"{concept} ({which})")
    return german
