"""The grammar engine, independent of any language: headed binary trees and what is read off them.

A language's grammar builds sentences bottom-up with the five schemata below, as in head-driven grammars:
few general schemata, and a lexicon that says what each word takes. One tree then carries every layer:

    complement   a functor takes an argument of a stated category   CCG  X/Y Y or Y X\\Y
    modify       an adjunct leaves its core's category alone        CCG  X/X X or X X\\X
    coordinate   X conj X                                           CCG  conj
    punctuate    a punctuation mark                                 CCG  X , or , X
    convert      a phrase used as another category (a bare N as NP) CCG  a unary rule

Categories are assigned from the root down, after Hockenmaier and Steedman (2007); dependencies follow the
dependency head of each branch, which need not be the functor: a determiner is the functor of its noun
phrase and the noun its head (Universal Dependencies). A `Trace` stands where an argument has been
extracted; it has no word, so the clause around it is one argument short, as in `that she saw _`.
"""

from __future__ import annotations

import re
from bisect import bisect
from collections.abc import Callable, Sequence
from functools import cache
from itertools import accumulate
from random import Random

__all__ = ["Branch", "Choice", "Leaf", "Sentence", "Trace", "complement", "convert", "coordinate", "modify", "punctuate"]

FORWARD, BACKWARD, LEFT_MODIFIER, RIGHT_MODIFIER, CONJUNCTION, COORDINATION, PUNCTUATION, CONVERSION = range(8)


class Choice:
    """A weighted choice among items: by rank, weight r^-exponent (Zipf), or by given integer weights."""

    __slots__ = ("_edges", "items")

    def __init__(self, items: Sequence, weights: Sequence[int] | None = None, exponent: float = 1.0):
        if not items:
            raise ValueError("a choice among nothing; give at least one item")
        self.items = tuple(items)
        # whole numbers: sums and comparisons are then exact, so a choice is the same on every machine
        weights = weights or [round(1_000_000 * (r + 1) ** -exponent) for r in range(len(items))]
        self._edges = list(accumulate(weights))

    def __call__(self, random: Random):
        return self.items[bisect(self._edges, int(random.random() * self._edges[-1]))]


class Leaf:
    """A word with its lexical annotation; `head`, `deprel`, `ccg` are filled from the tree."""

    __slots__ = ("ccg", "chunk", "deprel", "feats", "fixed", "group", "head", "index", "lemma", "sem", "upos", "word", "xpos")

    def __init__(self, word, lemma, upos, xpos, feats="", sem="NIL", chunk="", fixed=""):
        self.word, self.lemma, self.upos, self.xpos, self.feats, self.sem = word, lemma, upos, xpos, feats, sem
        self.chunk = chunk  # phrase type that the word heads a chunk of on its own: VP, PP, ADVP, SBAR, PRT …
        self.fixed = fixed  # a category that the lexicon fixes, whatever the tree would give (`not`)
        self.group = None
        self.head: Leaf | None = None
        self.deprel = "root"
        self.ccg = ""
        self.index = 0


class Trace:
    """The empty place of an extracted argument."""

    __slots__ = ()


class Branch:
    """Two daughters under one schema; `head` is the daughter (0, 1) that is the dependency head."""

    __slots__ = ("category", "chunk", "head", "left", "relation", "right", "schema")

    def __init__(self, schema, left, right, head, relation, category=""):
        self.schema, self.left, self.right = schema, left, right
        self.head, self.relation, self.category = head, relation, category
        self.chunk = ""


def complement(functor, argument, category: str, relation: str, *, functor_heads=True, backward=False) -> Branch:
    """`functor` takes `argument` of `category`, to its right (or left: `backward`).

    relation: of the dependent; with "^" at its end, to the head of the functor rather than to the functor; with
    ">ccomp" at its end, to the `ccomp` of the head (`what did she say he wanted`: extraction out of a clause).
    """
    if backward:
        return Branch(BACKWARD, argument, functor, 1 if functor_heads else 0, relation, category)
    return Branch(FORWARD, functor, argument, 0 if functor_heads else 1, relation, category)


