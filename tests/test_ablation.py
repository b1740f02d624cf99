"""Ablation inside networks: nothing off changes nothing, everything off leaves a constant, and a step by hand agrees."""

import numpy as np
import pytest
import torch
from shapes import WORDS, build

from lcacore import recurrent
from lcacore.ablation import ablated, batches, edited, losses, perplexity, sweep
from lcacore.alignment import encode_corpus
from lcacore.attribution import attributions, gradient_activation, integrated_gradients
from lcacore.interventions import language_model
from lcacore.models import load_model
from lcacore.recurrent import translate

WIDTH, LAYERS = 12, 2
PAIRS = [(WORDS[0], WORDS[5]), (WORDS[4], WORDS[0]), (WORDS[2], WORDS[2])]


def tokenizer():
    from lcacore.zoo import ZooConfig
    from lcacore.zoo.data import train_tokenizer

    return train_tokenizer(WORDS, ZooConfig("test", vocabulary=150))


def with_head(shape, folder):
    """A random language model with its head, and its tokenizer, in a folder."""
    import transformers as t

    build(shape, folder)
    kind = {"bert": t.BertForMaskedLM, "llama": t.LlamaForCausalLM, "gpt2": t.GPT2LMHeadModel}[shape]
    network = kind(t.AutoConfig.from_pretrained(folder))
    return save(network, folder)


def save(network, folder):
    torch.manual_seed(0)
    for parameter in network.parameters():
        if parameter.ndim > 1:
            torch.nn.init.normal_(parameter, std=0.4)
    network.save_pretrained(folder)
    return folder


@pytest.fixture(scope="module")
def load(tmp_path_factory):
    base, made = tmp_path_factory.mktemp("ablation"), {}

    def get(shape):
        if shape not in made:
            folder = base / shape
            if shape in ("bert", "llama", "gpt2"):
                made[shape] = language_model(str(with_head(shape, folder)))
            else:
                cut = tokenizer()
                torch.manual_seed(0)
                plain = {"vocab_size": len(cut), "hidden_size": WIDTH, "num_hidden_layers": LAYERS}
                save(recurrent.LstmLM(recurrent.LstmConfig(**plain)) if shape == "lstm" else recurrent.Seq2SeqLstm(recurrent.Seq2SeqLstmConfig(**plain)), folder)
                cut.save_pretrained(folder)
                made[shape] = language_model(str(folder)) if shape == "lstm" else load_model(str(folder))
        return made[shape]

    return get


MODELS = ("lstm", "llama", "gpt2", "bert", "seq2seq")


def text(shape):
    return PAIRS if shape == "seq2seq" else list(WORDS)


def all_losses(model, prepared):
    with torch.inference_mode():
        return torch.cat([losses(model, b) for b in prepared])


@pytest.mark.parametrize("shape", MODELS)
def test_nothing_ablated_is_unchanged_to_the_last_bit_inside_and_after(load, shape):
    model = load(shape)
    layers = range(model.n_layers + 1)
    prepared = batches(model, text(shape))
    plain = all_losses(model, prepared)
    with ablated(model, [], layers=layers):
        assert torch.equal(plain, all_losses(model, prepared))
    with ablated(model, [0, model.width, 2 * model.width + 3], layers=layers):
        assert not torch.equal(plain, all_losses(model, prepared))
    assert torch.equal(plain, all_losses(model, prepared))  # and nothing is left of it
    for module in model.module.modules():
        assert not module._forward_hooks and not module._forward_pre_hooks


@pytest.mark.parametrize("shape", ["lstm", "llama", "gpt2", "bert"])
@pytest.mark.parametrize("values", [None, 0.7])
def test_with_everything_ablated_the_prediction_does_not_depend_on_the_input(load, shape, values):
    model = load(shape)
    D = model.width * model.n_layers
    held = None if values is None else np.linspace(-values, values, D)
    encoded, _ = encode_corpus(model, WORDS)
    plain = model.network(**model.collate([encoded[0].input_ids])).logits[0]
    with ablated(model, np.arange(D), layers=range(1, model.n_layers + 1), values=held), torch.inference_mode():
        rows = torch.cat([model.network(**model.collate([e.input_ids])).logits[0] for e in encoded])
    assert not torch.allclose(plain[1], plain[2], atol=1e-2)
    torch.testing.assert_close(rows, rows[:1].expand_as(rows))


