"""English: words, closed classes and weights, builders; phrases, verb groups, relatives and clauses drawn at random."""

from .clauses import generate, stream, withheld

__all__ = ["generate", "stream", "withheld"]
