"""The pages that sum a paper up: every claim once, and a word on each that does not hold."""

import re

import pytest

from lcacore.pages import all_pages
from lcacore.pages.running import result_of
from lcacore.pages.summary import claims_of
from lcacore.store import project_root

ROOT = project_root()
SUMMARIES = {path.stem: path.read_text(encoding="utf-8") for path in sorted((ROOT / "book").glob("*.md")) if "<!-- claims: " in path.read_text(encoding="utf-8")}


def failing(paper: str) -> set[str]:
    """Claims that do not hold in the committed results of a paper's pages."""
    results = [result_of({"cells": page.cells}) for page in all_pages(ROOT) if page.paper == paper]
    return {claim["id"] for result in results if result for claim in result["claims"] if claim["verdict"] == "does not hold"}


@pytest.mark.parametrize("paper", SUMMARIES)
def test_every_claim_that_does_not_hold_is_discussed_and_no_other(paper):
    text = SUMMARIES[paper]
    assert re.findall(r"<!-- claims: (\w+) -->", text) == [paper]
    discussion = text.split("## What does not hold")[1].split("\n## ")[0]
    assert set(re.findall(r"`(\w+)`", discussion)) == failing(paper)


def test_claims_are_counted_and_listed_once():
    claims = [
        {"id": "a", "says": "First | second.", "verdict": "does not hold", "paper_table": "supports", "evidence": "1 of 2"},
        {"id": "b", "says": "Third.", "verdict": "holds", "paper_table": "partly", "evidence": "A_t < 3"},
    ]
    text = claims_of([("p/x", "Table 1: a | b", {"profile": "mini", "claims": claims}), ("p/y", "Table 2", None)])
    assert "Of 2 claims, in profile `mini`, **1 hold**, **1 do not hold**, and 0 cannot be tested" in text
    rows = text.splitlines()[4:]
    assert [len(re.findall(r"(?<!\\)\|", row)) for row in rows] == [6, 6]
    assert "`b`" in rows[0] and "`a`" in rows[1], "those that hold come first"
    assert r"A\_t \< 3" in rows[0]


def test_a_paper_without_results_says_so():
    assert claims_of([("p/y", "Table 2", None)]) == "No page of this paper has run yet."
