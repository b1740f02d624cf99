"""The peers: NeuroX as published, and the direct forms of the published formulas."""

from __future__ import annotations

import contextlib
import io
import sys
import types
from pathlib import Path

import numpy as np

FOLDER = Path(__file__).resolve().parent.parent / "_build" / "peers"
_PACKAGES = ["neurox==1.0.9"]


def neurox():
    """NeuroX's linear-probe module, installed on first use into a folder of its own (its pins would break ours)."""
    if not (FOLDER / "neurox").is_dir():
        import subprocess

        subprocess.run([sys.executable, "-m", "pip", "install", "-q", "--no-deps", "--target", str(FOLDER), *_PACKAGES], check=True)
    if str(FOLDER) not in sys.path:
        sys.path.append(str(FOLDER))
    if not hasattr(np, "int"):
        setattr(np, "int", int)  # noqa: B010  NeuroX speaks the numpy of its day
    # it imports imbalanced-learn for one function that we do not call, and which fits few versions of scikit-learn
    sampling = types.ModuleType("imblearn.under_sampling")
    sampling.RandomUnderSampler = None
    sys.modules.setdefault("imblearn", types.ModuleType("imblearn"))
    sys.modules.setdefault("imblearn.under_sampling", sampling)
    import neurox.interpretation.linear_probe as linear_probe
    import neurox.interpretation.utils as utils

    utils.get_progress_bar = lambda: lambda iterable, **_: iterable
    return linear_probe


def quietly(function, *args, **kwargs):
    """A call without what it prints."""
    with contextlib.redirect_stdout(io.StringIO()):
        return function(*args, **kwargs)


def neurox_grid_point(train, dev, l1: float, l2: float, fraction: float = 0.2):
    """One grid point: train ten epochs, order the neurons, and score all, the top and the bottom: (order, accuracies, weights, bias)."""
    probe_of = neurox()
    (X, y), (X_dev, y_dev) = train, dev
    labels = {str(c): c for c in range(int(y.max()) + 1)}
    probe = quietly(probe_of.train_logistic_regression_probe, X, y, lambda_l1=l1, lambda_l2=l2, num_epochs=10, batch_size=512, learning_rate=1e-3)
    order, _ = probe_of.get_neuron_ordering(probe, labels)
    order = np.concatenate([order, np.setdiff1d(np.arange(X.shape[1]), order)]).astype(int)
    keep = int(np.ceil(fraction * X.shape[1]))
    scores = []
    for kept in (order, order[:keep], order[-keep:]):
        masked = np.zeros_like(X_dev)
        masked[:, kept] = X_dev[:, kept]
        scores.append(quietly(probe_of.evaluate_probe, probe, masked, y_dev, batch_size=512)["__OVERALL__"])
    return order, scores, probe.linear.weight.detach().numpy().astype(np.float64), probe.linear.bias.detach().numpy().astype(np.float64)


def direct_gaussian_step(fit, picks, candidates, X_dev, y_dev):
    """The criterion of some candidates of one step, each with a factorisation and a density of its own (Torroba Hennigen 2020)."""
    from scipy.stats import multivariate_normal

    means, covariances, log_prior = fit
    out = []
    for j in candidates:
        S = [*picks, j]
        joint = np.array([p + multivariate_normal(m[S], c[np.ix_(S, S)], allow_singular=True).logpdf(X_dev[:, S]) for m, c, p in zip(means, covariances, log_prior, strict=True)])
        out.append((joint[y_dev, np.arange(len(y_dev))] - np.logaddexp.reduce(joint, axis=0)).mean())
    return np.array(out)


def direct_gaussian_fit(X, y):
    """Mean, covariance and log-prior of each label: normal-inverse-Wishart as published, over all neurons."""
    d, means, covariances = X.shape[1], [], []
    counts = np.bincount(y)
    for c, n in enumerate(counts):
        own = X[y == c].astype(np.float64)
        means.append(own.mean(axis=0))
        scatter = (own - means[-1]).T @ (own - means[-1])
        covariances.append((scatter + np.diag(np.diag(scatter) / n)) / (n + 2 * d + 4))
    return means, covariances, np.log(counts / counts.sum())
