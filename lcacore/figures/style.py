"""One look for every figure: colours, type and the SVG that follows the page's light or dark theme.

A figure is drawn once with the light colours. In its SVG each of them becomes a CSS variable with that
colour as fallback, so the page (book/_static/lcacore.css) redraws it for the dark theme by itself.
"""

from __future__ import annotations

import hashlib
import io
import re
from collections.abc import Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from html import escape

__all__ = ["DARK", "LIGHT", "PAGE", "ROLES", "Figure", "colour", "contrast", "draw", "label_rows", "luminance", "mix", "token_colours", "whole_numbers"]

# Readable as text (contrast of at least 4.5) on the theme's light and dark page; told apart by the colour-blind.
LIGHT = {"ink": "#1f2329", "muted": "#57606b", "line": "#c9d1d9", "paper": "#fefefe", "blue": "#0b62a8", "orange": "#b8450a", "grey": "#66707b", "purple": "#8440a8", "green": "#0f7050", "gold": "#856204"}
DARK = {"ink": "#ced6dd", "muted": "#9ca4af", "line": "#48566b", "paper": "#14181e", "blue": "#6cb6ff", "orange": "#ff9a66", "grey": "#a3adb8", "purple": "#cfa4ff", "green": "#56d3a6", "gold": "#e3b341"}
ROLES = {"All": "ink", "Top": "blue", "Random": "grey", "Bottom": "orange", "Magnitude": "purple", "Probeless": "purple"}
_THEME = {"ink": "--pst-color-text-base", "muted": "--pst-color-text-muted", "line": "--pst-color-border", "paper": "--pst-color-background"}
_SHRINK = 'style="max-width:100%;height:auto"'
PAGE = 7.0  # inches: the page column, so that text keeps its size
_WIDEST = 8.0
_GAP, _SMALLEST = 6, 0.75  # of titles: pixels to what comes next, and the share of their size that they shrink to at most
# ends and middle of the signed scale, chosen so that text stays readable on the whole of it
_SCALE = {False: ("#f0a27a", "#f6f7f8", "#7fb8ea"), True: ("#9c3f0c", "#232a33", "#1c62a3")}

_RC = {
    "font.family": ["DejaVu Sans"],
    "font.size": 9.5,
    "axes.titlesize": 10.5,
    "axes.titleweight": "bold",
    "axes.titlelocation": "left",
    "axes.labelsize": 9.5,
    "xtick.labelsize": 9,
    "ytick.labelsize": 9,
    "axes.edgecolor": LIGHT["line"],
    "axes.linewidth": 0.8,
    "axes.labelcolor": LIGHT["muted"],
    "axes.titlecolor": LIGHT["ink"],
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.facecolor": "none",
    "figure.facecolor": "none",
    "savefig.facecolor": "none",
    "text.color": LIGHT["ink"],
    "xtick.color": LIGHT["line"],
    "ytick.color": LIGHT["line"],
    "xtick.labelcolor": LIGHT["muted"],
    "ytick.labelcolor": LIGHT["ink"],
    "grid.color": LIGHT["line"],
    "grid.linewidth": 0.6,
    "axes.axisbelow": True,
    "svg.fonttype": "path",
    "svg.hashsalt": "lcacore",
}


def colour(name: str) -> str:
    """A colour of the palette, or the one of a role (Top, Random, Bottom, …)."""
    name = ROLES.get(name, name)
    if name not in LIGHT:
        raise ValueError(f"no colour {name!r}; there is {', '.join([*LIGHT, *ROLES])}")
    return LIGHT[name]


@dataclass(frozen=True, eq=False)
class Figure:
    """What a notebook displays: markup with a text alternative and a caption.

    body     inline SVG, or HTML that is text already
    alt      what the figure shows, in words, for those who do not see it
    caption  one or two sentences under it
    fig      the matplotlib figure behind it, where there is one
    """

    body: str
    alt: str
    caption: str = ""
    fig: object | None = None

    def __post_init__(self):
        if not self.alt.strip():
            raise ValueError("a figure wants a text alternative; say in `alt` what it shows")

    def _repr_mimebundle_(self, include=None, exclude=None):
        caption = f"<figcaption>{escape(self.caption)}</figcaption>" if self.caption else ""
        return {"text/html": f'<figure class="lca-figure">{self.body}{caption}</figure>', "text/plain": self.alt}


@contextmanager
def draw(width: float, height: float, **subplots):
    """`with draw(7.5, 3, ncols=2) as (fig, axes)`: axes is always a 2-d array; the style holds inside the block."""
    import matplotlib
    from matplotlib.figure import Figure as Canvas

    with matplotlib.rc_context(_RC):
        fig = Canvas(figsize=(width, height), layout="constrained")
        yield fig, fig.subplots(squeeze=False, **subplots)


def halo():
    """A rim in the page's colour: text over lines stays readable."""
    from matplotlib.patheffects import withStroke

    return [withStroke(linewidth=2.6, foreground=LIGHT["paper"])]


