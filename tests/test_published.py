import copy
import json
import shutil
from pathlib import Path

import pytest
import yaml
from bs4 import BeautifulSoup
from hypothesis import given
from hypothesis import strategies as st

from lcacore import published
from lcacore.published.html import format_value

ROOT = Path(__file__).resolve().parent.parent
FILES = sorted((ROOT / "notebooks" / "published").glob("*/*.yaml"))
IDS = [f"{p.parent.name}/{p.stem}" for p in FILES]


@pytest.fixture(autouse=True)
def project(monkeypatch):
    monkeypatch.setenv("LCACORE_ROOT", str(ROOT))


def filled(id="durrani2023/table2", profile="mini", shift=0.0, **options):
    """A report with the paper's own BERT column as our values, moved by `shift`, and every claim judged."""
    report = published.report(id, profile=profile, model="mini:bert-en", corpora=["mini:en"], seeds=range(3), **options)
    for name in ("All", "Top", "Random", "Bottom"):
        printed = report.published.value(name, "POS", "BERT")
        report.row(f"{name}/POS", f"POS, {name.lower()}", printed + shift, printed - 1, printed + 1, published=f"{name}/POS/BERT")
    for claim in report.published.claims:
        report.claim(claim, True, "3 of 3 tasks")
    return report


def test_every_artefact_of_the_first_pages_has_its_data():
    wanted = {f"durrani2023/{x}" for x in ("table1_fig2", "table2", "table3", "table4", "table5", "fig3_fig5", "fig6", "fig7")}
    assert (wanted | {"dalvi2019/fig2", "antverg2022/overlap"}) <= set(published.artefacts())


@pytest.mark.parametrize("id", IDS)
def test_data_file_is_whole(id):
    one = published.load(id)
    assert one.id == id
    assert one.title and one.about and {"bibkey", "authors", "year", "paper", "place"} <= set(one.reference)
    for claim in one.claims.values():
        assert set(claim) - {"criterion"} == {"says", "paper_table", "note"}, "every claim says what it is and whether the paper's table supports it"


@pytest.mark.parametrize("path", FILES, ids=IDS)
def test_transcribed_tables_add_up(path):
    """Row and column sums were taken from the paper's text, so a slip in one cell shows twice."""
    for table in (yaml.safe_load(path.read_text()).get("tables") or {}).values():
        rows = table["rows"]
        assert {k: round(sum(v), 2) for k, v in rows.items()} == table["row_sums"]
        assert [round(sum(c), 2) for c in zip(*rows.values(), strict=True)] == table["column_sums"]


def test_paper_table_notes_are_true_of_the_tables():
    t2, t3, t5 = (published.load(f"durrani2023/{x}") for x in ("table2", "table3", "table5"))
    top, random, bottom, mag = (t2.row(x) for x in ("Top", "Random", "Bottom", "Magnitude"))
    assert all(top[c] > random[c] > bottom[c] for c in top)
    assert sum(abs(mag[c] - random[c]) <= 5 for c in mag) == 5
    assert mag["POS/BERT"] - random["POS/BERT"] > 39 and mag["POS/RoBERTa"] - random["POS/RoBERTa"] > 26
    assert all(t3.row("Sel_t")[c] > t3.row("Sel_a")[c] for c in top)
    accuracy, rand, bot = (t5.row(x) for x in ("Acc_t", "Acc_r", "Acc_b"))
    assert all(accuracy[c] - rand[c] < 3 for c in accuracy)
    assert sorted(c for c in accuracy if accuracy[c] - bot[c] >= 3) == ["Chunking/BERT", "POS/RoBERTa", "POS/XLNet", "SEM/XLNet"]
    assert bot["Chunking/XLNet"] > rand["Chunking/XLNet"]


def test_a_key_that_is_not_printed_is_named():
    one = published.load("durrani2023/table2")
    assert one.value("Top", "POS", "BERT") == one.value("Top/POS/BERT") == 90.16
    with pytest.raises(ValueError, match=r"prints no 'Top/NER/BERT'.*Top/POS/BERT"):
        one.value("Top", "NER", "BERT")
    with pytest.raises(ValueError, match=r"no published data for 'durrani2023/table99'.*durrani2023/table2"):
        published.load("durrani2023/table99")


