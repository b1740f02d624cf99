"""Reading the tables of a language's lexicon: `lexicon/*.tsv` in its package."""

from __future__ import annotations

from functools import cache
from importlib.resources import files

__all__ = ["pairs", "read_table"]


@cache
def read_table(package: str, name: str) -> tuple[tuple[str, ...], ...]:
    """The rows of one table of a language's package: tab-separated, lines that start with # left out."""
    text = (files(package) / "lexicon" / f"{name}.tsv").read_text(encoding="utf-8")
    return tuple(tuple(line.split("\t")) for line in text.splitlines() if line and not line.startswith("#"))


def pairs(cell: str) -> list[tuple[str, str]]:
    """("bread", "pain.m~"), … of a cell "bread=pain.m~ …": English concepts and what a language says for them."""
    return [(concept, word) for concept, _, word in (entry.partition("=") for entry in cell.split())]
