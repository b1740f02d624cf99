"""What a reader can try out on a page without a server: sentences, and what the model says of their words, worked out beforehand."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from .protocol import Steering
from .tables import steps

__all__ = ["panel"]


def panel(studies: Mapping[tuple[str, int], Steering], neurons: Sequence[int], betas: Sequence[float], *, order: str = "probeless", sentences: int = 12, split: str = "test") -> dict:
    """Plain values, fit for JSON: a model's words after each translation.

    neurons     how many of 768 are moved; sentences: the first ones of the split
    Returns {"neurons", "betas", "order", "panels": [{"name", "layer", "values", "sentences": [{"words", "places", "from",
    "said": [target][β][k][place]}]}]}: `places` are the positions of the words that carry the attribute, `from` their
    values, `said` what the model says there; the t-th target of a word is the t-th of the other values, in order.
    """
    out = []
    for (name, layer), whole in studies.items():
        study = replace(whole, first=sentences)
        forms = [study.effect(order, steps(study.network.width, neurons), beta=float(beta), split=split).form for beta in betas]
        one, words = study.reading(split), study.words(split)
        shown = []
        for s in sorted(set(one.sentence.tolist())):
            at = [i for i, x in enumerate(one.sentence.tolist()) if x == s]
            said = [[form[t][:, at].tolist() for form in forms] for t in range(len(study.values) - 1)]
            values = [study.values[words.value[one.index[i]]] for i in at]
            shown.append({"words": list(words.sentences[s]), "places": one.position[at].tolist(), "from": values, "said": said})
        out.append({"name": name, "layer": layer, "values": list(study.values), "sentences": shown})
    return {"neurons": list(neurons), "betas": [float(b) for b in betas], "order": order, "panels": out}
