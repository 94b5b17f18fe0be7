"""Custodians: who keeps the three keys, making one, trying one's file, retiring.

The file of a new key is the answer to the form that made it: it exists in that one answer and nowhere on the
server. Whoever lost it on the way makes another one; it had not begun to count.
"""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.debug import sensitive_post_parameters

from minping_web.ballots.models import Custodian
from minping_web.ballots.rules.custody import key_id
from minping_web.ballots.selectors.closings import custodian_rows, former_custodians, own_custodian
from minping_web.ballots.selectors.handovers import orphaned
from minping_web.ballots.services import custody
from minping_web.ballots.views.custody_forms import KeyFileForm, MakeKeyForm, ReasonForm, named
from minping_web.common.import_flow import file_response
from minping_web.common.pages import ScopedRequest, page
from minping_web.common.problems import RefusedError

PERMISSION = custody.CUSTODIAN


@page(PERMISSION)
def custodians(request: ScopedRequest) -> HttpResponse:
    """The three bodies with their custodians, and what I can do."""
    mine = own_custodian(request.scope.user_id)
    context = {
        "rows": custodian_rows(request.scope.user_id),
        "former": former_custodians()[:20],
        "orphaned": [(one, one.expects(request.scope.user_id)) for one in orphaned()],
        "mine": mine,
        "mine_key": key_id(bytes(mine.public_key)) if mine else "",
        "bodies": custody.bodies_of(request.scope.user_id),
        "may_retire_all": request.scope.may_everywhere("closing.start"),
    }
    return render(request, "ballots/custodians.html", context)


@sensitive_post_parameters()
@page(PERMISSION, methods=("GET", "POST"), fresh_factor=True)
def custodian_make(request: ScopedRequest) -> HttpResponse:
    """Make a key; the answer is its file, this once."""
    bodies = custody.bodies_of(request.scope.user_id)
    form = MakeKeyForm(request.POST or None, bodies=bodies)
    if not form.is_valid():
        return _shown(request, "ballots/custodian_make.html", form, bodies=bodies)
    try:
        row, file = custody.make_key(
            request.scope, form.cleaned_data["body"], form.cleaned_data["passphrase"]
        )
    except RefusedError as error:
        return _shown(request, "ballots/custodian_make.html", form, error, bodies=bodies)
    return file_response(
        file, f"minping-key-{row.body}-{key_id(bytes(row.public_key))}.json", "application/json"
    )


@sensitive_post_parameters()
@page(PERMISSION, methods=("GET", "POST"))
def custodian_drill(request: ScopedRequest) -> HttpResponse:
    """Does my file still open?"""
    form = KeyFileForm(request.POST or None, request.FILES or None)
    if not form.is_valid():
        mine = own_custodian(request.scope.user_id)
        return _shown(request, "ballots/custodian_drill.html", form, mine=mine)
    try:
        custody.drill(request.scope, form.cleaned_data["file"], form.cleaned_data["passphrase"])
    except RefusedError as error:
        mine = own_custodian(request.scope.user_id)
        return _shown(request, "ballots/custodian_drill.html", form, error, mine=mine)
    messages.success(request, _("Your file opens. Put it back to its safe place."))
    return redirect("ballots:custodians")


@page(PERMISSION, methods=("GET", "POST"), fresh_factor=True)
def custodian_retire(request: ScopedRequest, custodian_id: int) -> HttpResponse:
    """End a custodian, after a question."""
    row = Custodian.objects.filter(pk=custodian_id, retired_at=None).select_related("user").first()
    if row is None:
        raise Http404
    custody.require_may_retire(request.scope, row)
    form = ReasonForm(request.POST or None)
    if not form.is_valid():
        return _shown(request, "ballots/custodian_retire.html", form, row=row)
    try:
        custody.retire(request.scope, row.pk, reason=form.cleaned_data["reason"])
    except RefusedError as error:
        return _shown(request, "ballots/custodian_retire.html", form, error, row=row)
    messages.success(request, _("The custodian has ended. A successor makes a new key."))
    return redirect("ballots:custodians")


def _shown(
    request: ScopedRequest, template: str, form: Any, error: RefusedError | None = None, **more: object
) -> HttpResponse:
    """The form, with 422 when something was wrong."""
    problems = named(error, form) if error else []
    status = 422 if problems or form.errors else 200
    return render(request, template, {"form": form, "problems": problems, **more}, status=status)
