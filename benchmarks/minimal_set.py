"""The minimal set: probes retrained on the top 1 %, 2 %, … until δ is met; NeuroX on some of the same steps in turns with it, the rest interpolated."""

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
    precisions = {"float32": 4, **({"bfloat16": 4} if torch.cpu._is_avx512_bf16_supported() else {})}
    ours = {p: lambda p=p: minimal_neurons(X, y, X_dev, y_dev, ranking, 2.0, config=CONFIG, precision=p) for p in precisions}
    tried = [round(p * X.shape[1] / 100) for p in ours["float32"]().curve.x]
    at = sorted({0, len(tried) // 3, 2 * len(tried) // 3, len(tried) - 1})
    # both train on all neurons too
    peer = {"all": lambda: _peer_step(train, dev, np.arange(X.shape[1])), **{str(i): lambda n=tried[i]: _peer_step(train, dev, ranking.order[:n]) for i in at}}
    seconds, results = every_turn({**ours, **peer})
    spent = {name: float(np.median(values)) for name, values in seconds.items()}
    accuracy = [float(np.mean(results[str(i)])) for i in at]  # NeuroX starts from random weights and is not seeded: the mean of its runs
    scatter = max(np.ptp(seconds[name]) / spent[name] for name in peer), max(np.ptp(results[str(i)]) for i in at)
    rows = []
    for precision, goal in precisions.items():
        found = results[precision][-1]
        steps = len(found.curve.x)  # the peer's time for as many
        whole = spent["all"] + float(np.interp(range(steps), at, [spent[str(i)] for i in at]).sum())
        apart = max(abs(a - found.curve.y[i]) for a, i in zip(accuracy, at, strict=True) if i < steps)
        rows.append(
            Row(f"minimal set by steps of 1 %, {precision}", f"20,000 + 5,000 tokens, 2,688 neurons, 44 labels, δ = 2, {steps} steps, ten epochs each", "NeuroX 1.0.9", whole, spent[precision], goal,
                f"accuracy on dev within {100 * apart:.1f} points of the mean of {len(results['all'])} runs at {len(at)} steps; NeuroX's runs of one step differ by up to {scatter[0]:.0%} in time, {100 * scatter[1]:.1f} points", apart < 0.02, part=f"{len(at)} of {len(tried)} steps, the rest interpolated")
        )
    return rows
