"""Claims on fine-tuning and on languages: the papers' own tables give the verdicts their data files note; planted worlds give the rest."""

import numpy as np
import pandas as pd
import pytest
from test_verdicts import Report
from tiny import write_world

from lcacore import comparisons, published, study, verdicts_2023

TUNES = ("MRPC", "QNLI", "MNLI", "RTE", "SST", "STS")


def one(**cells):
    return pd.DataFrame([cells])


def test_the_papers_table_6_gives_the_verdicts_that_its_data_file_notes():
    paper = published.load("durrani2023/table6")
    found = {}
    for row in ("Baseline", *TUNES):
        for key in paper.row(f"{row}_t"):
            found[(*key.split("/"), row)] = one(t=paper.value(f"{row}_t", key), b=paper.value(f"{row}_b", key))
    report = Report("durrani2023/table6")
    verdicts_2023.top_bottom_tuned(report, found)
    assert report.found == {name: claim["paper_table"] == "supports" for name, claim in paper.claims.items()}


def test_the_papers_table_7_gives_the_verdicts_that_its_data_file_notes():
    paper = published.load("durrani2023/table7")
    found = {tuple(key.split("/")): one(**{row: paper.value(row, key) for row in ("Acc_a", "Acc_t", "Acc_r", "Acc_b")}) for key in paper.row("Acc_a")}
    report = Report("durrani2023/table7")
    verdicts_2023.tables_of_languages(report, found, {task: paper.value(f"kept/{task}") for task in ("POS", "Dependency")})
    assert report.found == {name: claim["paper_table"] == "supports" for name, claim in paper.claims.items() if claim["paper_table"] != "not printed"}


def test_the_papers_table_3_gives_the_verdicts_that_its_data_file_notes():
    paper = published.load("durrani2023/table3")
    keys = {tuple(key.split("/")): key for key in paper.row("Acc_a")}
    tables = {at: one(**{row: paper.value(row, key) for row in ("Acc_a", "Acc_t", "Probeless", "Sel_a", "Sel_t")}) for at, key in keys.items()}
    report = Report("durrani2023/table3")
    verdicts_2023.minimal_sets(report, {at: one(percent=paper.value("Neu_t", key)) for at, key in keys.items()}, tables)
    assert report.found == {name: None if claim["paper_table"] == "not printed" else claim["paper_table"] == "supports" for name, claim in paper.claims.items()}


def test_words_beside_their_heads_are_best_where_no_other_way_is_as_good():
    for alone, wanted in ((88.0, True), (92.0, False)):
        report = Report("durrani2023/table7")
        verdicts_2023.words_and_heads(report, one(**{"side by side": 92.0, "modifier": alone, "head": 80.0, "mean": 91.0}))
        assert report.found == {"side_by_side_best": wanted}
    report = Report("durrani2023/table7")
    verdicts_2023.words_and_heads(report, None)
    assert report.found == {"side_by_side_best": None}


def test_without_the_models_that_a_claim_is_about_it_is_not_judged():
    report = Report("durrani2023/table6")
    verdicts_2023.top_bottom_tuned(report, {("POS", "BERT", tune): one(t=90.0, b=80.0) for tune in ("Baseline", "SST")})
    assert report.found == {"bottom_drops": None, "top_drops": None, "bert_unchanged": True, "more_localised": None}
    other = Report("durrani2023/table7")
    verdicts_2023.tables_of_languages(other, {("POS", "English", "BERT"): one(Acc_a=90.0, Acc_t=88.5, Acc_r=85.0, Acc_b=60.0)}, {"POS": 5})
    assert other.found == {"few_suffice": False, "dependency_more": None, "redundant": False, "as_redundant_as_monolingual": None}


def histogram(*counts):
    return pd.DataFrame([counts], columns=range(len(counts)))


def figure_6(stands_for, **layers):
    report = Report("durrani2023/fig6")
    verdicts_2023.even_and_embeddings(report, {("POS", model): table for model, table in layers.items()}, stands_for)
    return report.found["bert_even"], report.found["xlnet_skips_embeddings"]


def test_claims_of_figure_6_follow_the_histograms():
    flat, low, high = histogram(9, 10, 11), histogram(20, 2, 1), histogram(0, 2, 20)
    assert figure_6({"b": "BERT", "x": "XLNet"}, b=flat, x=high) == (True, True)
    assert figure_6({"b": "BERT", "x": "XLNet"}, b=low, x=flat) == (False, True), "9 of 30 are less than a third"
    assert figure_6({"b": "BERT", "x": "XLNet"}, b=flat, x=low) == (True, False)
    assert figure_6({"b": "BERT"}, b=flat) == (None, None)


