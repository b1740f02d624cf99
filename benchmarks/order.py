"""The weight-mass order, stepless, against NeuroX's hundred steps; every step's set must be the same."""

import numpy as np
import torch

from lcacore.rankings import weight_mass, weight_mass_steps

from .common import Row, in_turns
from .peers import neurox


def run() -> list[Row]:
    probe_of = neurox()
    rows = []
    for d in (2_688, 9_984):
        coef = np.random.default_rng(d).laplace(size=(44, d)).astype(np.float32)
        probe = probe_of.LinearProbe(d, 44)
        probe.linear.weight.data[:] = torch.from_numpy(coef)
        labels = {str(c): c for c in range(44)}
        seconds, found = in_turns({"peer": lambda p=probe, k=labels: probe_of.get_neuron_ordering(p, k), "ours": lambda w=coef: weight_mass(w)}, 6)
        order, cutoffs = found["peer"]
        ours = found["ours"].order
        # NeuroX's first cut-off is p = 0: every label's first neuron, which our first step (1 %) holds too
        equal = [set(order[:cut]) == set(ours[:cut].tolist()) for cut in cutoffs]
        steps = np.cumsum([len(s) for s in weight_mass_steps(coef)])
        agrees = all(equal) and steps.tolist() == cutoffs[1:]
        rows.append(Row(f"weight-mass order, D = {d:,}", f"44 labels × {d:,} neurons", "NeuroX 1.0.9", seconds["peer"], seconds["ours"], 100, f"{sum(equal)} of {len(equal)} cut-offs have equal sets", agrees))
    return rows
