"""Interventions: error rate and CLWV as neurons are changed, and where they level off."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from html import escape
from typing import TYPE_CHECKING

import numpy as np

from .style import LIGHT, PAGE, Figure, draw, finish, legend_line

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["beta_sweep", "intervention_curves", "intervention_panel", "saturation_dots"]

_TINTS = {"linear": "blue", "gaussian": "orange", "probeless": "purple", "random": "grey"}
_MARKS = {"linear": "o", "gaussian": "D", "probeless": "s", "random": "^"}
_MEASURES = {"error": "error rate (%)", "clwv": "CLWV (%)"}


def _look(order: str) -> dict:
    method = order.removesuffix(" reversed")
    tint, mark = LIGHT[_TINTS.get(method, "green")], _MARKS.get(method, "v")
    if order != method:
        return {"color": tint, "linestyle": (0, (2, 2)), "linewidth": 1.2, "marker": mark, "markersize": 4, "markerfacecolor": "none"}
    return {"color": tint, "linestyle": "-", "linewidth": 1.5, "marker": mark, "markersize": 3.2}


def intervention_curves(curves: Mapping[tuple[str, int], Mapping[str, pd.DataFrame]], points: Mapping | None = None, xlabel: str = "neurons changed (%, root scale)", caption: str = "") -> Figure:
    """Error rate and CLWV against the share of neurons changed: a column per layer, two rows per attribute.

    curves   (name, layer) → order → frame with index per cent of neurons, columns error, clwv (per cent)
    points   (name, layer, order) → per cent of neurons at the saturation point, marked on the CLWV curve
    """
    if not curves:
        raise ValueError("nothing to draw; give at least one configuration")
    points = points or {}
    names = list(dict.fromkeys(name for name, _ in curves))
    layers = sorted({layer for _, layer in curves})
    orders = list(dict.fromkeys(order for found in curves.values() for order in found))
    with draw(PAGE, 0.7 + 3.1 * len(names), nrows=2 * len(names), ncols=len(layers), sharex=True, sharey="row") as (fig, axes):
        for r, name in enumerate(names):
            for m, (measure, ylabel) in enumerate(_MEASURES.items()):
                for c, layer in enumerate(layers):
                    ax = axes[2 * r + m, c]
                    for order, curve in curves.get((name, layer), {}).items():
                        ax.plot(curve.index, curve[measure], clip_on=False, zorder=3, **_look(order))
                        at = points.get((name, layer, order))
                        if measure == "clwv" and at is not None:
                            y = float(np.interp(at, curve.index, curve[measure]))
                            ax.plot(at, y, marker="o", markersize=10, markerfacecolor="none", markeredgecolor=LIGHT["ink"], markeredgewidth=1.1, zorder=5)
                    ax.set_xscale("function", functions=(np.sqrt, np.square))
                    ax.set_xlim(0, 100)
                    ax.set_xticks([0, 5, 20, 50, 100])
                    ax.grid(True, axis="y")
                    ax.tick_params(length=0)
                    ax.minorticks_off()
                    if not c:
                        ax.set_ylabel(ylabel)
                    if not m:
                        ax.set_title(f"{name}, layer {layer}")
        for row in axes:
            row[0].set_ylim(0, 1.08 * max(1.0, *(line.get_ydata().max() for ax in row for line in ax.get_lines())))
        axes[-1, len(layers) // 2].set_xlabel(xlabel)
        legend_line(fig, {order: {k: v for k, v in _look(order).items() if k != "color"} | {"color": _look(order)["color"]} for order in orders}, ncols=4)
        told = "; ".join(
            f"{name}, layer {layer}: " + ", ".join(f"{order} {v.error.iloc[-1]:.0f} % errors and {v.clwv.max():.0f} % CLWV at most" for order, v in found.items()) for (name, layer), found in curves.items()
        )
        return finish(fig, f"Error rate and correct lemma with wrong value as more neurons are changed. {told}.", caption)


def saturation_dots(table: pd.DataFrame, printed: pd.DataFrame | None = None, printed_as: str = "printed", caption: str = "") -> Figure:
    """CLWV at the saturation point (left, with its interval) and the neurons changed there (right, of 768), a line per configuration.

    table     columns name, layer, order, clwv, low, high, of_768
    printed   the same of a paper, without intervals: hollow marks
    """
    rows = list(dict.fromkeys(zip(table.name, table.layer, strict=True)))
    orders = list(dict.fromkeys(table.order))
    shift = dict(zip(orders, np.linspace(-0.26, 0.26, len(orders)) if len(orders) > 1 else [0.0], strict=True))
    with draw(PAGE, 1.0 + 0.62 * len(rows), ncols=2, sharey=True) as (fig, axes):
        for source, hollow in ((table, False), (printed, True)):
            for at in source.itertuples() if source is not None else ():
                if (at.name, at.layer) not in rows or at.order not in shift:
                    continue
                y = rows.index((at.name, at.layer)) + shift[at.order] + (0.09 if hollow else 0)
                look = {"color": LIGHT[_TINTS[at.order]], "marker": _MARKS[at.order], "markersize": 5, "linestyle": "none"}
                look |= {"markerfacecolor": "none", "markersize": 4} if hollow else {}
                if not hollow:
                    axes[0, 0].plot([at.low, at.high], [y, y], color=look["color"], lw=1.4)
                axes[0, 0].plot(at.clwv, y, zorder=4, **look)
                axes[0, 1].plot(at.of_768, y, zorder=4, **look)
        for ax, label in zip(axes[0], ("CLWV at the saturation point", "neurons changed there (of 768)"), strict=True):
            ax.set_xlabel(label)
            ax.set_xlim(left=0)
            ax.grid(True, axis="x")
            ax.tick_params(length=0)
        axes[0, 0].set_yticks(range(len(rows)), [f"{name}, layer {layer}" for name, layer in rows])
        axes[0, 0].set_ylim(len(rows) - 0.5, -0.5)
        key = {order: {"marker": _MARKS[order], "color": LIGHT[_TINTS[order]], "markersize": 5} for order in orders}
        if printed is not None and len(printed):
            key[printed_as] = {"marker": "o", "markerfacecolor": "none", "markersize": 4.5}
        legend_line(fig, key)
        told = "; ".join(f"{at.name}, layer {at.layer}, {at.order} {at.clwv:.2f} with {at.of_768:.0f} of 768" for at in table.itertuples())
        return finish(fig, f"CLWV at the saturation point and neurons changed there: {told}.", caption)


def beta_sweep(table: pd.DataFrame, chosen: Mapping[str, float], printed: float | None = None, caption: str = "") -> Figure:
    """CLWV, error rate and the gap between them at the saturation point, against β: a panel per attribute, means over layers and orders.

    table    columns name, beta, clwv, error, gap
    chosen   name → β chosen on dev; printed: the paper's
    """
    names = list(dict.fromkeys(table.name))
    lines = {"error": ("error rate", "orange", "D"), "clwv": ("CLWV", "blue", "o"), "gap": ("gap", "grey", "^")}
    mean = table.groupby(["name", "beta"], sort=True)[list(lines)].mean()
    with draw(PAGE, 2.9, ncols=len(names), sharey=True) as (fig, axes):
        for ax, name in zip(axes[0], names, strict=True):
            for column, (label, tint, mark) in lines.items():
                ax.plot(mean.loc[name].index, mean.loc[name][column], color=LIGHT[tint], marker=mark, ms=4, lw=1.5, label=label)
            ax.axvline(chosen[name], color=LIGHT["ink"], lw=1, ls=(0, (4, 2)))
            ax.annotate(f"chosen {chosen[name]:g}", (chosen[name], 0.97), (3, 0), xycoords=("data", "axes fraction"), textcoords="offset points", va="top", fontsize=9)
            if printed is not None:
                ax.axvline(printed, color=LIGHT["muted"], lw=1, ls=":")
            ax.set_title(name)
            ax.set_xlabel("β")
            ax.set_ylim(0, 1)
            ax.grid(True, axis="y")
            ax.tick_params(length=0)
        axes[0, 0].set_ylabel("share of words, dev")
        items = {label: {"color": LIGHT[tint], "marker": mark, "linestyle": "-", "markersize": 4} for label, tint, mark in lines.values()}
        legend_line(fig, items | ({"the paper's β": {"linestyle": ":"}} if printed is not None else {}))
        told = "; ".join(f"{name}: " + ", ".join(f"β {b:g} CLWV {v.clwv:.2f}, errors {v.error:.2f}" for b, v in mean.loc[name].iterrows()) for name in names)
        return finish(fig, f"Measures at the saturation point against β. {told}.", caption)


_SCRIPT = """(() => {
  const root = document.getElementById("ID"), data = JSON.parse(document.getElementById("ID-data").textContent);
  const [which, sentence, neurons, beta] = root.querySelectorAll("select, input");
  const [much, strong] = root.querySelectorAll("output"), said = root.querySelector("p");
  const fill = () => {
    const list = data.panels[which.value].sentences;
    sentence.replaceChildren(...list.map((s, i) => new Option(s.words.join(" "), i)));
    show();
  };
  const show = () => {
    const s = data.panels[which.value].sentences[sentence.value];
    const now = s.said[0][beta.value][neurons.value], at = new Map(s.places.map((p, i) => [p, i]));
    much.textContent = data.neurons[neurons.value] + " of 768";
    strong.textContent = data.betas[beta.value];
    said.replaceChildren();
    s.words.forEach((word, p) => {
      if (p) said.append(" ");
      if (!at.has(p)) { said.append(word); return; }
      const form = now[at.get(p)], changed = form !== word, mark = document.createElement(changed ? "ins" : "span");
      mark.textContent = form;
      mark.title = (changed ? "the text has: " + word + "; " : "unchanged; ") + s.from[at.get(p)];
      mark.style.cssText = changed ? "color:var(--lca-orange,#b8450a);font-weight:700;text-decoration:underline" : "text-decoration:underline dotted";
      said.append(mark);
    });
  };
  which.addEventListener("change", fill);
  [sentence, neurons, beta].forEach(control => control.addEventListener("input", show));
  fill();
})();"""


def intervention_panel(data: Mapping, caption: str = "") -> Figure:
    """A panel to try: pick an attribute, a sentence, how many neurons are moved and β, and read what the model says; needs no server.

    data    as `steering.panel` gives it. Only the first target value of each word is shown. Words that carry the attribute are
            underlined, those that come out otherwise than in the text bold. Without scripts the page shows one example.
    """
    if not data["panels"] or not all(panel["sentences"] for panel in data["panels"]):
        raise ValueError("nothing to show; give a panel with at least one sentence for each attribute")
    text = json.dumps(data, ensure_ascii=False, separators=(",", ":")).replace("</", "<\\/")
    name = "p" + hashlib.sha256(text.encode()).hexdigest()[:8]
    k, b = len(data["neurons"]) - 1, min(range(len(data["betas"])), key=lambda i: abs(data["betas"][i] - 8))
    first = data["panels"][0]["sentences"][0]
    changed = list(first["words"])
    for place, form in zip(first["places"], first["said"][0][b][k], strict=True):
        changed[place] = form
    told = f"“{' '.join(first['words'])}” becomes “{' '.join(changed)}”"
    options = "".join(f'<option value="{i}">{escape(p["name"])}, layer {p["layer"]}</option>' for i, p in enumerate(data["panels"]))
    row = "display:block;margin:.4rem 0"
    slider = '<input type="range" min="0" max="{0}" value="{1}" step="1" style="vertical-align:middle"> <output></output>'
    body = (
        f'<div id="{name}" class="lca-panel"><label style="{row}">Attribute <select>{options}</select></label>'
        f'<label style="{row}">Sentence <select style="max-width:100%"></select></label>'
        f'<label style="{row}">Neurons moved {slider.format(k, max(0, k - 1))}</label><label style="{row}">β {slider.format(len(data["betas"]) - 1, b)}</label>'
        f'<p aria-live="polite" style="font-size:1.1rem">{escape(told)}</p></div>'
        f'<script type="application/json" id="{name}-data">{text}</script><script>{_SCRIPT.replace("ID", name)}</script>'
    )
    return Figure(body=body, alt=f"A panel to try interventions: {len(data['panels'])} attributes; for instance {told}.", caption=caption)
