"""All claims of a paper in one table, for the page that sums it up: which hold here, which do not, which cannot be tested."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping

from .running import Job, read_result

__all__ = ["claims_of", "with_claims"]

# In a page's prose: <!-- claims: durrani2020 --> is replaced by the table.
_PLACE = re.compile(r"<!-- claims: (\w+) -->")
_ORDER = ("holds", "does not hold", "not applicable")


def with_claims(text: str, jobs: Iterable[Job]) -> str:
    """A page's prose with its tables of claims filled in from the results of the pages that ran."""
    jobs = list(jobs)
    return _PLACE.sub(lambda match: claims_of([(job.page.id, job.page.title, read_result(job)) for job in jobs if job.page.paper == match[1]]), text)


def claims_of(pages: Iterable[tuple[str, str, Mapping | None]]) -> str:
    """Markdown: how many claims hold, do not hold or cannot be tested, and a row per claim. `pages` are (id, title, result)."""
    rows, count, profiles = [], dict.fromkeys(_ORDER, 0), []
    for id, title, result in pages:
        profiles += [result["profile"]] if result else []
        for claim in (result or {}).get("claims", ()):
            count[claim["verdict"]] += 1
            short = title.split(":")[0]
            cells = (f"[{short}](../notebooks/{id}.ipynb)", f"`{claim['id']}` {claim['says']}", claim["verdict"], claim["paper_table"], claim["evidence"])
            rows.append((_ORDER.index(claim["verdict"]), "| " + " | ".join(_cell(c) for c in cells) + " |"))
    if not rows:
        return "No page of this paper has run yet."
    profile = " and ".join(f"`{p}`" for p in dict.fromkeys(profiles))
    head = (
        f"Of {len(rows)} claims, in profile {profile}, **{count['holds']} hold**, **{count['does not hold']} do not hold**, and "
        f"{count['not applicable']} cannot be tested with the models and corpora that are there.\n\n"
        "| page | claim | verdict | the paper's own table | numbers |\n|:--|:--|:--|:--|:--|\n"
    )
    return head + "\n".join(row for _, row in sorted(rows, key=lambda r: r[0]))


def _cell(text: str) -> str:
    """Text in a Markdown table: one line, no bar, no markup by accident."""
    return re.sub(r"([|*_<$])", r"\\\1", " ".join(str(text).split())) if "`" not in text and "](" not in text else " ".join(text.split()).replace("|", "\\|")
