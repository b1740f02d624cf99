"""Spanish closed classes: determiners, pronouns, clitics, prepositions, conjunctions, numbers, and the tags of verb forms."""

from __future__ import annotations

# --- prepositions ----------------------------------------------------------------------------------

# concept → ways to say it; "_" joins the words of one
PREPOSITIONS = {
    "in": ("en",), "at": ("en",), "on": ("en", "sobre"), "under": ("bajo", "debajo_de"), "into": ("en",), "to": ("a",), "from": ("de",),
    "across": ("por",), "through": ("por",), "past": ("por",), "about": ("sobre",), "for": ("para",), "with": ("con",), "without": ("sin",),
    "like": ("como",), "of": ("de",), "by": ("por",), "near": ("cerca_de",), "between": ("entre",), "before": ("antes_de",),
    "after": ("después_de", "tras"), "during": ("durante",),
}
# (concept, class of what it governs) → what it is there
BY_CLASS = {("in", "clothes"): ("con",), ("of", "role"): ("de",), ("by", "role"): ("de",)}

# (verb, concept of its preposition) → what it is there
BY_VERB = {("luchar", "for"): ("por",), ("jugar", "for"): ("con",)}

# --- determiners: forms by (gender, number), lemma, tag, features, semantic tag ---------------------

_FORMS = (("Masc", "Sing"), ("Fem", "Sing"), ("Masc", "Plur"), ("Fem", "Plur"))


def _determiner(forms: str, lemma: str, xpos: str, feats: str, sem: str):
    words = forms.split()
    words = words * 4 if len(words) == 1 else [words[0], words[0], words[1], words[1]] if len(words) == 2 else words
    return dict(zip(_FORMS, words, strict=True)), lemma, xpos, feats, sem


DETERMINERS = {
    "the": _determiner("el la los las", "el", "DA", "Definite=Def PronType=Art", "DEF"),
    "a": _determiner("un una unos unas", "uno", "DI", "Definite=Ind PronType=Art", "DIS"),
    "this": _determiner("este esta estos estas", "este", "DD", "PronType=Dem", "PRX"),
    "that": _determiner("ese esa esos esas", "ese", "DD", "PronType=Dem", "DST"),
    "yonder": _determiner("aquel aquella aquellos aquellas", "aquel", "DD", "PronType=Dem", "DST"),
    "every": _determiner("cada", "cada", "DI", "PronType=Tot", "AND"),
    "no": _determiner("ningún ninguna ningunos ningunas", "ninguno", "DI", "PronType=Neg", "NOT"),
    "some": _determiner("algún alguna algunos algunas", "alguno", "DI", "PronType=Ind", "DIS"),
    "many": _determiner("mucho mucha muchos muchas", "mucho", "DI", "PronType=Ind", "QUV"),
    "few": _determiner("poco poca pocos pocas", "poco", "DI", "PronType=Ind", "QUV"),
    "all": _determiner("todo toda todos todas", "todo", "DI", "PronType=Tot", "AND"),
    "several": _determiner("vario varia varios varias", "varios", "DI", "PronType=Ind", "QUV"),
    "both": _determiner("ambo amba ambos ambas", "ambos", "DI", "PronType=Tot", "AND"),
    "another": _determiner("otro otra otros otras", "otro", "DI", "PronType=Ind", "ALT"),
    "which": _determiner("qué", "qué", "DT", "PronType=Int", "QUE"),
}
# possessives by (person, number of the owner)
POSSESSIVES = {
    (1, "Sing"): _determiner("mi mis", "mi", "DP", "Number[psor]=Sing Person=1 Poss=Yes PronType=Prs", "HAS"),
    (2, "Sing"): _determiner("tu tus", "tu", "DP", "Number[psor]=Sing Person=2 Poss=Yes PronType=Prs", "HAS"),
    (1, "Plur"): _determiner("nuestro nuestra nuestros nuestras", "nuestro", "DP", "Number[psor]=Plur Person=1 Poss=Yes PronType=Prs", "HAS"),
    (2, "Plur"): _determiner("vuestro vuestra vuestros vuestras", "vuestro", "DP", "Number[psor]=Plur Person=2 Poss=Yes PronType=Prs", "HAS"),
    3: _determiner("su sus", "su", "DP", "Person=3 Poss=Yes PronType=Prs", "HAS"),
}
INVARIABLE = frozenset(("cada", "qué"))  # no gender or number to show
NUMBERS = dict(
    pair.split("=")
    for pair in "one=uno two=dos three=tres four=cuatro five=cinco six=seis seven=siete eight=ocho nine=nueve ten=diez twelve=doce twenty=veinte thirty=treinta fifty=cincuenta".split()
)

# --- pronouns --------------------------------------------------------------------------------------

