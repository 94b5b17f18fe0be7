"""Calls for marks: made, given raters, prolonged. What a rater wrote is no business of this module."""

from __future__ import annotations

import secrets
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from django.core.exceptions import PermissionDenied
from django.db import transaction

from minping_engine.errors import Place, Problem
from minping_web.accounts.models import User
from minping_web.appraisals.models import CalledRater, EvidenceSeal, RaterCall
from minping_web.appraisals.rules.words import UNDER_WAY
from minping_web.appraisals.selectors.evidence import EDIT, asked_of
from minping_web.appraisals.selectors.missing import means_of
from minping_web.appraisals.selectors.paper import groups_on_paper, on_paper
from minping_web.appraisals.selectors.raters import candidates, group_of
from minping_web.common.changes import recording
from minping_web.common.clock import now, today
from minping_web.common.problems import RefusedError
from minping_web.common.scope import Scope
from minping_web.rounds.models import SurveyRound

CHANGE = "appraisals.calls"


@dataclass(frozen=True)
class CallDraft:
    """What the form of a call asks."""

    group: str
    opens_on: date
    ends_on: date
    own_place_only: bool = False
    note: str = ""


def require_everywhere(scope: Scope, permission: str) -> None:
    """Evidence of a round spans the district: a right somewhere is no right here."""
    if not scope.may_everywhere(permission):
        raise PermissionDenied(permission)


def make_call(scope: Scope, found: SurveyRound, draft: CallDraft) -> RaterCall:
    """Open a call for one rater group. Raises `RefusedError` with all that does not fit."""
    require_everywhere(scope, EDIT)
    problems = []
    if asked_of(found).group(draft.group) is None:
        problems.append(Problem("appraisal.unknown_group", Place(key="group"), {"group": draft.group}))
    if draft.ends_on < draft.opens_on:
        problems.append(Problem("appraisal.ends_before_it_opens", Place(key="ends_on")))
    if RaterCall.objects.filter(round=found, group=draft.group).exists():
        problems.append(Problem("appraisal.called_already", Place(key="group")))
    if draft.group in groups_on_paper(found):
        problems.append(Problem("appraisal.came_by_workbook", Place(key="group")))
    if problems:
        raise RefusedError(problems)
    call = RaterCall(
        round=found, group=draft.group, opens_on=draft.opens_on, ends_on=draft.ends_on,
        own_place_only=draft.own_place_only, note=draft.note.strip(), made_by_id=scope.user_id, made_at=now(),
    )  # fmt: skip
    with recording(scope, CHANGE, f"{found.name}: {draft.group}") as recorder:
        recorder.create(call)
    return call


def change_days(scope: Scope, call: RaterCall, *, ends_on: date, note: str) -> None:
    """Prolong or shorten a call; never into the past, and not while the evidence is being closed.

    Once means are there to be seen it stays over: means before and after one more mark would tell that mark.
    """
    require_everywhere(scope, EDIT)
    refuse_while_closing(call.round_id)
    if ends_on < max(call.opens_on, today()):
        raise RefusedError.of("appraisal.ends_in_the_past", Place(key="ends_on"))
    if any(one.mean for one in means_of(call, group_of(call))):
        raise RefusedError.of("appraisal.means_seen", Place(key="ends_on"))
    with recording(scope, CHANGE, f"{call.round.name}: {call.group}") as recorder:
        recorder.update(call, ends_on=ends_on, note=note.strip())


@transaction.atomic
def call_raters(scope: Scope, call: RaterCall, users: Iterable[User], *, kind: str = "") -> int:
    """Name people with an account; who was called already stays. Returns how many are new."""
    require_everywhere(scope, EDIT)
    refuse_while_closing(call.round_id)
    group = group_of(call)
    wanted = {user.pk: user for user in users}
    may_be = {user.pk for user, _role, _place in candidates(group.source)}
    already = set(CalledRater.objects.filter(call=call).values_list("user", flat=True))
    new = [user for pk, user in wanted.items() if pk not in already]
    problems = [
        Problem("appraisal.not_callable", Place(key="users"), {"name": str(user)})
        for user in new
        if user.pk not in may_be
    ]
    problems += group_problems(call, kind, len(new))
    if problems:
        raise RefusedError(problems)
    numbers = fresh_numbers(call, len(new))
    CalledRater.objects.bulk_create(
        CalledRater(call=call, user=user, kind=kind, number=number)
        for user, number in zip(new, numbers, strict=True)
    )
    return len(new)


def group_problems(call: RaterCall, kind: str, more: int) -> list[Problem]:
    """Whether the scheme allows so many more raters of that kind; locks the call, or two clicks exceed it."""
    group, problems = group_of(call), list[Problem]()
    RaterCall.objects.select_for_update(of=("self",)).get(pk=call.pk)
    kinds = {name for name, _least, _most in group.shares}
    if kinds and kind not in kinds | {"other"}:
        problems.append(Problem("appraisal.kind_missing", Place(key="kind")))
    found = CalledRater.objects.filter(call=call).count() + more
    if group.maximum is not None and found > group.maximum:
        params: dict[str, object] = {"most": group.maximum, "found": found}
        problems.append(Problem("appraisal.too_many_raters", Place(key="users"), params))
    return problems


def fresh_numbers(call: RaterCall, n: int) -> list[int]:
    """Numbers that nobody of the call has. Six random digits: a slip of the pen seldom hits another's."""
    used = set(CalledRater.objects.filter(call=call).values_list("number", flat=True))
    made: list[int] = []
    while len(made) < n:
        number = 100_000 + secrets.randbelow(900_000)
        if number not in used:
            used.add(number)
            made.append(number)
    return made


@transaction.atomic
def remove_rater(scope: Scope, call: RaterCall, rater_id: int) -> None:
    """Take somebody off who has marked nothing yet, on paper neither: called anew they would count twice."""
    require_everywhere(scope, EDIT)
    refuse_while_closing(call.round_id)
    rater = CalledRater.objects.select_for_update().get(call=call, pk=rater_id)
    if rater.saved_at is not None or rater.number in on_paper(call):
        raise RefusedError.of("appraisal.has_marked")
    rater.delete()


def note_reminded(scope: Scope, call: RaterCall) -> int:
    """Write down that those who have not handed in were reminded today; returns how many."""
    require_everywhere(scope, EDIT)
    return CalledRater.objects.filter(call=call, handed_in_at__isnull=True).update(reminded_on=today())


def refuse_while_closing(round_id: int) -> None:
    """Nothing moves while the evidence of a round is being closed."""
    rows = EvidenceSeal.objects.filter(round=round_id, state__in=UNDER_WAY).select_related("job")
    if any(not seal.is_broken for seal in rows):
        raise RefusedError.of("appraisal.being_closed")
