"""German sentences: statements, questions, commands, linked clauses; the language's entry points."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from itertools import islice, pairwise
from random import Random

from ..engine import CONVERSION, Leaf, Sentence, complement, convert, coordinate, leaves_of, modify, punctuate
from ..english import words as english
from ..meaning import Clause, Message, Thing
from . import words as lexicon
from .clauses import Clauses, spread
from .closed import COORDINATORS, QUESTIONS, SUBORDINATORS, comma, conjunction
from .field import Item
from .forms import conjugate, suffix_of
from .phrases import Phrase, chunked

YOU = Thing("pronoun", cls="role", person=2)


class German(Clauses):
    """The grammar: one message after another."""

    # --- sentences -------------------------------------------------------------------------------

    def realise(self, message: Message) -> Sentence:
        self.closers.clear()
        self.agreement, self.missing, self.formal = None, Phrase(None), False
        self.spoken = self.either(0.36)
        tree, category, mark = getattr(self, "_" + message.kind)(message)
        tree = punctuate(tree, Leaf(mark, mark, "PUNCT", "$.", "", "QUE" if mark == "?" else "NIL", "O"))
        if self.closers:
            self.close(tree)
        return Sentence(tree, category, respell, suffix_of)

    def close(self, tree) -> None:
        """Drop a clause's closing comma before another mark."""
        leaves = leaves_of(tree)
        following = {id(a): b for a, b in pairwise(leaves)}
        superfluous = set()
        for branch in self.closers:
            after = following.get(id(branch.right))
            if after is not None and after.upos == "PUNCT":
                superfluous.add(id(branch.right))
        for branch in self.closers:
            if id(branch.right) in superfluous:
                branch.schema, branch.right, branch.category = CONVERSION, None, ""

    def _statement(self, message: Message):
        c = message.clause
        opening = message.opening
        interjection = lexicon.interjection(opening)
        first = message.linked is not None and message.linked_first
        mode = ""
        linked = None
        if message.linked is not None and message.linked[0] in SUBORDINATORS:
            linked = self.linked(message, c)
        if first and linked is not None:
            main = self.clause(c, "v1", mode=mode)
            tree = complement(linked, main, "S[v1]", "advcl", functor_heads=False)
        elif opening and not interjection:
            adverb = self.adverb(opening)
            tree = complement(adverb, self.clause(c, "v1", mode=mode), "S[v1]", "advmod", functor_heads=False)
        else:
            front = "time" if message.time_first and c.time is not None else "" if message.time_first else self.choose_front(c, message)
            tree = self.clause(c, "v2", mode=mode, front=front, second=message.second)
        if linked is not None and not first:
            tree = modify(tree, linked, "advcl")
        elif message.linked is not None and linked is None:
            tree = self.coordinated(tree, message.linked)
        if interjection:
            tree = modify(tree, punctuate(Leaf(interjection, interjection, "INTJ", "ITJ", "", "ITJ", "INTJ"), comma()), "discourse", before=True)
        return tree, "S[dcl]", "."

    def choose_front(self, c: Clause, message: Message) -> str:
        """What opens the sentence if not the subject."""
        if self.random is None or message.second is not None or message.linked_first:
            return ""
        x = self.random.random()
        if c.complement is None and c.object is not None and c.object.kind == "noun" and c.object.determiner in ("the", "this", "that", "owner"):
            if x > 0.93 or (x > 0.86 and c.subject is not None and c.subject.kind == "pronoun"):
                return "object"
        if c.negated:
            return "time" if x < 0.3 else ""
        return "time" if x < 0.35 else "place" if x < 0.55 else ""

    def linked(self, message: Message, main: Clause):
        """A subordinate clause with its comma, before or after the main one."""
        concept, c = message.linked
        word, sem = SUBORDINATORS[concept]
        mode = ""
        if concept == "when" and c.tense in ("past", "imp") and not (c.tense == "imp"):
            word = "als"
        if concept == "after" and not c.perfect and not c.modal:
            c = Clause(**{**c.__dict__, "perfect": True, "tense": "past" if c.tense in ("past", "imp") else "pres"})
        if concept == "if" and c.mood == "Sub":
            mode = "K2"
        node = self.marked(word, sem, c, mode)
        return punctuate(node, comma()) if message.linked_first else punctuate(node, comma(), before=True)

    def coordinated(self, tree, linked: tuple[str, Clause]):
        concept, c = linked
        word, sem = COORDINATORS[concept]
        if concept == "so":
            therefore = Leaf("deshalb", "deshalb", "ADV", "PROAV", "PronType=Dem", "REL", "ADVP")
            other = complement(therefore, self.clause(c, "v1"), "S[v1]", "advmod", functor_heads=False)
        else:
            other = self.clause(c, "v2")
        return coordinate(tree, conjunction(word, sem), other, comma())

    def _question(self, message: Message):
        return self.clause(message.clause, "v1"), "S[v1]", "?"

    def _wh(self, message: Message):
        c, word = message.clause, message.question
        if word in QUESTIONS:
            mark = Leaf(QUESTIONS[word], QUESTIONS[word], "ADV", "PWAV", "PronType=Int", "QUE", "ADVP")
            return complement(mark, self.clause(c, "v1"), "S[v1]", "advmod", functor_heads=False), "S[wq]", "?"
        if c.gap == "subject":
            self.missing = Phrase(None, "Sing", 3, "Masc")
            who = self.question_word(c, who=word == "who")
            return complement(who, self.clause(c, "wh"), "S[dcl]\\NP", "nsubj", functor_heads=False), "S[wq]", "?"
        if word == "which" and c.object is not None:
            gap = self.gap_of(c)
            which = self.pp(gap.preposition, gap.case, c.object) if gap.preposition else self.np(c.object, gap.case).node
            for leaf in leaves_of(which):
                leaf.fixed = "" if leaf.xpos == "PWAT" else leaf.fixed
            return self.questioned(c, "v1", which), "S[wq]", "?"
        return self.questioned(c, "v1", self.question_word(c, who=word == "who")), "S[wq]", "?"

    def _command(self, message: Message):
        """Lies das Buch! Lest …! Lesen Sie …!"""
        c = message.clause
        c, verb, adverb, _ = self.resolved(c)
        addressed = c.subject if c.subject is not None else YOU
        self.formal = message.formal
        if message.formal:
            subject = self.pronoun(addressed, "Nom")
            word = "seien" if verb.base == "sein" else conjugate(verb.lemma, verb.base, "Ind", "Pres", 3, "Plur")
            feats = "Mood=Imp|Number=Plur|Person=3|VerbForm=Fin"
        else:
            subject = Phrase(None, addressed.number, 2, "Masc", True, True)
            word = conjugate(verb.lemma, verb.base, "Imp", "Pres", 2, addressed.number)
            feats = f"Mood=Imp|Number={addressed.number}|Person=2|VerbForm=Fin"
        items, tail, _ = self.items(c, verb, adverb, False, subject)
        leaf = Leaf(word, verb.lemma, "AUX" if verb.base == "sein" else "VERB", "VAIMP" if verb.base == "sein" else "VVIMP", feats, "EXS", "VP")
        if verb.prefix:
            items.append(Item(12, Leaf(verb.prefix, verb.prefix, "ADP", "PTKVZ", "", "REL", "PRT"), "PR", "compound:prt", "particle"))
        tree = self.first(leaf, spread(items, tail, None), subject if message.formal else None, "nsubj" if message.formal else "imperative", tail, None)
        tree = self.purposed(tree, c, subject, after="S\\S")
        if message.opening:
            word = lexicon.interjection(message.opening) or lexicon.adverb(message.opening)
            tree = modify(tree, Leaf(word, word, "INTJ", "ITJ", "", "ITJ", "INTJ"), "discourse", before=True)
        return tree, "S[imp]", "!"

    def _existence(self, message: Message):
        """Es gibt einen Brief auf dem Tisch; auf dem Tisch gibt es einen Brief."""
        c = message.clause
        verb = lexicon.entry_verb("geben")
        group = self.group(Clause("exist:trans", tense=c.tense, perfect=c.perfect, modal=c.modal, time=c.time), verb, False, "", "")
        es = Leaf("es", "es", "PRON", "PPER", "Case=Nom|Gender=Neut|Number=Sing|Person=3|PronType=Prs", "NIL")
        subject = Phrase(chunked(convert(es, "NP"), "NP"), "Sing", 3, "Neut", True, True)
        self.agreement = subject
        thing = c.subject
        if c.negated and thing.determiner in ("a", ""):
            thing = Thing(**{**thing.__dict__, "determiner": "no"})
        items = [Item(10, self.np(thing, "Acc").node, "NP", "obj", "object")]
        front = None
        for name, node in self.circumstances_of_existence(c):
            if front is None and self.random is not None and self.random.random() < 0.6:
                front = node
            else:
                items.append(Item(3 if name == "time" else 11, node[0], "", node[1], name))
        items.sort(key=lambda item: item.rank)
        agreement = self.second(verb, group, items, subject if front else None, "expl", None, None)
        if front:
            return complement(front[0], agreement, "S[v1]", front[1], functor_heads=False), "S[dcl]", "."
        return complement(agreement, subject.node, "NP", "expl", backward=True), "S[dcl]", "."

    def circumstances_of_existence(self, c: Clause):
        if c.place is not None:
            yield "place", (self.place(c.place), "obl")
        if c.place_adverb:
            yield "place", (self.adverb(c.place_adverb), "advmod")
        if c.time is not None:
            yield "time", self.time(c.time)


