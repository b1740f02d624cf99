"""Each notebook keeps the form that the book, papermill and nbval rely on."""

import ast
import json
import re

import pytest
import yaml

from lcacore.pages import NotApplicable, all_pages, page_parameters, profiles, settings
from lcacore.pages.notebooks import load_toc, toc_files
from lcacore.pages.running import RESULT, result_of
from lcacore.store import project_root

ROOT = project_root()
PAGES = {page.id: page for page in all_pages(ROOT)}
each_page = pytest.mark.parametrize("page", PAGES.values(), ids=PAGES.keys())


def source(cell) -> str:
    return "".join(cell["source"])


def code(page) -> list[dict]:
    return [cell for cell in page.cells if cell["cell_type"] == "code"]


def test_the_table_of_contents_lists_each_notebook_and_each_prose_page_once():
    listed = toc_files(load_toc(ROOT))
    assert len(listed) == len(set(listed))
    there = {f"notebooks/{name}" for name in PAGES} | {f"book/{path.stem}" for path in (ROOT / "book").glob("*.md")}
    assert set(listed) == there


@each_page
def test_the_title_and_the_papers_reference_come_first(page):
    first = page.cells[0]
    assert first["cell_type"] == "markdown"
    assert source(first).startswith("# ")
    surname, year = re.fullmatch(r"([a-z]+)(\d{4})", page.paper).groups()
    assert re.search(rf"{surname}.*{year}", source(first), re.I | re.S), "say in the first cell which paper, and where in it"
    keys = re.findall(r"^@\w+\{(\w+),", (ROOT / "book" / "references.bib").read_text(encoding="utf-8"), re.M)
    assert page.paper in keys


@each_page
def test_one_cell_holds_the_parameters_and_nothing_else(page):
    import papermill

    own = page_parameters(page)
    assert own, "a page without a parameter cannot be run again with another"
    assert list(papermill.inspect_notebook(str(page.source))) == list(own), "papermill reads the parameters differently; one assignment a line"
    assert own.get("profile") == "mini", 'the parameters begin with profile = "mini"'


@each_page
def test_the_code_is_short_and_has_no_function_class_or_path(page):
    text = "\n".join(source(cell) for cell in code(page))
    lines = [line for line in text.splitlines() if line.strip() and not line.lstrip().startswith("#")]
    assert len(lines) <= 60
    tree = ast.parse(re.sub(r"^\s*[%!].*$", "", text, flags=re.M))
    for node in ast.walk(tree):
        assert not isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)), "what needs a function belongs in the library"
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            assert not re.match(r"(/\w|~/|\.\.?/|[A-Za-z]:\\)", node.value), f"a path in a notebook: {node.value!r}"


@each_page
def test_the_committed_outputs_are_the_reference_and_only_that(page):
    cells = code(page)
    assert RESULT in {kind for output in cells[-1]["outputs"] for kind in output.get("data", {})}, f"lcacore run {page.id}, then lcacore reference {page.id}"
    result = result_of({"cells": page.cells})
    assert result["profile"] == "mini"
    assert result["artefact"] == page.id
    for number, cell in enumerate(cells, 1):
        assert cell["execution_count"] == number, "nbval compares only cells that are numbered"
        assert set(cell["metadata"]) <= {"tags", "mystnb"}
        for output in cell["outputs"]:
            assert set(output["data"]) <= {RESULT, "text/plain"}
    notebook = json.loads(page.source.read_text(encoding="utf-8"))
    assert set(notebook["metadata"]) == {"kernelspec", "language_info"}


@each_page
@pytest.mark.parametrize("profile", profiles(ROOT))
def test_each_profile_fits_the_page_or_says_why_not(page, profile):
    try:
        values = settings(ROOT, page, profile)
    except NotApplicable as reason:
        assert len(str(reason)) > 10
    else:
        assert set(values) <= set(page_parameters(page))


@pytest.mark.parametrize("profile", [name for name in profiles(ROOT) if name != "mini"])
def test_a_profiles_file_speaks_of_pages_and_parameters_that_exist(profile):
    spec = yaml.safe_load((ROOT / "notebooks" / "params" / f"{profile}.yaml").read_text(encoding="utf-8"))
    assert set(spec) - {"defaults"} <= set(PAGES)
    known = {name for page in PAGES.values() for name in page_parameters(page)}
    assert set(spec.get("defaults") or {}) <= known
