"""The loop that trains every model of the zoo: learning rate, checkpoints, runs; what is trained is an `objectives.Objective`.

Every random draw is a function of (seed, step), so a run that was stopped goes on exactly as if it had not been.
"""

from __future__ import annotations

import os
import time
import uuid
from contextlib import ExitStack
from dataclasses import dataclass, field, replace
from pathlib import Path

from ..types import fingerprint
from .objectives import objective

CHECKPOINT = "checkpoint.pt"


@dataclass(frozen=True)
class Progress:
    """Where a run stands: told to `progress` now and then."""

    step: int
    steps: int
    loss: float
    tokens: int  # read since this call began
    seconds: float  # since this call began
    left: int  # steps still to do, further runs included
    done: int  # steps done since this call began

    @property
    def tokens_per_second(self) -> float:
        return self.tokens / max(self.seconds, 1e-9)

    @property
    def seconds_left(self) -> float:
        return self.seconds / max(self.done, 1) * self.left

    def __str__(self) -> str:
        minutes, seconds = divmod(round(self.seconds_left), 60)
        return f"step {self.step:,} of {self.steps:,}, loss {self.loss:.3f}, {self.tokens_per_second:,.0f} tokens/s, {minutes}:{seconds:02} left"


@dataclass
class Run:
    """What one run of a config has come to; all of it is in the checkpoint."""

    number: int = 0
    step: int = 0
    tokens: int = 0
    seconds: float = 0.0
    curve: list = field(default_factory=list)
    best: dict | None = None  # of a config with several runs: the best finished one's number, score, curve and weights
    scores: list = field(default_factory=list)


def rate(step: int, config) -> float:
    """Learning rate of a step: warm-up, then linear to zero."""
    warm = max(1, round(config.warmup * config.steps))
    return config.lr * min((step + 1) / warm, max(0.0, (config.steps - step) / max(1, config.steps - warm)))


def precision(device: str) -> str:
    """The arithmetic that a device trains in: "bf16" products with float32 sums and weights where it has them, else "fp32"."""
    import torch

    return "bf16" if device.startswith("cuda") or torch.cpu._is_avx512_bf16_supported() else "fp32"


def _arithmetic(device: str) -> ExitStack:
    """The context of one loss: `precision`, and on a CPU attention by plain products, since PyTorch's fused one takes
    eight times as long backwards in bf16 as in fp32 (half of a whole step)."""
    import torch
    from torch.nn.attention import SDPBackend, sdpa_kernel

    context = ExitStack()
    if precision(device) == "bf16":
        context.enter_context(torch.autocast(device.split(":")[0], torch.bfloat16))
        if device == "cpu":
            context.enter_context(sdpa_kernel(SDPBackend.MATH))
    return context


def train(config, out: Path, *, resume: bool = True, device: str = "auto", threads: int | None = None, progress=None, stop_after: int | None = None) -> Path:
    """See `lcacore.zoo.train`."""
    import torch

    from .finish import finish, home

    if device == "auto":
        device = "cuda" if torch.cuda.is_available() else "cpu"
    if threads:
        torch.set_num_threads(threads)
    out.mkdir(parents=True, exist_ok=True)
    work = objective(config)
    if config.runs > 1 and work.score is None:
        raise ValueError(f"zoo config {config.name!r}: {config.runs} runs, but objective {config.objective!r} has no score to choose the best by; ask for 1")
    material = work.prepare(config, home(config.base, out.parent)) if config.base else work.prepare(config)
    key = fingerprint([{k: v for k, v in vars(config).items()}, device, precision(device)])
    run, weights = _resume(out, key, device) if resume else (Run(), None)
    budget, clock = stop_after, _Clock()
    while True:
        once = replace(config, seed=config.seed + run.number)
        material = replace(material, batches=material.batches.reseeded(once.seed))
        network = work.network(once, material).to(device)
        optimizer = _optimizer(network, once, work.pace)
        if weights:
            network.load_state_dict(weights["network"])
            optimizer.load_state_dict(weights["optimizer"])
        weights = None
        budget = _steps(once, work, material, network, optimizer, run, device, budget, clock, progress, lambda state: _save(out, {"key": key, **state}))
        if run.step < config.steps:
            return out  # stopped on request: the checkpoint has the rest
        if config.runs == 1:
            break
        _keep_best(run, float(work.score(once, material, network.cpu().eval())), network)
        if run.number + 1 == config.runs:
            network.load_state_dict(run.best["network"])
            run.curve = run.best["curve"]
            break
        run.number, run.step, run.curve = run.number + 1, 0, []
    finish(config, out, work, material, network.cpu(), run, device)
    (out / CHECKPOINT).unlink(missing_ok=True)
    return out


