"""A rater's own marks: saved as often as wanted, handed in, changed until the last day.

The sheet lies sealed under the rater's row. Only the rater writes it, and only about people whom the rater
may mark: what a form sends about anybody else is refused, not dropped.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass

from django.core.exceptions import PermissionDenied
from django.db import transaction

from minping_engine.errors import Place, Problem
from minping_web.appraisals.models import CalledRater
from minping_web.appraisals.rules.asked import AskedGroup
from minping_web.appraisals.rules.marks import Sheet, mark_from
from minping_web.appraisals.selectors.evidence import RATE
from minping_web.appraisals.selectors.paper import on_paper
from minping_web.appraisals.selectors.raters import (
    about_sheet,
    declared_by,
    group_of,
    marks_of,
    rater_of_link,
    sheet_rows,
)
from minping_web.appraisals.services.calls import refuse_while_closing
from minping_web.common.clock import now, today
from minping_web.common.crypto import keyring
from minping_web.common.problems import RefusedError
from minping_web.common.scope import Scope

Written = Mapping[tuple[str, str], str]
"""(assessee, item) -> what stands in the field."""


@dataclass(frozen=True)
class Filled:
    """A sheet as it was sent. `declared`: everybody with a conflict of interest; None = it was not asked."""

    written: Written
    declared: frozenset[str] | None = None
    hand_in: bool = False


@transaction.atomic
def save_marks(
    scope: Scope, rater_id: int, written: Written, *, declared: frozenset[str] | None = None,
    hand_in: bool = False,
) -> CalledRater:  # fmt: skip
    """Keep what was written; fields that were not sent stay as they are, empty ones are taken back.

    Raises `RefusedError` with every mark off the scale, before the first and after the last day, about
    somebody whom the rater must not mark, and for handing in an empty sheet.
    """
    scope.require(RATE)
    rater = _locked(pk=rater_id)
    if rater is None or scope.user_id is None or rater.user_id != scope.user_id:
        raise PermissionDenied(RATE)
    return _kept(rater, Filled(written, declared, hand_in))


@transaction.atomic
def save_by_link(hashed: bytes, filled: Filled) -> CalledRater:
    """The same for somebody without an account: who holds the link marks. Refuses a link that ended."""
    found = rater_of_link(hashed)
    rater = _locked(pk=found.pk, link=hashed, revoked_on=None) if found else None
    if rater is None:
        raise RefusedError.of("appraisal.link_ended")
    return _kept(rater, filled)


def _locked(**wanted: object) -> CalledRater | None:
    rows = CalledRater.objects.select_for_update(of=("self",))
    return rows.select_related("call__round__scheme", "user", "place").filter(**wanted).first()


def _kept(rater: CalledRater, filled: Filled) -> CalledRater:
    _refuse_late(rater)
    sheet, declared = marks_of(rater), declared_by(rater) if filled.declared is None else filled.declared
    problems = _write(sheet, filled.written, rater, group_of(rater.call), declared)
    if filled.hand_in and not problems and not any(sheet.values()):
        problems.append(Problem("appraisal.nothing_marked"))
    if problems:
        raise RefusedError(problems)
    content = {"marks": sheet, "declared": sorted(declared)}
    rater.sheet = keyring().seal(json.dumps(content, sort_keys=True), about_sheet(rater.pk))
    rater.saved_at = now()
    rater.handed_in_at = now() if filled.hand_in else rater.handed_in_at
    if not any(sheet.values()):
        rater.handed_in_at = None
    rater.save(update_fields=["sheet", "saved_at", "handed_in_at"])
    return rater


def _refuse_late(rater: CalledRater) -> None:
    """Nothing outside the days of the call, nothing from whose marks two persons brought on paper."""
    if not rater.call.is_open_on(today()):
        raise RefusedError.of("appraisal.not_open", first=rater.call.opens_on, last=rater.call.ends_on)
    if rater.number in on_paper(rater.call):
        raise RefusedError.of("appraisal.came_on_paper")
    refuse_while_closing(rater.call.round_id)


def _write(
    sheet: Sheet, written: Written, rater: CalledRater, group: AskedGroup, declared: frozenset[str]
) -> list[Problem]:
    rows = {row.assessee.id: row for row in sheet_rows(rater, group)}
    problems = [Problem("appraisal.not_yours_to_mark") for who in declared if who not in rows]
    for who in declared:
        sheet.pop(who, None)
    for (who, name), text in written.items():
        row, item = rows.get(who), group.item(name)
        if row is None or row.conflict or item is None:
            problems.append(Problem("appraisal.not_yours_to_mark"))
            continue
        place = Place(key=f"{row.assessee.name} · {item.title}")
        mark = mark_from(text, item, place)
        if isinstance(mark, Problem):
            problems.append(mark)
        elif mark is not None and who in declared:
            problems.append(Problem("appraisal.declared_and_marked", place))
        elif mark is None:
            sheet.get(who, {}).pop(name, None)
        else:
            sheet.setdefault(who, {})[name] = mark
    for who in [who for who, marks in sheet.items() if not marks]:
        del sheet[who]
    return problems
