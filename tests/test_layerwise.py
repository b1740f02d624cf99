"""Probes of one layer at a time are the probes that a study of that layer alone trains."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from tiny import write_world

from lcacore import evaluation, layerwise
from lcacore.study import Study


@pytest.fixture(scope="module")
def one(tmp_path_factory):
    world = write_world(tmp_path_factory.mktemp("world"))
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("LCACORE_STORE", str(tmp_path_factory.mktemp("store")))
        yield Study(model=str(world / "model"), task=f"tsv:{world}#label", l1=1e-3, l2=1e-2, seeds=(0, 1))


def test_each_column_is_a_study_of_its_own(one):
    found = layerwise.accuracies(one)
    assert list(found.columns) == ["All", *one.activations.layers, "Majority"] and list(found.index) == [0, 1]
    assert np.allclose(found["All"], one.unregularised()["All"])
    for layer in one.activations.layers:
        assert np.allclose(found[layer], replace(one, layers=(layer,)).unregularised()["All"])
    train, test = one.data["train"], one.data["test"]
    assert np.allclose(found["Majority"], 100 * evaluation.majority_baseline(train.words, train.y, test.words, test.y))


@pytest.mark.parametrize(("values", "expected"), [([90, 80, 70, 60], 0), ([70, 80, 89.5, 90], 2 / 3), ([70, 80, 88, 90], 1), ([89.1, 90, 80, 70], 0), ([50], 0)])
def test_depth_is_the_first_layer_near_the_best(values, expected):
    table = pd.DataFrame([[99.0, *values, 10.0]], columns=["All", *range(len(values)), "Majority"])
    assert layerwise.depth(table) == pytest.approx(expected)
    assert layerwise.means({("POS", "one"): table}).loc[("POS", "one"), "Embeddings"] == values[0]
