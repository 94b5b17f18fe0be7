"""Batches of tokens, a new sending, one household, what fieldwork found, replacements."""

from __future__ import annotations

from uuid import UUID

from django.http import HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.translation import gettext as _

from minping_web.common.edit_pages import paged
from minping_web.common.import_flow import export_response, wants_export
from minping_web.common.pages import ScopedRequest, page
from minping_web.common.problems import ProblemLine, RefusedError, lines
from minping_web.rounds import exports
from minping_web.rounds.forms import (
    FOUND_CHOICES,
    DispositionsForm,
    HouseForm,
    PrintForm,
    ReasonForm,
    ReissueForm,
    ReservesForm,
    SendingForm,
)
from minping_web.rounds.models import Invitation, SurveyRound, TokenBatch
from minping_web.rounds.rules.words import Channel, Purpose
from minping_web.rounds.selectors.invitations import MOST_REMINDERS
from minping_web.rounds.selectors.rounds import batches_of, round_of
from minping_web.rounds.services.accidents import revoke_batch
from minping_web.rounds.services.fieldwork import enter_dispositions, read_lines, release_reserves
from minping_web.rounds.services.inviting import Sending, reissue, send
from minping_web.rounds.services.lookup import look_up
from minping_web.rounds.services.printing import Printing, print_letters
from minping_web.rounds.views.answers import Ask, asked, tried
from minping_web.rounds.views.rounds import may
from minping_web.rounds.views.wizard import not_now

State = SurveyRound.State
RUNNING, VOTING = (State.DRAWN, State.OPEN), (State.OPEN, State.STOPPED)
ASKED = (State.DRAWN, State.OPEN, State.STOPPED)


@page("rounds.view")
def batch_list(request: ScopedRequest, round_id: int) -> HttpResponse:
    """Everything that was sent or printed."""
    found = round_of(request.scope, round_id)
    rows = batches_of(found).select_related("job")
    for batch in (page_obj := paged(request, rows)):
        batch.carrier_url = _carrier(batch)
    if wants_export(request):
        return export_response(request, exports.BATCHES, map(_row, rows))
    context = {"round": found, "page_obj": page_obj, "may": may(request),
               "most": MOST_REMINDERS}  # fmt: skip
    return render(request, "rounds/batches.html", context)


def _carrier(batch: TokenBatch) -> str:
    """The page on which the messages or letters of a batch are approved, sent, downloaded."""
    if not batch.owner_ref or batch.revoked_at:
        return ""
    route = "channels:run" if batch.channel == Channel.QR else "channels:batch"
    return reverse(route, args=[int(batch.owner_ref)])


def _row(batch: TokenBatch) -> dict[str, object]:
    return {
        "title": batch.title, "channel": batch.get_channel_display(), "purpose": batch.get_purpose_display(),
        "tokens": batch.tokens, "made_at": batch.made_at.date(), "made_by": str(batch.made_by or ""),
        "revoked_at": batch.revoked_at.date() if batch.revoked_at else None,
    }  # fmt: skip


@page("rounds.invite", methods=("GET", "POST"))
def send_page(request: ScopedRequest, round_id: int) -> HttpResponse:
    """Make a batch of messages; it is approved and sent on the pages of messages."""
    found = round_of(request.scope, round_id)
    if early := not_now(request, found, _("New sending"), RUNNING):
        return early
    form = SendingForm(request.scope, request.POST or None)
    ask = Ask(
        _("New sending"), _("Make tokens and messages"),
        _("Each household gets a code of its own. Nothing leaves before the batch is approved."),
        (_("Invitations go to households that have no code by message yet, reminders to those that did not "
           "answer, at most twice."),
         _("Telephones are opened in memory only, and the access is logged.")),
        found, notice=form.missing,
    )  # fmt: skip

    def act() -> object:
        told = form.cleaned_data
        return send(request.scope, found.pk, Sending(
            title=told["title"], text_version=told["text_version"], provider=told["provider"],
            budget_fen=round(told["budget"] * 100), purpose=Purpose(told["purpose"]),
            language=told["language"], selection=form.selection,
        ))  # fmt: skip

    return asked(
        request, ask, form, act, said=_("Tokens and messages are being made."),
        target=lambda: reverse("rounds:batches", args=[found.pk]),
    )  # fmt: skip


@page("rounds.invite", methods=("GET", "POST"))
def print_page(request: ScopedRequest, round_id: int) -> HttpResponse:
    """Make letters; they are downloaded on the pages of letters, with a second factor."""
    found = round_of(request.scope, round_id)
    if early := not_now(request, found, _("Print letters"), RUNNING):
        return early
    form = PrintForm(request.scope, request.POST or None)
    ask = Ask(
        _("Print letters"), _("Make tokens and letters"),
        _("A letter for each household with a QR code and a code to type. They wait sealed."),
        (_("Letters go to households that have none yet and did not vote."),
         _("Addresses are opened in memory only, and the access is logged. Without an address the letter "
           "shows area and house code."),),
        found,
    )  # fmt: skip

    def act() -> object:
        told = form.cleaned_data
        wanted = Printing(told["title"], told["office"], told["telephone"], selection=form.selection)
        return print_letters(request.scope, found.pk, wanted)

    return asked(
        request, ask, form, act, said=_("Tokens and letters are being made."),
        target=lambda: reverse("rounds:batches", args=[found.pk]),
    )  # fmt: skip


