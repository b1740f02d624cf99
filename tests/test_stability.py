"""Stability of sets of neurons: the index against an older one that it contains, resampling, and the sets that a study finds."""

import numpy as np
import pytest
from tiny import write_world

from lcacore import quick, stability


def kuncheva(a, b, d):
    """The index of Kuncheva (2007) for two sets of one size, which Nogueira's equals there."""
    k = len(a)
    return (len(a & b) - k * k / d) / (k - k * k / d)


@pytest.mark.parametrize("common", range(6))
def test_for_two_sets_of_one_size_agreement_is_kunchevas_index(common):
    a, b = set(range(5)), set(range(5 - common, 10 - common))
    assert len(a & b) == common
    assert stability.agreement([a, b], 40) == pytest.approx(kuncheva(a, b, 40))


def test_agreement_is_one_for_equal_sets_and_zero_on_average_for_random_ones():
    rng = np.random.default_rng(0)
    assert stability.agreement([{3, 1}, {1, 3}, {3, 1}], 9) == pytest.approx(1)
    assert stability.agreement([range(4), range(4)], 4) == 1, "all neurons, always"
    found = [stability.agreement([set(rng.choice(50, size, replace=False)) for size in (10, 14, 12)], 50) for _ in range(400)]
    assert abs(np.mean(found)) < 4 * np.std(found) / np.sqrt(len(found))


def test_agreement_asks_for_two_sets_of_neurons_that_exist():
    with pytest.raises(ValueError, match="give at least two"):
        stability.agreement([{1}], 5)
    with pytest.raises(ValueError, match="from 0 to 4"):
        stability.agreement([{1}, {5}], 5)


def test_shared_is_the_intersection_over_the_union():
    assert stability.shared([{1, 2, 3}, {2, 3, 4}, {1, 2, 3}]) == [50.0, 100.0, 50.0]


def test_a_resample_draws_whole_sentences_as_many_as_there_are():
    ids = np.repeat([4, 7, 9, 12], [3, 1, 2, 5])
    rows = stability.resample(ids, np.random.default_rng(1))
    starts = {4: 0, 7: 3, 9: 4, 12: 6}
    left, count = rows.tolist(), 0
    while left:
        sentence = ids[left[0]]
        length = int((ids == sentence).sum())
        assert left[:length] == list(range(starts[sentence], starts[sentence] + length))
        left, count = left[length:], count + 1
    assert count == 4


def test_a_resample_holds_about_63_percent_of_the_sentences():
    kept = np.unique(stability.resample(np.arange(2000), np.random.default_rng(0))).size / 2000
    assert abs(kept - (1 - 1 / np.e)) < 0.03


def test_the_sets_of_the_seeds_are_the_studys_own(tmp_path_factory):
    world = write_world(tmp_path_factory.mktemp("world"))
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("LCACORE_STORE", str(tmp_path_factory.mktemp("store")))
        one = quick.cross({"m": str(world / "model")}, {"t": f"tsv:{world}#label"}, sentences={"train": None, "dev": None, "test": None}, l1=1e-3, l2=1e-2, seeds=[0, 1])["t", "m"]
        found, wanted = stability.minimal_sets(one, draws=2), one.minimal(1.0)
        assert found["how"].tolist() == ["seeds", "seeds", "sentences", "sentences"]
        own = found[found["how"] == "seeds"]
        assert own["n"].tolist() == wanted["n"].tolist()
        assert own["accuracy"].tolist() == pytest.approx(wanted["test_accuracy"].tolist())
        for seed, neurons in zip(one.seeds, own["neurons"], strict=True):
            assert neurons == one.ranking("weight_mass", seed).top(len(neurons)).tolist()
        assert all(len(neurons) == n for neurons, n in zip(found["neurons"], found["n"], strict=True))
