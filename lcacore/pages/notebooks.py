"""The pages of the book: which notebooks there are, what they can be asked, and what each profile asks of them."""

from __future__ import annotations

import ast
import difflib
import functools
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

import yaml

__all__ = ["NotApplicable", "Page", "all_pages", "load_toc", "page_parameters", "profiles", "select_pages", "settings", "toc_files"]

# notebooks/ holds these beside the papers' folders
_NOT_PAPERS = {"params", "published", "recorded"}


class NotApplicable(Exception):
    """A page has no meaning in the profile asked for; the message is the reason."""


@dataclass(frozen=True)
class Page:
    """One notebook: `durrani2023/table2` is notebooks/durrani2023/table2.ipynb."""

    paper: str
    artefact: str
    source: Path

    @property
    def id(self) -> str:
        return f"{self.paper}/{self.artefact}"

    @property
    def cells(self) -> list[dict]:
        return _read(self.source, self.source.stat().st_mtime_ns)["cells"]

    @property
    def title(self) -> str:
        """The first heading of the notebook."""
        for cell in self.cells:
            for line in _text(cell).splitlines() if cell["cell_type"] == "markdown" else ():
                if line.startswith("# "):
                    return line[2:].strip()
        return self.id


@functools.lru_cache(maxsize=256)
def _read(path: Path, mtime: int) -> dict:
    try:
        return json.loads(path.read_text(encoding="utf-8"))
    except ValueError as error:
        raise ValueError(f"{path} is no notebook (line {getattr(error, 'lineno', '?')}: {error}); restore it, for example with git checkout") from error


def _text(cell: Mapping) -> str:
    source = cell["source"]
    return source if isinstance(source, str) else "".join(source)


def tags(cell: Mapping) -> list[str]:
    return cell.get("metadata", {}).get("tags", [])


def load_toc(root: Path) -> dict:
    return yaml.safe_load((root / "_toc.yml").read_text(encoding="utf-8"))


def toc_files(toc: Mapping) -> list[str]:
    """Documents of a table of contents, in order, without suffix."""
    found = [toc["root"]] if "root" in toc else []
    for key in ("parts", "chapters", "sections"):
        for entry in toc.get(key, ()):
            found += [entry["file"]] if "file" in entry else []
            found += toc_files(entry)
    return found


def all_pages(root: Path) -> list[Page]:
    """Every notebook, in the order of the book; those that the table of contents does not list come last."""
    place = {name: i for i, name in enumerate(toc_files(load_toc(root)))}
    found = []
    for source in sorted((root / "notebooks").glob("*/*.ipynb")):
        if source.parent.name not in _NOT_PAPERS and not source.name.startswith("."):
            found.append(Page(source.parent.name, source.stem, source))
    return sorted(found, key=lambda page: (place.get(f"notebooks/{page.id}", len(place)), page.id))


def select_pages(root: Path, ids: Iterable[str]) -> list[Page]:
    """Pages by id (`durrani2023/table2`), by paper (`durrani2023`), or `all`, in the order of the book.

    Raises ValueError for a name that is neither, with the nearest ones.
    """
    pages = all_pages(root)
    wanted = set()
    for name in ids:
        name = name.strip("/").removeprefix("notebooks/").removesuffix(".ipynb")
        chosen = [p.id for p in pages if name in ("all", p.id, p.paper)]
        if not chosen:
            known = ["all", *dict.fromkeys(p.paper for p in pages), *(p.id for p in pages)]
            near = difflib.get_close_matches(name, known, 4, 0.5) + [p.id for p in pages if p.artefact == name]
            raise ValueError(f"no page {name!r}. {_nearest(near, known)} `lcacore list` shows them all.")
        wanted.update(chosen)
    return [page for page in pages if page.id in wanted]


def _nearest(near: list[str], known: list[str]) -> str:
    if near:
        return f"Did you mean {' or '.join(dict.fromkeys(near))}?"
    return f"There is {', '.join(known[:12])}{' …' if len(known) > 12 else ''}."


# --- parameters ------------------------------------------------------------------------------------

def page_parameters(page: Page) -> dict:
    """Names and defaults of a notebook's `parameters` cell: what `-p name=value` may set.

    Raises ValueError when there is no such cell, more than one, or one that does more than assign plain values.
    """
    cells = [cell for cell in page.cells if cell["cell_type"] == "code" and "parameters" in tags(cell)]
    if len(cells) != 1:
        raise ValueError(f"{page.id}: {len(cells)} cells are tagged `parameters`; give exactly one")
    found = {}
    for statement in ast.parse(_text(cells[0])).body:
        target = statement.targets[0] if isinstance(statement, ast.Assign) else getattr(statement, "target", None)
        try:
            found[target.id] = _plain_value(statement.value)
        except (AttributeError, ValueError, TypeError):
            raise ValueError(
                f"{page.id}: the parameters cell, line {statement.lineno}, is no plain assignment (`name = value`): {ast.unparse(statement)}"
            ) from None
    return found


def _plain_value(node: ast.expr):
    """Value of a literal, or of arithmetic on literals such as 100 / 768. Raises ValueError for anything else."""
    for part in ast.walk(node):
        if isinstance(part, (ast.Name, ast.Call, ast.Attribute, ast.Subscript, ast.Lambda, ast.comprehension, ast.NamedExpr, ast.JoinedStr)):
            raise ValueError(ast.unparse(part))
    return eval(compile(ast.Expression(node), "parameters", "eval"), {"__builtins__": {}})


def profiles(root: Path) -> list[str]:
    """Profile mini is the notebooks' own parameters; every other one has a file in notebooks/params."""
    return ["mini", *sorted((p.stem for p in (root / "notebooks" / "params").glob("*.yaml")), reverse=True)]


def load_profile(root: Path, profile: str) -> dict:
    """`defaults` and the section of each page. Raises ValueError for a profile that does not exist."""
    known = profiles(root)
    if profile not in known:
        raise ValueError(f"no profile {profile!r}. {_nearest(difflib.get_close_matches(profile, known, 2), known)}")
    if profile == "mini":
        return {}
    path = root / "notebooks" / "params" / f"{profile}.yaml"
    try:
        return yaml.safe_load(path.read_text(encoding="utf-8")) or {}
    except yaml.YAMLError as error:
        raise ValueError(f"{path} is malformed: {error}") from error


def settings(root: Path, page: Page, profile: str = "mini", overrides: Mapping | None = None) -> dict:
    """What a run of `page` injects: the profile's values, then `overrides`; names it does not know are an error.

    The profile's `defaults` reach the notebooks that have the name, a page's own section must fit that page.
    Raises NotApplicable when the profile says that the page is, ValueError for an unknown name or profile.
    """
    spec = load_profile(root, profile)
    own = spec.get(page.id) or {}
    if reason := own.get("not_applicable"):
        raise NotApplicable(str(reason))
    known = page_parameters(page)
    values = {"profile": profile, **(spec.get("defaults") or {})}
    values = {name: value for name, value in values.items() if name in known and value != known[name]}
    for origin, given in ((f"notebooks/params/{profile}.yaml", own), ("-p", overrides or {})):
        for name in given:
            if name not in known:
                near = difflib.get_close_matches(name, known, 3, 0.5)
                hint = f"Did you mean {' or '.join(near)}? " if near else ""
                raise ValueError(f"{page.id} has no parameter {name!r} ({origin}). {hint}It has {', '.join(known)}.")
        values.update(given)
    return values
