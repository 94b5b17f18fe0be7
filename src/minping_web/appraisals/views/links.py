"""Links for raters without an account: the office makes and ends them, who holds one marks without sign-in.

The secret stands in the address, as those of households do: no log of the product names addresses, and the
proxy template keeps no log of `/r/`. The page sets no cookie and shows nothing of anybody else.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

import segno
from django.contrib import messages
from django.forms import Form
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import translation
from django.utils.safestring import mark_safe
from django.utils.translation import gettext as _
from django.views.decorators.csrf import csrf_exempt

from minping_web.appraisals.exports import LINKS, link_rows
from minping_web.appraisals.forms.links import FILE, AnewForm, LinksForm
from minping_web.appraisals.models import CalledRater, RaterCall
from minping_web.appraisals.rules.links import link_hash
from minping_web.appraisals.selectors.evidence import EDIT
from minping_web.appraisals.selectors.paper import name_of
from minping_web.appraisals.selectors.raters import call_of, group_of, rater_of_link
from minping_web.appraisals.services.links import IssuedLink, issue_links, make_anew, may_try_again, revoke
from minping_web.appraisals.services.marking import save_by_link
from minping_web.appraisals.views.sheets import filled_of, sheet_context
from minping_web.ballots.views.plain import language_of, private, shown
from minping_web.common.import_flow import file_response
from minping_web.common.pages import ScopedRequest, page
from minping_web.common.problems import ProblemLine, RefusedError, lines
from minping_web.common.tabular import export_csv
from minping_web.rounds.rules.tokens import grouped, read_token
from minping_web.rounds.services.inviting import site_address
from minping_web.schemes.selectors.library import page_language


@csrf_exempt
@page(public=True, methods=("GET", "POST"))
def by_link(request: ScopedRequest, token: str) -> HttpResponse:
    """The sheet of whoever holds the link."""
    language = language_of(request)
    with translation.override(language):
        plain = read_token(token)
        rater = rater_of_link(link_hash(plain)) if plain else None
        if plain is None or rater is None:
            status = 404 if may_try_again() else 429
            return shown("appraisals/link_told.html", {"status": status}, language=language, status=status)
        if request.method == "POST":
            return _taken(request, rater, plain, language)
        return _sheet(request, rater, language)


def _sheet(
    request: HttpRequest, rater: CalledRater, language: str, problems: Sequence[object] = ()
) -> HttpResponse:
    """The form, or what was saved; after the last day only that the link ended."""
    context = sheet_context(request, rater, group_of(rater.call))
    ended = bool(context["is_over"])
    more = {"problems": problems, "said": request.GET.get("said", "")}
    template = "appraisals/link_told.html" if ended else "appraisals/link_sheet.html"
    status = 410 if ended else 422 if problems else 200
    return shown(template, {**context, **more}, language=language, status=status, switch=not problems)


def _taken(request: HttpRequest, rater: CalledRater, token: str, language: str) -> HttpResponse:
    filled = filled_of(request)
    try:
        save_by_link(link_hash(token), filled)
    except RefusedError as refused:
        return _sheet(request, rater, language, lines(refused.problems))
    said = "handed-in" if filled.hand_in else "saved"
    target = reverse("appraisals:by_link", args=[token])
    return private(HttpResponseRedirect(f"{target}?said={said}&lang={language}"))


@page(EDIT, methods=("GET", "POST"))
def links_new(request: ScopedRequest, call_id: int) -> HttpResponse:
    """Make links; they are shown once."""
    call = call_of(request.scope, call_id)
    form = LinksForm(request.POST or None, call=call, group=group_of(call))
    context = {
        "title": _("Links for raters without an account"),
        "lead": _("Each link opens one sheet until the last day. It is shown now and never again."),
    }
    return _made(request, call, form, lambda: issue_links(request.scope, call, form.draft), context)


@page(EDIT, methods=("GET", "POST"))
def link_anew(request: ScopedRequest, call_id: int, rater_id: int) -> HttpResponse:
    """Another link for somebody who lost theirs; the one before ends."""
    call = call_of(request.scope, call_id)
    rater = get_object_or_404(CalledRater, call=call, pk=rater_id, user__isnull=True)
    form = AnewForm(request.POST or None)
    context = {
        "title": _("New link: %(who)s") % {"who": name_of(rater) or rater.number},
        "lead": _(
            "The link before ends at once, with what was only saved. "
            "Where a name stands on the sheet, say why."
        ),
    }

    def make() -> list[IssuedLink]:
        return [make_anew(request.scope, call, rater.pk, reason=form.cleaned_data["reason"])]

    return _made(request, call, form, make, context)


def _made(
    request: ScopedRequest, call: RaterCall, form: Form, make: Callable[[], list[IssuedLink]],
    context: dict[str, str],
) -> HttpResponse:  # fmt: skip
    """The form, or the links that it made: nobody sees them again, so this answer leads nowhere else."""
    problems, status = list[ProblemLine](), 422 if form.is_bound else 200
    if form.is_bound and form.is_valid():
        try:
            return _handed_out(request, call, make(), form.cleaned_data["given_as"])
        except RefusedError as refused:
            problems = lines(refused.problems)
    back = reverse("appraisals:call", args=[call.pk])
    told = {**context, "back": back, "group": group_of(call), "form": form, "problems": problems}
    return render(request, "appraisals/links_new.html", told, status=status)


@page(EDIT, methods=("POST",))
def link_revoke(request: ScopedRequest, call_id: int, rater_id: int) -> HttpResponse:
    """End a link."""
    call = call_of(request.scope, call_id)
    get_object_or_404(CalledRater, call=call, pk=rater_id, user__isnull=True)
    try:
        revoke(request.scope, call, rater_id)
        messages.success(request, _("The link has ended. Marks that were handed in stay."))
    except RefusedError as refused:
        for line in lines(refused.problems):
            messages.error(request, f"{line.what} {line.mend}")
    return redirect("appraisals:call", call.pk)


def _handed_out(
    request: ScopedRequest, call: RaterCall, made: Sequence[IssuedLink], given_as: str
) -> HttpResponse:
    """The only answer that ever holds these links; no cache keeps it."""
    rows = [(one, _address(one.token)) for one in made]
    if given_as == FILE:
        content = export_csv(LINKS, link_rows(rows), page_language())
        return file_response(content, f"links-{call.pk}.csv", "text/csv; charset=utf-8")
    cards = [
        {"one": one, "address": address, "code": grouped(one.token), "drawn": _drawn(address)}
        for one, address in rows
    ]
    context = {"call": call, "group": group_of(call), "cards": cards, "has_names": any(o.name for o in made)}
    return private(render(request, "appraisals/links.html", context))


def _address(token: str) -> str:
    return site_address() + reverse("appraisals:by_link", args=[token])


def _drawn(address: str) -> str:
    """The code to scan; attributes only, since pages allow no styles in them."""
    drawn: str = segno.make(address, error="m", micro=False).svg_inline(scale=3, border=4, dark="#000")
    return mark_safe(drawn)
