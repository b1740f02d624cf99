"""Words and their sub-tokens: which positions of the model's input belong to which word of the sentence."""

from __future__ import annotations

import functools
import warnings
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from .models import Model

__all__ = ["Encoded", "Retokenised", "encode_corpus"]

_BLOCK = 1000  # sentences tokenized at a time; a tokenizer's own records are large


class Retokenised(UserWarning):
    """Words tokenized one by one gave other pieces than their sentence as running text."""


@dataclass(frozen=True)
class Encoded:
    """A sentence as the model reads it.

    sentence        its index in the corpus
    input_ids       (T,) with special tokens
    first, last     (n,) position of each word's first and last sub-token
    token_type_ids  (T,) where the tokenizer gives them (XLNet's <cls> has a type of its own)
    """

    sentence: int
    input_ids: np.ndarray
    first: np.ndarray
    last: np.ndarray
    token_type_ids: np.ndarray | None = None


def encode_corpus(model: Model, sentences: Sequence[Sequence[str]]) -> tuple[list[Encoded], list[int]]:
    """(sentences that fit the model, indices of those longer than it takes).

    Raises ValueError naming sentence and word where a word yields no sub-token.
    """
    encode = _encode_fast if model.tokenizer.is_fast else _encode_slow
    encoded, skipped = [], []
    for start in range(0, len(sentences), _BLOCK):
        for one in encode(model, sentences[start : start + _BLOCK], start):
            if model.max_length is not None and len(one.input_ids) > model.max_length:
                skipped.append(one.sentence)
            else:
                encoded.append(one)
    return encoded, skipped


def _no_piece(model: Model, sentence: int, words: Sequence[str], word: int) -> ValueError:
    return ValueError(
        f"sentence {sentence}, word {word} {words[word]!r}: the tokenizer of {model.spec!r} gives it no sub-token "
        "(a character it drops?), so it has no activation; remove or replace the word"
    )


def _encode_fast(model: Model, sentences: Sequence[Sequence[str]], start: int) -> list[Encoded]:
    """By the tokenizer's own word ids."""
    prefix = word_prefix(model.tokenizer)
    batch = model.tokenizer(
        [[prefix + w for w in s] for s in sentences],
        is_split_into_words=True,
        add_special_tokens=True,
        truncation=False,
        padding=False,
        verbose=False,
    )
    out = []
    for k, words in enumerate(sentences):
        ids = np.array([-1 if w is None else w for w in batch.word_ids(k)])
        positions = np.flatnonzero(ids >= 0)
        first, last = np.full(len(words), -1), np.full(len(words), -1)
        last[ids[positions]] = positions
        first[ids[positions[::-1]]] = positions[::-1]
        if (first < 0).any():
            raise _no_piece(model, start + k, words, int(np.flatnonzero(first < 0)[0]))
        types = batch.get("token_type_ids", {k: None})[k]
        out.append(Encoded(start + k, _ints(batch["input_ids"][k]), _ints(first), _ints(last), _ints(types) if types and any(types) else None))
    return out


def _ints(values) -> np.ndarray:
    return np.asarray(values, dtype=np.int32)


def word_prefix(tokenizer) -> str:
    """What to put before each word so that it is tokenized as inside running text: "" or a blank.

    Tokenizers that read the blank as part of the word (byte-level BPE, some SentencePiece) miss it between words
    given one by one; the sentence's first word then gets one too, as with Transformers' `add_prefix_space`.
    """
    sample = ["a", "one", "in", "the", "A"]
    running = tokenizer(" ".join(sample), add_special_tokens=False)["input_ids"]
    for prefix in ("", " "):
        given = tokenizer([prefix + w for w in sample], is_split_into_words=True, add_special_tokens=False)
        after_first = [i for i, word in zip(given["input_ids"], given.word_ids(), strict=True) if word]
        if after_first and running[-len(after_first) :] == after_first:
            return prefix
    return ""


def _encode_slow(model: Model, sentences: Sequence[Sequence[str]], start: int) -> list[Encoded]:
    """Word by word, for tokenizers that report neither word ids nor offsets (FlauBERT, XLM)."""
    tokenizer = model.tokenizer
    cut = functools.cache(tokenizer.tokenize)
    out, differ = [], []
    for k, words in enumerate(sentences):
        pieces = [cut(w) for w in words]
        if empty := [i for i, p in enumerate(pieces) if not p]:
            raise _no_piece(model, start + k, words, empty[0])
        joined = [p for word in pieces for p in word]
        if joined != tokenizer.tokenize(" ".join(words)):
            differ.append(start + k)
        ids = tokenizer.convert_tokens_to_ids(joined)
        whole = tokenizer.build_inputs_with_special_tokens(ids)
        shift = next(i for i in range(len(whole)) if whole[i : i + len(ids)] == ids)
        ends = shift + np.cumsum([len(p) for p in pieces])
        first = np.concatenate([[shift], ends[:-1]])
        out.append(Encoded(start + k, _ints(whole), _ints(first), _ints(ends - 1)))
    if differ:
        warnings.warn(
            f"{len(differ)} of {len(sentences)} sentences from {start} on (the first is {differ[0]}): the tokenizer of {model.spec!r} cuts "
            "the words one by one otherwise than in running text; the words' own pieces are used",
            Retokenised,
            stacklevel=2,
        )
    return out
