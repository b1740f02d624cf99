"""German clauses and sentences: the verb second, first or last; questions, commands, linked clauses; the language's entry points."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from itertools import islice
from random import Random

from ..engine import CONVERSION, Leaf, Sentence, complement, convert, coordinate, leaves_of, modify, punctuate
from ..meaning import Clause, Message, Thing
from . import words as lexicon
from .closed import COORDINATORS, QUESTIONS, SUBORDINATORS, comma, conjunction
from .forms import conjugate, determiner_ending, suffix_of
from .phrases import Phrase, chunked, features, is_human
from .verbs import CATEGORY, MAN, Gap, Group, Item, Verbs, before_comma
from .words import Verb

YOU = {"Sing": Thing("pronoun", cls="role", person=2), "Plur": Thing("pronoun", cls="role", person=2, number="Plur")}


class German(Verbs):
    """The grammar: one message after another."""

    # --- finite clauses --------------------------------------------------------------------------

    def clause(self, c: Clause, order: str, *, mode="", front="", subject: Phrase | None = None, second: Clause | None = None):
        """A finite clause.

        order   "v2": S[dcl]; "v1": S[v1]; "last": S[sub]; with a gap it lacks that argument; "wh": S[dcl]\\NP, the verb second
                after a subject that is a question word
        front   name of the item that stands before the verb instead of the subject, where there is one
        """
        c, verb, adverb, modal = self.resolved(c)
        passive = c.passive
        lacks_subject = c.gap == "subject" or (passive and c.gap == "object")
        if subject is None:
            subject = self.subject(c, passive, lacks_subject)
        self.agreement = subject
        items, tail, gap = self.items(c, verb, adverb, passive, subject)
        self.agreement = subject
        group = self.group(c, verb, passive, modal, mode)
        relation = "nsubj:pass" if passive else "nsubj"
        if order == "last":
            node = self.purposed(self.last(verb, group, items, subject, tail, gap), c, subject)
            return node if lacks_subject else complement(node, subject.node, "NP", relation, backward=True)
        if order == "v2":
            fronted = next((item for item in items if item.name == front), None) if front and second is None else None
            if fronted is not None:
                items.remove(fronted)
                return self.fronted(fronted, verb, group, items, subject, relation, tail, c)
        if order in ("v2", "wh"):
            node = self.purposed(self.second(verb, group, items, None, relation, tail, gap), c, subject)
            if second is not None:
                node = coordinate(node, conjunction("und", "COO"), self.verb_phrase(second, subject))
            return node if order == "wh" else complement(node, subject.node, "NP", relation, backward=True)
        return self.purposed(self.second(verb, group, items, subject, relation, tail, gap), c, subject, after="S\\S")

    def subject(self, c: Clause, passive: bool, lacking: bool) -> Phrase:
        if lacking:
            return self.missing
        thing = c.object if passive else c.subject
        return self.np(thing if thing is not None else MAN, "Nom")

    missing = Phrase(None)  # agreement of a subject that stands outside its clause

    def verb_phrase(self, c: Clause, subject: Phrase):
        """A second verb phrase of the same subject: S[dcl]\\NP."""
        c, verb, adverb, modal = self.resolved(c)
        items, tail, _ = self.items(c, verb, adverb, False, subject)
        self.agreement = subject
        return self.second(verb, self.group(c, verb, False, modal, ""), items, None, "nsubj", tail, None)

    def fronted(self, item: Item, verb, group: Group, items, subject: Phrase, relation: str, tail, c: Clause):
        """Category S[dcl]: an adjunct or object before the verb, the subject after it."""
        if not item.category:
            clause = self.purposed(self.second(verb, group, items, subject, relation, tail, None), c, subject, after="S\\S")
            return complement(item.node, clause, "S[v1]", item.relation, functor_heads=False)
        clause = self.second(verb, group, items, subject, relation, tail, Gap(item.category, item.relation))
        clause = convert(self.purposed(clause, c, subject, after="S\\S"), "S[v1]")
        node = convert(item.node, "NP") if item.category == "NP" else item.node
        return complement(node, clause, f"S[v1]/{item.category}", item.relation, functor_heads=False)

    def second(self, verb: Verb, group: Group, items, subject: Phrase | None, relation: str, tail, gap):
        """The finite verb before everything else, but for `subject` right after it."""
        agreement = subject if subject is not None else self.agreement
        if not group.auxiliaries:
            copula = verb.base == "sein"
            leaf = self.finite_leaf(verb, group.mood, group.tense, agreement, ("PST" if group.tense == "Past" else "NOW") if copula else "")
            leaf.upos = "AUX" if copula else "VERB"
            if verb.prefix:
                particle = Leaf(verb.prefix, verb.prefix, "ADP", "PTKVZ", "", "REL", "PRT")
                items = [*items, Item(12, particle, "PR", "compound:prt", "particle")]
            return self.first(leaf, spread(items, tail, gap), subject, relation, tail, gap)
        (lemma, wanted), *rest = group.auxiliaries
        leaf, aux = self.auxiliary(lemma, "fin", agreement, group, wanted)
        body = self.body(verb, rest, wanted, items, tail, gap, agreement, group)
        node = leaf if subject is None else complement(leaf, subject.node, "NP", relation + "^")
        return complement(node, body, CATEGORY[wanted], aux, functor_heads=False)

    def last(self, verb: Verb, group: Group, items, subject: Phrase, tail, gap):
        """Category S[sub]\\NP: all verbs at the end, the finite one last."""
        if not group.auxiliaries:
            copula = verb.base == "sein"
            leaf = self.finite_leaf(verb, group.mood, group.tense, subject, ("PST" if group.tense == "Past" else "NOW") if copula else "", joined=True)
            leaf.upos = "AUX" if copula else "VERB"
            return self.final(spread(items, tail, gap), leaf, [], tail, gap)
        (lemma, wanted), *rest = group.auxiliaries
        leaf, aux = self.auxiliary(lemma, "fin", subject, group, wanted)
        return self.body(verb, rest, wanted, items, tail, gap, subject, group, [(leaf, CATEGORY[wanted], aux, "S[sub]\\NP")])

    def body(self, verb: Verb, rest, form: str, items, tail, gap, subject: Phrase, group: Group, outer=()):
        """The verbs at the end below a finite auxiliary that asks for `form`."""
        chain = []
        for lemma, wanted in rest:
            leaf, relation = self.auxiliary(lemma, form, subject, group, wanted)
            chain.append((leaf, CATEGORY[wanted], relation, CATEGORY[form]))
            form = wanted
        leaf = self.nonfinite_leaf(verb, form)
        if verb.base == "sein":
            leaf.upos = "AUX"
        return self.final(spread(items, tail, gap), leaf, [*reversed(chain), *outer], tail, gap)

    def purposed(self, node, c: Clause, subject: Phrase, after="(S\\NP)\\(S\\NP)"):
        """With what it is done for: um Brot zu kaufen."""
        if c.purpose is None or c.complement is not None:
            return node
        um = Leaf("um", "um", "SCONJ", "KOUI", "", "SUB", "SBAR")
        phrase = complement(um, self.infinitive(c.purpose, subject), CATEGORY["to"], "mark", functor_heads=False)
        return modify(node, convert(self.enclosed(phrase), after), "advcl")

    # --- clauses in clauses ----------------------------------------------------------------------

    def statement(self, c: Clause, mode=""):
        """Said without dass: er sagte, sie sei müde."""
        outer = self.agreement
        node = self.clause(c, "v2", mode=mode)
        self.agreement = outer
        return node

    def marked(self, word: str, sem: str, c: Clause, mode=""):
        """A clause with its verb last after a conjunction."""
        outer = self.agreement
        mark = Leaf(word, word, "SCONJ", "KOUS", "", sem, "SBAR")
        node = complement(mark, self.clause(c, "last", mode=mode), "S[sub]", "mark", functor_heads=False)
        self.agreement = outer
        return node

    def embedded_question(self, c: Clause):
        """Category S[qem]: ob sie kommt, wo er wohnt, was sie wollen."""
        word = c.question
        if word in ("whether", ""):
            return self.marked("ob", "SUB", c)
        outer = self.agreement
        if word in QUESTIONS:
            mark = Leaf(QUESTIONS[word], QUESTIONS[word], "ADV", "PWAV", "PronType=Int", "QUE", "ADVP")
            node = complement(mark, self.clause(c, "last"), "S[sub]", "advmod", functor_heads=False)
        else:
            node = self.questioned(c, "last", self.question_word(c))
        self.agreement = outer
        return node

    def questioned(self, c: Clause, order: str, word):
        """A question word for the gap of a clause: was er las; was las er."""
        gap = self.gap_of(c)
        clause = self.clause(c, order)
        inside = "S[sub]" if order == "last" else "S[v1]"
        return complement(word, convert(clause, inside), f"{inside}/{gap.category}", gap.relation, functor_heads=False)

    def gap_of(self, c: Clause) -> Gap:
        verb = lexicon.verb(c.sense)
        return self.oblique_gap(c, verb) if c.gap == "oblique" else self.gap(verb.governs if c.frame != "put" else "")

    def question_word(self, c: Clause, who=False):
        """wer, wen, wem, was; worauf; auf wen."""
        gap = self.gap_of(c) if c.gap != "subject" else Gap("NP", "nsubj", "Nom")
        if gap.preposition and not who:
            word = ("wor" if gap.preposition[0] in "aeiouäöü" else "wo") + gap.preposition
            return Leaf(word, word, "ADV", "PWAV", "PronType=Int", "QUE", "ADVP")
        form = {"Nom": "wer", "Acc": "wen", "Dat": "wem"}[gap.case] if who else "was"
        leaf = Leaf(form, "wer" if who else "was", "PRON", "PWS", f"Case={gap.case}|Number=Sing|PronType=Int", "QUE")
        node = chunked(convert(leaf), "NP")
        return self.governed(gap.preposition, node) if gap.preposition else node

    def relative(self, thing: Thing, number: str, gender: str):
        """A relative clause after a noun; its pronoun takes gender and number from the noun and its case from the clause."""
        outer = self.agreement, self.missing
        self.missing = Phrase(None, number, 3, gender)
        c = thing.relative
        if c.gap == "place":
            mark = Leaf("wo", "wo", "ADV", "PWAV", "PronType=Rel", "REL", "ADVP")
            node = complement(mark, self.clause(c, "last"), "S[sub]", "advmod", functor_heads=False)
        else:
            resolved, verb, *_ = self.resolved(c)
            if c.gap == "subject" or resolved.passive:
                pronoun = self.relative_pronoun("Nom", number, gender)
                node = complement(pronoun, self.clause(c, "last"), "S[sub]\\NP", "nsubj:pass" if resolved.passive else "nsubj", functor_heads=False)
            else:
                gap = self.oblique_gap(c, verb) if c.gap == "oblique" else self.gap(verb.governs if c.frame != "put" else "")
                pronoun = self.relative_pronoun(gap.case, number, gender)
                if gap.preposition:
                    pronoun = self.governed(gap.preposition, pronoun)
                clause = convert(self.clause(c, "last"), "S[sub]")
                node = complement(pronoun, clause, f"S[sub]/{gap.category}", gap.relation, functor_heads=False)
        self.agreement, self.missing = outer
        return node

    def relative_pronoun(self, case: str, number: str, gender: str):
        slot = gender if number == "Sing" else "Plur"
        form = "denen" if (slot, case) == ("Plur", "Dat") else determiner_ending("der", slot, case)
        leaf = Leaf(form, "der", "PRON", "PRELS", f"Case={case}|Gender={gender}|Number={number}|PronType=Rel", "REL")
        return chunked(convert(leaf), "NP")

    # --- sentences -------------------------------------------------------------------------------

    def realise(self, message: Message) -> Sentence:
        self.closers.clear()
        self.agreement, self.missing = None, Phrase(None)
        tree, category, mark = getattr(self, "_" + message.kind)(message)
        tree = punctuate(tree, Leaf(mark, mark, "PUNCT", "$.", "", "QUE" if mark == "?" else "NIL", "O"))
        if self.closers:
            self.close(tree)
        return Sentence(tree, category, respell, suffix_of)

    def close(self, tree) -> None:
        """Drop a clause's closing comma before another mark."""
        leaves = leaves_of(tree)
        following = {id(a): b for a, b in zip(leaves, leaves[1:], strict=False)}
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
        interjection = opening and lexicon.adverb(opening) in _INTERJECTIONS
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
            word = lexicon.adverb(opening)
            tree = modify(tree, punctuate(Leaf(word, word, "INTJ", "ITJ", "", "ITJ", "INTJ"), comma()), "discourse", before=True)
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
        return punctuate(node, comma()) if message.linked_first else before_comma(node)

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
        addressed = c.subject if c.subject is not None else YOU["Sing"]
        if message.formal:
            subject = self.pronoun(addressed, "Nom", formal=True)
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
            word = lexicon.adverb(message.opening)
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


