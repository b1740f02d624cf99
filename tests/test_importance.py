"""Orders and damage of model families: identities that hold for any network, on tiny random ones."""

import numpy as np
import pandas as pd
import pytest
import torch
from tiny import write_world

from lcacore import importance, recurrent
from lcacore.ablation import perplexity
from lcacore.importance import Family, curve, share_of_best
from lcacore.rankings import random
from lcacore.types import Ranking

SENTENCES = [("the", "cat", "sees", "a", "dog"), ("some", "tree", "holds", "this", "bird"), ("a", "bird", "likes", "that", "house"), ("each", "river", "takes", "the", "tree")]


@pytest.fixture(scope="module")
def world(tmp_path_factory):
    """write_world's corpus with three random LSTM language models: the second repeats the first's neurons, turned and shuffled."""
    root = write_world(tmp_path_factory.mktemp("world"))
    from lcacore.zoo import ZooConfig
    from lcacore.zoo.data import train_tokenizer

    cut = train_tokenizer(SENTENCES * 3, ZooConfig("test", vocabulary=80))
    for name, seed in (("one", 0), ("other", 1)):
        torch.manual_seed(seed)
        network = recurrent.LstmLM(recurrent.LstmConfig(vocab_size=len(cut), hidden_size=8, num_hidden_layers=2))
        for parameter in network.parameters():
            if parameter.ndim > 1:
                torch.nn.init.normal_(parameter, std=0.5)
        network.save_pretrained(root / name)
        cut.save_pretrained(root / name)
    torch.manual_seed(3)
    network = recurrent.Seq2SeqLstm(recurrent.Seq2SeqLstmConfig(vocab_size=len(cut), hidden_size=8, num_hidden_layers=2))
    network.save_pretrained(root / "translator")
    cut.save_pretrained(root / "translator")
    return root


@pytest.fixture
def family(world, tmp_path, monkeypatch):
    monkeypatch.setenv("LCACORE_STORE", str(tmp_path))
    importance._loaded.cache_clear()
    return Family.of([str(world / "one"), str(world / "other")], f"tsv:{world}", tasks={"label": f"tsv:{world}#label"}, probes={"l1": 1e-4, "l2": 1e-4, "seeds": [0], "sentences": {"train": 60, "dev": 20, "test": 20}, "epochs": 3}, rank=25, score=10, attributed=8, seeds=[0, 1])


def test_every_order_is_one_of_all_neurons_and_kept(family, monkeypatch):
    assert family.n_neurons == 16  # two layers of eight; the embeddings are left out
    for method in [*importance.ORDERS, "label"]:
        found = family.order(0, method)
        assert sorted(found.order.tolist()) == list(range(16))
        assert (np.diff(found.scores[found.order]) <= 0).all()
        assert family.seconds(0, method) >= 0
    monkeypatch.setattr(Family, "_rank", lambda *_: pytest.fail("an order was made twice"))
    assert np.array_equal(family.order(0, "variance").order, family.order(0, "variance").order)
    with pytest.raises(ValueError, match="no order 'size'"):
        monkeypatch.undo()
        family.order(0, "size")


def test_orders_across_models_are_those_of_the_matcher(family):
    scores = family.scores[1]
    assert np.allclose(family.order(1, "cross-model").scores, scores.max_correlation, atol=1e-5)
    # one other model: the weakest match is the only one
    assert np.array_equal(family.order(1, "cross-model").order, family.order(1, "cross-model, weakest match").order)
    assert (family.order(1, "regression").scores >= family.order(1, "cross-model").scores ** 2 - 1e-5).all()


def test_damage_begins_with_the_whole_model_and_ends_alike_in_every_order(family):
    table = family.table(["variance", "random", "label"], [0, 50, 100], bottom=["variance"])
    assert len(table) == 2 * 3 * (1 + 1 + 1 + 2)
    for m, spec in enumerate(family.models):
        part = table[table.model == spec]
        whole = perplexity(family.model(m), family._sentences("test", 10))
        assert (part[part.share == 0].value == whole).all()
        last = part[part.share == 100].value
        assert np.allclose(last, last.iloc[0]) and abs(last.iloc[0] - whole) > 1e-3
    # the top half from the one end is the bottom half from the other
    top, bottom = (family.damage(0, "variance", [50], bottom=end) for end in (False, True))
    assert top != bottom


def test_a_curve_is_the_mean_with_the_range(family):
    table = family.table(["random"], [0, 50])
    found = curve(table, "random")
    values = table[table.share == 50].value
    assert len(values) == 4 and found.x == (0, 50)
    assert found.y[1] == pytest.approx(values.mean()) and (found.low[1], found.high[1]) == (values.min(), values.max())
    with pytest.raises(ValueError, match="no order 'variance' from the top"):
        curve(table, "variance")


def test_a_mean_is_a_milder_fill_than_it_is_none(family, world):
    mild = Family.of(family.models, family.corpus, rank=25, score=10, fill="mean")
    assert mild.damage(0, "variance", [0]) == family.damage(0, "variance", [0])
    assert mild.damage(0, "variance", [50]) != family.damage(0, "variance", [50])
    with pytest.raises(ValueError, match="'zero' or 'mean'"):
        Family.of(family.models, family.corpus, fill="one")


def test_a_translator_is_measured_by_bleu(family, world):
    one = Family.of([str(world / "translator")], f"tsv:{world}", target=[f"tsv:{world}", f"tsv:{world}"], rank=20, score=4, attributed=4, beam=2)
    assert one.unit == "BLEU" and "tok:none" in one.signature and family.signature == ""
    found = one.damage(0, "gradient × activation", [0, 100])
    assert all(0 <= value <= 100 for value in found)
    with pytest.raises(ValueError, match="another one, trained apart"):
        one.order(0, "cross-model")


def test_the_part_in_common():
    a = random(40, 0)
    assert share_of_best(a, a, 0.25) == 100 and share_of_best(a, a.reversed(), 0.25) == 0
    shifted = Ranking(np.roll(np.arange(40), -5), np.zeros(40))
    assert share_of_best(Ranking(np.arange(40), np.zeros(40)), shifted, 0.25) == 50
    assert isinstance(curve(pd.DataFrame([{"order": "a", "end": "top", "share": 1, "value": 2.0}]), "a").y, tuple)
