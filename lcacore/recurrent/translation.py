"""A translator: bidirectional LSTM encoder, LSTM decoder with attention and input feeding (Luong 2015; Dalvi 2019).

All that the decoder learns of the source passes the encoder's last layer: its first state is made from that
layer's ends, so neurons zeroed there are zeroed for the decoder too. Encoder layers are edited as any model's:

    with model.edited({layer: function}):
        translate(model, sentences)
"""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import nn
from torch.nn import functional
from transformers import PreTrainedModel
from transformers.modeling_outputs import Seq2SeqLMOutput

from .decoding import beam_search
from .language import DirectionalConfig, DirectionalModel
from .layers import lengths_of


class Seq2SeqLstmConfig(DirectionalConfig):
    """One vocabulary for both languages; embeddings, encoder layers and decoder all d wide.

    hidden_size        d: an encoder layer has d/2 neurons of each direction, forward first
    num_hidden_layers  of the encoder; the decoder has one
    label_smoothing    share of the training target spread over the vocabulary
    """

    model_type = "seq2seq-lstm"
    directions = 2
    mixed = True

    def __init__(self, bos_token_id=2, eos_token_id=3, decoder_layers=1, label_smoothing=0.0, is_encoder_decoder=True, **kwargs):
        if decoder_layers != 1:
            raise ValueError(f"decoder_layers {decoder_layers}; this decoder has 1")
        self.decoder_layers, self.label_smoothing = decoder_layers, label_smoothing
        super().__init__(bos_token_id=bos_token_id, eos_token_id=eos_token_id, is_encoder_decoder=is_encoder_decoder, **kwargs)


class Decoder(nn.Module):
    """One LSTM layer that reads the last word and its own last attentional state (input feeding).

    With s the source's states (B, S, d), h the LSTM's state:
        a = softmax_S(hᵀ W_a s)   (Luong's "general" score)      ĥ = tanh(W_c [a·s; h])
    ĥ foretells the next word and is fed to the next step.
    """

    def __init__(self, width: int):
        super().__init__()
        self.word = nn.Linear(width, 4 * width)
        self.recurrent = nn.Linear(2 * width, 4 * width, bias=False)  # of [ĥ; h] of the step before
        self.key = nn.Linear(width, width, bias=False)
        self.combine = nn.Linear(2 * width, width, bias=False)
        self.begin = nn.Linear(width, width)
        for weight in (self.word.weight, self.recurrent.weight):
            nn.init.uniform_(weight, -(width**-0.5), width**-0.5)
        with torch.no_grad():
            self.word.bias.zero_()
            self.word.bias[width : 2 * width].fill_(1.0)  # open forget gates

    def start(self, source: torch.Tensor, lengths: torch.Tensor):
        """(ĥ, h, c) before the first word: h from what each direction of the last encoder layer ends with."""
        forward, backward = source.chunk(2, dim=-1)
        row = torch.arange(len(lengths), device=source.device)
        h = torch.tanh(self.begin(torch.cat([forward[row, lengths - 1], backward[:, 0]], dim=-1)))
        return torch.zeros_like(h), h, torch.zeros_like(h)

    def step(self, gates: torch.Tensor, state, source: torch.Tensor, keys: torch.Tensor, hidden: torch.Tensor):
        """gates (B, 4d) of the word read; hidden (B, S), True at padding. Returns the next (ĥ, h, c)."""
        fed, h, c = state
        i, f, g, o = (gates + self.recurrent(torch.cat([fed, h], dim=-1))).chunk(4, dim=-1)
        c = torch.sigmoid(f) * c + torch.sigmoid(i) * torch.tanh(g)
        h = torch.sigmoid(o) * torch.tanh(c)
        score = torch.bmm(keys, h.unsqueeze(2)).squeeze(2).masked_fill(hidden, float("-inf"))
        read = torch.bmm(torch.softmax(score, dim=1).unsqueeze(1), source).squeeze(1)
        return torch.tanh(self.combine(torch.cat([read, h], dim=-1))), h, c


