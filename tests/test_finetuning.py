"""Fine-tunes of the zoo: a planted rule is learned by each kind of base, the best run is kept, and the file holds differences."""

import json
from dataclasses import replace

import numpy as np
import pytest

from lcacore import grammar, zoo
from lcacore.grammar.tasks import SentenceTask
from lcacore.models import load_model
from lcacore.weights import PACKED, load_packed
from lcacore.zoo import finetuning

BASE = zoo.ZooConfig("tiny", sentences=400, vocabulary=300, layers=1, steps=10, tokens=512)
BASES = {
    "bert": BASE,
    "roberta": replace(BASE, architecture="roberta"),
    "xlnet": replace(BASE, objective="permutation", architecture="xlnet"),
}
RULES = {
    "article": ("none", "some"),  # is there a "the" in the sentence?
    "same": ("other", "same"),  # does the second sentence begin as the first?
    "count": (),  # how many of five words are "the"
}
SIZES = {"train": 600, "dev": 100, "test": 100}


def planted(name):
    """A sentence task that follows a rule to be read off the words."""
    random = np.random.default_rng(7)
    size = sum(SIZES.values())
    words = np.where(random.random((size, 5)) < 0.15, "the", random.choice(["book", "teacher", "old", "green"], (size, 5)))
    second, labels = None, (words == "the").any(axis=1).astype(int)
    if name == "same":
        labels = random.integers(0, 2, size)
        first = random.choice(["teacher", "book"], size)
        other = np.where(first == "book", "teacher", "book")
        words, second = first[:, None], tuple((w,) for w in np.where(labels == 1, first, other).tolist())
    if name == "count":
        labels = (words == "the").sum(axis=1).astype(float)
    edges = np.cumsum([0, *SIZES.values()]).tolist()
    return SentenceTask(name, tuple(map(tuple, words.tolist())), second, tuple(labels.tolist()), RULES[name], {split: (edges[i], edges[i + 1]) for i, split in enumerate(SIZES)})


def tuned_config(base, task, **more):
    plain = dict(objective="sentence", architecture=base, base=base, task=task, steps=150, tokens=512, lr=4e-3, warmup=0.1, bits=8)
    return zoo.ZooConfig(f"{base}-{task}", **(plain | more))


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """Where bases and fine-tunes stand side by side, as in a checkout; the planted tasks in the world's place."""
    root = tmp_path_factory.mktemp("zoo")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(finetuning, "sentence_task", planted)
        for name, config in BASES.items():
            zoo.train(config, root / name, threads=1)
        yield root


@pytest.mark.parametrize(("base", "task"), [("bert", "article"), ("roberta", "article"), ("xlnet", "article"), ("bert", "count"), ("bert", "same")])
def test_a_planted_rule_is_learned(folder, base, task):
    record = zoo.record(task, zoo.train(tuned_config(base, task), folder / f"{base}-{task}", threads=1))
    curve, measured = [loss for _, loss in record["loss"]["curve"]], record["measured"]
    assert np.mean(curve[-5:]) < 0.7 * np.mean(curve[:5])
    if task == "count":
        assert measured["spearman_test"] > 0.8
    else:
        assert measured["accuracy_test"] > 0.9 > measured["majority"] + 0.15
    assert measured["examples"] == SIZES["test"]


@pytest.mark.parametrize("base", BASES)
def test_neighbours_and_padding_change_no_prediction(folder, base):
    """Of examples of many lengths: one at a time and all together (XLNet's classifier reads the last place)."""
    import torch

    config = tuned_config(base, "article")
    material = finetuning.prepare(config, folder / base)
    network = finetuning.network(config, material).eval()
    sentences = [["the"] * n for n in (1, 4, 2, 7)]
    examples = finetuning._encoded(material.tokenizer, replace(planted("article"), first=sentences, labels=(0, 1, 0, 1), splits={"test": (0, 4)}), "test")

    def logits(index):
        given = {k: torch.from_numpy(v) for k, v in finetuning._inputs(config, examples, np.array(index)).items() if k != "labels"}
        with torch.no_grad():
            return network(**given).logits

    together = logits([0, 1, 2, 3])
    torch.testing.assert_close(together, torch.cat([logits([i]) for i in range(4)]), atol=1e-5, rtol=1e-5)
    assert together.std(dim=0).min() > 0


def test_the_head_is_new_and_the_rest_is_the_base(folder):
    config = tuned_config("bert", "article")
    material = finetuning.prepare(config, folder / "bert")
    start, base = finetuning.network(config, material).state_dict(), load_packed(folder / "bert")
    shared = sorted(set(start) & set(base))
    assert len(shared) > 15 and all(np.array_equal(start[name].numpy(), base[name]) for name in shared)
    other = finetuning.network(replace(config, seed=1), material).state_dict()
    assert not np.array_equal(start["classifier.weight"], other["classifier.weight"])
    one, two = (finetuning.batch(replace(config, seed=seed), material, 0)["input_ids"] for seed in (0, 1))
    assert one.shape != two.shape or not np.array_equal(one, two), "each run has an order of its own"


def test_stopped_or_not_the_best_of_the_same_runs(folder):
    config = tuned_config("bert", "article", runs=3, steps=8)
    once = zoo.train(config, folder / "once", threads=1)
    zoo.train(config, folder / "parts", threads=1, stop_after=13)
    parts = zoo.train(config, folder / "parts", threads=1)
    assert (once / PACKED).read_bytes() == (parts / PACKED).read_bytes()
    runs = zoo.record("once", once)["runs"]
    assert len(runs["scores"]) == 3 and runs["scores"][runs["kept"]] == max(runs["scores"]), "chosen by the dev sentences"


def test_a_fine_tune_of_a_fine_tune_is_read_like_any_model(folder):
    """Differences of differences, with the tokenizer of the first base."""
    zoo.train(tuned_config("bert", "article", steps=8), folder / "bert-first", threads=1)
    second = zoo.train(replace(tuned_config("bert", "count", steps=8), base="bert-first"), folder / "bert-second", threads=1)
    assert sorted(p.name for p in second.iterdir()) == ["config.json", PACKED, "training.json"]
    model, first = load_model(str(second)), load_model(str(folder / "bert"))
    assert model.tokenizer.get_vocab() == first.tokenizer.get_vocab()
    batch = model.collate([[2, 7, 8, 3]])
    states, base = model.hidden_states(batch), first.hidden_states(batch)
    assert len(states) == len(base) == 2 and (states[1] != base[1]).any()
    assert json.loads((second / "config.json").read_text())["problem_type"] == "regression"


def test_settings_that_cannot_be(folder):
    with pytest.raises(ValueError, match="names both"):
        finetuning.prepare(replace(BASE, objective="sentence"))
    with pytest.raises(ValueError, match="'no-such' is not trained yet"):
        zoo.train(replace(tuned_config("bert", "article"), base="no-such"), folder / "x")
    with pytest.raises(ValueError, match="takes 128"):
        long = replace(planted("article"), first=tuple(("teacher",) * 130 for _ in planted("article").first))
        finetuning.material_of(long, tuned_config("bert", "article"), folder / "bert")


@pytest.mark.parametrize("task", ["sst2", "stsb"])
def test_the_tasks_of_the_world_can_be_read(folder, task, monkeypatch):
    monkeypatch.setattr(finetuning, "sentence_task", lambda name: grammar.tasks.sentence_task(name, sizes={"train": 20, "dev": 5, "test": 5}))
    config = tuned_config("bert", task, steps=2)
    measured = zoo.record(task, zoo.train(config, folder / f"bert-{task}", threads=1))["measured"]
    assert measured["examples"] == 5
