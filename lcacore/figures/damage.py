"""What neurons are worth to a model, and which tags share them: damage curves, shared and exclusive neurons."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from ..types import Curve
from .style import LIGHT, PAGE, Figure, draw, finish, halo, legend_line

__all__ = ["damage_curves", "position_profile", "shared_sets"]

_TINTS = ("blue", "orange", "green", "purple", "gold", "grey")
_DASHES = ("-", (0, (4, 1.6)), (0, (1, 1.4)))
_MARKS = ("o", "s", "^", "D", "v", "P")


def damage_curves(panels: Mapping[str, Mapping[str, Curve]], ylabel: str, *, log: bool = False, xlabel: str = "neurons ablated (%)", caption: str = "") -> Figure:
    """How a model's quality falls as neurons go, a panel per model kind or language, a line per order (Dalvi 2019, figures 4, 5, 7, 8).

    panels  panel → order → Curve, x in percent of the neurons; a band is drawn where the curve has an interval
    log     logarithmic axis (perplexity)

    Raises ValueError for nothing to draw.
    """
    if not panels or not any(panels.values()):
        raise ValueError("nothing to draw; give at least one panel with one curve")
    names = list(dict.fromkeys(name for curves in panels.values() for name in curves))
    look = {n: {"color": LIGHT[_TINTS[i % 6]], "linestyle": _DASHES[(i // 6) % 3], "marker": _MARKS[i % 6]} for i, n in enumerate(names)}
    columns = min(3, len(panels))
    lines = -(-len(panels) // columns)
    with draw(PAGE, 0.3 + 0.2 * -(-len(names) // 3) + (2.9 if columns == 1 else 2.4) * lines, nrows=lines, ncols=columns, sharex=True, sharey=True) as (fig, axes):
        for ax, (panel, curves) in zip(axes.flat, panels.items(), strict=False):
            for name, curve in curves.items():
                style = look[name]
                if curve.low:
                    ax.fill_between(curve.x, curve.low, curve.high, color=style["color"], alpha=0.16, lw=0)
                ax.plot(curve.x, curve.y, lw=1.5, ms=3.6, **style)
            if log:
                from matplotlib.ticker import FuncFormatter, NullFormatter

                ax.set_yscale("log")
                low, high = ax.get_ylim()
                ticks = [t for k in range(-2, 7) for t in (10**k, 2 * 10**k, 5 * 10**k) if low <= t <= high]
                ax.set_yticks(ticks if len(ticks) <= 8 else ticks[::2])
                ax.yaxis.set_major_formatter(FuncFormatter(lambda v, _: f"{v:,g}"))
                ax.yaxis.set_minor_formatter(NullFormatter())
            if len(panels) > 1:
                ax.set_title(panel)
            ax.grid(axis="y")
            ax.tick_params(length=0, which="both")
            ax.set_xlim(left=0)
        for ax in list(axes.flat)[len(panels) :]:
            ax.axis("off")
        for k, ax in enumerate(axes.flat[: len(panels)]):
            if k + columns >= len(panels):
                ax.set_xlabel(xlabel)
                ax.tick_params(axis="x", labelbottom=True)
        for ax in axes[:, 0]:
            ax.set_ylabel(ylabel)
        items = {n: {"lw": 1.5, "ms": 4, **style} for n, style in look.items()}
        legend_line(fig, items, ncols=min(3, len(items)))
        told = "; ".join(
            (f"{panel}: " if len(panels) > 1 else "") + ", ".join(f"{n} from {c.y[0]:.3g} to {c.y[_middle(c)]:.3g} at {c.x[_middle(c)]:g} % and {c.y[-1]:.3g} at {c.x[-1]:g} %" for n, c in curves.items())
            for panel, curves in panels.items()
        )
        return finish(fig, f"{ylabel} against the share of neurons ablated. {told}.", caption)


def _middle(curve: Curve) -> int:
    return len(curve.x) // 2


def shared_sets(sets: Mapping[str, Sequence[int]], *, most: int = 14, caption: str = "") -> Figure:
    """Items that several sets have in common, and those of one alone: a column per combination, its sets dotted below (UpSet, Lex 2014).

    sets  name → ids. Combinations are exclusive: an id counts in the one column of exactly the sets that hold it
    most  columns shown, the largest first

    Raises ValueError for nothing to draw.
    """
    names = list(sets)
    members = {name: set(np.asarray(ids).tolist()) for name, ids in sets.items()}
    held: dict[tuple[str, ...], int] = {}
    for item in sorted(set().union(*members.values())) if members else []:
        owners = tuple(n for n in names if item in members[n])
        held[owners] = held.get(owners, 0) + 1
    if not held:
        raise ValueError("nothing to draw; give at least one set with one id")
    shown = sorted(held, key=lambda owners: (-held[owners], len(owners), owners))[:most]
    with draw(PAGE, 1.75 + 0.27 * len(names), nrows=2, ncols=2, sharex="col", sharey="row", width_ratios=[1, 3.2], height_ratios=[1.5, 0.27 * len(names)]) as (fig, axes):
        axes[0, 0].axis("off")
        bars, sizes, dots = axes[0, 1], axes[1, 0], axes[1, 1]
        for k, owners in enumerate(shown):
            alone = len(owners) == 1
            tint = LIGHT["grey"] if alone else LIGHT["blue"]
            bars.bar(k, held[owners], color=tint, width=0.62)
            bars.annotate(str(held[owners]), (k, held[owners]), (0, 2), textcoords="offset points", ha="center", va="bottom", fontsize=9, color=tint, path_effects=halo())
            rows = [names.index(n) for n in owners]
            dots.plot([k] * len(names), range(len(names)), linestyle="none", marker="o", ms=5.5, color=LIGHT["line"])
            dots.plot([k] * len(rows), rows, lw=1.6, marker="o", ms=6.5, color=tint)
        for row, name in enumerate(names):
            sizes.barh(row, len(members[name]), color=LIGHT["grey"], height=0.55)
            sizes.annotate(str(len(members[name])), (len(members[name]), row), (-3, 0), textcoords="offset points", ha="right", va="center", fontsize=9, color=LIGHT["muted"])
        sizes.set_xlim(1.3 * max(map(len, members.values())), 0)
        dots.set_yticks(range(len(names)), names)
        dots.set_ylim(len(names) - 0.4, -0.6)
        dots.tick_params(axis="y", labelleft=True)
        sizes.tick_params(axis="y", labelleft=False)
        dots.set_xticks([])
        sizes.set_xticks([])
        sizes.set_xlabel("all of each")
        bars.set_ylabel("neurons")
        bars.margins(y=0.2)
        for ax in (bars, sizes, dots):
            ax.tick_params(length=0)
            for side in ax.spines.values():
                side.set_visible(False)
        legend_line(fig, {"in these sets and no other:": {}, "several": {"marker": "s", "color": LIGHT["blue"], "ms": 8}, "one alone": {"marker": "s", "color": LIGHT["grey"], "ms": 8}})
        told = ", ".join(f"{' and '.join(owners)} {held[owners]}" for owners in shown)
        return finish(fig, f"Neurons by the sets that hold them. Sizes: {', '.join(f'{n} {len(m)}' for n, m in members.items())}. In exactly these sets: {told}.", caption)


def position_profile(profiles: Mapping[str, Curve], caption: str = "", xlabel: str = "position in the sentence (0 first word, 1 last)") -> Figure:
    """Mean activation of several neurons along the sentence, a small panel each."""
    if not profiles:
        raise ValueError("nothing to draw; give at least one neuron")
    columns = min(5, len(profiles))
    lines = -(-len(profiles) // columns)
    with draw(PAGE, 0.4 + 1.25 * lines, nrows=lines, ncols=columns, sharex=True, sharey=True) as (fig, axes):
        for ax, (name, curve) in zip(axes.flat, profiles.items(), strict=False):
            ax.axhline(0, color=LIGHT["line"], lw=1)
            ax.plot(curve.x, curve.y, color=LIGHT["blue"], lw=1.6)
            ax.set_title(name, fontsize=9)
            ax.tick_params(length=0)
            ax.set_xticks([0, 1])
        for ax in list(axes.flat)[len(profiles) :]:
            ax.axis("off")
        fig.supxlabel(xlabel, fontsize=9.5, color=LIGHT["muted"])
        for ax in axes[:, 0]:
            ax.set_ylabel("activation (sd)", fontsize=9)
        told = ", ".join(f"{name} from {c.y[0]:+.2f} to {c.y[-1]:+.2f}" for name, c in profiles.items())
        return finish(fig, f"Mean activation along the sentence, in standard deviations: {told}.", caption)
