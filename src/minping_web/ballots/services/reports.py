"""Writes of reports: taken from residents without a trace of who wrote them, opened by staff with one.

A report holds a day and an area: of pressure no finer than the community, of problems no finer than the grid,
whatever the address said. Texts are sealed with the field keys. Too many at a time are refused, the
same for everybody: no address is kept or compared, so that a flood costs others some minutes and no more.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any
from uuid import UUID, uuid4

from django.db import transaction

from minping_engine.errors import IntegrityError
from minping_web.accounts.models import User
from minping_web.ballots.events import CoercionReported, ProblemReported
from minping_web.ballots.models import CoercionReport, ProblemReport, ReportReading
from minping_web.ballots.rules.pace import Pace
from minping_web.ballots.rules.words import Reading
from minping_web.ballots.selectors.places import PRESSURE, PROBLEM, widened
from minping_web.ballots.selectors.reports import HANDLE, pressure_for, problem_for
from minping_web.common.clock import now, today
from minping_web.common.crypto import SealedTable, keyring, register_sealed
from minping_web.common.events import tell
from minping_web.common.problems import RefusedError
from minping_web.common.scope import Scope
from minping_web.places.models import Area

LONGEST_TEXT, LONGEST_CONTACT = 1000, 100
MOST_A_DAY = 3000
"""Of one kind in the whole deployment: a district of half a million households stays far below."""
_pace = {CoercionReport: Pace(30, 12), ProblemReport: Pace(30, 12)}


About = Callable[[str, object], str]
"""Column and row to what a sealed text is bound to."""


def register_tables() -> None:
    """Make sealed texts known to the change of keys."""
    register_sealed(SealedTable(CoercionReport, ("text",), about_pressure))
    register_sealed(SealedTable(ProblemReport, ("text", "contact"), about_problem))


def about_pressure(column: str, row_id: object) -> str:
    """What a sealed text is bound to."""
    return f"ballots_coercionreport.{column}|{_hex(row_id)}"


def about_problem(column: str, row_id: object) -> str:
    """What a sealed text is bound to."""
    return f"ballots_problemreport.{column}|{_hex(row_id)}"


def _hex(row_id: object) -> str:
    return row_id.hex if isinstance(row_id, UUID) else UUID(str(row_id)).hex


@transaction.atomic
def report_pressure(area: Area | None, kind: str, text: str = "") -> None:
    """Take a report; RefusedError `report.too_many` when too many come at once."""
    _in_time(CoercionReport)
    row_id, day, area = uuid4(), today(), widened(area, PRESSURE)
    sealed = keyring().seal(text, about_pressure("text", row_id)) if text else None
    CoercionReport.objects.create(id=row_id, area=area, day=day, kind=kind, text=sealed)
    tell(CoercionReported(area.pk if area else None, day))


@transaction.atomic
def report_problem(
    area: Area | None, field: str, text: str, *, contact: str = "", is_urgent: bool = False
) -> None:
    """Take a problem; RefusedError `report.too_many` when too many come at once."""
    _in_time(ProblemReport)
    row_id, day, keys, area = uuid4(), today(), keyring(), widened(area, PROBLEM)
    ProblemReport.objects.create(
        id=row_id, area=area, day=day, field=field, is_urgent=is_urgent,
        text=keys.seal(text, about_problem("text", row_id)),
        contact=keys.seal(contact, about_problem("contact", row_id)) if contact else None,
    )  # fmt: skip
    tell(ProblemReported(area.pk if area else None, day, field, is_urgent))


def _in_time(model: type[CoercionReport] | type[ProblemReport]) -> None:
    full = model.objects.filter(day=today()).count() >= MOST_A_DAY
    if full or not _pace[model].takes(time.monotonic()):
        raise RefusedError.of("report.too_many")


@dataclass(frozen=True)
class Opened:
    """A report with its words. `lost`: the key is gone or the row was changed."""

    report: Any
    text: str
    contact: str = ""
    lost: bool = False


@transaction.atomic
def open_pressure(scope: Scope, report_id: UUID) -> Opened:
    """Read a report of pressure; the reading is written down first."""
    report = pressure_for(scope, report_id)
    _note(scope, report.pk, Reading.READ)
    return _opened(report, about_pressure, ("text",))


@transaction.atomic
def open_problem(scope: Scope, report_id: UUID) -> Opened:
    """Read a problem with the contact; the reading is written down first."""
    report = problem_for(scope, report_id)
    _note(scope, report.pk, Reading.READ)
    return _opened(report, about_problem, ("text", "contact"))


def _opened(report: Any, about: Any, columns: tuple[str, ...]) -> Opened:
    keys = keyring()
    try:
        words = [
            keys.open(sealed, about(column, report.pk)) if (sealed := getattr(report, column)) else ""
            for column in columns
        ]
    except IntegrityError:
        return Opened(report, "", lost=True)
    return Opened(report, words[0], "".join(words[1:]))


@transaction.atomic
def mark_pressure(scope: Scope, report_id: UUID, what: Reading) -> None:
    """Looked at, or passed on to whoever must act."""
    scope.require(HANDLE)
    _marked(scope, pressure_for(scope, report_id), what)


@transaction.atomic
def mark_problem(scope: Scope, report_id: UUID, what: Reading) -> None:
    """Looked at, or passed on to whoever must act."""
    scope.require(HANDLE)
    _marked(scope, problem_for(scope, report_id), what)


def _marked(scope: Scope, report: CoercionReport | ProblemReport, what: Reading) -> None:
    column = {Reading.SEEN: "seen_on", Reading.PASSED: "passed_on"}[what]
    if getattr(report, column) is None:
        setattr(report, column, today())
        report.save(update_fields=[column])
        _note(scope, report.pk, what)


def note_export(scope: Scope) -> None:
    """Counts left the office."""
    _note(scope, UUID(int=0), Reading.EXPORT)


def _note(scope: Scope, report_id: UUID, what: Reading) -> None:
    reader = User.objects.filter(pk=scope.user_id).first() if scope.user_id else None
    label = str(reader or "")
    ReportReading.objects.create(
        at=now(), reader_id=scope.user_id, reader_label=label[:150], report=report_id, what=what
    )
