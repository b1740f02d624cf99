"""Timing by comparison: peer and ours on the same data in one run, taking turns, in CPU seconds.

Absolute times say little (machines differ, and one machine from day to day); the ratio of two medians taken in turns
says how much work each does. The first repetition of each warms caches and is dropped.
"""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, field


@dataclass(frozen=True)
class Row:
    """One comparison. `part`: the share of the peer's work that was run, where the whole would take too long."""

    claim: str
    work: str
    peer: str
    peer_seconds: float
    seconds: float
    goal: float
    agreement: str
    agrees: bool
    part: str = ""
    ratio: float = field(init=False)

    def __post_init__(self):
        object.__setattr__(self, "ratio", self.peer_seconds / self.seconds)
        object.__setattr__(self, "agrees", bool(self.agrees))

    def as_dict(self) -> dict:
        return {k: (float(f"{v:.4g}") if isinstance(v, float) else v) for k, v in asdict(self).items()}


def in_turns(jobs: Mapping[str, Callable[[], object]], repetitions: int = 4) -> tuple[dict[str, float], dict[str, object]]:
    """(median CPU seconds of each job, what it returned last): `every_turn`, in short."""
    seconds, results = every_turn(jobs, repetitions)
    return {name: statistics.median(values) for name, values in seconds.items()}, {name: values[-1] for name, values in results.items()}


def every_turn(jobs: Mapping[str, Callable[[], object]], repetitions: int = 4) -> tuple[dict[str, list[float]], dict[str, list]]:
    """(CPU seconds of each job's turns but the first, what each of its turns returned): A B A B …."""
    seconds: dict[str, list[float]] = {name: [] for name in jobs}
    results: dict[str, list] = {name: [] for name in jobs}
    for _ in range(max(2, repetitions)):
        for name, job in jobs.items():
            spent, result = once(job)
            seconds[name].append(spent)
            results[name].append(result)
    return {name: values[1:] for name, values in seconds.items()}, results


def once(job: Callable[[], object]) -> tuple[float, object]:
    """CPU seconds of a job, and its result."""
    start = time.process_time()
    result = job()
    return time.process_time() - start, result
