"""How the round goes: figures, areas against their targets, rates, the stream. No answer anywhere."""

from __future__ import annotations

from collections.abc import Sequence

from django.http import HttpResponse, HttpResponseBase
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from minping_web.common.edit_pages import paged
from minping_web.common.import_flow import export_response, wants_export
from minping_web.common.live import stream
from minping_web.common.pages import ScopedRequest, page
from minping_web.rounds import exports
from minping_web.rounds.forms import AreaSearchForm
from minping_web.rounds.rules.aapor import Outcomes, estimated_e, rates
from minping_web.rounds.rules.notices import notices_of
from minping_web.rounds.selectors.live import Line, area_lines, progress_of, sees_exact, shown
from minping_web.rounds.selectors.rounds import round_of
from minping_web.rounds.views.rounds import may


@page("rounds.view")
def live_page(request: ScopedRequest, round_id: int) -> HttpResponse:
    """Response by way, audience and day, forecast of the end, rates."""
    found = round_of(request.scope, round_id)
    progress, exact = progress_of(found), sees_exact(request.scope)
    e = estimated_e(progress.outcomes)
    context = {
        "round": found, "progress": progress, "exact": exact, "may": may(request),
        "voted": shown(progress.voted, exact),
        "percent": round(100 * progress.voted / progress.invited) if progress.invited else 0,
        "by_mode": _shown(progress.by_mode, exact), "by_voted_mode": _shown(progress.by_voted_mode, exact),
        "by_audience": _shown(progress.by_audience, exact),
        "bars": _bars(progress.days) if exact else [],
        "rates": _rates(progress.outcomes)
        if exact or progress.voted >= 5 else [],
        "e": float(e),
        "notices": [one for one in notices_of(found.pk) if request.scope.may(one.permission)],
    }  # fmt: skip
    return render(request, "rounds/live.html", context)


def _rates(outcomes: Outcomes) -> list[tuple[str, float | None, str]]:
    """(name, per cent, in words)."""
    words = {
        "RR1": _("Answered in full, of all that may be eligible: the lowest"),
        "RR2": _("As RR1, partial answers included"),
        "RR3": _("Answered in full; of the unknown only the share e counts"),
        "RR4": _("As RR3, partial answers included"),
        "RR5": _("Answered in full, of those known to be eligible: the highest"),
        "RR6": _("As RR5, partial answers included"),
        "COOP1": _("Answered in full, of those reached"),
        "COOP2": _("As COOP1, partial answers included"),
        "REF1": _("Refused, of all that may be eligible"),
        "REF3": _("Refused, of those known to be eligible"),
        "CON1": _("Reached, of all that may be eligible"),
        "CON3": _("Reached, of those known to be eligible"),
    }
    return [
        (name, None if value is None else float(value) * 100, words[name])
        for name, value in rates(outcomes).items()
    ]


def _shown(found: Sequence[Line], exact: bool) -> list[tuple[Line, str, bool]]:
    """(line, its votes in words, whether the share may be shown)."""
    return [(line, shown(line.voted, exact), exact or line.voted >= 5 or not line.voted) for line in found]


def _bars(days: Sequence[tuple[object, int]]) -> list[dict[str, object]]:
    """Bars of the picture: x, y, height, label."""
    most = max((n for _day, n in days), default=0)
    width = min(960 / max(len(days), 1), 96)
    return [
        {"x": round(number * width + 2, 1), "width": round(width - 4, 1), "height": round(160 * n / most, 1),
         "y": round(170 - 160 * n / most, 1), "day": day, "n": n}
        for number, (day, n) in enumerate(days)
    ]  # fmt: skip


@page("rounds.view")
def area_page(request: ScopedRequest, round_id: int) -> HttpResponse:
    """Every area with its target."""
    found = round_of(request.scope, round_id)
    form, exact = AreaSearchForm(request.GET or None), sees_exact(request.scope)
    told = form.cleaned_data if form.is_valid() else {}
    found_lines = area_lines(found, told.get("search", ""))
    if told.get("show") == "behind":
        found_lines = [line for line in found_lines if line.behind and not line.stopped]
    if told.get("show") == "stopped":
        found_lines = [line for line in found_lines if line.stopped]
    if wants_export(request):
        return export_response(request, exports.AREAS, (_row(line, exact) for line in found_lines))
    page_obj = paged(request, found_lines)
    context = {
        "round": found, "form": form, "page_obj": page_obj, "rows": _shown(list(page_obj), exact),
        "exact": exact, "may": may(request),
    }  # fmt: skip
    return render(request, "rounds/areas.html", context)


def _row(line: Line, exact: bool) -> dict[str, object]:
    area = line.area
    state = _("not counted") if line.voided else _("stopped") if line.stopped else pgettext("round", "open")
    return {
        "code": area.code if area else "", "name": line.label,
        "around": " ".join(one.name for one in area.around) if area else "",
        "wanted": line.wanted, "invited": line.invited, "state": state,
        "voted": line.voted if exact else shown(line.voted, exact),
    }  # fmt: skip


@page("rounds.view")
def live_stream(request: ScopedRequest, round_id: int) -> HttpResponseBase:
    """Figures of an open round as events."""
    return stream(request, "rounds", round_id)
