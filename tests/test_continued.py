"""A model with a new head, trained further on real text: words hidden whole, what it starts from, and that it learns."""

from dataclasses import replace

import numpy as np
import pytest

from lcacore import zoo
from lcacore.interventions import language_model
from lcacore.models import load_model
from lcacore.zoo import continued
from lcacore.zoo.objectives import objective
from lcacore.zoo.training import _optimizer

PIECES = ["[PAD]", "[UNK]", "[unused0]", "[CLS]", "[SEP]", "[MASK]", "the", "cat", "dog", "see", "##s", "##ing", "walk", ".", "do", "n", "'", "t"]


@pytest.fixture(scope="module")
def config(tmp_path_factory):
    """An encoder of pieces without a head, and a treebank of text for it."""
    import torch
    from tokenizers import Tokenizer, decoders, models, normalizers, pre_tokenizers, processors
    from transformers import BertConfig, BertModel, PreTrainedTokenizerFast

    root = tmp_path_factory.mktemp("continued")
    tokenizer = Tokenizer(models.WordPiece({piece: i for i, piece in enumerate(PIECES)}, unk_token="[UNK]"))
    tokenizer.normalizer, tokenizer.pre_tokenizer = normalizers.BertNormalizer(lowercase=True), pre_tokenizers.BertPreTokenizer()
    tokenizer.decoder = decoders.WordPiece()
    tokenizer.post_processor = processors.TemplateProcessing(single="[CLS] $A [SEP]", special_tokens=[("[CLS]", 3), ("[SEP]", 4)])
    PreTrainedTokenizerFast(tokenizer_object=tokenizer, unk_token="[UNK]", pad_token="[PAD]", cls_token="[CLS]", sep_token="[SEP]", mask_token="[MASK]").save_pretrained(root / "encoder")
    torch.manual_seed(0)
    BertModel(BertConfig(vocab_size=len(PIECES), hidden_size=24, num_hidden_layers=2, num_attention_heads=2, intermediate_size=32, hidden_dropout_prob=0.0, attention_probs_dropout_prob=0.0)).save_pretrained(root / "encoder")
    rng = np.random.default_rng(0)
    for split, size in (("train", 300), ("test", 60)):
        lines = [f"The {rng.choice(['cat', 'dog'])} {rng.choice(['sees', 'walks'])} the {rng.choice(['cat', 'dog'])} don't {rng.choice(['seeing', 'walking'])} ." for _ in range(size)]
        (root / f"{split}.txt").write_text("\n".join(lines))
    return zoo.ZooConfig(
        "tiny", objective="continued", encoder=str(root / "encoder"), text=(f"text:{root}",), layers=2, width=24, heads=2, ffn=32, vocabulary=len(PIECES),
        positions=16, steps=300, tokens=256, lr=3e-3, mask_rate=0.25, masked=0.8, random=0.08, bits=8,
    )  # fmt: skip


@pytest.fixture(scope="module")
def material(config):
    return continued.prepare(config)


def test_it_learns_loads_and_can_be_intervened_in(config, tmp_path):
    out = zoo.train(config, tmp_path / "tiny", threads=1)
    record = zoo.record("tiny", out)
    curve = [loss for _, loss in record["loss"]["curve"]]
    assert np.mean(curve[-5:]) < np.mean(curve[:5]) - 0.5
    assert record["measured"]["copy"] > 0.9 and record["measured"]["masked_word"] > record["measured"]["always_common"]
    model = language_model(str(out))
    one = model.read([["The", "cat", "sees", "the", "dog", "."]], [0], [2], 1)
    assert one.n_pieces.tolist() == [2] and model.forms(one.predict(), one.owner, 1).tolist() == ["sees"]
    again = zoo.train(config, tmp_path / "stopped", threads=1, stop_after=170)
    zoo.train(config, tmp_path / "stopped", threads=1)
    assert (again / "packed.safetensors").read_bytes() == (out / "packed.safetensors").read_bytes()


