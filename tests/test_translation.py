"""Translators of the zoo: a tiny one learns to copy, goes on after a stop, comes out the same twice, and is read and edited like any model."""

import json
from dataclasses import replace

import numpy as np
import pytest
import torch

from lcacore import zoo
from lcacore.models import load_model
from lcacore.recurrent import translate
from lcacore.zoo import translation

TINY = zoo.ZooConfig(
    "tiny-copy", objective="translation", architecture="seq2seq-lstm", languages=("en", "fr"), vocabulary=60, layers=2, width=64, embedding=24,
    tokens=1000, steps=300, lr=1.2e-2, smoothing=0.05,
)
bitext_of = translation.bitext_of
LETTERS = "abcdefghijklmnop"


def copies(size, seed):
    """Pairs of a sentence of one-letter words and itself."""
    random = np.random.default_rng(seed)
    lengths = random.integers(2, 7, size)
    return [(words, words) for words in (tuple(random.choice(list(LETTERS), n).tolist()) for n in lengths)]


@pytest.fixture(scope="module")
def world():
    """The task of copying in the bitext's place."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(translation, "bitext_of", lambda config: copies(3000, 0))
        patch.setattr(translation, "held_out", lambda config: copies(100, 1))
        yield


@pytest.fixture(scope="module")
def trained(world, tmp_path_factory):
    return zoo.train(TINY, tmp_path_factory.mktemp("zoo") / TINY.name, threads=1)


def weights(folder):
    from lcacore.weights import load_packed

    return load_packed(folder)


def test_a_tiny_translator_learns_to_copy(trained):
    record = json.loads((trained / "training.json").read_text())
    curve = [loss for _, loss in record["loss"]["curve"]]
    assert np.mean(curve[-5:]) < 0.3 * curve[0]
    measured = record["measured"]
    assert measured["bleu"] > 90 and measured["same_as_reference"] > 0.8 and measured["pairs"] == 100
    assert "tok:none" in measured["signature"]


def test_it_translates_unseen_sentences_as_shipped(trained):
    model = load_model(str(trained))
    sentences = [s for s, _ in copies(60, 2)]
    found = translate(model, sentences)
    assert np.mean([a == b for a, b in zip(found, sentences, strict=True)]) > 0.8
    assert translate(model, sentences, batch=7) == found
    with model.edited({2: torch.zeros_like}):
        assert len(set(translate(model, sentences, beam=1))) <= len({len(s) for s in sentences}), "silenced, it knows of a sentence at most its length"


def short(out, **options):
    return zoo.train(replace(TINY, steps=20), out, threads=1, **options)


def test_stopped_or_not_the_same_weights(world, tmp_path):
    once = short(tmp_path / "once")
    short(tmp_path / "halves", stop_after=9)
    assert not (tmp_path / "halves" / "training.json").exists()
    steps = []
    halves = short(tmp_path / "halves", progress=lambda at: steps.append(at.step))
    assert steps[0] == 10
    one, two = weights(once), weights(halves)
    assert sorted(one) == sorted(two) and all(np.array_equal(one[k], two[k]) for k in one)


def test_batches_are_pairs(world):
    material = translation.prepare(TINY)
    arrays = translation.batch(TINY, material, 3)
    assert np.array_equal(arrays["input_ids"], arrays["target_ids"]) and np.array_equal(arrays["attention_mask"], arrays["target_mask"])
    assert arrays["input_ids"].size * 2 <= TINY.tokens
    long_ones = replace(TINY, positions=6)  # <s> and </s> and at most four letters
    assert translation.prepare(long_ones).rows.lengths.max() == 6 == translation.prepare(long_ones).targets.lengths.max()


def test_bleu_is_that_of_the_words():
    refs = [("a", "cat", "'s", "tail", "."), ("it", "sleeps", "now", ".")]
    assert translation.bleu(refs, refs)[0] == pytest.approx(100)
    score, signature = translation.bleu([("a", "cat", "'s", "tale", "."), ("it", "sleeps", "now", ".")], refs)
    # n-gram precisions 8/9, 5/7, 3/5, 1/3, no brevity penalty
    assert score == pytest.approx(100 * (8 / 9 * 5 / 7 * 3 / 5 * 1 / 3) ** 0.25) and "nrefs:1" in signature
    with pytest.raises(ValueError, match="1 translations for 2 references"):
        translation.bleu(refs[:1], refs)


def test_settings_that_cannot_be():
    with pytest.raises(ValueError, match="a translator has two"):
        bitext_of(replace(TINY, languages=("en",)))
    with pytest.raises(ValueError, match="has 3 parts"):
        bitext_of(replace(TINY, part=(0, 4)))
