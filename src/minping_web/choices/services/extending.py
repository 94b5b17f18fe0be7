"""Put a deadline off, with a reason: only before it has passed, only to a later moment, for everybody alike.

Where people get more time, the communities' deadline moves along, so that nobody's time becomes shorter. The
clock is asked under the lock under which lists are handed in and the matching is asked for.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from django.db import transaction
from django.utils.timezone import localdate

from minping_engine.errors import Place, Problem
from minping_web.choices.models import Extension, TieRule, TwoWayChoice
from minping_web.choices.rules.phases import Phase
from minping_web.choices.services.preparing import locked_choice
from minping_web.common.clock import now
from minping_web.common.problems import RefusedError
from minping_web.common.scope import Scope
from minping_web.ledger.services import stage
from minping_web.ledger.services.committing import committed

ENTRY = "choice.extended"
Deadline = Extension.Deadline
FIELDS = {Deadline.PEOPLE: "choose_until", Deadline.COMMUNITIES: "choose_back_until"}
OPEN = {
    Phase.POSTED: (Deadline.PEOPLE, Deadline.COMMUNITIES),
    Phase.CHOOSING: (Deadline.PEOPLE, Deadline.COMMUNITIES),
    Phase.CHOOSING_BACK: (Deadline.COMMUNITIES,),
}
"""Which deadlines have not passed yet."""


def extendable(choice: TwoWayChoice) -> tuple[Extension.Deadline, ...]:
    """Deadlines that can still be put off."""
    return OPEN.get(choice.phase, ())


@transaction.atomic
def extend(scope: Scope, choice_id: int, deadline: str, until: datetime, reason: str) -> TwoWayChoice:
    """Put one deadline off. Raises `RefusedError` with everything that is in the way."""
    choice = locked_choice(scope, choice_id)
    if deadline not in extendable(choice):
        raise RefusedError.of("choices.extension_too_late")
    wanted = Deadline(deadline)
    by = until - getattr(choice, FIELDS[wanted])
    if problems := _faults(choice, by, reason):
        raise RefusedError(problems)
    moved = tuple(Deadline) if wanted == Deadline.PEOPLE else (wanted,)
    for one in moved:
        _put_off(scope, choice, one, by, reason.strip())
    choice.save(update_fields=[FIELDS[one] for one in moved])
    return choice


def _faults(choice: TwoWayChoice, by: timedelta, reason: str) -> list[Problem]:
    found, last = [], localdate(choice.choose_back_until + by)
    if by <= timedelta():
        found.append(Problem("choices.extension_not_later", Place(key="until")))
    elif choice.takes_effect_on <= last:
        params: dict[str, object] = {"day": str(choice.takes_effect_on)}
        found.append(Problem("choices.extension_past_effect", Place(key="until"), params))
    elif choice.ties == TieRule.DRAW and choice.seed_on and choice.seed_on <= last:
        params = {"day": str(choice.seed_on)}
        found.append(Problem("choices.extension_past_draw", Place(key="until"), params))
    if not reason.strip():
        found.append(Problem("choices.reason_missing", Place(key="reason")))
    return found


def _put_off(
    scope: Scope, choice: TwoWayChoice, deadline: Extension.Deadline, by: timedelta, reason: str
) -> None:
    before = getattr(choice, FIELDS[deadline])
    setattr(choice, FIELDS[deadline], before + by)
    made = Extension.objects.create(
        choice=choice, number=choice.extensions.count() + 1, deadline=deadline, before=before,
        after=before + by, reason=reason, made_by_id=scope.user_id, made_at=now(),
    )  # fmt: skip
    step = f"{choice.step_id}-extended-{made.number}"
    record = {"choice": choice.pk, "number": made.number, "deadline": str(deadline),
              "before": made.before.isoformat(), "after": made.after.isoformat(),
              "by": scope.user_id or 0}  # fmt: skip
    stage(ENTRY, step, {**record, **committed("reason", reason, step=step)})