def finish(fig, alt: str, caption: str = "") -> Figure:
    """The figure as inline SVG, a function of what was drawn alone. Call inside the `draw` block.

    A figure wider than the page scrolls instead of shrinking, so that its text keeps its size.
    """
    _fit_titles(fig)
    out = io.StringIO()
    fig.savefig(out, format="svg", metadata={"Date": None, "Creator": None, "Format": None, "Type": None})
    body = _themed(out.getvalue(), alt)
    if fig.get_figwidth() > _WIDEST:
        body = body.replace(_SHRINK, "", 1)
        body = f'<div class="lca-scroll" role="region" tabindex="0" aria-label="Wide figure">{body}</div>'
    return Figure(body=body, alt=alt, caption=caption, fig=fig)


def _fit_titles(fig) -> None:
    """Panels' titles as small as it takes to end before the next panel begins, or the figure ends."""
    from matplotlib.text import Text

    fig.draw_without_rendering()  # places them
    panels = {ax: ax.get_window_extent() for ax in fig.axes}
    for ax, box in panels.items():
        rooms = [other.x0 for other in panels.values() if other.x0 > box.x1 - 1 and other.y0 < box.y1 and other.y1 > box.y0]
        for title in ax.get_children():
            if isinstance(title, Text) and title.get_text() and title.get_text() == ax.get_title(loc="left"):
                wide = title.get_window_extent()
                room = min([*rooms, fig.bbox.x1]) - _GAP - wide.x0
                title.set_fontsize(title.get_fontsize() * min(1.0, max(_SMALLEST, room / wide.width)))


def _themed(svg: str, alt: str) -> str:
    svg = svg[svg.index("<svg") :]
    svg = re.sub(r"<metadata>.*?</metadata>|<!--.*?-->", "", svg, flags=re.S)
    svg = re.sub(r"\d+\.\d{4,}", lambda m: f"{float(m[0]):.3f}".rstrip("0").rstrip("."), svg)
    for name, value in LIGHT.items():
        svg = svg.replace(value, f"var({_THEME.get(name, f'--lca-{name}')}, {value})")
    key = "f" + hashlib.sha256(svg.encode()).hexdigest()[:8]  # ids must differ between the figures of one page
    svg = re.sub(r'( id="|url\(#|href="#)', rf"\g<1>{key}-", svg)
    svg = re.sub(r"\n\s*", "\n", svg)
    head = f'<svg role="img" aria-label="{escape(alt, quote=True)}" {_SHRINK} '
    return svg.replace("<svg ", head, 1).strip()


# --- colour arithmetic (sRGB, WCAG 2) --------------------------------------------------------------

def _channels(colour: str) -> list[float]:
    return [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]


def luminance(colour: str) -> float:
    """Relative luminance of "#rrggbb", 0 (black) to 1 (white), after WCAG 2."""
    r, g, b = (c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in _channels(colour))
    return 0.2126 * r + 0.7152 * g + 0.0722 * b


def contrast(a: str, b: str) -> float:
    """Contrast ratio of two colours, 1 to 21; text wants 4.5."""
    high, low = sorted((luminance(a), luminance(b)), reverse=True)
    return (high + 0.05) / (low + 0.05)


def mix(a: str, b: str, share: float) -> str:
    """`share` of b in a."""
    return "#" + "".join(f"{round(255 * (x + share * (y - x))):02x}" for x, y in zip(_channels(a), _channels(b), strict=True))


def token_colours(value: float, vmax: float, dark: bool = False) -> tuple[str, str]:
    """Background and text colour of a word with activation `value` on a signed scale from -vmax to vmax.

    Positive is blue, negative orange, zero the page's own tone; the text colour is the more readable of two.
    """
    if not vmax > 0:
        raise ValueError(f"vmax is {vmax}; give the largest magnitude of the scale, above 0")
    low, zero, high = _SCALE[dark]
    share = min(1.0, abs(value) / vmax)
    background = mix(zero, high if value >= 0 else low, share)
    return background, max(("#101418", "#ffffff"), key=lambda text: contrast(background, text))


def legend_line(fig_or_ax, items: Mapping[str, Mapping], **options):
    """A legend in one line without a frame: label → marker properties of `Line2D`."""
    from matplotlib.lines import Line2D

    handles = [Line2D([], [], label=label, **{"linestyle": "none", "color": LIGHT["muted"], **style}) for label, style in items.items()]
    options = {"loc": "outside upper left", "ncols": len(handles), "frameon": False, "handletextpad": 0.3, "columnspacing": 1.4, "fontsize": 9, "labelcolor": LIGHT["muted"], "borderaxespad": 0.2, **options}
    return fig_or_ax.legend(handles=handles, **options)


def whole_numbers(n: int):
    """At most n + 1 ticks of an axis, at whole numbers."""
    from matplotlib.ticker import MaxNLocator

    return MaxNLocator(n, integer=True)


def label_rows(ax, title: str, labels, deepest: int, ticks: int) -> None:
    """A row per label, in a panel as tall as `deepest` rows; its x-axis stands beside the first row, also where labels are few."""
    ax.set(ylim=(deepest - 0.4, -0.7), yticks=range(len(labels)), title=title)
    ax.set_yticklabels(labels)
    ax.xaxis.set_major_locator(whole_numbers(ticks))
    ax.vlines([t for t in ax.get_xticks() if 0 <= t <= ax.get_xlim()[1]], -0.7, len(labels) - 0.4, color=LIGHT["line"], lw=0.6, zorder=0)
    ax.xaxis.tick_top()
    ax.tick_params(length=0)
    for side in ax.spines.values():
        side.set_visible(False)
