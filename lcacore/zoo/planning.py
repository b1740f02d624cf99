"""What the zoo costs before it is trained: weights, bytes, time; and an order of training in which each base comes first."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from . import RECORD, ZooConfig, config, names, record, settings

LIMIT = 45 * 2**20  # bytes, of all shipped models together

# Additions and multiplications per second that training in fp32 reached on one thread of a 2023 server core, by objective
_SPEED = {"masked": 83e9, "permutation": 52e9, "causal": 75e9, "translation": 63e9}
_SPEED_OTHERS = 75e9


@dataclass(frozen=True)
class Planned:
    """A model's cost; measured where it is trained, else estimated.

    parameters   weights, those that are tied counted once
    bytes        of all its files
    minutes      of training on one CPU thread
    trained      from the config as it is now
    """

    name: str
    parameters: int
    bytes: int
    steps: int
    minutes: float
    trained: bool


def plan(chosen: Sequence[str] = (), folder: Path | None = None) -> list[Planned]:
    """The cost of models (default: all), those in `folder` (default: the shipped) as they are. Raises ValueError for an unknown name."""
    return [_planned(config(name), folder) for name in chosen or names()]


def up_to_date(name: str, folder: Path | None = None) -> bool:
    """Is the shipped model (or the one in `folder`) trained, from the config as it is now and its base as it is now?"""
    from ..weights import PACKED, base_of

    try:
        made = record(name, folder / name if folder else None)
        if settings(ZooConfig(name)) | made["config"] != settings(config(name)):  # a setting that came later had its default
            return False
        home = (folder or _shipped()) / name
        return config(name).base is None or not (home / PACKED).exists() or base_of(home) is not None
    except ValueError:
        return False


def _shipped() -> Path:
    from . import _shipped as shipped

    return shipped()


def in_order(chosen: Sequence[str]) -> list[str]:
    """Models with their bases before them; of those that are free, the longest to train first."""
    cost = {p.name: p.minutes for p in plan(chosen)}
    depth = {name: 1 + _depth(config(name).base, chosen) if config(name).base else 0 for name in chosen}
    return sorted(chosen, key=lambda name: (depth[name], -cost[name], name))


def _depth(name: str, chosen: Sequence[str]) -> int:
    return 0 if name not in chosen or not config(name).base else 1 + _depth(config(name).base, chosen)


def _planned(one: ZooConfig, folder: Path | None) -> Planned:
    trained = up_to_date(one.name, folder)
    if trained:
        made = record(one.name, folder / one.name if folder else None)
        size = sum(file["bytes"] for file in made["files"].values()) + ((folder or _shipped()) / one.name / RECORD).stat().st_size
        return Planned(one.name, made["parameters"], size, one.steps * one.runs, made["seconds"] / 60, True)
    shapes = _shapes(one)
    matrices = sum(math.prod(s) for s in shapes if len(s) > 1)
    vectors = sum(s[0] if s else 1 for s in shapes if len(s) < 2)
    rows = sum(s[0] for s in shapes if len(s) > 1)
    size = matrices * one.bits // 8 + 4 * rows + 2 * vectors + 8000
    if one.base is None:
        size += 45 * one.vocabulary  # the tokenizer
    read = one.steps * one.runs * one.tokens
    scored = one.mask_rate if one.objective in ("masked", "permutation") else 1.0  # the share of tokens that the vocabulary is scored at
    used = matrices - (1 - scored) * math.prod(shapes[0])
    return Planned(one.name, matrices + vectors, size, one.steps * one.runs, 6 * used * read / _SPEED.get(one.objective, _SPEED_OTHERS) / 60, False)


def _shapes(one: ZooConfig) -> list[tuple[int, ...]]:
    """Shapes of a config's weights, the vocabulary's first: those of a network without memory."""
    import torch

    from .architectures import ARCHITECTURES

    start = one
    while start.base:
        start = config(start.base)
    if start.architecture not in ARCHITECTURES:
        raise ValueError(f"zoo config {start.name!r}: architecture {start.architecture!r} is not known; there is {', '.join(sorted(ARCHITECTURES))}")
    with torch.device("meta"):
        network = ARCHITECTURES[start.architecture](start, start.vocabulary)
    words = network.get_input_embeddings().weight
    return [tuple(words.shape), *(tuple(p.shape) for p in network.parameters() if p is not words)]


def train_all(chosen: Sequence[str], folder: Path, *, jobs: int = 2, said=None, done=None, command=None) -> list[str]:
    """Train models into `folder`, `jobs` processes at a time with one thread each, a base before what starts from it.

    said     called with a line of progress now and then
    done     called with (name, error or None) as each ends; a model whose base failed is not tried

    command  name → the arguments of the process that trains it (default: `lcacore zoo train`)

    Returns the names of those that failed. Stopping this stops its processes; their checkpoints stay.
    """
    import os
    import subprocess
    import sys
    from concurrent.futures import FIRST_COMPLETED, ThreadPoolExecutor, wait

    waiting, running, failed, processes = in_order(chosen), {}, [], []
    command = command or (lambda name: [sys.executable, "-m", "lcacore.cli", "zoo", "train", name, "--out", str(folder)])

    def one(name: str) -> str | None:
        process = subprocess.Popen(command(name), env=os.environ | {"OMP_NUM_THREADS": "1"}, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)
        processes.append(process)
        last = "it ended without a word"
        with process:
            for line in process.stderr:
                last = line.strip() or last
                if said and line.strip():
                    said(last)
        return None if process.returncode == 0 else last

    def ended(name: str, error: str | None):
        if error:
            failed.append(name)
        if done:
            done(name, error)

    with ThreadPoolExecutor(jobs) as pool:
        try:
            while waiting or running:
                for name in [n for n in waiting if config(n).base in failed]:
                    waiting.remove(name)
                    ended(name, f"its base {config(name).base} was not trained")
                busy = {*running.values(), *waiting}
                for name in [n for n in waiting if config(n).base not in busy][: jobs - len(running)]:
                    waiting.remove(name)
                    running[pool.submit(one, name)] = name
                for future in wait(running, return_when=FIRST_COMPLETED).done if running else ():
                    ended(running.pop(future), future.result())
        except BaseException:
            for process in processes:
                process.terminate()
            raise
    return failed


