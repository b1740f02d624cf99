"""The zoo: a tiny model learns, goes on after a stop as if nothing had happened, and comes out the same twice."""

import json
from dataclasses import replace

import numpy as np
import pytest

from lcacore import zoo
from lcacore.store import shipped_model

TINY = zoo.ZooConfig("tiny", sentences=400, vocabulary=300, layers=1, width=32, heads=2, ffn=64, steps=40, batch=16, lr=5e-3)


def weights(folder):
    from safetensors.numpy import load_file

    return load_file(folder / "model.safetensors")


@pytest.fixture(scope="module")
def trained(tmp_path_factory):
    return zoo.train(TINY, tmp_path_factory.mktemp("zoo") / "tiny", threads=1)


def test_the_loss_falls_and_the_record_tells_it(trained):
    record = json.loads((trained / "training.json").read_text())
    curve = [loss for _, loss in record["loss"]["curve"]]
    assert np.mean(curve[-5:]) < np.mean(curve[:5]) - 0.3
    assert record["config"]["steps"] == 40 and record["loss"]["curve"][-1][0] == 40
    assert set(record["measured"]) >= {"copy", "masked_piece", "masked_word"}
    assert not (trained / "checkpoint.pt").exists()


def test_the_same_config_gives_the_same_weights(trained, tmp_path):
    again = zoo.train(TINY, tmp_path / "again", threads=1)
    one, two = weights(trained), weights(again)
    assert sorted(one) == sorted(two) and all(np.array_equal(one[k], two[k]) for k in one)
    assert (trained / "tokenizer.json").read_bytes() == (again / "tokenizer.json").read_bytes()


def test_a_run_stopped_half_way_ends_at_the_same_weights(trained, tmp_path):
    class Stop(Exception):
        pass

    def pull_the_plug(done, steps, loss):
        if done == 23:  # between two checkpoints
            raise Stop

    with pytest.raises(Stop):
        zoo.train(TINY, tmp_path / "stopped", threads=1, progress=pull_the_plug)
    assert (tmp_path / "stopped" / "checkpoint.pt").exists() and not (tmp_path / "stopped" / "training.json").exists()
    steps = []
    resumed = zoo.train(TINY, tmp_path / "stopped", threads=1, progress=lambda done, *_: steps.append(done))
    assert steps[0] == 23  # it went on from the checkpoint at 22
    one, two = weights(trained), weights(resumed)
    assert all(np.array_equal(one[k], two[k]) for k in one)
    assert json.loads((resumed / "training.json").read_text())["loss"] == json.loads((trained / "training.json").read_text())["loss"]


def test_a_checkpoint_of_another_config_is_not_used(tmp_path):
    zoo.train(TINY, tmp_path / "m", threads=1, stop_after=4)
    steps = []
    zoo.train(replace(TINY, seed=1, steps=6), tmp_path / "m", threads=1, progress=lambda done, *_: steps.append(done))
    assert steps[0] == 1


def test_what_was_trained_loads_by_the_standard_classes(trained):
    import torch
    from transformers import AutoModelForMaskedLM, AutoTokenizer

    tokenizer, model = AutoTokenizer.from_pretrained(trained), AutoModelForMaskedLM.from_pretrained(trained)
    encoded = tokenizer(["The", "teacher", "'s", "book", "."], is_split_into_words=True, return_tensors="pt")
    assert sorted({w for w in encoded.word_ids() if w is not None}) == [0, 1, 2, 3, 4]
    assert next(model.parameters()).dtype == torch.float32
    assert model(**encoded).logits.shape[:2] == encoded["input_ids"].shape


def test_changed_missing_and_unrecorded_files_are_found(trained, tmp_path):
    import shutil

    shutil.copytree(trained, tmp_path / "tiny")
    assert zoo.check(tmp_path) == []
    with (tmp_path / "tiny" / "model.safetensors").open("r+b") as f:
        f.seek(-1, 2)
        f.write(b"\x01")
    (tmp_path / "tiny" / "tokenizer.json").unlink()
    (tmp_path / "tiny" / "more.txt").write_text("?")
    problems = "\n".join(zoo.check(tmp_path))
    assert "model.safetensors: its checksum" in problems and "tokenizer.json: missing" in problems and "more.txt: not in" in problems


def test_shipped_files_match_their_records_and_fit():
    assert zoo.check() == []
    for name in zoo.names():
        folder = shipped_model(name)
        assert sum(p.stat().st_size for p in folder.iterdir()) <= 3 * 2**20
        record = zoo.record(name)
        assert record["config"] == vars(zoo.config(name))  # the config in the repository is the one that made these weights
        assert record["loss"]["curve"][-1][1] < 3 and record["measured"]["copy"] > 0.95
        for path in folder.glob("*.json"):
            assert not any(p in path.read_text() for p in ("/home/", "/root", "/tmp/", "/work/"))


def test_errors_say_what_there_is(tmp_path):
    with pytest.raises(ValueError, match="bert-en"):
        zoo.train("nothing")
    with pytest.raises(ValueError, match="at least 1"):
        zoo.train(TINY, tmp_path, steps=0)
    with pytest.raises(ValueError, match="multiple"):
        zoo.train(replace(TINY, heads=5), tmp_path)
