"""The draw: when the public value counts, a job draws by the plan that was named and seals the outcome.

The engine draws; here its rows become the round's sample. Killed at any moment, the job starts again: the
same value gives the same draw, and the database changes in one transaction with the entry of the ledger.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from itertools import islice
from typing import Any

from django.db import connection, transaction

from minping_engine.errors import InputError, Place
from minping_engine.sampling import (
    DRAWN,
    Draw,
    DrawnUnit,
    DrawnValue,
    DrawOutcome,
    DrawPlan,
    DrawSteps,
    FrameList,
    Role,
    draw_by_plan,
)
from minping_web.common.clock import now
from minping_web.common.problems import RefusedError
from minping_web.common.scope import Scope, entered
from minping_web.jobs.rules import Progress
from minping_web.jobs.services import enqueue
from minping_web.ledger.services import stage
from minping_web.places.models import Area
from minping_web.rounds.models import RoundArea, RoundStratum, SampledUnit, SurveyRound
from minping_web.rounds.rules.design import Design
from minping_web.rounds.rules.words import Reserves
from minping_web.rounds.selectors.listing import Known, known_units
from minping_web.rounds.selectors.rounds import locked_round
from minping_web.rounds.services.drafting import design_of, require_everywhere
from minping_web.rounds.services.folders import forget_list, read_list, write_folder

TASK = "rounds.draw"
RESERVES_KEPT = 20
"""Replacements kept beside as many as were drawn; the disclosed draw has all of them."""


def queue_draw(scope: Scope, found: SurveyRound) -> SurveyRound:
    """Queue the job that draws; the caller holds the row and wrote the value (`services.valuing`)."""
    found.job = enqueue(scope, TASK, title=found.name, round_id=found.pk)
    found.save(update_fields=["job"])
    return found


@transaction.atomic
def draw_again(scope: Scope, round_id: int) -> SurveyRound:
    """Queue the job once more after it failed for good; the value stays what it is."""
    require_everywhere(scope, "rounds.draw")
    found = locked_round(round_id)
    if found.state != SurveyRound.State.DRAWING or (found.job and found.job.is_open):
        raise RefusedError.of("round.not_fixed")
    return queue_draw(scope, found)


def draw_round(scope: Scope, round_id: int, progress: Progress) -> dict[str, int]:
    """The job. Gives the sizes of sample and replacement lists."""
    with entered(scope):
        found = SurveyRound.objects.select_related("frame").get(pk=round_id)
        if found.state != SurveyRound.State.DRAWING:
            _forget_drawn(found)
            return {}
        progress(0, 4)
        plan, listed = DrawPlan.model_validate(found.plan), read_list(found.pk)
        progress(1, 4)
        outcome, draw = _drawn(found, plan, listed)
        progress(2, 4)
        with transaction.atomic():
            _write(locked_round(round_id), draw, outcome)
            progress(3, 4)
            write_folder(found.pk, (plan, outcome, _steps(found)), listed, draw)
    forget_list(found.pk)
    return {"sample": outcome.sample, "reserve": outcome.reserve}


def _forget_drawn(found: SurveyRound) -> None:
    """The run before was killed between its transaction and the removal of the list."""
    if found.drawn_at is not None or found.state == SurveyRound.State.CANCELLED:
        forget_list(found.pk)


def _drawn(found: SurveyRound, plan: DrawPlan, listed: FrameList) -> tuple[DrawOutcome, Draw]:
    if plan.frame_root != bytes(found.frame.root or b"").hex() or _sealed_after_naming(found):
        raise InputError.of("round.frame_root_differs", Place(key="frame"))
    value = DrawnValue(
        value=found.seed_value, is_fallback=found.seed_is_fallback, protocol=found.seed_protocol
    )
    return draw_by_plan(plan, listed, value)


def _sealed_after_naming(found: SurveyRound) -> bool:
    """A frame sealed when the value could be known could have been made to please."""
    sealed, named = found.frame.sealed_at, found.fixed_at
    return sealed is None or named is None or sealed > named


def _steps(found: SurveyRound) -> DrawSteps:
    return DrawSteps(
        frame=f"frame-{found.frame_id}-sealed",
        named=f"{found.step_id}-seed-named",
        drawn=f"{found.step_id}-drawn",
    )


def _write(found: SurveyRound, draw: Draw, outcome: DrawOutcome) -> None:
    if found.state != SurveyRound.State.DRAWING:
        raise RefusedError.of("round.not_fixed")
    design, areas = design_of(found), _areas(draw)
    known = known_units(found.frame)
    _write_units(found, draw, design, areas, known)
    _write_counts(found, draw, design, areas, known)
    found.state, found.drawn_at = SurveyRound.State.DRAWN, now()
    found.seed, found.draw_sha256 = bytes.fromhex(outcome.seed), outcome.drawn_sha256
    found.draw_report = _report(draw, outcome)
    found.save()
    stage(DRAWN, f"{found.step_id}-drawn", outcome.record())


def _areas(draw: Draw) -> dict[str, int]:
    codes = {group.area for group in draw.groups}
    return dict(Area.objects.filter(code__in=codes).values_list("code", "pk"))


def _report(draw: Draw, outcome: DrawOutcome) -> dict[str, Any]:
    return {
        "sample": outcome.sample,
        "reserve": outcome.reserve,
        "areas": len({group.area for group in draw.groups}),
        "rested": sum(group.rested for group in draw.groups),
        "rested_areas": sorted({group.area for group in draw.rested}),
        "short": sum(group.short for group in draw.groups),
        "short_areas": sorted({group.area for group in draw.short}),
    }


_UNIT_COLUMNS = (
    "round_id", "unit_id", "area_id", "stratum", "place", "is_reserve", "released", "audience", "frame_cell",
    "mode", "randomised",
)  # fmt: skip


def _write_units(
    found: SurveyRound, draw: Draw, design: Design, areas: dict[str, int], known: dict[str, Known]
) -> None:
    """Past the ORM: a round of a district has hundreds of thousands of rows."""
    SampledUnit.objects.filter(round=found).delete()
    table, named = SampledUnit._meta.db_table, ", ".join(_UNIT_COLUMNS)
    rows = _unit_rows(found.pk, draw, design, areas, known)
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            with cursor.copy(f"COPY {table} ({named}) FROM STDIN") as copy:
                for row in rows:
                    copy.write_row(row)
            return
        marks = ", ".join(["%s"] * len(_UNIT_COLUMNS))
        while some := list(islice(rows, 10_000)):
            cursor.executemany(f"INSERT INTO {table} ({named}) VALUES ({marks})", some)


def _unit_rows(
    round_id: int, draw: Draw, design: Design, areas: dict[str, int], known: dict[str, Known]
) -> Iterator[tuple[Any, ...]]:
    numbers = {stratum.id: number for number, stratum in enumerate(design.strata)}
    for unit in draw.units:
        if not _kept(unit, draw, design):
            continue
        about, reserve = _about(unit, design, known), unit.role == Role.RESERVE
        yield (
            round_id, unit.unit, areas[unit.area], numbers[unit.stratum], unit.place, reserve, not reserve,
            about.audience, about.cell, int(unit.mode), unit.randomised,
        )  # fmt: skip


def _kept(unit: DrawnUnit, draw: Draw, design: Design) -> bool:
    if unit.role == Role.SAMPLE:
        return True
    group = draw.by_group[unit.area, unit.stratum]
    return design.reserves != Reserves.NONE and unit.place <= 2 * group.drawn + RESERVES_KEPT


def _about(unit: DrawnUnit, design: Design, known: dict[str, Known]) -> Known:
    """Of a unit that was forgotten since the naming only the stratum is left."""
    if unit.unit in known:
        return known[unit.unit]
    where = next(stratum.where for stratum in design.strata if stratum.id == unit.stratum)
    return Known(where["instrument"][0], "")


def _write_counts(
    found: SurveyRound, draw: Draw, design: Design, areas: dict[str, int], known: dict[str, Known]
) -> None:
    numbers = {stratum.id: number for number, stratum in enumerate(design.strata)}
    eligible: Counter[tuple[str, str, str]] = Counter()
    drawn: Counter[tuple[str, str, str]] = Counter()
    for unit in draw.units:
        key = (unit.area, unit.stratum, _about(unit, design, known).cell)
        eligible[key] += 1
        drawn[key] += unit.role == Role.SAMPLE
    RoundStratum.objects.filter(round=found).delete()
    RoundStratum.objects.bulk_create(
        (
            RoundStratum(round=found, area_id=areas[area], stratum=numbers[stratum], name=stratum,
                         frame_cell=cell, eligible=count, drawn=drawn[area, stratum, cell])
            for (area, stratum, cell), count in sorted(eligible.items())
        ),
        batch_size=2000,
    )  # fmt: skip
    _write_areas(found, draw, design, areas)


def _write_areas(found: SurveyRound, draw: Draw, design: Design, areas: dict[str, int]) -> None:
    by_area: dict[str, list[Any]] = {}
    for group in draw.groups:
        by_area.setdefault(group.area, []).append(group)
    RoundArea.objects.filter(round=found).delete()
    RoundArea.objects.bulk_create(
        (_area_row(found, areas[code], groups, design) for code, groups in sorted(by_area.items())),
        batch_size=2000,
    )


def _area_row(found: SurveyRound, area_id: int, groups: Sequence[Any], design: Design) -> RoundArea:
    sums = {name: sum(getattr(group, name) for group in groups)
            for name in ("eligible", "drawn", "rested", "short")}  # fmt: skip
    return RoundArea(round=found, area_id=area_id, wanted=design.wanted, **sums)
