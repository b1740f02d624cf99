"""Networks that Transformers has no class for: LSTM language models, ELMo, its transformer twin, LSTM translators.

    LstmLM        reads left to right (Dalvi 2019)
    BiLstmLM      ELMo-like: two LSTM stacks, left to right and right to left (Peters 2018)
    TwinLM        the same with causal transformers: T-ELMo (Peters 2018b)
    Seq2SeqLstm   bidirectional LSTM encoder, attentional LSTM decoder (Luong 2015)
    translate     sentences of words through a translator, by beam search (`translations`: a network and its tokenizer)

All are `PreTrainedModel`s. `register` makes them known to the Auto classes, so that what runs on a BERT runs on them.
"""

from __future__ import annotations

import functools
import importlib

_HOME = {
    "BiLstmConfig": "language", "BiLstmLM": "language", "BiLstmModel": "language",
    "LstmConfig": "language", "LstmLM": "language", "LstmModel": "language",
    "TwinConfig": "language", "TwinLM": "language", "TwinModel": "language",
    "Seq2SeqLstm": "translation", "Seq2SeqLstmConfig": "translation", "translate": "translation", "translations": "translation",
}

__all__ = ["register", *_HOME]


def __getattr__(name: str):
    """A class, imported (and torch with it) when it is first asked for."""
    if name not in _HOME:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(importlib.import_module(f".{_HOME[name]}", __name__), name)


@functools.cache
def register() -> None:
    """Make the networks known to AutoConfig, AutoModel, AutoModelForCausalLM, …ForPreTraining and …ForSeq2SeqLM."""
    from transformers import AutoConfig, AutoModel, AutoModelForCausalLM, AutoModelForPreTraining, AutoModelForSeq2SeqLM

    from . import language, translation

    families = (
        (language.LstmConfig, language.LstmModel, AutoModelForCausalLM, language.LstmLM),
        (language.BiLstmConfig, language.BiLstmModel, AutoModelForPreTraining, language.BiLstmLM),
        (language.TwinConfig, language.TwinModel, AutoModelForPreTraining, language.TwinLM),
        (translation.Seq2SeqLstmConfig, translation.Seq2SeqLstm, AutoModelForSeq2SeqLM, translation.Seq2SeqLstm),
    )
    for config, model, head, with_head in families:
        AutoConfig.register(config.model_type, config)
        AutoModel.register(config, model)
        head.register(config, with_head)
