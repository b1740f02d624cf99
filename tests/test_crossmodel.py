"""Scores across models: planted relations, invariances, and other people's regressions and CCA as oracles."""

import numpy as np
import pytest
from sklearn.cross_decomposition import CCA
from sklearn.linear_model import LinearRegression

from lcacore.correlation import best_match
from lcacore.crossmodel import cross_scores, moments, pwcca, r_squared, svcca

N = 600


def normal(seed, *shape):
    return np.random.default_rng(seed).normal(size=shape)


@pytest.fixture(scope="module")
def three():
    """Three models that share six hidden causes, with noise of their own, far from zero."""
    causes = normal(0, N, 6)
    return [causes @ normal(i, 6, d) + 0.7 * normal(10 + i, N, d) + 40 for i, d in ((1, 9), (2, 7), (3, 8))]


def orthogonal(seed, d):
    return np.linalg.qr(normal(seed, d, d))[0]


def test_moments_are_those_of_numpy_whatever_the_blocks(three, monkeypatch):
    whole = np.concatenate(three, axis=1)
    for block in (1 << 10, 1 << 26):
        monkeypatch.setattr("lcacore.crossmodel._BLOCK", block)
        found = moments(three)
        np.testing.assert_allclose(found.covariance, np.cov(whole.T, bias=True), atol=1e-10)
        np.testing.assert_allclose(found.mean, whole.mean(axis=0), atol=1e-12)
    assert found.edges == (0, 9, 16, 24) and found.n == N


def test_best_correlations_are_those_of_the_matcher(three):
    for m, scores in enumerate(cross_scores(three)):
        others = [X for i, X in enumerate(three) if i != m]
        oracle = best_match(three[m], others)
        np.testing.assert_allclose(scores.max_correlation, oracle.score, atol=1e-5)
        np.testing.assert_allclose(scores.min_correlation, oracle.per_model.min(axis=0), atol=1e-5)
        assert (scores.min_correlation <= scores.max_correlation).all()


def test_r_squared_is_that_of_a_regression_with_intercept(three):
    X, Y = three[0], three[1]
    oracle = [LinearRegression().fit(Y, x).score(Y, x) for x in X.T]
    np.testing.assert_allclose(cross_scores(three)[0].r2[0], oracle, atol=1e-9)


def test_a_planted_linear_relation_is_found_where_no_single_neuron_shows_it():
    Y = normal(1, N, 20)
    mixed = Y.sum(axis=1)  # each neuron of Y has about 1 / sqrt(20) of it
    X = np.column_stack([mixed, normal(2, N), -3 * Y[:, 4] + 7])
    scores = cross_scores([X, Y])[0]
    assert scores.r2[0, 0] > 1 - 1e-9 and scores.best[0, 0] < 0.5
    assert scores.r2[0, 1] < 0.15
    np.testing.assert_allclose(scores.best[0, 2], 1, atol=1e-12)  # a sign turned, another scale: found again
    assert (scores.r2 >= scores.best**2 - 1e-12).all()  # the best single neuron is one of the regressors


def test_r_squared_does_not_see_an_invertible_map_of_the_regressors(three):
    X, Y = three[0], three[1]
    mixed = (Y - 3) @ normal(5, 7, 7)
    doubled = np.concatenate([Y, Y @ normal(6, 7, 2)], axis=1)  # repeated neurons add nothing
    for other in (mixed, doubled):
        np.testing.assert_allclose(r_squared(moments([X, other]), 0, 1), r_squared(moments([X, Y]), 0, 1), atol=1e-8)


