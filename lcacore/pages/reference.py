"""The outputs kept in the repository's notebooks: what nbval compares a new run with.

Only the result bundle of profile mini is kept (numbers, claims, verdicts) and its plain text. Pictures, tables,
timings, paths and widget state are made anew by each run and would only make noise in a diff.
"""

from __future__ import annotations

import copy
from collections.abc import Iterable
from pathlib import Path

from ..store import write_atomically
from .notebooks import Page
from .running import RESULT, plan, state_of

__all__ = ["clean", "refresh_references", "with_reference"]

_KERNEL = {
    "kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"},
    "language_info": {"name": "python"},
}
_CELL_KEYS = {"tags", "slideshow", "editable", "mystnb"}


def clean(notebook):
    """A copy without run times, paths, widget state and the editor's own metadata; outputs stay."""
    notebook = copy.deepcopy(notebook)
    notebook.metadata = type(notebook.metadata)(_KERNEL)
    for cell in notebook.cells:
        cell.metadata = type(cell.metadata)({k: v for k, v in cell.metadata.items() if k in _CELL_KEYS})
        for output in cell.get("outputs", []):
            if "metadata" in output:
                output.metadata = type(output.metadata)()
    return notebook


def with_reference(source, executed):
    """`source` with the result bundles of `executed` as its only outputs, cells numbered from 1."""
    out = clean(source)
    ran = [cell for cell in executed.cells if cell.cell_type == "code" and "injected-parameters" not in cell.metadata.get("tags", [])]
    for number, (cell, run) in enumerate(zip((c for c in out.cells if c.cell_type == "code"), ran, strict=True), 1):
        cell.execution_count = number
        cell.outputs = []
        for output in run.outputs:
            if RESULT in output.get("data", {}):
                kept = copy.deepcopy(output)
                kept.data = type(kept.data)({k: v for k, v in kept.data.items() if k in (RESULT, "text/plain")})
                kept.data[RESULT].pop("source", None)  # changes with every edit of the library and is not compared
                kept.metadata = type(kept.metadata)()
                if "execution_count" in kept:
                    kept.execution_count = number
                cell.outputs.append(kept)
    return out


def refresh_references(root: Path, pages: Iterable[Page]) -> list[Page]:
    """Write the last run's result bundles into the notebooks; returns the pages that changed.

    Raises ValueError for a page whose last run is not of its present code: run it first.
    """
    import nbformat

    changed = []
    for page in pages:
        job = plan(root, page)
        if (state := state_of(job)) != "fresh":
            raise ValueError(f"{page.id} is {state} in profile mini; run it first: lcacore run {page.id}")
        source = nbformat.read(page.source, as_version=4)
        new = nbformat.writes(with_reference(source, nbformat.read(job.output, as_version=4))) + "\n"
        if new != page.source.read_text(encoding="utf-8"):
            write_atomically(page.source, new)
            changed.append(page)
    return changed
