"""What stands in a German clause besides its verbs, in its order, and how it is folded onto them.

A clause is a list of items in the order of the middle field; `final` folds them onto a verb at the end (infinitives,
participles, subordinate clauses), `first` onto a finite verb before them.
"""

from __future__ import annotations

from dataclasses import dataclass

from ..engine import Leaf, Trace, complement, convert, functor_category, modify
from ..meaning import Clause, Quality, Relation, Thing
from . import words as lexicon
from .closed import CASE_OF, PREPOSITIONS, SAYING
from .forms import compared
from .phrases import Phrase, chunked, is_human
from .verbs import BEFORE_VP, CATEGORY, Verbs
from .words import Verb


@dataclass(frozen=True, slots=True)
class Item:
    """Something of the middle field: `rank` orders it; `category` of a complement, "" for an adjunct."""

    rank: float
    node: object
    category: str
    relation: str
    name: str


@dataclass(frozen=True, slots=True)
class Gap:
    """The argument that a clause lacks: its category and relation, and how a word that stands for it is said."""

    category: str
    relation: str
    case: str = ""
    preposition: str = ""



AFTER_VP, AFTER_S = "(S\\NP)\\(S\\NP)", "S\\S"


class Field(Verbs):
    """The middle field."""

    # --- the middle field ------------------------------------------------------------------------

    def items(self, c: Clause, verb: Verb, adverb: str, passive: bool, subject: Phrase) -> tuple[list[Item], tuple | None, Gap | None]:
        """(items in order, what follows the verbs at the end or None, the gap or None)."""
        out: list[Item] = []
        tail = gap = None
        negated = c.negated
        if verb.reflexive:
            out.append(Item(0, self.reflexive(subject, CASE_OF[verb.reflexive]), "NP", "expl:pv", "reflexive"))
        if verb.governs == "es":
            es = Leaf("es", "es", "PRON", "PPER", "Case=Acc|Gender=Neut|Number=Sing|Person=3|PronType=Prs", "NIL")
            out.append(Item(0, chunked(convert(es, "NP"), "NP"), "NP", "expl", "es"))
        thing = c.object
        if thing is not None and not passive and not (c.gap == "object" or verb.governs == "dass"):
            if negated and _bare(thing) and verb.governs in ("", "A"):
                thing, negated = Thing(**{**thing.__dict__, "determiner": "no"}), False
            out.append(self.argument(verb.governs if c.frame != "put" else "", thing, "object"))
        elif c.gap == "object" and not passive:
            gap = self.gap(verb.governs if c.frame != "put" else "")
        if c.recipient is not None:
            phrase = self.np(c.recipient, "Dat")
            out.append(Item(2 if phrase.pronoun else 3.8 if phrase.definite else 5, phrase.node, "NP", "iobj", "recipient"))
        if c.oblique is not None and c.gap != "oblique":
            out.append(self.oblique(c, verb))
        elif c.gap == "oblique":
            gap = self.oblique_gap(c, verb)
        if c.predicate is not None:
            item, negated = self.predicate(c, verb, subject, negated)
            out.append(item)
        if passive and c.subject is not None:
            out.append(Item(6.5, self.pp("von", "Dat", c.subject, personal=True), "", "obl:agent", "agent"))
        if c.complement is not None:
            tail = self.tail(c, verb, subject)
        self.adjuncts(out, c, adverb)
        if negated:
            nicht = Leaf("nicht", "nicht", "PART", "PTKNEG", "Polarity=Neg", "NOT", "ADVP")
            out.append(Item(7, nicht, "", "advmod", "nicht"))
        out.sort(key=lambda item: item.rank)
        return out, tail, gap

    def argument(self, governs: str, thing: Thing, name: str) -> Item:
        """An object in the case or with the preposition that the verb governs."""
        if "+" in governs:
            word, _, case = governs.partition("+")
            return Item(11, self.pp(word, CASE_OF[case], thing), "PP", "obl", name)
        case = CASE_OF.get(governs, "Acc")
        phrase = self.np(thing, case)
        rank = (1 if case == "Acc" else 2) if phrase.pronoun else 5 if case == "Dat" else 6 if phrase.definite else 10
        return Item(rank, phrase.node, "NP", "obj" if case == "Acc" else "obl:arg", name)

    @staticmethod
    def gap(governs: str) -> Gap:
        if "+" in governs:
            word, _, case = governs.partition("+")
            return Gap("PP", "obl", CASE_OF[case], word)
        case = CASE_OF.get(governs, "Acc")
        return Gap("NP", "obj" if case == "Acc" else "obl:arg", case)

    def oblique(self, c: Clause, verb: Verb) -> Item:
        relation = c.oblique
        if verb.governs and "+" in verb.governs:
            return self.argument(verb.governs, relation.thing, "oblique")
        if c.frame == "put":
            return Item(11, self.place(relation, whither=verb.governs != "D"), "PP", "obl", "oblique")
        if verb.governs == "D":
            return self.argument("D", relation.thing, "oblique")
        concept, thing = relation.concept, relation.thing
        located = thing.kind == "name" or thing.cls.startswith("place")
        if concept == "from" and located:
            node = self.whence(relation)
        elif concept in ("into", "to") or (concept == "for" and thing.cls == "city"):
            node = self.place(relation, whither=True)
        elif concept in ("in", "on", "at", "under"):
            node = self.place(relation)
        else:
            node = self.circumstance(relation)
        return Item(11, node, "PP", "obl", "oblique")

    def oblique_gap(self, c: Clause, verb: Verb) -> Gap:
        if verb.governs and verb.governs != "es":
            return self.gap(verb.governs)
        concept = c.oblique.concept if c.oblique is not None else c.sense.rpartition("-")[2].split("|")[0]
        word, case = PREPOSITIONS[concept]
        return Gap("PP", "obl", case, word)

    def predicate(self, c: Clause, verb: Verb, subject: Phrase, negated: bool) -> tuple[Item, bool]:
        """The predicate of sein and its like: an adjective, a noun phrase in the nominative, a place."""
        predicate = c.predicate
        relation = "cop" if verb.base == "sein" else "xcomp"
        if isinstance(predicate, Quality):
            return Item(11, self.adjective_phrase(predicate, c), "S[adj]\\NP", relation, "predicate"), negated
        if isinstance(predicate, Relation):
            return Item(11, self.place(predicate), "PP", relation, "predicate"), negated
        changes = {}
        if not predicate.gender and subject.gender == "Fem" and subject.number == "Sing" and is_human(predicate):
            changes["gender"] = "Fem"
        if negated and _bare(predicate):
            changes["determiner"], negated = "no", False
        elif predicate.determiner == "a" and predicate.cls == "role" and not (predicate.qualities or predicate.origin or predicate.participle or predicate.modifier or predicate.relative):
            changes["determiner"] = ""  # sie ist Lehrerin
        phrase = self.np(Thing(**{**predicate.__dict__, **changes}) if changes else predicate, "Nom")
        return Item(11, phrase.node, "NP", relation, "predicate"), negated

    def adjective_phrase(self, quality: Quality, c: Clause):
        subject = c.subject
        cls = "human" if subject is None or is_human(subject) else subject.cls
        stem, leaf = self._adjective(quality, cls)
        if quality.degree == "Sup":
            leaf.word = stem + "en"
            am = Leaf("am", "am", "PART", "PTKA", "", "NIL")
            return chunked(modify(leaf, am, "case", before=True), "ADJP")
        leaf.word = compared(leaf.lemma, "Cmp") if quality.degree == "Cmp" else leaf.lemma
        node = modify(leaf, self.degree(quality.intensifier), "advmod", before=True) if quality.intensifier else convert(leaf)
        return chunked(node, "ADJP")

    def adjuncts(self, out: list[Item], c: Clause, adverb: str) -> None:
        """Times, places, manners and company, each where it likes to stand."""
        late = any(item.rank == 10 for item in out)
        if c.time is not None:
            node, relation = self.time(c.time)
            out.append(Item(3, node, "", relation, "time"))
        if c.progressive and not (c.frequency or c.manner or c.negated) and self.either(0.4):
            out.append(Item(4, self.adverb("just"), "", "advmod", "frequency"))
        if c.frequency:
            out.append(Item(4, self.adverb(c.frequency), "", "advmod", "frequency"))
        place = 4.5 if late and not c.negated else 8
        if c.place is not None and c.gap != "place":
            out.append(Item(place, self.place(c.place), "", "obl", "place"))
        if c.place_adverb:
            out.append(Item(place, self.adverb(c.place_adverb), "", "advmod", "place"))
        for relation in c.extras:
            early = relation.concept in ("after", "before", "during")
            out.append(Item(3.5 if early else 8.5, self.circumstance(relation), "", "obl", "time" if early else "extra"))
        if c.manner:
            out.append(Item(9, self.adverb(c.manner, manner=True), "", "advmod", "manner"))
        if adverb:
            out.append(Item(7.5, Leaf(adverb, adverb, "ADV", "ADV", "", "IST", "ADVP"), "", "advmod", "gern"))

    # --- what follows the verbs ------------------------------------------------------------------

    def tail(self, c: Clause, verb: Verb, subject: Phrase) -> tuple:
        """(node, category, relation) of a clause or infinitive that comes after the verbs, between commas."""
        inner = c.complement
        if c.frame == "that":
            mode = "K1" if inner.mood == "Sub" else ""
            if verb.lemma in SAYING and not c.negated and self.either(0.45 if mode else 0.3):
                return self.enclosed(self.statement(inner, mode)), "S[dcl]", "ccomp"
            return self.enclosed(self.marked("dass", "SUB", inner, mode)), "S[em]", "ccomp"
        if c.frame == "q":
            return self.enclosed(self.embedded_question(inner)), "S[qem]", "ccomp"
        if verb.governs == "dass":
            owner = c.object if c.object is not None else c.subject
            inner = Clause(**{**inner.__dict__, "subject": owner, "tense": "pres"})
            return self.enclosed(self.marked("dass", "SUB", inner)), "S[em]", "ccomp"
        controller = self.np(c.object, "Nom") if c.frame == "objto" and c.object is not None and not c.passive else subject
        return self.enclosed(self.infinitive(inner, controller)), CATEGORY["to"], "xcomp"

    def infinitive(self, c: Clause, controller: Phrase):
        """Category S[to]\\NP: das Buch zu lesen."""
        c, verb, adverb, modal = self.resolved(c)
        items, tail, _ = self.items(c, verb, adverb, False, controller)
        if modal:
            leaf = self.nonfinite_leaf(verb, "b")
            outer = self.with_zu(self.nonfinite_leaf(lexicon.entry_verb(modal), "b", "AUX"), "mark^")
            return self.final(items, leaf, [(outer, CATEGORY["b"], "aux", "")], tail, None)
        return self.final(items, self.nonfinite_leaf(verb, "to"), [], tail, None)

    # --- folding ---------------------------------------------------------------------------------

    def final(self, items: list[Item], verb, auxiliaries, tail, gap: Gap | None):
        """A verb phrase with its verbs at the end. auxiliaries: (node, category it asks for, relation, its own category), inmost first."""
        node = verb
        for item in reversed(items):
            if item.category:
                node = complement(node, item.node, item.category, item.relation, functor_heads=item.relation != "cop", backward=True)
            else:
                node = modify(node, convert(item.node, BEFORE_VP), item.relation, before=True)
        if gap is not None:
            node = complement(node, Trace(), gap.category, gap.relation)
        for leaf, category, relation, own in auxiliaries:
            if tail is not None:
                leaf = convert(leaf, functor_category(own, "\\", category))
                category = functor_category(category, "/", tail[1])
            node = complement(leaf, node, category, relation, functor_heads=False, backward=True)
        if tail is not None:
            node = complement(node, tail[0], tail[1], tail[2])
        return node

    def first(self, leaf: Leaf, items: list[Item], subject: Phrase | None, relation: str, tail, gap: Gap | None):
        """A clause or verb phrase whose one verb comes first; `subject` right after it, or None."""
        copula = any(item.relation == "cop" for item in items)
        raised = "^" if copula else ""
        node, adjunct = leaf, AFTER_VP
        if subject is not None:
            node, adjunct = complement(leaf, subject.node, "NP", relation + raised), AFTER_S
        elif relation == "imperative":
            adjunct = AFTER_S
        for item in items:
            if item.relation == "cop":
                node, raised = complement(node, item.node, item.category, "cop", functor_heads=False), ""
            elif item.category:
                node = complement(node, item.node, item.category, item.relation + raised)
            else:
                node = modify(node, convert(item.node, adjunct), item.relation + raised)
        if gap is not None:
            node = complement(node, Trace(), gap.category, gap.relation)
        if tail is not None:
            node = complement(node, tail[0], tail[1], tail[2])
        return node

    def statement(self, c: Clause, mode: str):
        raise NotImplementedError

    def marked(self, word: str, sem: str, c: Clause, mode=""):
        raise NotImplementedError

    def embedded_question(self, c: Clause):
        raise NotImplementedError


def _bare(thing: Thing) -> bool:
    return thing.kind == "noun" and thing.determiner in ("a", "") and not thing.count and thing.beside is None
