"""What the zoo's models read: text of the miniature world, tokenizers, rows of ids, and which rows each step reads.

Everything here is a pure function of the config, the seed and the step, so a run that was stopped goes on as if it had not been.
"""

from __future__ import annotations

import copy
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from .. import grammar

POSITIONS = 128  # longest row


# --- text ------------------------------------------------------------------------------------------

def read_text(config) -> list[tuple[str, ...]]:
    """The sentences a config reads: equal shares of its languages, one after the other; of a config with a part, that part.

    `part: [k, n]` takes every n-th sentence from the k-th on (k = 0 … n − 1): n models of disjoint texts.
    """
    share = round(config.sentences * (1 - config.pairs)) // len(config.languages)
    k, n = config.part
    return [s for language in config.languages for s in grammar.text(language, size=share, seed=config.text_seed)[k::n]]


def read_pairs(config) -> list[tuple[tuple[str, ...], tuple[str, ...]]]:
    """The pairs of sentences a config reads beside its single ones. Raises ValueError where it reads another language than English."""
    if config.pairs and config.languages != ("en",):
        raise ValueError(f"zoo config {config.name!r}: pairs {config.pairs} of {', '.join(config.languages)}; texts of two sentences are written in English alone: set pairs to 0")
    return grammar.paired_text(size=round(config.sentences * config.pairs), seed=config.text_seed) if config.pairs else []


# --- tokenizers ------------------------------------------------------------------------------------

@dataclass(frozen=True)
class Specials:
    """Special tokens of an architecture: role → token, in the order of their ids; and how a sentence stands among them."""

    roles: dict[str, str]
    single: str
    pair: str | None = None

    def id(self, role: str) -> int:
        return list(self.roles).index(role)

    @property
    def count(self) -> int:
        return len(self.roles)


_ROBERTA = Specials({"bos": "<s>", "pad": "<pad>", "eos": "</s>", "unk": "<unk>", "mask": "<mask>"}, "<s> $A </s>", "<s> $A </s> </s> $B </s>")
_CAUSAL = Specials({"pad": "<pad>", "unk": "<unk>", "bos": "<s>", "eos": "</s>"}, "<s> $A </s>")
SPECIALS = {
    "bert": Specials({"pad": "[PAD]", "unk": "[UNK]", "cls": "[CLS]", "sep": "[SEP]", "mask": "[MASK]"}, "[CLS] $A [SEP]", "[CLS] $A [SEP] $B:1 [SEP]:1"),
    "roberta": _ROBERTA,
    "xlm-roberta": _ROBERTA,
    "xlnet": Specials({"unk": "<unk>", "pad": "<pad>", "sep": "<sep>", "cls": "<cls>", "mask": "<mask>"}, "$A <sep> <cls>", "$A <sep> $B:1 <sep>:1 <cls>"),
}


def specials(architecture: str) -> Specials:
    """The special tokens of an architecture; of one that is not listed, those of a causal model."""
    return SPECIALS.get(architecture, _CAUSAL)


def train_tokenizer(sentences: Sequence[Sequence[str]], config):
    """A tokenizer of a text, with its architecture's special tokens around a sentence.

    track `pieces`   byte-pair encoding of words, each marked at its start, `vocabulary` pieces in all: plain byte-pair
                     encoding, since that trainer alone gives the same merges every time
    track `words`    every form with at least two occurrences is one token (at most `vocabulary`, the frequent ones first)

    Raises ValueError for another track.
    """
    from tokenizers import Tokenizer, decoders, models, pre_tokenizers, processors, trainers
    from transformers import PreTrainedTokenizerFast

    special = specials(config.architecture)
    reserved = list(special.roles.values())
    if config.track == "pieces":
        tokenizer = Tokenizer(models.BPE(unk_token=special.roles["unk"]))
        tokenizer.pre_tokenizer = pre_tokenizers.Sequence([pre_tokenizers.WhitespaceSplit(), pre_tokenizers.Metaspace(prepend_scheme="always", split=True)])
        tokenizer.decoder = decoders.Metaspace(prepend_scheme="always")
        trainer = trainers.BpeTrainer(vocab_size=config.vocabulary, special_tokens=reserved, show_progress=False)
        tokenizer.train_from_iterator((" ".join(s) for s in sentences), trainer)
    elif config.track == "words":
        counts = Counter(word for sentence in sentences for word in sentence)
        forms = sorted((form for form, count in counts.items() if count >= 2), key=lambda form: (-counts[form], form))
        vocabulary = {token: i for i, token in enumerate([*reserved, *forms[: config.vocabulary - len(reserved)]])}
        tokenizer = Tokenizer(models.WordLevel(vocabulary, unk_token=special.roles["unk"]))
        tokenizer.pre_tokenizer = pre_tokenizers.WhitespaceSplit()
        tokenizer.add_special_tokens(reserved)
    else:
        raise ValueError(f"zoo config {config.name!r}: track {config.track!r}; give pieces or words")
    named = [(token, i) for i, token in enumerate(reserved)]
    tokenizer.post_processor = processors.TemplateProcessing(single=special.single, pair=special.pair or f"{special.single} $B", special_tokens=named)
    return PreTrainedTokenizerFast(tokenizer_object=tokenizer, model_max_length=POSITIONS, **{f"{role}_token": token for role, token in special.roles.items()})


