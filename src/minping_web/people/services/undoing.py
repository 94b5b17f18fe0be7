"""What undoing an act on people demands, and what is signed and therefore stays.

The rights are those of the acts: about a person today, at the area of a posting or a handover, for the
whole district where it is a list of the district.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from django.core.exceptions import PermissionDenied
from django.db import models

from minping_engine.errors import Place, Problem
from minping_web.common.changes import Touched, UndoRules
from minping_web.common.clock import today
from minping_web.common.scope import Scope
from minping_web.people.models import (
    Certificate,
    Handover,
    HandoverItem,
    Person,
    PersonSkill,
    Posting,
    StandIn,
)
from minping_web.people.selectors import EDIT
from minping_web.people.services.people import require_edit_below, require_edit_of


def require_undo(scope: Scope, rows: Sequence[Touched]) -> None:
    """Raise `PermissionDenied` unless the scope might do each row's act itself, there and back."""
    returning = _returning(scope, rows)
    for row in rows:
        for one in row.both:
            _require(scope, one, returning)
        _require_employers(scope, row)


def _returning(scope: Scope, rows: Sequence[Touched]) -> set[int]:
    """Who serves in the scope's areas again once the act is taken back: a leave ends the right to edit."""
    return {
        one.back.person_id
        for one in rows
        if isinstance(one.back, Posting)
        and (one.back.ends_on is None or one.back.ends_on >= today())
        and scope.may(EDIT, one.back.area.path)
    }


def _require(scope: Scope, one: models.Model, returning: set[int]) -> None:
    if isinstance(one, Person):
        if one.pk not in returning:
            require_edit_of(scope, one)
    elif isinstance(one, Certificate | PersonSkill | StandIn):
        require_edit_of(scope, one.person)
    elif isinstance(one, Posting | Handover):
        scope.require(EDIT, one.area.path)
    elif isinstance(one, HandoverItem):
        scope.require(EDIT, one.handover.area.path)
    else:
        raise PermissionDenied(EDIT)  # positions, ranks, skills: for the whole district


def _require_employers(scope: Scope, row: Touched) -> None:
    """Who takes somebody from one employer to another needs the right at both; so for making somebody."""
    people = [one for one in row.both if isinstance(one, Person)]
    if len(people) == 1 or len({one.employer_id for one in people}) > 1:
        for one in people:
            require_edit_below(scope, one.employer)


def signed(scope: Scope, rows: Sequence[Touched]) -> list[Problem]:
    """A signature is not undone, and nobody brings back the verification of their own certificate."""
    problems = [
        Problem("handover.signed", Place(), {"label": str(one)})
        for one in _today(rows)
        if isinstance(one, Handover) and (one.giver_confirmed_at or one.taker_confirmed_at)
    ]
    problems += [
        Problem("handover.closed")
        for one in _today(rows)
        if isinstance(one, HandoverItem) and one.handover.closed
    ][:1]
    for row in rows:
        if isinstance(row.back, Certificate) and _verifies_own(scope, row.now, row.back):
            problems.append(Problem("certificate.own"))
    return problems


def _today(rows: Iterable[Touched]) -> list[models.Model]:
    return [row.now for row in rows if row.now is not None]


def _verifies_own(scope: Scope, today: models.Model | None, back: Certificate) -> bool:
    verified_now = isinstance(today, Certificate) and today.verified_by_id is not None
    own = scope.person_id is not None and scope.person_id == back.person_id
    return own and back.verified_by_id is not None and not verified_now


PEOPLE = UndoRules(require_undo, signed)
