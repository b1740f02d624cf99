"""German inflection: nouns, determiners, adjectives, verbs, and the suffix that a word shows."""

from __future__ import annotations

import re
from functools import cache

from .words import Noun, _verb_classes, table, umlaut

__all__ = ["adjective_ending", "compared", "conjugate", "determiner_ending", "infinitive", "noun_form", "participle", "suffix_of"]

CASES = ("Nom", "Acc", "Dat", "Gen")

# --- nouns, determiners, adjectives ----------------------------------------------------------------


@cache
def noun_form(noun: Noun, number: str, case: str) -> str:
    """One form of a noun (not of one that declines as an adjective)."""
    if number == "Plur":
        plural = noun.plural
        return plural + "n" if case == "Dat" and plural[-1] not in "ns" else plural
    if case == "Nom" or noun.gender == "Fem":
        return noun.lemma
    weak = noun.genitive in ("n", "en", "ns")
    if case == "Gen":
        return noun.lemma + noun.genitive
    return noun.lemma + noun.genitive.rstrip("s") if weak else noun.lemma


def _paradigm(text: str) -> dict[tuple[str, str], str]:
    """Rows of endings, Masc Fem Neut Plur, each Nom Acc Dat Gen."""
    rows = [row.split() for row in text.split("/")]
    return {(gender, case): ending.replace("-", "") for gender, row in zip(("Masc", "Fem", "Neut", "Plur"), rows, strict=True) for case, ending in zip(CASES, row, strict=True)}


_DER = _paradigm("der den dem des / die die der der / das das dem des / die die den der")
_DIESER = _paradigm("er en em es / e e er er / es es em es / e e en er")
_EIN = _paradigm("- en em es / e e er er / - - em es / e e en er")
_ADJECTIVE = {
    "weak": _paradigm("e en en en / e e en en / e e en en / en en en en"),
    "mixed": _paradigm("er en en en / e e en en / es es en en / en en en en"),
    "strong": _paradigm("er en em en / e e er er / es es em en / e e en er"),
}


def determiner_ending(kind: str, gender: str, case: str) -> str:
    """kind "der": the whole article; "dieser", "ein": the ending. gender: Masc, Fem, Neut or Plur."""
    return {"der": _DER, "dieser": _DIESER, "ein": _EIN}[kind][gender, case]


def adjective_ending(declension: str, gender: str, case: str) -> str:
    """declension: weak after der, mixed after ein, strong after nothing."""
    return _ADJECTIVE[declension][gender, case]


@cache
def adjective_stem(adjective: str) -> str:
    """The stem before an ending: hoh-, dunkl-, teur-."""
    if adjective == "hoch":
        return "hoh"
    if adjective.endswith("el"):
        return adjective[:-2] + "l"
    if re.search(r"(eu|au)er$", adjective):
        return adjective[:-2] + "r"
    return adjective.removesuffix("e")


@cache
def _degrees() -> tuple[frozenset[str], dict[str, tuple[str, str]]]:
    rows = table("degrees")
    return frozenset(rows[0][1].split()), {row[0]: (row[1], row[2]) for row in rows[1:]}


@cache
def compared(adjective: str, degree: str) -> str:
    """Comparative ("Cmp") or superlative ("Sup") without ending: älter, ältest."""
    umlauting, irregular = _degrees()
    if adjective in irregular:
        return irregular[adjective][degree == "Sup"]
    stem = umlaut(adjective) if adjective in umlauting else adjective
    if degree == "Cmp":
        return adjective_stem(stem) + "er"
    plain = stem.endswith("end") or (stem.endswith("isch") and stem != "frisch") or not re.search(r"(t|d|s|ß|z|x|sch|eu|au)$", stem)
    return stem + ("st" if plain else "est")


# --- verbs -----------------------------------------------------------------------------------------

@cache
def _strong() -> dict[str, tuple[str, ...]]:
    return {row[0]: row[1:] for row in table("strong")}


_INSEPARABLE = re.compile(r"(be|ge|er|ver|zer|ent|emp|miss)(.*[aeiouäöüy].*e?n)$")


@cache
def _split(base: str) -> tuple[str, str]:
    """(inseparable prefix, rest) of a verb without its separable one."""
    if base in _strong() and _strong()[base][0][:2] == base[:2] and base not in ("erwägen",):
        return "", base
    if base in _verb_classes()["inseparable"]:
        for prefix in ("über", "unter", "um", "voll"):
            if base.startswith(prefix):
                return prefix, base[len(prefix) :]
    found = _INSEPARABLE.match(base)
    if found and re.search("[aeiouäöüy]", re.sub("e?n$", "", found[2])):
        return found[1], found[2]
    return "", base


