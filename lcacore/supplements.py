"""Columns beside those of `Study`: the dev split, other thresholds, both control tasks, description length, the exact engine.

As in `Study`, everything is kept in the artefact store, tables have one row per seed, and accuracies are in percent.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

import numpy as np
import pandas as pd

from . import evaluation, mdl, rankings, training
from .probes import class_index
from .store import code_key
from .study import Study

__all__ = ["ablation", "codelength", "each", "exact", "exact_ablation", "exact_retraining", "exact_rows", "lambdas", "minimal_set", "selectivity"]


def _remember(study: Study, name: str, make, **more):
    return study._remember(name, make, supplements=code_key(__name__), **more)


def _index(study: Study, split: str) -> np.ndarray:
    return class_index(study.data[split].y, study.classes)


# --- strengths of regularisation -------------------------------------------------------------------


def lambdas(study: Study) -> pd.DataFrame:
    """The pair that the grid chooses and what it costs (Durrani 2020 table 5): one row.

    log10_l1, log10_l2  decimal logarithms; NaN where the strength is 0
    apart, apart_0      A_t − A_b at the pair and at λ = 0 (points, dev)
    loss                A_z − A_l: accuracy lost against λ = 0 (points, dev)
    """
    table, (l1, l2) = study.grid(), study.lambdas
    best, zero = (table[(table.l1 == a) & (table.l2 == b)].iloc[0] for a, b in ((l1, l2), (0, 0)))
    with np.errstate(divide="ignore"):
        logs = {f"log10_{name}": float(np.log10(best[name])) if best[name] > 0 else np.nan for name in ("l1", "l2")}
    return pd.DataFrame([logs | {"apart": best.A_t - best.A_b, "apart_0": zero.A_t - zero.A_b, "loss": best.A_z - best.A_l}])


# --- the tables of Durrani 2020 --------------------------------------------------------------------


def ablation(study: Study, fraction: float = 0.2, split: str = "dev") -> pd.DataFrame:
    """Accuracy on a split with all but the top, random or bottom neurons set to zero (Durrani 2020 tables 1 and 6)."""

    def measure(seed):
        order, weights = study.ranking("weight_mass", seed), study.probe(seed)
        keep = {"All": None, "Top": order.top(fraction), "Random": study.ranking("random", seed).top(fraction), "Bottom": order.reversed().top(fraction)}
        found = evaluation.accuracies(study.data[split].X, _index(study, split), [(weights.coef, weights.intercept)] * len(keep), list(keep.values()))
        return dict(zip(keep, (100 * found).tolist(), strict=True))

    rows = [_remember(study, "ablation_of", lambda s=seed: measure(s), config=study._config(seed), seed=seed, fraction=fraction, split=split) for seed in study.seeds]
    return pd.DataFrame(rows, index=pd.Index(study.seeds, name="seed"))


def minimal_set(study: Study, delta: float) -> pd.DataFrame:
    """The minimal set and its accuracies (Durrani 2020 tables 2, 3 and 7): neurons, Neu_t, and Acc_a, Acc_t on test and dev ("dev/…")."""
    names = {"n": "neurons", "percent": "Neu_t", "test_oracle": "Acc_a", "test_accuracy": "Acc_t", "oracle": "dev/Acc_a", "accuracy": "dev/Acc_t"}
    return study.minimal(delta)[list(names)].rename(columns=names)


def selectivity(study: Study, delta: float, construction: str = "token") -> pd.DataFrame:
    """Sel_a, Sel_t on test and dev (Durrani 2020 §2.4): `Study.selectivity` of both splits."""
    parts = {mark: study.selectivity(delta, construction, split) for mark, split in (("", "test"), ("dev/", "dev"))}
    return pd.concat([t.set_axis([f"{mark}Sel_a", f"{mark}Sel_t"], axis=1) for mark, t in parts.items()], axis=1)


# --- columns that the papers do not have -----------------------------------------------------------


def codelength(study: Study, delta: float, tol: float = 1e-3) -> pd.DataFrame:
    """Online codelength of the task's labels (Voita & Titov 2020), of train, for the first seed: one row.

    MDL_a, MDL_t, MDL_b   compression (times shorter than the uniform code) with all neurons, the minimal set, and as many from the bottom
    bits_a, bits_t        bits a label
    control_t             compression of the control task's labels ("token") with the minimal set

    Probes of the exact engine at the study's λ.
    """
    train, seed = study.data["train"], study.seeds[0]
    n = int(study.minimal(delta)["n"].iloc[0])
    config = replace(study._config(seed), solver="exact")
    order = study.ranking("weight_mass", seed)

    def code(of, columns=None):
        def make():
            y, classes = train.y, study.classes
            if of == "control":  # whose labels are drawn as all splits have them
                y = evaluation.control_labels(study.activations.words, study.activations.y, seed)[slice(*study.activations.splits["train"])]
                classes = np.unique(study.activations.y)
            found = mdl.online_codelength(train.X, y, config, columns=columns, classes=classes, seed=seed, tol=tol)
            return {"compression": found.compression, "bits": found.per_label}

        # with all neurons it is the same for every threshold, so that pages share it
        return _remember(study, "codelength", make, config=config, seed=seed, of=of, n=None if columns is None else n, tol=tol)

    codes = {"a": code("all"), "t": code("top", order.top(n)), "b": code("bottom", order.reversed().top(n))}
    row = {f"MDL_{name}": one["compression"] for name, one in codes.items()} | {"control_t": code("control", order.top(n))["compression"]}
    return pd.DataFrame([row | {f"bits_{name}": codes[name]["bits"] for name in ("a", "t")}], index=pd.Index([seed], name="seed"))


def exact(study: Study, delta: float, tol: float = 1e-4) -> pd.DataFrame:
    """The exact engine in Adam's place, with bootstrap intervals over the sentences of test: one row.

    Acc_a, Acc_t   accuracy with all neurons and with as many top neurons of *its* ranking as the first seed's minimal set,
                   trained again; each with _low and _high
    zeros          weights that are exactly zero (%)
    shared         of those top neurons, the share that Adam's ranking has too (%)
    """
    n = int(study.minimal(delta)["n"].iloc[0])

    def make():
        coef = _exact_probe(study, tol).coef
        top = rankings.weight_mass(coef, study.classes).top(n)
        return {"zeros": 100 * float((coef == 0).mean()), "shared": 100 * len(set(top) & set(study.ranking("weight_mass", study.seeds[0]).top(n))) / n}

    found = exact_retraining(study, n, ("All", "Top"), tol=tol).rename(columns=lambda c: c.replace("All", "Acc_a").replace("Top", "Acc_t"))
    return found.assign(**_remember(study, "exact_set", make, config=_exact_config(study), n=n, tol=tol))


def exact_ablation(study: Study, fraction: float = 0.2, tol: float = 1e-4) -> pd.DataFrame:
    """`Study.ablation` with the exact engine in Adam's place: All, Top, Random and Bottom on test, each with _low and _high: one row."""
    config, drawn = _exact_config(study), study.ranking("random", study.seeds[0])

    def make():
        whole = _exact_probe(study, tol)
        order = rankings.weight_mass(whole.coef, study.classes)
        kept = {"All": None, "Top": order.top(fraction), "Random": drawn.top(fraction), "Bottom": order.reversed().top(fraction)}
        return _with_intervals(study, {name: (whole, neurons) for name, neurons in kept.items()})

    return pd.DataFrame([_remember(study, "exact_ablation", make, config=config, fraction=fraction, tol=tol)])


