"""English clauses and sentences: verb phrases built around the verb's frame, the auxiliaries, the sentence types."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from itertools import islice
from random import Random

from . import english_words as lexicon
from .engine import Choice, Leaf, Sentence, Trace, complement, convert, coordinate, leaves_of, modify, punctuate
from .english_phrases import (
    HUMAN,
    MASS,
    PLURAL,
    REFLEXIVE,
    SINGULAR,
    Agreement,
    Phrase,
    Phrases,
    _chunk,
    comma,
    noun_choices,
    preposition,
    word_choices,
)

DOMAINS = Choice("home school food business politics law medicine travel sport music army farm art sea media science church".split(), exponent=0.35)
FRAMES = Choice(("trans", "intr", "obl", "be", "that", "to", "put", "tpart", "part", "ditr", "objto", "link", "ng", "q"), [33, 12, 13, 11, 5, 5, 4, 3, 3, 4, 3, 3, 2, 2])
ROOT = {"dcl": "S[dcl]", "q": "S[q]", "wq": "S[wq]", "imp": "S[b]\\NP"}
TAG = {"VBD": "EPS", "VBZ": "ENS", "VBP": "ENS", "VB": "EXS", "VBG": "EXG", "VBN": "EXT"}
MODALS = {
    "past": Choice(("could", "would", "should", "might"), [40, 36, 14, 10]),
    "pres": Choice(("will", "can", "must", "should", "may", "might"), [38, 24, 12, 10, 9, 4]),
}
MODAL_SEM = {"will": "FUT", "would": "FUT", "can": "POS", "could": "POS", "may": "POS", "might": "POS", "must": "NEC", "should": "NEC"}
# verb group patterns: the auxiliaries before the verb, each with the form that it asks of the next word
PATTERNS = {
    "past": Choice((("past",), ("past", "have"), ("past", "be"), ("modal",), ("past", "not"), ("modal", "not"), ("pres", "have"), ("modal", "have"), ("pres",)), [560, 150, 60, 90, 60, 12, 40, 22, 10]),
    "pres": Choice((("pres",), ("pres", "have"), ("pres", "be"), ("modal",), ("pres", "not"), ("modal", "not"), ("past",), ("pres", "have", "be")), [360, 190, 70, 240, 60, 40, 60, 16]),
}
NEXT = {"have": "pt", "be": "ng", "pass": "pss", "do": "b", "modal": "b"}
XPOS = {"b": "VB", "to": "VB", "ng": "VBG", "pt": "VBN", "pss": "VBN"}
SUBORDINATORS = Choice((("because", "SUB"), ("when", "SUB"), ("before", "REL"), ("after", "REL"), ("if", "IMP"), ("while", "SUB"), ("although", "BUT"), ("as", "SUB"), ("until", "REL"), ("since", "SUB"), ("that", "SUB")), [22, 24, 12, 12, 12, 9, 7, 5, 6, 4, 0])
INTERJECTIONS = Choice(("oh", "yes", "no", "well", "hey", "wow", "hello", "oops"), exponent=0.6)


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


class English(Phrases):
    """The grammar over one random stream."""

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
        return self.adjuncts(node, verb, depth, passive, agent)

    def complements(self, verb, leaf, subject, depth, passive, trace):
        deeper = depth + 1
        objects = verb.objects
        frame = verb.frame
        if frame == "intr":
            return leaf
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
            verb = self.verb(self.one_of(("trans", "trans", "intr", "obl", "put", "tpart", "part")))
            if "human" in verb.subjects:
                return verb

    def particle(self, word: str) -> Leaf:
        return Leaf(word, word, "ADP", "RP", "", "REL", "PRT")

    def reflexive(self, subject: Agreement):
        word = {("Sing", 1): "myself", ("Plur", 1): "ourselves", ("Plur", 3): "themselves", ("Sing", 2): "yourself"}.get((subject.number, subject.person))
        word = word or ("herself" if subject.gender == "Fem" else "himself")
        lemma = next(k for k, v in REFLEXIVE.items() if v == word)
        leaf = Leaf(word, lemma, "PRON", "PRP", f"Case=Acc|Number={subject.number}|Person={subject.person}|PronType=Prs|Reflex=Yes", "REF")
        return _chunk(convert(leaf, "NP"), "NP")

    def adjuncts(self, node, verb, depth, passive=False, agent=0.38):
        """Adverbs and prepositional phrases on a verb phrase, fewer the deeper it stands."""
        more = (1.0, 0.5, 0.25, 0.2)[min(depth, 3)]
        if verb.manner and verb.frame not in ("link", "that", "q", "to", "ng", "objto") and self.chance(0.10 * more + 0.02):
            adverb = self.adverb(verb.manner)
            node = modify(node, adverb, "advmod", before=adverb.word.endswith("ly") and self.chance(0.3) and not passive)
        if passive and self.chance(agent):
            node = modify(node, self.pp("by", self.np(("human",), depth=2).node), "obl")
        if verb.frame in ("to", "ng", "that", "q", "objto"):
            return node
        if self.chance(0.20 * more) and not any(c.startswith(("place", "city", "country")) for c in verb.objects):
            node = modify(node, self.place_pp(), "obl")
        if verb.frame in ("trans", "obl", "intr") and "human" in verb.subjects and self.chance(0.05 * more):
            word, cls = self.one_of((("with", "human"), ("with", "tool"), ("without", "feeling"), ("with", "feeling"), ("for", "human"), ("like", "role")))
            np = self.determined(SINGULAR, self.noun_leaf(self.noun("role"), False), "a") if word == "like" else self.common(cls, 2).node if cls in ("tool", "feeling") else self.np((cls,), depth=2).node
            node = modify(node, self.pp(word, np if np.chunk or np.schema != 0 else _chunk(np, "NP")), "obl")
        if self.chance(0.26 * more) and not self.timed:
            self.timed = True
            phrase, relation = self.time_phrase(self.tense)
            node = modify(node, phrase, relation)
        if depth < 2 and "human" in verb.subjects and self.chance(0.05 * more):
            node = modify(node, convert(self.verb_phrase(self.plain_verb(), "to", Agreement("Sing", 3, "role"), depth + 2), "S[to]\\NP"), "advcl")
        elif depth == 0 and "human" in verb.subjects and self.chance(0.035):
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
            return complement(_chunk(self.compared(entry, "Cmp"), "ADJP") if not lexicon.compare(entry, "Cmp") else self.alone(self.compared(entry, "Cmp")), complement(than, other, "NP", "case", functor_heads=False), "PP", "obl")
        elif x < 0.48:
            second = word_choices("adjective")[cls](self.random)
            node = self.adjective_leaf(entry)
            if second != entry:
                conjunction = Leaf("and", "and", "CCONJ", "CC", "", "COO") if self.chance(0.8) else Leaf("but", "but", "CCONJ", "CC", "", "BUT")
                return _chunk(coordinate(node, conjunction, self.adjective_leaf(second)), "ADJP")
        else:
            node = self.adjective_leaf(entry)
        return self.alone(node) if type(node) is Leaf else _chunk(node, "ADJP")

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
            np = _chunk(self.determined(SINGULAR, self.nbar(noun, False), "a"), "NP")
            return (self.postmodified(np, Agreement("Sing", 3, "role"), noun, depth + 1) if depth == 0 else np), "NP"
        if x < 0.84 and human:
            return _chunk(convert(self.nbar(self.noun("role"), True), "N"), "NP"), "NP"
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

    def subject(self, verb, depth: int, passive=False) -> Phrase:
        classes = (verb.objects if verb.frame not in ("objto",) else ("human",)) if passive else verb.subjects
        return self.np(classes, "Nom", depth)

    def passivises(self, verb) -> bool:
        if verb.frame == "objto":
            return verb.lemma not in ("want", "help") and self.chance(0.25)
        return verb.frame in ("trans", "ditr", "tpart", "put") and "human" in verb.subjects and "feeling" not in verb.objects and verb.lemma not in ("have", "hate", "lose", "want", "like") and self.chance(0.30)

    def clause(self, depth: int, verb=None, pattern=None):
        """Category S[dcl]."""
        verb = verb or self.verb()
        while depth >= 2 and verb.frame in ("that", "q"):
            verb = self.verb()
        passive = self.passivises(verb)
        subject = self.subject(verb, depth, passive)
        body = self.finite(verb, subject.agreement, depth, passive=passive, pattern=pattern)
        if depth == 0 and self.chance(0.045):
            second = self.plain_verb()
            if selects(second.subjects, subject.agreement.cls):
                body = coordinate(body, self.conjunction("COO"), self.finite(second, subject.agreement, 2, pattern=(self.narrative,)))
        if (subject.agreement.pronoun and subject.agreement.cls == "role" and self.chance(0.3)) or (self.chance(0.03) and subject.agreement.number == "Sing"):
            contract(body, subject.agreement.pronoun)
        return complement(body, subject.node, "NP", "nsubj:pass" if passive else "nsubj", backward=True)

    def embedded_question(self, depth: int):
        """Category S[qem]: whether she left, where he lives, what they want."""
        x = self.random.random()
        if x < 0.5:
            mark = Leaf(*(("whether", "whether") if x < 0.25 else ("if", "if")), "SCONJ", "IN", "", "SUB", "SBAR")
            return complement(mark, self.clause(depth + 1), "S[dcl]", "mark", functor_heads=False)
        if x < 0.8:
            word = self.one_of(("where", "why", "when", "how"))
            mark = Leaf(word, word, "ADV", "WRB", "PronType=Int", "QUE", "ADVP")
            return complement(mark, self.clause(depth + 1, self.verb("trans")), "S[dcl]", "advmod", functor_heads=False)
        verb = self.verb("trans")
        while "human" not in verb.subjects or "human" in verb.objects:
            verb = self.verb("trans")
        what = self.wh("what")
        return complement(what, convert(self.gapped(verb, depth), "S[dcl]"), "S[dcl]/NP", "obj", functor_heads=False)

    def wh(self, word: str, relative=False) -> Leaf:
        xpos = "WDT" if relative and word != "who" else "WP"
        leaf = Leaf(word, word, "PRON", xpos, f"PronType={'Rel' if relative else 'Int'}", "REL" if relative else "QUE")
        return _chunk_leaf(leaf)

    def gapped(self, verb, depth: int):
        """A clause whose object has been extracted."""
        subject = self.np(("human",), "Nom", 2)
        return complement(self.finite(verb, subject.agreement, depth + 2, trace=True), subject.node, "NP", "nsubj", backward=True)

    def relative(self, np, agreement: Agreement, depth: int):
        """A relative clause or a participial one after a noun phrase."""
        cls = agreement.cls
        human = cls in HUMAN
        x = self.random.random()
        if x < 0.40:
            choice = verbs_of(cls)
            if choice is None:
                return np
            verb = choice(self.random)
            if x < 0.10:
                phrase = self.verb_phrase(verb, "ng", agreement, depth + 2)
                return modify(np, convert(phrase, "S[ng]\\NP"), "acl")
            word = self.one_of(("who", "who", "that")) if human else self.one_of(("that", "which"))
            return modify(np, complement(self.wh(word, True), self.finite(verb, agreement, depth + 2), "S[dcl]\\NP", "nsubj", functor_heads=False), "acl:relcl")
        if cls.startswith("place") and x < 0.55:
            where = Leaf("where", "where", "ADV", "WRB", "PronType=Rel", "REL", "ADVP")
            return modify(np, complement(where, self.clause(depth + 2, self.plain_verb()), "S[dcl]", "advmod", functor_heads=False), "acl:relcl")
        choice = verbs_taking(cls)
        if choice is None:
            return np
        verb = choice(self.random)
        if x < 0.60:
            phrase = self.verb_phrase(verb, "pss", agreement, depth + 1, passive=True, agent=1.0)
            return modify(np, convert(phrase, "S[pss]\\NP"), "acl")
        clause = convert(self.gapped(verb, depth), "S[dcl]")
        if x < 0.80:
            return modify(np, convert(clause, "S[dcl]/NP"), "acl:relcl")
        word = "that" if not human or self.chance(0.6) else "who"
        return modify(np, complement(self.wh(word, True), clause, "S[dcl]/NP", "obj", functor_heads=False), "acl:relcl")

    # --- sentences ---

    def question(self):
        """(tree, category): yes/no and wh-questions with the first auxiliary before its subject."""
        x = self.random.random()
        if x < 0.5:
            verb = self.verb()
            return self.inverted(verb), "q"
        if x < 0.62:
            verb = self.verb("trans")
            while "human" not in verb.subjects:
                verb = self.verb("trans")
            return complement(self.wh("who"), self.finite(verb, Agreement("Sing", 3, "role"), 1), "S[dcl]\\NP", "nsubj", functor_heads=False), "wq"
        if x < 0.82:
            word = self.one_of(("where", "why", "when", "how", "why"))
            mark = Leaf(word, word, "ADV", "WRB", "PronType=Int", "QUE", "ADVP")
            return complement(mark, self.inverted(self.plain_verb()), "S[q]", "advmod", functor_heads=False), "wq"
        verb = self.verb("trans")
        while "human" not in verb.subjects or {"human", "org", "place"} & set(verb.objects):
            verb = self.verb("trans")
        clause = convert(self.inverted(verb, trace=True), "S[q]")
        if self.chance(0.4):
            noun = self.noun(self.one_of(verb.objects))
            word = self.one_of(("which", "what"))
            which = Leaf(word, word, "DET", "WDT", "PronType=Int", "QUE")
            what = _chunk(complement(which, self.nbar(noun, bool(noun.plural) and self.chance(0.3), 0.1), "N", "det", functor_heads=False), "NP")
        else:
            what = self.wh("what")
        return complement(what, clause, "S[q]/NP", "obj", functor_heads=False), "wq"

    def inverted(self, verb, trace=False):
        """Category S[q]: did she leave, was the house sold, is he happy."""
        passive = not trace and self.passivises(verb)
        subject = self.subject(verb, 1, passive)
        first, body, category = self.group(verb, subject.agreement, 1, passive=passive, trace=trace, question=True)
        leaf, relation = first[0]
        # the subject depends on the verb, not on the auxiliary that takes it first (^: one head further up)
        functor = complement(leaf, subject.node, "NP", ("nsubj:pass" if passive else "nsubj") + "^")
        return complement(functor, body, category, relation, functor_heads=False)

    def existential(self):
        """There is a letter on the table."""
        cls = self.one_of(("role", "thing", "animal", "food", "text"))
        noun = self.noun(cls)
        plural = bool(noun.plural) and self.chance(0.35)
        nbar = self.nbar(noun, plural)
        if noun.plural and not plural:
            np = self.determined(SINGULAR, nbar, self.one_of(("a", "a", "no")))
        else:
            np = self.determined(PLURAL if noun.plural else MASS, nbar, self.one_of(("some", "no", "many") if noun.plural else ("some", "no")))
        agreement = Agreement("Plur" if plural else "Sing")
        be = self.aux("be", self.one_of(("past", "pres")), agreement)
        be.upos = "VERB"
        body = modify(complement(be, _chunk(np, "NP"), "NP", "nsubj"), self.place_pp(), "obl")
        there = _chunk(convert(Leaf("there", "there", "PRON", "EX", "", "NIL"), "NP[thr]"), "NP")
        return complement(body, there, "NP[thr]", "expl", backward=True)

    def imperative(self):
        """Category S[b]\\NP."""
        body = self.verb_phrase(self.plain_verb(), "b", Agreement("Sing", 2, "role", True), 0)
        if self.chance(0.25):
            do = self.aux("do", "b", Agreement())
            do.sem = "NIL"
            body = complement(do, modify(body, self.negation(True), "advmod", before=True), "S[b]\\NP", "aux", functor_heads=False)
        if self.chance(0.3):
            please = Leaf("please", "please", "INTJ", "UH", "", "ITJ", "INTJ")
            body = modify(body, please, "discourse", before=True)
        return body

    def subordinate(self, depth=1):
        word, sem = SUBORDINATORS(self.random)
        mark = Leaf(word, word, "SCONJ", "WRB" if word == "when" else "IN", "", sem, "ADVP" if word == "when" else "SBAR")
        return complement(mark, self.clause(depth, pattern=(("past", "have") if self.narrative == "past" and self.chance(0.15) else (self.narrative,))), "S[dcl]", "advmod" if word == "when" else "mark", functor_heads=False)

    def declarative(self):
        tree = self.clause(0)
        x = self.random.random()
        if x < 0.035:
            tree = modify(tree, punctuate(self.subordinate(), comma()), "advcl", before=True)
        elif x < 0.065:
            tree = modify(tree, self.subordinate(), "advcl")
        elif x < 0.11:
            word = self.one_of(("and", "but", "and", "so"))
            conjunction = Leaf(word, word, "CCONJ", "CC", "", "BUT" if word == "but" else "COO", "O")
            tree = coordinate(tree, conjunction, self.clause(1), comma())
        elif x < 0.16 and not self.timed and self.tense != "perf":
            phrase, relation = self.time_phrase(self.tense)
            tree = modify(tree, punctuate(phrase, comma()), relation, before=True)
        elif x < 0.19:
            adverb = self.adverb("sentence")
            tree = modify(tree, punctuate(adverb, comma()), "advmod", before=True)
        elif x < 0.205:
            word = INTERJECTIONS(self.random)
            tree = modify(tree, punctuate(Leaf(word, word, "INTJ", "UH", "", "ITJ", "INTJ"), comma()), "discourse", before=True)
        return tree

    def sentence(self) -> Sentence:
        """One sentence of any type."""
        self.domain = DOMAINS(self.random)
        self.narrative = "past" if self.chance(0.62) else "pres"
        self.timed = False
        x = self.random.random()
        mark = "."
        if x < 0.10:
            (tree, kind), mark = self.question(), "?"
        elif x < 0.13:
            tree, kind = self.existential(), "dcl"
        elif x < 0.16:
            tree, kind = self.imperative(), "imp"
            mark = "!" if self.chance(0.2) else "."
        else:
            tree, kind = self.declarative(), "dcl"
        tree = punctuate(tree, Leaf(mark, mark, "PUNCT", ".", "", "QUE" if mark == "?" else "NIL", "O"))
        return Sentence(tree, ROOT[kind], respell, lexicon.suffix_of)





def _chunk_leaf(leaf: Leaf):
    node = convert(leaf)
    node.chunk = "NP"
    return node


def contract(body, pronoun: bool) -> None:
    """he is → he 's: the first word of a finite verb phrase leans on its subject."""
    first, *rest = leaves_of(body)
    short = {"is": "'s", "has": "'s"} if not pronoun else CLITICS
    if first.upos == "AUX" and first.word in short and rest and rest[0].word != "n't":
        first.word = short[first.word]