@pytest.mark.parametrize("down", [True, False])
def test_layers_that_move_down_are_seen(down):
    before, after, far = histogram(1, 1, 5, 5, 5, 1, 1), histogram(1, 5, 5, 5, 1, 1, 1), histogram(9, 5, 3, 1, 0, 0, 0)
    if not down:
        before, after, far = after, before, before
    found = {}
    for model, strongest in (("RoBERTa", "SST"), ("XLNet", "QNLI")):
        for task in ("POS", "Chunking"):
            found |= {(task, model, "Baseline"): before} | {(task, model, tune): far if (task, tune) == ("Chunking", strongest) else after for tune in ("SST", "QNLI")}
    found |= {("POS", "BERT", tune): before for tune in ("Baseline", "SST")}
    report = Report("durrani2023/fig8_fig12")
    verdicts_2023.layers_tuned(report, found, {"RoBERTa": "SST", "XLNet": "QNLI"})
    assert report.found["shift_down"] == down and report.found["bert_stays"]
    if down:
        assert report.found["chunking_striking"]


def test_languages_that_agree_and_languages_that_do_not():
    low, high, middle = histogram(1, 9, 5, 3, 1, 1, 1), histogram(1, 1, 1, 1, 5, 5, 9), histogram(1, 1, 9, 9, 1, 1, 1)
    found = {("POS", language, "mBERT"): low for language in ("English", "German", "French")}
    found |= {("Dependency", language, "mBERT"): middle for language in ("English", "German")}
    found |= {("POS", language, "BERT"): table for language, table in (("English", low), ("German", high), ("French", middle))}
    report = Report("durrani2023/fig9_fig10")
    verdicts_2023.layers_of_languages(report, found)
    assert report.found == {"pos_low": True, "dependency_4_5": True, "multilingual_alike": True, "monolingual_differ": True}
    other = Report("durrani2023/fig9_fig10")
    verdicts_2023.layers_of_languages(other, {("POS", "English", "mBERT"): high, ("POS", "German", "mBERT"): low, ("Dependency", "German", "mBERT"): high})
    assert other.found == {"pos_low": False, "dependency_4_5": False, "multilingual_alike": False, "monolingual_differ": None}


def test_labels_across_languages():
    def labels(scale=1, **more):
        return one(**({"DET": 2 * scale, "CCONJ": 1 * scale, "NOUN": 30 * scale, "VERB": 20 * scale, "ADJ": 10 * scale} | more))

    found = {("POS", language, m): labels() for language in ("English", "German", "French") for m in ("mBERT", "XLM-R")}
    found |= {("Dependency", language, m): one(nsubj=5 * k, obj=4 * k, compound=6 * k) for language, k in (("English", 1), ("German", 3), ("French", 1)) for m in ("mBERT", "XLM-R")}
    report = Report("durrani2023/fig11_fig14")
    verdicts_2023.labels_of_languages(report, found, ["DET", "CCONJ"], ["NOUN", "VERB"], ["mBERT", "XLM-R"])
    assert set(report.found.values()) == {True}
    found["POS", "German", "mBERT"] = one(DET=50, CCONJ=40, NOUN=1, VERB=2, ADJ=3)
    other = Report("durrani2023/fig11_fig14")
    verdicts_2023.labels_of_languages(other, {k: t for k, t in found.items() if k[0] == "POS" and k[2] == "mBERT"}, ["DET", "CCONJ"], ["NOUN", "VERB"], ["mBERT"])
    assert other.found == {"consistent_pos": False, "closed_few": False, "german_more_dependency": None, "german_compound": None, "xlmr_alike": None}


def test_distances_of_histograms():
    table = comparisons.shares({"a": histogram(1, 1, 0), "b": histogram(0, 0, 7), "c": histogram(2, 2, 0)})
    assert np.allclose(table.sum(axis=1), 1)
    found = comparisons.distances(table).set_index(["first", "second"])
    assert found.distance.to_dict() == {("a", "b"): 1.0, ("a", "c"): 0.0, ("b", "c"): 1.0}
    assert found.r["a", "c"] == pytest.approx(1.0)


def test_without_a_multilingual_model_nothing_is_said_of_labels_across_languages():
    report = Report("durrani2023/fig11_fig14")
    verdicts_2023.labels_of_languages(report, {}, ["DET"], ["NOUN"], [])
    assert set(report.found) == set(published.load("durrani2023/fig11_fig14").claims) and set(report.found.values()) == {None}


