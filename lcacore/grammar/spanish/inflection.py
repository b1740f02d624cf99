"""Spanish inflection: where the stress falls and when it is written, plurals, feminines, and the conjugation of verbs."""

from __future__ import annotations

import re
from functools import cache

from ..lexicon import read_table

__all__ = ["conjugate", "enclitic", "feminine", "participle", "plural", "starts_with_stressed_a", "stressed", "write_stress"]

PERSONS = ((1, "Sing"), (2, "Sing"), (3, "Sing"), (1, "Plur"), (2, "Plur"), (3, "Plur"))
_PLAIN = str.maketrans("áéíóú", "aeiou")
_WRITTEN = str.maketrans("aeiou", "áéíóú")
_VOWELS = "aeiouáéíóúü"


# --- stress ----------------------------------------------------------------------------------------

def _nuclei(word: str) -> list[list[int]]:
    """Places of the vowels of each syllable; two vowels share one unless both are open or one is a stressed i or u."""
    out: list[list[int]] = []
    for i, letter in enumerate(word):
        if letter not in _VOWELS or (letter == "u" and i + 1 < len(word) and word[i - 1 : i] in ("q", "g") and i > 0 and word[i + 1] in "eiéí"):
            continue
        before = word[i - 1] if out and out[-1][-1] == i - 1 else ""
        if before and (before in "iuü" or letter in "iuü"):
            if before not in "íú" and letter not in "íú":
                out[-1].append(i)
                continue
        out.append([i])
    return out


def stressed(word: str) -> int:
    """Place of the stressed vowel."""
    for i, letter in enumerate(word):
        if letter in "áéíóú":
            return i
    nuclei = _nuclei(word)
    nucleus = nuclei[-2] if len(nuclei) > 1 and word[-1] in "aeiouns" else nuclei[-1]
    return next((i for i in nucleus if word[i] in "aeo"), nucleus[-1])


def write_stress(word: str, place: int) -> str:
    """The word with its accent mark, where the rules of spelling ask for one, on the vowel at `place`."""
    plain = word.translate(_PLAIN)
    marked = plain[:place] + plain[place].translate(_WRITTEN) + plain[place + 1 :]
    neighbours = plain[max(place - 1, 0) : place] + plain[place + 1 : place + 2]
    if plain[place] in "iu" and any(v in "aeo" for v in neighbours) and not (plain[place] == "u" and plain[place - 1 : place] in ("q", "g")):
        return marked
    return plain if stressed(plain) == place or len(_nuclei(plain)) == 1 else marked


def starts_with_stressed_a(word: str) -> bool:
    """el agua, un arma: a feminine noun that takes the masculine article."""
    return word.startswith(("a", "á", "ha", "há")) and stressed(word) == word.translate(_PLAIN).index("a")


def enclitic(form: str, clitics: str) -> str:
    """A verb form with the pronouns that lean on its end: dar, selo → dárselo."""
    if not clitics:
        return form
    place = stressed(form)
    if clitics.startswith("os") and form[-1] == "d" and form != "id":
        form = form[:-1]
    return write_stress(form + clitics, place)


# --- nouns and adjectives --------------------------------------------------------------------------

_PLURALS = {"menú": "menús", "jersey": "jerséis", "chef": "chefs", "récord": "récords"}
_NO_FEMININE = ("mejor", "peor", "mayor", "menor", "cortés")


@cache
def plural(word: str) -> str:
    """The plural of a noun or an adjective."""
    if word in _PLURALS:
        return _PLURALS[word]
    if word[-1] in "aeiouáéó":
        return word + "s"
    place = stressed(word)
    if word[-1] in "sx" and len(_nuclei(word)) > 1 and place < _nuclei(word)[-1][0]:
        return word  # el lunes, los lunes
    return write_stress((word[:-1] + "c" if word[-1] == "z" else word) + "es", place)


