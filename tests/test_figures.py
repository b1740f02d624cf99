import re
import subprocess
import sys
import xml.etree.ElementTree as ET
from itertools import combinations
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from bs4 import BeautifulSoup
from hypothesis import given
from hypothesis import strategies as st

from lcacore import figures
from lcacore.figures import style
from lcacore.types import Curve

ROOT = Path(__file__).resolve().parent.parent
TASKS = ("POS", "SEM", "Chunking")
WORDS = "The old farmer sold a small house near the river".split()
HEADS = [3, 3, 4, 0, 7, 7, 4, 10, 10, 7]
RELATIONS = ["det", "amod", "nsubj", "root", "det", "amod", "obj", "case", "det", "nmod"]


def curve(top, slope):
    x = np.arange(1, 13)
    y = top - 25 * np.exp(-x / slope)
    return Curve(tuple(x), tuple(y), tuple(y - 0.5), tuple(y + 0.5))


def gallery() -> dict:
    cells = {t: {"All": 95.0, "Top": (90.0 - k, 88.0, 91.5), "Random": 50.0 + 9 * k, "Bottom": 20.0 + 14 * k, "Magnitude": 60.0} for k, t in enumerate(TASKS)}
    printed = {t: {s: {"BERT": 93.0, "XLNet": 88.0} for s in cells[t]} for t in TASKS}
    strengths = [0, 1e-5, 1e-3, 1e-1]
    grid = 90 - np.add.outer([0, 1, 5, 60], [0, 1, 2, 9]).astype(float)
    p = np.array([0.1, 0.3, 0.35, 0.2, 0.05])
    line = pd.DataFrame({"error": [4.0, 50.0, 90.0], "clwv": [0.0, 30.0, 25.0]}, index=[0.0, 20.0, 100.0])
    moved = {("tense", layer): {"linear": line, "linear reversed": line / 9, "random": line / 5} for layer in (1, 2)}
    points = pd.DataFrame([("tense", layer, order, 0.3, 60) for layer in (1, 2) for order in ("linear", "probeless")], columns=["name", "layer", "order", "clwv", "of_768"])
    return {
        "ablation": figures.ablation_dots(cells, printed, {"POS": {"Top": 85.0}}, caption="Kept <20 %"),
        "minimal": figures.minimal_curves({t: {"LCA": curve(96, 2), "Probeless": curve(95, 4)} for t in TASKS}, dict.fromkeys(TASKS, 96.1), 1.0, dict.fromkeys(TASKS, 6), {"POS": 5}),
        "redundancy": figures.redundancy_dumbbells({t: {"All": 96.0, "Top": (95.0, 94.5, 95.4), "Random": 93.5, "Bottom": 91.0} for t in TASKS}, {"POS": {"Top": [95.9, 96.4]}}),
        "position": figures.position_curve(Curve((0, 0.5, 1), (1.0, 0.0, -1.0), (0.8, -0.2, -1.2), (1.2, 0.2, -0.8), "layer 2: 17")),
        "damage": figures.damage_curves({t: {"top": Curve((0, 25, 50), (12.0, 90.0, 400.0), (11.0, 80.0, 300.0), (13.0, 95.0, 500.0)), "bottom": Curve((0, 25, 50), (12.0, 14.0, 30.0))} for t in TASKS}, "perplexity", log=True),
        "shared": figures.shared_sets({"JJ": [1, 2, 3, 9], "JJR": [3, 4, 9], "JJS": [3, 9, 7]}),
        "profiles": figures.position_profile({"1: 17": Curve((0, 1), (1.0, -1.0)), "2: 40": Curve((0, 1), (-0.5, 0.1))}),
        "layers": figures.layer_histogram({m: {t: [5, 20, 30, 10, 1] for t in TASKS} for m in ("bert", "other")}),
        "labels": figures.label_lollipops({"POS": {"NN": 50, "DT": 8, "VB": 41, "TO": 3}, "SEM": {"PER": 30, "DEF": 4}}, {"NN": True, "VB": True, "PER": True, "DT": False, "TO": False, "DEF": False}, {"POS": 90, "SEM": 30}),
        "tuned": figures.before_after({t: {"Baseline": {"t": (95.0, 94.5, 95.4), "b": 91.0}, "SST": {"t": 94.0, "b": 60.0}} for t in TASKS}, {"POS": {"SST": {"t": 95.9, "b": 93.4}}}),
        "shifts": figures.layer_lines({m: {t: {"Baseline": [5, 20, 30, 45], "SST": [30, 40, 20, 10], "RTE": [10, 20, 30, 40]} for t in TASKS} for m in ("bert", "other")}),
        "languages": figures.label_languages({"POS": {"DET": {"English": 2, "German": 3}, "NOUN": {"English": 20, "German": 30}}, "Dependency": {"nsubj": {"English": 9, "German": 12}}}),
        "surface": figures.lambda_surface(strengths, strengths, grid, grid / 3, best=(1e-3, 1e-3), published=(1e-5, 1e-5)),
        "overlap": figures.overlap_heatmap(["Weight mass", "Probeless", "Random"], [[9, 5, 1], [5, 9, 2], [1, 2, 9]], 2.0, 9),
        "distribution": figures.overlap_distribution(p, {"Linear ∩ Probeless": 4, "Linear ∩ Random": 2, "French ∩ Spanish": 9}, 1.8),
        "tree": figures.dependency_tree(WORDS, HEADS, RELATIONS, ["DT"] * 10),
        "annotations": figures.sentence_annotations(["a", "b<"], {"pos": ["DT", ""], "ccg": ["NP/N", r"(S\NP)/NP"]}),
        "activations": figures.activation_sentences([["a", "b"], ["c"]], [[1.0, -2.0], [0.0]], title="Layer 1: 3", caption="x"),
        "interventions": figures.intervention_curves(moved, {("tense", 1, "linear"): 20.0}),
        "saturation": figures.saturation_dots(points.assign(low=points.clwv - 0.05, high=points.clwv + 0.05), points.assign(clwv=0.2)),
        "beta": figures.beta_sweep(pd.DataFrame({"name": ["tense", "tense"], "beta": [1, 8], "clwv": [0.1, 0.4], "error": [0.1, 0.6], "gap": [0.0, 0.2]}), {"tense": 8}, 8.0),
        "crossing": figures.crossing_curves([1, 2, 8], {"Number 3": {("Linear", "Linear"): [1, 2, 3], ("Gaussian", "random"): [2, 3, 4], ("Linear", "Gaussian reversed"): [0, 1, 2]}}, lines={"Number 3": 1.5}, marks={2: ""}),
        "gaps": figures.gap_map(["a<", "b", "c"], [1.0, 4.0, 2.0], [3.0, 1.0, -3.0], ["G>L", "Standard", "L>G"]),
        "patterns": figures.pattern_map(["a", "b", "c"], [[0, 0], [1, 2], [2, 1]], [0, 0, 1], ["Standard", "G>L"], ["a", "b", "c"]),
        "rankings": figures.overlap_dots(pd.DataFrame({"Linear ∩ Gaussian": [3, 4], "all three": [1, 2]}, index=["a", "b"]), {"three by chance": 0.3, "two by chance": 1.0}, 9),
        "tests": figures.p_matrices(*[{"k = 2": pd.DataFrame([[np.nan, 0.01], [0.99, np.nan]], *[["Gaussian by Linear", "Linear by Linear"]] * 2)}] * 2),
        "words": figures.top_words([{"property": "VBD", "neuron": "layer 3: 45", "words": [("sold", 3.2, True), ("red", 2.0, False)], "published": {"BERT 5:618": ["360"]}}]),
    }


