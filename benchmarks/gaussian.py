"""Gaussian greedy selection against the direct computation: whole at 96 neurons, on a part of the candidates at 768."""

import numpy as np

from lcacore.gaussian import greedy

from .common import Row, in_turns, once
from .data import activations
from .peers import direct_gaussian_fit, direct_gaussian_step

PICKS = 50


def _direct(train, dev, picks: int):
    fit, chosen = direct_gaussian_fit(*train), []
    for _ in range(picks):
        rest = [j for j in range(train[0].shape[1]) if j not in chosen]
        chosen.append(rest[int(np.argmax(direct_gaussian_step(fit, chosen, rest, *dev)))])
    return chosen


def run() -> list[Row]:
    X, y = activations(6_000, 96, 8)
    small = (X[:4_000], y[:4_000]), (X[4_000:], y[4_000:])
    seconds, found = in_turns({"peer": lambda: _direct(*small, 10), "ours": lambda: greedy(*small[0], 10, dev=small[1]).picks.tolist()}, 2)
    same = found["peer"] == found["ours"]
    rows = [Row("Gaussian selection, 96 neurons, 10 picks", "4,000 + 2,000 tokens, 8 labels", "direct computation", seconds["peer"], seconds["ours"], 66, "same neurons in the same order" if same else "another order", same)]

    X, y = activations(40_000, 768, 8)
    train, dev = (X[:20_000], y[:20_000]), (X[20_000:], y[20_000:])
    ours, found = once(lambda: greedy(*train, PICKS, dev=dev))
    picks = found.picks.tolist()
    cost, first = once(lambda: direct_gaussian_fit(*train))
    # a few candidates of a few steps, the picked one among them; the cost grows smoothly with the step
    steps, agree = (0, 12, 25, 37, 49), []
    per_candidate = []
    for step in steps:
        others = [j for j in range(5) if j not in picks[: step + 1]][:2]
        candidates = [picks[step], *others]
        spent, values = once(lambda s=step, c=candidates: direct_gaussian_step(first, picks[:s], c, *dev))
        per_candidate.append(spent / len(candidates))
        agree.append(abs(values[0] - found.values[step]) < 1e-4 * max(1, abs(values[0])) and values[0] >= values[1:].max() - 1e-5)
    whole = cost + sum(np.interp(step, steps, per_candidate) * (768 - step) for step in range(PICKS))
    rows.append(
        Row(f"Gaussian selection, 768 neurons, {PICKS} picks", "20,000 + 20,000 tokens, 8 labels", "direct computation", float(whole), ours, 400,
            f"{sum(agree)} of {len(agree)} checked steps have the direct value and pick", all(agree), part=f"{len(steps)} of {PICKS} steps, 3 of up to 768 candidates each; the rest interpolated")
    )
    return rows
