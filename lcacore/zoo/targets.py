"""What was asked of each kind of model before it was trained, beside what it reached."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from . import config, record, shipped

__all__ = ["TARGETS", "Target", "probed", "reached"]


@dataclass(frozen=True)
class Target:
    """A quality: `value` reads it off a record's measurements (None where the model has none), and it is to be at least `least`, or `at_most` it."""

    name: str
    says: str
    least: float
    value: object  # measured mapping → number or None
    at_most: bool = False
    whole_words: bool = False  # asked of models of whole words alone

    def asked_of(self, name: str) -> bool:
        return not self.whole_words or config(name).track == "words"

    def met(self, value: float) -> bool:
        return value <= self.least if self.at_most else value >= self.least


def _of(key: str):
    return lambda measured: measured.get(key)


def _above_majority(measured: Mapping):
    return 100 * (measured["accuracy_test"] - measured["majority"]) if "accuracy_test" in measured else None


def _of_unigram(measured: Mapping):
    return measured["perplexity"] / measured["unigram_perplexity"] if "perplexity" in measured else None


TARGETS: tuple[Target, ...] = (
    Target("copies", "words that are not hidden, read back", 0.97, _of("copy"), whole_words=True),
    Target("restores", "words hidden singly, restored", 0.45, _of("masked_word"), whole_words=True),
    Target("predicts", "perplexity, as a share of the unigram perplexity", 0.1, _of_unigram, at_most=True),
    Target("translates", "BLEU on held-out sentences", 40.0, _of("bleu")),
    Target("classifies", "test accuracy above the majority class, points", 15.0, _above_majority),
    Target("grades", "Spearman's ρ of graded similarity on test", 0.6, _of("spearman_test")),
)


def reached(chosen: Sequence[str] | None = None):
    """Data frame, (target, model) → quality, value, asked (≥ or ≤ a number; empty where the target is not this model's), met."""
    import pandas as pd

    rows = {}
    for target in TARGETS:
        for name in shipped() if chosen is None else chosen:
            value = target.value(record(name)["measured"])
            if value is not None:
                asked = target.asked_of(name)
                sign = "≤" if target.at_most else "≥"
                rows[target.name, name] = {"quality": target.says, "value": value, "asked": f"{sign} {target.least:g}" if asked else "", "met": target.met(value) if asked else None}
    return pd.DataFrame.from_dict(rows, orient="index", columns=["quality", "value", "asked", "met"]).rename_axis(["target", "model"])


def probed(means, kept: Mapping) -> dict[str, tuple[bool | None, str]]:
    """What was asked of probes: claim → holds, evidence.

    means  data frame of `lcacore.layerwise.means`: (task, model) → Majority, Embeddings, All, Depth
    kept   test accuracy with the Top, a Random and the Bottom share of the neurons kept
    """
    of = {task: means.loc[task] for task in dict.fromkeys(means.index.get_level_values(0))}
    above = {f"{name} {task}": row.All - max(row.Majority, row.Embeddings) for task in ("Chunking", "Dependency") for name, row in of[task].iterrows()}
    deeper = [name for name in of["Suffix"].index if of["Suffix"].Depth[name] < min(of[task].Depth[name] for task in ("Chunking", "CCG", "Dependency"))]
    return {
        "probes_pos": (bool((of["POS"].All >= 97).all()), ", ".join(f"{name} {value:.1f} %" for name, value in of["POS"].All.items())),
        "probes_syntax": (min(above.values()) >= 5, ", ".join(f"{name} +{value:.1f}" for name, value in above.items())),
        "probes_depth": (len(deeper) >= 2, f"{len(deeper)} of {len(of['Suffix'])} models: {', '.join(deeper) or 'none'}"),
        "ranked": (kept["Top"] - 10 >= kept["Random"] >= kept["Bottom"] + 10, f"top {kept['Top']:.1f} %, random {kept['Random']:.1f} %, bottom {kept['Bottom']:.1f} %"),
    }
