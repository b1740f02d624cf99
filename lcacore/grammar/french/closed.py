"""French closed classes: determiners, pronouns, clitics, prepositions, conjunctions; what each word is annotated with."""

from __future__ import annotations

from functools import cache

from ..engine import Leaf

__all__ = ["Clitic", "article", "clitic", "determiner", "feats", "preposition", "verb_features"]


def feats(**values: str) -> str:
    """"Gender=Masc|Number=Sing": features in alphabetical order, empty ones left out; `psor_` stands for [psor]."""
    named = {name.replace("_psor", "[psor]"): value for name, value in values.items() if value}
    return "|".join(f"{name}={named[name]}" for name in sorted(named, key=str.lower))


# --- determiners -----------------------------------------------------------------------------------

_SINGULAR, _PLURAL = "Sing", "Plur"
# concept → forms (masculine, feminine, plural), lemma, features, semantic tag
_DETERMINERS = {
    "the": (("le", "la", "les"), "le", {"Definite": "Def", "PronType": "Art"}, "DEF"),
    "a": (("un", "une", "des"), "un", {"Definite": "Ind", "PronType": "Art"}, "DIS"),
    "part": (("du", "de la", "des"), "de", {"Definite": "Ind", "PronType": "Art"}, "DIS"),
    "de": (("de", "de", "de"), "un", {"Definite": "Ind", "PronType": "Art"}, "DIS"),
    "this": (("ce", "cette", "ces"), "ce", {"PronType": "Dem"}, "PRX"),
    "that": (("ce", "cette", "ces"), "ce", {"PronType": "Dem"}, "DST"),
    "every": (("chaque", "chaque", "chaque"), "chaque", {"PronType": "Tot"}, "AND"),
    "each": (("chaque", "chaque", "chaque"), "chaque", {"PronType": "Tot"}, "AND"),
    "no": (("aucun", "aucune", "aucuns"), "aucun", {"Polarity": "Neg", "PronType": "Neg"}, "NOT"),
    "some": (("quelque", "quelque", "quelques"), "quelque", {"PronType": "Ind"}, "DIS"),
    "several": (("plusieurs", "plusieurs", "plusieurs"), "plusieurs", {"PronType": "Ind"}, "QUV"),
    "which": (("quel", "quelle", "quels"), "quel", {"PronType": "Int"}, "QUE"),
    "all": (("tout", "toute", "tous"), "tout", {"PronType": "Tot"}, "AND"),
}
_FEMININE_PLURALS = {"tous": "toutes", "quels": "quelles", "aucuns": "aucunes"}
_TAG = {"the": "DETDEF", "a": "DETIND", "part": "DETPART", "de": "DETIND", "this": "DETDEM", "that": "DETDEM", "which": "DETWH"}


@cache
def _determiner(concept: str, gender: str, number: str) -> tuple:
    forms, lemma, values, sem = _DETERMINERS[concept]
    word = forms[2] if number == _PLURAL else forms[gender == "Fem"]
    if gender == "Fem":
        word = _FEMININE_PLURALS.get(word, word)
    told = "" if concept in ("de", "every", "each") or (number == _PLURAL and concept in ("the", "a", "part", "this", "that", "several", "some")) else gender
    return word, lemma, "DET", _TAG.get(concept, "DET"), feats(Gender=told, Number="" if concept == "de" else number, **values), sem


def determiner(concept: str, gender: str, number: str) -> Leaf:
    """A determiner as the noun asks for it."""
    return Leaf(*_determiner(concept, gender, number), fixed="NP[nb]/N")


def article(gender: str, number: str) -> Leaf:
    """le, la, les."""
    return determiner("the", gender, number)


# possessor (person, number) → masculine, feminine, plural
_POSSESSIVES = {
    (1, "Sing"): ("mon", "ma", "mes"), (2, "Sing"): ("ton", "ta", "tes"), (3, "Sing"): ("son", "sa", "ses"),
    (1, "Plur"): ("notre", "notre", "nos"), (2, "Plur"): ("votre", "votre", "vos"), (3, "Plur"): ("leur", "leur", "leurs"),
}


@cache
def _possessive(person: int, owners: str, gender: str, number: str) -> tuple:
    forms = _POSSESSIVES[person, owners]
    word = forms[2] if number == _PLURAL else forms[gender == "Fem"]
    told = gender if number == _SINGULAR else ""
    features = feats(Gender=told, Number=number, Number_psor=owners, Person_psor=str(person), Poss="Yes", PronType="Prs")
    return word, {1: "mon", 2: "ton", 3: "son"}[person] if owners == "Sing" else forms[0], "DET", "DETPOSS", features, "HAS"


