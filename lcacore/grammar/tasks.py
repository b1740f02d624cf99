"""Six sentence tasks in the shape of the GLUE tasks of Durrani 2023 (table 6), labelled by what the sentences mean.

    sentence_task("mnli")      →  SentenceTask: first, second, labels, splits

    sst2   is the sentence's sentiment negative (0) or positive (1)? Negation turns it over.
    mnli   does the first sentence entail the second (0), leave it open (1) or contradict it (2)?
    qnli   does the second sentence answer the question (0) or not (1)?
    rte    does the first sentence entail the second (0) or not (1)? Small.
    mrpc   do two sentences say the same (1) or not (0)?
    stsb   how much of their meaning do two sentences share, 0 to 5?

Except for sentiment no label can be told from one sentence alone, from its length or from a negation in it: first and
second sentence are each drawn in a way that does not depend on the label, only the relation between them does. An event
has optional pieces that narrow it down (`edits.Event`). Of two affirmative sentences about one event, the first entails
the second if it says at least its pieces; of two negated ones, if it says at most its pieces. With one of the two
negated, "entails" becomes "contradicts", the affirmative one saying at least the pieces of the negated one.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from random import Random

import numpy as np

from .edits import Event, another, draw_event, mixed, opposite, passivises, polarity, say, synonym
from .engine import Choice
from .meaning import Message, Quality
from .messages import Messages
from .styles import STYLES

__all__ = ["TASKS", "TASK_SIZES", "SentenceTask", "sentence_task"]

Words = tuple[str, ...]
Example = tuple[Message, Message | None, float]  # first, second, label

TASK_SIZES: dict[str, dict[str, int]] = {
    "sst2": {"train": 8000, "dev": 1000, "test": 1000},
    "mnli": {"train": 8000, "dev": 1000, "test": 1000},
    "qnli": {"train": 8000, "dev": 1000, "test": 1000},
    "rte": {"train": 1000, "dev": 300, "test": 300},
    "mrpc": {"train": 8000, "dev": 1000, "test": 1000},
    "stsb": {"train": 8000, "dev": 1000, "test": 1000},
}
_LABELS = {
    "sst2": ("negative", "positive"), "mnli": ("entailment", "neutral", "contradiction"), "qnli": ("entailment", "not_entailment"),
    "rte": ("entailment", "not_entailment"), "mrpc": ("not_equivalent", "equivalent"), "stsb": (),
}
TASKS = tuple(TASK_SIZES)


@dataclass(frozen=True)
class SentenceTask:
    """A task of one or two sentences.

    first, second  S sentences of words; second is None where the task has one sentence
    labels         S labels: indices into `label_names`, or for stsb scores from 0 to 5
    splits         name → (start, stop); no sentence comes twice, so none is in two splits
    """

    name: str
    first: tuple[Words, ...]
    second: tuple[Words, ...] | None
    labels: tuple[int, ...] | tuple[float, ...]
    label_names: tuple[str, ...]
    splits: Mapping[str, tuple[int, int]]


def sentence_task(name: str, *, sizes: Mapping[str, int] | None = None, seed: int = 0) -> SentenceTask:
    """One of `TASKS`, in English; sizes: split → number of examples (default `TASK_SIZES[name]`).

    Raises ValueError for an unknown task and for an empty split.
    """
    if name not in TASK_SIZES:
        raise ValueError(f"no sentence task {name!r}; there are {', '.join(TASKS)}")
    sizes = dict(TASK_SIZES[name] if sizes is None else sizes)
    if not sizes or min(sizes.values()) < 1:
        raise ValueError(f"sizes {sizes}: give each split at least one example")
    from .english import realise

    random = Random(f"lcacore/tasks/{name}/{seed}")
    edges = np.cumsum([0, *sizes.values()]).tolist()
    first, second, labels, seen = [], [], [], set()
    for a, b, label in _DRAW[name](random):
        pair = [realise(message, random).words for message in (a, b) if message is not None]
        if not seen.isdisjoint(pair) or len(set(pair)) < len(pair):
            continue
        seen.update(pair)
        first.append(pair[0])
        second.append(pair[-1])
        labels.append(label if name == "stsb" else int(label))
        if len(first) == edges[-1]:
            break
    return SentenceTask(
        name, tuple(first), None if name == "sst2" else tuple(second), tuple(labels), _LABELS[name],
        {split: (edges[i], edges[i + 1]) for i, split in enumerate(sizes)},
    )


def _sampler(random: Random, **weights) -> Messages:
    return Messages(random, replace(STYLES["plain"], **weights))


def _subset(random: Random, names, size: int) -> tuple[str, ...]:
    return tuple(random.sample(sorted(names), size))


def _events(sampler: Messages, pieces: int, **options) -> Iterator[Event]:
    """Events with at least so many optional pieces."""
    while True:
        event = draw_event(sampler, **options)
        if event is not None and len(event.names) >= pieces:
            yield event


# --- sentiment -------------------------------------------------------------------------------------

def _sst2(random: Random) -> Iterator[Example]:
    """Statements, as many positive as negative and as many negated ones on either side."""
    frames = Choice(("be", "link", "trans", "intr", "obl"), [40, 10, 36, 8, 8])
    sampler = _sampler(random, kinds=Choice(("statement",)), frames=frames, negated=0.35, adjective=0.5, linked=0.0, second=0.0, relative=0.0, modifier=0.04, opening=0.0)
    waiting: dict[tuple[bool, bool], list[Message]] = {(good, negated): [] for good in (True, False) for negated in (True, False)}
    while True:
        good, negated = random.random() < 0.5, random.random() < 0.35
        while not waiting[good, negated]:
            message = sampler.message()
            if (sign := polarity(message)) and "no" not in [t.determiner for t in (message.clause.subject, message.clause.object) if t is not None]:
                queue = waiting[sign > 0, message.clause.negated]
                if len(queue) < 8:
                    queue.append(message)
        yield waiting[good, negated].pop(0), None, int(good)


# --- inference -------------------------------------------------------------------------------------

_ENTAILS, _OPEN, _CONTRADICTS = 0, 1, 2


def _inference(random: Random, labels: Choice) -> Iterator[Example]:
    """Pairs of statements about one event, labelled by the inclusion of their pieces and by their polarity.

    The second sentence says two of the event's pieces, the first three if it is affirmative and one if it is negated,
    whatever the label; each is negated half the time, whatever the label.
    """
    sampler = _sampler(random)
    for event in _events(sampler, 4):
        fitting = [n for n in event.names if n != "purpose"]
        if len(fitting) < 4:
            continue
        label = labels(random)
        names = _subset(random, fitting, 4)  # those that this pair speaks of
        second = set(names[:2])
        negated = random.random() < 0.5
        if negated:  # says less: one of the second's pieces, or one that the second lacks
            first = {names[0]} if label != _OPEN else {names[2]}
        else:  # says more: the second's pieces and one more, or only one of the second's
            first = second | {names[2]} if label != _OPEN else {names[0], names[2], names[3]}
        turned = random.random() < 0.5 if label == _OPEN else label == _CONTRADICTS
        voices = [passivises(event) and random.random() < 0.3 for _ in range(2)]
        a = say(event, sorted(first), negated=negated, passive=voices[0])
        b = say(event, sorted(second), negated=negated != turned, passive=voices[1])
        yield a, b, label


def _qualified(random: Random, labels: Choice) -> Iterator[Example]:
    """Pairs about somebody's or something's quality, where opposites contradict: old, not young, young, not old.

    The first sentence is affirmative and says one circumstance of two more than the second, or another one.
    """
    sampler = _sampler(random, frames=Choice(("be",)), negated=0.0, pronoun=0.0, relative=0.0, modifier=0.0, adjective=0.0)
    while True:
        sampler.start()
        clause = sampler.clause(2, way=("past", False, False, ""), without=("time", "place", "manner"))
        quality, subject = clause.predicate, clause.subject
        if not isinstance(quality, Quality) or not (contrary := opposite(quality.concept, subject.cls)) or subject.kind == "pronoun" or subject.determiner in ("no", "every", "few", "all", "both", "many"):
            continue
        label = labels(random)
        here, elsewhere = sampler.place(), sampler.place()
        when, other = sampler.time("past"), sampler.time("past")
        if not all(hasattr(time, "kind") and time.kind != "span" for time in (when, other)) or here == elsewhere or when == other:
            continue
        pair = [replace(clause, predicate=Quality(word), negated=False, extras=(), frequency="") for word in (quality.concept, contrary)]
        plain, turned = random.sample(pair, 2)
        same = random.random() < 0.5 if label == _OPEN else label == _ENTAILS
        by_opposite = random.random() < 0.5  # said by the opposite word, or by a negation
        second = (replace(turned, negated=True) if by_opposite else plain) if same else (turned if by_opposite else replace(plain, negated=True))
        if random.random() < 0.5:
            second, first = replace(second, place=here), replace(plain, place=elsewhere if label == _OPEN else here, time=when)
        else:
            second, first = replace(second, time=when), replace(plain, time=other if label == _OPEN else when, place=here)
        yield Message("statement", first), Message("statement", second), label


def _mixed(random: Random, labels: Choice) -> Iterator[Example]:
    events, qualities = _inference(random, labels), _qualified(random, labels)
    while True:
        yield next(qualities if random.random() < 0.25 else events)


def _mnli(random: Random) -> Iterator[Example]:
    yield from _mixed(random, Choice((_ENTAILS, _OPEN, _CONTRADICTS), [1, 1, 1]))


def _rte(random: Random) -> Iterator[Example]:
    """Entailed or not: what is left open and what is contradicted are one label."""
    for a, b, label in _mixed(random, Choice((_ENTAILS, _OPEN, _CONTRADICTS), [2, 1, 1])):
        yield a, b, min(label, 1)


# --- question and answer ---------------------------------------------------------------------------

_ASKS = {"place": "where", "time": "when", "manner": "how", "purpose": "why"}


def _qnli(random: Random) -> Iterator[Example]:
    """A question about one piece of an event, and a sentence that says two of four, or tells of another event."""
    sampler = _sampler(random)
    for event in _events(sampler, 3):
        passive = passivises(event) and random.random() < 0.5
        names = [n for n in ("place", "time", "manner", *(() if passive else ("purpose",))) if n in event.names] + ["agent"] * passive
        if len(names) < 4:
            continue
        asked = names[int(random.random() * 4)]
        answers = random.random() < 0.5
        others = random.sample([n for n in names if n != asked], 2)
        variant = another(sampler, event, random.choice(("verb", "object") if passive else ("subject", "verb", "object", "oblique")))
        if variant is None:
            continue
        event, variant = random.sample([event, variant], 2)
        said = {asked, others[0]}
        told = event
        if not answers and random.random() < 0.5:
            said = set(others)
        elif not answers:
            told = variant
        yield _asked(event, asked, passive), _told(told, said, passive), int(not answers)


def _asked(event: Event, asked: str, passive: bool) -> Message:
    if asked == "agent":
        return Message("wh", replace(event.clause, subject=None, gap="subject"), "who")
    clause = replace(event.clause, passive=True, subject=None) if passive else event.clause
    return Message("wh", clause, _ASKS[asked])


def _told(event: Event, said: set[str], passive: bool) -> Message:
    message = say(event, sorted(said), passive=passive)
    if passive and "agent" not in said:
        return replace(message, clause=replace(message.clause, subject=None))
    return message


# --- paraphrase and similarity ---------------------------------------------------------------------

def _reworded(random: Random, events: list[Event], names) -> list[Message]:
    """Two events of one kind in different words: voice, the time first, a synonym, as chance has it."""
    while True:
        voices = [passivises(events[0]) and random.random() < 0.4 for _ in events]
        fronted = [random.random() < 0.4 for _ in events]
        other_words = [random.random() < 0.5 for _ in events]
        if voices[0] != voices[1] or ("time" in names and fronted[0] != fronted[1]):
            break
        if other_words[0] != other_words[1] and all(synonym(m) != m for m in (say(event, names) for event in events)):
            break
        if not passivises(events[0]) and "time" not in names:
            return []
    out = [say(event, names, passive=voice, time_first=first) for event, voice, first in zip(events, voices, fronted, strict=True)]
    return [synonym(message) if other else message for message, other in zip(out, other_words, strict=True)]


def _swapped(event: Event) -> Event | None:
    """Who did it and to whom it was done exchanged, where both are people."""
    a, b = event.clause.subject, event.clause.object
    if event.clause.frame != "trans" or a is None or b is None or a.cls != "role" or b.cls != "role":
        return None
    return Event(replace(event.clause, subject=b, object=a), event.pieces)


def _unlike(random: Random, sampler: Messages, event: Event, names: tuple[str, ...]) -> Event | None:
    """The event with one to four others of its roles and pieces; None where no other was found."""
    out, wanted = event, 1 + int(random.random() * 4)
    for role in random.sample(("subject", "object", "verb", "oblique", *names), 4 + len(names)):
        if wanted and (changed := another(sampler, out, role)) is not None:
            out, wanted = changed, wanted - 1
    return None if out is event else out


def _mrpc(random: Random) -> Iterator[Example]:
    """One event told twice in different words; or two that differ in one to four pieces and roles, or in who did it to whom."""
    sampler = _sampler(random)
    for event in _events(sampler, 2, definite=True):
        names = _subset(random, event.names, 2)
        variant = _swapped(event) if random.random() < 0.4 and not {"subject", "object"} & set(names) else None
        if variant is None and (variant := _unlike(random, sampler, event, names)) is None:
            continue
        if any(told.clause.subject == told.clause.object for told in (event, variant)):
            continue  # with one name for two people nobody can tell who did what
        # either of the two may be the event that is told twice, so that no sentence is typical of a label
        event, variant = random.sample([event, variant], 2)
        same = random.random() < 0.5
        if told := _reworded(random, [event, event if same else variant], names):
            yield told[0], told[1], int(same)


def _stsb(random: Random) -> Iterator[Example]:
    """Two tellings of five pieces each: who, what they did, to what, and two circumstances; the score is how many they share.

    Each sentence takes every piece from one of two unrelated events by chance, so that none is typical of a score.
    """
    sampler = _sampler(random)
    for event in _events(sampler, 2, frame="trans", definite=True):
        circumstances = [name for name in event.names if name not in ("subject", "object")]
        if len(circumstances) < 2:
            continue
        names = _subset(random, circumstances, 2)
        roles = ["subject", "verb", "object", *names]
        other: Event | None = event
        for role in roles:
            other = other and another(sampler, other, role)
        if other is None:
            continue
        shared = int(random.random() * 6)
        first = {role for role in roles if random.random() < 0.5}
        second = first ^ set(random.sample(roles, 5 - shared))
        pair = [mixed(event, other, sorted(chosen)) for chosen in (first, second)]
        if told := _reworded(random, pair, names):
            yield told[0], told[1], float(shared)


_DRAW: dict[str, Callable[[Random], Iterator[Example]]] = {"sst2": _sst2, "mnli": _mnli, "qnli": _qnli, "rte": _rte, "mrpc": _mrpc, "stsb": _stsb}
