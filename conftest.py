"""Under nbval a notebook must give its committed result again: each row as exactly as the row itself says.

nbval on its own knows no tolerance and compares pictures, HTML and streams. Here only the result bundle counts.
"""

from __future__ import annotations

import types

import pytest

# nbval waits this long (seconds) for a cell's outputs once the cell is done; its own 5 are too few on a busy machine
_OUTPUT_TIMEOUT = 120


def pytest_configure(config):
    from lcacore.pages.running import kernel_environment

    environment = kernel_environment()  # notebooks run with what `lcacore run` gives them
    environment.__enter__()
    config.add_cleanup(lambda: environment.__exit__(None, None, None))


def pytest_collection_modifyitems(items):
    for item in items:
        if type(item).__name__ == "IPyNbCell":
            item.output_timeout = _OUTPUT_TIMEOUT
            item.compare_outputs = types.MethodType(_compare_results, item)


def _compare_results(cell, new, reference, skip_compare=None) -> bool:
    """nbval's hook: True when they match; else what differs, in words, in `comparison_traceback`."""
    from lcacore.published import MIME, compare_results

    old, new = ([output["data"][MIME] for output in outputs if MIME in output.get("data", {})] for outputs in (reference, new))
    cell.comparison_traceback = []
    if len(old) != len(new):
        cell.comparison_traceback = [f"{len(new)} results displayed, {len(old)} in the reference; refresh it with: lcacore reference"]
    for before, after in zip(old, new, strict=False):
        cell.comparison_traceback += compare_results(before, after)
    return not cell.comparison_traceback


@pytest.fixture(scope="session")
def root(pytestconfig):
    """The project's folder."""
    return pytestconfig.rootpath
