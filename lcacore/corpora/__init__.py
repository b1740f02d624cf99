"""Annotated corpora: one function, `load_corpus(spec)`, for every format of the papers.

    mini:en                   the generated miniature world, in each of its languages
    mini:parallel-en          the same in every language, sentence by sentence
    ud:<dir or file>          CoNLL-U                    upos xpos lemma feats head deprel, each feature
    conll2000:<dir or file>   word, tag, chunk columns   xpos chunk
    pmb:<dir or file>         Parallel Meaning Bank      symbol sem ccg sense role
    ptb:<dir or file>         bracketed trees            xpos chunk
    ccgbank:<dir or file>     CCGbank .auto              xpos ccg
    tsv:<dir or file>         word TAB label …           label, or the header's names
    tagged:<dir or file>      word_TAG, a sentence per line   xpos
    text:<dir or file>        a sentence per line        (none)
    wikitext:<dir or file>    a paragraph per line       (none)

Every corpus also has the layer `position`, English ones with lemmas (ud) the layer `suffix`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

from ..store import checksum, find_data
from ..types import Corpus
from .columns import read_conll2000, read_pmb, read_tagged, read_text, read_tsv, read_wikitext
from .conllu import read_conllu, write_conllu
from .layers import DERIVATION, INFLECTION, with_derived
from .text import Sentence, malformed
from .trees import read_ccgbank, read_ptb

__all__ = ["DERIVATION", "INFLECTION", "load_corpus", "load_task", "split_task_spec", "with_derived", "write_conllu"]

# kind → (reader, files of a folder, does it have section folders as the Penn Treebank has)
_FORMATS = {
    "ud": (read_conllu, (".conllu",), False),
    "conll2000": (read_conll2000, (".txt", ".conll", ".tsv"), False),
    "pmb": (read_pmb, (".conll",), False),
    "ptb": (read_ptb, (".ptb", ".mrg", ".parse", ".psd"), True),
    "ccgbank": (read_ccgbank, (".auto",), True),
    "tsv": (read_tsv, (".tsv", ".txt"), False),
    "tagged": (read_tagged, (".txt", ".pos"), True),
    "text": (read_text, (".txt",), False),
    "wikitext": (read_wikitext, (".txt",), False),
}
_SPLITS = ("train", "dev", "test", "eval")
_NAMES = {"train": "train", "dev": "dev", "valid": "dev", "test": "test", "eval": "eval"}
# Sections of the Wall Street Journal by custom: parsing (Collins 1999) and CCG (Hockenmaier & Steedman 2007)
_SECTIONS = {"ptb": {"22": "dev", "23": "test"}, "ccgbank": {"00": "dev", "23": "test"}}
_NOT_DATA = re.compile(r"(?i)(readme|licen[cs]e|stats|splits)\b")


def load_corpus(spec: str) -> Corpus:
    """Read or generate the corpus that `spec` names ("ud:UD_English-EWT", "mini:en"; formats: see the module).

    A path is looked for as given, under $LCACORE_DATA and under $LCACORE_DATA/<kind>. In a folder the files
    named *train*, *dev* or *valid*, *test*, *eval* are the splits, in this order; a treebank's section folders are
    split by custom (ptb 02-21/22/23, ccgbank 02-21/00/23, other sections left out), or as a `splits.md` beside
    them lists its documents; otherwise, and for a sole file, there is one split, "all".

    Raises ValueError for an unknown kind and for a malformed file (naming file, line and reason);
    FileNotFoundError when nothing is there.
    """
    kind, colon, name = spec.partition(":")
    if kind == "mini" and name:
        from .. import grammar

        side = name.removeprefix("parallel-")
        return with_derived(grammar.corpus(name) if side == name else grammar.parallel_corpus(side))
    if not colon or kind not in _FORMATS or not name:
        raise ValueError(f"corpus spec {spec!r}: wanted kind:name with kind one of mini, {', '.join(_FORMATS)}; e.g. ud:UD_English-EWT")
    reader, endings, _ = _FORMATS[kind]
    path = find_data(name, kind)
    by_split = _files_by_split(path, kind) if path.is_dir() else {"all": [path]}
    if not by_split:
        raise ValueError(f"{path}: no file ending in {' or '.join(endings)} in this folder; give a {kind} file or a folder of them")

    sentences: list[list[str]] = []
    layers: dict[str, dict[int, list[str]]] = {}
    splits, source = {}, {"spec": spec}
    for split, files in by_split.items():
        start = len(sentences)
        for file in files:
            before = len(sentences)
            for words, labels in _read(reader, file):
                for layer, row in labels.items():
                    layers.setdefault(layer, {})[len(sentences)] = row
                sentences.append(words)
            if len(sentences) == before:
                raise malformed(file, None, "no sentence in this file")
            relative = file.relative_to(path).as_posix() if path.is_dir() else file.name
            source[f"blake2b {relative}"] = checksum(file)
        splits[split] = (start, len(sentences))
    blank = {n: ("",) * n for n in sorted({len(s) for s in sentences})}
    annotations = {
        layer: tuple(tuple(rows[i]) if i in rows else blank[len(words)] for i, words in enumerate(sentences))
        for layer, rows in layers.items()
        if any(any(row) for row in rows.values())  # a layer with no label at all is no layer
    }
    corpus = Corpus(name=spec, sentences=tuple(map(tuple, sentences)), annotations=annotations, splits=splits, source=source)
    english = kind == "ud" and (path if path.is_dir() else path.parent).name.startswith("UD_English")
    return with_derived(corpus, english=english or (kind == "ud" and path.name.startswith("en_")))


def _read(reader, file: Path) -> Iterator[Sentence]:
    yield from reader(file)


def _files_by_split(path: Path, kind: str) -> dict[str, list[Path]]:
    _, endings, nested = _FORMATS[kind]
    found = path.rglob("*") if nested else path.glob("*")
    files = sorted(f for f in found if f.is_file() and f.suffix in endings and not _NOT_DATA.match(f.name))
    assigned = {f: s for f in files if (s := _split_in_name(f.stem))}
    if not assigned and nested:
        assigned = _by_list(path, files) or _by_section(kind, files)
        files = sorted(assigned) if assigned else files
    if not assigned:
        return {"all": files} if files else {}
    if stray := [f.name for f in files if f not in assigned]:
        raise ValueError(
            f"{path}: of which split is {', '.join(stray[:5])}? Other files are named by theirs (train, dev or valid, test, eval); "
            "rename it or give a file alone"
        )
    return {split: members for split in _SPLITS if (members := [f for f in files if assigned[f] == split])}


def _split_in_name(stem: str) -> str | None:
    # whole words of the name first ("en_x-ud-dev"), then their beginnings ("trainset", but not "fastest")
    words = re.split(r"[^a-z]+", stem.lower())
    for name, split in _NAMES.items():
        if name in words:
            return split
    return next((split for name, split in _NAMES.items() if any(word.startswith(name) for word in words)), None)


def _by_section(kind: str, files: list[Path]) -> dict[Path, str]:
    out = {}
    for file in files:
        section = file.parent.name
        if re.fullmatch(r"[0-2][0-9]", section):
            split = _SECTIONS[kind].get(section) or ("train" if 2 <= int(section) <= 21 else None)
            if split:
                out[file] = split
    return out


def _by_list(path: Path, files: list[Path]) -> dict[Path, str]:
    """Splits from a list of documents in splits.md: "## dev", then "* NAME" lines."""
    listing = next((p for p in (path / "splits.md", path.parent / "splits.md") if p.is_file()), None)
    if listing is None:
        return {}
    split, of = None, {}
    for line in listing.read_text(encoding="utf-8").splitlines():
        if line.startswith("#"):
            split = line.lstrip("# ").strip().lower()
        elif split in _SPLITS and (match := re.fullmatch(r"\s*[*-]\s+(\S+)\s*", line)):
            of[match[1]] = split
    return {f: of[f.stem] for f in files if f.stem in of}


def split_task_spec(spec: str) -> tuple[str, str]:
    """("ud:UD_English-EWT", "xpos") of "ud:UD_English-EWT#xpos": a corpus and the layer to probe for."""
    corpus, mark, layer = spec.rpartition("#")
    if not (mark and corpus and layer):
        raise ValueError(f"task {spec!r}: wanted corpus#layer, e.g. ud:UD_English-EWT#xpos")
    return corpus, layer


def load_task(spec: str) -> tuple[Corpus, str]:
    """The corpus of a task "corpus#layer" and the layer; ValueError when the corpus has no such layer."""
    name, layer = split_task_spec(spec)
    corpus = load_corpus(name)
    if layer not in corpus.annotations:
        raise ValueError(f"task {spec!r}: the corpus has no layer {layer!r}; it has {', '.join(sorted(corpus.annotations))}")
    return corpus, layer
