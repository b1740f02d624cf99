"""German closed classes: pronouns, determiners, prepositions, auxiliaries, conjunctions, semantic tags."""

from __future__ import annotations

from ..engine import Leaf

HUMAN = ("role", "female", "male")
CASES = ("Nom", "Acc", "Dat", "Gen")

# (person, number, gender) → nominative, accusative, dative, possessive stem
PRONOUNS = {
    (1, "Sing", ""): ("ich", "mich", "mir", "mein"),
    (2, "Sing", ""): ("du", "dich", "dir", "dein"),
    (3, "Sing", "Masc"): ("er", "ihn", "ihm", "sein"),
    (3, "Sing", "Fem"): ("sie", "sie", "ihr", "ihr"),
    (3, "Sing", "Neut"): ("es", "es", "ihm", "sein"),
    (1, "Plur", ""): ("wir", "uns", "uns", "unser"),
    (2, "Plur", ""): ("ihr", "euch", "euch", "euer"),
    (3, "Plur", ""): ("sie", "sie", "ihnen", "ihr"),
}
FORMAL = ("Sie", "Sie", "Ihnen", "Ihr")
REFLEXIVES = {(1, "Sing"): ("mich", "mir"), (2, "Sing"): ("dich", "dir"), (1, "Plur"): ("uns", "uns"), (2, "Plur"): ("euch", "euch")}

# determiner of a message → stem, how it declines, declension of adjectives after it, tag, features, semantic tag
DETERMINERS = {
    "the": ("der", "der", "weak", "ART", "Definite=Def|PronType=Art", "DEF"),
    "a": ("ein", "ein", "mixed", "ART", "Definite=Ind|PronType=Art", "DIS"),
    "this": ("dies", "dieser", "weak", "PDAT", "PronType=Dem", "PRX"),
    "that": ("jen", "dieser", "weak", "PDAT", "PronType=Dem", "DST"),
    "every": ("jed", "dieser", "weak", "PIAT", "PronType=Tot", "AND"),
    "each": ("jed", "dieser", "weak", "PIAT", "PronType=Tot", "AND"),
    "no": ("kein", "ein", "mixed", "PIAT", "PronType=Neg", "NOT"),
    "another": ("ein", "ein", "mixed", "ART", "Definite=Ind|PronType=Art", "ALT"),
    "some": ("einig", "dieser", "strong", "PIAT", "PronType=Ind", "DIS"),
    "many": ("viel", "dieser", "strong", "PIAT", "PronType=Ind", "QUV"),
    "few": ("wenig", "dieser", "strong", "PIAT", "PronType=Ind", "QUV"),
    "several": ("mehrer", "dieser", "strong", "PIAT", "PronType=Ind", "QUV"),
    "all": ("all", "dieser", "weak", "PIAT", "PronType=Tot", "AND"),
    "both": ("beid", "dieser", "weak", "PIAT", "PronType=Tot", "AND"),
    "which": ("welch", "dieser", "weak", "PWAT", "PronType=Int", "QUE"),
}
LEMMAS = {"dies": "dieser", "jen": "jener", "jed": "jeder", "einig": "einige", "viel": "viele", "wenig": "wenige", "mehrer": "mehrere", "all": "alle", "beid": "beide", "welch": "welcher"}
# of something that one does not count
AMOUNTS = {"some": "etwas", "many": "viel", "several": "etwas", "few": "wenig", "much": "viel"}
DEFINITE = frozenset(("the", "this", "that", "every", "each", "owner", "all", "both"))

