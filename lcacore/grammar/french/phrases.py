"""French prepositional phrases, with au and du; adverbs; when and where."""

from __future__ import annotations

from ..engine import Leaf, complement, convert, coordinate, modify, punctuate
from ..meaning import Relation, Thing, Time
from . import words as lexicon
from .adjectives import chunked
from .closed import ADVERB_SEM, PREPOSITIONS, article, common_noun, contracted, determiner, preposition
from .inflection import elides, plural
from .nominals import Nominal, Nominals, comma, first_word

__all__ = ["Phrases"]


class Phrases(Nominals):
    """Prepositional phrases and circumstances on top of noun phrases."""

    def pp(self, mark: str, out: Nominal, *, bare=False):
        """Category PP; each conjunct has a preposition of its own."""
        first = self._pp(mark, out, bare)
        if out.other is None:
            return first
        conjunction, other = out.other
        return coordinate(first, self.conjunction(conjunction), self._pp(mark, other, bare))

    def _pp(self, mark: str, out: Nominal, bare: bool):
        head, _, last = mark.rpartition(" ")
        if head:  # près de, jusqu'à, à travers: the last word governs the noun
            return modify(self._pp(last, out, bare), preposition({"jusqu'": "jusque"}.get(head, head)), "case", before=True)
        if mark == "jusqu'à":
            return modify(self._pp("à", out, bare), preposition("jusque"), "case", before=True)
        if out.kind == "def" and out.before is None and mark in ("de", "à") and not out.pronoun and out.whole is None:
            word = "les" if out.number == "Plur" else "le" if out.gender == "Masc" else "la"
            if word == "les" or (word == "le" and not elides(first_word(out.nbar))):
                leaf = Leaf(*contracted(mark, out.gender, out.number))
                return complement(leaf, chunked(out.nbar, "NP"), "N", "case", functor_heads=False)
        empty = ((out.kind in ("part", "ind") and out.number == "Plur") or out.kind == "part") and mark == "de"
        if out.nbar is not None and (empty or bare):
            node = chunked(convert(out.nbar, "N"), "NP")
        else:
            node = self._np(out, False, "tonic")
        return complement(preposition(mark), node, "NP", "case", functor_heads=False)

    def relation(self, relation: Relation, *, noun=False):
        """A preposition with what it governs; `noun`: after a noun."""
        thing = relation.thing
        out = self.nominal(thing)
        mark, bare = self.mark(relation.concept, thing, out, noun)
        return self.pp(mark, out, bare=bare)

    def mark(self, concept: str, thing: Thing, out: Nominal, noun=False) -> tuple[str, bool]:
        """(preposition, whether the article goes) for a relation to a thing."""
        if concept not in PREPOSITIONS:
            raise ValueError(f"the French lexicon lacks the preposition {concept!r}; it has {', '.join(PREPOSITIONS)}")
        cls = thing.cls
        base = cls.split(".")[0]
        plain = PREPOSITIONS[concept]
        if cls == "city":
            return {"in": "à", "to": "à", "into": "à", "at": "à"}.get(concept, plain), False
        if cls in ("country", "geo") and out.nbar is not None:
            feminine = out.gender == "Fem" or elides(first_word(out.nbar))
            if concept in ("in", "to", "into", "at"):
                return ("en", True) if (feminine and cls == "country") or thing.concept in ("Europe", "Africa", "Asia") else ("à", False)
            return plain, concept == "from" and feminine
        if cls == "country" and concept in ("in", "to", "into"):
            return "à", False
        if base == "place" and thing.kind == "noun" and concept in ("in", "at", "on", "to"):
            own = lexicon.noun(cls, thing.concept).place or {"in": "dans", "at": "à", "on": "sur"}[cls.partition(".")[2] or "in"]
            if own in ("à", "en") and thing.determiner not in ("the", "owner"):
                return "dans", False
            if own == "en":
                return ("en", True) if thing.determiner == "the" and not thing.qualities and thing.relative is None and thing.modifier is None else ("dans", False)
            return own, False
        if concept == "in" and base == "clothes":
            return "avec", False
        if concept in ("with", "without") and base == "feeling" and out.kind in ("part", "ind") and not thing.qualities:
            return plain, True
        if concept == "without" and out.kind in ("part", "ind") and not thing.qualities:
            return plain, True
        if concept == "by" and noun:
            return "de", False
        if concept == "at":
            return "à", False
        return plain, False

    # --- time and place ---

    def adverb(self, cls: str, concept: str):
        """(node, relation) of an adverb, which may be more than a word in French."""
        spec = lexicon.adverb(cls, concept)
        if spec.startswith("@"):  # à l'étage
            mark, noun = spec[1:].split("_")
            gender = "Fem" if noun == "maison" else "Masc"
            leaf = common_noun(noun, noun, gender, "Sing")
            np = complement(article(gender, "Sing"), leaf, "N", "det", functor_heads=False)
            return complement(preposition(mark), chunked(np, "NP"), "NP", "case", functor_heads=False), "obl:mod"
        if "_" in spec:
            first, second = spec.split("_")
            if first == "plus":
                more = Leaf("plus", "plus", "ADV", "ADV", "Degree=Cmp", "MOR", "ADVP")
                return modify(self.adverb_leaf(second), more, "advmod", before=True), "advmod"
            leaf = common_noun(second, second, "Fem", "Plur") if first == "deux" else common_noun(second, second, "Masc", "Sing", "FUT")
            mark = Leaf("deux", "deux", "NUM", "NUM", "NumType=Card", "QUC") if first == "deux" else determiner("this", "Masc", "Sing")
            mark.fixed = ""
            return chunked(modify(leaf, mark, "nummod" if first == "deux" else "det", before=True), "NP"), "obl:mod"
        return self.adverb_leaf(spec), "advmod"

    def adverb_leaf(self, word: str) -> Leaf:
        return Leaf(word, word, "ADV", "ADV", "Polarity=Neg" if word == "jamais" else "", ADVERB_SEM.get(word, "IST"), "ADVP")

    def time(self, time: Time, depuis=False):
        """(node, relation): hier, lundi, en mai, en 1987, le matin, pendant trois jours, la semaine dernière, chaque jour."""
        kind, concept = time.kind, time.concept
        if kind == "adverb":
            return self.adverb("time", concept)
        if kind in ("month", "year"):
            if kind == "year":
                leaf = Leaf(concept, concept, "NUM", "NUM", "NumType=Card", "YOC")
            else:
                leaf = self.month_leaf(lexicon.name("month", concept), "MOY")
            return complement(preposition("en"), chunked(convert(leaf, "N"), "NP"), "NP", "case", functor_heads=False), "obl:mod"
        if kind == "span":
            noun = lexicon.noun("unit", concept)
            number = lexicon.name("number", time.count)
            node = modify(self.noun_leaf(noun, noun.gender, "Plur", "unit"), Leaf(number, number, "NUM", "NUM", "NumType=Card", "QUC"), "nummod", before=True)
            return complement(preposition("depuis" if depuis else "pendant"), chunked(convert(node, "N"), "NP"), "NP", "case", functor_heads=False), "obl:mod"
        return self.bare_time(kind, concept), "obl:mod"

    def month_leaf(self, word: str, sem: str) -> Leaf:
        return common_noun(word, word, "Masc", "Sing", sem)

    def bare_time(self, kind: str, concept: str):
        """A noun phrase that says when."""
        weekday = concept in lexicon.names()["weekday"]
        if weekday:
            leaf, gender = self.month_leaf(lexicon.name("weekday", concept), "DOW"), "Masc"
        else:
            cls = "unit" if ("unit", concept) in lexicon.nouns() else "timeofday" if ("timeofday", concept) in lexicon.nouns() else "season"
            noun = lexicon.noun(cls, concept)
            leaf, gender = self.noun_leaf(noun, noun.gender, "Sing", "unit"), noun.gender
        if kind == "weekday":
            return chunked(convert(leaf), "NP")
        node = leaf
        if concept == "year" and not (kind == "every" and self.chance(0.5)):
            leaf = node = common_noun("année", "année", "Fem", "Sing", "UOM")  # l'année dernière, chaque année, but tous les ans
            gender = "Fem"
        if kind in ("last", "next"):
            word = "dernier" if kind == "last" else "prochain"
            node = modify(leaf, self.adjective_leaf(word, None, gender, "Sing", "PST" if kind == "last" else "FUT"), "amod")
            if weekday:
                return chunked(node, "NP")
        if kind == "every" and (weekday or leaf.word == "an" or (leaf.word != "année" and self.chance(0.5))):  # tous les lundis, tous les ans
            leaf = node = common_noun(plural(leaf.word), leaf.lemma, gender, "Plur", leaf.sem)
            the, every = article(gender, "Plur"), determiner("all", gender, "Plur")
            the.fixed = every.fixed = ""
            return chunked(modify(modify(node, the, "det", before=True), every, "det", before=True), "NP")
        mark = determiner("every" if kind == "every" else "the", gender, "Sing")
        mark.fixed = ""
        return chunked(modify(node, mark, "det", before=True), "NP")

    def fronted(self, node):
        return punctuate(node, comma())
