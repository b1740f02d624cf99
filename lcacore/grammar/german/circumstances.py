"""German prepositional phrases, places and times."""

from __future__ import annotations

from ..engine import Leaf, complement, convert, modify
from ..meaning import Relation, Thing, Time
from . import words as lexicon
from .closed import ADVERB_SEM, CONTRACTED, PREPOSITIONS, WITH_ARTICLE
from .forms import adjective_ending
from .phrases import Phrases, chunked, features, preposition, thing_pronoun


class Circumstances(Phrases):
    """What stands around a verb or after a noun, on top of the nouns that it is made of."""

    # --- prepositional phrases ---

    def pp(self, word: str, case: str, thing: Thing, *, personal=False):
        """A prepositional phrase (its category is what it is used as); im, zum … are one word; so are damit, darauf (not `personal`)."""
        if thing_pronoun(thing) and not personal and word not in ("ohne", "wie", "als"):
            adverb = ("dar" if word[0] in "aeiouäöü" else "da") + word
            return Leaf(adverb, adverb, "ADV", "PROAV", "PronType=Dem", "PRO", "ADVP")
        if thing.beside is None and thing.kind in ("noun", "name"):
            if word == "ohne" and thing.determiner == "some":
                thing = Thing(**{**thing.__dict__, "determiner": ""})
            determiner, nbar, *_ = self.core(thing, case)
            if determiner is None:
                return self.governed(word, chunked(convert(nbar, "N"), "NP"))
            if determiner[0].__class__ is Leaf and (word, determiner[0].word) in CONTRACTED and determiner[0].xpos == "ART":
                return self.contracted(word, determiner[0], nbar)
            return self.governed(word, chunked(complement(determiner[0], nbar, "N", determiner[1], functor_heads=False), "NP"))
        return self.governed(word, self.np(thing, case).node)

    def governed(self, word: str, node):
        leaf = preposition(word)
        if word in ("wie", "als"):
            leaf.upos, leaf.xpos = "SCONJ", "KOKOM"
        return complement(leaf, node, "NP", "case", functor_heads=False)

    def contracted(self, word: str, article: Leaf, nbar):
        form = CONTRACTED[word, article.word]
        leaf = Leaf(form, word, "ADP", "APPRART", article.feats, "REL", "PP")
        return complement(leaf, chunked(convert(nbar), "NP"), "N", "case", functor_heads=False)

    def short(self, word: str, nbar, gender="Masc"):
        """am Montag, im Mai: a preposition contracted with its article."""
        article = Leaf("dem", "der", "DET", "ART", f"Case=Dat|Definite=Def|Gender={gender}|Number=Sing|PronType=Art")
        return self.contracted(word, article, nbar)

    def place(self, relation: Relation, whither=False):
        """Where or whither: im Haus, am Bahnhof, auf der Straße, in Berlin; ins Haus, zum Bahnhof, nach Berlin."""
        if whither and relation.concept in ("to", "into", "for") and thing_pronoun(relation.thing) and relation.thing.cls.startswith("place"):
            return Leaf("dorthin", "dorthin", "ADV", "ADV", "", "DST", "ADVP")
        word, case = self.place_preposition(relation, whither)
        return self.pp(word, case, relation.thing)

    def place_preposition(self, relation: Relation, whither=False) -> tuple[str, str]:
        thing, concept = relation.thing, relation.concept
        if thing.kind == "name":
            german = lexicon.name(thing.concept, thing.cls)
            if whither:
                return ("in", "Acc") if german in WITH_ARTICLE else ("nach", "Dat")
            return "in", "Dat"
        if thing.kind == "noun" and thing.cls.startswith("place"):
            noun = lexicon.noun(thing.concept, thing.cls)
            where, to = lexicon.place_prepositions(noun.lemma, thing.cls)
            return ((to, "Dat" if to == "zu" else "Acc") if whither else (where, "Dat"))
        word, case = PREPOSITIONS[concept]
        return word, "Acc" if whither and word in ("in", "auf", "unter", "an", "hinter") else case

    def whence(self, relation: Relation):
        thing = relation.thing
        if thing_pronoun(thing):
            return Leaf("dorther", "dorther", "ADV", "ADV", "", "DST", "ADVP")
        if thing.kind == "name" or (thing.kind == "noun" and self.place_preposition(relation)[0] == "in"):
            return self.pp("aus", "Dat", thing)
        return self.pp("von", "Dat", thing)

    def postmodifier(self, thing: Thing, relation: Relation):
        """What follows a noun: of the teacher, from Berlin, in the house."""
        concept, other = relation.concept, relation.thing
        if concept == "of":
            return self.genitive(other)
        if concept == "from" and other.kind == "name":
            return self.pp("aus", "Dat", other)
        if concept in ("in", "on", "at") and other.cls.split(".")[0] in ("place", "city", "country"):
            return self.place(relation)
        word, case = PREPOSITIONS[concept]
        return self.pp(word, case, other)

    def circumstance(self, relation: Relation):
        """with a spoon, without fear, after the war: a prepositional phrase around a verb."""
        if relation.concept in ("in", "on", "at"):
            return self.place(relation)
        if relation.concept not in PREPOSITIONS:
            raise lexicon.lacking("preposition", relation.concept)
        word, case = PREPOSITIONS[relation.concept]
        return self.pp(word, case, relation.thing)

    # --- times and adverbs ---

    def adverb(self, concept: str, manner=False) -> object:
        word = lexicon.adverb(concept)
        first, _, rest = word.partition("_")
        sem = ADVERB_SEM.get(concept, "IST")
        if first == "im":
            noun = Leaf(rest, rest, "NOUN", "NN", "Case=Dat|Gender=Neut|Number=Sing", "CON")
            return self.short("in", noun, "Neut")
        leaf = Leaf(first, first, "ADV", "ADJD" if manner else "ADV", "", sem, "ADVP")
        if rest:
            return complement(leaf, Leaf(rest, rest, "NOUN", "NN", "Case=Acc|Gender=Masc|Number=Sing", "TIM", "ADVP"), "N", "nmod")
        return leaf

    def time(self, time: Time):
        """(phrase, relation): gestern; am Montag, im Mai; letzte Woche, jeden Tag, drei Tage."""
        kind, concept = time.kind, time.concept
        if kind == "adverb":
            return self.adverb(concept), "advmod"
        if kind in ("weekday", "month"):
            word = lexicon.name(concept, kind)
            noun = Leaf(word, word, "NOUN", "NN", "Case=Dat|Gender=Masc|Number=Sing", "DOW" if kind == "weekday" else "MOY")
            return self.short("an" if kind == "weekday" else "in", noun), "obl"
        if kind == "year":
            year = Leaf(concept, concept, "NUM", "CARD", "NumType=Card", "YOC")
            if self.either(0.5):
                return chunked(convert(year), "NP"), "obl"
            noun = Leaf("Jahr", "Jahr", "NOUN", "NN", "Case=Dat|Gender=Neut|Number=Sing", "UOM")
            return self.short("in", modify(noun, year, "nummod"), "Neut"), "obl"
        if kind == "part":
            noun = Thing("noun", concept, "timeofday", determiner="the")
            return self.pp("in" if concept == "night" else "an", "Dat", noun), "obl"
        if kind == "span":
            unit = lexicon.noun(concept, "unit")
            number = lexicon.name(time.count, "number")
            leaf = self._noun_leaf(unit, "unit", "Plur", unit.gender, "Acc", "strong")
            return chunked(complement(Leaf(number, number, "NUM", "CARD", "NumType=Card", "QUC"), leaf, "N", "nummod", functor_heads=False), "NP"), "obl:tmod"
        return chunked(self._dated(kind, concept), "NP"), "obl:tmod"

    def _dated(self, kind: str, concept: str):
        """letzten Montag, nächste Woche, jedes Jahr."""
        if concept[0].isupper():
            word, gender = lexicon.name(concept, "weekday"), "Masc"
            noun = Leaf(word, word, "NOUN", "NN", "Case=Acc|Gender=Masc|Number=Sing", "DOW")
        else:
            entry = lexicon.noun(concept, "unit" if concept in ("year", "day", "week", "month", "hour", "minute") else "timeofday")
            gender = entry.gender
            noun = self._noun_leaf(entry, "unit", "Sing", gender, "Acc", "strong")
        feats = f"Gender={gender}|Number=Sing"
        if kind == "every":
            return complement(self.determiner("every", gender, feats, "Acc", fixed=""), noun, "N", "det", functor_heads=False)
        stem = {"last": "letzt", "next": "nächst"}[kind]
        leaf = Leaf(stem + adjective_ending("strong", gender, "Acc"), stem, "ADJ", "ADJA", features("Case=Acc|Degree=Pos", feats), "PST" if kind == "last" else "FUT")
        return complement(leaf, noun, "N", "amod", functor_heads=False)
