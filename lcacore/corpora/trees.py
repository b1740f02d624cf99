"""Bracketed trees: the Penn Treebank (with base chunks derived from the constituents) and CCGbank."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from .text import Sentence, lines, malformed

__all__ = ["chunks", "read_ccgbank", "read_ptb"]

_ESCAPES = {"-LRB-": "(", "-RRB-": ")", "-LSB-": "[", "-RSB-": "]", "-LCB-": "{", "-RCB-": "}", r"\/": "/", r"\*": "*"}
_TOKEN = re.compile(r"[()]|[^\s()]+")


@dataclass
class Node:
    """A constituent with children, or a leaf with a word."""

    label: str
    children: list[Node] = field(default_factory=list)
    word: str = ""

    @property
    def base(self) -> str:
        """NP of NP-SBJ-1, NP=2 or NP|S; a leaf's -LRB- stays whole."""
        return re.split(r"[-=|]", self.label)[0] if not self.label.startswith("-") else self.label


def _unescape(word: str) -> str:
    return _ESCAPES.get(word) or word.replace(r"\/", "/").replace(r"\*", "*")


def read_ptb(path: Path) -> Iterator[Sentence]:
    """Sentences of a Penn-style treebank: layers xpos and chunk. Traces (-NONE-) and what they leave empty go.

    Bracket codes (-LRB- …) become the characters they stand for. Chunks: see `chunks`.
    Raises ValueError naming file, line and reason (unbalanced brackets, a leaf without word or tag).
    """
    for number, tree in _trees(path):
        tree = _without_traces(tree)
        leaves = [] if tree is None else _leaves(tree)
        if not leaves:
            raise malformed(path, number, "a tree without a word")
        yield [_unescape(leaf.word) for leaf in leaves], {"xpos": [leaf.label for leaf in leaves], "chunk": chunks(tree)}


def _trees(path: Path) -> Iterator[tuple[int, Node]]:
    """(line of its first bracket, tree) for each tree of a file."""
    stack: list[Node] = []
    opened: list[int] = []
    fresh = False  # the last token was "(": a label may follow
    for number, line in lines(path):
        if not stack and line.startswith(("#", "*x*")):
            continue  # comment lines of some distributions
        for token in _TOKEN.findall(line):
            if token == "(":
                stack.append(Node(""))
                opened.append(number)
                fresh = True
                continue
            if not stack:
                raise malformed(path, number, f"unbalanced brackets: {token!r} outside any tree")
            top = stack[-1]
            if token != ")":
                if fresh:
                    top.label = token
                elif top.word or top.children or not top.label:
                    raise malformed(path, number, f"{token!r} stands where a bracket was due; a leaf reads (TAG word)")
                else:
                    top.word = token
                fresh = False
                continue
            fresh = False
            if not top.word and not top.children:
                raise malformed(path, number, f"an empty constituent ({top.label})")
            stack.pop()
            start = opened.pop()
            if not stack:
                yield start, top
            elif stack[-1].word:
                raise malformed(path, number, f"leaf ({stack[-1].label} {stack[-1].word}) has a constituent inside")
            else:
                stack[-1].children.append(top)
    if stack:
        raise malformed(path, opened[0], f"unbalanced brackets: {len(stack)} opened from this line on and never closed")


def _without_traces(node: Node) -> Node | None:
    if node.word:
        return None if node.label == "-NONE-" else node
    children = [kept for child in node.children if (kept := _without_traces(child))]
    return Node(node.label, children) if children else None


def _leaves(node: Node) -> list[Node]:
    return [node] if node.word else [leaf for child in node.children for leaf in _leaves(child)]


# --- chunks ----------------------------------------------------------------------------------------

