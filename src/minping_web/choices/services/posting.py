"""Post a two-way choice: from then on grids, people, dates and the rule for ties are fixed and in the ledger.

All problems at once. What was posted is written down as a hash together with the named public draw, so that
nobody can move a condition or name another draw when lists are known.
"""

from __future__ import annotations

from typing import Any

from django.db import transaction
from django.utils.timezone import localdate

from minping_engine.errors import Place, Problem
from minping_web.choices.models import PostedGrid, TieRule, TwoWayChoice
from minping_web.choices.rules.phases import Phase, State
from minping_web.choices.selectors.choices import with_places
from minping_web.choices.selectors.markets import digest
from minping_web.choices.services.preparing import draft_locked, locked_choice
from minping_web.common.clock import now
from minping_web.common.problems import RefusedError
from minping_web.common.scope import Scope
from minping_web.ledger.services import stage
from minping_web.ledger.services.committing import committed
from minping_web.people.models import Posting
from minping_web.people.rules import SINGLE_ROLES, PostingRole, has_specialists
from minping_web.people.selectors import on_day
from minping_web.places.rules.levels import Level

POSTED, CALLED_OFF = "choice.posted", "choice.called_off"
FEWEST_DIGITS = 6
ENDED = (State.CARRIED_OUT, State.CALLED_OFF)


def problems_before_posting(choice: TwoWayChoice) -> list[Problem]:
    """Everything that has to be mended first."""
    grids = _grids_to_check(choice)
    found = [*_faults_of_dates(choice), *_faults_of_ties(choice)]
    if not grids:
        found.append(Problem("choices.no_grids"))
    if not choice.candidates.exists():
        found.append(Problem("choices.no_candidates"))
    busy = _busy_elsewhere(choice)
    absent = _absent_owners(choice)
    for grid in grids:
        found += _faults_of_grid(grid, busy)
        if grid.role in SINGLE_ROLES and grid.area_id in absent:
            params: dict[str, object] = {"name": absent[grid.area_id]}
            found.append(Problem("choices.owner_absent", Place(key=grid.placed), params))
    return found


def _grids_to_check(choice: TwoWayChoice) -> list[PostedGrid]:
    """With their areas and no more: a district has a thousand, and each draft's page checks them."""
    outer = ("name", "level", "parent")
    fields = ["area", "choice", "role", "talents", "area__grid_level", "area__valid_to"]
    for at in ("area", "area__parent", "area__parent__parent"):
        fields += [f"{at}__{name}" for name in outer]
    rows = choice.grids.select_related("area__parent__parent").only(*fields)
    return list(rows.order_by("area__path"))


def _absent_owners(choice: TwoWayChoice) -> dict[int, str]:
    """Area -> name of who answers for it on the day before the new postings and does not take part."""
    rows = Posting.objects.filter(area__in=choice.grids.values("area"), role__in=SINGLE_ROLES)
    held = on_day(rows, choice.takes_effect_on).values_list("area", "person", "person__name")
    takers = set(choice.candidates.order_by().values_list("person", flat=True))
    owners = {area: (person, name) for area, person, name in held}
    return {area: name for area, (person, name) in owners.items() if person not in takers}


def _faults_of_dates(choice: TwoWayChoice) -> list[Problem]:
    found = []
    if not choice.choose_from < choice.choose_until < choice.choose_back_until:
        found.append(Problem("choices.dates_order", Place(key="choose_until")))
    if choice.choose_until <= now():
        found.append(Problem("choices.dates_past", Place(key="choose_until")))
    if choice.takes_effect_on <= localdate(choice.choose_back_until):
        found.append(Problem("choices.effect_too_early", Place(key="takes_effect_on")))
    return found


def _faults_of_ties(choice: TwoWayChoice) -> list[Problem]:
    if choice.ties != TieRule.DRAW:
        return []
    if not (choice.seed_source and choice.seed_on and choice.seed_form):
        return [Problem("choices.draw_unnamed", Place(key="seed_source"))]
    found = []
    if choice.seed_form.count("#") < FEWEST_DIGITS:
        found.append(Problem("choices.draw_form", Place(key="seed_form"), {"fewest": FEWEST_DIGITS}))
    if choice.seed_on <= localdate(choice.choose_back_until):
        found.append(Problem("choices.draw_too_early", Place(key="seed_on")))
    return found


