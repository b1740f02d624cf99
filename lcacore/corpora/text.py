"""What every reader shares: lines with their numbers, and errors that name file, line and reason."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

__all__ = ["Sentence", "blocks", "cells", "lines", "malformed"]

# words, and layer → one label per word
Sentence = tuple[list[str], dict[str, list[str]]]


def malformed(path: Path, line: int | None, reason: str) -> ValueError:
    """The error for a file that is not what its format says."""
    where = f"{path}, line {line}" if line else str(path)
    return ValueError(f"{where}: {reason}")


def lines(path: Path) -> Iterator[tuple[int, str]]:
    """(line number, line without its end) of a UTF-8 file.

    Raises ValueError: a line that is not UTF-8; an empty file.
    """
    number = 0
    with path.open("rb") as file:
        for number, raw in enumerate(file, start=1):
            try:
                line = raw.decode("utf-8-sig" if number == 1 else "utf-8")
            except UnicodeDecodeError as error:
                raise malformed(path, number, f"not UTF-8 (byte {error.start + 1}: {error.reason}); convert the file to UTF-8") from None
            yield number, line.rstrip("\r\n")
    if not number:
        raise malformed(path, None, "the file is empty; give one with at least one sentence")


def blocks(path: Path) -> Iterator[list[tuple[int, str]]]:
    """Runs of lines between blank ones."""
    block = []
    for number, line in lines(path):
        if line.strip():
            block.append((number, line))
        elif block:
            yield block
            block = []
    if block:
        yield block


def cells(path: Path, number: int, line: str, names: tuple[str, ...], separator: str | None = "\t") -> list[str]:
    """The columns of one line, as many as there are names."""
    row = line.split(separator)
    if len(row) != len(names):
        kind = "tab-separated" if separator == "\t" else "blank-separated"
        raise malformed(path, number, f"{len(row)} {kind} column(s); wanted {len(names)}: {', '.join(names)}")
    return row
