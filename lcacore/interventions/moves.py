"""What is done to hidden states: ablation and translation of some of their neurons.

States are NumPy arrays or torch tensors of any shape (…, d); the result is a copy, and every neuron that is not named
keeps its value to the last bit.
"""

from __future__ import annotations

import numpy as np

__all__ = ["ablate", "translate", "translation_coefficients"]


def translation_coefficients(d: int, beta: float, floor: float = 1e-3) -> np.ndarray:
    """(d,) coefficients α by rank, from β for the first neuron to `floor` for the last, on a logarithmic scale.

    Antverg & Belinkov 2022, equation 2, say from β to 0, which a logarithmic scale does not reach; the published code
    ends at .001. With d = 768 and β = 8, ranks 0, 50, 100, 200, 767 get 8, 4.453, 2.479, .768, .001.

    Raises ValueError: no neuron, a floor that is not above 0, or β below it.
    """
    if d < 1 or not 0 < floor <= beta:
        raise ValueError(f"coefficients of {d} neurons from beta = {beta} down to {floor}; give at least one neuron, and beta >= floor > 0")
    return np.exp(np.linspace(np.log(beta), np.log(floor), d))


def ablate(states, neurons, mean=None):
    """The states with these neurons set to zero, or to their mean.

    neurons   ids, in any order
    mean      (d,) what to set them to; None: zero
    """
    neurons = _ids(neurons, states)
    out = _copy(states)
    if len(neurons):
        out[..., neurons] = _like(states, np.zeros(len(neurons)) if mean is None else np.asarray(mean, dtype=np.float64)[neurons])
    return out


def translate(states, order, k: int, difference, alpha):
    """The states with the first k neurons of an order moved: h_j + α_rank(j) · (q(z′) − q(z))_j (equation 2).

    order        (d,) neuron ids, best first
    difference   q(z′) − q(z): (d,), or one for each state (…, d)
    alpha        (d,) coefficients by rank, as `translation_coefficients` gives them

    Raises ValueError: k outside 0 … d, or arrays of other lengths.
    """
    order, alpha, difference = np.asarray(order), np.asarray(alpha, dtype=np.float64), np.asarray(difference, dtype=np.float64)
    d = states.shape[-1]
    if not len(order) == len(alpha) == difference.shape[-1] == d or not 0 <= k <= d:
        raise ValueError(f"first {k} of {len(order)} neurons, {len(alpha)} coefficients, differences of {difference.shape[-1]}; wanted {d} of each (the states' width), and k from 0 to that")
    neurons = _ids(order[:k], states)
    out = _copy(states)
    if k:
        out[..., neurons] += _like(states, alpha[:k] * difference[..., neurons])
    return out


def _ids(neurons, states) -> np.ndarray:
    neurons = np.array(neurons, dtype=np.int64)  # a copy: torch wants it writable
    d = states.shape[-1]
    if neurons.ndim != 1 or len(np.unique(neurons)) != len(neurons) or (len(neurons) and not 0 <= neurons.min() <= neurons.max() < d):
        raise ValueError(f"neurons {neurons.tolist()}; name each once, by its number from 0 to {d - 1}")
    return neurons


def _copy(states):
    return states.clone() if hasattr(states, "clone") else states.copy()


def _like(states, values: np.ndarray):
    return states.new_tensor(values) if hasattr(states, "new_tensor") else values.astype(states.dtype)
