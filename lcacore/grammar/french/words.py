"""French words: how each English concept is said, read from the lexicon's tables into typed entries.

A concept that is missing raises ValueError with its name: the lexicon is complete for the English tables
(tests/test_grammar_french.py holds it to that).
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache, partial

from ..english import words as english
from ..lexicon import pairs, read_table
from .inflection import feminine, plural, plural_adjective

__all__ = ["Adjective", "Noun", "Verb", "adjective", "adverb", "name", "noun", "noun_anywhere", "participles", "suffix_of", "verb"]


table = partial(read_table, __package__)


@dataclass(frozen=True)
class Noun:
    """gender is that of the thing; of a person, `women` is the noun for a woman ("" where the noun has one gender)."""

    lemma: str
    many: str
    gender: str
    women: str = ""
    mass: bool = False
    plural_only: bool = False
    singular_only: bool = False
    tail: tuple[str, str, str] = ()  # preposition, word, its gender: pomme de terre
    place: str = ""  # the preposition for being there
    act: str = ""  # the verb that goes with an act: faire une promenade
    definite: bool = False  # … with the definite article: faire la cuisine

    def form(self, gender: str, number: str) -> str:
        """The noun for somebody of a gender (or for a thing)."""
        if gender == "Fem" and self.women:
            return plural(self.women) if number == "Plur" else self.women
        return self.many if number == "Plur" else self.lemma


@dataclass(frozen=True)
class Adjective:
    lemma: str
    before: bool
    women: str
    material: str = ""  # en bois: the noun

    def form(self, gender: str, number: str) -> str:
        word = self.women if gender == "Fem" else self.lemma
        return plural_adjective(word, gender) if number == "Plur" else word


@dataclass(frozen=True)
class Verb:
    """object: the preposition of its object or oblique ("" as the relation has it, "0" none, "@" that of the place)."""

    lemma: str
    frame: str
    pronominal: bool = False
    body: bool = False
    tail: str = ""
    object: str = ""
    link: str = ""
    tonic: bool = False

    @property
    def direct(self) -> bool:
        """Whether its object is a direct one."""
        return self.object in ("", "0") and not self.tail


@cache
def nouns() -> dict[tuple[str, str], Noun]:
    return {(cls, concept): _noun(spec) for cls, cell in table("nouns") for concept, spec in pairs(cell)}


def _noun(spec: str) -> Noun:
    spec, _, use = spec.partition("@")
    definite = use.endswith("#")
    use = use.rstrip("#")
    marks = spec[-1] if spec[-1] in "~*!" else ""
    spec, _, irregular = spec.rstrip("~*!").partition(":")
    head, women, gender = spec, "", "Masc"
    if "/" in spec:
        head, women = spec.split("/")
        women = {"e": head + "e", "=": head}.get(women, women)
    else:
        head, gender = spec.rsplit(".", 1)
        gender = {"m": "Masc", "f": "Fem"}[gender]
    tail: tuple = ()
    if "_" in head:
        head, preposition, last = head.split("_")
        word, kind = re.fullmatch(r"(.+)\((.+)\)", last).groups()
        tail = (preposition, word, kind)
    many = irregular or plural(head)
    if marks == "*":  # the table has the plural
        many, head = head, {"honoraires": "honoraire"}.get(head, head[:-1])
    act = use if use not in ("à", "en", "dans", "sur") else ""
    return Noun(head, many, gender, women, marks == "~", marks == "*", marks == "!", tail, use if not act else "", act, definite)


def noun(cls: str, concept: str) -> Noun:
    """How a noun of a class is said. Raises ValueError where the lexicon lacks it."""
    try:
        return nouns()[cls, concept]
    except KeyError:
        raise ValueError(f"the French lexicon lacks the noun {concept!r} of class {cls!r}; add it to lexicon/nouns.tsv") from None


@cache
def relatives() -> frozenset[str]:
    """People at home, who are no profession: elle est médecin, but elle est une enfant."""
    return frozenset(n.lemma for n in english.nouns() if n.cls == "role" and n.domain == "home")


@cache
def noun_anywhere(concept: str) -> Noun:
    """A noun of whatever class, compounds' first members before the rest. Raises ValueError where the lexicon lacks it."""
    for cls in ("compound", *sorted({cls for cls, _ in nouns()})):
        if (cls, concept) in nouns():
            return nouns()[cls, concept]
    raise ValueError(f"the French lexicon lacks the noun {concept!r}; add it to lexicon/nouns.tsv, class compound")


