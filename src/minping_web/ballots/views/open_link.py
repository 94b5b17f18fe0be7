"""The open link: anybody chooses a place and answers; staff open and close it and print its poster.

Everything but sending works without scripts. Sending takes a proof of work that a small script finds while
one reads; who has no scripts is told so, and that the own household's link needs none.
"""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import translation
from django.utils.formats import date_format
from django.utils.timezone import localtime
from django.utils.translation import gettext as _
from django.views.decorators.csrf import csrf_exempt

from minping_web.ballots.models import OpenLink
from minping_web.ballots.rules.audiences import audience_name
from minping_web.ballots.rules.waiting import time_left
from minping_web.ballots.selectors.open_links import (
    EDIT,
    VIEW,
    Asked,
    answered,
    link_of,
    linked_round,
    links,
    questionnaires,
    rated_areas,
    state_of,
)
from minping_web.ballots.selectors.pages import blank, filled, told_questionnaire
from minping_web.ballots.selectors.places import Choice, choice, report_code
from minping_web.ballots.services.open_answers import OpenForm, answer_open, challenge_for, switch_link
from minping_web.ballots.views.plain import language_of, private, shown
from minping_web.channels.services.letters import make_poster
from minping_web.common.clock import now
from minping_web.common.pages import ScopedRequest, page
from minping_web.common.problems import RefusedError, lines
from minping_web.instruments.rules.questionnaire import read_answers

LONGEST_CHALLENGE = 120


@csrf_exempt
@page(public=True, bare=True, methods=("GET", "POST"))
def answer(request: ScopedRequest, code: str) -> HttpResponse:
    """Choose a place, say who one is, answer."""
    language = language_of(request)
    with translation.override(language):
        link = link_of(code)
        if link is None:
            return shown("ballots/open_told.html", {"state": "unknown"}, language=language, status=404)
        if "sent" in request.GET:
            return shown("ballots/open_told.html", {"state": "sent"}, language=language, switch=False)
        state = state_of(link)
        if state:
            context = {"state": state, "opens_at": link.round.opens_at}
            return shown("ballots/open_told.html", context, language=language, status=410)
        return _step(request, link, language)


def _step(request: HttpRequest, link: OpenLink, language: str) -> HttpResponse:
    """What is still to be chosen, else the form."""
    rated = rated_areas(link.round_id)
    place = choice(request.GET.get("area", ""), only=rated)
    asked = questionnaires(link.round_id)
    who = request.GET.get("who", "")
    chosen = next((one for one in asked if one.audience == who), asked[0] if len(asked) == 1 else None)
    context = {
        "link": link, "place": place, "until": link.round.closes_at,
        "left": time_left(now(), link.round.closes_at),
        "area_code": report_code(place.area.pk, place.area.code) if place.area else "",
    }  # fmt: skip
    if place.area is None or place.area.pk not in rated:
        return _choosing(context, language, place)
    if chosen is None:
        return _choosing(context, language, place, asked)
    if request.method == "POST":
        return _taken(request, link, language, chosen, context)
    return _form(link, language, context, chosen, blank(chosen.sha256, language))


def _choosing(context: dict[str, Any], language: str, place: Choice, asked: Any = ()) -> HttpResponse:
    audiences = [(one.audience, audience_name(one.audience)) for one in asked]
    keep = urlencode({"area": place.area.code}) + "&" if place.area else ""
    more = {"audiences": audiences, "keep": keep}
    return shown("ballots/open_choose.html", context | more, language=language)


def _form(
    link: OpenLink, language: str, context: dict[str, Any], chosen: Asked, fields: str, *, status: int = 200,
    **more: Any,
) -> HttpResponse:  # fmt: skip
    """The questionnaire with a new challenge, or the old one while its form is mended."""
    told = {
        "fields": fields,
        "challenge": challenge_for(link.round_id),
        "who": chosen.audience,
        "keep": urlencode({"area": context["place"].area.code, "who": chosen.audience}) + "&",
    }
    return shown("ballots/open_form.html", context | told | more, language=language, status=status,
                 switch=status == 200)  # fmt: skip


