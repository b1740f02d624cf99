"""Spanish sentences: statements, questions, commands, existence; the entry points of the language."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from itertools import islice, pairwise
from random import Random

from ..engine import Leaf, Sentence, complement, convert, coordinate, modify, punctuate
from ..meaning import Clause, Message, Thing
from ..messages import messages
from . import words as lexicon
from .base import Agreement, comma, conjunction, features, phrase_of
from .clauses import Clauses
from .closed import CONJUNCTION_SEM, CONJUNCTIONS, INTERJECTIONS, ROOT


class Spanish(Clauses):
    """Says messages, one at a time."""

    def say(self, message: Message) -> Sentence:
        self.begin()
        self.past = message.clause.tense in ("past", "imp")
        tree = getattr(self, "_" + message.kind)(message)
        exclaimed = (message.kind == "command" or message.opening in INTERJECTIONS) and self.chance(0.3)
        closing = "?" if message.kind in ("question", "wh") else "!" if exclaimed else "."
        tree = punctuate(tree, self.mark(closing))
        if closing != ".":
            tree = punctuate(tree, self.mark({"?": "¿", "!": "¡"}[closing]), before=True)
        return Sentence(tree, ROOT[message.kind], respell, lexicon.suffix_of)

    def mark(self, mark: str) -> Leaf:
        tag, kind = {".": ("Fp", "Peri"), "?": ("Fit", "Qest PunctSide=Fin"), "¿": ("Fia", "Qest PunctSide=Ini"), "!": ("Fat", "Excl PunctSide=Fin"), "¡": ("Faa", "Excl PunctSide=Ini")}[mark]
        return Leaf(mark, mark, "PUNCT", tag, features("PunctType=" + kind), "QUE" if mark in "?¿" else "NIL", "O")

    # --- statements ---

    def _statement(self, message: Message):
        clause, front = message.clause, None
        if message.time_first and clause.time is not None:
            front = self.time(clause.time)
            clause = Clause(**{**clause.__dict__, "time": None})
        tree = self.clause(clause)
        if message.second is not None:
            tree = coordinate(tree, conjunction("and"), self.clause(message.second, controller=self.last_subject(message.clause)))
        if message.linked is not None:
            tree = self.linked(tree, message)
        if front is not None:
            tree = modify(tree, punctuate(front[0], comma()), front[1], before=True)
        return self.opened(tree, message.opening)

    def last_subject(self, clause: Clause) -> Agreement:
        """Person and number of a clause's subject, for a second verb."""
        thing = clause.subject
        return Agreement() if thing is None else self.counted(thing)

    def opened(self, tree, opening: str):
        """With the adverb or interjection that the sentence starts with."""
        if not opening:
            return tree
        if opening in INTERJECTIONS:
            word = INTERJECTIONS[opening]
            return modify(tree, punctuate(Leaf(word, word, "INTJ", "I", "", "ITJ", "INTJ"), comma()), "discourse", before=True)
        return modify(tree, punctuate(self.adverb(opening), comma()), "advmod", before=True)

    def linked(self, tree, message: Message):
        word, clause = message.linked
        if word in ("and", "but", "or"):
            return coordinate(tree, conjunction(word), self.clause(clause), comma() if word == "but" else None)
        mark = self.subordinated(word, clause, message.clause, message.linked_first)
        if message.linked_first:
            return modify(tree, punctuate(mark, comma()), "advcl", before=True)
        if word in ("so", "although"):
            mark = punctuate(mark, comma(), before=True)
        return modify(tree, mark, "advcl")

    def subordinated(self, word: str, clause: Clause, main: Clause, first=False):
        """A clause with its conjunction, in the mood that it asks for: antes de que viniera, cuando venga. `first`: it opens the sentence."""
        words = ("como",) if word == "because" and first else lexicon.lookup(CONJUNCTIONS, word, "conjunction")
        future = main.tense == "fut" and clause.tense == "pres" and word in ("when", "after", "until", "while")
        mood = "Sub" if word == "before" or future or (word == "if" and clause.mood == "Sub") else "Ind"
        opening, *rest = words
        adverbial = opening in ("antes", "después", "así")
        head = Leaf(opening, opening, "ADV" if adverbial else "ADP" if rest else "SCONJ", "RG" if adverbial else "SP" if rest else "CS", "", CONJUNCTION_SEM[word], "SBAR" if not rest else "")
        for part in rest:
            head = modify(head, Leaf(part, part, "SCONJ" if part == "que" else "ADP", "CS" if part == "que" else "SP", "", "NIL"), "fixed")
        if rest:
            head.chunk = "SBAR"
        return complement(head, self.clause(clause, mood=mood), "S[dcl]", "mark", functor_heads=False)

    def _existence(self, message: Message):
        """Hay un libro en la mesa."""
        clause = message.clause
        self.negative = False
        thing = clause.subject
        phrase = self.noun_phrase(thing, "", "object")
        form = {"pres": "pres", "past": "imp", "imp": "imp", "fut": "fut"}[clause.tense]
        leaf = self.verb_leaf("haber", form, Agreement())
        if form == "pres":
            leaf.word = "hay"
        leaf.xpos = "VM" + leaf.xpos[2:]
        node = complement(leaf, phrase.node, "NP", "obj")
        if clause.negated or phrase.negative or thing.determiner == "no":
            node = modify(node, Leaf("no", "no", "ADV", "RN", "Polarity=Neg", "NOT", "VP"), "advmod", before=True)
        if clause.place is not None:
            node = modify(node, self.circumstance(clause.place), "obl")
        return self.opened(node, message.opening)

    # --- questions and commands ---

    def _question(self, message: Message):
        thing = message.clause.object if message.clause.passive else message.clause.subject
        light = thing is not None and thing.relative is None and thing.beside is None and thing.modifier is None
        return self.clause(message.clause, inverted=light and (self.random is None or self.chance(0.7)))

    def _wh(self, message: Message):
        clause, question = message.clause, message.question
        if question == "who" and clause.gap == "subject":
            body = self.clause(clause, controller=Agreement("Sing", 3, "Masc", "role"))
            return complement(self.who(), body, "S[q]\\NP", "nsubj", functor_heads=False)
        if question in ("who", "what", "which"):
            return self.asked(clause, question)
        relation = "obl" if question == "why" else "advmod"
        return complement(self.question_word(question), self.clause(clause, inverted=True), "S[q]", relation, functor_heads=False)

    def who(self):
        return phrase_of(Leaf("quién", "quién", "PRON", "PT", features("Number=Sing PronType=Int"), "QUE"), "")

    def asked(self, clause: Clause, question: str):
        """¿Qué compró?, ¿A quién vio?, ¿De qué coche se quejó?"""
        entries = lexicon.lookup(lexicon.verbs(), clause.sense, "verb")
        direct = [e for e in entries if e.governs in ("", "-") and not e.experiencer]
        preposition = "" if direct else entries[0].governs
        if question == "who" and direct:
            preposition = "a"
        if question == "which" and clause.object is not None:
            node = self.noun_phrase(clause.object, preposition, "object").node
        else:
            word = "quién" if question == "who" else "qué"
            node = self.framed(Leaf(word, word, "PRON", "PT", features("PronType=Int", "Number=Sing" if question == "who" else ""), "QUE"), [], preposition, []) if preposition else self.what()
        clause = Clause(**{**clause.__dict__, "gap": "object" if direct else "oblique", "object": None})
        body = self.clause(clause, inverted=True)
        if direct:
            return complement(node, convert(body, "S[q]"), "S[q]/NP", "obj", functor_heads=False)
        return complement(node, body, "S[q]", "obl", functor_heads=False)

    def _command(self, message: Message):
        """Category S[b]\\NP: cierra la puerta, no se siente usted."""
        self.polite = message.formal
        number = "Plur" if message.formal and self.chance(0.4) else "Sing"
        agreement = self.agreement_of(Thing("pronoun", cls="role", person=2, number=number))
        tree = self.clause(message.clause, form="cmd", controller=agreement)
        return self.opened(tree, message.opening)


