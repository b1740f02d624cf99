"""Run notebooks in a pool of processes, each only when something that it depends on changed.

Beside an executed notebook `_build/notebooks/<profile>/<paper>/<artefact>.ipynb` stands a `.json` with what
it was made from (a fingerprint) and what came of it. A run with parameters of one's own goes under a name of
its own, `<artefact>@<key>`, so that the book never shows it by mistake.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import pkgutil
import re
import sys
import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from pathlib import Path

from ..store import checksum, code_key, write_atomically
from ..types import fingerprint
from .notebooks import Page, _text, settings, tags

__all__ = ["RESULT", "Job", "Outcome", "kernel_environment", "plan", "read_outcome", "read_result", "result_of", "run_jobs", "state_of"]

# The output that carries a page's numbers, claims and verdicts (published.Report displays it).
RESULT = "application/vnd.lcacore.result+json"

# These run after the notebooks: changing them changes no result.
_AFTER_NOTEBOOKS = {"pages", "cli", "__main__"}


@dataclass(frozen=True)
class Job:
    """A page to run: what is injected, what it depends on, where its output goes."""

    page: Page
    profile: str
    parameters: Mapping
    fingerprint: str
    output: Path
    result: Path

    @property
    def record(self) -> Path:
        return self.output.with_suffix(".json")


@dataclass(frozen=True)
class Outcome:
    """What came of a run; `status` is "done" or "failed"."""

    id: str
    profile: str
    status: str
    fingerprint: str
    seconds: float
    date: str
    parameters: Mapping = field(default_factory=dict)
    error: str = ""


# --- what to run -----------------------------------------------------------------------------------

def plan(root: Path, page: Page, profile: str = "mini", overrides: Mapping | None = None) -> Job:
    """The job of a page in a profile. Raises NotApplicable, or ValueError for a name that does not exist."""
    values = settings(root, page, profile, overrides)
    name = page.artefact + (f"@{fingerprint(dict(overrides))[:8]}" if overrides else "")
    return Job(
        page=page,
        profile=profile,
        parameters=values,
        fingerprint=_depends_on(root, page, profile, values),
        output=root / "_build" / "notebooks" / profile / page.paper / f"{name}.ipynb",
        result=root / "_build" / "results" / profile / page.paper / f"{name}.json",
    )


def _depends_on(root: Path, page: Page, profile: str, values: Mapping) -> str:
    """Key of all that can change a page's outputs: its code (not its prose), parameters, library, data files, environment."""
    code = [[_text(cell), tags(cell)] for cell in page.cells if cell["cell_type"] == "code"]
    notebooks = root / "notebooks"
    text = "\n".join(source for source, _ in code)
    data = [p for p in sorted(notebooks.glob("published/*/*")) if (p.stem == page.artefact and p.parent.name == page.paper) or f"{p.parent.name}/{p.stem}" in text]
    if profile == "mini":  # the book shows the recorded runs of the other profiles beside its own
        data += sorted(notebooks.glob(f"recorded/*/{page.id}.json"))
    if "benchmarked" in text:  # what `make bench` measured last, for the pages that show it
        data += sorted(notebooks.glob("recorded/benchmarks.json"))
    where = {} if profile == "mini" else {name: os.environ.get(name) for name in ("LCACORE_DATA", "LCACORE_MODELS")}
    lock = root / "requirements.lock"
    return fingerprint({
        "code": code,
        "parameters": dict(values),
        "profile": profile,
        "library": library_key(),
        "data": {p.relative_to(notebooks).as_posix(): checksum(p) for p in data},
        "environment": [checksum(lock) if lock.exists() else "", list(sys.version_info[:3]), where],
    })


_library: list[str] = []


def library_key() -> str:
    """Key of the library that notebooks use: its code without comments, and the files that it ships."""
    if not _library:
        import lcacore

        names = [m.name for m in pkgutil.iter_modules(lcacore.__path__) if m.name not in _AFTER_NOTEBOOKS]
        digest = hashlib.sha256(code_key(*(f"lcacore.{name}" for name in names)).encode())
        base = Path(lcacore.__file__).parent
        for path in sorted(base.rglob("*")):
            if path.is_file() and path.suffix not in {".py", ".pyc"} and not path.name.startswith("."):
                digest.update(f"{path.relative_to(base).as_posix()} {checksum(path)}\n".encode())
        _library.append(digest.hexdigest())
    return _library[0]


def read_outcome(job: Job) -> Outcome | None:
    """What came of the last run of this job; None when it never ran (or its record is unreadable)."""
    with contextlib.suppress(OSError, ValueError, TypeError):
        return Outcome(**json.loads(job.record.read_text(encoding="utf-8")))
    return None


def state_of(job: Job) -> str:
    """"fresh", "stale" (something that it depends on changed), "failed", or "missing"."""
    last = read_outcome(job)
    if last is None:
        return "missing"
    if last.fingerprint != job.fingerprint:
        return "stale"
    if last.status != "done":
        return "failed"
    return "fresh" if job.output.exists() else "missing"


# --- running ---------------------------------------------------------------------------------------