def _taken(
    request: HttpRequest, link: OpenLink, language: str, chosen: Asked, context: dict[str, Any]
) -> HttpResponse:
    questionnaire, data = told_questionnaire(chosen.sha256), dict(request.POST.lists())
    challenge = request.POST.get("challenge", "")[:LONGEST_CHALLENGE]
    given = read_answers(questionnaire, data)
    if isinstance(given, list):
        fields = filled(chosen.sha256, language, answers=data, problems=given)
        return _form(link, language, context, chosen, fields, status=422)
    form = OpenForm(
        area_id=context["place"].area.pk, instrument=questionnaire.key, given=given, challenge=challenge,
        solution=request.POST.get("solution", "")[:20],
    )  # fmt: skip
    outcome = answer_open(link.round_id, form)
    if outcome == "ended":
        return shown("ballots/open_told.html", {"state": "ended"}, language=language, status=410)
    if outcome == "unsolved":
        fields = filled(chosen.sha256, language, answers=data)
        return _form(link, language, context, chosen, fields, status=422, unsolved=True)
    return private(HttpResponseRedirect(f"{request.path}?{urlencode({'sent': '1', 'lang': language})}"))


@page(VIEW)
def link_list(request: ScopedRequest) -> HttpResponse:
    """Rounds that have, or may have, an open link."""
    rows = [(one, *_counted(request, one.pk)) for one in links(request.scope)]
    return render(request, "ballots/open_links.html", {"rows": rows})


def _counted(request: ScopedRequest, round_id: int) -> tuple[OpenLink | None, int]:
    return linked_round(request.scope, round_id)[1], answered(round_id)


@page(VIEW, methods=("GET", "POST"))
def link_page(request: ScopedRequest, round_id: int) -> HttpResponse:
    """The link, how many answered, open and close it."""
    if request.method == "POST":
        request.scope.require(EDIT)
    survey_round, link = linked_round(request.scope, round_id)
    problems, status = [], 200
    if request.method == "POST":
        try:
            on = request.POST.get("on") == "1"
            switch_link(request.scope, round_id, on=on)
            messages.success(request, _("The open link is open.") if on else _("The open link is closed."))
            return redirect("ballots:open_link", round_id)
        except RefusedError as refused:
            problems, status = lines(refused.problems), 422
    context = {
        "survey_round": survey_round, "link": link, "answered": answered(round_id), "problems": problems,
        "url": _url(request, link) if link else "", "may_edit": request.scope.may(EDIT),
    }  # fmt: skip
    return render(request, "ballots/open_link.html", context, status=status)


def _url(request: HttpRequest, link: OpenLink) -> str:
    return request.build_absolute_uri(reverse("ballots:open", args=[link.code]))


@page(VIEW)
def poster(request: ScopedRequest, round_id: int) -> HttpResponse:
    """The poster of the link, A3 or A4."""
    survey_round, link = linked_round(request.scope, round_id)
    if link is None:
        return redirect("ballots:open_link", round_id)
    until = date_format(localtime(survey_round.closes_at), "Y年n月j日")
    paper = "a3" if request.GET.get("paper") == "a3" else "a4"
    pdf = make_poster(
        _url(request, link), title="说说您身边的服务", lead=survey_round.name, paper=paper,  # type: ignore[arg-type]
        lines=("用手机扫描二维码，约两分钟即可完成。", "不记名，截止前任何人都看不到答案。",
               "这里的意见单独统计，不计入入户抽样的一户一票。"),
        foot=f"截止：{until}　　Scan the code to tell us about the services around you.",
    )  # fmt: skip
    response = HttpResponse(pdf, content_type="application/pdf")
    response.headers["Content-Disposition"] = f'attachment; filename="open-link-{link.code}-{paper}.pdf"'
    return response
