"""Gaussian: greedy selection of neurons under class-conditional Gaussians (Torroba Hennigen, Williams & Cotterell 2020).

Each label z has a Gaussian N(μ_z, Σ_z) over all D neurons, fitted once by maximum a posteriori; a subset S of neurons
is judged by p(z | h_S) ∝ p(z) N(h_S; μ_z,S, Σ_z,SS) on a selection split. Greedily, the neuron that raises the
criterion most joins S.

Done directly, each of the D candidates of each step costs a new factorisation and a pass over the data. Here a
step costs one pass for all candidates together: per label we keep the Cholesky rows of the neurons picked so far
and every candidate's residual given these; a pick adds a rank-one term to both. And most tokens are soon beyond
doubt: where no candidate can bring a wrong label within e⁻²⁰ of the true one, nothing is left to compute. Of up to a
hundred picks not even that is done for every candidate: they race (`racing`), and all are summed at the first and last step.

Shape names: N tokens, M tokens of the selection split, D neurons, C labels, k picks.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from .racing import Race
from .types import read_only

__all__ = ["COVARIANCES", "CRITERIA", "Greedy", "greedy"]

CRITERIA = ("log_likelihood", "accuracy", "mutual_information")
COVARIANCES = ("full", "marginal")
_TILE = 1 << 18  # numbers in a chunk (labels × tokens × neurons): a megabyte, so that all steps on it stay in cache
_TOKENS = 512  # of one label that are looked at together,
_NUMBERS = 1 << 24  # or fewer, so that their residuals of all candidates under all labels are no more than this
_BLOCK = 1 << 20  # numbers read at a time (8 MB as float64): of larger arrays the system takes the pages back each time
_NEGLIGIBLE = 20.0  # nats below the true label: beneath the rounding of float32
_RACED = 100  # picks up to which residuals are computed anew by each step's race; with more, keeping them costs less
_RACED_FROM = 1 << 24  # numbers (labels × tokens × neurons) from which a race saves more than its calls cost
_SPARSE = 0.4  # share of a tile's pairs of token and label up to which only these are computed, anew at every step


@dataclass(frozen=True, eq=False)
class Greedy:
    """The picks of a greedy search.

    picks       (k,) neurons in the order in which they were picked
    values      (k,) criterion after each pick: mean log p(z | h_S) in nats; accuracy; or mutual information as a
                share of the labels' entropy (at most 1; below 0 for a model that is worse than the label frequencies)
    best        (k,) the best value so far: what a reader who stops at k can reach
    first       (C, D) per label its tokens' mean log p(z | h_j) − log p(z) for each neuron j on its own, in nats
    last        (D,) the criterion of every neuron at the last step; picked ones −inf
    labels      the C sorted labels
    """

    picks: np.ndarray
    values: np.ndarray
    best: np.ndarray
    first: np.ndarray
    last: np.ndarray
    labels: tuple


def greedy(X, y, k: int | None = None, *, dev, criterion: str = "log_likelihood", covariance: str = "full", device: str = "auto", dtype: str = "float32", memory: int = 2 << 30) -> Greedy:
    """Pick `k` neurons (all: None) one by one, each the one that raises `criterion` on the selection split most.

    X (N, D), y (N,)   what the Gaussians are fitted on; X of any float type, may be memory-mapped
    dev                (X_dev (M, D), y_dev (M,)): the selection split; its rows of labels that y lacks are left out
    criterion          "log_likelihood" (the default, as Torroba Hennigen 2020), "mutual_information" (the same order in
                       other units; Antverg & Belinkov 2022), "accuracy"; ties go to the lower index
    covariance         under a normal-inverse-Wishart prior with Λ0 = diag(Σ̂), ν0 = d + 2, Σ* = (Λ0 + S)/(n + 2d + 4), S the
                       scatter of the label's n tokens. "full": d = D, fitted once on all neurons as in the published
                       code, which shrinks the variance of rare labels by n/(n + 2D + 4); "marginal": d = |S|, so that
                       neurons that were not picked play no part
    dtype              of residuals and scores, "float32" or "float64"; moments are float64 in either case
    memory             bytes that residuals (M·D·C numbers), and the picks' coordinates (M·k·C), may each take; above it each step
                       computes residuals again from the data, or keeps them for all tokens

    Raises ValueError: k outside 1 … D, an unknown criterion or covariance, fewer than two labels, a selection split
    without any of the labels, NaN or infinite activations, shapes that do not fit.
    """
    import torch

    if criterion not in CRITERIA or covariance not in COVARIANCES:
        raise ValueError(f"criterion {criterion!r}, covariance {covariance!r}; give one of {', '.join(CRITERIA)} and one of {', '.join(COVARIANCES)}")
    X_dev, y_dev = dev
    y, y_dev = np.asarray(y), np.asarray(y_dev)
    if X.ndim != 2 or X_dev.ndim != 2 or X.shape[1] != X_dev.shape[1] or len(X) != len(y) or len(X_dev) != len(y_dev):
        raise ValueError(f"activations {X.shape} with {len(y)} labels, selection split {X_dev.shape} with {len(y_dev)}; give (tokens, neurons) of one width, one label a token")
    d = X.shape[1]
    k = d if k is None else k
    if not 1 <= k <= d:
        raise ValueError(f"asked for {k} picks among {d} neurons; give 1 to {d}")
    labels, index = np.unique(y, return_inverse=True)
    if len(labels) < 2:
        raise ValueError(f"the Gaussian ranking needs at least two labels; there is {', '.join(map(repr, labels.tolist())) or 'none'}")
    at = np.searchsorted(labels, y_dev)
    known = np.flatnonzero(labels[np.minimum(at, len(labels) - 1)] == y_dev)
    if not len(known):
        raise ValueError("no token of the selection split has a label of the training split; give splits of one corpus")
    # tokens grouped by label, so that a tile has one true label
    rows = known[np.argsort(at[known], kind="stable")]
    device = ("cuda" if torch.cuda.is_available() else "cpu") if device == "auto" else device
    fit = _Fit(X, index, len(labels), covariance, torch.device(device), np.dtype(dtype), memory)
    large = k <= _RACED and len(labels) * len(rows) * d >= _RACED_FROM
    raced = large and criterion != "accuracy" and device == "cpu" and 8 * (k * len(labels) + d) * len(rows) <= memory
    state = _Selection(fit, X_dev, rows, at[rows], getattr(torch, dtype), 0 if raced else memory, k)
    race = state.race() if raced else None
    free = np.ones(d, dtype=bool)
    picks, values, first = [], [], None
    for step in range(k):
        if not raced or step in (0, k - 1):
            likelihood, hits = state.score(criterion == "accuracy")
            first = likelihood if first is None else first
            total = hits / len(rows) if criterion == "accuracy" else likelihood.sum(axis=0) / len(rows)
            total = np.where(free, total, -np.inf)
        if raced and step:
            pick, value = state.winner(race, free)
        else:
            pick = int(np.argmax(total))
            value = float(total[pick])
        picks.append(pick)
        values.append(value)
        free[pick] = False
        state.add(pick)
    values = np.array(values)
    share = np.bincount(at[rows], minlength=len(labels)) / len(rows)
    log_prior = np.log(fit.counts / fit.counts.sum())
    if criterion == "mutual_information":
        entropy = -float(share[share > 0] @ np.log(share[share > 0]))
        values = 1 + values / entropy if entropy else np.zeros_like(values)
    with np.errstate(invalid="ignore", divide="ignore"):
        alone = np.where(share[:, None] > 0, first / (share * len(rows))[:, None] - log_prior[:, None], 0.0)
    last = np.where(free, total, -np.inf)
    return Greedy(read_only(np.array(picks)), read_only(values), read_only(np.maximum.accumulate(values)), read_only(alone), read_only(last), tuple(labels.tolist()))


class _Fit:
    """Per label: mean, conditional variance of each neuron given the picks, and the Cholesky rows of the picks.

    All of the unnormalised Λ0 + S; a column of it is computed when its neuron is picked, so no D × D matrix exists.
    """

    def __init__(self, X, index, n_labels: int, covariance: str, device, dtype, memory: int):
        import torch

        self.X, self.covariance, self.device = X, covariance, device
        self.dtype = dtype
        self.counts = np.bincount(index, minlength=n_labels)
        self.rows = [np.flatnonzero(index == c) for c in range(n_labels)]
        d = X.shape[1]
        mean, squares = np.zeros((n_labels, d)), np.zeros((n_labels, d))
        for c, rows in enumerate(self.rows):
            mean[c] = sum(self._read(block).sum(axis=0, dtype=np.float64) for block in _blocks(rows, d)) / len(rows)
            for block in _blocks(rows, d):
                centred = self._read(block) - mean[c]
                squares[c] += np.einsum("nd,nd->d", centred, centred)
        if not np.isfinite(squares).all():
            raise ValueError("activations hold NaN or infinity; leave such rows out")
        # a neuron that is constant within a label would have an infinite density there: a floor far below any real variance
        pooled = squares.sum(axis=0) / len(X)
        spread = np.where(pooled > 0, pooled, 1.0) * 1e-6
        self.prior = np.maximum(squares / self.counts[:, None], spread)
        tensor = lambda a: torch.from_numpy(np.ascontiguousarray(a)).to(device)  # noqa: E731
        self.mean, self.variance = tensor(mean), tensor(squares + self.prior)
        self.factor = torch.zeros(n_labels, 0, d, dtype=torch.float64, device=device)
        self.n = tensor(self.counts.astype(np.float64))
        self.centred = None
        if X.size * self.dtype.itemsize <= memory // 2:
            self.centred = [torch.from_numpy(np.concatenate([(self._read(block) - mean[c]).astype(dtype) for block in _blocks(rows, d)])).to(device) for c, rows in enumerate(self.rows)]

    def _read(self, rows) -> np.ndarray:
        return np.asarray(self.X[rows], dtype=np.float64)

    def column(self, j: int):
        """(C, D) column j of Λ0 + S of every label."""
        import torch

        if self.centred is not None:
            out = torch.stack([part.T @ part[:, j] for part in self.centred]).double()
        else:
            out = np.zeros((len(self.rows), self.X.shape[1]))
            mean = self.mean.cpu().numpy()
            for c, rows in enumerate(self.rows):
                for block in _blocks(rows, out.shape[1]):
                    centred = self._read(block) - mean[c]
                    out[c] += centred[:, j] @ centred
            out = torch.from_numpy(out).to(self.device)
        out[:, j] += torch.from_numpy(self.prior[:, j]).to(self.device)
        return out

    def add(self, j: int):
        """Condition on neuron j as well: (C, D) its Cholesky row and (C,) its conditional variance before."""
        import torch

        column = self.column(j)
        if self.factor.shape[1]:
            column -= torch.einsum("ks,ksd->kd", self.factor[:, :, j], self.factor)
        pivot = self.variance[:, j].clone()
        row = column / pivot.sqrt()[:, None]
        row[:, j] = pivot.sqrt()
        self.factor = torch.cat([self.factor, row[:, None]], dim=1)
        # rounding must not make a variance negative: never below a part in 10^12 of what it was
        self.variance = torch.maximum(self.variance - row * row, self.variance * 1e-12)
        return row, pivot

    def scale(self, size: int):
        """(C,) what Λ0 + S is divided by for a subset of `size` neurons."""
        return self.n + 2 * (self.variance.shape[1] if self.covariance == "full" else size) + 4


class _Selection:
    """The selection split: every token's residual of every candidate under every label that matters, given the picks so far."""

    def __init__(self, fit: _Fit, X, rows, true, dtype, memory: int, k: int):
        import torch

        self.fit, self.X, self.rows, self.dtype = fit, X, rows, dtype
        c, d = fit.mean.shape
        edges = np.searchsorted(true, np.arange(c + 1))
        self.chunk = max(1, (_TILE if fit.device.type == "cpu" else 256 * _TILE) // (c * d))
        size = max(self.chunk, min(_TOKENS, _NUMBERS // (c * d)))
        self.tiles = [(z, start, min(start + size, edges[z + 1])) for z in range(c) for start in range(edges[z], edges[z + 1], size)]
        bytes_each = torch.finfo(dtype).bits // 8
        self.keeps, self.keeps_own = len(rows) * c * d * bytes_each <= memory, len(rows) * d * bytes_each <= memory
        self.kept, self.own = [None] * len(self.tiles), [None] * len(self.tiles)
        new = lambda *shape: torch.zeros(*shape, dtype=torch.float64, device=fit.device)  # noqa: E731
        self.distance, self.logdet = new(c, len(rows)), new(c)  # Mahalanobis distance and log-determinant of the picks
        # the tokens' whitened coordinates: with them residuals can be computed at any step
        self.whitened = new(k, c, len(rows)) if not self.keeps or 8 * k * c * len(rows) <= memory else None
        self.log_prior = torch.log(fit.n / fit.n.sum())
        self.pending, self.picks = None, []

    def race(self) -> Race:
        """The tokens, ready for `winner`."""
        import torch

        centre = self.fit.mean.mean(dim=0)
        x = torch.cat([(torch.from_numpy(np.asarray(self.X[block], dtype=np.float64)) - centre).to(self.dtype) for block in _blocks(self.rows, len(centre))])
        source = lambda tokens, neurons: torch.from_numpy(np.asarray(self.X[np.ix_(self.rows[tokens], neurons)], dtype=np.float64)) - centre[neurons]  # noqa: E731
        true = torch.from_numpy(np.repeat([z for z, *_ in self.tiles], [stop - start for _, start, stop in self.tiles]))
        return Race(x, source, self.fit.mean - centre, true)

    def winner(self, race: Race, free: np.ndarray) -> tuple[int, float]:
        """(neuron, mean log p(z | h_S ∪ {j})) of the best candidate."""
        s = len(self.picks)
        g, b, a = self._terms()
        now = self.log_prior[:, None] - 0.5 * (self.distance * self.fit.scale(s)[:, None] + (self.logdet - s * self.fit.scale(s).log())[:, None])
        hard = (now.gather(0, race.true[None])[0] - now.logsumexp(dim=0)).argsort(stable=True).numpy()
        pick, total = race.winner(free, g, b, a, self.whitened[:s], self.fit.factor, hard)
        return pick, total / len(self.rows)

    def _terms(self):
        """g (C, D), b (C, D), a (C, M): up to what all labels share, log-density is a − g r² − b."""
        import torch

        size = len(self.picks) + 1
        scale = self.fit.scale(size)
        g, b = 0.5 * scale[:, None] / self.fit.variance, 0.5 * torch.log(self.fit.variance)
        g[:, self.picks] = b[:, self.picks] = 0.0  # no candidates any more
        return g, b, self.log_prior[:, None] - 0.5 * (self.distance * scale[:, None] + (self.logdet - size * torch.log(scale))[:, None])

    def score(self, count: bool) -> tuple[np.ndarray, np.ndarray]:
        """(C, D) sum over the tokens of each label of log p(z | h_S ∪ {j}), and (D,) right answers if asked, for every j at once."""
        import torch

        fit = self.fit
        c, d = fit.mean.shape
        g, b, a = self._terms()
        # (true, other): by how much another label gains at most in b; label by label, since all at once are C²·D numbers,
        # and in place, since small results between large arrays that come and go would scatter the heap over as much
        ahead, apart = b.new_empty(c, c), torch.empty_like(b)
        for z in range(c):
            torch.amax(torch.sub(b[z], b, out=apart), dim=1, out=ahead[z])
        ahead = ahead.to(self.dtype)
        g, b = (v.to(self.dtype)[:, None] for v in (g, b))
        a = a.to(self.dtype)
        likelihood = torch.zeros(c, d, dtype=torch.float64, device=fit.device)
        hits = torch.zeros(d, dtype=torch.float64, device=fit.device)
        for i, (z, start, stop) in enumerate(self.tiles):
            own, here = self._own(i), a[:, start:stop]
            reach = (own * own).mul_(g[z]).amax(dim=1)
            near = here - here[z] + (ahead[z][:, None] + reach) >= -_NEGLIGIBLE
            near[z] = False
            tokens, labels = near.any(dim=0).nonzero()[:, 0], near.any(dim=1).nonzero()[:, 0]
            if self.whitened is None or (len(labels) + 1) * len(tokens) > _SPARSE * near.numel():
                tokens, labels, at = slice(None), slice(None), z
                residual = self._all(i)
            else:
                hits += stop - start - len(tokens)
                self.kept[i] = None
                if self.keeps_own:
                    self.own[i] = own
                if not len(tokens):
                    continue
                residual = torch.cat([own[tokens][None], self._computed(start + tokens, labels)])
                labels, at = torch.cat([labels.new_tensor([z]), labels]), 0
            here, g_here, b_here = here[labels][:, tokens], g[labels], b[labels]
            for first in range(0, residual.shape[1], self.chunk):
                part = slice(first, first + self.chunk)
                density = residual[:, part] * residual[:, part]
                torch.addcmul(here[:, part, None], density, g_here, value=-1, out=density)
                density.sub_(b_here)
                best = density.amax(dim=0)
                true = density[at] - best
                if count:
                    hits += (true >= 0).sum(dim=0)
                # nothing below e⁻⁸⁰ adds to a sum of at least 1, and numbers next to 0 would cost tenfold
                density.sub_(best).clamp_(min=-80).exp_()
                likelihood[z] += true.sub_(density.sum(dim=0).log_()).sum(dim=0)
        self.pending = None
        return likelihood.cpu().numpy(), hits.cpu().numpy()

    def add(self, j: int) -> None:
        """Neuron j is picked: it enters distances and determinants, and its rank-one term is to go off every residual."""
        import torch

        row, pivot = self.fit.add(j)
        s = len(self.picks)
        if self.whitened is None:
            z = torch.cat([kept[:, :, j] for kept in self.kept], dim=1).double()
        else:
            z = torch.from_numpy(np.asarray(self.X[:, j], dtype=np.float64)[self.rows]).to(self.fit.device) - self.fit.mean[:, j, None]
            if s:
                z -= torch.einsum("skm,ks->km", self.whitened[:s], self.fit.factor[:, :s, j])
        z = z / pivot.sqrt()[:, None]
        if self.whitened is not None:
            self.whitened[s] = z
        self.distance += z * z
        self.logdet += torch.log(pivot)
        self.picks.append(j)
        self.pending = -z[:, :, None].to(self.dtype), row[:, None].to(self.dtype)

    def _own(self, i: int):
        """(n, D) residuals of a tile under its true label."""
        import torch

        z, start, stop = self.tiles[i]
        if self.kept[i] is not None:
            own = self.kept[i][z]
        elif self.own[i] is not None:
            own = self.own[i]
        else:
            return self._computed(slice(start, stop), slice(z, z + 1))[0]
        if self.pending is not None:
            torch.addcmul(own, self.pending[0][z, start:stop], self.pending[1][z], out=own)
        return own

    def _all(self, i: int):
        """(C, n, D) residuals of a tile under every label; `_own` has been asked for, and is up to date."""
        import torch

        z, start, stop = self.tiles[i]
        residual, self.own[i] = self.kept[i], None
        if residual is None:
            residual = self._computed(slice(start, stop), slice(None))
            self.kept[i] = residual if self.keeps else None
        elif self.pending is not None:
            for others in (slice(0, z), slice(z + 1, None)):
                torch.addcmul(residual[others], self.pending[0][others, start:stop], self.pending[1][others], out=residual[others])
        return residual

    def _computed(self, tokens, labels):
        """(labels, tokens, D) residuals from the data and the whitened coordinates."""
        import torch

        rows = self.rows[tokens if isinstance(tokens, slice) else tokens.cpu().numpy()]
        x = torch.from_numpy(np.asarray(self.X[rows], dtype=np.float64)).to(self.fit.device)
        out = x[None] - self.fit.mean[labels][:, None]
        if s := len(self.picks):
            z = self.whitened[:s, labels, tokens] if isinstance(tokens, slice) else self.whitened[:s, labels[:, None], tokens]
            out = torch.baddbmm(out, z.permute(1, 2, 0), self.fit.factor[labels], alpha=-1)
        return out.to(self.dtype)


def _blocks(rows: np.ndarray, d: int):
    step = max(1, _BLOCK // d)
    return (rows[i : i + step] for i in range(0, len(rows), step))
