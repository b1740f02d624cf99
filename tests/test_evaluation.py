"""Masks, retraining, control tasks and baselines against hand-made truths."""

import functools
from collections import Counter
from types import SimpleNamespace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lcacore.evaluation import (
    ablation,
    accuracies,
    accuracy,
    accuracy_interval,
    control_labels,
    correct,
    majority_baseline,
    majority_labels,
    masked_accuracy,
    retraining,
    selectivity,
)
from lcacore.probes import LinearProbe
from lcacore.rankings import random, weight_mass
from lcacore.types import ProbeConfig

EXACT = ProbeConfig(1e-4, 1e-3, solver="exact")


def planted(n=1200, d=20, informative=4, seed=0):
    rng = np.random.default_rng(seed)
    X = rng.normal(size=(n, d)).astype(np.float32)
    W = np.zeros((3, d))
    W[:, :informative] = rng.normal(size=(3, informative)) * 3
    y = np.array(["a", "b", "c"], dtype=object)[(X @ W.T).argmax(1)]
    return X, y


@pytest.fixture(scope="module")
def fitted():
    X, y = planted()
    return LinearProbe(1e-4, 1e-3, solver="exact").fit(X[:800], y[:800]), X[800:], y[800:]


@functools.cache
def small():
    X, y = planted(n=200)
    return LinearProbe(l2=1e-3, solver="exact").fit(X, y), X, y


# --- masks -----------------------------------------------------------------------------------------


@given(st.lists(st.lists(st.booleans(), min_size=20, max_size=20), min_size=1, max_size=5))
@settings(max_examples=25, deadline=None)
def test_masking_is_predicting_on_zeroed_activations(masks):
    probe, X, y = small()
    masks = np.array(masks)
    assert masked_accuracy(probe, X, y, masks).tolist() == [accuracy(y, probe.predict(X * m)) for m in masks]


def test_mean_ablation_is_predicting_with_the_others_at_their_mean(fitted):
    probe, X, y = fitted
    mean = np.linspace(-2, 2, 20)
    keep = np.array([0, 2, 5])
    filled = np.tile(mean, (len(X), 1))
    filled[:, keep] = X[:, keep]
    assert masked_accuracy(probe, X, y, [keep], fill="mean", mean=mean)[0] == pytest.approx(accuracy(y, probe.predict(filled)))


def test_a_standardised_probe_is_masked_in_raw_activations():
    X, y = planted()
    X = X * np.linspace(0.1, 5, 20, dtype=np.float32) + 1
    probe = LinearProbe(l2=1e-3, solver="exact", standardise=True).fit(X, y)
    keep = np.arange(4)
    zeroed = np.zeros_like(X)
    zeroed[:, keep] = X[:, keep]
    assert masked_accuracy(probe, X, y, [keep, None]).tolist() == [accuracy(y, probe.predict(zeroed)), probe.score(X, y)]


def test_a_label_unknown_to_the_probe_is_never_right(fitted):
    probe, X, y = fitted
    strange = y.copy()
    strange[:50] = "zz"
    assert masked_accuracy(probe, X, strange, [None])[0] == pytest.approx(np.mean((probe.predict(X) == y)[50:]) * (len(y) - 50) / len(y))


def test_many_probes_in_one_read_equal_each_alone(fitted):
    probe, X, y = fitted
    index = np.searchsorted(probe.classes_, y)
    forms = [(probe.coef_ * s, probe.intercept_) for s in (1, 0.1, -1)]
    together = accuracies(X, index, forms)
    assert together.tolist() == [accuracies(X, index, [form])[0] for form in forms]
    assert together[0] == probe.score(X, y)
    assert correct(X, index, forms).shape == (3, len(y))


# --- ablation and retraining -----------------------------------------------------------------------


