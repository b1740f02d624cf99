"""English closed classes and the grammar's weights: pronouns, determiners, auxiliaries, conjunctions, times.

The numbers beside the choices are the weights of the rules; together with the order of words in the lexicon
they are tuned so that the world's statistics come near those of the papers' corpora (`lcacore.grammar.statistics`).
"""

from __future__ import annotations

from ..engine import Choice

NUMBERS = "two three four five ten six seven twenty eight twelve nine fifty thirty".split()
COLOURS = frozenset("red green blue black white yellow brown".split())
DEGREES = frozenset("old young tall big small long short large huge fast slow heavy high low thick narrow hot cold warm new".split())
HUMAN = ("role", "female", "male")

# --- noun phrases ---

# form by case, lemma, number, person, gender
PRONOUNS = (
    ({"Nom": "he", "Acc": "him", "Gen": "his"}, "he", "Sing", 3, "Masc"),
    ({"Nom": "she", "Acc": "her", "Gen": "her"}, "she", "Sing", 3, "Fem"),
    ({"Nom": "they", "Acc": "them", "Gen": "their"}, "they", "Plur", 3, ""),
    ({"Nom": "I", "Acc": "me", "Gen": "my"}, "I", "Sing", 1, ""),
    ({"Nom": "we", "Acc": "us", "Gen": "our"}, "we", "Plur", 1, ""),
    ({"Nom": "you", "Acc": "you", "Gen": "your"}, "you", "Sing", 2, ""),
    ({"Nom": "it", "Acc": "it", "Gen": "its"}, "it", "Sing", 3, "Neut"),
)
PERSONAL = Choice(PRONOUNS[:6], [27, 33, 18, 14, 12, 10])
THINGS = Choice((PRONOUNS[6], PRONOUNS[2]), [7, 3])
IT = Choice(PRONOUNS[6:])
UNCOUNTED = ("money", "substance", "feeling", "drink", "news", "idea", "place", "org")
REFLEXIVE = {"he": "himself", "she": "herself", "they": "themselves", "I": "myself", "we": "ourselves", "you": "yourself", "it": "itself"}

# determiner: lemma, xpos, upos, feats, sem, numbers it goes with
SINGULAR = Choice(
    (("the", "DT", "DET", "Definite=Def|PronType=Art", "DEF"), ("a", "DT", "DET", "Definite=Ind|PronType=Art", "DIS"),
     ("this", "DT", "DET", "Number=Sing|PronType=Dem", "PRX"), ("that", "DT", "DET", "Number=Sing|PronType=Dem", "DST"),
     ("every", "DT", "DET", "PronType=Tot", "AND"), ("no", "DT", "DET", "PronType=Neg", "NOT"), ("another", "DT", "DET", "PronType=Ind", "ALT"), ("each", "DT", "DET", "PronType=Tot", "AND")),
    [500, 320, 40, 100, 18, 14, 16, 8],
)
PLURAL = Choice(
    (("the", "DT", "DET", "Definite=Def|PronType=Art", "DEF"), ("some", "DT", "DET", "PronType=Ind", "DIS"), ("these", "DT", "DET", "Number=Plur|PronType=Dem", "PRX"),
     ("those", "DT", "DET", "Number=Plur|PronType=Dem", "DST"), ("many", "JJ", "ADJ", "Degree=Pos", "QUV"), ("all", "DT", "DET", "PronType=Tot", "AND"),
     ("no", "DT", "DET", "PronType=Neg", "NOT"), ("few", "JJ", "ADJ", "Degree=Pos", "QUV"), ("both", "DT", "DET", "PronType=Tot", "AND"), ("several", "JJ", "ADJ", "Degree=Pos", "QUV")),
    [430, 90, 40, 35, 50, 35, 14, 16, 14, 18],
)
MASS = Choice(
    (("the", "DT", "DET", "Definite=Def|PronType=Art", "DEF"), ("some", "DT", "DET", "PronType=Ind", "DIS"), ("this", "DT", "DET", "Number=Sing|PronType=Dem", "PRX"),
     ("that", "DT", "DET", "Number=Sing|PronType=Dem", "DST"), ("no", "DT", "DET", "PronType=Neg", "NOT"), ("much", "JJ", "ADJ", "Degree=Pos", "QUV")),
    [300, 80, 20, 20, 15, 8],
)