# --- rows ------------------------------------------------------------------------------------------

@dataclass(frozen=True)
class Rows:
    """Token ids of many sentences, end to end: row i is flat[starts[i] : starts[i + 1]]."""

    flat: np.ndarray
    starts: np.ndarray

    @classmethod
    def of(cls, rows: Sequence[Sequence[int]]) -> Rows:
        lengths = [len(row) for row in rows]
        flat = np.fromiter((i for row in rows for i in row), dtype=np.int32, count=sum(lengths))
        return cls(flat, np.concatenate([[0], np.cumsum(lengths)]).astype(np.int64))

    def __len__(self) -> int:
        return len(self.starts) - 1

    @cached_property
    def lengths(self) -> np.ndarray:
        return np.diff(self.starts)

    def places(self, index: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """(places (B, T) in `flat`, real (B, T) bool) of some rows, padded on the right to the longest."""
        columns = np.arange(int(self.lengths[index].max()))
        real = columns < self.lengths[index][:, None]
        return np.where(real, self.starts[index][:, None] + columns, 0), real

    def take(self, index: np.ndarray, fill: int) -> tuple[np.ndarray, np.ndarray]:
        """(ids (B, T) int64, real (B, T) bool) of some rows, padded with `fill`."""
        places, real = self.places(index)
        return np.where(real, self.flat[places], fill).astype(np.int64), real


def encode(tokenizer, sentences: Sequence[Sequence[str]], pairs: Sequence[tuple[Sequence[str], Sequence[str]]] = (), longest: int = POSITIONS) -> Rows:
    """Token ids of each sentence and each pair, special tokens included; what comes out longer than `longest` is left out."""
    texts = [" ".join(s) for s in sentences] + [(" ".join(a), " ".join(b)) for a, b in pairs]
    encoded = tokenizer.backend_tokenizer.encode_batch_fast(texts)
    return Rows.of([e.ids for e in encoded if len(e.ids) <= longest])


def segments(tokens: np.ndarray, separator: int) -> np.ndarray:
    """(B, T) the sentence each token is of: 1 from behind the first separator to the second, else 0."""
    ends = tokens == separator
    before = np.cumsum(ends, axis=1) - ends
    return ((before == 1) & (ends.sum(axis=1, keepdims=True) == 2)).astype(np.int64)


class Batches:
    """Which rows each step reads: all once per pass, shuffled anew in each, in batches of one length as far as possible.

    Rows of one length need no padding, which more than doubles the speed of a small model on a CPU. Where the
    batches are cut depends on the lengths alone, so every pass has as many.

    lengths  (N,) what a row costs
    tokens   a batch's rows times its longest come to this at most (a single row may be longer)
    """

    def __init__(self, lengths: np.ndarray, tokens: int, seed: int):
        self._lengths, self._seed = np.asarray(lengths), seed
        ordered = np.sort(self._lengths, kind="stable")
        cuts = [0]
        while cuts[-1] < len(ordered):
            start = cuts[-1]
            near = ordered[start : start + tokens // max(1, int(ordered[start])) + 1]
            fits = max(1, int(np.searchsorted(near * np.arange(1, len(near) + 1), tokens, side="right")))
            same = int(np.searchsorted(ordered, ordered[start], side="right")) - start
            cuts.append(start + (min(fits, same) if 4 * same >= fits else fits))
        self._cuts = cuts
        self._plan: tuple[int, list[np.ndarray]] = (-1, [])

    def reseeded(self, seed: int) -> Batches:
        """The same batches in another order."""
        other = copy.copy(self)
        other._seed, other._plan = seed, (-1, [])
        return other

    @property
    def per_pass(self) -> int:
        """Steps that read every row once."""
        return len(self._cuts) - 1

    def pass_of(self, step: int) -> int:
        return step // self.per_pass

    def __call__(self, step: int) -> np.ndarray:
        """(B,) indices of the rows that a step reads."""
        number, place = divmod(step, self.per_pass)
        if self._plan[0] != number:
            random = np.random.Generator(np.random.PCG64([self._seed, 1, number]))
            order = random.permutation(len(self._lengths))
            order = order[np.argsort(self._lengths[order], kind="stable")]
            groups = [order[a:b] for a, b in zip(self._cuts[:-1], self._cuts[1:], strict=True)]
            self._plan = (number, [groups[i] for i in random.permutation(len(groups))])
        return self._plan[1][place]


@dataclass(frozen=True)
class Material:
    """What a training run reads, made once from its config. Objectives with more to keep derive a class of their own."""

    tokenizer: object
    rows: Rows
    batches: Batches

    @property
    def vocabulary(self) -> int:
        return len(self.tokenizer)


def prepare(config) -> Material:
    """Text, tokenizer and batches of a language model's config."""
    sentences = read_text(config)
    tokenizer = train_tokenizer(sentences, config)
    rows = encode(tokenizer, sentences, read_pairs(config), config.positions)
    return Material(tokenizer, rows, Batches(rows.lengths, config.tokens, config.seed))
