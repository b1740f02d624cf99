"""What the papers printed, what this book got, and the verdict: the last cell of every page.

    published   one YAML file per artefact under notebooks/published: printed values, findings as claims
    report      the notebook fills it row by row and claim by claim, then displays it
    recorded    the same result from a run that the book does not repeat (profile real), kept as JSON
    compare     two results of one artefact: what a re-run must give again, and how exactly
"""

from __future__ import annotations

import datetime
import json
import math
import os
import platform
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from importlib import metadata
from pathlib import Path
from types import MappingProxyType

import numpy as np

from ..store import code_key, project_root

__all__ = ["MIME", "Published", "Report", "artefacts", "as_recorded", "compare_results", "load", "recorded", "recorded_path", "report"]

SCHEMA = 1
MIME = "application/vnd.lcacore.result+json"
AUTO = "auto"
COMPARE = ("number", "range", "count", "overlap", "exact")
PAPER_TABLE = ("supports", "partly", "contradicts", "not printed")
RECORDED_PROFILES = ("real", "paper")
_RECORDED_KEYS = ("schema", "artefact", "profile", "command", "date", "seconds", "hardware", "versions", "model", "corpora", "rows", "claims")


# --- the papers ------------------------------------------------------------------------------------

@dataclass(frozen=True)
class Published:
    """One table or figure as the paper prints it.

    values          key → number; table cells are keyed "row/task/model", single numbers by their name
    lists           key → printed words or labels
    claims          id → {"says", "criterion", "paper_table", "note"}: the finding, how it is checked where the paper gives
                    no measure, and whether the paper's own table supports it
    contradictions  where the paper does not fit itself; the page mentions each
    """

    id: str
    title: str
    reference: Mapping
    about: str
    unit: str
    tolerance: float
    values: Mapping[str, float]
    lists: Mapping[str, list]
    claims: Mapping[str, Mapping]
    contradictions: tuple[str, ...]
    tables: Mapping[str, Mapping]

    @property
    def citation(self) -> str:
        """"Durrani, Dalvi and Sajjad 2023, Table 2, section 4.1"."""
        return f"{self.reference['authors']} {self.reference['year']}, {self.reference['place']}"

    def value(self, *key: str) -> float:
        """A printed number: `value("Top", "POS", "BERT")` or `value("Top/POS/BERT")`. Raises ValueError for a key not printed."""
        name = "/".join(key)
        if name not in self.values:
            near = [k for k in self.values if k.split("/")[0] == name.split("/")[0]] or list(self.values)
            raise ValueError(f"{self.id} prints no {name!r}; it has {', '.join(near[:12]) or 'no numbers'}")
        return self.values[name]

    def row(self, name: str) -> dict[str, float]:
        """One printed row: column → value."""
        cells = {k.removeprefix(name + "/"): v for k, v in self.values.items() if k.startswith(name + "/")}
        if not cells:
            raise ValueError(f"{self.id} prints no row {name!r}; it has {', '.join(dict.fromkeys(k.split('/')[0] for k in self.values))}")
        return cells


def artefacts() -> list[str]:
    """Ids of all artefacts with a data file, sorted."""
    base = _folder("published")
    return sorted(p.relative_to(base).with_suffix("").as_posix() for p in base.glob("*/*.yaml"))


def load(artefact_id: str) -> Published:
    """What the paper prints for `artefact_id` ("durrani2023/table2").

    Raises ValueError for an id without a data file, or a data file that lacks what every page shows.
    """
    import yaml

    path = _folder("published") / f"{artefact_id}.yaml"
    if not path.is_file():
        raise ValueError(f"no published data for {artefact_id!r}; there is {', '.join(artefacts()) or 'none'}")
    data = yaml.safe_load(path.read_text(encoding="utf-8"))
    if missing := [k for k in ("id", "title", "reference", "about", "claims") if k not in data]:
        raise ValueError(f"{path.name} of {artefact_id!r} lacks {', '.join(missing)}; every published data file states them")
    values = {}
    for name, table in (data.get("tables") or {}).items():
        for row, cells in table["rows"].items():
            if len(cells) != len(table["columns"]):
                raise ValueError(f"{artefact_id}, table {name!r}, row {row!r}: {len(cells)} values for {len(table['columns'])} columns")
            values.update({f"{row}/{column}": cell for column, cell in zip(table["columns"], cells, strict=True)})
    values.update({k: v["value"] for k, v in (data.get("numbers") or {}).items()})
    for claim, body in data["claims"].items():
        if body.get("paper_table") not in PAPER_TABLE:
            raise ValueError(f"{artefact_id}, claim {claim!r}: paper_table is {body.get('paper_table')!r}; give one of {', '.join(PAPER_TABLE)}")
    return Published(
        id=data["id"],
        title=data["title"],
        reference=MappingProxyType(data["reference"]),
        about=data["about"],
        unit=data.get("unit", ""),
        tolerance=float(data.get("tolerance", 1.0)),
        values=MappingProxyType(values),
        lists=MappingProxyType(data.get("lists") or {}),
        claims=MappingProxyType(data["claims"]),
        contradictions=tuple(data.get("contradictions") or ()),
        tables=MappingProxyType(data.get("tables") or {}),
    )