def test_ablation_orders_top_random_bottom(fitted):
    probe, X, y = fitted
    found = ablation(probe, X, y, weight_mass(probe.coef_, probe.classes_), 0.2)
    assert found["all"] == probe.score(X, y)
    assert found["top"] > found["random"] > found["bottom"] and found["top"] > 0.9
    turned = ablation(probe, X, y, weight_mass(probe.coef_, probe.classes_).reversed(), 0.2)
    assert (turned["top"], turned["bottom"]) == (found["bottom"], found["top"])


def test_random_is_the_mean_over_seeds(fitted):
    probe, X, y = fitted
    each = [masked_accuracy(probe, X, y, [random(20, s).top(0.2)])[0] for s in (5, 6)]
    ranking = random(20, 0)
    assert ablation(probe, X, y, ranking, seeds=(5, 6))["random"] == pytest.approx(np.mean(each))


def test_ablating_nothing_keeps_everything(fitted):
    probe, X, y = fitted
    found = ablation(probe, X, y, random(20, 0), 1.0)
    assert len(set(found.values())) == 1


def test_retraining_on_the_planted_neurons_is_enough_and_on_the_others_is_chance():
    X, y = planted()
    found = retraining(X[:800], y[:800], X[800:], y[800:], {"top": [3, 1, 0, 2], "rest": np.arange(4, 20), "all": None}, EXACT)
    majority = np.mean(y[800:] == Counter(y[:800].tolist()).most_common(1)[0][0])
    assert found["top"][0] > 0.95 and found["all"][0] > 0.9 and abs(found["rest"][0] - majority) < 0.12
    assert list(found) == ["top", "rest", "all"]


def test_retraining_together_equals_a_probe_on_those_columns():
    X, y = planted()
    config = ProbeConfig(1e-3, 1e-3, lr=1e-2, epochs=3)
    found = retraining(X[:800], y[:800], X[800:], y[800:], {"some": [7, 1], "all": None}, config, seeds=(0, 1), device="cpu")
    for k, seed in enumerate((0, 1)):
        alone = LinearProbe(1e-3, 1e-3, lr=1e-2, epochs=3, seed=seed, device="cpu").fit(X[:800, [1, 7]], y[:800])
        assert found["some"][k] == pytest.approx(alone.score(X[800:, [1, 7]], y[800:]), abs=2 / 400)


# --- control tasks ---------------------------------------------------------------------------------


def zipf_words(n=20_000, types=300, seed=0):
    rng = np.random.default_rng(seed)
    words = np.array([f"w{k}" for k in np.minimum(rng.zipf(1.3, n), types)], dtype=object)
    y = np.array(["N", "V", "A"], dtype=object)[rng.choice(3, n, p=[0.6, 0.3, 0.1])]
    return words, y


def test_every_type_has_one_control_label_in_every_split():
    words, y = zipf_words()
    labels = control_labels(words, y, 0)
    by_type: dict[str, set] = {}
    for word, label in zip(words, labels, strict=True):
        by_type.setdefault(word, set()).add(label)
    assert all(len(found) == 1 for found in by_type.values())
    shuffle = np.random.default_rng(1).permutation(len(words))
    assert np.array_equal(control_labels(words[shuffle], y[shuffle], 0), labels[shuffle])  # the order of tokens decides nothing
    assert not np.array_equal(control_labels(words, y, 1), labels)


def test_control_labels_follow_the_token_distribution_or_are_uniform():
    words = np.array([f"w{k}" for k in range(6000)], dtype=object)
    y = np.array(["N"] * 4200 + ["V"] * 1800, dtype=object)
    assert np.mean(control_labels(words, y) == "N") == pytest.approx(0.7, abs=0.03)
    assert np.mean(control_labels(words, y, construction="uniform") == "N") == pytest.approx(0.5, abs=0.03)


def test_words_without_a_label_stay_without():
    labels = control_labels(["a", "b", "a", "c"], ["X", "", "Y", ""])
    assert labels.tolist()[1::2] == ["", ""] and labels[0] == labels[2] != ""


