"""A small CCG parser: does a sequence of categories derive a sentence? It checks the grammar's annotation.

Rules (Steedman 2000; Hockenmaier and Steedman 2007): application; composition, forward, backward and
backward crossed, also into a functor with a further argument; forward crossed composition of adjuncts, as a verb at
the end of a German clause asks for (Hockenmaier 2006); type-raising of noun phrases, also of one that opens a verb-second
clause; coordination; absorption of punctuation; and CCGbank's unary rules for bare nouns and for clauses used as adjuncts.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache

__all__ = ["derives", "parse_category"]

# a category is an atom (name, feature) or a functor (result, slash, argument)
_PUNCTUATION = (".", "?", "!", ",", "¿", "¡")
# category → the categories that it may also be used as
_UNARY = {
    "N": ("NP",),
    "NP": ("S/(S\\NP)", "S[dcl]/(S[v1]/NP)"),
    "S[ng]\\NP": ("NP\\NP", "(S\\NP)\\(S\\NP)"),
    "S[pss]\\NP": ("NP\\NP", "N\\N"),
    "S[to]\\NP": ("(S\\NP)\\(S\\NP)",),
    "S[dcl]/NP": ("NP\\NP",),
}


@cache
def parse_category(text: str):
    """A category read from CCGbank's notation; slashes associate to the left.

    Raises ValueError where brackets do not match.
    """
    depth, split = 0, -1
    for i, c in enumerate(text):
        depth += (c == "(") - (c == ")")
        if depth < 0:
            break
        if depth == 0 and c in "/\\":
            split = i
    if depth or not text:
        raise ValueError(f"category {text!r}: brackets do not match; write it as in CCGbank, (S[dcl]\\NP)/NP")
    if split >= 0:
        return parse_category(text[:split]), text[split], parse_category(text[split + 1 :])
    if text.startswith("("):
        return parse_category(text[1:-1])
    name, _, feature = text.partition("[")
    return name, feature.rstrip("]")


def _unify(wanted, given, free: dict | None = None):
    """Whether `given` serves where `wanted` is asked for: an absent feature goes with any."""
    if len(wanted) != len(given):
        return False
    if len(wanted) == 2:
        if wanted[0] != given[0]:
            return False
        if wanted[1] and given[1]:
            return wanted[1] == given[1] or {wanted[1], given[1]} <= {"nb", ""}
        if free is not None and not wanted[1] and given[1] and wanted[0] == "S":
            return free.setdefault("S", given[1]) == given[1]  # one feature for all featureless S of a functor
        return True
    return wanted[1] == given[1] and _unify(wanted[0], given[0], free) and _unify(wanted[2], given[2], free)


def _filled(category, free: dict):
    """Featureless S of a functor's result takes the feature that its argument brought."""
    if not free:
        return category
    if len(category) == 2:
        return (category[0], free["S"]) if category[0] == "S" and not category[1] else category
    return _filled(category[0], free), category[1], _filled(category[2], free)


@cache
def _combine(left, right) -> tuple:
    out = []
    if len(left) == 3 and left[1] == "/":
        free: dict = {}
        if _unify(left[2], right, free):
            out.append(_filled(left[0], free))
        out += _compose(left, right, "/")
    if len(right) == 3 and right[1] == "\\":
        free = {}
        if _unify(right[2], left, free):
            out.append(_filled(right[0], free))
        out += _compose(right, left, "\\")
    if left[0] in _PUNCTUATION:
        out.append(right)
    if right[0] in _PUNCTUATION:
        out.append(left)
    if left[0] == "," and right[0] == "NP" and len(right) == 2:
        out.append(_APPOSITION)
    if left == ("conj", ""):
        out.append(("conjunct", right))
    elif left[0] == "," and right[0] == "conjunct":
        out.append(right)
    elif right[0] == "conjunct" and _unify(_bare(right[1]), _bare(left)):
        out.append(left)
    return tuple(out)


def _compose(functor, argument, slash) -> list:
    """X/Y Y/Z → X/Z, Y\\Z X\\Y → X\\Z, Y/Z X\\Y → X/Z, for adjuncts X/X X\\Z → X\\Z; and with Y one functor deeper."""
    out = []
    if len(argument) == 3:
        free: dict = {}
        crosses = slash == "\\" or functor == _VERBAL_ADJUNCT
        if _unify(functor[2], argument[0], free) and (crosses or argument[1] == "/"):
            out.append((_filled(functor[0], free), argument[1], argument[2]))
        inner = argument[0]
        if len(inner) == 3:
            free = {}
            if _unify(functor[2], inner[0], free) and (crosses or inner[1] == "/"):
                out.append(((_filled(functor[0], free), inner[1], inner[2]), argument[1], argument[2]))
    return out


def _bare(category):
    return (category[0], "") if len(category) == 2 else (_bare(category[0]), category[1], _bare(category[2]))


_APPOSITION = parse_category("NP\\NP")
_VERBAL_ADJUNCT = parse_category("(S\\NP)/(S\\NP)")
_UNARY_PARSED = {parse_category(k): tuple(map(parse_category, v)) for k, v in _UNARY.items()}


def _closure(categories) -> list:
    """A cell's categories in order of arrival, with what the unary rules make of them."""
    found = dict.fromkeys(categories)
    queue = list(found)
    while queue:
        category = queue.pop()
        key = ("NP", "") if category[0] == "NP" and len(category) == 2 and category[1] == "nb" else category
        for other in _UNARY_PARSED.get(key, ()):
            if other not in found:
                found[other] = None
                queue.append(other)
    return list(found)


def derives(categories: Sequence[str], goal: str) -> bool:
    """Whether the words' categories combine to `goal` (CKY over every split).

    Raises ValueError for no word, or a category that cannot be read.
    """
    if not categories:
        raise ValueError("no category to parse; give one per word")
    n = len(categories)
    chart = {(i, i + 1): _closure([parse_category(c)]) for i, c in enumerate(categories)}
    for width in range(2, n + 1):
        for i in range(n - width + 1):
            cell: dict = {}
            for k in range(i + 1, i + width):
                for left in chart[i, k]:
                    for right in chart[k, i + width]:
                        cell.update(dict.fromkeys(_combine(left, right)))
            chart[i, i + width] = _closure(cell)
    wanted = parse_category(goal)
    return any(category == wanted for category in chart[0, n])
