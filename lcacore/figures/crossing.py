"""Probes crossed with orders: curves, what separates them, clusters, tests (Antverg & Belinkov 2022)."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from html import escape

import numpy as np

from .style import LIGHT, PAGE, Figure, contrast, draw, finish, halo, legend_line, mix

__all__ = ["crossing_curves", "gap_map", "overlap_dots", "p_matrices", "pattern_map"]

_HUES = {"Linear": "blue", "Gaussian": "orange"}
_PATTERN = {"Standard": ("green", "o"), "G>L": ("orange", "^"), "L>G": ("blue", "v"), "mixed": ("grey", "s")}


def crossing_curves(
    ks: Sequence[int],
    panels: Mapping[str, Mapping[tuple[str, str], Sequence[float]]],
    *,
    lines: Mapping[str, float] | None = None,
    marks: Mapping[int, str] | None = None,
    ylabel: str = "accuracy (%)",
    columns: int = 3,
    caption: str = "",
) -> Figure:
    """Curves over the number of neurons, a panel each; colour the probe, line the order (figures 3, 8 and 10).

    panels  name → (probe, order) → value per size; "… reversed" is drawn dotted, "random" dashed, a forward order solid;
            the forward and reversed orders that are not the probe's own are drawn thinner
    lines   panel → a horizontal line (the majority label)
    marks   size → what it stands for ("150 of 768")
    """
    if not panels:
        raise ValueError("nothing to draw; give at least one panel")
    lines, marks = lines or {}, marks or {}
    ticks = sorted({1, *marks, max(ks)}) if marks else [1, 10, max(ks)]
    columns = min(columns, len(panels))
    rows = -(-len(panels) // columns)
    with draw(PAGE, 0.6 + 2.5 * rows, nrows=rows, ncols=columns, sharex=True) as (fig, axes):
        for ax, (name, curves) in zip(axes.flat, panels.items(), strict=False):
            for (probe, order), y in curves.items():
                style = ":" if order.endswith("reversed") else (0, (4, 2)) if order == "random" else "-"
                own = order.removesuffix(" reversed") in (probe, "random")
                ax.plot(ks, y, color=LIGHT[_HUES[probe]], linestyle=style, lw=1.6 if own else 0.9, alpha=1 if own else 0.75)
            if name in lines:
                ax.axhline(lines[name], color=LIGHT["line"], lw=1.2, zorder=0)
                ax.annotate("majority", (ks[-1], lines[name]), (0, 2), textcoords="offset points", ha="right", va="bottom", fontsize=9, color=LIGHT["muted"], path_effects=halo())
            for k in marks:
                ax.axvline(k, color=LIGHT["line"], lw=0.8, zorder=0)
            ax.set_title(name)
            ax.tick_params(length=0)
            ax.grid(axis="y")
        for ax in axes.flat[len(panels) :]:
            ax.axis("off")
        for ax in axes[:, 0]:
            ax.set_ylabel(ylabel)
        for i, ax in enumerate(axes.flat[: len(panels)]):
            if i + columns >= len(panels):
                ax.set_xlabel("neurons k (logarithmic)")
                ax.tick_params(axis="x", labelbottom=True)
            ax.set_xscale("log")
            ax.set_xticks(ticks, [str(k) for k in ticks], minor=False)
            ax.set_xticks([], minor=True)
        items = {f"{probe} probe": {"linestyle": "-", "color": LIGHT[hue]} for probe, hue in _HUES.items()}
        items |= {"order as ranked": {"linestyle": "-"}, "random": {"linestyle": (0, (4, 2))}, "reversed": {"linestyle": ":"}}
        legend_line(fig, items, handlelength=2.0)
        said = []
        for name, curves in panels.items():
            said.append(f"{name}: " + ", ".join(f"{p} by {o} {float(y[-1]):.1f}" for (p, o), y in curves.items()))
        return finish(fig, f"{ylabel} against the number of neurons, at {max(ks)} neurons: {'; '.join(said)}.", caption)


def gap_map(names: Sequence[str], between_orders: Sequence[float], between_probes: Sequence[float], pattern: Sequence[str], caption: str = "") -> Figure:
    """How far apart the orders are (x) and the probes (y), in points: outside the wedge a bad order wins (section 3.2).

    Above the upper line the better probe is the Gaussian one and its random order beats the Linear probe's own order; below
    the lower line the other way round. Each point names its configuration when it is pointed at.
    """
    x, y, pattern = np.asarray(between_orders, dtype=float), np.asarray(between_probes, dtype=float), list(pattern)
    right = max(x.max() * 1.1, 1.0)
    top, bottom = max(y.max(), right * 0.75) * 1.15, min(y.min() * 1.15, -right * 0.45)
    with draw(PAGE, 4.3) as (fig, axes):
        ax = axes[0, 0]
        edge = np.array([0, right])
        ax.fill_between(edge, edge, top, color=LIGHT["orange"], alpha=0.09, lw=0)
        ax.fill_between(edge, -edge, bottom, color=LIGHT["blue"], alpha=0.09, lw=0)
        for sign in (1, -1):
            ax.plot(edge, sign * edge, color=LIGHT["muted"], lw=1)
        ax.axhline(0, color=LIGHT["line"], lw=0.8)
        _points(ax, names, x, y, pattern)
        notes = [((0.02, 0.97), "Gaussian probe, random order\nbeats Linear probe, own order", "orange", "top"), ((0.02, 0.03), "Linear probe, random order\nbeats Gaussian probe, own order", "blue", "bottom")]
        for at, text, hue, va in notes:
            ax.annotate(text, at, xycoords="axes fraction", fontsize=9, color=LIGHT[hue], va=va, path_effects=halo())
        ax.annotate("the order decides", (0.98, (0 - bottom) / (top - bottom) + 0.02), xycoords="axes fraction", ha="right", va="bottom", fontsize=9, color=LIGHT["muted"], path_effects=halo())
        ax.set(xlim=(0 if x.min() >= 0 else x.min() * 1.1, right), ylim=(bottom, top), xlabel="between orders: own above random (points)", ylabel="between probes: Gaussian above Linear (points)")
        ax.tick_params(length=0)
        _key(fig, pattern)
        said = "; ".join(f"{n} {a:.1f} between orders, {b:.1f} between probes, {p}" for n, a, b, p in zip(names, x, y, pattern, strict=True))
        return _titled(finish(fig, f"Configurations by the gap between orders and the gap between probes, in points. {said}.", caption), [f"{n}: {p} (probes {b:+.1f}, orders {a:+.1f})" for n, a, b, p in zip(names, x, y, pattern, strict=True)])


def pattern_map(names: Sequence[str], place, cluster: Sequence[int], patterns: Sequence[str], short: Sequence[str] | None = None, caption: str = "") -> Figure:
    """t-SNE of the configurations' curves, marked by cluster (figures 3d and 9a); pointing at a point names it.

    place    (n, 2); cluster (n,) the cluster of each; patterns: what each cluster shows
    short    labels written beside the points
    """
    place, cluster = np.asarray(place, dtype=float), np.asarray(cluster)
    label = [patterns[c] for c in cluster]
    with draw(PAGE, 4.0) as (fig, axes):
        ax = axes[0, 0]
        groups = sorted(set(cluster.tolist()))
        hues, shapes = ("green", "orange", "blue", "purple", "grey"), ("o", "^", "v", "s", "D")
        for i, (x, y) in enumerate(place):
            c = groups.index(int(cluster[i]))
            ax.plot(x, y, linestyle="none", marker=shapes[c], markersize=8, color=LIGHT[hues[c]], gid=f"point-{i}", zorder=3)
            if short:
                ax.annotate(short[i], (x, y), (6, 0), textcoords="offset points", va="center", fontsize=9, color=LIGHT["ink"], path_effects=halo())
        ax.margins(x=0.22, y=0.08)
        ax.set(xticks=[], yticks=[], xlabel="t-SNE, first axis", ylabel="second axis")
        legend_line(fig, {f"cluster {c + 1}: {patterns[c]}": {"marker": shapes[g], "color": LIGHT[hues[g]], "markersize": 8} for g, c in enumerate(groups)})
        said = "; ".join(f"cluster {c + 1} ({patterns[c]}): " + ", ".join(n for n, at in zip(names, cluster, strict=True) if at == c) for c in groups)
        return _titled(finish(fig, f"Clusters of the configurations' curves. {said}.", caption), [f"{n}: cluster {c + 1}, {p}" for n, c, p in zip(names, cluster, label, strict=True)])


def overlap_dots(table, expected: Mapping[str, float], m: int, caption: str = "") -> Figure:
    """Neurons shared by the first `m` of several rankings, a line per configuration (figure 2).

    table     data frame, configurations × combinations of rankings
    expected  name → what random rankings share, drawn as a vertical line
    """
    hues, shapes = ("blue", "orange", "green", "ink"), ("o", "^", "v", "D")
    with draw(PAGE, 1.2 + 0.3 * len(table)) as (fig, axes):
        ax = axes[0, 0]
        for i, (_, row) in enumerate(table.iterrows()):
            ax.plot([row.min(), row.max()], [i, i], color=LIGHT["line"], lw=1.5, zorder=1)
            for c, value in enumerate(row):
                ax.plot(value, i + 0.12 * (c - (len(row) - 1) / 2), linestyle="none", marker=shapes[c], markersize=6.5, color=LIGHT[hues[c]], zorder=3)
        for i, (style, (name, value)) in enumerate(zip(("--", ":"), expected.items(), strict=False)):
            ax.axvline(value, color=LIGHT["muted"], lw=1.2, linestyle=style, zorder=0)
            ax.annotate(f"{name} {value:.2f}", (value, -0.75 - 0.75 * i), (3, 0), textcoords="offset points", fontsize=9, va="center", color=LIGHT["muted"], path_effects=halo())
        ax.set(ylim=(len(table) - 0.4, -0.4 - 0.75 * len(expected)), yticks=range(len(table)), yticklabels=list(table.index), xlabel=f"neurons in common, of {m}", xlim=(-0.4, None))
        ax.tick_params(length=0)
        ax.grid(axis="x")
        ax.spines["left"].set_visible(False)
        legend_line(fig, {name: {"marker": shapes[c], "color": LIGHT[hues[c]], "markersize": 6.5} for c, name in enumerate(table.columns)})
        said = "; ".join(f"{name}: " + ", ".join(f"{c} {v:g}" for c, v in row.items()) for name, row in table.iterrows())
        chance = ", ".join(f"{n} {v:.2f}" for n, v in expected.items())
        return finish(fig, f"Neurons in common in the first {m}; by chance {chance}. {said}.", caption)


def p_matrices(raw: Mapping[str, object], corrected: Mapping[str, object], level: float = 0.05, caption: str = "") -> Figure:
    """One-sided tests, a matrix per number of neurons: dark where the row is better than the column after correction, light
    where only the raw p says so (table 2). The raw p stands in the cell, to two digits.

    raw, corrected  name → square data frame of p values
    """
    first = next(iter(raw.values()))
    n, short = len(first), [_short(x) for x in first.index]
    strong, weak = mix(LIGHT["paper"], LIGHT["green"], 0.85), mix(LIGHT["paper"], LIGHT["green"], 0.3)
    with draw(PAGE, 3.3 if len(raw) > 1 else 3.6, ncols=len(raw), sharey=True) as (fig, axes):
        from matplotlib.patches import Rectangle

        for ax, (name, table) in zip(axes[0], raw.items(), strict=True):
            holm = corrected[name].to_numpy()
            for i, j in np.ndindex(n, n):
                p = table.to_numpy()[i, j]
                if i == j or not np.isfinite(p):
                    continue
                face = strong if holm[i, j] < level else weak if p < level else "#f3f4f5"
                ax.add_patch(Rectangle((j, i), 0.96, 0.96, facecolor=face, edgecolor="none"))
                ink = max(("#101418", "#ffffff"), key=lambda c: contrast(face, c))
                text = "1" if p >= 0.995 else f"{p:.2f}".removeprefix("0")
                ax.text(j + 0.48, i + 0.48, text, ha="center", va="center", fontsize=9, color=ink)
            ax.set(xlim=(0, n), ylim=(n, 0))
            ax.set_title(name, fontsize=9)
            ax.set_xticks(np.arange(n) + 0.5, short, rotation=90)
            ax.set_yticks(np.arange(n) + 0.5, short)
            ax.tick_params(length=0, labelcolor=LIGHT["ink"])
            ax.set_aspect("equal")
            for side in ax.spines.values():
                side.set_visible(False)
        legend_line(fig, {"better also after Holm's correction": {"marker": "s", "color": strong, "markersize": 8}, f"raw p < {level:g} alone": {"marker": "s", "color": weak, "markersize": 8}})
        said = []
        for name, table in raw.items():
            better = [f"{a} over {b}" for a in table.index for b in table.columns if a != b and table.loc[a, b] < level]
            said.append(f"{name}: {len(better)} of {n * (n - 1)} pairs ({', '.join(better) or 'none'})")
        return finish(fig, f"Row significantly better than column by the raw p. {'; '.join(said)}.", caption)


def _short(name: str) -> str:
    """"Gaussian by Probeless" as "G by P"."""
    probe, _, order = name.partition(" by ")
    return f"{probe[0]} by {order[0]}" + (" rev." if order.endswith("reversed") else "")


def _points(ax, names, x, y, pattern) -> None:
    for i in range(len(names)):
        hue, shape = _PATTERN[pattern[i]]
        ax.plot(x[i], y[i], linestyle="none", marker=shape, markersize=8, color=LIGHT[hue], gid=f"point-{i}", zorder=3)


def _key(fig, pattern) -> None:
    legend_line(fig, {name: {"marker": shape, "color": LIGHT[hue], "markersize": 8} for name, (hue, shape) in _PATTERN.items() if name in set(pattern)})


def _titled(figure: Figure, titles: Sequence[str]) -> Figure:
    """The figure with a title in the SVG for each point drawn with gid "point-<i>": browsers show it when it is pointed at."""
    body = re.sub(r'(<g id="f[0-9a-f]{8}-point-(\d+)">)', lambda m: f"{m[1]}<title>{escape(titles[int(m[2])])}</title>", figure.body)
    return replace(figure, body=body)
