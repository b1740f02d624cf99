"""English clauses and sentences: subjects, questions, commands, coordination, subordination; the entry points of the language."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from itertools import islice, pairwise
from random import Random

from ..engine import Leaf, Sentence, complement, convert, coordinate, modify, punctuate
from . import build
from . import words as lexicon
from .build import Agreement, Phrase, chunked, comma
from .choices import noun_choices
from .closed import BRIDGES, DOMAINS, INTERJECTIONS, ROOT, SUBORDINATOR_SEM, SUBORDINATORS
from .relatives import Extraction, bridges
from .verbs import selects

UNPASSIVE = ("have", "hate", "lose", "want", "like", "need", "love", "enjoy", "leave", "follow")


class English(Extraction):
    """The grammar over one random stream."""

    def subject(self, verb, depth: int, passive=False) -> Phrase:
        self.subject_now = None
        classes = (verb.objects if verb.frame not in ("objto",) else ("human",)) if passive else verb.subjects
        return self.np(classes, "Nom", depth, of="" if not passive else verb.lemma)

    def passivises(self, verb) -> bool:
        if verb.frame == "objto":
            return verb.lemma not in ("want", "help") and self.chance(0.25)
        return verb.frame in ("trans", "ditr", "tpart", "put") and "human" in verb.subjects and not {"feeling", "body"} & set(verb.objects) and verb.lemma not in UNPASSIVE and self.chance(0.36)

    def clause(self, depth: int, verb=None, pattern=None):
        """Category S[dcl]."""
        verb = verb or self.verb()
        while depth >= 2 and verb.frame in ("that", "q"):
            verb = self.verb()
        passive = self.passivises(verb)
        if depth == 0:
            self.static = verb.frame in ("be", "link") or verb.lemma in lexicon.stative()
        subject = self.subject(verb, depth, passive)
        second = self.plain_verb() if depth == 0 and not passive and self.chance(0.06) else None
        if second and not selects(second.subjects, subject.agreement.cls):
            second = None
        pattern = (self.narrative,) if second else pattern  # no auxiliary: it would reach over both verb phrases
        body = self.finite(verb, subject.agreement, depth, passive=passive, pattern=pattern)
        if second:
            body = coordinate(body, build.coordinator("and"), self.finite(second, subject.agreement, 2, pattern=pattern))
        leaning = 0.6 if subject.agreement.pronoun and subject.agreement.cls == "role" else 0.4 if subject.agreement.gender and not passive else 0.0
        if self.chance(leaning):
            build.contract(body, subject.agreement.pronoun)
        return complement(body, subject.node, "NP", "nsubj:pass" if passive else "nsubj", backward=True)

    # --- sentences ---

    def question(self):
        """(tree, category): yes/no and wh-questions with the first auxiliary before its subject."""
        x = self.random.random()
        if x < 0.45:
            return self.inverted(self.verb()), "q"
        if x < 0.57:
            verb = self.verb("trans")
            while "human" not in verb.subjects:
                verb = self.verb("trans")
            return complement(build.wh("who"), self.finite(verb, Agreement("Sing", 3, "role"), 1), "S[dcl]\\NP", "nsubj", functor_heads=False), "wq"
        if x < 0.74:
            word = self.one_of(("where", "why", "when", "how", "why"))
            self.timed = word == "when"
            return build.marked(word, self.inverted(self.plain_verb()), "S[q]", "QUE"), "wq"
        verb = self.asked_verb()
        relation = "obj"
        if x < 0.84:  # what did she say he wanted
            with self.told(reported=True):
                inner, _ = self.gapped(verb, 1, 0.0)
            clause, relation = self.inverted(bridges()[BRIDGES(self.random)], inner=inner, pattern=(self.narrative,)), "obj>ccomp"
        else:
            clause = self.inverted(verb, trace=True)
        return complement(self.wh_object(verb.objects, 0.3), convert(clause, "S[q]"), "S[q]/NP", relation, functor_heads=False), "wq"

    def inverted(self, verb, trace=False, **how):
        """Category S[q]: did she leave, was the house sold, is he happy."""
        passive = not trace and not how and self.passivises(verb)
        subject = self.subject(verb, 1, passive)
        ((leaf, relation),), body, category = self.group(verb, subject.agreement, 1, passive=passive, trace=trace, question=True, **how)
        return build.inverted(leaf, relation, subject.node, "nsubj:pass" if passive else "nsubj", body, category)

    def existential(self):
        """There is a letter on the table."""
        fitting = [cls for cls in ("role", "thing", "animal", "food", "text", "tool", "plant", "vehicle") if (cls, self.domain) in noun_choices()]
        noun = self.noun(self.one_of(fitting or ("role",)))
        plural = noun.plural_only or (bool(noun.plural) and self.chance(0.38))
        nbar = self.nbar(noun, plural)
        determiners = ("a", "a", "no") if noun.plural and not plural else ("some", "no", "many", "two") if noun.plural else ("some", "no")
        word = self.one_of(determiners)
        np = build.bare(build.numbered(word, nbar)) if word == "two" else chunked(build.determined(word, nbar), "NP")
        be = build.auxiliary("be", self.narrative, Agreement("Plur" if plural else "Sing"))
        return build.existence(be, np, self.place_pp())

    def imperative(self):
        """Category S[b]\\NP."""
        self.narrative, self.tense = "pres", "fut"
        body = self.verb_phrase(self.plain_verb(), "b", Agreement("Sing", 2, "role", True), 1)
        if self.chance(0.25):
            do = build.auxiliary("do", "b", Agreement())
            body = complement(do, build.negated(do, body, True), "S[b]\\NP", "aux", functor_heads=False)
        if self.chance(0.3):
            body = modify(body, Leaf("please", "please", "INTJ", "UH", "", "ITJ", "INTJ"), "discourse", before=True)
        return body

    def subordinate(self, depth=1):
        word = SUBORDINATORS[self.narrative](self.random)
        before = self.narrative == "past" and word in ("because", "after", "although", "since") and self.chance(0.3)
        pattern = (self.narrative, "have") if before else (self.narrative, "be") if word in ("while", "as") and self.chance(0.5) else (self.narrative,)
        with self.told():
            return build.marked(word, self.clause(depth, pattern=pattern), sem=SUBORDINATOR_SEM[word])

    def declarative(self):
        tree = self.clause(0)
        x = self.random.random()
        if x < 0.045:
            tree = modify(tree, punctuate(self.subordinate(), comma()), "advcl", before=True)
        elif x < 0.085:
            tree = modify(tree, self.subordinate(), "advcl")
        elif x < 0.14:
            tree = coordinate(tree, build.coordinator(self.one_of(("and", "but", "and", "so"))), self.clause(1), comma())
        elif x < 0.19 and not self.timed and self.tense != "perf" and not self.static:
            phrase, relation = self.time_phrase(self.tense)
            tree = modify(tree, punctuate(phrase, comma()), relation, before=True)
        elif x < 0.22:
            tree = modify(tree, punctuate(self.adverb("sentence"), comma()), "advmod", before=True)
        elif x < 0.237:
            word = INTERJECTIONS(self.random)
            tree = modify(tree, punctuate(Leaf(word, word, "INTJ", "UH", "", "ITJ", "INTJ"), comma()), "discourse", before=True)
        return tree

    def sentence(self) -> Sentence:
        """One sentence of any type."""
        self.domain = DOMAINS(self.random)
        self.narrative = "past" if self.chance(0.5) else "pres"
        self.timed, self.reported, self.subject_now, self.tense = False, False, None, "past"
        self.used = set()
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
        return finished(tree, kind, mark)


def finished(tree, kind: str, mark: str) -> Sentence:
    """A sentence from its tree, its kind (a key of ROOT) and its last mark."""
    tree = punctuate(tree, Leaf(mark, mark, "PUNCT", ".", "", "QUE" if mark == "?" else "NIL", "O"))
    return Sentence(tree, ROOT[kind], respell, lexicon.suffix_of)


_SILENT = ("honest", "hour", "honor")


def respell(leaves: list[Leaf]) -> None:
    """Spelling across words: a or an, the capital at the start."""
    for word, following in pairwise(leaves):
        if word.word == "a":
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

    Open-class words of middle and low rank, every 21st and every 105th of a shuffled list.
    """
    lemmas = {n.lemma for n in lexicon.nouns()} | {v.lemma for v in lexicon.verbs() if v.rank > 1}
    for words in (*lexicon.adjectives().values(), *(w[4:] for w in lexicon.names().values())):
        lemmas.update(word.rstrip("!") for word in words)
    common = {n.lemma for n in lexicon.nouns() if noun_choices()[n.cls, n.domain].items.index(n) < 2}
    ordered = sorted(lemmas - common - lexicon.stative())
    Random("lcacore/en/withheld").shuffle(ordered)
    return frozenset(ordered[:: {"train": 21, "text": 105}[from_what]])
