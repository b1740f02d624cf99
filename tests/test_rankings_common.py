"""One contract for every ranking method known to `rank`."""

import numpy as np
import pytest

import lcacore.rankings
from lcacore.rankings import METHODS, rank
from lcacore.types import Activations

PLANTED = 7
OPTIONS = {  # settings that make a method quick and sure on 600 tokens
    name: {"solver": "exact", "tol": 1e-9} | ({"l1": 1e-3, "l2": 1e-3} if name != "magnitude" else {"tol": 1e-6})
    for name in ("lca", "weight_mass", "linear", "mean_abs_weight", "magnitude")
}
EVIDENCE_FREE = {"random"}
LABEL_FREE = EVIDENCE_FREE | {"variance", "mean_distance"}  # orders of the activations alone


def activations(names=("ADJ", "NOUN", "VERB"), shuffle=False):
    """600 labelled train tokens, 100 unlabelled ones, a test split of noise; neuron 7 alone tells the labels apart."""
    rng = np.random.default_rng(0)
    n = 700
    X = rng.normal(size=(n + 100, 12)).astype(np.float32)
    z = rng.integers(0, 3, n + 100)
    X[:n, PLANTED] += 3.0 * z[:n]
    y = np.array(names, dtype=object)[z]
    y[:100] = ""
    X[:100] += 100  # an unlabelled row that was used would show
    rows = np.arange(n + 100)
    if shuffle:
        rows[100:n] = rng.permutation(rows[100:n])
    return Activations(
        X[rows], np.full(n + 100, "w", object), rows, rows, (0, 1, 2), 4, n + 100, y=y[rows], splits={"train": (0, n), "test": (n, n + 100)}
    )


@pytest.fixture(params=sorted(METHODS))
def method(request):
    return request.param


@pytest.fixture
def ranking(method):
    return rank(method, activations(), **OPTIONS.get(method, {}))


def test_is_a_permutation_in_the_order_of_its_scores(ranking):
    assert sorted(ranking.order.tolist()) == list(range(12)) and ranking.order.dtype == np.int64
    assert (np.diff(ranking.scores[ranking.order]) <= 0).all() and np.isfinite(ranking.scores).all()
    for label, order in ranking.per_class.items():
        assert sorted(order.tolist()) == list(range(12))
        assert (np.diff(ranking.class_scores[label][order]) <= 0).all()


def test_labels_are_sorted_and_complete(ranking, method):
    assert list(ranking.per_class) == list(ranking.class_scores) == ([] if method in LABEL_FREE else ["ADJ", "NOUN", "VERB"])


def test_says_how_it_was_made(ranking):
    assert ranking.method in METHODS
    assert 0 <= ranking.n_informative <= 12


def test_finds_the_planted_neuron(ranking, method):
    if method in EVIDENCE_FREE:
        pytest.skip("this method looks at nothing")
    assert ranking.order[0] == PLANTED
    assert method in LABEL_FREE or {ranking.per_class[label][0] for label in ("ADJ", "VERB")} == {PLANTED}


def test_reversing_twice_changes_nothing_and_once_everything(ranking):
    back = ranking.reversed()
    assert back.order.tolist() == ranking.order[::-1].tolist() and back.n_informative == ranking.n_informative
    assert (np.diff(back.scores[back.order]) <= 0).all()
    assert np.array_equal(back.reversed().order, ranking.order) and np.array_equal(back.reversed().scores, ranking.scores)


def test_tops_nest(ranking):
    for small, large in ((0, 3), (3, 7), (7, 12)):
        assert set(ranking.top(small).tolist()) <= set(ranking.top(large).tolist())
    assert ranking.top(0.2).tolist() == ranking.top(3).tolist()
    with pytest.raises(ValueError, match="top 13 of 12"):
        ranking.top(13)


def test_renaming_labels_changes_nothing(ranking, method):
    other = rank(method, activations(("z", "y", "x")), **OPTIONS.get(method, {}))  # the sorted order of the labels turns round
    np.testing.assert_allclose(other.scores, ranking.scores, atol=1e-4)
    assert other.order[0] == ranking.order[0]
    for old, new in zip(("ADJ", "NOUN", "VERB"), "zyx", strict=True):
        if ranking.class_scores:
            np.testing.assert_allclose(other.class_scores[new], ranking.class_scores[old], atol=1e-4)


def test_the_order_of_tokens_changes_nothing(ranking, method):
    other = rank(method, activations(shuffle=True), **OPTIONS.get(method, {}))
    np.testing.assert_allclose(other.scores, ranking.scores, atol=1e-4)


def test_repeats_itself_and_leaves_its_input_alone(method):
    data = activations()
    X, y = data.X.copy(), data.y.copy()
    first, second = (rank(method, data, **OPTIONS.get(method, {})) for _ in range(2))
    assert np.array_equal(first.order, second.order) and np.array_equal(first.scores, second.scores)
    assert np.array_equal(data.X, X) and np.array_equal(data.y, y)


def test_names_that_mean_the_same():
    data = activations()
    for a, b in (("lca", "weight_mass"), ("linear", "mean_abs_weight")):
        assert np.array_equal(rank(a, data, **OPTIONS[a]).order, rank(b, data, **OPTIONS[b]).order)


def test_a_trained_probe_can_be_handed_in():
    data = activations()
    train = data.split("train").labelled()
    probe = lcacore.rankings.LinearProbe(1e-3, 1e-3, solver="exact", tol=1e-9).fit(train.X, train.y)
    assert np.array_equal(rank("lca", data, probe=probe).order, rank("lca", data, **OPTIONS["lca"]).order)


def test_unknown_method_and_missing_labels():
    with pytest.raises(ValueError, match=r"no ranking method 'best'; there is .*lca.*probeless"):
        rank("best", activations())
    data = activations()
    with pytest.raises(ValueError, match="carry no labels"):
        rank("probeless", Activations(data.X, data.words, data.sentence_ids, data.token_ids, (0, 1, 2), 4, 800))
