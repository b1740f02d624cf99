"""Networks of the zoo with random weights, by architecture: standard Transformers classes wherever one exists.

To add an architecture, give ARCHITECTURES its name and a function (config, vocabulary) → module, and, where it has
special tokens of its own, `data.SPECIALS` too. A module is saved and read by its class in Transformers' registry, so a
class of the project's own derives from PreTrainedModel and is registered with AutoConfig and AutoModel.
"""

from __future__ import annotations

import numpy as np

from .data import POSITIONS, specials

_START = 0.04  # standard deviation of new weights: narrow models want more than the usual .02


def new_network(config, material):
    """The network of a config with random weights, which its seed decides. Raises ValueError for settings that cannot be."""
    import torch

    if config.architecture not in ARCHITECTURES:
        raise ValueError(f"zoo config {config.name!r}: architecture {config.architecture!r} is not known; there is {', '.join(sorted(ARCHITECTURES))}")
    if config.width % config.heads:
        raise ValueError(f"zoo config {config.name!r}: width {config.width} is no multiple of {config.heads} heads")
    torch.manual_seed(config.seed)
    network = ARCHITECTURES[config.architecture](config, material.vocabulary)
    if config.spelling:
        start_from_spelling(network, material.tokenizer, config.seed)
    return network


def _encoder_settings(config, vocabulary: int) -> dict:
    special = specials(config.architecture)
    return {
        "vocab_size": vocabulary, "hidden_size": config.width, "num_hidden_layers": config.layers, "num_attention_heads": config.heads,
        "intermediate_size": config.ffn, "hidden_dropout_prob": config.dropout, "attention_probs_dropout_prob": config.dropout,
        "max_position_embeddings": POSITIONS, "pad_token_id": special.id("pad"), "initializer_range": _START, "type_vocab_size": 2,
    }


def _bert(config, vocabulary: int):
    from transformers import BertConfig, BertForMaskedLM

    return BertForMaskedLM(BertConfig(**_encoder_settings(config, vocabulary)))


def _roberta(config, vocabulary: int):
    from transformers import RobertaConfig, RobertaForMaskedLM, XLMRobertaConfig, XLMRobertaForMaskedLM

    settings, special = _encoder_settings(config, vocabulary), specials(config.architecture)
    # it numbers positions from the padding token's id on
    settings |= {"max_position_embeddings": POSITIONS + special.id("pad") + 1, "bos_token_id": special.id("bos"), "eos_token_id": special.id("eos"), "type_vocab_size": 1}
    if config.architecture == "roberta":
        return RobertaForMaskedLM(RobertaConfig(**settings))
    return XLMRobertaForMaskedLM(XLMRobertaConfig(**settings))


def _xlnet(config, vocabulary: int):
    from transformers import XLNetConfig, XLNetLMHeadModel

    special = specials("xlnet")
    return XLNetLMHeadModel(XLNetConfig(
        vocab_size=vocabulary, d_model=config.width, n_layer=config.layers, n_head=config.heads, d_inner=config.ffn, dropout=config.dropout,
        initializer_range=_START, mem_len=None, pad_token_id=special.id("pad"), bos_token_id=special.id("cls"), eos_token_id=special.id("sep"),
    ))


def _gpt2(config, vocabulary: int):
    from transformers import GPT2Config, GPT2LMHeadModel

    special = specials("gpt2")
    return GPT2LMHeadModel(GPT2Config(
        vocab_size=vocabulary, n_positions=POSITIONS, n_embd=config.width, n_layer=config.layers, n_head=config.heads, n_inner=config.ffn,
        resid_pdrop=config.dropout, embd_pdrop=config.dropout, attn_pdrop=config.dropout, initializer_range=_START,
        pad_token_id=special.id("pad"), bos_token_id=special.id("bos"), eos_token_id=special.id("eos"),
    ))


def _recurrent_settings(config, vocabulary: int) -> dict:
    special = specials(config.architecture)
    return {
        "vocab_size": vocabulary, "hidden_size": config.width, "num_hidden_layers": config.layers, "embedding_size": config.embedding,
        "pad_token_id": special.id("pad"), "bos_token_id": special.id("bos"), "eos_token_id": special.id("eos"),
    }


def _lstm(config, vocabulary: int):
    from ..recurrent import LstmConfig, LstmLM

    return LstmLM(LstmConfig(**_recurrent_settings(config, vocabulary)))


def _bilstm(config, vocabulary: int):
    from ..recurrent import BiLstmConfig, BiLstmLM

    return BiLstmLM(BiLstmConfig(**_recurrent_settings(config, vocabulary)))


def _telmo(config, vocabulary: int):
    from ..recurrent import TwinConfig, TwinLM

    return TwinLM(TwinConfig(**_recurrent_settings(config, vocabulary), num_attention_heads=config.heads, intermediate_size=config.ffn, max_position_embeddings=POSITIONS))


def _seq2seq_lstm(config, vocabulary: int):
    from ..recurrent import Seq2SeqLstm, Seq2SeqLstmConfig

    return Seq2SeqLstm(Seq2SeqLstmConfig(**_recurrent_settings(config, vocabulary), label_smoothing=config.smoothing))


ARCHITECTURES = {"bert": _bert, "roberta": _roberta, "xlm-roberta": _roberta, "xlnet": _xlnet, "gpt2": _gpt2, "lstm": _lstm, "bilstm": _bilstm, "telmo": _telmo, "seq2seq-lstm": _seq2seq_lstm}


# --- word embeddings that know a word's spelling ---------------------------------------------------

def spelling_vectors(words, width: int, seed: int, *, shortest: int = 3, longest: int = 6, size: float = 0.1) -> np.ndarray:
    """(len(words), width) float32: each word the sum of fixed random vectors of its character n-grams, of root mean square `size`.

    Forms of one lemma share most of their n-grams (the word's ends are marked), so they start near one another: a
    lemma's trace, which a whole-word vocabulary would otherwise have to learn from few occurrences.
    """
    grams = {word: [f"<{word}>"[i : i + n] for n in range(shortest, longest + 1) for i in range(len(word) + 3 - n)] or [f"<{word}>"] for word in words}
    known = {gram: i for i, gram in enumerate(sorted({gram for found in grams.values() for gram in found}))}
    table = np.random.Generator(np.random.PCG64([seed, 3])).standard_normal((len(known), width), dtype=np.float32)
    out = np.empty((len(words), width), dtype=np.float32)
    for row, word in enumerate(words):
        out[row] = table[[known[gram] for gram in grams[word]]].sum(axis=0)
    return out * (np.float32(size) / np.sqrt((out**2).mean(axis=1, keepdims=True)))


def start_from_spelling(network, tokenizer, seed: int) -> None:
    """Give the words' input embeddings (and the tied output) their spelling vectors; special tokens keep theirs."""
    import torch

    words = tokenizer.convert_ids_to_tokens(list(range(len(tokenizer))))
    reserved = len(tokenizer.all_special_ids)
    embedding = network.get_input_embeddings().weight
    with torch.no_grad():
        embedding[reserved:] = torch.from_numpy(spelling_vectors(words[reserved:], embedding.shape[1], seed))
