"""Interventions change what they name and nothing else, and the rest of the network is the network's own."""

import sys
from importlib import invalidate_caches
from importlib.util import find_spec

import numpy as np
import pytest
from tiny import WORDS

from lcacore.interventions import (
    LanguageModel,
    Lexicon,
    Spacy,
    ablate,
    installed_pipeline,
    language_model,
    outcomes,
    saturation_point,
    translate,
    translation_coefficients,
)
from lcacore.models import load_model
from lcacore.types import Corpus

SENTENCES = [tuple(s.split()) for s in ("the cat sees a dog", "each river holds this", "some bird knows that tree takes a house", "that house likes the unknown dog", "a dog")]
PLACES = np.array([(s, p) for s, words in enumerate(SENTENCES) for p in range(len(words)) if p % 2])


@pytest.fixture(scope="module")
def folders(tmp_path_factory):
    """A masked model of whole words, the same of pieces, and a causal one, all random."""
    import torch
    from tokenizers import Tokenizer, decoders, models, pre_tokenizers, processors
    from transformers import BertConfig, BertForMaskedLM, GPT2Config, GPT2LMHeadModel, PreTrainedTokenizerFast

    special = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"]
    words = sorted(w for ws in WORDS.values() for w in ws)
    pieces = sorted({w[:2] for w in words} | {f"##{c}" for w in words for c in w[1:]} | {w[0] for w in words})
    kinds = {"words": models.WordLevel({w: i for i, w in enumerate([*special, *words])}, unk_token="[UNK]"), "pieces": models.WordPiece({w: i for i, w in enumerate([*special, *pieces])}, unk_token="[UNK]")}
    root, out = tmp_path_factory.mktemp("models"), {}
    for name, kind in [("masked", "words"), ("pieces", "pieces"), ("causal", "words")]:
        tokenizer = Tokenizer(kinds[kind])
        tokenizer.pre_tokenizer = pre_tokenizers.Whitespace()
        if kind == "pieces":
            tokenizer.decoder = decoders.WordPiece()
        if name != "causal":
            tokenizer.post_processor = processors.TemplateProcessing(single="[CLS] $A [SEP]", special_tokens=[("[CLS]", 2), ("[SEP]", 3)])
        fast = PreTrainedTokenizerFast(tokenizer_object=tokenizer, unk_token="[UNK]", pad_token="[PAD]", cls_token="[CLS]", sep_token="[SEP]", mask_token="[MASK]")
        torch.manual_seed(0)
        size = tokenizer.get_vocab_size()
        if name == "causal":
            network = GPT2LMHeadModel(GPT2Config(vocab_size=size, n_embd=16, n_layer=3, n_head=2, n_positions=40, bos_token_id=2, eos_token_id=3))
        else:
            network = BertForMaskedLM(BertConfig(vocab_size=size, hidden_size=16, num_hidden_layers=3, num_attention_heads=2, intermediate_size=32))
        for parameter in network.parameters():  # far enough from zero that predictions differ
            parameter.data += 0.3 * torch.randn_like(parameter)
        network.save_pretrained(root / name)
        fast.save_pretrained(root / name)
        out[name] = str(root / name)
    return out


@pytest.fixture(scope="module", params=["masked", "pieces", "causal"])
def model(request, folders) -> LanguageModel:
    return language_model(folders[request.param], device="cpu")


def read(model, layer, sentences=SENTENCES, places=PLACES, **settings):
    return model.read(sentences, *places.T, layer, **settings)


def push(states, owner):
    return states + 5.0 * np.sign(owner % 2 - 0.5)[:, None].astype(np.float32) * np.linspace(-1, 1, states.shape[-1], dtype=np.float32)


def as_edit(change):
    import torch

    return lambda states, owner: torch.tensor(change(states.numpy(), owner), dtype=states.dtype)


# --- moves -------------------------------------------------------------------------------------------


def test_coefficients_are_those_of_the_published_code():
    alpha = translation_coefficients(768, 8)
    assert alpha[[0, 50, 100, 200, 767]] == pytest.approx([8, 4.453, 2.479, 0.768, 0.001], abs=5e-4)
    assert np.allclose(alpha[1:] / alpha[:-1], alpha[1] / alpha[0])
    for beta, floor in [(0, 1e-3), (1, 0), (1, 2)]:
        with pytest.raises(ValueError, match="beta >= floor > 0"):
            translation_coefficients(10, beta, floor)