def _faults_of_grid(grid: PostedGrid, busy: dict[int, str]) -> list[Problem]:
    place, found = Place(key=grid.placed), []
    if not any(area.level == Level.COMMUNITY for area in (grid.area.parent, _outer(grid)) if area):
        found.append(Problem("choices.grid_outside_community", place))
    if grid.role == PostingRole.WARDEN and grid.area.level != Level.GRID:
        found.append(Problem("choices.warden_needs_grid", place))
    if grid.role == PostingRole.SPECIALIST:
        found += _faults_of_specialist(grid, place)
    if grid.area_id in busy:
        found.append(Problem("choices.grid_busy", place, {"choice": busy[grid.area_id]}))
    if grid.area.valid_to and grid.area.valid_to < grid.choice.takes_effect_on:
        found.append(Problem("choices.grid_ended", place, {"day": str(grid.area.valid_to)}))
    return found


def _faults_of_specialist(grid: PostedGrid, place: Place) -> list[Problem]:
    """S89: on an L1 or L2 grid, and everybody reads for which talents."""
    found = []
    if not has_specialists(grid.area.level, grid.area.grid_level):
        found.append(Problem("choices.specialist_needs_wide_grid", place))
    if not grid.talents.strip():
        found.append(Problem("choices.talents_missing", place))
    return found


def _outer(grid: PostedGrid) -> Any:
    return grid.area.parent.parent if grid.area.parent else None


def _busy_elsewhere(choice: TwoWayChoice) -> dict[int, str]:
    """Area -> name of another choice under way that offers it."""
    rows = PostedGrid.objects.exclude(choice__state__in=(*ENDED, State.DRAFT)).exclude(choice=choice)
    return dict(rows.filter(area__in=choice.grids.values("area")).values_list("area", "choice__name"))


def owners_of(choice: TwoWayChoice, grids: list[PostedGrid]) -> dict[int, Posting]:
    """Area -> who answers for it on the day before the new postings."""
    rows = Posting.objects.filter(area__in=[grid.area_id for grid in grids], role__in=SINGLE_ROLES)
    return {one.area_id: one for one in on_day(rows, choice.takes_effect_on).select_related("person")}


@transaction.atomic
def post(scope: Scope, choice_id: int) -> TwoWayChoice:
    """Fix everything and publish it to those who take part; raises `RefusedError` with all problems."""
    choice = draft_locked(scope, choice_id)
    if problems := problems_before_posting(choice):
        raise RefusedError(problems)
    grids = list(with_places(choice.grids.all()))
    owners = owners_of(choice, grids)
    for grid in grids:
        held = owners.get(grid.area_id)
        grid.owner_id, grid.households = held.person_id if held else None, grid.area.households
    PostedGrid.objects.bulk_update(grids, ["owner", "households"])
    record = _record(choice, grids)
    choice.state, choice.posted_at = State.POSTED, now()
    choice.posted_sha256 = digest(record)
    choice.save()
    stage(POSTED, f"{choice.step_id}-posted", {"choice": choice.pk, "sha256": choice.posted_sha256,
          "grids": len(grids), "seats": sum(grid.seats for grid in grids),
          "people": choice.candidates.count(), "draw": _draw(choice), "by": scope.user_id or 0})  # fmt: skip
    return choice


def _record(choice: TwoWayChoice, grids: list[PostedGrid]) -> dict[str, Any]:
    """All that is fixed; the hash of it is in the ledger, and ties by a draw hang on it."""
    dates = [choice.choose_from, choice.choose_until, choice.choose_back_until, choice.takes_effect_on]
    return {
        "choice": choice.pk,
        "dates": [moment.isoformat() for moment in dates],
        "proposing": choice.proposing,
        "ties": choice.ties,
        "draw": _draw(choice),
        "people": sorted(choice.candidates.values_list("pk", "person__code")),
        "grids": [
            [one.pk, one.area.code, one.role, one.seats, one.certificate, one.skill_id, one.party_member,
             one.language, *([one.talents] if one.talents else [])]
            for one in sorted(grids, key=lambda grid: grid.pk)
        ],
    }  # fmt: skip


def _draw(choice: TwoWayChoice) -> list[str]:
    """The public draw as it was named; empty where a stated order decides."""
    if choice.ties != TieRule.DRAW:
        return []
    return [choice.seed_source, str(choice.seed_on), choice.seed_form]


@transaction.atomic
def call_off(scope: Scope, choice_id: int, reason: str) -> None:
    """End it without a result; lists stay closed for ever."""
    choice = locked_choice(scope, choice_id)
    if choice.state in (*ENDED, State.DRAFT) or choice.phase == Phase.CARRYING:
        raise RefusedError.of("choices.not_to_call_off")
    if not reason.strip():
        raise RefusedError.of("choices.reason_missing", Place(key="reason"))
    choice.state, choice.reason = State.CALLED_OFF, reason.strip()
    choice.save(update_fields=["state", "reason"])
    step = f"{choice.step_id}-called-off"
    record = {"choice": choice.pk, "by": scope.user_id or 0}
    stage(CALLED_OFF, step, {**record, **committed("reason", choice.reason, step=step)})
