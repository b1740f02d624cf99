"""Imports go one way: a module may import only modules that stand above it in this list."""

import ast
import subprocess
import sys
from pathlib import Path

import pytest

import lcacore

ORDER = """
    types store weights grammar corpora describe recurrent models alignment extract pairs
    statistics concepts correlation crossmodel racing gaussian interventions ablation attribution redundancy planted
    exact training mdl prefixes probes rankings evaluation search study quick stability supplements localisation layerwise comparisons pitfalls patterns readings summaries qualitative steering
    zoo importance published verdicts verdicts_2023 benchmarked figures panels explorer report pages cli
""".split()

PACKAGE = Path(lcacore.__file__).parent


def modules() -> dict[str, list[Path]]:
    """Name of each module or sub-package of lcacore → its source files."""
    found = {path.stem: [path] for path in sorted(PACKAGE.glob("*.py")) if path.stem not in ("__init__", "__main__")}
    found |= {path.parent.name: sorted(path.parent.rglob("*.py")) for path in sorted(PACKAGE.glob("*/__init__.py"))}
    return found


def imported(path: Path) -> set[str]:
    """Modules of lcacore that a file imports, at its top or inside a function."""
    depth = len(path.relative_to(PACKAGE).parts)  # dots that reach the package itself
    names = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            names |= {alias.name.split(".")[1] for alias in node.names if alias.name.startswith("lcacore.")}
        elif isinstance(node, ast.ImportFrom):
            module = (node.module or "").split(".")
            if node.level == 0 and module[0] == "lcacore":
                names |= {module[1]} if len(module) > 1 else {alias.name for alias in node.names}
            elif node.level == depth:
                names |= {module[0]} if node.module else {alias.name for alias in node.names}
    return names


def test_the_list_names_each_module_once():
    assert len(ORDER) == len(set(ORDER))
    unlisted = sorted(set(modules()) - set(ORDER))
    assert not unlisted, f"give {', '.join(unlisted)} a place in ORDER, below all that they import"


@pytest.mark.parametrize("name", [name for name in ORDER if name in modules()])
def test_imports_only_what_stands_above(name):
    above = set(ORDER[: ORDER.index(name)]) | {name}
    for path in modules()[name]:
        wrong = sorted(imported(path) & set(ORDER) - above)
        assert not wrong, f"{path.relative_to(PACKAGE)} imports {', '.join(wrong)}, which stand below {name}"


def test_importing_the_library_imports_neither_torch_nor_transformers():
    names = [f"lcacore.{name}" for name in ORDER if name in modules()]
    code = f"""
import importlib, sys
for name in {names!r}:
    importlib.import_module(name)
    heavy = {{"torch", "transformers"}} & set(sys.modules)
    if heavy:
        sys.exit(f"importing {{name}} imports {{', '.join(sorted(heavy))}}; import them inside the functions that use them")
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr


def test_the_reader_of_imports_sees_each_kind(tmp_path, monkeypatch):
    monkeypatch.setattr(sys.modules[__name__], "PACKAGE", tmp_path)
    (tmp_path / "sub").mkdir()
    top, inner = tmp_path / "a.py", tmp_path / "sub" / "b.py"
    top.write_text("import lcacore.store\nfrom .types import Corpus\nfrom . import zoo\ndef f():\n    from lcacore.cli import main\n")
    inner.write_text("from ..types import Corpus\nfrom .types import own\nfrom .. import study\nfrom lcacore import search\n")
    assert imported(top) == {"store", "types", "zoo", "cli"}
    assert imported(inner) == {"types", "study", "search"}
