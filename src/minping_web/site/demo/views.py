"""Enter as an invented account. Mounted in a demonstration only, and each view asks the database again."""

from __future__ import annotations

from django.contrib.auth import login, logout
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render

from minping_web.accounts.models import User
from minping_web.common.pages import ScopedRequest, page
from minping_web.site.demo.accounts import account_of, groups
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