def respell(leaves: list[Leaf]) -> None:
    """The capital at the start."""
    first = leaves[0]
    first.word = first.word[0].upper() + first.word[1:]


def realise(message: Message, random: Random | None = None) -> Sentence:
    """A message in German; `random` chooses among ways to say the same, None takes the most neutral ones.

    Raises ValueError for a concept that the German lexicon lacks.
    """
    return German(random).realise(message)


def stream(seed: str) -> Iterator[Sentence]:
    """German sentences without end."""
    from ..messages import messages

    grammar = German(Random(f"lcacore/de/{seed}"))
    for message in messages(seed, style="de"):
        yield grammar.realise(message)


def generate(size: int, seed: str) -> list[Sentence]:
    """The first `size` sentences of a stream."""
    return list(islice(stream(seed), size))


@cache
def withheld(from_what: str) -> frozenset[str]:
    """Lemmas kept out of the probes' train split ("train"), or out of language models' text too ("text").

    Open-class words, every 28th and every 140th of a shuffled list.
    """
    known = lexicon.pairs("nouns")
    lemmas = {lexicon.noun(concept, cls).lemma for cls, concept in known if not cls.startswith(("time", "act", "unit"))}
    lemmas |= {lexicon.adjective(concept, cls) for cls, concept in lexicon.pairs("adjectives")}
    lemmas |= {name for (cls, _), name in lexicon.pairs("names").items() if cls in ("city", "country")}
    lemmas |= {name for cls, names in english.names().items() if cls in lexicon.KEPT for name in names}
    lemmas |= {lexicon.entry_verb(entry).lemma for entry in lexicon.pairs("verbs").values() if not entry.startswith("@")}
    ordered = sorted(lemmas - COMMON)
    Random("lcacore/de/withheld").shuffle(ordered)
    return frozenset(ordered[:: {"train": 28, "text": 140}[from_what]])


COMMON = frozenset("haben sein werden wollen müssen mögen gehen kommen sehen machen geben sagen wissen Mann Frau Kind alt gut neu groß klein".split())
