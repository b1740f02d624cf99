"""Word-per-line formats: CoNLL-2000 chunking, the Parallel Meaning Bank, word/label tables, plain text."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from .text import Sentence, blocks, cells, lines, malformed

__all__ = ["read_conll2000", "read_pmb", "read_tagged", "read_text", "read_tsv", "read_wikitext"]

_PMB = ("span", "token", "symbol", "sem", "ccg", "sense", "role")


def read_conll2000(path: Path) -> Iterator[Sentence]:
    """Columns word, part of speech, chunk (B-NP, I-NP, O), parted by blanks; layers xpos and chunk."""
    for block in blocks(path):
        rows = [cells(path, number, line, ("word", "xpos", "chunk"), None) for number, line in block]
        for (number, _), row in zip(block, rows, strict=True):
            if row[2] != "O" and row[2][:2] not in ("B-", "I-"):
                raise malformed(path, number, f"chunk label {row[2]!r}; wanted B-…, I-… or O")
        words, xpos, chunk = map(list, zip(*rows, strict=True))
        yield words, {"xpos": xpos, "chunk": chunk}


def read_pmb(path: Path) -> Iterator[Sentence]:
    """Layers of the Parallel Meaning Bank: symbol, sem (semantic tag), ccg (category), sense, role.

    A multiword token is one word; the bank writes its inner blanks as "~" (kind~of), read here as blanks.
    Tokens without text (ø) are left out.
    """
    for block in blocks(path):
        rows = [cells(path, number, line, _PMB[1:] if line.count("\t") == 5 else _PMB) for number, line in block if not line.startswith("#")]
        rows = [row[-6:] for row in rows if row[-6] != "ø"]
        if not rows:
            if any(not line.startswith("#") for _, line in block):
                raise malformed(path, block[0][0], "a sentence without a word")
            continue  # the file's opening comments
        columns = [list(column) for column in zip(*rows, strict=True)]
        yield [word.replace("~", " ") for word in columns[0]], dict(zip(_PMB[2:], columns[1:], strict=True))


def read_tsv(path: Path) -> Iterator[Sentence]:
    """Lines of word TAB label [TAB label …], a blank line between sentences.

    A first line whose first column is "word" is a header and names the layers; without one a single
    layer is "label", several are "label1", "label2", … An empty label marks a word without annotation.
    """
    names: tuple[str, ...] | None = None
    for block in blocks(path):
        if names is None:
            first = block[0][1].split("\t")
            if len(first) < 2:
                raise malformed(path, block[0][0], "one tab-separated column; wanted a word and at least one label")
            names = ("word", "label") if len(first) == 2 else ("word", *(f"label{i}" for i in range(1, len(first))))
            if first[0] == "word":
                names, block = tuple(first), block[1:]
                if len(set(names)) != len(names) or "" in names:
                    raise malformed(path, 1, f"the header {', '.join(map(repr, names))} must name each column once")
                if not block:
                    continue
        rows = [cells(path, number, line, names) for number, line in block]
        for (number, _), row in zip(block, rows, strict=True):
            if not row[0]:
                raise malformed(path, number, "the word is empty")
        columns = [list(column) for column in zip(*rows, strict=True)]
        yield columns[0], dict(zip(names[1:], columns[1:], strict=True))


def read_tagged(path: Path) -> Iterator[Sentence]:
    """One sentence per line, words with their part of speech behind the last "_" (MASC, Brown); layer xpos, "" where a word has none."""
    tagged = False
    for _, line in lines(path):
        pairs = [(word, tag) if word and tag else (item, "") for item in line.split() for word, _, tag in [item.rpartition("_")]]
        if pairs:
            tagged = tagged or any(tag for _, tag in pairs)
            yield [word for word, _ in pairs], {"xpos": [tag for _, tag in pairs]}
    if not tagged:
        raise malformed(path, None, "no word has a tag; wanted word_TAG")


def read_text(path: Path) -> Iterator[Sentence]:
    """One sentence per line, words parted by blanks, no annotation."""
    for _, line in lines(path):
        if words := line.split():
            yield words, {}


def read_wikitext(path: Path) -> Iterator[Sentence]:
    """One paragraph per line as in WikiText, cut into sentences after a word ".", "!" or "?"; headings (= … =) are left out."""
    for _, line in lines(path):
        words = line.split()
        if not words or words[0] == words[-1] == "=":
            continue
        start = 0
        for end, word in enumerate(words, start=1):
            if word in (".", "!", "?") or end == len(words):
                yield words[start:end], {}
                start = end
