"""German clauses: the verb second, first or last; relative clauses, clauses in clauses, question words."""

from __future__ import annotations

from ..engine import Leaf, complement, convert, coordinate, modify
from ..meaning import Clause, Thing
from . import words as lexicon
from .closed import QUESTIONS, conjunction
from .field import Field, Gap, Item
from .forms import determiner_ending
from .phrases import Phrase, chunked
from .verbs import CATEGORY, MAN, Group
from .words import Verb


class Clauses(Field):
    """Clauses, on top of their verbs and of what stands between these."""

    def clause(self, c: Clause, order: str, *, mode="", front="", subject: Phrase | None = None, second: Clause | None = None):
        """A finite clause.

        order   "v2": S[dcl]; "v1": S[v1]; "last": S[sub]; with a gap it lacks that argument; "wh": S[dcl]\\NP, the verb second
                after a subject that is a question word
        front   name of the item that stands before the verb instead of the subject, where there is one
        """
        c, verb, adverb, modal = self.resolved(c)
        passive = c.passive
        lacks_subject = c.gap == "subject" or (passive and c.gap == "object")
        if subject is None:
            subject = self.subject(c, passive, lacks_subject)
        self.agreement = subject
        items, tail, gap = self.items(c, verb, adverb, passive, subject)
        self.agreement = subject
        group = self.group(c, verb, passive, modal, mode)
        relation = "nsubj:pass" if passive else "nsubj"
        if order == "last":
            node = self.purposed(self.last(verb, group, items, subject, tail, gap), c, subject)
            return node if lacks_subject else complement(node, subject.node, "NP", relation, backward=True)
        if order == "v2":
            fronted = next((item for item in items if item.name == front), None) if front and second is None else None
            if fronted is not None:
                items.remove(fronted)
                return self.fronted(fronted, verb, group, items, subject, relation, tail, c)
        if order in ("v2", "wh"):
            node = self.purposed(self.second(verb, group, items, None, relation, tail, gap), c, subject)
            if second is not None:
                node = coordinate(node, conjunction("und", "COO"), self.verb_phrase(second, subject))
            return node if order == "wh" else complement(node, subject.node, "NP", relation, backward=True)
        return self.purposed(self.second(verb, group, items, subject, relation, tail, gap), c, subject, after="S\\S")

    def subject(self, c: Clause, passive: bool, lacking: bool) -> Phrase:
        if lacking:
            return self.missing
        thing = c.object if passive else c.subject
        return self.np(thing if thing is not None else MAN, "Nom")

    missing = Phrase(None)  # agreement of a subject that stands outside its clause

    def verb_phrase(self, c: Clause, subject: Phrase):
        """A second verb phrase of the same subject: S[dcl]\\NP."""
        c, verb, adverb, modal = self.resolved(c)
        items, tail, _ = self.items(c, verb, adverb, False, subject)
        self.agreement = subject
        return self.second(verb, self.group(c, verb, False, modal, ""), items, None, "nsubj", tail, None)

    def fronted(self, item: Item, verb, group: Group, items, subject: Phrase, relation: str, tail, c: Clause):
        """Category S[dcl]: an adjunct or object before the verb, the subject after it."""
        if not item.category:
            clause = self.purposed(self.second(verb, group, items, subject, relation, tail, None), c, subject, after="S\\S")
            return complement(item.node, clause, "S[v1]", item.relation, functor_heads=False)
        clause = self.second(verb, group, items, subject, relation, tail, Gap(item.category, item.relation))
        clause = convert(self.purposed(clause, c, subject, after="S\\S"), "S[v1]")
        node = convert(item.node, "NP") if item.category == "NP" else item.node
        return complement(node, clause, f"S[v1]/{item.category}", item.relation, functor_heads=False)

    def second(self, verb: Verb, group: Group, items, subject: Phrase | None, relation: str, tail, gap):
        """The finite verb before everything else, but for `subject` right after it."""
        agreement = subject if subject is not None else self.agreement
        if not group.auxiliaries:
            copula = verb.base == "sein"
            leaf = self.finite_leaf(verb, group.mood, group.tense, agreement, ("PST" if group.tense == "Past" else "NOW") if copula else "")
            leaf.upos = "AUX" if copula else "VERB"
            if verb.prefix:
                particle = Leaf(verb.prefix, verb.prefix, "ADP", "PTKVZ", "", "REL", "PRT")
                items = [*items, Item(12, particle, "PR", "compound:prt", "particle")]
            return self.first(leaf, spread(items, tail, gap), subject, relation, tail, gap)
        (lemma, wanted), *rest = group.auxiliaries
        leaf, aux = self.auxiliary(lemma, "fin", agreement, group, wanted)
        body = self.body(verb, rest, wanted, items, tail, gap, agreement, group)
        node = leaf if subject is None else complement(leaf, subject.node, "NP", relation + "^")
        return complement(node, body, CATEGORY[wanted], aux, functor_heads=False)

    def last(self, verb: Verb, group: Group, items, subject: Phrase, tail, gap):
        """Category S[sub]\\NP: all verbs at the end, the finite one last."""
        if not group.auxiliaries:
            copula = verb.base == "sein"
            leaf = self.finite_leaf(verb, group.mood, group.tense, subject, ("PST" if group.tense == "Past" else "NOW") if copula else "", joined=True)
            leaf.upos = "AUX" if copula else "VERB"
            return self.final(spread(items, tail, gap), leaf, [], tail, gap)
        (lemma, wanted), *rest = group.auxiliaries
        leaf, aux = self.auxiliary(lemma, "fin", subject, group, wanted)
        return self.body(verb, rest, wanted, items, tail, gap, subject, group, [(leaf, CATEGORY[wanted], aux, "S[sub]\\NP")])

    def body(self, verb: Verb, rest, form: str, items, tail, gap, subject: Phrase, group: Group, outer=()):
        """The verbs at the end below a finite auxiliary that asks for `form`."""
        chain = []
        for lemma, wanted in rest:
            leaf, relation = self.auxiliary(lemma, form, subject, group, wanted)
            chain.append((leaf, CATEGORY[wanted], relation, CATEGORY[form]))
            form = wanted
        leaf = self.nonfinite_leaf(verb, form)
        if verb.base == "sein":
            leaf.upos = "AUX"
        return self.final(spread(items, tail, gap), leaf, [*reversed(chain), *outer], tail, gap)

    def purposed(self, node, c: Clause, subject: Phrase, after="(S\\NP)\\(S\\NP)"):
        """With what it is done for: um Brot zu kaufen."""
        if c.purpose is None or c.complement is not None:
            return node
        um = Leaf("um", "um", "SCONJ", "KOUI", "", "SUB", "SBAR")
        phrase = complement(um, self.infinitive(c.purpose, subject), CATEGORY["to"], "mark", functor_heads=False)
        return modify(node, convert(self.enclosed(phrase), after), "advcl")

    # --- clauses in clauses ----------------------------------------------------------------------

    def statement(self, c: Clause, mode=""):
        """Said without dass: er sagte, sie sei müde."""
        outer = self.agreement
        node = self.clause(c, "v2", mode=mode)
        self.agreement = outer
        return node

    def marked(self, word: str, sem: str, c: Clause, mode=""):
        """A clause with its verb last after a conjunction."""
        outer = self.agreement
        mark = Leaf(word, word, "SCONJ", "KOUS", "", sem, "SBAR")
        node = complement(mark, self.clause(c, "last", mode=mode), "S[sub]", "mark", functor_heads=False)
        self.agreement = outer
        return node

    def embedded_question(self, c: Clause):
        """Category S[qem]: ob sie kommt, wo er wohnt, was sie wollen."""
        word = c.question
        if word in ("whether", ""):
            return self.marked("ob", "SUB", c)
        outer = self.agreement
        if word in QUESTIONS:
            mark = Leaf(QUESTIONS[word], QUESTIONS[word], "ADV", "PWAV", "PronType=Int", "QUE", "ADVP")
            node = complement(mark, self.clause(c, "last"), "S[sub]", "advmod", functor_heads=False)
        else:
            node = self.questioned(c, "last", self.question_word(c))
        self.agreement = outer
        return node

    def questioned(self, c: Clause, order: str, word):
        """A question word for the gap of a clause: was er las; was las er."""
        gap = self.gap_of(c)
        clause = self.clause(c, order)
        inside = "S[sub]" if order == "last" else "S[v1]"
        return complement(word, convert(clause, inside), f"{inside}/{gap.category}", gap.relation, functor_heads=False)

    def gap_of(self, c: Clause) -> Gap:
        verb = lexicon.verb(c.sense)
        return self.oblique_gap(c, verb) if c.gap == "oblique" else self.gap(verb.governs if c.frame != "put" else "")

    def question_word(self, c: Clause, who=False):
        """wer, wen, wem, was; worauf; auf wen."""
        gap = self.gap_of(c) if c.gap != "subject" else Gap("NP", "nsubj", "Nom")
        if gap.preposition and not who:
            word = ("wor" if gap.preposition[0] in "aeiouäöü" else "wo") + gap.preposition
            return Leaf(word, word, "ADV", "PWAV", "PronType=Int", "QUE", "ADVP")
        form = {"Nom": "wer", "Acc": "wen", "Dat": "wem"}[gap.case] if who else "was"
        leaf = Leaf(form, "wer" if who else "was", "PRON", "PWS", f"Case={gap.case}|Number=Sing|PronType=Int", "QUE")
        node = chunked(convert(leaf), "NP")
        return self.governed(gap.preposition, node) if gap.preposition else node

    def relative(self, thing: Thing, number: str, gender: str):
        """A relative clause after a noun; its pronoun takes gender and number from the noun and its case from the clause."""
        outer = self.agreement, self.missing
        self.missing = Phrase(None, number, 3, gender)
        c = thing.relative
        if c.gap == "place":
            mark = Leaf("wo", "wo", "ADV", "PWAV", "PronType=Rel", "REL", "ADVP")
            node = complement(mark, self.clause(c, "last"), "S[sub]", "advmod", functor_heads=False)
        else:
            resolved, verb, *_ = self.resolved(c)
            if c.gap == "subject" or resolved.passive:
                pronoun = self.relative_pronoun("Nom", number, gender)
                node = complement(pronoun, self.clause(c, "last"), "S[sub]\\NP", "nsubj:pass" if resolved.passive else "nsubj", functor_heads=False)
            else:
                gap = self.oblique_gap(c, verb) if c.gap == "oblique" else self.gap(verb.governs if c.frame != "put" else "")
                pronoun = self.relative_pronoun(gap.case, number, gender)
                if gap.preposition:
                    pronoun = self.governed(gap.preposition, pronoun)
                clause = convert(self.clause(c, "last"), "S[sub]")
                node = complement(pronoun, clause, f"S[sub]/{gap.category}", gap.relation, functor_heads=False)
        self.agreement, self.missing = outer
        return node

    def relative_pronoun(self, case: str, number: str, gender: str):
        slot = gender if number == "Sing" else "Plur"
        form = "denen" if (slot, case) == ("Plur", "Dat") else determiner_ending("der", slot, case)
        leaf = Leaf(form, "der", "PRON", "PRELS", f"Case={case}|Gender={gender}|Number={number}|PronType=Rel", "REL")
        return chunked(convert(leaf), "NP")


def spread(items: list[Item], tail, gap: Gap | None) -> list[Item]:
    """Let an adjunct that more than two complements follow come after the first of them."""
    after = sum(bool(item.category) for item in items) + (gap is not None) + (tail is not None)
    if after <= 2:
        return items
    out: list[Item] = []
    held: list[Item] = []
    for item in items:
        if item.category:
            after -= 1
            out.append(item)
            if after <= 2:
                out += held
                held = []
        elif after > 2:
            held.append(item)
        else:
            out.append(item)
    return out + held
