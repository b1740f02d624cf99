"""The command line over a small project of its own: three notebooks that really run."""

import json
import re
import shutil
import subprocess
import sys
import time
from pathlib import Path

import nbformat
import pytest

from lcacore.cli import main
from lcacore.pages import all_pages, plan, read_outcome, state_of
from lcacore.pages.running import RESULT, result_of

HERE = Path(__file__).resolve().parent.parent

DISPLAY_OF = f"""
from IPython.display import display
claims = [{{"id": "c", "says": "n is large", "verdict": "holds" if n > 2 else "does not hold", "evidence": str(n), "paper_table": "supports"}}]
result = {{"schema": 1, "artefact": "PAGE", "title": "t", "profile": profile, "model": "m", "corpora": [], "seeds": [0],
          "parameters": {{"n": n}}, "provenance": {{}}, "source": "abc", "rows": [], "claims": claims}}
display({{"{RESULT}": result, "text/html": "<b>holds</b>", "text/plain": "n = " + str(n)}}, raw=True)
"""
DISPLAY = DISPLAY_OF.replace("PAGE", "one2000/table1")
PARAMETERS = 'profile = "mini"\nn = 3  # how many\nseeds = [0, 1]'


def write(path, *code, title="A table", parameters=PARAMETERS):
    cell = nbformat.v4.new_code_cell
    notebook = nbformat.v4.new_notebook()
    notebook.cells = [nbformat.v4.new_markdown_cell(f"# {title}\n\nAfter {{cite}}`durrani2023`: $x^2$.")]
    notebook.cells += [cell(parameters, metadata={"tags": ["parameters"]}), *map(cell, code)]
    path.parent.mkdir(parents=True, exist_ok=True)
    nbformat.write(notebook, path)


def make_project(root):
    shutil.copytree(HERE / "book", root / "book")
    shutil.copy(HERE / "_config.yml", root)
    (root / "_toc.yml").write_text(
        "format: jb-book\nroot: book/intro\nparts:\n- caption: Book\n  chapters: [{file: book/rerun}, {file: book/methods}, {file: book/scoreboard}, {file: book/references}]\n"
        "- caption: One\n  chapters: [{file: notebooks/one2000/table1}, {file: notebooks/one2000/fig2}, {file: notebooks/two2001/table1}, {file: notebooks/two2001/later}]\n"
    )
    write(root / "notebooks/one2000/table1.ipynb", DISPLAY, title="Table 1: a first table")
    write(root / "notebooks/one2000/fig2.ipynb", "import matplotlib.pyplot as plt\nplt.plot(range(n));", DISPLAY_OF.replace("PAGE", "one2000/fig2"), title="Figure 2: a line")
    write(root / "notebooks/two2001/table1.ipynb", DISPLAY_OF.replace("PAGE", "two2001/table1"), title="Another table")
    params = root / "notebooks" / "params"
    params.mkdir()
    (params / "real.yaml").write_text(
        "defaults: {n: 7, elsewhere: 1}\none2000/fig2: {not_applicable: there is no line in the real world}\ntwo2001/table1: {n: 1}\n"
    )
    (root / "notebooks/published/one2000").mkdir(parents=True)
    (root / "notebooks/published/one2000/table1.yaml").write_text("a: 1\n")
    return root


@pytest.fixture
def project(tmp_path, monkeypatch):
    monkeypatch.setenv("LCACORE_ROOT", str(tmp_path))
    return make_project(tmp_path)


@pytest.fixture(scope="module")
def ran(tmp_path_factory):
    """A project in which everything has run once, in profile mini."""
    root = make_project(tmp_path_factory.mktemp("ran"))
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("LCACORE_ROOT", str(root))
        assert main(["run", "all", "--jobs", "2"]) == 0
    return root


@pytest.fixture
def copy(ran, tmp_path, monkeypatch):
    """A copy of it, to change at will."""
    root = tmp_path / "copy"
    shutil.copytree(ran, root)
    monkeypatch.setenv("LCACORE_ROOT", str(root))
    return root


