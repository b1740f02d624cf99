"""The project's own networks: read like any Transformers model, each direction blind to the other, batches without effect."""

import numpy as np
import pytest
import torch
from shapes import WORDS

from lcacore import recurrent
from lcacore.alignment import encode_corpus
from lcacore.extract import extract
from lcacore.models import load_model
from lcacore.recurrent import translate
from lcacore.types import Corpus

SHAPES = ("lstm", "bilstm", "telmo", "seq2seq")
WIDTH, LAYERS = 24, 2


def tokenizer():
    from lcacore.zoo import ZooConfig
    from lcacore.zoo.data import train_tokenizer

    return train_tokenizer([*WORDS, ("barking", "dogs", "barking", "dogs")], ZooConfig("test", vocabulary=150))


def network(shape, vocabulary, **more):
    plain = {"vocab_size": vocabulary, "hidden_size": WIDTH, "num_hidden_layers": LAYERS, **more}
    torch.manual_seed(0)
    made = {
        "lstm": lambda: recurrent.LstmLM(recurrent.LstmConfig(**plain)),
        "bilstm": lambda: recurrent.BiLstmLM(recurrent.BiLstmConfig(**plain)),
        "telmo": lambda: recurrent.TwinLM(recurrent.TwinConfig(**plain)),
        "seq2seq": lambda: recurrent.Seq2SeqLstm(recurrent.Seq2SeqLstmConfig(**plain)),
    }[shape]()
    for parameter in made.parameters():  # new layers hardly differ: make what they do visible
        if parameter.ndim > 1:
            torch.nn.init.normal_(parameter, std=0.4)
    return made.eval()


@pytest.fixture(scope="module")
def folders(tmp_path_factory):
    base, made, cut = tmp_path_factory.mktemp("recurrent"), {}, tokenizer()

    def get(shape, **more):
        name = "-".join([shape, *map(str, more.values())])
        if name not in made:
            made[name] = base / name
            network(shape, len(cut), **more).save_pretrained(made[name])
            cut.save_pretrained(made[name])
        return str(made[name])

    return get


def states(model, words=WORDS):
    encoded, _ = encode_corpus(model, words)
    return model.hidden_states(model.collate([e.input_ids for e in encoded])), encoded


@pytest.mark.parametrize("shape", SHAPES)
def test_loads_and_gives_all_its_layers(folders, shape):
    model = load_model(folders(shape))
    assert model.kind == {"lstm": "decoder", "seq2seq": "encoder-decoder"}.get(shape, "encoder")
    h, encoded = states(model)
    assert [tuple(x.shape) for x in h] == [(len(WORDS), max(len(e.input_ids) for e in encoded), WIDTH)] * (LAYERS + 1)
    assert all(x.std() > 0.05 for x in h)


@pytest.mark.parametrize("shape", SHAPES)
def test_what_was_saved_is_what_is_read(folders, shape):
    """The weights of the file, by the network made in place and by the Auto classes, down to the scores."""
    from transformers import AutoModelForCausalLM, AutoModelForPreTraining, AutoModelForSeq2SeqLM

    recurrent.register()
    head = {"lstm": AutoModelForCausalLM, "seq2seq": AutoModelForSeq2SeqLM}.get(shape, AutoModelForPreTraining)
    ids = torch.tensor([[2, 7, 9, 8, 3]])
    more = {"decoder_input_ids": ids} if shape == "seq2seq" else {}
    made = network(shape, len(tokenizer()))
    again = head.from_pretrained(folders(shape)).eval()
    with torch.no_grad():
        # the same weights to the last bit; kernels may add in another order where memory lies otherwise
        assert all(torch.equal(value, again.state_dict()[name]) for name, value in made.state_dict().items())
        torch.testing.assert_close(made(ids, **more).logits, again(ids, **more).logits, rtol=0, atol=1e-5)


@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize("embedding", [None, 10])
def test_padding_and_neighbours_change_no_state(folders, shape, embedding):
    model = load_model(folders(shape, embedding_size=embedding))
    together, encoded = states(model)
    for k, e in enumerate(encoded):
        alone = model.hidden_states(model.collate([e.input_ids]))
        for a, b in zip(together, alone, strict=True):
            torch.testing.assert_close(a[k, : len(e.input_ids)], b[0], atol=1e-5, rtol=1e-5)


