"""Words as figures: annotation layers, dependency arcs, words coloured by activation, top words of neurons."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from html import escape

import numpy as np

from .style import LIGHT, Figure, draw, finish, token_colours

__all__ = ["activation_sentences", "dependency_tree", "sentence_annotations", "top_words"]

_HUES = ("blue", "orange", "green", "purple", "gold", "grey")
_ROOT = "root"
_HIDDEN = "position:absolute;width:1px;height:1px;overflow:hidden;clip-path:inset(50%);white-space:nowrap"


def sentence_annotations(words: Sequence[str], layers: Mapping[str, Sequence[str]], caption: str = "") -> Figure:
    """One sentence with every annotation layer under its words; each layer has a hue of its own.

    words   n words
    layers  name → n labels, "" where a word has none

    Raises ValueError where a layer and the words differ in length.
    """
    head = "".join(f'<th scope="col">{escape(w)}</th>' for w in words)
    body = []
    for k, (name, labels) in enumerate(layers.items()):
        if len(labels) != len(words):
            raise ValueError(f"layer {name!r} has {len(labels)} labels for {len(words)} words; give one per word, '' for none")
        hue = _HUES[k % len(_HUES)]
        cells = "".join(f'<td><span class="lca-chip lca-hue-{hue}">{escape(x)}</span></td>' if x else '<td class="lca-empty">–</td>' for x in labels)
        body.append(f'<tr><th scope="row">{escape(name)}</th>{cells}</tr>')
    title = escape(caption or "One sentence with its annotation layers")
    table = (
        f'<div class="lca-scroll" role="region" tabindex="0" aria-label="Annotated sentence"><table class="lca-table lca-sentence">'
        f"<caption>{title}</caption><thead><tr><td></td>{head}</tr></thead><tbody>{''.join(body)}</tbody></table></div>"
    )
    return Figure(body=table, alt=f"The sentence “{' '.join(words)}” with its layers {', '.join(layers)}")


def dependency_tree(words: Sequence[str], heads: Sequence[int], relations: Sequence[str], tags: Sequence[str] = (), caption: str = "") -> Figure:
    """A dependency tree as arcs over the sentence, from head to dependent.

    words      n words
    heads      n heads, 1-based as in CoNLL-U; 0 for the root
    relations  n relation names
    tags       n labels shown under the words, or none

    Raises ValueError for lengths that differ or a head outside 0 … n.
    """
    n, heads = len(words), list(heads)
    if len(heads) != n or len(relations) != n or (len(tags) not in (0, n)):
        raise ValueError(f"{n} words, {len(heads)} heads, {len(relations)} relations, {len(tags)} tags; give one of each per word")
    if bad := [h for h in heads if not 0 <= h <= n]:
        raise ValueError(f"head {bad[0]} of a sentence of {n} words; heads count from 1, 0 is the root")
    arcs = sorted((abs(h - i), min(h, i) - 1, max(h, i) - 1, h - 1, i - 1) for i, h in enumerate(heads, 1) if h)
    level = _arc_levels(arcs)
    top = max(level.values(), default=1) + 0.9
    # widths in points of the text at its size: DejaVu Sans is about 0.62 of its height wide
    need = [0.62 * max(10.5 * len(w), 9 * len(t), 0) + 14 for w, t in zip(words, tags or [""] * n, strict=True)]
    for a, b, relation in ((i, h - 1, r) for i, (h, r) in enumerate(zip(heads, relations, strict=True)) if h):
        if abs(a - b) == 1:  # a short arc must be as wide as its label
            gap = 0.62 * 9 * len(relation) + 22 - (need[a] + need[b]) / 2
            if gap > 0:
                need[a], need[b] = need[a] + gap, need[b] + gap
    x = np.cumsum(need) - np.array(need) / 2
    width = float(sum(need))
    with draw(max(width / 72, 2.5), 0.62 + 0.36 * top + (0.2 if tags else 0)) as (fig, axes):
        ax = axes[0, 0]
        unit = 26.0
        root = heads.index(0) if 0 in heads else None
        ports = _ports(arcs, x, root)
        for arc in arcs:
            _, _, _, head, dependent = arc
            start, end = ports[arc, head], ports[arc, dependent]
            _arc(ax, start, end, unit * level[arc], relations[dependent], lifted=unit * 0.12)
        if root is not None:
            at = ports[_ROOT, root]
            ax.annotate("", (at, 3), (at, unit * top), arrowprops={"arrowstyle": "-|>", "color": LIGHT["muted"], "lw": 0.9, "shrinkA": 0, "shrinkB": 0, "mutation_scale": 9})
            ax.text(at + 4, unit * top, "root", fontsize=9, color=LIGHT["muted"], va="top")
        for i, word in enumerate(words):
            ax.text(x[i], -4, word, ha="center", va="top", fontsize=10.5, color=LIGHT["ink"])
            if tags:
                ax.text(x[i], -20, tags[i], ha="center", va="top", fontsize=9, color=LIGHT["muted"])
        ax.set(xlim=(0, width), ylim=(-34 if tags else -18, unit * top + 2))
        ax.axis("off")
        said = "; ".join(f"{words[i]} is {relations[i]} of {words[h - 1]}" if h else f"{words[i]} is the root" for i, h in enumerate(heads))
        return finish(fig, f"Dependency tree of “{' '.join(words)}”: {said}.", caption)


def _arc_levels(arcs) -> dict:
    """Height of each arc: one above the highest arc that it spans or crosses among the shorter ones."""
    level: dict = {}
    for arc in arcs:
        _, a, b, *_ = arc
        below = [lv for (_, c, d, *_), lv in level.items() if max(a, c) < min(b, d)]
        level[arc] = 1 + max(below, default=0)
    return level


def _ports(arcs, x, root) -> dict:
    """Where each arc leaves or meets a word: spread over the word so that arrows do not share a point."""
    out = {}
    for word in range(len(x)):
        touching = [arc for arc in arcs if word in arc[3:]]
        # from left to right: arcs to the left, longest last; the root's; arcs to the right, longest first: so none cross
        left = sorted((a for a in touching if a[2] == word), key=lambda a: -a[1])
        right = sorted((a for a in touching if a[1] == word), key=lambda a: -a[2])
        ordered = left + ([_ROOT] if word == root else []) + right
        step = 7.0
        for k, arc in enumerate(ordered):
            out[arc, word] = float(x[word] + step * (k - (len(ordered) - 1) / 2))
    return out


def _arc(ax, start, end, height, label, lifted):
    from matplotlib.patches import FancyArrowPatch
    from matplotlib.path import Path

    bend = min(9.0, abs(end - start) / 2)
    side = np.sign(end - start)
    path = Path(
        [(start, 2), (start, height - bend), (start, height), (start + side * bend, height), (end - side * bend, height), (end, height), (end, height - bend), (end, 3)],
        [Path.MOVETO, Path.LINETO, Path.CURVE3, Path.CURVE3, Path.LINETO, Path.CURVE3, Path.CURVE3, Path.LINETO],
    )
    ax.add_patch(FancyArrowPatch(path=path, arrowstyle="-|>", mutation_scale=9, lw=1.1, color=LIGHT["blue"], joinstyle="round"))
    ax.text((start + end) / 2, height + lifted, label, ha="center", va="bottom", fontsize=9, color=LIGHT["blue"])


def activation_sentences(sentences: Sequence[Sequence[str]], values: Sequence, vmax: float | None = None, title: str = "", caption: str = "", digits: int = 2) -> Figure:
    """Sentences as running text, each word on the colour of its activation; all on one signed scale.

    sentences  S sequences of words
    values     S sequences of activations, one per word
    vmax       magnitude at the ends of the scale; default the largest of all values
    digits     of the numbers, which show on hovering and are read out by screen readers

    Raises ValueError where words and values differ in length or a value is not finite.
    """
    rows = [np.asarray(v, dtype=float) for v in values]
    if len(rows) != len(sentences) or any(len(w) != len(v) for w, v in zip(sentences, rows, strict=False)):
        raise ValueError(f"{[len(s) for s in sentences]} words and {[len(v) for v in rows]} values; give one value per word")
    flat = np.concatenate(rows) if rows else np.zeros(0)
    if not len(flat) or not np.isfinite(flat).all():
        raise ValueError("activations are empty, NaN or infinite; give at least one word, and finite values")
    vmax = float(np.abs(flat).max() or 1.0) if vmax is None else float(vmax)
    body = "".join(f"<li>{' '.join(_token(w, v, vmax, digits) for w, v in zip(words, row, strict=True))}</li>" for words, row in zip(sentences, rows, strict=True))
    head = f'<div class="lca-title">{escape(title)}</div>' if title else ""
    peak = max(((abs(v), w, v) for words, row in zip(sentences, rows, strict=True) for w, v in zip(words, row, strict=True)), key=lambda p: p[0])
    alt = f"{title or 'Words coloured by activation'}: {len(sentences)} sentences, from {flat.min():.{digits}f} to {flat.max():.{digits}f}, strongest on “{peak[1]}” ({peak[2]:+.{digits}f})"
    return Figure(body=f'<div class="lca-activations">{head}{_scale(vmax, digits)}<ul>{body}</ul></div>', alt=alt, caption=caption)


def _token(word: str, value: float, vmax: float, digits: int, text: str | None = None) -> str:
    (background, ink), (dark_background, dark_ink) = token_colours(value, vmax), token_colours(value, vmax, dark=True)
    number = f"{value:+.{digits}f}".replace("-", "−")
    hidden = "" if text else f'<span style="{_HIDDEN}"> ({number})</span>'
    return (
        f'<span class="lca-token" title="{number}" style="background-color:{background};color:{ink};--lca-bg:{dark_background};--lca-fg:{dark_ink};'
        f'border-radius:.25em;padding:.05em .25em">{escape(text or word)}{hidden}</span>'
    )


def _scale(vmax: float, digits: int) -> str:
    ticks = [-vmax, -vmax / 2, 0.0, vmax / 2, vmax]
    steps = " ".join(_token("", t, vmax, digits, text=f"{t:+.{digits}f}".replace("-", "−") if t else "0") for t in ticks)
    return f'<div class="lca-scale">activation {steps}</div>'


def top_words(rows: Sequence[Mapping], caption: str = "") -> Figure:
    """The words that activate single neurons most, beside those that the paper prints for a like neuron.

    rows  each {"property": "VBD", "neuron": "layer 3: 45", "words": [(word, activation, has the property)],
          "published": {"RoBERTa, layer 9: 624": [words]} or absent}

    Words without the property are struck as strays by a dashed underline, and said to be so.
    """
    body = []
    for row in rows:
        words = ", ".join(_top_word(*w) for w in row["words"])
        printed = "<br>".join(f'<span class="lca-unit">{escape(k)}</span> {escape(", ".join(map(str, v)))}' for k, v in (row.get("published") or {}).items())
        body.append(f'<tr><th scope="row">{escape(row["property"])}</th><td>{escape(str(row["neuron"]))}</td><td>{words}</td><td>{printed or "—"}</td></tr>')
    heads = "".join(f'<th scope="col">{h}</th>' for h in ("Property", "Neuron here", "Words that activate it most", "Printed: neuron and words"))
    title = escape(caption or "Words that activate single neurons most; a dashed underline marks a word without the property")
    table = (
        f'<div class="lca-scroll" role="region" tabindex="0" aria-label="Top words per neuron"><table class="lca-table lca-words">'
        f"<caption>{title}</caption><thead><tr>{heads}</tr></thead><tbody>{''.join(body)}</tbody></table></div>"
    )
    said = "; ".join(f"{r['property']} ({r['neuron']}): {', '.join(w[0] for w in r['words'])}" for r in rows)
    return Figure(body=table, alt=f"Top words per neuron. {said}")


def _top_word(word: str, activation: float, has: bool) -> str:
    number = f"{activation:+.2f}".replace("-", "−")
    if has:
        return f'<span title="{number}">{escape(word)}</span>'
    return f'<span class="lca-stray" style="text-decoration:underline dashed" title="{number}, without the property">{escape(word)}<span style="{_HIDDEN}"> (stray)</span></span>'
