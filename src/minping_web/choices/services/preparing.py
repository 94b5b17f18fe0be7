"""Prepare a two-way choice while it is a draft: dates and rules, posted grids, people who choose."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.db import transaction

from minping_engine.errors import Place
from minping_web.choices.models import Candidate, PostedGrid, Proposing, TieRule, TwoWayChoice
from minping_web.choices.rules.phases import State
from minping_web.choices.selectors.choices import (
    EDIT,
    KINDS,
    areas_to_offer,
    people_to_take_in,
)
from minping_web.common.clock import now
from minping_web.common.problems import RefusedError
from minping_web.common.scope import Scope
from minping_web.people.models import Person
from minping_web.places.models import Area


@dataclass(frozen=True)
class ChoiceDraft:
    """Dates and rules as somebody wants them."""

    name: str
    area: Area
    choose_from: datetime
    choose_until: datetime
    choose_back_until: datetime
    takes_effect_on: date
    proposing: str = Proposing.PEOPLE
    ties: str = TieRule.SENIORITY
    seed_source: str = ""
    seed_on: date | None = None
    seed_form: str = ""


@transaction.atomic
def save_choice(scope: Scope, draft: ChoiceDraft, *, existing: TwoWayChoice | None = None) -> TwoWayChoice:
    """Create or edit a draft."""
    scope.require(EDIT, draft.area.path)
    if existing:
        locked = draft_locked(scope, existing.pk)
        if locked.area_id != draft.area.pk and (locked.grids.exists() or locked.candidates.exists()):
            raise RefusedError.of("choices.area_fixed", Place(key="area"))
    else:
        locked = TwoWayChoice(made_by_id=scope.user_id, made_at=now())
    for name, value in vars(draft).items():
        setattr(locked, name, value)
    locked.save()
    return locked


def draft_locked(scope: Scope, choice_id: int) -> TwoWayChoice:
    """A draft until the transaction ends; raises `RefusedError` when it was posted."""
    found = locked_choice(scope, choice_id)
    if found.state != State.DRAFT:
        raise RefusedError.of("choices.posted_already")
    return found


def locked_choice(scope: Scope, choice_id: int, permission: str = EDIT) -> TwoWayChoice:
    """A choice until the transaction ends; the scope needs the permission at its area."""
    found = TwoWayChoice.objects.select_related("area").select_for_update(of=("self",)).get(pk=choice_id)
    scope.require(permission, found.area.path)
    return found


@transaction.atomic
def drop_choice(scope: Scope, choice_id: int) -> None:
    """Remove a draft with its rows."""
    draft_locked(scope, choice_id).delete()


@transaction.atomic
def add_grids(scope: Scope, choice_id: int, areas: Iterable[Area], **facts: Any) -> int:
    """Offer areas; those posted already are left alone. Gives how many were added."""
    choice = draft_locked(scope, choice_id)
    allowed = set(areas_to_offer(choice).values_list("pk", flat=True))
    fresh = [area for area in areas if area.pk in allowed]
    PostedGrid.objects.bulk_create(
        PostedGrid(choice=choice, area=area, households=area.households, **facts) for area in fresh
    )
    return len(fresh)


@transaction.atomic
def save_grid(scope: Scope, grid: PostedGrid, **facts: Any) -> None:
    """Other seats or conditions."""
    draft_locked(scope, grid.choice_id)
    for name, value in facts.items():
        setattr(grid, name, value)
    grid.save()


@transaction.atomic
def remove_grid(scope: Scope, grid: PostedGrid) -> None:
    """Offer it no more."""
    draft_locked(scope, grid.choice_id)
    grid.delete()


@transaction.atomic
def take_in_all(scope: Scope, choice_id: int) -> int:
    """Everybody who serves there in the usual capacities; gives how many were added."""
    choice = draft_locked(scope, choice_id)
    found = people_to_take_in(choice).filter(kind__in=KINDS)
    return len(Candidate.objects.bulk_create(Candidate(choice=choice, person=one) for one in found))


@transaction.atomic
def take_in(scope: Scope, choice_id: int, person: Person) -> None:
    """One person more."""
    choice = draft_locked(scope, choice_id)
    if not people_to_take_in(choice).filter(pk=person.pk).exists():
        raise RefusedError.of("choices.not_to_take_in", Place(key="person"), name=person.name)
    Candidate.objects.create(choice=choice, person=person)


@transaction.atomic
def take_out(scope: Scope, candidate: Candidate) -> None:
    """One person less."""
    draft_locked(scope, candidate.choice_id)
    candidate.delete()
