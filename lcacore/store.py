"""The artefact store: the only module that knows paths and writes files.

An artefact is a folder `<store>/<kind>/<key>/` with its files and `artefact.json` (what made it, and a
checksum per file). Its key hashes the config, the inputs' keys and the source of the modules that made
it, so a changed setting, input or algorithm makes a new artefact and never overwrites an old one.
"""

from __future__ import annotations

import ast
import contextlib
import contextvars
import errno
import functools
import hashlib
import importlib.util
import json
import os
import shutil
import uuid
import warnings
from collections.abc import Callable, Mapping
from pathlib import Path

import numpy as np

from .types import fingerprint

__all__ = ["Busy", "CorruptArtefact", "Store", "code_key", "find_data", "find_model", "not_waiting", "project_root", "shipped_model", "store"]

_RECORD = "artefact.json"
_WAIT = contextvars.ContextVar("lcacore.store.wait", default=True)


class Busy(Exception):
    """Another process is making this artefact, and `not_waiting` asked not to wait for it."""


@contextlib.contextmanager
def not_waiting():
    """Within this context an artefact that another process is making raises Busy instead of being waited for."""
    token = _WAIT.set(False)
    try:
        yield
    finally:
        _WAIT.reset(token)


class CorruptArtefact(UserWarning):
    """An artefact's files did not match their checksums; it was discarded and made again."""


# --- where things are ------------------------------------------------------------------------------

def project_root() -> Path:
    """The book's project folder: $LCACORE_ROOT, else the nearest parent folder with a `_toc.yml`."""
    if root := os.environ.get("LCACORE_ROOT"):
        return Path(root).resolve()
    here = Path.cwd().resolve()
    for folder in (here, *here.parents, Path(__file__).resolve().parent.parent):
        if (folder / "_toc.yml").exists():
            return folder
    raise ValueError(f"no book project in {here} or above it (a folder with _toc.yml); run from the project or set LCACORE_ROOT")


def find_data(name: str, kind: str = "") -> Path:
    """A corpus file or folder: `name` as given, under $LCACORE_DATA, or under $LCACORE_DATA/<kind>."""
    return _find(name, "LCACORE_DATA", kind, "corpus")


def find_model(name: str) -> Path | None:
    """A model folder: `name` as given or under $LCACORE_MODELS; None when neither is there (a hub id, then)."""
    with contextlib.suppress(FileNotFoundError):
        return _find(name, "LCACORE_MODELS", "", "model")
    return None


def _find(name: str, variable: str, kind: str, what: str) -> Path:
    tried = [Path(name).expanduser()]
    if base := os.environ.get(variable):
        base = Path(base)
        if not base.is_absolute() and not base.exists():
            with contextlib.suppress(ValueError):  # a relative folder counts from the project, also inside notebooks
                base = project_root() / base
        tried += [base / name, base / kind / name] if kind else [base / name]
    for path in tried:
        if path.exists():
            return path.resolve()
    where = "" if os.environ.get(variable) else f"; {variable} is not set"
    raise FileNotFoundError(f"no {what} at {' or '.join(str(p) for p in tried)}{where}. Give a path that exists, or set {variable} to the folder that holds it")


def shipped_model(name: str) -> Path:
    """Folder of a miniature model that the project ships."""
    base = Path(__file__).resolve().parent / "zoo" / "shipped"
    if not (base / name / "config.json").exists():
        known = sorted(p.parent.name for p in base.glob("*/config.json"))
        raise ValueError(f"no shipped model {name!r}; there is {', '.join(known) or 'none'} (specs read mini:<name>)")
    return base / name


# --- what made an artefact -------------------------------------------------------------------------

@functools.cache
def code_key(*modules: str) -> str:
    """Key of the modules' source without comments and docstrings: rewording them rebuilds nothing."""
    digest = hashlib.sha256()
    for name in modules:
        spec = importlib.util.find_spec(name)
        if spec is None or spec.origin is None:
            raise ValueError(f"code_key: no source for module {name!r}")
        origin = Path(spec.origin)
        files = sorted(origin.parent.rglob("*.py")) if origin.name == "__init__.py" else [origin]
        for file in files:
            digest.update(_bare_source(file).encode())
    return digest.hexdigest()


def _bare_source(file: Path) -> str:
    tree = ast.parse(file.read_text(encoding="utf-8"))
    for node in ast.walk(tree):
        if isinstance(node, (ast.Module, ast.ClassDef, ast.FunctionDef, ast.AsyncFunctionDef)):
            body = node.body
            if body and isinstance(body[0], ast.Expr) and isinstance(body[0].value, ast.Constant):
                node.body = body[1:]
    return ast.dump(tree)


def checksum(path: Path) -> str:
    """BLAKE2b-128 (hex) of a file's bytes."""
    digest = hashlib.blake2b(digest_size=16)
    with path.open("rb") as f:
        while block := f.read(1 << 22):
            digest.update(block)
    return digest.hexdigest()


# --- the store -------------------------------------------------------------------------------------