@pytest.mark.parametrize("kind", ["numpy", "torch"])
def test_moves_change_the_named_neurons_of_a_copy(kind):
    import torch

    rng = np.random.default_rng(0)
    given = rng.normal(size=(4, 6)).astype(np.float32)
    states = given.copy() if kind == "numpy" else torch.tensor(given)
    order, difference, alpha = rng.permutation(6), rng.normal(size=6), translation_coefficients(6, 2.0)
    moved = np.asarray(translate(states, order, 3, difference, alpha))
    wanted = given.astype(np.float64)
    for rank, neuron in enumerate(order[:3]):
        wanted[:, neuron] += alpha[rank] * difference[neuron]
    assert np.allclose(moved, wanted, atol=1e-6)
    assert np.array_equal(moved[:, order[3:]], given[:, order[3:]])
    zero, mean = np.asarray(ablate(states, [4, 1])), np.asarray(ablate(states, [4, 1], mean=difference))
    assert not zero[:, [1, 4]].any()
    assert np.allclose(mean[:, [1, 4]], difference[[1, 4]])
    for out in (zero, mean):
        assert np.array_equal(out[:, [0, 2, 3, 5]], given[:, [0, 2, 3, 5]])
    assert np.array_equal(np.asarray(states), given)


def test_moves_refuse_what_is_not_there():
    states = np.zeros((2, 4))
    with pytest.raises(ValueError, match="name each once"):
        ablate(states, [0, 4])
    with pytest.raises(ValueError, match="first 5 of 4"):
        translate(states, np.arange(4), 5, np.ones(4), np.ones(4))


# --- the network ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("layer", range(4))
def test_no_neuron_changed_changes_nothing_to_the_last_bit(model, layer):
    one = read(model, layer)
    plain = one.logits()
    alpha = translation_coefficients(16, 8)
    for edit in (lambda h, w: ablate(h, []), lambda h, w: translate(h, np.arange(16), 0, np.ones(16), alpha), lambda h, w: translate(h, np.arange(16), 16, np.zeros(16), alpha)):
        assert np.array_equal(one.logits(edit), plain)  # k = 0, and all neurons moved to the same value


@pytest.mark.parametrize("layer", range(4))
def test_the_rest_of_the_network_is_the_networks_own(model, layer):
    """Reading on from any layer gives the plain network's predictions, bit for bit in its last hidden states."""
    import torch

    seen = []
    handle = model.module.register_forward_hook(lambda _, args, output: seen.append(output[0]))
    for batch in read(model, layer).batches:
        with torch.inference_mode():
            whole = model.network(**batch.inputs, **model._options).logits[batch.asked_row, batch.asked_column]
        plain = seen.pop()
        logits = model.go_on(batch.inputs, layer, batch.states, batch.asked_row, batch.asked_column)
        assert torch.equal(batch.states if layer == model.n_layers else seen.pop(), plain)
        assert torch.allclose(logits, whole, atol=1e-5)
        seen.clear()
    handle.remove()
    assert all("forward" not in block.__dict__ and not block._forward_pre_hooks for block in model.blocks)


def test_only_named_sub_tokens_of_the_layer_change(model):
    import torch

    one = read(model, 1)
    for batch in one.batches:
        after = one.edited(batch, lambda h, w: ablate(h, [3, 5]))
        changed = torch.zeros(batch.states.shape, dtype=torch.bool)
        changed[batch.row[:, None], batch.column[:, None], torch.tensor([3, 5])] = True
        assert torch.equal(after[~changed], batch.states[~changed])
        assert not after[changed].any()
        assert len(batch.row) == sum(one.n_pieces[w] for w in set(batch.word.tolist()))


@pytest.mark.parametrize("masked", [False, True])
def test_a_batch_gives_what_one_sentence_at_a_time_gives(model, masked):
    if masked and model.causal:
        with pytest.raises(ValueError, match="no mask token"):
            read(model, 1, masked=True)
        return
    together, single = (read(model, 1, masked=masked, batch_tokens=n) for n in (10_000, 1))
    assert len(together.batches) < len(single.batches)
    edit = as_edit(push)
    assert np.allclose(together.logits(edit), single.logits(edit), atol=1e-4)
    assert np.array_equal(together.predict(edit), single.predict(edit))
    assert np.array_equal(together.truth, single.truth)


def test_ablating_one_neuron_equals_a_recomputation_by_hand(folders):
    import torch

    model = language_model(folders["masked"], device="cpu")
    one = model.read([SENTENCES[0]], [0], [1], 2)
    inputs = model.collate([model.tokenizer(list(SENTENCES[0]), is_split_into_words=True)["input_ids"]])
    with torch.inference_mode():
        states = model.hidden_states(inputs)[2].clone()
        states[0, 2, 7] = 0.0  # [CLS] the cat
        bert = model.network.bert
        logits = model.network.cls(bert.encoder.layer[2](states, None))[0, 2]
    assert np.allclose(one.logits(lambda h, w: ablate(h, [7]))[0], logits.numpy(), atol=1e-5)
    assert not np.allclose(one.logits()[0], logits.numpy(), atol=1e-5)