class Seq2SeqLstm(PreTrainedModel):
    """Translator with one vocabulary; its softmax is tied to the embeddings of encoder and decoder."""

    config_class = Seq2SeqLstmConfig
    base_model_prefix = "model"
    main_input_name = "input_ids"

    def __init__(self, config: Seq2SeqLstmConfig):
        super().__init__(config)
        self.encoder = DirectionalModel(config)
        self.decoder = Decoder(config.hidden_size)
        same = config.embedding_size == config.hidden_size
        self.down = None if same else nn.Linear(config.hidden_size, config.embedding_size, bias=False)
        self.bias = nn.Parameter(torch.zeros(config.vocab_size))
        self.post_init()

    def _init_weights(self, module):
        """The layers set their own weights when they are made."""

    def get_encoder(self, *_, **__):
        return self.encoder

    def get_decoder(self, *_, **__):
        return self.decoder

    def get_input_embeddings(self):
        return self.encoder.embedding

    def embed(self, ids: torch.Tensor) -> torch.Tensor:
        x = self.encoder.embedding(ids)
        return x if self.encoder.up is None else self.encoder.up(x)

    def scores(self, states: torch.Tensor) -> torch.Tensor:
        """(…, d) attentional states → (…, V) logits of the next word."""
        if self.down is not None:
            states = self.down(states)
        return functional.linear(states, self.encoder.embedding.weight, self.bias)

    def decode(self, source, attention_mask, ids):
        """Teacher forcing: (B, S, d) encoder states and (B, T) target words read → LSTM states and attentional states, each (B, T, d)."""
        keys, hidden = self.decoder.key(source), attention_mask == 0
        state = self.decoder.start(source, lengths_of(attention_mask))
        lstm, attentional = [], []
        for gates in self.decoder.word(self.embed(ids)).unbind(dim=1):
            state = self.decoder.step(gates, state, source, keys, hidden)
            attentional.append(state[0])
            lstm.append(state[1])
        return torch.stack(lstm, dim=1), torch.stack(attentional, dim=1)

    def forward(self, input_ids, attention_mask=None, decoder_input_ids=None, decoder_attention_mask=None, output_hidden_states=None, return_dict=None, **_) -> Seq2SeqLMOutput:
        """Logits (B, T, V) of the word after each of decoder_input_ids; decoder_hidden_states are (embeddings, LSTM states)."""
        if decoder_input_ids is None:
            raise ValueError("forward of a translator reads a target as well: give decoder_input_ids, or call get_encoder() or translate")
        if attention_mask is None:
            attention_mask = torch.ones_like(input_ids)
        encoded = self.encoder(input_ids, attention_mask, output_hidden_states=output_hidden_states)
        lstm, attentional = self.decode(encoded.last_hidden_state, attention_mask, decoder_input_ids)
        return Seq2SeqLMOutput(
            logits=self.scores(attentional),
            decoder_hidden_states=(self.embed(decoder_input_ids), lstm) if output_hidden_states else None,
            encoder_last_hidden_state=encoded.last_hidden_state,
            encoder_hidden_states=encoded.hidden_states,
        )

    def losses(self, input_ids, attention_mask, target_ids, target_mask) -> torch.Tensor:
        """Nats of each target word after the first, teacher-forced; targets (B, T) begin with bos and end with eos. Labels are smoothed in training alone."""
        source = self.encoder(input_ids, attention_mask).last_hidden_state
        counted = target_mask[:, 1:].bool()
        states = self.decode(source, attention_mask, target_ids[:, :-1])[1][counted]
        smoothing = self.config.label_smoothing if self.training else 0.0
        return functional.cross_entropy(self.scores(states), target_ids[:, 1:][counted], reduction="none", label_smoothing=smoothing)

    @torch.inference_mode()
    def translate_ids(self, input_ids, attention_mask, *, beam: int = 5, penalty: float = 1.0) -> list[list[int]]:
        """Ids of each translation, bos and eos left out, by beam search; beam=1 is greedy. See `decoding.beam_search`."""
        source = self.encoder(input_ids, attention_mask).last_hidden_state
        lengths = lengths_of(attention_mask)
        keys, hidden = self.decoder.key(source), attention_mask == 0
        source, keys, hidden = (x.repeat_interleave(beam, dim=0) for x in (source, keys, hidden))
        start = self.decoder.start(source, lengths.repeat_interleave(beam))

        def step(words, state):
            state = self.decoder.step(self.decoder.word(self.embed(words)), state, source, keys, hidden)
            return self.scores(state[0]).log_softmax(dim=-1), state

        config = self.config
        return beam_search(step, start, 2 * lengths + 10, beam=beam, bos=config.bos_token_id, eos=config.eos_token_id, pad=config.pad_token_id, penalty=penalty)


def translate(model, sentences: Sequence[Sequence[str]], *, beam: int = 5, penalty: float = 1.0, batch: int = 64) -> list[tuple[str, ...]]:
    """Translations of sentences, as words, in the order given.

    model    a loaded translator (lcacore.models.Model); edits of its encoder layers hold while it translates
    beam     hypotheses kept (1: greedy); penalty: exponent of the length a hypothesis's log-probability is divided by
    batch    sentences at a time, of like length: speed, not results, depends on it

    Raises ValueError: a model that is no translator, no hypothesis to keep.
    """
    if not isinstance(model.module, Seq2SeqLstm):
        raise ValueError(f"model {model.spec!r} ({model.config.model_type}) is no LSTM translator; give one of the zoo's")
    return translations(model.module, model.tokenizer, sentences, beam=beam, penalty=penalty, batch=batch)


def translations(network: Seq2SeqLstm, tokenizer, sentences: Sequence[Sequence[str]], *, beam: int = 5, penalty: float = 1.0, batch: int = 64) -> list[tuple[str, ...]]:
    """`translate` for a network and its tokenizer."""
    device = network.bias.device
    ids = tokenizer([" ".join(s) for s in sentences])["input_ids"] if len(sentences) else []
    order = sorted(range(len(ids)), key=lambda i: (-len(ids[i]), i))
    out: list[tuple[str, ...]] = [()] * len(ids)
    for start in range(0, len(order), batch):
        part = order[start : start + batch]
        rows = torch.nn.utils.rnn.pad_sequence([torch.tensor(ids[i]) for i in part], batch_first=True, padding_value=network.config.pad_token_id)
        real = torch.arange(rows.shape[1]) < torch.tensor([len(ids[i]) for i in part])[:, None]
        for i, row in zip(part, network.translate_ids(rows.to(device), real.long().to(device), beam=beam, penalty=penalty), strict=True):
            out[i] = tuple(tokenizer.decode(row, skip_special_tokens=True).split())
    return out
