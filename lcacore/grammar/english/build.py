"""English phrases from words that have been chosen: the builders that drawing a sentence and saying a message share.

Nothing here draws at random. Leaves carry their annotation; phrases are trees of `..engine`.
"""

from __future__ import annotations

from dataclasses import dataclass

from ..engine import Leaf, Trace, complement, convert, leaves_of, modify
from . import words as lexicon
from .closed import (
    ADVERB_SEM,
    CLITICS,
    COLOURS,
    DEGREES,
    DETERMINERS,
    MODAL_SEM,
    NEXT,
    REFLEXIVE,
    TAG,
    XPOS,
)


@dataclass(frozen=True)
class Agreement:
    """What a subject tells its verb, and a noun its relative pronoun."""

    number: str = "Sing"
    person: int = 3
    cls: str = "thing"
    pronoun: bool = False
    gender: str = ""

    @property
    def present(self) -> str:
        return "VBZ" if self.number == "Sing" and self.person == 3 else "VBP"

    @property
    def be(self) -> int:
        """The person that `inflect` wants: 1 and 3 for singular subjects, 2 for the rest."""
        return self.person if self.number == "Sing" and self.person != 2 else 2

    @property
    def owned(self) -> tuple:
        """The entry of the pronoun that stands for this: she for Mary, they for the boys, it for a house."""
        human = self.cls == "role"
        gender = self.gender if human else "Neut"
        return next(p for p in PRONOUN_ENTRIES if p[2:4] == (self.number, self.person) and (self.person < 3 or self.number == "Plur" or p[4] == gender))


@dataclass(frozen=True)
class Phrase:
    """A noun phrase (category NP) and its agreement."""

    node: object
    agreement: Agreement


# form by case, lemma, number, person, gender
PRONOUN_ENTRIES = (
    ({"Nom": "he", "Acc": "him", "Gen": "his"}, "he", "Sing", 3, "Masc"),
    ({"Nom": "she", "Acc": "her", "Gen": "her"}, "she", "Sing", 3, "Fem"),
    ({"Nom": "they", "Acc": "them", "Gen": "their"}, "they", "Plur", 3, ""),
    ({"Nom": "I", "Acc": "me", "Gen": "my"}, "I", "Sing", 1, ""),
    ({"Nom": "we", "Acc": "us", "Gen": "our"}, "we", "Plur", 1, ""),
    ({"Nom": "you", "Acc": "you", "Gen": "your"}, "you", "Sing", 2, ""),
    ({"Nom": "you", "Acc": "you", "Gen": "your"}, "you", "Plur", 2, ""),
    ({"Nom": "it", "Acc": "it", "Gen": "its"}, "it", "Sing", 3, "Neut"),
)


def chunked(node, label: str):
    node.chunk = label
    return node


def comma() -> Leaf:
    return Leaf(",", ",", "PUNCT", ",", "", "NIL", "O")


# --- nouns -----------------------------------------------------------------------------------------

def noun_leaf(noun: lexicon.Noun, plural: bool) -> Leaf:
    sem = "ROL" if noun.cls == "role" else "UOM" if noun.cls == "unit" else "CON"
    if plural:
        return Leaf(noun.plural, noun.lemma, "NOUN", "NNS", "Number=Plur", sem)
    return Leaf(noun.lemma, noun.lemma, "NOUN", "NN", "Number=Sing", sem)


def proper(word: str, sem: str) -> Leaf:
    return Leaf(word, word, "PROPN", "NNP", "Number=Sing", sem)


def bare(node):
    """A noun phrase without determiner: a name, a plural, a mass noun."""
    return chunked(convert(node, "N"), "NP")


def pronoun(entry: tuple, case: str, cls="role") -> Phrase:
    forms, lemma, number, person, gender = entry
    feats = [f"Case={case}"] + [f"Gender={gender}"] * bool(gender) + [f"Number={number}", f"Person={person}", "PronType=Prs"]
    if lemma in ("it", "you"):
        feats = feats[1:]
    leaf = Leaf(forms[case], lemma, "PRON", "PRP", "|".join(feats), "PRO")
    return Phrase(chunked(convert(leaf, "NP"), "NP"), Agreement(number, person, cls, True, gender))


