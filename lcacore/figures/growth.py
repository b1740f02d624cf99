"""How things grow: cost with the size of the data, speed against a peer, loss with training."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from .style import LIGHT, PAGE, Figure, draw, finish, halo

__all__ = ["cost_growth", "loss_curves", "speed_ratios"]

_TINTS = ("blue", "orange", "green", "purple", "gold", "grey")
_MARKERS = ("o", "s", "^", "D", "v", "P", "X", "p")


def cost_growth(costs: Mapping[str, Mapping[str, Mapping[str, Sequence]]], caption: str = "") -> Figure:
    """CPU seconds (above) and peak memory (below) against size on logarithmic axes; a dotted line has slope 1.

    costs  axis ("tokens") → job → {"size": …, "seconds": …, "mib": …}, sequences of one length
    """
    names = list(dict.fromkeys(job for jobs in costs.values() for job in jobs))
    # more jobs than tints: the later ones are dashed, with hollow markers
    looks = {name: {"color": LIGHT[_TINTS[i % len(_TINTS)]], "marker": _MARKERS[i % len(_MARKERS)], **({} if i < len(_TINTS) else {"ls": "--", "mfc": LIGHT["paper"]})} for i, name in enumerate(names)}
    with draw(PAGE, 4.6 + 0.15 * -(-len(names) // 3), nrows=2, ncols=len(costs), sharex="col", sharey="row") as (fig, axes):
        for column, (axis, jobs) in enumerate(costs.items()):
            for row, (quantity, floor) in enumerate((("seconds", 1e-3), ("mib", 1.0))):
                ax = axes[row, column]
                ax.set(xscale="log", yscale="log")
                for name, found in jobs.items():
                    ax.plot(found["size"], np.maximum(found[quantity], floor), **looks[name], ms=4, lw=1.3, label=name)
                size = np.array(next(iter(jobs.values()))["size"], dtype=float)
                start = 2e-3 if quantity == "seconds" else 2.0
                ax.plot(size, start * size / size[0], color=LIGHT["muted"], ls=":", lw=1)
                ax.grid(True, axis="y")
                ax.tick_params(length=0, which="both")
                ax.minorticks_off()
                if row:
                    ax.set_xlabel(axis)
                    first, last = ax.set_xticks(size[[0, -1]], [f"{s:,.0f}" for s in size[[0, -1]]])
                    first.label1.set_ha("left")
                    last.label1.set_ha("right")
                if not column:
                    ax.set_ylabel("CPU seconds" if not row else "peak memory, MiB")
        handles = {line.get_label(): line for ax in axes[0] for line in ax.get_lines() if not line.get_label().startswith("_")}
        fig.legend(handles.values(), handles.keys(), loc="outside upper center", ncols=3, frameon=False, fontsize=8.5)
        told = "; ".join(f"with {axis}: " + ", ".join(f"{name} from {v['seconds'][0]:.2g} to {v['seconds'][-1]:.2g} s" for name, v in jobs.items()) for axis, jobs in costs.items())
        return finish(fig, f"Cost against size on logarithmic axes. {told}.", caption)


def speed_ratios(ratios: Mapping[str, tuple[float, float]], caption: str = "") -> Figure:
    """How many times faster than the peer (dots, logarithmic), each with its goal (a tick).

    ratios  comparison → (measured ratio, goal)
    """
    names = list(ratios)
    with draw(PAGE, 0.9 + 0.3 * len(names)) as (fig, axes):
        ax = axes[0, 0]
        ax.set_xscale("log")
        ax.axvline(1, color=LIGHT["line"], lw=1)
        for y, name in enumerate(names):
            value, goal = ratios[name]
            tint = LIGHT["blue"] if value >= goal else LIGHT["orange"]
            ax.plot([1, value], [y, y], color=tint, lw=1.2)
            ax.plot(value, y, color=tint, marker="o" if value >= goal else "D", ms=6)
            ax.plot(goal, y, color=LIGHT["ink"], marker="|", ms=13, mew=1.6)
            ax.annotate(f"{value:.3g} ×", (max(value, goal), y), xytext=(8, 0), textcoords="offset points", va="center", fontsize=9, path_effects=halo())
        ax.set_yticks(range(len(names)), names)
        ax.set_ylim(len(names) - 0.4, -0.6)
        ax.set_xlim(0.5, 3 * max(max(pair) for pair in ratios.values()))
        ax.set_xlabel("times faster than the peer (upright tick: the goal)")
        ax.tick_params(length=0, which="both")
        ax.minorticks_off()
        told = ", ".join(f"{name} {value:.3g} times (goal {goal:g})" for name, (value, goal) in ratios.items())
        return finish(fig, f"Speed against the peers: {told}.", caption)


def loss_curves(curves: Mapping[str, Sequence[tuple[int, float]]], ylabel: str = "loss (nats a token)", caption: str = "") -> Figure:
    """Training loss against steps, a small panel per model.

    curves  model → (step, loss) pairs
    """
    names = list(curves)
    columns = min(4, len(names))
    lines = -(-len(names) // columns)
    with draw(PAGE, 0.4 + 1.35 * lines, nrows=lines, ncols=columns, sharey=True) as (fig, axes):
        for ax, name in zip(axes.flat, names, strict=False):
            steps, losses = np.array(curves[name], dtype=float).T
            ax.plot(steps, losses, color=LIGHT["blue"], lw=1.3)
            ax.annotate(f"{losses[-1]:.2f}", (steps[-1], losses[-1]), xytext=(0, 6), textcoords="offset points", ha="right", fontsize=8.5, path_effects=halo())
            ax.set_title(name, fontsize=9.5)
            ax.set_xticks([0, steps[-1]], ["0", f"{steps[-1]:,.0f}"])
            ax.tick_params(length=0)
            ax.grid(True, axis="y")
        for ax in list(axes.flat)[len(names) :]:
            ax.axis("off")
        for ax in axes[:, 0]:
            ax.set_ylabel(ylabel if lines == 1 else "loss")
        told = ", ".join(f"{name} from {c[0][1]:.2f} to {c[-1][1]:.2f}" for name, c in curves.items())
        return finish(fig, f"Training loss: {told}.", caption)
