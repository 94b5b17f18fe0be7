"""What the generator knows: written beside the data, never into a snapshot.

In: a district (and, for the realised truth, a simulated quarter). Out: Parquet files in a
folder: `workers` and `targets` (expected scores and latent effects by quarter), `effects` (modes,
groups, covariates, levels), `parameters` (every knob with unit), `realised-<quarter>` (what all
households would have said). Which truth to hold against which number: docs/method/demo-district.md.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import fields
from pathlib import Path

import numpy as np
import pyarrow as pa

from minping_engine.demo.district import District, expected_direct, expected_district_mean, person_means
from minping_engine.demo.frame import group_effects
from minping_engine.demo.parameters import QUARTERS
from minping_engine.demo.quarters import Quarter
from minping_engine.demo.response import MODES
from minping_engine.demo.streams import Floats
from minping_engine.snapshot import write_parquet

AGE_LABELS, TENURE_LABELS, SEX_LABELS = (
    ("18-34", "35-49", "50-64", "65+"),
    ("owner", "tenant"),
    ("male", "female"),
)


def write_truth(district: District, folder: Path) -> None:
    """Write all that is known before a ballot is drawn."""
    tables = {
        "workers": worker_truth(district),
        "targets": target_truth(district),
        "effects": effect_truth(district),
        "parameters": parameter_table(district),
    }
    for name, table in tables.items():
        write_parquet(table, folder / f"{name}.parquet")


def write_realised(district: District, drawn: Quarter, folder: Path) -> None:
    """Write what the households would have said in one quarter, by target.

    `all`: mean over all eligible households; `willing`: over those who answer if they are drawn.
    """
    n = district.places.n
    table = pa.table(
        {
            "period": [QUARTERS[drawn.number]] * n,
            "target": np.arange(n, dtype=np.int32),
            "eligible": district.places.households,
            "all": drawn.realised_all,
            "willing": drawn.realised_willing,
            "balanced_draw": _balanced(district),
        }
    )
    write_parquet(table, folder / f"realised-{QUARTERS[drawn.number]}.parquet")


def worker_truth(district: District) -> pa.Table:
    """By quarter and worker: effect, expected direct score, score of all households at a visit."""
    rows = []
    for quarter, period in enumerate(QUARTERS):
        direct = person_means(district, quarter, expected_direct(district, quarter))
        visit = person_means(district, quarter, population(district, quarter))
        for person, expected in direct.items():
            effect = float(district.effects.worker[quarter, person])
            story = district.parameters.story_balanced and person == district.staff.story
            rows.append((period, district.staff.person_id(person), effect, expected, visit[person], story))
    names = ("period", "assessee_id", "worker_effect", "expected_direct", "true_score", "balanced_draw")
    return _table(names, rows)


def target_truth(district: District) -> pa.Table:
    """By quarter and target: expected scores and the parts of the predictor."""
    effects, n = district.effects, district.places.n
    tables = []
    for quarter, period in enumerate(QUARTERS):
        ground = effects.community + effects.area + district.places.grounds.difficulty
        level = district.parameters.quarter_levels[quarter]
        columns: dict[str, object] = {
            "period": [period] * n,
            "target": np.arange(n, dtype=np.int32),
            "predictor": effects.eta[quarter],
            "level": np.full(n, level),
            "posted_effect": effects.eta[quarter] - ground - level,
            "difficulty": district.places.grounds.difficulty,
            "community_effect": effects.community,
            "area_effect": effects.area,
            "expected_direct": expected_direct(district, quarter),
            "true_score": population(district, quarter),
            "fieldwork_failed": [target in district.failures[quarter] for target in range(n)],
            "balanced_draw": _balanced(district),
        }
        tables.append(pa.table(columns))
    return pa.concat_tables(tables)


def effect_truth(district: District) -> pa.Table:
    """Latent effects, and their worth in points at the middle of each quarter's targets."""
    rows = []
    for quarter, period in enumerate(QUARTERS):
        rows.append((period, "district_mean", "", 0.0, expected_district_mean(district, quarter)))
        worth = _worth(district, quarter)
        rows += [
            (period, kind, level, effect, effect * worth) for kind, level, effect in _named_effects(district)
        ]
    return _table(("period", "kind", "level", "latent", "points"), rows)


def parameter_table(district: District) -> pa.Table:
    """Every knob with its value, unit and meaning, and the seed."""
    knobs = district.parameters
    rows = [
        (f.name, repr(getattr(knobs, f.name)), f.metadata["unit"], f.metadata["about"]) for f in fields(knobs)
    ]
    rows.append(("seed", repr(district.seed), "seed", "the district's seed"))
    return _table(("name", "value", "unit", "about"), rows)


def population(district: District, quarter: int) -> Floats:
    """Expected score by target if every eligible household answered at a visit."""
    targets, effects = np.arange(district.places.n), district.effects
    return district.expectation.population(effects.eta[quarter], effects.deviations[quarter], targets)


def _named_effects(district: District) -> Iterable[tuple[str, str, float]]:
    knobs = district.parameters
    for mode, effect in zip(MODES, knobs.mode_effects, strict=True):
        yield "mode", mode.name.lower(), effect
    for kind, labels, effects in (
        ("age_band", AGE_LABELS, knobs.age_effects),
        ("tenure", TENURE_LABELS, knobs.tenure_effects),
        ("sex", SEX_LABELS, knobs.sex_effects),
        ("covariate", [name for name, _ in knobs.difficulty], [effect for _, effect in knobs.difficulty]),
    ):
        for level, effect in zip(labels, effects, strict=True):
            yield kind, level, effect


def _worth(district: District, quarter: int) -> float:
    """Points per latent unit for the mean target and group."""
    eta = district.effects.eta[quarter].mean() + group_effects(district.parameters).mean()
    around = district.model.expected_points(
        np.array([eta - 0.05, eta + 0.05]), np.zeros((2, len(district.model.items)))
    )
    return float(around[1] - around[0]) / 0.1


def _balanced(district: District) -> list[bool]:
    story = district.places.story if district.parameters.story_balanced else -1
    return [target == story for target in range(district.places.n)]


def _table(names: tuple[str, ...], rows: Sequence[tuple[object, ...]]) -> pa.Table:
    return pa.table({name: list(column) for name, column in zip(names, zip(*rows, strict=True), strict=True)})
