"""A real masked language model: an encoder that comes without a head, given one and trained further on real text.

Interventions read a model's predictions, and encoders made for sentence similarity (MiniLM) have thrown their head away.
The new head starts near the identity over the encoder's own word embeddings, its bias at the words' frequencies; the last
block, which was trained for whole sentences, starts anew; both learn faster than the rest.

Words are cut as the treebanks cut them, so that what is hidden in training is what an intervention changes.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from ..corpora import load_corpus
from ..models import load_model
from . import quality
from .data import Batches, Material, Rows
from .objectives import Objective, _draws, hide, masked_loss

_NOT = re.compile(r"(?i)(.+)(n't)")
_MARKS = {"@-@": "-", "@,@": ",", "@.@": "."}  # as WikiText writes them inside a word
HEAD, LAST = 3.0, 2.0  # the learning rate of the head and of the last block, as multiples of the others'


@dataclass(frozen=True)
class Texts(Material):
    """Rows of real text.

    special      (V,) which ids are special tokens
    continues    (V,) which pieces go on with a word
    counts       (V,) how often each id occurs in the rows
    heldout      sentences that are not trained on
    """

    special: np.ndarray
    continues: np.ndarray
    counts: np.ndarray
    heldout: tuple


def aligned(words: Sequence[str], unknown: str) -> list[str]:
    """A sentence's words as treebanks write them: "don't" in two ("do", "n't"), marks of a text's own format undone."""
    out = []
    for word in words:
        cut = _NOT.fullmatch(word)
        out += list(cut.groups()) if cut else [unknown if word == "<unk>" else _MARKS.get(word, word)]
    return out


def cut(tokenizer, sentences: Sequence[Sequence[str]], longest: int) -> Rows:
    """Ids of sentences with the special tokens around them; longer ones in several rows, each beginning with a word."""
    encoded = tokenizer([list(s) for s in sentences], is_split_into_words=True, add_special_tokens=False, verbose=False)
    empty = tokenizer([""])["input_ids"][0]  # the special tokens alone: the first stands before a sentence
    room, rows = longest - len(empty), []
    for n, ids in enumerate(encoded["input_ids"]):
        words, start = encoded.word_ids(n), 0
        while start < len(ids):
            stop = min(len(ids), start + room)
            while start + 1 < stop < len(ids) and words[stop] == words[stop - 1]:
                stop -= 1
            rows.append([*empty[:1], *ids[start:stop], *empty[1:]])
            start = stop
    return Rows.of(rows)


def prepare(config) -> Texts:
    """Text and tokenizer of a config with an encoder. Raises ValueError where it names no encoder or no text, or none is held out."""
    if not config.encoder or not config.text:
        raise ValueError(f"zoo config {config.name!r}: encoder {config.encoder!r}, text {list(config.text)}; a model that is trained further names both")
    tokenizer = load_model(config.encoder).tokenizer
    corpora = [load_corpus(spec) for spec in config.text]
    if "test" not in corpora[0].splits:
        raise ValueError(f"zoo config {config.name!r}: {config.text[0]} has no split test to measure on; name a corpus with one first")
    sentences = [s for corpus in corpora for s in (corpus.split("train") if "train" in corpus.splits else corpus).sentences]
    rows = cut(tokenizer, [aligned(s, tokenizer.unk_token) for s in sentences], config.positions)
    pieces, size = tokenizer.convert_ids_to_tokens(range(len(tokenizer))), len(tokenizer)
    special = np.isin(np.arange(size), tokenizer.all_special_ids)
    continues = np.array([piece.startswith("##") for piece in pieces])
    counts = np.bincount(rows.flat, minlength=size)
    return Texts(tokenizer, rows, Batches(rows.lengths, config.tokens, config.seed), special, continues, counts, tuple(aligned(s, tokenizer.unk_token) for s in corpora[0].split("test").sentences))


def network(config, material: Texts):
    """The encoder under a new head (see the module). Raises ValueError where it has a head already, or another kind than BERT's."""
    import torch

    torch.manual_seed(config.seed)
    made, missing = load_model(config.encoder).load("AutoModelForMaskedLM")
    if made.config.model_type != "bert" or not missing:
        raise ValueError(f"zoo config {config.name!r}: {config.encoder} is a {made.config.model_type} {'without' if missing else 'with'} a head; give an encoder of BERT's kind without one")
    head = made.cls.predictions
    with torch.no_grad():
        made.bert.encoder.layer[-1].apply(made._init_weights)
        head.transform.dense.weight.copy_(0.5 * torch.eye(made.config.hidden_size))
        head.transform.dense.bias.zero_()
        known = material.counts * ~material.special + 0.5
        head.bias.copy_(torch.from_numpy(np.log(known / known.sum())))
    return made


def pace(network, name: str) -> float:
    """How much faster than the rest a weight learns."""
    return HEAD if name.startswith("cls.") else LAST if name.startswith(f"bert.encoder.layer.{network.config.num_hidden_layers - 1}.") else 1.0


def batch(config, material: Texts, step: int) -> dict[str, np.ndarray]:
    """Hidden words of one step, as `objectives.masked_batch`, but words are selected whole: their pieces share one draw."""
    tokens, real = material.rows.take(material.batches(step), material.tokenizer.pad_token_id)
    random = _draws(config, step, 2)
    word = np.cumsum(~material.continues[tokens], axis=1) - 1
    draw, how = (np.take_along_axis(random.random(tokens.shape), word, axis=1) for _ in range(2))
    share = np.cumsum(material.counts * ~material.special) / (material.counts * ~material.special).sum()
    other = np.searchsorted(share, random.random(tokens.shape), side="right")
    picked = hide(config, tokens, ~material.special[tokens], material.tokenizer.mask_token_id, draw, how, other)
    return picked if real.all() else {**picked, "attention_mask": real.astype(np.int64)}


def measure(config, material: Texts, network) -> dict:
    """On held-out sentences, no more than training steps: copy (pieces left as they are, read back right), masked_word (words
    hidden whole, one at a time, restored whole), and always_common, the share that the most frequent word would restore."""
    import torch

    tokenizer, hits, words = material.tokenizer, [], []
    sentences = [s for s in material.heldout if 4 < len(s) <= 40][: min(quality.SENTENCES, config.steps)]

    def best(ids):
        with torch.no_grad():
            return network(input_ids=torch.from_numpy(ids)).logits.argmax(-1).numpy()

    for n, sentence in enumerate(sentences):
        ids, places, _ = quality._words_hidden(tokenizer, sentence, tokenizer.unk_token_id)
        shown = ~material.special[ids]
        hits += (best(ids[None])[0] == ids)[shown].tolist()
        if n < quality.HIDDEN:
            found = best(np.where(places, tokenizer.mask_token_id, ids))
            words += [bool((f == ids)[h].all()) for f, h in zip(found, places, strict=True)]
    common = quality.always_common([tokenizer.tokenize(" ".join(s)) for s in sentences])
    return {"copy": round(float(np.mean(hits)), 4), "masked_word": round(float(np.mean(words)), 4), "always_common": round(common, 4), "words": len(words)}


OBJECTIVES = {"continued": Objective(batch, masked_loss, measure, prepare=prepare, network=network, pace=pace)}