def test_a_translator_without_its_encoder_says_the_same_of_sources_of_one_length(load):
    model = load("seq2seq")
    D = model.width * (model.n_layers + 1)
    sources = [("a", "b", "c"), ("c", "a", "a"), ("b", "b", "b")]
    plain = translate(model, sources)
    assert len(set(plain)) == 3
    with ablated(model, np.arange(D), layers=range(model.n_layers + 1)):
        assert len(set(translate(model, sources))) == 1
    assert translate(model, sources) == plain


def lstm_by_hand(x, weights, off, values, recurrence):
    """One LSTM layer, step by step; outputs `off` are held at `values` before anything reads them."""
    W, U, b = weights
    h, c = np.zeros(U.shape[1]), np.zeros(U.shape[1])
    if recurrence:
        h[off] = values
    out = []
    for step in x:
        i, f, g, o = np.split(W @ step + U @ h + b, 4)
        sigmoid = [1 / (1 + np.exp(-z)) for z in (i, f, o)]
        c = sigmoid[1] * c + sigmoid[0] * np.tanh(g)
        h = sigmoid[2] * np.tanh(c)
        seen = h.copy()
        seen[off] = values
        out.append(seen)
        if recurrence:
            h = seen
    return np.array(out)


@pytest.mark.parametrize("recurrence", [True, False])
@pytest.mark.parametrize("held", [0.0, 0.6])
def test_an_lstm_agrees_with_one_computed_by_hand(load, recurrence, held):
    model = load("lstm")
    sentence = ("a", "b", "c")
    ids = encode_corpus(model, [sentence])[0][0].input_ids
    state = {name: p.detach().numpy().astype(np.float64) for name, p in model.network.named_parameters()}
    x = state["model.embedding.weight"][ids]
    off = {1: np.array([2, 5, 11]), 2: np.array([0, 7])}
    for layer in (1, 2):
        part = {k.rsplit(".", 1)[1]: v for k, v in state.items() if k.startswith(f"model.blocks.{layer - 1}.")}
        weights = part["weight_ih_l0"], part["weight_hh_l0"], part["bias_ih_l0"] + part["bias_hh_l0"]
        x = lstm_by_hand(x, weights, off[layer], held, recurrence)
    logits = x @ state["model.embedding.weight"].T + state["bias"]
    neurons = np.concatenate([WIDTH + off[1], 2 * WIDTH + off[2]])
    with ablated(model, neurons, layers=(0, 1, 2), values=np.full(3 * WIDTH, held), recurrence=recurrence), torch.inference_mode():
        found = model.network(torch.from_numpy(ids[None].astype(np.int64))).logits[0]
    np.testing.assert_allclose(found.numpy(), logits, atol=1e-4)


def test_the_two_readings_of_the_recurrence_differ_after_the_first_step_alone(load):
    model = load("lstm")
    ids = torch.tensor([encode_corpus(model, [("a", "b", "c")])[0][0].input_ids.tolist()])
    found = []
    for recurrence in (True, False):
        with ablated(model, [1, 4], layers=[1], recurrence=recurrence), torch.inference_mode():
            found.append(model.network(ids).logits[0])
    torch.testing.assert_close(found[0][0], found[1][0])
    assert not torch.allclose(found[0][1], found[1][1], atol=1e-3)


@pytest.mark.parametrize("shape", ["llama", "bert"])
def test_an_ablated_neuron_is_the_zeroed_coordinate_of_a_rewritten_network(load, shape):
    """The last layer's neuron off = its column of the softmax (or of the head's first map) zero."""
    model = load(shape)
    encoded, _ = encode_corpus(model, WORDS[:1])
    inputs = model.collate([encoded[0].input_ids])
    head = model.network.lm_head if shape == "llama" else model.network.cls.predictions.transform.dense
    with ablated(model, [3, 8], layers=[model.n_layers]), torch.inference_mode():
        found = model.network(**inputs).logits
    kept = head.weight.data.clone()
    head.weight.data[:, [3, 8]] = 0
    with torch.inference_mode():
        oracle = model.network(**inputs).logits
    head.weight.data = kept
    torch.testing.assert_close(found, oracle)


