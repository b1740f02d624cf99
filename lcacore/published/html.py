"""A result as an accessible HTML table and as plain text. Colours come from the theme (book/_static/lcacore.css)."""

from __future__ import annotations

import math
from collections.abc import Mapping
from html import escape

__all__ = ["as_html", "as_text", "format_value"]

_MARK = {
    "agrees": ("✓", "good"),
    "differs": ("≠", "bad"),
    "holds": ("✓", "good"),
    "does not hold": ("✗", "bad"),
    "not applicable": ("○", "none"),
    "not printed": ("–", "none"),
    "not measured": ("○", "none"),
    "supports": ("✓", "good"),
    "partly": ("◐", "part"),
    "contradicts": ("✗", "bad"),
}
_SAYS = {"supports": "supports it", "partly": "partly", "contradicts": "contradicts it", "not printed": "not printed"}


def format_value(value, low=None, high=None, unit: str = "", signed: bool = False) -> str:
    """A value as people write it: 90.16 (89.80 to 90.41), 9,984, 0.00001 as 1e-5; lists joined by commas; — where there is none."""
    if value is None:
        return "—"
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, (list, tuple)):
        return ", ".join(format_value(v) for v in value)
    if isinstance(value, Mapping):
        return ", ".join(f"{k}: {format_value(v)}" for k, v in value.items())
    if not isinstance(value, (int, float)):
        return str(value)
    text = _number(value, unit, signed)
    spread = _spread(value, low, high, unit)
    return f"{text} ({spread})" if spread else text


def _text(text) -> str:
    """Escaped, with no line break before a per cent sign."""
    return escape(str(text)).replace(" %", "\u00a0%")


def _spread(value, low, high, unit="") -> str:
    if low is None or high is None or (low, high) == (value, value):
        return ""
    return f"{_number(low, unit)} to {_number(high, unit)}"


def _number(x, unit="", signed=False) -> str:
    sign = "+" if signed else ""
    if isinstance(x, int):
        text = f"{x:{sign},}"
    elif unit in ("%", "points") or 10 <= abs(x) < 1e4:
        text = f"{x:{sign},.2f}"
    elif abs(x) >= 1e4:
        text = f"{x:{sign},.0f}"
    elif x and abs(x) < 1e-3:
        power = math.floor(math.log10(abs(x)))
        text = f"{x / 10.0**power:{sign}.3g}e{power}"
    else:
        text = f"{x:{sign}.3f}"
    return text.replace("-", "−") if not (x and isinstance(x, float) and abs(x) < 1e-3) else text


def as_html(published, result: Mapping, runs: Mapping[str, Mapping]) -> str:
    """The page's last cell: the rows, the claims, what made them, and where the paper does not fit itself."""
    parts = []
    if result["rows"] or any(run["rows"] for run in runs.values()):
        parts.append(_scroll(_rows(published, result, runs), f"Values of {published.id}"))
    if result["claims"]:
        parts.append(_scroll(_claims(published, result, runs), f"Claims of {published.id}"))
    parts.append(_origin(result))
    parts += [_recorded_origin(profile, run) for profile, run in runs.items()]
    if published.contradictions:
        items = "".join(f"<li>{_text(c)}</li>" for c in published.contradictions)
        parts.append(f'<div class="lca-note"><strong>Where the paper does not fit itself</strong><ul>{items}</ul></div>')
    return f'<div class="lca-report">{"".join(parts)}</div>'


def _scroll(table: str, name: str) -> str:
    return f'<div class="lca-scroll" role="region" tabindex="0" aria-label="{escape(name, quote=True)}">{table}</div>'


def _rows(published, result, runs) -> str:
    heads = ["", "Published", "Reproduced", *(f"Recorded ({p})" for p in runs), "Difference", "Tolerance", "Verdict"]
    recorded = {p: {r["id"]: r for r in run["rows"]} for p, run in runs.items()}
    units = {r["unit"] for x in (result, *runs.values()) for r in x["rows"]}
    shared = units.pop() if len(units) == 1 else None
    body = [_row(row, [recorded[p].get(row["id"]) for p in runs], shared) for row in result["rows"]]
    seen = {r["id"] for r in result["rows"]}
    extra = {r["id"]: r for p in runs for r in runs[p]["rows"] if r["id"] not in seen}
    for id, row in extra.items():  # measured in a recorded run alone: another task or model
        blank = {**row, "value": None, "low": None, "high": None, "difference": None, "verdict": "not measured"}
        body.append(_row(blank, [recorded[p].get(id) for p in runs], shared))
    caption = f"{_text(published.title)}: published and reproduced" + (f", in {_text(shared)}" if shared else "")
    caption += f'<span class="lca-why">{_text(published.citation)}</span>'
    return _table(caption, heads, body)




