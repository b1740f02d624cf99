"""What a built book must not have: links that lead nowhere, and anything that a page loads from the network."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import unquote, urlsplit

__all__ = ["broken_links", "network_loads"]

# attribute → elements on which a browser fetches it while it opens the page
_LOADS = {
    "src": {"script", "img", "iframe", "audio", "video", "source", "embed", "track", "input"},
    "srcset": {"img", "source"},
    "data": {"object"},
    "poster": {"video"},
}
_LOADING_RELATIONS = {"stylesheet", "icon", "preload", "prefetch", "modulepreload", "preconnect", "dns-prefetch", "manifest", "shortcut", "apple-touch-icon"}


@dataclass
class _Document:
    anchors: set[str] = field(default_factory=set)
    links: list[str] = field(default_factory=list)  # all href and src
    loads: list[str] = field(default_factory=list)  # fetched on opening
    styles: list[str] = field(default_factory=list)


class _Reader(HTMLParser):
    def __init__(self):
        super().__init__()
        self.document, self._in_style = _Document(), False

    def handle_starttag(self, tag, attrs):
        values = {name: value or "" for name, value in attrs}
        doc = self.document
        doc.anchors.update(values[name] for name in ("id", "name") if values.get(name))
        for name in ("href", "src"):
            if values.get(name):
                doc.links.append(values[name])
        for name, tags in _LOADS.items():
            if tag in tags and values.get(name):
                doc.loads.append(values[name])
        if tag == "link" and _LOADING_RELATIONS & set(values.get("rel", "").lower().split()):
            doc.loads.append(values.get("href", ""))
        if values.get("style"):
            doc.styles.append(values["style"])
        self._in_style = tag == "style"

    def handle_endtag(self, tag):
        self._in_style = False

    def handle_data(self, data):
        if self._in_style:
            self.document.styles.append(data)


def _read(path: Path) -> _Document:
    reader = _Reader()
    reader.feed(path.read_text(encoding="utf-8", errors="replace"))
    return reader.document


def _pages(html: Path) -> list[Path]:
    """The book's pages, without the templates that the theme leaves in _static."""
    return [page for page in sorted(html.rglob("*.html")) if page.relative_to(html).parts[0] != "_static"]


def _remote(url: str) -> bool:
    return bool(re.match(r"\s*(https?:)?//", url, re.I))


def broken_links(html: Path) -> Iterator[str]:
    """"page: link" for each internal href or src of a book whose file or anchor is not there."""
    html = html.resolve()
    read: dict[Path, _Document] = {}

    def document(path):
        if path not in read:
            read[path] = _read(path)
        return read[path]

    for page in _pages(html):
        for link in dict.fromkeys(document(page).links):
            parts = urlsplit(link)
            if parts.scheme or link.startswith("//"):
                continue
            target = (page.parent / unquote(parts.path)).resolve() if parts.path else page
            if parts.path.startswith("/"):
                yield f"{page.relative_to(html)}: {link} (from the root of the site: breaks under a sub-folder)"
                continue
            if target.is_dir():
                target = target / "index.html"
            if not target.is_relative_to(html) or not target.exists():
                yield f"{page.relative_to(html)}: {link} (no such file)"
            elif parts.fragment and target.suffix == ".html" and unquote(parts.fragment) not in document(target).anchors | {"", "top"}:
                yield f"{page.relative_to(html)}: {link} (no such anchor)"


def network_loads(html: Path) -> Iterator[str]:
    """"file: address" for each thing that a browser fetches from another host when it opens a page."""
    for page in _pages(html):
        found = _read(page)
        remote = [url for url in found.loads for url in re.split(r"\s*,\s+", url) if _remote(url)]
        remote += [url for style in found.styles for url in _style_loads(style)]
        yield from (f"{page.relative_to(html)}: {url}" for url in dict.fromkeys(remote))
    for sheet in sorted(html.rglob("*.css")):
        text = sheet.read_text(encoding="utf-8", errors="replace")
        yield from (f"{sheet.relative_to(html)}: {url}" for url in dict.fromkeys(_style_loads(text)))


def _style_loads(text: str) -> list[str]:
    found = re.findall(r"url\(\s*['\"]?([^'\")\s]+)", text) + re.findall(r"@import\s+['\"]([^'\"]+)", text)
    return [url for url in found if _remote(url)]