def possessive(person: int, owners: str, gender: str, number: str) -> Leaf:
    """mon, ta, ses, leurs."""
    return Leaf(*_possessive(person, owners, gender, number), fixed="NP[nb]/N")


# --- pronouns --------------------------------------------------------------------------------------

# (person, number) → subject (masculine, feminine), object, dative, reflexive, tonic (masculine, feminine), lemma
_PRONOUNS = {
    (1, "Sing"): ("je", "je", "me", "me", "me", "moi", "moi"),
    (2, "Sing"): ("tu", "tu", "te", "te", "te", "toi", "toi"),
    (3, "Sing"): ("il", "elle", "le", "lui", "se", "lui", "elle"),
    (1, "Plur"): ("nous", "nous", "nous", "nous", "nous", "nous", "nous"),
    (2, "Plur"): ("vous", "vous", "vous", "vous", "vous", "vous", "vous"),
    (3, "Plur"): ("ils", "elles", "les", "leur", "se", "eux", "elles"),
}


@cache
def _pronoun(person: int, number: str, gender: str, role: str) -> tuple:
    forms = _PRONOUNS[person, number]
    third = person == 3
    word = {"subject": forms[gender == "Fem"], "object": forms[2], "dative": forms[3], "reflexive": forms[4], "tonic": forms[5 + (gender == "Fem")]}[role]
    if role == "object" and word == "le" and gender == "Fem":
        word = "la"
    told = gender if third and (role in ("subject", "tonic") or (role == "object" and number == "Sing")) else ""
    features = feats(Gender=told, Number="" if word == "se" else number, Person=str(person), PronType="Prs", Reflex="Yes" if role == "reflexive" else "")
    tag = {"subject": "CLS", "object": "CLO", "dative": "CLO", "reflexive": "CLR", "tonic": "PRO"}[role]
    lemma = {"subject": forms[0] if not (third and gender == "Fem" and number == "Plur") else "il", "reflexive": "se"}.get(role, {"la": "le", "les": "le", "leur": "lui"}.get(word, word))
    lemma = "il" if role == "subject" and third else lemma
    return word, lemma, "PRON", tag, features, "REF" if role == "reflexive" else "PRO"


def pronoun(person: int, number: str, gender: str, role: str) -> Leaf:
    """A personal pronoun; role: subject, object, dative, reflexive, tonic."""
    return Leaf(*_pronoun(person, number, gender, role))


class Clitic:
    """A pronoun that leans on the verb: its leaf, the category that it stands for ("" none), relation, place in the row."""

    __slots__ = ("category", "leaf", "rank", "relation")

    def __init__(self, leaf: Leaf, category: str, relation: str, rank: int):
        self.leaf, self.category, self.relation, self.rank = leaf, category, relation, rank
        leaf.chunk = "VP"


def clitic(kind: str) -> Clitic:
    """y or en for a prepositional object."""
    leaf = Leaf(kind, kind, "PRON", "CLO", "Person=3|PronType=Prs", "PRO")
    return Clitic(leaf, "PP", "iobj", 4 if kind == "y" else 5)


# --- nouns, adjectives, prepositions, conjunctions -----------------------------------------------------------------

def common_noun(word: str, lemma: str, gender: str, number: str, sem="CON") -> Leaf:
    """A common noun: NCS or NCP."""
    return Leaf(word, lemma, "NOUN", "NC" + number[0], _nominal(gender, number), sem)


@cache
def _nominal(gender: str, number: str, degree="") -> str:
    return feats(Degree=degree, Gender=gender, Number=number)


def adjective(word: str, lemma: str, gender: str, number: str, sem: str, degree="") -> Leaf:
    """An adjective: ADJMS, ADJFP …"""
    return Leaf(word, lemma, "ADJ", f"ADJ{gender[0]}{number[0]}", _nominal(gender, number, degree), sem)


def preposition(word: str) -> Leaf:
    return Leaf(word, {"d'": "de", "jusqu'": "jusque"}.get(word, word), "ADP", "P", "", "REL", "PP")


_CONTRACTED = {("de", "le"): "du", ("de", "les"): "des", ("à", "le"): "au", ("à", "les"): "aux"}