def test_words_are_hidden_whole_and_as_often_as_asked(config, material):
    whole = replace(config, masked=1.0, random=0.0)
    hidden = words = 0
    for step in range(60):
        tokens = material.rows.take(material.batches(step), 0)[0]
        given = continued.batch(whole, material, step)
        masked = given["input_ids"] == PIECES.index("[MASK]")
        assert not (masked & material.special[tokens]).any() and (np.flatnonzero(masked) == given["picked"]).all()
        after = material.continues[tokens]
        assert (masked[:, 1:][after[:, 1:]] == masked[:, :-1][after[:, 1:]]).all(), "a piece that goes on is hidden with the piece before it"
        hidden += (masked & ~after).sum()
        words += (~material.special[tokens] & ~after).sum()
    assert abs(hidden / words - 0.25) < 3 * np.sqrt(0.25 * 0.75 / words)


def test_what_replaces_a_word_occurs_in_the_text(config, material):
    swapped = replace(config, masked=0.0, random=1.0)
    given = np.concatenate([continued.batch(swapped, material, step)["input_ids"].ravel() for step in range(40)])
    seen = np.flatnonzero(np.bincount(given, minlength=len(PIECES)))
    assert material.counts[seen[~material.special[seen]]].all() and not material.special[given].all()


def test_the_new_head_starts_at_the_words_frequencies(config, material):
    """A hidden state of zero is scored by the bias alone, which is the words' log frequency."""
    network = continued.network(config, material)
    bias = network.cls.predictions.bias.detach().numpy()
    order = np.argsort(-material.counts * ~material.special, kind="stable")
    assert bias.argmax() == order[0] and abs(np.exp(bias).sum() - 1) < 1e-5
    assert np.array_equal(network.cls.predictions.decoder.weight.detach().numpy(), network.get_input_embeddings().weight.detach().numpy())


def test_head_and_last_block_learn_faster(config, material):
    network = continued.network(config, material)
    group_of = {id(p): g["pace"] for g in _optimizer(network, config, objective(config).pace).param_groups for p in g["params"]}
    paces = {name: group_of[id(p)] for name, p in network.named_parameters()}
    assert len(group_of) == sum(1 for _ in network.parameters())
    assert paces["cls.predictions.transform.dense.weight"] == 3 and paces["bert.encoder.layer.1.output.dense.bias"] == 2
    assert paces["bert.encoder.layer.0.output.dense.bias"] == paces["bert.embeddings.word_embeddings.weight"] == 1


def test_texts_are_cut_as_treebanks_cut_them(material):
    assert continued.aligned(["It", "doesn't", "n't", "<unk>", "@-@"], "[UNK]") == ["It", "does", "n't", "n't", "[UNK]", "-"]
    sentence = ["the", "cats", "walking", "dogs"] * 8
    rows = continued.cut(material.tokenizer, [sentence], 9)
    assert rows.lengths.max() <= 9
    back = [i for r in range(len(rows)) for i in rows.flat[rows.starts[r] + 1 : rows.starts[r + 1] - 1]]
    assert back == material.tokenizer(sentence, is_split_into_words=True, add_special_tokens=False)["input_ids"]
    assert not any(material.continues[rows.flat[rows.starts[r] + 1]] for r in range(len(rows))), "every row begins with a word"


def test_errors_say_what_is_wanted(config, tmp_path):
    with pytest.raises(ValueError, match="names both"):
        continued.prepare(replace(config, text=()))
    (tmp_path / "all.txt").write_text("the cat .")
    with pytest.raises(ValueError, match="no split test"):
        continued.prepare(replace(config, text=(f"text:{tmp_path}",)))


def test_real_models_stand_apart():
    assert "minilm-en" in zoo.real() and not set(zoo.real()) & set(zoo.names())
    assert zoo.config("minilm-en").encoder and load_model  # its weights are not in the package
    assert "minilm-en" not in zoo.shipped()