@cache
def _principal(lemma: str, base: str) -> tuple[str, str, str, str, str]:
    """(stem, third person, preterite, participle, subjunctive) of a verb, without its separable prefix."""
    key = lemma if lemma in _strong() else base
    prefix, rest = _split(base)
    if key not in _strong() and base not in _verb_classes()["weak"]:
        key = rest
    stem = base[:-2] if base.endswith("en") else base[:-1]
    if key in _strong():
        prefix = "" if key in (lemma, base) else prefix
        third, past, part, *subjunctive = _strong()[key]
        part = prefix + part.removeprefix("ge") if prefix and key != "gessen" else prefix + part
        subjunctive = subjunctive[0] if subjunctive else past if past.endswith("te") else umlaut(past) + "e" * (not past.endswith("e"))
        return stem, prefix + third, prefix + past, part, prefix + subjunctive
    e = "e" if re.search(r"([td]|(ch|ff|g|d|t|ck)[nm])$", stem) else ""
    ge = "" if prefix or base.endswith("ieren") else "ge"
    return stem, f"{stem}{e}t", f"{stem}{e}te", f"{ge}{stem}{e}t", f"{stem}{e}te"


_SEIN = {("Ind", "Pres"): "bin bist ist sind seid sind", ("Sub", "Pres"): "sei seiest sei seien seiet seien"}
_PRETERITE_PRESENTS = frozenset("können müssen dürfen sollen wollen mögen wissen".split())


@cache
def conjugate(lemma: str, base: str, mood: str, tense: str, person: int, number: str) -> str:
    """A finite form without the separable prefix: mood Ind, Sub (Pres: Konjunktiv I, Past: II), Imp (of du or ihr)."""
    stem, third, past, _, subjunctive = _principal(lemma, base)
    slot = person - 1 + 3 * (number == "Plur")
    if mood == "Imp":
        return _imperative(base, stem, third, number)
    if base == "sein" and (mood, tense) in _SEIN:
        return _SEIN[mood, tense].split()[slot]
    if tense == "Past":
        return _with_past_ending(past if mood == "Ind" else subjunctive, slot)
    if mood == "Sub":
        return _sub_stem(base, stem) + ("e", "est", "e", "en" if stem[-2:] not in ("el", "er") else "n", "et" if stem[-2:] not in ("el", "er") else "t", "en" if stem[-2:] not in ("el", "er") else "n")[slot]
    if slot in (3, 5):
        return base
    if slot == 4:
        return "habt" if base == "haben" else stem + ("t" if third.endswith(stem + "t") or not re.search(r"([td]|(ch|ff|g|d|t|ck)[nm])$", stem) else "et")
    if base in _PRETERITE_PRESENTS:
        return third if slot != 1 else third + ("t" if third[-1] in "sß" else "st")
    if slot == 0:
        return _sub_stem(base, stem) + "e" if not stem.endswith("el") else stem[:-2] + "le"
    if slot == 2:
        return third
    return _second(stem, third, base)


def _sub_stem(base: str, stem: str) -> str:
    return stem[:-2] + "l" if stem.endswith("el") else stem


def _second(stem: str, third: str, base: str) -> str:
    """du-form from the third person: nimmt, nimmst; hält, hältst; liest, liest."""
    if base in ("haben", "werden"):
        return {"haben": "hast", "werden": "wirst"}[base]
    if third.endswith("et"):
        return third[:-1] + "st"
    bare = third if (stem.endswith("t") and not third.endswith("tt")) or third.endswith("tt") else third[:-1]
    return bare + ("t" if bare[-1] in "sßzx" else "st")


def _with_past_ending(past: str, slot: int) -> str:
    if past.endswith("e"):
        return past + ("", "st", "", "n", "t", "n")[slot]
    e = "e" if past[-1] in "tdsßz" else ""
    return past + ("", e + "st", "", "en", ("e" if past[-1] in "td" else "") + "t", "en")[slot]


def _imperative(base: str, stem: str, third: str, number: str) -> str:
    if base == "sein":
        return "sei" if number == "Sing" else "seid"
    if number == "Plur":
        return conjugate(base, base, "Ind", "Pres", 2, "Plur")
    if base in ("haben", "werden"):
        return {"haben": "hab", "werden": "werde"}[base]
    changed = third.removesuffix("t") if not third.endswith("tt") else third
    if re.search("ie?[^aeiou]*$", changed) and re.search("(?<!i)e[^aeiou]*$", stem):  # lies, gib
        return changed
    if re.search(r"([td]|(ch|ff|g|d|t|ck)[nm]|ig)$", stem):
        return stem + "e"
    if stem.endswith("el"):
        return stem[:-2] + "le"
    return stem + "e" if stem.endswith("er") else stem


