"""Reading the tables of the Spanish lexicon."""

from __future__ import annotations

from functools import cache
from importlib.resources import files

__all__ = ["pairs", "table"]


@cache
def table(name: str) -> tuple[tuple[str, ...], ...]:
    """The rows of one lexicon table: tab-separated, lines that start with # left out."""
    text = (files(__package__) / "lexicon" / f"{name}.tsv").read_text(encoding="utf-8")
    return tuple(tuple(line.split("\t")) for line in text.splitlines() if line and not line.startswith("#"))


def pairs(cell: str) -> list[tuple[str, str]]:
    """concept=word concept=word … as pairs."""
    return [(concept, word) for concept, _, word in (entry.partition("=") for entry in cell.split())]