def test_neurons_held_at_what_they_are_change_nothing(load):
    model = load("llama")
    encoded, _ = encode_corpus(model, [("yes",)])
    inputs = model.collate([encoded[0].input_ids[:1]])  # one sub-token: its own states are the means
    plain = model.network(**inputs).logits
    means = torch.cat([h[0, 0] for h in model.hidden_states(inputs)]).numpy()
    with ablated(model, np.arange(len(means)), layers=range(model.n_layers + 1), values=means), torch.inference_mode():
        torch.testing.assert_close(model.network(**inputs).logits, plain)


@pytest.mark.parametrize("shape", ["lstm", "llama", "gpt2", "bert"])
def test_perplexity_is_that_of_sentences_one_by_one_and_of_any_batches(load, shape):
    model = load(shape)
    whole = perplexity(model, WORDS)
    assert np.isclose(whole, perplexity(model, batches(model, WORDS, batch_tokens=30)), rtol=1e-5)
    nats, asked = 0.0, 0
    for sentence in WORDS:
        ids = torch.tensor([encode_corpus(model, [sentence])[0][0].input_ids.tolist()])
        special = set(model.tokenizer.all_special_ids)
        if shape == "bert":
            rows = [torch.cat([losses(model, b) for b in batches(model, [sentence])])]
            assert len(rows[0]) == sum(i not in special for i in ids[0].tolist())  # each asked for once
        else:
            with torch.inference_mode():
                rows = [torch.nn.functional.cross_entropy(model.network(ids).logits[0, :-1], ids[0, 1:], reduction="none")]
        nats, asked = nats + float(rows[0].double().sum()), asked + len(rows[0])
    assert np.isclose(whole, np.exp(nats / asked), rtol=1e-4)


def test_a_translators_losses_are_those_of_its_training(load):
    model = load("seq2seq")
    (batch,) = batches(model, PAIRS)
    rows = [model.tokenizer([" ".join(p[k]) for p in sorted(PAIRS, key=lambda p: -len(model.tokenizer(" ".join(p[0]))["input_ids"]) - len(model.tokenizer(" ".join(p[1]))["input_ids"]))])["input_ids"] for k in (0, 1)]
    source, target = model.collate(rows[0]), model.collate(rows[1])
    with torch.inference_mode():
        oracle = model.module.losses(source["input_ids"], source["attention_mask"], target["input_ids"], target["attention_mask"])
        torch.testing.assert_close(losses(model, batch), oracle)


def test_a_sweep_measures_every_count_and_leaves_no_trace(load):
    model = load("lstm")
    order = np.random.default_rng(0).permutation(2 * WIDTH)
    prepared = batches(model, WORDS)
    counts = [0, 5, 24, 5]
    found = sweep(model, order, counts, lambda: perplexity(model, prepared), layers=(1, 2))
    assert found[0] == perplexity(model, prepared) and found[1] == found[3] != found[0]
    with ablated(model, order[:5], layers=(1, 2)):
        assert found[1] == perplexity(model, prepared)
    with pytest.raises(ValueError, match="first 25 of 24"):
        sweep(model, order, [25], lambda: 0.0, layers=(1, 2))


def test_errors_name_what_there_is(load):
    model = load("lstm")
    with pytest.raises(ValueError, match="0 to 23"), ablated(model, [24], layers=(1, 2)):
        pass
    with pytest.raises(ValueError, match="each once"), ablated(model, [3, 3], layers=(1, 2)):
        pass
    with pytest.raises(ValueError, match=r"\(24,\)"), ablated(model, [3], layers=(1, 2), values=np.zeros(3)):
        pass
    with pytest.raises(ValueError, match="has no layer 5"), ablated(model, [3], layers=(1, 5)):
        pass