@cache
def feminine(word: str, noun: bool = False) -> str:
    """The feminine of an adjective, or of a `noun` that has one in -a."""
    if word.endswith("o"):
        return word[:-1] + "a"
    if word in _NO_FEMININE:
        return word
    if noun or re.search(r"(or|án|ón|és|ol)$", word):
        base = word[:-1] if noun and word[-1] == "e" else word
        return write_stress(base + "a", stressed(word))
    return word


# --- verbs -----------------------------------------------------------------------------------------

_ENDINGS = {
    ("pres", "a"): "o as a amos áis an", ("pres", "e"): "o es e emos éis en", ("pres", "i"): "o es e imos ís en",
    ("past", "a"): "é aste ó amos asteis aron", ("past", "e"): "í iste ió imos isteis ieron",
    ("imp", "a"): "aba abas aba ábamos abais aban", ("imp", "e"): "ía ías ía íamos íais ían",
    ("sub", "a"): "e es e emos éis en", ("sub", "e"): "a as a amos áis an",
    ("fut", ""): "é ás á emos éis án", ("cnd", ""): "ía ías ía íamos íais ían", ("strong", ""): "e iste o imos isteis ieron",
}


@cache
def _changes() -> dict[str, str]:
    return {verb: change for change, verbs in read_table(__package__, "conjugation") for verb in verbs.split()}


@cache
def _irregular(verb: str) -> dict[str, str]:
    """The irregular parts of a verb, taken from the verb that it is a compound of."""
    for name, parts in read_table(__package__, "irregular"):
        base = name.rstrip("!")
        if verb == base or (name == base and verb.endswith(base)):
            prefix = verb[: len(verb) - len(base)]
            return {k: ",".join(prefix + form for form in v.split(",")) for k, _, v in (part.partition("=") for part in parts.split())}
    return {}


def _change(stem: str, change: str) -> str:
    """The stem with its last fitting vowel changed: pens, e>ie → piens."""
    old, new = change.split(">")
    i = stem.rindex(old)
    return stem[:i] + new + stem[i + 1 :]


def _join(stem: str, ending: str, conjugation: str) -> str:
    """Stem and ending as they are spelled together."""
    first = ending[0].translate(_PLAIN)
    if conjugation == "a":
        if first == "e":
            for old, new in (("gu", "gü"), ("c", "qu"), ("g", "gu"), ("z", "c")):
                if stem.endswith(old):
                    return stem[: -len(old)] + new + ending
        return stem + ending
    if first in "ao":
        if stem.endswith("c"):
            return (stem[:-1] + ("zc" if stem[-2] in "aeiou" else "z")) + ending
        for old, new in (("gu", "g"), ("qu", "c"), ("g", "j")):
            if stem.endswith(old):
                return stem[: -len(old)] + new + ending
    if stem.endswith("u") and not stem.endswith(("gu", "qu")) and first in "aeo":
        return stem + "y" + ending
    if ending.startswith(("ie", "ió")):
        if stem[-1] in "aeou" and not stem.endswith(("gu", "qu")):
            return stem + "y" + ending[1:]
        if stem.endswith(("ñ", "ll")):
            return stem + ending[1:]
    elif ending[0] == "i" and stem[-1] in "aeo":
        return stem + "í" + ending[1:]
    return stem + ending


def _kind(verb: str) -> tuple[str, str]:
    """(stem, conjugation) of an infinitive: a, e, i."""
    return verb[:-2], verb[-2].translate(_PLAIN)


def _weak(verb: str) -> str:
    """The stem of durmió, pidió: verbs in -ir with a changing vowel raise it."""
    stem, kind = _kind(verb)
    change = _changes().get(verb, "")
    return _change(stem, f"{change[0]}>{ {'e': 'i', 'o': 'u'}[change[0]]}") if kind == "i" and change[:1] in ("e", "o") else stem


