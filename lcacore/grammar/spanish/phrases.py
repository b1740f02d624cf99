"""Spanish noun phrases: determiners, the noun with its adjectives, what follows it; pronouns."""

from __future__ import annotations

from ..engine import Leaf, coordinate, modify
from ..meaning import Quality, Relation, Thing
from . import words as lexicon
from .base import Agreement, Phrase, Speaker, chunked, conjunction, features
from .closed import BY_CLASS, COLOURS, DEGREE_FORMS, DEGREES, DETERMINERS, NUMBERS, OTHERS, POSSESSIVES, PREPOSITIONS, SHORTENED, SPEAKERS
from .inflection import feminine, participle, plural, starts_with_stressed_a

_ABSTRACT = ("idea", "news", "feeling", "job", "ng")


class Phrases(Speaker):
    """Noun phrases."""

    # --- nouns ---

    def noun_phrase(self, thing: Thing, preposition: str = "", role: str = "object") -> Phrase:
        """A thing as a noun phrase or, with a preposition, as a prepositional phrase.

        role: subject, object, predicate, other: what a phrase without determiner needs depends on it.
        """
        if thing.beside is None:
            return self.single(thing, preposition, role)
        word, other = thing.beside
        first, second = self.single(thing, preposition if preposition != "entre" else "", role), self.single(other, preposition if preposition != "entre" else "", role)
        a, b = first.agreement, second.agreement
        node = coordinate(first.node, conjunction(word, "GRP" if word == "and" else ""), second.node)
        if preposition == "entre":
            node = self.governed("entre", node)
        gender = "Fem" if a.gender == b.gender == "Fem" else "Masc"
        number = "Plur" if word == "and" or "Plur" in (a.number, b.number) else "Sing"
        return Phrase(node, Agreement(number, 3, gender, a.cls), first.negative or second.negative)

    def single(self, thing: Thing, preposition: str, role: str) -> Phrase:
        if thing.kind == "pronoun":
            return self.pronoun(thing, preposition)
        if thing.kind == "noun":
            return self.noun(thing, preposition, role)
        if thing.kind == "person":
            node, article = self.person(thing), DETERMINERS["the"] if thing.title else None
            return Phrase(self.framed(node, [self.determiner_leaf(article, thing.gender or "Masc", "Sing")] if article else [], preposition, []), self.agreement_of(thing))
        name = lexicon.name(thing.cls, thing.concept)
        sem = {"city": "GPE", "country": "GPE", "company": "ORG"}.get(thing.cls, "GEO")
        gender = "Fem" if thing.cls == "company" or name.endswith("a") else "Masc"
        return Phrase(self.framed(self.proper(name, sem), [], preposition, []), Agreement("Sing", 3, gender, "org" if thing.cls == "company" else "place"))

    def proper(self, word: str, sem: str) -> Leaf:
        return Leaf(word, word, "PROPN", "NP", "", sem)

    def person(self, thing: Thing):
        """Category N: María, María Moreno, (la) señora Moreno."""
        if thing.title:
            base, gender = lexicon.name("title", thing.title), thing.gender or "Masc"
            word = base if base.endswith("a") or gender == "Masc" else feminine(base, noun=True)
            title = Leaf(word, base, "NOUN", "NCFS" if gender == "Fem" else "NCMS", features(f"Gender={gender} Number=Sing"), "ROL")
            return modify(title, self.proper(lexicon.name("surname", thing.last), "PER"), "flat")
        first = self.proper(lexicon.name("female" if thing.gender == "Fem" else "male", thing.first), "PER")
        return modify(first, self.proper(lexicon.name("surname", thing.last), "PER"), "flat") if thing.last else first

    def noun_entry(self, thing: Thing) -> lexicon.Noun:
        return self.pick(lexicon.lookup(lexicon.nouns(), (thing.concept, thing.cls), "noun"))

    def noun(self, thing: Thing, preposition: str, role: str, entry: lexicon.Noun | None = None) -> Phrase:
        entry = entry or self.noun_entry(thing)
        gender = entry.gender or thing.gender or "Masc"
        number = entry.only or ("Sing" if thing.determiner == "no" else thing.number)
        agreement = Agreement(number, 3, gender, thing.cls)
        self.mentioned[thing.cls] = gender
        leaf = Leaf(entry.form(gender, number), entry.lemma, "NOUN", f"NC{gender[0]}{number[0]}", features(f"Gender={gender} Number={number}"), "ROL" if thing.cls == "role" else "UOM" if thing.cls == "unit" else "CON")
        behind = []  # what stands after the noun, beyond its adjectives
        determiners, partitive = self.determiners(thing, agreement, role, bool(preposition))
        if partitive:  # algo de agua
            some = Leaf("algo", "algo", "PRON", "PI", features("Gender=Masc Number=Sing PronType=Ind"), "DIS")
            inner = self.framed(self.nbar(leaf, thing, agreement), [], "de", self.following(thing, agreement))
            return Phrase(self.framed(some, [], preposition, [(inner, "nmod")]), Agreement("Sing", 3, "Masc", thing.cls))
        if thing.determiner == "owner" and thing.owner is not None and thing.owner.kind != "pronoun":
            behind.append((self.noun_phrase(thing.owner, "de", "other").node, "nmod"))
        nbar = self.nbar(leaf, thing, agreement)
        if determiners and entry.gender and starts_with_stressed_a(leaf.word) and number == "Sing" and gender == "Fem" and _first(nbar) is leaf:
            short = {"la": "el", "una": "un", "alguna": "algún", "ninguna": "ningún"}
            determiners[-1].word = short.get(determiners[-1].word, determiners[-1].word)
        negative = thing.determiner == "no"
        return Phrase(self.framed(nbar, determiners, preposition, behind + self.following(thing, agreement)), agreement, negative)

    # --- determiners ---

    def determiners(self, thing: Thing, agreement: Agreement, role: str, governed: bool) -> tuple[list[Leaf], bool]:
        """The determiners of a noun phrase, and whether it is said as a part (algo de agua)."""
        word, number, mass = thing.determiner, agreement.number, not self.counts(thing)
        words: list = [word]
        base = thing.cls.split(".")[0]
        if word == "owner":
            owner = thing.owner
            if owner is None or owner.kind != "pronoun":
                words = ["the"]
            else:
                polite = owner.person == 3 or (owner.person == 2 and self.polite)
                words = [POSSESSIVES[3 if polite else (owner.person, owner.number)]]
        elif word == "":
            # what is spoken of in general, and what a sentence starts with, takes the article
            bare = role != "subject" and not (number == "Sing" and (base in _ABSTRACT or base == "org") and base != "feeling")
            words = [] if bare or thing.count else ["the"]
        elif word == "a" and role == "predicate" and thing.cls == "role" and not thing.qualities and not thing.participle and thing.modifier is None and thing.relative is None:
            words = []  # es maestra
        elif word == "some" and number == "Sing":
            if mass and base in ("food", "drink", "substance", "money") and not thing.qualities:
                return [], True
        elif word == "some":
            words = ["some" if not self.chance(0.35) else "a"]
        elif word == "no" and mass and role == "object" and not governed:
            words = []
        elif word in ("many", "few", "several", "both") and number == "Sing":
            words = ["the"]
        elif word == "all":
            words = ["all", "the"]
        elif word == "that" and self.chance(0.35):
            words = ["yonder"]
        leaves = []
        for each in words:
            entry = lexicon.lookup(DETERMINERS, each, "determiner") if type(each) is str else each
            leaves.append(self.determiner_leaf(entry, agreement.gender, number))
        return leaves, False

    def counts(self, thing: Thing) -> bool:
        return thing.number == "Plur" or thing.determiner in ("a", "every", "another", "this", "that") or thing.cls.split(".")[0] not in ("food", "drink", "substance", "money", "feeling")

    # --- around the noun ---

    def nbar(self, leaf: Leaf, thing: Thing, agreement: Agreement):
        """Category N: the noun with its adjectives, most of them behind it, and its number before it."""
        node, before = leaf, []
        if thing.compound:
            first = lexicon.lookup(lexicon.any_class(), thing.compound, "noun")
            node = modify(node, self.framed(Leaf(first.lemma, first.lemma, "NOUN", f"NC{(first.gender or 'Masc')[0]}S", features(f"Gender={first.gender or 'Masc'} Number=Sing"), "CON"), [], "de", []), "nmod")
        if thing.origin:
            lemma = lexicon.name("nationality", thing.origin)
            node = modify(node, self.adjective_leaf(lemma, agreement, "GPO"), "amod")
        after = []
        for quality in thing.qualities:
            entry = self.adjective(quality)
            ahead = entry.before == "^" or (entry.before == "~" and (len(thing.qualities) > 1 or self.chance(0.35)))
            if ahead and not quality.intensifier and quality.degree == "Pos" and not before:
                before.append(entry)
            else:
                after.append(self.qualified(quality, entry, agreement))
        if len(after) == 2:
            node = modify(node, coordinate(after[0], conjunction("and"), after[1]), "amod")
        elif after:
            prepositional = thing.qualities and "_" in self.adjective(thing.qualities[0]).lemma
            node = modify(node, after[0], "nmod" if prepositional and len(after) == 1 else "amod")
        if thing.participle:
            word = lexicon.lookup(lexicon.participles(), tuple(thing.participle), "participle")
            if word.endswith("nte"):
                node = modify(node, self.adjective_leaf(word, agreement), "amod")
            elif thing.participle[1] == "past":
                node = modify(node, self.participle_leaf(word, agreement), "amod")
        for entry in before:
            short = self.adjective_leaf(entry.lemma, agreement)
            if agreement.number == "Sing":
                if entry.lemma == "grande":
                    short.word = "gran"
                elif agreement.gender == "Masc":
                    short.word = SHORTENED.get(entry.lemma, short.word)
            node = modify(node, short, "amod", before=True)
        if thing.count and agreement.number == "Plur":
            word = lexicon.lookup(NUMBERS, thing.count, "number")
            node = modify(node, Leaf(word, word, "NUM", "Z", features("NumType=Card Number=Plur"), "QUC"), "nummod", before=True)
        return node

    def following(self, thing: Thing, agreement: Agreement) -> list:
        """(phrase, relation) of what follows a noun: a participle that lasts, a prepositional phrase, a relative clause."""
        out = []
        if thing.participle and thing.participle[1] == "pres":
            verb = lexicon.lookup(lexicon.participles(), tuple(thing.participle), "participle")
            if not verb.endswith("nte"):
                out.append((self.lasting(verb, agreement), "acl:relcl"))
        if thing.modifier is not None:
            out.append((self.related(thing.modifier), "nmod"))
        if thing.relative is not None:
            out.append((self.relative(thing.relative, agreement), "acl:relcl"))
        return out

    def participle_leaf(self, verb: str, agreement: Agreement) -> Leaf:
        gender, number = agreement.gender, agreement.number
        return Leaf(participle(verb, gender, number), verb, "VERB", f"VMP{gender[0]}{number[0]}", features(f"Gender={gender} Number={number} Tense=Past VerbForm=Part"), "EXS")

    def lasting(self, verb: str, agreement: Agreement):
        raise NotImplementedError

    def relative(self, clause, agreement: Agreement):
        raise NotImplementedError

    # --- adjectives ---

    def adjective(self, quality: Quality) -> lexicon.Adjective:
        entries = lexicon.lookup(lexicon.adjectives(), quality.concept, "adjective")
        return entries[0]

    def adjective_leaf(self, lemma: str, agreement: Agreement, sem: str = "", degree: str = "Pos") -> Leaf:
        gender, number = agreement.gender, agreement.number
        word = feminine(lemma) if gender == "Fem" else lemma
        shown = f"Gender={gender}"
        tag = gender[0] if feminine(lemma) != lemma else "C"
        word = plural(word) if number == "Plur" else word
        sem = sem or ("COL" if lemma in COLOURS else "DEG" if lemma in DEGREES else "IST")
        return Leaf(word, lemma, "ADJ", f"AQ{tag}{number[0]}", features(shown, f"Number={number}", f"Degree={degree}" if degree != "Pos" else ""), sem)

    def qualified(self, quality: Quality, entry: lexicon.Adjective, agreement: Agreement):
        """An adjective with its adverb of degree, or compared; a phrase with de for what Spanish has no adjective for."""
        if "_" in entry.lemma:
            word = entry.lemma.split("_")[1]
            return self.framed(Leaf(word, word, "NOUN", "NCFS" if word.endswith("a") else "NCMS", features(f"Gender={'Fem' if word.endswith('a') else 'Masc'} Number=Sing"), "CON"), [], "de", [])
        if (entry.lemma, quality.degree) in DEGREE_FORMS:
            leaf = self.adjective_leaf(DEGREE_FORMS[entry.lemma, quality.degree], agreement, "MOR" if quality.degree == "Cmp" else "TOP", "Cmp")
            leaf.lemma = entry.lemma
            return leaf
        leaf = self.adjective_leaf(entry.lemma, agreement)
        if quality.degree != "Pos":
            return modify(leaf, Leaf("más", "más", "ADV", "RG", features("Degree=Cmp"), "MOR" if quality.degree == "Cmp" else "TOP"), "advmod", before=True)
        if quality.intensifier:
            word = lexicon.lookup(lexicon.adverbs(), quality.intensifier, "adverb")[0][0]
            return modify(leaf, Leaf(word, word, "ADV", "RG", "", "INT"), "advmod", before=True)
        return leaf

    def predicative(self, quality: Quality, agreement: Agreement):
        """Category S[adj]\\NP (or PP), a chunk of its own."""
        node = self.qualified(quality, self.adjective(quality), agreement)
        if type(node) is Leaf:
            node.chunk = "ADJP"
            return node
        return node if "_" in self.adjective(quality).lemma else chunked(node, "ADJP")

    # --- pronouns ---

    def pronoun(self, thing: Thing, preposition: str = "") -> Phrase:
        """A stressed pronoun: ella, con ella, conmigo."""
        agreement = self.agreement_of(thing)
        person, number, gender = agreement.person, agreement.number, agreement.gender
        if agreement.polite:
            word, lemma, extra = ("usted" if number == "Sing" else "ustedes"), "usted", "Person=2 Polite=Form"
        elif person < 3:
            subject, stressed, together, *_, lemma = SPEAKERS[person, number]
            word, extra = (stressed if preposition else subject), f"Person={person}"
            if number == "Plur" and gender == "Fem":
                word = word[:-2] + "as"
            if preposition == "con" and together:
                leaf = Leaf(together, lemma, "PRON", "PP", features(f"Case=Com Number={number} Person={person} PronType=Prs"), "PRO", "PP")
                return Phrase(leaf, agreement)
            if preposition in ("entre", "como") and number == "Sing":
                word = subject
        else:
            word, lemma, extra = OTHERS[gender, number][0], "él", f"Gender={gender} Person=3"
        case = "Case=Nom" if not preposition else "Case=Acc" if word in ("mí", "ti") else ""
        leaf = Leaf(word, lemma, "PRON", "PP", features(extra, f"Number={number} PronType=Prs", case), "PRO")
        return Phrase(self.framed(leaf, [], preposition, []), agreement)

    # --- prepositional phrases ---

    def preposition_for(self, concept: str, thing: Thing) -> str:
        return self.pick(BY_CLASS.get((concept, thing.cls)) or lexicon.lookup(PREPOSITIONS, concept, "preposition"))

    def related(self, relation: Relation):
        """A prepositional phrase (its `no` is no matter of the verb's)."""
        return self.noun_phrase(relation.thing, self.preposition_for(relation.concept, relation.thing), "other").node


def _first(node):
    """The first leaf of a phrase."""
    while type(node) is not Leaf:
        node = node.left
    return node


