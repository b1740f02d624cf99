"""Assemble the book's source from prose and executed notebooks, and build it with Jupyter Book.

`_build/src` mirrors the repository (book/, notebooks/, _config.yml, _toc.yml). A file is written there only when
its content changed, so that Sphinx reads again just what did.
"""

from __future__ import annotations

import contextlib
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterable, Mapping
from pathlib import Path

import yaml

from .notebooks import load_toc, tags, toc_files
from .reference import clean
from .running import Job, read_outcome, read_result
from .summary import with_claims

__all__ = ["assemble", "build_book", "forget_page", "pruned_toc", "scoreboard", "verdicts"]

# Replaced in book/scoreboard.md by the table of all pages.
_SCOREBOARD = "<!-- scoreboard -->"


def build_book(root: Path, jobs: Iterable[Job], folder: Path | None = None) -> Path:
    """Build a book of these executed pages; returns its first page.

    folder  where: default the project itself, so `_build/html`, and then warnings are errors. Elsewhere (a page run
            with parameters of one's own, another profile) the book is `<folder>/_build/html`, and links to pages
            that it does not have are let pass.

    Raises RuntimeError with the warnings and errors of the build.
    """
    jobs = list(jobs)
    build = (folder or root) / "_build"
    source = assemble(root, jobs, build / "src")
    tool = Path(sys.executable).with_name("jupyter-book")
    command = [str(tool), "build", str(source), "--path-output", str(build.parent), "--keep-going", *(() if folder else ("-W", "-n"))]
    env = {**os.environ, "PYTHONWARNINGS": "ignore", "NO_COLOR": "1"}
    done = subprocess.run(command, capture_output=True, text=True, env=env, cwd=root)
    log = re.sub(r"\x1b\[[0-9;]*m", "", done.stdout + done.stderr)
    (build / "book.log").write_text(log, encoding="utf-8")
    if done.returncode:
        # Sphinx would not warn again about a page that it has already read: begin anew next time
        shutil.rmtree(build / ".doctrees", ignore_errors=True)
        told = [line for line in log.splitlines() if re.search(r"WARNING|ERROR|Error|Exception", line)]
        where = os.path.relpath(build / "book.log", root)
        raise RuntimeError(f"the book has warnings or errors (all of it in {where}):\n" + "\n".join(told[-30:] or log.splitlines()[-30:]))
    _finish(source, build / "html", jobs)
    return build / "html" / "index.html"


def forget_page(root: Path, page_id: str) -> None:
    """Take a page out of a built book: one that failed must not be seen as if it were fresh."""
    for name in (f"html/notebooks/{page_id}.html", f"html/notebooks/{page_id}.ipynb", f"src/notebooks/{page_id}.ipynb"):
        (root / "_build" / name).unlink(missing_ok=True)


def _finish(source: Path, html: Path, jobs: list[Job]) -> None:
    """Put the executed notebooks beside their pages; remove pages that are no longer in the book."""
    wanted = set(toc_files(load_toc(source)))
    for old in [*html.glob("book/*.html"), *html.glob("notebooks/*/*.html"), *html.glob("notebooks/*/*.ipynb")]:
        if old.relative_to(html).with_suffix("").as_posix() not in wanted:
            old.unlink()
    for job in jobs:
        name = f"notebooks/{job.page.id}.ipynb"
        shutil.copyfile(source / name, html / name)
    (html / ".nojekyll").touch()


# --- the book's source -----------------------------------------------------------------------------

def assemble(root: Path, jobs: Iterable[Job], source: Path) -> Path:
    """Bring the folder `source` up to date with the prose and the executed pages; returns it."""
    jobs = list(jobs)
    files = {path.relative_to(root).as_posix(): path.read_bytes() for path in sorted((root / "book").rglob("*")) if path.is_file() and not path.name.startswith(".")}
    files["_config.yml"] = (root / "_config.yml").read_bytes()
    for job in jobs:
        files[f"notebooks/{job.page.id}.ipynb"] = _page_source(root, job).encode()
    if "book/scoreboard.md" in files:
        files["book/scoreboard.md"] = files["book/scoreboard.md"].replace(_SCOREBOARD.encode(), scoreboard(jobs).encode())
    for name in [name for name in files if name.startswith("book/") and name.endswith(".md")]:
        files[name] = with_claims(files[name].decode(), jobs).encode()
    documents = {name.rsplit(".", 1)[0] for name in files if name.endswith((".md", ".ipynb"))}
    files["_toc.yml"] = yaml.safe_dump(pruned_toc(load_toc(root), documents), sort_keys=False, allow_unicode=True).encode()
    files["_extra/mathjax/tex-svg-full.js"] = _mathjax()
    for path in sorted(source.rglob("*")) if source.exists() else ():
        if path.is_file() and path.relative_to(source).as_posix() not in files:
            path.unlink()
    for name, content in files.items():
        _write_if_changed(source / name, content)
    return source


