"""What several pages of frames share: one form page, problems above it, lists in pages of fifty."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django import forms
from django.contrib import messages
from django.core.paginator import Page, Paginator
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import redirect, render
from django.utils.functional import Promise, cached_property

from minping_engine.errors import MinpingError
from minping_web.common.problems import line, lines

ROWS = 50
MOST_ROWS = 10_000
"""A list counts and turns pages up to here; beyond, a filter is the better way."""


@dataclass(frozen=True)
class Ask:
    """A page that asks one form."""

    title: str | Promise
    submit: str | Promise
    back: str
    lead: str | Promise = ""
    help: str | Promise = ""
    danger: bool = False
    multipart: bool = False


def form_page(
    request: HttpRequest, ask: Ask, form: forms.Form, *, error: MinpingError | None = None
) -> HttpResponse:
    """The page; with 422 when something entered was wrong."""
    problems = lines(error.problems) if error else []
    status = 422 if problems or form.errors else 200
    context = {"ask": ask, "form": form, "problems": problems}
    return render(request, "frames/form.html", context, status=status)


def done(request: HttpRequest, note: str, route: str, *arguments: object) -> HttpResponseRedirect:
    """Back to a page with a note that it worked."""
    messages.success(request, note)
    return redirect(route, *arguments)


def tried(
    request: HttpRequest, act: Callable[[], object], note: str, route: str, *arguments: object
) -> HttpResponseRedirect:
    """Do something that has no form: a refusal becomes a note as well."""
    try:
        act()
    except MinpingError as error:
        for problem in error.problems:
            said = line(problem)
            messages.error(request, f"{said.what} {said.mend}")
        return redirect(route, *arguments)
    return done(request, note, route, *arguments)


class CappedPaginator(Paginator):  # type: ignore[type-arg]
    """Counts at most `MOST_ROWS` rows: nobody reads further, and the database need not count them all."""

    @cached_property
    def count(self) -> int:
        """Rows, at most `MOST_ROWS`."""
        rows: QuerySet[Any] = self.object_list  # type: ignore[assignment]
        return rows.order_by()[:MOST_ROWS].count()

    @property
    def capped(self) -> bool:
        """Whether there may be more."""
        return self.count >= MOST_ROWS


def paged(request: HttpRequest, rows: QuerySet[Any]) -> Page[Any]:
    """The page of the list that is asked for."""
    return CappedPaginator(rows, ROWS).get_page(request.GET.get("page"))