def modify(core, modifier, relation: str, *, before=False, modifier_heads=False) -> Branch:
    """`modifier` adjoins to `core`, after it or `before` it."""
    if before:
        return Branch(LEFT_MODIFIER, modifier, core, 0 if modifier_heads else 1, relation)
    return Branch(RIGHT_MODIFIER, core, modifier, 1 if modifier_heads else 0, relation)


def coordinate(first, conjunction: Leaf, second, comma: Leaf | None = None) -> Branch:
    """`first (comma) conjunction second`: the first conjunct heads, the second carries the conjunction."""
    rest = Branch(CONJUNCTION, conjunction, second, 1, "cc")
    if comma is not None:
        rest = Branch(PUNCTUATION, comma, rest, 1, "punct")
    return Branch(COORDINATION, first, rest, 0, "conj")


def punctuate(core, mark: Leaf, *, before=False) -> Branch:
    """A punctuation mark beside `core`."""
    return Branch(PUNCTUATION, mark, core, 1, "punct") if before else Branch(PUNCTUATION, core, mark, 0, "punct")


def convert(node, category: str = "") -> Branch:
    """`node` is of `category` inside, whatever is asked of it outside (a unary rule, or a clause with a trace).

    Without a category it is what is asked of it: a phrase around one word, to carry a chunk.
    """
    return Branch(CONVERSION, node, None, 0, "", category)


# --- categories ------------------------------------------------------------------------------------

@cache
def functor_category(result: str, slash: str, argument: str) -> str:
    """`result slash argument` in CCGbank's notation: a complex side goes into round brackets."""
    return f"{_bracketed(result)}{slash}{_bracketed(argument)}"


@cache
def modifier_category(core: str, slash: str) -> str:
    """The category of an adjunct of `core`: X/X or X\\X without features, which pass through it."""
    bare = re.sub(r"\[\w+\]", "", core)
    return functor_category(bare, slash, bare)


def _bracketed(category: str) -> str:
    return f"({category})" if "/" in category or "\\" in category else category


def assign(node, category: str) -> None:
    """Give every leaf under `node` its CCG category, `node` itself being of `category`."""
    while type(node) is Branch:
        schema, left, right = node.schema, node.left, node.right
        if schema == FORWARD:
            assign(right, node.category)
            node, category = left, functor_category(category, "/", node.category)
        elif schema == BACKWARD:
            assign(left, node.category)
            node, category = right, functor_category(category, "\\", node.category)
        elif schema == LEFT_MODIFIER:
            assign(left, modifier_category(category, "/"))
            node = right
        elif schema == RIGHT_MODIFIER:
            assign(right, modifier_category(category, "\\"))
            node = left
        elif schema == CONJUNCTION:
            left.ccg = "conj"
            node = right
        elif schema == COORDINATION:
            assign(left, category)
            node = right
        elif schema == PUNCTUATION:
            mark, node = (left, right) if node.head else (right, left)
            mark.ccg = mark.word
        else:
            node, category = left, node.category or category
    if type(node) is Leaf:
        node.ccg = node.fixed or category


# --- words, heads and chunks -----------------------------------------------------------------------

def leaves_of(node) -> list[Leaf]:
    """The words of a tree from left to right, each told which chunk group it stands in."""
    out: list[Leaf] = []

    def walk(node, group):
        kind = type(node)
        if kind is Leaf:
            node.group = None if node.chunk else group
            out.append(node)
        elif kind is Branch:
            group = node if node.chunk else group
            walk(node.left, group)
            if node.right is not None:
                walk(node.right, group)

    walk(node, None)
    return out


def attach(node):
    """Set the dependency head and relation of every leaf; returns the head leaf of `node` (None: a trace)."""
    if type(node) is not Branch:
        return node if type(node) is Leaf else None
    left = attach(node.left)
    if node.right is None:
        return left
    right = attach(node.right)
    head, dependent = (left, right) if node.head == 0 else (right, left)
    if dependent is not None:
        dependent.head, dependent.deprel = head, node.relation
    return head


