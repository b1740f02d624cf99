"""Weights in few bytes: whole numbers of 2 to 8 bits with one scale per row, as themselves or as differences from a base.

A packed file is the model: what it decodes to is what is measured, probed and shown. For a weight w with two axes or
more, taken as rows (first axis) of columns (all others),

    w[i, j] ≈ scale[i] · q[i, j],    q whole, |q| ≤ 2^(bits − 1) − 1

with |w[i, j] − scale[i] · q[i, j]| ≤ scale[i] / 2, unless a row's largest values are cut off, which is done where that
lowers the row's squared error (in few bits it does). Vectors are kept in half precision. A fine-tuned model is kept as
the difference from the decoded weights of its base.
"""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from pathlib import Path

import numpy as np

from .store import checksum, shipped_model

__all__ = ["PACKED", "base_of", "load_packed", "pack", "save_packed", "unpack"]

PACKED = "packed.safetensors"
_META = "lcacore"
_SCALE = ":scale"
_CLIPS = (1.0, 0.95, 0.9, 0.85, 0.8, 0.75, 0.7, 0.6, 0.5)  # shares of a row's largest value that stand for the largest number


def pack(values: np.ndarray, bits: int = 8) -> tuple[np.ndarray, np.ndarray]:
    """(q, scale) of a weight with two axes or more.

    values  (R, …) float
    q       8 bits: int8 of the same shape; fewer: uint8 (R, ceil(columns · bits / 8)), the numbers of a row bit after bit
    scale   (R,) float32

    Raises ValueError for other bits, fewer axes, or a value that is not finite.
    """
    if not 2 <= bits <= 8:
        raise ValueError(f"bits {bits}; weights are packed in 2 to 8")
    if values.ndim < 2:
        raise ValueError(f"a weight of shape {values.shape}; rows want two axes or more (keep vectors as they are)")
    rows = np.asarray(values, dtype=np.float32).reshape(len(values), -1)
    if not np.isfinite(rows).all():
        raise ValueError("a weight holds values that are not finite; the training diverged (lower its learning rate)")
    most = 2 ** (bits - 1) - 1
    largest = np.abs(rows).max(axis=1, initial=0.0).astype(np.float32)
    scale, least = np.zeros_like(largest), np.full(len(rows), np.inf, dtype=np.float32)
    for clip in _CLIPS if bits < 8 else _CLIPS[:1]:
        candidate = np.float32(clip) * largest / np.float32(most)
        error = ((rows - _rounded(rows, candidate, most) * candidate[:, None]) ** 2).sum(axis=1)
        better = error < least
        scale[better], least[better] = candidate[better], error[better]
    q = _rounded(rows, scale, most).astype(np.int8)
    if bits == 8:
        return q.reshape(values.shape), scale
    places = (q + np.int8(most)).astype(np.uint8)[:, :, None] >> np.arange(bits, dtype=np.uint8)
    return np.packbits((places & 1).reshape(len(rows), -1), axis=1, bitorder="little"), scale


def _rounded(rows: np.ndarray, scale: np.ndarray, most: int) -> np.ndarray:
    divisor = np.where(scale > 0, scale, 1).astype(np.float32)[:, None]
    return np.clip(np.rint(rows / divisor), -most, most)


def unpack(q: np.ndarray, scale: np.ndarray, shape: tuple[int, ...], bits: int = 8) -> np.ndarray:
    """The float32 weight of this shape that `pack` put into (q, scale) in so many bits."""
    if bits < 8:
        columns = math.prod(shape[1:])
        places = np.unpackbits(q, axis=1, count=columns * bits, bitorder="little").reshape(len(q), columns, bits)
        q = (places << np.arange(bits, dtype=np.uint8)).sum(axis=2, dtype=np.uint8).astype(np.float32) - (2 ** (bits - 1) - 1)
    return (q.reshape(len(scale), -1).astype(np.float32) * scale[:, None]).reshape(shape)


def save_packed(folder: Path, state: Mapping[str, np.ndarray], *, base: str | None = None, base_state: Mapping[str, np.ndarray] | None = None, base_key: str = "", bits: int = 8) -> Path:
    """Write the weights of a model to `folder`, packed; returns the file.

    state               name → float array
    base, base_state    the model that these weights started from, and its decoded weights: of a weight that both have,
    base_key            in one shape, the difference is kept; of one that did not change, nothing; `base_key` is the
                        checksum of the base's packed file
    bits                of the weights with two axes or more; with a base, of the differences, and all else takes 8
    """
    from safetensors.numpy import save_file

    tensors, shapes, fewer, unchanged = {}, {}, {}, []
    for name in sorted(state):
        value = np.asarray(state[name], dtype=np.float32)
        start = (base_state or {}).get(name)
        differs = start is not None and start.shape == value.shape
        if differs:
            value = value - start
            if not value.any():
                unchanged.append(name)
                continue
        if value.ndim < 2:
            tensors[name] = value.astype(np.float16)
        else:
            own = bits if differs or not base else 8
            tensors[name], tensors[name + _SCALE] = pack(value, own)
            if own < 8:
                fewer[name] = own
        shapes[name] = [list(value.shape), bool(differs)]
    about = {"bits": fewer, "weights": shapes, "unchanged": unchanged} | ({"base": base, "base_key": base_key} if base else {})
    path = folder / PACKED
    # one entry only: the order of several is not the same every time
    save_file({k: np.ascontiguousarray(v) for k, v in tensors.items()}, path, metadata={_META: json.dumps(about, sort_keys=True)})
    path.chmod(0o644)
    return path


def _about(path: Path) -> dict:
    from safetensors import SafetensorError, safe_open

    try:
        with safe_open(path, framework="numpy") as file:
            return json.loads((file.metadata() or {})[_META])
    except (SafetensorError, KeyError, json.JSONDecodeError) as error:
        raise ValueError(f"{path} holds no packed weights (truncated, or of another program?): {error}") from error


def base_of(folder: Path) -> Path | None:
    """Folder of the model that this one is kept as a difference from: beside it, or shipped; None where it stands alone.

    Raises ValueError where the base is missing or is not the one that the differences were taken from.
    """
    path = Path(folder) / PACKED
    if not path.exists() or not (name := (about := _about(path)).get("base")):
        return None
    beside = Path(folder).resolve().parent / name
    base = beside if (beside / PACKED).exists() else shipped_model(name)
    if not (base / PACKED).exists() or checksum(base / PACKED) != about["base_key"]:
        raise ValueError(f"{Path(folder).name} is kept as differences from {name!r}, but {base} holds other weights; train {Path(folder).name} again")
    return base


def load_packed(folder: Path) -> dict[str, np.ndarray]:
    """Every weight of a packed model, decoded: name → float32 array. Raises ValueError where file or base are not as they were."""
    from safetensors import SafetensorError
    from safetensors.numpy import load_file

    path = Path(folder) / PACKED
    about = _about(path)
    try:
        tensors = load_file(path)
    except SafetensorError as error:
        raise ValueError(f"{path} cannot be read (truncated?): {error}") from error
    base = base_of(folder)
    start = load_packed(base) if base else {}
    state = {name: start[name] for name in about["unchanged"]}
    for name, (shape, differs) in about["weights"].items():
        value = unpack(tensors[name], tensors[name + _SCALE], tuple(shape), about["bits"].get(name, 8)) if name + _SCALE in tensors else tensors[name].astype(np.float32)
        state[name] = start[name] + value if differs else value
    return state
