"""Studies set against each other: a model before and after fine-tuning, one language against another.

    tuned(models, tasks, …)      (task, model, fine-tune) → study
    languages(models, tasks, …)  (task, language, model) → study

As in `Study`, tables have one row per seed and accuracies are in percent. `sizes` are neurons kept, one number per seed.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from itertools import combinations

import numpy as np
import pandas as pd

from . import quick, study, supplements
from .pairs import READINGS
from .study import Study

__all__ = ["BASELINE", "distances", "exact_top_bottom", "kept", "languages", "like", "portion", "shares", "sizes_before", "top_bottom", "tuned", "words_and_heads"]

BASELINE = "Baseline"  # a model that is not fine-tuned, as Durrani 2023 table 6 names it


def like(study: Study, model: str) -> Study:
    """The same study of another model, at the λ that was chosen for the first: what differs is then the model's alone."""
    l1, l2 = study.lambdas
    return replace(study, model=model, l1=l1, l2=l2)


def tuned(models: Mapping[str, str], tasks: Mapping[str, str], **settings) -> dict[tuple[str, str, str], quick.QuickStudy]:
    """(task, model, fine-tune or `BASELINE`) → study; each fine-tuned model at the λ that was chosen for its base.

    models  "name" → spec of a base, "name/fine-tune" → spec of what it was tuned to; settings as in `quick.cross`.
            Where any base has a fine-tuned model, those that have none are left out

    Raises ValueError for a fine-tuned model without its base.
    """
    bases = {name: spec for name, spec in models.items() if "/" not in name}
    if lost := [name for name in models if name.split("/")[0] not in bases]:
        raise ValueError(f"no base for {', '.join(lost)}; give {', '.join(sorted({name.split('/')[0] for name in lost}))} too, as name: spec")
    started = {name: spec for name, spec in bases.items() if any(other.startswith(f"{name}/") for other in models)}
    found = {}
    for (task, model), base in quick.cross(started or bases, tasks, **settings).items():
        found[task, model, BASELINE] = base
        found |= {(task, model, name.removeprefix(f"{model}/")): like(base, spec) for name, spec in models.items() if name.startswith(f"{model}/")}
    return found


def sizes_before(studies: Mapping[tuple[str, str, str], Study], delta: float = 1.0) -> dict[tuple[str, str, str], list[int]]:
    """The minimal set of each model before fine-tuning, as the size at which it and its fine-tunes are compared."""
    return {key: studies[*key[:2], BASELINE].minimal(delta)["n"].astype(int).tolist() for key in studies}


def languages(models: Mapping[str, str], tasks: Mapping[str, str], **settings) -> dict[tuple[str, str, str], Study]:
    """(task, language, model) → study; each task at the λ that are chosen for its first language and model.

    models  "name/language" → spec of a model of that language, "name" → spec of one that reads all of them
    tasks   "task/language" → task spec; those that no model reads are left out; settings as in `study.cross`

    Raises ValueError for a task that does not name its language, or where no task has a model.
    """
    found, first = {}, {}
    for name, spec in tasks.items():
        task, _, language = name.partition("/")
        if not language:
            raise ValueError(f"task {name!r} does not name its language; give it as task/language")
        here = {model.split("/")[0]: at for model, at in models.items() if "/" not in model or model.endswith(f"/{language}")}
        for (_, model), one in (study.cross(here, {task: spec}, **settings) if here else {}).items():
            l1, l2 = first.setdefault(task, one).lambdas
            found[task, language, model] = replace(one, l1=l1, l2=l2)
    if not found:
        raise ValueError(f"no model for any of the languages of {', '.join(tasks)}; give one as name/language, or one of all languages as name")
    return found


def words_and_heads(study: Study) -> pd.DataFrame:
    """Test accuracy with a word and its head side by side, with either alone, and with the mean of the two (Durrani 2023, footnote 6): seeds × ways.

    study  of pairs side by side, whose λ all the others take
    """
    l1, l2 = study.lambdas
    ways = {"side by side": study} | {reading: replace(study, task=f"{study.task}:{reading}", l1=l1, l2=l2) for reading in READINGS}
    return pd.DataFrame({way: one.selections(())["All"] for way, one in ways.items()})


def portion(study: Study, percent: float) -> list[int]:
    """A share of the network as a number of neurons, rounded up: the same for every seed."""
    return [int(np.ceil(percent / 100 * study.n_neurons))] * len(study.seeds)


def kept(study: Study, sizes: Sequence[int]) -> pd.DataFrame:
    """Test accuracy with all neurons, and of probes trained on the first, on random and on the last ones (Durrani 2023 table 7).

    Columns All, Top, Random, Bottom, as `Study.retraining` gives them for the minimal set.
    """
    return study.selections(())[["All"]].join(study.retrained(sizes, ("Top", "Random", "Bottom")))


def top_bottom(study: Study, sizes: Sequence[int]) -> pd.DataFrame:
    """Test accuracy of probes trained on the first and on the last neurons of the ranking (Durrani 2023 table 6): columns t, b."""
    return study.retrained(sizes, ("Top", "Bottom")).set_axis(["t", "b"], axis=1)


def exact_top_bottom(studies: Mapping[tuple[str, str, str], Study], sizes: Mapping[tuple[str, str, str], Sequence[int]]) -> dict[tuple[str, str], pd.DataFrame]:
    """`top_bottom` with the exact engine, of the first seed's number of neurons: (task, model) → one row, columns <fine-tune>_t and
    <fine-tune>_b, each with _low and _high. A fine-tuned model's probe starts from that of its base."""
    found: dict[tuple[str, str], list[pd.DataFrame]] = {}
    for (task, model, tune), one in studies.items():
        base = None if tune == BASELINE else studies[task, model, BASELINE]
        ends = supplements.exact_retraining(one, sizes[task, model, tune][0], ("Top", "Bottom"), start=base)
        found.setdefault((task, model), []).append(ends.rename(columns=lambda c, tune=tune: c.replace("Top", f"{tune}_t").replace("Bottom", f"{tune}_b")))
    return {key: pd.concat(parts, axis=1) for key, parts in found.items()}


def shares(counts: Mapping, keys: Sequence | None = None) -> pd.DataFrame:
    """Mean share of each layer (rows of one frame, one per key of `counts`): seeds × layers tables of one model's depth."""
    return pd.DataFrame({key: counts[key].mean() / counts[key].mean().sum() for key in (counts if keys is None else keys)}).T


def distances(table: pd.DataFrame) -> pd.DataFrame:
    """Every two rows of shares: correlation over layers, and half the sum of absolute differences (0: alike, 1: disjoint)."""
    rows = []
    for a, b in combinations(range(len(table)), 2):
        x, y = table.iloc[a].to_numpy(float), table.iloc[b].to_numpy(float)
        varied = np.ptp(x) > 0 and np.ptp(y) > 0
        rows.append({"first": table.index[a], "second": table.index[b], "r": float(np.corrcoef(x, y)[0, 1]) if varied else 0.0, "distance": float(np.abs(x - y).sum() / 2)})
    return pd.DataFrame(rows, columns=["first", "second", "r", "distance"])