def reflexive(subject: Agreement):
    word = {("Sing", 1): "myself", ("Plur", 1): "ourselves", ("Plur", 3): "themselves", ("Sing", 2): "yourself", ("Plur", 2): "yourselves"}.get((subject.number, subject.person))
    word = word or {"Fem": "herself", "Masc": "himself"}.get(subject.gender, "itself")
    lemma = next(k for k, v in REFLEXIVE.items() if v == word)
    leaf = Leaf(word, lemma, "PRON", "PRP", f"Case=Acc|Number={subject.number}|Person={subject.person}|PronType=Prs|Reflex=Yes", "REF")
    return chunked(convert(leaf, "NP"), "NP")


def determined(word: str, nbar, number="Sing"):
    """Category NP: a determiner over an N of a number."""
    if number == "Plur":
        word = {"this": "these", "that": "those"}.get(word, word)
    lemma, xpos, upos, feats, sem = DETERMINERS[word]
    leaf = Leaf(word, lemma, upos, xpos, feats, sem, fixed="" if xpos == "WDT" else "NP[nb]/N")
    return complement(leaf, nbar, "N", "det" if upos == "DET" else "amod", functor_heads=False)


def numbered(word: str, nbar):
    """Category N: three boys."""
    return modify(nbar, Leaf(word, word, "NUM", "CD", "NumType=Card", "QUC"), "nummod", before=True)


def possessive_pronoun(entry: tuple, nbar):
    """her book"""
    forms, lemma, number, person, gender = entry
    feats = "|".join(["Case=Gen"] * (lemma in ("she", "he")) + [f"Gender={gender}"] * bool(gender) + [f"Number={number}", f"Person={person}", "Poss=Yes", "PronType=Prs"])
    return complement(Leaf(forms["Gen"], lemma, "PRON", "PRP$", feats, "HAS", fixed="NP[nb]/N"), nbar, "N", "nmod:poss", functor_heads=False)


def possessive(owner, nbar):
    """the teacher's book, the teachers' book"""
    last = leaves_of(owner)[-1]
    mark = Leaf("'" if last.word.endswith("s") and last.xpos == "NNS" else "'s", "'s", "PART", "POS", "", "HAS")
    return complement(complement(mark, owner, "NP", "case", functor_heads=False, backward=True), nbar, "N", "nmod:poss", functor_heads=False)


def titled(first: str, last: str = "", title: str = ""):
    """Mary, Mary Smith, Mrs. Smith"""
    words = [proper(title, "ROL")] * bool(title) + [proper(w, "PER") for w in (first, last) if w]
    node = words[-1]
    for word in words[-2::-1]:
        node = modify(node, word, "flat", before=True, modifier_heads=True)
    return bare(node)


def partitive(word: str, whole):
    """one of the boys"""
    xpos, upos, feats, sem = {"some": ("DT", "PRON", "PronType=Ind", "DIS"), "many": ("JJ", "ADJ", "Degree=Pos", "QUV"), "most": ("JJS", "ADJ", "Degree=Sup", "QUV")}.get(
        word, ("CD", "NUM", "NumType=Card", "QUC")
    )
    return modify(bare(Leaf(word, word, upos, xpos, feats, sem)), pp("of", whole), "nmod")


def coordinator(word: str, sem: str | None = None) -> Leaf:
    return Leaf(word, word, "CCONJ", "CC", "", sem or {"or": "DIS", "but": "BUT"}.get(word, "COO"), "O")


# --- adjectives, adverbs, prepositions -------------------------------------------------------------

def adjective(word: str, degree="Pos", chunk="") -> Leaf:
    sem = "COL" if word in COLOURS else "DEG" if word in DEGREES else "IST"
    if degree == "Pos":
        return Leaf(word, word, "ADJ", "JJ", "Degree=Pos", sem, chunk)
    return Leaf(lexicon.compare(word, degree), word, "ADJ", "JJR" if degree == "Cmp" else "JJS", f"Degree={degree}", "MOR" if degree == "Cmp" else "TOP", chunk)