@pytest.fixture(scope="module")
def shown():
    return gallery()


def page(figure) -> BeautifulSoup:
    return BeautifulSoup(figure._repr_mimebundle_()["text/html"], "html.parser")


def test_every_figure_says_what_it_shows(shown):
    for name, figure in shown.items():
        bundle = figure._repr_mimebundle_()
        assert bundle["text/plain"] == figure.alt and len(figure.alt) > 20, name
        html = page(figure)
        svg = html.find("svg")
        if svg:
            assert svg["role"] == "img" and svg["aria-label"] == figure.alt
            ET.fromstring(str(svg).replace("xlink:href", "href"))
        for region in html.select("[role=region]"):
            assert region["aria-label"] and region["tabindex"] == "0"
    assert page(shown["ablation"]).figcaption.text == "Kept <20 %"
    with pytest.raises(ValueError, match="text alternative"):
        figures.Figure("<svg/>", alt=" ")


def test_nothing_comes_from_the_network(shown):
    for figure in shown.values():
        links = set(re.findall(r"https?://[^\"' <]+", figure.body)) - {"http://www.w3.org/2000/svg", "http://www.w3.org/1999/xlink"}
        assert not links


def test_same_data_same_markup_and_ids_of_two_figures_differ(shown):
    again = gallery()
    assert {k: f.body for k, f in shown.items()} == {k: f.body for k, f in again.items()}
    ids = [i for f in shown.values() for i in set(re.findall(r' id="([^"]+)"', f.body))]
    assert len(ids) == len(set(ids))
    for figure in shown.values():
        own = set(re.findall(r' id="([^"]+)"', figure.body))
        assert set(re.findall(r'href="#([^"]+)"|url\(#([^)]+)\)', figure.body)) <= {(i, "") for i in own} | {("", i) for i in own}


