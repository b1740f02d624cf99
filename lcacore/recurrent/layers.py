"""Layers that read a sentence in one direction or in both. Shapes: B sentences, T sub-tokens, d neurons per layer."""

from __future__ import annotations

import torch
from torch import nn
from torch.nn import functional


def lengths_of(attention_mask: torch.Tensor) -> torch.Tensor:
    """(B,) sub-tokens of each sentence. Raises ValueError unless the padding stands on the right."""
    if bool((attention_mask[:, 1:] > attention_mask[:, :-1]).any()):
        raise ValueError("attention_mask has padding before or inside a sentence; pad on the right (Model.collate does)")
    return attention_mask.sum(dim=1)


def reverse(x: torch.Tensor, lengths: torch.Tensor) -> torch.Tensor:
    """Each sentence of (B, T, …) back to front, its padding left where it is. Its own inverse."""
    at = torch.arange(x.shape[1], device=x.device)
    ends = lengths[:, None]
    index = torch.where(at < ends, ends - 1 - at, at)
    return x[torch.arange(x.shape[0], device=x.device)[:, None], index]


class LstmReader(nn.Module):
    """One LSTM layer, left to right: what stands after a sub-token, padding included, does not reach it."""

    def __init__(self, n_in: int, n_out: int, residual: bool):
        super().__init__()
        self.lstm = nn.LSTM(n_in, n_out, batch_first=True)
        self.residual = residual
        with torch.no_grad():
            self.lstm.bias_ih_l0[n_out : 2 * n_out].fill_(1.0)  # open forget gates: a new layer remembers

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        y = self.lstm(x)[0]
        return x + y if self.residual else y


class CausalReader(nn.Module):
    """One transformer layer, left to right, with the layer norms first (as in GPT-2)."""

    def __init__(self, width: int, heads: int, inner: int):
        super().__init__()
        self.heads = heads
        self.norm, self.norm_inner = nn.LayerNorm(width), nn.LayerNorm(width)
        self.qkv, self.mix = nn.Linear(width, 3 * width), nn.Linear(width, width)
        self.widen, self.narrow = nn.Linear(width, inner), nn.Linear(inner, width)
        for linear in (self.qkv, self.mix, self.widen, self.narrow):
            nn.init.normal_(linear.weight, std=0.5 * linear.in_features**-0.5)
            nn.init.zeros_(linear.bias)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        B, T, d = x.shape
        q, k, v = self.qkv(self.norm(x)).view(B, T, 3, self.heads, d // self.heads).permute(2, 0, 3, 1, 4)
        read = functional.scaled_dot_product_attention(q, k, v, is_causal=True)
        x = x + self.mix(read.transpose(1, 2).reshape(B, T, d))
        return x + self.narrow(functional.gelu(self.widen(self.norm_inner(x))))


class Block(nn.Module):
    """A layer: its readers side by side, the second one reading back to front.

    mixed  each reader sees the whole state (a translator's encoder); otherwise only its own half of the
           neurons, so that a direction never sees what the other has read (ELMo)
    """

    def __init__(self, readers: list[nn.Module], mixed: bool):
        super().__init__()
        self.readers, self.mixed = nn.ModuleList(readers), mixed

    def forward(self, hidden_states: torch.Tensor, lengths: torch.Tensor) -> torch.Tensor:
        n = len(self.readers)
        parts = [hidden_states] * n if self.mixed else hidden_states.chunk(n, dim=-1)
        out = [self.readers[0](parts[0])]
        if n == 2:
            out.append(reverse(self.readers[1](reverse(parts[1], lengths)), lengths))
        return torch.cat(out, dim=-1)
