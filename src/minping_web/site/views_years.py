"""The record for everybody: the years as files, with what it takes to check them without us."""

from __future__ import annotations

from django.http import FileResponse, Http404, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import render

from minping_web.common.pages import ScopedRequest, page
from minping_web.ledger import selectors as log_selectors
from minping_web.site.public_years import name_of, public_file, public_years

HEADERS = {"Cache-Control": "public, max-age=300", "Access-Control-Allow-Origin": "*"}


@page(public=True)
def record(request: ScopedRequest) -> HttpResponse:
    """Each year with size, hash, and how to check it."""
    context = {"years": public_years(), "log": log_selectors.current_log()}
    return render(request, "site/record.html", context)


@page(public=True, bare=True)
def record_year(request: ScopedRequest, year: int) -> HttpResponseBase:
    """The file of a year as it lies."""
    file = public_file(year)
    if file is None:
        raise Http404
    answer = FileResponse(file.open("rb"), as_attachment=True, filename=name_of(year), headers=HEADERS)
    answer.headers["Content-Type"] = "application/zip"
    return answer