def page(root, name):
    return next(p for p in all_pages(root) if p.id == name)


def edit(root, name, change):
    path = root / "notebooks" / f"{name}.ipynb"
    notebook = nbformat.read(path, as_version=4)
    change(notebook)
    nbformat.write(notebook, path)


# --- list ------------------------------------------------------------------------------------------

def test_list_names_pages_in_the_books_order_with_their_titles_and_profiles(project, capsys):
    assert main(["list"]) == 0
    rows = [re.split(r"\s{2,}", line) for line in capsys.readouterr().out.splitlines()[2:]]
    assert rows == [
        ["one2000/table1", "Table 1: a first table", "mini real"],
        ["one2000/fig2", "Figure 2: a line", "mini"],
        ["two2001/table1", "Another table", "mini real"],
    ]


def test_list_of_one_page_shows_its_parameters(project, capsys):
    assert main(["list", "one2000/fig2"]) == 0
    out = capsys.readouterr().out
    assert re.search(r"seeds +\[0, 1\]", out)
    assert "there is no line in the real world" in out


# --- wrong usage -----------------------------------------------------------------------------------

@pytest.mark.parametrize(("arguments", "said"), [
    (["run", "one2000/tabel1"], ["no page 'one2000/tabel1'", "one2000/table1"]),
    (["run", "fig2"], ["no page 'fig2'", "one2000/fig2"]),
    (["run", "all", "--profile", "reel"], ["no profile 'reel'", "real"]),
    (["run", "one2000", "-p", "seed=[1]"], ["no parameter 'seed'", "Did you mean seeds?", "profile, n, seeds"]),
    (["run", "one2000", "-p", "n"], ["'n'", "name=value"]),
    (["run", "one2000", "-p", "n=[1"], ["'n=[1'", "YAML"]),
    (["run", "one2000", "--record"], ["lcacore reference"]),
    (["run", "one2000", "--record", "--profile", "real", "-p", "n=1"], ["leave out -p"]),
    (["reference", "one2000/table1"], ["missing", "lcacore run one2000/table1"]),
    (["status", "--profile", "x"], ["no profile 'x'", "mini"]),
])
def test_what_makes_no_sense_is_refused_with_what_to_do(project, capsys, arguments, said):
    assert main(arguments) == 2
    error = capsys.readouterr().err
    assert [text for text in said if text not in error] == []
    assert not (project / "_build").exists()


@pytest.mark.parametrize("arguments", [[], ["runn"], ["run"], ["run", "all", "--jobs", "0"]])
def test_the_parsers_own_errors_end_with_2_too(arguments, capsys):
    with pytest.raises(SystemExit) as stop:
        main(arguments)
    assert stop.value.code == 2


def test_a_parameters_cell_that_does_more_than_assign_is_named(project, capsys):
    write(project / "notebooks/one2000/table1.ipynb", DISPLAY, parameters="profile = 'mini'\nprint(1)")
    assert main(["run", "one2000/table1"]) == 2
    assert "one2000/table1: the parameters cell, line 2" in capsys.readouterr().err


def test_a_broken_notebook_file_is_named(project, capsys):
    (project / "notebooks/one2000/table1.ipynb").write_text('{"cells": [')
    assert main(["run", "one2000/table1"]) == 2
    assert re.search(r"table1\.ipynb is no notebook \(line 1", capsys.readouterr().err)


# --- run -------------------------------------------------------------------------------------------

def test_a_run_keeps_the_result_and_the_executed_notebook(ran):
    job = plan(ran, page(ran, "one2000/table1"))
    result = json.loads((ran / "_build/results/mini/one2000/table1.json").read_text())
    assert result["parameters"] == {"n": 3}
    assert result == result_of(nbformat.read(ran / "_build/notebooks/mini/one2000/table1.ipynb", as_version=4))
    assert state_of(job) == "fresh"
    assert read_outcome(job).seconds > 0