def compared(word: str, degree: str):
    """older or more careful"""
    if degree == "Pos" or lexicon.compare(word, degree):
        return adjective(word, degree)
    more, xpos = ("more", "RBR") if degree == "Cmp" else ("most", "RBS")
    return modify(adjective(word), Leaf(more, more, "ADV", xpos, f"Degree={degree}", "MOR" if degree == "Cmp" else "TOP"), "advmod", before=True)


def intensified(node, word: str):
    return modify(node, Leaf(word, word, "ADV", "RB", "", "INT"), "advmod", before=True)


def adjectival(node):
    """A predicative adjective phrase as a chunk of its own."""
    return chunked(node, "ADJP")


def participle(lemma: str, xpos: str) -> Leaf:
    """A participle before a noun: a stolen book, a sleeping child."""
    feats = "Tense=Past|VerbForm=Part" if xpos == "VBN" else "Tense=Pres|VerbForm=Part"
    return Leaf(lexicon.inflect(lemma, xpos), lemma, "VERB", xpos, feats, "EXS" if xpos == "VBN" else "EXG")


def adverb(word: str) -> Leaf:
    sem = ADVERB_SEM.get(word, "IST")
    if word in ("earlier", "later"):
        return Leaf(word, {"earlier": "early", "later": "late"}[word], "ADV", "RBR", "Degree=Cmp", sem, "ADVP")
    xpos, upos, feats = ("NN", "NOUN", "Number=Sing") if word in ("yesterday", "today", "tomorrow", "tonight") else ("RB", "ADV", "")
    return Leaf(word, word, upos, xpos, feats, sem, "NP" if xpos == "NN" else "ADVP")


def adverb_relation(word: str) -> str:
    return "obl:tmod" if word in ("yesterday", "today", "tomorrow", "tonight") else "advmod"


def preposition(word: str, category="") -> Leaf:
    return Leaf(word, word, "ADP", "IN", "", "REL", "PP", category)


def pp(word: str, np):
    return complement(preposition(word), np, "NP", "case", functor_heads=False)


def time_phrase(kind: str, word: str, count=""):
    """(phrase, relation): yesterday, on Monday, in May, in 1987, on May 4, last week, every day, for two hours, in the evening."""
    if kind == "adverb":
        return adverb(word), adverb_relation(word)
    if kind == "weekday":
        return pp("on", bare(proper(word, "DOW"))), "obl"
    if kind == "month":
        return pp("in", bare(proper(word, "MOY"))), "obl"
    if kind == "year":
        return pp("in", bare(Leaf(word, word, "NUM", "CD", "NumType=Card", "YOC"))), "obl"
    if kind == "date":
        return pp("on", bare(modify(proper(word, "MOY"), Leaf(count, count, "NUM", "CD", "NumType=Card", "DOM"), "nummod"))), "obl"
    if kind == "span":
        noun = Leaf(lexicon.regular_s(word) if count != "one" else word, word, "NOUN", "NNS" if count != "one" else "NN", f"Number={'Plur' if count != 'one' else 'Sing'}", "UOM")
        return pp("for", bare(numbered(count, noun))), "obl"
    if kind == "part":
        noun = Leaf(word, word, "NOUN", "NN", "Number=Sing", "CON")
        return (pp("at", bare(noun)) if word == "night" else pp("in", chunked(determined("the", noun), "NP"))), "obl"
    if kind not in ("last", "next", "every"):
        raise ValueError(f"no time of kind {kind!r}; give adverb, weekday, month, year, date, span, part, last, next or every")
    noun = Leaf(word, word, "NOUN", "NN", "Number=Sing", "UOM") if word.islower() else proper(word, "DOW")
    if kind == "every":
        return chunked(modify(noun, Leaf("every", "every", "DET", "DT", "PronType=Tot", "AND"), "det", before=True), "NP"), "obl:tmod"
    leaf = Leaf(kind, kind, "ADJ", "JJ", "Degree=Pos", "PST" if kind == "last" else "FUT")
    return chunked(modify(noun, leaf, "amod", before=True), "NP"), "obl:tmod"


