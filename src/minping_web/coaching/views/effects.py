"""Did it help: plans between two published results, in the engine's words."""

from __future__ import annotations

from django.http import HttpResponse
from django.shortcuts import render

from minping_web.coaching.exports import EFFECTS, effect_rows
from minping_web.coaching.selectors.effects import effects_at, publications_to_compare, seen_of, tells_all
from minping_web.coaching.selectors.plans import VIEW
from minping_web.common.edit_pages import asked, paged
from minping_web.common.import_flow import export_response, wants_export
from minping_web.common.models import Erasure
from minping_web.common.pages import ScopedRequest, page
from minping_web.common.problems import lines
from minping_web.common.retention import clocks


@page(VIEW)
def effect_page(request: ScopedRequest) -> HttpResponse:
    """Every plan with its interval and verdict, and what all plans together brought."""
    publications = list(publications_to_compare()[:40])
    wanted = asked(request, "result", 12)
    chosen = next(
        (one for one in publications if str(one.pk) == wanted), publications[0] if publications else None
    )
    found = effects_at(chosen) if chosen else None
    rows = seen_of(request.scope, found) if found else ()
    if found and wants_export(request):
        return export_response(request, EFFECTS, effect_rows(rows))
    context = {
        "publications": publications,
        "chosen": chosen,
        "found": found,
        "tells_all": tells_all(found, rows) if found else False,
        "page_obj": paged(request, rows),
        "problems": lines(found.problems) if found else [],
        "helped": found.counted("helped") if found else 0,
        "not_shown": found.counted("not_shown") if found else 0,
        "worse": found.counted("worse") if found else 0,
    }
    return render(request, "coaching/effects.html", context)


@page(VIEW)
def retention_page(request: ScopedRequest) -> HttpResponse:
    """How long what is kept, and what was erased."""
    context = {"page_obj": paged(request, Erasure.of("coaching")), "clocks": clocks("coaching")}
    return render(request, "coaching/retention.html", context)
