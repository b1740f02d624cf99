"""English verb phrases: the verb's frame decides its complements; adjuncts, auxiliaries, negation and `be` around it."""

from __future__ import annotations

from functools import cache

from ..engine import Choice, Leaf, Trace, complement, convert, coordinate, modify
from . import words as lexicon
from .closed import DOMAINS, FRAMES, HUMAN, MODAL_SEM, MODALS, NEXT, PATTERNS, REFLEXIVE, SINGULAR, TAG, XPOS
from .phrases import Agreement, Phrases, chunked, preposition, word_choices


def selects(classes, cls: str) -> bool:
    """Whether a verb that wants one of `classes` takes a noun of class `cls` there."""
    base = cls.split(".")[0]
    return base in classes or ("human" in classes and base in HUMAN)


@cache
def verb_choices() -> dict[tuple[str, str], Choice]:
    """(frame, domain) → verbs of that frame in the sentence's domain; each group of verbs weighs its size's root."""
    out = {}
    for frame in sorted({v.frame for v in lexicon.verbs()}):
        for domain in ("", *DOMAINS.items):
            fitting = [v for v in lexicon.verbs() if v.frame == frame and v.domain in ("", domain)]
            if not fitting:
                continue
            fits = [6 if v.domain else 2 for v in fitting]
            out[frame, domain] = Choice(fitting, [round(1000 * f / (v.rank + 1) ** 1.1) for v, f in zip(fitting, fits, strict=True)])
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

    narrative = "past"  # the tense that the sentence is told in
    timed = False  # whether the sentence says when already
    tense = "past"  # of the clause at hand: past, pres, fut, perf

    # --- verbs ---

    def verb(self, frame: str | None = None) -> lexicon.Verb:
        while True:
            choice = verb_choices().get((frame or FRAMES(self.random), self.domain))
            if choice:
                return choice(self.random)

    def verb_leaf(self, lemma: str, xpos: str, agreement: Agreement, *, upos="VERB", sem=None, passive=False) -> Leaf:
        word = lexicon.inflect(lemma, xpos, agreement.be)
        if xpos == "VBD":
            feats = "Mood=Ind|Tense=Past|VerbForm=Fin"
        elif xpos in ("VBZ", "VBP"):
            feats = f"Mood=Ind|Number={agreement.number}|Person={agreement.person}|Tense=Pres|VerbForm=Fin"
        else:
            feats = {"VB": "VerbForm=Inf", "VBG": "Tense=Pres|VerbForm=Part", "VBN": "Tense=Past|VerbForm=Part" + "|Voice=Pass" * passive}[xpos]
        return Leaf(word, lemma, upos, xpos, feats, sem or ("EXS" if passive else TAG[xpos]), "VP")

    def tensed(self, tense: str, agreement: Agreement) -> str:
        return "VBD" if tense == "past" else agreement.present

    def aux(self, lemma: str, form: str, agreement: Agreement) -> Leaf:
        """An auxiliary in a form: "past", "pres", "modal" or one that another auxiliary asks for."""
        if form == "modal":
            return Leaf(lemma, lemma, "AUX", "MD", "VerbForm=Fin", MODAL_SEM[lemma], "VP")
        xpos = XPOS.get(form) or self.tensed(form, agreement)
        sem = {"VBD": "PST", "VBZ": "NOW", "VBP": "NOW", "VB": "NIL", "VBN": "PFT", "VBG": "PRG"}[xpos]
        return self.verb_leaf(lemma, xpos, agreement, upos="AUX", sem=sem)

    def verb_phrase(self, verb: lexicon.Verb, form: str, subject: Agreement, depth: int, *, passive=False, trace=False, agent=0.38):
        """Category S[form]\\NP: the verb with its complements and adjuncts. `form`: past, pres, b, to, ng, pt, pss.

        passive: the object is the subject, so its place stays empty; trace: it has been extracted.
        """
        if form == "to":
            to = Leaf("to", "to", "PART", "TO", "", "NIL", "VP")
            return complement(to, self.verb_phrase(verb, "b", subject, depth), "S[b]\\NP", "mark", functor_heads=False)
        if verb.frame == "be":
            return self.predication(form, subject, depth)
        xpos = XPOS.get(form) or self.tensed(form, subject)
        leaf = self.verb_leaf(verb.lemma, xpos, subject, passive=passive)
        node = self.complements(verb, leaf, subject, depth, passive, trace)
        return self.adjuncts(node, verb, subject, depth, passive, agent)

    def complements(self, verb, leaf, subject, depth, passive, trace):
        deeper = depth + 1
        self.avoided = subject.person if subject.pronoun else 0
        objects = verb.objects
        frame = verb.frame
        if frame == "intr":
            return leaf
        if frame == "light":  # take a walk, have some work
            noun = self.noun(self.one_of(objects))
            np = self.determined(SINGULAR, self.nbar(noun, False), "a") if noun.plural else convert(self.nbar(noun, False), "N")
            return complement(leaf, Trace() if trace else chunked(np, "NP"), "NP", "obj")
        if frame == "trans":
            if passive:
                return leaf
            if trace:
                return complement(leaf, Trace(), "NP", "obj")
            if "human" in objects and verb.manner == "care" and subject.pronoun and subject.cls == "role" and self.chance(0.04):
                return complement(leaf, self.reflexive(subject), "NP", "obj")
            return complement(leaf, self.np(objects, depth=depth).node, "NP", "obj")
        if frame == "ditr":
            recipient = self.np(("human",), depth=2).node
            thing = self.common(self.one_of(verb.marks), deeper).node
            if passive:
                return complement(leaf, thing, "NP", "obj")
            if self.chance(0.5):
                return complement(complement(leaf, recipient, "NP", "iobj"), thing, "NP", "obj")
            to = "for" if verb.lemma in ("bring", "buy") and self.chance(0.3) else "to"
            return complement(complement(leaf, thing, "NP", "obj"), self.pp(to, recipient), "PP", "obl")
        if frame == "obl":
            mark = self.one_of(verb.marks)
            return complement(leaf, self.pp(mark, self.np(objects, depth=depth).node), "PP", "obl")
        if frame == "part":
            return complement(leaf, self.particle(self.one_of(verb.marks)), "PR", "compound:prt")
        if frame == "tpart":
            particle = self.particle(self.one_of(verb.marks))
            if passive:
                return complement(leaf, particle, "PR", "compound:prt")
            np = self.np(objects, depth=deeper)
            if np.agreement.pronoun or self.chance(0.3):
                return complement(complement(leaf, np.node, "NP", "obj"), particle, "PR", "compound:prt")
            return complement(complement(leaf, particle, "PR", "compound:prt"), np.node, "NP", "obj")
        if frame == "put":
            mark = self.one_of(verb.marks)
            goal = self.pp(mark, self.common("container" if mark.startswith("in") else "surface", 2, True).node)
            if passive:
                return complement(leaf, goal, "PP", "obl")
            return complement(complement(leaf, self.np(objects, depth=2).node, "NP", "obj"), goal, "PP", "obl")
        if frame == "that":
            clause = self.clause(deeper + 1)
            if self.chance(0.62):
                that = Leaf("that", "that", "SCONJ", "IN", "", "SUB", "SBAR")
                return complement(leaf, complement(that, clause, "S[dcl]", "mark", functor_heads=False), "S[em]", "ccomp")
            return complement(leaf, clause, "S[dcl]", "ccomp")
        if frame == "q":
            return complement(leaf, self.embedded_question(deeper), "S[qem]", "ccomp")
        if frame == "link":
            return complement(leaf, self.adjective_phrase(subject, depth), "S[adj]\\NP", "xcomp")
        if frame == "objto":
            inner = self.plain_verb()
            if passive:
                return complement(leaf, self.verb_phrase(inner, "to", subject, deeper), "S[to]\\NP", "xcomp")
            patient = self.np(("human",), depth=2)
            return complement(complement(leaf, patient.node, "NP", "obj"), self.verb_phrase(inner, "to", patient.agreement, deeper), "S[to]\\NP", "xcomp")
        form = frame  # to, ng
        return complement(leaf, self.verb_phrase(self.plain_verb(), form, subject, deeper), f"S[{form}]\\NP", "xcomp")

    def plain_verb(self) -> lexicon.Verb:
        """A verb with a human subject for an embedded clause: nothing that embeds another."""
        while True:
            verb = self.verb(self.one_of(("trans", "trans", "light", "intr", "obl", "put", "tpart", "part")))
            if "human" in verb.subjects:
                return verb

    def particle(self, word: str) -> Leaf:
        return Leaf(word, word, "ADP", "RP", "", "REL", "PRT")

    def reflexive(self, subject: Agreement):
        word = {("Sing", 1): "myself", ("Plur", 1): "ourselves", ("Plur", 3): "themselves", ("Sing", 2): "yourself"}.get((subject.number, subject.person))
        word = word or ("herself" if subject.gender == "Fem" else "himself")
        lemma = next(k for k, v in REFLEXIVE.items() if v == word)
        leaf = Leaf(word, lemma, "PRON", "PRP", f"Case=Acc|Number={subject.number}|Person={subject.person}|PronType=Prs|Reflex=Yes", "REF")
        return chunked(convert(leaf, "NP"), "NP")

    def adjuncts(self, node, verb, subject: Agreement, depth, passive=False, agent=0.38):
        """Adverbs and prepositional phrases on a verb phrase, fewer the deeper it stands."""
        more = (1.0, 0.5, 0.25, 0.2)[min(depth, 3)]
        if verb.manner and verb.lemma not in lexicon.stative() and verb.frame not in ("link", "that", "q", "to", "ng", "objto") and self.chance(0.10 * more + 0.02):
            adverb = self.adverb(verb.manner)
            node = modify(node, adverb, "advmod", before=adverb.word.endswith("ly") and self.chance(0.3) and not passive)
        if passive and self.chance(agent):
            node = modify(node, self.pp("by", self.np(("human",), depth=2).node), "obl")
        if verb.frame in ("to", "ng", "that", "q", "objto"):
            return node
        if self.chance(0.23 * more) and not any(c.startswith(("place", "city", "country")) for c in verb.objects):
            node = modify(node, self.place_pp(), "obl")
        if verb.frame in ("trans", "obl", "intr") and "human" in verb.subjects and self.chance(0.05 * more):
            word, cls = self.one_of((("with", "human"), ("with", "tool"), ("without", "feeling"), ("with", "feeling"), ("for", "human"), ("like", "role")))
            np = self.determined(SINGULAR, self.noun_leaf(self.noun("role"), False), "a") if word == "like" else self.common(cls, 2).node if cls in ("tool", "feeling") else self.np((cls,), depth=2).node
            node = modify(node, self.pp(word, np if np.chunk or np.schema != 0 else chunked(np, "NP")), "obl")
        if self.chance(0.29 * more) and not self.timed:
            self.timed = True
            phrase, relation = self.time_phrase(self.tense, verb.frame == "intr" and verb.manner in ("still", "work", "speech"))
            node = modify(node, phrase, relation)
        willing = subject.cls in HUMAN and not passive and verb.lemma not in lexicon.stative()
        if depth < 2 and willing and self.chance(0.05 * more):
            node = modify(node, convert(self.verb_phrase(self.plain_verb(), "to", Agreement("Sing", 3, "role"), depth + 2), "S[to]\\NP"), "advcl")
        elif depth == 0 and willing and self.chance(0.035):
            mark = preposition(self.one_of(("without", "before", "after", "by")))
            mark.upos = "SCONJ"
            inner = self.verb_phrase(self.plain_verb(), "ng", Agreement("Sing", 3, "role"), depth + 2)
            node = modify(node, complement(mark, inner, "S[ng]\\NP", "mark", functor_heads=False), "advcl")
        return node

    # --- be ---

    def adjective_phrase(self, subject: Agreement, depth: int):
        """Category S[adj]\\NP, a chunk of its own."""
        cls = subject.cls.split(".")[0]
        cls = cls if cls in word_choices("adjective") else "human" if cls in HUMAN else "idea"
        entry = word_choices("adjective")[cls](self.random)
        x = self.random.random()
        gradable = not entry.endswith("!")
        if gradable and x < 0.25:
            node = modify(self.adjective_leaf(entry), self.degree_adverb(), "advmod", before=True)
        elif gradable and x < 0.38:
            than = Leaf("than", "than", "ADP", "IN", "", "REL", "PP")
            other = self.np(("human",) if cls == "human" else (subject.cls,), depth=2).node
            return complement(chunked(self.compared(entry, "Cmp"), "ADJP") if not lexicon.compare(entry, "Cmp") else self.alone(self.compared(entry, "Cmp")), complement(than, other, "NP", "case", functor_heads=False), "PP", "obl")
        elif x < 0.48:
            second = word_choices("adjective")[cls](self.random)
            node = self.adjective_leaf(entry)
            if second != entry:
                conjunction = Leaf("and", "and", "CCONJ", "CC", "", "COO") if self.chance(0.8) else Leaf("but", "but", "CCONJ", "CC", "", "BUT")
                return chunked(coordinate(node, conjunction, self.adjective_leaf(second)), "ADJP")
        else:
            node = self.adjective_leaf(entry)
        return self.alone(node) if type(node) is Leaf else chunked(node, "ADJP")

    def alone(self, leaf: Leaf) -> Leaf:
        leaf.chunk = "ADJP"
        return leaf

    def predication(self, form: str, subject: Agreement, depth: int, negated=False):
        """be + adjective, noun phrase or place; the predicate is the dependency head."""
        be = self.aux("be", form, subject)
        be.sem = {"VBD": "PST", "VBZ": "NOW", "VBP": "NOW"}.get(be.xpos, be.sem)
        predicate, category = self.predicate(subject, depth)
        if negated:
            predicate = modify(predicate, self.negation(), "advmod", before=True)
        node = complement(be, predicate, category, "cop", functor_heads=False)
        if self.chance(0.12) and depth == 0 and not self.timed:
            self.timed = True
            phrase, relation = self.time_phrase(self.tense)
            node = modify(node, phrase, relation)
        return node

    def predicate(self, subject: Agreement, depth: int):
        x = self.random.random()
        human = subject.cls.split(".")[0] in HUMAN
        if x < 0.62:
            return self.adjective_phrase(subject, depth), "S[adj]\\NP"
        if x < 0.84 and human and subject.number == "Sing":
            noun = self.noun("role")
            np = chunked(self.determined(SINGULAR, self.nbar(noun, False), "a"), "NP")
            return (self.postmodified(np, Agreement("Sing", 3, "role"), noun, depth + 1) if depth == 0 else np), "NP"
        if x < 0.84 and human:
            return chunked(convert(self.nbar(self.noun("role"), True), "N"), "NP"), "NP"
        if human or subject.cls in ("animal", "thing", "tool", "vehicle", "food"):
            return self.place_pp(), "PP"
        return self.adjective_phrase(subject, depth), "S[adj]\\NP"

    def negation(self, contracted=False, inverted=False) -> Leaf:
        word = "n't" if contracted else "not"
        return Leaf(word, "not", "PART", "RB", "Polarity=Neg", "NOT", "VP", fixed="" if inverted else "(S\\NP)\\(S\\NP)")

    # --- the verb group ---

    def group(self, verb: lexicon.Verb, subject: Agreement, depth: int, *, passive=False, trace=False, question=False, pattern=None):
        """(auxiliaries, rest, category of the rest) of a finite verb phrase; the auxiliaries are leaves, finite first."""
        tense, *rest = pattern or PATTERNS[self.narrative](self.random)
        negated = "not" in rest
        chain = [a for a in rest if a != "not"] + ["pass"] * passive
        if verb.lemma in lexicon.stative() and not passive:
            chain = [a for a in chain if a != "be"]
        if tense == "modal":
            chain = ["modal", *chain]
        elif not chain and (negated or question) and verb.frame != "be":
            chain = ["do"]
        form, auxiliaries = tense, []
        self.tense = "perf" if tense == "pres" and "have" in chain else "fut" if tense == "modal" and self.narrative == "pres" else "past" if tense == "modal" else tense
        for kind in chain:
            lemma = MODALS[self.narrative](self.random) if kind == "modal" else "be" if kind == "pass" else kind
            auxiliaries.append((self.aux(lemma, form, subject), "aux:pass" if kind == "pass" else "aux"))
            form = NEXT[kind]
        if not auxiliaries and verb.frame == "be":
            if question:
                predicate, category = self.predicate(subject, depth)
                return [(self.aux("be", form, subject), "cop")], modify(predicate, self.negation(inverted=True), "advmod", before=True) if negated and self.chance(0.3) else predicate, category
            return [], self.predication(form, subject, depth, negated), ""
        own = self.tense
        body = self.verb_phrase(verb, form, subject, depth, passive=passive, trace=trace)
        self.tense = own
        category = f"S[{form}]\\NP" if auxiliaries else ""
        for i in range(len(auxiliaries) - 1, -1, -1):
            leaf, relation = auxiliaries[i]
            if i == 0 and negated:
                contracted = self.chance(0.55) and leaf.word not in ("am", "may", "might", "must") and not question
                if contracted:
                    leaf.word = {"will": "wo", "can": "ca"}.get(leaf.word, leaf.word)
                body = modify(body, self.negation(contracted, question), "advmod", before=True)
            elif i == 0 and not question and self.chance(0.06):
                body = modify(body, self.frequency(), "advmod", before=True)
            if i == 0:
                return auxiliaries[:1], body, category
            body = complement(leaf, body, category, relation, functor_heads=False)
            category = f"S[{({'VB': 'b', 'VBN': 'pt', 'VBG': 'ng'}[leaf.xpos])}]\\NP"
        return [], body, ""

    def frequency(self) -> Leaf:
        return self.adverb("frequency")

    def finite(self, verb, subject: Agreement, depth: int, *, passive=False, trace=False, pattern=None):
        """Category S[dcl]\\NP."""
        first, body, category = self.group(verb, subject, depth, passive=passive, trace=trace, pattern=pattern)
        if first:
            leaf, relation = first[0]
            return complement(leaf, body, category, relation, functor_heads=False)
        if self.chance(0.035) and verb.frame != "be":
            body = modify(body, self.frequency(), "advmod", before=True)
        return body

    def clause(self, depth: int, verb=None, pattern=None):
        raise NotImplementedError

    def embedded_question(self, depth: int):
        raise NotImplementedError
