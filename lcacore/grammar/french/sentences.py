"""French sentences: questions, commands, il y a, linked clauses; `realise` and the package's other entry points."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from functools import cache
from itertools import islice, pairwise
from random import Random

from ..engine import Leaf, Sentence, complement, convert, coordinate, modify, punctuate
from ..meaning import Clause, Message, Thing
from ..messages import messages
from . import words as lexicon
from .adjectives import chunked
from .clauses import ON, WH, Clauses
from .closed import COORDINATORS, SUBORDINATORS, SYNONYMS, Clitic, preposition
from .groups import Agreement, Manner, agreement_of
from .inflection import elides
from .nominals import Nominal, comma

__all__ = ["generate", "realise", "stream", "withheld"]


class French(Clauses):
    """The grammar over one message after another."""

    # --- questions ---

    def asked(self, c: Clause, *, antecedent=None, after_que=False):
        """Category S[q]: with est-ce que, or the subject after the verb. after_que: only a pronoun may then follow the verb."""
        c, passive = self.voiced(c)
        subject = self.subject(c, passive)
        verb = lexicon.verb(c.sense)
        how = replace(self.manner(c, verb), antecedent=antecedent)
        agreement = agreement_of(subject)
        negation = self.negation(c, None)
        pronoun = subject.pronoun and subject.other is None
        awkward = (agreement.person == 1 and agreement.verb_number == "Sing") or (bool(negation) and (pronoun or negation == "ne")) or subject.cls == "on" or (agreement.person < 3 and not pronoun)
        awkward = awkward or (after_que and not pronoun)
        if awkward or not self.chance(0.5) or (c.modal and (c.frequency or c.negated)) or (pronoun and (c.frequency or c.manner)):
            clause = self.predicated(self.verb_phrase(c, agreement, how, passive=passive), subject, passive)
            est = Leaf("est", "être", "AUX", "VP3S", "Mood=Ind|Number=Sing|Person=3|Tense=Pres|VerbForm=Fin", "NIL", "VP")
            ce = Leaf("-ce", "ce", "PRON", "CLS", "Gender=Masc|Number=Sing|Person=3|PronType=Dem", "NIL")
            functor = complement(est, chunked(ce, "NP"), "NP", "fixed")
            return complement(functor, self.after_que(clause), "S[em]", "mark", functor_heads=False)
        inverted = subject
        if not pronoun:
            inverted = Nominal(gender=agreement.gender, number=agreement.number, human=subject.human)
            inverted.pronoun = True
        body = self.verb_phrase(c, agreement, replace(how, inverted=inverted, echo=not pronoun), passive=passive)
        return body if pronoun else self.predicated(body, subject, passive)

    def wh_question(self, message: Message):
        """Category S[wq]."""
        c, question = message.clause, message.question
        if question in WH:
            return complement(self.wh_adverb(question), self.asked(c), "S[q]", "advmod", functor_heads=False)
        if c.gap == "subject":
            if question == "who":
                word, agreement = chunked(self.wh("qui"), "NP"), Agreement(human=True, cls="role")
            else:
                out = self.nominal(c.subject)
                word, agreement = self.np(out), agreement_of(out)
            body = self.verb_phrase(replace(c, subject=None), agreement, self.manner(c, lexicon.verb(c.sense)))
            return complement(word, body, "S[dcl]\\NP", "nsubj", functor_heads=False)
        verb = lexicon.verb(c.sense)
        mark = "" if verb.direct else verb.object
        antecedent = None
        if question == "which":
            out = self.nominal(c.object)
            antecedent = out.agreement
            word = self.pp(mark, out) if mark else self.np(out)
        else:
            leaf = chunked(self.wh("qui" if question == "who" else "quoi" if mark else "que"), "NP")
            word = complement(preposition(mark), leaf, "NP", "case", functor_heads=False) if mark else leaf
        c = replace(c, object=None, gap="object", passive=False, subject=c.subject or ON)
        node = convert(self.asked(c, antecedent=None if mark else antecedent, after_que=question == "what" and not mark), "S[q]")
        if not mark:
            return complement(word, node, "S[q]/NP", "obj", functor_heads=False)
        return complement(word, node, "S[q]/PP", "obl:arg", functor_heads=False)

    # --- sentences ---

    def existence(self, c: Clause):
        """il y a un livre sur la table."""
        out = self.nominal(c.subject)
        how = self.manner(c, lexicon.Verb("être", "be"))
        one = Agreement()
        leaf = self.verb_leaf("avoir", how.form, one) if not how.compound else self.participle_leaf("avoir")
        node = complement(leaf, self.np(out, negated=c.negated), "NP", "obj")
        if how.compound:
            node = complement(self.verb_leaf("avoir", how.form, one, upos="AUX"), node, "S[pt]\\NP", "aux:tense", functor_heads=False)
        node = self.circumstances(node, c, one)
        y = Clitic(Leaf("y", "y", "PRON", "CLO", "Person=3|PronType=Prs", "NIL"), "", "expl:comp", 4)
        negation = "ne" if out.negative else ""
        node = self.with_clitics(node, [y], negation, "", how.form, "S[dcl]\\NP")
        return self.with_il(node)

    def command(self, message: Message):
        """Category S[imp]\\NP."""
        self.polite = message.formal
        agreement = Agreement(2, "Plur" if message.formal else "Sing", human=True, cls="role")
        node = self.verb_phrase(replace(message.clause, passive=False), agreement, Manner("imper"))
        if message.opening == "please":
            last = Leaf("plaît", "plaire", "VERB", "VP3S", "Mood=Ind|Number=Sing|Person=3|Tense=Pres|VerbForm=Fin", "ITJ", "VP")
            for leaf, relation in (
                (self.pronoun_leaf_of(2, "Plur" if message.formal else "Sing"), "iobj"),
                (Leaf("il", "il", "PRON", "CLS", "Gender=Masc|Number=Sing|Person=3|PronType=Prs", "PRO", "NP"), "nsubj"),
                (Leaf("si", "si", "SCONJ", "CS", "", "IMP", "SBAR"), "mark"),
            ):
                last = modify(last, leaf, relation, before=True)
            if self.chance(0.5):
                return modify(node, punctuate(last, comma()), "discourse", before=True)
            return modify(node, punctuate(last, comma(), before=True), "discourse")
        return self.opened(node, message.opening)

    def pronoun_leaf_of(self, person: int, number: str) -> Leaf:
        out = Nominal(person=person, number=number, human=True)
        leaf = self.pronoun_leaf(out, "dative")
        leaf.chunk = "VP"
        return leaf

    def opened(self, node, opening: str):
        """A sentence adverb or an interjection before the clause."""
        if not opening:
            return node
        adverbs = lexicon.adverbs()
        word = adverbs["sentence"].get(opening) or lexicon.adverb("interjection", opening)
        if word == "peut-être":
            return complement(self.adverb_leaf(word), self.after_que(node), "S[em]", "advmod", functor_heads=False)
        if opening in adverbs["sentence"]:
            return modify(node, punctuate(self.adverb_leaf(word), comma()), "advmod", before=True)
        return modify(node, punctuate(Leaf(word, word, "INTJ", "I", "", "ITJ", "INTJ"), comma()), "discourse", before=True)

    def statement(self, message: Message):
        """Category S[dcl]."""
        c = message.clause
        fronted = None
        if message.time_first and c.time is not None and c.time.concept != "again":
            fronted, c = self.time(c.time, depuis=c.perfect and c.tense == "pres"), replace(c, time=None)
        if message.second is not None:
            tree = self.two(c, message.second)
        else:
            tree = self.clause(c)
        if fronted is not None:
            tree = modify(tree, self.fronted(fronted[0]), fronted[1], before=True)
        tree = self.opened(tree, message.opening)
        return self.with_linked(tree, message) if message.linked is not None else tree

    def two(self, c: Clause, second: Clause):
        """One subject and two verb phrases."""
        c, passive = self.voiced(c)
        subject = self.subject(c, passive)
        agreement = agreement_of(subject)
        first = self.verb_phrase(c, agreement, self.manner(c, lexicon.verb(c.sense)), passive=passive)
        second = replace(second, subject=c.subject, passive=False) if not passive else replace(second, passive=False)
        other = self.verb_phrase(second, agreement, self.manner(second, lexicon.verb(second.sense)))
        conjunction = Leaf("et", "et", "CCONJ", "CC", "", "COO", "O")
        return self.predicated(coordinate(first, conjunction, other), subject, passive)

    def with_linked(self, tree, message: Message):
        concept, c = message.linked
        if concept in COORDINATORS:
            word, sem = COORDINATORS[concept]
            conjunction = Leaf(word, word, "CCONJ", "CC", "", sem, "O")
            return coordinate(tree, conjunction, self.clause(c), comma() if concept in ("but", "so") else None)
        if concept not in SUBORDINATORS:
            raise ValueError(f"the French lexicon lacks the conjunction {concept!r}; it has {', '.join((*SUBORDINATORS, *COORDINATORS))}")
        node = self.subordinate(concept, c, message.clause, message.linked_first)
        if message.linked_first:
            return modify(tree, punctuate(node, comma()), "advcl", before=True)
        return modify(tree, node, "advcl")

    def subordinate(self, concept: str, c: Clause, main: Clause, first: bool):
        """A subordinate clause; an infinitive or a gerund where its subject is that of the main clause."""
        same = main.subject is not None and c.subject is not None and not main.passive and not c.passive and c.subject.kind == "pronoun" and not c.modal and self._coreferent(c.subject, main.subject)
        if same and not c.negated and not c.frequency and concept in ("before", "after"):
            agreement = agreement_of(self.nominal(main.subject))
            body = self.verb_phrase(c, agreement, Manner("inf", concept == "after"))
            if concept == "before":
                body = complement(preposition("de"), body, "S[b]\\NP", "mark", functor_heads=False)
            mark = preposition("avant" if concept == "before" else "après")
            return complement(mark, body, "S[to]\\NP" if concept == "before" else "S[b]\\NP", "mark", functor_heads=False)
        if same and concept == "while" and not c.negated and not c.frequency and lexicon.verb(c.sense).frame not in ("be", "link") and self.chance(0.7):
            body = self.verb_phrase(c, agreement_of(self.nominal(main.subject)), Manner("ger"))
            return complement(preposition("en"), body, "S[ng]\\NP", "mark", functor_heads=False)
        words, sem, subjunctive = SUBORDINATORS[concept]
        if concept in SYNONYMS and (first or concept != "because") and self.chance(0.35):
            words, sem, subjunctive = SYNONYMS[concept]
        future = main.tense == "fut" and not main.modal
        context = ""
        if subjunctive:
            context = "sub" if concept == "although" else "sub.past"
        elif concept == "if":
            context = "if"
        elif future and concept in ("when", "while"):
            context = "when"
        elif concept == "after":
            context = "after.fut" if future else "after"
        mark = Leaf(words[0], words[0], "SCONJ", "CS", "", sem, "SBAR")
        for word in words[1:]:
            mark = modify(mark, Leaf(word, word, *{"à": ("ADP", "P"), "ce": ("PRON", "PRODEM")}.get(word, ("SCONJ", "CS")), "", "NIL", "SBAR"), "fixed")
        return complement(mark, self.clause(c, context), "S[dcl]", "mark", functor_heads=False)

    def _coreferent(self, pronoun: Thing, subject: Thing) -> bool:
        if subject.kind == "pronoun":
            return pronoun == subject
        return self._same(pronoun, subject)

    def sentence(self, message: Message, random: Random | None) -> Sentence:
        """One message in words."""
        self.random = random
        self.begin()
        c, kind = message.clause, message.kind
        if kind == "statement":
            third = c.subject is None or c.subject.kind != "pronoun" or c.subject.person == 3
            self.literary = c.tense == "past" and third and self.chance(0.2)
            tree, category, mark = self.statement(message), "S[dcl]", "."
        elif kind == "question":
            tree, category, mark = self.asked(c), "S[q]", "?"
        elif kind == "wh":
            tree, category, mark = self.wh_question(message), "S[wq]", "?"
        elif kind == "command":
            tree, category, mark = self.command(message), "S[imp]\\NP", "!" if self.chance(0.5) else "."
        elif kind == "existence":
            tree, category, mark = self.existence(c), "S[dcl]", "."
        else:
            raise ValueError(f"no kind of message {kind!r}; there are statement, question, wh, command, existence")
        tree = punctuate(tree, Leaf(mark, mark, "PUNCT", "PONCT", "", "QUE" if mark == "?" else "NIL", "O"))
        return Sentence(tree, category, respell, lexicon.suffix_of)


_ELIDED = {w: w[:-1] + "'" for w in ("je", "me", "te", "se", "le", "la", "de", "ne", "que", "jusque", "lorsque", "puisque", "quoique", "ce")}
_BEFORE_VOWEL = {"ce": "cet", "ma": "mon", "ta": "ton", "sa": "son", "beau": "bel", "nouveau": "nouvel", "vieux": "vieil"}


def respell(leaves: list[Leaf]) -> None:
    """Spelling across words: elision, cet and mon before a vowel, bel, the capital at the start."""
    for leaf, following in pairwise(leaves):
        word = leaf.word
        if word in _BEFORE_VOWEL and following.upos in ("NOUN", "ADJ", "PROPN") and elides(following.word):
            if leaf.upos == "DET" or (leaf.upos == "ADJ" and "Number=Sing" in leaf.feats):
                leaf.word = _BEFORE_VOWEL[word]
        elif word in _ELIDED and elides(following.word):
            leaf.word = _ELIDED[word]
        elif word == "si" and following.word in ("il", "ils"):
            leaf.word = "s'"
    first = leaves[0]
    first.word = first.word[0].upper() + first.word[1:]


_REALISER = French()


def realise(message: Message, random: Random | None = None) -> Sentence:
    """A message as a French sentence.

    random  chooses among ways to say the same (est-ce que or inversion, the place of adverbs, the past historic); None: the neutral one

    Raises ValueError naming a concept that the lexicon lacks, or a message that is not complete.
    """
    return _REALISER.sentence(message, random)


def stream(seed: str) -> Iterator[Sentence]:
    """French sentences without end, drawn by one random stream."""
    grammar, random = French(), Random(f"lcacore/fr/{seed}")
    for message in messages(seed, style="fr"):
        yield grammar.sentence(message, random)


def generate(size: int, seed: str) -> list[Sentence]:
    """The first `size` sentences of a stream."""
    return list(islice(stream(seed), size))


@cache
def withheld(from_what: str) -> frozenset[str]:
    """Lemmas kept out of the probes' train split ("train"), or out of language models' text too ("text")."""
    return lexicon.withheld({"train": 24, "text": 120}[from_what])