# --- attributions ----------------------------------------------------------------------------------

@pytest.mark.parametrize("shape", ["lstm", "seq2seq"])  # layer norms jump at zero, where no sum of gradients follows
def test_integrated_gradients_are_complete(load, shape):
    """What all neurons answer for is the loss as it is minus the loss with the layer at zero."""
    model = load(shape)
    batch = batches(model, text(shape))[0]
    for layer in (1, model.n_layers):
        d = model.width
        parts = attributions(model, batch, layer, 200)
        with torch.inference_mode():
            whole = losses(model, batch).sum()
            with ablated(model, np.arange(d), layers=[layer], recurrence=False):
                empty = losses(model, batch).sum()
        assert abs(float(whole - empty)) > 0.1
        torch.testing.assert_close(parts.sum(), whole - empty, rtol=0.02, atol=0.05)


@pytest.mark.parametrize("shape", MODELS)
def test_a_gradient_times_an_activation_is_the_slope_of_switching_off(load, shape):
    model, step = load(shape), 1e-2
    batch = batches(model, text(shape))[0]
    slope = attributions(model, batch, 1).sum(dim=(0, 1))
    for j in (0, 7):
        ends = []
        for alpha in (1 - step, 1 + step):
            scale = torch.ones(model.width)
            scale[j] = alpha
            with torch.inference_mode(), edited(model, {1: lambda h, scale=scale: h * scale}):
                ends.append(losses(model, batch).double().sum())
        assert abs(float(ends[1] - ends[0]) / (2 * step) - float(slope[j])) < 0.02 * float(slope.abs().max()) + 2e-3


def test_neurons_that_nothing_reads_have_no_attribution(load):
    model = load("lstm")
    weight = model.module.blocks[1].readers[0].lstm.weight_ih_l0
    kept = weight.data.clone()
    weight.data[:, [3, 9]] = 0
    try:
        for ranking in (gradient_activation(model, WORDS, layers=[1]), integrated_gradients(model, WORDS, layers=[1], steps=3)):
            assert set(ranking.order[-2:].tolist()) == {3, 9} and ranking.n_informative == WIDTH - 2
            assert (np.diff(ranking.scores[ranking.order]) <= 0).all()
    finally:
        weight.data = kept
    with pytest.raises(ValueError, match="at least 1"):
        integrated_gradients(model, WORDS, layers=[1], steps=0)


@pytest.mark.parametrize("shape", MODELS)
def test_attributions_are_activations_times_gradients_along_the_way(load, shape):
    """By hand: the layer's output scaled, and the loss derived by it."""
    model = load(shape)
    batch = batches(model, text(shape))[0]
    for steps, scales in ((None, [1.0]), (3, [1 / 6, 1 / 2, 5 / 6])):
        total, seen = 0.0, {}

        def scaled(h, alpha, seen=seen):
            seen["h"] = h.detach()
            seen["x"] = (alpha * h.detach()).requires_grad_(True)
            return seen["x"]

        for alpha in scales:
            with edited(model, {1: lambda h, alpha=alpha: scaled(h, alpha)}):
                total = total + torch.autograd.grad(losses(model, batch).sum(), seen["x"])[0]
        torch.testing.assert_close(attributions(model, batch, 1, steps), seen["h"] * total / len(scales), rtol=1e-4, atol=1e-5)


def test_a_layer_reached_through_edits_is_the_layer_that_captum_hooks(load):
    from captum.attr import LayerGradientXActivation

    model = load("lstm")
    batch = batches(model, WORDS[:1])[0]

    def total(ids):
        logits = model.network(ids, batch.inputs["attention_mask"].expand(len(ids), -1)).logits
        log_p = logits.log_softmax(-1)
        return -sum(log_p[:, c, t] for c, t in zip(batch.column.tolist(), batch.target.tolist(), strict=True))

    by_captum = LayerGradientXActivation(total, model.module.blocks[0]).attribute(batch.inputs["input_ids"])
    torch.testing.assert_close(attributions(model, batch, 1), by_captum.detach(), rtol=1e-3, atol=1e-5)
