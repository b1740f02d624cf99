"""German: words, forms, closed classes, phrases, circumstances, verb groups, the middle field, clauses, sentences."""

from .sentences import generate, realise, stream, withheld

__all__ = ["generate", "realise", "stream", "withheld"]
