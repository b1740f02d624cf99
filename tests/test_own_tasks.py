"""A page runs with a model and a task of one's own: what the paper says of its tasks is then not applicable, and nothing breaks."""

import nbformat
import papermill
import pytest
from tiny import write_world

from lcacore.pages.running import result_of


@pytest.fixture(scope="module")
def world(tmp_path_factory):
    return write_world(tmp_path_factory.mktemp("own"))


@pytest.mark.parametrize("page", ["table2", "table3", "table5", "fig6", "fig7"])
def test_a_page_with_ones_own_model_and_task(page, world, root, tmp_path, monkeypatch):
    monkeypatch.setenv("LCACORE_STORE", str(world / "store"))
    parameters = {
        "models": {"Mine": str(world / "model")},
        "tasks": {"My task": f"tsv:{world}#label"},
        "sentences": {"train": None, "dev": None, "test": None},
        "l1": 1e-3,
        "l2": 1e-2,
        "seeds": [0],
    }
    source = root / "notebooks" / "durrani2023" / f"{page}.ipynb"
    papermill.execute_notebook(source, tmp_path / "out.ipynb", parameters, kernel_name="python3", progress_bar=False, cwd=root)
    result = result_of(nbformat.read(tmp_path / "out.ipynb", 4))
    assert result["claims"]
    assert all(row["verdict"] == "not printed" for row in result["rows"])