@cache
def adjectives() -> dict[str, Adjective]:
    return {concept: _adjective(spec) for (cell,) in table("adjectives") for concept, spec in pairs(cell)}


def _adjective(spec: str) -> Adjective:
    spec, _, irregular = spec.partition(":")
    before = spec.endswith("<")
    word = spec.rstrip("<")
    if "_" in word:
        return Adjective(word, False, word, word.partition("_")[2])
    return Adjective(word, before, irregular or feminine(word))


@cache
def adjective(concept: str, cls: str = "") -> Adjective:
    """How an adjective is said of something of a class. Raises ValueError where the lexicon lacks it."""
    base = cls.split(".")[0]
    for key in (f"{'human' if base == 'role' else base}:{concept}", concept):
        if key in adjectives():
            return adjectives()[key]
    raise ValueError(f"the French lexicon lacks the adjective {concept!r}; add it to lexicon/adjectives.tsv")


@cache
def verbs() -> dict[str, Verb]:
    out = {}
    for frame, subjects, objects, marks, cell in table("verbs"):
        for concept, spec in pairs(cell):
            sense = f"{concept}:" + "-".join(part for part in (frame, subjects, objects, marks) if part)
            out[sense] = _verb(spec, frame)
    return out


def _verb(spec: str, frame: str) -> Verb:
    word, *government = spec.split(">")
    word, _, tail = word.partition("+")
    body, word = word.endswith("^"), word.rstrip("^")
    pronominal = word.startswith(("se_", "s'_"))
    if pronominal:
        word = word.split("_", 1)[1]
    government += [""] * (2 - len(government))
    tonic = government[0].endswith("!")
    return Verb(word, frame, pronominal, body, tail, government[0].rstrip("!").replace("_", " "), government[1].replace("_", " "), tonic)


def verb(sense: str) -> Verb:
    """How a verb's sense is said. Raises ValueError where the lexicon lacks it."""
    try:
        return verbs()[sense]
    except KeyError:
        raise ValueError(f"the French lexicon lacks the verb sense {sense!r}; add it to lexicon/verbs.tsv") from None


@cache
def adverbs() -> dict[str, dict[str, str]]:
    return {cls: dict(pairs(cell)) for cls, cell in table("adverbs")}


def adverb(cls: str, concept: str) -> str:
    """How an adverb is said. Raises ValueError where the lexicon lacks it."""
    try:
        return adverbs()[cls][concept]
    except KeyError:
        raise ValueError(f"the French lexicon lacks the adverb {concept!r} of class {cls!r}; add it to lexicon/adverbs.tsv") from None


_KEPT = ("female", "male", "surname", "company")


@cache
def names() -> dict[str, dict[str, str]]:
    return {cls: dict(pairs(cell)) for cls, cell in table("names")}


def name(cls: str, concept: str) -> str:
    """How a name, a weekday, a nationality or a number is said; people and companies keep theirs.

    Raises ValueError where the lexicon lacks it.
    """
    if cls in _KEPT:
        return concept
    try:
        return names()[cls][concept]
    except KeyError:
        raise ValueError(f"the French lexicon lacks the name {concept!r} of class {cls!r}; add it to lexicon/names.tsv") from None


@cache
def participles() -> dict[tuple[str, str], str]:
    """(English verb, "past" or "pres") → the participle or adjective."""
    return {(concept, tense): word for tense, cell in table("participles") for concept, word in pairs(cell)}


@cache
def withheld(every: int) -> frozenset[str]:
    """Lemmas of middle and low rank, every so many of a shuffled list: see `clauses.withheld`."""
    from random import Random

    from ..english.choices import noun_choices

    common = {n.lemma for n in english.nouns() if noun_choices()[n.cls, n.domain].items.index(n) < 2}
    kept = {n.lemma for (_, concept), n in nouns().items() if concept in common} | {"prendre", "mettre", "faire", "aller"}
    kept |= {verbs()[v.sense].lemma for v in english.verbs() if v.rank < 2 or v.lemma in english.stative()}
    words = {n.lemma for n in nouns().values()} | {v.lemma for v in verbs().values()} | {a.lemma for a in adjectives().values() if not a.material}
    for cls in (*_KEPT, "city", "country", "nationality"):
        words |= {name(cls, concept).partition(".")[0] for concept in english.names()[cls][4:]}
    ordered = sorted(words - kept)
    Random("lcacore/fr/withheld").shuffle(ordered)
    return frozenset(ordered[::every])


# --- suffixes --------------------------------------------------------------------------------------

