"""English: words, closed classes and weights, builders; sentences drawn at random, and messages put into words."""

from .clauses import generate, stream, withheld
from .realise import realise

__all__ = ["generate", "realise", "stream", "withheld"]
