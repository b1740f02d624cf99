"""Edits of meaning: events with pieces that can be left out, added or exchanged, and words that are related in sense.

An `Event` is a clause with optional pieces, each of which only narrows it down: where, when, how, with whom, what kind
of thing. So `she read a novel in Paris` follows from `she read a long novel in Paris on Monday`: which pieces are said
decides what follows from what, and the labels of the sentence tasks are read off that.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cache

from .engine import Choice
from .english import words as lexicon
from .english.closed import HUMAN
from .meaning import Clause, Message, Quality, Relation, Thing, Time
from .messages import Messages
from .messages_clauses import NO_PLACE
from .messages_things import fits
from .styles import Way

__all__ = ["NEGATIVE", "POSITIVE", "Event", "another", "draw_event", "mixed", "opposite", "passivises", "polarity", "say", "synonym"]

POSITIVE = frozenset(
    "happy famous clever strong brave kind proud honest polite careful wise generous talented thoughtful fearless loyal beautiful clean useful fresh delicious good sweet "
    "peaceful great wonderful reliable valuable elegant interesting successful memorable reasonable acceptable powerful "
    "love help like enjoy praise thank trust hug kiss save marry encourage support admire win succeed laugh smile dance please feed cure free "
    "happily gently kindly well peacefully politely softly safely".split()
)
NEGATIVE = frozenset(
    "angry sad lazy nervous lonely jealous cruel stupid stubborn careless helpless unhappy poor dirty ugly worthless bad rotten tasteless dangerous boring terrible hopeless "
    "violent bloody rusty narrow strange "
    "hate hurt hit kill attack blame insult accuse punish destroy steal lose fail cry scream complain scare frighten worry annoy disappoint "
    "badly sadly angrily bitterly nervously greedily".split()
)
_PAIRS = (
    "old young, happy sad, rich poor, brave fearful, kind cruel, polite rude, clever stupid, good bad, big small, large small, new old, heavy light, empty full, expensive cheap, clean dirty, "
    "hot cold, warm cold, fresh rotten, quiet noisy, dark bright, fast slow, long short, easy difficult, tight loose, high low, strong weak, hungry full, careful careless, beautiful ugly, "
    "interesting boring, thoughtful careless, reliable broken, useful worthless, reasonable hopeless"
)
_SAME = "big large, begin start, close shut, fix repair, shop store, road street, sea ocean, quickly fast, quietly silently, shout scream, photograph picture, illness disease, firm company, tale story, ship boat, present gift"
# what each kind of thing is a kind of
_KINDS = {
    "musician": "pianist drummer violinist guitarist", "artist": "painter sculptor", "writer": "novelist poet author", "doctor": "surgeon dentist", "scientist": "chemist physicist biologist",
    "athlete": "boxer runner swimmer cyclist", "officer": "captain sergeant colonel policeman", "criminal": "thief murderer", "woman": "queen actress nun widow waitress", "child": "boy girl",
    "bird": "eagle owl crow parrot goose duck", "dog": "puppy", "cat": "kitten", "horse": "stallion", "book": "novel textbook diary", "report": "memo", "picture": "painting photograph drawing portrait",
    "weapon": "sword gun rifle spear", "bag": "backpack suitcase", "tree": "oak", "flower": "rose", "meal": "breakfast lunch dinner", "boat": "canoe ferry yacht", "machine": "computer typewriter",
    "game": "match", "fight": "battle", "crime": "murder robbery", "shoe": "boot", "coat": "jacket",
}


def _both_ways(pairs: str) -> tuple[tuple[str, str], ...]:
    listed = [tuple(pair.split()) for pair in pairs.split(", ")]
    return tuple((a, b) for pair in listed for a, b in (pair, pair[::-1]))


_OPPOSITES = _both_ways(_PAIRS)
_SYNONYMS = dict(_both_ways(_SAME))


@cache
def opposite(adjective: str, cls: str) -> str:
    """The adjective that says the contrary of things of a class (old: young of people, new of houses), or ""."""
    base = cls.split(".")[0]
    known = {w.rstrip("!") for w in lexicon.adjectives().get("human" if base in HUMAN else base, ())}
    return next((b for a, b in _OPPOSITES if a == adjective and b in known), "")


@cache
def _senses() -> dict[str, lexicon.Verb]:
    return {v.sense: v for v in lexicon.verbs()}


@cache
def _nouns() -> dict[str, tuple[str, ...]]:
    """Lemma → classes."""
    out: dict[str, tuple[str, ...]] = {}
    for noun in lexicon.nouns():
        out[noun.lemma] = (*out.get(noun.lemma, ()), noun.cls)
    return out


@cache
def _broader() -> dict[tuple[str, str], str]:
    """(noun, class) → the noun that names what it is a kind of: pianist → musician."""
    return {(narrow, cls): broad for broad, row in _KINDS.items() for narrow in row.split() for cls in _nouns().get(narrow, ()) if cls in _nouns().get(broad, ())}


def synonym(value: Message) -> Message:
    """The message with one word said by another of the same sense, or itself where the table knows none.

    Verbs (whose other sense must take the same arguments), then manner, then the object's and the place's noun.
    """
    clause = value.clause
    verb, colon, rest = clause.sense.partition(":")
    other = _SYNONYMS.get(verb, "") + colon + rest
    if other in _senses():
        return replace(value, clause=replace(clause, sense=other))
    if clause.manner in _SYNONYMS and _SYNONYMS[clause.manner] in lexicon.adverbs()[_senses()[clause.sense].manner]:
        return replace(value, clause=replace(clause, manner=_SYNONYMS[clause.manner]))
    for role in ("object", "place"):
        held = getattr(clause, role)
        thing = held.thing if isinstance(held, Relation) else held
        if thing is not None and thing.kind == "noun" and thing.cls in _nouns().get(_SYNONYMS.get(thing.concept, ""), ()):
            new = replace(thing, concept=_SYNONYMS[thing.concept])
            return replace(value, clause=replace(clause, **{role: replace(held, thing=new) if isinstance(held, Relation) else new}))
    return value


# --- events ----------------------------------------------------------------------------------------

@dataclass(frozen=True)
class Event:
    """A clause without its optional pieces, and the pieces: (name, value).

    Names: place, time, manner, extra, purpose; subject or object (an adjective on it); kind (a narrower noun for the object).
    """

    clause: Clause
    pieces: tuple[tuple[str, object], ...]

    @property
    def names(self) -> tuple[str, ...]:
        return tuple(name for name, _ in self.pieces)


_WAYS: Choice = Choice([("past", False, False, ""), ("pres", False, False, ""), ("fut", False, False, ""), ("pres", True, False, "")], [50, 20, 14, 16])
_FRAMES = Choice(("trans", "intr", "obl", "ditr", "put", "tpart", "part"), [60, 12, 14, 8, 6, 5, 2])
_NARROWING = ("a", "")  # determiners whose noun an adjective narrows down, whether the clause is negated or not
_NO_PIECE = frozenset("again then finally often regularly twice earlier early".split())  # adverbs that speak of other events too
_UNSURE = frozenset("no every few all both many another several".split())


def draw_event(sampler: Messages, frame: str = "", *, definite=False, way: Way | None = None) -> Event | None:
    """An event with every optional piece that suits its verb; None where the draw does not serve.

    definite: adjectives on any noun count as pieces, not only on those with "a" or nothing before them
    """
    sampler.start()
    verb = sampler.human_verb(frame or _FRAMES(sampler.random))
    way = way or _WAYS(sampler.random)
    if verb.lemma in lexicon.stative() and way[1]:
        return None
    clause = sampler.clause(2, verb=verb, subject=_subject(sampler), way=way, without=("place", "time", "manner", "purpose"))
    clause = replace(clause, extras=(), negated=False, frequency="", passive=False)
    things = [t for t in (clause.subject, clause.object, clause.recipient, clause.oblique and clause.oblique.thing) if t is not None]
    if clause.subject is None or (clause.object is not None and clause.object.cls == "body") or any(t.kind == "pronoun" or t.determiner in _UNSURE or t.beside or t.relative or t.modifier for t in things):
        return None
    pieces: list[tuple[str, object]] = []
    thing = clause.object
    if thing is not None and not definite and not thing.count and thing.determiner in _NARROWING and (broad := _broader().get((thing.concept, thing.cls))):
        pieces.append(("kind", thing.concept))
        clause = replace(clause, object=replace(thing, concept=broad))
    # adjectives are pieces, so the clause itself has none
    clause = replace(clause, **{role: replace(t, qualities=(), origin="", participle=()) for role in ("subject", "object") if (t := getattr(clause, role)) is not None})
    return Event(clause, (*pieces, *_pieces(sampler, verb, clause, definite)))


def _subject(sampler: Messages) -> Thing:
    return sampler.person(2) if sampler.chance(0.45) else sampler.common("role", 2, True)


def _pieces(sampler: Messages, verb: lexicon.Verb, clause: Clause, definite: bool):
    stative = verb.lemma in lexicon.stative()
    if not stative and verb.frame != "put" and not any(c.startswith(NO_PLACE) for c in verb.objects):
        yield "place", sampler.place(verb.lemma)
    when = sampler.time("perfect" if clause.perfect else clause.tense)
    if isinstance(when, Time) and when.kind != "span" and when.concept not in _NO_PIECE:
        yield "time", when
    if verb.manner and not stative and (manner := sampler.manner(verb)) not in _NO_PIECE:
        yield "manner", manner
    if verb.lemma in lexicon.companions() and verb.frame in ("trans", "intr"):
        companion = sampler.companion(verb)
        if companion.thing.kind == "noun" and companion.thing.determiner in ("a", "the", ""):
            yield "extra", replace(companion, thing=replace(companion.thing, qualities=(), modifier=None, relative=None, beside=None, count="", participle=()))
    for role in ("subject", "object"):
        thing = getattr(clause, role)
        if thing is not None and thing.kind == "noun" and not thing.count and (definite or thing.determiner in _NARROWING):
            cls = thing.cls.split(".")[0]
            if cls in sampler.describable():
                yield role, Quality(sampler.quality(cls, "").concept)
    if verb.frame in ("trans", "intr", "obl") and not stative:
        yield "purpose", sampler.infinitive(2, clause.subject)


def say(event: Event, pieces: Sequence[str], *, negated=False, passive=False, time_first=False) -> Message:
    """The event as a statement with the named pieces."""
    clause = event.clause
    for name, value in event.pieces:
        if name not in pieces:
            continue
        if name == "extra":
            clause = replace(clause, extras=(value,))
        elif name in ("subject", "object"):
            clause = replace(clause, **{name: replace(getattr(clause, name), qualities=(value,))})
        elif name == "kind":
            clause = replace(clause, object=replace(clause.object, concept=value))
        else:
            clause = replace(clause, **{name: value})
    return Message("statement", replace(clause, negated=negated, passive=passive), time_first=time_first and clause.time is not None)


def passivises(event: Event) -> bool:
    """Whether the event can be told in the passive, its agent named."""
    verb = _senses()[event.clause.sense]
    return event.clause.object is not None and verb.frame in ("trans", "tpart", "put", "ditr") and verb.lemma not in Messages.no_passive


def another(sampler: Messages, event: Event, role: str) -> Event | None:
    """The event with another subject, object, verb, recipient, oblique or piece; None where no other was found in a few draws."""
    clause, verb = event.clause, _senses()[event.clause.sense]
    for _ in range(8):
        new: Clause | None = None
        if role == "subject":
            thing = _subject(sampler)
            if thing.determiner not in _UNSURE and _other(thing, clause.subject) and fits(verb.subjects, thing):
                new = replace(clause, subject=replace(thing, qualities=()))
        elif role == "object" and clause.object is not None and clause.object.kind == "noun":
            noun = sampler.noun(clause.object.cls)
            if _differs(noun.lemma, clause.object.concept) and bool(noun.plural) == _counts(clause.object) and not noun.plural_only:
                new = replace(clause, object=replace(clause.object, concept=noun.lemma, cls=noun.cls))
        elif role == "oblique" and clause.oblique is not None:
            thing = clause.oblique.thing
            noun = sampler.noun(thing.cls) if thing.kind == "noun" else None
            if noun is not None and _differs(noun.lemma, thing.concept) and bool(noun.plural) == _counts(thing) and not noun.plural_only:
                new = replace(clause, oblique=replace(clause.oblique, thing=replace(thing, concept=noun.lemma, cls=noun.cls)))
        elif role == "verb":
            other = sampler.one_of(_like(verb.sense) or (verb,))
            if _differs(other.lemma, verb.lemma) and not (clause.perfect and other.lemma in lexicon.stative()):
                new = replace(clause, sense=other.sense)
        elif role in event.names:
            for name, value in _pieces(sampler, verb, clause, True):
                before = dict(event.pieces)[role]
                if name == role and value != before and _differs(*(getattr(v, "concept", v) if role not in ("place", "extra") else v.thing.concept for v in (value, before))):
                    return Event(clause, tuple((n, value if n == role else v) for n, v in event.pieces))
        if new is not None:
            return Event(new, event.pieces)
    return None


def mixed(first: Event, second: Event, roles: Sequence[str]) -> Event:
    """The first event with what the second has for some roles (subject, verb, object or a piece)."""
    clause = first.clause
    for role in roles:
        if role in ("subject", "object", "oblique"):
            clause = replace(clause, **{role: getattr(second.clause, role)})
        elif role == "verb":
            clause = replace(clause, sense=second.clause.sense)
    theirs = dict(second.pieces)
    return Event(clause, tuple((name, theirs[name] if name in roles else value) for name, value in first.pieces))


def _differs(a: str, b: str) -> bool:
    """Two words of different senses."""
    return a != b and _SYNONYMS.get(a) != b and _SYNONYMS.get(b) != a


def _other(thing: Thing, before: Thing | None) -> bool:
    return before is None or (thing.concept, thing.first, thing.last) != (before.concept, before.first, before.last)


@cache
def _plurals() -> dict[tuple[str, str], str]:
    return {(n.lemma, n.cls): n.plural for n in lexicon.nouns()}


def _counts(thing: Thing) -> bool:
    return bool(_plurals().get((thing.concept, thing.cls), ""))


@cache
def _like(sense: str) -> tuple[lexicon.Verb, ...]:
    """Verbs that take the same arguments as a sense does, in the same way."""
    verb = _senses()[sense]
    return tuple(v for v in lexicon.verbs() if (v.frame, v.subjects, v.objects, v.marks, v.manner) == (verb.frame, verb.subjects, verb.objects, verb.marks, verb.manner) and v.rank < 8)


# --- sentiment -------------------------------------------------------------------------------------

def polarity(message: Message) -> int:
    """How good what a message says is, less how bad: words of `POSITIVE` and `NEGATIVE`; negation turns the predicate's over."""
    clause = message.clause
    said = _sign(clause.verb) + _sign(clause.manner)
    if isinstance(clause.predicate, Quality):
        said += _sign(clause.predicate.concept)
    total = -said if clause.negated else said
    things = [clause.subject, clause.object, clause.recipient, clause.predicate if isinstance(clause.predicate, Thing) else None]
    things += [relation.thing for relation in (clause.oblique, clause.place, *clause.extras) if relation is not None]
    return total + sum(_sign(quality.concept) for thing in things if thing is not None for quality in thing.qualities)


def _sign(word: str) -> int:
    return (word in POSITIVE) - (word in NEGATIVE)
