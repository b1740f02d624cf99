"""Messages in English: each says what it means, derives, is a tree; ways to say the same differ in words alone."""

from dataclasses import replace
from itertools import islice
from random import Random

import pytest

from lcacore.grammar import LAYERS, derives
from lcacore.grammar.english import realise
from lcacore.grammar.english import words as lexicon
from lcacore.grammar.meaning import Clause, Message, Quality, Relation, Thing, Time
from lcacore.grammar.messages import STYLES, messages

SHE, HE, THEY = Thing("pronoun", cls="role", gender="Fem"), Thing("pronoun", cls="role", gender="Masc"), Thing("pronoun", cls="role", number="Plur")
BREAD, BOOK = Thing("noun", "bread", "food", determiner="the"), Thing("noun", "book", "text", determiner="a")
BOOKS = replace(BOOK, number="Plur", determiner="this")
TEACHER = Thing("noun", "teacher", "role", determiner="the")
HOUSE = Thing("noun", "house", "place.in", determiner="the")


def sense(lemma: str, frame: str, objects: str = "") -> str:
    return next(v.sense for v in lexicon.verbs() if v.lemma == lemma and v.frame == frame and (not objects or objects in v.objects))


EAT, READ, SLEEP = sense("eat", "trans", "food"), sense("read", "trans"), sense("sleep", "intr")
GIVE, SAY, BE, WANT = sense("give", "ditr"), sense("say", "that"), sense("be", "be"), sense("want", "to")
ATE = Clause(EAT, SHE, BREAD)


def said(clause: Clause, kind="statement", random=None, **how) -> str:
    return " ".join(realise(Message(kind, clause, **how), random).words)


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({}, "She ate the bread ."), ({"tense": "pres"}, "She eats the bread ."), ({"tense": "fut"}, "She will eat the bread ."), ({"tense": "imp"}, "She was eating the bread ."),
        ({"tense": "imp", "time": Time("every", "day")}, "She used to eat the bread every day ."), ({"tense": "imp", "frequency": "often"}, "She often ate the bread ."),
        ({"perfect": True}, "She had eaten the bread ."), ({"tense": "pres", "perfect": True, "progressive": True}, "She has been eating the bread ."), ({"modal": "can"}, "She could eat the bread ."),
        ({"modal": "must"}, "She had to eat the bread ."), ({"modal": "must", "negated": True}, "She did not have to eat the bread ."), ({"modal": "would", "tense": "pres", "perfect": True}, "She would have eaten the bread ."),
        ({"modal": "may", "tense": "pres"}, "She may eat the bread ."), ({"negated": True}, "She did not eat the bread ."), ({"passive": True}, "The bread was eaten by her ."),
        ({"passive": True, "subject": None, "tense": "pres", "perfect": True}, "The bread has been eaten ."), ({"object": Thing("pronoun", cls="food")}, "She ate it ."),
        ({"subject": THEY, "manner": "slowly", "place": Relation("in", HOUSE), "time": Time("weekday", "Monday")}, "They ate the bread slowly in the house on Monday ."),
        ({"tense": "pres", "progressive": True, "time": Time("every", "day")}, "She eats the bread every day ."),
        ({"purpose": Clause(SLEEP, tense="pres")}, "She ate the bread to sleep ."), ({"extras": (Relation("with", Thing("noun", "spoon", "tool", determiner="a")),)}, "She ate the bread with a spoon ."),
    ],
)  # fmt: skip
def test_tense_aspect_mood_and_voice(changes, words):
    assert said(replace(ATE, **changes)) == words


def test_questions_commands_and_existence():
    assert said(ATE, "question") == "Did she eat the bread ?"
    assert said(replace(ATE, tense="fut"), "question") == "Will she eat the bread ?"
    assert said(replace(ATE, modal="must"), "question") == "Did she have to eat the bread ?"
    assert said(Clause(BE, SHE, predicate=Quality("old")), "question") == "Was she old ?"
    assert said(replace(ATE, object=None, gap="object"), "wh", question="what") == "What did she eat ?"
    assert said(replace(ATE, object=replace(BREAD, determiner="which"), gap="object"), "wh", question="which") == "Which bread did she eat ?"
    assert said(replace(ATE, subject=None, gap="subject"), "wh", question="who") == "Who ate the bread ?"
    assert said(ATE, "wh", question="why") == "Why did she eat the bread ?"
    assert said(replace(ATE, subject=None, tense="pres"), "command", opening="please") == "Please eat the bread ."
    assert said(replace(ATE, subject=None, tense="pres", negated=True), "command") == "Do not eat the bread ."
    there = Clause(BE, replace(BOOK, qualities=(Quality("old"),)), place=Relation("in", HOUSE))
    assert said(there, "existence") == "There was an old book in the house ." and said(replace(there, tense="fut"), "existence") == "There will be an old book in the house ."


