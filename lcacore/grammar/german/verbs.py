"""German verbs in a clause: the verb group in its tense and mood, and what stands between its two halves.

A clause is a list of items in the order of the middle field; `final` folds them onto a verb at the end (infinitives,
participles, subordinate clauses), `first` onto a finite verb before them.
"""

from __future__ import annotations

from dataclasses import dataclass

from ..engine import Leaf, Trace, complement, convert, functor_category, modify, punctuate
from ..meaning import Clause, Quality, Relation, Thing
from . import words as lexicon
from .closed import AUXILIARIES, CASE_OF, MODAL_SEM, MODAL_VERBS, MODALS, PREPOSITIONS, SAYING, SYNTHETIC, SYNTHETIC_TOO, comma
from .forms import compared, conjugate, infinitive, participle
from .phrases import Phrase, Phrases, chunked, is_human
from .words import Verb

MAN = Thing("man", cls="role")
SEIN = lexicon.entry_verb("sein")


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


@dataclass(frozen=True, slots=True)
class Group:
    """A verb group: mood and tense of the finite verb, auxiliaries from the finite one inwards as (lemma, form it asks for)."""

    mood: str
    tense: str
    auxiliaries: tuple[tuple[str, str], ...]


CATEGORY = {"b": "S[b]\\NP", "pt": "S[pt]\\NP", "pss": "S[pss]\\NP", "to": "S[to]\\NP"}
BEFORE_VP, AFTER_VP, AFTER_S = "(S\\NP)/(S\\NP)", "(S\\NP)\\(S\\NP)", "S\\S"