NUMBER_WORDS = Choice(NUMBERS, exponent=0.9)
TIMES = {
    "past": Choice(("adverb", "weekday", "month", "year", "date", "last", "event", "span", "daytime"), [24, 14, 12, 13, 6, 13, 10, 5, 5]),
    "pres": Choice(("adverb", "every", "daytime", "event"), [42, 24, 22, 12]),
    "fut": Choice(("adverb", "weekday", "month", "next", "date", "event", "daytime"), [36, 20, 10, 16, 5, 8, 5]),
    "perf": Choice(("adverb", "span"), [7, 3]),
}
YEARS = Choice([str(y) for y in range(2019, 1919, -1)], exponent=0.7)

# semantic tags of adverbs (the rest: IST)
ADVERB_SEM = {
    "yesterday": "PST", "recently": "PST", "earlier": "PST", "twice": "QUC", "today": "NOW", "now": "NOW", "tonight": "FUT", "tomorrow": "FUT", "soon": "FUT", "again": "ALT", "still": "ALT", "already": "ALT", "also": "ALT",
    "never": "NOT", "always": "AND", "only": "XCL", "just": "XCL", "often": "QUV", "usually": "QUV", "sometimes": "QUV", "rarely": "QUV", "regularly": "QUV",
    "here": "PRX", "there": "DST", "perhaps": "POS", "maybe": "POS", "however": "BUT", "then": "REL", "later": "REL", "together": "COO", "home": "CON",
}

# --- verb groups ---

DOMAINS = Choice("home school food business politics law medicine travel sport music army farm art sea media science church".split(), exponent=0.35)
FRAMES = Choice(("trans", "intr", "obl", "be", "light", "that", "to", "put", "tpart", "part", "ditr", "objto", "link", "ng", "q"), [32, 14, 12, 10, 7, 6, 6, 4, 3, 3, 4, 3, 3, 2, 2])
TAG = {"VBD": "EPS", "VBZ": "ENS", "VBP": "ENS", "VB": "EXS", "VBG": "EXG", "VBN": "EXT"}
MODALS = {
    "past": Choice(("could", "would", "should", "might"), [40, 36, 14, 10]),
    "pres": Choice(("will", "can", "must", "should", "may", "might"), [38, 24, 12, 10, 9, 4]),
}
MODAL_SEM = {"will": "FUT", "would": "FUT", "can": "POS", "could": "POS", "may": "POS", "might": "POS", "must": "NEC", "should": "NEC"}
# verb group patterns: the auxiliaries before the verb, each with the form that it asks of the next word
PATTERNS = {
    "past": Choice((("past",), ("past", "have"), ("past", "be"), ("modal",), ("past", "not"), ("modal", "not"), ("pres", "have"), ("modal", "have"), ("pres",)), [500, 200, 60, 90, 60, 12, 50, 26, 10]),
    "pres": Choice((("pres",), ("pres", "have"), ("pres", "be"), ("modal",), ("pres", "not"), ("modal", "not"), ("past",), ("pres", "have", "be")), [350, 220, 70, 240, 60, 40, 60, 16]),
}
NEXT = {"have": "pt", "be": "ng", "pass": "pss", "do": "b", "modal": "b"}
XPOS = {"b": "VB", "to": "VB", "ng": "VBG", "pt": "VBN", "pss": "VBN"}
CLITICS = {"is": "'s", "has": "'s", "am": "'m", "are": "'re", "have": "'ve", "will": "'ll", "would": "'d", "had": "'d"}

# --- sentences ---

ROOT = {"dcl": "S[dcl]", "q": "S[q]", "wq": "S[wq]", "imp": "S[b]\\NP"}
SUBORDINATORS = Choice((("because", "SUB"), ("when", "SUB"), ("before", "REL"), ("after", "REL"), ("if", "IMP"), ("while", "SUB"), ("although", "BUT"), ("as", "SUB"), ("until", "REL"), ("since", "SUB")), [22, 24, 12, 12, 12, 9, 7, 5, 6, 4])
INTERJECTIONS = Choice(("oh", "yes", "no", "well", "hey", "wow", "hello", "oops"), exponent=0.6)