def run_jobs(jobs: Iterable[Job], *, workers: int = 2, done: Callable[[Job, Outcome], None] = lambda job, outcome: None) -> list[Outcome]:
    """Run jobs in a pool of `workers` processes, one kernel and one thread each; `done` is called as each ends.

    A page that fails leaves no output and no result behind, only its record with the error and, under
    `<artefact>.failed.ipynb`, the notebook up to the cell that failed. The others go on.
    """
    from concurrent.futures import ProcessPoolExecutor, as_completed
    from concurrent.futures.process import BrokenProcessPool
    from multiprocessing import active_children, get_context

    def seconds(job):  # the longest first, as far as known, so that none is left running alone at the end
        last = read_outcome(job)
        return -(last.seconds if last else 0)

    jobs = sorted(jobs, key=seconds)
    if not jobs:
        return []
    outcomes = []
    with kernel_environment(), ProcessPoolExecutor(
        min(workers, len(jobs)), mp_context=get_context("spawn"), initializer=_quiet, initargs=(str(jobs[0].output.parents[1] / "kernels.log"),)
    ) as pool:
        pending = {pool.submit(_execute, str(job.page.source), str(job.output), dict(job.parameters)): job for job in jobs}
        try:
            for future in as_completed(pending):
                job = pending[future]
                try:
                    ran = future.result()
                except BrokenProcessPool:
                    ran = {"seconds": 0.0, "error": "the process that ran it was ended from outside (out of memory?); run it again with --jobs 1"}
                outcomes.append(_keep(job, ran))
                done(job, outcomes[-1])
        except BaseException:  # interrupted: no worker and no kernel (it ends with its worker) goes on in the background
            pool.shutdown(wait=False, cancel_futures=True)
            for worker in active_children():
                worker.terminate()
            raise
    return outcomes


@contextlib.contextmanager
def kernel_environment():
    """What a notebook's kernel finds in its environment, where the user has not set it."""
    wanted = {
        "OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1", "MKL_NUM_THREADS": "1", "TOKENIZERS_PARALLELISM": "false",
        # the kernel of this environment, and none of the user's own start-up files
        "JUPYTER_PREFER_ENV_PATH": "1", "PYDEVD_DISABLE_FILE_VALIDATION": "1", "MPLBACKEND": "module://matplotlib_inline.backend_inline",
        "PYTHONWARNINGS": "ignore:IProgress not found",  # tqdm's advice to install widgets, which the book does not use
    }
    before = {name: os.environ.get(name) for name in wanted}
    os.environ.update({name: value for name, value in wanted.items() if before[name] is None})
    try:
        yield
    finally:
        for name, value in before.items():
            if value is None:
                os.environ.pop(name, None)


def _quiet(log: str) -> None:
    """What kernels themselves print on the terminal goes to a file; a page's errors come back as values."""
    Path(log).parent.mkdir(parents=True, exist_ok=True)
    os.dup2(os.open(log, os.O_WRONLY | os.O_CREAT | os.O_APPEND), 2)


def _execute(source: str, output: str, parameters: dict) -> dict:
    """Run one notebook in its own folder (as nbval does); in a process of the pool."""
    import logging

    import papermill
    from papermill.exceptions import PapermillExecutionError

    logging.getLogger("papermill").setLevel(logging.ERROR)
    part = Path(output).with_suffix(".part.ipynb")
    part.parent.mkdir(parents=True, exist_ok=True)
    start, error = time.perf_counter(), ""
    try:
        papermill.execute_notebook(
            source, str(part), parameters, cwd=str(Path(source).parent), kernel_name="python3", language="python",
            progress_bar=False, autosave_cell_every=0, start_timeout=180,
        )
    except PapermillExecutionError as raised:
        lines = _plain("\n".join(raised.traceback)).rstrip().splitlines()
        error = f"cell [{raised.exec_count}]: {raised.ename}: {_plain(raised.evalue)}\n" + "\n".join(lines[-12:])
    except Exception as raised:  # a dead kernel, a broken notebook: the others shall go on
        error = f"{type(raised).__name__}: {_plain(str(raised))}"
    return {"seconds": round(time.perf_counter() - start, 2), "error": error}


def _plain(text: str) -> str:
    return re.sub(r"\x1b\[[0-9;]*m", "", text)


def _keep(job: Job, ran: Mapping) -> Outcome:
    part, failed = job.output.with_suffix(".part.ipynb"), job.output.with_suffix(".failed.ipynb")
    for old in (job.output, job.result, failed):
        old.unlink(missing_ok=True)
    if ran["error"]:
        if part.exists():
            os.replace(part, failed)
    else:
        if (result := result_of(json.loads(part.read_text(encoding="utf-8")))) is not None:
            write_atomically(job.result, json.dumps(result, indent=1, ensure_ascii=False) + "\n")
        os.replace(part, job.output)
    outcome = Outcome(
        id=job.page.id, profile=job.profile, status="failed" if ran["error"] else "done", fingerprint=job.fingerprint,
        seconds=ran["seconds"], date=datetime.now(UTC).isoformat(timespec="seconds"), parameters=dict(job.parameters), error=ran["error"],
    )
    write_atomically(job.record, json.dumps(asdict(outcome), indent=1, ensure_ascii=False, default=str) + "\n")
    return outcome


def read_result(job: Job) -> dict | None:
    """The result bundle of a job's last good run."""
    with contextlib.suppress(OSError, ValueError):
        return json.loads(job.result.read_text(encoding="utf-8"))
    return None


def result_of(notebook: Mapping) -> dict | None:
    """The result bundle that a notebook displays last; None when it displays none."""
    for cell in reversed(notebook["cells"]):
        for output in reversed(cell.get("outputs", [])):
            if RESULT in output.get("data", {}):
                return output["data"][RESULT]
    return None
