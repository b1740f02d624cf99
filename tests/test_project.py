"""What a repository must keep in step: environment, lock, workflows, citation, size, and no trace of a machine."""

import json
import re
import subprocess
import sys
import tomllib
from importlib import metadata
from pathlib import Path

import pytest
import yaml

from lcacore.store import project_root

ROOT = project_root()
LOCK = [line for line in (ROOT / "requirements.lock").read_text().splitlines() if line and not line.startswith("#")]


def normal(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()


def tracked(*suffixes: str) -> list[Path]:
    """The project's own files: those that git tracks, or all outside the ignored folders where there is no git."""
    listed = subprocess.run(["git", "ls-files", "-co", "--exclude-standard"], cwd=ROOT, capture_output=True, text=True)
    if listed.returncode == 0:
        files = [ROOT / line for line in listed.stdout.splitlines()]
    else:
        ignored = {line.strip("/\n") for line in (ROOT / ".gitignore").read_text().splitlines()} | {".git"}
        files = [path for path in ROOT.rglob("*") if not ignored & set(path.relative_to(ROOT).parts) and ".egg-info" not in str(path)]
    return [path for path in sorted(files) if path.is_file() and (not suffixes or path.suffix in suffixes)]


# --- environment -----------------------------------------------------------------------------------

def test_the_lock_pins_everything_once_and_torch_plainly():
    assert [line for line in LOCK if not re.fullmatch(r"[A-Za-z0-9_.-]+==[0-9][A-Za-z0-9.]*", line)] == []
    names = [normal(line.split("==")[0]) for line in LOCK]
    assert len(names) == len(set(names))
    assert "torch==2.13.0" in LOCK


def test_the_environment_is_what_the_lock_says():
    wrong = []
    for line in LOCK:
        name, version = line.split("==")
        try:
            found = metadata.version(name).split("+")[0]
        except metadata.PackageNotFoundError:
            found = "absent"
        if found != version:
            wrong.append(f"{name}: {found}, locked {version}")
    assert wrong == [], "run make venv"


def test_the_lock_satisfies_what_the_project_asks_for():
    from packaging.requirements import Requirement

    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    pins = {normal(name): version for name, version in (line.split("==") for line in LOCK)}
    asked = [*project["dependencies"], *(item for group in project["optional-dependencies"].values() for item in group)]
    for requirement in map(Requirement, asked):
        assert normal(requirement.name) in pins, f"{requirement} is not in requirements.lock"
        assert requirement.specifier.contains(pins[normal(requirement.name)], prereleases=True), f"{requirement}: the lock has {pins[normal(requirement.name)]}"


def test_conda_installs_the_same_lock():
    spec = yaml.safe_load((ROOT / "environment.yml").read_text())
    pip = [item["pip"] for item in spec["dependencies"] if isinstance(item, dict)]
    assert pip == [["-r requirements.lock"]]
    python = next(item for item in spec["dependencies"] if isinstance(item, str) and item.startswith("python="))
    lowest = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["requires-python"].removeprefix(">=")
    assert python == f"python={lowest}"


# --- repository ------------------------------------------------------------------------------------

WORKFLOWS = sorted((ROOT / ".github" / "workflows").glob("*.yml"))


def check_schema(schema: str, *files: Path):
    done = subprocess.run([sys.executable, "-m", "check_jsonschema", "--builtin-schema", schema, *map(str, files)], capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr


def test_workflows_follow_githubs_schema_and_end_in_time():
    assert {path.stem for path in WORKFLOWS} == {"pull-request", "nightly", "release"}
    check_schema("vendor.github-workflows", *WORKFLOWS)
    check_schema("custom.github-workflows-require-timeout", *WORKFLOWS)


@pytest.mark.parametrize("path", WORKFLOWS, ids=lambda path: path.stem)
def test_workflows_call_the_two_commands_and_pin_their_actions(path):
    jobs = yaml.safe_load(path.read_text())["jobs"].values()
    steps = [step for job in jobs for step in job["steps"]]
    commands = [step["run"] for step in steps if "run" in step]
    assert commands[:2] == ["make book", "make test"]
    assert [step["uses"] for step in steps if "uses" in step and not re.fullmatch(r"actions/[\w-]+@v\d+", step["uses"])] == []


def test_the_citation_follows_its_schema_and_names_this_version():
    check_schema("vendor.citation-file-format", ROOT / "CITATION.cff")
    citation = yaml.safe_load((ROOT / "CITATION.cff").read_text())
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    assert (citation["version"], citation["license"]) == (project["version"], project["license"])
    papers = (ROOT / "book" / "references.bib").read_text().partition("@software")[0]  # this book's own entry comes last
    titles = re.findall(r"^\s*title\s*=\s*\{(.*)\},$", papers, re.M)
    assert {re.sub(r"[{}]", "", title) for title in titles} == {reference["title"] for reference in citation["references"]}


def test_the_licence_is_whole():
    text = (ROOT / "LICENSE").read_text()
    assert "Apache License" in text and "Version 2.0, January 2004" in text and "END OF TERMS AND CONDITIONS" in text


def test_the_readme_begins_with_the_picture_and_the_two_commands():
    text = (ROOT / "README.md").read_text()
    head = text[:900]
    assert head.index("![") < head.index("make book") < head.index("make test")
    for target in re.findall(r"\]\(([^)#]+)\)", text):
        assert re.match(r"https?://", target) or (ROOT / target).exists(), f"README links to {target}, which is not there"


@pytest.mark.parametrize("path", [path for path in tracked(".py") if path.relative_to(ROOT).parts[0] == "lcacore"], ids=lambda path: path.relative_to(ROOT).as_posix())
def test_a_module_is_at_most_400_lines(path):
    assert len(path.read_text(encoding="utf-8").splitlines()) <= 400


def test_no_file_names_a_folder_of_somebodys_machine():
    found = []
    for path in tracked(".py", ".md", ".yml", ".yaml", ".toml", ".lock", ".txt", ".cff", ".css", ".ipynb", ".json", ".bib", ".svg", ""):
        for number, line in enumerate(path.read_text(encoding="utf-8", errors="replace").splitlines(), 1):
            if re.search(r"(?<![\w.:/])/(home|Users|root|work|mnt|opt)/\w|[A-Z]:\\\\Users", line):
                found.append(f"{path.relative_to(ROOT)}:{number}: {line.strip()[:100]}")
    assert found == []


def test_recorded_results_follow_their_schema():
    folder = ROOT / "notebooks" / "recorded"
    schema = folder / "schema.json"
    if not schema.exists():
        pytest.skip("no recorded result yet")
    import jsonschema

    for path in sorted(folder.glob("*/*/*.json")):
        jsonschema.validate(json.loads(path.read_text(encoding="utf-8")), json.loads(schema.read_text(encoding="utf-8")))
