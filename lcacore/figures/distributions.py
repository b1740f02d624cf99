"""Counts and grids as figures: neurons per layer and per label, the λ surface, overlaps."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from .style import LIGHT, PAGE, Figure, contrast, draw, finish, halo, label_rows, legend_line, whole_numbers

__all__ = ["label_lollipops", "lambda_surface", "layer_histogram", "overlap_distribution", "overlap_heatmap"]


def layer_histogram(counts: Mapping[str, Mapping[str, Sequence[int]]], layers: Mapping[str, Sequence[int]] | None = None, caption: str = "") -> Figure:
    """Salient neurons per layer, a row of panels per model, a column per task (Durrani 2023, figure 6).

    counts  model → task → (L,) neurons in each layer
    layers  model → the layers' numbers; default 0 … L-1, where 0 is the embedding layer (drawn hollow)

    The share is written over each bar, or over the highest alone where there are more than seven layers.
    """
    models = list(counts)
    tasks = list(dict.fromkeys(t for m in models for t in counts[m]))
    if not tasks:
        raise ValueError("nothing to draw; give counts of at least one model and task")
    with draw(PAGE, 0.5 + 1.75 * len(models), nrows=len(models), ncols=len(tasks), sharey="row") as (fig, axes):
        peak = {m: max(_shares(c).max() for c in counts[m].values()) for m in models}
        for row, model in zip(axes, models, strict=True):
            for ax, task in zip(row, tasks, strict=True):
                if task not in counts[model]:
                    ax.axis("off")
                    continue
                share = _shares(counts[model][task])
                names = list((layers or {}).get(model, range(len(share))))
                _layer_panel(ax, share, names, peak[model], few=len(share) <= 7 and len(tasks) <= 4)
                ax.set_title(task if model == models[0] else "")
                ax.text(0.98, 0.99, f"n = {int(np.sum(counts[model][task])):,}", transform=ax.transAxes, ha="right", va="top", fontsize=9, color=LIGHT["muted"])
            row[0].set_ylabel(f"{model}\nshare of neurons (%)" if len(models) > 1 else "share of neurons (%)")
        for ax in axes[-1]:
            ax.set_xlabel("layer")
        items = {"layer": {"marker": "s", "color": LIGHT["blue"], "markersize": 8}, "mean layer": {"marker": "^", "color": LIGHT["orange"], "markersize": 6}}
        if any(0 in (layers or {}).get(m, [0]) for m in models):
            items = {"embedding layer": {"marker": "s", "markerfacecolor": "none", "markeredgecolor": LIGHT["blue"], "markersize": 8}, **items}
        legend_line(fig, items)
        parts = [f"{m}, {t}: {', '.join(f'{s:.0f}' for s in _shares(c))}" for m in models for t, c in counts[m].items()]
        return finish(fig, f"Share of salient neurons per layer in per cent, lowest layer first. {'; '.join(parts)}.", caption)


def _shares(counts) -> np.ndarray:
    counts = np.asarray(counts, dtype=float)
    return 100 * counts / max(counts.sum(), 1)


def _layer_panel(ax, share, names, peak, few) -> None:
    at = np.arange(len(share))
    embedding = np.array([n == 0 for n in names])
    ax.bar(at[~embedding], share[~embedding], color=LIGHT["blue"], width=0.78)
    ax.bar(at[embedding], share[embedding], facecolor="none", edgecolor=LIGHT["blue"], linewidth=1.2, width=0.72)
    for k in at if few else [int(share.argmax())]:
        ax.annotate(f"{share[k]:.0f}", (k, share[k]), (0, 2), textcoords="offset points", ha="center", fontsize=9, color=LIGHT["ink"])
    mean = float((at * share).sum() / max(share.sum(), 1e-9))
    ax.plot(mean, 0, marker="^", markersize=6, color=LIGHT["orange"], clip_on=False, zorder=5)
    step = max(1, -(-len(share) // 5))
    ax.set_xticks(at[::step], [str(names[k]) for k in at[::step]])
    ax.tick_params(length=0, pad=5)
    ax.set_ylim(0, peak * 1.38 + 1e-9)
    ax.yaxis.set_major_locator(whole_numbers(3))
    ax.grid(axis="y")


def label_lollipops(counts: Mapping[str, Mapping[str, int]], open_class: Mapping[str, bool | None], totals: Mapping[str, int] | None = None, caption: str = "") -> Figure:
    """Neurons per label, fewest first, open against closed class, a panel per task (Durrani 2023, figure 7).

    counts      task → label → neurons of the minimal set that the label brought in
    open_class  label → True (open), False (closed), None or absent (neither: drawn grey)
    totals      task → neurons in the minimal set, for the shares

    A dashed line marks each class's median.
    """
    if not counts or not all(counts.values()):
        raise ValueError("nothing to draw; give counts of at least one label for each task")
    totals = totals or {}
    tints = {True: LIGHT["blue"], False: LIGHT["orange"], None: LIGHT["grey"]}
    tasks = list(counts)
    deepest = max(len(c) for c in counts.values())
    with draw(PAGE, 0.85 + 0.225 * deepest, ncols=len(tasks)) as (fig, axes):
        for ax, task in zip(axes[0], tasks, strict=True):
            rows = sorted(counts[task].items(), key=lambda kv: (kv[1], kv[0]))
            most = max(n for _, n in rows) or 1
            for k, (label, n) in enumerate(rows):
                tint = tints[open_class.get(label)]
                ax.plot([0, n], [k, k], color=tint, lw=2, alpha=0.45, solid_capstyle="butt")
                ax.plot(n, k, marker="o", markersize=6, color=tint)
                share = f"  ({100 * n / totals[task]:.0f} %)" if totals.get(task) else ""
                ax.annotate(f"{n:,}{share}", (n, k), (6, 0), textcoords="offset points", va="center", fontsize=9, color=tint, path_effects=halo())
            for kind in (False, True):
                picked = [n for label, n in rows if open_class.get(label) is kind]
                if picked:
                    ax.plot([float(np.median(picked))] * 2, [-0.7, len(rows) - 0.4], color=tints[kind], lw=1, linestyle=(0, (3, 3)), zorder=1)
            ax.set_xlim(0, most * (1.45 if totals.get(task) else 1.22))
            label_rows(ax, task, [label for label, _ in rows], deepest, ticks=3)
            for tick, (label, _) in zip(ax.get_yticklabels(), rows, strict=True):
                tick.set_color(tints[open_class.get(label)])
        kinds = {"closed class": False, "open class": True, "neither": None}
        used = {open_class.get(label) for c in counts.values() for label in c}
        items = {name: {"marker": "o", "color": tints[kind], "markersize": 6} for name, kind in kinds.items() if kind in used}
        legend_line(fig, {"neurons per label:": {}, **items, "median": {"linestyle": (0, (3, 3)), "color": LIGHT["muted"], "linewidth": 1.2}})
        parts = [f"{t}: " + ", ".join(f"{label} {n}" for label, n in sorted(c.items(), key=lambda kv: (kv[1], kv[0]))) for t, c in counts.items()]
        return finish(fig, f"Neurons per label, fewest first. {'; '.join(parts)}.", caption)


def lambda_surface(l1: Sequence[float], l2: Sequence[float], accuracy, score=None, best=None, published=None, caption: str = "") -> Figure:
    """Accuracy, and the score S, over the grid of both strengths of regularisation (Dalvi 2019, figure 2).

    l1, l2     the strengths, ascending, 0 included as its own step
    accuracy   (len(l1), len(l2)) in per cent; score the same, in points; NaN where not tried
    best       (λ1, λ2) of the highest score; published (λ1, λ2) that the paper chose

    Raises ValueError for grids of another shape.
    """
    grids = {"accuracy (%)": np.asarray(accuracy, dtype=float)}
    if score is not None:
        grids["score S (points)"] = np.asarray(score, dtype=float)
    for name, grid in grids.items():
        if grid.shape != (len(l1), len(l2)):
            raise ValueError(f"{name} has shape {grid.shape}; wanted ({len(l1)}, {len(l2)}), one value per pair of strengths")
    with draw(PAGE if len(grids) > 1 else 4.4, 0.95 + 0.36 * len(l1), ncols=len(grids), sharey=True) as (fig, axes):
        for ax, (name, grid) in zip(axes[0], grids.items(), strict=True):
            _heat(ax, grid, [_power(v) for v in l1], [_power(v) for v in l2], "{:.1f}", "mako" if name.startswith("acc") else "flare_r")
            ax.set_title(name)
            ax.set_xlabel("λ2 (ridge)")
            _mark(ax, l1, l2, best, {"lw": 2})
            _mark(ax, l1, l2, published, {"lw": 1.6, "linestyle": (0, (2, 1.2))})
        axes[0, 0].set_ylabel("λ1 (sparsity)")
        items = {}
        box = {"marker": "s", "markerfacecolor": "none", "markeredgecolor": LIGHT["ink"], "markersize": 9}
        if best is not None:
            items[f"best here: {_power(best[0])}, {_power(best[1])}"] = {**box, "markeredgewidth": 2.2}
        if published is not None:
            items[f"chosen in the paper: {_power(published[0])}, {_power(published[1])} (dashed)"] = {**box, "markeredgewidth": 1}
        if items:
            legend_line(fig, items)
        acc = grids["accuracy (%)"]
        said = f"Accuracy from {np.nanmin(acc):.1f} to {np.nanmax(acc):.1f} per cent over {len(l1)} by {len(l2)} strengths"
        said += f"; best at λ1 = {_power(best[0])}, λ2 = {_power(best[1])}" if best is not None else ""
        said += f"; the paper chose λ1 = {_power(published[0])}, λ2 = {_power(published[1])}" if published is not None else ""
        return finish(fig, said + ".", caption)


def _power(v: float) -> str:
    return "0" if v == 0 else f"{v:.0e}".replace("e-0", "e-").replace("e+0", "e+").replace("e-", "e−")


def _mark(ax, l1, l2, at, style) -> None:
    from matplotlib.patches import Rectangle

    if at is None:
        return
    i, j = (int(np.argmin(np.abs(np.asarray(axis, dtype=float) - v))) for axis, v in zip((l1, l2), at, strict=True))
    if np.isclose(l1[i], at[0], rtol=1e-6, atol=0) and np.isclose(l2[j], at[1], rtol=1e-6, atol=0):
        for edge, more in (("#ffffff", {"lw": style["lw"] + 2.2, "linestyle": "-"}), ("#101418", {})):  # readable on any cell
            ax.add_patch(Rectangle((j + 0.07, i + 0.07), 0.86, 0.86, fill=False, edgecolor=edge, **{**style, **more}))


def _heat(ax, grid, rows, columns, pattern, cmap) -> None:
    """A heat-map of vector cells with their numbers, each in the ink that its cell makes readable."""
    import seaborn as sns
    from matplotlib.colors import to_hex

    sns.heatmap(np.ma.masked_invalid(grid), ax=ax, cmap=cmap, cbar=False, linewidths=0, mask=~np.isfinite(grid))
    mesh = ax.collections[0]
    mesh.update_scalarmappable()
    faces = mesh.get_facecolors().reshape(*grid.shape, 4)
    for i, j in np.ndindex(*grid.shape):
        if np.isfinite(grid[i, j]) and grid.shape[1] <= 9:  # more columns leave no room for a readable number
            face = to_hex(faces[i, j])
            ink = max(("#101418", "#ffffff"), key=lambda c: contrast(face, c))
            ax.text(j + 0.5, i + 0.5, pattern.format(grid[i, j]), ha="center", va="center", fontsize=9, color=ink)
    ax.set_xticks(np.arange(len(columns)) + 0.5, columns, rotation=0)
    ax.set_yticks(np.arange(len(rows)) + 0.5, rows, rotation=0)
    ax.tick_params(length=0)
    for side in ax.spines.values():
        side.set_visible(False)


def overlap_heatmap(names: Sequence[str], overlap, expected: float, m: int, caption: str = "") -> Figure:
    """Neurons shared by the top m of each pair of rankings; blue above chance, orange below (Antverg 2022, figure 1).

    names     n rankings or configurations
    overlap   (n, n) neurons in common; the diagonal is left blank
    expected  what two random rankings share
    """
    from matplotlib.colors import LinearSegmentedColormap, TwoSlopeNorm, to_hex
    from matplotlib.patches import Rectangle

    grid = np.asarray(overlap, dtype=float).copy()
    n = len(names)
    if grid.shape != (n, n):
        raise ValueError(f"overlap has shape {grid.shape} for {n} names; wanted ({n}, {n})")
    scale = LinearSegmentedColormap.from_list("signed", ["#c8571b", "#f3f4f5", "#1566ad"])
    norm = TwoSlopeNorm(vcenter=expected, vmin=0, vmax=m)
    size = 0.52 if n <= 8 else 0.36
    wide = 0.085 * max(len(str(x)) for x in names)
    with draw(min(PAGE, wide + max(size * 1.25, wide if n <= 5 else 0) * n + 0.4), 0.85 + size * n + (wide if n > 5 else 0)) as (fig, axes):
        ax = axes[0, 0]
        for i, j in np.ndindex(n, n):
            if i == j or not np.isfinite(grid[i, j]):
                continue
            face = to_hex(scale(norm(grid[i, j])))
            ax.add_patch(Rectangle((j, i), 0.97, 0.97, facecolor=face, edgecolor="none"))
            ink = max(("#101418", "#ffffff"), key=lambda c: contrast(face, c))
            ax.text(j + 0.485, i + 0.485, f"{grid[i, j]:.0f}", ha="center", va="center", fontsize=9, color=ink)
        turn = {"rotation": 90} if n > 5 else {}
        ax.set(xlim=(0, n), ylim=(n, 0))
        ax.set_xticks(np.arange(n) + 0.5, names, **turn)
        ax.tick_params(axis="x", labelcolor=LIGHT["ink"])
        ax.set_yticks(np.arange(n) + 0.5, names)
        ax.tick_params(length=0)
        for side in ax.spines.values():
            side.set_visible(False)
        items = {f"above chance ({expected:.2f} of {m})": {"marker": "s", "color": "#1566ad", "markersize": 8}, "below": {"marker": "s", "color": "#c8571b", "markersize": 8}}
        legend_line(fig, items)
        pairs = [f"{names[i]} and {names[j]} {grid[i, j]:.0f}" for i in range(n) for j in range(i)]
        return finish(fig, f"Neurons shared in the top {m}; {expected:.2f} by chance. {'; '.join(pairs)}.", caption)


def overlap_distribution(probability: Sequence[float], observed: Mapping[str, float], expected: float, caption: str = "", xlabel: str = "neurons in common") -> Figure:
    """The exact chance distribution of an overlap, with the observed overlaps (Antverg 2022, appendix A.3).

    probability  p(k) for k = 0, 1, …
    observed     name → overlap seen
    """
    p = np.asarray(probability, dtype=float)
    if not np.isclose(p.sum(), 1, atol=1e-6):
        raise ValueError(f"the probabilities sum to {p.sum():.4f}; give the whole distribution")
    shown = np.flatnonzero(p > p.max() * 1e-4)
    seen = sorted(observed.items(), key=lambda kv: (kv[1], kv[0]))
    right = max([shown.max(), *(v for _, v in seen)]) if seen else shown.max()
    span = right - min(shown.min(), seen[0][1] if seen else shown.min())
    with draw(PAGE, 2.2 + 0.2 * min(len(seen), 8)) as (fig, axes):
        ax = axes[0, 0]
        ax.bar(shown, p[shown], color=LIGHT["grey"], width=0.85, alpha=0.75)
        top = p.max()
        ax.annotate(f"chance, {expected:.2f} on average", (expected, top), (0, 5), textcoords="offset points", ha="center", va="bottom", fontsize=9, color=LIGHT["muted"], path_effects=halo(), zorder=6)
        step = 0.16 * top
        # labels point to the right from the highest line down, then to the left from the lowest up: none crosses another
        turned = [v > right - 0.35 * span for _, v in seen]
        levels = [*range(len(seen) - 1, sum(turned) - 1, -1), *range(sum(turned))]
        for (name, value), left, level in zip(seen, turned, levels, strict=True):
            height = top * 1.35 + step * level
            ax.plot([value, value], [0, height], color=LIGHT["blue"], lw=1, zorder=3)
            ax.plot(value, 0, marker="o", markersize=6, color=LIGHT["blue"], clip_on=False, zorder=4)
            ax.annotate(f"{name} {value:g}", (value, height), (-4 if left else 4, 0), textcoords="offset points", ha="right" if left else "left", va="top", fontsize=9, color=LIGHT["blue"], path_effects=halo())
        low = min(shown.min(), seen[0][1] if seen else shown.min())
        ax.set(xlim=(max(low - 0.04 * span - 1, -0.6), right + 0.04 * span + 1), ylim=(0, top * 1.5 + step * max(len(seen) - 1, 0)), xlabel=xlabel, yticks=[])
        ax.spines["left"].set_visible(False)
        ax.tick_params(length=0)
        said = "; ".join(f"{n} {v:g}" for n, v in seen)
        return finish(fig, f"Chance distribution of the overlap, {expected:.2f} on average; observed: {said or 'nothing'}.", caption)