_ENDINGS = {
    "VINF": ("er", "ir", "oir", "re"), "VPR": ("ant",), "VPP": ("ées", "és", "ée", "é", "ies", "is", "ie", "i", "ues", "us", "ue", "u"),
    "imp": ("aient", "ions", "iez", "ais", "ait"), "fut": ("rons", "rez", "ront", "rai", "ras", "ra"), "cnd": ("raient", "rions", "riez", "rais", "rait"),
    "ps": ("èrent", "irent", "urent", "inrent"), "pres": ("ons", "ez", "ent"), "sub": ("ions", "iez", "ent"), "imper": ("ons", "ez"),
}
_DERIVATION = ("tion", "sion", "ment", "eur", "eure", "euse", "trice", "iste", "ien", "ienne", "ier", "ière", "ité", "té", "esse", "ence", "ance", "ure", "age", "ade", "able", "ible", "eux", "if", "ive", "ique", "al", "ais", "ois", "ain")
_NOMINAL = frozenset("tion sion ment eur eure euse trice iste ien ienne ier ière ité esse ence ance ure age ade".split())
_ADJECTIVAL = frozenset("able ible eux euse if ive ique al ais ois ain".split())
_OPAQUE = frozenset(
    "fleur cœur sœur heure peur douleur couleur chaleur image page plage village visage garage orage nuage fromage bagage passage étage âge cage moment ciment document "
    "appartement parlement bâtiment rivière lumière bière cuisinière frontière premier papier escalier panier acier février janvier collier calendrier fermier quartier métier "
    "chien bien rien lien viande france danse chance balance ambiance silence science pain main demain train bain grain terrain métal journal cheval animal hôpital canal "
    "général amiral cathédrale salade promenade malade camarade stade ambassade figure voiture nature mesure facture chaussure heureux vieux cheveux messe caisse presse vitesse "
    "jeunesse caresse adresse promesse coureur intérieur extérieur ingénieur mineur odeur valeur erreur lueur sueur vapeur ordinateur tracteur moteur meilleur plusieurs "
    "vite suite ite cité été côté marché café thé pré blé clé difficulté poste liste piste artiste triste musique fabrique brique boutique publique unique jamais frais mais palais "
    "atelier bouclier cahier grenier courtier invité comité traité entretien rumeur bonheur expérience audience patience courage message poussière prière couverture soudain nation balade "
    "anglais mauvais niais épais fois bois mois trois roi noix voix ville final violence agence distance ordonnance abricot sage bandage ménage village page sauvage".split()
)


def suffix_of(leaf) -> str:
    """The suffix of a word: inflectional before derivational (Durrani 2023's suffix task); "" where it has none."""
    word, lemma, upos = leaf.word.lower(), leaf.lemma, leaf.upos
    if upos in ("VERB", "AUX"):
        return _verbal(word, lemma, leaf.feats) if lemma not in ("être", "avoir") else ""
    if upos == "ADV":
        return "-ment" if word.endswith("ment") and len(word) > 6 and word != "comment" else ""
    if upos not in ("NOUN", "ADJ"):
        return ""
    return _derived(word, lemma, upos, "Number=Plur" in leaf.feats)


@cache
def _verbal(word: str, lemma: str, feats: str) -> str:
    if "VerbForm=Inf" in feats:
        kind = "VINF"
    elif "VerbForm=Part" in feats:
        kind = "VPR" if "Tense=Pres" in feats else "VPP"
    elif "Mood=Cnd" in feats:
        kind = "cnd"
    elif "Mood=Sub" in feats:
        kind = "sub"
    elif "Mood=Imp" in feats:
        kind = "imper"
    else:
        kind = {"Imp": "imp", "Fut": "fut", "Past": "ps"}.get(re.search(r"Tense=(\w+)", feats)[1], "pres")
    for ending in _ENDINGS[kind]:
        if word.endswith(ending) and len(word) > len(ending) + 1:
            return "-" + (ending[1:] if kind in ("fut", "cnd") else ending)
    return ""


@cache
def _derived(word: str, lemma: str, upos: str, many: bool) -> str:
    base = word[:-1] if many and word.endswith("s") else word
    if lemma in _OPAQUE or base in _OPAQUE or len(base) < 6:
        return "-s" if many and word != lemma and word.endswith("s") else "-x" if many and word != lemma and word.endswith("x") else ""
    for ending in sorted(_DERIVATION, key=len, reverse=True):
        if base.endswith(ending) and ending in (_NOMINAL if upos == "NOUN" else _ADJECTIVAL):
            return "-" + ending
    return "-s" if many and word != lemma and word.endswith("s") else "-x" if many and word != lemma and word.endswith("x") else ""