def respell(leaves: list[Leaf]) -> None:
    """Spelling across words: e before i, u before o, the capital at the start."""
    for word, following in pairwise(leaves):
        if word.upos == "CCONJ" and word.word in ("y", "o"):
            sound = following.word.lower()
            if word.word == "y" and sound.startswith(("i", "í", "hi", "hí")) and not sound.startswith(("hie", "ie", "hia")):
                word.word = "e"
            elif word.word == "o" and sound.startswith(("o", "ó", "ho", "hó")):
                word.word = "u"
    first = next(leaf for leaf in leaves if leaf.upos != "PUNCT")
    first.word = first.word[0].upper() + first.word[1:]


def realise(message: Message, random: Random | None = None) -> Sentence:
    """The message in Spanish; `random` picks among ways to say the same, None takes the most neutral one.

    Raises ValueError naming the concept that the lexicon lacks.
    """
    return Spanish(random).say(message)


def stream(seed: str) -> Iterator[Sentence]:
    """Spanish sentences without end, drawn by one random stream."""
    speaker = Spanish(Random(f"lcacore/es/{seed}"))
    for message in messages(seed, style="es"):
        yield speaker.say(message)


def generate(size: int, seed: str) -> list[Sentence]:
    """The first `size` sentences of a stream."""
    return list(islice(stream(seed), size))


@cache
def withheld(from_what: str) -> frozenset[str]:
    """Lemmas kept out of the probes' train split ("train"), or out of language models' text too ("text").

    Nouns, adjectives, names and the rarer verbs, every 24th and every 120th of a shuffled list.
    """
    lemmas = {entry.lemma for entries in lexicon.nouns().values() for entry in entries}
    lemmas.update(entry.lemma for entries in lexicon.adjectives().values() for entry in entries)
    frequent = {entries[0].lemma for entries in lexicon.verbs().values()}
    lemmas.update(entry.lemma for entries in lexicon.verbs().values() for entry in entries[1:] if entry.lemma not in frequent)
    lemmas.update(lexicon.proper_names())
    common = {entry.lemma for cls in sorted({cls for _, cls in lexicon.nouns()}) for key in [k for k in lexicon.nouns() if k[1] == cls][:2] for entry in lexicon.nouns()[key]}
    ordered = sorted(lemma for lemma in lemmas - common - frequent if "_" not in lemma)
    Random("lcacore/es/withheld").shuffle(ordered)
    return frozenset(ordered[:: {"train": 24, "text": 120}[from_what]])
