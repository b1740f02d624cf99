"""English verb phrases: the verb's frame decides its complements; adjuncts, auxiliaries, negation and `be` around it."""

from __future__ import annotations

from functools import cache

from ..engine import Choice, complement, convert, leaves_of, modify
from . import build
from . import words as lexicon
from .build import Agreement, bare, chunked, pp
from .closed import DOMAINS, FRAMES, HUMAN, MODALS, PATTERNS, TEMPORARY, ranked
from .phrases import Phrases


def selects(classes, cls: str) -> bool:
    """Whether a verb that wants one of `classes` takes a noun of class `cls` there."""
    base = cls.split(".")[0]
    return base in classes or ("human" in classes and base in HUMAN)


@cache
def verb_choices() -> dict[tuple[str, str], Choice]:
    """(frame, domain) → verbs of that frame in the sentence's domain."""
    out = {}
    for frame in sorted({v.frame for v in lexicon.verbs()}):
        for domain in ("", *DOMAINS.items):
            fitting = [v for v in lexicon.verbs() if v.frame == frame and v.domain in ("", domain)]
            if fitting:
                out[frame, domain] = ranked(fitting, 2.2, [v.rank for v in fitting], [3 if v.domain else 1 for v in fitting])
    return out


@cache
def verbs_taking(cls: str) -> Choice | None:
    """Transitive verbs whose object may be a noun of class `cls` (for object relatives and participles)."""
    fitting = [v for v in lexicon.verbs() if v.frame == "trans" and not v.domain and selects(v.objects, cls) and selects(v.subjects, "role")]
    return Choice(fitting, [round(1000 / (v.rank + 1)) for v in fitting]) if fitting else None


@cache
def verbs_of(cls: str) -> Choice | None:
    """Verbs whose subject may be a noun of class `cls`."""
    fitting = [v for v in lexicon.verbs() if v.frame in ("trans", "intr", "obl", "part") and not v.domain and selects(v.subjects, cls)]
    return Choice(fitting, [round(1000 / (v.rank + 1)) for v in fitting]) if fitting else None


