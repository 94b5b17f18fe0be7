"""Pages of accounts: administration of users, own sessions, the one-time link, the single sign-on."""

from __future__ import annotations

from collections.abc import Callable

from allauth.socialaccount.models import SocialApp
from allauth.socialaccount.providers.oauth2.views import OAuth2CallbackView
from django.conf import settings
from django.contrib import messages
from django.http import Http404, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _

from minping_web.accounts import selectors, services
from minping_web.accounts.adapter import CheckedSignOn, start_sign_on
from minping_web.accounts.exports import USERS, user_rows
from minping_web.accounts.forms import NewUserForm, PasswordForm, SubjectForm, UserFilterForm
from minping_web.accounts.models import User
from minping_web.common.approval import Shown
from minping_web.common.edit_pages import paged
from minping_web.common.import_flow import export_response, wants_export
from minping_web.common.models import Proposal
from minping_web.common.pages import ScopedRequest, page
from minping_web.common.problems import RefusedError, lines
from minping_web.common.scope import Scope
from minping_web.common.sessions import stored_key

LINK_IN_SESSION = "one_time_link"


@page("accounts.view")
def users(request: ScopedRequest) -> HttpResponse:
    """List, search, export."""
    filters = UserFilterForm(request.GET)
    filters.is_valid()
    words, state = filters.cleaned_data.get("q", ""), filters.cleaned_data.get("state", "")
    found = selectors.matching(selectors.users_for(request.scope), words, state)
    if wants_export(request):
        return export_response(request, USERS, user_rows(found.iterator()))
    shown = paged(request, found)
    context = {"page_obj": shown, "filters": filters, "may_edit": request.scope.may("accounts.edit")}
    return render(request, "accounts/users.html", context)


@page("accounts.edit", methods=("GET", "POST"), fresh_factor=True)
def new_user(request: ScopedRequest) -> HttpResponse:
    """Make an account and show its first secret once."""
    form = NewUserForm(request.POST or None)
    problems: object = ()
    if request.method == "POST" and form.is_valid():
        data = form.cleaned_data
        try:
            user, shown = services.create_user(
                request.scope,
                data["username"],
                display_name=data["display_name"],
                language=data["language"],
                by_link=data["first_way"] == "link",
            )
            return secret_page(request, user, shown)
        except RefusedError as error:
            problems = lines(error.problems)
    status = 422 if request.method == "POST" else 200
    return render(request, "accounts/new_user.html", {"form": form, "problems": problems}, status=status)


@page("accounts.view")
def user_page(request: ScopedRequest, user_id: int) -> HttpResponse:
    """One account: state, second factor, sessions, what can be done."""
    return _show(request, _user(request, user_id))


@page("accounts.edit", methods=("POST",), fresh_factor=True)
def user_act(request: ScopedRequest, user_id: int, act: str) -> HttpResponse:
    """Carry out, or propose, one act on an account."""
    user = _user(request, user_id)
    if act not in ACTS:
        raise Http404
    try:
        outcome = ACTS[act](request.scope, user)
    except RefusedError as error:
        return _show(request, user, problems=lines(error.problems), status=422)
    return _after(request, user, outcome)


@page("accounts.edit", methods=("POST",), fresh_factor=True)
def user_subject(request: ScopedRequest, user_id: int) -> HttpResponse:
    """Link the single sign-on."""
    user, form = _user(request, user_id), SubjectForm(request.POST)
    if not form.is_valid():
        return _show(request, user, status=422)
    try:
        outcome = services.set_subject(request.scope, user, form.cleaned_data["subject"].strip())
    except RefusedError as error:
        return _show(request, user, problems=lines(error.problems), status=422)
    return _after(request, user, outcome)


@page()
def sessions(request: ScopedRequest) -> HttpResponse:
    """Own sessions."""
    own = selectors.open_sessions(request.scope.user_id or 0)
    key = stored_key(request.session.session_key)
    return render(request, "accounts/sessions.html", {"sessions": own, "key": key})


@page(methods=("POST",))
def end_session(request: ScopedRequest, sign_in_id: int) -> HttpResponse:
    """End one own session; another's is not found."""
    if not services.end_sessions(request.scope.user_id or 0, only=sign_in_id):
        raise Http404
    messages.success(request, _("The session was ended."))
    return redirect("accounts:sessions")


