"""French verb groups: tenses, auxiliaries, clitics, negation, agreement of participles."""

from __future__ import annotations

from dataclasses import dataclass

from ..engine import Leaf, Trace, complement, convert, modify
from ..meaning import Clause, Thing
from . import words as lexicon
from .adjectives import chunked
from .closed import SHORT_ADVERBS, Clitic, common_noun, participle_features, pronoun, verb_features
from .inflection import auxiliary, conjugate, participle
from .nominals import Nominal
from .phrases import Phrases

__all__ = ["MODALS", "Agreement", "Manner", "VerbGroups", "agreement_of"]

FINITE = "S[dcl]\\NP"
CATEGORY = {"inf": "S[b]\\NP", "ger": "S[ng]\\NP", "imper": "S[imp]\\NP"}
MODALS = {"can": "pouvoir", "may": "pouvoir", "must": "devoir", "should": "devoir"}
# verbs whose past is told in the imperfect
STATIVE = frozenset("être avoir savoir connaître croire vouloir aimer détester devoir pouvoir penser espérer dépendre appartenir sembler paraître préférer posséder craindre douter adorer".split())

_DATIVE_SE = frozenset(("rappeler", "demander"))


@dataclass(frozen=True)
class Agreement:
    """What the subject tells the verb: person and number of the verb, gender and number of participles and adjectives."""

    person: int = 3
    verb_number: str = "Sing"
    gender: str = "Masc"
    number: str = "Sing"
    cls: str = "thing"
    human: bool = False

    @property
    def index(self) -> int:
        return self.person - 1 + 3 * (self.verb_number == "Plur")


def agreement_of(out: Nominal) -> Agreement:
    gender, number = out.agreement
    if out.other is None:
        return Agreement(out.person, out.word_number, gender, number, out.cls, out.human)
    person = min(out.person, out.other[1].person)
    return Agreement(person, number, gender, number, out.cls, out.human)


@dataclass(frozen=True)
class Manner:
    """How a verb phrase is to be made: `form` a tense of `conjugate`, "inf", "ger" or "imper"; compound: with an auxiliary.

    antecedent  gender and number of the object that went before (relative clause, question), for the participle
    inverted    the subject that stands after the verb (category S[q]), or None; echo: it takes up a noun before the verb
    """

    form: str
    compound: bool = False
    antecedent: tuple[str, str] | None = None
    inverted: Nominal | None = None
    echo: bool = False


