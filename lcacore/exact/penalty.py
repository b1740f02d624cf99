"""λ1 ‖W‖₁ + λ2 ‖W‖² (or λ2 ‖W‖) in the scaled columns V = W s: value, proximal map, convex conjugate."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

__all__ = ["Penalty"]


@dataclass(frozen=True, eq=False)
class Penalty:
    l1: float
    l2: float
    squared: bool
    s: object  # (d,) float64; all ones unless `squared`, whose proximal map would couple the columns

    def on(self, columns) -> Penalty:
        """The penalty of V's `columns` (K,) alone."""
        return replace(self, s=self.s[columns])

    def value(self, V) -> float:
        W = V.double() / self.s
        square = float(W.square().sum())
        return self.l1 * float(W.abs().sum()) + self.l2 * (square if self.squared else math.sqrt(square))

    def prox(self, V, step: float):
        """argmin over U of ‖U − V‖² / (2 step) + penalty(U)"""
        s = self.s.to(V.dtype)
        if self.l1:
            V = V - V.clamp(-(step * self.l1) / s, (step * self.l1) / s)  # soft threshold: exact zeros
        if not self.l2:
            return V
        if self.squared:
            return V / (1 + 2 * step * self.l2 / s**2)
        norm = float(V.norm())
        return V * (max(0.0, 1 - step * self.l2 / norm) if norm else 0.0)

    def conjugate(self, U) -> float:
        """g*(U), the penalty's convex conjugate; U (C, d) is a gradient in the scaled columns, as V's."""
        over = ((U.double() * self.s).abs() - self.l1).clamp_(min=0.0)
        square = float(over.square().sum())
        if self.l2 and self.squared:
            return square / (4 * self.l2)
        limit = 0.0 if self.squared else self.l2
        return 0.0 if math.sqrt(square) <= limit * (1 + 1e-12) + 1e-15 else math.inf

    def feasible_scale(self, U) -> float:
        """The largest factor ≤ 1 (up to rounding) that brings U into the conjugate's zero set."""
        largest = float((U.double() * self.s).abs().max()) if U.numel() else 0.0
        if largest <= self.l1:
            return 1.0
        if self.squared or not self.l2:
            return self.l1 / largest
        if self.conjugate(U) == 0.0:
            return 1.0
        low, high = 0.0, 1.0
        for _ in range(60):
            middle = (low + high) / 2
            low, high = (middle, high) if self.conjugate(middle * U) == 0.0 else (low, middle)
        return low
