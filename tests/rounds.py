"""Small rounds for tests: ballots in plain Python, sealed through the ordinary door.

`Ballot` answers are codes by item (None = not answered). Everything has a default, so a test
names only what it is about.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path

import pyarrow as pa

from minping_engine.scheme import LoadedScheme, load_scheme
from minping_engine.snapshot import BallotPart, Snapshot, SnapshotHead, open_snapshot, seal_snapshot
from minping_engine.snapshot.schema import BY_NAME, arrow_schema

DISTRICT, STREET, COMMUNITY = "990101", "990101001", "990101001001"
GOOD = {"q1": 1, "q2": 1, "q3": 5, "q4": 5, "q5": 5}
POOR = {"q1": 2, "q2": 2, "q3": 1, "q4": 1, "q5": 1}


@dataclass(frozen=True)
class Ballot:
    """One ballot."""

    target: int = 0
    answers: Mapping[str, int | None] = field(default_factory=lambda: dict(GOOD))
    mode: int = 1
    stratum: int = 0
    randomised: int = 0
    cells: Mapping[str, int] = field(default_factory=dict)
    clusters: Mapping[str, int | None] = field(default_factory=dict)


@dataclass(frozen=True)
class Round:
    """A round: ballots, and as much around them as the test cares for."""

    ballots: Sequence[Ballot]
    workers: Mapping[str, Sequence[tuple[int, int]]] = field(default_factory=lambda: {"W1": [(0, 1000)]})
    eligible: Mapping[int, int] = field(default_factory=dict)
    period: str = "2020Q4"
    instrument: str = "gulou-worker@1"
    communities: Mapping[str, str] = field(default_factory=dict)
    cells: Mapping[str, int] = field(default_factory=dict)
    history: pa.Table | None = None
    visits: Mapping[tuple[int, str], int] = field(default_factory=dict)
    first_id: int = 1


def seal(round_: Round, folder: Path, scheme: LoadedScheme | None = None) -> Snapshot:
    """Seal a round and open it again."""
    scheme = scheme or load_scheme("gulou-worker")
    head = SnapshotHead(period=round_.period, period_kind="quarter", source="test", synthetic=True)
    tables = _tables(round_, scheme)
    seal_snapshot(
        folder, head, tables, [BallotPart(round_.instrument, DISTRICT, ballots_table(round_, scheme))]
    )
    return open_snapshot(folder)


def ballots_table(round_: Round, scheme: LoadedScheme) -> pa.Table:
    """The ballots as the contract wants them."""
    items = [item.id for item in scheme.scheme.instrument.items]
    kinds = sorted({kind for ballot in round_.ballots for kind in ballot.clusters})
    names = [f"cell_{name}" for name in round_.cells] + [f"cluster_{kind}" for kind in kinds]
    names += [f"item_{item}" for item in items]
    rows = [
        {
            "ballot_id": number,
            "target": ballot.target,
            "stratum": ballot.stratum,
            "mode": ballot.mode,
            "randomised": ballot.randomised,
            **{f"cell_{name}": ballot.cells.get(name, 0) for name in round_.cells},
            **{f"cluster_{kind}": ballot.clusters.get(kind) for kind in kinds},
            **{f"item_{item}": ballot.answers.get(item) for item in items},
        }
        for number, ballot in enumerate(round_.ballots, round_.first_id)
    ]
    return pa.Table.from_pylist(rows, schema=arrow_schema(BY_NAME["ballots"], names))


def _table(name: str, rows: list[dict[str, object]]) -> pa.Table:
    return pa.Table.from_pylist(rows, schema=arrow_schema(BY_NAME[name]))


def _tables(round_: Round, scheme: LoadedScheme) -> dict[str, pa.Table]:
    targets = sorted(
        {target for rows in round_.workers.values() for target, _ in rows}
        | {ballot.target for ballot in round_.ballots}
    )
    communities = sorted({COMMUNITY, *round_.communities.values()})
    areas = [
        _area(DISTRICT, None, "district", "甲区"),
        _area(STREET, DISTRICT, "street", "乙街道"),
        *(_area(code, STREET, "community", f"社区{code[-3:]}") for code in communities),
        *(_area(f"A{target}", COMMUNITY, "responsibility_area", f"第{target}片") for target in targets),
    ]
    tables = {
        "areas": _table("areas", areas),
        "assessees": _table(
            "assessees",
            [
                {
                    "assessee_id": worker,
                    "kind": "community_worker",
                    "name": f"测试{worker}",
                    "area_id": round_.communities.get(worker, COMMUNITY),
                }
                for worker in round_.workers
            ],
        ),
        "targets": _table(
            "targets",
            [
                {"target": target, "area_id": f"A{target}", "subject": "community_worker"}
                for target in targets
            ],
        ),
        "postings": _table(
            "postings",
            [
                {"target": target, "assessee_id": worker, "from_day": date(2019, 1, 1), "share": share}
                for worker, rows in round_.workers.items()
                for target, share in rows
            ],
        ),
        "item_codes": _table(
            "item_codes",
            [
                {
                    "instrument": round_.instrument,
                    "item": item.id,
                    "code": answer.code,
                    "label": answer.label.zh,
                    "wording": item.text.zh,
                }
                for item in scheme.scheme.instrument.items
                for answer in item.answers
            ],
        ),
    }
    if round_.eligible:
        tables["sample"] = _table(
            "sample",
            [
                {"target": target, "stratum": 0, "eligible": eligible, "drawn": eligible}
                for target, eligible in round_.eligible.items()
            ],
        )
    if round_.cells:
        tables["cell_variables"] = _table(
            "cell_variables",
            [
                {
                    "variable": name,
                    "level": level,
                    "known": "frame",
                    "label_zh": f"{level}",
                    "label_en": f"{level}",
                }
                for name, levels in round_.cells.items()
                for level in range(levels)
            ],
        )
    if round_.visits:
        tables["visits"] = _table(
            "visits",
            [
                {"target": target, "period": period, "households": households}
                for (target, period), households in round_.visits.items()
            ],
        )
    if round_.history is not None:
        tables["history"] = round_.history
    return tables


def _area(area_id: str, parent: str | None, level: str, name: str) -> dict[str, object]:
    return {"area_id": area_id, "parent_id": parent, "level": level, "name": name}