def test_a_causal_model_changes_the_next_word_and_none_before(folders):
    model = language_model(folders["causal"], device="cpu")
    words = SENTENCES[2]
    places = np.array([(0, p) for p in range(len(words) - 1)])
    one = model.read([words], *places.T, 1)
    assert model.forms(one.truth, one.owner, len(one)).tolist() == list(words[1:])
    only = 3
    after = one.logits(as_edit(lambda h, w: h * (w != only)[:, None]))
    same = np.isclose(after, one.logits(), atol=1e-5).all(axis=1)
    assert same.tolist() == [p < only for p in range(len(places))]


def test_words_of_several_sub_tokens_are_one_word(folders):
    model = language_model(folders["pieces"], device="cpu")
    one = model.read(SENTENCES, *PLACES.T, 1)
    kept = [SENTENCES[s][p] for s, p in PLACES[one.index]]
    assert one.n_pieces.max() > 2
    assert model.forms(one.truth, one.owner, len(one)).tolist() == kept
    assert np.bincount(one.owner).tolist() == one.n_pieces.tolist()
    both = np.stack([one.truth, one.truth])
    assert model.forms(both, one.owner, len(one)).tolist() == [kept, kept]


def test_words_that_cannot_be_asked_for_are_left_out(folders):
    places = np.array([(3, 4), (3, 5), (4, 1)])  # "unknown", "dog", and the last word of a sentence
    assert language_model(folders["masked"], device="cpu").read(SENTENCES, *places.T, 0).index.tolist() == [1, 2]
    with pytest.raises(ValueError, match="none of the 2 words"):
        language_model(folders["causal"], device="cpu").read(SENTENCES, [3, 4], [5, 1], 0)
    with pytest.raises(ValueError, match="name words that are there"):
        language_model(folders["masked"], device="cpu").read(SENTENCES, [9], [0], 0)


def test_masking_hides_the_word_and_no_other(folders):
    model = language_model(folders["pieces"], device="cpu")
    one = read(model, 0, masked=True)
    mask = model.tokenizer.mask_token_id
    for batch in one.batches:
        hidden = batch.inputs["input_ids"] == mask
        assert int(hidden.sum()) == len(batch.row)
        assert hidden[batch.row, batch.column].all()
    shown = read(model, 0)
    assert np.array_equal(one.truth, shown.truth)
    other = read(model, 0, masked=True, sentences=[SENTENCES[0], *SENTENCES[1:]])
    assert np.array_equal(other.logits(), one.logits())


def test_an_encoder_without_a_head_is_refused(folders, tmp_path):
    from transformers import BertModel

    BertModel.from_pretrained(folders["masked"]).save_pretrained(tmp_path / "bare")
    language_model(folders["masked"]).tokenizer.save_pretrained(tmp_path / "bare")
    with pytest.raises(ValueError, match="no language-modelling head"):
        _ = LanguageModel.of(load_model(str(tmp_path / "bare"), device="cpu")).network


# --- analysers and measures ------------------------------------------------------------------------------

TREEBANK = Corpus(
    "made",
    sentences=(("The", "dogs", "walk"), ("walks", "are", "long"), ("walks", "a", "dog"), ("dogs", "walks", "walked")),
    annotations={
        "lemma": (("the", "dog", "walk"), ("walk", "be", "long"), ("walk", "a", "dog"), ("dog", "walk", "walk")),
        "Number": (("", "Plur", "Plur"), ("Plur", "Plur", ""), ("Sing", "", "Sing"), ("Plur", "Sing", "")),
        "upos": (("DET", "NOUN", "VERB"), ("NOUN", "AUX", "ADJ"), ("VERB", "DET", "NOUN"), ("NOUN", "VERB", "VERB")),
    },
)


def test_the_lexicon_takes_the_majority_or_that_of_the_part_of_speech():
    plain, tagged = (Lexicon(TREEBANK, "Number", context=c) for c in ("form", "upos"))
    assert plain.look_up("walks") == ("walk", "Sing")  # 2 of 3
    assert tagged.look_up("walks", "NOUN") == ("walk", "Plur")
    assert tagged.look_up("walks", "ADJ") == ("walk", "Sing")
    assert plain.look_up("Walks") == ("walk", "Sing") and plain.look_up("the") == ("the", "")
    assert plain.look_up("cats") == ("", "")
    assert plain.forms("dog", "Sing") == ["dog"] and plain.forms("dog", "Dual") == []
    found = tagged.analyse([["walks", "dogs"], ["cats", "walks"]], ["NOUN", "VERB"])
    assert found.value.tolist() == [["Plur", "Plur"], ["", "Sing"]]
    assert found.lemma.tolist() == [["walk", "dog"], ["", "walk"]]
    assert plain.look_up("d o g s") == plain.look_up("'dogs") == ("dog", "Plur")  # as pieces of a contraction come out
    with pytest.raises(ValueError, match="one of form, upos"):
        Lexicon(TREEBANK, "Number", context="sentence")


