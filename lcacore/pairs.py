"""A word and its syntactic head as one row of activations: side by side, or read otherwise (Durrani 2023, footnote 6)."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np

from .extract import MatrixWriter, open_matrix
from .store import code_key, store
from .types import Activations, fingerprint

__all__ = ["READINGS", "read_as"]

READINGS = ("modifier", "head", "mean")  # what footnote 6 tried beside both words side by side


def read_as(pairs: Activations, reading: str) -> Activations:
    """(N, L·d) activations of the modifier alone, of its head alone, or the mean of the two, of words side by side (N, 2·L·d).

    The mean is streamed through the store, the others are views.

    Raises ValueError: an unknown reading; activations that are not of `extract.pair_with_heads`.
    """
    if reading not in READINGS:
        raise ValueError(f"a word and its head read as {reading!r}; give one of {', '.join(READINGS)}, or none for the two side by side")
    if pairs.parts != ("modifier", "head"):
        raise ValueError(f"activations of {' + '.join(pairs.parts)}; give those of words beside their heads, parts modifier + head")
    width, dtype = pairs.X.shape[1] // 2, pairs.X.dtype.name
    key = {"pairs": pairs.key, "reading": reading, "code": code_key(__name__)}

    def make(folder: Path) -> None:
        step = max(1, (1 << 22) // width)
        with MatrixWriter(folder / "X.npy", (len(pairs), width), dtype) as out:
            for a in range(0, len(pairs), step):
                x = np.asarray(pairs.X[a : a + step], dtype=np.float32)
                out.write(a, (x[:, :width] + x[:, width:]) / 2)

    if reading == "mean":
        X = open_matrix(store().build("pairs", key, make) / "X.npy", dtype)
    else:
        X = pairs.X[:, :width] if reading == "modifier" else pairs.X[:, width:]
    return replace(pairs, X=X, parts=(reading,), key=fingerprint(key))
