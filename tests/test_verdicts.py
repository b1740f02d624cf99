"""Claims about several models: the paper's own tables must give the verdict that the data files record."""

import numpy as np
import pandas as pd
import pytest

from lcacore import published, verdicts

MODELS = {"BERT": "BERT", "XLNet": "XLNet", "T-ELMo": "T-ELMo", "ELMo": "ELMo"}


class Report:
    """Collects verdicts, refusing what a page's report refuses."""

    def __init__(self, id):
        self.report, self.found = published.report(id, profile="mini"), {}

    def claim(self, name, holds, evidence):
        self.report.claim(name, holds, evidence)
        self.found[name] = holds


def printed_2020():
    paper = published.load("durrani2020/table2_table7")
    keys = [tuple(k.split("/")) for k in paper.row("neurons")]
    rows = ("neurons", "Neu_t", "Acc_a", "Acc_t", "dev/Acc_a", "dev/Acc_t", "Sel_a", "Sel_t", "dev/Sel_a", "dev/Sel_t")
    return {key: pd.DataFrame([{row: paper.value(row, *key) for row in rows}]) for key in keys}


def test_the_papers_table_2_gives_the_verdicts_that_its_data_file_notes():
    report, tables = Report("durrani2020/table2_table7"), printed_2020()
    verdicts.minimal_2020(report, tables, tables, MODELS)
    claims = report.report.published.claims
    assert set(report.found) == set(claims)
    supported = {"supports": True, "partly": False}
    wrong = {name: holds for name, holds in report.found.items() if bool(holds) != supported[claims[name]["paper_table"]]}
    assert wrong == {}


def test_claims_about_absent_models_are_not_judged():
    report, tables = Report("durrani2020/table2_table7"), {k: t for k, t in printed_2020().items() if k[1] == "BERT"}
    verdicts.minimal_2020(report, tables, tables, {"BERT": "BERT"})
    left = {name for name, holds in report.found.items() if holds is None}
    assert left == {"comparable_numbers", "lexical_same_but_telmo", "elmo_fewest_telmo_most", "no_size_correlation"}


def test_layer_claims_of_a_planted_world():
    def table(*counts):
        return pd.DataFrame([counts], columns=range(len(counts)))

    even, low, high = table(*[10] * 7), table(0, 30, 10, 5, 1, 1, 1), table(0, 1, 1, 5, 10, 10, 30)
    found = {("POS", "b"): even, ("SEM", "b"): table(1, 5, 30, 30, 5, 1, 1), ("Chunking", "b"): table(1, 1, 1, 30, 30, 5, 5), ("CCG", "b"): high}
    found |= {("POS", "x"): low, ("SEM", "x"): low, ("Chunking", "x"): high, ("CCG", "x"): high}
    report = Report("durrani2020/fig1")
    verdicts.layers_2020(report, found, {"b": "BERT", "x": "XLNet"})
    none = {"pos_layer_one"}
    assert {k for k, v in report.found.items() if v is None} == none
    assert all(v for k, v in report.found.items() if k not in none)
    other = Report("durrani2020/fig1")
    verdicts.layers_2020(other, {("SEM", "x"): high, ("CCG", "x"): low}, {"x": "XLNet"})
    assert (other.found["lexical_low"], other.found["ccg_high"], other.found["bert_even"]) == (False, False, None)


@pytest.mark.parametrize("few", [True, False])
def test_sharing_claims_follow_xlnets_numbers(few):
    def table(total, per_label, shared):
        return pd.DataFrame([{"set": total, "per label": per_label, "labels per neuron": shared}])

    found = {(task, "x"): table(400, 20 if few else 90, 1.1 if few else 3.0) for task in ("POS", "Chunking")}
    found |= {(task, "b"): table(420, 60, 2.0) for task in ("POS", "Chunking")}
    report = Report("durrani2020/fig3")
    verdicts.sharing_2020(report, found, {"x": "XLNet", "b": "BERT"})
    assert report.found == {"fewer_per_label": few, "exclusive": few, "same_total": True}
    alone = Report("durrani2020/fig3")
    verdicts.sharing_2020(alone, {k: t for k, t in found.items() if k[1] == "b"}, {"b": "BERT"})
    assert set(alone.found.values()) == {None}


def test_dominant_layers_in_relative_depth():
    where = {("POS", "b"): pd.DataFrame([{"FW": 6, "JJ": 0, "PRP": 1}]), ("POS", "x"): pd.DataFrame([{"FW": 5, "JJ": 1, "PRP": 5}])}
    groups = {"last": {"POS": ["FW"]}, "lowest": {"POS": ["JJ"]}, "vary": {"POS": ["PRP"]}}
    report = Report("durrani2020/fig5")
    verdicts.dominant_layers(report, where, {"b": 6, "x": 6}, **groups)
    assert report.found == {"fw_last": True, "common_low": True, "some_differ": True}
    other = Report("durrani2020/fig5")
    verdicts.dominant_layers(other, {("POS", "b"): pd.DataFrame([{"JJ": np.nan}]).fillna(3)}, {"b": 6}, **groups)
    assert other.found == {"fw_last": None, "common_low": False, "some_differ": None}
