"""From tables of studies to figures: each sets what the studies found beside what the paper printed and what was recorded.

`found` is always {(task, model): table of seeds × quantities}, as the methods of `Study` give them per study.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd

from . import figures, importance, published, qualitative
from .patterns import Crossing
from .pitfalls import ORDERS, PROBES
from .study import Study, chosen
from .summaries import Overlaps
from .types import Curve

__all__ = ["ablation", "before_after", "crossing", "damage", "dominant_layers", "label_languages", "label_sizes", "lambdas", "layer_languages", "layer_shifts", "layers", "majority", "minimal", "neurons", "overlaps", "positions", "redundancy", "redundancy_languages", "selections", "sharing", "words"]

Found = Mapping[tuple[str, str], pd.DataFrame]


def _names(found: Mapping) -> dict[tuple[str, str], str]:
    """A panel's name: the task, with the model where there are several."""
    several = len({model for _, model in found}) > 1
    return {(task, model): f"{task} · {model}" if several else task for task, model in found}


def _measured(found: Found) -> dict:
    """Panel → column → (mean, lowest, highest) over the seeds."""
    names = _names(found)
    return {names[key]: {c: (table[c].mean(), table[c].min(), table[c].max()) for c in table.columns} for key, table in found.items()}


def _beside(artefact: str, found: Found, stands_for: Mapping, rows: Mapping[str, str]) -> tuple[dict, dict]:
    """(printed, recorded) values of the same cells: panel → column → value; `rows` maps a column to its published row."""
    paper, run = published.load(artefact), published.recorded(artefact)
    kept = {r["id"]: r["value"] for r in run["rows"]} if run else {}
    printed, recorded = {}, {}
    for (task, model), name in _names(found).items():
        keys = {c: f"{rows.get(c, c)}/{task}/{stands_for.get(model, model)}" for c in found[task, model].columns}
        printed[name] = {c: paper.values[k] for c, k in keys.items() if k in paper.values}
        recorded[name] = {c: kept[k] for c, k in keys.items() if k in kept}
    return printed, recorded


def ablation(found: Found, artefact: str, stands_for: Mapping) -> figures.Figure:
    """Accuracy per selection of neurons, a panel per task."""
    printed, recorded = _beside(artefact, found, stands_for, {})
    return figures.ablation_dots(_measured(found), printed, recorded, printed_as="printed for the model it stands for")


def redundancy(found: Found, artefact: str, stands_for: Mapping, margin: float) -> figures.Figure:
    """Accuracy after retraining on top, random and bottom neurons."""
    found = {key: table[["All", "Top", "Random", "Bottom"]] for key, table in found.items()}
    rows = {"All": "Acc_a", "Top": "Acc_t", "Random": "Acc_r", "Bottom": "Acc_b"}
    printed, recorded = _beside(artefact, found, stands_for, rows)
    return figures.redundancy_dumbbells(_measured(found), printed, recorded if any(recorded.values()) else None, margin=margin)


def minimal(found: Found, artefact: str, stands_for: Mapping, delta: float) -> figures.Figure:
    """Accuracy of the retrained probe as neurons are added: mean over seeds, from lowest to highest."""
    names, curves, oracle, chosen = _names(found), {}, {}, {}
    for key, table in found.items():
        # seeds stop at different sizes: each point stands for the seeds that went so far; between the sizes tried a line is drawn
        sizes = sorted({x for row in table["curve_percent"] for x in row})
        y = np.array([np.interp(sizes, x, v, right=np.nan) for x, v in zip(table["curve_percent"], table["curve_accuracy"], strict=True)])
        curves[names[key]] = Curve(tuple(sizes), tuple(np.nanmean(y, axis=0)), tuple(np.nanmin(y, axis=0)), tuple(np.nanmax(y, axis=0)))
        oracle[names[key]], chosen[names[key]] = table["oracle"].mean(), round(table["percent"].mean(), 1)
    printed, _ = _beside(artefact, {key: table[["percent"]] for key, table in found.items()}, stands_for, {"percent": "Neu_t"})
    return figures.minimal_curves(curves, oracle, delta, chosen, {k: v["percent"] for k, v in printed.items() if v})