def test_canonical_correlations_are_those_of_scikit_learn(three):
    X, Y = three[0], three[1]
    oracle = CCA(n_components=4, scale=False, max_iter=5000, tol=1e-12).fit(X, Y)
    a, b = oracle.transform(X, Y)
    rho = [np.corrcoef(a[:, i], b[:, i])[0, 1] for i in range(4)]
    np.testing.assert_allclose(svcca(moments([X, Y]), 0, 1, variance=1.0).correlation[:4], rho, atol=1e-4)
    # and, in closed form, the square roots of the eigenvalues of Cxx⁻¹ Cxy Cyy⁻¹ Cyx
    C = np.cov(np.concatenate([X, Y], axis=1).T)
    product = np.linalg.solve(C[:9, :9], C[:9, 9:]) @ np.linalg.solve(C[9:, 9:], C[9:, :9])
    squares = np.sort(np.linalg.eigvals(product).real)[::-1][:7]
    np.testing.assert_allclose(svcca(moments([X, Y]), 0, 1, variance=1.0).correlation, np.sqrt(squares), atol=1e-8)


def test_variates_have_the_correlations_that_are_told(three):
    X, Y = three[0], three[1]
    found, back = moments([X, Y]), moments([Y, X])
    for one, other in ((svcca(found, 0, 1), svcca(back, 0, 1)), (pwcca(found, 0, 1), pwcca(back, 0, 1))):
        a, b = (X - X.mean(0)) @ one.directions, (Y - Y.mean(0)) @ other.directions
        np.testing.assert_allclose(a.std(axis=0), 1, atol=1e-8)
        np.testing.assert_allclose(np.abs((a * b).mean(axis=0)), one.correlation, atol=1e-8)
        assert (np.diff(one.correlation) <= 1e-12).all()


def test_svcca_does_not_see_a_rotation_and_pwcca_weighs(three):
    X, Y = three[0], three[1]
    plain = svcca(moments([X, Y]), 0, 1, variance=0.9)
    turned = svcca(moments([X @ orthogonal(1, 9), 5 * Y @ orthogonal(2, 7)]), 0, 1, variance=0.9)
    np.testing.assert_allclose(turned.correlation, plain.correlation, atol=1e-8)
    assert len(plain.correlation) < 7  # the small components are gone
    weighed = pwcca(moments([X, Y]), 0, 1)
    assert np.isclose(weighed.weight.sum(), 1) and 0 <= weighed.score <= 1
    np.testing.assert_allclose(pwcca(moments([X, X @ normal(4, 9, 9)]), 0, 1).score, 1, atol=1e-6)
    # a model of one strong shared direction and much weak noise is like the other where it matters
    strong = normal(7, N, 1) * 50
    a, b = (np.concatenate([strong, normal(s, N, 8)], axis=1) @ orthogonal(s, 9) for s in (8, 9))
    found = moments([a, b])
    assert pwcca(found, 0, 1).score > svcca(found, 0, 1, variance=1.0).score + 0.3


def test_neurons_that_do_not_vary_score_nothing_and_are_counted(three):
    X = three[0].copy()
    X[:, [2, 5]] = 8.25
    with pytest.warns(UserWarning, match="model 0: 2 of 9 neurons do not vary"):
        scores = cross_scores([X, three[1]])
    assert scores[0].constant == 2 and scores[1].constant == 0
    assert not scores[0].best[:, [2, 5]].any() and not scores[0].r2[:, [2, 5]].any()
    assert scores[0].max_correlation[[0, 1, 3]].all()


def test_errors_say_what_is_wrong(three):
    with pytest.raises(ValueError, match="at least two on the same tokens"):
        cross_scores(three[:1])
    with pytest.raises(ValueError, match="of the same tokens"):
        moments([three[0], three[1][:-1]])
    with pytest.raises(ValueError, match="NaN"):
        moments([np.full((5, 2), np.nan), np.ones((5, 2))])
    with pytest.raises(ValueError, match="above 0"):
        svcca(moments(three), 0, 1, variance=0)
    with pytest.raises(ValueError, match="no model 7"):
        svcca(moments(three), 7, 1)
    with pytest.raises(ValueError, match="no neuron of model 0"):
        pwcca(moments([np.ones((5, 2)), normal(0, 5, 2)]), 0, 1)
