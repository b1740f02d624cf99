"""Stretches of text of two sentences that belong together, for models that are to read one sentence beside another.

A text goes on about what it is about: it tells the event again in other words or with other circumstances, denies it,
asks about it and answers, or turns to something else. Nothing here is labelled: which of these a pair is, is told to
nobody. The sentence tasks (`tasks`) draw their own events.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from random import Random

from .edits import Event, another, draw_event, passivises, say, synonym
from .engine import Choice, Sentence
from .meaning import Message
from .messages import Messages
from .styles import STYLES

__all__ = ["pairs"]

_MOVES = Choice(("again", "question", "turn"), [70, 18, 12])
_ASKS = {"place": "where", "time": "when", "manner": "how", "purpose": "why"}
_ROLES = ("subject", "object", "verb", "oblique")


def pairs(seed: int | str) -> Iterator[tuple[Sentence, Sentence]]:
    """Two English sentences of one text, for ever; a pure function of the seed."""
    from .english import realise

    random = Random(f"lcacore/discourse/{seed}")
    sampler = Messages(random, STYLES["plain"])
    while True:
        event = draw_event(sampler, definite=random.random() < 0.5)
        if event is None:
            continue
        first, second = _two(random, sampler, event)
        if first != second:
            yield realise(first, random), realise(second, random)


def _two(random: Random, sampler: Messages, event: Event) -> tuple[Message, Message]:
    move = _MOVES(random)
    if move == "turn":
        return _telling(random, event), sampler.message()
    if move == "question" and (asked := [name for name in event.names if name in _ASKS]):
        name = random.choice(asked)
        clause = replace(event.clause, passive=True, subject=None) if passivises(event) and random.random() < 0.3 else event.clause
        return Message("wh", clause, _ASKS[name]), _telling(random, event, {name} if random.random() < 0.8 else set())
    told = event
    while random.random() < 0.35:  # one thing is another, now and then two
        told = another(sampler, told, random.choice((*_ROLES, *event.names))) or told
    return _telling(random, event), _telling(random, told)


def _telling(random: Random, event: Event, needed: set[str] = frozenset()) -> Message:
    """The event with some of its circumstances, in one of its forms."""
    said = {name for name in event.names if name in needed or random.random() < 0.45}
    passive = passivises(event) and not {"purpose"} & said and random.random() < 0.3
    message = say(event, sorted(said), negated=random.random() < 0.2, passive=passive, time_first=random.random() < 0.3)
    return synonym(message) if random.random() < 0.3 else message
