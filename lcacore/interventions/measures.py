"""What an intervention did to the words: errors, how many of them only change the attribute, and where this levels off."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from .analysers import Analysed

__all__ = ["Saturation", "outcomes", "saturation_point"]

RULES = ("paper", "risen", "code")


def outcomes(truth, before: Analysed, after: Analysed, *, missing_is_wrong: bool = False) -> dict[str, np.ndarray]:
    """What happened to each word (Antverg & Belinkov 2022, section 4.3), as boolean arrays of the shape of `after`.

    truth    forms of the text, spelled as the model's tokenizer spells them
    before   the unmodified prediction D(h); give the analysis of the text instead for the reading of the published code
    after    the prediction D(h′) after the intervention; may have leading axes before the words'

    error     D(h′) is not the word of the text
    clwv      correct lemma, wrong value: an error, with the lemma of D(h) and another value of the attribute
    missing   an error with the lemma of D(h) that has no value of the attribute (the published code counts it under clwv:
              missing_is_wrong=True)

    A form that the analyser does not know has no lemma, and is never correct.
    """
    error = after.form != np.asarray(truth, dtype=object)
    same = error & (after.lemma == before.lemma) & (after.lemma != "") & (before.value != "")
    missing = same & (after.value == "")
    clwv = same & (after.value != before.value)
    return {"error": error, "clwv": clwv if missing_is_wrong else clwv & ~missing, "missing": missing}


class Saturation(NamedTuple):
    """Where a curve levels off: number of neurons, the value there, its place on the curve, and whether it does at all."""

    k: int
    value: float
    index: int
    reached: bool


def saturation_point(ks: Sequence[int], values: Sequence[float], *, factor: float = 1.05, rule: str = "paper", margin: float = 0.1) -> Saturation:
    """The first k from which two consecutive growth factors of the values are below `factor` (footnote 5).

    From 0 to 0 is no growth, from 0 to more is growth without bound. A curve that never levels off, or has fewer than
    three points, gives its last point, and reached = False.

    rule    "paper"; "risen": the same, looked for from the first value above 0 on, since with few words a curve may stay
            at 0 for its first points; "code": the published code wants as well that the last value exceeds this one by at
            most `margin`

    Raises ValueError: lengths that differ, no point, NaN, an unknown rule.
    """
    ks, values = list(ks), np.asarray(values, dtype=np.float64)
    if len(ks) != len(values) or not ks or not np.isfinite(values).all():
        raise ValueError(f"{len(ks)} numbers of neurons and {len(values)} values; give one finite value for each, at least one")
    if rule not in RULES:
        raise ValueError(f"rule {rule!r}; give one of {', '.join(RULES)}")
    slow = values[1:] < factor * values[:-1]
    slow |= (values[1:] == 0) & (values[:-1] == 0)
    start = int(np.argmax(values > 0)) if rule == "risen" else 0
    for i in range(start, len(slow) - 1):
        if slow[i] and slow[i + 1] and (rule != "code" or values[-1] - values[i] <= margin):
            return Saturation(int(ks[i]), float(values[i]), i, True)
    return Saturation(int(ks[-1]), float(values[-1]), len(ks) - 1, False)
