"""The online code: lengths known by hand, by theory, and against an oracle."""

from itertools import pairwise

import numpy as np
import pytest

from lcacore.mdl import FRACTIONS, Codelength, online_codelength
from lcacore.training import train_linear
from lcacore.types import ProbeConfig

CONFIG = ProbeConfig(l1=1e-5, l2=1e-3, solver="exact")


def planted(n=1500, classes=4, seed=0, noise=0.0):
    """Labels readable off the first `classes` of eight neurons."""
    rng = np.random.default_rng(seed)
    y = rng.integers(0, classes, n)
    X = rng.normal(size=(n, 8)).astype(np.float32) * 0.1
    X[np.arange(n), y] += 3.0
    X[:, :classes] += noise * rng.normal(size=(n, classes))
    return X, y


def test_labels_that_the_neurons_do_not_know_cost_the_uniform_code_or_a_little_more():
    rng = np.random.default_rng(1)
    X, y = rng.normal(size=(1500, 6)).astype(np.float32), rng.integers(0, 4, 1500)
    code = online_codelength(X, y, ProbeConfig(l1=0.02, l2=0.02, solver="exact"))
    assert code.uniform == 3000.0
    assert 0.9 < code.compression <= 1.0


def test_a_readable_label_costs_little_more_than_the_first_block():
    X, y = planted()
    code = online_codelength(X, y, CONFIG, fractions=(0.05, 0.2, 1.0))
    assert code.bits[0] == 75 * 2.0
    assert sum(code.bits[1:]) < 0.2 * code.uniform
    assert code.compression > 4
    longer = online_codelength(np.vstack([X, X]), np.concatenate([y, y]), CONFIG, fractions=(0.025, 0.1, 1.0))
    assert longer.compression > code.compression, "the first block weighs less in a longer message"


def test_noise_costs_bits():
    penalised = ProbeConfig(l2=1e-2, solver="exact")
    lengths = [online_codelength(*planted(600, noise=noise), penalised, fractions=(0.1, 0.4, 1.0)).total for noise in (0.0, 1.0, 3.0)]
    assert lengths == sorted(lengths)


def test_the_neurons_that_carry_the_label_compress_and_the_others_do_not():
    X, y = planted()
    assert online_codelength(X, y, CONFIG, columns=range(4)).compression > 3
    assert online_codelength(X, y, ProbeConfig(l1=0.02, l2=0.02, solver="exact"), columns=range(4, 8)).compression < 1.01
    kept = online_codelength(X[:, :4], y, CONFIG)
    assert online_codelength(X, y, CONFIG, columns=[3, 1, 0, 2]) == kept, "the same neurons, named or cut out"


def test_each_block_costs_the_cross_entropy_of_a_probe_on_the_blocks_before_it():
    """scikit-learn's probe on the same blocks, its cross-entropies summed by hand."""
    from sklearn.linear_model import LogisticRegression

    X, y = planted(n=600, noise=1.0)
    l2, ends = 1e-2, [60, 150, 600]
    code = online_codelength(X, y, ProbeConfig(l2=l2, solver="exact"), fractions=(0.1, 0.25, 1.0), seed=5, tol=1e-9)
    order = np.random.default_rng(5).permutation(600)
    wanted = [60 * 2.0]
    for start, stop in pairwise(ends):
        probe = LogisticRegression(C=1 / (2 * l2 * start), tol=1e-10, max_iter=5000).fit(X[order[:start]], y[order[:start]])
        p = probe.predict_proba(X[order[start:stop]])[np.arange(stop - start), y[order[start:stop]]]
        share = 1 / (start + 1)
        wanted.append(-np.log2((1 - share) * p + share / 4).sum())
    assert code.ends == tuple(ends)
    assert code.bits == pytest.approx(wanted, rel=1e-4)


def test_starting_from_the_last_probe_changes_nothing():
    """Rare labels, met only in later blocks, and more neurons than the first tokens: each block's cost is that of a probe trained from nothing."""
    rng = np.random.default_rng(3)
    y = np.minimum(rng.geometric(0.3, 800) - 1, 9)
    X = (rng.normal(size=(800, 60)) + 2 * rng.normal(size=(10, 60))[y] + 5).astype(np.float32)
    config, order = ProbeConfig(l1=1e-3, l2=1e-3, solver="exact"), np.random.default_rng(0).permutation(800)
    code = online_codelength(X, y, config, fractions=(0.01, 0.02, 0.04, 0.2, 1.0), tol=1e-9)
    seen = [np.unique(y[order[:end]]) for end in code.ends]
    assert [len(labels) for labels in seen[:-1]] == sorted({len(labels) for labels in seen}), "each block that is trained on brings a label"
    for start, stop, known, bits in zip(code.ends, code.ends[1:], seen, code.bits[1:], strict=False):
        (probe,) = train_linear(X[order[:start]], np.searchsorted(known, y[order[:start]]), len(known), [config], tol=1e-9)
        logits = X[order[start:stop]] @ probe.coef.T + probe.intercept
        p = np.exp(logits - np.logaddexp.reduce(logits, axis=1, keepdims=True)) @ (known[:, None] == y[order[start:stop]])
        share = 1 / (start + 1)
        assert bits == pytest.approx(-np.log2((1 - share) * p.diagonal() + share / 10).sum(), rel=1e-4)


def test_a_label_not_seen_before_costs_its_share_of_the_uniform_code():
    """Two blocks of constant labels: the second label is new, and each of its tokens costs log2(K (t + 1)) bits."""
    X = np.zeros((20, 2), dtype=np.float32)
    y = np.zeros(20, dtype=int)
    y[np.random.default_rng(0).permutation(20)[10:]] = 1
    code = online_codelength(X, y, CONFIG, fractions=(0.5, 1.0))
    assert code.bits == pytest.approx((10.0, 10 * np.log2(2 * 11)))


def test_a_larger_alphabet_makes_the_first_block_dearer():
    X, y = planted(n=400)
    small, large = (online_codelength(X, y, CONFIG, classes=range(k)) for k in (4, 16))
    assert large.bits[0] == 2 * small.bits[0]
    assert large.uniform == 2 * small.uniform


def test_the_same_seed_gives_the_same_code_and_another_seed_about_the_same():
    X, y = planted(500, noise=1.0)
    one, again, other = (online_codelength(X, y, CONFIG, seed=s) for s in (0, 0, 1))
    assert one == again
    assert one != other
    assert other.total == pytest.approx(one.total, rel=0.15)


def test_the_published_blocks():
    assert len(FRACTIONS) == 11 and FRACTIONS[-1] == 1.0
    assert Codelength((8.0, 8.0), (2, 10), 16).compression == 40 / 16


def test_what_cannot_be_sent_is_refused():
    X, y = planted(n=50)
    for wrong, message in (
        ({"fractions": (0.5, 0.2, 1.0)}, "rising shares"),
        ({"fractions": (0.5,)}, "the last of them 1"),
        ({"classes": [0, 1]}, "is not in the alphabet"),
    ):
        with pytest.raises(ValueError, match=message):
            online_codelength(X, y, CONFIG, **wrong)
    with pytest.raises(ValueError, match="at least two classes"):
        online_codelength(X, np.zeros(50), CONFIG)
    with pytest.raises(ValueError, match="one label per row"):
        online_codelength(X, y[:-1], CONFIG)
