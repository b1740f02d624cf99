"""Attribution orders: how much of the loss a neuron's activation answers for, by gradients (Captum's).

    gradient × activation    |h · ∂L/∂h|: the first-order change of the loss when the neuron is set to zero (Molchanov 2017)
    integrated gradients     |h · ∫₀¹ ∂L/∂(αh) dα|: the same, summed along the way to zero of the whole layer (Sundararajan 2017)

L is the model's loss on a text; h a layer's output, the layers taken one at a time. Only what reads the layer from above
counts: a recurrent layer's own next step is inside it. Absolute values, averaged over sub-tokens, rank the neurons.

The path ends where ablation does, with the layer's *output* at zero. (Captum's `LayerIntegratedGradients` lets the
*input* go to its baseline, here the sub-token of number 0, and compares the layer's outputs of the two: another question.)

Shape names: B sentences, T sub-tokens, d neurons per layer, D of all layers.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from . import ablation
from .models import Model
from .types import Ranking

__all__ = ["attributions", "gradient_activation", "integrated_gradients"]


def gradient_activation(model: Model, sentences: Sequence, *, layers: Sequence[int]) -> Ranking:
    """Neurons by mean |h · ∂L/∂h| over the sub-tokens of a text. Sentences as `ablation.batches` takes them, raising as there."""
    return _ranking(_mean_size(model, sentences, layers, None), "gradient_activation")


def integrated_gradients(model: Model, sentences: Sequence, *, layers: Sequence[int], steps: int = 8) -> Ranking:
    """Neurons by mean |integrated gradient| over the sub-tokens of a text, from the layer at zero, by the midpoint rule.

    steps  points along the way; a forward and backward pass each. Raises ValueError for fewer than 1; as `ablation.batches`.
    """
    if steps < 1:
        raise ValueError(f"steps {steps}; give at least 1 point along the way from zero")
    return _ranking(_mean_size(model, sentences, layers, steps), "integrated_gradients")


def attributions(model: Model, batch: ablation.Batch, layer: int, steps: int | None = None):
    """(B, T, d) h times ∂L/∂h, or (with `steps`) times its mean along the way from zero, L the summed nats of a batch; not absolute.

    Of many steps the sum over all places and neurons is L(h) − L(0) (completeness).
    """
    import torch
    from captum.attr import InputXGradient, IntegratedGradients

    kept = {}

    def loss(h):
        with ablation.edited(model, {layer: lambda _: h}):
            return ablation.losses(model, batch).sum()[None]

    # recurrent networks have no gradient in evaluation mode on cuDNN
    with torch.enable_grad(), torch.backends.cudnn.flags(enabled=False):
        with torch.no_grad(), ablation.edited(model, {layer: lambda h: kept.setdefault("h", h)}):
            ablation.losses(model, batch)
        h = kept["h"].detach().requires_grad_(True)
        if steps is None:
            return InputXGradient(loss).attribute(h).detach()
        # the loss is one number for the whole batch, so one step at a time
        return IntegratedGradients(loss).attribute(h, baselines=0.0, n_steps=steps, method="riemann_middle", internal_batch_size=len(h)).detach()


def _mean_size(model: Model, sentences: Sequence, layers: Sequence[int], steps: int | None) -> np.ndarray:
    layers = model.check_layers(layers)
    total, count = np.zeros((len(layers), model.width)), 0
    for batch in ablation.batches(model, sentences):
        real = batch.inputs["attention_mask"].bool()
        count += int(real.sum())
        for k, layer in enumerate(layers):
            total[k] += attributions(model, batch, layer, steps)[real].abs().double().sum(dim=0).cpu().numpy()
    return (total / count).ravel()


def _ranking(scores: np.ndarray, method: str) -> Ranking:
    return Ranking(np.argsort(-scores, kind="stable"), scores, n_informative=int(np.count_nonzero(scores)), method=method)
