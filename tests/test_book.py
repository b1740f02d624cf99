"""The built book: its links lead somewhere, it loads nothing from the network, and it holds each page's fresh run."""

import importlib
import json
import re

import pytest

from lcacore.pages import all_pages, plan
from lcacore.pages.book import pruned_toc, verdicts
from lcacore.pages.links import broken_links, network_loads
from lcacore.pages.notebooks import load_toc, toc_files
from lcacore.pages.running import RESULT, result_of
from lcacore.store import project_root

ROOT = project_root()
HTML = ROOT / "_build" / "html"
built = pytest.mark.skipif(not (HTML / "index.html").exists(), reason="the book is not built; run make book")


@built
def test_no_link_is_broken():
    assert list(broken_links(HTML)) == []


@built
def test_opening_a_page_loads_nothing_from_the_network():
    assert list(network_loads(HTML)) == []


@built
def test_every_document_of_the_contents_is_a_page_and_no_other_is():
    documents = toc_files(load_toc(ROOT / "_build" / "src"))
    pages = {path.relative_to(HTML).with_suffix("").as_posix() for folder in ("book", "notebooks") for path in (HTML / folder).rglob("*.html")}
    assert pages == set(documents)


@built
@pytest.mark.parametrize("page", all_pages(ROOT), ids=lambda page: page.id)
def test_each_page_shows_its_last_run_and_offers_the_executed_notebook(page):
    job = plan(ROOT, page)
    executed = json.loads((HTML / "notebooks" / f"{page.id}.ipynb").read_text(encoding="utf-8"))
    result = result_of(executed)
    assert result == json.loads(job.result.read_text(encoding="utf-8"))
    html = (HTML / "notebooks" / f"{page.id}.html").read_text(encoding="utf-8")
    for claim in result["claims"]:
        assert claim["verdict"] in html
    assert str(ROOT) not in json.dumps(executed), "a path of the machine that built it"


@built
def test_formulas_are_drawn_by_the_books_own_mathjax():
    assert (HTML / "mathjax" / "tex-svg-full.js").stat().st_size > 1_000_000
    assert "mathjax/tex-svg-full.js" in (HTML / "book" / "methods.html").read_text(encoding="utf-8")


def test_each_function_that_the_methods_page_names_exists():
    text = (ROOT / "book" / "methods.md").read_text(encoding="utf-8")
    named = re.findall(r"`([a-z]\w*)\.(\w+)(?:\([^`]*\))?`", text)
    assert len(named) > 10
    missing = [f"{module}.{name}" for module, name in named if not hasattr(importlib.import_module(f"lcacore.{module}"), name)]
    assert missing == []


# --- the checks themselves -------------------------------------------------------------------------

def test_broken_links_are_seen(tmp_path):
    (tmp_path / "a.html").write_text('<h1 id="here">A</h1><a href="b.html#there">x</a><a href="#here">x</a><a href="https://example.org/x">x</a>')
    (tmp_path / "b.html").write_text('<p id="other">B</p><a href="a.html#here">x</a><img src="missing.png"><a href="/root.html">x</a>')
    assert [text.rsplit(" (", 1)[0] for text in broken_links(tmp_path)] == ["a.html: b.html#there", "b.html: missing.png", "b.html: /root.html"]


def test_network_loads_are_seen(tmp_path):
    (tmp_path / "a.html").write_text(
        '<script src="https://cdn.example/x.js"></script><link rel="stylesheet" href="//cdn.example/x.css"><a href="https://fine.example">x</a>'
        '<style>@import "https://fonts.example/f.css"; b { background: url(data:image/png;base64,AA) }</style><img src="own.png">'
    )
    (tmp_path / "s.css").write_text("@font-face { src: url('https://fonts.example/f.woff2') } i { background: url(own.png) }")
    assert list(network_loads(tmp_path)) == [
        "a.html: https://cdn.example/x.js", "a.html: //cdn.example/x.css", "a.html: https://fonts.example/f.css", "s.css: https://fonts.example/f.woff2",
    ]


def test_a_table_of_contents_loses_what_is_not_there():
    toc = {"format": "jb-book", "root": "intro", "parts": [
        {"caption": "one", "chapters": [{"file": "a"}, {"file": "b", "sections": [{"file": "c"}]}]},
        {"caption": "two", "chapters": [{"file": "gone"}]},
    ]}
    kept = pruned_toc(toc, ["intro", "a", "b"])
    assert toc_files(kept) == ["intro", "a", "b"]
    assert [part["caption"] for part in kept["parts"]] == ["one"]
    assert toc_files(toc) == ["intro", "a", "b", "c", "gone"]


def test_verdicts_are_counted():
    result = {"claims": [{"verdict": "holds"}, {"verdict": "holds"}, {"verdict": "does not hold"}, {"verdict": "not applicable"}]}
    assert verdicts(result) == {"holds": 2, "does not hold": 1, "not applicable": 1}
    assert sum(verdicts(None).values()) == 0


def test_the_result_type_is_the_one_that_reports_display():
    from lcacore.published import MIME

    assert MIME == RESULT
