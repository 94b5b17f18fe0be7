"""A simulated quarter as a sealed snapshot: what an engine may see, and no more.

In: a district, a quarter's name, earlier results (history) if there are any. Out: the tables
and ballot parts of the snapshot contract, and with `seal_quarter` the sealed folder, marked
synthetic. The truth is never among them; with `truth` the realised truth of the same draw is
written elsewhere. No released cells are merged (design.md 6 asks for that in real rounds).
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import numpy as np
import pyarrow as pa

from minping_engine.demo.comments import comment_table
from minping_engine.demo.district import District, quarter_number
from minping_engine.demo.fieldwork_tables import disposition_table, margin_table, sample_table, visit_table
from minping_engine.demo.frame import group_levels
from minping_engine.demo.model import used_scheme
from minping_engine.demo.people import Posting
from minping_engine.demo.places import DISTRICT_CODE
from minping_engine.demo.quarters import MISSING, Quarter, simulate_quarter
from minping_engine.demo.response import MODES
from minping_engine.demo.streams import Purpose, stream
from minping_engine.snapshot import BallotPart, SnapshotHead, seal_snapshot
from minping_engine.terms import AssesseeKind, Known, PeriodKind

SOURCE = "minping demo: invented people and simulated ballots"
LEVELS: tuple[tuple[str, Known, tuple[tuple[str, str], ...]], ...] = (
    (
        "age_band",
        Known.BALLOT,
        (("18—34岁", "18-34"), ("35—49岁", "35-49"), ("50—64岁", "50-64"), ("65岁及以上", "65 and over")),
    ),
    ("sex", Known.BALLOT, (("男", "male"), ("女", "female"))),
    ("tenure", Known.FRAME, (("自有住房", "owner"), ("租住", "tenant"))),
)
YOUNGEST, OLDEST, FEMALE_WORKERS = 23, 58, 0.7
"""Ages in years, and the share of women among invented workers; neither enters any answer."""
Tables = dict[str, pa.Table]


def quarter_tables(
    district: District, quarter: str, earlier: Mapping[str, pa.Table] | None = None
) -> tuple[Tables, tuple[BallotPart, ...]]:
    """Simulate `quarter` (e.g. 2019Q1) and shape it as tables and ballot parts."""
    return tables_of(district, simulate_quarter(district, quarter_number(quarter)), quarter, earlier)


def seal_quarter(
    district: District,
    quarter: str,
    folder: Path,
    earlier: Mapping[str, pa.Table] | None = None,
    *,
    truth: Path | None = None,
) -> str:
    """Seal `quarter` into `folder` and return the snapshot's hash.

    `earlier` are tables of the contract made from earlier results. `truth` is a folder that gets the
    realised truth of the same draw as `realised-<quarter>.parquet`.
    """
    drawn = simulate_quarter(district, quarter_number(quarter))
    tables, parts = tables_of(district, drawn, quarter, earlier)
    if truth is not None:
        from minping_engine.demo.truth import write_realised

        write_realised(district, drawn, truth)
    head = SnapshotHead(quarter, PeriodKind.QUARTER.value, SOURCE, synthetic=True)
    return seal_snapshot(folder, head, tables, parts)


def tables_of(
    district: District, drawn: Quarter, quarter: str, earlier: Mapping[str, pa.Table] | None = None
) -> tuple[Tables, tuple[BallotPart, ...]]:
    """Tables and ballot parts of an already simulated quarter."""
    postings = district.staff.postings[drawn.number]
    tables = {
        **place_tables(district),
        "assessees": _assessee_table(district, postings),
        "assessee_attributes": _attribute_table(district, postings),
        "postings": _posting_table(district, postings),
        "cell_variables": _cell_variable_table(),
        "item_codes": _item_code_table(),
        "sample": sample_table(district, drawn),
        "dispositions": disposition_table(district, drawn),
        "margins": margin_table(district),
        "comments": comment_table(district, drawn),
        "visits": visit_table(district, drawn, quarter),
    }
    tables |= earlier or {}
    return tables, (BallotPart(district.model.instrument, DISTRICT_CODE, ballot_table(district, drawn)),)


def place_tables(district: District) -> Tables:
    """Areas, covariates and targets."""
    places = district.places
    columns = zip(
        *((a.area_id, a.parent_id, a.level.value, a.name, a.area_kind, a.area_class) for a in places.areas),
        strict=True,
    )
    names = ("area_id", "parent_id", "level", "name", "area_kind", "area_class")
    areas = pa.table({name: list(column) for name, column in zip(names, columns, strict=True)})
    areas = areas.append_column("urban_rural", pa.array(["urban"] * areas.num_rows))
    covariates = places.grounds.covariates
    return {
        "areas": areas,
        "area_covariates": pa.table(
            {
                "area_id": list(places.area_ids) * len(covariates),
                "covariate": np.repeat(list(covariates), places.n),
                "value": np.concatenate(list(covariates.values())),
            }
        ),
        "targets": pa.table(
            {
                "target": np.arange(places.n, dtype=np.int32),
                "area_id": list(places.area_ids),
                "subject": [AssesseeKind.COMMUNITY_WORKER.value] * places.n,
            }
        ),
    }


def ballot_table(district: District, drawn: Quarter) -> pa.Table:
    """Ballots under random numbers that say nothing of the order in which they were given."""
    rng = stream(district.seed, Purpose.BALLOT_IDS, drawn.number)
    age_band, tenure, sex = (levels.astype(np.int16) for levels in group_levels())
    columns: dict[str, object] = {
        "ballot_id": rng.permutation(drawn.target.size),
        "target": drawn.target.astype(np.int32),
        "stratum": np.zeros(drawn.target.size, dtype=np.int16),
        "mode": np.array([mode.value for mode in MODES], dtype=np.int8)[drawn.mode],
        "randomised": drawn.randomised.astype(np.int8),
        "cell_age_band": age_band[drawn.group],
        "cell_sex": sex[drawn.group],
        "cell_tenure": tenure[drawn.group],
    }
    for number, item in enumerate(district.model.items):
        codes = drawn.codes[:, number]
        columns[f"item_{item.id}"] = pa.array(codes, mask=codes == MISSING)
    return pa.table(columns)


def _assessee_table(district: District, postings: tuple[Posting, ...]) -> pa.Table:
    """Everybody posted in the quarter, at the community of the larger share (moves stay inside it)."""
    home = {row.person: row.target for row in sorted(postings, key=lambda row: row.share)}
    people = sorted(home)
    community = district.places.community
    return pa.table(
        {
            "assessee_id": [district.staff.person_id(person) for person in people],
            "kind": [AssesseeKind.COMMUNITY_WORKER.value] * len(people),
            "name": [district.staff.names[person] for person in people],
            "area_id": [district.places.communities[community[home[person]]].code for person in people],
        }
    )


def _attribute_table(district: District, postings: tuple[Posting, ...]) -> pa.Table:
    """Invented age and sex of everybody posted: for the fairness report, which must find no effect."""
    rng = stream(district.seed, Purpose.ATTRIBUTES)
    age = rng.integers(YOUNGEST, OLDEST + 1, len(district.staff.names)).astype(np.float64)
    female = (rng.random(len(district.staff.names)) < FEMALE_WORKERS).astype(np.float64)
    people = sorted({row.person for row in postings})
    ids = [district.staff.person_id(person) for person in people]
    return pa.table(
        {
            "assessee_id": ids * 2,
            "attribute": ["age_years"] * len(ids) + ["is_female"] * len(ids),
            "value": np.concatenate([age[people], female[people]]),
        }
    )


def _posting_table(district: District, postings: tuple[Posting, ...]) -> pa.Table:
    return pa.table(
        {
            "target": pa.array([row.target for row in postings], pa.int32()),
            "assessee_id": [district.staff.person_id(row.person) for row in postings],
            "from_day": pa.array([row.from_day for row in postings], pa.date32()),
            "to_day": pa.array([row.to_day for row in postings], pa.date32()),
            "share": pa.array([row.share for row in postings], pa.int32()),
        }
    )


def _cell_variable_table() -> pa.Table:
    rows = [
        (variable, level, known.value, zh, en)
        for variable, known, labels in LEVELS
        for level, (zh, en) in enumerate(labels)
    ]
    names = ("variable", "level", "known", "label_zh", "label_en")
    return pa.table(dict(zip(names, map(list, zip(*rows, strict=True)), strict=True)))


def _item_code_table() -> pa.Table:
    used = used_scheme().instrument
    rows = [
        (used.key, item.id, answer.code, answer.label.zh, item.text.zh)
        for item in used.items
        for answer in item.answers
    ]
    names = ("instrument", "item", "code", "label", "wording")
    return pa.table(dict(zip(names, map(list, zip(*rows, strict=True)), strict=True)))
