"""The minimal set: probes retrained on the top 1 %, 2 %, … until δ is met, or found in a narrowing bracket; NeuroX on some of the steps in turns with it, the rest interpolated."""

import numpy as np
import torch

from lcacore.rankings import weight_mass
from lcacore.search import minimal_neurons
from lcacore.training import train_linear
from lcacore.types import ProbeConfig

from .common import Row, every_turn
from .data import papers_size
from .peers import neurox, quietly

CONFIG = ProbeConfig(l1=1e-4, l2=1e-4, squared_l2=False)  # NeuroX's norm


def _peer_step(train, dev, columns) -> float:
    """NeuroX: copy the columns, train, evaluate; returns the accuracy."""
    probe_of = neurox()
    (X, y), (X_dev, y_dev) = train, dev
    part, part_dev = np.ascontiguousarray(X[:, columns]), np.ascontiguousarray(X_dev[:, columns])
    probe = quietly(probe_of.train_logistic_regression_probe, part, y, lambda_l1=CONFIG.l1, lambda_l2=CONFIG.l2, num_epochs=10, batch_size=512, learning_rate=1e-3)
    return quietly(probe_of.evaluate_probe, probe, part_dev, y_dev, batch_size=512)["__OVERALL__"]


def run() -> list[Row]:
    train, dev = papers_size()
    (X, y), (X_dev, y_dev) = train, dev
    ranking = weight_mass(train_linear(X, y, 44, [CONFIG])[0].coef)
    precisions = ["float32", *(["bfloat16"] if torch.cpu._is_avx512_bf16_supported() else [])]
    ours = {(how, p): lambda p=p, how=how: minimal_neurons(X, y, X_dev, y_dev, ranking, 2.0, config=CONFIG, search=how, precision=p) for p in precisions for how in ("steps", "bracket")}
    tried = [round(p * X.shape[1] / 100) for p in ours["steps", "float32"]().curve.x]
    at = sorted({0, len(tried) // 3, 2 * len(tried) // 3, len(tried) - 1})
    # both train on all neurons too
    peer = {"all": lambda: _peer_step(train, dev, np.arange(X.shape[1])), **{i: lambda n=tried[i]: _peer_step(train, dev, ranking.order[:n]) for i in at}}
    seconds, results = every_turn({**ours, **peer})
    spent = {name: float(np.median(values)) for name, values in seconds.items()}
    accuracy = {tried[i]: float(np.mean(results[i])) for i in at}  # NeuroX starts from random weights and is not seeded: the mean of its runs
    scatter = max(np.ptp(seconds[name]) / spent[name] for name in peer), max(np.ptp(results[i]) for i in at)
    rows = []
    for how, precision in ours:
        found, steps = results[how, precision][-1], results["steps", precision][-1]
        reached = len(steps.curve.x)  # the peer's time for as many
        whole = spent["all"] + float(np.interp(range(reached), at, [spent[i] for i in at]).sum())
        known = dict(zip([round(p * X.shape[1] / 100) for p in found.curve.x], found.curve.y, strict=True))
        apart = [abs(known[n] - value) for n, value in accuracy.items() if n in known]
        agreement = f"{found.n} neurons, step by step {steps.n}; {len(found.curve.x)} sizes up to it tried"
        if how == "steps":
            agreement = f"accuracy on dev within {100 * max(apart):.1f} points of the mean of {len(results['all'])} runs at {len(apart)} sizes; NeuroX's runs of one size differ by up to {scatter[0]:.0%} in time, {100 * scatter[1]:.1f} points"
        rows.append(
            Row(f"minimal set {'by steps of 1 %' if how == 'steps' else 'in a bracket'}, {precision}", f"20,000 + 5,000 tokens, 2,688 neurons, 44 labels, δ = 2, {reached} steps, ten epochs each", "NeuroX 1.0.9, every step", whole, spent[how, precision], 4,
                agreement, max(apart, default=0) < 0.02 and found.n == steps.n, part=f"{len(at)} of {len(tried)} steps, the rest interpolated")
        )
    return rows
