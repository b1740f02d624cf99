"""German verbs: what German says for a verb's sense, and the verb group in its tense and mood."""

from __future__ import annotations

from dataclasses import dataclass

from ..engine import Leaf, modify
from ..meaning import Clause, Thing
from . import words as lexicon
from .circumstances import Circumstances
from .closed import AUXILIARIES, MODAL_SEM, MODAL_VERBS, MODALS, SYNTHETIC, SYNTHETIC_PAST, SYNTHETIC_TOO
from .forms import conjugate, infinitive, participle
from .phrases import Phrase
from .words import Verb

MAN = Thing("man", cls="role")


@dataclass(frozen=True, slots=True)
class Group:
    """A verb group: mood and tense of the finite verb, auxiliaries from the finite one inwards as (lemma, form it asks for)."""

    mood: str
    tense: str
    auxiliaries: tuple[tuple[str, str], ...]


CATEGORY = {"b": "S[b]\\NP", "pt": "S[pt]\\NP", "pss": "S[pss]\\NP", "to": "S[to]\\NP"}
BEFORE_VP = "(S\\NP)/(S\\NP)"  # the category of an adjunct before a verb that stands last


class Verbs(Circumstances):
    """Verb groups."""

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
            return self._reported(c, verb, perfect, chain + inner, modal)
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
        elif past and not modal and base not in SYNTHETIC_PAST and self.spoken:
            tense, chain = "Pres", (*chain, perfect)
        return Group(mood, tense, (*chain, *inner))

    def _reported(self, c: Clause, verb: Verb, perfect, chain, modal: str) -> Group:
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
    spoken = False  # whether the sentence tells its past in the perfect

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
