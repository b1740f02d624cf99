"""Translators: LSTM sequence-to-sequence models trained on bitexts, measured by BLEU (Dalvi 2019).

Both languages share one byte-pair vocabulary. The held-out pairs are the test split of the multi-parallel set, of
which no sentence is in any bitext.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from ..grammar.parallel import PARALLEL_SIZES, PARTS, bitext, parallel_corpus
from .data import Batches, Material, Rows, encode, specials, train_tokenizer
from .objectives import Objective

BEAM = 5
_ANY_LENGTH = 10**6

Pairs = Sequence[tuple[Sequence[str], Sequence[str]]]


@dataclass(frozen=True)
class Bitext(Material):
    """`rows` are the source sentences, `targets` their translations."""

    targets: Rows


def bitext_of(config) -> list[tuple[tuple[str, ...], tuple[str, ...]]]:
    """The pairs a config reads: `sentences` of them, of its third where it has one. Raises ValueError for other languages than two, other parts than thirds."""
    if len(config.languages) != 2:
        raise ValueError(f"zoo config {config.name!r}: languages {', '.join(config.languages)}; a translator has two, source and target")
    k, n = config.part
    if n not in (1, PARTS):
        raise ValueError(f"zoo config {config.name!r}: part {k} of {n}; a bitext has {PARTS} parts")
    return bitext(*config.languages, size=config.sentences, seed=config.text_seed, part=k if n == PARTS else None)


def prepare(config) -> Bitext:
    """Bitext, tokenizer and batches of a translator's config."""
    return material_of(bitext_of(config), config)


def material_of(pairs: Pairs, config) -> Bitext:
    """What a run reads of these pairs; those with a side of more than `positions` tokens are left out."""
    sides = [[side[k] for side in pairs] for k in (0, 1)]
    tokenizer = train_tokenizer([*sides[0], *sides[1]], config)
    rows = [encode(tokenizer, side, longest=_ANY_LENGTH) for side in sides]
    fits = np.flatnonzero(np.maximum(rows[0].lengths, rows[1].lengths) <= config.positions)
    source, target = (Rows.of([side.flat[side.starts[i] : side.starts[i + 1]] for i in fits]) for side in rows)
    return Bitext(tokenizer, source, Batches(source.lengths + target.lengths, config.tokens, config.seed), target)


def batch(config, material: Bitext, step: int) -> dict[str, np.ndarray]:
    """Pairs of one step: input_ids (B, S) and target_ids (B, T) with their masks."""
    index, pad = material.batches(step), specials(config.architecture).id("pad")
    (source, real), (target, counted) = material.rows.take(index, pad), material.targets.take(index, pad)
    return {"input_ids": source, "attention_mask": real.astype(np.int64), "target_ids": target, "target_mask": counted.astype(np.int64)}


def loss(network, batch: Mapping):
    """Mean cross-entropy (nats) of the target's tokens under teacher forcing, its labels smoothed as the network's config says."""
    return network.losses(**batch).mean()


def bleu(hypotheses: Sequence[Sequence[str]], references: Sequence[Sequence[str]]) -> tuple[float, str]:
    """(BLEU in percent, sacrebleu's signature) of translations as words.

    Sentences of the miniature world come as words, so sacrebleu is told to leave them as they are (`tok:none`).
    Raises ImportError where sacrebleu is not installed; ValueError where there is no sentence or their numbers differ.
    """
    try:
        from sacrebleu.metrics import BLEU
    except ImportError as error:
        raise ImportError("BLEU is measured by sacrebleu, which is not installed; pip install sacrebleu") from error
    if not len(hypotheses) or len(hypotheses) != len(references):
        raise ValueError(f"{len(hypotheses)} translations for {len(references)} references; give one each, at least one")
    metric = BLEU(tokenize="none", force=True)
    score = metric.corpus_score([" ".join(h) for h in hypotheses], [[" ".join(r) for r in references]]).score
    return float(score), str(metric.get_signature())


def held_out(config, size: int = PARALLEL_SIZES["test"]) -> list[tuple[tuple[str, ...], tuple[str, ...]]]:
    """Test pairs of a config's languages; no more of them than training steps."""
    source, target = (parallel_corpus(language).split("test").sentences for language in config.languages)
    return list(zip(source, target, strict=True))[: max(1, min(size, config.steps))]


def measure(config, material: Bitext, network) -> dict:
    """Of a translator, on held-out pairs: `quality` of it."""
    return quality(network, material.tokenizer, held_out(config))


def quality(network, tokenizer, pairs: Pairs) -> dict:
    """bleu (beam search) with its signature, bleu_greedy, the share of sentences translated word for word as the reference, and the number of pairs."""
    from ..recurrent import translations

    sources, references = ([tuple(pair[k]) for pair in pairs] for k in (0, 1))
    found = {beam: translations(network, tokenizer, sources, beam=beam) for beam in (1, BEAM)}
    score, signature = bleu(found[BEAM], references)
    same = np.mean([a == b for a, b in zip(found[BEAM], references, strict=True)])
    return {
        "bleu": round(score, 2), "bleu_greedy": round(bleu(found[1], references)[0], 2), "same_as_reference": round(float(same), 4),
        "beam": BEAM, "signature": signature, "pairs": len(references),
    }


OBJECTIVES = {"translation": Objective(batch, loss, measure, prepare=prepare)}
