"""Ablation in the model itself: neurons switched off inside the network while it scores text or translates (Dalvi 2019).

A neuron is a coordinate of a layer's output. Ablated, it has one value, zero or its mean, before anything reads it:
the layer above, attention, the softmax, and, in a recurrent layer, the layer's own next step. Dalvi 2019 does not say
whether the recurrence sees the ablated state; here it does (the cell c is no output and stays), and the state before
the first step counts as ablated too. `recurrence=False` takes the other reading. Where a layer adds its input to
what it has read (ELMo's residual), the recurrence reads a state that is no output: it is left alone.

    with ablated(model, neurons, layers=(1, 2)):     the network runs without these neurons
    sweep(model, order, counts, measure, …)          a measure while the first n neurons of an order are off
    perplexity(model, sentences)                     of a causal or masked language model

Shape names: B sentences, T sub-tokens, d neurons per layer, D neurons of all layers asked for.
"""

from __future__ import annotations

import contextlib
import functools
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from .alignment import encode_corpus
from .interventions import moves
from .interventions.network import by_length
from .models import Model

__all__ = ["Batch", "ablated", "batches", "edited", "losses", "perplexity", "sweep"]

HIDDEN_EVERY = 7  # of a masked model's sub-tokens, about .15 at a time, as in its training


# --- switching neurons off -------------------------------------------------------------------------

@contextlib.contextmanager
def ablated(model: Model, neurons, *, layers: Sequence[int], values=None, recurrence: bool = True) -> Iterator[Model]:
    """Inside this block the network runs with these neurons held at one value.

    neurons     ids as in `Activations` of these layers: neuron j of the k-th layer is k · d + j
    layers      the layers that the ids count, rising; 0 is the embeddings' output
    values      (D,) what the neurons are held at (their means); None: zero
    recurrence  is the ablated state what an LSTM's next step reads?

    With no neuron the network is untouched. Raises ValueError: a layer that the model has not, an id beyond D or named
    twice, values of another length.
    """
    layers, d = model.check_layers(layers), model.width
    ids = np.array(neurons, dtype=np.int64).ravel()
    if len(np.unique(ids)) != len(ids) or (len(ids) and not 0 <= ids.min() <= ids.max() < d * len(layers)):
        raise ValueError(f"{len(ids)} neurons from {ids.min() if len(ids) else 0} to {ids.max() if len(ids) else 0}; name each once, by its number from 0 to {d * len(layers) - 1} ({len(layers)} layers x {d})")
    values = np.zeros(d * len(layers)) if values is None else np.asarray(values, dtype=np.float64)
    if values.shape != (d * len(layers),):
        raise ValueError(f"values of shape {values.shape}; give one per neuron, ({d * len(layers)},)")
    with contextlib.ExitStack() as held:
        edits = {}
        for k, layer in enumerate(layers):
            local = np.sort(ids[(ids >= k * d) & (ids < (k + 1) * d)]) - k * d
            if len(local):
                edits[layer] = functools.partial(moves.ablate, neurons=local, mean=values[k * d : (k + 1) * d])
                if recurrence and layer:
                    held.enter_context(_recurrence(model.blocks[layer - 1], local, values[k * d + local]))
        held.enter_context(edited(model, edits))
        yield model


@contextlib.contextmanager
def edited(model: Model, edits: Mapping[int, Callable]) -> Iterator[Model]:
    """`Model.edited`, and the last layer of any model too: what its head reads of a forward pass is the edited state."""
    last = model.n_layers
    inner = dict(edits)
    root = model.module.get_encoder() if model.kind == "encoder-decoder" and model.stack == "encoder" else model.module
    with contextlib.ExitStack() as held:
        if last in inner and getattr(root, "last", None) is None:
            edit = inner.pop(last)

            def leave(_, args, output):
                output.last_hidden_state = edit(output.last_hidden_state)
                return output

            held.callback(root.register_forward_hook(leave).remove)
        held.enter_context(model.edited(inner))
        yield model


@contextlib.contextmanager
def _recurrence(block, local: np.ndarray, values: np.ndarray) -> Iterator[None]:
    """Inside this block the LSTM readers of a layer read these neurons' values at every step.

    A constant input is a column of the recurrent weights less and a constant more in the bias, so the layer runs as
    fast as ever.
    """
    import torch

    undo, start = [], 0
    for reader in getattr(block, "readers", ()):
        lstm = getattr(reader, "lstm", None)
        if lstm is None:  # a transformer's layer: no state but its output
            continue
        width = lstm.hidden_size
        own = (local >= start) & (local < start + width)
        at, value = local[own] - start, values[own]
        start += width
        if reader.residual or not len(at):
            continue
        weight, bias = lstm.weight_hh_l0, lstm.bias_hh_l0
        undo.append((weight, weight.data, bias, bias.data))
        with torch.no_grad():
            changed = weight.data.clone()
            changed[:, at] = 0
            constant = weight.data[:, at] @ weight.data.new_tensor(value)
            weight.data, bias.data = changed, bias.data + constant
    try:
        yield
    finally:
        for weight, old, bias, old_bias in undo:
            weight.data, bias.data = old, old_bias


