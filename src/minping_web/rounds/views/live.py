"""How the round goes: figures, areas against their targets, rates, the stream. No answer anywhere."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

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
from minping_web.rounds.rules.showing import SMALLEST_SHOWN
from minping_web.rounds.selectors.live import Sight, Told, area_lines, percent_of, progress_of
from minping_web.rounds.selectors.rounds import round_of
from minping_web.rounds.views.rounds import may


@page("rounds.view")
def live_page(request: ScopedRequest, round_id: int) -> HttpResponse:
    """Response by way, audience and day, forecast of the end, rates."""
    found = round_of(request.scope, round_id)
    progress, sight = progress_of(found), Sight.of(request.scope, found)
    open_ = progress.voted >= SMALLEST_SHOWN or (sight.exact and not sight.taking)
    context = {
        "round": found, "progress": progress, "sight": sight, "may": may(request),
        "voted": sight.told(progress.voted),
        "percent": percent_of(progress.voted, progress.invited) if open_ else None,
        "by_mode": sight.lines(progress.by_mode), "by_voted_mode": sight.lines(progress.by_voted_mode),
        "by_audience": sight.lines(progress.by_audience),
        "bars": _bars(progress.days) if sight.exact else [],
        "rates": _rates(progress.outcomes) if open_ else [],
        "e": float(estimated_e(progress.outcomes)),
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


def _bars(days: Sequence[tuple[date, int]]) -> list[dict[str, object]]:
    """Bars of the picture: x, y, height, label."""
    most = max((n for _day, n in days), default=0) or 1
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
    form = AreaSearchForm(request.GET or None)
    told = form.cleaned_data if form.is_valid() else {}
    rows = Sight.of(request.scope, found).lines(area_lines(found))
    rows = [row for row in rows if _fits(row, told)]
    if wants_export(request):
        return export_response(request, exports.AREAS, map(_row, rows))
    page_obj = paged(request, rows)
    context = {"round": found, "form": form, "page_obj": page_obj, "rows": list(page_obj),
               "may": may(request)}  # fmt: skip
    return render(request, "rounds/areas.html", context)


def _fits(row: Told, told: dict[str, str]) -> bool:
    """Whether a line belongs to what is searched. A hidden number is not told by being left out."""
    line, search = row.line, told.get("search", "").casefold()
    area = line.area
    if search and not (search in line.label.casefold() or (area and area.code.casefold().startswith(search))):
        return False
    if told.get("show") == "behind":
        return row.behind is not False and not line.stopped
    return line.stopped if told.get("show") == "stopped" else True


def _row(row: Told) -> dict[str, object]:
    line, area = row.line, row.line.area
    state = _("not counted") if line.voided else _("stopped") if line.stopped else pgettext("round", "open")
    return {
        "code": area.code if area else "", "name": line.label,
        "around": " ".join(one.name for one in area.around) if area else "",
        "wanted": line.wanted, "invited": line.invited, "state": state,
        "voted": row.votes if row.number is None else row.number,
    }  # fmt: skip


@page("rounds.view")
def live_stream(request: ScopedRequest, round_id: int) -> HttpResponseBase:
    """Figures of an open round as events."""
    return stream(request, "rounds", round_id)
