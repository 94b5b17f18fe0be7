"""The resident's page: open the link, five taps, send. No account, no cookie, no script needed.

The token in the address is all that decides; a GET changes nothing, since messengers open links for their
previews. Neither address nor answers reach a log: the log names routes, and the proxy templates switch this
path off. Answers that were given before are never shown: nobody here can read them.
"""

from __future__ import annotations

import secrets
from typing import Any
from urllib.parse import quote

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import translation
from django.views.decorators.csrf import csrf_exempt

from minping_web.ballots.rules.waiting import Left, time_left
from minping_web.ballots.selectors.keys import revision_of
from minping_web.ballots.selectors.pages import blank, filled, told_questionnaire
from minping_web.ballots.selectors.places import rated_called, report_code
from minping_web.ballots.selectors.slips import FoundSlip, find
from minping_web.ballots.services.casting import CastForm, Kind, cast
from minping_web.ballots.views.plain import language_of, private, shown
from minping_web.common.clock import now
from minping_web.common.pages import ScopedRequest, page
from minping_web.instruments.rules.questionnaire import Given, Questionnaire, read_answers
from minping_web.rounds.models import SurveyRound
from minping_web.rounds.rules.tokens import grouped, read_token
from minping_web.rounds.rules.words import Channel

LONGEST_FORM_ID = 40
STATUS = {
    Kind.CONFLICT: 409,
    Kind.ALREADY_VOTED: 409,
    Kind.ON_PAPER: 409,
    Kind.STOPPED: 503,
    Kind.ENDED: 410,
    Kind.UNKNOWN: 404,
}
VOTED = frozenset({"already_voted", "on_paper"})


@csrf_exempt
@page(public=True, bare=True, methods=("GET", "POST"))
def enter(request: ScopedRequest) -> HttpResponse:
    """Type the code from the letter."""
    typed, language = request.POST.get("code", "")[:80], language_of(request)
    token = read_token(typed) if typed else None
    if token:
        kept = f"?lang={language}" if "lang" in request.GET else ""
        return private(redirect(reverse("ballots:vote", args=[token]) + kept))
    wrong = request.method == "POST"
    context = {"typed": typed, "wrong": wrong}
    return shown("ballots/enter.html", context, language=language, status=422 if wrong else 200)


@csrf_exempt
@page(public=True, bare=True, methods=("GET", "POST"))
def vote(request: ScopedRequest, token: str) -> HttpResponse:
    """Show the questionnaire of a token, or take its answers."""
    language = language_of(request)
    with translation.override(language):
        plain = read_token(token)
        found = find(plain) if plain else None
        if found is None or found.slip.revoked:
            return _told("unknown", 404, language)
        state = _state_of(found)
        if state:
            return _told(state, 409 if state in VOTED else 410, language, found)
        if request.method == "POST":
            return _taken(request, found, language)
        return _blank(found, language)


def _state_of(found: FoundSlip) -> str:
    """Why this token cannot vote now; empty when it can."""
    slip, moment = found.slip, now()
    if slip.round_state in {SurveyRound.State.DRAWN, SurveyRound.State.FIXED} or (
        slip.round_state == SurveyRound.State.OPEN and moment < slip.opens_at
    ):
        return "early"
    if slip.round_state == SurveyRound.State.STOPPED:
        return "stopped"
    if slip.round_state != SurveyRound.State.OPEN or slip.area_stopped or moment > slip.closes_at:
        return "ended"
    if not slip.instrument_sha256:
        return "ended"
    if slip.spent and not slip.spent_by_this:
        return "already_voted"
    return "on_paper" if slip.spent_mode == Channel.PAPER else ""


def _blank(found: FoundSlip, language: str) -> HttpResponse:
    """The empty form; `form_id` is new with each rendering, `rev` is what a change would replace."""
    slip = found.slip
    own = {"form_id": secrets.token_urlsafe(18), **_own_place(found)}
    if rev := revision_of(slip.h2) if slip.spent else 0:
        own["rev"] = str(rev)
    context = {"fields": blank(slip.instrument_sha256, language), "rev": 0, **_end(found)}
    return shown("ballots/vote.html", context, language=language, own=own)