def test_a_second_run_runs_nothing(copy, capsys):
    output = copy / "_build/notebooks/mini/one2000/table1.ipynb"
    before = output.stat().st_mtime_ns
    assert main(["run", "all"]) == 0
    assert output.stat().st_mtime_ns == before
    assert capsys.readouterr().out.count("fresh") == 3


def test_only_what_can_change_a_result_makes_a_page_stale(copy, monkeypatch):
    def state(name="one2000/table1"):
        return state_of(plan(copy, page(copy, name)))

    edit(copy, "one2000/table1", lambda nb: nb.cells[0].update(source="# Other prose"))
    assert state() == "fresh"
    monkeypatch.setenv("LCACORE_DATA", "/elsewhere")  # profile mini reads no data
    assert state() == "fresh"
    (copy / "notebooks/published/one2000/table1.yaml").write_text("a: 2\n")
    assert (state(), state("one2000/fig2")) == ("stale", "fresh")
    edit(copy, "one2000/fig2", lambda nb: nb.cells[-1].update(source=DISPLAY + "\n1"))
    assert (state("one2000/fig2"), state("two2001/table1")) == ("stale", "fresh")
    (copy / "_build/notebooks/mini/two2001/table1.ipynb").unlink()
    assert state("two2001/table1") == "missing"
    (copy / "requirements.lock").write_text("numpy==9\n")
    assert state() == "stale"


def test_a_new_benchmark_changes_the_pages_that_show_it_alone(copy):
    edit(copy, "one2000/fig2", lambda nb: nb.cells[-1].update(source=f"from lcacore import benchmarked\n{DISPLAY}"))
    keys = lambda: [plan(copy, page(copy, name)).fingerprint for name in ("one2000/fig2", "one2000/table1")]  # noqa: E731
    before = keys()
    (copy / "notebooks/recorded").mkdir(exist_ok=True)
    (copy / "notebooks/recorded/benchmarks.json").write_text("{}\n")
    assert [a == b for a, b in zip(before, keys(), strict=True)] == [False, True]


def test_parameters_of_ones_own_are_used_and_leave_the_books_run_alone(copy, capsys):
    assert main(["run", "one2000/table1", "-p", "n=1", "-p", "seeds=[4]"]) == 0
    out = capsys.readouterr().out
    printed = copy / re.search(r"\S+@\w{8}\.ipynb", out).group()
    assert result_of(nbformat.read(printed, as_version=4))["parameters"] == {"n": 1}
    assert len(list((copy / "_build/results/mini/one2000").glob("table1@*.json"))) == 1
    shown = Path(re.search(r"file://(\S+)", out).group(1)).read_text()
    assert "Table 1: a first table" in shown and "<b>holds</b>" in shown
    assert json.loads((copy / "_build/results/mini/one2000/table1.json").read_text())["parameters"] == {"n": 3}
    assert state_of(plan(copy, page(copy, "one2000/table1"))) == "fresh"


def test_a_profile_sets_its_values_and_skips_what_does_not_apply(copy, capsys):
    assert main(["run", "all", "--profile", "real", "--record"]) == 0
    assert "one2000/fig2 is not applicable in profile real: there is no line in the real world" in capsys.readouterr().out
    kept = json.loads((copy / "notebooks/recorded/real/one2000/table1.json").read_text())
    assert kept["parameters"] == {"n": 7}
    assert kept["profile"] == "real"
    assert kept["command"] == ".venv/bin/lcacore run one2000/table1 --profile real --record"
    assert "cores" in kept["hardware"]
    assert kept["seconds"] > 0
    assert json.loads((copy / "notebooks/recorded/real/two2001/table1.json").read_text())["parameters"] == {"n": 1}
    # the book shows the recorded run beside its own: those pages have changed
    assert state_of(plan(copy, page(copy, "one2000/table1"))) == "stale"
    assert state_of(plan(copy, page(copy, "one2000/table1"), "real")) == "fresh"


