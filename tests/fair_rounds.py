"""Rounds large enough for models, made in arrays from a seed: areas with people, cells, modes, clusters.

Truth is simple: an area's level plus effects of age, tenure and mode decide how each of five questions is
answered. Everything has a default, so that a test names only what it is about.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from minping_engine.assessment import Result, assess
from minping_engine.evidence import scheduler_named
from minping_engine.scheme import LoadedScheme, load_scheme
from minping_engine.snapshot import BallotPart, Snapshot, SnapshotHead, open_snapshot, seal_snapshot
from minping_engine.terms import Mode

SCHEME = load_scheme("gulou-worker", demo=True)
ITEMS = tuple(item.id for item in SCHEME.scheme.instrument.items)
COVARIATES = ("share_aged_60", "share_tenant", "share_low_income", "share_old_housing")


@dataclass(frozen=True)
class FairRound:
    """`spread`: standard deviation of areas on the hidden scale; `classes`: comparison groups in turn;
    `changed`: what is done to the ballots at the end.

    `lot`: modes that chance draws from; `shared`: people who answer for each area together.
    """

    areas: int = 24
    ballots: int = 60
    households: int = 200
    spread: float = 0.5
    seed: int = 1
    period: str = "2020Q4"
    district: str = "990101"
    classes: tuple[str, ...] = ("甲", "乙")
    randomised: float = 0.4
    buildings: int = 0
    online: int = 0
    streets: int = 1
    lot: tuple[int, ...] = (1, 2, 3)
    shared: int = 1
    levels: NDArray[np.float64] | None = None
    extra: Mapping[str, pa.Table] = field(default_factory=dict)
    changed: Callable[[pa.Table], pa.Table] | None = None

    def level_of_areas(self) -> NDArray[np.float64]:
        """Hidden level of each area."""
        if self.levels is not None:
            return self.levels
        return np.random.default_rng(self.seed).normal(0.6, self.spread, self.areas)


def seal_rounds(
    rounds: tuple[FairRound, ...], folder: Path, *, shuffled: int | None = None, prefix: str = "W"
) -> Snapshot:
    """One snapshot of one or several districts; `shuffled` puts all rows into another order."""
    first = 0
    tables: dict[str, list[pa.Table]] = {}
    parts = []
    for number, one in enumerate(rounds):
        made, ballots = _round_tables(one, first, prefix)
        ballots = one.changed(ballots) if one.changed else ballots
        for name, table in made.items():
            tables.setdefault(name, []).append(table)
        if shuffled is not None:
            ballots = ballots.take(np.random.default_rng(shuffled).permutation(ballots.num_rows))
        parts.append(BallotPart(SCHEME.scheme.instrument.key, one.district, ballots))
        first += one.areas
        assert number == len(parts) - 1
    joined = {name: pa.concat_tables(several) for name, several in tables.items()}
    if shuffled is not None:
        rng = np.random.default_rng(shuffled)
        joined = {name: table.take(rng.permutation(table.num_rows)) for name, table in joined.items()}
    joined |= _shared_tables()
    head = SnapshotHead(rounds[0].period, "quarter", "test", synthetic=True)
    seal_snapshot(folder, head, joined, parts)
    return open_snapshot(folder)


def scheme_with(**parts: Any) -> LoadedScheme:
    """The Gulou scheme with parts of `fairness` changed."""
    fairness = SCHEME.scheme.fairness
    assert fairness is not None
    return SCHEME.with_fairness(type(fairness).model_validate(fairness.model_dump() | parts))


def _round_tables(one: FairRound, first: int, prefix: str) -> tuple[dict[str, pa.Table], pa.Table]:
    rng = np.random.default_rng([one.seed, 7])
    code = one.district
    street, community = f"{code}00", f"{code}001001"
    ids = [f"{code}-A{number:03d}" for number in range(one.areas)]
    homes = [f"{community}-{number % len(one.classes)}" for number in range(one.areas)]
    places: list[tuple[str, str | None, str, str | None]] = [(code, None, "district", None)]
    places += [(f"{street}{number}", code, "street", None) for number in range(one.streets)]
    places += [
        (f"{community}-{number}", f"{street}{number % one.streets}", "community", label)
        for number, label in enumerate(one.classes)
    ]
    places += [(area, home, "responsibility_area", None) for area, home in zip(ids, homes, strict=True)]
    targets = np.arange(first, first + one.areas, dtype=np.int32)
    people = [
        f"{prefix}{target:04d}{suffix}" for target in targets for suffix in ("", "b", "c")[: one.shared]
    ]
    served = np.repeat(targets, one.shared)
    tenants = np.full(one.areas, one.households // 4)
    tables = {
        "areas": pa.table(
            {
                "area_id": [place[0] for place in places],
                "parent_id": pa.array([place[1] for place in places], pa.string()),
                "level": [place[2] for place in places],
                "name": [place[0][-3:] for place in places],
                "area_kind": pa.array([None] * len(places), pa.string()),
                "area_class": pa.array([place[3] for place in places], pa.string()),
                "urban_rural": pa.array([None] * len(places), pa.string()),
            }
        ),
        "area_covariates": pa.table(
            {
                "area_id": ids * len(COVARIATES),
                "covariate": np.repeat(COVARIATES, one.areas).tolist(),
                "value": rng.random(one.areas * len(COVARIATES)),
            }
        ),
        "assessees": pa.table(
            {
                "assessee_id": people,
                "kind": ["community_worker"] * len(people),
                "name": [f"测试{person}" for person in people],
                "area_id": [home for home in homes for _ in range(one.shared)],
            }
        ),
        "targets": pa.table({"target": targets, "area_id": ids, "subject": ["community_worker"] * one.areas}),
        "postings": pa.table(
            {
                "target": served,
                "assessee_id": people,
                "from_day": pa.array([date(2019, 1, 1)] * len(people), pa.date32()),
                "to_day": pa.array([None] * len(people), pa.date32()),
                "share": pa.array([1000] * len(people), pa.int32()),
            }
        ),
        "sample": pa.table(
            {
                "target": np.repeat(targets, 2),
                "stratum": pa.array([0] * (2 * one.areas), pa.int16()),
                "eligible": np.stack([one.households - tenants, tenants], axis=1).ravel(),
                "drawn": np.stack([one.households - tenants, tenants], axis=1).ravel(),
                "cell_tenure": pa.array([0, 1] * one.areas, pa.int16()),
            }
        ),
        "margins": _margins(targets, one.households),
        **one.extra,
    }
    return tables, _ballots(one, first, rng)


def _margins(targets: NDArray[np.int32], households: int) -> pa.Table:
    shares = {"total": [1.0], "age_band": [0.25, 0.25, 0.25, 0.25], "sex": [0.5, 0.5]}
    rows = [
        (int(target), variable, level, round(households * part))
        for target in targets
        for variable, parts in shares.items()
        for level, part in enumerate(parts)
    ]
    target, variable, level, eligible = (list(column) for column in zip(*rows, strict=True))
    return pa.table(
        {
            "target": pa.array(target, pa.int32()),
            "variable": variable,
            "level": pa.array(level, pa.int16()),
            "eligible": eligible,
        }
    )


def _ballots(one: FairRound, first: int, rng: np.random.Generator) -> pa.Table:
    total = one.areas * (one.ballots + one.online)
    area = np.tile(np.arange(one.areas), one.ballots + one.online)
    age, sex = rng.integers(0, 4, total), rng.integers(0, 2, total)
    tenure = (rng.random(total) < 0.2).astype(np.int64)
    by_lot = rng.random(total) < one.randomised
    mode = np.where(by_lot, rng.choice(one.lot, total), 1 + (rng.random(total) < 0.2 + 0.1 * age).astype(int))
    effect = 0.1 * age - 0.2 * tenure - 0.3 * (mode == Mode.SMS)
    latent = one.level_of_areas()[area] + effect
    mode[one.areas * one.ballots :] = Mode.OPEN_ONLINE
    by_lot[one.areas * one.ballots :] = False
    columns: dict[str, Any] = {
        "ballot_id": rng.permutation(total) + first * 10_000,
        "target": (area + first).astype(np.int32),
        "stratum": np.zeros(total, dtype=np.int16),
        "mode": mode.astype(np.int8),
        "randomised": by_lot.astype(np.int8),
        "cell_age_band": age.astype(np.int16),
        "cell_sex": sex.astype(np.int16),
        "cell_tenure": tenure.astype(np.int16),
    }
    if one.buildings:
        building = rng.integers(0, one.buildings, total)
        columns["cluster_building"] = pa.array(building, pa.int32())
        latent = latent + rng.normal(0, 0.6, (one.areas, one.buildings))[area, building]
    for item in ITEMS:
        noise = latent + rng.normal(0, 1, total)
        codes = (
            np.where(noise > 0, 1, 2)
            if item in ("q1", "q2")
            else 1 + np.digitize(noise, [-1.2, -0.4, 0.2, 1.0])
        )
        columns[f"item_{item}"] = pa.array(codes, pa.int16())
    return pa.table(columns)


def _shared_tables() -> dict[str, pa.Table]:
    levels = [("age_band", level, "ballot") for level in range(4)]
    levels += [("sex", level, "ballot") for level in range(2)]
    levels += [("tenure", level, "frame") for level in range(2)]
    instrument = SCHEME.scheme.instrument
    answers = [(item, answer) for item in instrument.items for answer in item.answers]
    return {
        "cell_variables": pa.table(
            {
                "variable": [row[0] for row in levels],
                "level": pa.array([row[1] for row in levels], pa.int16()),
                "known": [row[2] for row in levels],
                "label_zh": [f"第{row[1]}组" for row in levels],
                "label_en": [f"level {row[1]}" for row in levels],
            }
        ),
        "item_codes": pa.table(
            {
                "instrument": [instrument.key] * len(answers),
                "item": [item.id for item, _ in answers],
                "code": pa.array([answer.code for _, answer in answers], pa.int16()),
                "label": [answer.label.zh for _, answer in answers],
                "wording": [item.text.zh for item, _ in answers],
            }
        ),
    }


def run(snapshot: Snapshot, folder: Path, scheme: LoadedScheme = SCHEME, scheduler: str = "serial") -> Result:
    """Assess a sealed round."""
    return assess(snapshot, scheme, folder, scheduler_named(scheduler))


def result_of(round_: FairRound, folder: Path, scheme: LoadedScheme = SCHEME) -> Result:
    """Seal a round and assess it."""
    return run(seal_rounds((round_,), folder / "s"), folder / "o", scheme)


def column(result: Result, name: str) -> np.ndarray:
    """A column of `scores`."""
    return result["scores"][name].to_numpy()


def codes(result: Result) -> set[str]:
    """Codes of the result's warnings."""
    return {str(warning["code"]) for warning in result.head["warnings"]}
