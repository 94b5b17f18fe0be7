"""Pages of access: grants, roles, deputies, handover, keys of the interface."""

from __future__ import annotations

from collections.abc import Callable

from django import forms
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _

from minping_web.access import selectors, services
from minping_web.access.exports import GRANTS, grant_rows, matrix
from minping_web.access.forms import DelegationForm, GrantFilterForm, GrantForm, HandOverForm, KeyForm
from minping_web.access.rules import BINDING_OF, NOT_DELEGABLE, POWERFUL, Role
from minping_web.accounts.selectors import users_for
from minping_web.common.edit_pages import paged
from minping_web.common.import_flow import export_response, wants_export
from minping_web.common.models import Proposal
from minping_web.common.pages import ScopedRequest, page
from minping_web.common.problems import RefusedError, lines


@page()
def grants(request: ScopedRequest) -> HttpResponse:
    """Who holds which role; one's own for those who may not see all."""
    given = request.GET.copy()
    given.setdefault("state", "" if given.get("user") else "live")
    filters = GrantFilterForm(given)
    filters.is_valid()
    data = filters.cleaned_data
    found = selectors.matching(
        selectors.grants_for(request.scope),
        words=data.get("q", ""), role=data.get("role", ""), state=data.get("state", ""),
    )  # fmt: skip
    if data.get("user"):
        found = found.filter(user_id=data["user"])
    if wants_export(request):
        return export_response(request, GRANTS, grant_rows(found.iterator()))
    shown = paged(request, found)
    live = set(selectors.live().filter(pk__in=[grant.pk for grant in shown]).values_list("pk", flat=True))
    context = {
        "page_obj": shown,
        "filters": filters,
        "live": live,
        "may_grant": request.scope.may("access.grant"),
    }
    return render(request, "access/grants.html", context)


@page()
def grant_page(request: ScopedRequest, grant_id: int) -> HttpResponse:
    """One grant, what can be done with it, its deputies."""
    grant = get_object_or_404(selectors.grants_for(request.scope), pk=grant_id)
    own = grant.user_id == request.scope.user_id
    source = grant.delegated_from
    context = {
        "grant": grant,
        "is_live": selectors.live().filter(pk=grant.pk).exists(),
        "may_delegate": own and grant.delegated_from_id is None and Role(grant.role) not in NOT_DELEGABLE,
        "may_revoke": (request.scope.may("access.grant") and not own)
        or (source is not None and source.user_id == request.scope.user_id),
        "deputies": selectors.grants_for(request.scope).filter(delegated_from=grant),
    }
    return render(request, "access/grant.html", context)


@page("access.grant", methods=("GET", "POST"), fresh_factor=True)
def new_grant(request: ScopedRequest) -> HttpResponse:
    """Grant a role, or propose it."""
    asked = request.GET.get("user", "")
    account = users_for(request.scope).filter(pk=asked).first() if asked.isdigit() else None
    form = GrantForm(
        request.scope, request.POST or None, initial={"user": account.username if account else ""}
    )
    return _filled(
        request, form, "access/new_grant.html",
        lambda: services.grant(request.scope, form.wanted(), reason=form.cleaned_data["reason"]),
    )  # fmt: skip


@page("access.grant", methods=("GET", "POST"), fresh_factor=True)
def hand_over(request: ScopedRequest) -> HttpResponse:
    """Propose a handover."""
    form = HandOverForm(request.POST or None)
    return _filled(
        request, form, "access/hand_over.html",
        lambda: services.hand_over(
            request.scope, form.cleaned_data["leaver"].pk, form.cleaned_data["successor"].pk,
            reason=form.cleaned_data["reason"],
        ),
    )  # fmt: skip


@page(methods=("GET", "POST"), fresh_factor=False)
def delegate(request: ScopedRequest, grant_id: int) -> HttpResponse:
    """Name a deputy for an own role; another's role is not found."""
    own = selectors.grants_for(request.scope).filter(user_id=request.scope.user_id or 0)
    grant, form = get_object_or_404(own, pk=grant_id), DelegationForm(request.POST or None)
    return _filled(
        request, form, "access/delegate.html",
        lambda: services.delegate(
            request.scope, grant, form.cleaned_data["deputy"],
            until=form.cleaned_data["until"], reason=form.cleaned_data["reason"],
        ),
        grant=grant,
    )  # fmt: skip


@page(methods=("POST",))
def revoke(request: ScopedRequest, grant_id: int) -> HttpResponse:
    """End a grant: a granting person, or whose role a deputy holds."""
    grant = get_object_or_404(selectors.grants_for(request.scope), pk=grant_id)
    try:
        services.revoke(request.scope, grant)
    except RefusedError as error:
        for line in lines(error.problems):
            messages.error(request, f"{line.what} {line.mend}")
    else:
        messages.success(request, _("The role was revoked; open sessions of the account were ended."))
    return redirect("access:grant", grant_id=grant.pk)


@page()
def roles(request: ScopedRequest) -> HttpResponse:
    """The matrix of roles and permissions."""
    kinds = [(role, BINDING_OF[role], role in POWERFUL) for role in Role]
    return render(request, "access/roles.html", {"matrix": matrix(), "roles": kinds})


@page("api_keys.edit")
def keys(request: ScopedRequest) -> HttpResponse:
    """Keys of the interface."""
    shown = paged(request, selectors.keys_for(request.scope))
    return render(request, "access/keys.html", {"page_obj": shown})


@page("api_keys.edit", methods=("GET", "POST"), fresh_factor=True)
def new_key(request: ScopedRequest) -> HttpResponse:
    """Make a key and show its secret once."""
    form, problems = KeyForm(request.scope, request.POST or None), []
    if request.method == "POST" and form.is_valid():
        data = form.cleaned_data
        try:
            key, secret = services.make_api_key(
                request.scope, data["name"],
                permissions=data["permissions"], expires_on=data["expires_on"], area=data["area"],
            )  # fmt: skip
        except RefusedError as error:
            problems = lines(error.problems)
        else:
            return render(request, "access/key_made.html", {"key": key, "secret": secret})
    status = 422 if request.method == "POST" else 200
    return render(request, "access/new_key.html", {"form": form, "problems": problems}, status=status)


@page("api_keys.edit", methods=("POST",))
def revoke_key(request: ScopedRequest, key_id: int) -> HttpResponse:
    """End a key."""
    key = get_object_or_404(selectors.keys_for(request.scope), pk=key_id)
    try:
        services.revoke_api_key(request.scope, key)
    except RefusedError as error:
        messages.error(request, lines(error.problems)[0].what)
    else:
        messages.success(request, _("The key was revoked."))
    return redirect("access:keys")


def _filled(
    request: ScopedRequest, form: forms.Form, template: str, act: Callable[[], object], **context: object
) -> HttpResponse:
    """A form page: shown, carried out, or shown again with its problems."""
    problems = []
    if request.method == "POST" and form.is_valid():
        try:
            outcome = act()
        except RefusedError as error:
            problems = lines(error.problems)
        else:
            if isinstance(outcome, Proposal):
                messages.info(request, _("Proposed. A second person must approve."))
                return redirect("approvals:proposal", proposal_id=outcome.pk)
            messages.success(request, _("Done."))
            return redirect("access:grants")
    status = 422 if request.method == "POST" else 200
    return render(request, template, {"form": form, "problems": problems, **context}, status=status)
