"""French: words, inflection, closed classes, noun phrases, verb groups, clauses, sentences."""

from .sentences import generate, realise, stream, withheld

__all__ = ["generate", "realise", "stream", "withheld"]
