"""The end of a training run: weights packed, the packed weights measured, everything recorded in a manifest."""

from __future__ import annotations

import json
import os
import platform
from datetime import UTC, datetime
from pathlib import Path

import numpy as np

from ..store import checksum, shipped_model, write_atomically
from ..weights import PACKED, load_packed, save_packed
from . import RECORD, settings
from .training import precision


def finish(config, out: Path, work, material, network, run, device: str) -> None:
    """Fill the folder `out`: config, tokenizer, packed weights, record. What is measured is what the file decodes to."""
    import torch
    import transformers

    base = home(config.base, out.parent) if config.base else None
    origin = {"base": config.base, "base_state": load_packed(base), "base_key": checksum(base / PACKED)} if base else {}
    for stale in out.glob("*.safetensors"):
        stale.unlink()
    save_packed(out, plain_state(network), bits=config.bits, **origin)
    (work.save or save_standard)(network, material, out, base)
    load_state(network, load_packed(out))
    network.eval()
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(config.seed)
        measured = work.measure(config, material, network)
    files = sorted(p for p in out.iterdir() if p.is_file() and p.name != RECORD and not p.name.startswith((".", "checkpoint")))
    record = {
        "name": config.name,
        "config": settings(config),
        "command": f"lcacore zoo train {config.name}",
        "date": datetime.now(UTC).date().isoformat(),
        "seconds": round(run.seconds),
        "tokens": run.tokens,
        "hardware": hardware(device),
        "precision": precision(device),
        "versions": {"python": platform.python_version(), "torch": torch.__version__, "transformers": transformers.__version__, "numpy": np.__version__},
        "parameters": sum(p.numel() for p in network.parameters()),
        "loss": {"unit": "nats per predicted token, mean over the steps since the last point", "curve": run.curve},
        **({"runs": {"scores": run.scores, "kept": run.best["number"]}} if config.runs > 1 else {}),
        "measured": measured,
        "files": {p.name: {"bytes": p.stat().st_size, "blake2b": checksum(p)} for p in files},
    }
    write_atomically(out / RECORD, json.dumps(record, separators=(",", ":")).replace(',"', ',\n "') + "\n")


def home(name: str, beside: Path | None = None) -> Path:
    """Folder of a trained model: in `beside` if it is there, else the shipped one. Raises ValueError where there is neither."""
    if beside and (beside / name / RECORD).exists():
        return beside / name
    try:
        return shipped_model(name)
    except ValueError:
        raise ValueError(f"the base model {name!r} is not trained yet; train it first: lcacore zoo train {name}") from None


def plain_state(network) -> dict[str, np.ndarray]:
    """A network's weights by name, each of those that are tied once, under the name that its class says they come from."""
    aliases = getattr(network, "_tied_weights_keys", None) or {}
    seen, out = set(), {}
    for name, value in sorted(network.state_dict().items(), key=lambda item: (item[0] in aliases, item[0])):
        if value.data_ptr() not in seen or not value.numel():
            seen.add(value.data_ptr())
            out[name] = value.detach().float().cpu().numpy()
    return out


def load_state(network, state: dict[str, np.ndarray]) -> None:
    """Give a network decoded weights. Raises ValueError where one is not the network's."""
    import torch

    unknown = network.load_state_dict({name: torch.from_numpy(value) for name, value in state.items()}, strict=False).unexpected_keys
    if unknown:
        raise ValueError(f"weights {', '.join(unknown[:3])} are not of this network ({type(network).__name__})")


def save_standard(network, material, out: Path, base: Path | None) -> None:
    """config.json and, of a model that does not read with its base's, the tokenizer, small."""
    values = network.config.to_dict() | {"architectures": [type(network).__name__], "dtype": "float32"}
    values.pop("_name_or_path", None)
    write_atomically(out / "config.json", json.dumps(values, indent=1, sort_keys=True) + "\n")
    if base is None:
        save_tokenizer(material.tokenizer, out)


def save_tokenizer(tokenizer, out: Path) -> None:
    tokenizer.save_pretrained(out)
    write_atomically(out / "tokenizer.json", tokenizer.backend_tokenizer.to_str(pretty=False))


def hardware(device: str) -> str:
    """The machine in words."""
    import torch

    if device.startswith("cuda"):
        return torch.cuda.get_device_name()
    machine = platform.machine().replace("_", "-")
    threads = torch.get_num_threads()
    return f"{os.cpu_count()}-core {machine} CPU, {threads} thread{'s' * (threads > 1)}"
