"""Probes crossed with orders: the identity of gaps, patterns and tests that are planted, and one small model from end to end."""

import numpy as np
import pandas as pd
import pytest
from scipy.stats import wilcoxon
from tiny import write_world

from lcacore import patterns, pitfalls, readings
from lcacore.patterns import Crossing, Stars, cluster, gaps, in_order, wins_from
from lcacore.pitfalls import FORWARD, ORDERS, PROBES
from lcacore.statistics import holm

KS = np.arange(1, 31)


def crossing(gaussian_lead, order_lead, n_each=4, seed=0) -> Crossing:
    """Configurations whose accuracies are planted: a lead of the Gaussian probe, and one of forward over random over reversed orders."""
    rng = np.random.default_rng(seed)
    order = np.array([1, 1, 1, -1, -1, -1, 0])
    parts = []
    for probe_lead, lead in zip(gaussian_lead, order_lead, strict=True):
        base = 60 + 10 * np.log2(KS) / 5 + rng.normal(0, 0.01, (n_each, 2, 7, len(KS)))
        parts.append(base + probe_lead * np.array([0, 1])[:, None, None] + lead * order[:, None])
    acc = np.concatenate(parts)
    names = tuple(f"x{i}" for i in range(len(acc)))
    about = pd.DataFrame({"model": "m", "language": "English", "attribute": [f"A{i}" for i in range(len(acc))], "layer": 1, "majority": 50.0}, index=names)
    return Crossing(names, KS, 128, acc, acc - 5, about)


def test_a_random_order_beats_a_good_one_exactly_when_probes_lie_further_apart_than_orders():
    rng = np.random.default_rng(1)
    found = crossing([8, 1, -8], [2, 4, 2])
    random = Crossing(found.names, KS, 128, rng.uniform(0, 100, found.accuracy.shape), found.control, found.about)
    for x in (found, random):
        table = gaps(x, 25)
        np.testing.assert_allclose(table["G random"] - table["L own"], table["between probes"] - table["between orders"])
        np.testing.assert_allclose(table["L random"] - table["G own"], -table["between probes"] - table["between orders"])
        assert ((table["G random"] > table["L own"]) == (table["pattern"] == "G>L")).all()
    assert gaps(found, 25)["pattern"].tolist() == ["G>L"] * 4 + ["Standard"] * 4 + ["L>G"] * 4


def test_a_probe_is_not_its_ranking_where_its_lead_is_larger_than_the_orders():
    found = crossing([8, 1, -8], [2, 4, 2])
    table = patterns.probe_not_ranking(found, 10, 25)
    kind = np.repeat(["G>L", "Standard", "L>G"], 4)
    assert (table["gaussian"] == (kind == "G>L")).all() and (table["linear"] == (kind == "L>G")).all() and (table["linear"] == table["linear_later"]).all()
    assert table["standard"].all() and not table["below"].any() and (table["fall"] < 0.1).all()
    fallen = found.accuracy.copy()
    fallen[0, 1, 1, -1] -= 40
    table = patterns.probe_not_ranking(Crossing(found.names, KS, 128, fallen, found.control, found.about), 10, 25)
    assert table["below"].tolist() == [True] + [False] * 11 and 39 < table["fall"].iloc[0] < 41


def test_two_models_are_alike_where_their_configurations_show_the_same_pattern():
    """Only configurations that both have count, whatever their order."""
    one, other = crossing([8, 1, -8], [2, 4, 2]), crossing([8, -8, -8], [2, 2, 2], seed=3)
    some = [11, 5, 0, 1]
    part = Crossing(tuple(other.names[i] for i in some), KS, 128, other.accuracy[some], other.control[some], other.about.iloc[some])
    found = patterns.alike(one, part, 25)
    assert {key[1]: bool(same) for key, same in found.items()} == {"A11": True, "A5": False, "A0": True, "A1": True}


