"""Texts of two sentences: what they are about, and how the zoo's models read them."""

from itertools import islice, pairwise

import numpy as np
import pytest

from lcacore import grammar
from lcacore.grammar import discourse
from lcacore.zoo import ZooConfig, objectives
from lcacore.zoo.data import encode, prepare, segments, specials, train_tokenizer

SMALL = {"sentences": 200, "vocabulary": 300, "pairs": 0.5, "steps": 4, "tokens": 512}


@pytest.fixture(scope="module")
def drawn():
    return list(islice(discourse.pairs(3), 300))


def test_pairs_are_a_pure_function_of_the_seed_and_differ_between_seeds(drawn):
    words = [(a.words, b.words) for a, b in drawn[:30]]
    assert [(a.words, b.words) for a, b in islice(discourse.pairs(3), 30)] == words
    assert [(a.words, b.words) for a, b in islice(discourse.pairs(4), 30)] != words


def test_the_second_sentence_goes_on_about_the_first(drawn):
    def shared(pairs):
        return np.mean([len({x.lemma for x in a.leaves if x.upos in ("NOUN", "VERB", "PROPN")} & {x.lemma for x in b.leaves}) for a, b in pairs])

    shuffled = [(a, b) for (a, _), (_, b) in pairwise(drawn)]
    assert shared(drawn) > 5 * shared(shuffled)
    assert all(a.words != b.words for a, b in drawn)


def test_paired_text_has_nothing_of_the_probing_corpus_nor_of_its_hidden_words():
    from lcacore.grammar.english import withheld

    pairs = grammar.paired_text(size=400)
    text = {sentence for pair in pairs for sentence in pair}
    corpus = grammar.corpus("en")
    assert len(pairs) == 400 and not text & set(corpus.sentences)
    assert not {word for sentence in text for word in sentence} & withheld("text")
    assert grammar.paired_text(size=20) == pairs[:20]


@pytest.mark.parametrize("architecture", ["bert", "xlnet"])
def test_segments_are_those_of_the_tokenizer(architecture, drawn):
    config = ZooConfig("one", architecture=architecture, **SMALL)
    singles, pairs = [a.words for a, _ in drawn[:50]], [(a.words, b.words) for a, b in drawn[50:100]]
    tokenizer = train_tokenizer(singles, config)
    rows = encode(tokenizer, singles, pairs)
    special = specials(architecture)
    tokens, _ = rows.take(np.arange(len(rows)), special.id("pad"))
    texts = [" ".join(s) for s in singles] + [(" ".join(a), " ".join(b)) for a, b in pairs]
    wanted = [e.type_ids for e in tokenizer.backend_tokenizer.encode_batch(texts)]
    found = segments(tokens, special.id("sep"))
    assert [row[: len(types)].tolist() for row, types in zip(found, wanted, strict=True)] == wanted
    assert all(not row[len(types) :].any() for row, types in zip(found, wanted, strict=True) if architecture == "bert")


@pytest.mark.parametrize(("architecture", "objective"), [("bert", "masked"), ("roberta", "masked"), ("xlnet", "permutation")])
def test_a_model_that_reads_pairs_tells_its_sentences_apart_where_its_kind_does(architecture, objective):
    config = ZooConfig("one", architecture=architecture, objective=objective, **SMALL)
    material = prepare(config)
    batches = [objectives.objective(config).batch(config, material, step) for step in range(4)]
    if architecture == "roberta":
        assert not any("token_type_ids" in batch for batch in batches)
    else:
        assert any(batch["token_type_ids"].any() for batch in batches)
        assert all(batch["token_type_ids"].shape == batch["input_ids"].shape for batch in batches)


def test_pairs_of_another_language_are_refused():
    with pytest.raises(ValueError, match="English"):
        prepare(ZooConfig("one", languages=("de",), **SMALL))