@page(methods=("POST",))
def end_other_sessions(request: ScopedRequest) -> HttpResponse:
    """End all own sessions but this one."""
    count = services.end_sessions(request.scope.user_id or 0, but=request.session.session_key)
    messages.success(request, _("%(count)s other sessions were ended.") % {"count": count})
    return redirect("accounts:sessions")


@page(public=True)
def welcome_link(request: ScopedRequest, token: str) -> HttpResponse:
    """Take the token out of the address; looking uses nothing up (messengers fetch previews)."""
    request.session[LINK_IN_SESSION] = token
    return redirect("accounts:welcome")


@page(public=True, methods=("GET", "POST"))
def welcome(request: ScopedRequest) -> HttpResponse:
    """Choose a password by a one-time link."""
    token = str(request.session.get(LINK_IN_SESSION, ""))
    link, form, problems = selectors.usable_link(token), PasswordForm(request.POST or None), []
    if request.method == "POST" and form.is_valid():
        try:
            services.redeem_link(token, form.cleaned_data["password"])
        except RefusedError as error:
            problems = lines(error.problems)
        else:
            del request.session[LINK_IN_SESSION]
            messages.success(request, _("Your password is set. Please sign in."))
            return redirect("account_login")
    status = 422 if request.method == "POST" else 200
    context = {"form": form, "link": link, "problems": problems}
    return render(request, "accounts/welcome.html", context, status=status)


@page(public=True)
def sign_on(request: ScopedRequest) -> HttpResponseBase:
    """To the single sign-on of the district."""
    if not settings.OIDC_PROVIDER_READY:
        raise Http404
    back = request.GET.get("next", "/")
    if not url_has_allowed_host_and_scheme(back, allowed_hosts={request.get_host()}):
        back = "/"
    return start_sign_on(request, back)


@page(public=True)
def sign_on_answer(request: ScopedRequest, provider_id: str) -> HttpResponseBase:
    """Back from the single sign-on."""
    try:
        answered: HttpResponseBase = OAuth2CallbackView.adapter_view(CheckedSignOn(request, provider_id))(
            request
        )
    except SocialApp.DoesNotExist:
        raise Http404 from None
    return answered


@page(public=True, methods=("GET", "POST", "PUT", "PATCH", "DELETE"))
def closed(request: ScopedRequest, **_parts: str) -> HttpResponse:
    """Doors of the sign-in library that this product does not open (sign-up, e-mail, self-made links)."""
    raise Http404


def secret_page(request: ScopedRequest, user: User | None, shown: Shown) -> HttpResponse:
    """Show a secret once; it is stored nowhere in readable form."""
    text = request.build_absolute_uri(shown.text) if shown.is_path else shown.text
    context = {"account": user, "shown": shown, "text": text}
    response = render(request, "accounts/secret.html", context)
    response.headers["Cache-Control"] = "no-store"
    return response


ACTS: dict[str, Callable[[Scope, User], services.Outcome]] = {
    "disable": services.disable,
    "enable": services.enable,
    "unlock": services.unlock,
    "link": services.issue_link,
    "factor": services.reset_factor,
}


def _user(request: ScopedRequest, user_id: int) -> User:
    return get_object_or_404(selectors.users_for(request.scope), pk=user_id)


def _show(request: ScopedRequest, user: User, *, problems: object = (), status: int = 200) -> HttpResponse:
    context = {
        "account": user,
        "sessions": selectors.open_sessions(user.pk),
        "subject_form": SubjectForm(initial={"subject": selectors.subject_of(user.pk)}),
        "single_sign_on": settings.OIDC_PROVIDER_READY,
        "may_edit": request.scope.may("accounts.edit") and user.pk != request.scope.user_id,
        "problems": problems,
    }
    return render(request, "accounts/user.html", context, status=status)


def _after(request: ScopedRequest, user: User, outcome: services.Outcome) -> HttpResponse:
    if isinstance(outcome, Shown):
        return secret_page(request, user, outcome)
    if isinstance(outcome, Proposal):
        messages.info(request, _("This account holds a role with power: a second person must approve."))
        return redirect("approvals:proposal", proposal_id=outcome.pk)
    messages.success(request, _("Done."))
    return redirect("accounts:user", user_id=user.pk)
