"""English clauses and sentences: subjects, relative clauses, questions, coordination; the entry points of the language."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from itertools import islice, pairwise
from random import Random

from ..engine import Leaf, Sentence, complement, convert, coordinate, leaves_of, modify, punctuate
from . import words as lexicon
from .closed import CLITICS, DOMAINS, HUMAN, INTERJECTIONS, MASS, PLURAL, ROOT, SINGULAR, SUBORDINATORS
from .phrases import Agreement, Phrase, chunked, comma, noun_choices
from .verbs import VerbPhrases, selects, verbs_of, verbs_taking


class English(VerbPhrases):
    """The grammar over one random stream."""

    def subject(self, verb, depth: int, passive=False) -> Phrase:
        classes = (verb.objects if verb.frame not in ("objto",) else ("human",)) if passive else verb.subjects
        return self.np(classes, "Nom", depth)

    def passivises(self, verb) -> bool:
        if verb.frame == "objto":
            return verb.lemma not in ("want", "help") and self.chance(0.25)
        return verb.frame in ("trans", "ditr", "tpart", "put") and "human" in verb.subjects and "feeling" not in verb.objects and verb.lemma not in ("have", "hate", "lose", "want", "like") and self.chance(0.40)

    def clause(self, depth: int, verb=None, pattern=None):
        """Category S[dcl]."""
        verb = verb or self.verb()
        while depth >= 2 and verb.frame in ("that", "q"):
            verb = self.verb()
        passive = self.passivises(verb)
        self.avoided = 0
        subject = self.subject(verb, depth, passive)
        second = self.plain_verb() if depth == 0 and self.chance(0.05) else None
        if second and not selects(second.subjects, subject.agreement.cls):
            second = None
        pattern = (self.narrative,) if second else pattern  # no auxiliary: it would reach over both verb phrases
        body = self.finite(verb, subject.agreement, depth, passive=passive, pattern=pattern)
        if second:
            body = coordinate(body, self.conjunction("COO"), self.finite(second, subject.agreement, 2, pattern=pattern))
        leaning = 0.4 if subject.agreement.pronoun and subject.agreement.cls == "role" else 0.1 if subject.agreement.number == "Sing" else 0.0
        if self.chance(leaning):
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
        return chunked(convert(leaf), "NP")

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
            if x < 0.10 and verb.frame != "intr":
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
            what = chunked(complement(which, self.nbar(noun, bool(noun.plural) and self.chance(0.3), 0.1), "N", "det", functor_heads=False), "NP")
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
        body = modify(complement(be, chunked(np, "NP"), "NP", "nsubj"), self.place_pp(), "obl")
        there = chunked(convert(Leaf("there", "there", "PRON", "EX", "", "NIL"), "NP[thr]"), "NP")
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
        if x < 0.045:
            tree = modify(tree, punctuate(self.subordinate(), comma()), "advcl", before=True)
        elif x < 0.085:
            tree = modify(tree, self.subordinate(), "advcl")
        elif x < 0.14:
            word = self.one_of(("and", "but", "and", "so"))
            conjunction = Leaf(word, word, "CCONJ", "CC", "", "BUT" if word == "but" else "COO", "O")
            tree = coordinate(tree, conjunction, self.clause(1), comma())
        elif x < 0.19 and not self.timed and self.tense != "perf":
            phrase, relation = self.time_phrase(self.tense)
            tree = modify(tree, punctuate(phrase, comma()), relation, before=True)
        elif x < 0.22:
            adverb = self.adverb("sentence")
            tree = modify(tree, punctuate(adverb, comma()), "advmod", before=True)
        elif x < 0.237:
            word = INTERJECTIONS(self.random)
            tree = modify(tree, punctuate(Leaf(word, word, "INTJ", "UH", "", "ITJ", "INTJ"), comma()), "discourse", before=True)
        return tree

    def sentence(self) -> Sentence:
        """One sentence of any type."""
        self.domain = DOMAINS(self.random)
        self.narrative = "past" if self.chance(0.5) else "pres"
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


def contract(body, pronoun: bool) -> None:
    """he is → he 's: the first word of a finite verb phrase leans on its subject."""
    first, *rest = leaves_of(body)
    short = {"is": "'s", "has": "'s"} if not pronoun else CLITICS
    if first.upos == "AUX" and first.word in short and rest and rest[0].word != "n't":
        first.word = short[first.word]


_SILENT = ("honest", "hour", "honor")


def respell(leaves: list[Leaf]) -> None:
    """Spelling across words: a or an, contractions of pronoun and auxiliary, the capital at the start."""
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

    Open-class words of middle and low rank, every 24th and every 120th of a shuffled list.
    """
    lemmas = {n.lemma for n in lexicon.nouns()} | {v.lemma for v in lexicon.verbs() if v.rank > 1}
    for words in (*lexicon.adjectives().values(), *(w[4:] for w in lexicon.names().values())):
        lemmas.update(word.rstrip("!") for word in words)
    common = {n.lemma for n in lexicon.nouns() if noun_choices()[n.cls, n.domain].items.index(n) < 2}
    ordered = sorted(lemmas - common - lexicon.stative())
    Random("lcacore/en/withheld").shuffle(ordered)
    return frozenset(ordered[:: {"train": 24, "text": 120}[from_what]])
