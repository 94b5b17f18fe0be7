"""Rounds with what their scheme asks beside ballots, what is missing, and the closing of the evidence."""

from __future__ import annotations

from typing import Any

from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _

from minping_web.appraisals.forms import ReasonForm, WithoutSurveyForm
from minping_web.appraisals.forms.evidence import window_words
from minping_web.appraisals.rules.asked import YUAN
from minping_web.appraisals.rules.gaps import Gap, Missing
from minping_web.appraisals.rules.words import SOURCES, UNITS, ValueTable
from minping_web.appraisals.selectors.evidence import (
    DECIDE,
    EDIT,
    VIEW,
    books_of,
    findings_of,
    newest_snapshot,
    round_of,
    rounds_seen,
    seal_problems,
    seals_of,
    values_of,
)
from minping_web.appraisals.selectors.known import known_values
from minping_web.appraisals.selectors.missing import EvidenceState, state_of
from minping_web.appraisals.services.founding import Wanted, begin_without_survey
from minping_web.appraisals.services.sealing import ask_for_seal
from minping_web.common.edit_pages import asked, edited, paged
from minping_web.common.pages import ScopedRequest, page


@page(VIEW)
def round_list(request: ScopedRequest) -> HttpResponse:
    """Rounds with a frozen scheme."""
    found = rounds_seen(request.scope)
    if search := asked(request, "search", 80):
        found = found.filter(name__icontains=search)
    context = {
        "page_obj": paged(request, found),
        "search": search,
        "may_edit": request.scope.may_everywhere(EDIT),
    }
    return render(request, "appraisals/list.html", context)


@page(EDIT, methods=("GET", "POST"))
def without_survey(request: ScopedRequest) -> HttpResponse:
    """Begin an assessment of a scheme that asks no household."""
    form = WithoutSurveyForm(request.POST or None)

    def save() -> str:
        given = form.cleaned_data
        wanted = Wanted(
            form.versions[given["scheme"]], given["name"], given["period"], given["inside"],
            given["people"], given["bodies"],
        )  # fmt: skip
        found = begin_without_survey(request.scope, wanted)
        return reverse("appraisals:round", args=[found.pk])

    context = {
        "title": _("Assessment without a survey"),
        "lead": _(
            "For schemes that read marks and facts only. Who is assessed is sealed from the registers."
        ),
        "back": reverse("appraisals:list"),
    }
    return edited(request, form, save=save, context=context, said=_("The round is there."))


@page(VIEW)
def round_page(request: ScopedRequest, round_id: int) -> HttpResponse:
    """What is there, what is still missing, what comes next."""
    found = round_of(request.scope, round_id)
    state = state_of(found)
    seals = list(seals_of(found)[:10])
    may_edit = request.scope.may_everywhere(EDIT)
    context = {
        "round": found,
        "state": state,
        "groups": [(one, SOURCES.get(one.group.source, one.group.source)) for one in state.groups],
        "facts": [(one, _titled(one.table, one.name, one.title), UNITS.get(one.unit, one.unit))
                  for one in state.facts],
        "gaps": [gap_words(one) for one in state.missing],
        "costs": values_of(found, what=f"{ValueTable.COSTS}:{YUAN}").count(),
        "has_costly": any(one.is_costly for one in state.asked.facts),
        "known": len(known_values(found)) if may_edit else 0,
        "findings": _findings(found, state),
        "books": books_of(found)[:5],
        "seals": seals,
        "seal_problems": seal_problems(seals[0]) if seals else [],
        "newest": newest_snapshot(found.pk),
        "may_edit": may_edit,
        "may_decide": request.scope.may_everywhere(DECIDE),
    }  # fmt: skip
    return render(request, "appraisals/round.html", context)


def _titled(table: str, name: str, title: str) -> str:
    return window_words(name) if table == ValueTable.VISITS else title


def _findings(found: Any, state: EvidenceState) -> list[Any]:
    """The newest findings with the title of their fact."""
    rows = list(findings_of(found)[:20])
    for row in rows:
        fact = state.asked.fact(row.fact)
        row.title = fact.title if fact else row.fact
    return rows


def gap_words(one: Missing) -> str:
    """What is missing, as a sentence."""
    told = {"title": one.title, "n": one.n, "of": one.of}
    if one.gap is Gap.VISITS:
        told["title"] = window_words(one.name)
    words = {
        Gap.NO_CALL: _("%(title)s: nobody was called to mark."),
        Gap.STILL_OPEN: _("%(title)s: still open, %(n)s of %(of)s called have not handed in."),
        Gap.TOO_FEW_RATERS: _("%(title)s: %(n)s of %(of)s assessed have too few raters; they get no mark."),
        Gap.RATER_MIX: _("%(title)s: the kinds of raters do not have the shares that the scheme demands."),
        Gap.FACT: _("%(title)s: missing for %(n)s of %(of)s assessed."),
        Gap.VISITS: _("%(title)s: missing for %(n)s of %(of)s assessed."),
        Gap.CASES: _("No cases were brought; they come by workbook."),
        Gap.WAITING: _("%(n)s proposals wait for a second person."),
    }
    return words[one.gap] % told


@page(EDIT, methods=("GET", "POST"))
def seal_page(request: ScopedRequest, round_id: int) -> HttpResponse:
    """Close the evidence; what is missing is named first."""
    found = round_of(request.scope, round_id)
    gaps = [gap_words(one) for one in state_of(found).missing]
    newest = newest_snapshot(found.pk)
    is_needed = bool(gaps) or bool(newest and newest.parent_id)
    form = ReasonForm(request.POST or None, is_needed=is_needed)

    def save() -> str:
        ask_for_seal(request.scope, found, reason=form.cleaned_data["reason"])
        return reverse("appraisals:round", args=[found.pk])

    if not request.POST and newest is None:
        return redirect("appraisals:round", found.pk)
    context = {
        "title": _("Close the evidence"),
        "round": found,
        "gaps": gaps,
        "back": reverse("appraisals:round", args=[found.pk]),
    }
    return edited(
        request, form, save=save, context=context, said=_("Started."), template="appraisals/seal.html"
    )