def test_drawn_colours_follow_the_theme(shown):
    for figure in shown.values():
        bare = re.sub(r"var\(--[^)]*\)", "", figure.body)
        assert not [c for c in style.LIGHT.values() if c in bare]


def test_palette_reads_as_text_on_both_pages():
    for palette, behind in ((style.LIGHT, "#ffffff"), (style.DARK, "#14181e")):
        for name, value in palette.items():
            if name not in ("line", "paper"):
                assert style.contrast(value, behind) >= 4.5, (name, behind)


def test_stylesheet_holds_the_same_palette():
    css = (ROOT / "book" / "_static" / "lcacore.css").read_text()
    light, dark = (dict(re.findall(r"--lca-(\w+): (#\w{6})", block)) for block in re.findall(r"^html[^{]*\{([^}]*--lca-blue[^}]*)\}", css, re.M))
    for found, palette in ((light, style.LIGHT), (dark, style.DARK)):
        assert found == {k: v for k, v in palette.items() if k not in ("ink", "muted", "line", "paper")}


def lab(colour, matrix=None):
    """CIE L*a*b* (D65) of a colour, seen through a 3 x 3 matrix on linear RGB."""
    c = np.array(style._channels(colour))
    linear = np.where(c <= 0.04045, c / 12.92, ((c + 0.055) / 1.055) ** 2.4)
    linear = np.clip(linear if matrix is None else matrix @ linear, 0, 1)
    xyz = np.array([[0.4124, 0.3576, 0.1805], [0.2126, 0.7152, 0.0722], [0.0193, 0.1192, 0.9505]]) @ linear / [0.9505, 1, 1.089]
    f = np.where(xyz > 0.008856, np.cbrt(xyz), 7.787 * xyz + 16 / 116)
    return np.array([116 * f[1] - 16, 500 * (f[0] - f[1]), 200 * (f[1] - f[2])])


# Machado, Oliveira and Fernandes 2009, severity 1
DEUTERANOPIA = np.array([[0.367322, 0.860646, -0.227968], [0.280085, 0.672501, 0.047413], [-0.01182, 0.04294, 0.968881]])
PROTANOPIA = np.array([[0.152286, 1.052583, -0.204868], [0.114503, 0.786281, 0.099216], [-0.003882, -0.048116, 1.051998]])


@pytest.mark.parametrize("seen", [DEUTERANOPIA, PROTANOPIA], ids=["deuteranopia", "protanopia"])
@pytest.mark.parametrize("palette", [style.LIGHT, style.DARK], ids=["light", "dark"])
def test_colours_that_stand_side_by_side_are_told_apart_by_the_colour_blind(seen, palette):
    for together in (("blue", "grey", "orange"), ("blue", "orange", "purple")):
        for a, b in combinations(together, 2):
            if {a, b} == {"blue", "purple"}:
                continue  # never the only difference: rows carry their names, curves their own legend
            assert np.linalg.norm(lab(palette[a], seen) - lab(palette[b], seen)) > 20, (a, b)


@given(st.floats(-1e3, 1e3), st.floats(1e-3, 1e3), st.booleans())
def test_words_stay_readable_at_every_activation(value, vmax, dark):
    background, text = style.token_colours(value, vmax, dark)
    assert style.contrast(background, text) >= 4.5


def test_signed_scale_is_symmetric_and_saturates():
    assert style.token_colours(5, 2) == style.token_colours(2, 2) != style.token_colours(-2, 2)
    zero = style.token_colours(0, 2)
    assert zero == style.token_colours(-0.0, 2)
    share = [style.luminance(style.token_colours(v, 2)[0]) for v in (0, 0.5, 1, 2)]
    assert share == sorted(share, reverse=True)
    with pytest.raises(ValueError, match="vmax is 0"):
        style.token_colours(1, 0)


