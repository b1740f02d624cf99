"""Accuracies as figures: ablation, the minimal set, redundancy.

Everywhere a filled mark is this run, a hollow circle what the paper prints, a diamond a recorded run; a thin line
through a mark is the seeds' spread or the interval. A measured value is a number or (mean, low, high).
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from ..types import Curve
from .style import LIGHT, PAGE, ROLES, Figure, colour, draw, finish, legend_line

__all__ = ["ablation_dots", "minimal_curves", "position_curve", "redundancy_dumbbells"]

Measured = float | tuple[float, float, float]
_PRINTED = {"marker": "o", "markerfacecolor": "none", "markersize": 6.5, "markeredgewidth": 1.1, "linestyle": "none"}
_RECORDED = {"marker": "D", "markersize": 4.6, "linestyle": "none", "markeredgewidth": 0.8}


def _triple(value: Measured) -> tuple[float, float, float]:
    mean, low, high = value if isinstance(value, (tuple, list)) else (value, value, value)
    return float(mean), float(low), float(high)


def _many(values) -> list[float]:
    """Printed values of one cell: a number, a list of them, or model → number."""
    values = list(values.values()) if isinstance(values, Mapping) else values
    return [float(v) for v in np.atleast_1d(values)]


def ablation_dots(
    ours: Mapping[str, Mapping[str, Measured]],
    published: Mapping[str, Mapping] | None = None,
    recorded: Mapping[str, Mapping[str, Measured]] | None = None,
    caption: str = "",
    printed_as: str = "printed",
    recorded_as: str = "recorded run",
    xlabel: str = "accuracy (%)",
    what: str = "Accuracy in per cent by neurons kept",
) -> Figure:
    """Accuracy per selection of neurons (rows), a panel per task (Durrani 2023, table 2).

    ours       task → selection ("All", "Top", "Random", "Bottom", "Magnitude") → accuracy in per cent
    published  task → selection → printed value(s), one hollow circle each
    recorded   task → selection → value of a recorded run
    what       the quantity, for the text alternative; xlabel names it on the axis
    """
    _wanted(ours)
    published, recorded = published or {}, recorded or {}
    tasks = list(ours)
    columns = min(len(tasks), 3)
    lines = -(-len(tasks) // columns)
    selections = list(dict.fromkeys(s for t in tasks for s in ours[t]))
    with draw(PAGE, 0.75 + lines * (0.45 + 0.4 * len(selections)), nrows=lines, ncols=columns, sharex=True, sharey=True) as (fig, axes):
        for ax, task in zip(axes.flat, tasks, strict=False):
            for k, name in enumerate(selections):
                if name not in ours[task]:
                    continue
                role = name.split("/")[-1].split()[0]  # "Top" of "Top 10" and of "Masked/Top 10"
                tint = colour(role) if role in ROLES else LIGHT["blue"]
                mean, low, high = _triple(ours[task][name])
                ax.plot([0, mean], [k, k], color=tint, lw=2.2, alpha=0.28, solid_capstyle="butt")
                ax.plot([low, high], [k, k], color=tint, lw=1.4)
                ax.plot(mean, k, marker="o", markersize=6.5, color=tint, linestyle="none", zorder=4)
                others = _many(published.get(task, {}).get(name, []))
                ax.plot(others, [k + 0.3] * len(others), color=tint, **{**_PRINTED, "markersize": 5})
                if name in recorded.get(task, {}):
                    value = _triple(recorded[task][name])[0]
                    ax.plot(value, k - 0.3, color=tint, **_RECORDED)
                ax.annotate(f"{mean:.1f}", (1.0, k), (3, 0), xycoords=("axes fraction", "data"), textcoords="offset points", ha="left", va="center", fontsize=9, color=tint)
            ax.set_title(task)
            ax.set(xlim=(0, 100), ylim=(len(selections) - 0.4, -0.6), yticks=range(len(selections)), yticklabels=selections)
            ax.set_xticks([0, 25, 50, 75, 100])
            ax.grid(axis="x")
            ax.spines["left"].set_visible(False)
            ax.tick_params(axis="both", length=0)
        _hide(axes.flat[len(tasks) :])
        _bottom_labels(axes, len(tasks), xlabel)
        _key(fig, published, recorded, printed_as, recorded_as)
        parts = [f"{t}: " + ", ".join(f"{s.lower()} {_triple(v)[0]:.1f}" for s, v in ours[t].items()) for t in tasks]
        return finish(fig, f"{what}. {'; '.join(parts)}.", caption)


def minimal_curves(
    curves: Mapping[str, Curve | Mapping[str, Curve]],
    oracle: Mapping[str, float],
    delta: float,
    chosen: Mapping[str, float] | None = None,
    published: Mapping[str, float] | None = None,
    caption: str = "",
    xlabel: str = "neurons kept (%)",
) -> Figure:
    """Accuracy of a retrained probe against the neurons kept, a panel per task (Durrani 2023, table 3).

    curves     task → Curve, or → name → Curve; x in per cent of the neurons, y accuracy in per cent
    oracle     task → accuracy with all neurons; the band below it is delta high
    delta      points that may be lost
    chosen     task → per cent of neurons in the minimal set
    published  task → the paper's
    """
    _wanted(curves)
    chosen, published = chosen or {}, published or {}
    tasks = list(curves)
    columns = min(len(tasks), 3)
    lines = -(-len(tasks) // columns)
    hues = ("blue", "purple", "orange", "green")
    names: dict[str, dict] = {}
    with draw(PAGE, 0.35 + 2.35 * lines, nrows=lines, ncols=columns) as (fig, axes):
        for ax, task in zip(axes.flat, tasks, strict=False):
            several = curves[task] if isinstance(curves[task], Mapping) else {"": curves[task]}
            best = oracle[task]
            ax.axhspan(best - delta, best, color=LIGHT["green"], alpha=0.16, lw=0)
            ax.axhline(best, color=LIGHT["green"], lw=1.2)
            for hue, (name, curve) in zip(hues, several.items(), strict=False):
                tint = LIGHT[hue]
                if curve.low:
                    ax.fill_between(curve.x, curve.low, curve.high, color=tint, alpha=0.18, lw=0)
                ax.plot(curve.x, curve.y, color=tint, lw=1.6, marker="o" if len(curve.x) <= 25 else "", markersize=3.2)
                if name:
                    names[name] = {"linestyle": "-", "color": tint, "linewidth": 1.6}
            first = next(iter(several.values()))
            low = min(min(c.y) for c in several.values())
            span = max(best - low, 2 * delta, 1e-6)
            ax.set_ylim(low - 0.16 * span, best + 0.2 * span)
            right = max(max(c.x) for c in several.values())
            ax.set_xlim(0, right * 1.04)
            ax.annotate(f"all neurons {best:.1f}", (right * 1.04, best), (-1, 3), textcoords="offset points", ha="right", va="bottom", fontsize=9, color=LIGHT["green"])
            if task in chosen:
                n = chosen[task]
                y = float(np.interp(n, first.x, first.y))
                ax.plot([n, n], [low - 0.16 * span, y], color=LIGHT["blue"], lw=1, linestyle=(0, (2, 2)))
                ax.plot(n, y, marker="o", markersize=7.5, color=LIGHT["blue"])
                ax.annotate(f"{n:g} %", (n, low - 0.16 * span), (4, 13), textcoords="offset points", fontsize=9, fontweight="bold", color=LIGHT["blue"])
            if task in published:
                ax.plot(published[task], low - 0.11 * span, zorder=5, color=LIGHT["ink"], **_PRINTED)
            ax.set_title(task)
            ax.tick_params(length=0)
            ax.grid(axis="y")
        _hide(axes.flat[len(tasks) :])
        for ax in axes[:, 0]:
            ax.set_ylabel("accuracy (%)")
        _bottom_labels(axes, len(tasks), xlabel)
        items = {f"within δ = {delta:g} of all neurons": {"marker": "s", "color": LIGHT["green"], "alpha": 0.4, "markersize": 9}}
        if chosen:
            items["minimal set"] = {"marker": "o", "color": LIGHT["blue"], "markersize": 7.5}
        if published:
            items["the paper's"] = {**_PRINTED, "color": LIGHT["ink"]}
        legend_line(fig, names | items)
        parts = [f"{t}: all neurons {oracle[t]:.1f}" + (f", minimal set {chosen[t]:g} per cent" if t in chosen else "") for t in tasks]
        return finish(fig, f"Accuracy against the share of neurons kept, delta {delta:g}. {'; '.join(parts)}.", caption)


def redundancy_dumbbells(
    ours: Mapping[str, Mapping[str, Measured]],
    published: Mapping[str, Mapping] | None = None,
    recorded: Mapping[str, Mapping[str, Measured]] | None = None,
    margin: float = 3.0,
    caption: str = "",
    printed_as: str = "printed",
    recorded_as: str = "recorded run",
) -> Figure:
    """Accuracy after retraining on top, random and bottom neurons, a line per task (Durrani 2023, table 5).

    ours    task → {"All", "Top", "Random", "Bottom"} → accuracy in per cent ("All" may be missing)
    margin  points below the top that count as close, shaded
    """
    _wanted(ours)
    published, recorded = published or {}, recorded or {}
    tasks = list(ours)
    seen = [x for v in ours.values() for m in v.values() for x in _triple(m)]
    seen += [x for s in (published, recorded) for t in tasks for m in s.get(t, {}).values() for x in _many(m if s is published else _triple(m)[0])]
    low, high = min(seen), max(seen)
    low = min(low, min(_triple(v["Top"])[0] - margin for v in ours.values()))
    pad = 0.05 * max(high - low, 1)
    with draw(PAGE, 0.95 + 0.78 * len(tasks)) as (fig, axes):
        ax = axes[0, 0]
        for k, task in enumerate(tasks):
            cells = {s: _triple(v) for s, v in ours[task].items()}
            means = [m for s, (m, *_) in cells.items() if s != "All"]
            top = cells["Top"][0]
            ax.fill_between([top - margin, top], k - 0.34, k + 0.34, color=LIGHT["green"], alpha=0.14, lw=0)
            ax.plot([min(means), max(means)], [k, k], color=LIGHT["line"], lw=2.5, zorder=1)
            if "All" in cells:
                ax.plot([cells["All"][0]] * 2, [k - 0.2, k + 0.2], color=LIGHT["ink"], lw=1.6)
            for name in ("Bottom", "Random", "Top"):
                if name not in cells:
                    continue
                mean, lo, hi = cells[name]
                ax.plot([lo, hi], [k, k], color=colour(name), lw=1.4, zorder=3)
                ax.plot(mean, k, marker="o", markersize=8, color=colour(name), zorder=4)
                for x in _many(published.get(task, {}).get(name, [])):
                    ax.plot(x, k + 0.27, color=colour(name), **{**_PRINTED, "markersize": 5.5})
                if name in recorded.get(task, {}):
                    ax.plot(_triple(recorded[task][name])[0], k - 0.25, color=colour(name), **_RECORDED)
        ax.set(xlim=(low - pad, high + pad), ylim=(len(tasks) - 0.45, -0.55), yticks=range(len(tasks)), yticklabels=tasks, xlabel="accuracy after retraining (%)")
        ax.grid(axis="x")
        ax.spines["left"].set_visible(False)
        ax.tick_params(length=0)
        roles = {s.lower(): {"marker": "o", "color": colour(s), "markersize": 7} for s in ("Bottom", "Random", "Top") if any(s in v for v in ours.values())}
        roles |= {"all": {"marker": "|", "color": LIGHT["ink"], "markersize": 9, "markeredgewidth": 1.6}} if any("All" in v for v in ours.values()) else {}
        roles[f"within {margin:g} of top"] = {"marker": "s", "color": LIGHT["green"], "alpha": 0.35, "markersize": 9}
        _key(fig, published, recorded, printed_as, recorded_as, before=roles)
        parts = [f"{t}: " + ", ".join(f"{s.lower()} {_triple(v)[0]:.1f}" for s, v in ours[t].items()) for t in tasks]
        return finish(fig, f"Accuracy in per cent after retraining on as many top, random and bottom neurons. {'; '.join(parts)}.", caption)


def position_curve(curve: Curve, caption: str = "", xlabel: str = "position in the sentence (0 first word, 1 last)") -> Figure:
    """Mean activation of one neuron along the sentence, with an interval (Durrani 2023, figure 5)."""
    with draw(PAGE, 2.3) as (fig, axes):
        ax = axes[0, 0]
        x, y = np.array(curve.x), np.array(curve.y)
        ax.axhline(0, color=LIGHT["line"], lw=1)
        if curve.low:
            ax.fill_between(x, curve.low, curve.high, color=LIGHT["grey"], alpha=0.22, lw=0)
        ax.plot(x, y, color=LIGHT["grey"], lw=1.2)
        for sign, tint in ((y >= 0, "blue"), (y < 0, "orange")):
            ax.plot(x[sign], y[sign], color=LIGHT[tint], marker="o", linestyle="none", markersize=5.5)
        ax.set(xlabel=xlabel, ylabel="mean activation")
        ax.tick_params(length=0)
        if curve.label:
            ax.set_title(curve.label)
        return finish(fig, f"Mean activation of {curve.label or 'a neuron'} runs from {y[0]:.2f} at {x[0]:g} to {y[-1]:.2f} at {x[-1]:g}.", caption)


def _wanted(data) -> None:
    if not data:
        raise ValueError("nothing to draw; give at least one task")


def _hide(axes) -> None:
    for ax in axes:
        ax.axis("off")


def _bottom_labels(axes, n: int, xlabel: str) -> None:
    """The x label, and tick labels, under the lowest panel of each column."""
    columns = axes.shape[1]
    for k, ax in enumerate(axes.flat[:n]):
        if k + columns >= n:
            ax.set_xlabel(xlabel)
            ax.tick_params(axis="x", labelbottom=True)


def _key(fig, published, recorded, printed_as, recorded_as, before=None) -> None:
    items = dict(before or {"here, with the seeds' spread": {"marker": "o", "markersize": 6.5}})
    if published:
        items[printed_as] = _PRINTED
    if recorded:
        items[recorded_as] = _RECORDED
    legend_line(fig, items)