def test_outcomes_tell_errors_wrong_values_and_missing_ones_apart():
    lexicon = Lexicon(TREEBANK, "Number")
    truth = np.array(["dogs", "dogs", "walks", "walks", "dogs", "dogs"], dtype=object)
    before = lexicon.analyse(["dogs", "dogs", "walks", "walks", "dog", "cats"])
    after = lexicon.analyse(["dog", "dogs", "walked", "dog", "dogs", "dog"])
    found = outcomes(truth, before, after)
    assert found["error"].tolist() == [True, False, True, True, False, True]
    assert found["clwv"].tolist() == [True, False, False, False, False, False]
    assert found["missing"].tolist() == [False, False, True, False, False, False]
    assert outcomes(truth, before, after, missing_is_wrong=True)["clwv"].tolist() == [True, False, True, False, False, False]
    against_text = outcomes(truth, lexicon.analyse(truth), after)  # the published code's reading
    assert against_text["clwv"].tolist() == [True, False, False, False, False, True]


def test_spacy_reads_each_form_in_its_sentence(monkeypatch):
    class Token:
        def __init__(self, words, i):
            self.lemma_ = words[i].upper()
            self.morph = {"Number": [f"after {words[i - 1]}"]}

    spacy = Spacy(object(), "Number")
    monkeypatch.setattr(spacy, "_read", lambda words: [Token(words, i) for i in range(len(words))])
    found = spacy.analyse([["x", "y"], ["u", "v"]], sentences=[("a", "b", "c")], sentence=[0, 0], position=[1, 2])
    assert found.lemma.tolist() == [["x", "y"], ["u", "v"]]
    assert found.value.tolist() == [["after a", "after x"], ["after a", "after u"]]
    with pytest.raises(ImportError, match="lexicon"):
        Spacy("a_pipeline_that_is_not_there", "Number")


def test_spacy_is_chosen_where_it_and_the_languages_pipeline_are_installed(tmp_path, monkeypatch):
    for name in ("en_core_web_sm", "de_core_news_sm"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "__init__.py").touch()
    monkeypatch.syspath_prepend(tmp_path)
    monkeypatch.delitem(sys.modules, "spacy", raising=False)
    if not find_spec("spacy"):
        assert installed_pipeline("ud:UD_English-EWT") is None  # a pipeline alone is not enough
        (tmp_path / "spacy.py").touch()
        invalidate_caches()
    assert installed_pipeline("ud:UD_English-EWT") == installed_pipeline("ud:somewhere/UD_English-GUM") == "en_core_web_sm"
    assert installed_pipeline("ud:UD_German-GSD") == "de_core_news_sm"
    assert installed_pipeline("ud:UD_Latin-PROIEL") is None  # no pipeline of that language
    assert installed_pipeline("mini:en") is None


@pytest.mark.parametrize(
    ("values", "rule", "wanted"),
    [
        ([0, 0.2, 0.3, 0.31, 0.32, 0.5], "paper", (20, 0.3, 2, True)),
        ([0, 0.2, 0.3, 0.31, 0.32, 0.5], "code", (50, 0.5, 5, False)),  # .5 exceeds .3 by more than .1
        ([0, 0.2, 0.3, 0.31, 0.32, 0.33], "code", (20, 0.3, 2, True)),
        ([0, 0, 0, 0.4, 0.4, 0.4], "paper", (0, 0.0, 0, True)),  # nothing to saturate: 0 to 0 is no growth
        ([0, 0, 0, 0.4, 0.4, 0.4], "risen", (30, 0.4, 3, True)),
        ([0, 0, 0, 0], "risen", (0, 0.0, 0, True)),
        ([0, 0.1, 0.1, 0.2, 0.2, 0.3], "paper", (50, 0.3, 5, False)),
        ([0.1, 0.101, 0.12, 0.121, 0.14], "paper", (40, 0.14, 4, False)),  # one slow step at a time
        ([0.3, 0.2, 0.1], "paper", (0, 0.3, 0, True)),
        ([0.3], "paper", (0, 0.3, 0, False)),
    ],
)
def test_saturation_points(values, rule, wanted):
    assert tuple(saturation_point(range(0, 10 * len(values), 10), values, rule=rule)) == pytest.approx(wanted)


def test_saturation_refuses_what_is_no_curve():
    for ks, values, rule in [([0, 1], [0.1], "paper"), ([], [], "paper"), ([0], [float("nan")], "paper"), ([0], [0.1], "both")]:
        with pytest.raises(ValueError, match="give one"):
            saturation_point(ks, values, rule=rule)