class VerbPhrases(Phrases):
    """Verb phrases; clauses inside them are built by the grammar that extends this."""

    narrative = "past"  # the tense that the sentence, or the clause at hand, is told in
    reported = False  # whether the clause at hand is what somebody says or thinks
    static = False  # whether the main clause tells of a state
    timed = False  # whether the sentence says when already
    tense = "past"  # of the clause at hand, a key of TIMES

    # --- verbs ---

    def verb(self, frame: str | None = None) -> lexicon.Verb:
        while True:
            choice = verb_choices().get((frame or FRAMES(self.random), self.domain))
            if choice:
                return choice(self.random)

    def plain_verb(self, active=False) -> lexicon.Verb:
        """A verb with a human subject for an embedded clause: nothing that embeds another; `active`: no state."""
        while True:
            verb = self.verb(self.one_of(("trans", "trans", "light", "intr", "obl", "put", "tpart", "part")))
            if "human" in verb.subjects and not (active and verb.lemma in lexicon.stative()):
                return verb

    def verb_phrase(self, verb: lexicon.Verb, form: str, subject: Agreement, depth: int, *, passive=False, trace=False, agent=0.38, inner=None):
        """Category S[form]\\NP: the verb with its complements and adjuncts. `form`: past, pres, b, to, ng, pt, pss.

        passive: the object is the subject, so its place stays empty; trace: it has been extracted; inner: the clause
        that it takes, if that stands already, or "PP" where its whole prepositional phrase has been extracted.
        """
        if form == "to":
            return build.to_infinitive(self.verb_phrase(verb, "b", subject, depth))
        if verb.frame == "be":
            return self.predication(form, subject, depth)
        leaf = build.verb_leaf(verb.lemma, build.form_tag(form, subject), subject, passive=passive)
        outer, self.subject_now = self.subject_now, subject if not passive else None
        node = build.take(leaf, *self.complements(verb, subject, depth, passive, trace, inner))
        node = self.adjuncts(node, verb, subject, depth, passive, agent)
        self.subject_now = outer
        return node

    def unfinite(self, verb, form: str, subject: Agreement, depth: int):
        """A verb phrase without a time of its own: to go, going."""
        own, self.tense = self.tense, "fut" if self.tense in ("pres", "prog", "fut") and form == "to" else "inf"
        node = self.verb_phrase(verb, form, subject, depth)
        self.tense = own
        return node

    def complements(self, verb, subject, depth, passive, trace, inner=None) -> tuple:
        """The complements that a verb's frame asks for, in order, as `build.take` wants them."""
        deeper = depth + 1
        objects, frame = verb.objects, verb.frame
        if frame == "intr":
            return ()
        if frame == "light":  # take a walk, do some work
            noun = self.noun(self.one_of(objects), of=verb.lemma)
            nbar = self.nbar(noun, False, 0.15)
            if trace:
                return (build.trace(),)
            some = noun.plural or self.chance(0.5)
            return ((chunked(build.determined("a" if noun.plural else "some", nbar), "NP") if some else bare(nbar), "NP", "obj"),)
        if frame == "trans":
            if passive:
                return ()
            if trace:
                return (build.trace(),)
            if "human" in objects and verb.manner == "care" and subject.cls == "role" and (subject.pronoun or subject.gender) and self.chance(0.05):
                return ((build.reflexive(subject), "NP", "obj"),)
            return ((self.np(objects, depth=depth, of=verb.lemma).node, "NP", "obj"),)
        if frame == "ditr":
            recipient = self.np(("human",), depth=2).node
            thing = self.common(self.one_of(verb.marks), deeper, of=verb.lemma).node, "NP", "obj"
            if passive:
                return (thing,)
            if self.chance(0.5):
                return (recipient, "NP", "iobj"), thing
            return thing, (pp("for" if verb.lemma in ("bring", "buy") and self.chance(0.3) else "to", recipient), "PP", "obl")
        if frame == "obl":
            mark = self.one_of(verb.marks)
            if inner == "PP":  # to whom she spoke
                return (build.trace("PP", "obl"),)
            if trace:  # that she spoke to
                return ((complement(build.preposition(mark), build.trace()[0], "NP", "case"), "PP", "obl"),)
            return ((pp(mark, self.np(objects, depth=depth, of=f"{verb.lemma} {mark}").node), "PP", "obl"),)
        if frame in ("part", "tpart"):
            particle = build.particle(self.one_of(verb.marks)), "PR", "compound:prt"
            if frame == "part" or passive:
                return (particle,)
            np = self.np(objects, depth=deeper, of=verb.lemma)
            thing = np.node, "NP", "obj"
            return (thing, particle) if np.agreement.pronoun or self.chance(0.3) else (particle, thing)
        if frame == "put":
            mark = self.one_of(verb.marks)
            thing = () if passive else ((self.np(objects, depth=2, of=verb.lemma).node, "NP", "obj"),)
            goal = self.common("container" if mark.startswith("in") else "surface", 2, True).node
            return *thing, (pp(mark, goal), "PP", "obl")
        if frame == "that":
            clause = inner or self.reported_clause(verb, deeper + 1)
            if self.chance(0.55):
                return ((build.marked("that", clause), "S[em]", "ccomp"),)
            return ((clause, "S[dcl]", "ccomp"),)
        if frame == "q":
            return ((self.embedded_question(verb, deeper), "S[qem]", "ccomp"),)
        if frame == "link":
            return ((self.adjective_phrase(subject, depth), "S[adj]\\NP", "xcomp"),)
        if frame == "objto":
            if passive:
                return ((self.unfinite(self.plain_verb(True), "to", subject, deeper), "S[to]\\NP", "xcomp"),)
            patient = self.np(("human",), depth=2)
            return (patient.node, "NP", "obj"), (self.unfinite(self.plain_verb(True), "to", patient.agreement, deeper), "S[to]\\NP", "xcomp")
        return ((self.unfinite(self.plain_verb(True), frame, subject, deeper), f"S[{frame}]\\NP", "xcomp"),)  # to, ng

    def adjuncts(self, node, verb, subject: Agreement, depth, passive=False, agent=0.38):
        """Adverbs and prepositional phrases on a verb phrase, fewer the deeper it stands."""
        more = (1.0, 0.5, 0.25, 0.2)[min(depth, 3)]
        state = verb.lemma in lexicon.stative()
        if verb.manner and not state and verb.frame not in ("link", "that", "q", "to", "ng", "objto") and self.chance(0.10 * more + 0.02):
            adverb = self.adverb(verb.manner)
            node = modify(node, adverb, "advmod", before=adverb.word.endswith("ly") and self.chance(0.3) and not passive)
        if passive and self.chance(agent):
            by = self.person(2) if self.chance(0.3) else self.common("role", 2, True)
            node = modify(node, pp("by", by.node), "obl")
        if verb.frame in ("to", "ng", "that", "q", "objto"):
            return node
        placed = any(c.startswith(("place", "city", "country", "surface", "container")) for c in verb.objects) or verb.frame == "put"
        if self.chance(0.23 * more) and not placed and not (state and verb.frame != "intr"):
            node = modify(node, self.place_pp(verb.lemma), "obl")
        if self.chance(0.12 * more) and not passive and "human" in verb.subjects and subject.cls == "role" and verb.lemma in lexicon.companions():
            node = modify(node, self.companion(verb), "obl")
        if self.chance(0.29 * more) and not self.timed:
            self.timed = True
            durative = verb.frame == "intr" and verb.manner in ("still", "work", "speech")
            phrase, relation = self.time_phrase("prog" if state and self.tense == "pres" else self.tense, durative)
            node = modify(node, phrase, relation)
        willing = subject.cls in HUMAN and not passive and not state and verb.frame in ("intr", "trans", "obl", "part", "light", "put", "tpart")
        if depth < 2 and willing and self.chance(0.06 * more):
            node = modify(node, convert(self.unfinite(self.plain_verb(True), "to", subject, depth + 2), "S[to]\\NP"), "advcl")
        elif depth == 0 and willing and self.chance(0.035):
            inner = self.unfinite(self.plain_verb(True), "ng", subject, depth + 2)
            node = modify(node, build.marked(self.one_of(("without", "before", "after")), inner, "S[ng]\\NP", "REL"), "advcl")
        return node

    def companion(self, verb):
        """with a knife, with a friend, for her, like a child, with joy: what suits the verb."""
        word, nouns = self.one_of(lexicon.companions()[verb.lemma])
        if nouns[0] == "<human>":
            return pp(word, self.np(("human",), depth=2).node)
        if nouns[0] == "<role>":
            return pp(word, chunked(build.determined("a", build.noun_leaf(self.noun("role"), False)), "NP"))
        lemma = nouns[min(int(self.random.random() ** 2 * len(nouns)), len(nouns) - 1)]
        noun = next(n for n in lexicon.nouns() if n.lemma == lemma)
        if not noun.plural:  # with great joy
            return pp(word, bare(self.nbar(noun, False, 0.2)))
        return pp(word, chunked(build.determined("a" if self.chance(0.6) else "the", self.nbar(noun, False, 0.15)), "NP"))

    # --- the verb group ---

    def group(self, verb: lexicon.Verb, subject: Agreement, depth: int, *, passive=False, trace=False, question=False, pattern=None, inner=None):
        """([(auxiliary, relation)] or [], rest, category of the rest) of a finite verb phrase."""
        state = verb.lemma in lexicon.stative() and not passive
        form, *rest = pattern or PATTERNS[self.narrative + " state" * state](self.random)
        negated = "not" in rest
        kinds = [a for a in rest if a != "not" and not (a == "be" and (state or (passive and "have" in rest)))]
        if form == "modal":
            kinds = [MODALS["reported" if self.reported and self.narrative == "past" else self.narrative](self.random), *kinds]
        kinds += ["pass"] * passive
        if not kinds and (negated or question) and verb.frame != "be":
            kinds = ["do"]
        own = self.tense = self.time_of(form, kinds)
        chain, form = build.auxiliary_chain(form, kinds, subject)
        if not chain and verb.frame == "be":
            if not question:
                return [], self.predication(form, subject, depth, negated), ""
            predicate, category = self.predicate(subject, depth)
            if negated and self.chance(0.3):
                predicate = modify(predicate, build.negation(inverted=True), "advmod", before=True)
            return [(build.auxiliary("be", form, subject), "cop")], predicate, category
        body = self.verb_phrase(verb, form, subject, depth, passive=passive, trace=trace, inner=inner)
        self.tense = own
        if not chain:
            habitual = 0.22 if own == "pres" and not state and not pattern else 0.035
            return [], modify(body, self.frequency(own), "advmod", before=True) if self.chance(habitual) else body, ""
        body, category = build.under(chain, body, form)
        first = chain[0][0]
        if negated:
            body = build.negated(first, body, build.contracts(first) and not question and self.chance(0.55), question)
        elif not question and self.chance(0.06):
            body = modify(body, self.frequency(own), "advmod", before=True)
        return chain[:1], body, category

    def time_of(self, form: str, kinds) -> str:
        """Which times suit a verb group (a key of TIMES)."""
        if form == "modal":
            return "past" if "have" in kinds else "fut" if self.narrative == "pres" else "inf"
        if "have" in kinds:
            return "plup" if form == "past" else "perf"
        return "prog" if form == "pres" and "be" in kinds else form

    def finite(self, verb, subject: Agreement, depth: int, **how):
        """Category S[dcl]\\NP."""
        first, body, category = self.group(verb, subject, depth, **how)
        if first:
            (leaf, relation), = first
            return complement(leaf, body, category, relation, functor_heads=False)
        return body

    def clause(self, depth: int, verb=None, pattern=None):
        raise NotImplementedError

    def reported_clause(self, verb, depth: int):
        raise NotImplementedError

    def embedded_question(self, verb, depth: int):
        raise NotImplementedError

    # --- be ---

    def predication(self, form: str, subject: Agreement, depth: int, negated=False):
        """be + adjective, noun phrase or place; the predicate is the dependency head."""
        be = build.auxiliary("be", form, subject)
        predicate, category = self.predicate(subject, depth)
        if negated:
            predicate = modify(predicate, build.negation(), "advmod", before=True)
        elif form in ("past", "pres") and self.chance(0.06):
            predicate = modify(predicate, self.frequency(self.tense), "advmod", before=True)
        node = complement(be, predicate, category, "cop", functor_heads=False)
        if depth == 0 and not self.timed and (category == "PP" or TEMPORARY & {leaf.lemma for leaf in leaves_of(predicate)}) and self.chance(0.3):
            self.timed = True
            phrase, relation = self.time_phrase("prog" if self.tense == "pres" else self.tense)
            node = modify(node, phrase, relation)
        return node

    def predicate(self, subject: Agreement, depth: int):
        x = self.random.random()
        human = subject.cls.split(".")[0] in HUMAN
        if x < 0.62:
            return self.adjective_phrase(subject, depth), "S[adj]\\NP"
        if x < 0.84 and human and subject.number == "Sing":
            noun = self.role(subject.gender) if subject.gender else self.noun("role")
            np = chunked(build.determined("a", self.nbar(noun, False)), "NP")
            return (self.postmodified(np, Agreement("Sing", 3, "role"), noun, depth + 1) if depth == 0 else np), "NP"
        if x < 0.84 and human:
            return bare(self.nbar(self.noun("role"), True)), "NP"
        if human or subject.cls in ("animal", "thing", "tool", "vehicle", "food"):
            return self.place_pp(), "PP"
        return self.adjective_phrase(subject, depth), "S[adj]\\NP"
