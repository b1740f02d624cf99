"""The λ grid end to end with the same Adam: train, order, score all, top and bottom; NeuroX on a few points, ours on all 49."""

import numpy as np

from lcacore.rankings import weight_mass
from lcacore.search import GRID, grid_search
from lcacore.training import train_linear
from lcacore.types import ProbeConfig

from .common import Row, once
from .data import papers_size
from .peers import neurox_grid_point

POINTS = ((0.0, 0.0), (1e-4, 1e-4), (1e-3, 1e-2), (1e-5, 1e-3))


def _bfloat16_pays() -> bool:
    """Whether this processor multiplies bfloat16 faster than float32."""
    import torch

    def seconds(dtype):
        a = torch.randn(512, 2048).to(dtype)
        b = torch.randn(2048, 512).to(dtype)
        return min(once(lambda: [a @ b for _ in range(20)])[0] for _ in range(3))

    return seconds(torch.bfloat16) < seconds(torch.float32)


def run() -> list[Row]:
    train, dev = papers_size()
    neurox_grid_point(train, dev, 0.0, 0.0)  # the first one is dropped
    peer, theirs, ours = [], [], {}
    precisions = ["float32", *(["bfloat16"] if _bfloat16_pays() else [])]
    for i, point in enumerate(POINTS):
        spent, result = once(lambda p=point: neurox_grid_point(train, dev, *p))
        peer.append(spent)
        theirs.append(result)
        if i < len(precisions):  # between the peer's points
            ours[precisions[i]] = once(lambda p=precisions[i]: grid_search(*train, *dev, l1=GRID, l2=GRID, precision=p))
    each = float(np.median(peer))
    rows = []
    for precision, goal in zip(precisions, (2.5, 4.5), strict=False):
        spent, grid = ours[precision]
        table = grid.table.set_index(["l1", "l2"])
        apart = max(abs(table.loc[p, "A_l"] - r[1][0]) for p, r in zip(POINTS, theirs, strict=True))
        # NeuroX does not shuffle and starts from random weights, of which ten epochs leave a trace in its ranking
        configs = [ProbeConfig(*POINTS[1], seed=seed, squared_l2=False) for seed in (0, 1)]
        own, other = (set(weight_mass(w.coef).top(0.2).tolist()) for w in train_linear(*train, 44, configs, precision=precision))
        shared, usual = len(own & set(theirs[1][0][: len(own)].tolist())) / len(own), len(own & other) / len(own)
        rows.append(
            Row(f"λ grid, one point of 49, {precision}", "20,000 + 5,000 tokens, 2,688 neurons, 44 labels, ten epochs", "NeuroX 1.0.9", each, spent / 49, goal,
                f"accuracy within {100 * apart:.1f} points on {len(POINTS)} pairs; top 20 % shares {shared:.0%}, two seeds of ours {usual:.0%}", apart < 0.02 and shared > 0.3, part=f"{len(POINTS)} of 49 points")
        )
    return rows