class Verbs(Phrases):
    """Verb groups and middle fields."""

    # --- what the verb is ------------------------------------------------------------------------

    def resolved(self, c: Clause) -> tuple[Clause, Verb, str, str]:
        """(clause, verb, adverb, modal): what German says by an adverb or a modal verb is no verb over an infinitive there.

        Sie liest gern; sie will lesen; man half ihm (a dative has no passive with a subject).
        """
        verb = self.german(c)
        adverb = modal = ""
        while verb.governs in ("@", "!") and c.complement is not None:
            inner = c.complement
            if verb.governs == "@":
                adverb = verb.lemma
            else:
                modal = verb.lemma
            said = {k: getattr(c, k) for k in ("subject", "tense", "perfect", "modal", "mood", "question", "frequency")}
            said["negated"] = c.negated or inner.negated
            for name in ("time", "place", "manner", "place_adverb", "extras", "purpose"):
                said[name] = getattr(inner, name) or getattr(c, name)
            c = Clause(**{**inner.__dict__, **said})
            verb = self.german(c)
        if c.passive and ((verb.governs and c.frame != "put") or verb.reflexive):
            c = Clause(**{**c.__dict__, "passive": False, "subject": c.subject or MAN})
        return c, verb, adverb, modal

    def german(self, c: Clause) -> Verb:
        if c.frame == "light" and c.object is not None:
            return lexicon.light_verb(c.sense, c.object.concept, c.object.cls)
        verb = lexicon.verb(c.sense)
        if c.oblique is not None and c.oblique.concept == "past" and not verb.governs:
            return Verb("vorbei" + verb.lemma, "vorbei", verb.base, verb.reflexive, "", verb.sein)
        return verb

    # --- the verb group --------------------------------------------------------------------------

    def group(self, c: Clause, verb: Verb, passive: bool, modal: str, mode: str) -> Group:
        """mode: "" as the clause says, "K1" reported, "K2" unreal."""
        past = c.tense in ("past", "imp")
        base = "werden" if passive else modal or verb.base
        inner = (("werden", "pss"),) * passive
        sein = self.takes_sein(c, verb)
        perfect = ("sein" if passive or sein else "haben", "pt")
        chain: tuple[tuple[str, str], ...] = ((modal, "b"),) * bool(modal)
        mood, tense = "Ind", "Past" if past else "Pres"
        if c.modal == "would" or mode == "K2":
            if c.perfect and not modal:
                return Group("Sub", "Past", (perfect, *inner))
            plain = base in SYNTHETIC or (base in SYNTHETIC_TOO and self.either(0.5))
            return Group("Sub", "Past", (*chain, *inner) if plain else (("werden", "b"), *chain, *inner))
        if mode == "K1":
            return self._reported(c, verb, base, perfect, chain + inner, modal)
        if c.modal:
            mood, tense = ("Sub", "Past") if c.modal in ("should", "may") else (mood, tense)
            chain = ((MODALS[c.modal], "b"), *chain)
            if (c.perfect or (past and c.modal in ("should", "may"))) and not modal:
                chain = (*chain, perfect)
        elif c.tense == "fut":
            tense = "Pres"
            if c.time is None or c.perfect or not self.either(0.3):
                chain = (("werden", "b"), *chain)
            if c.perfect and not modal:
                chain = (*chain, perfect)
        elif c.perfect:
            chain = (*chain, perfect) if not modal else chain
            tense = "Past" if modal else tense
        elif past and not modal and base not in SYNTHETIC and self.either(0.3 if passive else 0.36):
            tense, chain = "Pres", (*chain, perfect)  # the spoken past
        return Group(mood, tense, (*chain, *inner))

    def _reported(self, c: Clause, verb: Verb, base: str, perfect, chain, modal: str) -> Group:
        """Konjunktiv I; the second one where the first looks like the indicative."""
        if c.perfect and not modal:
            chain = (perfect, *(pair for pair in chain if pair[1] == "pss"))
        elif c.tense == "fut":
            chain = (("werden", "b"), *chain)
        subject = self.agreement
        lemma = chain[0][0] if chain else verb.base
        args = (subject.person if subject else 3, subject.number if subject else "Sing")
        own = verb.lemma if not chain else lemma
        if conjugate(own, lemma, "Sub", "Pres", *args) != conjugate(own, lemma, "Ind", "Pres", *args):
            return Group("Sub", "Pres", chain)
        return Group("Sub", "Past", chain if lemma in SYNTHETIC else (("werden", "b"), *chain))

    agreement: Phrase | None = None

    @staticmethod
    def takes_sein(c: Clause, verb: Verb) -> bool:
        has_object = c.frame in ("trans", "tpart", "put", "ditr", "light", "objto") and verb.governs in ("", "A")
        return verb.sein and not has_object and not verb.reflexive

    # --- verb forms ------------------------------------------------------------------------------

    def finite_leaf(self, verb: Verb, mood: str, tense: str, subject: Phrase, sem="", joined=False) -> Leaf:
        """The finite form; with its separable prefix where it stands last (`joined`)."""
        word = conjugate(verb.lemma, verb.base, mood, tense, subject.person, subject.number)
        feats = f"Mood={mood}|Number={subject.number}|Person={subject.person}|Tense={tense}|VerbForm=Fin"
        sem = sem or ("EPS" if tense == "Past" and mood == "Ind" else "ENS")
        upos, kind = ("VERB", "V")
        if verb.base in AUXILIARIES and not verb.prefix:
            kind = "A"
        elif verb.base in MODAL_VERBS and not verb.prefix:
            kind = "M"
        if joined:
            word = verb.prefix + word
        return Leaf(word, verb.lemma, upos, f"V{kind}FIN", feats, sem, "VP")

    def auxiliary(self, lemma: str, form: str, subject: Phrase, group: Group, wanted: str) -> tuple[Leaf, str]:
        """(leaf, relation) of an auxiliary in a form ("fin" or what another asks for); `wanted`: what it asks for itself."""
        relation = "aux:pass" if wanted == "pss" else "aux"
        kind = "M" if lemma in MODAL_VERBS else "A"
        if form == "fin":
            leaf = self.finite_leaf(lexicon.entry_verb(lemma), group.mood, group.tense, subject, self.auxiliary_sem(lemma, wanted, group))
            leaf.upos, leaf.xpos = "AUX", f"V{kind}FIN"
            return leaf, relation
        word, feats = self.nonfinite(lexicon.entry_verb(lemma), form)
        word = "worden" if word == "geworden" else word
        return Leaf(word, lemma, "AUX", f"V{kind}{'PP' if form == 'pt' else 'INF'}", feats, MODAL_SEM.get(lemma, "PFT" if form == "pt" else "NIL"), "VP"), relation

    @staticmethod
    def auxiliary_sem(lemma: str, wanted: str, group: Group) -> str:
        if lemma == "werden" and wanted == "b":
            return "FUT"
        return MODAL_SEM.get(lemma) or ("PST" if group.tense == "Past" else "NOW")

    @staticmethod
    def nonfinite(verb: Verb, form: str) -> tuple[str, str]:
        if form in ("pt", "pss"):
            return participle(verb.lemma, verb.prefix, verb.base), "VerbForm=Part" + "|Voice=Pass" * (form == "pss")
        return infinitive(verb.prefix, verb.base, form == "to"), "VerbForm=Inf"

    def nonfinite_leaf(self, verb: Verb, form: str, upos="VERB"):
        """An infinitive or participle as a node; with zu before it (of its own, or inside: aufzustehen)."""
        word, feats = self.nonfinite(verb, form)
        kind = "A" if verb.base in AUXILIARIES and not verb.prefix else "M" if verb.base in MODAL_VERBS and not verb.prefix else "V"
        inside = form == "to" and verb.prefix
        xpos = f"V{kind}" + ("PP" if form in ("pt", "pss") else "IZU" if inside else "INF")
        sem = "EXT" if form == "pt" else "EXS"
        leaf = Leaf(word, verb.lemma, upos, xpos, feats, sem, "VP")
        return self.with_zu(leaf, "mark") if form == "to" and not inside else leaf

    @staticmethod
    def with_zu(leaf, relation: str):
        return modify(leaf, Leaf("zu", "zu", "PART", "PTKZU", "", "NIL", "VP", fixed=BEFORE_VP), relation, before=True)

    # --- the middle field ------------------------------------------------------------------------

    def items(self, c: Clause, verb: Verb, adverb: str, passive: bool, subject: Phrase) -> tuple[list[Item], tuple | None, Gap | None]:
        """(items in order, what follows the verbs at the end or None, the gap or None)."""
        out: list[Item] = []
        tail = gap = None
        negated = c.negated
        self.avoid = None
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
            out.append(Item(2 if phrase.pronoun else 5, phrase.node, "NP", "iobj", "recipient"))
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


def before_comma(node):
    return punctuate(node, comma(), before=True)
