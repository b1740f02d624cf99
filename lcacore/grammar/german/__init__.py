"""German: words, forms, closed classes, phrases, verb groups, clauses."""

from .clauses import generate, realise, stream, withheld

__all__ = ["generate", "realise", "stream", "withheld"]