def test_a_failure_names_the_notebook_shows_the_error_and_lets_the_others_finish(copy, capfd):
    edit(copy, "one2000/table1", lambda nb: nb.cells.insert(2, nbformat.v4.new_code_cell("n / 0")))
    edit(copy, "two2001/table1", lambda nb: nb.cells.append(nbformat.v4.new_code_cell("1")))
    assert main(["run", "all"]) == 1
    error = capfd.readouterr().err
    assert "notebooks/one2000/table1.ipynb failed" in error
    assert "ZeroDivisionError: division by zero" in error
    assert "1 notebook(s) failed: one2000/table1" in error
    assert state_of(plan(copy, page(copy, "one2000/table1"))) == "failed"
    assert state_of(plan(copy, page(copy, "two2001/table1"))) == "fresh"
    assert not (copy / "_build/notebooks/mini/one2000/table1.ipynb").exists()
    assert not (copy / "_build/results/mini/one2000/table1.json").exists()
    assert main(["status"]) == 0
    assert re.search(r"one2000/table1 +failed .*ZeroDivisionError", capfd.readouterr().out)
    # a failed page is run again although nothing changed
    assert main(["run", "one2000/table1"]) == 1


def test_a_kernel_that_dies_is_a_failure_like_any_other(copy, capfd):
    edit(copy, "one2000/table1", lambda nb: nb.cells.insert(2, nbformat.v4.new_code_cell("import os; os._exit(1)")))
    assert main(["run", "one2000/table1"]) == 1
    assert "DeadKernelError" in capfd.readouterr().err


def test_an_interrupted_run_leaves_no_process_behind(copy):
    import psutil

    edit(copy, "one2000/table1", lambda nb: nb.cells.insert(2, nbformat.v4.new_code_cell("import time; time.sleep(600)")))
    command = [sys.executable, "-m", "lcacore.cli", "run", "one2000/table1"]
    run = psutil.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, cwd=copy)
    started = time.monotonic()
    while not any("ipykernel" in " ".join(child.cmdline()) for child in run.children(recursive=True)):
        assert time.monotonic() < started + 120
        time.sleep(0.2)
    children = run.children(recursive=True)
    run.terminate()
    assert run.wait(60) == 130
    assert psutil.wait_procs(children, timeout=30)[1] == []
    assert b"interrupted" in run.stderr.read()