def exact_retraining(study: Study, n: int, which: Sequence[str] = ("All", "Top", "Random", "Bottom"), *, tol: float = 1e-4, start: Study | None = None) -> pd.DataFrame:
    """`Study.retraining` with the exact engine in Adam's place: accuracy on test, each with _low and _high: one row.

    All                  with all neurons
    Top, Random, Bottom  of probes trained again on the first n neurons of *its* ranking, on n random ones and on the last n
    start                a study of the same labels and as many neurons, from whose probe this one's starts: that of a
                         model before fine-tuning saves some of the iterations to the same minimum
    """
    n = int(n)

    def make(name):
        whole = _exact_probe(study, tol, start)
        if name == "All":
            return _with_intervals(study, {name: (whole, None)})
        order = study.ranking("random", study.seeds[0]) if name == "Random" else rankings.weight_mass(whole.coef, study.classes)
        ids = (order.reversed() if name == "Bottom" else order).top(n)
        (part,) = training.train_linear(study.data["train"].X, _index(study, "train"), len(study.classes), [_exact_config(study)], columns=[ids], tol=tol, start=[whole])
        return _with_intervals(study, {name: (part, ids)})

    key = {"config": _exact_config(study), "tol": tol, **_started(start)}
    drawn = {"Random": study.seeds[0]}  # nothing else of the seed counts
    parts = [_remember(study, "exact_retraining", lambda name=name: make(name), which=name, n=None if name == "All" else n, seed=drawn.get(name), **key) for name in which]
    return pd.DataFrame([{column: value for part in parts for column, value in part.items()}])