def layers(found: Found) -> figures.Figure:
    """Salient neurons per layer, models × tasks; means over seeds."""
    models = list(dict.fromkeys(model for _, model in found))
    counts = {m: {task: t.mean().to_numpy() for (task, model), t in found.items() if model == m} for m in models}
    numbers = {m: next(list(t.columns) for (_, model), t in found.items() if model == m) for m in models}
    return figures.layer_histogram(counts, numbers)


def before_after(found: Mapping[tuple[str, str, str], pd.DataFrame], artefact: str, stands_for: Mapping) -> figures.Figure:
    """Top and bottom neurons before and after fine-tuning (Durrani 2023 table 6); found: (task, model, fine-tune) → t, b."""
    printed, ours, beside = published.load(artefact).values, {}, {}
    for (task, model, tune), table in found.items():
        panel = f"{task} · {model}"
        keys = {end: f"{tune}_{end}/{task}/{stands_for.get(model, model)}" for end in ("t", "b")}
        ours.setdefault(panel, {})[tune] = {end: (table[end].mean(), table[end].min(), table[end].max()) for end in keys}
        beside.setdefault(panel, {})[tune] = {end: printed[key] for end, key in keys.items() if key in printed}
    tasks, models = (list(dict.fromkeys(key[k] for key in found)) for k in (0, 1))
    panels = [p for p in (f"{t} · {m}" for m in models for t in tasks) if p in ours]  # a row of panels per model
    return figures.before_after({p: ours[p] for p in panels}, beside, columns=len(tasks))


def layer_shifts(found: Mapping[tuple[str, str, str], pd.DataFrame]) -> figures.Figure:
    """Neurons per layer before and after fine-tuning (Durrani 2023 figures 8 and 12); found: (task, model, fine-tune) → seeds × layers."""
    shares, numbers = {}, {}
    for (task, model, tune), table in found.items():
        mean = table.mean()
        shares.setdefault(model, {}).setdefault(task, {})[tune] = (100 * mean / max(mean.sum(), 1)).to_list()
        numbers[model] = list(table.columns)
    return figures.layer_lines(shares, numbers)


def redundancy_languages(found: Mapping[tuple[str, str, str], pd.DataFrame], artefact: str, stands_for: Mapping, margin: float) -> list[figures.Figure]:
    """Accuracy after retraining on top, random and bottom neurons, a figure per task (Durrani 2023 table 7); found: (task, language, model) → `comparisons.kept`."""
    out = []
    for task in dict.fromkeys(task for task, _, _ in found):
        here = {(f"{task}/{language}", model): table for (name, language, model), table in found.items() if name == task}
        tables = (_measured(here), *_beside(artefact, here, stands_for, {"All": "Acc_a", "Top": "Acc_t", "Random": "Acc_r", "Bottom": "Acc_b"}))
        ours, printed, recorded = ({name.removeprefix(f"{task}/"): cells for name, cells in table.items()} for table in tables)
        out.append(figures.redundancy_dumbbells(ours, printed, recorded if any(recorded.values()) else None, margin=margin, caption=task))
    return out


def layer_languages(found: Mapping[tuple[str, str, str], pd.DataFrame]) -> list[figures.Figure]:
    """Neurons per layer, a figure per task, languages × models (Durrani 2023 figures 9 and 10); found: (task, language, model) → seeds × layers."""
    out = []
    for task in dict.fromkeys(task for task, _, _ in found):
        here = {(language, model): t for (name, language, model), t in found.items() if name == task}
        counts = {x: {model: t.mean().to_numpy() for (language, model), t in here.items() if language == x} for x in dict.fromkeys(x for x, _ in here)}
        out.append(figures.layer_histogram(counts, caption=task))
    return out


def label_languages(found: Mapping[tuple[str, str, str], pd.DataFrame]) -> list[figures.Figure]:
    """Neurons per label in several languages, a figure per model (Durrani 2023 figures 11 and 14); found: (task, language, model) → seeds × labels.

    Labels that only one of the languages has are left out.
    """
    out = []
    several = min(2, len({language for _, language, _ in found}))
    for model in dict.fromkeys(model for _, _, model in found):
        counts = {}
        for (task, language, name), table in found.items():
            if name == model:
                for label, n in table.mean().items():
                    counts.setdefault(task, {}).setdefault(label, {})[language] = float(n)
        shared = {task: {label: n for label, n in labels.items() if len(n) >= several} for task, labels in counts.items()}
        out.append(figures.label_languages(shared, caption=model))
    return out


