"""What a trained model has learnt, measured on the probing corpus's test sentences, which it was not trained on.

The network is the one that the shipped file decodes to.
"""

from __future__ import annotations

from collections import Counter

import numpy as np

from .. import grammar
from .data import Rows, encode, specials

SENTENCES, HIDDEN = 400, 150  # sentences read whole; sentences of which each word is hidden in turn (all languages together)


def test_sentences(config, size: int = SENTENCES) -> list[tuple[str, ...]]:
    """Test sentences in a config's languages, in equal shares; no more of them than training steps."""
    each = max(1, min(size, config.steps) // len(config.languages))
    return [s for language in config.languages for s in grammar.corpus(language, sizes={"test": each}).sentences]


def always_common(sentences) -> float:
    """The share of words that the most frequent one of the same sentences makes up: what a guess restores."""
    counts = Counter(word for sentence in sentences for word in sentence)
    return max(counts.values()) / sum(counts.values())


def _words_hidden(tokenizer, sentence, unknown: int):
    """(ids (T,), hidden (W, T) bool, known (W,) bool): which places each word takes, and whether the tokenizer has it."""
    encoded = tokenizer(list(sentence), is_split_into_words=True)
    ids = np.array(encoded["input_ids"])
    owner = np.array([-1 if w is None else w for w in encoded.word_ids()])
    hidden = owner[None, :] == np.arange(len(sentence))[:, None]
    return ids, hidden, ~((ids == unknown) & hidden).any(axis=1)


def _restored(config, tokenizer, sentences, predict) -> dict:
    """Shares of words restored whole when each is hidden in turn; predict(ids, hidden) → (W, T) ids."""
    hits, known = [], []
    unknown = specials(config.architecture).id("unk")
    for sentence in sentences:
        ids, hidden, has = _words_hidden(tokenizer, sentence, unknown)
        best = predict(ids, hidden)
        hits += [bool(ok) and bool((best[w][hidden[w]] == ids[hidden[w]]).all()) for w, ok in enumerate(has)]
        known += has.tolist()
    return {"masked_word": _round(hits), "always_common": round(always_common(sentences), 4), "unknown_words": _round(np.logical_not(known)), "words": len(hits)}


def _round(values) -> float:
    return round(float(np.mean(values)), 4)


def _spread(config, sentences) -> list:
    """Every n-th sentence, so that each language is among them."""
    return sentences[:: max(1, len(sentences) // HIDDEN)][:HIDDEN]


def masked(config, material, network) -> dict:
    """Of a masked language model:

    copy            tokens that were left as they are, read back right
    masked_piece    tokens hidden singly at the training rate, restored
    masked_word     words hidden whole, each alone in its sentence, restored whole (a word unknown to the tokenizer never is)
    always_common   the share that the most frequent word would restore
    unknown_words   the share of words that the tokenizer does not have
    """
    import torch

    special, sentences = specials(config.architecture), test_sentences(config)
    rows = encode(material.tokenizer, sentences)
    random = np.random.Generator(np.random.PCG64([config.seed, 4]))
    hits = {"copy": [], "masked_piece": []}

    def best(ids, real=None):
        mask = None if real is None else torch.from_numpy(real.astype(np.int64))
        return network(input_ids=torch.from_numpy(ids), attention_mask=mask).logits.argmax(-1).numpy()

    with torch.no_grad():
        for start in range(0, len(rows), 50):
            tokens, real = rows.take(np.arange(start, min(start + 50, len(rows))), special.id("pad"))
            hidden = (random.random(tokens.shape) < config.mask_rate) & (tokens >= special.count)
            found = best(np.where(hidden, special.id("mask"), tokens), real)
            shown = ~hidden & (tokens >= special.count)
            hits["masked_piece"] += (found[hidden] == tokens[hidden]).tolist()
            hits["copy"] += (found[shown] == tokens[shown]).tolist()
        words = _restored(config, material.tokenizer, _spread(config, sentences), lambda ids, hidden: best(np.where(hidden, special.id("mask"), ids)))
    return {**{name: _round(values) for name, values in hits.items()}, **words, "pieces": len(hits["masked_piece"])}


def permutation(config, material, network) -> dict:
    """Of a permutation language model: masked_word and its companions as in `masked`, a hidden word's pieces seen by no place and asked for one by one."""
    import torch

    def best(ids, hidden):
        found = np.tile(ids, (len(hidden), 1))
        tokens = torch.from_numpy(found)
        blind = torch.from_numpy(hidden.astype(np.float32))[:, None, :].expand(-1, len(ids), -1)
        everywhere = torch.eye(len(ids)).expand(len(hidden), -1, -1)
        return network(input_ids=tokens, perm_mask=blind, target_mapping=everywhere, use_mems=False).logits.argmax(-1).numpy()

    with torch.no_grad():
        return _restored(config, material.tokenizer, _spread(config, test_sentences(config)), best)


def unigram_perplexity(train: Rows, test: Rows, vocabulary: int) -> float:
    """Perplexity per token of test rows under the token frequencies of the training rows (one added to each); a row's first token is given."""
    counts = np.bincount(train.flat, minlength=vocabulary) + 1.0
    counts -= np.bincount(train.flat[train.starts[:-1]], minlength=vocabulary)  # first tokens are not predicted
    asked = np.delete(test.flat, test.starts[:-1])
    return float(np.exp(-np.log(counts[asked] / counts.sum()).mean()))


def causal(config, material, network) -> dict:
    """Of a language model that reads in order: perplexity per token (a word and sentence end count alike), and that of token frequencies."""
    import torch

    from .objectives import objective

    rows, special = encode(material.tokenizer, test_sentences(config)), specials(config.architecture)
    loss, asked, total = objective(config).loss, 0, 0.0
    with torch.no_grad():
        for length in np.unique(rows.lengths).tolist():
            tokens = torch.from_numpy(rows.take(np.flatnonzero(rows.lengths == length), special.id("pad"))[0])
            count = tokens.shape[0] * (length - 1)
            total += float(loss(network, {"input_ids": tokens, "labels": tokens})) * count
            asked += count
    return {"perplexity": round(float(np.exp(total / asked)), 3), "unigram_perplexity": round(unigram_perplexity(material.rows, rows, material.vocabulary), 3), "tokens": asked}
