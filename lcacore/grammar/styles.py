"""The weights by which messages are drawn: one style for each language's own texts, and a plain one to translate.

English says most things in the simple past or present; the styles of German, French and Spanish spread over tenses,
persons and moods, so that each value of those features has enough word forms to be studied (Antverg 2022).
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from .engine import Choice

__all__ = ["KINDS_OF_TIME", "STYLES", "Style", "Way"]

# how a verb is said: tense, perfect, progressive, modal
Way = tuple[str, bool, bool, str]


def _way(name: str) -> Way:
    """"past perfect", "can past", "pres progressive" … as a tuple."""
    words = name.split()
    tense = next((w for w in words if w in ("pres", "past", "imp", "fut")), "pres")
    modal = next((w for w in words if w in ("can", "must", "should", "may", "would")), "")
    return tense, "perfect" in words, "progressive" in words, modal


def _ways(**weights: int) -> Choice:
    return Choice([_way(name.replace("_", " ")) for name in weights], list(weights.values()))


def _choice(**weights: int) -> Choice:
    return Choice(list(weights), list(weights.values()))


_FRAMES = {"trans": 32, "intr": 14, "obl": 12, "be": 10, "light": 7, "that": 6, "to": 6, "put": 4, "tpart": 3, "part": 3, "ditr": 4, "objto": 3, "link": 3, "ng": 2, "q": 2}
# (person, number): weights
_PERSONS = Choice([(3, "Sing"), (3, "Plur"), (1, "Sing"), (1, "Plur"), (2, "Sing")], [60, 18, 14, 12, 10])
_ALL_PERSONS = Choice([(3, "Sing"), (3, "Plur"), (1, "Sing"), (1, "Plur"), (2, "Sing"), (2, "Plur")], [34, 16, 20, 16, 17, 10])

_ENGLISH = {
    "past": _ways(past=500, past_perfect=130, past_progressive=60, imp=24, can_past=40, would=36, should=14, may=10, pres_perfect=50),
    "pres": _ways(pres=370, pres_perfect=200, pres_progressive=70, fut=96, can=64, must=34, should=26, may=24, pres_perfect_progressive=16),
}
_SPREAD = {
    "past": _ways(past=560, past_perfect=150, can_past=30, must_past=20, imp=60),
    "pres": _ways(pres=600, pres_perfect=60, can=40, must=40, should=20, may=12),
    "imp": _ways(imp=500, past_perfect=60),
    "fut": _ways(fut=500, fut_perfect=16),
    "would": _ways(would=500, would_perfect=36),
}


@dataclass(frozen=True)
class Style:
    """Weights and chances of one style.

    narratives  the time that a sentence is told in; `ways`: narrative → how its verbs are said
    clauses     how many finite clauses a sentence may have besides its first
    pronoun     chance of a pronoun where a human subject may stand; its person and number from `persons`
    subjunctive verbs whose statement is in the subjunctive; `doubtful`: those for which it is when they are negated
    women       chance that a noun for a person means a woman where the noun leaves it open
    """

    kinds: Choice
    narratives: Choice
    ways: dict[str, Choice]
    frames: Choice
    persons: Choice
    clauses: int = 2
    pronoun: float = 0.38
    negated: float = 0.10
    passive: float = 0.36
    adjective: float = 0.28
    modifier: float = 0.15
    relative: float = 0.08
    circumstances: float = 1.0
    linked: float = 0.13
    second: float = 0.05
    opening: float = 0.045
    compound: float = 0.0
    women: float = 0.0
    subjunctive: frozenset[str] = frozenset({"doubt", "deny", "fear", "suggest"})
    doubtful: frozenset[str] = frozenset()


_EN = Style(
    kinds=_choice(statement=84, question=5, wh=5, existence=3, command=3),
    narratives=_choice(past=50, pres=50),
    ways=_ENGLISH,
    frames=_choice(**_FRAMES),
    persons=_PERSONS,
)
_OWN = replace(
    _EN,
    kinds=_choice(statement=79, question=6, wh=5, existence=3, command=7),
    narratives=_choice(past=30, pres=30, imp=15, fut=13, would=12),
    ways=_SPREAD,
    frames=_choice(**{**_FRAMES, "that": 9, "objto": 5}),
    persons=_ALL_PERSONS,
    pronoun=0.50,
    women=0.25,
)

STYLES: dict[str, Style] = {
    "en": _EN,
    "de": replace(_OWN, compound=0.15, circumstances=1.2, relative=0.10, subjunctive=frozenset({"say", "claim", "report", "announce", "explain", "insist", "suggest", "hope"})),
    "fr": replace(
        _OWN,
        kinds=_choice(statement=77, question=6, wh=5, existence=3, command=9),
        narratives=_choice(past=25, pres=26, imp=14, fut=19, would=16),
        frames=_choice(**{**_FRAMES, "that": 11, "objto": 7}),
        compound=0.05, doubtful=frozenset({"think", "believe", "hope"}),
    ),
    "es": replace(
        _OWN,
        kinds=_choice(statement=76, question=6, wh=5, existence=3, command=10),
        narratives=_choice(past=25, pres=25, imp=15, fut=20, would=15),
        persons=Choice([(3, "Sing"), (3, "Plur"), (1, "Sing"), (1, "Plur"), (2, "Sing"), (2, "Plur")], [29, 15, 20, 19, 18, 15]),
        pronoun=0.54,
        ways={**_SPREAD, "past": _ways(past=560, past_perfect=130, past_progressive=50, can_past=30, must_past=20, imp=60), "pres": _ways(pres=600, pres_perfect=60, pres_progressive=60, can=40, must=40, should=20, may=12)},
        frames=_choice(**{**_FRAMES, "that": 11, "objto": 7}),
        subjunctive=_EN.subjunctive | {"hope"}, doubtful=frozenset({"think", "believe", "say", "remember"}),
    ),
    "plain": replace(
        _EN,
        kinds=_choice(statement=88, question=5, wh=3, existence=2, command=2),
        narratives=_choice(past=50, pres=30, fut=12, would=8),
        ways={
            "past": _ways(past=560, past_perfect=60, can_past=30),
            "pres": _ways(pres=600, pres_perfect=60, can=50, must=50, should=20),
            "fut": _ways(fut=1),
            "would": _ways(would=1),
        },
        clauses=1, pronoun=0.42, adjective=0.22, modifier=0.10, relative=0.06, circumstances=0.7, linked=0.09, second=0.03, opening=0.02,
    ),
}

# which kinds of time suit a tense ("perfect": has done)
KINDS_OF_TIME: dict[str, Choice] = {
    "past": Choice(("adverb", "weekday", "month", "year", "last", "span", "part", "event"), [24, 16, 12, 13, 15, 5, 6, 9]),
    "imp": Choice(("every", "part", "year", "month"), [34, 20, 8, 8]),
    "pres": Choice(("adverb", "every", "part", "weekday"), [40, 28, 22, 5]),
    "fut": Choice(("adverb", "weekday", "month", "next", "part", "event"), [36, 20, 10, 18, 7, 8]),
    "would": Choice(("adverb", "part"), [3, 1]),
    "perfect": Choice(("adverb", "span"), [7, 3]),
}
