"""The recorded results of benchmarks/, as tables: what `make bench` measured last, on which processor and when."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from .store import project_root

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["comparisons", "growth", "origin", "slope"]


def _recorded() -> dict:
    path = project_root() / "notebooks" / "recorded" / "benchmarks.json"
    if not path.exists():
        raise ValueError("no benchmark has been recorded here; run `make bench`")
    return json.loads(path.read_text(encoding="utf-8"))["benchmarks"]


def comparisons() -> pd.DataFrame:
    """One row per claim of speed: claim, work, peer, peer_seconds, seconds (of CPU: medians, or one run where that is long), ratio, goal, agreement, agrees, part, benchmark."""
    import pandas as pd

    rows = [{**row, "benchmark": name} for name, found in _recorded().items() for row in found["rows"] if "claim" in row]
    return pd.DataFrame(rows).set_index("claim")


def growth() -> dict:
    """axis ("tokens", "neurons", "labels") → job → {"size", "seconds", "mib"}: how cost grows with size."""
    out: dict = {}
    sizes = {"tokens": "n", "neurons": "d", "labels": "t"}
    for row in _recorded()["scale"]["rows"]:
        found = out.setdefault(row["axis"], {}).setdefault(row["job"], {"size": [], "seconds": [], "mib": []})
        found["size"].append(row[sizes[row["axis"]]])
        found["seconds"].append(row["seconds"])
        found["mib"].append(row["mib"])
    return out


def slope(sizes, values) -> float:
    """Exponent of growth between the two largest sizes: 1 is linear."""
    import math

    return math.log(values[-1] / values[-2]) / math.log(sizes[-1] / sizes[-2])


def origin() -> pd.DataFrame:
    """Per benchmark: processor, threads, date, wall seconds."""
    import pandas as pd

    return pd.DataFrame({name: {k: v for k, v in found.items() if k != "rows"} for name, found in _recorded().items()}).T
