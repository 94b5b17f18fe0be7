"""Over periods: cards, falls and vetoes by person, money by fund, one person's year."""

from __future__ import annotations

from django.http import Http404, HttpResponse
from django.shortcuts import render

from minping_web.common.edit_pages import asked, paged
from minping_web.common.import_flow import export_response, wants_export
from minping_web.common.pages import ScopedRequest, page
from minping_web.rewards.exports import MONEY, money_rows
from minping_web.rewards.selectors.periods import (
    FALLS_OF_A_YEAR,
    funds,
    keys_of_all,
    lines_of_person,
    signed_fen,
    standing_years,
    years_of,
    years_of_person,
)
from minping_web.rewards.selectors.sheets import VIEW


def _year(request: ScopedRequest, known: list[str]) -> str:
    wanted = asked(request, "year", 4)
    return wanted if wanted in known else (known[0] if known else "")


@page(VIEW)
def over_periods(request: ScopedRequest) -> HttpResponse:
    """Everybody's year: cards, falls, vetoes, in alphabetical order."""
    known = standing_years()
    year, search, only = _year(request, known), asked(request, "search", 80), asked(request, "only", 10)
    keys = keys_of_all(request.scope, year, search=search, only=only)
    shown = paged(request, keys)
    context = {
        "page_obj": shown,
        "rows": years_of(list(shown.object_list), year),
        "has_schemes": len({scheme for _name, _assessee, scheme in keys}) > 1,
        "years": known,
        "year": year,
        "search": search,
        "only": only,
        "falls": FALLS_OF_A_YEAR,
    }
    return render(request, "rewards/periods.html", context)


@page(VIEW)
def money(request: ScopedRequest) -> HttpResponse:
    """Money of a year by use: budget, signed, open."""
    known = standing_years()
    year = _year(request, known)
    rows = funds(request.scope, year)
    if wants_export(request):
        return export_response(request, MONEY, money_rows(rows))
    context = {"rows": rows, "years": known, "year": year, "signed": sum(row.signed_fen for row in rows)}
    return render(request, "rewards/money.html", context)


@page(VIEW)
def person(request: ScopedRequest, person_id: int) -> HttpResponse:
    """What a year brought one person."""
    if not request.scope.may_everywhere(VIEW):
        raise Http404
    known = standing_years(person_id)
    year = _year(request, known)
    found, rows = years_of_person(person_id, year), list(lines_of_person(person_id, year))
    if not found and not rows:
        raise Http404
    context = {
        "ones": found,
        "name": found[0].name if found else rows[0].name,
        "lines": rows,
        "years": known,
        "year": year,
        "signed": signed_fen(rows),
    }
    return render(request, "rewards/person.html", context)
