"""Organisations: list, own ones, one of them with contacts and contracts, and the forms that change it."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _

from minping_web.common.clock import today
from minping_web.common.edit_pages import ROWS, asked, edited, paged
from minping_web.common.import_flow import export_response, page_language, wants_export
from minping_web.common.pages import ScopedRequest, page
from minping_web.organisations.exports import organisation_rows
from minping_web.organisations.forms import ContactForm, EndForm, OrganisationForm, initial_of
from minping_web.organisations.imports import ORGANISATIONS
from minping_web.organisations.models import Organisation
from minping_web.organisations.rules import yuan
from minping_web.organisations.selectors import (
    EDIT,
    OWN,
    VIEW,
    OrganisationFilter,
    amount_running,
    contacts_of,
    contracts_of,
    filtered,
    may_edit,
    may_see_contacts,
    organisations_known,
    organisations_seen,
)
from minping_web.organisations.services import (
    add_contact,
    end_organisation,
    remove_contact,
    save_organisation,
)


@page(VIEW)
def organisation_list(request: ScopedRequest) -> HttpResponse:
    """Search, filter, export."""
    wanted = OrganisationFilter(asked(request, "q"), asked(request, "kind"), asked(request, "state"))
    found = filtered(organisations_seen(request.scope), wanted)
    if wants_export(request):
        return export_response(
            request, ORGANISATIONS, organisation_rows(found, english=page_language() == "en")
        )
    context = {
        "page": paged(request, found),
        "wanted": wanted,
        "kinds": Organisation.Kind.choices,
        "may_edit": request.scope.may(EDIT),
    }
    return render(request, "organisations/list.html", context)


@page(OWN)
def own(request: ScopedRequest) -> HttpResponse:
    """The organisations that the user acts for, with their running contracts."""
    bodies = list(organisations_seen(request.scope, OWN))
    if len(bodies) == 1:
        return redirect("organisations:detail", bodies[0].pk)
    return render(request, "organisations/own.html", {"bodies": bodies})


def _organisation(request: ScopedRequest, pk: int) -> Organisation:
    return get_object_or_404(organisations_known(request.scope), pk=pk)


@page()
def organisation_detail(request: ScopedRequest, pk: int) -> HttpResponse:
    """Facts, contacts and contracts of one organisation."""
    body = _organisation(request, pk)
    contracts = contracts_of(request.scope, body)
    context = {
        "body": body,
        "contacts": contacts_of(request.scope, body),
        "contacts_shown": may_see_contacts(request.scope, body),
        "contracts": contracts.order_by("-ends_on", "code")[:ROWS],
        "contract_count": contracts.count(),
        "running": yuan(amount_running(contracts, today())),
        "branches": organisations_seen(request.scope).filter(parent=body)[:ROWS],
        "may_edit": may_edit(request.scope, body.area),
        "may_list": request.scope.may(VIEW),
        "today": today(),
    }
    return render(request, "organisations/detail.html", context)


@page(EDIT, methods=("GET", "POST"))
def organisation_add(request: ScopedRequest) -> HttpResponse:
    """A new organisation."""
    form = OrganisationForm(request.POST or None, scope=request.scope)

    def save() -> str:
        body = save_organisation(request.scope, form.draft())
        return reverse("organisations:detail", args=[body.pk])

    context = {"title": _("Add an organisation"), "back": reverse("organisations:list")}
    return edited(request, form, save=save, context=context)


@page(EDIT, methods=("GET", "POST"))
def organisation_edit(request: ScopedRequest, pk: int) -> HttpResponse:
    """Other values for an organisation."""
    body = get_object_or_404(organisations_seen(request.scope, EDIT), pk=pk)
    form = OrganisationForm(request.POST or None, scope=request.scope, initial=initial_of(body))
    back = reverse("organisations:detail", args=[pk])

    def save() -> str:
        save_organisation(request.scope, form.draft(), existing=body)
        return back

    context = {"title": _("Edit %(name)s") % {"name": body.name}, "back": back}
    return edited(request, form, save=save, context=context)


@page(EDIT, methods=("GET", "POST"))
def organisation_end(request: ScopedRequest, pk: int) -> HttpResponse:
    """The last day of an organisation; the page is the confirmation."""
    body = get_object_or_404(organisations_seen(request.scope, EDIT), pk=pk)
    form = EndForm(request.POST or None, initial={"day": today()})
    back = reverse("organisations:detail", args=[pk])

    def save() -> str:
        end_organisation(request.scope, body, form.cleaned_data["day"])
        return back

    title = _("End %(name)s") % {"name": body.name}
    lead = _("It stays in the register with its history; it only leaves the lists of active ones.")
    context = {"title": title, "back": back, "lead": lead, "danger": True}
    return edited(request, form, save=save, context=context)


@page(EDIT, methods=("GET", "POST"))
def contact_add(request: ScopedRequest, pk: int) -> HttpResponse:
    """A contact, kept encrypted."""
    body = get_object_or_404(organisations_seen(request.scope, EDIT), pk=pk)
    form = ContactForm(request.POST or None)
    back = reverse("organisations:detail", args=[pk])

    def save() -> str:
        add_contact(request.scope, body, form.draft())
        return back

    title = _("Add a contact of %(name)s") % {"name": body.name}
    lead = _("Kept encrypted; shown to editors, to holders of contact rights here, and to the organisation.")
    context = {"title": title, "back": back, "lead": lead}
    return edited(request, form, save=save, context=context, said=_("The contact was added."))


@page(EDIT, methods=("GET", "POST"))
def contact_remove(request: ScopedRequest, pk: int, contact: str) -> HttpResponse:
    """Erase a contact after a confirmation; personal data, therefore without undo."""
    body = get_object_or_404(organisations_seen(request.scope, EDIT), pk=pk)
    found = get_object_or_404(body.contacts, pk=contact)
    back = reverse("organisations:detail", args=[pk])
    if request.method == "POST":
        remove_contact(request.scope, found)
        messages.success(request, _("The contact was erased."))
        return redirect(back)
    lead = _("A contact is personal data: once erased it cannot be brought back.")
    context = {"title": _("Erase this contact?"), "back": back, "lead": lead, "submit": _("Erase")}
    return render(request, "minping/confirm.html", context)
