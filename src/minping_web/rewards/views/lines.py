"""Lines of a sheet: hold back, release, hear the person, take up in a supplement."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _

from minping_web.common.pages import ScopedRequest, page
from minping_web.common.problems import RefusedError, lines
from minping_web.rewards.forms import ReasonForm, StatementForm
from minping_web.rewards.models import Line
from minping_web.rewards.selectors.sheets import EDIT, line_of, sheet_of
from minping_web.rewards.services.lines import make_supplement, note_statement, release, withhold
from minping_web.rewards.views.acts import acted, formed


@page(EDIT, methods=("GET", "POST"))
def line_withhold(request: ScopedRequest, reward_id: int, reward_line_id: int) -> HttpResponse:
    """Hold a line back, with a reason."""
    line = line_of(request.scope, reward_id, reward_line_id)
    return formed(
        request,
        ReasonForm(request.POST or None),
        lambda given: withhold(request.scope, line, reason=given["reason"]),
        title=_("Withhold the line of %(name)s") % {"name": line.name},
        lead=_(
            "It is not signed with this sheet. A supplement takes it up later. The person reads the reason."
        ),
        submit=_("Withhold"),
        said=_("Withheld."),
        back=_back(line),
    )


@page(EDIT, methods=("POST",))
def line_release(request: ScopedRequest, reward_id: int, reward_line_id: int) -> HttpResponse:
    """Take it back in."""
    line = line_of(request.scope, reward_id, reward_line_id)
    return acted(
        request,
        lambda: release(request.scope, line),
        said=_("Released: signed with the sheet."),
        back=_back(line),
    )


@page(EDIT, methods=("GET", "POST"))
def line_statement(request: ScopedRequest, reward_id: int, reward_line_id: int) -> HttpResponse:
    """Note what the person said."""
    line = line_of(request.scope, reward_id, reward_line_id)
    return formed(
        request,
        StatementForm(request.POST or None),
        lambda given: note_statement(request.scope, line, **given),
        title=_("Statement of %(name)s") % {"name": line.name},
        lead=_("What the person says before it holds. It goes to those who sign; the person reads it too."),
        submit=_("Note the statement"),
        said=_("Noted."),
        back=_back(line),
    )


@page(EDIT, methods=("POST",))
def supplement(request: ScopedRequest, reward_id: int) -> HttpResponse:
    """A further sheet of what was withheld."""
    sheet = sheet_of(request.scope, reward_id)
    try:
        made = make_supplement(request.scope, sheet.pk)
    except RefusedError as refused:
        for line in lines(refused.problems):
            messages.error(request, f"{line.what} {line.mend}")
        return redirect("rewards:sheet", sheet.pk)
    messages.success(request, _("Supplement made. Release or withhold its lines, then prepare it."))
    return redirect("rewards:sheet", made.pk)


def _back(line: Line) -> str:
    return reverse("rewards:sheet", args=[line.sheet_id])
