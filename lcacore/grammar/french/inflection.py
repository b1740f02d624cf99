"""French inflection: conjugation of the three groups and of the irregular verbs; plurals, feminines, elision.

A conjugation gives six forms (je, tu, il, nous, vous, ils) or, for the imperative, three (tu, nous, vous).
What is not irregular follows from a few stems, as school grammars teach it: the imperfect and the present
participle from the form of *nous*, the subjunctive from that of *ils*, the conditional from the future.
"""

from __future__ import annotations

import re
from functools import cache

from ..lexicon import read_table

__all__ = ["auxiliary", "conjugate", "elides", "feminine", "participle", "plural", "plural_adjective"]

# tenses that `conjugate` knows: present, imperfect, past historic, future, conditional, subjunctive, imperative
TENSES = ("pres", "imp", "ps", "fut", "cnd", "sub", "imper")

_FUTURE = ("ai", "as", "a", "ons", "ez", "ont")
_IMPERFECT = ("ais", "ais", "ait", "ions", "iez", "aient")
_PAST_HISTORIC = {
    "ai": ("ai", "as", "a", "âmes", "âtes", "èrent"),
    "is": ("is", "is", "it", "îmes", "îtes", "irent"),
    "us": ("us", "us", "ut", "ûmes", "ûtes", "urent"),
    "ins": ("ins", "ins", "int", "înmes", "întes", "inrent"),
}
# -eler and -eter that double their consonant; the others take a grave accent
_DOUBLING = frozenset("appeler rappeler jeter rejeter projeter feuilleter épeler étinceler".split())
_ETRE = frozenset(
    "aller venir revenir devenir parvenir intervenir arriver entrer rentrer partir repartir sortir ressortir rester retourner tomber "
    "monter descendre naître mourir décéder demeurer".split()
)


def _soft(stem: str, ending: str) -> str:
    """c and g keep their sound before a and o: commençons, mangeait."""
    if ending[0] in "aoâ":
        if stem.endswith("c"):
            return stem[:-1] + "ç" + ending
        if stem.endswith("g"):
            return stem + "e" + ending
    return stem + ending


def _stressed(lemma: str, stem: str) -> tuple[str, str]:
    """The stem of an -er verb before a mute ending, and that of its future."""
    if lemma in _DOUBLING:
        strong = stem + stem[-1]
    elif re.search(r"e(?:[bcdfglmnpqrstvz]|vr|ch)$", stem):
        i = stem.rindex("e")
        strong = stem[:i] + "è" + stem[i + 1 :]
    elif re.search(r"é(?:[bcdfgjlmnpqrstvz]|gu|qu|br|tr|gl|gn|ch)$", stem):
        i = stem.rindex("é")
        return stem[:i] + "è" + stem[i + 1 :], stem + "er"
    elif stem.endswith("y"):
        strong = stem[:-1] + "i"
    else:
        strong = stem
    return strong, strong + "er"


@cache
def _irregular() -> dict[str, tuple[str, ...]]:
    out = {}
    for lemma, prefixes, *forms in read_table(__package__, "irregular"):
        out[lemma] = tuple(forms)
        for prefix in prefixes.split():
            out.setdefault(prefix + lemma, tuple(" ".join(prefix + form if form != "-" else form for form in cell.split()) for cell in forms))
    return out


@cache
def _principal(lemma: str) -> tuple:
    """(present, future stem, past participle, past historic, subjunctive, present participle, imperative); None: by rule."""
    if lemma in _irregular():
        present, future, participle, past, subjunctive, gerund, imperative = _irregular()[lemma]
        given = [None if cell == "-" else tuple(cell.split()) for cell in (subjunctive, imperative)]
        return tuple(present.split()), future, participle, past, given[0], None if gerund == "-" else gerund, given[1]
    if lemma.endswith("er"):
        stem = lemma[:-2]
        strong, future = _stressed(lemma, stem)
        if lemma.endswith("envoyer"):
            future = stem[:-2] + "err"  # j'enverrai
        present = (strong + "e", strong + "es", strong + "e", _soft(stem, "ons"), stem + "ez", strong + "ent")
        return present, future, stem + "é", _soft(stem, "ai"), None, None, None
    if lemma.endswith("ir"):
        stem = lemma[:-1]
        return tuple(stem + e for e in ("s", "s", "t", "ssons", "ssez", "ssent")), lemma, stem, stem + "s", None, None, None
    if lemma.endswith("indre"):
        stem, soft = lemma[:-3], lemma[:-4] + "gn"
        return (stem + "s", stem + "s", stem + "t", soft + "ons", soft + "ez", soft + "ent"), lemma[:-1], stem + "t", soft + "is", None, None, None
    if lemma.endswith("uire"):
        stem = lemma[:-2]
        return (stem + "s", stem + "s", stem + "t", stem + "sons", stem + "sez", stem + "sent"), lemma[:-1], stem + "t", stem + "sis", None, None, None
    if lemma.endswith("aître"):
        stem = lemma[:-5]
        return (stem + "ais", stem + "ais", lemma[:-3] + "t", *(stem + "aiss" + e for e in ("ons", "ez", "ent"))), lemma[:-1], stem + "u", stem + "us", None, None, None
    if lemma.endswith("dre"):
        stem = lemma[:-2]
        return (stem + "s", stem + "s", stem, stem + "ons", stem + "ez", stem + "ent"), lemma[:-1], stem + "u", stem + "is", None, None, None
    raise ValueError(f"no conjugation for {lemma!r}: it ends in neither -er, -ir nor -re as known; add it to lexicon/irregular.tsv")


