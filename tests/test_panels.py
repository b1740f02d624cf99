"""Panels put the right numbers beside each other: what the paper printed for a cell stands with that cell."""

import pandas as pd
import pytest

from lcacore import panels, published
from lcacore.summaries import Overlaps

SEEDS = pd.Index([0, 1], name="seed")


@pytest.fixture
def tables():
    columns = {"All": [90.0, 92.0], "Top": [80.0, 82.0], "Random": [50.0, 50.0], "Bottom": [20.0, 24.0]}
    return {("POS", "mine"): pd.DataFrame(columns, index=SEEDS), ("SEM", "mine"): pd.DataFrame(columns, index=SEEDS)}


def test_mean_lowest_and_highest_of_the_seeds(tables):
    assert panels._measured(tables)["POS"]["All"] == (91.0, 90.0, 92.0)


def test_printed_values_are_those_of_the_model_it_stands_for(tables):
    paper = published.load("durrani2023/table2")
    printed, _ = panels._beside("durrani2023/table2", tables, {"mine": "XLNet"}, {})
    assert printed["SEM"] == {row: paper.value(row, "SEM", "XLNet") for row in ("All", "Top", "Random", "Bottom")}
    printed, _ = panels._beside("durrani2023/table2", tables, {}, {})
    assert printed == {"POS": {}, "SEM": {}}, "a model that stands for none has nothing printed beside it"


def test_columns_are_renamed_to_the_papers_rows(tables):
    paper = published.load("durrani2023/table5")
    printed, _ = panels._beside("durrani2023/table5", tables, {"mine": "BERT"}, {"Top": "Acc_t", "Bottom": "Acc_b"})
    assert printed["POS"] == {"Top": paper.value("Acc_t", "POS", "BERT"), "Bottom": paper.value("Acc_b", "POS", "BERT")}


def test_a_panel_names_its_model_only_where_there_are_several(tables):
    assert set(panels._names(tables).values()) == {"POS", "SEM"}
    assert set(panels._names({("POS", "a"): 0, ("POS", "b"): 0}).values()) == {"POS · a", "POS · b"}


def test_figures_say_their_numbers_in_words(tables):
    assert "91" in panels.ablation(tables, "durrani2023/table2", {"mine": "BERT"}).alt
    assert "81" in panels.redundancy(tables, "durrani2023/table5", {}, 3.0).alt


def test_each_point_of_a_curve_stands_for_the_seeds_that_went_so_far(monkeypatch):
    table = pd.DataFrame(
        {"n": [2, 3], "percent": [2.0, 3.0], "oracle": [90.0, 90.0], "curve_percent": [[1, 2], [1, 2, 3]], "curve_accuracy": [[80, 89.5], [70, 85, 89.5]]}, index=SEEDS
    )
    seen = {}
    monkeypatch.setattr(panels.figures, "minimal_curves", lambda curves, oracle, delta, chosen, published: seen.update(curves))
    panels.minimal({("POS", "mine"): table}, "durrani2023/table3", {}, 1.0)
    assert seen["POS"].x == (1, 2, 3)
    assert seen["POS"].y == (75, 87.25, 89.5)
    assert seen["POS"].low == (70, 85, 89.5)


def test_layers_of_each_model_under_its_own_numbers():
    found = {("POS", "a"): pd.DataFrame([[1, 2, 3]], columns=[0, 1, 2]), ("POS", "b"): pd.DataFrame([[4, 5]], columns=[2, 5])}
    assert panels.layers(found).alt


def test_overlaps_draw_chance_and_every_method():
    table = pd.DataFrame([{"pair": "a ∩ b", "layer": 1, "overlap": 4, "neurons": 50, "of": 10, "expected": 2.0}])
    square = pd.DataFrame([[10, 3], [3, 10]], index=["x", "y"], columns=["x", "y"])
    assert len(panels.overlaps(Overlaps(table, {"a": square, "b": square}, 2.0))) == 3


def test_before_and_after_fine_tuning_with_what_is_printed(monkeypatch):
    paper, seen = published.load("durrani2023/table6"), {}
    monkeypatch.setattr(panels.figures, "before_after", lambda ours, printed, columns: seen.update(ours=ours, printed=printed, columns=columns))
    found = {(task, "mine", tune): pd.DataFrame({"t": [90.0, 92.0], "b": [80.0, 80.0]}, index=SEEDS) for task in ("POS", "SEM") for tune in ("Baseline", "SST")}
    panels.before_after(found, "durrani2023/table6", {"mine": "XLNet"})
    assert list(seen["ours"]) == ["POS · mine", "SEM · mine"] and seen["columns"] == 2
    assert seen["ours"]["POS · mine"]["SST"] == {"t": (91.0, 90.0, 92.0), "b": (80.0, 80.0, 80.0)}
    assert seen["printed"]["SEM · mine"]["SST"] == {"t": paper.value("SST_t/SEM/XLNet"), "b": paper.value("SST_b/SEM/XLNet")}


def test_labels_of_one_language_alone_are_not_drawn_beside_others(monkeypatch):
    seen = {}
    monkeypatch.setattr(panels.figures, "label_languages", lambda counts, caption: seen.update({caption: counts}))
    found = {("POS", "English", "m"): pd.DataFrame({"DET": [2, 4], "PART": [1, 1]}), ("POS", "German", "m"): pd.DataFrame({"DET": [5, 5]})}
    panels.label_languages(found)
    assert seen == {"m": {"POS": {"DET": {"English": 3.0, "German": 5.0}}}}
    panels.label_languages({("POS", "English", "m"): found["POS", "English", "m"]})
    assert set(seen["m"]["POS"]) == {"DET", "PART"}, "alone it has nothing to be compared with"


def test_layers_and_accuracies_of_languages_have_a_figure_for_each_task(tables):
    counts = {(task, language, "m"): pd.DataFrame([[1, 2, 3], [3, 2, 1]], columns=[0, 1, 2]) for task in ("POS", "Dependency") for language in ("English", "German")}
    assert [f.caption for f in panels.layer_languages(counts)] == ["POS", "Dependency"]
    assert "SST" in panels.layer_shifts({("POS", "m", tune): counts["POS", "English", "m"] for tune in ("Baseline", "SST")}).alt
    found = {("POS", language, "m"): tables["POS", "mine"] for language in ("English", "German")}
    (drawn,) = panels.redundancy_languages(found, "durrani2023/table7", {"m": "mBERT"}, 1.0)
    assert "English: all 91.0" in drawn.alt
