"""The elastic-net probe to its optimum, with exact zeros and a certificate.

The objective is convex, so its minimum depends on neither seed, row order, thread count nor machine. A
proximal quasi-Newton method gets there in a few dozen passes over X (`solver`); the duality gap bounds how
far the objective still is from its minimum (`dual`).

Shape names: N tokens, D neurons, C classes. R = P − Y (N, C) is the residual, P the class probabilities, Y the
one-hot labels; Z = X Vᵀ + c the logits.
"""

from .data import Data, class_sums
from .solver import Solution, minimise, path

__all__ = ["Data", "Solution", "class_sums", "minimise", "path"]