@pytest.mark.parametrize("shape", SHAPES)
def test_extraction_is_the_same_in_any_batch(folders, shape, tmp_path, monkeypatch):
    corpus = Corpus("six", WORDS)
    model, rows = load_model(folders(shape)), []
    for batch_tokens in (1, 10_000):
        monkeypatch.setenv("LCACORE_STORE", str(tmp_path / str(batch_tokens)))
        rows.append(extract(model, corpus, dtype="float32", batch_tokens=batch_tokens).X)
    assert rows[0].shape == (corpus.n_tokens, (LAYERS + 1) * WIDTH)
    np.testing.assert_allclose(*rows, atol=1e-5)


def test_padding_on_the_left_is_refused(folders):
    model = load_model(folders("bilstm"))
    with pytest.raises(ValueError, match="pad on the right"):
        model.module(torch.tensor([[0, 2, 3]]), torch.tensor([[0, 1, 1]]))


@pytest.mark.parametrize("shape", ["lstm", "bilstm", "telmo"])
def test_a_direction_sees_its_own_side_only(folders, shape):
    model = load_model(folders(shape))
    ids = torch.tensor([[2, 10, 11, 12, 13, 14, 3]])
    other = ids.clone()
    other[0, 3] = 20
    a, b = (model.hidden_states({"input_ids": x, "attention_mask": torch.ones_like(x)}) for x in (ids, other))
    half = WIDTH if shape == "lstm" else WIDTH // 2
    for x, y in zip(a[1:], b[1:], strict=True):
        changed = (x != y)[0]
        assert not changed[:3, :half].any() and changed[3:, :half].any(dim=1).all()
        if shape != "lstm":
            assert not changed[4:, half:].any() and changed[:4, half:].any(dim=1).all()


