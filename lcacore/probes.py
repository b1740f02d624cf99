"""The probe as a scikit-learn classifier.

`LinearProbe` is the elastic-net multinomial logistic regression of Linguistic Correlation Analysis
(Dalvi 2019; Durrani 2020 §2.1; Durrani 2023 algorithm 1). Many at once: `lcacore.training.train_linear`.
"""

from __future__ import annotations

import warnings

import numpy as np
from sklearn.base import BaseEstimator, ClassifierMixin
from sklearn.exceptions import ConvergenceWarning
from sklearn.utils.multiclass import check_classification_targets
from sklearn.utils.validation import check_is_fitted, validate_data

from .training import row_blocks, to_float, train_linear
from .types import ProbeConfig

__all__ = ["LinearProbe", "class_index", "linear_form"]

_KEEP = [np.float32, np.float64, np.float16]  # left as they are; anything else becomes the first


class LinearProbe(ClassifierMixin, BaseEstimator):
    """Multinomial logistic regression with an elastic-net penalty, P(c | x) = softmax(W x + b)_c.

    Minimises mean NLL + λ1 ‖W‖₁ + λ2 ‖W‖²₂ (per token, in nats).

    l1, l2        λ1 and λ2
    solver        "adam": the papers' protocol, `epochs` passes in shuffled batches of `batch_size` at `lr`;
                  "exact": proximal quasi-Newton to a duality gap of at most `tol`, with exact zeros, independent
                  of seed and row order (Adam's settings are then ignored)
    device        "auto" (a GPU where there is one), "cpu", "cuda"
    seed          order of the batches; weights start at zero
    squared_l2    False: λ2 ‖W‖₂, as in published code
    penalise_bias True: the penalty is on θ = (W, b), as Durrani 2023 algorithm 1 prints it
    standardise   True: the probe sees (x − mean) / standard deviation, and `coef_` is in those units

    After fit: coef_ (C, D) also for two classes, intercept_ (C,), classes_ (C,) sorted, n_iter_, gap_ (exact:
    bound on the objective's distance from its minimum, nats per token; nan for Adam and at l1 = l2 = 0, where
    no finite minimum need exist), and mean_, scale_ (D,) if standardised.

    X may be a float16 or bfloat16 memory map: it is converted a batch at a time and never copied whole.
    """

    def __init__(
        self,
        l1: float = 0.0,
        l2: float = 0.0,
        *,
        solver: str = "adam",
        device: str = "auto",
        seed: int = 0,
        epochs: int = 10,
        batch_size: int = 512,
        lr: float = 1e-3,
        squared_l2: bool = True,
        penalise_bias: bool = False,
        standardise: bool = False,
        tol: float = 1e-6,
        max_iter: int = 5000,
    ):
        self.l1 = l1
        self.l2 = l2
        self.solver = solver
        self.device = device
        self.seed = seed
        self.epochs = epochs
        self.batch_size = batch_size
        self.lr = lr
        self.squared_l2 = squared_l2
        self.penalise_bias = penalise_bias
        self.standardise = standardise
        self.tol = tol
        self.max_iter = max_iter

    @classmethod
    def from_config(cls, config: ProbeConfig, **more) -> LinearProbe:
        """A probe with a config's settings."""
        return cls(**{f: getattr(config, f) for f in ProbeConfig.__dataclass_fields__}, **more)

    @property
    def config(self) -> ProbeConfig:
        """The settings that decide the trained weights."""
        return ProbeConfig(**{f: getattr(self, f) for f in ProbeConfig.__dataclass_fields__})

    def fit(self, X, y) -> LinearProbe:
        """Train on X (N, D) and y (N,).

        Raises ValueError: one class only, NaN or infinite activations, lengths that differ, a bad setting.
        Warns ConvergenceWarning when the exact solver missed `tol`; `gap_` says how far it got.
        """
        X, y = self._training_data(X, y)
        self.classes_, index = np.unique(y, return_inverse=True)
        if len(self.classes_) < 2:
            raise ValueError(f"a probe needs at least two classes; all {len(y)} labels are of one class, {self.classes_[0]!r}")
        shift = scale = None
        if self.standardise:
            shift, scale = _moments(X)
        (weights,) = train_linear(
            X,
            index,
            len(self.classes_),
            [self.config],
            shift=shift,
            scale=scale,
            device=self.device,
            tol=self.tol,
            max_iter=self.max_iter,
        )
        if self.solver == "exact" and (weights.gap > self.tol or (weights.n_iter >= self.max_iter and not weights.gap <= self.tol)):
            warnings.warn(
                f"stopped after {weights.n_iter} iterations with a duality gap of {weights.gap:.3g} (tol {self.tol:g}); "
                "raise max_iter or tol, or penalise more",
                ConvergenceWarning,
                stacklevel=2,
            )
        self.coef_, self.intercept_ = weights.coef, weights.intercept
        self.n_iter_, self.gap_ = weights.n_iter, weights.gap
        self.mean_, self.scale_ = shift, scale
        return self

    def decision_function(self, X) -> np.ndarray:
        """Logits (N, C); for two classes (N,), the second's minus the first's, as scikit-learn has it."""
        logits = self._logits(X)
        return logits[:, 1] - logits[:, 0] if len(self.classes_) == 2 else logits

    def predict(self, X) -> np.ndarray:
        """(N,) the most probable label; ties go to the first in sorted order."""
        best = self._logits(X).argmax(axis=1)
        return self.classes_[best]

    def predict_proba(self, X) -> np.ndarray:
        """(N, C) probabilities."""
        logits = self._logits(X).astype(np.float64)
        p = np.exp(logits - logits.max(axis=1, keepdims=True))
        return p / p.sum(axis=1, keepdims=True)

    def _logits(self, X) -> np.ndarray:
        X = self._new_data(X)
        coef, intercept = linear_form(self)
        dtype = np.float64 if X.dtype == np.float64 else np.float32
        W, b = coef.T.astype(dtype), intercept.astype(dtype)
        out = np.empty((len(X), len(b)), dtype)
        for rows in row_blocks(len(X)):
            np.matmul(to_float(X[rows], dtype), W, out=out[rows])
        return np.add(out, b, out=out)

    def _training_data(self, X, y):
        if _is_bfloat16(X):  # scikit-learn would copy it whole to float32
            y = np.asarray(y)
            if X.ndim != 2 or len(y) != len(X):
                raise ValueError(f"{y.shape} labels for activations of shape {X.shape}; give (tokens, neurons) and one label per token")
            self.n_features_in_ = X.shape[1]
        else:
            X, y = validate_data(self, X, y, dtype=_KEEP)
        check_classification_targets(y)
        return X, y

    def _new_data(self, X):
        check_is_fitted(self)
        if not _is_bfloat16(X):
            return validate_data(self, X, dtype=_KEEP, reset=False)
        if X.ndim != 2 or X.shape[1] != self.n_features_in_:
            raise ValueError(f"activations have shape {X.shape}; this probe was trained on {self.n_features_in_} neurons")
        return X


