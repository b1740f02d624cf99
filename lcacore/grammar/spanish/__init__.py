"""Spanish: words, inflection, closed classes, phrases, verb groups, clauses, sentences."""

from .sentences import generate, realise, stream, withheld

__all__ = ["generate", "realise", "stream", "withheld"]
