"""English closed classes and the grammar's weights: determiners, auxiliaries, conjunctions, times.

The numbers beside the choices are the weights of the rules; together with the order of words in the lexicon
they are tuned so that the world's statistics come near those of the papers' corpora (`lcacore.grammar.statistics`).
"""

from __future__ import annotations

from collections.abc import Sequence

from ..engine import Choice


def weighted(text: str) -> Choice:
    """A choice written as words, each with its weight: "the 5 a 3"."""
    parts = text.split()
    return Choice(parts[::2], [int(w) for w in parts[1::2]])


def ranked(items: Sequence, exponent: float, ranks: Sequence[int] = (), times: Sequence[int] = ()) -> Choice:
    """A choice by rank r, weight r^-exponent, one draw in nine uniform, so that rare words occur. `times`: a factor for each."""
    weights = [times[i] if times else 1 for i in range(len(items))]
    peaked = [w * ((ranks[i] if ranks else i) + 1) ** -exponent for i, w in enumerate(weights)]
    floor = sum(peaked) / (8 * len(items))
    return Choice(items, [round(1_000_000 * (w + floor)) for w in peaked])


NUMBERS = "two three four five ten six seven twenty eight twelve nine fifty thirty".split()
COLOURS = frozenset("red green blue black white yellow brown".split())
DEGREES = frozenset("old young tall big small long short large huge fast slow heavy high low thick narrow hot cold warm new".split())
HUMAN = ("role", "female", "male")
TEMPORARY = frozenset("happy tired angry sad nervous hungry lonely dead pregnant jealous unhappy helpless cold dirty empty quiet crowded open cloudy bright hot fresh broken wet busy".split())
FEMININE = frozenset("mother woman girl sister wife daughter aunt grandmother niece widow midwife queen princess actress waitress nun".split())
MASCULINE = frozenset(
    "father man boy brother husband son uncle grandfather nephew policeman king prince fisherman priest bishop monk pope waiter".split()
)

# --- noun phrases ---

PERSONAL = weighted("he 24 she 38 they 18 I 14 we 12 you 10")
UNCOUNTED = ("money", "substance", "feeling", "drink", "news", "idea", "place", "org", "food", "event", "contest", "text", "disaster", "work", "natural")
REFLEXIVE = {"he": "himself", "she": "herself", "they": "themselves", "I": "myself", "we": "ourselves", "you": "yourself", "it": "itself"}

# determiner: lemma, xpos, upos, feats, sem
DETERMINERS = {
    "the": ("the", "DT", "DET", "Definite=Def|PronType=Art", "DEF"), "a": ("a", "DT", "DET", "Definite=Ind|PronType=Art", "DIS"),
    "this": ("this", "DT", "DET", "Number=Sing|PronType=Dem", "PRX"), "that": ("that", "DT", "DET", "Number=Sing|PronType=Dem", "DST"),
    "these": ("this", "DT", "DET", "Number=Plur|PronType=Dem", "PRX"), "those": ("that", "DT", "DET", "Number=Plur|PronType=Dem", "DST"),
    "every": ("every", "DT", "DET", "PronType=Tot", "AND"), "each": ("each", "DT", "DET", "PronType=Tot", "AND"), "all": ("all", "DT", "DET", "PronType=Tot", "AND"),
    "both": ("both", "DT", "DET", "PronType=Tot", "AND"), "no": ("no", "DT", "DET", "PronType=Neg", "NOT"), "another": ("another", "DT", "DET", "PronType=Ind", "ALT"),
    "some": ("some", "DT", "DET", "PronType=Ind", "DIS"), "many": ("many", "JJ", "ADJ", "Degree=Pos", "QUV"), "few": ("few", "JJ", "ADJ", "Degree=Pos", "QUV"),
    "several": ("several", "JJ", "ADJ", "Degree=Pos", "QUV"), "much": ("much", "JJ", "ADJ", "Degree=Pos", "QUV"),
    "which": ("which", "WDT", "DET", "PronType=Int", "QUE"), "what": ("what", "WDT", "DET", "PronType=Int", "QUE"),
}  # fmt: skip
ARTICLES = {  # (number, whether it is a subject) → determiner
    ("Sing", True): weighted("the 600 a 170 this 45 that 100 every 20 no 14 another 12 each 8"),
    ("Sing", False): weighted("the 430 a 400 this 40 that 110 every 14 no 8 another 24 each 6"),
    ("Plur", True): weighted("the 540 some 60 these 40 those 30 many 45 all 35 no 8 few 14 both 14 several 14"),
    ("Plur", False): weighted("the 430 some 110 these 40 those 35 many 50 all 25 no 8 few 10 both 10 several 22"),
    ("Mass", True): weighted("the 400 this 20 that 20 no 8"),
    ("Mass", False): weighted("the 300 some 90 this 20 that 20 no 8 much 6"),
}
NUMBER_WORDS = Choice(NUMBERS, exponent=1.2)

# --- times: what suits a clause that is in the past, before the past, habitual, going on, accomplished, to come, unreal ---

