"""Agree on a result and carry it out: the protocol is sealed, postings are written by two persons.

Carrying out is one change set of people: undone there as one, as long as nobody has signed a handover.
When it was undone, it can be proposed again.
"""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django.db import transaction
from django.db.models import Q
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from minping_web.choices.models import Mediation, PostedGrid, TwoWayChoice
from minping_web.choices.rules.phases import Phase, State
from minping_web.choices.selectors.choices import EDIT
from minping_web.choices.selectors.markets import Book, blocking_pairs, digest
from minping_web.choices.services.preparing import locked_choice
from minping_web.common import approval
from minping_web.common.clock import now
from minping_web.common.models import Proposal
from minping_web.common.problems import RefusedError
from minping_web.common.scope import Scope
from minping_web.ledger.services import stage
from minping_web.people.models import Person, Posting
from minping_web.people.rules import SINGLE_ROLES
from minping_web.people.selectors import on_day
from minping_web.people.services import Assignment, assign_all
from minping_web.places.models import Area

ACT = "choices.carry_out"
PROTOCOL, CARRIED_OUT = "choice.protocol", "choice.carried_out"


@transaction.atomic
def agree(scope: Scope, choice_id: int) -> TwoWayChoice:
    """No more mediation: the protocol is sealed. Raises `RefusedError` while one waits for signatures."""
    choice = locked_choice(scope, choice_id)
    if choice.phase != Phase.MATCHED:
        raise RefusedError.of("choices.other_phase", phase=str(choice.phase.label))
    record = protocol_record(choice)
    choice.state, choice.agreed_at, choice.agreed_by_id = State.AGREED, now(), scope.user_id
    choice.protocol_sha256 = digest(record)
    choice.save()
    counts = {name: len(record[name]) for name in ("pairs", "unmatched", "vacancies", "mediations")}
    stage(PROTOCOL, f"{choice.step_id}-protocol", {"choice": choice.pk, "sha256": choice.protocol_sha256,
          "lists_sha256": choice.lists_sha256, "blocking": record["blocking"],
          "by": scope.user_id or 0, **counts})  # fmt: skip
    return choice


def protocol_record(choice: TwoWayChoice) -> dict[str, Any]:
    """What the protocol says, in ids and reasons: its hash is in the ledger."""
    book = Book(choice)
    matching = book.matching(choice.pairs)
    return {
        "choice": choice.pk,
        "posted_sha256": choice.posted_sha256,
        "lists_sha256": choice.lists_sha256,
        "first_pairs": choice.first_pairs,
        "pairs": choice.pairs,
        "unmatched": [[one.person_id, one.reason.value] for one in matching.unmatched],
        "vacancies": [[one.position_id, one.seats, one.reason.value] for one in matching.vacancies],
        "blocking": len(blocking_pairs(matching)),
        "mediations": [
            [one.number, one.state, one.changes, one.reason, one.ended_reason]
            for one in Mediation.objects.filter(choice=choice).order_by("number")
        ],
    }


def assignments_of(choice: TwoWayChoice) -> list[Assignment]:
    """Who serves where from the day on."""
    book = Book(choice)
    return [
        Assignment(book.candidates[who].person, book.grids[where].area, book.grids[where].role)
        for who, where in choice.pairs
    ]


def title_of(choice: TwoWayChoice) -> str:
    """Of the change set."""
    return _("Two-way choice: %(name)s") % {"name": choice.name}


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


def _require_agreed(choice: TwoWayChoice) -> None:
    if choice.phase != Phase.AGREED:
        raise RefusedError.of("choices.other_phase", phase=str(choice.phase.label))


def open_proposal(choice: TwoWayChoice) -> Proposal | None:
    """What waits for the second person."""
    rows = Proposal.objects.filter(kind=ACT, payload__choice=choice.pk, state=Proposal.State.OPEN)
    return rows.filter(expires_at__gt=now()).first()


def carry(scope: Scope, payload: dict[str, Any]) -> TwoWayChoice:
    """Write the postings and begin the handovers, as the approver."""
    choice = locked_choice(scope, payload["choice"])
    _require_agreed(choice)
    recorder = assign_all(scope, title_of(choice), assignments_of(choice), choice.takes_effect_on)
    choice.state, choice.change_set = State.CARRIED_OUT, recorder.change_set
    choice.save(update_fields=["state", "change_set"])
    record = {"choice": choice.pk, "protocol_sha256": choice.protocol_sha256,
              "postings": len(choice.pairs), "by": scope.user_id or 0}  # fmt: skip
    number = recorder.change_set.pk if recorder.change_set else 0
    stage(CARRIED_OUT, f"{choice.step_id}-carried-out-{number}", record)
    return choice


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
        *_moves(choice),
    ]


def _moves(choice: TwoWayChoice) -> list[tuple[str, str]]:
    """Each person who moves, with the areas before and after; who loses one and gets none stands last."""
    given = assignments_of(choice)
    held = _held_before(choice, given)
    told = []
    for one in given:
        before = held.pop(one.person, []) if one.role in SINGLE_ROLES else []
        if [area.pk for area in before] != [one.area.pk]:
            told.append(_move(one.person, before, [one.area]))
    return [*told, *(_move(person, before, []) for person, before in held.items())]


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


def _move(person: Person, before: list[Area], after: list[Area]) -> tuple[str, str]:
    places = [", ".join(_placed(area) for area in areas) or "—" for areas in (before, after)]
    return f"{person.name} {person.code}", " → ".join(places)


def _placed(area: Area) -> str:
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