def _asked(found: FoundSlip, language: str, fields: str, *, status: int, **more: Any) -> HttpResponse:
    """The form with what was filled in."""
    slip = found.slip
    place = {"place": rated_called(slip.round_id, slip.area_id, slip.place), "area_code": _near(found)}
    context = {"fields": fields, "form_id": secrets.token_urlsafe(18), **place, **_end(found), **more}
    return shown("ballots/vote.html", context, language=language, status=status, switch=False)


def _own_place(found: FoundSlip) -> dict[str, str]:
    """Where; the code as it stands in addresses, since a prepared page filters nothing."""
    slip = found.slip
    place = rated_called(slip.round_id, slip.area_id, slip.place)
    return {"place": place, "area_code": quote(_near(found))}


def _near(found: FoundSlip) -> str:
    """What links to reports carry: the community, since few households of the rated area were asked."""
    return report_code(found.slip.area_id, found.slip.place_code)


def _end(found: FoundSlip) -> dict[str, Any]:
    """Until when."""
    left: Left = time_left(now(), found.slip.closes_at)
    return {"until": found.slip.closes_at, "left": left}


def _taken(request: HttpRequest, found: FoundSlip, language: str) -> HttpResponse:
    sha256 = found.slip.instrument_sha256
    questionnaire, data = told_questionnaire(sha256), dict(request.POST.lists())
    given = read_answers(questionnaire, data)
    if isinstance(given, list):
        # The same form comes back: its id and revision stay, so that it still counts as one.
        kept = {"form_id": _form_id(request), "rev": _base_rev(request)}
        fields = filled(sha256, language, answers=data, problems=given)
        return _asked(found, language, fields, status=422, wrong=True, **kept)
    return _answered(found, language, _form(request, found, questionnaire, given), data)


def _form(request: HttpRequest, found: FoundSlip, questionnaire: Questionnaire, given: Given) -> CastForm:
    return CastForm(
        form_id=_form_id(request),
        base_rev=_base_rev(request),
        given=given,
        instrument=questionnaire.key,
        mode=_mode_of(found),
    )


def _form_id(request: HttpRequest) -> str:
    return request.POST.get("form_id", "")[:LONGEST_FORM_ID]


def _base_rev(request: HttpRequest) -> int:
    """The revision that the sender saw; 0 when nothing readable was sent."""
    rev = request.POST.get("rev", "0")
    return int(rev) if rev.isascii() and rev.isdigit() and len(rev) < 6 else 0


def _mode_of(found: FoundSlip) -> int:
    """The slip's channel; who scans the code of a paper form and answers here did not answer on paper."""
    return int(Channel.QR if found.slip.channel == Channel.PAPER else found.slip.channel)


def _answered(found: FoundSlip, language: str, form: CastForm, data: dict[str, Any]) -> HttpResponse:
    outcome = cast(found.slip, found.keys, form)
    if outcome.kind is Kind.CONFLICT:
        # Somebody with this slip answered in between: ask, with what was just filled in still there.
        fields = filled(found.slip.instrument_sha256, language, answers=data)
        return _asked(found, language, fields, status=409, conflict=True, rev=outcome.rev)
    if not outcome.kind.is_counted:
        return _told(outcome.kind.value, STATUS[outcome.kind], language, found)
    own: dict[str, str | tuple[str, ...]] = {
        "receipt": outcome.receipt,
        "grouped": tuple(grouped(outcome.receipt).split()),
        **_own_place(found),
    }
    context = {"kind": outcome.kind.value, **_end(found)}
    return shown("ballots/thanks.html", context, language=language, switch=False, own=own)


def _told(state: str, status: int, language: str, found: FoundSlip | None = None) -> HttpResponse:
    context = {
        "state": state,
        "opens_at": found.slip.opens_at if found else None,
        "until": found.slip.closes_at if found else None,
        "area_code": _near(found) if found else "",
    }
    return shown("ballots/told.html", context, language=language, status=status)
