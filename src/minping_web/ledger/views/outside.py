"""Pages on what others say of the log: witnesses, timestamps; entering and removing witnesses."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _

from minping_engine.errors import MinpingError
from minping_web.common.edit_pages import edited
from minping_web.common.import_flow import file_response
from minping_web.common.pages import ScopedRequest, page
from minping_web.common.problems import RefusedError, lines
from minping_web.ledger import selectors, services
from minping_web.ledger.forms import BroughtFileForm, RemovalForm, WitnessForm

MANAGE = "ledger.witness"
LARGEST = 262_144


def _whole(request: ScopedRequest, permission: str) -> None:
    """The log is one for the whole district, and so must be the right to it."""
    if not request.scope.reach(permission).whole:
        raise PermissionDenied(permission)


@page(selectors.VIEW)
def witnesses(request: ScopedRequest) -> HttpResponse:
    """Who signed what size when, who refuses and why, the policy that holds."""
    _whole(request, selectors.VIEW)
    return _witnesses(request)


def _witnesses(request: ScopedRequest, problems: Any = (), status: int = 200) -> HttpResponse:
    log = selectors.current_log()
    rows, signed = [], 0
    for one, stands in selectors.signatures_of(log):
        signed += stands
        problem = selectors.problem_of(one)
        told = lines([problem])[0] if problem else None
        rows.append({"witness": one, "stands": stands, "problem": told, "alarm": selectors.is_alarm(one)})
    policy = selectors.current_policy()
    context = {
        "log": log, "rows": rows, "policy": policy, "problems": lines(list(problems)),
        "signed": signed, "form": BroughtFileForm(),
        "may_change": request.scope.reach(MANAGE).whole,
        "may_open": request.scope.reach(selectors.EXPORT).whole,
    }  # fmt: skip
    return render(request, "ledger/witnesses.html", context, status=status)


@page(MANAGE, methods=("GET", "POST"), fresh_factor=True)
def witness_add(request: ScopedRequest) -> HttpResponse:
    """Propose a witness; another administrator approves."""
    _whole(request, MANAGE)
    count = selectors.present_witnesses().count() + 1
    form = WitnessForm(request.POST or None, initial={"quorum": count})

    def save() -> str:
        services.propose_witness(request.scope, **form.cleaned_data)
        return "approvals:inbox"

    lead = _("Another body with a key of its own. A second administrator approves; then it is asked.")
    context = {"title": _("Enter a witness"), "lead": lead, "back": "/ledger/witnesses/"}
    return edited(request, form, save=save, context=context, said=_("Proposed. A second person decides."))


@page(MANAGE, methods=("GET", "POST"), fresh_factor=True)
def witness_remove(request: ScopedRequest, witness_id: int) -> HttpResponse:
    """Propose that a witness is asked no more."""
    _whole(request, MANAGE)
    found = get_object_or_404(selectors.present_witnesses(), pk=witness_id)
    rest = selectors.present_witnesses().count() - 1
    form = RemovalForm(request.POST or None, initial={"quorum": rest})

    def save() -> str:
        services.propose_removal(request.scope, found, **form.cleaned_data)
        return "approvals:inbox"

    lead = _("What it signed stays. It is asked no more, and the new rule is published and logged.")
    title = _("Remove the witness %(name)s") % {"name": found.name}
    context = {"title": title, "lead": lead, "back": "/ledger/witnesses/", "danger": True}
    return edited(request, form, save=save, context=context, said=_("Proposed. A second person decides."))


@page(MANAGE, methods=("POST",))
def cosignature(request: ScopedRequest) -> HttpResponse:
    """A signature that came on a stick."""
    _whole(request, MANAGE)
    try:
        found = services.take_cosignature(request.scope, _brought(request))
    except RefusedError as refused:
        return _witnesses(request, refused.problems, 422)
    messages.success(request, _("The signature of %(name)s is published.") % {"name": found.name})
    return redirect("ledger:witnesses")


def _brought(request: ScopedRequest) -> bytes:
    form = BroughtFileForm(request.POST, request.FILES)
    if not form.is_valid() or form.cleaned_data["file"].size > LARGEST:
        return b""
    content: bytes = form.cleaned_data["file"].read()
    return content


@page(selectors.VIEW)
def anchors(request: ScopedRequest) -> HttpResponse:
    """Timestamps, requests and answers as files, the root to print."""
    _whole(request, selectors.VIEW)
    return _anchors(request)


def _anchors(request: ScopedRequest, problems: Any = (), status: int = 200) -> HttpResponse:
    log = selectors.current_log()
    rows = []
    for one in selectors.timestamps(log)[:50]:
        problem = selectors.problem_of(one)
        rows.append({"stamp": one, "problem": lines([problem])[0] if problem else None})
    context = {
        "log": log, "rows": rows, "paper": selectors.paper_of(log), "problems": lines(list(problems)),
        "authority": selectors.authority_address(), "form": BroughtFileForm(),
        "may_change": request.scope.reach(MANAGE).whole,
        "may_open": request.scope.reach(selectors.EXPORT).whole,
    }  # fmt: skip
    return render(request, "ledger/anchors.html", context, status=status)


@page(MANAGE, methods=("POST",))
def stamp_request(request: ScopedRequest) -> HttpResponse:
    """The request for what is published now, as a file that a stick can carry."""
    _whole(request, MANAGE)
    try:
        found = services.wanted_timestamp()
    except (RefusedError, MinpingError) as refused:
        return _anchors(request, refused.problems, 422)
    return file_response(bytes(found.request), f"log-{found.size}.tsq", "application/timestamp-query")


@page(MANAGE, methods=("POST",))
def stamp_answer(request: ScopedRequest) -> HttpResponse:
    """An authority's answer that came on a stick."""
    _whole(request, MANAGE)
    try:
        found = services.take_answer(request.scope, _brought(request))
    except (RefusedError, MinpingError) as refused:
        return _anchors(request, refused.problems, 422)
    messages.success(request, _("The timestamp of %(n)s entries is kept.") % {"n": found.size})
    return redirect("ledger:anchors")
