"""Pages of communities: the own posted grids, and the list of people for one of them."""

from __future__ import annotations

from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _

from minping_web.choices.models import PostedGrid
from minping_web.choices.rules import ranking
from minping_web.choices.rules.phases import Phase
from minping_web.choices.selectors.choices import CHOOSE, grid_to_fill, grids_to_fill
from minping_web.choices.selectors.markets import choosers_of
from minping_web.choices.selectors.mediations import waiting_for_communities
from minping_web.choices.selectors.qualifications import (
    Qualified,
    conditions_of,
    declared_conditions_of,
    qualifications_of,
)
from minping_web.choices.selectors.results import taken_by
from minping_web.choices.services.choosing import LONGEST_REASON, save_back, withdraw_back
from minping_web.choices.views.own import typed
from minping_web.choices.views.shared import tried
from minping_web.common.edit_pages import asked, paged
from minping_web.common.pages import ScopedRequest, page


@page(CHOOSE)
def back_list(request: ScopedRequest) -> HttpResponse:
    """Posted grids of the own communities."""
    found, text = grids_to_fill(request.scope), asked(request, "q", 80)
    if text:
        found = found.filter(area__name__icontains=text) | found.filter(choice__name__icontains=text)
    page_obj = paged(request, found)
    context = {
        "page_obj": page_obj,
        "text": text,
        "signatures": waiting_for_communities(request.scope),
    }
    return render(request, "choices/back_list.html", context)


@page(CHOOSE, methods=("GET", "POST"))
def back_page(request: ScopedRequest, grid_id: int) -> HttpResponse:
    """People who chose this grid: order them, or say why not."""
    grid = grid_to_fill(request.scope, grid_id)
    if request.method == "POST":
        return _saved(request, grid)
    choice, phase = grid.choice, grid.choice.phase
    open_now = phase == Phase.CHOOSING_BACK
    closed = phase in {Phase.POSTED, Phase.CHOOSING, Phase.CALLED_OFF}
    choosers = [] if closed else choosers_of(grid)
    tiers, unsuitable = _shown(grid, open_now)
    rows = {row.candidate.pk: row for row in qualifications_of(choosers)}
    context = {
        "grid": grid,
        "choice": choice,
        "phase": phase,
        "open": open_now,
        "conditions": conditions_of(grid),
        "declared": declared_conditions_of(grid),
        **_groups(rows, tiers, unsuitable),
        "own": any(one.person_id == request.scope.person_id for one in choosers),
        "changed": open_now and (tiers, unsuitable) != (ranking.read(grid.tiers), grid.unsuitable),
        "taken": taken_by(choice).get(grid.pk, []) if choice.has_result else [],
        "longest": LONGEST_REASON,
        "extensions": choice.extensions.select_related("made_by"),
    }
    return render(request, "choices/back.html", context)


def _shown(grid: PostedGrid, open_now: bool) -> tuple[ranking.Tiers, dict[str, str]]:
    """The draft while it may change, else what counts."""
    if not open_now:
        return ranking.read(grid.tiers), grid.unsuitable
    return ranking.read(grid.draft.get("tiers")), grid.draft.get("unsuitable", {})


def _groups(
    rows: dict[int, Qualified], tiers: ranking.Tiers, unsuitable: dict[str, str]
) -> dict[str, object]:
    """People with a place, people told to be unsuitable with the reason, people to decide on."""
    places = ranking.places(tiers)
    return {
        "placed": [(rows[one], places[one]) for one in ranking.ids(tiers) if one in rows],
        "refused": [(rows[int(one)], reason) for one, reason in unsuitable.items() if int(one) in rows],
        "waiting": [row for pk, row in rows.items() if pk not in places and str(pk) not in unsuitable],
    }


def _saved(request: ScopedRequest, grid: PostedGrid) -> HttpResponse:
    """A button of a row, "save", or "hand in"."""
    data, act = request.POST, request.POST.get("act", "")
    tiers = typed(data, ranking.read(grid.draft.get("tiers")))
    unsuitable = {
        int(one): data.get(f"reason_{one}", reason)
        for one, reason in grid.draft.get("unsuitable", {}).items()
    }
    verb, _colon, key = act.partition(":")
    if key.isdecimal() and len(key) < 12:
        if verb == "unsuitable":
            tiers, unsuitable[int(key)] = ranking.without(tiers, int(key)), data.get(f"reason_{key}", "")
        elif verb == "add":
            unsuitable.pop(int(key), None)
    tiers = ranking.acted(tiers, act)
    if "withdraw" in data:
        said = _("Withdrawn. Your draft is still here; hand in again before the deadline.")
        tried(request, lambda: withdraw_back(request.scope, grid), said)
        return redirect("choices:back", grid.pk)
    hand_in = "hand_in" in data
    said = _("Handed in. You can change it until the deadline.") if hand_in else _("Saved as a draft.")
    tried(request, lambda: save_back(request.scope, grid, tiers, unsuitable, hand_in=hand_in), said)
    return redirect("choices:back", grid.pk)
