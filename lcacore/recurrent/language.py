"""Language models of one or two directions: LSTM (Dalvi 2019), ELMo (Peters 2018), T-ELMo (Peters 2018b).

A layer of a two-directional model is the concatenation of its directions: neurons 0 … d/2 - 1 have read the
sentence up to the word, neurons d/2 … d - 1 from its end down to it. Layer 0 is the sub-token's embedding, once
for each direction (as in ELMo), so an edit may touch the one direction and not the other.
"""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import nn
from torch.nn import functional
from transformers import PreTrainedConfig, PreTrainedModel
from transformers.modeling_outputs import BaseModelOutput
from transformers.utils import ModelOutput

from .layers import Block, CausalReader, LstmReader, lengths_of


class DirectionalConfig(PreTrainedConfig):
    """Shape of a stack of layers that read in one direction or two.

    hidden_size      d, neurons per layer, all directions together
    embedding_size   width of the embedding table and of the softmax tied to it (None: that of one direction)
    residual         a layer above the first adds what it reads (ELMo)
    """

    directions = 1
    cell = "lstm"
    mixed = False

    def __init__(self, vocab_size=1000, hidden_size=64, num_hidden_layers=2, embedding_size=None, residual=False, pad_token_id=0, **kwargs):
        if hidden_size % self.directions:
            raise ValueError(f"hidden_size {hidden_size} for {self.directions} directions; give an even number")
        if num_hidden_layers < 1 or vocab_size < 1:
            raise ValueError(f"num_hidden_layers {num_hidden_layers} and vocab_size {vocab_size}; give at least 1 of each")
        self.vocab_size, self.hidden_size, self.num_hidden_layers, self.residual = vocab_size, hidden_size, num_hidden_layers, residual
        self.embedding_size = embedding_size or self.token_width
        super().__init__(pad_token_id=pad_token_id, **kwargs)

    @property
    def reader_width(self) -> int:
        """Neurons of one direction."""
        return self.hidden_size // self.directions

    @property
    def token_width(self) -> int:
        """Width of a token's vector before it is repeated for each direction."""
        return self.hidden_size if self.mixed else self.reader_width


class LstmConfig(DirectionalConfig):
    """A left-to-right LSTM language model."""

    model_type = "lstm-lm"

    def __init__(self, is_decoder=True, **kwargs):
        super().__init__(is_decoder=is_decoder, **kwargs)


class BiLstmConfig(DirectionalConfig):
    """An ELMo-like language model."""

    model_type = "bilstm-lm"
    directions = 2

    def __init__(self, residual=True, **kwargs):
        super().__init__(residual=residual, **kwargs)


class TwinConfig(DirectionalConfig):
    """ELMo's transformer twin. intermediate_size is that of one direction."""

    model_type = "telmo"
    directions = 2
    cell = "transformer"

    def __init__(self, num_attention_heads=2, intermediate_size=None, max_position_embeddings=128, hidden_size=64, **kwargs):
        self.num_attention_heads, self.max_position_embeddings = num_attention_heads, max_position_embeddings
        self.intermediate_size = intermediate_size or 2 * hidden_size
        super().__init__(hidden_size=hidden_size, **kwargs)
        if self.reader_width % num_attention_heads:
            raise ValueError(f"width {self.reader_width} of one direction is no multiple of {num_attention_heads} heads")


class DirectionalModel(PreTrainedModel):
    """Embeddings and layers. What enters layer i can be edited at `blocks[i]`; `last` passes on the last layer's states."""

    config_class = DirectionalConfig
    base_model_prefix = "model"
    main_input_name = "input_ids"

    def __init__(self, config: DirectionalConfig):
        super().__init__(config)
        self.embedding = nn.Embedding(config.vocab_size, config.embedding_size)
        nn.init.normal_(self.embedding.weight, std=config.embedding_size**-0.5)
        width = config.token_width
        self.up = nn.Linear(config.embedding_size, width, bias=False) if config.embedding_size != width else None
        self.positions = nn.Embedding(config.max_position_embeddings, width) if config.cell == "transformer" else None
        if self.positions is not None:
            nn.init.normal_(self.positions.weight, std=0.5 * width**-0.5)
        self.blocks = nn.ModuleList(Block([self._reader(config, i) for _ in range(config.directions)], config.mixed) for i in range(config.num_hidden_layers))
        self.norms = nn.ModuleList(nn.LayerNorm(width) for _ in range(config.directions)) if config.cell == "transformer" else None
        self.last = nn.Identity()
        self.post_init()

    @staticmethod
    def _reader(config, layer: int) -> nn.Module:
        if config.cell == "transformer":
            return CausalReader(config.reader_width, config.num_attention_heads, config.intermediate_size)
        n_in = config.hidden_size if config.mixed else config.reader_width
        return LstmReader(n_in, config.reader_width, config.residual and layer > 0 and not config.mixed)

    def _init_weights(self, module):
        """The layers set their own weights when they are made."""

    def get_input_embeddings(self):
        return self.embedding

    def set_input_embeddings(self, value):
        self.embedding = value

    def forward(self, input_ids, attention_mask=None, output_hidden_states=None, return_dict=None, **_) -> BaseModelOutput:
        """(B, T) sub-tokens, padded on the right → states; with output_hidden_states layers 0 … L, each (B, T, d)."""
        if attention_mask is None:
            attention_mask = torch.ones_like(input_ids)
        lengths = lengths_of(attention_mask)
        x = self.embedding(input_ids)
        if self.up is not None:
            x = self.up(x)
        if self.positions is not None:
            x = x + self.positions.weight[: x.shape[1]]
        if not self.config.mixed:
            x = torch.cat([x] * self.config.directions, dim=-1)
        states = [x]
        for block in self.blocks:
            states.append(block(states[-1], lengths))
        if self.norms is not None:
            parts = states[-1].chunk(len(self.norms), dim=-1)
            states[-1] = torch.cat([norm(part) for norm, part in zip(self.norms, parts, strict=True)], dim=-1)
        states[-1] = self.last(states[-1])
        return BaseModelOutput(last_hidden_state=states[-1], hidden_states=tuple(states) if output_hidden_states else None)