def test_status_counts_claims_and_time(ran, monkeypatch, capsys):
    monkeypatch.setenv("LCACORE_ROOT", str(ran))
    assert main(["status"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert re.fullmatch(r"page +state +seconds +hold +do not +n\.a\.", lines[0])
    assert re.match(r"one2000/table1 +fresh +\d+\.\d +1 +0 +0", lines[2])
    assert re.match(r"all +\d+\.\d +3 +0 +0", lines[-1])


# --- reference -------------------------------------------------------------------------------------

def test_a_reference_holds_the_result_and_nothing_else(copy, capsys):
    assert main(["reference"]) == 0
    text = (copy / "notebooks/one2000/fig2.ipynb").read_text()
    assert "image/png" not in text and str(copy) not in text and "papermill" not in text
    notebook = nbformat.read(copy / "notebooks/one2000/fig2.ipynb", as_version=4)
    assert [sorted(o.data) for c in notebook.cells if c.cell_type == "code" for o in c.outputs] == [[RESULT, "text/plain"]]
    assert [c.execution_count for c in notebook.cells if c.cell_type == "code"] == [1, 2, 3]
    assert state_of(plan(copy, page(copy, "one2000/fig2"))) == "fresh"
    assert main(["reference"]) == 0
    assert capsys.readouterr().out.endswith("0 reference(s) changed\n")


def nbval(root, name):
    """Run one notebook against its reference as `make test` does."""
    shutil.copy(HERE / "conftest.py", root)
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "-p", "no:xdist", "--color=no", "--rootdir", str(root), "--nbval", "--nbval-current-env"]
    return subprocess.run([*command, str(root / "notebooks" / name)], capture_output=True, text=True, cwd=root)


def test_nbval_holds_a_notebook_to_its_result_and_to_nothing_else(copy):
    assert main(["reference"]) == 0
    same = nbval(copy, "one2000/fig2.ipynb")  # its picture is not in the reference: not compared
    assert same.returncode == 0 and "3 passed" in same.stdout, same.stdout
    edit(copy, "one2000/fig2", lambda nb: nb.cells[1].update(source=PARAMETERS.replace("n = 3", "n = 1")))
    other = nbval(copy, "one2000/fig2.ipynb")
    assert other.returncode == 1
    assert "claim c: 'holds' became 'does not hold'" in other.stdout


# --- book ------------------------------------------------------------------------------------------

def test_the_book_is_built_from_the_runs_and_never_shows_a_page_that_failed(copy, capfd):
    assert main(["book"]) == 0
    out, _ = capfd.readouterr()
    assert "0 of 3 to run, nothing changed" in out and "_build/html/index.html" in out
    html = copy / "_build/html"
    assert "<b>holds</b>" in (html / "notebooks/one2000/table1.html").read_text()
    assert (html / "notebooks/one2000/table1.ipynb").exists()
    assert re.search(r"Table 1: a first table.*1.*0.*0", (html / "book/scoreboard.html").read_text(), re.S)

    # prose alone: the page changes, nothing runs
    edit(copy, "one2000/table1", lambda nb: nb.cells[0].update(source="# Reworded\n\n{cite}`dalvi2019`"))
    assert main(["book"]) == 0
    assert "nothing changed" in capfd.readouterr().out
    assert "Reworded" in (html / "notebooks/one2000/table1.html").read_text()

    # a warning of the library's names its file, and not where the project lies on this machine
    warn = "import warnings\nwarnings.warn_explicit('watch out', UserWarning, __import__('os').environ['LCACORE_ROOT'] + '/lcacore/x.py', 7)"
    edit(copy, "two2001/table1", lambda nb: nb.cells.insert(2, nbformat.v4.new_code_cell(warn)))
    assert main(["book"]) == 0
    shown = (html / "notebooks/two2001/table1.ipynb").read_text()
    assert "lcacore/x.py:7: UserWarning: watch out" in shown and str(copy) not in shown

    # a warning of Sphinx's is an error, also when asked again
    edit(copy, "two2001/table1", lambda nb: nb.cells[0].update(source="# Bad\n\n{cite}`nobody1900`"))
    for _ in range(2):
        assert main(["book"]) == 1
        assert "nobody1900" in capfd.readouterr().err
    edit(copy, "two2001/table1", lambda nb: nb.cells[0].update(source="# Good"))

    # a page that fails disappears from the book that stands
    edit(copy, "one2000/table1", lambda nb: nb.cells.append(nbformat.v4.new_code_cell("n / 0")))
    assert main(["book"]) == 1
    assert "no book was built" in capfd.readouterr().err
    assert not (html / "notebooks/one2000/table1.html").exists()


def test_the_command_starts_fast_without_the_heavy_libraries(project):
    code = "import sys; from lcacore.cli import main; main(['list']); sys.exit(bool({'torch', 'papermill', 'nbformat', 'matplotlib'} & set(sys.modules)))"
    assert subprocess.run([sys.executable, "-c", code], capture_output=True).returncode == 0


# --- zoo -------------------------------------------------------------------------------------------

def test_the_zoo_lists_and_checks_what_is_shipped(capsys):
    assert main(["zoo", "list"]) == 0
    assert re.search(r"bert-en +masked +bert +en +6 x 128 +[\d,]+ +\d\.\d +\d{4}-\d\d-\d\d", capsys.readouterr().out)
    assert main(["zoo", "check"]) == 0
    assert main(["zoo", "plan"]) == 0
    assert re.search(r"all +[\d,]+ +\d\d\.\d\d +\d+ +of at most 45 MiB", capsys.readouterr().out)


@pytest.mark.parametrize(("arguments", "said"), [(["zoo", "train"], "train which model?"), (["zoo", "train", "bert-eng"], "Did you mean bert-en or")])
def test_the_zoo_refuses_what_it_does_not_have(arguments, said, capsys):
    assert main(arguments) == 2
    assert said in capsys.readouterr().err