def _is_bfloat16(X) -> bool:
    return getattr(getattr(X, "dtype", None), "name", "") == "bfloat16"


def linear_form(probe) -> tuple[np.ndarray, np.ndarray]:
    """(coef (C, D), intercept (C,)) that act on activations as extracted: a standardised probe's scaling folded in."""
    coef, intercept = np.asarray(probe.coef_), np.asarray(probe.intercept_)
    if getattr(probe, "scale_", None) is None:
        return coef, intercept
    coef = coef / probe.scale_
    return coef, intercept - coef @ probe.mean_


def class_index(y, classes) -> np.ndarray:
    """(N,) position of each label in the sorted `classes`, −1 for a label that is not among them."""
    y, classes = np.asarray(y), np.asarray(classes)
    at = np.searchsorted(classes, y)
    return np.where(classes[np.minimum(at, len(classes) - 1)] == y, at, -1)


def _moments(X) -> tuple[np.ndarray, np.ndarray]:
    """Mean and standard deviation of each column in float64; a constant column's deviation counts as 1."""
    total = np.zeros(X.shape[1])
    for rows in row_blocks(len(X)):
        total += to_float(X[rows], np.float64).sum(axis=0)
    mean = total / len(X)
    square = np.zeros_like(mean)
    for rows in row_blocks(len(X)):
        square += ((to_float(X[rows], np.float64) - mean) ** 2).sum(axis=0)
    deviation = np.sqrt(square / len(X))
    deviation[deviation <= 1e-12 * np.maximum(1.0, np.abs(mean))] = 1.0
    return mean, deviation