CONTRACTED = {
    ("in", "dem"): "im", ("in", "das"): "ins", ("an", "dem"): "am", ("an", "das"): "ans", ("zu", "dem"): "zum", ("zu", "der"): "zur", ("von", "dem"): "vom", ("bei", "dem"): "beim",
}
# preposition of a message → German, case
PREPOSITIONS = {
    "with": ("mit", "Dat"), "without": ("ohne", "Acc"), "for": ("für", "Acc"), "like": ("wie", "Nom"), "than": ("als", "Nom"), "after": ("nach", "Dat"), "before": ("vor", "Dat"),
    "during": ("während", "Gen"), "by": ("von", "Dat"), "about": ("über", "Acc"), "from": ("von", "Dat"), "of": ("von", "Dat"), "in": ("in", "Dat"), "on": ("auf", "Dat"), "at": ("an", "Dat"),
    "under": ("unter", "Dat"), "near": ("bei", "Dat"), "between": ("zwischen", "Dat"), "into": ("in", "Acc"), "to": ("zu", "Dat"), "through": ("durch", "Acc"), "across": ("über", "Acc"),
    "past": ("an", "Dat"), "over": ("über", "Acc"), "against": ("gegen", "Acc"), "around": ("um", "Acc"), "behind": ("hinter", "Dat"),
}
CASE_OF = {"A": "Acc", "D": "Dat", "G": "Gen"}
WITH_ARTICLE = frozenset(("Türkei", "Schweiz", "Everest", "Ätna"))

SUBORDINATORS = {
    "because": ("weil", "SUB"), "when": ("wenn", "SUB"), "before": ("bevor", "REL"), "after": ("nachdem", "REL"), "if": ("wenn", "IMP"), "while": ("während", "SUB"), "although": ("obwohl", "BUT"),
    "as": ("da", "SUB"), "until": ("bis", "REL"), "since": ("seit", "REL"),
}
COORDINATORS = {"and": ("und", "COO"), "but": ("aber", "BUT"), "or": ("oder", "DIS"), "so": ("und", "COO")}
QUESTIONS = {"where": "wo", "why": "warum", "when": "wann", "how": "wie"}
MODALS = {"can": "können", "must": "müssen", "should": "sollen", "may": "können", "would": "werden"}
MODAL_SEM = {"können": "POS", "müssen": "NEC", "sollen": "NEC", "wollen": "EXS", "mögen": "EXS"}
AUXILIARIES = frozenset(("haben", "sein", "werden"))
MODAL_VERBS = frozenset(("können", "müssen", "sollen", "wollen", "dürfen", "mögen"))
# verbs that tell the past in the preterite even where the others take the perfect
SYNTHETIC_PAST = frozenset(("haben", "sein", "wissen", *MODAL_VERBS))
# verbs whose own second subjunctive is preferred to the one with würde
SYNTHETIC = frozenset(("haben", "sein", "werden", "wissen", *MODAL_VERBS))
SYNTHETIC_TOO = frozenset(
    "kommen gehen geben finden bleiben lassen stehen nehmen halten schlafen ziehen liegen sehen bringen brauchen lesen sprechen laufen schreiben rufen tragen treffen sitzen denken fangen fallen steigen schließen "
    "verlieren singen trinken schlagen rufen springen essen beginnen bieten fliegen wachsen greifen schneiden reiten leihen weisen klingen scheinen zwingen verstehen besitzen verlassen erhalten besprechen beschreiben "
    "zerbrechen versprechen erfahren vergessen genießen".split()
)
# what may be said without dass
SAYING = frozenset("sagen denken glauben hoffen behaupten berichten erklären vermuten beteuern fürchten versprechen ankündigen".split())

COLOURS = frozenset("rot grün blau schwarz weiß gelb braun".split())
SIZES = frozenset("alt jung groß klein lang kurz riesig schnell langsam schwer hoch dick schmal heiß kalt warm neu niedrig".split())
ADVERB_SEM = {
    "yesterday": "PST", "recently": "PST", "earlier": "PST", "twice": "QUC", "today": "NOW", "now": "NOW", "tonight": "FUT", "tomorrow": "FUT", "soon": "FUT", "again": "ALT", "still": "ALT", "already": "ALT", "also": "ALT",
    "never": "NOT", "always": "AND", "only": "XCL", "just": "XCL", "often": "QUV", "usually": "QUV", "sometimes": "QUV", "rarely": "QUV", "regularly": "QUV", "here": "PRX", "there": "DST", "perhaps": "POS", "maybe": "POS",
    "however": "BUT", "then": "REL", "later": "REL", "together": "COO", "home": "CON",
}


def comma() -> Leaf:
    return Leaf(",", ",", "PUNCT", "$,", "", "NIL", "O")


def conjunction(word: str, sem: str) -> Leaf:
    return Leaf(word, word, "CCONJ", "KON", "", sem, "O")
