"""Spanish verb groups: the chain of auxiliaries, clitics before and behind it, and what a clause's verb is said with."""

from __future__ import annotations

from dataclasses import dataclass, field

from ..engine import Leaf, complement
from ..meaning import Clause
from . import words as lexicon
from .base import Agreement, features
from .circumstances import Circumstances
from .closed import AUXILIARY_SEM, CLITIC_ORDER, OTHERS, SPEAKERS, TENSES
from .inflection import conjugate, enclitic, participle

# kind of an auxiliary → form that it asks of the next verb, its relation, the category of the verb phrase after it
_NEXT = {
    "modal": ("inf", "aux", "S[b]\\NP"), "tener": ("inf", "aux", "S[to]\\NP"), "ir": ("inf", "aux", "S[to]\\NP"),
    "haber": ("part", "aux", "S[pt]\\NP"), "estar": ("ger", "aux", "S[ng]\\NP"), "ser": ("pss", "aux:pass", "S[pss]\\NP"),
}
_REFLEXIVE = {(1, "Sing"): "me", (2, "Sing"): "te", (1, "Plur"): "nos", (2, "Plur"): "os"}


@dataclass
class Plan:
    """What a verb is said with: complements behind it (node, category, relation), clitics (word, relation), and its subject."""

    verb: lexicon.Verb
    agreement: Agreement
    subject: object = None  # node of a subject that is said
    subject_negative: bool = False
    passive: str = ""  # ser, se
    behind: list = field(default_factory=list)
    clitics: list = field(default_factory=list)
    predicate: tuple | None = None  # (node, category) after a copula


def verb_features(form: str, agreement: Agreement) -> tuple[str, str, str]:
    """(end of the tag, features, semantic tag) of a form."""
    person = 3 if agreement.polite else agreement.person
    if form in TENSES:
        tag, feats, sem = TENSES[form]
        return tag, features(feats, f"Number={agreement.number} Person={person}"), sem
    if form == "inf":
        return "N", "VerbForm=Inf", "EXS"
    if form == "ger":
        return "G", "VerbForm=Ger", "EXG"
    gender, number = (agreement.gender, agreement.number) if form == "pss" else ("Masc", "Sing")
    return f"P{gender[0]}{number[0]}", features(f"Gender={gender} Number={number} Tense=Past VerbForm=Part", "Voice=Pass" if form == "pss" else ""), "EXT" if form == "part" else "EXS"