@dataclass
class LanguageModelOutput(ModelOutput):
    """Scores (B, T, V) of the next sub-token after each position and, of two directions, of the previous one before it."""

    loss: torch.Tensor | None = None
    logits: torch.Tensor | None = None
    previous_logits: torch.Tensor | None = None
    last_hidden_state: torch.Tensor | None = None
    hidden_states: tuple[torch.Tensor, ...] | None = None


class DirectionalLM(PreTrainedModel):
    """The layers with a softmax tied to the embeddings, the same one for each direction (as in ELMo)."""

    config_class = DirectionalConfig
    base_model_prefix = "model"
    base = DirectionalModel

    def __init__(self, config: DirectionalConfig):
        super().__init__(config)
        self.model = self.base(config)
        width = config.reader_width
        self.down = nn.Linear(width, config.embedding_size, bias=False) if config.embedding_size != width else None
        self.bias = nn.Parameter(torch.zeros(config.vocab_size))
        self.post_init()

    def _init_weights(self, module):
        """The layers set their own weights when they are made."""

    def scores(self, states: torch.Tensor) -> torch.Tensor:
        """(…, d/directions) states of one direction → (…, V) logits."""
        if self.down is not None:
            states = self.down(states)
        return functional.linear(states, self.model.embedding.weight, self.bias)

    def forward(self, input_ids, attention_mask=None, labels=None, output_hidden_states=None, return_dict=None, **_) -> LanguageModelOutput:
        """labels  (B, T), usually input_ids with -100 where not counted: the loss is the mean over the sub-tokens foretold, nats."""
        out = self.model(input_ids, attention_mask, output_hidden_states=output_hidden_states)
        logits = [self.scores(part) for part in out.last_hidden_state.chunk(self.config.directions, dim=-1)]
        loss = None
        if labels is not None:
            previous = labels[:, :-1]
            if attention_mask is not None:  # the padding foretells nothing
                previous = previous.masked_fill(attention_mask[:, 1:] == 0, -100)
            pairs = [(logits[0][:, :-1], labels[:, 1:]), *((x[:, 1:], previous) for x in logits[1:])]
            loss = sum(functional.cross_entropy(x.flatten(0, 1), y.flatten()) for x, y in pairs) / len(pairs)
        return LanguageModelOutput(loss=loss, logits=logits[0], previous_logits=logits[1] if len(logits) > 1 else None, last_hidden_state=out.last_hidden_state, hidden_states=out.hidden_states)

    def losses(self, input_ids, attention_mask) -> torch.Tensor:
        """Nats of each foretold sub-token, next ones first, then (of two directions) previous ones: the training loss's terms.

        Scored at the sentences' own positions alone, which saves the softmax of the padding.
        """
        states = self.model(input_ids, attention_mask).last_hidden_state.chunk(self.config.directions, dim=-1)
        both = attention_mask[:, 1:].bool()  # a pair of neighbours, both in the sentence
        terms = [functional.cross_entropy(self.scores(states[0][:, :-1][both]), input_ids[:, 1:][both], reduction="none")]
        if len(states) > 1:
            terms.append(functional.cross_entropy(self.scores(states[1][:, 1:][both]), input_ids[:, :-1][both], reduction="none"))
        return torch.cat(terms)


class LstmModel(DirectionalModel):
    config_class = LstmConfig


class LstmLM(DirectionalLM):
    config_class, base = LstmConfig, LstmModel


class BiLstmModel(DirectionalModel):
    config_class = BiLstmConfig


class BiLstmLM(DirectionalLM):
    config_class, base = BiLstmConfig, BiLstmModel


class TwinModel(DirectionalModel):
    config_class = TwinConfig


class TwinLM(DirectionalLM):
    config_class, base = TwinConfig, TwinModel