CLITICS = {"is": "'s", "has": "'s", "am": "'m", "are": "'re", "have": "'ve", "will": "'ll", "would": "'d", "had": "'d"}
_SILENT = ("honest", "hour", "honor")
_CONSONANTAL = ("univers", "uni", "use", "us", "one", "europ")


def respell(leaves: list[Leaf]) -> None:
    """Spelling across words: a or an, contractions of pronoun and auxiliary, the capital at the start."""
    for word, following in zip(leaves, leaves[1:], strict=False):
        if word.word == "a" or word.word == "another_":
            sound = following.word.lower()
            if sound.startswith(_SILENT) or (sound[0] in "aeiou" and not sound.startswith(("univ", "unif", "use", "one", "europ", "uni"))):
                word.word = "an"
    first = leaves[0]
    first.word = first.word[0].upper() + first.word[1:]


def stream(seed: str) -> Iterator[Sentence]:
    """English sentences without end, drawn by one random stream."""
    grammar = English(Random(f"lcacore/en/{seed}"))
    while True:
        yield grammar.sentence()


def generate(size: int, seed: str) -> list[Sentence]:
    """The first `size` sentences of a stream."""
    return list(islice(stream(seed), size))


@cache
def withheld(from_what: str) -> frozenset[str]:
    """Lemmas kept out of the probes' train split ("train"), or out of language models' text too ("text").

    Open-class words of middle and low rank, every 24th and every 120th of a shuffled list.
    """
    lemmas = {n.lemma for n in lexicon.nouns()} | {v.lemma for v in lexicon.verbs() if v.rank > 1}
    for words in (*lexicon.adjectives().values(), *(w[4:] for w in lexicon.names().values())):
        lemmas.update(word.rstrip("!") for word in words)
    common = {n.lemma for n in lexicon.nouns() if noun_choices()[n.cls, n.domain].items.index(n) < 2}
    ordered = sorted(lemmas - common - lexicon.stative())
    Random("lcacore/en/withheld").shuffle(ordered)
    return frozenset(ordered[:: {"train": 24, "text": 120}[from_what]])
