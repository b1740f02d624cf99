"""French clauses: subjects, statements that are said or wished, relative clauses."""

from __future__ import annotations

from dataclasses import replace

from ..engine import Leaf, complement, convert, modify
from ..meaning import Clause, Thing
from . import words as lexicon
from .adjectives import chunked
from .closed import Clitic, feats, preposition, pronoun, verb_features
from .groups import Agreement, Manner, agreement_of
from .nominals import Nominal
from .verbs import VerbPhrases

__all__ = ["ON", "WH", "Clauses"]

ON = Thing("pronoun", cls="on")
WH = {"where": "où", "why": "pourquoi", "when": "quand", "how": "comment"}
# modal → verb, its forms, whether it is pronominal
_FALLOIR = ("falloir", {"pres": "faut", "imp": "fallait", "fut": "faudra", "cnd": "faudrait"}, False)
_IMPERSONAL = {"must": _FALLOIR, "should": _FALLOIR, "may": ("pouvoir", {"pres": "peut", "imp": "pouvait", "fut": "pourra", "cnd": "pourrait"}, True)}


def is_past(c: Clause) -> bool:
    return c.tense in ("past", "imp") and not c.modal


class Clauses(VerbPhrases):
    """Finite clauses on top of verb phrases."""

    # --- finite clauses ---

    def voiced(self, c: Clause) -> tuple[Clause, bool]:
        """(clause, whether it is passive): what French cannot say in the passive is said of on."""
        if not c.passive:
            return c, False
        verb = lexicon.verb(c.sense)
        if verb.direct and not verb.pronominal and verb.lemma != "avoir" and verb.link != "que" and verb.object != "à":
            return c, True
        return replace(c, passive=False, subject=c.subject or ON), False

    def subject(self, c: Clause, passive: bool) -> Nominal:
        thing = c.object if passive else c.subject
        if thing is None:
            raise ValueError(f"a clause of {c.sense!r} without a subject; give one, or make it a command or a complement")
        return self.nominal(thing, subject=True)

    def clause(self, c: Clause, context="", *, antecedent=None):
        """Category S[dcl]."""
        if c.modal in _IMPERSONAL and context in ("", "past") and not c.gap and antecedent is None and self.chance(0.45):
            return self.impersonal(c)
        c, passive = self.voiced(c)
        subject = self.subject(c, passive)
        how = replace(self.manner(c, lexicon.verb(c.sense), context), antecedent=antecedent)
        body = self.verb_phrase(c, agreement_of(subject), how, passive=passive)
        return self.predicated(body, subject, passive)

    def impersonal(self, c: Clause):
        """il faut que Marie mange, il se peut que: a modal with a whole clause."""
        lemma, forms, pronominal = _IMPERSONAL[c.modal]
        form = "imp" if c.tense in ("past", "imp") else "fut" if c.tense == "fut" else "cnd" if c.modal == "should" else "pres"
        xpos, values, sem = verb_features(form, 3, "Sing")
        leaf = Leaf(forms[form], lemma, "VERB", xpos, values, sem, "VP")
        inner = replace(c, modal="", tense="pres")
        negation = ""
        if c.modal != "may":  # il ne faut pas que, but il se peut que … ne … pas
            negation = "jamais" if c.frequency == "never" else "pas" if c.negated else ""
            inner = replace(inner, negated=False, frequency="" if c.frequency == "never" else c.frequency)
        body, node = self.clause(inner, "sub.past"), leaf
        if negation:
            node = modify(node, self.negative_leaf(negation, "(S\\NP)\\(S\\NP)"), "advmod")
        node = complement(node, self.after_que(body), "S[em]", "ccomp")
        if pronominal:
            node = modify(node, Clitic(pronoun(3, "Sing", "Masc", "reflexive"), "", "expl:comp", 1).leaf, "expl:comp", before=True)
        if negation:
            node = modify(node, Leaf("ne", "ne", "ADV", "ADV", "Polarity=Neg", "NOT", "VP"), "advmod", before=True)
        return self.with_il(node)

    def with_il(self, node):
        """The subject of il faut and il y a."""
        il = Leaf("il", "il", "PRON", "CLS", "Gender=Masc|Number=Sing|Person=3|PronType=Prs", "NIL")
        return complement(node, chunked(convert(il, "NP[thr]"), "NP"), "NP[thr]", "expl:subj", backward=True)

    def predicated(self, body, subject: Nominal, passive: bool):
        return complement(body, self.np(subject, role="subject"), "NP", "nsubj:pass" if passive else "nsubj", backward=True)

    def that_clause(self, c: Clause, verb: lexicon.Verb):
        """que and a statement, in the subjunctive after verbs of doubt and fear and after penser, croire negated."""
        wanted = verb.link == "sub" or ((c.negated or c.frequency == "never") and verb.lemma in ("penser", "croire"))
        past = is_past(c)
        context = ("sub.past" if past else "sub") if wanted else "past" if past else ""
        return self.after_que(self.clause(c.complement, context))

    def after_que(self, clause):
        que = Leaf("que", "que", "SCONJ", "CS", "", "SUB", "SBAR")
        return complement(que, clause, "S[dcl]", "mark", functor_heads=False)

    def wish_clause(self, c: Clause):
        """vouloir que quelqu'un fasse."""
        return self.after_que(self.clause(replace(c.complement, subject=c.object, passive=False), "sub.past"))

    def question_clause(self, c: Clause, verb: lexicon.Verb):
        inner = c.complement
        context = "past" if is_past(c) else ""
        if inner.question == "whether":
            mark = Leaf("si", "si", "SCONJ", "CS", "", "SUB", "SBAR")
            return "S[qem]", "ccomp", complement(mark, self.clause(inner, context), "S[dcl]", "mark", functor_heads=False)
        if inner.question in WH:
            mark = self.wh_adverb(inner.question)
            return "S[qem]", "ccomp", complement(mark, self.clause(inner, context), "S[dcl]", "advmod", functor_heads=False)
        ce = Leaf("ce", "ce", "PRON", "PRODEM", "Gender=Masc|Number=Sing|Person=3|PronType=Dem", "PRO")
        head = Nominal()
        node = self.relative(replace(inner, passive=False, subject=inner.subject or (ON if inner.gap != "subject" else None)), head, context)
        return "NP", "obj", modify(chunked(convert(ce, "NP"), "NP"), node, "acl:relcl")

    def wh_adverb(self, question: str, relative=False) -> Leaf:
        word = WH[question]
        return Leaf(word, word, "ADV", "ADVWH" if not relative else "PROREL", f"PronType={'Rel' if relative else 'Int'}", "REL" if relative else "QUE", "ADVP")

    # --- relative clauses ---

    def wh(self, word: str, *, relative=False) -> Leaf:
        return Leaf(word, word, "PRON", "PROREL" if relative else "PROWH", f"PronType={'Rel' if relative else 'Int'}", "REL" if relative else "QUE")

    def relative(self, c: Clause, head: Nominal, context=""):
        """A relative clause or a participle after a noun that it modifies."""
        agreement = agreement_of(head)
        verb = lexicon.verb(c.sense)
        if c.gap == "subject":
            body = self.verb_phrase(replace(c, subject=None), agreement, self.manner(c, verb, context))
            return complement(chunked(self.wh("qui", relative=True), "NP"), body, "S[dcl]\\NP", "nsubj", functor_heads=False)
        if c.gap == "place":
            return complement(self.wh_adverb("where", True), self.clause(c, context), "S[dcl]", "advmod", functor_heads=False)
        c, passive = self.voiced(c)
        if passive:
            return convert(self.reduced(c, agreement), "S[pss]\\NP")
        mark = "" if verb.direct else verb.object
        if c.gap == "oblique":
            mark = "" if verb.object == "0" else verb.object or self.mark(c.oblique.concept if c.oblique else "in", Thing("noun", cls="thing"), head)[0]
        clause = convert(self.clause(c, context, antecedent=(head.gender, head.number) if not mark else None), "S[dcl]")
        if not mark:
            que = chunked(self.wh("que", relative=True), "NP")
            return complement(que, clause, "S[dcl]/NP", "obj", functor_heads=False)
        if mark == "de":
            return complement(chunked(self.wh("dont", relative=True), "NP"), clause, "S[dcl]/PP", "obl:arg", functor_heads=False)
        return complement(self.pied_piped(mark, head), clause, "S[dcl]/PP", "obl:arg", functor_heads=False)

    def pied_piped(self, mark: str, head: Nominal):
        """à qui, sur laquelle, auquel."""
        if head.human:
            return complement(preposition(mark), chunked(self.wh("qui", relative=True), "NP"), "NP", "case", functor_heads=False)
        form = {("Masc", "Sing"): "lequel", ("Fem", "Sing"): "laquelle", ("Masc", "Plur"): "lesquels", ("Fem", "Plur"): "lesquelles"}[head.gender, head.number]
        leaf = self.wh(form, relative=True)
        leaf.lemma, leaf.feats = "lequel", feats(Gender=head.gender, Number=head.number, PronType="Rel")
        if mark == "à" and form != "laquelle":
            leaf.word, leaf.xpos = "au" + form[2:] if form == "lequel" else "aux" + form[3:], "P+PRO"
            leaf.word = {"lequel": "auquel", "lesquels": "auxquels", "lesquelles": "auxquelles"}[form]
            return chunked(leaf, "NP")
        return complement(preposition(mark), chunked(leaf, "NP"), "NP", "case", functor_heads=False)

    def reduced(self, c: Clause, agreement: Agreement):
        """écrite par Marie: the participle with what belongs to it, category S[pss]\\NP."""
        verb = lexicon.verb(c.sense)
        node = self.participle_leaf(verb.lemma, agreement.gender, agreement.number, passive=True)
        arguments, _, _, _ = self.arguments(c, verb, agreement, Manner("pres"), True)
        for category, relation, argument in arguments:
            node = complement(node, argument, category, relation) if category else modify(node, argument, relation)
        return self.circumstances(node, c, agreement)