def test_clauses_in_and_beside_clauses():
    assert said(Clause(SAY, TEACHER, complement=replace(ATE, perfect=True))) == "The teacher said that she had eaten the bread ."
    assert said(Clause(WANT, HE, complement=Clause(EAT, object=BREAD, tense="pres"))) == "He wanted to eat the bread ."
    ask = sense("know", "q")
    assert said(Clause(ask, HE, tense="pres", complement=replace(ATE, question="whether"))) == "He knows whether she ate the bread ."
    assert said(Clause(ask, HE, tense="pres", complement=replace(ATE, object=None, gap="object", question="what"))) == "He knows what she ate ."
    assert said(ATE, linked=("because", Clause(SLEEP, HE))) == "She ate the bread because he slept ."
    assert said(ATE, linked=("when", Clause(SLEEP, HE)), linked_first=True) == "When he slept , she ate the bread ."
    assert said(replace(ATE, modal="would", tense="pres"), linked=("if", Clause(BE, HE, predicate=Quality("old"), mood="Sub"))) == "She would eat the bread if he were old ."
    assert said(ATE, linked=("but", Clause(SLEEP, HE, negated=True))) == "She ate the bread , but he did not sleep ."
    assert said(ATE, second=Clause(SLEEP)) == "She ate the bread and slept ."
    assert said(replace(ATE, time=Time("last", "night")), time_first=True) == "Last night , she ate the bread ."


def test_things():
    def subject(thing):
        return said(Clause(SLEEP, thing))[: -len(" slept .")]

    assert subject(replace(TEACHER, relative=replace(ATE, subject=None, gap="subject"))) == "The teacher who ate the bread"
    assert subject(replace(BOOK, relative=Clause(READ, SHE, gap="object"))) == "A book that she read"
    assert subject(replace(BOOK, relative=Clause(READ, None, None, gap="object", passive=True))) == "A book that was read"
    assert subject(replace(HOUSE, relative=Clause(SLEEP, SHE, gap="place"))) == "The house where she slept"
    assert subject(BOOKS) == "These books" and subject(replace(BOOKS, determiner="", count="three")) == "Three books"
    assert subject(replace(BOOK, determiner="owner", owner=SHE, qualities=(Quality("famous", "Cmp"), Quality("long", "Pos", "very")))) == "Her more famous very long book"
    assert subject(replace(BOOK, determiner="owner", owner=replace(TEACHER, number="Plur"))) == "The teachers ' book"
    assert subject(replace(TEACHER, origin="French", compound="music", modifier=Relation("from", Thing("name", "Paris", "city")))) == "The French music teacher from Paris"
    assert subject(replace(BOOK, participle=("steal", "past"))) == "A stolen book"
    assert subject(Thing("person", cls="role", gender="Fem", last="Smith", title="Mrs.", beside=("and", HE))) == "Mrs. Smith and he"
    assert said(Clause(BE, replace(SHE, person=1, gender=""), tense="pres", predicate=replace(TEACHER, determiner="a"))) == "I am a teacher ."
    assert said(Clause(GIVE, SHE, object=BOOK, recipient=TEACHER)) == "She gave a book to the teacher ." and said(Clause(GIVE, SHE, object=BOOK, recipient=HE)) == "She gave him a book ."


def test_what_the_lexicon_lacks_is_named():
    with pytest.raises(ValueError, match="gnu"):
        said(replace(ATE, object=Thing("noun", "gnu", "animal", determiner="a")))
    with pytest.raises(ValueError, match="devour:trans"):
        said(replace(ATE, sense="devour:trans-human-food"))
    with pytest.raises(ValueError, match="shout"):
        said(ATE, "shout")


@pytest.mark.parametrize("style", sorted(STYLES))
@pytest.mark.parametrize("seed", [None, 1])
def test_drawn_messages_derive_and_are_trees(style, seed):
    random = Random(seed) if seed else None
    for message in islice(messages("english", style), 250):
        sentence = realise(message, random)
        assert derives(sentence.layer("ccg"), sentence.category), sentence
        assert {len(sentence.layer(name)) for name in LAYERS} == {len(sentence.words)}
        heads = [int(h) for h in sentence.layer("head")]
        for i in range(1, len(heads) + 1):
            seen, node = set(), i
            while node:
                assert node not in seen, sentence
                seen.add(node)
                node = heads[node - 1]
        assert heads.count(0) == 1 and sentence.layer("deprel")[heads.index(0)] == "root"


def test_ways_to_say_the_same_differ_and_the_neutral_way_is_one():
    message = Message("statement", Clause(SAY, SHE, complement=Clause(GIVE, HE, object=BOOK, recipient=THEY, negated=True)))
    assert {realise(message).words for _ in range(3)} == {("She", "said", "that", "he", "did", "not", "give", "them", "a", "book", ".")}
    ways = {" ".join(realise(message, Random(i)).words) for i in range(40)}
    assert {"She said he did n't give a book to them .", "She said that he did not give them a book ."} <= ways