def exact_rows(report, tables: Mapping[tuple[str, str], pd.DataFrame], stands_for: Mapping[str, str], **more) -> None:
    """The accuracies of `exact`, `exact_ablation` or `exact_retraining` as rows of a page's report, with their intervals: "exact/<name>/<task>/<the paper's model>"."""
    for (task, model), table in tables.items():
        at = table.iloc[0]
        for name in [c for c in table.columns if f"{c}_low" in table.columns]:
            report.row(f"exact/{name}/{task}/{stands_for.get(model, model)}", f"{task}, {model}: {name}, exact engine", at[name], at[f"{name}_low"], at[f"{name}_high"], **more)


def _exact_config(study: Study):
    return replace(study._config(study.seeds[0]), solver="exact", seed=0)


def _exact_probe(study: Study, tol: float, start: Study | None = None) -> training.Weights:
    """The exact probe on all neurons, which no threshold and no seed changes: pages share it."""
    config = _exact_config(study)

    def make():
        given = None if start is None else [_exact_probe(start, tol)]
        (found,) = training.train_linear(study.data["train"].X, _index(study, "train"), len(study.classes), [config], tol=tol, start=given)
        return {"coef": found.coef, "intercept": found.intercept, "iterations": found.n_iter}

    kept = _remember(study, "exact_probe", make, config=config, tol=tol, **_started(start))
    return training.Weights(np.array(kept["coef"]), np.array(kept["intercept"]), kept["iterations"])


def _started(start: Study | None) -> dict:
    """What of a start belongs to a key: within the tolerance, the minimum that is found depends on it."""
    return {} if start is None else {"start": [start.activations.key, str(_exact_config(start))]}


def _with_intervals(study: Study, probes: Mapping[str, tuple[training.Weights, object]]) -> dict[str, float]:
    """Name → (probe, neurons that it may see): accuracy on test in percent, with <name>_low and <name>_high."""
    test, out = study.data["test"], {}
    right = evaluation.correct(test.X, _index(study, "test"), [(w.coef, w.intercept) for w, _ in probes.values()], [ids for _, ids in probes.values()])
    for name, row in zip(probes, right, strict=True):
        low, high = evaluation.accuracy_interval(row, test.sentence_ids)
        out |= {name: 100 * float(row.mean()), f"{name}_low": 100 * low, f"{name}_high": 100 * high}
    return out


def each(studies: Mapping[tuple[str, str], Study], measure, *arguments, **options) -> dict[tuple[str, str], pd.DataFrame]:
    """`measure(study, …)` of every study, where `measure` is a function of this module or one like it."""
    return {key: measure(one, *arguments, **options) for key, one in studies.items()}