TIMES = {
    "past": weighted("adverb 26 weekday 16 month 10 year 13 date 5 last 15 event 8 span 4 part 6"),
    "plup": weighted("adverb 45 year 20 event 20 span 15"),
    "pres": weighted("every 50 part 30 event 20"),
    "prog": weighted("adverb 80 part 10 event 10"),
    "perf": weighted("adverb 70 span 30"),
    "fut": weighted("adverb 38 weekday 20 month 10 next 18 date 4 event 8 part 6"),
    "inf": weighted("part 40 event 40 weekday 20"),
}
EVERY = weighted("day 40 week 20 morning 14 year 12 evening 8 month 6 night 6 hour 2")
YEARS = Choice([str(y) for y in range(2019, 1919, -1)], exponent=1.0)

# semantic tags of adverbs (the rest: IST)
ADVERB_SEM = {
    "yesterday": "PST", "recently": "PST", "earlier": "PST", "twice": "QUC", "today": "NOW", "now": "NOW", "tonight": "FUT", "tomorrow": "FUT", "soon": "FUT", "again": "ALT", "still": "ALT", "already": "ALT", "also": "ALT",
    "never": "NOT", "always": "AND", "only": "XCL", "just": "XCL", "often": "QUV", "usually": "QUV", "sometimes": "QUV", "rarely": "QUV", "regularly": "QUV",
    "here": "PRX", "there": "DST", "perhaps": "POS", "maybe": "POS", "however": "BUT", "then": "REL", "later": "REL", "together": "COO", "home": "CON",
}  # fmt: skip
# adverbs between subject and verb, by the kind of clause
FREQUENCY = {
    "past": weighted("often 30 never 30 always 20 usually 8 sometimes 14 rarely 8 also 10 just 4"),
    "plup": weighted("never 30 already 30 just 24 often 10 also 8"),
    "pres": weighted("often 30 never 22 always 24 usually 20 sometimes 18 rarely 10 still 10 also 8"),
    "prog": weighted("still 40 already 20 also 14 just 10 always 8"),
    "perf": weighted("already 34 just 24 never 24 often 10 also 8"),
    "fut": weighted("never 30 always 14 also 20 still 14"),
    "inf": weighted("never 24 also 16 still 12 always 6"),
}

# --- verb groups ---

DOMAINS = Choice("home school food business politics law medicine travel sport music army farm art sea media science church".split(), exponent=1.25)
FRAMES = weighted("trans 32 intr 14 obl 12 be 10 light 10 that 8 to 6 put 6 tpart 3 part 3 ditr 4 objto 3 link 3 ng 2 q 2")
TAG = {"VBD": "EPS", "VBZ": "ENS", "VBP": "ENS", "VB": "EXS", "VBG": "EXG", "VBN": "EXT"}
MODALS = {
    "past": weighted("could 60 would 30 might 10"),
    "reported": weighted("would 45 could 30 should 12 might 13"),
    "pres": weighted("will 40 can 26 must 12 should 11 may 7 might 4"),
}
MODAL_SEM = {"will": "FUT", "would": "FUT", "can": "POS", "could": "POS", "may": "POS", "might": "POS", "must": "NEC", "should": "NEC"}
# verb group patterns: the tense, the auxiliaries before the verb, negation
PATTERNS = {
    "past": Choice((("past",), ("past", "have"), ("past", "be"), ("modal",), ("past", "not"), ("modal", "not"), ("modal", "have")), [560, 170, 80, 90, 60, 16, 24]),
    "pres": Choice((("pres",), ("pres", "have"), ("pres", "be"), ("modal",), ("pres", "not"), ("modal", "not"), ("pres", "have", "be"), ("pres", "have", "not")), [290, 240, 130, 240, 60, 40, 16, 14]),
    # states: no progressive, the perfect rare
    "past state": Choice((("past",), ("past", "have"), ("modal",), ("past", "not"), ("modal", "not")), [740, 70, 70, 100, 20]),
    "pres state": Choice((("pres",), ("pres", "have"), ("modal",), ("pres", "not"), ("modal", "not")), [660, 60, 120, 130, 30]),
}  # fmt: skip
NEXT = {"have": "pt", "be": "ng", "pass": "pss", "do": "b", "modal": "b"}
XPOS = {"b": "VB", "to": "VB", "ng": "VBG", "pt": "VBN", "pss": "VBN"}
CLITICS = {"is": "'s", "has": "'s", "am": "'m", "are": "'re", "have": "'ve", "will": "'ll", "would": "'d", "had": "'d"}

# --- sentences ---

ROOT = {"dcl": "S[dcl]", "q": "S[q]", "wq": "S[wq]", "imp": "S[b]\\NP"}
SUBORDINATOR_SEM = {"because": "SUB", "when": "SUB", "before": "REL", "after": "REL", "if": "IMP", "while": "SUB", "although": "BUT", "as": "SUB", "until": "REL", "since": "SUB"}
SUBORDINATORS = {
    "past": weighted("because 24 when 26 before 12 after 14 while 9 although 8 as 5 until 5 since 3"),
    "pres": weighted("because 26 when 20 before 8 after 8 if 20 while 8 although 8 as 3 until 6 since 3"),
}
BRIDGES = weighted("say 40 think 26 believe 12 know 8 hope 5 claim 6 hear 5")  # verbs out of whose clause something is asked or relativized
BACKSHIFTED = frozenset("think believe hope".split())
INTERJECTIONS = Choice(("oh", "yes", "no", "well", "hey", "wow", "hello", "oops"), exponent=0.9)