_INTERJECTIONS = frozenset("oh ja nein nun he ach hallo hoppla bitte".split())


def spread(items: list[Item], tail, gap: Gap | None) -> list[Item]:
    """Let an adjunct that more than two complements follow come after the first of them."""
    after = sum(bool(item.category) for item in items) + (gap is not None) + (tail is not None)
    if after <= 2:
        return items
    out: list[Item] = []
    held: list[Item] = []
    for item in items:
        if item.category:
            after -= 1
            out.append(item)
            if after <= 2:
                out += held
                held = []
        elif after > 2:
            held.append(item)
        else:
            out.append(item)
    return out + held


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

    Open-class words, every 45th and every 180th of a shuffled list.
    """
    known = lexicon.pairs("nouns")
    lemmas = {lexicon.noun(concept, cls).lemma for cls, concept in known if not cls.startswith(("time", "act", "unit"))}
    lemmas |= {lexicon.adjective(concept, cls) for cls, concept in lexicon.pairs("adjectives")}
    lemmas |= {name for (cls, _), name in lexicon.pairs("names").items() if cls in ("female", "male", "surname", "city", "country", "company")}
    lemmas |= {lexicon.entry_verb(entry).lemma for entry in lexicon.pairs("verbs").values() if not entry.startswith("@")}
    ordered = sorted(lemmas - COMMON)
    Random("lcacore/de/withheld").shuffle(ordered)
    return frozenset(ordered[:: {"train": 45, "text": 180}[from_what]])


COMMON = frozenset("haben sein werden wollen müssen mögen gehen kommen sehen machen geben sagen wissen Mann Frau Kind alt gut neu groß klein".split())