def _write_if_changed(path: Path, content: bytes) -> None:
    with contextlib.suppress(OSError):
        if path.read_bytes() == content:
            return
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)


def _page_source(root: Path, job: Job) -> str:
    """The executed notebook, with the prose as it reads now (a reworded sentence runs nothing again)."""
    import nbformat

    source = nbformat.read(job.page.source, as_version=4)
    ran = [cell for cell in nbformat.read(job.output, as_version=4).cells if cell.cell_type == "code"]
    injected = [cell for cell in ran if "injected-parameters" in tags(cell)]
    code = iter(cell for cell in ran if "injected-parameters" not in tags(cell))
    cells = []
    for cell in source.cells:
        cells.append(next(code) if cell.cell_type == "code" else cell)
        if "parameters" in tags(cell):
            cells += injected
    source.cells = cells
    page = clean(source)
    for output in (output for cell in page.cells for output in cell.get("outputs", ())):
        if output.output_type == "stream":  # a warning names the file it comes from: as seen from the project
            output.text = output.text.replace(f"{root}{os.sep}", "")
    return nbformat.writes(page) + "\n"


def _mathjax() -> bytes:
    """MathJax as one file, from its Python package: formulas are drawn without a network."""
    from importlib.metadata import files

    for path in files("sphinx-mathjax-offline") or ():
        if path.name == "tex-svg-full.js":
            return Path(path.locate()).read_bytes()
    raise RuntimeError("MathJax is not in the package sphinx-mathjax-offline; install requirements.lock again (make venv)")


def pruned_toc(toc: Mapping, documents: Iterable[str]) -> dict:
    """The table of contents without entries that have no document, and without parts left empty."""
    documents = set(documents)

    def keep(entry):
        entry = dict(entry)
        inner = [key for key in ("parts", "chapters", "sections") if key in entry]
        for key in inner:
            entry[key] = [kept for child in entry[key] if (kept := keep(child))]
            if not entry[key]:
                del entry[key]
        alive = entry.get("file") in documents or "url" in entry or any(key in entry for key in inner)
        return entry if alive else None

    return {"root": toc["root"], **(keep(toc) or {})}


# --- the scoreboard --------------------------------------------------------------------------------

def verdicts(result: Mapping | None) -> dict[str, int]:
    """How many of a result's claims hold, do not hold, and are not applicable."""
    count = {"holds": 0, "does not hold": 0, "not applicable": 0}
    for claim in (result or {}).get("claims", ()):
        verdict = str(claim.get("verdict", "")).lower()
        if verdict in count:
            count[verdict] += 1
    return count


def scoreboard(jobs: Iterable[Job]) -> str:
    """Every page with its claims' verdicts and the time its last run took, as a Markdown table."""
    rows = ["| page | claims that hold | that do not | not applicable | seconds |", "|:--|--:|--:|--:|--:|"]
    total = {"holds": 0, "does not hold": 0, "not applicable": 0}
    seconds = 0.0
    for job in jobs:
        count = verdicts(read_result(job))
        last = read_outcome(job)
        seconds += last.seconds if last else 0
        total = {name: total[name] + n for name, n in count.items()}
        title = job.page.title.replace("|", "\\|")
        rows.append(f"| [{title}](../notebooks/{job.page.id}.ipynb) | " + " | ".join(str(n) for n in count.values()) + f" | {last.seconds if last else 0:.0f} |")
    rows.append("| **all pages** | " + " | ".join(f"**{n}**" for n in total.values()) + f" | **{seconds:.0f}** |")
    return "\n".join(rows)
