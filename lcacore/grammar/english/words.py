"""English words: the lexicon's tables read into typed entries, and English inflection.

The tables under `lexicon` list words by class, most frequent first. Verbs carry what the grammar needs
to build a clause around them: their frame, the classes of subject and object that they select, their
preposition or particle, the adverbs of manner that suit them and the domain of life that they belong to.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache, partial

from ..lexicon import read_table

__all__ = ["Noun", "Verb", "adjectives", "adverbs", "companions", "compare", "inflect", "names", "nouns", "postmodifiers", "suffix_of", "verbs"]


@dataclass(frozen=True)
class Noun:
    lemma: str
    plural: str  # "" for a mass noun
    cls: str
    domain: str
    plural_only: bool = False


@dataclass(frozen=True)
class Verb:
    lemma: str
    frame: str
    subjects: tuple[str, ...]
    objects: tuple[str, ...]
    marks: tuple[str, ...]  # prepositions or particles
    manner: str
    domain: str  # "" for any
    rank: int

    @property
    def sense(self) -> str:
        """The name of this sense, by which meanings and the other languages' lexicons know it: "eat:trans-human-food"."""
        return f"{self.lemma}:" + "-".join("|".join(part) for part in ((self.frame,), self.subjects, self.objects, self.marks) if part)


table = partial(read_table, __package__)


@cache
def nouns() -> tuple[Noun, ...]:
    out = []
    for cls, domain, words in table("nouns"):
        for word in words.split():
            lemma, _, irregular = word.rstrip("~*").partition(":")
            plural = "" if word.endswith("~") else lemma if word.endswith("*") else irregular or regular_s(lemma)
            out.append(Noun(lemma, plural, cls, domain, word.endswith("*")))
    return tuple(out)


@cache
def verbs() -> tuple[Verb, ...]:
    out = []
    for frame, subjects, objects, marks, manner, domain, words in table("verbs"):
        home, _, rest = subjects.rpartition(":")
        domain = home or ("" if domain == "-" else domain)
        for rank, lemma in enumerate(words.split()):
            out.append(Verb(lemma, frame, tuple(rest.split("|")), tuple(filter(None, objects.split("|"))), tuple(filter(None, marks.split("|"))), manner, domain, rank))
    return tuple(out)


@cache
def names() -> dict[str, tuple[str, ...]]:
    return {cls: tuple(words.split()) for cls, words in table("names")}


@cache
def adjectives() -> dict[str, tuple[str, ...]]:
    """Noun class → adjectives, as in the table ("!" marks one that has no degrees)."""
    return {cls: tuple(words.split()) for cls, words in table("adjectives")}


@cache
def adverbs() -> dict[str, tuple[str, ...]]:
    return {cls: tuple(words.split()) for cls, words in table("adverbs")}


@cache
def postmodifiers() -> dict[str, tuple[tuple[str, str], ...]]:
    """Noun class → (preposition, class of its object)."""
    out: dict[str, list] = {}
    for cls, preposition, target in table("postmodifiers"):
        out.setdefault(cls, []).append((preposition, target))
    return {cls: tuple(pairs) for cls, pairs in out.items()}


@cache
def compounds() -> dict[str, tuple[str, ...]]:
    """Noun → nouns that make a compound with it."""
    return {noun: tuple(words.split()) for noun, words in table("compounds")}


@cache
def participles() -> dict[str, tuple[tuple[str, str], ...]]:
    """Noun class → (verb, Penn tag) of the participles that stand before it."""
    out = {}
    for cls, words in table("participles"):
        past, _, present = words.partition("|")
        out[cls] = tuple((verb, "VBN") for verb in past.split()) + tuple((verb, "VBG") for verb in present.split())
    return out


@cache
def companions() -> dict[str, tuple[tuple[str, tuple[str, ...]], ...]]:
    """Verb → (preposition, nouns or a class in angle brackets) of the instruments and companions that suit it."""
    out: dict[str, list] = {}
    for preposition, lemmas, nouns in table("companions"):
        for lemma in lemmas.split():
            out.setdefault(lemma, []).append((preposition, tuple(nouns.split())))
    return {lemma: tuple(rows) for lemma, rows in out.items()}


@cache
def stative() -> frozenset[str]:
    return frozenset(word for row in table("stative") for word in row[0].split())


# --- inflection ------------------------------------------------------------------------------------

VOWELS = "aeiou"


def regular_s(word: str) -> str:
    if re.search(r"(s|x|z|ch|sh)$", word) or (word.endswith("o") and word[-2] not in VOWELS and word not in ("piano", "photo")):
        return word + "es"
    if word.endswith("y") and word[-2] not in VOWELS:
        return word[:-1] + "ies"
    return word + "s"


def _syllables(word: str) -> int:
    bare = word[:-1] if word.endswith("e") and not word.endswith("le") else word
    return max(1, len(re.findall(r"[aeiouy]+", bare)))


# verbs of more than one syllable with the stress on the last one double their consonant, others do not
_DOUBLING = {"admit", "prefer", "permit", "forget", "begin", "regret", "commit", "occur", "control"}


def _doubles(word: str) -> bool:
    if not re.search(r"[^aeiou][aeiou][bdgklmnprtz]$", word) or (re.search(r"qu[aeiou]t$", word) and word != "quit"):
        return False
    return _syllables(word) == 1 or word in _DOUBLING


def _with_vowel_ending(word: str, ending: str) -> str:
    if ending != "ing" and word.endswith("y") and word[-2] not in VOWELS:
        return word[:-1] + "i" + ending
    if word.endswith("ie") and ending == "ing":
        return word[:-2] + "ying"
    if word.endswith("e") and not (ending == "ing" and re.search(r"(ee|ye|oe)$", word)):
        return word[:-1] + ending
    return word + (word[-1] if _doubles(word) else "") + ending