class Store:
    """Content-addressed artefacts under one folder; safe for any number of processes.

    A key's second asker waits for the first (a file lock), then reads what the first one made. An
    artefact is written under a temporary name and renamed when complete, so a crash leaves none behind.
    """

    def __init__(self, root: Path | str | None = None):
        root = root or os.environ.get("LCACORE_STORE") or _default_root()
        self.root = Path(root).expanduser().resolve()
        self._verified: set[Path] = set()

    def build(self, kind: str, key: Mapping, make: Callable[[Path], Mapping | None]) -> Path:
        """Folder of the artefact of this key; `make(folder)` fills it when it is not there yet.

        key   plain values that decide the content (config, inputs' keys, code_key of the modules)
        make  writes its files into the folder it is given; what it returns is kept as `info`

        Raises OSError with what to do when the disk is full; whatever `make` raises. Nothing is left behind.
        """
        from filelock import FileLock, Timeout

        name = fingerprint(key)[:32]
        folder = self.root / kind / name
        if self._intact(folder):
            return folder
        folder.parent.mkdir(parents=True, exist_ok=True)
        lock = FileLock(folder.with_suffix(".lock"))
        try:
            lock.acquire(blocking=_WAIT.get())
        except Timeout:
            raise Busy(f"{kind}/{name}") from None
        with contextlib.ExitStack() as held:
            held.callback(lock.release)
            if self._intact(folder):
                return folder
            if folder.exists():
                warnings.warn(f"artefact {kind}/{name} does not match its checksums (truncated or changed); making it again", CorruptArtefact, stacklevel=3)
                shutil.rmtree(folder)
            for stale in folder.parent.glob(f".{name}.*.part"):  # of a process that was killed: under the lock nobody else writes here
                shutil.rmtree(stale, ignore_errors=True)
            part = folder.parent / f".{name}.{uuid.uuid4().hex[:8]}.part"
            part.mkdir()
            try:
                info = make(part)
                files = {p.relative_to(part).as_posix(): {"bytes": p.stat().st_size, "blake2b": checksum(p)} for p in sorted(part.rglob("*")) if p.is_file()}
                record = {"kind": kind, "key": json.loads(json.dumps(key, default=str)), "files": files, "info": dict(info or {})}
                (part / _RECORD).write_text(json.dumps(record, indent=1, sort_keys=True))
                os.replace(part, folder)
            except OSError as error:
                if error.errno == errno.ENOSPC:
                    raise OSError(errno.ENOSPC, f"no space left for artefact {kind}/{name}: free some, or point LCACORE_STORE at a larger disk (nothing was lost)", str(self.root)) from error
                raise
            finally:
                shutil.rmtree(part, ignore_errors=True)
            self._verified.add(folder)
        return folder

    def remember(self, kind: str, key: Mapping, make: Callable[[], Mapping]) -> dict:
        """The mapping that `make()` returns, computed once: JSON values and numpy arrays (kept as .npy, read back memory-mapped)."""

        def write(folder: Path):
            plain = {}
            for name, value in make().items():
                if isinstance(value, np.ndarray) and value.dtype != object:
                    np.save(folder / f"{name}.npy", value)
                else:
                    plain[name] = value.tolist() if isinstance(value, np.ndarray) else value
            (folder / "value.json").write_text(json.dumps(plain, default=_json))

        folder = self.build(kind, key, write)
        out = json.loads((folder / "value.json").read_text())
        out.update({p.stem: np.load(p, mmap_mode="r") for p in sorted(folder.glob("*.npy"))})
        return out

    def info(self, folder: Path) -> dict:
        """What `make` returned when the artefact was built."""
        return json.loads((folder / _RECORD).read_text())["info"]

    def _intact(self, folder: Path) -> bool:
        if folder in self._verified and folder.exists():
            return True
        try:
            files = json.loads((folder / _RECORD).read_text())["files"]
            good = all((folder / name).stat().st_size == f["bytes"] and checksum(folder / name) == f["blake2b"] for name, f in files.items())
        except (OSError, ValueError, KeyError):
            return False
        if good:
            self._verified.add(folder)
        return good


def _json(value):
    if isinstance(value, np.generic):
        return value.item()
    if isinstance(value, Mapping):
        return dict(value)
    raise TypeError(f"an artefact keeps plain values and arrays, not a {type(value).__name__}")


def _default_root() -> Path:
    from platformdirs import user_cache_path

    return user_cache_path("lcacore")


def store() -> Store:
    """The store of this process ($LCACORE_STORE, default the user's cache folder)."""
    return _store_at(os.environ.get("LCACORE_STORE"))


@functools.cache
def _store_at(root: str | None) -> Store:
    return Store(root)


def write_atomically(path: Path, text: str) -> None:
    """Write a file whole or not at all."""
    path.parent.mkdir(parents=True, exist_ok=True)
    part = path.with_name(f".{path.name}.{uuid.uuid4().hex[:8]}.part")
    try:
        part.write_text(text, encoding="utf-8")
        os.replace(part, path)
    finally:
        part.unlink(missing_ok=True)