_NOMINAL = {"NP", "WHNP", "NX", "NAC", "QP", "NML"}
_INSIDE = {"ADJP", "ADVP", "QP", "NX", "NAC", "UCP", "NML", "WHADJP"}  # phrases that stand inside a base NP
_PLAIN = {"PP": "PP", "WHPP": "PP", "ADJP": "ADJP", "WHADJP": "ADJP", "ADVP": "ADVP", "WHADVP": "ADVP", "SBAR": "SBAR", "PRT": "PRT"}
_PLAIN |= {"INTJ": "INTJ", "CONJP": "CONJP", "LST": "LST", "UCP": "UCP"}
_OUTSIDE = {",", ":", ".", "``", "''", "-LRB-", "-RRB-", "HYPH", "NFP", "SYM", "LS"}
_VERBAL = {"VB", "VBD", "VBG", "VBN", "VBP", "VBZ", "MD", "TO"}


def chunks(tree: Node) -> list[str]:
    """Base chunks (B-NP, I-NP, O) of a tree without traces, approximately as CoNLL-2000 derives them.

    Chunks do not nest: a base NP is the words directly under an NP with the modifiers before its head (not its
    PPs or clauses), a possessive 's opens the NP that it possesses, a VP is the whole chain of verbs with the
    adverbs inside it ("will quickly narrow", "wants to go"), other phrases are the words directly under them.
    Conjunctions and punctuation between phrases are O. The shared task's own script has many more cases.
    """
    out: list[tuple[int, str]] = []  # (id of the chunk, its type or "") per word
    fresh = iter(range(1 << 60))

    def emit(nodes: list[Node], kind: str) -> None:
        """One chunk over the words of the nodes; punctuation at its edges and conjunctions at its start fall out."""
        leaves = [leaf for node in nodes for leaf in _leaves(node)]
        inner = [i for i, leaf in enumerate(leaves) if leaf.label not in _OUTSIDE]
        first, last = (inner[0], inner[-1]) if inner and kind else (len(leaves), -1)
        while first < last and leaves[first].label == "CC":
            first += 1
        chunk = next(fresh)
        for i, _ in enumerate(leaves):
            out.append((chunk, kind) if first <= i <= last else (next(fresh), ""))

    def visit(node: Node) -> None:
        if node.word:
            emit([node], "VP" if node.label in _VERBAL - {"TO"} else "")
        elif node.base in _NOMINAL:
            visit_nominal(node.children)
        elif node.base == "VP":
            visit_verbal(node)
        elif node.base in _PLAIN:
            visit_plain(node)
        else:
            for child in node.children:
                visit(child)

    def visit_nominal(children: list[Node]) -> None:
        heads = [i for i, child in enumerate(children) if child.word and child.label not in _OUTSIDE | {"CC"}]
        if any(child.base in _NOMINAL - _INSIDE for child in children) and not _possessive(children):
            heads = [i for i in heads if i == 0 or children[i - 1].base not in _NOMINAL]  # (NP (NP …) CC (NP …)) has no head of its own
        if not heads and children and all(child.word or child.base in _INSIDE for child in children):
            heads = [len(children) - 1]
        run: list[Node] = []
        for i, child in enumerate(children):
            before_head = bool(heads) and i <= heads[-1]
            if before_head and (child.word or (child.base in _INSIDE and not _clausal(child))):
                run.append(child)
                continue
            if run:
                emit(run, "NP")
                run = []
            if before_head and child.base in _NOMINAL and _possessive([child]):
                visit_nominal(child.children[:-1])
                run = [child.children[-1]]
            else:
                visit(child)
        if run:
            emit(run, "NP")

    def visit_verbal(node: Node) -> None:
        run: list[Node] = []
        rest = node.children
        while True:
            verbs = [i for i, c in enumerate(rest) if (c.word and c.label in _VERBAL) or _chain(c)]
            if not verbs or any(not (c.word or c.base in {"ADVP", "VP"}) for c in rest[: verbs[0]]):
                break
            run += rest[: verbs[0]]
            link = rest[verbs[0]]
            rest = rest[verbs[0] + 1 :]
            if link.word:
                run.append(link)
                following = [c for c in rest if not (c.word and c.label == "RB") and c.base != "ADVP"]
                if not following or not (_chain(following[0]) or (following[0].word and following[0].label in _VERBAL)):
                    while rest and rest[0].word and rest[0].label == "RB":
                        run.append(rest[0])
                        rest = rest[1:]
                    break
            else:
                inner = _chain(link)
                coordinated = any(c.base == "VP" for c in inner.children) and any(c.label == "CC" for c in inner.children)
                if coordinated or not run:
                    rest = [inner, *rest]
                    break
                rest = [*inner.children, *rest]
        if run:
            emit(run, "VP")
        for child in rest:
            visit(child)

    def visit_plain(node: Node) -> None:
        run: list[Node] = []
        for child in node.children:
            simple = child.word and child.label not in _OUTSIDE | {"CC"}
            if simple or (node.base in {"ADJP", "ADVP", "WHADJP", "WHADVP"} and child.base in {"ADVP", "ADJP", "QP"} and not _clausal(child)):
                run.append(child)
                continue
            if run:
                emit(run, _PLAIN[node.base])
                run = []
            visit(child)
        if run:
            emit(run, _PLAIN[node.base])

    visit(tree)
    labels, before = [], -1
    for chunk, kind in out:
        labels.append("O" if not kind else ("I-" if chunk == before else "B-") + kind)
        before = chunk
    return labels