@cache
def conjugate(lemma: str, tense: str) -> tuple[str, ...]:
    """The forms of a verb in one of `TENSES`. Raises ValueError for a tense or a verb that there is no rule for."""
    present, future, _, past, subjunctive, _, imperative = _principal(lemma)
    if tense == "pres":
        return present
    if tense == "fut":
        return tuple([future + e for e in _FUTURE])
    if tense == "cnd":
        return tuple([future + e for e in _IMPERFECT])
    nous, ils = ("ét", "") if lemma == "être" else (present[3][:-3], present[5][:-3] if present[5].endswith("ent") else "")
    if tense == "imp":
        # mangeons but mangions, commençons but commencions
        soft = re.sub("ç$", "c", re.sub("ge$", "g", nous)) if lemma.endswith(("ger", "cer")) else nous
        return tuple([(soft if e[0] == "i" else nous) + e for e in _IMPERFECT])
    if tense == "sub":
        if subjunctive:
            return subjunctive
        weak = conjugate(lemma, "imp")
        return ils + "e", ils + "es", ils + "e", weak[3], weak[4], ils + "ent"
    if tense == "ps":
        kind = next(k for k in ("ins", "ai", "is", "us") if past.endswith(k))
        stem = past[: -len(kind)]
        weak = re.sub("ç$", "c", re.sub("ge$", "g", stem)) if lemma.endswith(("ger", "cer")) else stem
        return tuple([(weak if e[0] in "eè" else stem) + e for e in _PAST_HISTORIC[kind]])
    if tense == "imper":
        second = present[1]
        if lemma.endswith("er") or present[1].endswith("es"):
            second = second[:-1]  # mange, ouvre
        return imperative or (second, present[3], present[4])
    raise ValueError(f"no tense {tense!r}; there are {', '.join(TENSES)}")


@cache
def participle(lemma: str, tense: str, gender: str = "Masc", number: str = "Sing") -> str:
    """The past ("past") or present ("pres") participle of a verb; the past one agrees."""
    principal = _principal(lemma)
    if tense == "pres":
        return principal[5] or principal[0][3][:-3] + "ant"
    form = principal[2]
    if gender == "Fem":
        form = {"dû": "due"}.get(form, form + "e")
    elif form == "dû" and number == "Plur":
        form = "dus"
    return form + "s" if number == "Plur" and not form.endswith("s") else form


def auxiliary(lemma: str, *, pronominal=False, transitive=False) -> str:
    """être or avoir, for the compound tenses."""
    return "être" if pronominal or (lemma in _ETRE and not transitive) else "avoir"


# --- nouns and adjectives --------------------------------------------------------------------------

_OU = frozenset("bijou caillou chou genou hibou joujou pou".split())
_ALS = frozenset("bal carnaval festival récital régal".split())
_AILS = {"travail": "travaux", "vitrail": "vitraux"}


@cache
def plural(noun: str) -> str:
    """The plural of a noun by rule."""
    if noun[-1] in "sxz":
        return noun
    if noun in _AILS:
        return _AILS[noun]
    if noun.endswith("al") and noun not in _ALS:
        return noun[:-2] + "aux"
    if (noun.endswith(("eau", "au", "eu")) and noun not in ("pneu", "bleu")) or noun in _OU:
        return noun + "x"
    return noun + "s"


_FEMININE = {
    "beau": "belle", "nouveau": "nouvelle", "vieux": "vieille", "blanc": "blanche", "franc": "franche", "sec": "sèche", "frais": "fraîche", "long": "longue",
    "doux": "douce", "roux": "rousse", "public": "publique", "gros": "grosse", "bas": "basse", "épais": "épaisse", "bon": "bonne", "gentil": "gentille",
    "fou": "folle", "favori": "favorite", "grec": "grecque", "turc": "turque", "malin": "maligne", "jumeau": "jumelle", "final": "finale", "rieur": "rieuse",
}
_GRAVE = frozenset("complet discret inquiet secret concret".split())


@cache
def feminine(adjective: str) -> str:
    """The feminine singular of an adjective."""
    if adjective in _FEMININE:
        return _FEMININE[adjective]
    if adjective.endswith("e"):
        return adjective
    if adjective in _GRAVE:
        return adjective[:-2] + "ète"
    if adjective.endswith("x"):
        return adjective[:-1] + "se"
    if adjective.endswith("er"):
        return adjective[:-2] + "ère"
    if adjective.endswith("f"):
        return adjective[:-1] + "ve"
    if adjective.endswith(("el", "en", "on", "et", "eil")):
        return adjective + adjective[-1] + "e"
    return adjective + "e"


@cache
def plural_adjective(adjective: str, gender: str) -> str:
    """The plural of an adjective's singular form of that gender."""
    if gender == "Masc" and adjective.endswith("al"):
        return adjective[:-2] + "als" if adjective in ("final", "fatal", "banal") else adjective[:-2] + "aux"
    if gender == "Masc" and adjective.endswith("eau"):
        return adjective + "x"
    return adjective if adjective[-1] in "sx" else adjective + "s"


# --- elision ---------------------------------------------------------------------------------------

# words whose h is said to be aspirated, and onze: nothing is elided before them
_ASPIRATED = re.compile(r"(?:héros$|hach|haricot|hibou|hamster|harp|hasard|haut|hont|hurl|hain|hanch|hockey|hangar|hall|harcel|hocher|hérisson|homard|honda|hongr|hollan|huit|hors|heurt|hors|onz|oui|yacht|whisky|yaourt|y$)")


@cache
def elides(word: str) -> bool:
    """Whether a word before this one loses its vowel: l'ami, j'habite, but le héros."""
    word = word.lower()
    if word == "y":
        return True
    return word[0] in "aeiouhâàéèêëîïôöûùœæ" and not _ASPIRATED.match(word)
