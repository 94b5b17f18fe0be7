"""Write the postings of a sealed result: proposed by one, approved by another, written in the background.

All postings, handovers, the state and the ledger entry are one transaction, so a job that was killed has
written nothing and begins again, and a repeated one finds them there. It is one change set of people: undone
there as one, as long as nobody has signed a handover. Undone or broken off, it can be proposed anew.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from django.db import transaction
from django.db.models import Q
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from minping_web.choices.models import Mediation, PostedGrid, TwoWayChoice
from minping_web.choices.rules.phases import Phase, State
from minping_web.choices.selectors.choices import EDIT
from minping_web.choices.selectors.markets import Book
from minping_web.choices.services.preparing import locked_choice
from minping_web.common import approval
from minping_web.common.clock import now
from minping_web.common.models import Proposal
from minping_web.common.problems import RefusedError
from minping_web.common.scope import Scope, entered
from minping_web.jobs.rules import Progress
from minping_web.jobs.services import enqueue
from minping_web.ledger.services import stage
from minping_web.people.models import Person, Posting
from minping_web.people.rules import SINGLE_ROLES
from minping_web.people.selectors import on_day
from minping_web.people.services import Assignment, assign_all, problems_of, vacated_by
from minping_web.places.models import Area

ACT, TASK = "choices.carry_out", "choices.write_postings"
CARRIED_OUT = "choice.carried_out"


@dataclass(frozen=True)
class Move:
    """One person with the areas before and after; no area after where somebody else got it."""

    person: Person
    before: tuple[str, ...]
    after: tuple[str, ...]
    role: str = ""


@dataclass(frozen=True)
class Plan:
    """What would be written: who moves, how many stay, which areas nobody answers for any more."""

    moves: list[Move]
    stay: int
    vacated: list[str]


def assignments_of(choice: TwoWayChoice) -> list[Assignment]:
    """Who serves where from the day on."""
    book = Book(choice)
    return [
        Assignment(book.candidates[who].person, grid.area, grid.role, grid.talents)
        for who, grid in ((who, book.grids[where]) for who, where in choice.pairs)
    ]


def plan_of(scope: Scope, choice: TwoWayChoice) -> Plan:
    """A look ahead, in a few queries; raises `RefusedError` with everything in the way."""
    assignments = assignments_of(choice)
    if problems := problems_of(scope, assignments, choice.takes_effect_on):
        raise RefusedError(problems)
    vacated = [placed(area) for area in vacated_by(assignments, choice.takes_effect_on)]
    return Plan(moves_of(choice, assignments), _unmoved(choice), vacated)


@transaction.atomic
def propose_carrying_out(scope: Scope, choice_id: int, reason: str) -> Proposal:
    """Ask a second person to let the postings be written."""
    choice = locked_choice(scope, choice_id)
    _require_agreed(choice)
    if open_proposal(choice):
        raise RefusedError.of("choices.proposed_already")
    payload = {"choice": choice.pk, "name": choice.name, "protocol_sha256": choice.protocol_sha256}
    return approval.propose(
        scope, ACT, title=title_of(choice), reason=reason, payload=payload, area_path=choice.area.path
    )


def title_of(choice: TwoWayChoice) -> str:
    """Of the change set."""
    return _("Two-way choice: %(name)s") % {"name": choice.name}


def _require_agreed(choice: TwoWayChoice) -> None:
    if choice.phase != Phase.AGREED:
        raise RefusedError.of("choices.other_phase", phase=str(choice.phase.label))


def open_proposal(choice: TwoWayChoice) -> Proposal | None:
    """What waits for the second person."""
    rows = Proposal.objects.filter(kind=ACT, payload__choice=choice.pk, state=Proposal.State.OPEN)
    return rows.filter(expires_at__gt=now()).first()


def carry(scope: Scope, payload: dict[str, Any]) -> TwoWayChoice:
    """Queue the writing, as the approver. Raises `RefusedError` with everything that is in the way."""
    choice = locked_choice(scope, payload["choice"])
    _require_agreed(choice)
    if problems := problems_of(scope, assignments_of(choice), choice.takes_effect_on):
        raise RefusedError(problems)
    title = _("Write the postings: %(name)s") % {"name": choice.name}
    choice.state = State.CARRYING
    choice.job = enqueue(scope, TASK, title=title[:200], choice_id=choice.pk)
    choice.save(update_fields=["state", "job"])
    return choice


def write_postings(choice_id: int, progress: Progress) -> dict[str, Any]:
    """Write all postings and begin the handovers, or nothing; may be repeated."""
    scope = progress.scope
    with entered(scope), transaction.atomic():
        choice = locked_choice(scope, choice_id)
        if choice.state != State.CARRYING:
            return {"state": choice.state}
        recorder = assign_all(
            scope, title_of(choice), assignments_of(choice), choice.takes_effect_on, told=progress
        )
        choice.state, choice.change_set = State.CARRIED_OUT, recorder.change_set
        choice.save(update_fields=["state", "change_set"])
        record = {"choice": choice.pk, "protocol_sha256": choice.protocol_sha256,
                  "postings": len(choice.pairs), "by": scope.user_id or 0}  # fmt: skip
        number = recorder.change_set.pk if recorder.change_set else 0
        stage(CARRIED_OUT, f"{choice.step_id}-carried-out-{number}", record)
    return {"state": choice.state, "postings": len(choice.pairs)}


def describe(payload: dict[str, Any]) -> list[tuple[str, str]]:
    """What the second person reads."""
    choice = TwoWayChoice.objects.filter(pk=payload["choice"]).first()
    if choice is None:
        return [(_("Two-way choice"), payload["name"])]
    mediated = choice.mediations.filter(state=Mediation.State.IN_FORCE).count()
    return [
        (_("Two-way choice"), choice.name),
        (_("New postings from"), str(choice.takes_effect_on)),
        (_("Pairs"), str(len(choice.pairs))),
        (_("Grids with the same owner as before"), str(_unmoved(choice))),
        (_("Mediations in force"), str(mediated)),
        (_("Hash of the protocol"), choice.protocol_sha256),
        *(_told(move) for move in moves_of(choice, assignments_of(choice))),
    ]


def moves_of(choice: TwoWayChoice, given: list[Assignment]) -> list[Move]:
    """Each person who moves; who loses an area and gets none stands last."""
    held = _held_before(choice, given)
    found = []
    for one in given:
        before = held.pop(one.person, []) if one.role in SINGLE_ROLES else []
        if [area.pk for area in before] != [one.area.pk]:
            found.append(_move(one.person, before, [one.area], one.role))
    return [*found, *(_move(person, before, []) for person, before in held.items())]


def _held_before(choice: TwoWayChoice, given: list[Assignment]) -> dict[Person, list[Area]]:
    """Areas of those who get one or whose area goes to another, on the day before."""
    owning = [one for one in given if one.role in SINGLE_ROLES]
    touched = Q(person__in=[one.person for one in owning]) | Q(area__in=[one.area for one in owning])
    rows = Posting.objects.filter(touched, role__in=SINGLE_ROLES).order_by("person__name", "pk")
    held: dict[Person, list[Area]] = {}
    day = choice.takes_effect_on - timedelta(days=1)
    for row in on_day(rows, day).select_related("person", "area__parent__parent"):
        held.setdefault(row.person, []).append(row.area)
    return held


def _move(person: Person, before: list[Area], after: list[Area], role: str = "") -> Move:
    return Move(person, tuple(map(placed, before)), tuple(map(placed, after)), role)


def _told(move: Move) -> tuple[str, str]:
    places = [", ".join(areas) or "—" for areas in (move.before, move.after)]
    return f"{move.person.name} {move.person.code}", " → ".join(places)


def placed(area: Area) -> str:
    """With the areas around it: grids of all communities are numbered alike."""
    return " · ".join([area.name, *(one.name for one in reversed(area.around))])


def _unmoved(choice: TwoWayChoice) -> int:
    owners = dict(PostedGrid.objects.filter(choice=choice).values_list("pk", "owner"))
    people = dict(choice.candidates.values_list("pk", "person"))
    return sum(owners.get(where) == people[who] for who, where in choice.pairs)


def act() -> approval.Act:
    """The two-person act: both prepare choices at this place."""
    title = gettext_lazy("Write the postings of a two-way choice")
    return approval.Act(ACT, title, EDIT, carry, describe=describe)
