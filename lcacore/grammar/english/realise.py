"""A message in English: statements, questions, commands, linked clauses, relative clauses.

    realise(message)                    the neutral way to say it
    realise(message, Random("a"))       one of the ways: give him the book or give the book to him, that or nothing, n't or not
"""

from __future__ import annotations

from random import Random

from ..engine import Leaf, Sentence, complement, convert, coordinate, modify, punctuate
from ..meaning import Clause, Message, Thing
from . import build
from .build import Agreement, comma
from .clauses import finished
from .closed import HUMAN, INTERJECTIONS, SUBORDINATOR_SEM
from .predicates import Predicates

__all__ = ["realise"]


class Realiser(Predicates):
    """Says one message."""

    fronted: Clause | None = None  # the clause whose time stands first

    def fronts(self, clause: Clause) -> bool:
        return clause is self.fronted

    def topic(self, clause: Clause) -> tuple[Thing | None, str]:
        """(what becomes the grammatical subject, its relation)"""
        if clause.passive:
            return clause.object, "nsubj:pass"
        return clause.subject, "nsubj"

    def clause(self, clause: Clause, second: Clause | None = None, gap=""):
        """Category S[dcl], or S[dcl] with a trace where there is a `gap`."""
        thing, relation = self.topic(clause)
        if thing is None:
            raise ValueError(f"{clause.sense}: a finite clause without {'object' if clause.passive else 'subject'}; give one or name it as the gap")
        subject = self.thing(thing, "Nom")
        body = self.finite(clause, subject.agreement, gap)
        if second is not None:
            body = coordinate(body, build.coordinator("and"), self.finite(second, subject.agreement))
        if self.maybe(0.5 if thing.kind == "pronoun" and thing.cls in HUMAN else 0.25 if thing.kind == "person" and thing.beside is None else 0.0):
            build.contract(body, thing.kind == "pronoun")
        return complement(body, subject.node, "NP", relation, backward=True)

    def embedded_question(self, clause: Clause):
        """Category S[qem]: whether she left, where he lives, what they want."""
        if clause.question == "what" or clause.gap == "object":
            return complement(build.wh("what"), convert(self.clause(clause, gap="object"), "S[dcl]"), "S[dcl]/NP", "obj", functor_heads=False)
        if clause.question in ("", "whether", "if"):
            return build.marked("if" if self.maybe(0.4) else "whether", self.clause(clause))
        return build.marked(clause.question, self.clause(clause), sem="QUE")

    def relative(self, node, clause: Clause, agreement: Agreement):
        human = agreement.cls in HUMAN
        if clause.gap == "place":
            return build.where(node, self.clause(clause))
        if clause.gap == "subject" or (clause.passive and clause.gap == "object"):
            if clause.passive and self.maybe(0.3) and not (clause.negated or clause.perfect or clause.modal or clause.frequency):
                return modify(node, convert(self.verb_phrase(clause, "pss", agreement), "S[pss]\\NP"), "acl")
            word = "who" if human and not self.maybe(0.3) else "which" if not human and self.maybe(0.4) else "that"
            return build.relativized(node, word, self.finite(clause, agreement), "S[dcl]\\NP", "nsubj:pass" if clause.passive else "nsubj")
        if clause.gap not in ("object", "oblique"):
            raise ValueError(f"{clause.sense}: a relative clause with gap {clause.gap!r}; give subject, object, oblique or place")
        inner = convert(self.clause(clause, gap=clause.gap), "S[dcl]")
        near = clause.subject is not None and clause.subject.kind in ("pronoun", "person")
        if clause.gap == "oblique" or (near and self.maybe(0.5)):
            return build.relativized(node, "", inner, "S[dcl]/NP", "")
        word = "who" if human and not self.maybe(0.5) else "which" if not human and self.maybe(0.3) else "that"
        return build.relativized(node, word, inner, "S[dcl]/NP", "obj")

    # --- sentences ---

    def inverted(self, clause: Clause, gap=""):
        """Category S[q]."""
        thing, relation = self.topic(clause)
        if thing is None:
            raise ValueError(f"{clause.sense}: a question without subject; give one")
        subject = self.thing(thing, "Nom")
        ((leaf, role),), body, category = self.group(clause, subject.agreement, gap=gap, question=True)
        return build.inverted(leaf, role, subject.node, relation, body, category)

    def asked(self, message: Message):
        """Category S[wq]."""
        clause, word = message.clause, message.question
        if word in build.WH_ADVERBS:
            return build.marked(word, self.inverted(clause), "S[q]", "QUE")
        if clause.gap == "subject":
            return complement(build.wh(word), self.finite(clause, Agreement("Sing", 3, "role")), "S[dcl]\\NP", "nsubj", functor_heads=False)
        if clause.gap != "object":
            raise ValueError(f"a question with {word!r} and gap {clause.gap!r}; give subject or object")
        if word == "which" and clause.object is not None:
            filler = self.thing(clause.object).node
        else:
            filler = build.wh("whom" if word == "who" and self.maybe(0.2) else word)
        return complement(filler, convert(self.inverted(clause, gap="object"), "S[q]"), "S[q]/NP", "obj", functor_heads=False)

    def existence(self, clause: Clause):
        thing = clause.subject
        subject = self.thing(thing, "Nom")
        group = self.put(clause)
        kinds = tuple(k for k in group.kinds if k not in ("be", "pass"))
        chain, form = build.auxiliary_chain(group.form, kinds, subject.agreement)
        be = build.auxiliary("be", form, subject.agreement)
        place = self.relation(clause.place) if clause.place is not None else None
        return build.existence(be, subject.node, place, auxiliaries=chain, form=form if chain else "dcl")

    def command(self, clause: Clause):
        """Category S[b]\\NP."""
        you = Agreement("Sing", 2, "role", True)
        body = self.with_frequency(self.verb_phrase(clause, "b", you), clause)
        if clause.negated:
            do = build.auxiliary("do", "b", you)
            body = complement(do, build.negated(do, body, self.maybe(0.6)), "S[b]\\NP", "aux", functor_heads=False)
        return body

    def linked(self, tree, message: Message):
        word, other = message.linked
        if word in ("and", "but", "so", "or"):
            return coordinate(tree, build.coordinator(word), self.clause(other), comma())
        if word not in SUBORDINATOR_SEM:
            raise ValueError(f"no English conjunction {word!r}; give and, but, so, or, {', '.join(SUBORDINATOR_SEM)}")
        clause = build.marked(word, self.clause(other), sem=SUBORDINATOR_SEM[word])
        if message.linked_first:
            return modify(tree, punctuate(clause, comma()), "advcl", before=True)
        return modify(tree, clause, "advcl")

    def opened(self, tree, word: str):
        """However, … · Oh, … · Please …"""
        if word == "please":
            return modify(tree, Leaf("please", "please", "INTJ", "UH", "", "ITJ", "INTJ"), "discourse", before=True)
        if word in INTERJECTIONS.items:
            return modify(tree, punctuate(Leaf(word, word, "INTJ", "UH", "", "ITJ", "INTJ"), comma()), "discourse", before=True)
        return modify(tree, punctuate(build.adverb(word), comma()), "advmod", before=True)

    def sentence(self, message: Message) -> Sentence:
        clause, kind, mark = message.clause, "dcl", "."
        free = not (message.opening or message.linked or message.second or message.time_first) and message.kind == "statement"
        if clause.time is not None and (message.time_first or (free and clause.time.kind != "span" and self.maybe(0.1))):
            self.fronted = clause
        if message.kind == "statement":
            tree = self.clause(clause, message.second)
        elif message.kind == "question":
            tree, kind, mark = self.inverted(clause), "q", "?"
        elif message.kind == "wh":
            tree, kind, mark = self.asked(message), "wq", "?"
        elif message.kind == "existence":
            tree = self.existence(clause)
        elif message.kind == "command":
            tree, kind = self.command(clause), "imp"
            mark = "!" if self.maybe(0.2) else "."
        else:
            raise ValueError(f"no kind of message {message.kind!r}; give statement, question, wh, existence or command")
        if self.fronted is not None:
            phrase, relation = self.time(self.fronted.time)
            tree = modify(tree, punctuate(phrase, comma()), relation, before=True)
        if message.linked is not None:
            tree = self.linked(tree, message)
        if message.opening:
            tree = self.opened(tree, message.opening)
        return finished(tree, kind, mark)


def realise(message: Message, random: Random | None = None) -> Sentence:
    """The message in English, with every layer.

    random    chooses among ways to say the same; None: the most neutral one

    Raises ValueError for a concept that the lexicon lacks and for a message that is not complete.
    """
    return Realiser(random).sentence(message)
