"""English: words, closed classes and weights, phrases, verb groups, clauses."""

from .clauses import generate, stream, withheld

__all__ = ["generate", "stream", "withheld"]