def chunk_tags(leaves: Sequence[Leaf]) -> list[str]:
    """CoNLL-2000 chunk tags: base noun phrases, verb groups, and words that are a chunk on their own."""
    tags, before = [], None
    for leaf in leaves:
        if leaf.group is not None:
            inside = before is not None and before.group is leaf.group
            tags.append(("I-" if inside else "B-") + leaf.group.chunk)
        elif not leaf.chunk or leaf.chunk == "O":
            tags.append("O")
        else:
            joins = before is not None and before.group is None and before.chunk == leaf.chunk
            joins = joins and leaf.chunk in _GROUPS and _same_group(before, leaf)
            tags.append(("I-" if joins else "B-") + leaf.chunk)
        before = leaf
    return tags


_GROUPS = ("VP", "ADVP", "ADJP")


def _same_group(before: Leaf, leaf: Leaf) -> bool:
    """Neighbours are one chunk if one depends on the other, or both on one word of the same group."""
    for a, b in ((before, leaf), (leaf, before)):
        up = a.head
        while up is not None and up.chunk == leaf.chunk:
            if up is b:
                return True
            up = up.head
    return before.head is not None and before.head is leaf.head and before.head.chunk == leaf.chunk


# --- sentences -------------------------------------------------------------------------------------

LAYERS = ("xpos", "upos", "feats", "lemma", "chunk", "sem", "ccg", "head", "deprel", "suffix", "position")


class Sentence:
    """One generated sentence: its tree, its words and, once asked for, every annotation layer.

    tree      the derivation
    category  CCG category of the whole: S[dcl], S[q], S[wq], S[b]\\NP
    leaves    the words in order, as `Leaf`
    """

    __slots__ = ("_layers", "_suffix", "category", "leaves", "tree", "words")

    def __init__(self, tree, category: str, respell: Callable[[list[Leaf]], None], suffix: Callable[[Leaf], str]):
        self.tree, self.category = tree, category
        self.leaves = leaves_of(tree)
        respell(self.leaves)
        self.words = tuple([leaf.word for leaf in self.leaves])
        self._suffix, self._layers = suffix, None

    def __repr__(self) -> str:
        return f"Sentence({' '.join(self.words)!r})"

    def layer(self, name: str) -> tuple[str, ...]:
        """The labels of one layer, one per word. Raises ValueError for a layer that does not exist."""
        if name not in LAYERS:
            raise ValueError(f"no layer {name!r}; a generated sentence has {', '.join(LAYERS)}")
        if self._layers is None:
            self._layers = self._annotate()
        return self._layers[name]

    def _annotate(self) -> dict[str, tuple[str, ...]]:
        leaves = self.leaves
        root = attach(self.tree)
        root.head, root.deprel = None, "root"
        assign(self.tree, self.category)
        for i, leaf in enumerate(leaves):
            leaf.index = i + 1
            if leaf.deprel.endswith("^"):  # its head is a functor that is a dependent itself
                leaf.head, leaf.deprel = leaf.head.head, leaf.deprel[:-1]
            elif ">" in leaf.deprel:  # its head is a dependent of the verb that it stands before
                leaf.deprel, _, through = leaf.deprel.partition(">")
                leaf.head = next(other for other in leaves if other.head is leaf.head and other.deprel == through)
        n = len(leaves)
        return {
            **{name: tuple([getattr(leaf, name) for leaf in leaves]) for name in ("xpos", "upos", "lemma", "sem", "ccg", "deprel")},
            "feats": tuple([leaf.feats or "_" for leaf in leaves]),
            "chunk": tuple(chunk_tags(leaves)),
            "head": tuple([str(leaf.head.index if leaf.head is not None else 0) for leaf in leaves]),
            "suffix": tuple([self._suffix(leaf) for leaf in leaves]),
            "position": tuple([("begin", "middle", "end")[3 * i // n] for i in range(n)]),
        }
