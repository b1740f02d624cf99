"""English clauses out of which something is taken: relative clauses, embedded questions, extraction across a clause."""

from __future__ import annotations

from contextlib import contextmanager
from functools import cache

from ..engine import complement, convert, modify
from . import build
from . import words as lexicon
from .build import Agreement, Phrase, chunked
from .closed import BACKSHIFTED, BRIDGES, HUMAN, PERSONAL
from .verbs import VerbPhrases, verbs_of, verbs_taking


@cache
def bridges() -> dict[str, lexicon.Verb]:
    """Verbs out of whose clause something may be taken."""
    return {v.lemma: v for v in lexicon.verbs() if v.frame == "that" and v.lemma in BRIDGES.items}


class Extraction(VerbPhrases):
    """Clauses with a gap."""

    @contextmanager
    def told(self, *, past=0.0, reported=False):
        """A clause inside: in a sentence of the present it may look back (`past`: how often); its own tense is forgotten after it."""
        saved = self.narrative, self.reported, self.tense
        if self.narrative == "pres" and self.chance(past):
            self.narrative = "past"
        self.reported = self.reported or reported
        yield
        self.narrative, self.reported, self.tense = saved

    def reported_clause(self, verb, depth: int):
        with self.told(past=0.2 if verb.lemma not in ("promise", "suggest", "decide", "fear", *BACKSHIFTED) else 0.0, reported=True):
            return self.clause(depth)

    def asked_verb(self) -> lexicon.Verb:
        """A transitive verb that one can ask the object of with `what`."""
        while True:
            verb = self.verb("trans")
            if "human" in verb.subjects and not {"human", "org", "place", "body", "feeling"} & set(verb.objects):
                return verb

    def embedded_question(self, verb, depth: int):
        """Category S[qem]: whether she left, where he lives, what they want."""
        x = self.random.random()
        open_only = verb.lemma in ("understand", "forget", "see", "remember")
        with self.told(past=0.25, reported=True):
            if x < 0.45 and not open_only:
                return build.marked("whether" if x < 0.25 else "if", self.clause(depth + 1))
            if x < 0.8:
                return build.marked(self.one_of(("where", "why", "when", "how")), self.clause(depth + 1, self.plain_verb()), sem="QUE")
            clause, relation = self.gapped(self.asked_verb(), depth)
            return complement(build.wh("what"), convert(clause, "S[dcl]"), "S[dcl]/NP", relation, functor_heads=False)

    def gapped(self, verb, depth: int, across=0.15, near=False):
        """(a clause whose object has been extracted, the relation of what is extracted): he had read _, she said he had read _."""
        subject = self.near() if near else self.np(("human",), "Nom", 2)
        if self.chance(across):
            with self.told(past=0.2, reported=True):
                inner, _ = self.gapped(verb, depth + 1, 0.0)
            bridge = bridges()[BRIDGES(self.random)]
            pattern = self.one_of((("past",), ("past",), ("past", "have")) if self.narrative == "past" else (("pres",), ("pres",), ("pres", "have")))
            body, relation = self.finite(bridge, subject.agreement, depth + 2, inner=inner, pattern=pattern), "obj>ccomp"
        else:
            body, relation = self.finite(verb, subject.agreement, depth + 2, trace=True), "obj"
        return complement(body, subject.node, "NP", "nsubj", backward=True), relation

    def near(self):
        """A subject that is known, as after a noun without relative pronoun: the book she read."""
        if self.chance(0.75):
            return self.pronoun(PERSONAL(self.random), "Nom")
        return self.person(2) if self.chance(0.6) else Phrase(chunked(build.determined("the", build.noun_leaf(self.noun("role"), False)), "NP"), Agreement("Sing", 3, "role"))

    def relative(self, np, agreement: Agreement, depth: int):
        """A relative clause or a participial one after a noun phrase."""
        with self.told(past=0.3):
            return self.related(np, agreement, depth)

    def related(self, np, agreement: Agreement, depth: int):
        cls = agreement.cls
        human = cls in HUMAN
        x = self.random.random()
        if x < 0.36:
            choice = verbs_of(cls)
            if choice is None:
                return np
            verb = choice(self.random)
            if x < 0.08 and verb.frame != "intr" and verb.lemma not in lexicon.stative():
                own, self.tense = self.tense, "inf"
                phrase = self.verb_phrase(verb, "ng", agreement, depth + 2)
                self.tense = own
                return modify(np, convert(phrase, "S[ng]\\NP"), "acl")
            word = self.one_of(("who", "who", "that")) if human else self.one_of(("that", "which"))
            return build.relativized(np, word, self.finite(verb, agreement, depth + 2), "S[dcl]\\NP", "nsubj")
        if cls.startswith("place") and x < 0.60:
            clause = self.clause(depth + 2, self.verb("intr") if self.chance(0.4) else self.plain_verb())
            return build.where(np, clause) if x < 0.48 else build.piped(np, cls.partition(".")[2] or "in", clause)
        if human and x < 0.48:
            return self.with_whose(np, depth)
        if human and x < 0.56:
            return self.piped(np, depth)
        choice = verbs_taking(cls)
        if choice is None:
            return np
        verb = choice(self.random)
        if x < 0.62:
            phrase = self.verb_phrase(verb, "pss", agreement, depth + 1, passive=True, agent=1.0)
            return modify(np, convert(phrase, "S[pss]\\NP"), "acl")
        clause, relation = self.gapped(verb, depth, near=x < 0.80)
        word = "" if x < 0.80 else "that" if not human or self.chance(0.6) else "who"
        return build.relativized(np, word, convert(clause, "S[dcl]"), "S[dcl]/NP", relation)

    def with_whose(self, np, depth: int):
        """the woman whose brother sleeps, the woman whose car he stole"""
        if self.chance(0.5):
            noun = self.noun("role", "home")
            agreement = Agreement("Sing", 3, "role")
            verb = verbs_of("role")(self.random)
            body, gap, relation = self.finite(verb, agreement, depth + 2), "S[dcl]\\NP", "nsubj"
        else:
            cls = self.one_of(("thing", "text", "tool", "vehicle", "work"))
            noun = self.noun(cls)
            clause, relation = self.gapped(verbs_taking(cls)(self.random), depth, 0.0)
            body, gap = convert(clause, "S[dcl]"), "S[dcl]/NP"
        return build.whose(np, self.nbar(noun, False, 0.15), body, gap, relation)

    def piped(self, np, depth: int):
        """the man to whom she spoke, the man she spoke to"""
        while True:
            verb = self.verb("obl")
            if "human" in verb.subjects and verb.objects == ("human",):
                break
        subject = self.near()
        if self.chance(0.3):
            body = self.finite(verb, subject.agreement, depth + 2, trace=True)
            return build.relativized(np, "", convert(complement(body, subject.node, "NP", "nsubj", backward=True), "S[dcl]"), "S[dcl]/NP", "")
        body = self.finite(verb, subject.agreement, depth + 2, trace=True, inner="PP")
        clause = convert(complement(body, subject.node, "NP", "nsubj", backward=True), "S[dcl]")
        return build.piped(np, self.one_of(verb.marks), clause, human=True, argument=True)

    def wh_object(self, noun_classes, plural: float):
        """what, which book"""
        if not self.chance(0.4):
            return build.wh("what")
        noun = self.noun(self.one_of(noun_classes))
        return chunked(build.determined(self.one_of(("which", "what")), self.nbar(noun, bool(noun.plural) and self.chance(plural), 0.1)), "NP")
