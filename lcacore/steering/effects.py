"""Outcomes of an intervention, word by word, and what is read off them."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from ..interventions import Saturation, saturation_point

__all__ = ["Effect"]


@dataclass(frozen=True, eq=False)
class Effect:
    """Outcomes (T, K, n) of an intervention: target values × numbers of neurons × words; `sentence` (n,) of each word.

    form, truth   what was predicted (T, K, n), and what the text has (n,)
    """

    ks: tuple[int, ...]
    sentence: np.ndarray
    error: np.ndarray
    clwv: np.ndarray
    missing: np.ndarray
    form: np.ndarray
    truth: np.ndarray

    def up_to(self, k: int) -> Effect:
        """The same for at most k neurons."""
        n = sum(x <= k for x in self.ks)
        return replace(self, ks=self.ks[:n], **{name: getattr(self, name)[:, :n] for name in ("error", "clwv", "missing", "form")})

    def curve(self) -> pd.DataFrame:
        """Index k; error, clwv, missing: means over words and target values."""
        columns = {name: getattr(self, name).mean(axis=(0, 2)) for name in ("error", "clwv", "missing")}
        return pd.DataFrame(columns, index=pd.Index(self.ks, name="k"))

    def without_letters(self) -> np.ndarray:
        """(K,) share of the errors that are predictions without a letter or digit: punctuation. 0 where there is no error."""
        bare = self.error & ~np.vectorize(lambda form: any(c.isalnum() for c in form), otypes=[bool])(self.form)
        return bare.sum(axis=(0, 2)) / np.maximum(1, self.error.sum(axis=(0, 2)))

    def saturation(self, rule: str = "paper") -> Saturation:
        """Where CLWV levels off."""
        return saturation_point(self.ks, self.curve().clwv, rule=rule)

    def resampled(self, n: int = 200, seed: int = 0) -> np.ndarray:
        """(n, K) CLWV curves over sentences drawn with replacement; one seed draws the same sentences for every effect on them."""
        ids, at = np.unique(self.sentence, return_inverse=True)
        total = np.zeros((len(ids), len(self.ks)))
        np.add.at(total, at, self.clwv.mean(axis=0).T)
        weight = np.random.default_rng(seed).multinomial(len(ids), np.full(len(ids), 1 / len(ids)), size=n).astype(float)
        return (weight @ total) / (weight @ np.bincount(at))[:, None]