def test_row_verdicts_follow_the_tolerance():
    report = published.report("durrani2023/table3", profile="mini")
    report.row("a", "inside", 95.0, published="Acc_t/POS/BERT")
    report.row("b", "outside", 94.91, published="Acc_t/POS/BERT")
    report.row("c", "not printed", 12.0, published=None)
    report.row("d", "a pick whose range holds the printed one", 9.0, low=4.0, high=12.0, published="Neu_t/POS/BERT", compare="range")
    report.row("e", "count", 9984, published="neurons", compare="count")
    report.row("f", "words", ["a", "b", "c", "d"], published=["b", "a", "x", "c"], compare="overlap")
    report.row("g", "nothing here", None, published="Acc_t/POS/BERT")
    report.row("delta", "found by its own id", 1.0)
    rows = {k: v["verdict"] for k, v in report._rows.items()}
    assert rows == {"a": "agrees", "b": "differs", "c": "not printed", "d": "agrees", "e": "agrees", "f": "agrees", "g": "not measured", "delta": "agrees"}
    assert report._rows["a"]["difference"] == pytest.approx(-0.92)
    assert report._rows["f"]["difference"] == "3 in common"


def test_wrong_rows_and_claims_are_refused():
    report = published.report("durrani2023/table2", profile="mini")
    report.row("x", "x", 1.0)
    with pytest.raises(ValueError, match="given twice"):
        report.row("x", "x", 1.0)
    with pytest.raises(ValueError, match="value is nan"):
        report.row("y", "y", float("nan"))
    with pytest.raises(ValueError, match="give one of number"):
        report.row("y", "y", 1.0, compare="roughly")
    with pytest.raises(ValueError, match="prints no 'Topp/POS/BERT'"):
        report.row("y", "y", 1.0, published="Topp/POS/BERT")
    with pytest.raises(ValueError, match="declares no claim 'nope'"):
        report.claim("nope", True, "1 of 1")
    with pytest.raises(ValueError, match="holds no number"):
        report.claim("top_random_bottom", True, "clearly")
    report.claim("top_random_bottom", None, "needs two models")
    with pytest.raises(ValueError, match="judged twice"):
        report.claim("top_random_bottom", True, "9 of 9")


def test_displaying_wants_a_verdict_on_every_claim():
    report = published.report("durrani2023/table2", profile="mini")
    report.claim("top_random_bottom", True, "9 of 9")
    with pytest.raises(ValueError, match="no verdict on top_keeps_accuracy, random_high_when_complex, magnitude_about_random"):
        report._repr_mimebundle_()


def test_bundle_is_json_and_an_accessible_table(monkeypatch):
    monkeypatch.setattr(published, "recorded", lambda *_: None)  # a recorded run would add its rows
    bundle = filled(parameters={"epochs": 10}, provenance={"sentences skipped": 0})._repr_mimebundle_()
    assert set(bundle) == {published.MIME, "text/html", "text/plain"}
    result = json.loads(json.dumps(bundle[published.MIME], allow_nan=False))
    assert result["artefact"] == "durrani2023/table2" and result["seeds"] == [0, 1, 2] and result["parameters"] == {"epochs": 10}
    page = BeautifulSoup(bundle["text/html"], "html.parser")
    rows, claims = page.find_all("table")
    for table in (rows, claims):
        assert table.caption.text
        assert all(th.get("scope") in ("row", "col") for th in table.find_all("th"))
        assert len({len(tr.find_all(["td", "th"])) for tr in table.find_all("tr")}) == 1, "every row has every column"
    assert len(rows.tbody.find_all("tr")) == 4 and len(claims.tbody.find_all("tr")) == 4
    assert [li.text for li in page.select(".lca-note li")] == list(published.load("durrani2023/table2").contradictions)
    assert "style=" not in bundle["text/html"], "colours come from the theme, so that both modes are readable"


def test_markup_in_values_is_text():
    report = filled()
    report.row("z", "<b>label</b>", "<script>", published=None, compare="exact")
    page = BeautifulSoup(report._repr_mimebundle_()["text/html"], "html.parser")
    assert not page.find("script") and not page.find("b") and "<script>" in page.text


def test_a_rerun_within_tolerance_matches():
    reference, new = filled().result, filled(shift=0.9).result
    assert published.compare_results(reference, new) == []
    assert published.compare_results(new, reference) == []


def test_a_rerun_outside_its_tolerance_is_named():
    reference = filled().result
    changes = {
        "row All/POS": lambda r: r["rows"][0].update(value=reference["rows"][0]["value"] + 1.01),
        "published": lambda r: r["rows"][1].update(published=1.0),
        "claim top_random_bottom": lambda r: r["claims"][0].update(verdict="does not hold"),
        "row Top/POS is gone": lambda r: r["rows"].pop(1),
        "profile": lambda r: r.update(profile="real"),
        "is new": lambda r: r["claims"].append({"id": "another", "verdict": "holds"}),
    }
    for name, change in changes.items():
        new = copy.deepcopy(reference)
        change(new)
        found = published.compare_results(reference, new)
        assert len(found) == 1 and name in found[0], (name, found)