def _folder(name: str) -> Path:
    return project_root() / "notebooks" / name


# --- a page's result -------------------------------------------------------------------------------

class Report:
    """The result of one notebook: rows beside the printed values, and a verdict on every claim.

    Displayed, it is an HTML table and, for machines, the whole result as JSON under `MIME`.
    """

    def __init__(self, published: Published, *, profile: str, model="", corpora=(), seeds=(), parameters=None, provenance=None):
        self.published = published
        self._rows: dict[str, dict] = {}
        self._claims: dict[str, dict] = {}
        self._head = {
            "schema": SCHEMA,
            "artefact": published.id,
            "title": published.title,
            "profile": profile,
            "model": _plain(model),
            "corpora": [corpora] if isinstance(corpora, str) else _plain(list(corpora)),
            "seeds": _plain(list(seeds)) if isinstance(seeds, (Sequence, np.ndarray, range)) else [_plain(seeds)],
            "parameters": _plain(dict(parameters or {})),
            "provenance": _plain(dict(provenance or {})),
        }

    def row(self, id: str, label: str, value, low=None, high=None, *, published=AUTO, unit=None, tolerance=None, compare="number") -> None:
        """One measured quantity.

        id         its name in every profile ("Top/POS"); a recorded run is shown beside the row of the same id
        value      a number, a list (compare="overlap"), anything plain (compare="exact"), or None where not measured
        low, high  the seeds' spread or a bootstrap interval
        published  AUTO: the printed value whose key is `id`; a key ("Top/POS/BERT"); a number or list; None: not printed
        tolerance  largest difference that still agrees; default that of the data file. compare="overlap": smallest
                   share of items in common (0.5). compare="count" and "exact" allow none (0)
        compare    how a re-run is held to this row: "number" within the tolerance, "range" (a discrete pick: low to
                   high widened by the tolerance), "count" and "exact" exactly, "overlap" by the share in common

        Raises ValueError for a row given twice, an unknown key or compare, or a value that is NaN or infinite.
        """
        if id in self._rows:
            raise ValueError(f"{self.published.id}: row {id!r} is given twice; give each row its own id")
        if compare not in COMPARE:
            raise ValueError(f"row {id!r}: compare={compare!r}; give one of {', '.join(COMPARE)}")
        if tolerance is None:
            tolerance = {"overlap": 0.5, "count": 0, "exact": 0}.get(compare, self.published.tolerance)
        row = {
            "id": id,
            "label": label,
            "value": _plain(value),
            "low": _plain(low),
            "high": _plain(high),
            "published": self._printed(id, published),
            "unit": self.published.unit if unit is None else unit,
            "tolerance": _plain(tolerance),
            "compare": compare,
        }
        for name in ("value", "low", "high"):
            if isinstance(row[name], float) and not math.isfinite(row[name]):
                raise ValueError(f"row {id!r}: {name} is {row[name]}; give a finite number, or None where nothing was measured")
        if compare == "overlap" and not isinstance(row["value"], (list, type(None))):
            raise ValueError(f"row {id!r}: compare='overlap' wants a list, not {row['value']!r}")
        row["difference"], row["verdict"] = _judge(row)
        self._rows[id] = row

    def measure(self, id: str, label: str, values, **more) -> None:
        """A row measured once per seed: its mean, from the lowest to the highest; `more` as in `row`."""
        values = np.asarray(values, dtype=float)
        self.row(id, label, values.mean(), low=values.min(), high=values.max(), **more)

    def measure_tables(self, tables: Mapping, *, stands_for: Mapping | None = None, **more) -> None:
        """A row per column of each table in {(task, model): data frame, seeds × quantities}.

        Its id is "<quantity>/<task>/<column>", the column being the paper's that `stands_for` sets the model beside.
        """
        for (task, model), table in tables.items():
            for name in table.columns:
                self.measure(f"{name}/{task}/{(stands_for or {}).get(model, model)}", f"{task}, {model}: {name}", table[name], **more)

    def _printed(self, id, published):
        if isinstance(published, str):
            key = id if published == AUTO else published
            if key in self.published.values:
                return _plain(self.published.values[key])
            if key in self.published.lists:
                return _plain(self.published.lists[key])
            if published == AUTO:
                return None
            self.published.value(key)  # names what there is
        return _plain(published)

    def claim(self, claim_id: str, holds: bool | None, evidence: str) -> None:
        """The verdict on one claim of the data file; `evidence` gives the numbers, or the reason where holds is None.

        Raises ValueError for an undeclared claim, one judged twice, or evidence without a number.
        """
        declared = self.published.claims
        if claim_id not in declared:
            raise ValueError(f"{self.published.id} declares no claim {claim_id!r}; it has {', '.join(declared) or 'none'}")
        if claim_id in self._claims:
            raise ValueError(f"{self.published.id}: claim {claim_id!r} is judged twice; judge each once")
        if not (holds is None or isinstance(holds, (bool, np.bool_))):
            raise ValueError(f"claim {claim_id!r}: holds is {holds!r}; give True, False, or None for not applicable")
        if not evidence or (holds is not None and not any(c.isdigit() for c in evidence)):
            raise ValueError(f"claim {claim_id!r}: evidence {evidence!r} holds no number; give the numbers behind the verdict (or the reason, for None)")
        verdict = "not applicable" if holds is None else "holds" if holds else "does not hold"
        body = declared[claim_id]
        self._claims[claim_id] = {"id": claim_id, "says": body["says"], "verdict": verdict, "evidence": evidence, "paper_table": body["paper_table"]}

    @property
    def result(self) -> dict:
        """The whole result as plain values. Raises ValueError while a declared claim is not judged."""
        if missing := [c for c in self.published.claims if c not in self._claims]:
            raise ValueError(f"{self.published.id}: no verdict on {', '.join(missing)}; call report.claim for each (holds=None with a reason where it does not apply)")
        claims = [self._claims[c] for c in self.published.claims]
        return {**self._head, "source": code_key("lcacore")[:12], "rows": list(self._rows.values()), "claims": claims}

    def _repr_mimebundle_(self, include=None, exclude=None):
        from .html import as_html, as_text

        result = self.result
        runs = {p: run for p in RECORDED_PROFILES if (run := recorded(self.published.id, p)) is not None}
        return {MIME: result, "text/html": as_html(self.published, result, runs), "text/plain": as_text(self.published, result)}


