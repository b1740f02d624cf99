"""The predicate of a message's clause in English: its verb in tense, aspect and mood, complements and circumstances."""

from __future__ import annotations

from dataclasses import dataclass, replace

from ..engine import Leaf, complement, convert, modify
from ..meaning import Clause, Quality, Relation, Thing
from . import build
from . import words as lexicon
from .build import Agreement, chunked, pp
from .closed import MODAL_SEM
from .things import Things, verb_of

_TEMPORAL = ("before", "after", "during")


@dataclass(frozen=True)
class Group:
    """How a clause's verb is put: the form of its first word, the auxiliaries, and a verb that takes the rest as a to-infinitive."""

    form: str
    kinds: tuple[str, ...] = ()
    semi: str = ""  # "have" (had to), "use" (used to)


class Predicates(Things):
    """Verb phrases of clauses."""

    def put(self, clause: Clause, question=False) -> Group:
        """The verb group that a clause's tense, aspect, modal and voice call for."""
        state = (clause.verb in lexicon.stative() and not clause.passive) or clause.frame in ("be", "link")
        form, kinds, semi = "past" if clause.tense in ("past", "imp") else "pres", [], ""
        every = clause.time is not None and clause.time.kind == "every"
        progressive = clause.progressive and not every  # what one does every day one does, and is not doing
        if clause.tense == "imp" and not clause.modal:
            if not clause.frequency and not every:
                progressive = True
            elif not clause.frequency and not clause.negated and not question and not clause.perfect:
                semi = "use"
        if clause.modal == "must" and form == "past" and not clause.perfect:
            semi = "have"
        elif clause.modal:
            kinds.append({("can", "past"): "could", ("may", "past"): "might", ("would", "past"): "would"}.get((clause.modal, form), clause.modal))
        elif clause.tense == "fut":
            kinds.append("will")
        if clause.perfect:
            kinds.append("have")
        if progressive and not state and not (clause.passive and kinds):
            kinds.append("be")
        if clause.passive:
            kinds.append("pass")
        return Group("modal" if kinds and kinds[0] in MODAL_SEM else form, tuple(kinds), semi)

    def group(self, clause: Clause, subject: Agreement, *, gap="", question=False):
        """([(first auxiliary, relation)] or [], the rest, its category) of a clause's finite verb phrase."""
        group = self.put(clause, question)
        if clause.mood == "Sub" and clause.verb == "be" and group.form == "past":
            subject = replace(subject, number="Plur", person=subject.person)  # if she were
        if group.semi:
            return self.semi(group, clause, subject, gap, question)
        kinds = group.kinds
        if not kinds and (clause.negated or question) and clause.frame != "be":
            kinds = ("do",)
        chain, form = build.auxiliary_chain(group.form, kinds, subject)
        if not chain and clause.frame == "be":
            be = build.auxiliary("be", form, subject)
            predicate, category = self.predicate(clause, subject)
            if question:
                predicate = self.circumstances(predicate, clause, subject)
            predicate = self.after_auxiliary(be, predicate, clause, question)
            if question:
                return [(be, "cop")], predicate, category
            return [], self.circumstances(complement(be, predicate, category, "cop", functor_heads=False), clause, subject), ""
        body = self.verb_phrase(clause, form, subject, gap)
        if not chain:
            return [], self.with_frequency(body, clause), ""
        body, category = build.under(chain, body, form)
        return chain[:1], self.after_auxiliary(chain[0][0], body, clause, question), category

    def after_auxiliary(self, first: Leaf, body, clause: Clause, question: bool):
        """not, n't or often after the first auxiliary."""
        body = self.with_frequency(body, clause)
        if clause.negated:
            body = build.negated(first, body, build.contracts(first) and not question and self.maybe(0.55), question)
        return body

    def with_frequency(self, body, clause: Clause):
        return modify(body, build.adverb(clause.frequency), "advmod", before=True) if clause.frequency else body

    def semi(self, group: Group, clause: Clause, subject: Agreement, gap: str, question: bool):
        """had to go, used to go"""
        chain, form = build.auxiliary_chain("b", group.kinds, subject)
        body = self.verb_phrase(clause, form, subject, gap)
        if chain:
            body, category = build.under(chain, body, form)
            body = complement(chain[0][0], body, category, chain[0][1], functor_heads=False)
        outer, form = build.auxiliary_chain(group.form, ("do",) if clause.negated or question else (), subject)
        leaf = build.verb_leaf(group.semi, build.form_tag(form, subject), subject)
        body = build.take(leaf, (build.to_infinitive(body), "S[to]\\NP", "xcomp"))
        if not outer:
            return [], self.with_frequency(body, clause), ""
        return outer, self.after_auxiliary(outer[0][0], body, clause, question), f"S[{form}]\\NP"

    def finite(self, clause: Clause, subject: Agreement, gap=""):
        """Category S[dcl]\\NP."""
        first, body, category = self.group(clause, subject, gap=gap)
        if first:
            ((leaf, relation),) = first
            return complement(leaf, body, category, relation, functor_heads=False)
        return body

    def verb_phrase(self, clause: Clause, form: str, subject: Agreement, gap=""):
        """Category S[form]\\NP; `gap`: "object" or "oblique" where that has been extracted."""
        if clause.frame == "be":
            predicate, category = self.predicate(clause, subject)
            node = complement(build.auxiliary("be", form, subject), predicate, category, "cop", functor_heads=False)
        else:
            verb = verb_of(clause.sense)
            leaf = build.verb_leaf(verb.lemma, build.form_tag(form, subject), subject, passive=clause.passive)
            node = build.take(leaf, *self.complements(clause, verb, subject, gap))
        return self.circumstances(node, clause, subject)

    def infinitive(self, clause: Clause, form: str, subject: Agreement):
        """Category S[to]\\NP or S[ng]\\NP of a clause without subject."""
        body = self.with_frequency(self.verb_phrase(clause, "b" if form == "to" else form, subject), clause)
        if form == "to":
            body = build.to_infinitive(body)
        return modify(body, build.negation(inverted=True), "advmod", before=True) if clause.negated else body

    # --- complements ---

    def complements(self, clause: Clause, verb: lexicon.Verb, subject: Agreement, gap: str) -> tuple:
        frame = clause.frame
        thing = ()
        if gap == "object":
            thing = (build.trace(),)
        elif clause.object is not None and not clause.passive:
            thing = ((self.thing(clause.object, subject=subject).node, "NP", "obj"),)
        if frame in ("intr", "trans", "light"):
            return thing
        if frame == "ditr":
            recipient = self.thing(clause.recipient, subject=subject)
            double = bool(thing) and clause.object is not None and clause.object.kind != "pronoun" and not gap
            if double and (clause.recipient.kind in ("pronoun", "person") or verb.lemma == "tell") != self.maybe(0.4):
                return (recipient.node, "NP", "iobj"), *thing
            return *thing, (pp("to", recipient.node), "PP", "obl")
        if frame == "obl":
            if gap == "oblique":
                return ((complement(build.preposition(clause.oblique.concept if clause.oblique else verb.marks[0]), build.trace()[0], "NP", "case"), "PP", "obl"),)
            return ((self.relation(clause.oblique, subject), "PP", "obl"),)
        if frame in ("part", "tpart"):
            particle = build.particle(verb.marks[0]), "PR", "compound:prt"
            return (*thing, particle) if thing and (gap or clause.object.kind == "pronoun" or self.maybe(0.3)) else (particle, *thing)
        if frame == "put":
            return *thing, (self.relation(clause.oblique), "PP", "obl")
        if frame == "that":
            inner = self.clause(clause.complement)
            if self.maybe(0.45):
                return ((inner, "S[dcl]", "ccomp"),)
            return ((build.marked("that", inner), "S[em]", "ccomp"),)
        if frame == "q":
            return ((self.embedded_question(clause.complement), "S[qem]", "ccomp"),)
        if frame == "link":
            predicate, category = self.predicate(clause, subject)
            return ((predicate, category, "xcomp"),)
        if frame == "objto":
            patient = self.agreement(clause.object) if clause.object is not None else Agreement()
            return *thing, (self.infinitive(clause.complement, "to", patient), "S[to]\\NP", "xcomp")
        return ((self.infinitive(clause.complement, frame, subject), f"S[{frame}]\\NP", "xcomp"),)  # to, ng

    def agreement(self, thing: Thing) -> Agreement:
        """What a thing would tell its verb."""
        return self.thing(replace(thing, relative=None, modifier=None)).agreement

    def predicate(self, clause: Clause, subject: Agreement):
        """(predicate of be or a linking verb, its category)"""
        said = clause.predicate
        if isinstance(said, Quality):
            return chunked(self.quality(said), "ADJP"), "S[adj]\\NP"
        if isinstance(said, Relation):
            return self.relation(said, subject), "PP"
        if said is None:
            raise ValueError(f"{clause.sense}: no predicate; give a Quality, a Thing or a Relation")
        return self.thing(said).node, "NP"

    # --- circumstances ---

    def circumstances(self, node, clause: Clause, subject: Agreement):
        """Manner, agent, company, place, time and purpose around a verb phrase."""
        if clause.manner:
            early = clause.manner.endswith("ly") and not clause.passive and clause.frame != "be" and self.maybe(0.3)
            node = modify(node, build.adverb(clause.manner), "advmod", before=early)
        if clause.passive and clause.subject is not None:
            node = modify(node, pp("by", self.thing(clause.subject).node), "obl")
        for relation in clause.extras:
            if relation.concept not in _TEMPORAL:
                node = modify(node, self.relation(relation, subject), "obl")
        if clause.place is not None:
            node = modify(node, self.relation(clause.place), "obl")
        if clause.place_adverb:
            node = modify(node, build.adverb(clause.place_adverb), "advmod")
        for relation in clause.extras:
            if relation.concept in _TEMPORAL:
                node = modify(node, self.relation(relation), "obl")
        if clause.time is not None and not self.fronts(clause):
            phrase, relation = self.time(clause.time)
            node = modify(node, phrase, relation)
        if clause.purpose is not None:
            node = modify(node, convert(self.infinitive(clause.purpose, "to", subject), "S[to]\\NP"), "advcl")
        return node

    def fronts(self, clause: Clause) -> bool:
        """Whether the time of this clause opens the sentence."""
        raise NotImplementedError

    def clause(self, clause: Clause):
        raise NotImplementedError

    def embedded_question(self, clause: Clause):
        raise NotImplementedError