@cache
def _irregular() -> dict[str, tuple[str, str]]:
    return {lemma: (past, participle) for lemma, past, participle in table("irregular")}


_BE = {("VBZ", 3): "is", ("VBP", 1): "am", ("VBD", 3): "was", ("VBD", 1): "was"}


@cache
def inflect(lemma: str, xpos: str, person: int = 3) -> str:
    """The form of a verb for a Penn tag. `be` also asks the person: 1 and 3 are singular, 2 stands for all plurals."""
    if lemma == "be" and xpos in ("VBZ", "VBP", "VBD"):
        return _BE.get((xpos, person), "were" if xpos == "VBD" else "are")
    if xpos in ("VB", "VBP"):
        return lemma
    if xpos == "VBZ":
        return {"have": "has", "do": "does", "go": "goes"}.get(lemma) or regular_s(lemma)
    if xpos == "VBG":
        return _with_vowel_ending(lemma, "ing") if lemma != "be" else "being"
    if xpos == "VBN" and lemma == "be":
        return "been"
    if lemma in _irregular():
        return _irregular()[lemma][xpos == "VBN"]
    return _with_vowel_ending(lemma, "ed")


@cache
def compare(adjective: str, degree: str) -> str | None:
    """Comparative ("Cmp") or superlative ("Sup") of one word; None where English says more, most."""
    for positive, comparative, superlative in table("irregular_degrees"):
        if adjective == positive:
            return comparative if degree == "Cmp" else superlative
    short = _syllables(adjective) == 1 or (_syllables(adjective) == 2 and re.search(r"[^aeiou]y$|ow$|le$", adjective))
    if not short or re.search(r"(ed|ful|less|ish|ous)$", adjective):
        return None
    return _with_vowel_ending(adjective, "er" if degree == "Cmp" else "est")


# --- suffixes --------------------------------------------------------------------------------------

_INFLECTION = {"VBG": "ing", "VBD": "ed", "VBN": "ed", "VBZ": "s", "NNS": "s", "JJR": "er", "JJS": "est"}
_DERIVATION = ("tion", "sion", "ness", "ment", "ship", "less", "able", "ible", "ful", "ous", "ity", "ist", "ian", "ing", "ive", "ish", "ence", "ance", "er", "or", "al", "ly", "y")
# words that only look derived
_OPAQUE = set(
    "her over under never other another after mother father brother sister daughter river water winter summer paper silver letter number dinner finger ladder "
    "hammer tower flower corner spider tiger door floor mirror razor king ring thing spring morning evening nation station city pity ally family belly "
    "enemy army navy party story study lady baby body copy diary animal metal meal deal hospital capital royal general admiral moment garment cement "
    "fish dish wish british order offer answer prefer consider remember wonder wander whisper bitter clever tender sweater drawer butcher grocer shoulder feather "
    "leather weather thunder chapter poster oyster ever ether whether rather either neither order lobster monster gather matter water bother shiver deliver "
    "harbor doctor mayor tailor anchor minor honor odor color humor neighbor terror error senior junior for or nor visitor any many very only early ugly holy july "
    "they play stay say pay day way buy boy toy key monkey donkey they every may lay by my why try cry dry fly sky spy money valley country journey history berry cherry ferry "
    "bakery jury lily city hurry marry carry worry reply apply empty heavy pretty happy angry hungry sorry twenty thirty sixty table cable able stable fable trouble ballet "
    "final loyal local bring sing swing string wing finger being sing fence silence sentence science prince dance france chance balance france list fist wrist "
    "twist mist insist assist exist resist seal steal real heal goal coal oral equal tall ball call fall hall wall all small dentist mention question attention "
    "vision version lion onion million passion fashion mission session ship parish finish punish publish vanish punish polish english spanish irish polish turkish swedish live give five drive arrive "
    "survive dive hive native captive motive fly reply supply belly jelly family italy assembly ally rely jury enter hamster officer soldier "
    "theater counter anger minister cider border murder helicopter customer power newspaper grandfather grandmother author tutor rumor ambassador university several terrible witness "
    "parliament tournament apartment insurance corporation passenger "
    "rabbit deer beer steer cheer peer engineer year bear wear tear fear near hear dear ear car star bar war far pour hour flour four your our colour tour sour".split()
)


def suffix_of(leaf) -> str:
    """The suffix of a word, inflectional before derivational (Durrani 2023's suffix task); "" where it has none."""
    word, lemma = leaf.word.lower(), leaf.lemma.lower()
    if lemma in ("be", "have", "do"):
        return ""
    ending = _INFLECTION.get(leaf.xpos)
    if ending and word != lemma:
        if (ending == "est" and word.endswith("est")) or word.endswith(ending):
            return "-" + ending
        return ""
    if leaf.xpos in ("NN", "NNS", "JJ", "RB", "VB", "VBP", "JJR", "JJS"):
        return _derivation(lemma, leaf.xpos)
    return ""


@cache
def _derivation(lemma: str, xpos: str) -> str:
    if lemma in _OPAQUE or len(lemma) < 5:
        return ""
    nominal = ("tion", "sion", "ness", "ment", "ship", "ity", "ist", "ian", "er", "or", "ing", "ence", "ance")
    allowed = {"N": nominal, "R": ("ly",), "J": ("less", "able", "ible", "ful", "ous", "ish", "ive", "al", "y"), "V": ()}[xpos[0]]
    for ending in _DERIVATION:
        if ending in allowed and lemma.endswith(ending):
            return "-" + ending
    return ""