def report(artefact_id: str, *, profile: str, model="", corpora=(), seeds=(), parameters=None, provenance=None) -> Report:
    """Start the result of one artefact: which profile, model, corpora, seeds and parameters made it."""
    return Report(load(artefact_id), profile=profile, model=model, corpora=corpora, seeds=seeds, parameters=parameters, provenance=provenance)


def _judge(row: Mapping) -> tuple:
    """Difference from the printed value and verdict; a discrete pick's range differs by its nearer end."""
    value, printed = row["value"], row["published"]
    if printed is None:
        return None, "not printed"
    if value is None:
        return None, "not measured"
    if row["compare"] == "overlap":
        common = len(set(map(str, value)) & set(map(str, printed)))
        return f"{common} in common", "agrees" if overlap_share(value, printed) >= row["tolerance"] else "differs"
    if not _numeric(value) or not _numeric(printed):
        return None, "agrees" if value == printed else "differs"
    difference = _plain(value - printed)
    near = difference
    if row["compare"] == "range" and row["low"] is not None and row["high"] is not None:
        near = max(row["low"] - printed, printed - row["high"], 0)
    return difference, "agrees" if abs(near) <= row["tolerance"] + 1e-9 else "differs"


def overlap_share(a: Sequence, b: Sequence) -> float:
    """Items in common over the size of the larger list, in [0, 1]; two empty lists agree."""
    a, b = {str(x) for x in a}, {str(x) for x in b}
    return len(a & b) / max(len(a), len(b)) if a or b else 1.0


def _numeric(x) -> bool:
    return isinstance(x, (int, float)) and not isinstance(x, bool)


def _plain(value):
    """JSON values only; floats to 6 digits after the point, or 6 significant ones where smaller."""
    if isinstance(value, np.generic):
        value = value.item()
    if isinstance(value, float) and math.isfinite(value):
        return round(value, 6) if abs(value) >= 1e-3 or value == 0 else float(f"{value:.6g}")
    if isinstance(value, np.ndarray):
        value = value.tolist()
    if isinstance(value, (list, tuple, range)):
        return [_plain(v) for v in value]
    if isinstance(value, Mapping):
        return {str(k): _plain(v) for k, v in value.items()}
    if value is None or isinstance(value, (str, int, float, bool)):
        return value
    raise ValueError(f"a result holds numbers, words, lists and mappings, not a {type(value).__name__}; convert it first")


