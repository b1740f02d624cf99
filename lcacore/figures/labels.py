"""Labels on the layers of a network."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from .style import LIGHT, PAGE, Figure, draw, finish, legend_line

__all__ = ["label_layers"]


def label_layers(where: Mapping[str, Mapping[str, tuple[float, float, float]]], depth: int, caption: str = "") -> Figure:
    """The layer that holds most of each label, lowest first, a panel per task (Durrani 2020, figure 5).

    where  task → label → (mean, lowest, highest) layer over the seeds
    depth  number of the last layer; 0 is the embedding layer
    """
    if not where or not all(where.values()):
        raise ValueError("nothing to draw; give the layer of at least one label for each task")
    deepest = max(map(len, where.values()))
    with draw(PAGE, 0.85 + 0.225 * deepest, ncols=len(where)) as (fig, axes):
        for ax, (task, labels) in zip(axes[0], where.items(), strict=True):
            rows = sorted(labels.items(), key=lambda kv: (kv[1][0], kv[0]))
            for k, (_, (mean, low, high)) in enumerate(rows):
                ax.plot([low, high], [k, k], color=LIGHT["blue"], lw=3, alpha=0.35, solid_capstyle="round")
                ax.plot(mean, k, marker="o", markersize=6, color=LIGHT["blue"])
            ax.vlines(np.arange(depth + 1), -0.7, len(rows) - 0.4, color=LIGHT["line"], lw=0.6, zorder=0)
            ax.set(xlim=(-0.4, depth + 0.4), ylim=(deepest - 0.4, -0.7), yticks=range(len(rows)), title=task)
            ax.set_yticklabels([label for label, _ in rows])
            step = max(1, -(-depth // 6))
            ax.set_xticks(range(0, depth + 1, step))
            ax.xaxis.tick_top()
            ax.tick_params(length=0)
            for side in ax.spines.values():
                side.set_visible(False)
        legend_line(fig, {"layer that holds most of a label:": {}, "mean of the seeds": {"marker": "o", "color": LIGHT["blue"], "markersize": 6}, "their range": {"linestyle": "-", "color": LIGHT["blue"], "linewidth": 3, "alpha": 0.35}})
        parts = [f"{task}: " + ", ".join(f"{label} {v[0]:.1f}" for label, v in sorted(labels.items(), key=lambda kv: (kv[1][0], kv[0]))) for task, labels in where.items()]
        return finish(fig, f"Layer that holds most of each label's neurons, of 0 to {depth}. {'; '.join(parts)}.", caption)
