"""The command `lcacore zoo`: list, check, train, plan. Each takes the options and where to show tables, lines and passing notes.

Raises ValueError for what makes no sense, RuntimeError for what went wrong.
"""

from __future__ import annotations

import difflib
import time
from collections.abc import Sequence
from pathlib import Path

from . import check as check_files
from . import config, names, real, record
from . import train as train_one
from .planning import LIMIT, Planned, train_all, up_to_date
from .planning import plan as costs_of


def _known(options) -> Sequence[str]:
    for name in options.names:
        if name not in (known := (*names(), *real())):
            near = difflib.get_close_matches(name, known, 2) or known
            raise ValueError(f"no model {name!r} in the zoo. Did you mean {' or '.join(near)}?")
    return options.names


def list(options, table, say, note) -> None:
    table(*listing(_known(options)))


def plan(options, table, say, note) -> None:
    table(*costs(costs_of(_known(options))))


def check(options, table, say, note) -> None:
    chosen = _known(options)
    problems = [text for text in check_files() if not chosen or text.split("/")[0].split(":")[0] in chosen]
    if problems:
        raise RuntimeError("the shipped models are not as their training records say:\n" + "\n".join(problems))
    say("every shipped model is as its training record says")


def train(options, table, say, note) -> None:
    if options.names == ["all"]:
        return _train_missing(options, say)
    if not options.names:
        raise ValueError(f"train which model? There is {', '.join((*names(), *real()))}, or all (of the miniature world)")
    for name in _known(options):
        out = train_one(name, Path(options.out) / name if options.out else None, steps=options.steps, progress=_progress(name, note))
        say(f"{name}: trained into {out}")


def _progress(name: str, note):
    """A function that tells how far a training is, every half minute."""
    told = [float("-inf")]

    def show(now):
        if time.monotonic() - told[0] >= 30 or not now.left:
            told[0] = time.monotonic()
            note(f"{name}: {now}", not now.left)

    return show


def _train_missing(options, say) -> None:
    from ..store import store

    folder = Path(options.out) if options.out else store().root / "zoo"
    missing = [name for name in names() if not up_to_date(name, folder)]
    say(f"zoo: {len(missing)} of {len(names())} models to train into {folder}, {options.jobs} at a time")
    if failed := train_all(missing, folder, jobs=options.jobs, said=say, done=lambda name, error: say(f"{name}: " + (f"FAILED: {error}" if error else "trained"))):
        raise RuntimeError(f"{len(failed)} models were not trained: {', '.join(failed)}")


# --- tables: (head, rows, columns that are numbers) -------------------------------------------------

def listing(chosen: Sequence[str] = ()) -> tuple[tuple, Sequence[tuple], tuple[int, ...]]:
    """What each model is, and where and when the shipped one was trained."""
    rows = []
    for name in chosen or names():
        one = config(name)
        about = (name, one.objective, one.architecture, " ".join(one.languages), f"{one.layers} x {one.width}")
        try:
            made = record(name)
        except ValueError:
            rows.append((*about, "", "", "not shipped"))
            continue
        size = sum(file["bytes"] for file in made["files"].values()) / 2**20
        rows.append((*about, f"{made['parameters']:,}", f"{size:.1f}", f"{made['date']}, {made['seconds']} s on {made['hardware']}"))
    return ("model", "objective", "kind", "language", "layers x width", "weights", "MiB", "trained"), rows, (5, 6)


def costs(planned: Sequence[Planned]) -> tuple[tuple, Sequence[tuple], tuple[int, ...]]:
    """What each model costs, and all together."""
    rows = [(p.name, f"{p.parameters:,}", f"{p.bytes / 2**20:.2f}", f"{p.steps:,}", f"{p.minutes:.0f}", "measured" if p.trained else "estimated") for p in planned]
    weights, size, minutes = sum(p.parameters for p in planned), sum(p.bytes for p in planned) / 2**20, sum(p.minutes for p in planned)
    rows.append(("all", f"{weights:,}", f"{size:.2f}", "", f"{minutes:.0f}", f"of at most {LIMIT / 2**20:.0f} MiB; {minutes / 120:.1f} hours on two cores"))
    return ("model", "weights", "MiB", "steps", "minutes on one thread", ""), rows, (1, 2, 3, 4)