def test_clusters_find_the_planted_patterns_and_name_them_by_what_they_show():
    found = crossing([8, 1, -8], [2, 4, 2])
    clusters = cluster(found, 25)
    assert set(clusters.pattern) == {"G>L", "Standard", "L>G"}
    assert [clusters.pattern[c] for c in clusters.label] == ["G>L"] * 4 + ["Standard"] * 4 + ["L>G"] * 4
    assert all(clusters.label[e] == c for c, e in enumerate(clusters.example))
    again = cluster(found, 25)
    assert np.array_equal(clusters.place, again.place)
    with pytest.raises(ValueError, match="as many configurations"):
        cluster(Crossing(found.names[:2], KS, 128, found.accuracy[:2], found.control[:2], found.about[:2]), 25)


def test_orders_in_order_and_from_where_one_curve_stays_above():
    assert in_order(np.array([3.0, 4, 5, 0, 1, 1, 2])) and not in_order(np.array([3.0, 4, 1.9, 0, 1, 1, 2]))
    a = np.array([[1, 0, 1, 1], [1, 1, 1, 0], [1, 1, 1, 1]])
    assert wins_from(a, np.full((3, 4), 0.5)).tolist() == [2, 4, 0]


def test_significance_is_scipys_and_holm_that_of_the_whole_table():
    found = crossing([3, 1], [2, 1], seed=3)
    raw, corrected = patterns.significant(found, 10, FORWARD)
    assert list(raw.index[:2]) == ["Gaussian by Linear", "Linear by Linear"]
    a, b = found.accuracy[:, 1, 0, 9], found.accuracy[:, 0, 2, 9]
    assert raw.loc["Gaussian by Linear", "Linear by Probeless"] == pytest.approx(wilcoxon(a, b, alternative="greater").pvalue)
    off = ~np.eye(6, dtype=bool)
    np.testing.assert_allclose(corrected.to_numpy()[off], holm(raw.to_numpy()[off]))
    # by hand: .01 × 4, then .02 × 3 = .06, then .03 × 2 would fall below it, then .5
    np.testing.assert_allclose(holm([0.02, 0.5, 0.01, 0.03]), [0.06, 0.5, 0.04, 0.06])


def test_stars_read_planted_differences():
    found = crossing([3, 3, 3], [2, 2, 2])
    star = Stars({k: patterns.significant(found, k, correct=False)[0] for k in (2, 25)})
    assert star.probe_wins() == {2: 7, 25: 7}
    assert star.consistent()[0]
    shifted = found.accuracy.copy()
    shifted[:, :, FORWARD.index("Gaussian")] += 1.0
    shifted[:, :, FORWARD.index("Probeless")] -= 0.5
    better = Crossing(found.names, KS, 128, shifted, found.control, found.about)
    star = Stars({k: patterns.significant(better, k, correct=False)[0] for k in (2, 25)})
    assert star.order_best("Gaussian", 2)[0] and star.order_better("Gaussian", "Linear", 25)[0]
    assert not star.order_better("Linear", "Gaussian", 25)[0]
    assert star.behind("Probeless")[0] and not star.behind("Linear")[0]
    assert star.behind("Probeless")[1].startswith("behind in 8 of 8")


def test_relative_sizes_are_the_papers_at_its_own_width():
    assert [pitfalls.relative(k, 768) for k in (10, 50, 150)] == [10, 50, 150]
    assert [pitfalls.relative(k, 128) for k in (10, 50, 150, 1)] == [2, 8, 25, 1]


def test_selectivity_is_task_minus_control():
    found = crossing([3], [2])
    table = patterns.selective(found, [10])
    np.testing.assert_allclose(table["selectivity"], 5)
    np.testing.assert_allclose(table["accuracy"] - table["control"], table["selectivity"])


