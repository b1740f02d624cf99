"""Spanish words: what each concept of the English lexicon is called, with gender, government and use; suffixes."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache, partial

from ..english import words as english
from ..lexicon import pairs, read_table
from .inflection import feminine, plural

__all__ = ["Adjective", "Noun", "Verb", "adjectives", "adverbs", "any_class", "lookup", "name", "nouns", "participles", "proper_names", "suffix_of", "verbs"]


table = partial(read_table, __package__)


@dataclass(frozen=True)
class Noun:
    """gender: Masc, Fem or "" (both: la estudiante); feminine: the form for a woman where it differs; only: a number."""

    lemma: str
    gender: str
    feminine: str = ""
    only: str = ""
    light: str = ""  # the verb of a light construction: dar un paseo

    def form(self, gender: str, number: str) -> str:
        base = self.feminine if self.feminine and gender == "Fem" else self.lemma
        return plural(base) if number == "Plur" else base


@dataclass(frozen=True)
class Verb:
    """governs: "" a direct object, "-" the same where English has a preposition, else the preposition of its object or clause."""

    lemma: str
    pronominal: bool = False
    governs: str = ""
    control: str = ""  # how it takes a person and a verb: dat (le pide que vaya), que (quiere que vaya), a, para; ing: a gerund
    experiencer: bool = False  # whoever feels is its indirect object: le gusta el vino
    stative: bool = False
    subjunctive: bool = False
    rest: str = ""  # darse cuenta


@dataclass(frozen=True)
class Adjective:
    lemma: str
    copula: str
    before: str = ""  # "^" stands before its noun, "~" may
    graded: bool = True


def lookup(entries: dict, concept, kind: str):
    """The words for a concept. Raises ValueError, naming it, where the lexicon has none."""
    if concept not in entries:
        raise ValueError(f"the Spanish lexicon has no {kind} for {concept!r}; add it to the table of {kind}s")
    return entries[concept]


_FEMININE = re.compile(r"(a|ión|[dt]ad|tud|umbre)$")


def _noun(entry: str) -> Noun:
    word, gender, feminine_form, only, light = re.match(r"([^:/!@]+)(?::(\w))?(?:/(\w+))?(?:!(\w))?(?:@(\w+))?$", entry).groups(default="")
    if feminine_form == "a":
        feminine_form = feminine(word, noun=True)
    gender = {"m": "Masc", "f": "Fem", "c": ""}[gender] if gender else "" if feminine_form else "Fem" if _FEMININE.search(word) else "Masc"
    return Noun(word, gender, feminine_form, {"s": "Sing", "p": "Plur"}.get(only, ""), light)


@cache
def nouns() -> dict[tuple[str, str], tuple[Noun, ...]]:
    """(concept, class) → nouns, the usual one first."""
    return {(concept, cls): tuple(map(_noun, words.split("|"))) for cls, cell in table("nouns") for concept, words in pairs(cell)}


@cache
def any_class() -> dict[str, Noun]:
    """Concept → a noun, whatever its class (before another noun: una mesa de cocina)."""
    out: dict[str, Noun] = {}
    for (concept, _), entries in nouns().items():
        out.setdefault(concept, entries[0])
    return out


def _verb(entry: str) -> Verb:
    experiencer, word, governs, control, marks = re.match(r"(<?)([^>@*+]+)(?:>([^@*+]+))?(?:@(\w+))?([*+]*)$", entry).groups(default="")
    lemma, _, rest = word.partition("_")
    pronominal = bool(re.search(r"[aeií]rse$", lemma))
    return Verb(lemma[:-2] if pronominal else lemma, pronominal, governs, control, bool(experiencer), "*" in marks, "+" in marks, rest)


@cache
def verbs() -> dict[str, tuple[Verb, ...]]:
    """Sense → verbs."""
    return {f"{concept}:{key}": tuple(_verb(entry) for entry in words.split("|")) for key, cell in table("verbs") for concept, words in pairs(cell)}


@cache
def adjectives() -> dict[str, tuple[Adjective, ...]]:
    out = {}
    for copula, cell in table("adjectives"):
        for concept, words in pairs(cell):
            graded = "!" not in words
            out[concept] = tuple(Adjective(w.strip("^~!"), copula, w[-1:] if w[-1:] in "^~" else w.rstrip("!")[-1:] if w.rstrip("!")[-1:] in "^~" else "", graded) for w in words.split("|"))
    return out


@cache
def adverbs() -> dict[str, tuple[tuple[str, ...], ...]]:
    """Concept → adverbs, each a tuple of words."""
    return {concept: tuple(tuple(w.split("_")) for w in words.split("|")) for (cell,) in table("adverbs") for concept, words in pairs(cell)}


_SHARED = ("female", "male", "surname", "company")


@cache
def _names() -> dict[str, dict[str, str]]:
    return {cls: dict(pairs(cell)) for cls, cell in table("names")}


def name(cls: str, concept: str) -> str:
    """A proper name, or another word of the table of names, in its Spanish form; people and companies keep their names."""
    return concept if cls in _SHARED else lookup(_names()[cls], concept, f"{cls} name")


def proper_names() -> list[str]:
    """Names of people, companies, cities and countries."""
    return [word for cls in _SHARED for word in english.names()[cls]] + [word for cls in ("city", "country") for word in _names()[cls].values()]


@cache
def participles() -> dict[tuple[str, str], str]:
    """(concept, past or pres) → verb, or an adjective that says the same."""
    return {(concept, kind): verb for kind, cell in table("participles") for concept, verb in pairs(cell)}


# --- suffixes --------------------------------------------------------------------------------------

_VERBAL = {
    "VMN": "ar er ir ír", "VMG": "ando iendo yendo", "VMP": "ado ada ados adas ido ida idos idas",
    "VMIP": "amos áis emos éis imos ís", "VMIS": "aste ó amos asteis aron é í iste ió imos isteis ieron", "VMII": "aba abas ábamos abais aban ía ías íamos íais ían",
    "VMIF": "aré arás ará aremos aréis arán eré erás erá eremos eréis erán iré irás irá iremos iréis irán",
    "VMIC": "aría arías aríamos aríais arían ería erías eríamos eríais erían iría irías iríamos iríais irían",
    "VMSP": "emos éis amos áis", "VMSI": "ara aras áramos arais aran iera ieras iéramos ierais ieran", "VMM": "ad ed id",
}
_ENDINGS = {tag: sorted(endings.split(), key=lambda e: (-len(e), e)) for tag, endings in _VERBAL.items()}
_DERIVATION = {"N": "ación ción sión miento dad tad eza ura ista dor dora ero era anza ería".split(), "A": "oso osa able ible ante iente ivo iva al".split(), "R": ["mente"]}


def suffix_of(leaf) -> str:
    """The suffix of a word, inflectional before derivational (Durrani 2023's suffix task); "" where it has none."""
    return _suffix(leaf.word.lower(), leaf.lemma.lower(), leaf.xpos)


@cache
def _suffix(word: str, lemma: str, xpos: str) -> str:
    tag = re.sub(r"^V[AS]", "VM", xpos)
    for key in (tag, tag[:4], tag[:3]):
        if key in _ENDINGS and lemma not in ("ser", "ir", "haber", "estar"):
            return next(("-" + e for e in _ENDINGS[key] if word.endswith(e) and len(word) > len(e) + 1), "")
    if xpos[:2] in ("NC", "AQ"):
        if xpos.endswith("P") and word != lemma and word.endswith("s"):
            return "-es" if word.endswith("es") and not lemma.endswith(("e", "é")) else "-s"
    kind = xpos[:1] if xpos[:2] in ("NC", "AQ", "RG") else ""
    return next(("-" + e for e in _DERIVATION.get(kind, ()) if lemma.endswith(e) and len(lemma) > len(e) + 2), "")
