"""The quick search and its study: the same sizes where accuracy rises, the same numbers where `Study` measures them too."""

import numpy as np
import pandas as pd
import pytest
from tiny import write_world

from lcacore import quick, study
from lcacore.study import Study


@pytest.fixture(scope="module")
def one(tmp_path_factory):
    world = write_world(tmp_path_factory.mktemp("world"))
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("LCACORE_STORE", str(tmp_path_factory.mktemp("store")))
        yield quick.cross({"m": str(world / "model")}, {"t": f"tsv:{world}#label"}, sentences={"train": None, "dev": None, "test": None}, l1=1e-3, l2=1e-2, seeds=[0, 1])["t", "m"]


def test_sizes_tried_by_both_searches_have_the_same_accuracy(one):
    plain = Study(**{name: getattr(one, name) for name in Study.__dataclass_fields__})
    for delta in (0.5, 1.0, 2.0):
        ours, stepwise = one.minimal(delta), plain.minimal(delta)
        for seed in one.seeds:
            tried = dict(zip(stepwise["curve_percent"][seed], stepwise["curve_accuracy"][seed], strict=True))
            again = {x: y for x, y in zip(ours["curve_percent"][seed], ours["curve_accuracy"][seed], strict=True) if x in tried}
            assert again and all(y == pytest.approx(tried[x]) for x, y in again.items())
            assert ours["oracle"][seed] - ours["accuracy"][seed] < delta
            assert ours["n"][seed] >= stepwise["n"][seed], "step by step is the first of all"
            assert ours["oracle"][seed] == pytest.approx(stepwise["oracle"][seed])
    assert (one.minimal(2.0)["n"] <= one.minimal(0.5)["n"]).all()


def test_accuracies_on_test_and_selectivity_are_those_of_a_study_with_the_same_set(one, monkeypatch):
    found = one.minimal(1.0)
    monkeypatch.setattr(study.Study, "minimal", lambda self, delta=1.0: found)
    plain = Study(**{name: getattr(one, name) for name in Study.__dataclass_fields__})
    retrained = plain.retraining(1.0)
    assert np.allclose(found[["test_oracle", "test_accuracy"]], retrained[["All", "Top"]])
    assert np.allclose(one.selectivity(1.0), plain.selectivity(1.0))


def test_of_pairs_that_score_alike_the_least_penalised_is_taken(one, monkeypatch):
    """Scores that rounding can turn over decide nothing: within half a point the smaller λ₁, then the smaller λ₂."""
    rows = [(0, 0, 3.0), (0, 0.1, 9.4), (0.1, 0, 9.6), (0.1, 0.1, 10.0)]
    monkeypatch.setattr(Study, "grid", lambda self: pd.DataFrame(rows, columns=["l1", "l2", "S"]))
    assert Study(model=one.model, task=one.task).lambdas == quick.QuickStudy(model=one.model, task=one.task).lambdas == (0.1, 0)
    assert one.lambdas == (1e-3, 1e-2), "numbers given are taken as they are"