class VerbGroups(Circumstances):
    """Verbs with their auxiliaries and clitics."""

    def verb_leaf(self, lemma: str, form: str, agreement: Agreement, *, auxiliary=False, clitics="") -> Leaf:
        """A form of a verb; `clitics` lean on its end."""
        if form in ("part", "pss"):
            word = participle(lemma, *((agreement.gender, agreement.number) if form == "pss" else ("Masc", "Sing")))
        else:
            word = conjugate(lemma, form, 3 if agreement.polite else agreement.person, agreement.number)
        end, feats, sem = verb_features(form, agreement)
        kind = "VS" if lemma == "ser" else "VA" if lemma in ("haber", "estar") else "VM"
        if auxiliary:
            sem = {"deber": "NEC", "poder": "POS", "tener": "NEC"}.get(lemma, AUXILIARY_SEM.get(form, "NIL"))
        return Leaf(enclitic(word, clitics), lemma, "AUX" if auxiliary else "VERB", kind + end, feats, sem, "VP")

    # --- clitics ---

    def reflexive(self, agreement: Agreement) -> str:
        return "se" if agreement.polite or agreement.person == 3 else _REFLEXIVE[agreement.person, agreement.number]

    def object_clitic(self, agreement: Agreement, dative: bool) -> str:
        """me, te, lo, las; as an indirect object me, te, le, les."""
        if agreement.person < 3 and not agreement.polite:
            return SPEAKERS[agreement.person, agreement.number][3]
        if dative:
            return "le" if agreement.number == "Sing" else "les"
        return OTHERS[agreement.gender, agreement.number][1]

    def ordered(self, clitics: list[tuple[str, str]]) -> list[tuple[str, str]]:
        """Clitics as they follow one another; le lo is se lo."""
        if any(word in ("lo", "la", "los", "las") for word, _ in clitics):
            clitics = [("se" if word in ("le", "les") else word, relation) for word, relation in clitics]
        return sorted(clitics, key=lambda c: CLITIC_ORDER.index(c[0]))

    def clitic_leaf(self, word: str, relation: str) -> Leaf:
        if word in ("me", "te", "nos", "os"):
            person, number = next(key for key, forms in SPEAKERS.items() if forms[3] == word)
            feats = f"Case=Acc,Dat Number={number} Person={person} PrepCase=Npr PronType=Prs"
            feats += " Reflex=Yes" if relation.startswith("expl") else ""
            return Leaf(word, "yo" if person == 1 else "tú", "PRON", "PP", features(feats), "PRO" if relation in ("obj", "iobj") else "REF", "VP")
        if word == "se":
            reflexive = relation != "iobj:se"
            return Leaf("se", "él", "PRON", "P0" if reflexive else "PP", features("Case=Acc,Dat Person=3 PrepCase=Npr PronType=Prs" if reflexive else "Case=Dat Person=3 PrepCase=Npr PronType=Prs", "Reflex=Yes" if reflexive else ""), "REF" if reflexive else "PRO", "VP")
        number = "Plur" if word.endswith("s") else "Sing"
        if word in ("le", "les"):
            return Leaf(word, "él", "PRON", "PP", features(f"Case=Dat Number={number} Person=3 PronType=Prs"), "PRO", "VP")
        gender = "Fem" if word in ("la", "las") else "Masc"
        return Leaf(word, "él", "PRON", "PP", features(f"Case=Acc Gender={gender} Number={number} Person=3 PrepCase=Npr PronType=Prs"), "PRO", "VP")

    # --- the chain of auxiliaries ---

    def chain(self, clause: Clause, plan: Plan, form: str, mood: str) -> tuple[str, list[tuple[str, str]]]:
        """(form of the first verb, auxiliaries before the verb as (lemma, kind))."""
        tense, modal, steps = clause.tense, clause.modal, []
        state = plan.verb.stative or clause.frame in ("be", "link") or clause.progressive or plan.predicate is not None
        first = form
        if form == "fin":
            past = tense in ("past", "imp")
            first = {"pres": "pres", "past": "imp" if state or clause.perfect else "past", "imp": "imp", "fut": "fut"}[tense]
            if mood == "Sub":
                first = "subimp" if past or modal == "would" else "sub"
            elif modal in ("would", "should"):
                first = "cnd"
            if modal == "can" or modal == "may":
                steps.append(("poder", "modal"))
                first = "imp" if first == "past" and (modal == "may" or not self.chance(0.5)) else first
            elif modal == "must":
                obliged = first in ("past", "fut") or self.chance(0.5)
                steps.append(("tener", "tener") if obliged else ("deber", "modal"))
            elif modal == "should":
                steps.append(("deber", "modal"))
            elif first == "fut" and not clause.perfect and self.chance(0.3):
                first = "pres"
                steps.append(("ir", "ir"))
        if clause.perfect:
            steps.append(("haber", "haber"))
        if clause.progressive:
            steps.append(("estar", "estar"))
        if plan.passive == "ser":
            steps.append(("ser", "ser"))
        return first, steps

    def group(self, clause: Clause, plan: Plan, form: str, mood: str):
        """The verb with its auxiliaries and, around it, its clitics: (node, clitics that stand before it)."""
        first, steps = self.chain(clause, plan, form, mood)
        forms = [first] + [_NEXT[kind][0] for _, kind in steps]
        clitics = self.ordered(plan.clitics)
        host = -1
        if clitics and (form in ("inf", "ger") or (form == "cmd")):
            host = 0
        elif clitics and self.chance(0.35):
            host = next((i + 1 for i, (_, kind) in enumerate(steps) if kind in ("modal", "tener", "ir", "estar")), -1)
        leaning = "".join(word for word, _ in clitics)
        last = len(steps)
        if plan.predicate is not None:
            node, category = plan.predicate
            node = complement(self.verb_leaf(plan.verb.lemma, forms[last], plan.agreement, auxiliary=True, clitics=leaning if host == last else ""), node, category, "cop", functor_heads=False)
        else:
            node = self.verb_leaf(plan.verb.lemma, forms[last], plan.agreement, clitics=leaning if host == last else "")
        for i in range(last - 1, -1, -1):
            lemma, kind = steps[i]
            _, relation, category = _NEXT[kind]
            if kind in ("tener", "ir"):
                mark = Leaf("que", "que", "SCONJ", "CS", "", "NIL", "VP") if kind == "tener" else Leaf("a", "a", "ADP", "SP", "", "NIL", "VP")
                node = complement(mark, node, "S[b]\\NP", "mark", functor_heads=False)
            node = complement(self.verb_leaf(lemma, forms[i], plan.agreement, auxiliary=True, clitics=leaning if host == i else ""), node, category, relation, functor_heads=False)
        return node, clitics if host < 0 else []