def stability(found: Found) -> figures.Figure:
    """What two seeds share of the first neurons, per engine (`stability.engines`)."""
    names = _names(found)
    ours = {names[key]: {engine: (row.kept, row.kept_lowest, row.kept) for engine, row in table.iterrows()} for key, table in found.items()}
    return figures.ablation_dots(ours, xlabel="shared by two seeds (%)")


def selections(found: Found, artefact: str) -> figures.Figure:
    """Accuracy on the first and last neurons of a ranking, a panel per task and kind of model (Dalvi 2019, tables 2, 4, 5, 6)."""
    printed, recorded = _beside(artefact, found, {}, {})
    return figures.ablation_dots(_measured(found), printed, recorded if any(recorded.values()) else None, printed_as="printed")


def majority(found: Found, artefact: str) -> figures.Figure:
    """Accuracy of the probe beside the local majority, a panel per task and kind of model (Dalvi 2019, table 1)."""
    names, printed = _names(found), published.load(artefact).values
    shown = {names[t, m]: {row: printed[key] for row, key in (("Probe", f"{m}/{t}"), ("Majority", f"Majority/{t}")) if key in printed} for t, m in found}
    return figures.ablation_dots(_measured(found), shown, printed_as="printed")


def damage(tables: Mapping[str, pd.DataFrame], orders: Mapping[str, tuple[str, str]], unit: str) -> figures.Figure:
    """Quality while neurons go, a panel per family (tables of `importance.Family.table`); orders: name → (order, end)."""
    curves = {panel: {name: importance.curve(table, *at) for name, at in orders.items()} for panel, table in tables.items()}
    return figures.damage_curves(curves, unit, log=unit == "perplexity")


def label_sizes(found: Found, closed: Mapping[str, Sequence[str]], open_class: Mapping[str, Sequence[str]]) -> list[figures.Figure]:
    """Neurons per label, fewest first: a figure per model, a panel per task; means over seeds."""
    classes = {x: False for xs in closed.values() for x in xs} | {x: True for xs in open_class.values() for x in xs}
    models = list(dict.fromkeys(model for _, model in found))
    out = []
    for m in models:
        counts = {task: {k: round(float(v)) for k, v in t.mean().items()} for (task, model), t in found.items() if model == m}
        out.append(figures.label_lollipops(counts, classes, caption=m if len(models) > 1 else ""))
    return out


def dominant_layers(found: Found, depth: Mapping[str, int]) -> list[figures.Figure]:
    """The layer that holds most of each label (`localisation.dominant_layers`): a figure per model, a panel per task."""
    out = []
    for m in depth:
        where = {task: {x: (t[x].mean(), t[x].min(), t[x].max()) for x in t.columns} for (task, model), t in found.items() if model == m}
        out.append(figures.label_layers(where, depth[m], caption=m if len(depth) > 1 else ""))
    return out


def sharing(found: Found, totals: Mapping[tuple[str, str], int]) -> figures.Figure:
    """The whole minimal set, and what a label brings into it, as shares of the network (`localisation.sharing`)."""
    shares = {key: 100 * table[["set", "per label"]].rename(columns={"set": "minimal set", "per label": "a label's"}) / totals[key] for key, table in found.items()}
    what = "Share of the network's neurons in per cent: the minimal set, and the mean of its labels"
    return figures.ablation_dots(_measured(shares), xlabel="share of all neurons (%)", what=what)


def lambdas(found: Mapping[tuple[str, str], pd.DataFrame], by_hand: tuple[float, float] | Mapping) -> list[figures.Figure]:
    """Accuracy and score over the λ grid (tables of `Study.grid`), a figure per study; `by_hand` is the paper's pair, or one per study."""
    names, out = _names(found), []
    for key, table in found.items():
        accuracy, score = (table.pivot(index="l1", columns="l2", values=c) for c in ("A_l", "S"))
        best = chosen(table)
        out.append(figures.lambda_surface(accuracy.index, accuracy.columns, accuracy, score, (best.l1, best.l2), by_hand.get(key) if isinstance(by_hand, Mapping) else by_hand, caption=names[key]))
    return out


