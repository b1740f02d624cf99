"""The miniature world: sentences derive, trees are trees, layers agree, splits are disjoint, all of it repeatable."""

import pytest

from lcacore import grammar
from lcacore.grammar.ccg import derives, parse_category

SIZES = {"train": 400, "dev": 100, "test": 100}


@pytest.fixture(scope="module")
def sentences():
    return grammar.generate("en", 600, seed=11)


@pytest.fixture(scope="module")
def world():
    return grammar.corpus("en", sizes=SIZES)


def test_generation_is_a_pure_function_and_longer_lists_start_with_shorter_ones():
    longer, again = grammar.generate("en", 60, seed=3), grammar.generate("en", 30, seed=3)
    assert [s.words for s in longer[:30]] == [s.words for s in again]
    assert [s.words for s in grammar.generate("en", 30, seed=4)] != [s.words for s in again]


def test_every_sentence_derives_its_category(sentences):
    failures = [s.words for s in sentences if not derives(s.layer("ccg"), s.category)]
    assert failures == []


def test_dependencies_are_projective_trees_with_one_root(sentences):
    for s in sentences:
        heads = [int(h) for h in s.layer("head")]
        assert [r for h, r in zip(heads, s.layer("deprel"), strict=True) if h == 0] == ["root"]
        for i in range(1, len(heads) + 1):
            seen, node = set(), i
            while node:
                assert node not in seen, s
                seen.add(node)
                node = heads[node - 1]
        arcs = [(min(i, h), max(i, h)) for i, h in enumerate(heads, 1) if h]
        assert not any(a < c < b < d for a, b in arcs for c, d in arcs), s


def test_corpus_has_every_layer_and_disjoint_splits(world):
    assert sorted(world.annotations) == sorted(grammar.LAYERS)
    parts = {name: set(world.split(name).sentences) for name in SIZES}
    assert {n: len(s) for n, s in parts.items()} == SIZES
    assert not parts["train"] & parts["dev"] and not parts["train"] & parts["test"] and not parts["dev"] & parts["test"]


def test_text_shares_no_sentence_with_the_probing_corpus():
    text = grammar.text("en", size=500)
    assert len(text) == 500 and not set(text) & set(grammar.corpus("en").sentences)


def test_categories_are_read_as_written():
    assert parse_category("(S[dcl]\\NP)/NP") == ((("S", "dcl"), "\\", ("NP", "")), "/", ("NP", ""))
    with pytest.raises(ValueError, match="brackets"):
        parse_category("(S\\NP")


def test_unknown_language_and_layer_name_what_there_is(sentences):
    with pytest.raises(ValueError, match="en"):
        grammar.generate("xx")
    with pytest.raises(ValueError, match="deprel"):
        sentences[0].layer("nothing")