def sweep(model: Model, order, counts: Sequence[int], measure: Callable[[], float], *, layers: Sequence[int], values=None, recurrence: bool = True) -> list[float]:
    """A measure of the model while the first n neurons of an order are ablated, for every n of `counts`.

    order    (D,) neuron ids, the first to go first: `ranking.order`, or `ranking.reversed().order`
    measure  called without arguments inside the ablation: perplexity of prepared batches, BLEU of translations, …

    Raises ValueError: a count outside 0 … D; as `ablated`.
    """
    order = np.asarray(order)
    if wrong := [n for n in counts if not 0 <= n <= len(order)]:
        raise ValueError(f"the first {wrong[0]} of {len(order)} neurons; give counts from 0 to {len(order)}")
    out = []
    for n in counts:
        with ablated(model, order[:n], layers=layers, values=values, recurrence=recurrence):
            out.append(float(measure()))
    return out


# --- scoring text ----------------------------------------------------------------------------------

@dataclass(frozen=True, eq=False)
class Batch:
    """Sentences of like length: what the network reads, and which sub-tokens it is asked for at which places.

    inputs               tensors as the network takes them
    row, column, target  (n,) place (row, column) of the logits foretells sub-token `target`
    """

    inputs: dict
    row: object
    column: object
    target: object


def batches(model: Model, sentences: Sequence, *, batch_tokens: int = 4096) -> list[Batch]:
    """Sentences as batches to score.

    model      a language model (`interventions.language_model`), or a translator; then `sentences` are pairs (source, target)
    batch_tokens  sub-tokens per batch, padding included: speed and memory, not results, depend on it

    A causal model is asked for every sub-token but the first; a masked one for every sub-token that is not special, each
    seventh hidden at a time, in seven copies of the sentence; a translator for the target's, its own earlier words given.

    Raises ValueError: no sentence short enough for the model; a translator's targets of another number.
    """
    if model.kind == "encoder-decoder":
        return _translator_batches(model, sentences, batch_tokens)
    import torch

    encoded, _ = encode_corpus(model, sentences)
    if not encoded:
        raise ValueError(f"none of {len(sentences)} sentences fits {model.spec!r}; give some of at most {model.max_length} sub-tokens")
    out = []
    for part in by_length([len(e.input_ids) for e in encoded], batch_tokens):
        types = [encoded[i].token_type_ids for i in part]
        inputs = model.collate([encoded[i].input_ids for i in part], None if any(t is None for t in types) else types)
        ids, real = inputs["input_ids"], inputs["attention_mask"].bool()
        if model.kind == "decoder":
            row, column = torch.where(real[:, 1:] & real[:, :-1])
            out.append(Batch(inputs, row, column, ids[row, column + 1]))
            continue
        plain = real & ~torch.isin(ids, torch.tensor(sorted(set(model.tokenizer.all_special_ids)), device=ids.device))
        place = torch.arange(ids.shape[1], device=ids.device)
        for shift in range(HIDDEN_EVERY):
            row, column = torch.where(plain & (place % HIDDEN_EVERY == shift))
            if len(row):
                hidden = ids.clone()
                hidden[row, column] = model.tokenizer.mask_token_id
                out.append(Batch({**inputs, "input_ids": hidden}, row, column, ids[row, column]))
    return out


def _translator_batches(model: Model, pairs, batch_tokens: int) -> list[Batch]:
    import torch

    sides = [model.tokenizer([" ".join(pair[k]) for pair in pairs])["input_ids"] for k in (0, 1)]
    out = []
    for part in by_length([len(a) + len(b) for a, b in zip(*sides, strict=True)], batch_tokens):
        source, target = (model.collate([side[i] for i in part]) for side in sides)
        real = target["attention_mask"].bool()
        row, column = torch.where(real[:, 1:])
        inputs = {**source, "decoder_input_ids": target["input_ids"][:, :-1]}
        out.append(Batch(inputs, row, column, target["input_ids"][row, column + 1]))
    return out


def losses(model: Model, batch: Batch):
    """(n,) nats of each sub-token that a batch asks for; carries gradients where they are on."""
    from torch.nn import functional

    network = getattr(model, "network", model.module)
    logits = network(**batch.inputs, **({"use_cache": False} if "use_cache" in model._parameters else {})).logits
    return functional.cross_entropy(logits[batch.row, batch.column].float(), batch.target, reduction="none")


def perplexity(model: Model, sentences: Sequence) -> float:
    """exp of the mean nats per sub-token asked for (`batches`, which also takes prepared ones: a list of `Batch`).

    Of a masked model this is the perplexity of hidden sub-tokens, not one of a sentence.
    """
    import torch

    prepared = sentences if len(sentences) and isinstance(sentences[0], Batch) else batches(model, sentences)
    with torch.inference_mode():
        found = [losses(model, batch) for batch in prepared]
        # summed in float64: neither the batches nor their order show in the result
        return float(np.exp(sum(float(x.double().sum()) for x in found) / sum(len(x) for x in found)))