def _row(row, recorded, shared_unit) -> str:
    unit = row["unit"]
    suffix = f' <span class="lca-unit">({_text(unit)})</span>' if unit and unit != shared_unit else ""
    cells = [_text(format_value(row["published"], unit=unit)), _measured(row, unit), *(_measured(r, unit) for r in recorded)]
    difference = row["difference"]
    cells.append(_text(difference if isinstance(difference, str) else format_value(difference, unit=unit, signed=True)))
    cells.append("—" if row["published"] is None else _tolerance(row))
    kind = "lca-words" if isinstance(row["value"], (list, str)) or isinstance(row["published"], (list, str)) else "lca-number"
    numbers = "".join(f'<td class="{kind}">{c}</td>' for c in cells)
    return f'<tr><th scope="row">{_text(row["label"])}{suffix}</th>{numbers}{_verdict(row["verdict"])}</tr>'


def _measured(row, unit) -> str:
    if row is None:
        return "—"
    spread = _spread(row["value"], row["low"], row["high"], unit)
    return _text(format_value(row["value"], unit=unit)) + (f'<span class="lca-why">{_text(spread)}</span>' if spread else "")


def _tolerance(row) -> str:
    if row["compare"] == "overlap":
        return f"{row['tolerance']:.0%} in common"
    return "exact" if not row["tolerance"] else f"±{row['tolerance']:g}"


def _claims(published, result, runs) -> str:
    heads = ["Finding", "Here", *(f"Recorded ({p})" for p in runs), "The paper's own table"]
    recorded = {p: {c["id"]: c for c in run["claims"]} for p, run in runs.items()}
    body = []
    for claim in result["claims"]:
        cells = [_verdict(claim["verdict"], claim["evidence"])]
        for p in runs:
            run = recorded[p].get(claim["id"])
            cells.append("<td>—</td>" if run is None else _verdict(run["verdict"], run["evidence"]))
        declared = published.claims[claim["id"]]
        cells.append(_verdict(claim["paper_table"], declared.get("note", ""), _SAYS[claim["paper_table"]]))
        criterion = f'<span class="lca-why">Criterion: {_text(declared["criterion"])}</span>' if declared.get("criterion") else ""
        body.append(f'<tr><th scope="row">{_text(claim["says"])}{criterion}</th>{"".join(cells)}</tr>')
    return _table("The paper's findings, checked", heads, body, "lca-claims")


def _verdict(verdict: str, note: str = "", text: str | None = None) -> str:
    mark, kind = _MARK[verdict]
    more = f'<span class="lca-why">{_text(note)}</span>' if note else ""
    return f'<td><span class="lca-verdict lca-{kind}"><span aria-hidden="true">{mark}</span> {_text(text or verdict)}</span>{more}</td>'


def _table(caption: str, heads, body, kind: str = "lca-rows") -> str:
    head = "".join(f'<th scope="col">{_text(h)}</th>' if h else "<td></td>" for h in heads)
    return f'<table class="lca-table {kind}"><caption>{caption}</caption><thead><tr>{head}</tr></thead><tbody>{"".join(body)}</tbody></table>'


def _origin(result) -> str:
    facts = [f"profile {result['profile']}"]
    facts += [f"{k} {format_value(v)}" for k in ("model", "corpora", "seeds") if (v := result[k]) not in ("", [], None)]
    facts += [f"{k} {format_value(v)}" for k, v in result["provenance"].items()]
    facts.append(f"source {result['source']}")
    return f'<p class="lca-origin">Reproduced: {_text("; ".join(facts))}.</p>'


def _recorded_origin(profile: str, run: Mapping) -> str:
    facts = [f"model {format_value(run['model'])}", f"corpora {format_value(run['corpora'])}", f"took {_duration(run['seconds'])}", run["hardware"]]
    versions = ", ".join(f"{k} {v}" for k, v in run["versions"].items())
    return (
        f'<p class="lca-origin">Recorded ({_text(profile)}), not run for this page: {_text(run["date"])}; {_text("; ".join(facts))}; '
        f'{_text(versions)}. Renew with <code>{_text(run["command"])}</code>.</p>'
    )


def _duration(seconds: float) -> str:
    return f"{seconds:.0f} s" if seconds < 120 else f"{seconds / 60:.0f} min"


def as_text(published, result: Mapping) -> str:
    """The same without markup, for a terminal."""
    lines = [f"{published.title} ({published.citation}), profile {result['profile']}"]
    for row in result["rows"]:
        shown = format_value(row["value"], row["low"], row["high"], row["unit"])
        lines.append(f"  {row['label']}: {shown} {row['unit']} | published {format_value(row['published'], unit=row['unit'])} | {row['verdict']}")
    lines += [f"  [{c['verdict']}] {c['says']} {c['evidence']}" for c in result["claims"]]
    return "\n".join(lines)
