"""Interventions by the protocol of Antverg & Belinkov 2022, section 4.

    protocol   one model, attribute and layer: rankings, interventions, predictions
    effects    outcomes of one intervention, word by word: curves, saturation, resampled sentences
    panel      predictions worked out beforehand, for a reader to try
    tables     many configurations side by side: curves, saturation points, the sweep over β, readings of paper and code
"""

from .effects import Effect
from .panel import panel
from .protocol import FORWARD, ORDERS, Steering
from .tables import (
    at_betas,
    cross,
    curves,
    flipped,
    limits,
    overview,
    printed,
    readings,
    saturation_rows,
    saturations,
    standings,
    steps,
    sweep,
    versus,
)

__all__ = ["FORWARD", "ORDERS", "Effect", "Steering", "at_betas", "cross", "curves", "flipped", "limits", "overview", "panel", "printed", "readings", "saturation_rows", "saturations", "standings", "steps", "sweep", "versus"]