# --- a re-run against the reference ----------------------------------------------------------------

def compare_results(reference: Mapping, new: Mapping) -> list[str]:
    """What differs, in words, between a reference result and a re-run of the same artefact; [] when they match.

    Exactly: artefact, profile, the rows' ids, printed values, counts, exact rows, and every claim's verdict.
    Within the row's tolerance: measured numbers. By range or share in common: discrete picks. Not compared:
    evidence in words, labels, provenance, source, and row verdicts (they follow from the values).
    """
    out = [f"{k}: {reference.get(k)!r} became {new.get(k)!r}" for k in ("schema", "artefact", "profile") if reference.get(k) != new.get(k)]
    old_rows, new_rows = ({r["id"]: r for r in x["rows"]} for x in (reference, new))
    out += _missing("row", old_rows, new_rows)
    for id, old in old_rows.items():
        if id in new_rows:
            out += _compare_row(old, new_rows[id])
    old_claims, new_claims = ({c["id"]: c["verdict"] for c in x["claims"]} for x in (reference, new))
    out += _missing("claim", old_claims, new_claims)
    out += [f"claim {id}: {v!r} became {new_claims[id]!r}" for id, v in old_claims.items() if id in new_claims and new_claims[id] != v]
    return out


def _missing(what, old, new) -> list[str]:
    return [f"{what} {i} is gone" for i in old if i not in new] + [f"{what} {i} is new" for i in new if i not in old]


def _compare_row(old: Mapping, new: Mapping) -> list[str]:
    name = f"row {old['id']}"
    out = [f"{name}: {k} {old[k]!r} became {new[k]!r}" for k in ("published", "compare", "unit") if old[k] != new[k]]
    a, b, tolerance = old["value"], new["value"], old["tolerance"]
    if a is None or b is None or old["compare"] in ("count", "exact"):
        return out + ([f"{name}: {a!r} became {b!r}"] if a != b else [])
    if old["compare"] == "overlap":
        share = overlap_share(a, b)
        return out + ([f"{name}: {share:.2f} of the items in common, {tolerance} wanted"] if share < tolerance else [])
    low, high = a, a
    if old["compare"] == "range":
        low, high = (a if old[k] is None else old[k] for k in ("low", "high"))
    if not low - tolerance - 1e-9 <= b <= high + tolerance + 1e-9:
        out.append(f"{name}: {a!r} became {b!r}, allowed {low - tolerance:g} to {high + tolerance:g}")
    return out


# --- recorded runs ---------------------------------------------------------------------------------

def recorded_path(artefact_id: str, profile: str = "real") -> Path:
    """Where the recorded result of an artefact is kept: notebooks/recorded/<profile>/<paper>/<artefact>.json."""
    return _folder("recorded") / profile / f"{artefact_id}.json"


def recorded(artefact_id: str, profile: str = "real") -> dict | None:
    """The recorded result, or None where there is none. Raises ValueError for a file that is not one."""
    path = recorded_path(artefact_id, profile)
    if not path.is_file():
        return None
    renew = "record it again, or delete it"
    try:
        run = json.loads(path.read_text(encoding="utf-8"))
    except ValueError as error:
        raise ValueError(f"recorded result {artefact_id} ({profile}) is no JSON: {error}; {renew}") from error
    if missing := [k for k in _RECORDED_KEYS if k not in run]:
        raise ValueError(f"recorded result {artefact_id} ({profile}) lacks {', '.join(missing)}; {renew}")
    if run["schema"] != SCHEMA:
        raise ValueError(f"recorded result {artefact_id} ({profile}) has schema {run['schema']}, this version reads {SCHEMA}; {renew}")
    return run


def as_recorded(result: Mapping, *, command: str, seconds: float, date: str | None = None, hardware: str | None = None, versions: Mapping | None = None) -> dict:
    """A result with what it takes to judge and renew it: the command, date, time taken (s), hardware, versions.

    The schema stands in notebooks/recorded/schema.json; write it with `store.write_atomically(recorded_path(...), json)`.
    """
    return {
        **result,
        "command": command,
        "date": date or datetime.date.today().isoformat(),
        "seconds": round(float(seconds), 1),
        "hardware": hardware or f"{os.cpu_count()} CPU cores ({platform.machine()}), {platform.system()}",
        "versions": dict(versions or _versions()),
    }


def _versions() -> dict[str, str]:
    out = {"python": platform.python_version()}
    for name in ("lcacore", "numpy", "scikit-learn", "torch", "transformers"):
        try:
            out[name] = metadata.version(name)
        except metadata.PackageNotFoundError:
            continue
    return out