# (person, number): subject, after a preposition, with con, clitic as direct object, as indirect object, reflexive; lemma
SPEAKERS = {
    (1, "Sing"): ("yo", "mí", "conmigo", "me", "me", "me", "yo"),
    (2, "Sing"): ("tú", "ti", "contigo", "te", "te", "te", "tú"),
    (1, "Plur"): ("nosotros", "nosotros", "", "nos", "nos", "nos", "yo"),
    (2, "Plur"): ("vosotros", "vosotros", "", "os", "os", "os", "tú"),
}
OTHERS = {
    ("Masc", "Sing"): ("él", "lo"), ("Fem", "Sing"): ("ella", "la"), ("Masc", "Plur"): ("ellos", "los"), ("Fem", "Plur"): ("ellas", "las"),
}
CLITIC_ORDER = ("se", "te", "os", "me", "nos", "le", "les", "lo", "la", "los", "las")

# --- clauses ---------------------------------------------------------------------------------------

CONJUNCTIONS = {
    "because": ("porque",), "when": ("cuando",), "before": ("antes", "de", "que"), "after": ("después", "de", "que"), "if": ("si",),
    "while": ("mientras",), "although": ("aunque",), "until": ("hasta", "que"), "since": ("desde", "que"), "so": ("así", "que"), "as": ("como",),
}
CONJUNCTION_SEM = {"because": "SUB", "when": "SUB", "before": "REL", "after": "REL", "if": "IMP", "while": "SUB", "although": "BUT", "until": "REL", "since": "SUB", "so": "COO", "as": "SUB"}
COORDINATORS = {"and": ("y", "COO"), "but": ("pero", "BUT"), "or": ("o", "DIS")}
QUESTION_WORDS = {"where": "dónde", "when": "cuándo", "how": "cómo"}
INTERJECTIONS = {"oh": "oh", "yes": "sí", "no": "no", "well": "bueno", "hey": "oye", "wow": "vaya", "hello": "hola", "oops": "uy", "ah": "ah"}
ROOT = {"statement": "S[dcl]", "existence": "S[dcl]", "question": "S[q]", "wh": "S[wq]", "command": "S[b]\\NP"}
# verbs that doubt what they state once they are negated
DOUBTING = frozenset(("creer", "pensar", "decir", "recordar"))
# one's own body: se lavó las manos
TO_ONESELF = frozenset(("lavar", "cortar", "romper", "quemar", "herir"))

# tense → tag ending, features, semantic tag
TENSES = {
    "pres": ("IP", "Mood=Ind Tense=Pres VerbForm=Fin", "ENS"), "past": ("IS", "Mood=Ind Tense=Past VerbForm=Fin", "EPS"),
    "imp": ("II", "Mood=Ind Tense=Imp VerbForm=Fin", "EPS"), "fut": ("IF", "Mood=Ind Tense=Fut VerbForm=Fin", "EFS"),
    "cnd": ("IC", "Mood=Cnd VerbForm=Fin", "EXS"), "sub": ("SP", "Mood=Sub Tense=Pres VerbForm=Fin", "EXS"),
    "subimp": ("SI", "Mood=Sub Tense=Imp VerbForm=Fin", "EXS"), "cmd": ("M", "Mood=Imp VerbForm=Fin", "EXS"),
}
AUXILIARY_SEM = {"pres": "NOW", "past": "PST", "imp": "PST", "fut": "FUT", "cnd": "POS", "sub": "NOW", "subimp": "PST", "inf": "NIL", "ger": "PRG", "part": "PFT", "cmd": "NIL"}
ADVERB_SEM = {
    "yesterday": "PST", "recently": "PST", "earlier": "PST", "twice": "QUC", "today": "NOW", "now": "NOW", "tonight": "FUT", "tomorrow": "FUT", "soon": "FUT", "again": "ALT",
    "still": "ALT", "already": "ALT", "also": "ALT", "never": "NOT", "always": "AND", "only": "XCL", "just": "XCL", "often": "QUV", "usually": "QUV", "sometimes": "QUV",
    "rarely": "QUV", "regularly": "QUV", "here": "PRX", "there": "DST", "perhaps": "POS", "maybe": "POS", "however": "BUT", "then": "REL", "later": "REL", "together": "COO",
}
COLOURS = frozenset(("rojo", "verde", "azul", "negro", "blanco", "amarillo", "marrón"))
DEGREES = frozenset(("viejo", "joven", "alto", "grande", "pequeño", "largo", "corto", "enorme", "rápido", "lento", "pesado", "estrecho", "caliente", "frío", "nuevo"))
DEGREE_FORMS = {("bueno", "Cmp"): "mejor", ("malo", "Cmp"): "peor", ("bueno", "Sup"): "mejor", ("malo", "Sup"): "peor"}
SHORTENED = {"bueno": "buen", "malo": "mal", "primero": "primer"}
SEASONS = {"summer": "verano", "winter": "invierno", "spring": "primavera", "autumn": "otoño"}
UNITS_OF_DAY = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