def _possessive(children: list[Node]) -> bool:
    return any(c.children and c.base in _NOMINAL and c.children[-1].label == "POS" and len(c.children) > 1 for c in children)


def _clausal(node: Node) -> bool:
    return any(child.base in {"S", "SBAR", "PP", "VP", "SINV", "SQ", "NP"} or _clausal(child) for child in node.children)


def _chain(node: Node) -> Node | None:
    """The VP that continues a chain of verbs: the node itself, or a clause that is nothing but a VP."""
    if node.base == "VP":
        return node
    return node.children[0] if node.base == "S" and len(node.children) == 1 and node.children[0].base == "VP" else None


# --- CCGbank ---------------------------------------------------------------------------------------

_HEADER = re.compile(r"ID=\S+")
_LEAF = re.compile(r"<L (\S+) (\S+) (\S+) (\S+) (\S+)>")
_NODE = re.compile(r"<T (\S+) [0-9]+ [0-9]+>")
_PIECE = re.compile(r"\(<[^>]*>|[^\s]")


def read_ccgbank(path: Path) -> Iterator[Sentence]:
    """Derivations in CCGbank's .auto format: layers xpos (the original tag) and ccg (the category of each word).

    A derivation is one line, after a line ID=…; a leaf reads (<L category tag original-tag word category>).
    """
    header = False
    for number, line in lines(path):
        if not line.strip():
            continue
        if _HEADER.match(line):
            header = True
            continue
        if not header:
            raise malformed(path, number, "a derivation without its ID=… line before it")
        header = False
        words, xpos, ccg = [], [], []
        depth = 0
        rest = line.strip()
        for piece in _PIECE.findall(rest):
            if piece == ")":
                depth -= 1
                if depth < 0:
                    raise malformed(path, number, "unbalanced brackets: one ) too many")
            elif leaf := _LEAF.fullmatch(piece[1:]):
                depth += 1
                ccg.append(leaf[1])
                xpos.append(leaf[3])
                words.append(_unescape(leaf[4]))
            elif _NODE.fullmatch(piece[1:]):
                depth += 1
            else:
                raise malformed(path, number, f"{piece[:60]!r} is neither (<T category head children>) nor (<L category tag tag word category>)")
        if depth:
            raise malformed(path, number, f"unbalanced brackets: {depth} never closed")
        if not words:
            raise malformed(path, number, "a derivation without a word")
        yield words, {"xpos": xpos, "ccg": ccg}
