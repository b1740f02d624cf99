"""The zoo: small language models that the project trained itself on the miniature world, and ships.

    names()                 models that have a config
    train("bert-en", out)   train one again, from its config alone (`lcacore zoo train bert-en`)
    record("bert-en")       how the shipped one was trained: loss curve, steps, seeds, hardware, versions, accuracy
    check()                 every shipped file against the checksums of its training record
    planning.plan()         weights, bytes and minutes of every model
    targets.reached()       what was asked of the shipped models and what they reached
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields, replace
from functools import cache
from importlib.resources import files
from pathlib import Path

from ..store import checksum
from ..weights import base_of

__all__ = ["RECORD", "ZooConfig", "check", "config", "names", "planned_table", "present", "real", "record", "settings", "shipped", "shipped_table", "train"]

RECORD = "training.json"


@dataclass(frozen=True)
class ZooConfig:
    """Everything that decides a model's weights, the machine's arithmetic aside."""

    name: str
    objective: str = "masked"  # see `objectives`
    architecture: str = "bert"  # see `architectures`
    # what it reads
    languages: tuple[str, ...] = ("en",)  # in equal shares; a translator's source and target
    sentences: int = 2000  # of all languages together
    text_seed: int = 1
    pairs: float = 0.0  # share of the rows that are two sentences of one text (English)
    part: tuple[int, int] = (0, 1)  # [k, n]: every n-th sentence from the k-th on, k = 0 … n - 1
    track: str = "pieces"  # of words (byte pairs), or whole "words"
    vocabulary: int = 400
    # what it is
    layers: int = 2
    width: int = 32
    heads: int = 2
    ffn: int = 64
    positions: int = 128  # sentences of more tokens are left out
    embedding: int | None = None  # width of the embeddings of a recurrent network, where it is another than its layers'
    dropout: float = 0.0
    spelling: bool = False  # word embeddings start as sums over character n-grams
    # how it learns
    steps: int = 60
    tokens: int = 256  # of a batch, at most
    lr: float = 2e-3
    warmup: float = 0.05
    weight_decay: float = 0.01
    mask_rate: float = 0.3  # masked: selected tokens; permutation: predicted ones
    masked: float = 0.8  # of the selected tokens: hidden …
    random: float = 0.1  # … replaced by another; the rest are kept
    smoothing: float = 0.0  # translation: share of a target spread over the vocabulary
    maskings: int = 0  # different maskings of a sentence; 0: a new one in every pass
    seed: int = 0
    # what it starts from
    base: str | None = None  # the model it is tuned from, and kept as a difference from
    task: str | None = None
    encoder: str | None = None  # a real model that is given a head and trained further (`continued`); never shipped
    text: tuple[str, ...] = ()  # corpora it reads, what it is measured on first
    runs: int = 1  # from seeds `seed`, `seed` + 1, …; the best is kept
    bits: int = 6  # of the shipped weights; of a model with a base, of the differences from it


def settings(config: ZooConfig) -> dict:
    """A config as plain values, as records keep it."""
    return json.loads(json.dumps(asdict(config)))


@cache
def _all_configs() -> dict[str, dict]:
    """Settings of every model, by name. A file describes the model it is named after, or a family: shared settings and `models`."""
    import yaml

    found = {}
    for path in sorted((files(__package__) / "configs").iterdir(), key=lambda p: p.name):
        if path.name.endswith(".yaml"):
            shared = yaml.safe_load(path.read_text(encoding="utf-8"))
            for name, own in shared.pop("models", {path.name.removesuffix(".yaml"): {}}).items():
                if name in found:
                    raise ValueError(f"zoo config {path.name}: model {name!r} is described twice; give it another name")
                found[name] = shared | (own or {})
    return found


@cache
def names() -> tuple[str, ...]:
    """Models of the miniature world, by name."""
    return tuple(sorted(name for name, given in _all_configs().items() if not (given or {}).get("encoder")))


def real() -> tuple[str, ...]:
    """Models that go on from a real encoder with real text, by name: their records are in the package, their weights are not."""
    return tuple(sorted(set(_all_configs()) - set(names())))


def config(name: str) -> ZooConfig:
    """The config of a model. Raises ValueError for an unknown name or an unknown setting in its file."""
    if name not in _all_configs():
        raise ValueError(f"no model {name!r} in the zoo; there is {', '.join((*names(), *real()))}")
    given = _all_configs()[name]
    known = {f.name for f in fields(ZooConfig)} - {"name"}
    if unknown := sorted(set(given) - known):
        raise ValueError(f"zoo config of {name!r}: unknown setting {', '.join(unknown)}; a config has {', '.join(sorted(known))}")
    return ZooConfig(name=name, **{key: tuple(value) if isinstance(value, list) else value for key, value in given.items()})


def train(name: str | ZooConfig, out: Path | str | None = None, *, steps: int | None = None, resume: bool = True, device: str = "auto", threads: int | None = None, progress=None, stop_after: int | None = None) -> Path:
    """Train a model from its config and write it, with its record, to the folder `out`.

    name        a config's name, or a config
    out         the folder to fill; default: `zoo/<name>` in the artefact store; a base is looked for beside it, then among the shipped
    steps       another number of steps than the config's (the learning rate falls over these)
    resume      go on from the checkpoint in `out` if there is one of the same config
    threads     CPU threads (None: as torch is set); weights agree to the last bit for one number of threads on one machine
    progress    called with a `training.Progress` now and then
    stop_after  end after this many steps, leaving the checkpoint (to go on later)

    Returns `out`. Raises ValueError for an unknown model or a setting that cannot be.
    """
    from .training import train as run

    chosen = config(name) if isinstance(name, str) else name
    if steps is not None:
        if steps < 1:
            raise ValueError(f"asked for {steps} training steps; give at least 1")
        chosen = replace(chosen, steps=steps)
    if out is None:
        from ..store import store

        out = store().root / "zoo" / chosen.name
    return run(chosen, Path(out), resume=resume, device=device, threads=threads, progress=progress, stop_after=stop_after)


def _shipped() -> Path:
    return Path(__file__).resolve().parent / "shipped"


def record(name: str, folder: Path | str | None = None) -> dict:
    """The training record of a shipped model, of a real one, or of the one in `folder`. Raises ValueError where there is none."""
    path = (Path(folder) if folder else _shipped() / name) / RECORD
    if not folder and not path.exists():
        path = _shipped().parent / "records" / f"{name}.json"
    if not path.exists():
        raise ValueError(f"no training record for {name!r}; shipped are {', '.join(p.parent.name for p in sorted(_shipped().glob('*/' + RECORD))) or 'none'}")
    return json.loads(path.read_text(encoding="utf-8"))


def shipped() -> tuple[str, ...]:
    """Models that lie in the package, by name."""
    return tuple(sorted(p.parent.name for p in _shipped().glob("*/" + RECORD)))


def present(models: Mapping[str, str]) -> dict[str, str]:
    """Of named model specs those that can be had: of the miniature ones ("mini:…") only the shipped, all others."""
    here = {f"mini:{name}" for name in shipped()}
    return {name: spec for name, spec in models.items() if not spec.startswith("mini:") or spec in here}


def shipped_table(chosen=None):
    """Data frame, model → objective, kind, languages, layers × width, weights, MiB, steps, minutes, hardware, date."""
    import pandas as pd

    rows = {}
    for name in shipped() if chosen is None else chosen:
        one, made = config(name), record(name)
        shape = config(one.base) if one.base else one  # a fine-tune has its base's
        rows[name] = {
            "objective": one.objective, "architecture": one.architecture, "languages": " ".join(one.languages), "layers × width": f"{shape.layers} × {shape.width}",
            "weights": made["parameters"], "MiB": round(sum(f["bytes"] for f in made["files"].values()) / 2**20, 2), "steps": one.steps * one.runs,
            "minutes": round(made["seconds"] / 60), "hardware": made["hardware"], "date": made["date"],
        }  # fmt: skip
    return pd.DataFrame(rows).T.rename_axis("model")


def planned_table():
    """Data frame, model → weights, MiB, steps, minutes on one thread; measured for a model that is trained, else estimated."""
    import pandas as pd

    from .planning import plan

    rows = {p.name: {"weights": p.parameters, "MiB": p.bytes / 2**20, "steps": p.steps, "minutes": p.minutes, "measured": p.trained} for p in plan()}
    return pd.DataFrame.from_dict(rows, orient="index").rename_axis("model")


def check(folder: Path | str | None = None) -> list[str]:
    """What is wrong with the shipped models (or those under `folder`): an empty list if every file is as recorded."""
    root = Path(folder) if folder else _shipped()
    problems = []
    for model in sorted(p for p in root.iterdir() if p.is_dir()) if root.exists() else ():
        if not (model / RECORD).exists():
            problems.append(f"{model.name}: no training record ({RECORD})")
            continue
        try:
            base_of(model)
        except ValueError as error:
            problems.append(f"{model.name}: {error}")
        recorded = record(model.name, model)["files"]
        there = {p.name for p in model.iterdir() if p.is_file()} - {RECORD}
        problems += [f"{model.name}/{name}: missing" for name in sorted(set(recorded) - there)]
        problems += [f"{model.name}/{name}: not in the training record" for name in sorted(there - set(recorded))]
        for name in sorted(there & set(recorded)):
            if checksum(model / name) != recorded[name]["blake2b"]:
                problems.append(f"{model.name}/{name}: its checksum is not the recorded one")
    return problems