def words(found: pd.DataFrame, artefact: str) -> figures.Figure:
    """Top words of single neurons (`qualitative.top_words`) beside the printed lists for the same label."""
    lists = published.load(artefact).lists
    rows = []
    for at in found.itertuples():
        printed = {f"{model}, layer {place.replace(':', ', neuron ')}": v for (label, model, place), v in ((k.split("/"), v) for k, v in lists.items()) if label == at.label}
        told = list(zip(at.words, at.activations, at.carries, strict=True))
        rows.append({"property": at.label, "neuron": f"{at.model}, layer {at.layer}: {at.neuron}", "words": told, "published": printed})
    return figures.top_words(rows)


def neurons(studies: Mapping[tuple[str, str], Study], found: pd.DataFrame, k: int, vmax: float = 4.0) -> list[figures.Figure]:
    """k sentences coloured by each found neuron's activation, on one scale in standard deviations."""
    out = []
    for at in found.itertuples():
        shown = qualitative.examples(studies[at.task, at.model], at.neuron, at.label, k)
        out.append(figures.activation_sentences(**shown, vmax=vmax, title=f"{at.label}: {at.model}, layer {at.layer}, neuron {at.neuron}"))
    return out


def positions(studies: Mapping[str, Study], found: Mapping[str, Mapping], k: int, vmax: float = 3.0) -> list[figures.Figure]:
    """Position neurons (`qualitative.position_neuron`, by model): k sentences each, and the mean along the sentence."""
    out = []
    for model, at in found.items():
        title = f"Position neuron of {model}: layer {at['layer']}, neuron {at['neuron']}"
        shown = qualitative.examples(studies[model], at["neuron"], None, k)
        out.append(figures.activation_sentences(**shown, vmax=vmax, title=title))
        x = (np.arange(len(at["profile"])) + 0.5) / len(at["profile"])
        out.append(figures.position_curve(Curve(tuple(x), tuple(at["profile"]), label=title)))
    return out


def overlaps(found: Overlaps) -> list[figures.Figure]:
    """The chance distribution with the overlaps of methods, and one matrix per method between tasks of one layer."""
    from .statistics import overlap_distribution

    table = found.table
    d, m = int(table["neurons"].iloc[0]), int(table["of"].iloc[0])
    seen = {f"{pair}, layer {layer}": float(part.overlap.mean()) for (pair, layer), part in table.groupby(["pair", "layer"], sort=True)}
    out = [figures.overlap_distribution(overlap_distribution(d, m, 2), seen, found.expected)]
    for method, square in found.between_tasks.items():
        out.append(figures.overlap_heatmap(list(square.index), square, found.expected, m, caption=f"{method}: first {m} neurons in common, of {d}"))
    return out


def crossing(found: Crossing, which: Sequence[int], ks: Sequence[int] = (), *, every_order: bool = False, quantity: str = "accuracy") -> figures.Figure:
    """Curves over k of some configurations: each probe with its own order, its reverse and the random one, or with every order.

    which     indices of configurations; quantity: "accuracy" (%), "control" (%) or "selectivity" (points)
    ks        sizes to be marked
    """
    values = getattr(found, quantity)
    drawn = [(p, o) for p in PROBES for o in ORDERS if every_order or o.removesuffix(" reversed") in (p, "random")]
    panels = {found.short[i]: {(p, o): values[i, PROBES.index(p), ORDERS.index(o)] for p, o in drawn} for i in which}
    lines = {found.short[i]: float(found.about.majority.iloc[i]) for i in which} if quantity == "accuracy" else {}
    ylabel = {"accuracy": "accuracy (%)", "control": "control accuracy (%)", "selectivity": "selectivity (points)"}[quantity]
    return figures.crossing_curves(found.ks.tolist(), panels, lines=lines, marks={k: "" for k in ks}, ylabel=ylabel)
