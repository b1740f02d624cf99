"""Beam search over any model that reads one word and gives the log-probabilities of the next."""

from __future__ import annotations

from collections.abc import Callable

import torch


def beam_search(step: Callable, state: tuple, limits: torch.Tensor, *, beam: int, bos: int, eos: int, pad: int, penalty: float = 1.0) -> list[list[int]]:
    """The best of `beam` hypotheses for each of B sentences, all sentences at once.

    step     (words (B·K,), state) → (log-probabilities (B·K, V), state); K = beam, a sentence's hypotheses are neighbours
    state    tensors with B·K rows before the first word
    limits   (B,) words after which a sentence's translation is ended; of the sentence alone, so that no neighbour matters
    penalty  hypotheses are compared by log-probability / length^penalty, the final eos counted

    Finished hypotheses keep their place in the beam until better ones push them out; a sentence is done when its
    whole beam is finished. Returns ids without bos and eos. Raises ValueError for a beam below 1.
    """
    if beam < 1:
        raise ValueError(f"beam {beam}; give at least 1 (greedy)")
    B, device = len(limits), limits.device
    row = torch.arange(B, device=device)[:, None] * beam
    words = torch.full((B * beam,), bos, device=device)
    score = torch.full((B, beam), float("-inf"), device=device)
    score[:, 0] = 0.0  # one hypothesis to begin with: the others are its copies
    written = torch.empty((B, beam, 0), dtype=torch.long, device=device)
    done = torch.zeros((B, beam), dtype=torch.bool, device=device)
    length = torch.zeros((B, beam), device=device)
    for at in range(1, int(limits.max()) + 1):
        log_p, state = step(words, state)
        V = log_p.shape[1]
        log_p = log_p.view(B, beam, V).clone()
        log_p[..., [bos, pad]] = float("-inf")
        ending = torch.full((V,), float("-inf"), device=device)
        ending[eos] = 0.0
        log_p += torch.where((limits <= at)[:, None, None], ending, torch.zeros_like(ending))
        staying = torch.full((V,), float("-inf"), device=device)
        staying[pad] = 0.0
        log_p = torch.where(done[..., None], staying, log_p)
        score, best = (score[..., None] + log_p).view(B, beam * V).topk(beam, dim=1)
        origin, word = best // V, best % V
        length = length.gather(1, origin) + (word != pad)
        done = done.gather(1, origin) | (word == eos)
        written = torch.cat([written.gather(1, origin[..., None].expand(-1, -1, at - 1)), word[..., None]], dim=2)
        if bool(done.all()):
            break
        index = (row + origin).flatten()
        state, words = tuple(x[index] for x in state), word.flatten()
    chosen = (score / length.clamp(min=1) ** penalty).argmax(dim=1)
    return [[w for w in hypothesis if w not in (eos, pad)] for hypothesis in written[torch.arange(B, device=device), chosen].tolist()]