def _six(verb: str, tense: str) -> list[str]:
    stem, kind = _kind(verb)
    two = "a" if kind == "a" else "e"
    parts, change = _irregular(verb), _changes().get(verb, "")
    boot = _change(stem, change) if change else stem
    given = parts.get(tense, "").split(",") if tense in parts else []
    if len(given) == 6:
        return given
    if tense == "pres":
        stems = [boot, boot, boot, stem, stem, boot]
        forms = [_join(s, e, kind) for s, e in zip(stems, _ENDINGS["pres", kind].split(), strict=True)]
        if verb.endswith("tener"):
            forms = [f.replace("ten", "tien") if i in (1, 2, 5) else f for i, f in enumerate(forms)]
        return given + forms[1:] if given else forms
    if tense == "past":
        if given:
            strong = given[0].rstrip("*")
            forms = [strong + e for e in _ENDINGS["strong", ""].split()]
            if given[0].endswith("*"):
                forms[5] = strong + "eron"
            return [f.replace("hico", "hizo") for f in forms]
        stems = [stem, stem, _weak(verb), stem, stem, _weak(verb)]
        return [_join(s, e, kind) for s, e in zip(stems, _ENDINGS["past", two].split(), strict=True)]
    if tense == "imp":
        return [stem + e for e in _ENDINGS["imp", two].split()]
    if tense in ("fut", "cnd"):
        root = parts.get("fut") or verb.translate(_PLAIN)
        return [root + e for e in _ENDINGS[tense, ""].split()]
    if tense == "sub":
        first = parts["pres"].split(",")[0] if "pres" in parts and parts["pres"].split(",")[0].endswith("o") else ""
        if first:
            return [first[:-1] + e for e in _ENDINGS["sub", two].split()]
        stems = [boot, boot, boot, _weak(verb), _weak(verb), boot]
        return [_join(s, e, kind) for s, e in zip(stems, _ENDINGS["sub", two].split(), strict=True)]
    base = _six(verb, "past")[5][:-3]  # comie-ron → comie-ra
    return [base + e for e in ("ra", "ras", "ra")] + [write_stress(base + "ramos", len(base) - 1), base + "rais", base + "ran"]


@cache
def conjugate(verb: str, tense: str, person: int = 3, number: str = "Sing") -> str:
    """A form of a verb, given its infinitive (without -se).

    tense: pres, past, imp, fut, cnd, sub (present subjunctive), subimp (its past in -ra), cmd (command: to tú and vosotros; usted
    and ustedes are its third persons), inf, ger. Raises ValueError for a word that is no infinitive or a tense that there is not.
    """
    if not re.search(r"[aeií]r$", verb):
        raise ValueError(f"{verb!r} is no Spanish infinitive; give one in -ar, -er, -ir, without -se")
    kind = _kind(verb)[1]
    parts = _irregular(verb)
    if tense == "inf":
        return verb
    if tense == "ger":
        return parts.get("ger") or _join(_weak(verb), "ando" if kind == "a" else "iendo", kind)
    if tense not in ("pres", "past", "imp", "fut", "cnd", "sub", "subimp", "cmd"):
        raise ValueError(f"no tense {tense!r}; there are pres, past, imp, fut, cnd, sub, subimp, cmd, inf, ger")
    if tense == "cmd":
        if person == 3:
            tense = "sub"
        elif number == "Plur":
            return verb[:-1] + "d"
        else:
            form = parts.get("cmd") or conjugate(verb, "pres")
            # propón, detén: stressed on the last vowel, as pon and ten are
            return write_stress(form, _nuclei(form)[-1][-1]) if "cmd" in parts and len(_nuclei(form)) > 1 else form
    return _six(verb, tense)[PERSONS.index((person, number))]


@cache
def participle(verb: str, gender: str = "Masc", number: str = "Sing") -> str:
    """The past participle, agreeing when it is an adjective or in a passive."""
    stem, kind = _kind(verb)
    form = _irregular(verb).get("part") or _join(stem, "ado" if kind == "a" else "ido", kind)
    form = form if gender == "Masc" else form[:-1] + "a"
    return form + "s" if number == "Plur" else form
