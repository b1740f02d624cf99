"""How much each reading of an under-specified method moves its result: one change at a time, against our defaults."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd

from .pitfalls import FORWARD, ORDERS, PROBES, Configuration, configurations, relative

__all__ = ["compare"]


def compare(models: Mapping[str, str], corpora: Mapping[str, str], layers: Sequence[int], names: Sequence[str], readings: Mapping[str, Mapping], first: int, k: int, **settings) -> pd.DataFrame:
    """A row per reading: what changes when these fields of `pitfalls.Protocol` are set instead of the defaults in `settings`.

    readings   name → changed fields; first, k are numbers of 768, read relative to the width
    "<ranking> kept"     share of the first neurons that both settings choose (%), mean over configurations
    "<probe> accuracy"   change of the accuracy with the probe's own order at size k (points), mean; likewise "selectivity"
    "largest"            the largest change of an accuracy in any configuration (points, without sign)

    Raises ValueError: readings under which other configurations are left.
    """
    base = configurations(models, corpora, layers, names, **settings)
    rows = {}
    for name, change in readings.items():
        other = configurations(models, corpora, layers, names, **(settings | dict(change)))
        if [c.name for c in other] != [c.name for c in base]:
            raise ValueError(f"reading {name!r} leaves {', '.join(c.name for c in other)}; give readings that keep {', '.join(c.name for c in base)}")
        rows[name] = _difference(base, other, first, k)
    return pd.DataFrame.from_dict(rows, orient="index")


def _difference(base: Sequence[Configuration], other: Sequence[Configuration], first: int, k: int) -> dict[str, float]:
    m = relative(first, base[0].n_neurons)
    row: dict[str, float] = {}
    for method in FORWARD:
        o = ORDERS.index(method)
        kept = [len(set(a.orders[o, :m].tolist()) & set(b.orders[o, :m].tolist())) / m for a, b in zip(base, other, strict=True)]
        row[f"{method} kept"] = 100 * float(np.mean(kept))
    at = int(np.argmin(np.abs(base[0].ks - relative(k, base[0].n_neurons))))
    before, after = (100 * np.stack([c.accuracy[..., at] for c in part]) for part in (base, other))  # (n, 2, 2, 7)
    moved = after - before
    for p, probe in enumerate(PROBES):
        own = moved[:, :, p, ORDERS.index(probe)]
        row[f"{probe} accuracy"] = float(own[:, 0].mean())
        row[f"{probe} selectivity"] = float((own[:, 0] - own[:, 1]).mean())
    row["largest"] = float(np.abs(moved[:, 0, [0, 1], [0, 1]]).max())
    return row
