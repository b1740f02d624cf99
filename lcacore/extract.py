"""One row of hidden states per word: (model, sentences) → activations, kept in the store.

A word is its last sub-token (Durrani 2020, 2023), its first, or their mean (Antverg & Belinkov 2022).
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np

from .alignment import Encoded, encode_corpus
from .models import Model
from .store import code_key, store
from .types import Activations, Corpus, fingerprint

__all__ = ["extract", "pair_with_heads"]

AGGREGATIONS = ("last", "first", "mean")
DTYPES = ("float16", "bfloat16", "float32")


def extract(
    model: Model,
    corpus: Corpus,
    *,
    layers: str | Sequence[int] = "all",
    aggregation: str = "last",
    dtype: str = "float16",
    batch_tokens: int | None = None,
) -> Activations:
    """Activations of every word of a corpus, computed once per (model, sentences) and read from the store after.

    layers        "all" (0 … L, side by side) or a list; 0 is the embeddings' output
    aggregation   "last", "first" or "mean" of a word's sub-tokens
    dtype         of the stored matrix: "float16", "bfloat16" (an `ml_dtypes` array), "float32"
    batch_tokens  sub-tokens per batch, padding included: memory and speed, not results, depend on it
                  (None: 1024 on a CPU, whose caches they fit, 16384 on a GPU)

    Returns Activations with X (N, L·d) memory-mapped, rows in corpus order, and the corpus's splits. Special
    tokens have no row. A sentence with more sub-tokens than the model takes is left out and listed in `skipped`.

    Raises ValueError: a layer the model has not; a word without a sub-token; NaN or infinite activations, or ones
    too large for float16; no sentence short enough. OSError: no space left.
    """
    # "all" stays a word in the key: what it means stands with the artefact, so that reading one loads neither torch nor the config
    wanted = layers if layers == "all" else list(model.check_layers(layers))
    if aggregation not in AGGREGATIONS:
        raise ValueError(f"aggregation {aggregation!r}; give one of {', '.join(AGGREGATIONS)}")
    if dtype not in DTYPES:
        raise ValueError(f"dtype {dtype!r}; give one of {', '.join(DTYPES)}")
    if batch_tokens is not None and batch_tokens < 1:
        raise ValueError(f"batch_tokens {batch_tokens}; give a positive number of sub-tokens")
    key = {
        "model": model.key,
        "sentences": corpus.text_key,
        "layers": wanted,
        "aggregation": aggregation,
        "dtype": dtype,
        "code": code_key("lcacore.recurrent", "lcacore.models", "lcacore.alignment", "lcacore.extract"),
    }
    folder = store().build("activations", key, lambda part: _make(part, model, corpus, wanted, aggregation, dtype, batch_tokens))
    return _activations(folder, dtype, model, corpus, fingerprint(key))


def _activations(folder: Path, dtype: str, model: Model, corpus: Corpus, key: str) -> Activations:
    info = store().info(folder)
    skipped = tuple(info["skipped"])
    kept = np.ones(len(corpus.sentences), dtype=bool)
    kept[list(skipped)] = False
    sentence_ids = corpus.sentence_ids
    rows = kept[sentence_ids]
    edges = np.concatenate([[0], np.cumsum(np.where(kept, [len(s) for s in corpus.sentences], 0))])
    return Activations(
        X=open_matrix(folder / "X.npy", dtype),
        words=corpus.words[rows],
        sentence_ids=sentence_ids[rows],
        token_ids=np.flatnonzero(rows),
        layers=tuple(info["layers"]),
        width=info["width"],
        n_tokens=corpus.n_tokens,
        skipped=skipped,
        splits={name: (int(edges[a]), int(edges[b])) for name, (a, b) in corpus.splits.items()},
        model=model.spec,
        corpus=corpus.name,
        key=key,
    )


def _make(folder: Path, model: Model, corpus: Corpus, layers, aggregation: str, dtype: str, batch_tokens: int | None) -> dict:
    if batch_tokens is None:  # asked of the device only here: reading the store needs no torch
        batch_tokens = 1024 if model.device.type == "cpu" else 16384
    encoded, skipped = encode_corpus(model, corpus.sentences)
    if not encoded:
        raise ValueError(f"every sentence of corpus {corpus.name!r} is longer than the {model.max_length} sub-tokens that {model.spec!r} takes")
    layers = model.check_layers(layers)
    lengths = np.array([len(corpus.sentences[e.sentence]) for e in encoded])
    first_row = np.concatenate([[0], np.cumsum(lengths)])
    width = len(layers) * model.width
    with MatrixWriter(folder / "X.npy", (int(first_row[-1]), width), dtype) as out:
        for batch in _batches([len(e.input_ids) for e in encoded], batch_tokens):
            rows = _word_rows(model, [encoded[i] for i in batch], layers, aggregation)
            at = 0
            for i in batch:
                part = rows[at : at + lengths[i]]
                at += lengths[i]
                _check_finite(part, model, corpus, encoded[i].sentence)
                out.write(int(first_row[i]), part)
    return {"skipped": skipped, "rows": int(first_row[-1]), "layers": layers, "width": model.width, "model": model.spec, "corpus": corpus.name}


def _batches(lengths: Sequence[int], batch_tokens: int) -> Iterator[list[int]]:
    """Indices of sentences of like length, longest first (memory shows its peak at once), at most batch_tokens with padding."""
    order = np.argsort(-np.asarray(lengths), kind="stable")
    batch: list[int] = []
    for i in order.tolist():
        if batch and lengths[batch[0]] * (len(batch) + 1) > batch_tokens:
            yield batch
            batch = []
        batch.append(i)
    if batch:
        yield batch


def _word_rows(model: Model, sentences: list[Encoded], layers: Sequence[int], aggregation: str) -> np.ndarray:
    """(words of these sentences, L·d) float32 activations."""
    import torch

    types = [e.token_type_ids for e in sentences]
    inputs = model.collate([e.input_ids for e in sentences], None if any(t is None for t in types) else types)
    states = model.hidden_states(inputs)
    longest = inputs["input_ids"].shape[1]
    row, first, last = [], [], []
    for b, e in enumerate(sentences):
        shift = longest - len(e.input_ids) if model.pads_left else 0
        row += [b] * len(e.first)
        first += [shift + i for i in e.first]
        last += [shift + i for i in e.last]
    row, first, last = (torch.tensor(x, device=model.device) for x in (row, first, last))
    parts = []
    for layer in layers:
        h = states[layer]
        if aggregation == "mean":
            # summed sub-token by sub-token, in order: the same additions whatever the batch or device
            total = h[row, first].float()
            count = last - first + 1
            for k in range(1, int(count.max())):
                more = count > k
                total[more] += h[row[more], first[more] + k].float()
            parts.append(total / count[:, None])
        else:
            parts.append(h[row, last if aggregation == "last" else first].float())
    return torch.cat(parts, dim=1).cpu().numpy()


def _check_finite(rows: np.ndarray, model: Model, corpus: Corpus, sentence: int) -> None:
    if not np.isfinite(rows).all():
        word = int(np.flatnonzero(~np.isfinite(rows).all(axis=1))[0])
        raise ValueError(
            f"model {model.spec!r} gives NaN or infinite activations (sentence {sentence} of {corpus.name!r}, word {word} "
            f"{corpus.sentences[sentence][word]!r}); its weights are damaged, or it overflows in its own precision"
        )


# --- the matrix on disk ----------------------------------------------------------------------------

def open_matrix(path: Path, dtype: str) -> np.ndarray:
    """A stored matrix, memory-mapped and read-only."""
    X = np.load(path, mmap_mode="r")
    if dtype == "bfloat16":
        import ml_dtypes

        return X.view(ml_dtypes.bfloat16)
    return X


class MatrixWriter:
    """Writes rows of an .npy file in any order at constant memory.

    Plain writes, not a memory map: touched pages of a map count as the process's memory, and a full disk
    would end the process by a signal instead of an OSError. The space is reserved first, so that a
    disk too small says so before the work.
    """

    def __init__(self, path: Path, shape: tuple[int, int], dtype: str):
        self.dtype = dtype
        stored = np.dtype(np.uint16 if dtype == "bfloat16" else dtype).newbyteorder("<")
        self.row_bytes = shape[1] * stored.itemsize
        self.file = path.open("wb")
        try:
            header = {"descr": np.lib.format.dtype_to_descr(stored), "fortran_order": False, "shape": shape}
            np.lib.format.write_array_header_1_0(self.file, header)
            self.file.flush()
            self.start = self.file.tell()
            size = self.start + shape[0] * self.row_bytes
            if hasattr(os, "posix_fallocate"):
                os.posix_fallocate(self.file.fileno(), 0, size)
            else:
                self.file.truncate(size)
        except BaseException:
            self.file.close()
            raise

    def write(self, row: int, values: np.ndarray) -> None:
        """Rows from `row` on, rounded to the stored dtype. ValueError where float16 cannot hold them."""
        if self.dtype == "bfloat16":
            import ml_dtypes

            data = values.astype(ml_dtypes.bfloat16)
        else:
            with np.errstate(over="ignore"):
                data = values.astype(self.dtype)
        if not np.isfinite(data).all():
            raise ValueError(f"activations of up to {np.abs(values).max():.3g} are too large for {self.dtype}; ask for dtype='bfloat16' or 'float32'")
        self.file.seek(self.start + row * self.row_bytes)
        self.file.write(np.ascontiguousarray(data).tobytes())

    def __enter__(self) -> MatrixWriter:
        return self

    def __exit__(self, *_) -> None:
        self.file.close()


# --- pairs of words --------------------------------------------------------------------------------

def pair_with_heads(activations: Activations, heads: Sequence[str]) -> Activations:
    """Each word's activations beside those of its syntactic head, to label the dependency between them (Durrani 2023 §5.5).

    activations  of the whole corpus or of one split, parts ("word",)
    heads        the corpus's layer "head": one per word, "0" at the root, else the head's 1-based number in its sentence

    Returns (N', 2·L·d) Activations, parts ("modifier", "head"): words whose head is in their sentence, so neither
    roots nor words without annotation. Streamed through the store.

    Raises ValueError: heads of another length than the corpus; a head that is no number or outside its sentence.
    """
    if activations.parts != ("word",):
        raise ValueError(f"activations of {' + '.join(activations.parts)}: give those of single words")
    heads = np.asarray(heads, dtype=object)
    if len(heads) != activations.n_tokens:
        raise ValueError(f"{len(heads)} heads for {activations.n_tokens} words in the corpus; give corpus.labels('head')")
    row_of = np.full(activations.n_tokens, -1)
    row_of[activations.token_ids] = np.arange(len(activations))
    modifier, head = _edges(activations, heads, row_of)
    if not len(modifier):
        raise ValueError("no word has a head inside its sentence; is this the layer 'head' of the corpus?")
    dtype = activations.X.dtype.name
    width = activations.X.shape[1]
    key = {"activations": activations.key, "modifier": modifier, "head": head, "code": code_key("lcacore.extract")}
    plain = {**key, "modifier": fingerprint(modifier), "head": fingerprint(head)}

    def make(folder: Path) -> None:
        with MatrixWriter(folder / "X.npy", (len(modifier), 2 * width), dtype) as out:
            step = max(1, (1 << 22) // max(1, width))
            for a in range(0, len(modifier), step):
                pair = [np.asarray(activations.X[index[a : a + step]], dtype=np.float32) for index in (modifier, head)]
                out.write(a, np.concatenate(pair, axis=1))

    X = open_matrix(store().build("pairs", plain, make) / "X.npy", dtype)
    return Activations(
        X=X,
        words=activations.words[modifier],
        sentence_ids=activations.sentence_ids[modifier],
        token_ids=activations.token_ids[modifier],
        layers=activations.layers,
        width=activations.width,
        n_tokens=activations.n_tokens,
        parts=("modifier", "head"),
        skipped=activations.skipped,
        y=None if activations.y is None else activations.y[modifier],
        splits={name: tuple(np.searchsorted(modifier, span).tolist()) for name, span in activations.splits.items()},
        model=activations.model,
        corpus=activations.corpus,
        key=fingerprint(plain),
    )


def _edges(activations: Activations, heads: np.ndarray, row_of: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Rows of the modifiers, rising, and of their heads."""
    _, start = np.unique(activations.sentence_ids, return_index=True)
    first_row = np.zeros(len(activations), dtype=np.int64)
    first_row[start] = start
    first_row = np.maximum.accumulate(first_row)
    modifier, head = [], []
    for row, token in enumerate(activations.token_ids.tolist()):
        if (label := heads[token]) in ("", "0"):
            continue
        number = int(label) if str(label).isdigit() else 0
        target = int(activations.token_ids[first_row[row]]) + number - 1
        to = row_of[target] if number and target < activations.n_tokens else -1
        if to < 0 or activations.sentence_ids[to] != activations.sentence_ids[row]:
            raise ValueError(f"head {label!r} of word {token} ({activations.words[row]!r}) is outside its sentence; give 0 (the root) or a word's number in it")
        modifier.append(row)
        head.append(int(to))
    return np.array(modifier, dtype=np.int64), np.array(head, dtype=np.int64)
