"""Keep the result of a run that the book does not repeat: notebooks/recorded/<profile>/<paper>/<artefact>.json."""

from __future__ import annotations

import json
import os
import platform
from pathlib import Path

from ..store import write_atomically
from .running import Job, read_outcome, read_result

__all__ = ["hardware", "record"]


def record(root: Path, job: Job) -> Path:
    """Write the job's result with its origin and the command that renews it; returns the file.

    Raises ValueError when the notebook displayed no result.
    """
    from ..published import as_recorded

    result, last = read_result(job), read_outcome(job)
    if result is None or last is None:
        raise ValueError(f"{job.page.id} displayed no result, so there is nothing to record; its last cell should show its report")
    kept = as_recorded(
        result,
        command=f".venv/bin/lcacore run {job.page.id} --profile {job.profile} --record",
        seconds=last.seconds,
        date=last.date[:10],
        hardware=hardware(),
    )
    path = root / "notebooks" / "recorded" / job.profile / f"{job.page.id}.json"
    write_atomically(path, json.dumps(kept, indent=1, ensure_ascii=False) + "\n")
    return path


def hardware() -> str:
    """This machine in words: cores, processor, memory, GPU."""
    import psutil

    name = platform.processor() or platform.machine()
    info = Path("/proc/cpuinfo")
    if info.exists():
        models = [line.split(":", 1)[1].strip() for line in info.read_text().splitlines() if line.startswith("model name")]
        name = models[0] if models else name
    memory = psutil.virtual_memory().total / 2**30
    return f"{os.cpu_count()} cores of {name}, {memory:.0f} GiB of memory, {_gpu()}"


def _gpu() -> str:
    import torch

    return torch.cuda.get_device_name(0) if torch.cuda.is_available() else "no GPU"