# --- verbs -----------------------------------------------------------------------------------------

def verb_leaf(lemma: str, xpos: str, subject: Agreement, *, upos="VERB", sem=None, passive=False) -> Leaf:
    if xpos == "VBD":
        feats = "Mood=Ind|Tense=Past|VerbForm=Fin" if lemma != "be" else f"Mood=Ind|Number={subject.number}|Person={subject.person}|Tense=Past|VerbForm=Fin"
    elif xpos in ("VBZ", "VBP"):
        feats = f"Mood=Ind|Number={subject.number}|Person={subject.person}|Tense=Pres|VerbForm=Fin"
    else:
        feats = {"VB": "VerbForm=Inf", "VBG": "Tense=Pres|VerbForm=Part", "VBN": "Tense=Past|VerbForm=Part" + "|Voice=Pass" * passive}[xpos]
    return Leaf(lexicon.inflect(lemma, xpos, subject.be), lemma, upos, xpos, feats, sem or ("EXS" if passive else TAG[xpos]), "VP")


def form_tag(form: str, subject: Agreement) -> str:
    """Penn tag of a verb form: past, pres, b, to, ng, pt, pss."""
    return XPOS.get(form) or ("VBD" if form == "past" else subject.present)


def auxiliary(lemma: str, form: str, subject: Agreement) -> Leaf:
    """An auxiliary in a form: "past", "pres", "modal" or one that another auxiliary asks for."""
    if form == "modal":
        return Leaf(lemma, lemma, "AUX", "MD", "VerbForm=Fin", MODAL_SEM[lemma], "VP")
    xpos = form_tag(form, subject)
    sem = {"VBD": "PST", "VBZ": "NOW", "VBP": "NOW", "VB": "NIL", "VBN": "PFT", "VBG": "PRG"}[xpos]
    return verb_leaf(lemma, xpos, subject, upos="AUX", sem=sem)


def auxiliary_chain(form: str, kinds, subject: Agreement) -> tuple[list, str]:
    """([(auxiliary, relation)], form of the verb after them); `kinds`: have, be, do, pass, or a modal's lemma."""
    chain = []
    for kind in kinds:
        modal = kind in MODAL_SEM
        chain.append((auxiliary("be" if kind == "pass" else kind, "modal" if modal else form, subject), "aux:pass" if kind == "pass" else "aux"))
        form = NEXT["modal" if modal else kind]
    return chain, form


def negation(contracted=False, inverted=False) -> Leaf:
    return Leaf("n't" if contracted else "not", "not", "PART", "RB", "Polarity=Neg", "NOT", "VP", fixed="" if inverted else "(S\\NP)\\(S\\NP)")


def contracts(leaf: Leaf) -> bool:
    """Whether an auxiliary takes n't."""
    return leaf.word not in ("am", "may", "might", "must")


def negated(auxiliary: Leaf, body, contracted=False, inverted=False):
    """`body` after `auxiliary` and not or n't."""
    if contracted:
        auxiliary.word = {"will": "wo", "can": "ca"}.get(auxiliary.word, auxiliary.word)
    return modify(body, negation(contracted, inverted), "advmod", before=True)


def under(chain: list, body, form: str):
    """(first auxiliary or None, relation, the rest as one phrase, its category): the auxiliaries after the first around `body`."""
    category = f"S[{form}]\\NP"
    for leaf, relation in chain[:0:-1]:
        body = complement(leaf, body, category, relation, functor_heads=False)
        category = f"S[{({'VB': 'b', 'VBN': 'pt', 'VBG': 'ng'}[leaf.xpos])}]\\NP"
    return body, category


def take(verb, *arguments):
    """A verb with its complements in order, each (node, category, relation)."""
    for node, category, relation in arguments:
        verb = complement(verb, node, category, relation)
    return verb


def to_infinitive(body):
    return complement(Leaf("to", "to", "PART", "TO", "", "NIL", "VP"), body, "S[b]\\NP", "mark", functor_heads=False)