def test_selectivity_tells_reading_from_memorising():
    """Neurons 0-2 carry the label of the token, neurons 3-42 name its word type: memory for any control task."""
    rng = np.random.default_rng(0)
    word = rng.integers(0, 40, 3000)
    z = (rng.integers(0, 3, 3000) + word) % 3
    X = np.zeros((3000, 43), np.float32)
    X[np.arange(3000), z] = 1
    X[np.arange(3000), 3 + word] = 1
    words, y = np.array([f"w{k}" for k in word], dtype=object), np.array(list("abc"), dtype=object)[z]
    found = selectivity(
        X[:2000], y[:2000], words[:2000], X[2000:], y[2000:], words[2000:], {"all": None, "reads": [0, 1, 2]}, EXACT, seeds=(0, 1)
    )
    assert found["all"]["task"] == found["reads"]["task"] == 1.0
    assert found["all"]["control"] > 0.99 > 0.7 > found["reads"]["control"]
    assert found["reads"]["selectivity"] == pytest.approx(1 - found["reads"]["control"])


# --- baselines and intervals -----------------------------------------------------------------------


def test_majority_by_hand():
    words = ["run", "run", "run", "a", "a", "b"]
    y = ["V", "N", "V", "Y", "X", "N"]
    # "a" ties: X before Y; an unknown word gets the overall majority, a tie of N and V: N
    assert majority_labels(words, y, ["run", "a", "b", "new"]).tolist() == ["V", "X", "N", "N"]
    assert majority_baseline(words, y, ["run", "new"], ["V", "V"]) == 0.5


@given(st.lists(st.tuples(st.sampled_from("abcd"), st.sampled_from("XYZ")), min_size=1, max_size=60))
def test_majority_agrees_with_counting(pairs):
    words, y = zip(*pairs, strict=True)
    for word in "abcd":
        counts = Counter(label for w, label in pairs if w == word) or Counter(y)
        assert majority_labels(words, y, [word])[0] == min(counts, key=lambda label: (-counts[label], label))


def test_paired_interval_is_tighter_than_two_single_ones():
    rng = np.random.default_rng(0)
    a = rng.random(2000) < 0.8
    b = a.copy()
    b[rng.choice(2000, 60, replace=False)] = False
    sentences = np.arange(2000) // 10
    low, high = accuracy_interval(a, sentences, against=b)
    single = accuracy_interval(a, sentences)
    assert 0 < low <= np.mean(a) - np.mean(b) <= high and high - low < (single[1] - single[0]) / 1.5


def test_bad_input_is_named(fitted):
    probe, X, y = fitted
    with pytest.raises(ValueError, match="one per label"):
        accuracy(["a"], ["a", "b"])
    with pytest.raises(ValueError, match="one label per row"):
        masked_accuracy(probe, X, y[:-1], [None])
    with pytest.raises(ValueError, match="there are 20"):
        masked_accuracy(probe, X, y, [[20]])
    with pytest.raises(ValueError, match="fill 'median'"):
        masked_accuracy(probe, X, y, [[1]], fill="median")
    with pytest.raises(ValueError, match="needs mean="):
        masked_accuracy(probe, X, y, [[1]], fill="mean")
    with pytest.raises(ValueError, match="ranking of 21 neurons"):
        ablation(probe, X, y, random(21))
    with pytest.raises(ValueError, match="one label per word"):
        control_labels(["a"], ["x", "y"])
    with pytest.raises(ValueError, match="construction"):
        control_labels(["a"], ["x"], construction="zipf")
    with pytest.raises(ValueError, match="no word carries a label"):
        control_labels(["a"], [""])
    with pytest.raises(ValueError, match="same tokens"):
        accuracy_interval([1, 0], None, against=[1])


def test_any_object_with_weights_will_do(fitted):
    probe, X, y = fitted
    plain = SimpleNamespace(coef_=probe.coef_, intercept_=probe.intercept_, classes_=probe.classes_)
    assert masked_accuracy(plain, X, y, [None])[0] == probe.score(X, y)
