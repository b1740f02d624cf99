"""Messages: a pure function of seed and style, arguments as the lexicon selects them, tenses that agree, no clause too many."""

import os
import subprocess
import sys
from dataclasses import fields
from itertools import islice

import pytest

from lcacore.grammar.english import words as lexicon
from lcacore.grammar.meaning import Clause, Message, Quality, Relation, Thing
from lcacore.grammar.messages import STYLES, messages
from lcacore.grammar.messages_things import fits

FRAMES = {
    "intr": set(), "trans": {"object"}, "ditr": {"recipient", "object"}, "obl": {"oblique"}, "part": set(), "tpart": {"object"}, "put": {"object", "oblique"},
    "that": {"complement"}, "q": {"complement"}, "to": {"complement"}, "ng": {"complement"}, "objto": {"object", "complement"},
    "link": {"predicate"}, "be": {"predicate"}, "light": {"object"},
}
VERBS = {v.sense: v for v in lexicon.verbs()}


def parts(value):
    """A value and every value inside it."""
    yield value
    inner = [getattr(value, f.name) for f in fields(value)] if hasattr(value, "__dataclass_fields__") else value if isinstance(value, tuple) else ()
    for item in inner:
        if hasattr(item, "__dataclass_fields__") or isinstance(item, tuple):
            yield from parts(item)


@pytest.fixture(scope="module", params=sorted(STYLES))
def drawn(request):
    return list(islice(messages("7", request.param), 1200))


def test_messages_are_a_pure_function_of_seed_and_style():
    first, again = list(islice(messages("3", "de"), 30)), list(islice(messages("3", "de"), 60))
    assert first == again[:30] and len(set(again)) > 55
    assert first != list(islice(messages("4", "de"), 30)) and first != list(islice(messages("3", "fr"), 30))
    with pytest.raises(ValueError, match="plain"):
        messages("3", "klingon")


def test_messages_do_not_depend_on_the_process():
    code = "from itertools import islice; from lcacore.grammar.messages import messages; print(*islice(messages('5', 'es'), 60), sep='\\n')"
    other = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, env={**os.environ, "PYTHONHASHSEED": "77"})
    assert other.stdout.splitlines() == [str(m) for m in islice(messages("5", "es"), 60)]


def test_each_frame_has_its_arguments_and_no_other(drawn):
    for clause in (p for m in drawn if m.kind != "existence" for p in parts(m) if isinstance(p, Clause)):
        wanted = FRAMES[clause.frame] - ({"object"} if clause.gap == "object" else set())
        given = {name for name in ("object", "recipient", "oblique", "complement", "predicate") if getattr(clause, name) is not None}
        assert given - ({"object"} if clause.gap == "object" else set()) == wanted, clause


def test_verbs_take_what_they_select(drawn):
    for clause in (p for m in drawn if m.kind != "existence" for p in parts(m) if isinstance(p, Clause)):
        verb = VERBS[clause.sense]
        if clause.subject is not None:
            assert fits(verb.subjects, clause.subject), clause
        if clause.object is not None and clause.frame in ("trans", "tpart", "put", "light"):
            assert fits(verb.objects, clause.object), clause


def test_only_infinitives_commands_second_verb_phrases_gaps_and_passives_lack_a_subject(drawn):
    def check(clause, bare=False):
        assert bare or clause.subject is not None or clause.gap == "subject" or clause.passive, clause
        for p in (p for p in parts(clause) if p is not clause and isinstance(p, Thing) and p.relative):
            check(p.relative)
        if clause.complement:
            check(clause.complement, clause.frame in ("to", "ng", "objto"))

    for m in drawn:
        check(m.clause, m.kind == "command")


def test_linked_clauses_keep_to_one_time(drawn):
    past = {"past", "imp"}
    for m in (m for m in drawn if m.linked):
        word, other = m.linked
        if m.clause.modal == "would":
            assert (other.tense, other.mood) == ("past", "Sub") if word == "if" else other.modal == "would"
        else:
            assert (m.clause.tense in past) == (other.tense in past), m


def test_numbers_and_determiners_agree(drawn):
    plurals = {n.lemma: n.plural for n in lexicon.nouns()}
    for thing in (p for m in drawn for p in parts(m) if isinstance(p, Thing) and p.kind == "noun"):
        assert thing.number == "Sing" or (plurals[thing.concept] and thing.determiner not in ("a", "every", "another"))
        assert (thing.determiner == "owner") == (thing.owner is not None)
        assert not thing.count or thing.number == "Plur"


def test_plain_messages_have_at_most_one_clause_beside_the_first():
    for m in islice(messages("2", "plain"), 1500):
        clauses = [p for p in parts(m) if isinstance(p, Clause)]
        bare = [c.complement for c in clauses if c.frame in ("to", "ng", "objto")] + [c.purpose for c in clauses if c.purpose] + [m.second] * (m.second is not None)
        assert len(clauses) - len(bare) <= 2, m


def test_every_kind_frame_and_tense_is_there(drawn):
    clauses = [p for m in drawn for p in parts(m) if isinstance(p, Clause)]
    assert {m.kind for m in drawn} == {"statement", "question", "wh", "command", "existence"}
    assert {c.frame for c in clauses} >= set(FRAMES)
    assert {"past", "pres", "fut"} <= {c.tense for c in clauses} and {"", "can", "would"} <= {c.modal for c in clauses}
    assert {"Ind", "Sub"} <= {c.mood for c in clauses}
    assert any(isinstance(p, Quality) for p in parts(tuple(drawn))) and any(isinstance(p, Relation) for p in parts(tuple(drawn)))
    assert all(isinstance(m, Message) for m in drawn)
