"""A round without a survey: its scheme reads no ballots, so its first snapshot is made from the registers.

In: who is assessed, by whom told from which area. Out: a closed round without households, questionnaire and
invitations, its snapshot, an entry in the ledger that says so. Evidence follows in a further version.
"""

from __future__ import annotations

import secrets
import shutil
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from pathlib import Path

import pyarrow as pa
from django.conf import settings
from django.db import transaction

from minping_engine.errors import Place, Problem
from minping_engine.snapshot import TABLES, SnapshotHead, arrow_schema, check_snapshot, seal_snapshot
from minping_engine.terms import NAMED_LIKE, PeriodKind, days_of, period_kind
from minping_web.common.clock import now, today
from minping_web.common.problems import RefusedError
from minping_web.common.scope import Scope
from minping_web.frames.services.nobody import frame_of_nobody
from minping_web.ledger.services import stage
from minping_web.ledger.services.committing import committed
from minping_web.places.models import Area
from minping_web.places.rules.levels import CLASS_IN_SCHEMES
from minping_web.rounds.models import SurveyRound
from minping_web.rounds.services.past import PastRound, make_past_round
from minping_web.schemes.models import SchemeVersion
from minping_web.snapshots.models import SealedSnapshot
from minping_web.snapshots.rules.sources import sources
from minping_web.snapshots.selectors.facts import facts_of
from minping_web.snapshots.selectors.ground import LEVELS
from minping_web.snapshots.services.writing import put_durably, snapshot_folder

ENTRY = "round.without_survey"
EDIT = "rounds.edit"
SOURCE = "minping: registers, no survey"
EARLIER = ("history", "earlier_cells", "earlier_outcomes")
WHOLE = 1000
SCHEMAS = {table.name: arrow_schema(table) for table in TABLES}


@dataclass(frozen=True)
class Named:
    """Somebody who is assessed, as the snapshot will know it."""

    id: str
    name: str
    area_code: str


@dataclass(frozen=True)
class WithoutSurvey:
    """What a round without a survey is; `kind`: the period's kind that the scheme asks for."""

    name: str
    period: str
    scheme: SchemeVersion
    kind: PeriodKind
    assessees: Sequence[Named]
    level: str = "district"


def found_round(scope: Scope, about: WithoutSurvey) -> SealedSnapshot:
    """Make the round with its first snapshot. Raises `RefusedError` with all that does not fit."""
    scope.require(EDIT)
    _refuse(about)
    draft = snapshot_folder() / f".without-survey-{secrets.token_hex(6)}"
    try:
        with transaction.atomic():
            made = _registered(scope, about, draft)
            if problems := check_snapshot(draft):
                raise RefusedError(problems)
            put_durably(draft, snapshot_folder() / made.folder)
    finally:
        shutil.rmtree(draft, ignore_errors=True)
    return made


def _refuse(about: WithoutSurvey) -> None:
    problems = []
    if about.kind is not PeriodKind.ROUND and period_kind(about.period) is not about.kind:
        params: dict[str, object] = {"period": about.period, "like": NAMED_LIKE[about.kind]}
        problems.append(Problem("snapshots.other_period_kind", Place(key="period"), params))
    if not about.assessees:
        problems.append(Problem("snapshots.nobody_assessed", Place(key="who")))
    if problems:
        raise RefusedError(problems)


def _registered(scope: Scope, about: WithoutSurvey, draft: Path) -> SealedSnapshot:
    first, last = _days(about.period)
    past = PastRound(
        about.name, about.period, about.scheme, frame_of_nobody(), about.level, about.scheme.assessee_kind,
        _at(first), _at(last), is_without_survey=True,
    )  # fmt: skip
    found = make_past_round(scope, past)
    head = SnapshotHead(
        found.period, period_kind(found.period).value, SOURCE, synthetic=settings.DEMO,
        import_rule={"round": found.pk, "rule": "no survey"},
    )  # fmt: skip
    draft.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    sha256 = seal_snapshot(draft, head, _tables(found, about, last), ())
    made = SealedSnapshot.objects.create(
        round=found, sha256=sha256, folder=f"round-{found.pk}-{sha256[:12]}", period=found.period,
        ballots=0, made_at=now(),
    )  # fmt: skip
    step = f"{found.step_id}-without-survey"
    record = {
        "round": found.pk, **committed("name", found.name, step=step), "period": found.period,
        "scheme": about.scheme.key,
        "scheme_sha256": about.scheme.sha256, "snapshot_sha256": sha256, "assessees": len(about.assessees),
    }  # fmt: skip
    stage(ENTRY, step, record)
    return made


def _days(period: str) -> tuple[date, date]:
    """First and last day; today where the period's name tells none."""
    named = days_of(period)
    return (named[0], date.fromordinal(named[1].toordinal() - 1)) if named else (today(), today())


def _at(day: date) -> datetime:
    return datetime.combine(day, time(), UTC)


def _tables(found: SurveyRound, about: WithoutSurvey, last: date) -> dict[str, pa.Table]:
    """Everything the contract demands, and earlier results for trend and rules over periods."""
    subject, rows = found.subject, sorted(about.assessees, key=lambda one: one.id)
    first = _days(found.period)[0]
    made = {
        "areas": _areas(last),
        "assessees": [
            {"assessee_id": one.id, "kind": subject, "name": one.name, "area_id": one.area_code}
            for one in rows
        ],
        "targets": [
            {"target": at, "area_id": one.area_code, "subject": subject} for at, one in enumerate(rows)
        ],
        "postings": [
            {"target": at, "assessee_id": one.id, "from_day": first, "share": WHOLE}
            for at, one in enumerate(rows)
        ],
        "item_codes": [],
    }
    tables = {name: pa.Table.from_pylist(listed, SCHEMAS[name]) for name, listed in made.items()}
    facts, known = facts_of(found.pk), sources()
    return tables | {name: known[name](facts, None) for name in EARLIER if name in known}


def _areas(last: date) -> list[dict[str, object]]:
    listed = [area for area in Area.objects.filter(level__in=LEVELS).order_by("code") if area.exists_on(last)]
    code_of = {area.pk: area.code for area in listed}
    return [
        {
            "area_id": area.code, "parent_id": code_of.get(area.parent_id or 0), "level": area.level,
            "name": area.name, "area_kind": area.kind or None,
            "area_class": CLASS_IN_SCHEMES.get(area.area_class),
        }
        for area in listed
    ]  # fmt: skip
