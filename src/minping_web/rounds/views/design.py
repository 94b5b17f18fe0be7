"""Questionnaires and sample of a draft, with the forecast beside the form."""

from __future__ import annotations

from django.http import HttpResponse, QueryDict
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _

from minping_web.common.pages import ScopedRequest, page
from minping_web.common.problems import lines
from minping_web.rounds.forms import DesignForm, QuestionnairesForm, design_start
from minping_web.rounds.models import SurveyRound
from minping_web.rounds.rules.design import Design, release_warnings
from minping_web.rounds.rules.forecast import Forecast, forecast
from minping_web.rounds.selectors.forecasts import eligible_cached, named
from minping_web.rounds.selectors.rounds import questionnaires_of, round_of
from minping_web.rounds.services.drafting import design_of, set_design, set_questionnaires
from minping_web.rounds.views.answers import Ask, asked
from minping_web.rounds.views.wizard import not_now


@page("rounds.edit", methods=("GET", "POST"))
def questionnaires_page(request: ScopedRequest, round_id: int) -> HttpResponse:
    """Which questionnaire an audience gets."""
    found = round_of(request.scope, round_id)
    if early := not_now(request, found, _("Questionnaires of the round"), [SurveyRound.State.DRAFT]):
        return early
    start = {audience: row.version_id for audience, row in questionnaires_of(found).items()}
    form = QuestionnairesForm(request.POST or None, initial=start)
    ask = Ask(
        _("Questionnaires of the round"), _("Save"),
        _("Each audience has its own; drafts are frozen when the round is fixed."),
        (_("An audience without a questionnaire is not asked; leave it out of the sample as well."),), found,
        step="questionnaires",
    )  # fmt: skip
    return asked(
        request, ask, form, lambda: set_questionnaires(request.scope, found.pk, form.versions),
        said=_("Saved. Next: the sample."), target=lambda: reverse("rounds:design", args=[found.pk]),
    )  # fmt: skip


@page("rounds.edit", methods=("GET", "POST"))
def design_page(request: ScopedRequest, round_id: int) -> HttpResponse:
    """The sample; the forecast is that of the form as it is, or of the saved design."""
    found = round_of(request.scope, round_id)
    if early := not_now(request, found, _("Sample of the round"), [SurveyRound.State.DRAFT]):
        return early
    saved = design_of(found)
    form = DesignForm(request.POST or None, initial=design_start(saved))
    design = form.design(saved.areas) if form.is_bound and form.is_valid() else saved
    ask = Ask(
        _("Sample of the round"), _("Save"),
        _("How many households are drawn, whom, and how they are asked."), (), found, step="design",
    )  # fmt: skip
    return asked(
        request, ask, form, lambda: set_design(request.scope, found.pk, design),
        said=_("Saved. Next: the seed."), target=lambda: reverse("rounds:seed", args=[found.pk]),
        template="rounds/design.html",
        context=_told(request, found, design) | {"back": ask.back},
    )  # fmt: skip


@page("rounds.edit")
def forecast_part(request: ScopedRequest, round_id: int) -> HttpResponse:
    """The forecast alone, for a form that is being filled in."""
    found = round_of(request.scope, round_id)
    form = DesignForm(request.GET or QueryDict())
    saved = design_of(found)
    if not form.is_valid():
        return render(request, "rounds/parts/forecast.html", {"unfit": True, "form": form})
    return render(request, "rounds/parts/forecast.html", _told(request, found, form.design(saved.areas)))


def _told(request: ScopedRequest, found: SurveyRound, design: Design) -> dict[str, object]:
    made: Forecast = forecast(design, eligible_cached(request.scope, found, design))
    return {
        "forecast": made, "design": design, "smallest": named(made.smallest),
        "short_count": len(made.short), "too_small_count": len(made.too_small), "areas": len(made.areas),
        "warnings": lines(release_warnings(design)), "withheld_count": len(made.withheld),
    }  # fmt: skip
