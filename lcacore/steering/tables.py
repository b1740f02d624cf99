"""Many configurations side by side. `studies` is always {(name, layer): Steering}, name being "English number" or so."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

import numpy as np
import pandas as pd

from ..interventions import saturation_point
from .protocol import FORWARD, ORDERS, Steering

__all__ = ["at_betas", "cross", "curves", "flipped", "limits", "overview", "printed", "readings", "saturation_rows", "saturations", "standings", "steps", "sweep", "versus"]

Studies = Mapping[tuple[str, int], Steering]
_OF = 768  # neurons of the paper's models; its numbers of neurons are shares of these


def steps(d: int, neurons: Sequence[int]) -> tuple[int, ...]:
    """Numbers of neurons, of 768 as in the paper, as the same shares of d."""
    return tuple(dict.fromkeys(round(n * d / _OF) for n in neurons))


def cross(models: Mapping[str, str], tasks: Mapping[str, str], layers: Sequence[int], *, sentences: Mapping[str, int | None], more: Mapping[str, int] | None = None, **settings) -> dict[tuple[str, int], Steering]:
    """("English number", layer) → Steering, for every task whose language has a model.

    models   language → model spec ("English": …), or "all" for one that reads them all
    tasks    "<language> <attribute>" → task spec
    more     task → sentences of test, where it is to have another number: of an attribute that few words carry, say

    Raises ValueError where no task has a model.
    """
    out = {}
    for name, task in tasks.items():
        spec = models.get(name.split()[0], models.get("all"))
        sizes = dict(sentences) | ({"test": more[name]} if more and name in more else {})
        for layer in layers if spec else ():
            out[name, int(layer)] = Steering(model=spec, task=task, layer=int(layer), sentences=tuple(sizes.items()), **settings)
    if not out:
        raise ValueError(f"no task of {', '.join(tasks)} has a model in {', '.join(models)}; name models by the language that tasks begin with, or all")
    return out


def limits(studies: Studies, split: str = "test") -> pd.DataFrame:
    """What bounds the measures (`Steering.limits`), a row per name; they are the same at each layer. Shares in per cent."""
    rows = {}
    for (name, _), study in studies.items():
        if name not in rows:
            found = study.limits(split)
            rows[name] = {"values": " ".join(study.values), "words": found.pop("words")} | {k: f"{100 * v:.1f} %" for k, v in found.items()}
    return pd.DataFrame.from_dict(rows, orient="index")


def curves(studies: Studies, neurons: Sequence[int], orders: Sequence[str] = ORDERS, **settings) -> dict[tuple[str, int], dict[str, pd.DataFrame]]:
    """Configuration → order → curve: index the share of the neurons in per cent; error, clwv, missing in per cent.

    neurons    how many of 768
    settings   kind, beta, split, … of `Steering.effect`
    """
    out = {}
    for key, study in studies.items():
        d = study.network.width
        found = {order: 100 * study.effect(order, steps(d, neurons), **settings).curve() for order in orders}
        out[key] = {order: curve.set_axis(100 * curve.index / d) for order, curve in found.items()}
    return out


def saturations(studies: Studies, neurons: Sequence[int], *, within: int = 150, rule: str = "risen", orders: Sequence[str] = FORWARD, n_boot: int = 200, **settings) -> pd.DataFrame:
    """CLWV at the saturation point, looked for up to `within` of 768 neurons; a row per configuration and order.

    name, layer, order; clwv, error, missing (shares), k (neurons) and of_768 (the same share of 768), reached; low, high: 95 %
    of the CLWV found in resampled sentences, each with a saturation point of its own. settings: as `Steering.effect`; rule: of `interventions.saturation_point`.
    """
    rows = []
    for (name, layer), study in studies.items():
        d = study.network.width
        for order in orders:
            effect = study.effect(order, steps(d, neurons), **settings).up_to(steps(d, [within])[0])
            at, curve = effect.saturation(rule), effect.curve()
            again = [saturation_point(effect.ks, row, rule=rule).value for row in effect.resampled(n_boot)]
            low, high = np.quantile(again, [0.025, 0.975]) if n_boot else (at.value, at.value)
            rest = {"error": curve.error.iloc[at.index], "missing": curve.missing.iloc[at.index], "k": at.k, "of_768": at.k * _OF / d, "reached": at.reached}
            rows.append({"name": name, "layer": layer, "order": order, "clwv": at.value, "low": low, "high": high, **rest})
    return pd.DataFrame(rows)


def flipped(studies: Studies, neurons: Sequence[int], *, order: str = "probeless", first: int | None = None, **settings) -> pd.DataFrame:
    """Where an attribute is changed best: for each name the layer and number of neurons with the highest CLWV on dev, and CLWV on test there.

    layer, k, dev, test, low, high (95 % over resampled sentences of test), error (on test), ceiling (`Steering.limits`).
    neurons   how many of 768; first: read the first sentences of dev only; settings: beta, … of `Steering.effect`
    """
    chosen: dict[str, tuple] = {}
    for (name, layer), study in studies.items():
        ks = steps(study.network.width, neurons)
        curve = replace(study, first=first).effect(order, ks, split="dev", **settings).curve().clwv
        if name not in chosen or curve.max() > chosen[name][0]:
            chosen[name] = (curve.max(), layer, int(curve.idxmax()))
    rows = {}
    for name, (dev, layer, k) in chosen.items():
        study = studies[name, layer]
        effect = study.effect(order, [k], **settings)
        low, high = np.quantile(effect.resampled()[:, 0], [0.025, 0.975])
        rows[name] = {"layer": layer, "k": k, "dev": dev, "test": effect.clwv.mean(), "low": low, "high": high, "error": effect.error.mean(), "ceiling": study.limits()["ceiling"]}
    return pd.DataFrame.from_dict(rows, orient="index")


def versus(studies: Studies, neurons: Sequence[int], pairs: Sequence[tuple[str, str]], *, within: int = 150, rule: str = "risen", n_boot: int = 200, **settings) -> pd.DataFrame:
    """Differences of CLWV at the saturation point between two orders, mean over configurations: a row per pair.

    difference, low, high (95 % over resampled sentences, the same for both orders), higher, lower: configurations won and
    lost, and those whose own interval excludes 0.
    """
    rows = {}
    for a, b in pairs:
        ours, drawn, clear = [], [], [0, 0]
        for study in studies.values():
            d = study.network.width
            effects = [study.effect(order, steps(d, neurons), **settings).up_to(steps(d, [within])[0]) for order in (a, b)]
            values = [e.saturation(rule).value for e in effects]
            again = [np.array([saturation_point(e.ks, row, rule=rule).value for row in e.resampled(n_boot)]) for e in effects]
            ours.append(values[0] - values[1])
            drawn.append(again[0] - again[1])
            low, high = np.quantile(drawn[-1], [0.025, 0.975])
            clear = [clear[0] + int(low > 0), clear[1] + int(high < 0)]
        low, high = np.quantile(np.mean(drawn, axis=0), [0.025, 0.975])
        counts = {"higher": int(np.sum(np.array(ours) > 0)), "lower": int(np.sum(np.array(ours) < 0)), "surely higher": clear[0], "surely lower": clear[1]}
        rows[f"{a} − {b}"] = {"difference": float(np.mean(ours)), "low": float(low), "high": float(high), **counts}
    return pd.DataFrame.from_dict(rows, orient="index")


def standings(table: pd.DataFrame) -> pd.DataFrame:
    """A row per order of a table of `saturations`: in how many configurations it has the highest CLWV (alone), the lowest (alone), the fewest neurons (ties counted); means."""
    clwv, k = (table.pivot(index=["name", "layer"], columns="order", values=column) for column in ("clwv", "of_768"))
    best, worst = clwv.eq(clwv.max(axis=1), axis=0), clwv.eq(clwv.min(axis=1), axis=0)
    alone, last = ((x.sum(axis=1) == 1).to_numpy()[:, None] for x in (best, worst))
    columns = {"highest": (best & alone).sum(), "lowest": (worst & last).sum(), "fewest": k.eq(k.min(axis=1), axis=0).sum(), "CLWV": clwv.mean(), "neurons of 768": k.mean()}
    return pd.DataFrame(columns).loc[list(dict.fromkeys(table.order))].assign(configurations=len(clwv))


def printed(values: Mapping[str, float], layers: Mapping[int, int], group: str = "") -> pd.DataFrame:
    """A paper's saturation tables as `saturations` gives its own: name, layer, order, clwv, of_768.

    values   key → number, keys reading "<group>/CLWV/Linear/English number/2" and "…/Neurons/…" (`published.load(…).values`)
    layers   the paper's layer → ours
    """
    start, rows = f"{group}/" if group else "", []
    for key, clwv in values.items():
        if key.startswith(f"{start}CLWV/"):
            _, method, name, layer = key.removeprefix(start).split("/")
            if int(layer) in layers:
                rows.append({"name": name, "layer": layers[int(layer)], "order": method.lower(), "clwv": clwv, "of_768": values[f"{start}Neurons/{method}/{name}/{layer}"]})
    return pd.DataFrame(rows)


def saturation_rows(report, table: pd.DataFrame, layers: Mapping[int, int], group: str = "") -> None:
    """A table of `saturations` as rows of a page's report, beside the paper's: CLWV with its interval, and neurons of 768.

    layers, group   as `printed` reads them
    """
    start, theirs = f"{group}/" if group else "", {ours: printed for printed, ours in layers.items()}
    for at in table.itertuples():
        column, says = f"{at.order.title()}/{at.name}/{theirs[at.layer]}", f"{at.name}, layer {at.layer}, {at.order.title()}"
        says = f"{group}: {says}" if group else says
        report.row(f"{start}CLWV/{column}", f"{says}: CLWV", at.clwv, low=at.low, high=at.high, tolerance=0.1)
        report.row(f"{start}Neurons/{column}", f"{says}: neurons (of 768)", at.of_768, unit="neurons", tolerance=60)


def sweep(studies: Studies, neurons: Sequence[int], betas: Sequence[float], *, orders: Sequence[str] = FORWARD, split: str = "dev", first: int | None = None, **settings) -> pd.DataFrame:
    """`saturations` for each β: its columns, beta, and gap (error − CLWV at the saturation point).

    first   sentences of the split that are looked at
    """
    part = {key: replace(study, first=first) for key, study in studies.items()}
    return at_betas(part, neurons, dict.fromkeys((name for name, _ in studies), betas), orders=orders, split=split, **settings)


def at_betas(studies: Studies, neurons: Sequence[int], betas: Mapping[str, Sequence[float]], *, split: str = "test", **settings) -> pd.DataFrame:
    """`sweep` with β of their own for each name, by default on test."""
    tables = []
    for key, study in studies.items():
        for beta in betas[key[0]]:
            tables.append(saturations({key: study}, neurons, n_boot=0, beta=float(beta), split=split, **settings).assign(beta=float(beta)))
    table = pd.concat(tables, ignore_index=True).drop(columns=["low", "high"])
    return table.assign(gap=table.error - table.clwv)


def overview(studies: Studies, neurons: Sequence[int], order: str, **settings) -> pd.DataFrame:
    """One order's error rate and CLWV in per cent: a row per configuration and measure, a column per number of neurons (of 768)."""
    rows = {}
    for (name, layer), study in studies.items():
        curve = 100 * study.effect(order, steps(study.network.width, neurons), **settings).curve()
        for measure in ("error", "clwv"):
            rows[name, layer, measure] = dict(zip(neurons, curve[measure].round(1), strict=True))
    return pd.DataFrame.from_dict(rows, orient="index").rename_axis(["", "layer", "of 768:"])


def readings(studies: Studies, neurons: Sequence[int], *, orders: Sequence[str] = FORWARD, **settings) -> pd.DataFrame:
    """What each difference between paper and published code moves: means over configurations and orders, a row per reading."""
    tagged = {key: replace(study, context="upos") for key, study in studies.items()}
    named = {
        "as on this page": {},
        "saturation at 0 allowed, if CLWV is 0 there and at the next two points": {"rule": "paper"},
        "compared with the text, not the prediction (code)": {"compared_with": "text"},
        "a missing value is a wrong one (code)": {"missing_is_wrong": True},
        "third rule of the saturation point (code)": {"rule": "code"},
        "all three (code)": {"compared_with": "text", "missing_is_wrong": True, "rule": "code"},
    }
    tables = {name: saturations(studies, neurons, orders=orders, n_boot=0, **switch, **settings) for name, switch in named.items()}
    tables["homographs told by part of speech"] = saturations(tagged, neurons, orders=orders, n_boot=0, **settings)
    return pd.DataFrame({name: {"CLWV": t.clwv.mean(), "error": t.error.mean(), "neurons of 768": t.of_768.mean()} for name, t in tables.items()}).T
