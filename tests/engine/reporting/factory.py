"""Small rounds for the tests of reporting: a snapshot, a scheme and a result that fit together.

Everything is invented. `make_round(tmp_path)` gives two communities in two streets; each argument
changes one thing. Numbers are made by a fixed rule, not by the kernel: reporting is tested, not
estimation.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import pyarrow as pa

from minping_engine.assessment.result import (
    FAIR_TABLES,
    GROUPS,
    INDICATORS,
    MODES,
    SCORES,
    TRACE_TARGETS,
    Result,
)
from minping_engine.scheme import Bilingual, LoadedScheme, load_scheme
from minping_engine.snapshot import (
    TABLES,
    Snapshot,
    SnapshotHead,
    arrow_schema,
    open_snapshot,
    seal_snapshot,
)

DISTRICT = "320106"
FAMILY_NAMES = "赵钱孙李周吴郑王冯陈"
GIVEN_NAMES = ["晓梅", "建国", "雅婷", "志强", "桂芳", "子涵", "文博", "丽娟", "思远", "秀英"]
PERIODS = ["2019Q1", "2019Q2", "2019Q3", "2019Q4", "2020Q1", "2020Q2", "2020Q3"]


@dataclass(frozen=True)
class Worker:
    """One worker: what a test wants to vary."""

    n: int = 312
    points: float = 91.37
    name: str = ""
    status: str = "assessed"
    reason: str | None = None
    grade: str | None = "B"


@dataclass(frozen=True)
class Round:
    """A round as reporting takes it."""

    result: Result
    scheme: LoadedScheme
    snapshot: Snapshot


def make_round(
    folder: Path,
    workers: list[list[Worker]] | None = None,
    *,
    scheme: LoadedScheme | None = None,
    history: bool = True,
    frame: bool = True,
    synthetic: bool = True,
) -> Round:
    """A round: `workers` by community, two communities to a street."""
    scheme = scheme or load_scheme("gulou-worker", demo=True)
    workers = workers or [[Worker()] * 4, [Worker(points=88.0)] * 3]
    rows = _score_rows(workers, frame)
    snapshot = _snapshot(folder, workers, rows, history=history, synthetic=synthetic)
    tables = {
        "scores": pa.Table.from_pylist(rows, schema=SCORES),
        "indicators": pa.Table.from_pylist(_indicator_rows(rows, scheme, history), schema=INDICATORS),
        "groups": pa.Table.from_pylist(_group_rows(workers, rows, scheme), schema=GROUPS),
        "modes": pa.Table.from_pylist(_mode_rows(rows), schema=MODES),
        "trace/targets": TRACE_TARGETS.empty_table(),
        **{name: schema.empty_table() for name, schema in FAIR_TABLES.items()},
    }
    head = {
        "period": "2020Q4",
        "warnings": [],
        "counts": _counts(rows),
        "scheme": {"id": scheme.scheme.id, "version": scheme.scheme.version},
    }
    return Round(Result(tables, head), scheme, snapshot)


def _counts(rows: list[dict[str, Any]]) -> dict[str, Any]:
    modes: dict[str, int] = {}
    for row in _mode_rows(rows):
        modes[str(row["mode"])] = modes.get(str(row["mode"]), 0) + row["n"]
    drawn = [row["drawn"] for row in rows]
    return {
        "ballots_counted": sum(row["n_ballots"] for row in rows),
        "drawn": None if None in drawn else sum(drawn),
        "modes": modes,
    }


def scheme_with_items(count: int, *, long_texts: bool = False) -> LoadedScheme:
    """The Gulou scheme with `count` items."""
    loaded = load_scheme("gulou-worker", demo=True)
    pattern = loaded.scheme.instrument.items
    items = []
    for number in range(count):
        item = pattern[number % len(pattern)]
        repeat = 6 if long_texts else 1
        short = Bilingual(
            zh=f"{item.short.zh * repeat}{number + 1}",
            en=f"{' '.join([item.short.en] * repeat)} {number + 1}",
        )
        advice = item.advice and Bilingual(zh=item.advice.zh * repeat, en=item.advice.en * repeat)
        items.append(item.model_copy(update={"id": f"q{number + 1}", "short": short, "advice": advice}))
    instrument = loaded.scheme.instrument.model_copy(update={"items": tuple(items)})
    return loaded.with_instrument(instrument)


def community_id(number: int) -> str:
    return f"{street_id(number // 2)}{number % 2 + 1:03d}"


def street_id(number: int) -> str:
    return f"{DISTRICT}{number + 1:03d}"


def _areas(count: int, rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    names = ["湖山路街道", "望江门街道", "东河沿街道", "学府街道"]
    places = [(DISTRICT, None, "district", "云山区")]
    for number in range((count + 1) // 2):
        places.append((street_id(number), DISTRICT, "street", names[number % 4]))
    for number in range(count):
        name = f"{'清荷松月'[number % 4]}苑社区"
        places.append((community_id(number), street_id(number // 2), "community", name))
    for number, row in enumerate(rows):
        places.append((f"{row['area_id']}-{number:02d}", row["area_id"], "grid", f"第{number + 1}网格"))
    keys = ("area_id", "parent_id", "level", "name")
    return [dict(zip(keys, place, strict=True)) for place in places]


def _score_rows(workers: list[list[Worker]], frame: bool) -> list[dict[str, Any]]:
    rows = []
    for community, members in enumerate(workers):
        for number, worker in enumerate(members):
            rows.append(_score_row(worker, community, number, frame))
    return rows


def _score_row(worker: Worker, community: int, number: int, frame: bool) -> dict[str, Any]:
    spread = (number * 7 % 5 - 2) * 0.8 if worker.n >= 10 else 0
    shown = worker.n >= 10
    points = worker.points + spread
    se = 16.0 / max(worker.n, 1) ** 0.5
    name = worker.name or FAMILY_NAMES[(community + number) % 10] + GIVEN_NAMES[(3 * community + number) % 10]
    return {
        "assessee_id": f"W{community + 1:03d}{number + 1:02d}",
        "kind": "community_worker",
        "name": name,
        "area_id": community_id(community),
        "period": "2020Q4",
        "n_ballots": worker.n,
        "n_rejected": 4 if worker.n else 0,
        "eligible": 428 if frame else None,
        "drawn": 428 if frame else None,
        "direct": points if shown else None,
        "direct_se": se if shown else None,
        "direct_se_fpc": se * 0.52 if shown and frame else None,
        "low": points - 1.96 * se * (0.52 if frame else 1) if shown else None,
        "high": points + 1.96 * se * (0.52 if frame else 1) if shown else None,
        "score_low": points - 1.96 * se * (0.52 if frame else 1) if shown else None,
        "score_high": points + 1.96 * se * (0.52 if frame else 1) if shown else None,
        "score": points if shown else None,
        "difference": points - 92.79 if shown else None,
        "status": worker.status,
        "reason": worker.reason,
        "grade": worker.grade,
        "below_target": worker.n < 300,
        "shared_target": False,
        "visited": 331,
        "year_mean": points - 0.5 if shown else None,
        "year_periods": 4 if shown else 0,
    }


def _indicator_rows(rows: list[dict[str, Any]], scheme: LoadedScheme, history: bool) -> list[dict[str, Any]]:
    found = []
    for row in rows:
        for number, item in enumerate(scheme.scheme.instrument.items):
            most = item.max_milli / 1000
            base = (row["direct"] or 0) / 100 * most
            points = min(most, base + (number * 3 % 7 - 3) * 0.03 * most)
            shown = row["direct"] is not None
            found.append(
                {
                    "assessee_id": row["assessee_id"],
                    "period": "2020Q4",
                    "indicator": item.id,
                    "n": row["n_ballots"],
                    "points": points if shown else None,
                    "max_points": most,
                    "se": 0.31 if shown else None,
                    "se_fpc": 0.17 if shown else None,
                    "previous": points - (number % 4 - 1) * 0.9 if shown and history else None,
                }
            )
    return found


def _group_rows(
    workers: list[list[Worker]], rows: list[dict[str, Any]], scheme: LoadedScheme
) -> list[dict[str, Any]]:
    found = []
    places = [("district", DISTRICT)]
    places += [("street", street_id(number)) for number in range((len(workers) + 1) // 2)]
    places += [("community", community_id(number)) for number in range(len(workers))]
    variables = [("total", 100.0)]
    variables += [(item.id, item.max_milli / 1000) for item in scheme.scheme.instrument.items]
    for level, area in places:
        inside = [row for row in rows if row["area_id"].startswith(area) and row["status"] == "assessed"]
        mean = sum(row["direct"] for row in inside) / len(inside) if inside else None
        for variable, most in variables:
            se = 0.8 / max(len(inside), 1) ** 0.5 * most / 100
            value = None if mean is None else mean * most / 100
            found.append(
                {
                    "level": level,
                    "area_id": area,
                    "variable": variable,
                    "year_mean": value,
                    "year_periods": 0 if value is None else 4,
                    "n_assessees": len(inside),
                    "n_ballots": sum(row["n_ballots"] for row in inside),
                    "mean": value,
                    "se": se,
                    "se_fpc": se / 2,
                    "low": None if value is None else value - se,
                    "high": None if value is None else value + se,
                }
            )
    return found


def _mode_rows(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    found = []
    for row in rows:
        visit, phone = row["n_ballots"] // 2, row["n_ballots"] // 3
        counts = {1: visit, 2: phone, 3: row["n_ballots"] - visit - phone}
        found += [{"assessee_id": row["assessee_id"], "mode": mode, "n": n} for mode, n in counts.items()]
    return found


def _history_rows(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    found = []
    for step, period in enumerate(PERIODS):
        subjects = [("assessee", row["assessee_id"], row["direct"] or 90.0) for row in rows]
        for level, subject, last in [*subjects, ("district", DISTRICT, 92.79)]:
            estimate = last - (7 - step) * 0.55 + (step * 5 % 3 - 1) * 0.9
            found.append(
                {
                    "period": period,
                    "level": level,
                    "subject_id": subject,
                    "variable": "total",
                    "n": 305,
                    "estimate": estimate,
                    "se": 0.9,
                    "se_fpc": 0.5,
                    "scheme": "gulou-worker@2019.1",
                }
            )
    for row in rows:
        for item in ("q1", "q2", "q3", "q4", "q5"):
            found.append(
                {
                    "period": PERIODS[-1],
                    "level": "assessee",
                    "subject_id": row["assessee_id"],
                    "variable": item,
                    "n": 305,
                    "estimate": 18.0,
                    "se": 0.3,
                    "se_fpc": 0.2,
                    "scheme": "gulou-worker@2019.1",
                }
            )
    return found


def _snapshot(
    folder: Path, workers: list[list[Worker]], rows: list[dict[str, Any]], *, history: bool, synthetic: bool
) -> Snapshot:
    grids = [f"{row['area_id']}-{number:02d}" for number, row in enumerate(rows)]
    content = {
        "areas": _areas(len(workers), rows),
        "assessees": [{key: row[key] for key in ("assessee_id", "kind", "name", "area_id")} for row in rows],
        "targets": [
            {"target": number, "area_id": grid, "subject": "community_worker"}
            for number, grid in enumerate(grids)
        ],
        "postings": [
            {"target": number, "assessee_id": row["assessee_id"], "from_day": date(2019, 1, 1), "share": 1000}
            for number, row in enumerate(rows)
        ],
        "history": _history_rows(rows) if history else [],
    }
    contracts = {table.name: table for table in TABLES}
    tables = {
        name: pa.Table.from_pylist(rows_of, schema=arrow_schema(contracts[name]))
        for name, rows_of in content.items()
    }
    head = SnapshotHead("2020Q4", "quarter", "invented for tests", synthetic=synthetic)
    seal_snapshot(folder / "snapshot", head, tables, (), replace=True)
    return open_snapshot(folder / "snapshot", verify=False)