@pytest.fixture(scope="module")
def small(tmp_path_factory, monkeypatch_module):
    root = tmp_path_factory.mktemp("world")
    write_world(root)
    for split in ("train", "dev", "test"):
        blocks = (root / f"{split}.tsv").read_text().strip().split("\n\n")
        tag = {"N": "NOUN\t_\tNumber=Plur", "V": "VERB\t_\tTense=Past", "D": "DET\t_\tNumber=Sing"}
        lines = []
        for block in blocks:
            for i, row in enumerate(block.splitlines(), start=1):
                word, label = row.split("\t")
                lines.append(f"{i}\t{word}\t{word}\t{tag[label]}\t0\troot\t_\t_")
            lines.append("")
        folder = root / "ud"
        folder.mkdir(exist_ok=True)
        (folder / f"x-{split}.conllu").write_text("\n".join(lines) + "\n")
    monkeypatch_module.setenv("LCACORE_STORE", str(root / "store"))
    settings = {"min_forms": 3, "epochs": 20, "batch_size": 32, "lr": 0.05, "tokens": {"train": 300}}
    return root, pitfalls.configurations({"tiny": str(root / "model")}, {"Small": f"ud:{root / 'ud'}"}, [0, 1], **settings)


@pytest.fixture(scope="module")
def monkeypatch_module():
    with pytest.MonkeyPatch.context() as patch:
        yield patch


def test_a_small_world_from_end_to_end(small):
    root, found = small
    assert [c.attribute for c in found] == ["Number", "Number", "Part of Speech", "Part of Speech"]  # Tense keeps one value
    c = found[0]
    assert len(c.data["train"]) == 300 and c.values.tolist() == ["PL", "SG"]
    assert all(np.array_equal(np.sort(order), np.arange(16)) for order in c.orders)
    assert np.array_equal(c.orders[0][::-1], c.orders[3])
    assert c.accuracy.shape == (2, len(PROBES), len(ORDERS), 15)
    assert (c.accuracy[0, :, :, -1] > c.majority).all(), "the word decides the label, so fifteen of sixteen neurons tell"
    crossed = patterns.cross(found)
    assert crossed.short == ["Number 0", "Number 1", "Part of Speech 0", "Part of Speech 1"]
    table = patterns.filters(pitfalls.found_attributes({"Small": f"ud:{root / 'ud'}"}, min_forms=3), 3)
    assert table.loc[("Small", "Tense"), "used"] == "no"
    overlap = patterns.overlaps(found, 4)
    assert (overlap["all three"] <= overlap.drop(columns="all three").min(axis=1)).all()
    squares = patterns.shared(found, 4)
    assert all((np.diag(t) == 4).all() and np.array_equal(t, t.T) for t in squares.values())
    means = patterns.consistency(squares, found, 16, 4)
    assert means["one attribute, two languages"].isna().all() and (means["expected"] == 1.0).all()


def test_filters_that_leave_nothing_say_what_to_do(small):
    root, _ = small
    with pytest.raises(ValueError, match="min_forms"):
        pitfalls.configurations({"tiny": str(root / "model")}, {"Small": f"ud:{root / 'ud'}"}, [0], min_forms=1000)


def test_a_reading_that_says_the_same_moves_nothing_and_another_does(small):
    root, _ = small
    base = {"min_forms": 3, "epochs": 20, "batch_size": 32, "lr": 0.05, "tokens": {"train": 300}}
    changes = {"same": {}, "information": {"criterion": "mutual_information"}, "untrained": {"epochs": 1, "lr": 1e-6}}
    world = {"models": {"tiny": str(root / "model")}, "corpora": {"Small": f"ud:{root / 'ud'}"}, "layers": [0, 1], "names": ["Number"]}
    table = readings.compare(**world, readings=changes, first=192, k=384, **base)
    for name in ("same", "information"):
        assert table.loc[name, "Gaussian kept"] == 100 and table.loc[name, "largest"] == 0
    assert table.loc["untrained", "Linear accuracy"] < 0 == table.loc["untrained", "Gaussian accuracy"]