class VerbGroups(Phrases):
    """Verbs with what stands close to them, on top of noun and prepositional phrases."""

    # --- tense ---

    def manner(self, c: Clause, verb: lexicon.Verb, context="") -> Manner:
        """The French tense of a clause.

        context: "" a clause on its own; "past": what was said or thought; "sub": a subjunctive is wanted, "sub.past" after
        a past; "when": the linked clause of a future; "after": it is over before the main clause; "if": a condition
        """
        if context.startswith("sub"):
            past = c.perfect or (c.tense in ("past", "imp") and context == "sub" and verb.lemma not in STATIVE)
            return Manner("sub", past)
        if c.modal == "would":
            return Manner("cnd", c.perfect)
        if c.modal == "should":
            return Manner("cnd")
        if c.modal in MODALS:
            return Manner({"past": "imp", "imp": "imp", "fut": "fut"}.get(c.tense, "pres"))
        if c.tense == "fut":
            return Manner("cnd" if context == "past" else "fut", c.perfect)
        if c.tense == "imp":
            return Manner("imp", c.perfect)
        if c.tense == "past":
            if c.perfect or (context == "after" and verb.lemma not in STATIVE):
                return Manner("imp", True)
            if c.progressive or verb.lemma in STATIVE or context == "if" or c.mood == "Sub":
                return Manner("imp")
            if context == "past":
                return Manner("imp", True)
            return Manner("ps") if self.literary else Manner("pres", True)
        if context == "when":
            return Manner("fut", c.perfect)
        if context == "after.fut":
            return Manner("fut", verb.lemma not in STATIVE)
        if c.perfect and not c.progressive and not (c.time is not None and c.time.kind == "span"):
            return Manner("pres", True)
        return Manner("pres")

    # --- leaves ---

    def finite_leaf(self, lemma: str, form: str, agreement: Agreement, *, upos="VERB") -> Leaf:
        if form == "imper":
            word = conjugate(lemma, "imper")[{1: 0, 4: 2, 3: 1}[agreement.index]]
        else:
            word = conjugate(lemma, form)[agreement.index]
        xpos, values, sem = verb_features(form, agreement.person, agreement.verb_number, auxiliary=upos == "AUX")
        return Leaf(word, lemma, upos, xpos, values, sem, "VP")

    def verb_leaf(self, lemma: str, form: str, agreement: Agreement, *, upos="VERB") -> Leaf:
        """A finite form, an infinitive or a present participle."""
        if form == "inf":
            return Leaf(lemma, lemma, upos, "VINF", "VerbForm=Inf", "NIL" if upos == "AUX" else "EXS", "VP")
        if form == "ger":
            return Leaf(participle(lemma, "pres"), lemma, upos, "VPR", "Tense=Pres|VerbForm=Part", "PRG" if upos == "AUX" else "EXG", "VP")
        return self.finite_leaf(lemma, form, agreement, upos=upos)

    def participle_leaf(self, lemma: str, gender="Masc", number="Sing", *, passive=False, upos="VERB") -> Leaf:
        word = participle(lemma, "past", gender, number)
        return Leaf(word, lemma, upos, f"VPP{gender[0]}{number[0]}", participle_features(gender, number, passive=passive), "PFT" if upos == "AUX" else "EXS" if passive else "EXT", "VP")

    # --- putting together ---

    def has_negative(self, c: Clause) -> bool:
        """Whether a word with aucun asks for ne."""
        things = [c.object, c.recipient, c.subject, c.oblique.thing if c.oblique else None, c.predicate if isinstance(c.predicate, Thing) else None, *(e.thing for e in c.extras)]
        while things:
            thing = things.pop()
            if thing is not None:
                if thing.determiner == "no":
                    return True
                if thing.beside is not None:
                    things.append(thing.beside[1])
        return False

    def assembled(self, c: Clause, verb: lexicon.Verb, agreement: Agreement, how: Manner, arguments, clitics, traces, *, passive=False, predicate=None, negative=None):
        """Put a verb phrase together around its verb (see the module's functions for the parts).

        arguments: (category, relation, node) after the verb; traces: (category, relation) of what was extracted
        """
        form = how.form
        category = CATEGORY.get(form, FINITE) if how.inverted is None else "S[q]\\NP" if how.echo else "S[q]"
        negation = self.negation(c, negative)
        pas = negation if negation not in ("", "ne") else ""
        adverb = lexicon.adverb("frequency", c.frequency) if c.frequency and c.frequency != "never" else ""
        manner = lexicon.adverb("manner", c.manner) if c.manner else ""
        if passive and how.compound and adverb in SHORT_ADVERBS:  # il a toujours été vu
            outer, adverb = [adverb], ""
        else:
            outer = []
        short, late = [a for a in (adverb, manner) if a in SHORT_ADVERBS], [a for a in (adverb, manner) if a and a not in SHORT_ADVERBS]
        pronominal = verb.pronominal and not passive
        own = verb.body and not passive and self._own_body(c)
        if pronominal or own:
            se = pronoun(agreement.person, agreement.verb_number, agreement.gender, "reflexive")
            clitics = [*clitics, Clitic(se, "", "expl:comp" if pronominal else "iobj", 1)]
        if form == "imper" and not negation:
            arguments, clitics = self.after_command(arguments, clitics), []
        clitics = sorted(clitics, key=lambda k: k.rank)
        behind = pas if form != "inf" else ""  # ne pas manger
        if verb.frame == "be":
            node = self.copular(agreement, how, predicate, behind, short)
            node = self.circumstances(node, c, agreement)
        else:
            node = self.head(verb, agreement, how, passive, clitics)
            plain = not how.compound and not passive
            if plain:
                node = self.after_verb(node, behind, short, how)
            node = self.with_arguments(node, verb, arguments, clitics, traces, late, how, predicate)
            if not plain:
                for word in reversed(short):
                    node = modify(node, self.adverb_leaf(word), "advmod", before=True)
                if behind and not (passive and how.compound):
                    node = modify(node, self.negative_leaf(behind), "advmod", before=True)
            node = self.circumstances(node, c, agreement)
            if passive and how.compound:
                been = self.participle_leaf("être", upos="AUX")
                node = complement(been, node, "S[pss]\\NP", "aux:pass", functor_heads=False)
                for word in outer:
                    node = modify(node, self.adverb_leaf(word), "advmod", before=True)
                if behind:
                    node = modify(node, self.negative_leaf(behind), "advmod", before=True)
            node = self.with_auxiliaries(node, self.perfect_with(verb, pronominal or own), agreement, how, passive)
        return self.with_clitics(node, clitics, negation, pas, form, category)

    def negation(self, c: Clause, negative: bool | None) -> str:
        """"", "ne" alone (aucun says no already), "pas" or "jamais"."""
        if c.frequency == "never":
            return "jamais"
        if self.has_negative(c) if negative is None else negative:
            return "ne"
        return "pas" if c.negated else ""

    @staticmethod
    def negative_leaf(word: str, fixed="") -> Leaf:
        return Leaf(word, word, "ADV", "ADV", "Polarity=Neg", "NOT", "VP", fixed)

    def _own_body(self, c: Clause) -> bool:
        """il se lave les mains: the owner of the part of the body is the subject."""
        thing, subject = c.object, c.subject
        return thing is not None and thing.cls == "body" and thing.owner is not None and thing.owner.kind == "pronoun" and subject is not None and self._same(thing.owner, subject)

    @staticmethod
    def _same(pronoun: Thing, subject: Thing) -> bool:
        if subject.kind == "pronoun":
            return (pronoun.person, pronoun.number, pronoun.gender) == (subject.person, subject.number, subject.gender)
        if subject.beside is not None or pronoun.person != 3 or pronoun.number != subject.number:
            return False
        return subject.kind == "person" and pronoun.gender == subject.gender

    # --- the parts ---

    def head(self, verb: lexicon.Verb, agreement: Agreement, how: Manner, passive: bool, clitics) -> Leaf:
        """The verb itself: finite, infinitive, gerund, or a participle that agrees."""
        if passive:
            return self.participle_leaf(verb.lemma, agreement.gender, agreement.number, passive=True)
        if not how.compound:
            return self.verb_leaf(verb.lemma, how.form, agreement)
        reflexive = [k for k in clitics if k.leaf.xpos == "CLR"]
        if self.perfect_with(verb, bool(reflexive)) == "être":
            # elle s'est rendu compte, elle s'est demandé, elle s'est lavé les mains
            if verb.tail or (verb.pronominal and verb.lemma in _DATIVE_SE) or any(k.relation == "iobj" for k in reflexive):
                return self.participle_leaf(verb.lemma)
            return self.participle_leaf(verb.lemma, agreement.gender, agreement.number)
        gender, number = how.antecedent or ("Masc", "Sing")
        return self.participle_leaf(verb.lemma, gender, number)

    @staticmethod
    def perfect_with(verb: lexicon.Verb, reflexive: bool) -> str:
        return auxiliary(verb.lemma, pronominal=reflexive, transitive=verb.frame in ("trans", "tpart", "put") and verb.direct)

    def after_verb(self, node, pas: str, short: list[str], how: Manner):
        """What stands right after a simple form: the subject of a question, pas, short adverbs."""
        fixed = "" if how.inverted is not None and not how.echo else "(S\\NP)\\(S\\NP)"
        if how.inverted is not None:
            node = self.inverted_subject(node, how)
        if pas:
            node = modify(node, self.negative_leaf(pas, fixed), "advmod")
        for word in short:
            leaf = self.adverb_leaf(word)
            leaf.fixed = fixed
            node = modify(node, leaf, "advmod")
        return node

    def inverted_subject(self, node, how: Manner, up=""):
        """mange-t-il: the subject after the verb (or the auxiliary: `up` leads on to the verb)."""
        last = node.word
        leaf = self.pronoun_leaf(how.inverted, "subject")
        link = "-t-" if how.inverted.person == 3 and last[-1] in "aec" else "-"
        leaf.word = link + leaf.word
        if how.echo:
            leaf.fixed = "(S\\NP)\\(S\\NP)"
            return modify(node, leaf, "expl:subj" + up)
        return complement(node, chunked(leaf, "NP"), "NP", "nsubj" + up)

    def with_arguments(self, node, verb: lexicon.Verb, arguments, clitics, traces, late: list[str], how: Manner, predicate):
        if verb.tail:
            node = complement(node, self.tail(verb.tail), "NP" if verb.tail not in ("parler", "dire") else "S[b]\\NP", "obj" if verb.tail not in ("parler", "dire") else "xcomp")
        if predicate is not None:
            node = complement(node, predicate[1], predicate[0], "xcomp")
        # adverbs of manner stand after the object, or right after the verb, but before the rest
        place = 0 if self.chance(0.3) else sum(category in ("NP", "") for category, _, _ in arguments)
        for i, (category, relation, argument) in enumerate(arguments):
            if i == place:
                node = self.with_adverbs(node, late, how)
            node = complement(node, argument, category, relation) if category else modify(node, argument, relation)
        if place >= len(arguments):
            node = self.with_adverbs(node, late, how)
        gaps = [*traces, *((k.category, k.relation) for k in clitics if k.category)]
        for category, relation in gaps:
            node = complement(node, Trace(), category, relation)
        return node

    def with_adverbs(self, node, words: list[str], how: Manner):
        for word in words:
            leaf = self.adverb_leaf(word)
            leaf.fixed = "(S\\NP)\\(S\\NP)" if how.inverted is None or how.echo else ""
            node = modify(node, leaf, "advmod")
        return node

    def tail(self, word: str):
        """besoin in avoir besoin, parler in entendre parler."""
        if word in ("parler", "dire"):
            return Leaf(word, word, "VERB", "VINF", "VerbForm=Inf", "EXS", "VP")
        gender = "Masc" if word in ("besoin", "compte") else "Fem"
        return chunked(convert(common_noun(word, word, gender, "Sing"), "N"), "NP")

    def with_auxiliaries(self, node, perfect: str, agreement: Agreement, how: Manner, passive: bool):
        form, compound = how.form, how.compound
        if passive and not compound:
            return self.auxiliary(node, "être", form, agreement, "S[pss]\\NP", "aux:pass", how)
        if compound:
            return self.auxiliary(node, "avoir" if passive else perfect, form, agreement, "S[pt]\\NP", "aux:tense", how)
        return node

    def auxiliary(self, node, lemma: str, form: str, agreement: Agreement, category: str, relation: str, how: Manner):
        functor = self.verb_leaf(lemma, form, agreement, upos="AUX")
        if how.inverted is not None:
            functor = self.inverted_subject(functor, how, "^")
        return complement(functor, node, category, relation, functor_heads=False)

    def copular(self, agreement: Agreement, how: Manner, predicate, pas: str, short: list[str]):
        """être and its predicate, which is the dependency head."""
        category, node = predicate
        for word in reversed(short):
            node = modify(node, self.adverb_leaf(word), "advmod", before=True)
        if how.compound:
            been = self.participle_leaf("être", upos="AUX")
            node = complement(been, node, category, "cop", functor_heads=False)
            if pas:
                node = modify(node, self.negative_leaf(pas), "advmod", before=True)
            return self.auxiliary(node, "avoir", how.form, agreement, "S[pt]\\NP", "aux:tense", how)
        if pas:
            node = modify(node, self.negative_leaf(pas), "advmod", before=True)
        return self.auxiliary(node, "être", how.form, agreement, category, "cop", how)

    def with_clitics(self, node, clitics, negation: str, pas: str, form: str, category: str):
        """Clitics before the verb, ne before them; ne pas together before an infinitive."""
        for k in reversed(clitics):
            if k.category:
                node = complement(k.leaf, convert(node, category), f"({category})/{k.category}" if "\\" in category else f"{category}/{k.category}", k.relation, functor_heads=False)
            else:
                node = modify(node, k.leaf, k.relation, before=True)
        if negation:
            if pas and form == "inf":
                node = modify(node, self.negative_leaf(pas), "advmod", before=True)
            ne = Leaf("ne", "ne", "ADV", "ADV", "Polarity=Neg", "NOT", "VP")
            node = modify(node, ne, "advmod", before=True)
        return node

    def after_command(self, arguments, clitics):
        """donne-le-moi: the clitics of a command follow the verb, the object first."""
        order = {2: 0, 3: 1, 1: 1, 4: 2, 5: 3}
        first = []
        for k in sorted(clitics, key=lambda k: 0 if not k.category else 1 if k.relation == "obj" else 1 + order[k.rank]):
            leaf = k.leaf
            leaf.word = "-" + {"me": "moi", "te": "toi"}.get(leaf.word, leaf.word)
            if k.category:
                first.append((k.category, k.relation, leaf))
            else:
                leaf.fixed = "(S\\NP)\\(S\\NP)"
                first.append(("", k.relation, leaf))
        return [*first, *arguments]

    def circumstances(self, node, c: Clause, agreement: Agreement):
        raise NotImplementedError
