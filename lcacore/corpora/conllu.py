"""CoNLL-U: Universal Dependencies treebanks in, any corpus out."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from sys import intern

from ..types import Corpus
from .text import Sentence, blocks, cells, malformed

__all__ = ["read_conllu", "write_conllu"]

_COLUMNS = ("ID", "FORM", "LEMMA", "UPOS", "XPOS", "FEATS", "HEAD", "DEPREL", "DEPS", "MISC")
_SPAN = re.compile(r"[0-9]+-[0-9]+")
_EMPTY = re.compile(r"[0-9]+\.[0-9]+")
_FEATURE = re.compile(r"[A-Z][A-Za-z0-9]*(\[[a-z0-9]+\])?")


def read_conllu(path: Path) -> Iterator[Sentence]:
    """Sentences of a CoNLL-U file, by syntactic word: multiword tokens' ranges and empty nodes are skipped.

    Layers: upos, xpos, lemma, feats, head ("0" is the root, else the head's 1-based number in its sentence),
    deprel, and one per feature (Number, Tense, ...). "_" becomes "", the mark of no annotation.

    Raises ValueError naming file, line and reason.
    """
    for block in blocks(path):
        rows = [(number, line) for number, line in block if not line.startswith("#")]
        words: list[str] = []
        columns: dict[str, list[str]] = {name: [] for name in ("upos", "xpos", "lemma", "feats", "head", "deprel")}
        numbers: list[int] = []
        features: dict[str, dict[int, str]] = {}
        for number, line in rows:
            row = cells(path, number, line, _COLUMNS)
            if _SPAN.fullmatch(row[0]) or _EMPTY.fullmatch(row[0]):
                continue
            if row[0] != str(len(words) + 1):
                raise malformed(path, number, f"word ID {row[0]!r} where {len(words) + 1} was due; number a sentence's words 1, 2, 3, …")
            if not row[1]:
                raise malformed(path, number, "the word form is empty")
            for name, value in _features(path, number, row[5]):
                features.setdefault(name, {})[len(words)] = value
            words.append(intern(row[1]))
            numbers.append(number)
            for name, value in zip(columns, (row[3], row[4], row[2], row[5], row[6], row[7]), strict=True):
                columns[name].append("" if value == "_" and (name, row[1]) != ("lemma", "_") else intern(value))
        if not words:
            raise malformed(path, block[0][0], "a sentence without a word (comment lines alone)")
        for position, (number, head) in enumerate(zip(numbers, columns["head"], strict=True), start=1):
            if head and not (head.isascii() and head.isdigit() and int(head) <= len(words)):
                raise malformed(path, number, f"head {head!r} is out of range; give 0 (the root) to {len(words)}")
            if head and int(head) == position:
                raise malformed(path, number, f"word {position} is its own head")
        for name, values in features.items():
            columns[name] = [values.get(i, "") for i in range(len(words))]
        yield words, columns


def _features(path: Path, number: int, text: str) -> list[tuple[str, str]]:
    if text == "_":
        return []
    pairs = [pair.partition("=") for pair in text.split("|")]
    for name, equals, value in pairs:
        if not (equals and value and _FEATURE.fullmatch(name)):
            raise malformed(path, number, f"feature {name + equals + value!r}; features read Name=Value|Name=Value, or _ for none")
    return [(intern(name), intern(value)) for name, _, value in pairs]


def write_conllu(corpus: Corpus) -> str:
    """The corpus as CoNLL-U: lemma, upos, xpos, feats, head, deprel where it has them, "_" where not.

    Without a feats layer the features are taken from the layers that are named like one (Number, Tense, ...).
    Raises ValueError for a word or label that CoNLL-U cannot hold (a tab or line break inside).
    """
    layers = corpus.annotations
    features = sorted((k for k in layers if _FEATURE.fullmatch(k)), key=str.lower)
    out = []
    for split, (start, stop) in corpus.splits.items():
        for i in range(start, stop):
            words = corpus.sentences[i]
            out += [f"# sent_id = {split}-{i - start + 1}", f"# text = {' '.join(words)}"]
            columns = {k: layers[k][i] for k in ("lemma", "upos", "xpos", "feats", "head", "deprel") if k in layers}
            if "feats" not in columns and features:
                columns["feats"] = ["|".join(f"{k}={layers[k][i][j]}" for k in features if layers[k][i][j]) for j in range(len(words))]
            for j, word in enumerate(words):
                lemma, upos, xpos, feats, head, deprel = (
                    (columns[k][j] if k in columns else "") or "_" for k in ("lemma", "upos", "xpos", "feats", "head", "deprel")
                )
                row = [str(j + 1), word, lemma, upos, xpos, feats, head, deprel, "_", "_"]
                if any(c in cell for cell in row for c in "\t\n\r"):
                    raise ValueError(f"corpus {corpus.name!r}, sentence {i}, word {word!r}: a tab or line break cannot stand in CoNLL-U")
                out.append("\t".join(row))
            out.append("")
    return "\n".join(out) + "\n"
