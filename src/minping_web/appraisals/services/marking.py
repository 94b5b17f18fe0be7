"""A rater's own marks: saved as often as wanted, handed in, changed until the last day.

The sheet lies sealed under the rater's row. Only the rater writes it, and only about people whom the rater
may mark: what a form sends about anybody else is refused, not dropped.
"""

from __future__ import annotations

import json
from collections.abc import Mapping

from django.core.exceptions import PermissionDenied
from django.db import transaction

from minping_engine.errors import Place, Problem
from minping_web.appraisals.models import CalledRater
from minping_web.appraisals.rules.asked import AskedGroup
from minping_web.appraisals.rules.marks import Sheet, mark_from
from minping_web.appraisals.selectors.evidence import RATE
from minping_web.appraisals.selectors.raters import about_sheet, group_of, marks_of, sheet_rows
from minping_web.appraisals.services.calls import refuse_while_closing
from minping_web.common.clock import now, today
from minping_web.common.crypto import keyring
from minping_web.common.problems import RefusedError
from minping_web.common.scope import Scope

Written = Mapping[tuple[str, str], str]
"""(assessee, item) -> what stands in the field."""


@transaction.atomic
def save_marks(scope: Scope, rater_id: int, written: Written, *, hand_in: bool = False) -> CalledRater:
    """Keep what was written; fields that were not sent stay as they are, empty ones are taken back.

    Raises `RefusedError` with every mark off the scale, before the first and after the last day, about
    somebody whom the rater must not mark, and for handing in an empty sheet.
    """
    scope.require(RATE)
    rater = _own(scope, rater_id)
    group = group_of(rater.call)
    sheet = marks_of(rater)
    problems = _write(sheet, written, rater, group)
    if hand_in and not problems and not any(sheet.values()):
        problems.append(Problem("appraisal.nothing_marked"))
    if problems:
        raise RefusedError(problems)
    rater.sheet = keyring().seal(json.dumps(sheet, sort_keys=True), about_sheet(rater.pk))
    rater.saved_at = now()
    rater.handed_in_at = now() if hand_in else rater.handed_in_at
    if not any(sheet.values()):
        rater.handed_in_at = None
    rater.save(update_fields=["sheet", "saved_at", "handed_in_at"])
    return rater


def _own(scope: Scope, rater_id: int) -> CalledRater:
    rows = CalledRater.objects.select_for_update(of=("self",)).select_related("call__round__scheme", "user")
    rater = rows.get(pk=rater_id)
    if scope.user_id is None or rater.user_id != scope.user_id:
        raise PermissionDenied(RATE)
    if not rater.call.is_open_on(today()):
        raise RefusedError.of("appraisal.not_open", first=rater.call.opens_on, last=rater.call.ends_on)
    refuse_while_closing(rater.call.round_id)
    return rater


def _write(sheet: Sheet, written: Written, rater: CalledRater, group: AskedGroup) -> list[Problem]:
    rows = {row.assessee.id: row for row in sheet_rows(rater, group)}
    problems = []
    for (who, name), text in written.items():
        row, item = rows.get(who), group.item(name)
        if row is None or row.conflict or item is None:
            problems.append(Problem("appraisal.not_yours_to_mark"))
            continue
        mark = mark_from(text, item, Place(key=f"{row.assessee.name} · {item.title}"))
        if isinstance(mark, Problem):
            problems.append(mark)
        elif mark is None:
            sheet.get(who, {}).pop(name, None)
        else:
            sheet.setdefault(who, {})[name] = mark
    for who in [who for who, marks in sheet.items() if not marks]:
        del sheet[who]
    return problems