@cache
def contracted(word: str, gender: str, number: str) -> tuple:
    """au, aux, du, des: what a preposition and the definite article make."""
    form = _CONTRACTED[word, "les" if number == _PLURAL else "le"]
    told = gender if number == _SINGULAR else ""
    return form, word, "ADP", "P+D", feats(Definite="Def", Gender=told, Number=number, PronType="Art"), "REL", "PP"


# relation → preposition, where neither the verb nor the noun has one of its own
PREPOSITIONS = {
    "in": "dans", "on": "sur", "at": "à", "to": "à", "from": "de", "of": "de", "by": "par", "with": "avec", "without": "sans", "for": "pour", "about": "sur", "like": "comme",
    "under": "sous", "into": "dans", "through": "à travers", "across": "à travers", "past": "devant", "near": "près de", "between": "entre", "before": "avant",
    "after": "après", "during": "pendant", "against": "contre", "over": "sur", "behind": "derrière",
}
# conjunction → words, semantic tag, whether a subjunctive follows
SUBORDINATORS = {
    "because": (("parce", "que"), "SUB", False), "when": (("quand",), "SUB", False), "before": (("avant", "que"), "REL", True), "after": (("après", "que"), "REL", False),
    "if": (("si",), "IMP", False), "while": (("pendant", "que"), "SUB", False), "although": (("bien", "que"), "BUT", True), "until": (("jusque", "à", "ce", "que"), "REL", True),
    "since": (("puisque",), "SUB", False),
}
SYNONYMS = {"when": (("lorsque",), "SUB", False), "although": (("quoique",), "BUT", True), "because": (("comme",), "SUB", False), "while": (("tandis", "que"), "SUB", False)}
COORDINATORS = {"and": ("et", "COO"), "but": ("mais", "BUT"), "so": ("donc", "COO"), "or": ("ou", "DIS")}

# --- verbs -----------------------------------------------------------------------------------------

_FEATURES = {
    "pres": ("Ind", "Pres", "ENS"), "imp": ("Ind", "Imp", "EPG"), "ps": ("Ind", "Past", "EPS"), "fut": ("Ind", "Fut", "EFS"),
    "cnd": ("Cnd", "Pres", "EXS"), "sub": ("Sub", "Pres", "EXS"), "imper": ("Imp", "Pres", "EXS"),
}
# VP3S: present, third person singular; I imperfect, H past historic, F future, C conditional, S subjunctive
_TAGS = {"pres": "VP", "imp": "VI", "ps": "VH", "fut": "VF", "cnd": "VC", "sub": "VS"}
_AUXILIARY_SEM = {"pres": "NOW", "imp": "PST", "ps": "PST", "fut": "FUT"}


@cache
def verb_features(form: str, person: int, number: str, *, auxiliary=False) -> tuple[str, str, str]:
    """(xpos, features, semantic tag) of a finite form."""
    mood, tense, sem = _FEATURES[form]
    values = feats(Mood=mood, Number=number, Person=str(person), Tense=tense, VerbForm="Fin")
    xpos = "VIMP" if form == "imper" else f"{_TAGS[form]}{person}{number[0]}"
    return xpos, values, _AUXILIARY_SEM.get(form, "NIL") if auxiliary else sem


@cache
def participle_features(gender: str, number: str, *, passive=False) -> str:
    return feats(Gender=gender, Number=number, Tense="Past", VerbForm="Part", Voice="Pass" if passive else "")


# adverbs that stand between auxiliary and participle
SHORT_ADVERBS = frozenset("souvent toujours jamais généralement parfois rarement encore déjà juste aussi seulement bien mal soudain vite".split())
ADVERB_SEM = {
    "hier": "PST", "récemment": "PST", "auparavant": "PST", "aujourd'hui": "NOW", "maintenant": "NOW", "demain": "FUT", "bientôt": "FUT", "tard": "REL", "encore": "ALT", "déjà": "ALT", "aussi": "ALT",
    "jamais": "NOT", "toujours": "AND", "seulement": "XCL", "juste": "XCL", "souvent": "QUV", "généralement": "QUV", "parfois": "QUV", "rarement": "QUV", "régulièrement": "QUV",
    "ici": "PRX", "là": "DST", "peut-être": "POS", "cependant": "BUT", "alors": "REL", "puis": "REL", "ensemble": "COO",
}
COLOURS = frozenset("rouge vert bleu noir blanc jaune brun".split())
DEGREES = frozenset("vieux jeune grand petit gros long court énorme rapide lent lourd haut épais étroit chaud brûlant froid nouveau profond".split())
