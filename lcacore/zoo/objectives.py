"""What a model of the zoo is trained to do. An objective is five functions; the loop in `training` knows nothing else.

    prepare(config) → material                  what is read: a `data.Material` or a class derived from it; of a config
                                                with a base, prepare(config, folder of the base)
    network(config, material) → module          the network with its first weights
    batch(config, material, step) → {name: array}   what one step reads, a pure function of the config and the step;
                                                "input_ids" (B, T) among them, whose size counts as the tokens read
    loss(network, batch) → scalar tensor        `batch` as above, as tensors on the network's device
    measure(config, material, network) → {name: number}   the quality of the finished (decoded) network, on the CPU
    score(config, material, network) → float    only where a config has `runs` > 1: higher is better; the best run is kept
    save(network, material, folder)             config and tokenizer, where the standard way does not fit
    pace(network, name) → float                 how many times as fast as the config says a weight learns (default: 1)

To add one: write the functions, put an `Objective` of them into `OBJECTIVES` of your module, and name the module in
HOMES below. The loop then gives it the learning-rate schedule, checkpoints that resume to the same weights, packed weights
and the training record. Settings it needs are fields of `ZooConfig`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from importlib import import_module

import numpy as np

from . import quality
from .architectures import new_network
from .data import Material, prepare, segments, specials

HOMES = {"masked": "objectives", "permutation": "objectives", "causal": "objectives", "translation": "translation", "sentence": "finetuning", "continued": "continued"}


@dataclass(frozen=True)
class Objective:
    batch: Callable
    loss: Callable
    measure: Callable
    prepare: Callable = prepare
    network: Callable = new_network
    score: Callable | None = None
    save: Callable | None = None
    pace: Callable | None = None


def objective(config) -> Objective:
    """The objective that a config names. Raises ValueError for an unknown one."""
    if config.objective not in HOMES:
        raise ValueError(f"zoo config {config.name!r}: objective {config.objective!r} is not known; there is {', '.join(sorted(HOMES))}")
    return import_module(f".{HOMES[config.objective]}", __package__).OBJECTIVES[config.objective]


def _draws(config, step: int, stream: int) -> np.random.Generator:
    return np.random.Generator(np.random.PCG64([config.seed, stream, step]))


# --- masked tokens ---------------------------------------------------------------------------------

def masked_batch(config, material: Material, step: int) -> dict[str, np.ndarray]:
    """Hidden tokens of one step: input_ids (B, T), attention_mask (B, T) where rows are padded, picked (M,) into B·T, targets (M,).

    Of the tokens that are no special ones a share `mask_rate` is selected; of these `masked` become the mask token,
    `random` another token, and the rest stay. With `maskings` n > 0 pass i repeats the draws of pass i mod n (BERT's
    ready-made masks); with 0 they are new in every pass (RoBERTa's).
    """
    special, rows = specials(config.architecture), material.rows
    index = material.batches(step)
    tokens, real = rows.take(index, special.id("pad"))
    number = material.batches.pass_of(step)
    random = _draws(config, step, 2)
    draw, how, other = random.random(tokens.shape), random.random(tokens.shape), random.integers(special.count, material.vocabulary, tokens.shape)
    if config.maskings:
        places = rows.places(index)[0]
        draw, how = (_hashed(places, config.seed, number % config.maskings, stream) for stream in (2, 3))
    return _complete(config, hide(config, tokens, tokens >= special.count, special.id("mask"), draw, how, other), tokens, real)


def hide(config, tokens: np.ndarray, plain: np.ndarray, mask: int, draw: np.ndarray, how: np.ndarray, other: np.ndarray) -> dict[str, np.ndarray]:
    """input_ids, picked and targets of `masked_batch`: of the `plain` tokens those with draw < `mask_rate` are selected (one at
    least); where how < `masked` they become `mask`, in the next `random` of it `other`. All (B, T) but mask."""
    chosen = (draw < config.mask_rate) & plain
    if not chosen.any():
        chosen[np.unravel_index(np.argmax(plain), tokens.shape)] = True
    inputs = np.where(chosen & (how < config.masked), mask, tokens)
    inputs = np.where(chosen & (how >= config.masked) & (how < config.masked + config.random), other, inputs)
    return {"input_ids": inputs, "picked": np.flatnonzero(chosen), "targets": tokens[chosen]}


def _hashed(places: np.ndarray, *key: int) -> np.ndarray:
    """Numbers in [0, 1) that depend on the place alone (splitmix64)."""
    start = int(np.random.SeedSequence(key).generate_state(1, np.uint64)[0])
    x = places.astype(np.uint64) * np.uint64(0x9E3779B97F4A7C15) + np.uint64(start)
    for shift, factor in ((30, 0xBF58476D1CE4E5B9), (27, 0x94D049BB133111EB)):
        x = (x ^ (x >> np.uint64(shift))) * np.uint64(factor)
    return (x ^ (x >> np.uint64(31))) / 2.0**64


def _complete(config, batch: dict[str, np.ndarray], tokens: np.ndarray, real: np.ndarray) -> dict[str, np.ndarray]:
    """The batch with the sentence each token is of, where a model reads pairs and tells them apart, and a mask of its
    real places, where there are others: attention is faster without one."""
    if config.pairs and config.architecture in ("bert", "xlnet"):  # RoBERTa's kind have one type of token
        batch = {**batch, "token_type_ids": segments(tokens, specials(config.architecture).id("sep"))}
    return batch if real.all() else {**batch, "attention_mask": real.astype(np.int64)}


def masked_loss(network, batch: Mapping):
    """Mean cross-entropy (nats) of the selected tokens; the vocabulary is scored at these alone."""
    from torch.nn.functional import cross_entropy

    read = {name: batch[name] for name in ("input_ids", "attention_mask", "token_type_ids") if name in batch}
    hidden = network.base_model(**read).last_hidden_state
    head = network.cls if hasattr(network, "cls") else network.lm_head
    picked = hidden.reshape(-1, hidden.shape[-1])[batch["picked"]]
    return cross_entropy(head(picked).float(), batch["targets"])


# --- permutations (Yang et al. 2019, XLNet) ---------------------------------------------------------

def permutation_batch(config, material: Material, step: int) -> dict[str, np.ndarray]:
    """An order of prediction for each row: input_ids (B, T), perm_mask (B, T, T), target_mapping (B, P, T), labels (B, P).

    The last `mask_rate` of a random order of the tokens that are no special ones are predicted, each from all tokens
    before it in that order (section 2.3: two-stream attention; section 2.4: partial prediction). perm_mask[b, i, j] = 1
    where i may not see j. Rows of one batch that have fewer targets get labels of -100.
    """
    special = specials(config.architecture)
    tokens, real = material.rows.take(material.batches(step), special.id("pad"))
    draw = np.where(tokens >= special.count, _draws(config, step, 2).random(tokens.shape), -1.0)  # special tokens come first
    place = np.argsort(np.argsort(draw, axis=1, kind="stable"), axis=1, kind="stable")
    wanted = np.maximum(1, np.rint(config.mask_rate * (tokens >= special.count).sum(axis=1))).astype(np.int64)
    order = np.where(place >= tokens.shape[1] - wanted[:, None], place, -1)
    is_target = order >= 0
    hidden = (order[:, :, None] <= order[:, None, :]) & is_target[:, None, :]
    targets = np.argsort(~is_target, axis=1, kind="stable")[:, : wanted.max()]
    counted = np.arange(targets.shape[1]) < wanted[:, None]
    mapping = (targets[:, :, None] == np.arange(tokens.shape[1])) & counted[:, :, None]
    labels = np.where(counted, np.take_along_axis(tokens, targets, axis=1), -100)
    batch = {"input_ids": tokens, "perm_mask": hidden.astype(np.float32), "target_mapping": mapping.astype(np.float32), "labels": labels}
    return _complete(config, batch, tokens, real)


def permutation_loss(network, batch: Mapping):
    """Mean cross-entropy (nats) of the predicted tokens."""
    return network(**batch, use_mems=False).loss


# --- the next token --------------------------------------------------------------------------------

def causal_batch(config, material: Material, step: int) -> dict[str, np.ndarray]:
    """Whole rows: input_ids (B, T), labels (B, T) the same, padding at -100."""
    tokens, real = material.rows.take(material.batches(step), specials(config.architecture).id("pad"))
    return _complete(config, {"input_ids": tokens, "labels": np.where(real, tokens, -100)}, tokens, real)


def causal_loss(network, batch: Mapping):
    """Mean cross-entropy (nats) of each token given those before it (and after it, in a network of two directions)."""
    return network(**batch).loss


OBJECTIVES = {
    "masked": Objective(masked_batch, masked_loss, quality.masked),
    "permutation": Objective(permutation_batch, permutation_loss, quality.permutation),
    "causal": Objective(causal_batch, causal_loss, quality.causal),
}