@cache
def participle(lemma: str, prefix: str, base: str) -> str:
    """The past participle: gelesen, aufgestanden, verkauft."""
    return prefix + _principal(lemma, base)[3]


def infinitive(prefix: str, base: str, zu=False) -> str:
    """The infinitive, or the one with zu of a separable verb: aufzustehen."""
    return f"{prefix}zu{base}" if zu and prefix else prefix + base


# --- suffixes --------------------------------------------------------------------------------------

_DERIVATION = ("schaft", "ung", "keit", "heit", "nis", "chen", "tion", "tät", "erei", "ling", "in", "ist", "ent", "eur", "or", "er")
_COMBINING = ("schaft", "ung", "keit", "heit", "nis", "tion", "tät", "in")  # with the plural after them: -ungen, -innen
_ADJECTIVAL = ("lich", "ig", "isch", "los", "bar", "sam", "haft", "voll", "end")
# words that only look derived
_NOT_DERIVED = frozenset(
    "vater mutter bruder schwester tochter hammer teller fenster messer zimmer schlafzimmer klassenzimmer wasser silber kloster finger schulter pullover computer eimer theater lager ufer adler tiger hamster koffer keller "
    "thermometer papier himmel orchester meister gegner tresor chor tor labor opfer wein delfin anker panzer minister priester füller trommler tunnel parlament steuer feier leiter oper kammer kupfer verbrechen versprechen "
    "verein cousin winter sommer".split()
)
_SHOWN = {"ADJA": ("em", "en", "er", "es", "e"), "VVINF": ("en", "n"), "VVPP": ("en", "t"), "VVIZU": ("en", "n"), "VVIMP": ("e", "en", "t")}
# endings of finite verbs by person and number; before them the weak past has -te
_PERSONAL = {"1Sing": ("e",), "2Sing": ("st",), "3Sing": ("t", "e"), "1Plur": ("en", "n"), "2Plur": ("t",), "3Plur": ("en", "n")}


@cache
def _finite_suffix(word: str, lemma: str, slot: str, past: bool) -> str:
    if past:
        stem = re.sub("e?n$", "", lemma)
        weak = re.fullmatch("(.{2,}?)e?te(st|n|t)?", word)
        if weak and (stem.endswith(weak[1]) or (slot[1:] == "Sing" and not weak[2])):
            return "-te" + (weak[2] or "")
        return next(("-" + ending for ending in _PERSONAL[slot] if word.endswith(ending) and slot not in ("1Sing", "3Sing")), "-e" if word.endswith("e") else "")
    return next(("-" + ending for ending in _PERSONAL[slot] if word.endswith(ending)), "")


@cache
def _suffix(word: str, lemma: str, xpos: str) -> str:
    if xpos in _SHOWN:
        return next(("-" + e for e in _SHOWN[xpos] if word.endswith(e) and len(word) - len(e) >= 2 and (xpos != "ADJA" or word != lemma)), "")
    if xpos == "NN":
        derived = "" if lemma in _NOT_DERIVED else next((e for e in _DERIVATION if lemma.endswith(e) and len(lemma) > len(e) + 2), "")
        if word == lemma:
            return "-" + derived if derived else ""
        if word.startswith(lemma):
            return "-" + (derived if derived in _COMBINING else "") + word[len(lemma) :]
        found = re.search(r"(ern|er|en|e|n)$", word)
        return "-" + found[0] if found else ""
    if xpos in ("ADJD", "ADV"):
        return next(("-" + e for e in _ADJECTIVAL if word.endswith(e) and len(word) > len(e) + 2), "")
    return ""


def suffix_of(leaf) -> str:
    """The suffix of a word: the inflectional ending of verbs and adjectives, a noun's derivational before its inflectional one."""
    word, lemma = leaf.word.lower(), leaf.lemma.lower()
    if leaf.xpos == "VVFIN":
        feats = dict(pair.split("=") for pair in leaf.feats.split("|"))
        return _finite_suffix(word, lemma, feats["Person"] + feats["Number"], feats["Tense"] == "Past")
    suffix = _suffix(word, lemma, leaf.xpos)
    if leaf.xpos == "ADJA" and "Degree=Pos" not in leaf.feats:
        return ("-er" if "Degree=Cmp" in leaf.feats else "-st") + suffix[1:]
    return suffix
