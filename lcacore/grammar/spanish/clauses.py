"""Spanish clauses: verbs and clauses that depend on verbs, word order, negation, circumstances, relative clauses."""

from __future__ import annotations

from ..engine import Leaf, Trace, complement, convert, modify
from ..meaning import Clause, Relation, Thing
from . import words as lexicon
from .arguments import Arguments
from .base import Agreement, features, phrase_of
from .closed import DETERMINERS, DOUBTING, QUESTION_WORDS
from .verbs import Plan


def is_past(clause: Clause) -> bool:
    """Whether what depends on the clause is told from the past (pedía que viniera)."""
    return clause.tense in ("past", "imp") or clause.modal == "would"


class Clauses(Arguments):
    """Clauses around verbs."""

    # --- verbs and clauses that depend on a verb ---

    def complements(self, clause: Clause, plan: Plan) -> None:
        verb, frame, inner = plan.verb, clause.frame, clause.complement
        if frame == "that":
            doubtful = verb.subjunctive or (clause.negated and verb.lemma in DOUBTING)
            node = self.that(self.clause(inner, mood="Sub" if doubtful else "Ind"))
            if verb.governs:
                node = complement(self.preposition(verb.governs), node, "S[em]", "mark", functor_heads=False)
                plan.behind.append((node, "PP", "ccomp"))
            else:
                plan.behind.append((node, "S[em]", "ccomp"))
        elif frame == "q":
            plan.behind.append((self.embedded_question(inner), "S[qem]", "ccomp"))
        elif frame == "objto":
            self.controlled(clause, plan)
        else:
            form = "ger" if verb.control == "ing" else "inf"
            self.verbal(plan, inner, form, verb.governs, plan.agreement)

    def verbal(self, plan: Plan, inner: Clause, form: str, preposition: str, controller: Agreement) -> None:
        """An infinitive (after a preposition: trata de comer) or a gerund (sigue comiendo)."""
        node, category = self.infinitive(inner, controller, form), "S[ng]\\NP" if form == "ger" else "S[b]\\NP"
        if preposition:
            node, category = complement(self.preposition(preposition), node, category, "mark", functor_heads=False), "S[to]\\NP"
        plan.behind.append((node, category, "xcomp"))

    def infinitive(self, inner: Clause, controller: Agreement, form: str = "inf"):
        """A subjectless clause; a negative word in it asks for `no` before the verb above."""
        return self.clause(inner, form=form, controller=controller, lone=False)

    def controlled(self, clause: Clause, plan: Plan) -> None:
        """Somebody is asked, helped or wanted to do something."""
        verb, thing, inner = plan.verb, clause.object, clause.complement
        if clause.gap == "object" or thing is None:
            raise ValueError(f"{clause.sense!r} without the person who is meant to act; give the clause an object")
        actor = self.counted(thing)
        if verb.control in ("dat", "que"):
            wanted = Clause(**{**inner.__dict__, "tense": "past" if is_past(clause) else "pres"})
            if verb.control == "dat":
                self.indirect(plan, thing)
                node = self.clause(wanted, controller=actor, mood="Sub")
            else:
                node = self.clause(Clause(**{**wanted.__dict__, "subject": thing}), mood="Sub")
            plan.behind.append((self.that(node), "S[em]", "ccomp"))
            return
        self.object(plan, thing, clause)
        self.verbal(plan, inner, "inf", verb.control, actor)

    def that(self, clause):
        mark = Leaf("que", "que", "SCONJ", "CS", "", "SUB", "SBAR")
        return complement(mark, clause, "S[dcl]", "mark", functor_heads=False)

    def embedded_question(self, inner: Clause):
        """Category S[qem]: si vino, dónde vive, qué compró."""
        if inner.question == "whether":
            mark = Leaf("si", "si", "SCONJ", "CS", "", "SUB", "SBAR")
            return complement(mark, self.clause(inner), "S[dcl]", "mark", functor_heads=False)
        if inner.question == "what":
            return self.extracted(self.what(), inner)
        return complement(self.question_word(inner.question), self.clause(inner, inverted=True), "S[dcl]", "advmod" if inner.question != "why" else "obl", functor_heads=False)

    def question_word(self, question: str):
        """dónde, cuándo, cómo; por qué."""
        if question == "why":
            what = Leaf("qué", "qué", "PRON", "PT", "PronType=Int", "QUE")
            return self.framed(what, [], "por", [])
        word = lexicon.lookup(QUESTION_WORDS, question, "question word")
        return Leaf(word, word, "ADV", "PT", "PronType=Int", "QUE", "ADVP")

    def what(self):
        return phrase_of(Leaf("qué", "qué", "PRON", "PT", "PronType=Int", "QUE"), "")

    def extracted(self, phrase, inner: Clause, category: str = "S[dcl]", governs: str = ""):
        """A clause after its object: qué compró María; after a preposition where the verb governs one."""
        clause = self.clause(inner, inverted=True)
        return complement(phrase, convert(clause, category), f"{category}/NP", "obj", functor_heads=False)

    # --- clauses ---

    def clause(self, clause: Clause, *, form="fin", controller: Agreement | None = None, mood="Ind", inverted=False, lone=True):
        """A clause: of category S where its subject is said or left out, S\\NP where it is the `controller`'s.

        form      fin, inf, ger, cmd
        inverted  the subject stands behind the verb
        lone      whether its negative words ask for its own `no`, rather than for one before the verb above
        """
        outer, self.negative = self.negative, False
        plan = self.plan(clause, controller)
        if form == "cmd" and clause.negated:
            form, mood = "fin", "Sub"
        node, clitics = self.group(clause, plan, form, mood)
        relation = "iobj" if plan.verb.experiencer else "nsubj:pass" if plan.passive else "nsubj"
        category = "PP" if plan.verb.experiencer else "NP"
        later = plan.subject is not None and not plan.verb.experiencer and (inverted or self.postponed(clause, plan))
        # what is extracted is asked for last, so that the rest composes with what took its place
        behind = sorted(plan.behind, key=lambda item: type(item[0]) is Trace)
        if later:
            thing = clause.object if clause.passive else clause.subject
            heavy = plan.predicate is not None or (thing is not None and thing.modifier is not None and all(wanted in ("NP", "PP") for _, wanted, _ in behind))
            behind.insert(len(behind) if heavy else 0, (plan.subject, "NP", relation))
            behind.sort(key=lambda item: type(item[0]) is Trace)
        # an adverb may stand next to its verb, before complements that are no clauses
        close = clause.manner and behind and all(wanted in ("NP", "PP") and type(item) is not Trace for item, wanted, _ in behind) and self.chance(0.6)
        if close:
            node = modify(node, self.adverb(clause.manner), "advmod")
        for item, wanted, role in behind:
            node = complement(node, item, wanted, role)
        raised = plan.subject is not None and not later and any(type(item) is Trace for item, _, _ in behind)
        for before in range(len(clitics) - 1, -1, -1):
            word, role = clitics[before]
            leaf = self.clitic_leaf(word, "iobj:se" if word == "se" and role == "iobj" else role)
            if raised:  # between a subject and a verb whose object has been extracted it composes with them, so it is type-raised
                rest = "S\\NP" + "\\NP" * before
                leaf.fixed = f"({rest})/(({rest})\\NP)"
            node = complement(node, leaf, "NP", role, backward=True)
        frequency = None
        if clause.frequency:
            frequency = self.adverb(clause.frequency)
        never = clause.frequency == "never"
        negative_behind = self.negative or (later and plan.subject_negative)
        ahead = (plan.subject is not None and plan.subject_negative and not later) or never
        if clause.negated or (negative_behind and not ahead and lone):
            no = Leaf("no", "no", "ADV", "RN", "Polarity=Neg", "NOT", "VP")
            node = modify(node, no, "advmod", before=True)
        if frequency is not None:
            node = modify(node, frequency, "advmod", before=True)
        node = self.circumstances(node, clause, plan, close)
        if plan.subject is not None and not later:
            node = complement(node, plan.subject, category, relation, backward=True)
        self.negative = outer or (self.negative and not lone)
        return node

    def postponed(self, clause: Clause, plan: Plan) -> bool:
        """Whether a statement's subject comes after its verb: se vendió la casa, llegó un tren."""
        if plan.passive == "se":
            return self.chance(0.75)
        if clause.frame in ("intr", "part") and clause.subject is not None and clause.subject.kind == "noun" and not clause.gap and not clause.negated:
            return self.chance(0.4 if clause.subject.determiner in ("a", "some", "many", "") else 0.12)
        return False

    def circumstances(self, node, clause: Clause, plan: Plan, close=False):
        """Adverbs and phrases behind the verb and its complements (`close`: its manner stands before them already)."""
        if clause.manner and not close:
            node = modify(node, self.adverb(clause.manner), "advmod")
        if clause.place_adverb:
            node = modify(node, self.adverb(clause.place_adverb), "advmod")
        if clause.place is not None and clause.gap != "place":
            node = modify(node, self.circumstance(clause.place), "obl")
        for relation in clause.extras:
            node = modify(node, self.circumstance(relation), "obl")
        if clause.time is not None:
            phrase, relation = self.time(clause.time)
            node = modify(node, phrase, relation)
        if clause.purpose is not None:
            inner = self.clause(clause.purpose, form="inf", controller=plan.agreement)
            node = modify(node, complement(self.preposition("para"), inner, "S[b]\\NP", "mark", functor_heads=False), "advcl")
        return node

    def circumstance(self, relation: Relation):
        preposition = self.preposition_for(relation.concept, relation.thing)
        phrase = self.noun_phrase(relation.thing, preposition, "other")
        self.negative = self.negative or (phrase.negative and preposition != "sin")
        return phrase.node

    # --- relative clauses ---

    def lasting(self, verb: str, agreement: Agreement):
        """que duerme: what English says by a participle before the noun."""
        pronominal = verb.endswith("rse")
        leaf = self.verb_leaf(verb[:-2] if pronominal else verb, "imp" if self.past else "pres", agreement)
        node = complement(leaf, self.clitic_leaf("se", "expl:pv"), "NP", "expl:pv", backward=True) if pronominal else leaf
        return complement(self.which(), node, "S[dcl]\\NP", "nsubj", functor_heads=False)

    def which(self):
        return phrase_of(Leaf("que", "que", "PRON", "PR", "PronType=Rel", "REL"), "")

    def relative(self, clause: Clause, agreement: Agreement):
        """A relative clause: que vino, que compró María, al que vio, donde vive, escrita por Ana."""
        outer = self.negative
        node = self.relative_clause(clause, agreement)
        self.negative = outer  # its negative words are its own
        return node

    def relative_clause(self, clause: Clause, agreement: Agreement):
        gap = clause.gap
        if gap == "place":
            if self.chance(0.25):
                pronoun = self.relative_phrase("en", agreement)
                return complement(pronoun, self.clause(clause, inverted=self.chance(0.3)), "S[dcl]", "obl", functor_heads=False)
            where = Leaf("donde", "donde", "ADV", "PR", "PronType=Rel", "REL", "ADVP")
            return complement(where, self.clause(clause, inverted=self.chance(0.3)), "S[dcl]", "advmod", functor_heads=False)
        if gap == "oblique" and clause.oblique is not None:
            entry = lexicon.lookup(lexicon.verbs(), clause.sense, "verb")[0]
            preposition = entry.governs.strip("-") or self.preposition_for(clause.oblique.concept, Thing("noun", cls=agreement.cls))
            return complement(self.relative_phrase(preposition, agreement), self.clause(clause, inverted=True), "S[dcl]", "obl", functor_heads=False)
        if gap == "subject":
            return complement(self.which(), self.clause(clause, controller=agreement), "S[dcl]\\NP", "nsubj", functor_heads=False)
        entries = lexicon.lookup(lexicon.verbs(), clause.sense, "verb")
        direct = [e for e in entries if e.governs in ("", "-") and not e.experiencer]
        if clause.passive and any(not e.pronominal for e in direct):
            return self.undergone(clause, agreement)
        if not direct:
            preposition = entries[0].governs
            without = Clause(**{**clause.__dict__, "gap": "oblique", "object": None})
            return complement(self.relative_phrase(preposition, agreement), self.clause(without, inverted=True), "S[dcl]", "obl", functor_heads=False)
        body = convert(self.clause(clause, inverted=self.chance(0.5)), "S[dcl]")
        if agreement.human and self.chance(0.6):
            return complement(self.relative_phrase("a", agreement), body, "S[dcl]/NP", "obj", functor_heads=False)
        return complement(self.which(), body, "S[dcl]/NP", "obj", functor_heads=False)

    def undergone(self, clause: Clause, agreement: Agreement):
        """escrito por Ana, que fue escrito por Ana."""
        if clause.subject is not None and not clause.perfect and not clause.modal and not clause.negated and clause.frame == "trans" and not clause.time and self.chance(0.6):
            verb = self.choose(clause, True)
            leaf = self.verb_leaf(verb.lemma, "pss", agreement)
            return modify(leaf, self.noun_phrase(clause.subject, "por", "other").node, "obl:agent")
        return complement(self.which(), self.clause(clause, controller=agreement), "S[dcl]\\NP", "nsubj:pass", functor_heads=False)

    def relative_phrase(self, preposition: str, agreement: Agreement):
        """en el que, a la que, con quien, del cual."""
        gender, number = agreement.gender, agreement.number
        if agreement.human and self.chance(0.5):
            word = "quien" if number == "Sing" else "quienes"
            return self.framed(Leaf(word, "quien", "PRON", "PR", features(f"Number={number} PronType=Rel"), "REL"), [], preposition, [])
        article = self.determiner_leaf(DETERMINERS["the"], gender, number)
        if self.chance(0.2):
            leaf = Leaf("cual" if number == "Sing" else "cuales", "cual", "PRON", "PR", features(f"Number={number} PronType=Rel"), "REL")
        else:
            leaf = Leaf("que", "que", "PRON", "PR", "PronType=Rel", "REL")
        return self.framed(leaf, [article], preposition, [])
