"""The tables of the French lexicon: tab-separated rows, and rows of `English=French` pairs."""

from __future__ import annotations

from functools import cache
from importlib.resources import files

__all__ = ["pairs", "table"]


@cache
def table(name: str) -> tuple[tuple[str, ...], ...]:
    """The rows of one table; lines that start with # are left out."""
    text = (files(__package__) / "lexicon" / f"{name}.tsv").read_text(encoding="utf-8")
    return tuple(tuple(line.split("\t")) for line in text.splitlines() if line and not line.startswith("#"))


def pairs(cell: str) -> list[tuple[str, str]]:
    """("bread", "pain.m~"), … of a cell."""
    return [tuple(item.split("=", 1)) for item in cell.split()]