def test_activations_are_there_for_screen_readers_and_both_themes(shown):
    tokens = page(shown["activations"]).select("li .lca-token")
    assert [t.text for t in tokens] == ["a (+1.00)", "b (−2.00)", "c (+0.00)"]
    assert [t["title"] for t in tokens] == ["+1.00", "−2.00", "+0.00"]
    for token in tokens:
        css = dict(x.split(":", 1) for x in token["style"].split(";"))
        assert style.contrast(css["background-color"], css["color"]) >= 4.5
        assert style.contrast(css["--lca-bg"], css["--lca-fg"]) >= 4.5


def test_no_text_is_smaller_than_nine_points_or_overlaps_another(shown):
    from matplotlib.backends.backend_agg import FigureCanvasAgg

    for name, figure in shown.items():
        if figure.fig is None:
            continue
        canvas = FigureCanvasAgg(figure.fig)
        canvas.draw()
        texts = [t for legend in figure.fig.legends for t in legend.get_texts()]
        for ax in figure.fig.axes:
            texts += [*ax.texts, ax._left_title]
            if ax.axison:
                ticks = [tick for axis in (ax.xaxis, ax.yaxis) for tick in axis._update_ticks()]
                texts += [ax.xaxis.label, ax.yaxis.label, *(t for tick in ticks for t in (tick.label1, tick.label2))]
        texts = [t for t in texts if t.get_text().strip() and t.get_visible()]
        assert min(t.get_fontsize() for t in texts) >= 9, name
        boxes = [(t.get_text(), t.get_window_extent(canvas.get_renderer())) for t in texts]
        for (a, x), (b, y) in combinations(boxes, 2):
            wide = min(x.x1, y.x1) - max(x.x0, y.x0)
            high = min(x.y1, y.y1) - max(x.y0, y.y0)
            assert wide <= 1.5 or high <= 2.5, f"{name}: {a!r} and {b!r} overlap by {wide:.1f} x {high:.1f}"


def test_layer_histogram_draws_every_layer_at_its_share(shown):
    axes = shown["layers"].fig.axes
    assert len(axes) == 6
    for ax in axes:
        assert len(ax.patches) == 5
        heights = {round(p.get_x() + p.get_width() / 2): p.get_height() for p in ax.patches}
        assert [heights[k] for k in range(5)] == pytest.approx(100 * np.array([5, 20, 30, 10, 1]) / 66)
        hollow = [p for p in ax.patches if p.get_facecolor()[3] == 0]
        assert [round(p.get_x() + p.get_width() / 2) for p in hollow] == [0], "the embedding layer stands out"


def test_ablation_marks_stand_at_their_values(shown):
    ax = shown["ablation"].fig.axes[0]
    marks = [(line.get_marker(), line.get_xdata().tolist()) for line in ax.lines if line.get_marker() not in ("", "None", None)]
    assert ("o", [90.0]) in [(m, list(x)) for m, x in marks] and ("D", [85.0]) in [(m, list(x)) for m, x in marks]
    assert sum(len(x) == 2 for m, x in marks if m == "o") == 5, "two printed models for each of five selections"


def test_labels_are_sorted_and_coloured_by_class(shown):
    ax = shown["labels"].fig.axes[0]
    ticks = [(t.get_text(), t.get_color()) for t in ax.get_yticklabels()]
    assert [t for t, _ in ticks] == ["TO", "DT", "VB", "NN"]
    assert [c for _, c in ticks] == [style.LIGHT["orange"]] * 2 + [style.LIGHT["blue"]] * 2


def test_surface_marks_best_and_published(shown):
    accuracy, score = shown["surface"].fig.axes
    for ax in (accuracy, score):
        cells = sorted({(round(p.get_y() - 0.07), round(p.get_x() - 0.07)) for p in ax.patches})
        assert cells == [(1, 1), (2, 2)]
        assert len([t for t in ax.texts if t.get_text()]) == 16


