"""Pages of who chooses: my choices, my list on the phone, what came out for me, what I am asked to sign."""

from __future__ import annotations

from typing import Any

from django.http import HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _

from minping_web.choices.models import Candidate, PostedGrid
from minping_web.choices.rules import ranking
from minping_web.choices.rules.phases import Phase
from minping_web.choices.selectors.choices import OWN, own_candidacies, own_candidacy, with_places
from minping_web.choices.selectors.mediations import waiting_for_person
from minping_web.choices.selectors.qualifications import conditions_of, declared_conditions_of, unmet_by
from minping_web.choices.selectors.results import kept_by, outcome_of, taken_by
from minping_web.choices.services.choosing import save_list, withdraw_list
from minping_web.choices.views.shared import tried
from minping_web.common.edit_pages import asked, paged
from minping_web.common.pages import ScopedRequest, page


@page(OWN)
def own_list(request: ScopedRequest) -> HttpResponse:
    """Choices in which I take part."""
    found = list(own_candidacies(request.scope))
    if len(found) == 1 and "all" not in request.GET:
        return redirect("choices:own", found[0].choice_id)
    return render(request, "choices/own_list.html", {"found": found})


@page(OWN, methods=("GET", "POST"))
def own_page(request: ScopedRequest, choice_id: int) -> HttpResponse:
    """My list while people choose, my result afterwards."""
    candidate = own_candidacy(request.scope, choice_id)
    if request.method == "POST":
        return _saved(request, candidate)
    choice = candidate.choice
    grids = list(with_places(choice.grids.all()))
    open_now = choice.phase == Phase.CHOOSING
    tiers = ranking.read(candidate.draft if open_now else candidate.tiers)
    context = {
        "candidate": candidate,
        "choice": choice,
        "phase": choice.phase,
        "open": open_now,
        "mine": _rows(candidate, grids, tiers),
        **_offered(request, candidate, grids, tiers),
        "text": asked(request, "q", 80),
        "outcome": outcome_of(candidate) if choice.has_result else None,
        "kept": kept_by(candidate) if choice.has_result else [],
        "extensions": choice.extensions.select_related("made_by"),
        "signatures": waiting_for_person(request.scope, choice),
    }
    return render(request, "choices/own.html", context)


def _saved(request: ScopedRequest, candidate: Candidate) -> HttpResponse:
    """A button of a row, "save", or "hand in"."""
    before = ranking.read(candidate.draft)
    tiers = typed(request.POST, before)
    tiers = ranking.acted(tiers, request.POST.get("act", ""))
    if "withdraw" in request.POST:
        said = _("Withdrawn. Your draft is still here; hand in again before the deadline.")
        tried(request, lambda: withdraw_list(request.scope, candidate), said)
        return redirect(request.get_full_path())
    hand_in = "hand_in" in request.POST
    said = _("Handed in. You can change it until the deadline.") if hand_in else _("Saved as a draft.")
    tried(request, lambda: save_list(request.scope, candidate, tiers, hand_in=hand_in), said)
    return redirect(request.get_full_path())


def typed(data: QueryDict, before: ranking.Tiers) -> ranking.Tiers:
    """The list with the numbers that were typed; a row without a number keeps its place."""
    places = ranking.places(before)
    for one in list(places):
        text = data.get(f"place_{one}", "")
        if text.isdecimal() and len(text) < 5 and int(text) > 0:
            places[one] = int(text)
    return ranking.from_places(places)


def _rows(candidate: Candidate, grids: list[PostedGrid], tiers: ranking.Tiers) -> list[dict[str, Any]]:
    """My list, best first."""
    known = {grid.pk: grid for grid in grids}
    places = ranking.places(tiers)
    return [_row(candidate, known[one], places[one]) for one in ranking.ids(tiers) if one in known]


def _row(candidate: Candidate, grid: PostedGrid, place: int) -> dict[str, Any]:
    return {
        "grid": grid,
        "place": place,
        "conditions": conditions_of(grid),
        "declared": declared_conditions_of(grid),
        "mine": grid.owner_id == candidate.person_id,
    }


def _offered(
    request: ScopedRequest, candidate: Candidate, grids: list[PostedGrid], tiers: ranking.Tiers
) -> dict[str, Any]:
    """A page of the other grids, those whose conditions I do not meet marked, or who got them."""
    text = asked(request, "q", 80).casefold()
    listed = set(ranking.ids(tiers))
    rest = [
        grid
        for grid in grids
        if grid.pk not in listed and text in f"{grid.placed}{grid.area.code}".casefold()
    ]
    page_obj = paged(request, rest)
    shown = list(page_obj.object_list)
    unmet: dict[int, list[str]] = {}
    for grid, told in unmet_by(candidate.person, shown):
        unmet.setdefault(grid.pk, []).append(told)
    taken = taken_by(candidate.choice) if candidate.choice.has_result else {}
    rows = [
        {**_row(candidate, grid, 0), "unmet": unmet.get(grid.pk, []), "taken": taken.get(grid.pk, [])}
        for grid in shown
    ]
    return {"offered": rows, "page_obj": page_obj}