class _Clock:
    def __init__(self):
        self.started, self.tokens, self.steps = time.monotonic(), 0, 0

    @property
    def seconds(self) -> float:
        return time.monotonic() - self.started


def _optimizer(network, config, pace=None):
    """AdamW; what has one axis (biases, norms) does not decay. Each pace has groups of its own."""
    import torch

    groups: dict[tuple, list] = {}
    for name, p in network.named_parameters():
        if p.requires_grad:
            groups.setdefault((pace(network, name) if pace else 1.0, p.ndim < 2), []).append(p)
    wanted = [{"params": found, "pace": rate, "weight_decay": 0.0 if flat else config.weight_decay} for (rate, flat), found in sorted(groups.items(), key=lambda item: item[0])]
    return torch.optim.AdamW(wanted, lr=config.lr, betas=(0.9, 0.98), fused=True)


def _steps(config, work, material, network, optimizer, run: Run, device: str, budget: int | None, clock: _Clock, progress, save) -> int | None:
    """Train one run from where it stands to its end, or until the budget of steps is spent; returns what is left of that."""
    import torch

    every, kept = max(1, config.steps // 100), max(1, config.steps // 20)
    last = config.steps if budget is None else min(config.steps, run.step + budget)
    first, before, began, losses = run.step, run.seconds, clock.seconds, []
    network.train()
    for step in range(first, last):
        for group in optimizer.param_groups:
            group["lr"] = rate(step, config) * group.get("pace", 1.0)
        arrays = work.batch(config, material, step)
        batch = {name: torch.from_numpy(array).to(device, non_blocking=True) for name, array in arrays.items()}
        torch.manual_seed((config.seed << 32) + step)  # dropout
        with _arithmetic(device):
            loss = work.loss(network, batch)
        optimizer.zero_grad(set_to_none=True)
        loss.backward()
        torch.nn.utils.clip_grad_norm_(network.parameters(), 1.0)
        optimizer.step()
        losses.append(loss.detach())
        read = arrays["input_ids"].size
        run.tokens, run.step, run.seconds = run.tokens + read, step + 1, before + clock.seconds - began
        clock.tokens, clock.steps = clock.tokens + read, clock.steps + 1
        if run.step % every == 0 or run.step == last:
            run.curve.append([run.step, round(float(torch.stack(losses).mean()), 4)])
            losses = []
            if progress:
                left = config.steps - run.step + (config.runs - 1 - run.number) * config.steps
                progress(Progress(run.step, config.steps, run.curve[-1][1], clock.tokens, clock.seconds, left, clock.steps))
        if run.step % kept == 0 or run.step == last:
            save({"run": vars(run), "network": network.state_dict(), "optimizer": optimizer.state_dict()})
    return None if budget is None else budget - (last - first)


def _keep_best(run: Run, score: float, network) -> None:
    run.scores.append(round(score, 4))
    if run.best is None or score > run.best["score"]:
        state = {name: value.detach().clone() for name, value in network.state_dict().items()}
        run.best = {"score": score, "number": run.number, "curve": run.curve, "network": state}


def _save(out: Path, state: dict) -> None:
    import torch

    part = out / f".{CHECKPOINT}.{uuid.uuid4().hex[:8]}"
    try:
        torch.save(state, part)
        os.replace(part, out / CHECKPOINT)
    finally:
        part.unlink(missing_ok=True)


def _resume(out: Path, key: str, device: str) -> tuple[Run, dict | None]:
    """The run in `out`'s checkpoint and its weights, if it is of the same config on the same kind of device; else a new run."""
    import torch

    if not (out / CHECKPOINT).exists():
        return Run(), None
    state = torch.load(out / CHECKPOINT, map_location=device, weights_only=True)
    if state["key"] != key:
        return Run(), None
    return Run(**state["run"]), {name: state[name] for name in ("network", "optimizer")}
