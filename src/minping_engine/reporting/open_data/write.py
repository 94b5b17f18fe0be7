"""The folder of open data: CSV, Parquet, `datapackage.json`, a README in two languages.

In: an `OpenDataRound`, perhaps releases before it. Out: files with equal bytes for equal input, and a
report. Refused where the release, laid beside the earlier ones, would give a hidden number away.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from minping_engine.disclosure import Protected, Reason
from minping_engine.reporting.open_data.protecting import BALLOTS
from minping_engine.reporting.open_data.releases import protected_release
from minping_engine.reporting.open_data.rounds import OpenDataRound
from minping_engine.reporting.open_data.rows import FILES, OpenRows
from minping_engine.reporting.texts import both_languages, texts
from minping_engine.snapshot import file_sha256, write_json, write_parquet

BOM = "\ufeff"
"""Without it Excel takes the file for another encoding and shows no Chinese."""
PACKAGE = "datapackage.json"
SELDOM = (Reason.CORRECTED, Reason.UNCHECKED)
"""Reasons that are explained only where they are given."""
_TYPES = {pa.string(): "string", pa.int64(): "integer", pa.float64(): "number"}


@dataclass(frozen=True)
class OpenDataReport:
    """What was written: rows by file, hidden numbers by reason.

    No interval of a number of ballots that is hidden for itself is narrower than `narrowest_ballots`.
    """

    rows: Mapping[str, int]
    cells: int
    hidden: Mapping[Reason, int]
    narrowest_ballots: float | None


def write_open_data(
    round_: OpenDataRound, folder: Path, *, earlier: Sequence[OpenDataRound] = ()
) -> OpenDataReport:
    """Write the open data of a round into `folder`.

    `earlier` is the same round as it was published before corrections, oldest first. Raises `RefusedError`
    where result, snapshot and scheme do not belong together, or where all releases together give a hidden
    number away however much of the new one is hidden.
    """
    safe = protected_release(round_, earlier)
    tables = OpenRows(round_, safe).tables()
    folder.mkdir(parents=True, exist_ok=True)
    for name, table in tables.items():
        write_parquet(table, folder / f"{name}.parquet")
        (folder / f"{name}.csv").write_bytes(_csv(table))
    report = _report(tables, safe)
    for language, file in (("zh", "README.zh-CN.md"), ("en", "README.md")):
        (folder / file).write_text(_readme(round_, report, tables, language), "utf-8", newline="\n")
    write_json(_package(round_, folder, tables), folder / PACKAGE)
    return report


def _csv(table: pa.Table) -> bytes:
    file = io.StringIO(newline="")
    writer = csv.writer(file)
    writer.writerow(table.column_names)
    for row in zip(*(column.to_pylist() for column in table.columns), strict=True):
        writer.writerow(["" if value is None else value for value in row])
    return (BOM + file.getvalue()).encode()


def _report(tables: Mapping[str, pa.Table], safe: Mapping[str, Protected]) -> OpenDataReport:
    hidden = dict.fromkeys(Reason, 0)
    widths = []
    for protected in safe.values():
        for reason, count in protected.counts().items():
            hidden[reason] += count
        widths += [width for key, (width, _wanted) in protected.widths.items() if key[0] == BALLOTS]
    cells = sum(len(protected.system.keys) for protected in safe.values())
    rows = {name: table.num_rows for name, table in tables.items()}
    return OpenDataReport(rows, cells, hidden, min(widths, default=None))


def _readme(
    round_: OpenDataRound, report: OpenDataReport, tables: Mapping[str, pa.Table], language: str
) -> str:
    words, scheme = texts("open_data", language), round_.scheme
    limits = scheme.disclosure
    lines = [
        f"# {scheme.scheme.title.of(language)} {round_.result.period}: {words['title']}",
        "",
        words["lead"],
        *([words["demo"]] if round_.snapshot.manifest.get("synthetic") else []),
        "",
        f"## {words['files']}",
        "",
        *(f"- `{name}.csv`, `{name}.parquet`: {words[f'file_{name}']}" for name in FILES),
        "",
        f"## {words['hidden_title']}",
        "",
        words["hidden_lead"].format(
            ballots=limits.shown_from, people=limits.mean_from, place_ballots=limits.scored_from
        ),
        "",
        f"| {words['reason']} | {words['meaning']} | {words['numbers']} |",
        "|---|---|---|",
        *(
            f"| `{reason.value}` | {words[f'reason_{reason.value}']} | {count} |"
            for reason, count in report.hidden.items()
            if reason is not Reason.DOMINATED and (count or reason not in SELDOM)
        ),
        "",
        words["hidden_places"].format(names=_hidden_places(tables, words)),
        "",
        words["audited"].format(cells=report.cells, width=limits.shown_from),
        "",
        f"## {words['inputs']}",
        "",
        *(f"- {words[name]}: `{value}`" for name, value in _inputs(round_).items()),
    ]
    return "\n".join(lines) + "\n"


def _hidden_places(tables: Mapping[str, pa.Table], words: Mapping[str, str]) -> str:
    table = tables["places"]
    hidden = table.filter(pc.is_valid(table["hidden"]))
    return words["separator"].join(dict.fromkeys(hidden["place"].to_pylist())) or words["none"]


def _inputs(round_: OpenDataRound) -> dict[str, str]:
    head = round_.result.head
    return {
        "input_snapshot": str(head["snapshot"]),
        "input_scheme": str(head["scheme"]["sha256"]),
        "input_exact": str(head["fingerprints"]["exact"]),
        "input_model": str(head["fingerprints"]["model"]),
    }


def _package(round_: OpenDataRound, folder: Path, tables: Mapping[str, pa.Table]) -> dict[str, Any]:
    title = round_.scheme.scheme.title
    return {
        "profile": "tabular-data-package",
        "name": f"{round_.scheme.scheme.id}-{round_.result.period}".lower(),
        "title": f"{title.zh} / {title.en}",
        "titles": {"zh": title.zh, "en": title.en},
        "version": round_.result.period,
        "synthetic": bool(round_.snapshot.manifest.get("synthetic")),
        "sources": [
            {"title": name.removeprefix("input_"), "hash": f"sha256:{value}"}
            for name, value in _inputs(round_).items()
        ],
        "thresholds": vars(round_.scheme.disclosure),
        "resources": [
            _resource(folder, name, table, ending)
            for name, table in tables.items()
            for ending in ("csv", "parquet")
        ],
    }


def _resource(folder: Path, name: str, table: pa.Table, ending: str) -> dict[str, Any]:
    path = folder / f"{name}.{ending}"
    said = both_languages("open_data")
    fields = [
        {
            "name": column.name,
            "type": _TYPES[column.type],
            "title": f"{said[f'column_{column.name}']['zh']} / {said[f'column_{column.name}']['en']}",
            "titles": said[f"column_{column.name}"],
        }
        for column in table.schema
    ]
    return {
        "name": f"{name}-{ending}",
        "path": path.name,
        "format": ending,
        "mediatype": "text/csv" if ending == "csv" else "application/vnd.apache.parquet",
        **({"profile": "tabular-data-resource", "encoding": "utf-8"} if ending == "csv" else {}),
        "description": f"{said[f'file_{name}']['zh']} / {said[f'file_{name}']['en']}",
        "descriptions": said[f"file_{name}"],
        "bytes": path.stat().st_size,
        "hash": f"sha256:{file_sha256(path)}",
        "schema": {"fields": fields, "missingValues": [""]},
    }