def test_a_fine_tuned_model_is_read_at_its_bases_strengths_and_sizes(tmp_path, monkeypatch):
    monkeypatch.setenv("LCACORE_STORE", str(tmp_path / "store"))
    world = write_world(tmp_path)
    model, task = str(world / "model"), f"tsv:{world}#label"
    settings = {"sentences": {"train": None, "dev": None, "test": None}, "l1": "grid", "l2": "grid", "grid_values": [0.0, 1e-3], "seeds": [0, 1]}
    studies = comparisons.tuned({"B": model, "B/SST": model, "R": model}, {"label": task}, **settings)
    assert set(studies) == {("label", "B", "Baseline"), ("label", "B", "SST")}, "nothing is tuned from R"
    assert set(comparisons.tuned({"B": model, "R": model}, {"label": task}, **settings)) == {("label", "B", "Baseline"), ("label", "R", "Baseline")}
    base, after = studies["label", "B", "Baseline"], studies["label", "B", "SST"]
    assert (after.l1, after.l2) == base.lambdas
    sizes = comparisons.sizes_before(studies)
    assert sizes["label", "B", "SST"] == sizes["label", "B", "Baseline"] == base.minimal(1.0)["n"].tolist()
    exact = comparisons.exact_top_bottom(studies, sizes)["label", "B"].iloc[0]  # here the tuned model is its base
    assert all(exact[f"SST_{end}"] == pytest.approx(exact[f"Baseline_{end}"], abs=0.5) for end in "tb")
    assert exact.Baseline_b_low <= exact.Baseline_b <= exact.Baseline_b_high
    with pytest.raises(ValueError, match="base"):
        comparisons.tuned({"B": model, "X/SST": model}, {"label": task}, **settings)


def test_each_language_is_read_by_its_own_model_and_by_those_of_all(tmp_path, monkeypatch):
    monkeypatch.setenv("LCACORE_STORE", str(tmp_path / "store"))
    world = write_world(tmp_path)
    model, task = str(world / "model"), f"tsv:{world}#label"
    settings = {"sentences": {"train": None, "dev": None, "test": None}, "l1": "grid", "l2": "grid", "grid_values": [0.0, 1e-3], "seeds": [0]}
    tasks = {"POS/English": task, "POS/German": task, "POS/French": task}
    found = comparisons.languages({"own/English": model, "own/French": model}, tasks, **settings)
    assert list(found) == [("POS", "English", "own"), ("POS", "French", "own")], "no model reads German"
    found = comparisons.languages({"own/English": model, "many": model}, tasks, **settings)
    assert [key[1:] for key in found] == [("English", "own"), ("English", "many"), ("German", "many"), ("French", "many")]
    assert len({(one.l1, one.l2) for one in found.values()}) == 1, "one task, one pair of strengths"
    one = found["POS", "German", "many"]
    (n,) = comparisons.portion(one, 100)
    table = comparisons.kept(one, [n])
    assert n == one.n_neurons
    assert table["Top"][0] == table["Random"][0] == table["Bottom"][0], "all of them, in whatever order"
    with pytest.raises(ValueError, match="language"):
        comparisons.languages({"many": model}, {"POS": task}, **settings)
    with pytest.raises(ValueError, match="no model"):
        comparisons.languages({"own/Spanish": model}, tasks, **settings)


def test_a_study_like_another_has_its_strengths_and_the_same_sizes_are_kept(tmp_path, monkeypatch):
    monkeypatch.setenv("LCACORE_STORE", str(tmp_path / "store"))
    world = write_world(tmp_path)
    first = study.Study(model=str(world / "model"), task=f"tsv:{world}#label", l1="grid", l2="grid", grid_values=(0.0, 1e-3), seeds=(0,))
    again = comparisons.like(first, first.model)
    assert (again.l1, again.l2) == first.lambdas
    assert again.minimal(1.0).equals(first.minimal(1.0)), "the same model at the same strengths is the same study"
    sizes = first.minimal(1.0)["n"]
    found = comparisons.top_bottom(again, sizes)
    assert found["t"][0] == pytest.approx(first.retraining(1.0)["Top"][0])
    assert found["b"][0] == pytest.approx(first.retraining(1.0)["Bottom"][0])
    assert again.layer_counts(sizes=sizes).equals(first.layer_counts(1.0))
