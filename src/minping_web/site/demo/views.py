"""Enter as an invented account, or vote as a resident. Mounted in a demonstration only, and each view asks
the database again."""

from __future__ import annotations

from django.contrib.auth import login, logout
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render

from minping_web.accounts.models import User
from minping_web.common.pages import ScopedRequest, page
from minping_web.site.demo.accounts import account_of, groups
from minping_web.site.demo.shown import file_of, shown
from minping_web.site.guard import is_demonstration

BACKEND = "allauth.account.auth_backends.AuthenticationBackend"


@page(public=True)
def choose(request: ScopedRequest) -> HttpResponse:
    """All invented accounts, also for somebody who entered as one of them."""
    if not is_demonstration():
        raise Http404
    return render(request, "site/demo.html", {"demo_groups": groups()})


@page(public=True, methods=("POST",))
def enter(request: ScopedRequest) -> HttpResponse:
    """Sign in as the invented account of a role; anything else is not found."""
    account = account_of(request.POST.get("role", ""))
    if account is None or not is_demonstration():
        raise Http404
    user = User.objects.filter(username=account.username, is_invented=True, is_active=True).first()
    if user is None:
        raise Http404
    logout(request)
    login(request, user, backend=BACKEND)
    return redirect("home")


@page(public=True)
def vote(request: ScopedRequest) -> HttpResponse:
    """Links of invited households, a paper code, a receipt to check, the custodians' files."""
    if not is_demonstration():
        raise Http404
    answer = render(request, "site/demo_vote.html", {"shown": shown()})
    answer.headers["Cache-Control"] = "private, no-store"
    answer.headers["Referrer-Policy"] = "no-referrer"
    return answer


@page(public=True)
def custodian_file(request: ScopedRequest, body: str) -> HttpResponse:
    """The key file of an invented custodian."""
    file = file_of(body) if is_demonstration() else None
    if file is None:
        raise Http404
    name = f"minping-demo-custodian-{body}.json"
    return HttpResponse(
        file,
        content_type="application/json",
        headers={"Content-Disposition": f'attachment; filename="{name}"', "Cache-Control": "no-store"},
    )