def test_what_is_not_compared():
    reference = filled().result
    new = copy.deepcopy(reference)
    new["source"], new["provenance"] = "other", {"seconds": 3}
    new["claims"][0]["evidence"] = "3 of 3 tasks, 0.1 points apart"
    new["rows"][0]["verdict"], new["rows"][0]["low"] = "differs", 0.0
    assert published.compare_results(reference, new) == []


def test_counts_exactly_and_picks_by_range_or_overlap():
    def result(n=100, pick=7.0, ids=(1, 2, 3, 4)):
        report = filled()
        report.row("n", "tokens", n, published=None, compare="count")
        report.row("pick", "minimal set", pick, low=5.0, high=9.0, published=None, compare="range", unit="%")
        report.row("ids", "neurons", ids, published=None, compare="overlap")
        return report.result

    same = result()
    assert published.compare_results(same, result(pick=10.0, ids=[4, 3, 9, 8])) == []
    assert len(published.compare_results(same, result(n=101))) == 1
    assert len(published.compare_results(same, result(pick=10.1))) == 1
    assert len(published.compare_results(same, result(ids=[4, 9, 8, 7]))) == 1


@given(st.floats(-1e6, 1e6), st.floats(-1e6, 1e6), st.floats(0, 100))
def test_matching_is_symmetric_for_numbers(a, b, tolerance):
    def one(value):
        row = {"id": "x", "value": value, "low": None, "high": None, "published": None, "unit": "", "tolerance": tolerance, "compare": "number"}
        return {"schema": 1, "artefact": "x", "profile": "mini", "rows": [row], "claims": []}

    forward, backward = published.compare_results(one(a), one(b)), published.compare_results(one(b), one(a))
    if abs(abs(a - b) - tolerance) > 1e-6:
        assert bool(forward) == bool(backward) == (abs(a - b) > tolerance)


def test_recorded_round_trip_shows_in_the_table(tmp_path, monkeypatch):
    from jsonschema import Draft202012Validator

    shutil.copytree(ROOT / "notebooks" / "published", tmp_path / "notebooks" / "published")
    monkeypatch.setenv("LCACORE_ROOT", str(tmp_path))
    assert published.recorded("durrani2023/table2") is None
    real = filled(profile="real", shift=-5)
    real.row("Top/deprel", "Dependency relations, top", 71.5, published=None)
    command = "lcacore run durrani2023/table2 --profile real --record"
    run = published.as_recorded(real.result, command=command, seconds=412.3, date="2025-01-31", hardware="two cores of a laptop")
    run = json.loads(json.dumps(run))
    schema = json.loads((ROOT / "notebooks" / "recorded" / "schema.json").read_text())
    Draft202012Validator.check_schema(schema)
    assert list(Draft202012Validator(schema).iter_errors(run)) == []
    path = published.recorded_path("durrani2023/table2")
    path.parent.mkdir(parents=True)
    path.write_text(json.dumps(run))
    assert published.recorded("durrani2023/table2") == run
    page = BeautifulSoup(filled()._repr_mimebundle_()["text/html"], "html.parser")
    rows, claims = page.find_all("table")
    assert "Recorded (real)" in rows.thead.text and "Recorded (real)" in claims.thead.text
    assert "71.50" in rows.text and "Dependency relations, top" in rows.text, "a row of the recorded run alone is shown"
    assert command in page.text and "2025-01-31" in page.text and "7 min" in page.text
    assert "71.5" not in json.dumps(filled().result), "a recorded value never enters this run's result"
    path.write_text("{}")
    with pytest.raises(ValueError, match=r"recorded result durrani2023/table2 \(real\) lacks schema, artefact"):
        published.recorded("durrani2023/table2")


@pytest.mark.parametrize(
    ("value", "options", "text"),
    [
        (90.16, {"unit": "%"}, "90.16"),
        (9984, {}, "9,984"),
        (1e-5, {}, "1e-5"),
        (-0.31, {"unit": "%", "signed": True}, "−0.31"),
        (0.5, {"unit": "%", "signed": True}, "+0.50"),
        (5.0, {"low": 4.0, "high": 7.0, "unit": "%"}, "5.00 (4.00 to 7.00)"),
        (None, {}, "—"),
        (["a", 2], {}, "a, 2"),
        (0.0, {}, "0.000"),
        (True, {}, "yes"),
    ],
)
def test_numbers_read_well(value, options, text):
    assert format_value(value, **options) == text