def marked(word: str, clause, category="S[dcl]", sem="SUB"):
    """A clause under a subordinating word."""
    when = word in WH_ADVERBS
    leaf = Leaf(word, word, "ADV" if when else "SCONJ", "WRB" if when else "IN", "PronType=Int" if sem == "QUE" else "", sem, "ADVP" if when else "SBAR")
    return complement(leaf, clause, category, "advmod" if when else "mark", functor_heads=False)


WH_ADVERBS = ("when", "where", "why", "how")


def particle(word: str) -> Leaf:
    return Leaf(word, word, "ADP", "RP", "", "REL", "PRT")


def wh(word: str, relative=False) -> Leaf:
    xpos = "WDT" if relative and word not in ("who", "whom") else "WP"
    return chunked(convert(Leaf(word, "who" if word == "whom" else word, "PRON", xpos, f"PronType={'Rel' if relative else 'Int'}", "REL" if relative else "QUE")), "NP")


def relativized(node, word: str, clause, gap: str, relation: str):
    """A noun phrase with a relative clause; `gap`: S[dcl]\\NP or S[dcl]/NP; `word`: who, that, which, or "" for none."""
    if not word:
        return modify(node, convert(clause, gap), "acl:relcl")
    return modify(node, complement(wh(word, True), clause, gap, relation, functor_heads=False), "acl:relcl")


def whose(node, nbar, clause, gap: str, relation: str):
    """the woman whose brother sleeps, the woman whose car he stole"""
    leaf = Leaf("whose", "whose", "PRON", "WP$", "Poss=Yes|PronType=Rel", "HAS")
    possessed = chunked(complement(leaf, nbar, "N", "nmod:poss", functor_heads=False), "NP")
    return modify(node, complement(possessed, clause, gap, relation, functor_heads=False), "acl:relcl")


def piped(node, word: str, clause, *, human=False, argument=False):
    """the house in which he lives, the man to whom she spoke; `argument`: the clause has a gap for it (`trace("PP", …)`)."""
    case = complement(wh("whom" if human else "which", True), preposition(word), "PP/NP" if argument else "(NP\\NP)/NP", "case", functor_heads=True, backward=True)
    return modify(node, complement(case, clause, "S[dcl]/PP" if argument else "S[dcl]", "obl", functor_heads=False), "acl:relcl")


def where(node, clause):
    leaf = Leaf("where", "where", "ADV", "WRB", "PronType=Rel", "REL", "ADVP")
    return modify(node, complement(leaf, clause, "S[dcl]", "advmod", functor_heads=False), "acl:relcl")


def trace(category="NP", relation="obj"):
    """The argument that has been extracted, for `take`."""
    return Trace(), category, relation


def inverted(auxiliary: Leaf, relation: str, subject, subject_relation: str, body, category: str):
    """Category S[q]: did she leave. The subject depends on the verb, not on the auxiliary that takes it first (^)."""
    return complement(complement(auxiliary, subject, "NP", subject_relation + "^"), body, category, relation, functor_heads=False)


def existence(be: Leaf, np, place=None, *, auxiliaries=(), form="dcl"):
    """there is a letter on the table; `auxiliaries` before `be`, which then is in `form` (there will be …)."""
    be.upos = "VERB"
    body = complement(be, np, "NP", "nsubj")
    if place is not None:
        body = modify(body, place, "obl")
    for leaf, relation in auxiliaries[::-1]:
        body = complement(leaf, body, f"S[{form}]\\NP[thr]", relation, functor_heads=False)
        form = {"VB": "b", "VBN": "pt"}.get(leaf.xpos, form)
    there = chunked(convert(Leaf("there", "there", "PRON", "EX", "", "NIL"), "NP[thr]"), "NP")
    return complement(body, there, "NP[thr]", "expl", backward=True)


def contract(body, pronoun: bool) -> None:
    """he is → he 's: the first word of a finite verb phrase leans on its subject."""
    first, *rest = leaves_of(body)
    short = {"is": "'s", "has": "'s"} if not pronoun else CLITICS
    if first.upos == "AUX" and first.word in short and rest and rest[0].word != "n't":
        first.word = short[first.word]