def test_a_tree_has_an_arc_per_dependent_and_nested_arcs_nest(shown):
    from lcacore.figures.sentences import _arc_levels

    ax = shown["tree"].fig.axes[0]
    arcs = [p for p in ax.patches if p.get_path() is not None and len(p.get_path().vertices) > 4 and type(p).__name__ == "FancyArrowPatch"]
    assert len(arcs) == len(WORDS) - 1
    spans = sorted((abs(h - i), min(h, i) - 1, max(h, i) - 1, h - 1, i - 1) for i, h in enumerate(HEADS, 1) if h)
    level = _arc_levels(spans)
    for a, b in combinations(spans, 2):
        if max(a[1], b[1]) < min(a[2], b[2]):
            assert level[a] != level[b]
            if b[1] <= a[1] and a[2] <= b[2]:
                assert level[b] > level[a], "an outer arc is above an inner one"


def test_ports_of_a_projective_tree_do_not_cross():
    from lcacore.figures.sentences import _arc_levels, _ports

    spans = sorted((abs(h - i), min(h, i) - 1, max(h, i) - 1, h - 1, i - 1) for i, h in enumerate(HEADS, 1) if h)
    ports = _ports(spans, np.arange(len(WORDS)) * 60.0, HEADS.index(0))
    level = _arc_levels(spans)
    for a, b in combinations(spans, 2):
        (low, high) = (a, b) if level[a] < level[b] else (b, a)
        left, right = sorted(ports[low, w] for w in low[3:])
        for word in high[3:]:
            assert not left < ports[high, word] < right or level[a] == level[b], "no upright cuts a lower arc"


def test_wrong_input_is_named():
    with pytest.raises(ValueError, match="layer 'pos' has 1 labels for 2 words"):
        figures.sentence_annotations(["a", "b"], {"pos": ["DT"]})
    with pytest.raises(ValueError, match="head 7 of a sentence of 2 words"):
        figures.dependency_tree(["a", "b"], [7, 0], ["det", "root"])
    with pytest.raises(ValueError, match="give one value per word"):
        figures.activation_sentences([["a", "b"]], [[1.0]])
    with pytest.raises(ValueError, match="finite"):
        figures.activation_sentences([["a"]], [[float("nan")]])
    with pytest.raises(ValueError, match=r"wanted \(2, 3\)"):
        figures.lambda_surface([0, 1], [0, 1, 2], np.zeros((3, 2)))
    with pytest.raises(ValueError, match="sum to"):
        figures.overlap_distribution([0.5, 0.1], {}, 1)
    with pytest.raises(ValueError, match="at least one task"):
        figures.ablation_dots({})


def test_markup_in_words_is_text(shown):
    html = page(shown["annotations"])
    assert "b<" in html.text and html.table.caption
    assert all(th.get("scope") for th in html.find_all("th"))


def test_importing_is_cheap():
    code = "import sys, lcacore.figures, lcacore.published; print([m for m in ('matplotlib', 'seaborn', 'torch', 'pandas') if m in sys.modules])"
    out = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=ROOT)
    assert out.stdout.strip() == "[]"


def test_shared_sets_count_each_item_in_exactly_one_column():
    sets = {"JJ": [1, 2, 3, 9], "JJR": [3, 4, 9], "JJS": [3, 9, 7], "NN": []}
    told = figures.shared_sets(sets).alt
    assert "JJ 4, JJR 3, JJS 3, NN 0" in told and "JJ 2, JJ and JJR and JJS 2, JJR 1, JJS 1." in told
    with pytest.raises(ValueError, match="one set with one id"):
        figures.shared_sets({"JJ": []})


def test_each_point_of_a_map_names_its_configuration():
    titles = [t.text for t in page(gallery()["gaps"]).find_all("title")]
    assert len(titles) == 3 and titles[0].startswith("a<: G>L")


def test_titles_end_before_the_next_panel_begins():
    """Names of tasks and models are long: as drawn they would run into one another."""
    from lcacore.figures.style import PAGE, draw, finish

    with draw(PAGE, 2, ncols=3) as (fig, axes):
        titles = [ax.set_title(name) for ax, name in zip(axes[0], ("Dependency · RoBERTa-like", "POS", "Dependency · XLNet-like"), strict=True)]
        sizes = [t.get_fontsize() for t in titles]
        finish(fig, "three panels")
    assert titles[0].get_window_extent().x1 < axes[0, 1].get_window_extent().x0
    assert titles[2].get_window_extent().x1 < fig.bbox.x1
    assert [t.get_fontsize() < size for t, size in zip(titles, sizes, strict=True)] == [True, False, True]
