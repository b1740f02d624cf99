"""Claims that compare models or look at many cells: their criteria, stated once and handed to a page's report.

Tables are {(task, model): data frame, seeds × quantities}. `stands_for` says which of the paper's models a model stands
for; a claim about models that are not there is judged "not applicable", with the reason.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd

from .summaries import layers as layer_shares
from .summaries import listed

__all__ = ["dominant_layers", "layers_2020", "minimal_2020", "needs", "sharing_2020"]

Tables = Mapping[tuple[str, str], pd.DataFrame]
LEXICAL, SYNTACTIC = ("POS", "SEM"), ("Chunking", "CCG")


def _names(tables: Tables, stands_for: Mapping) -> dict[str, str]:
    """Model → the paper's name for it, or its own."""
    return {model: stands_for.get(model, model) for _, model in tables}


def needs(*wanted: str) -> str:
    """The reason why a claim about these models is not judged."""
    return f"needs models like {' and '.join(wanted)}" if len(wanted) > 1 else f"needs a model like {wanted[0]}"


def _said(values: Mapping[tuple[str, str], float], unit: str = "") -> str:
    return listed({"/".join(k): v for k, v in values.items()}, unit)


def _close(values) -> bool:
    """The largest less than a third above the smallest."""
    return max(values) < min(values) * 4 / 3


def minimal_2020(report, chosen: Tables, tables: Tables, stands_for: Mapping) -> None:
    """The claims of Durrani 2020 table 2.

    chosen  neurons, Neu_t, and Acc_a, Acc_t on test and dev (`supplements.minimal_set`)
    tables  Sel_a, Sel_t on test and dev (`supplements.selectivity`)
    """
    names = _names(chosen, stands_for)
    tasks = list(dict.fromkeys(task for task, _ in chosen))
    size = {key: table["neurons"].mean() for key, table in chosen.items()}
    percent = {key: table["Neu_t"].mean() for key, table in chosen.items()}
    network = {model: size[task, model] / percent[task, model] for task, model in chosen}
    loss = {key: (table["Acc_a"] - table["Acc_t"]).mean() for key, table in chosen.items()}
    few = [v for (task, model), v in percent.items() if task in LEXICAL and names[model] in ("BERT", "XLNet")]
    said = "size of the minimal set: " + _said(percent, "%")
    report.claim("few_suffice", max(percent.values()) <= 33 and max(few, default=0) <= 4, said)
    report.claim("no_loss", max(loss.values()) < 0.5, "loss on test: " + _said(loss, " points"))
    both = [m for m in names if all((task, m) in size for task in (*LEXICAL, *SYNTACTIC))]
    fewer = [max(size[t, m] for t in LEXICAL) < min(size[t, m] for t in SYNTACTIC) for m in both]
    report.claim("lexical_fewer", all(fewer) if both else None, said if both else "needs POS, SEM, chunking and CCG")

    by_task = {task: {names[m]: v for (t, m), v in size.items() if t == task} for task in tasks}
    several = len(names) > 1
    counted = "neurons: " + "; ".join(f"{task}: " + listed(values) for task, values in by_task.items())
    report.claim("comparable_numbers", sum(_close(v.values()) for v in by_task.values()) > len(tasks) / 2 if several else None, counted if several else "needs two models")
    paper = ("BERT", "XLNet", "T-ELMo", "ELMo")
    whole = set(paper) <= set(names.values())
    lexical = [by_task[task] for task in LEXICAL if task in by_task]
    same = [_close([v[m] for m in paper if m != "T-ELMo"]) and v["T-ELMo"] > max(v[m] for m in paper if m != "T-ELMo") for v in lexical] if whole else []
    report.claim("lexical_same_but_telmo", all(same) if same else None, counted if same else needs(*paper))
    extremes = [sum(pick(v, key=v.get) == name for v in by_task.values()) > len(tasks) / 2 for pick, name in ((min, "ELMo"), (max, "T-ELMo"))] if whole else []
    report.claim("elmo_fewest_telmo_most", all(extremes) if extremes else None, counted if extremes else needs("ELMo", "T-ELMo", "two others"))
    if len(names) > 2:
        rho = {task: float(np.corrcoef([network[m] for m in names], [size[task, m] for m in names])[0, 1]) for task in tasks if all((task, m) in size for m in names)}
        report.claim("no_size_correlation", bool(np.nanmean(list(rho.values())) < 0.5), "correlation of set and network size: " + listed(rho))
    else:
        report.claim("no_size_correlation", None, "needs three models of different sizes")

    gain = {(f"{mark}{task}", model): (table[f"{mark}Sel_t"] - table[f"{mark}Sel_a"]).mean() for mark in ("", "dev/") for (task, model), table in tables.items()}
    report.claim("selective", min(gain.values()) > 0, "Sel_t minus Sel_a: " + _said(gain, " points"))
    selective = {key: table["Sel_t"].mean() for key, table in tables.items()}
    ccg = [m for m in names if ("CCG", m) in selective and sum(model == m for _, model in selective) > 1]
    least = [selective["CCG", m] == min(v for (_, model), v in selective.items() if model == m) for m in ccg]
    report.claim("ccg_least_selective", all(least) if ccg else None, "Sel_t: " + _said(selective, " points") if ccg else "needs CCG and another task")


