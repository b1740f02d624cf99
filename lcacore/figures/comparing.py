"""Models before and after fine-tuning, and languages side by side, as figures.

A measured value is a number or (mean, low, high).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from .charts import _PRINTED, Measured, _triple
from .style import LIGHT, PAGE, Figure, colour, draw, finish, label_rows, legend_line, whole_numbers

__all__ = ["before_after", "label_languages", "layer_lines"]

# Several lines in one panel: told apart by colour, and by the mark and the dashes too.
_LINES = [
    {"color": LIGHT["blue"], "marker": "o", "linestyle": "-"},
    {"color": LIGHT["orange"], "marker": "s", "linestyle": (0, (4, 1.5))},
    {"color": LIGHT["green"], "marker": "^", "linestyle": (0, (1, 1.2))},
    {"color": LIGHT["purple"], "marker": "D", "linestyle": (0, (5, 1.2, 1, 1.2))},
    {"color": LIGHT["gold"], "marker": "v", "linestyle": (0, (6, 2))},
    {"color": LIGHT["grey"], "marker": "X", "linestyle": (0, (2, 2))},
]
_NAMES = {"t": "Top", "b": "Bottom"}


def _nothing(data) -> None:
    if not data or not all(data.values()):
        raise ValueError("nothing to draw; give at least one panel with something in it")


def before_after(ours: Mapping[str, Mapping[str, Mapping[str, Measured]]], published: Mapping[str, Mapping] | None = None, columns: int = 3, caption: str = "") -> Figure:
    """Accuracy of the top and of the bottom neurons, a row per model state, the first being the untuned one (Durrani 2023, table 6).

    ours       panel → state → {"t", "b"} → accuracy in per cent; a dotted line goes down from the first state's
    published  the same, as printed: hollow circles
    """
    _nothing(ours)
    published = published or {}
    states = list(dict.fromkeys(s for cells in ours.values() for s in cells))
    lines = -(-len(ours) // columns)
    with draw(PAGE, 0.7 + lines * (0.5 + 0.33 * len(states)), nrows=lines, ncols=min(columns, len(ours)), sharey=True) as (fig, axes):
        for ax, (panel, cells) in zip(axes.flat, ours.items(), strict=False):
            first = next(iter(cells.values()))
            for k, state in enumerate(states):
                if state not in cells:
                    continue
                ends = {end: _triple(cells[state][end]) for end in _NAMES}
                ax.plot([ends["b"][0], ends["t"][0]], [k, k], color=LIGHT["line"], lw=2.2, zorder=1)
                for end, (mean, low, high) in ends.items():
                    tint = colour(_NAMES[end])
                    ax.plot([low, high], [k, k], color=tint, lw=1.4, zorder=3)
                    ax.plot(mean, k, marker="o", markersize=6.5, color=tint, zorder=4)
                    if end in published.get(panel, {}).get(state, {}):
                        ax.plot(published[panel][state][end], k + 0.32, color=tint, **{**_PRINTED, "markersize": 5})
            for end, name in _NAMES.items():
                ax.axvline(_triple(first[end])[0], color=colour(name), lw=1, linestyle=(0, (1, 2)), zorder=0)
            ax.set(title=panel, ylim=(len(states) - 0.4, -0.6), yticks=range(len(states)), yticklabels=states)
            ax.margins(x=0.08)
            ax.xaxis.set_major_locator(whole_numbers(4))
            ax.grid(axis="x")
            ax.spines["left"].set_visible(False)
            ax.tick_params(length=0)
        for ax in axes.flat[len(ours) :]:
            ax.axis("off")
        for ax in axes[-1]:
            ax.set_xlabel("accuracy (%)")
        items = {f"{name.lower()} neurons": {"marker": "o", "color": colour(name), "markersize": 6.5} for name in _NAMES.values()}
        items["before fine-tuning"] = {"linestyle": (0, (1, 2)), "color": LIGHT["muted"], "linewidth": 1.2}
        if any(published.values()):
            items["printed for the model it stands for"] = {**_PRINTED, "markersize": 5}
        legend_line(fig, items)
        parts = [f"{panel}: " + ", ".join(f"{s} {_triple(c['t'])[0]:.1f} and {_triple(c['b'])[0]:.1f}" for s, c in cells.items()) for panel, cells in ours.items()]
        return finish(fig, f"Accuracy in per cent of probes on the top and on the bottom neurons, before and after fine-tuning. {'; '.join(parts)}.", caption)


def layer_lines(shares: Mapping[str, Mapping[str, Mapping[str, Sequence[float]]]], layers: Mapping[str, Sequence[int]] | None = None, caption: str = "") -> Figure:
    """Salient neurons per layer, a line per model state, a row of panels per model, a column per task (Durrani 2023, figures 8 and 12).

    shares  model → task → state → (L,) per cent of the neurons in each layer; the first state is the untuned one, drawn thick
    layers  model → the layers' numbers; default 0 … L-1, 0 being the embedding layer
    """
    _nothing(shares)
    tasks = list(dict.fromkeys(t for per_task in shares.values() for t in per_task))
    states = list(dict.fromkeys(s for per_task in shares.values() for states in per_task.values() for s in states))
    tuned = [s for s in states if s != states[0]]
    styles = {states[0]: {"color": LIGHT["ink"], "linestyle": "-", "marker": "", "linewidth": 3}}
    styles |= {s: {**_LINES[k % len(_LINES)], "linewidth": 1.4, "markersize": 4} for k, s in enumerate(tuned)}
    with draw(PAGE, 0.75 + 2.1 * len(shares), nrows=len(shares), ncols=len(tasks), sharey="row") as (fig, axes):
        for k, (row, (model, per_task)) in enumerate(zip(axes, shares.items(), strict=True)):
            for ax, task in zip(row, tasks, strict=True):
                if task not in per_task:
                    ax.axis("off")
                    continue
                for state, y in per_task[task].items():
                    names = list((layers or {}).get(model, range(len(y))))
                    ax.plot(names, y, zorder=2 if state == states[0] else 3, **styles[state])
                ax.set_title(task if k == 0 else "")
                ax.xaxis.set_major_locator(whole_numbers(7))
                ax.yaxis.set_major_locator(whole_numbers(4))
                ax.grid(axis="y")
                ax.tick_params(length=0)
            row[0].set_ylim(0, 1.08 * max(max(y) for per_state in per_task.values() for y in per_state.values()))  # of the whole row
            row[0].set_ylabel(f"{model}\nshare of neurons (%)" if len(shares) > 1 else "share of neurons (%)")
        for ax in axes[-1]:
            ax.set_xlabel("layer")
        legend_line(fig, {("before fine-tuning" if s == states[0] else s): style for s, style in styles.items()})
        parts = [f"{m}, {t}, {s}: {', '.join(f'{v:.0f}' for v in y)}" for m, per_task in shares.items() for t, per_state in per_task.items() for s, y in per_state.items()]
        return finish(fig, f"Share of salient neurons per layer in per cent, lowest layer first, before and after fine-tuning. {'; '.join(parts)}.", caption)


def label_languages(counts: Mapping[str, Mapping[str, Mapping[str, float]]], caption: str = "") -> Figure:
    """Neurons per label in several languages, fewest first, a panel per task (Durrani 2023, figures 11 and 14).

    counts  task → label → language → neurons that the label brings into the salient set
    """
    _nothing(counts)
    spoken = list(dict.fromkeys(x for labels in counts.values() for by_language in labels.values() for x in by_language))
    styles = {x: {**_LINES[k % len(_LINES)], "linestyle": "none", "markersize": 5.5} for k, x in enumerate(spoken)}
    deepest = max(map(len, counts.values()))
    with draw(PAGE, 0.85 + 0.225 * deepest, ncols=len(counts)) as (fig, axes):
        for ax, (task, labels) in zip(axes[0], counts.items(), strict=True):
            rows = sorted(labels.items(), key=lambda kv: (np.mean(list(kv[1].values())), kv[0]))
            for k, (_, by_language) in enumerate(rows):
                values = list(by_language.values())
                ax.plot([min(values), max(values)], [k, k], color=LIGHT["line"], lw=2.2, zorder=1)
                for x, n in by_language.items():
                    ax.plot(n, k, zorder=3, **styles[x])
            most = max(n for by_language in labels.values() for n in by_language.values())
            ax.set_xlim(0, 1.06 * max(most, 1))
            label_rows(ax, task, [label for label, _ in rows], deepest, ticks=5)
        legend_line(fig, {"neurons per label:": {}, **styles})
        parts = [f"{task}: " + ", ".join(f"{label} ({', '.join(f'{x} {n:.0f}' for x, n in by_language.items())})" for label, by_language in labels.items()) for task, labels in counts.items()]
        return finish(fig, f"Neurons per label and language. {'; '.join(parts)}.", caption)
