"""IoU and average precision: scikit-learn and a count by hand agree, ties included; no array of the caller is changed."""

import numpy as np
import pytest
from sklearn.metrics import average_precision_score

import lcacore.concepts
from lcacore.concepts import average_precision_scores, iou_scores


@pytest.fixture(params=[1, 3], ids=["fine", "coarse"])
def data(request):
    """700 tokens, 9 neurons; `coarse` activations have many ties."""
    rng = np.random.default_rng(0)
    return np.round(rng.normal(size=(700, 9)), 4 - request.param).astype(np.float32), rng.choice(list("abc"), 700, p=[0.6, 0.3, 0.1])


def test_average_precision_is_scikit_learns_for_each_sign(data):
    X, y = data
    for signed, sign in (("high", 1), ("low", -1)):
        scores, labels = average_precision_scores(X, y, signed=signed)
        assert labels == ("a", "b", "c")
        wanted = [[average_precision_score(y == label, sign * X[:, j]) for j in range(9)] for label in labels]
        np.testing.assert_allclose(scores, wanted, atol=1e-6)
    both, _ = average_precision_scores(X, y)
    np.testing.assert_array_equal(both, np.maximum(*(average_precision_scores(X, y, signed=s)[0] for s in ("high", "low"))))


@pytest.mark.parametrize("setting", [{"quantile": 0.9}, {"threshold": 0.0}])
def test_iou_is_the_count_by_hand(data, setting):
    X, y = data
    scores, labels = iou_scores(X, y, signed="high", **setting)
    for c, label in enumerate(labels):
        for j in range(9):
            mask = X[:, j] > (np.quantile(X[:, j], 0.9) if "quantile" in setting else 0.0)
            assert scores[c, j] == pytest.approx((mask & (y == label)).sum() / (mask | (y == label)).sum())


def test_masks_as_large_as_the_label_reach_one_for_a_perfect_neuron(data):
    X, y = data
    for label, direction in (("c", 1), ("a", -1)):
        perfect = np.column_stack([X, direction * (y == label) + 0.001 * np.arange(700) / 700])
        scores, labels = iou_scores(perfect, y)
        assert scores[labels.index(label), 9] == 1.0
        assert scores[labels.index(label), :9].max() < 0.9
        if direction < 0:
            assert iou_scores(perfect, y, signed="high")[0][labels.index(label), 9] < 0.25


def test_blocks_of_neurons_and_order_of_tokens_change_nothing(data, monkeypatch):
    X, y = data
    whole = [f(X, y)[0] for f in (iou_scores, average_precision_scores)]
    order = np.random.default_rng(1).permutation(700)
    for one, f in zip(whole, (iou_scores, average_precision_scores), strict=True):
        np.testing.assert_allclose(f(X[order], y[order])[0], one, atol=1e-6)
    monkeypatch.setattr(lcacore.concepts, "_BLOCK", 4 * 700 * 2)
    for one, f in zip(whole, (iou_scores, average_precision_scores), strict=True):
        assert np.array_equal(f(X, y)[0], one)


def test_the_callers_array_stays_as_it_was(data):
    X, y = data
    before = X.copy()
    iou_scores(X, y)
    average_precision_scores(X, y)
    assert np.array_equal(X, before)


def test_refusals(data):
    X, y = data
    with pytest.raises(ValueError, match=r"0\.995"):
        iou_scores(X, y, quantile=1.5)
    with pytest.raises(ValueError, match="one of them"):
        iou_scores(X, y, quantile=0.5, threshold=0.0)
    with pytest.raises(ValueError, match="with and without"):
        average_precision_scores(X, np.full(700, "a"))
    with pytest.raises(ValueError, match="both, high, low"):
        average_precision_scores(X, y, signed="up")
    with pytest.raises(ValueError, match="NaN"):
        iou_scores(np.full((700, 2), np.nan), y)
