"""The multi-parallel set and bitexts: aligned, disjoint, and good CoNLL-U in every language of the world."""

import conllu
import pytest

from lcacore import grammar
from lcacore.corpora import load_corpus, write_conllu
from lcacore.grammar.parallel import _rows

SPOKEN = grammar.languages()
OTHERS = [language for language in SPOKEN if language != "en"]


@pytest.mark.parametrize("language", SPOKEN)
def test_each_language_exports_valid_conllu(language, tmp_path):
    corpus = grammar.corpus(language, sizes={"train": 120, "test": 40})
    text = write_conllu(corpus)
    trees = conllu.parse(text)
    assert [tuple(token["form"] for token in tree) for tree in trees] == list(corpus.sentences)
    for tree in trees:
        heads = [token["head"] for token in tree]
        assert sum(head == 0 for head in heads) == 1
        for i in range(1, len(heads) + 1):  # every word reaches the root: no cycle
            steps = 0
            while i:
                i, steps = heads[i - 1], steps + 1
                assert steps <= len(heads)
        assert all((token["deprel"] == "root") == (token["head"] == 0) for token in tree)
    (tmp_path / "a.conllu").write_text(text, encoding="utf-8")
    again = load_corpus(f"ud:{tmp_path / 'a.conllu'}")
    assert again.sentences == corpus.sentences
    for layer in ("upos", "xpos", "lemma", "feats", "head", "deprel"):
        assert [[label or "_" for label in row] for row in again.annotations[layer]] == [[label or "_" for label in row] for row in corpus.annotations[layer]]


def test_rows_say_one_message_in_each_language_and_no_sentence_twice():
    rows = grammar.parallel(SPOKEN, size=200, seed=3)
    assert rows and all(len(row) == len(SPOKEN) for row in rows)
    for side in range(len(SPOKEN)):
        assert len({row[side].words for row in rows}) == 200
    alone = grammar.parallel(("en",), size=200, seed=3)
    said = {row[0].words for row in alone}
    assert sum(row[SPOKEN.index("en")].words in said for row in rows) > 190  # the same messages, but for repetitions elsewhere
    assert [row[0].words for row in grammar.parallel(SPOKEN, size=20, seed=3)] == [row[0].words for row in rows[:20]]


@pytest.mark.parametrize("language", OTHERS)
def test_words_that_no_language_changes_are_in_both_sentences(language):
    """Names of people are the same in all: an alignment by a single sentence would break this."""
    names = set("Mary Emma Susan Laura Peter Paul David Robert Smith Brown Miller".split())
    pairs = grammar.parallel(("en", language), size=300, seed=1)
    named = [(names & set(a.words), names & set(b.words)) for a, b in pairs]
    assert sum(bool(a) for a, _ in named) > 20 and all(a == b for a, b in named)


def test_a_side_of_the_set_is_a_corpus():
    corpus = load_corpus("mini:parallel-en")
    assert {name: b - a for name, (a, b) in corpus.splits.items()} == {"train": 2000, "dev": 500, "test": 500}
    assert corpus.name == "mini:parallel-en" and {*grammar.LAYERS} <= set(corpus.annotations)
    assert len(set(corpus.sentences)) == 3000
    for language in OTHERS:
        other = grammar.parallel_corpus(language)
        assert other.splits == corpus.splits and len(set(other.sentences)) == 3000 and other.sentences != corpus.sentences


@pytest.mark.skipif(not OTHERS, reason="the world speaks one language only")
def test_bitexts_share_nothing_with_the_set_nor_third_with_third():
    target = OTHERS[-1]
    held = {side: set(grammar.parallel_corpus(side).sentences) for side in ("en", target)}
    thirds = [grammar.bitext("en", target, size=150, part=part) for part in range(3)]
    for pairs in thirds:
        assert len({a for a, _ in pairs}) == 150
        assert all(a not in held["en"] and b not in held[target] for a, b in pairs)
    assert not {a for a, _ in thirds[0]} & {a for a, _ in thirds[1]} and not {a for a, _ in thirds[1]} & {a for a, _ in thirds[2]}
    back = grammar.bitext(target, "en", size=150, part=1)
    assert [(b, a) for a, b in back] == thirds[1]


def test_wrong_arguments_say_what_there_is():
    with pytest.raises(ValueError, match="en"):
        grammar.parallel(("en", "xx"), size=1, seed=0)
    with pytest.raises(ValueError, match="at least 1"):
        grammar.parallel(("en",), size=0, seed=0)
    with pytest.raises(ValueError, match="no language"):
        next(_rows((), "0", "plain"))
    with pytest.raises(ValueError, match="0, 1, 2"):
        grammar.bitext("en", "de", size=1, part=3)
    with pytest.raises(ValueError, match="two languages"):
        grammar.bitext("en", "en", size=1)
    with pytest.raises(ValueError, match="split"):
        grammar.parallel_corpus("en", sizes={})
