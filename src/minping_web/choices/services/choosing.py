"""Lists of both sides: save a draft, hand in, change until the deadline. The clock is asked under a lock.

A person's list names posted grids whose certificate she can show; what is declared (membership, language) she
declares by listing the grid. A community's list names people who chose the grid, or says why not.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from django.core.exceptions import PermissionDenied
from django.db import transaction

from minping_engine.errors import Place, Problem
from minping_web.choices.models import Candidate, PostedGrid, TwoWayChoice
from minping_web.choices.rules import ranking
from minping_web.choices.rules.phases import Phase
from minping_web.choices.selectors.choices import CHOOSE, OWN
from minping_web.choices.selectors.markets import choosers_of
from minping_web.choices.selectors.qualifications import unmet_by
from minping_web.common.clock import now
from minping_web.common.problems import RefusedError
from minping_web.common.scope import Scope

LONGEST_REASON = 200


@transaction.atomic
def save_list(
    scope: Scope, candidate: Candidate, tiers: Sequence[Sequence[int]], *, hand_in: bool = False
) -> Candidate:
    """Keep a person's draft; `hand_in` makes it count. Raises `RefusedError` past the deadline."""
    if scope.person_id != candidate.person_id or not scope.may(OWN):
        raise PermissionDenied(OWN)
    choice = _in_phase(candidate.choice_id, Phase.CHOOSING)
    grids = {one.pk: one for one in choice.grids.select_related("area", "skill")}
    locked = Candidate.objects.select_for_update(of=("self",)).select_related("person").get(pk=candidate.pk)
    wanted = ranking.kept(tiers, grids)
    if len(ranking.ids(wanted)) > ranking.LONGEST:
        raise RefusedError.of("choices.list_too_long", most=ranking.LONGEST)
    listed = [grids[one] for one in ranking.ids(wanted)]
    problems = [
        Problem("choices.condition_unmet", Place(key=grid.area.name), {"condition": told})
        for grid, told in unmet_by(locked.person, listed)
    ]
    if problems:
        raise RefusedError(problems)
    if hand_in and not wanted:
        raise RefusedError.of("choices.list_empty")
    locked.draft = wanted
    if hand_in:
        locked.tiers, locked.handed_in_at = wanted, now()
    locked.save()
    return locked


@transaction.atomic
def withdraw_list(scope: Scope, candidate: Candidate) -> None:
    """A person takes back what she handed in; the draft stays, and she may hand in again in time."""
    if scope.person_id != candidate.person_id or not scope.may(OWN):
        raise PermissionDenied(OWN)
    _in_phase(candidate.choice_id, Phase.CHOOSING)
    locked = Candidate.objects.select_for_update(of=("self",)).get(pk=candidate.pk)
    if locked.handed_in_at is None:
        raise RefusedError.of("choices.nothing_to_withdraw")
    locked.tiers, locked.handed_in_at = [], None
    locked.save(update_fields=["tiers", "handed_in_at"])


@transaction.atomic
def withdraw_back(scope: Scope, grid: PostedGrid) -> None:
    """A community takes back what it handed in for a grid; the draft stays."""
    scope.require(CHOOSE, grid.area.path)
    _in_phase(grid.choice_id, Phase.CHOOSING_BACK)
    locked = PostedGrid.objects.select_for_update(of=("self",)).get(pk=grid.pk)
    if any(one.person_id == scope.person_id for one in choosers_of(locked)):
        raise RefusedError.of("choices.own_grid", Place(key=grid.area.name))
    if locked.handed_in_at is None:
        raise RefusedError.of("choices.nothing_to_withdraw")
    locked.tiers, locked.unsuitable = [], {}
    locked.handed_in_at, locked.handed_in_by_id = None, None
    locked.save(update_fields=["tiers", "unsuitable", "handed_in_at", "handed_in_by"])


@transaction.atomic
def save_back(
    scope: Scope,
    grid: PostedGrid,
    tiers: Sequence[Sequence[int]],
    unsuitable: Mapping[int, str],
    *,
    hand_in: bool = False,
) -> PostedGrid:
    """Keep a community's draft for a grid; to hand in, everybody who chose it is placed or told why not."""
    scope.require(CHOOSE, grid.area.path)
    _in_phase(grid.choice_id, Phase.CHOOSING_BACK)
    locked = (
        PostedGrid.objects.select_for_update(of=("self",)).select_related("choice", "area").get(pk=grid.pk)
    )
    choosers = {one.pk: one for one in choosers_of(locked)}
    if any(one.person_id == scope.person_id for one in choosers.values()):
        raise RefusedError.of("choices.own_grid", Place(key=locked.area.name))
    refused = {
        str(one): reason.strip()[:LONGEST_REASON] for one, reason in unsuitable.items() if one in choosers
    }
    wanted = ranking.kept(tiers, choosers.keys() - {int(one) for one in refused})
    locked.draft = {"tiers": wanted, "unsuitable": refused}
    if hand_in:
        _raise_unplaced(choosers, wanted, refused)
        locked.tiers, locked.unsuitable = wanted, refused
        locked.handed_in_at, locked.handed_in_by_id = now(), scope.user_id
    locked.save()
    return locked


def _raise_unplaced(
    choosers: Mapping[int, Candidate], tiers: ranking.Tiers, refused: Mapping[str, str]
) -> None:
    placed = ranking.places(tiers)
    problems = [
        Problem("choices.not_placed", Place(key=one.person.name))
        for pk, one in choosers.items()
        if pk not in placed and str(pk) not in refused
    ]
    problems += [
        Problem("choices.refusal_without_reason", Place(key=choosers[int(pk)].person.name))
        for pk, reason in refused.items()
        if not reason
    ]
    if problems:
        raise RefusedError(problems)


def _in_phase(choice_id: int, wanted: Phase) -> TwoWayChoice:
    """The choice, locked so that it is not matched meanwhile; raises `RefusedError` at another phase."""
    choice = TwoWayChoice.objects.select_for_update(no_key=True).get(pk=choice_id)
    if choice.phase != wanted:
        raise RefusedError.of("choices.other_phase", phase=str(choice.phase.label))
    return choice