def layers_2020(report, layers: Tables, stands_for: Mapping, middle: Sequence[int] = (4, 7), of: int = 12) -> None:
    """The claims of Durrani 2020 figure 1; `layers` are neurons per layer, `middle` the first and last layer of a network of `of`."""
    names = _names(layers, stands_for)
    found = {key: layer_shares(table).mean() for key, table in layers.items()}
    share = {key: table.mean() / table.mean().sum() for key, table in layers.items()}
    low = {k: m["lower half"] for k, m in found.items() if k[0] in LEXICAL and names[k[1]] != "BERT"}
    high = {k: 100 - m["lower half"] for k, m in found.items() if k[0] == "CCG"}
    report.claim("lexical_low", min(low.values()) > 50 if low else None, "share in the lower half: " + _said(low, "%") if low else "needs a model other than BERT")
    report.claim("ccg_high", min(high.values()) > 50 if high else None, "share in the upper half: " + _said(high, "%") if high else "needs CCG")
    even = {names[m]: float(np.mean([f["evenness"] for (_, model), f in found.items() if model == m])) for m in names}
    report.claim("bert_even", even["BERT"] == max(even.values()) if "BERT" in even and len(even) > 1 else None, "evenness: " + listed(even, "%") if len(even) > 1 else "needs models of more than one architecture")
    first = {k: 100 * s.iloc[0] for k, s in share.items() if names[k[1]] == "XLNet"}
    even_share = {k: 100 / len(s) for k, s in share.items()}
    report.claim("xlnet_skips_embeddings", all(v < even_share[k] for k, v in first.items()) if first else None, "share of the embedding layer: " + _said(first, "%") if first else needs("XLNet"))

    pos = {names[m]: s for (task, m), s in share.items() if task == "POS"}
    least = {m: 100 * pos[m].min() for m in ("BERT", "ELMo") if m in pos}
    report.claim("pos_all_layers", min(least.values()) > 0 if least else None, "least share of a layer, POS: " + listed(least, "%") if least else needs("BERT", "ELMo"))
    one = {m: int(pos[m].idxmax()) for m in ("T-ELMo", "ELMo") if m in pos}
    report.claim("pos_layer_one", all(v == 1 for v in one.values()) if one else None, "layer with the most neurons, POS: " + listed(one) if one else needs("T-ELMo", "ELMo"))
    bert = next((m for m, name in names.items() if name == "BERT"), None)
    sem = share.get(("SEM", bert))
    if sem is None:
        report.claim("sem_bert_middle", None, needs("BERT"))
    else:
        depth = sem.index.to_numpy(float) / max(sem.index)
        inside = (depth >= middle[0] / of - 1e-9) & (depth <= middle[1] / of + 1e-9)
        report.claim("sem_bert_middle", bool(sem[inside].sum() > inside.mean()), f"layers {', '.join(str(x) for x in sem.index[inside])} hold {100 * sem[inside].sum():.1f}% of the set and {100 * inside.mean():.1f}% of all neurons")
    others = {names[m]: int(s.idxmax()) for (task, m), s in share.items() if task == "SEM" and names[m] in ("XLNet", "T-ELMo", "ELMo")}
    report.claim("sem_first_layer", all(v == 1 for v in others.values()) if others else None, "layer with the most neurons, SEM: " + listed(others) if others else needs("XLNet", "T-ELMo", "ELMo"))
    mean = {task: found[task, bert]["mean depth"] for task in ("SEM", "Chunking") if (task, bert) in found}
    report.claim("chunking_higher", bool(mean["Chunking"] > mean["SEM"]) if len(mean) == 2 else None, "mean depth: " + listed(mean, "%") if len(mean) == 2 else "needs SEM and chunking in a BERT-like model")


def sharing_2020(report, shared: Tables, stands_for: Mapping) -> None:
    """The claims of Durrani 2020 figure 3; `shared` is `localisation.sharing` of each study."""
    names = _names(shared, stands_for)
    mean = {key: table.mean() for key, table in shared.items()}
    tasks = list(dict.fromkeys(task for task, _ in shared))
    several, xlnet = len(names) > 1, "XLNet" in names.values() and len(names) > 1

    def lowest(column):
        return all(min((mean[task, m][column], names[m]) for m in names if (task, m) in mean)[1] == "XLNet" for task in tasks)

    for claim, column in (("fewer_per_label", "per label"), ("exclusive", "labels per neuron")):
        said = f"{column}: " + _said({k: m[column] for k, m in mean.items()})
        report.claim(claim, lowest(column) if xlnet else None, said if xlnet else "needs an XLNet-like model beside another")
    close = all(_close([mean[task, m]["set"] for m in names if (task, m) in mean]) for task in tasks)
    report.claim("same_total", close if several else None, "neurons in the set: " + _said({k: m["set"] for k, m in mean.items()}) if several else "needs two models")


def dominant_layers(report, where: Tables, depth: Mapping[str, int], last: Mapping, lowest: Mapping, vary: Mapping) -> None:
    """The claims of Durrani 2020 figure 5.

    where  seeds × labels: the layer that holds most of a label; depth  model → its last layer
    last, lowest, vary  task → labels that the paper names for each claim
    """

    def of(group):
        return {(label, model): table[label].mean() for (task, model), table in where.items() for label in group.get(task, []) if label in table}

    def missing(group):
        return f"the corpora have no {' or '.join(x for labels in group.values() for x in labels)}"

    high, low, differ = of(last), of(lowest), of(vary)
    report.claim("fw_last", all(v >= 0.75 * depth[m] for (_, m), v in high.items()) if high else None, "layer: " + _said(high) if high else missing(last))
    report.claim("common_low", all(v <= 1 for v in low.values()) if low else None, "layer: " + _said(low) if low else missing(lowest))
    relative = {key: v / depth[key[1]] for key, v in differ.items()}
    spread = {label: max(v for (x, _), v in relative.items() if x == label) - min(v for (x, _), v in relative.items() if x == label) for label, _ in relative}
    report.claim("some_differ", all(v > 0.25 for v in spread.values()) if spread and len(depth) > 1 else None, "difference in relative depth: " + listed(spread) if len(depth) > 1 else "needs two models")
