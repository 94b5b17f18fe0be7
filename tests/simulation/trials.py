"""Rounds with known truth, sealed as snapshots and assessed end to end.

In: people and their drawn round (`designs`). Out: `Trial`: truth and the engine's figures by replicate and
assessee. A replicate is a district: the engine assesses districts one by one (ADR 9), so many of them fit one
snapshot. The truth of an assessee is the mean over the households of her areas of the expected total, at the
mix of respondents and modes of the round's ballots: what an adjusted score is about (fair-adjustment.md 4).
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from itertools import pairwise
from pathlib import Path

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from minping_engine.assessment import Result, assess, earlier_tables
from minping_engine.evidence import scheduler_named
from minping_engine.scheme import LoadedScheme, load_scheme
from minping_engine.snapshot import BallotPart, SnapshotHead, open_snapshot, seal_snapshot
from minping_engine.terms import Mode
from tests.simulation.designs import (
    CELLS,
    SMS_POINTS,
    TENURES,
    WIDEST,
    Design,
    Floats,
    Ints,
    People,
    Round,
    draw_round,
    mix_of_areas,
)

INSTRUMENT, PERIODS = "honesty@1", ("2020Q1", "2020Q2")
ONLINE_CAP_PERCENT = 20


@dataclass(frozen=True)
class Trial:
    """Arrays (replicates, assessees): `truth`, and columns of `scores` (NaN = null); the whole result.

    `own_mix` is the truth of weighting alone: her own households at the round's mix of modes. `population`
    differs from `truth` only where answering is tied to the answer: it is the expected total of all
    households, `truth` that of those who are willing. `truth_change` belongs to second rounds.
    """

    design: Design
    truth: Floats
    own_mix: Floats
    population: Floats
    columns: Mapping[str, Floats]
    group: NDArray[np.object_]
    grade: NDArray[np.object_]
    result: Result
    truth_change: Floats = field(default_factory=lambda: np.zeros(0))

    def __getitem__(self, name: str) -> Floats:
        return self.columns[name]

    @property
    def df(self) -> Floats:
        """Degrees of freedom of the errors."""
        return np.maximum(self["n_ballots"] - 1, 1)


@dataclass(frozen=True)
class OpenOnline:
    """Ballots that nobody drew, one row each, and the mode under which they come."""

    target: Ints
    points: Ints
    mode: Mode = Mode.OPEN_ONLINE


@dataclass(frozen=True)
class Run:
    """How a round is assessed: see `make_scheme`; the round before; open ballots beside the drawn ones."""

    scheme: str = "full"
    earlier: Result | None = None
    online: OpenOnline | None = None


def assess_round(design: Design, people: People, drawn: Round, folder: Path, run: Run) -> Trial:
    """Seal the round (once) and assess it."""
    loaded = make_scheme(design, run.scheme, folder / run.scheme)
    snapshot = folder / "snapshot"
    if not snapshot.is_dir():
        period = PERIODS[run.earlier is not None]
        head = SnapshotHead(period=period, period_kind="quarter", source="test", synthetic=True)
        tables = _tables(design, people, drawn)
        if run.earlier is not None:
            tables["earlier_cells"] = earlier_tables([run.earlier])["earlier_cells"]
        seal_snapshot(snapshot, head, tables, _parts(people, drawn, run.online))
    result = assess(open_snapshot(snapshot), loaded, folder / run.scheme, scheduler_named("serial"))
    return _trial(design, people, drawn, result)


def make_scheme(design: Design, name: str, folder: Path) -> LoadedScheme:
    """`full`: weights, adjusters, modes by lot. `raked`: weights alone.

    `online`: full, and open online ballots with a cap of a fifth; `online_unused`: with the usual cap of 0.
    """

    def text(word: str) -> dict[str, str]:
        return {"zh": word, "en": word}

    answers = [{"code": code, "label": text(str(code)), "points": code} for code in range(101)]
    item = {"id": "q1", "kind": "scale", "text": text("q1"), "short": text("q1"), "answers": answers}
    fairness: dict[str, object] = {
        "counts": "shrunken",
        "weighting": {"nonresponse": ["tenure"], "margins": list(CELLS)},
        "comparison_group": {"level": "community", "attribute": "self"},
    }
    if name != "raked":
        fairness["modes"] = {"reference": "visit"}
        describes = {"age_band": "respondent", "sex": "respondent", "tenure": "household"}
        fairness["adjusters"] = [{"variable": cell, "describes": describes[cell]} for cell in CELLS]
    if name.startswith("online"):
        fairness["online"] = {"cap_percent": ONLINE_CAP_PERCENT if name == "online" else 0}
    high, low = design.cuts
    content = {
        "minping_scheme": 1,
        "id": "honesty",
        "version": "1",
        "title": text("honesty"),
        "assessee_kind": "community_worker",
        "period": {"kind": "quarter"},
        "instruments": [{"id": "honesty", "version": "1", "title": text("honesty"), "items": [item]}],
        "scoring": {"total": {"points": 100, "minimum_answered": 1}, "benchmark": {"of": "district"}},
        "sampling": {"unit": "household"},
        "means": {"collected_by": text("nobody"), "modes": ["visit", "sms"]},
        "grading": {"chances": {"excellent_from": high, "support_below": low}},
        "fairness": fairness,
    }
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "scheme.yaml").write_text(json.dumps(content), "utf-8")
    return load_scheme(folder)


def _tables(design: Design, people: People, drawn: Round) -> dict[str, pa.Table]:
    areas, persons = len(people.score), people.replicates * design.people
    of_area = [f"A{number:06d}" for number in range(areas)]
    home = [f"C{number:05d}" for number in people.replicate * design.communities + people.community]
    person_home = np.arange(persons) // design.per_community
    rows = _places(design, people) + [
        (area, parent, "responsibility_area") for area, parent in zip(of_area, home, strict=True)
    ]
    names = [f"P{number:06d}" for number in range(persons)]
    return {
        "areas": pa.table(
            {
                "area_id": [row[0] for row in rows],
                "parent_id": [row[1] for row in rows],
                "level": [row[2] for row in rows],
                "name": [row[0] for row in rows],
                **{
                    key: pa.nulls(len(rows), pa.string())
                    for key in ("area_kind", "area_class", "urban_rural")
                },
            }
        ),
        "assessees": pa.table(
            {
                "assessee_id": names,
                "kind": ["community_worker"] * persons,
                "name": names,
                "area_id": [f"C{number:05d}" for number in person_home],
            }
        ),
        "targets": pa.table(
            {"target": np.arange(areas), "area_id": of_area, "subject": ["community_worker"] * areas}
        ),
        "postings": pa.table(
            {
                "target": people.target,
                "assessee_id": [names[number] for number in people.assessee],
                "from_day": [date(2019, 1, 1)] * len(people.target),
                "to_day": pa.nulls(len(people.target), pa.date32()),
                "share": people.share,
            }
        ),
        "item_codes": pa.table(
            {
                "instrument": [INSTRUMENT] * 101,
                "item": ["q1"] * 101,
                "code": np.arange(101),
                "label": [str(code) for code in range(101)],
                "wording": ["q1"] * 101,
            }
        ),
        **_frame_tables(areas, drawn),
    }


def _places(design: Design, people: People) -> list[tuple[str, str | None, str]]:
    """Districts, one street for each two communities, communities."""
    rows: list[tuple[str, str | None, str]] = []
    for replicate in range(people.replicates):
        rows.append((f"D{replicate:04d}", None, "district"))
        streets = (design.communities + 1) // 2
        rows += [
            (f"S{replicate * streets + number:05d}", f"D{replicate:04d}", "street")
            for number in range(streets)
        ]
        for number in range(design.communities):
            street = f"S{replicate * streets + number // 2:05d}"
            rows.append((f"C{replicate * design.communities + number:05d}", street, "community"))
    return rows


def _frame_tables(areas: int, drawn: Round) -> dict[str, pa.Table]:
    target = np.repeat(np.arange(areas), TENURES)
    variables = [(name, level, known) for name, (known, levels) in CELLS.items() for level in range(levels)]
    margins = [
        pa.table(
            {
                "target": np.repeat(np.arange(areas), counts.shape[1]),
                "variable": [name] * counts.size,
                "level": np.tile(np.arange(counts.shape[1]), areas),
                "eligible": counts.ravel(),
            }
        )
        for name, counts in drawn.eligible_by.items()
        if name != "tenure"
    ]
    return {
        "sample": pa.table(
            {
                "target": target,
                "stratum": np.zeros(len(target), dtype=np.int64),
                "cell_tenure": np.tile(np.arange(TENURES), areas),
                "eligible": drawn.eligible_by["tenure"].ravel(),
                "drawn": drawn.drawn_by_tenure.ravel(),
            }
        ),
        "margins": pa.concat_tables(margins),
        "cell_variables": pa.table(
            {
                "variable": [row[0] for row in variables],
                "level": [row[1] for row in variables],
                "known": [row[2] for row in variables],
                "label_zh": [str(row[1]) for row in variables],
                "label_en": [str(row[1]) for row in variables],
            }
        ),
    }


def _parts(people: People, drawn: Round, online: OpenOnline | None) -> list[BallotPart]:
    ballots = pa.table(
        {
            "target": drawn.target,
            "mode": np.where(drawn.sms, int(Mode.SMS), int(Mode.VISIT)),
            "randomised": drawn.randomised.astype(np.int8),
            "cell_age_band": drawn.age,
            "cell_sex": drawn.sex,
            "cell_tenure": drawn.tenant,
            "item_q1": drawn.points,
        }
    )
    if online is not None:
        ballots = pa.concat_tables([ballots, _open_ballots(online)]).sort_by("target")
    many = ballots.num_rows
    ballots = ballots.append_column("ballot_id", pa.array(np.arange(many)))
    ballots = ballots.append_column("stratum", pa.array(np.zeros(many, dtype=np.int16)))
    starts = np.searchsorted(people.replicate[ballots["target"].to_numpy()], np.arange(people.replicates + 1))
    return [
        BallotPart(INSTRUMENT, f"D{number:04d}", ballots.slice(start, stop - start))
        for number, (start, stop) in enumerate(pairwise(starts))
    ]


def _open_ballots(online: OpenOnline) -> pa.Table:
    """Open ballots claim to come from owners, women, of middle age."""
    many = len(online.target)
    return pa.table(
        {
            "target": online.target,
            "mode": np.full(many, int(online.mode)),
            "randomised": np.zeros(many, dtype=np.int8),
            "cell_age_band": np.ones(many, dtype=np.int64),
            "cell_sex": np.ones(many, dtype=np.int64),
            "cell_tenure": np.zeros(many, dtype=np.int64),
            "item_q1": online.points,
        }
    )


def _by_assessee(people: People, of_area: Floats) -> Floats:
    """Means over areas by eligible households, as scores are combined."""
    weight = people.eligible[people.target] * people.share.astype(np.float64)
    made: Floats = np.bincount(people.assessee, weight * of_area[people.target]) / np.bincount(
        people.assessee, weight
    )
    return made


def _trial(design: Design, people: People, drawn: Round, result: Result) -> Trial:
    shape = (people.replicates, design.people)
    replicate = people.replicate[drawn.target]
    ballots = np.bincount(replicate, minlength=people.replicates)
    reference = np.bincount(replicate, drawn.effect, people.replicates) / ballots
    tie = np.bincount(replicate, np.array(design.tie)[drawn.tenant], people.replicates) / ballots * WIDEST / 9
    truth = _by_assessee(people, people.score).reshape(shape) + reference[:, None]
    sms = SMS_POINTS * np.bincount(replicate, drawn.sms, people.replicates) / ballots
    own_mix = _by_assessee(people, people.score + mix_of_areas(design, drawn)).reshape(shape) + sms[:, None]
    scores = result["scores"]
    numbers = {
        name: np.array(scores[name].cast(pa.float64()).fill_null(np.nan)).reshape(shape)
        for name, kind in zip(scores.schema.names, scores.schema.types, strict=True)
        if pa.types.is_floating(kind) or pa.types.is_integer(kind)
    }
    group, grade = (
        np.array(scores[name].to_pylist(), dtype=object).reshape(shape)
        for name in ("comparison_group", "grade")
    )
    return Trial(design, truth, own_mix, truth - tie[:, None], numbers, group, grade, result)


def second_round(first: Trial, people: People, seed: int, folder: Path) -> Trial:
    """The same people a round later: other modes, other households, true scores that have moved."""
    rng = np.random.default_rng([seed, 3])
    level, spread = first.design.change
    change = level + spread * rng.standard_normal(len(people.score))
    modes = rng.uniform(0.1, 0.9, len(people.score))
    later = replace(people, score=people.score + change, sms_share=modes)
    drawn = draw_round(first.design, later, np.random.default_rng([seed, 4]))
    trial = assess_round(first.design, later, drawn, folder, Run(earlier=first.result))
    return replace(trial, truth_change=_by_assessee(people, change).reshape(first.truth.shape))