@page("rounds.invite", methods=("GET", "POST"))
def house_page(request: ScopedRequest, round_id: int) -> HttpResponse:
    """Find one household by its house code, with a reason; offer a new code if it has not voted."""
    found = round_of(request.scope, round_id)
    if early := not_now(request, found, _("One household"), ASKED):
        return early
    form = HouseForm(request.POST or None)
    problems: list[ProblemLine] = []
    house, status = None, 422 if form.is_bound else 200
    if form.is_bound and form.is_valid():
        told = form.cleaned_data
        try:
            house = look_up(request.scope, found.pk, told["house_code"], reason=told["reason"])
        except RefusedError as refused:
            problems = lines(refused.problems)
        else:
            status = 200 if house else 404  # answered, not raised: the row of the log must stay
    context = {
        "round": found, "form": form, "house": house, "may": may(request), "problems": problems,
        "reissue": ReissueForm() if house and house.spent_token is None else None,
        "code": form.cleaned_data["house_code"] if house else "", "not_invited": status == 404,
    }  # fmt: skip
    return render(request, "rounds/house.html", context, status=status)


@page("rounds.invite", methods=("POST",))
def house_reissue(request: ScopedRequest, round_id: int, invitation_id: UUID) -> HttpResponse:
    """A new code for one household, to the telephone that is held."""
    found = round_of(request.scope, round_id)
    one = get_object_or_404(Invitation, pk=invitation_id, round=found)
    form = ReissueForm(request.POST)
    if not form.is_valid():
        context = {"round": found, "form": HouseForm(), "house": one, "reissue": form, "may": may(request)}
        return render(request, "rounds/house.html", context, status=422)
    wanted = Sending(
        title=_("New code for one household"), text_version=form.cleaned_data["text_version"],
        provider=form.cleaned_data["provider"], budget_fen=100,
    )  # fmt: skip
    return tried(
        request, lambda: reissue(request.scope, found.pk, one.pk, wanted),
        _("The older codes have ended; the new one waits in the messages for approval."),
        reverse("rounds:batches", args=[found.pk]),
    )  # fmt: skip


@page("rounds.accident", methods=("GET", "POST"))
def batch_revoke(request: ScopedRequest, round_id: int, batch_id: int) -> HttpResponse:
    """End the codes of a leaked batch."""
    found = round_of(request.scope, round_id)
    batch = get_object_or_404(TokenBatch, pk=batch_id, round=found)
    form = ReasonForm(request.POST or None)
    ask = Ask(
        _("Revoke the batch “%(title)s”") % {"title": batch.title}, _("Revoke the codes"),
        _("Its codes that were not used end at once; votes given with them stay. It cannot be undone."),
        (_("Afterwards make a new sending: households without a code get a new one."),), found, danger=True,
    )  # fmt: skip
    return asked(
        request, ask, form,
        lambda: revoke_batch(request.scope, found.pk, batch.pk, reason=form.cleaned_data["reason"]),
        said=_("The codes of this batch have ended."),
        target=lambda: reverse("rounds:batches", args=[found.pk]),
    )  # fmt: skip


@page("rounds.invite", methods=("GET", "POST"))
def dispositions_page(request: ScopedRequest, round_id: int) -> HttpResponse:
    """Enter what fieldwork found out."""
    found = round_of(request.scope, round_id)
    if early := not_now(request, found, _("What fieldwork found"), VOTING):
        return early
    form = DispositionsForm(request.POST or None)
    ask = Ask(
        _("What fieldwork found"), _("Enter these"),
        _("Of households that did not vote. Who voted is complete and is not changed by this."),
        (_("Write one household a line: house code, comma, disposition."),
         _("Refused or not eligible: the household is not written to any more. Only a household that got a "
           "code can be found not eligible."),
         _("The reason and how many of what in each area enter the log.")),
        found,
    )  # fmt: skip
    return asked(
        request, ask, form,
        lambda: enter_dispositions(
            request.scope, found.pk, read_lines(form.cleaned_data["text"]),
            reason=form.cleaned_data["reason"],
        ),
        said=_("Entered."), target=lambda: reverse("rounds:live", args=[found.pk]),
        template="rounds/dispositions.html",
        context={"choices": FOUND_CHOICES, "may": may(request)},
    )  # fmt: skip


@page("rounds.invite", methods=("GET", "POST"))
def reserves_page(request: ScopedRequest, round_id: int) -> HttpResponse:
    """Release replacements, in their order."""
    found = round_of(request.scope, round_id)
    if early := not_now(request, found, _("Release replacements"), RUNNING):
        return early
    form = ReservesForm(found, request.POST or None)
    ask = Ask(
        _("Release replacements"), _("Release"),
        _("For each household that is not eligible the next one of the same area and stratum is asked."),
        (_("The order comes from the draw; nobody chooses. Households that refuse are not replaced: asking "
           "the willing instead would flatter the result."),),
        found,
    )  # fmt: skip

    def act() -> object:
        area = form.cleaned_data["area"]
        return release_reserves(request.scope, found.pk, area_id=area.pk if area else None)

    return asked(
        request, ask, form, act, said=_("Released. Make a sending to invite them."),
        target=lambda: reverse("rounds:batches", args=[found.pk]),
    )  # fmt: skip
