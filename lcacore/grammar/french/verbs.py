"""French verb phrases: what a verb governs, as phrases and as clitics; predicates and circumstances."""

from __future__ import annotations

from dataclasses import replace

from ..engine import Leaf, complement, convert, modify
from ..meaning import Clause, Quality, Relation, Thing
from . import words as lexicon
from .adjectives import chunked
from .closed import Clitic, clitic, preposition, pronoun
from .groups import MODALS, Agreement, Manner, VerbGroups, agreement_of
from .nominals import Nominal

__all__ = ["VerbPhrases"]

_ADVERBS = {"sur": "dessus", "sous": "dessous", "dans": "dedans", "derrière": "derrière", "devant": "devant"}


class VerbPhrases(VerbGroups):
    """Verb phrases; clauses are made by the grammar that extends this."""

    # --- verb phrases ---

    def verb_phrase(self, c: Clause, agreement: Agreement, how: Manner, *, passive=False, negative: bool | None = None):
        """The verb with all that belongs to it, except the subject before it; negative: whether ne is wanted (None: look)."""
        if c.modal in MODALS:
            return self.modal_phrase(c, agreement, how, passive)
        verb = lexicon.verb(c.sense)
        if verb.frame == "light" and c.object is not None:  # faire une promenade: the noun chooses its verb
            verb = replace(verb, lemma=lexicon.noun(c.object.cls, c.object.concept).act or verb.lemma)
        if verb.frame == "be":
            return self.assembled(c, verb, agreement, how, [], [], [], predicate=self.predicate(c.predicate, agreement), negative=negative)
        arguments, clitics, traces, before = self.arguments(c, verb, agreement, how, passive)
        predicate = self.adjective_phrase(c.predicate, agreement) if verb.frame == "link" else None
        return self.assembled(c, verb, agreement, replace(how, antecedent=before or how.antecedent), arguments, clitics, traces, passive=passive, predicate=predicate, negative=negative)

    def modal_phrase(self, c: Clause, agreement: Agreement, how: Manner, passive: bool):
        """pouvoir and devoir take an infinitive, which keeps what belongs to the verb."""
        frequency = c.frequency if c.frequency == "never" else ""
        inner = replace(c, modal="", negated=False, frequency="" if frequency else c.frequency)
        body = self.verb_phrase(inner, agreement, Manner("inf", c.perfect, how.antecedent), passive=passive, negative=False)
        outer = Clause("", negated=c.negated, frequency=frequency)
        verb = lexicon.Verb(MODALS[c.modal], "to")
        negative = self.has_negative(c)
        return self.assembled(outer, verb, agreement, replace(how, antecedent=None), [("S[b]\\NP", "xcomp", body)], [], [], negative=negative)

    # --- complements ---

    def arguments(self, c: Clause, verb: lexicon.Verb, agreement: Agreement, how: Manner, passive: bool):
        """(arguments, clitics, traces, agreement of a participle with an object before it)."""
        arguments: list = []
        clitics: list[Clitic] = []
        traces: list = []
        before = None
        frame = verb.frame
        negated = c.negated or c.frequency == "never"
        wish = frame == "objto" and verb.link == "que"
        if frame in ("trans", "tpart", "put", "ditr", "light", "objto") and not passive and not wish:
            before = self.object(c, verb, negated, arguments, clitics, traces)
        if frame == "ditr":
            self.dative(c.recipient, arguments, clitics)
        if frame in ("obl", "put") and c.gap != "oblique" and c.oblique is not None:
            before = self.oblique(c, verb, arguments, clitics) or before
        if passive and c.subject is not None and frame != "be":
            agent = convert(self.pp("par", self.nominal(c.subject)), "(S\\NP)\\(S\\NP)")
            arguments.append(("", "obl:agent", agent))
        if frame == "that":
            arguments.append(("S[em]", "ccomp", self.that_clause(c, verb)))
        elif frame == "q":
            arguments.append(self.question_clause(c, verb))
        elif frame in ("to", "ng") and c.complement is not None:
            arguments.append(self.infinitive(c.complement, verb.link, agreement))
        elif wish:
            arguments.append(("S[em]", "ccomp", self.wish_clause(c)))
        elif frame == "objto" and c.complement is not None:
            whose = agreement if passive else agreement_of(self.nominal(c.object)) if c.object is not None else agreement
            arguments.append(self.infinitive(c.complement, verb.link, whose))
        self.untangle(clitics, arguments)
        return arguments, clitics, traces, before

    def object(self, c: Clause, verb: lexicon.Verb, negated: bool, arguments, clitics, traces):
        """The object as the verb governs it; returns its agreement if it is a clitic."""
        if c.gap == "object":
            traces.append(("NP" if verb.direct else "PP", "obj" if verb.direct else "obl:arg"))
            return None
        thing = c.object
        if thing is None:
            raise ValueError(f"the verb sense {c.sense!r} wants an object; the clause has none")
        if verb.frame == "light":
            arguments.append(("NP", "obj", self.np(self.act(thing), negated=negated)))
            return None
        if not verb.direct:
            self.governed(verb.object, thing, verb, arguments, clitics)
            return None
        out = self.nominal(thing, owner=Nominal() if self._own_body(c) else None)
        if out.pronoun and out.other is None:
            leaf = self.pronoun_leaf(out, "object")
            clitics.append(Clitic(leaf, "NP", "obj", 2 if out.person == 3 else 1))
            return out.gender, out.number
        arguments.append(("NP", "obj", self.np(out, negated=negated)))
        return None

    def act(self, thing: Thing) -> Nominal:
        """The noun of faire une promenade, faire la cuisine."""
        if lexicon.noun(thing.cls, thing.concept).definite and thing.determiner in ("", "a"):
            thing = replace(thing, determiner="the")
        return self.nominal(thing)

    def dative(self, thing: Thing | None, arguments, clitics) -> None:
        if thing is not None:
            self.governed("à", thing, None, arguments, clitics)

    def governed(self, mark: str, thing: Thing, verb: lexicon.Verb | None, arguments, clitics) -> None:
        """An object with a preposition: lui, y, en where a clitic says it, else the phrase."""
        out = self.nominal(thing)
        if out.pronoun and out.other is None:
            dative = mark == "à" and out.human and not (verb is not None and verb.tonic)
            if dative and not (verb is not None and verb.pronominal):
                clitics.append(Clitic(self.pronoun_leaf(out, "dative"), "PP", "iobj", 3 if out.person == 3 else 1))
                return
            if mark in ("à", "de") and not out.human:
                clitics.append(clitic("y" if mark == "à" else "en"))
                return
        arguments.append(self.phrase(mark, out))

    def phrase(self, mark: str, out: Nominal, bare=False):
        """(category, relation, node) of a prepositional object; of a thing already spoken of: dessus, dedans."""
        if out.pronoun and out.other is None and not out.human and mark in _ADVERBS:
            word = _ADVERBS[mark]
            return "PP", "advmod", Leaf(word, word, "ADV", "ADV", "", "REL", "ADVP")
        return "PP", "obl:arg", self.pp(mark, out, bare=bare)

    def oblique(self, c: Clause, verb: lexicon.Verb, arguments, clitics):
        relation: Relation = c.oblique
        thing = relation.thing
        if verb.object == "0":
            out = self.nominal(thing)
            if out.pronoun and out.other is None:
                clitics.append(Clitic(self.pronoun_leaf(out, "object"), "NP", "obj", 2 if out.person == 3 else 1))
                return out.gender, out.number
            arguments.append(("NP", "obj", self.np(out, negated=c.negated or c.frequency == "never")))
            return None
        if verb.object in ("", "@") or (verb.object == "à" and thing.cls in ("city", "country")):
            out = self.nominal(thing)
            if out.pronoun and out.other is None and not out.human and relation.concept in ("to", "in", "into", "on", "from"):
                clitics.append(clitic("en" if relation.concept == "from" else "y"))
                return None
            mark, bare = self.mark(relation.concept, thing, out)
            if verb.frame == "put" and thing.cls == "container" and relation.concept in ("in", "into"):
                mark = "dans"
            arguments.append(self.phrase(mark, out, bare))
            return None
        self.governed(verb.object, thing, verb, arguments, clitics)
        return None

    def untangle(self, clitics, arguments) -> None:
        """me lui and the like cannot be said: the second becomes à lui."""
        first = [k for k in clitics if k.relation == "obj" and k.rank == 1]
        for k in [k for k in clitics if k.relation == "iobj" and k.rank in (1, 3)]:
            if first and k.leaf.xpos != "CLR":
                clitics.remove(k)
                person = int(k.leaf.feats.split("Person=")[1][0])
                number = "Plur" if "Number=Plur" in k.leaf.feats else "Sing"
                leaf = pronoun(person, number, "Masc", "tonic")
                arguments.append(("PP", "obl:arg", complement(preposition("à"), chunked(leaf, "NP"), "NP", "case", functor_heads=False)))

    def infinitive(self, c: Clause, link: str, agreement: Agreement):
        """(category, relation, node) of an infinitive, after à or de or nothing."""
        body = self.verb_phrase(c, agreement, Manner("inf", c.perfect))
        if link in ("", "0"):
            return "S[b]\\NP", "xcomp", body
        mark = preposition(link)
        return "S[to]\\NP", "xcomp", complement(mark, body, "S[b]\\NP", "mark", functor_heads=False)

    # --- predicates ---

    def predicate(self, what, agreement: Agreement):
        """(category, node) after être."""
        if isinstance(what, Quality):
            return self.adjective_phrase(what, agreement)
        if isinstance(what, Relation):
            return "PP", self.relation(what)
        thing = what
        if thing.kind == "noun" and thing.cls == "role" and not thing.gender:
            thing = replace(thing, gender=agreement.gender)
        out = self.nominal(thing)
        bare = thing.kind == "noun" and thing.cls == "role" and thing.concept not in lexicon.relatives() and out.kind == "ind" and not thing.qualities and not thing.origin and not thing.participle and thing.modifier is None and thing.relative is None
        if bare and self.chance(0.5):  # elle est médecin
            return "NP", chunked(convert(out.nbar, "N"), "NP")
        return "NP", self.np(out)

    def adjective_phrase(self, quality: Quality, agreement: Agreement):
        """(S[adj]\\NP or PP, node): an adjective that agrees with the subject."""
        adjective = lexicon.adjective(quality.concept, agreement.cls)
        if adjective.material:
            return "PP", self.material(adjective.material)
        node = self.adjective(quality, adjective, agreement.gender, agreement.number)
        if type(node) is Leaf:
            node.chunk = "ADJP"
            return "S[adj]\\NP", node
        return "S[adj]\\NP", chunked(node, "ADJP")

    # --- circumstances ---

    def circumstances(self, node, c: Clause, agreement: Agreement):
        """Where, with whom, when, what for."""
        if c.place_adverb:
            node = modify(node, *self.adverb("place", c.place_adverb))
        if c.place is not None:
            node = modify(node, self.relation(c.place), "obl:mod")
        for extra in c.extras:
            node = modify(node, self.relation(extra), "obl:mod")
        if c.time is not None:
            node = modify(node, *self.time(c.time, depuis=c.perfect and c.tense == "pres"))
        if c.purpose is not None:
            body = self.verb_phrase(c.purpose, agreement, Manner("inf"))
            mark = preposition("pour")
            node = modify(node, complement(mark, body, "S[b]\\NP", "mark", functor_heads=False), "advcl")
        return node

    def that_clause(self, c: Clause, verb: lexicon.Verb):
        raise NotImplementedError

    def wish_clause(self, c: Clause):
        raise NotImplementedError

    def question_clause(self, c: Clause, verb: lexicon.Verb):
        raise NotImplementedError