def test_both_directions_of_the_encoder_of_a_translator_meet_above_its_first_layer(folders):
    model = load_model(folders("seq2seq"))
    ids = torch.tensor([[2, 10, 11, 12, 13, 14, 3]])
    other = ids.clone()
    other[0, 3] = 20
    a, b = (model.hidden_states({"input_ids": x, "attention_mask": torch.ones_like(x)}) for x in (ids, other))
    assert not (a[1] != b[1])[0, :3, : WIDTH // 2].any() and (a[2] != b[2])[0].all(dim=1).any()


@pytest.mark.parametrize("shape", SHAPES)
def test_edits_reach_what_stands_above_them(folders, shape):
    model = load_model(folders(shape))
    plain, _ = states(model)
    for layer in range(LAYERS + 1):  # the last one too: a decoder or a softmax reads it
        with model.edited({layer: lambda h: h * 1.0}):
            same, _ = states(model)
        assert all(torch.equal(a, b) for a, b in zip(plain, same, strict=True))
    with model.edited({1: lambda h: -h}):
        edited, _ = states(model)
    assert torch.equal(plain[0], edited[0]) and not torch.allclose(plain[2], edited[2], atol=1e-3)
    with model.edited({LAYERS: torch.zeros_like}):
        ends = model.module.get_encoder() if shape == "seq2seq" else model.module
        assert not ends(torch.tensor([[2, 9, 3]])).last_hidden_state.any()


@pytest.mark.parametrize("shape", ["bilstm", "telmo"])
def test_a_half_edited_leaves_the_other_half(folders, shape):
    model = load_model(folders(shape))
    plain, encoded = states(model)

    def silence_forward(h):
        h = h.clone()
        h[..., : WIDTH // 2] = 0
        return h

    with model.edited({0: silence_forward}):
        edited, _ = states(model)
    n = len(encoded[0].input_ids)
    for a, b in zip(plain[1:], edited[1:], strict=True):
        assert torch.equal(a[0, :n, WIDTH // 2 :], b[0, :n, WIDTH // 2 :]) and not torch.allclose(a[0, :n, : WIDTH // 2], b[0, :n, : WIDTH // 2], atol=1e-3)


@pytest.mark.parametrize("shape", ["lstm", "bilstm", "telmo"])
def test_the_terms_of_the_loss_are_those_of_the_logits(shape):
    made = network(shape, 40)
    ids = torch.tensor([[2, 10, 11, 12, 3], [2, 20, 3, 0, 0]])
    mask = (ids != 0).long()
    terms = made.losses(ids, mask)
    out = made(ids, mask, labels=ids.masked_fill(mask == 0, -100))
    torch.testing.assert_close(terms.mean(), out.loss)
    assert len(terms) == 6 * (1 if shape == "lstm" else 2)
    log_p = out.logits.log_softmax(-1)
    torch.testing.assert_close(terms[0], -log_p[0, 0, 10])  # the first word after [CLS]
    if shape != "lstm":
        torch.testing.assert_close(terms[-1], -out.previous_logits.log_softmax(-1)[1, 2, 20])  # the word before [SEP]


# --- translation -----------------------------------------------------------------------------------

def greedy(made, ids):
    """The likeliest word again and again, one sentence at a time, from the logits of a full forward pass."""
    written = [2]
    while len(written) <= 2 * len(ids) + 10:
        scores = made(torch.tensor([ids]), decoder_input_ids=torch.tensor([written])).logits[0, -1]
        scores[[0, 2]] = -torch.inf
        written.append(int(scores.argmax()))
        if written[-1] == 3:
            break
    return [w for w in written[1 : 2 * len(ids) + 10] if w != 3]


def best_of_all(made, ids, beam, vocabulary, steps):
    """Beam search written out with lists, for one sentence."""
    beams = [([2], 0.0)]
    for at in range(1, steps + 1):
        grown = []
        for words, score in beams:
            if words[-1] == 3:
                grown.append((words, score))
                continue
            log_p = made(torch.tensor([ids]), decoder_input_ids=torch.tensor([words])).logits[0, -1].log_softmax(-1)
            for w in range(vocabulary):
                if w not in (0, 2) and (at < steps or w == 3):
                    grown.append(([*words, w], score + float(log_p[w])))
        beams = sorted(grown, key=lambda b: -b[1])[:beam]
    words, _ = max(beams, key=lambda b: b[1] / (len(b[0]) - 1))
    return words[1:-1]


def test_beam_search_is_what_it_says():
    made = network("seq2seq", 12)
    rows = [[2, 5, 6, 7, 3], [2, 9, 3], [2, 10, 11, 4, 5, 8, 3]]
    longest = max(map(len, rows))
    ids = torch.tensor([row + [0] * (longest - len(row)) for row in rows])
    mask = (ids != 0).long()
    with torch.no_grad():
        assert made.translate_ids(ids, mask, beam=1) == [greedy(made, row) for row in rows]
        expected = [best_of_all(made, row, 3, 12, 2 * len(row) + 10) for row in rows]
    assert made.translate_ids(ids, mask, beam=3) == expected
    assert expected != made.translate_ids(ids, mask, beam=1), "the beam finds other sentences than the greedy search here"
    with pytest.raises(ValueError, match="at least 1"):
        made.translate_ids(ids, mask, beam=0)


def test_translation_ignores_batches_and_obeys_edits(folders):
    model = load_model(folders("seq2seq"))
    plain = translate(model, WORDS, beam=2)
    assert plain == translate(model, WORDS, beam=2, batch=1) and len(set(plain)) > 1
    with model.edited({i: lambda h: h + 0.0 for i in range(LAYERS + 1)}):
        assert translate(model, WORDS, beam=2) == plain
    ids = torch.tensor([[2, 9, 12, 3]])
    with model.edited({LAYERS: torch.zeros_like}):
        blind = [model.module(x, decoder_input_ids=ids).logits for x in (ids, ids[:, [0, 2, 1, 3]])]
    assert torch.equal(*blind), "all neurons of the last layer silenced: nothing of the source is left"
    assert translate(model, WORDS, beam=2) == plain, "the hooks are gone"
    assert translate(model, []) == []
    with pytest.raises(ValueError, match="no LSTM translator"):
        translate(load_model(folders("lstm")), WORDS)


def test_the_decoder_of_a_translator_can_be_read(folders):
    model = load_model(folders("seq2seq"), stack="decoder")
    h, encoded = states(model)
    assert model.n_layers == 1 and [x.shape[-1] for x in h] == [WIDTH, WIDTH] and h[1].shape[1] == max(len(e.input_ids) for e in encoded)


def test_settings_that_cannot_be():
    with pytest.raises(ValueError, match="even number"):
        recurrent.BiLstmConfig(hidden_size=25)
    with pytest.raises(ValueError, match="no multiple of 5 heads"):
        recurrent.TwinConfig(hidden_size=24, num_attention_heads=5)
    with pytest.raises(ValueError, match="this decoder has 1"):
        recurrent.Seq2SeqLstmConfig(decoder_layers=2)
    with pytest.raises(ValueError, match="decoder_input_ids"):
        network("seq2seq", 12)(torch.tensor([[2, 3]]))
    with pytest.raises(AttributeError, match="no attribute 'GruLM'"):
        _ = recurrent.GruLM
