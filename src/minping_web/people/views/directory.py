"""The list of people, one person's page, and the forms that change a person."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from minping_web.common.clock import today
from minping_web.common.edit_pages import asked, edited, paged
from minping_web.common.import_flow import export_response, page_language, wants_export
from minping_web.common.pages import ScopedRequest, page
from minping_web.common.retention import clocks
from minping_web.people.exports import people_rows
from minping_web.people.forms import (
    CertificateForm,
    GradeForm,
    PersonForm,
    PhoneForm,
    StandInForm,
    initial_of,
)
from minping_web.people.imports import PEOPLE
from minping_web.people.models import Person
from minping_web.people.selectors import (
    EDIT,
    VIEW,
    PersonFilter,
    area_below,
    filtered_people,
    people_now,
    people_seen,
    postings_shown,
    work_phone_of,
)
from minping_web.people.services import (
    remove_certificate,
    save_certificate,
    save_person,
    save_stand_in,
    set_grade,
    set_work_phone,
    verify_certificate,
)
from minping_web.people.services.forgetting import delete_on_request, require_may_delete
from minping_web.people.views.shared import edited_or_404, seen_or_404, tried


@page(VIEW)
def people_list(request: ScopedRequest) -> HttpResponse:
    """Search, filter, export."""
    wanted = PersonFilter(
        asked(request, "q"),
        asked(request, "kind"),
        asked(request, "state"),
        area_below(request.scope, asked(request, "area")),
    )
    found = filtered_people(people_seen(request.scope), wanted, today())
    if wants_export(request):
        return export_response(request, PEOPLE, people_rows(found, english=page_language() == "en"))
    context = {
        "page": paged(request, found),
        "wanted": wanted,
        "area_text": asked(request, "area"),
        "kinds": Person.Kind.choices,
        "may_edit": request.scope.may(EDIT),
    }
    return render(request, "people/list.html", context)


@page(VIEW)
def person_detail(request: ScopedRequest, pk: int) -> HttpResponse:
    """One person: record, postings, papers. Who only sees a past posting sees no papers."""
    person = seen_or_404(request, pk)
    here_now = people_now(request.scope, VIEW).filter(pk=pk).exists()
    context = {
        "person": person,
        "here_now": here_now,
        "may_edit": people_now(request.scope, EDIT).filter(pk=pk).exists(),
        "phone": work_phone_of(request.scope, person),
        "postings": postings_shown(request.scope, person, everything=here_now),
        "certificates": person.certificates.select_related("verified_by") if here_now else [],
        "skills": person.skills.select_related("skill") if here_now else [],
        "stand_ins": person.stand_ins.select_related("deputy") if here_now else [],
        "stands_in_for": person.stands_in_for.select_related("person") if here_now else [],
        "today": today(),
    }
    return render(request, "people/detail.html", context)


@page(EDIT, methods=("GET", "POST"), fresh_factor=True)
def person_forget(request: ScopedRequest, pk: int) -> HttpResponse:
    """Delete what the person asks to have deleted, after showing what that is."""
    person = edited_or_404(request, pk)
    require_may_delete(request.scope, person)
    back = reverse("people:detail", args=[pk])
    if request.method == "POST":
        rows = delete_on_request(request.scope, person)
        said = ngettext("%(n)s row was deleted.", "%(n)s rows were deleted.", rows) % {"n": rows}
        messages.success(request, said if rows else _("There was nothing left to delete."))
        return redirect(back)
    context = {"person": person, "back": back, "clocks": [one for one in clocks() if one.forget]}
    return render(request, "people/forget.html", context)


@page(EDIT, methods=("GET", "POST"))
def person_add(request: ScopedRequest) -> HttpResponse:
    """Somebody new."""
    form = PersonForm(request.POST or None, scope=request.scope, initial={"started_on": today()})

    def save() -> str:
        return reverse("people:detail", args=[save_person(request.scope, form.draft()).pk])

    context = {"title": _("Add a person"), "back": reverse("people:list")}
    return edited(request, form, save=save, context=context)


@page(EDIT, methods=("GET", "POST"))
def person_edit(request: ScopedRequest, pk: int) -> HttpResponse:
    """Other values for a person."""
    person = edited_or_404(request, pk)
    form = PersonForm(request.POST or None, scope=request.scope, initial=initial_of(person))
    back = reverse("people:detail", args=[pk])

    def save() -> str:
        save_person(request.scope, form.draft(), existing=person)
        return back

    context = {"title": _("Edit %(name)s") % {"name": person.name}, "back": back}
    return edited(request, form, save=save, context=context)


@page(EDIT, methods=("GET", "POST"))
def phone_edit(request: ScopedRequest, pk: int) -> HttpResponse:
    """The work phone: kept encrypted, in no change set, so without undo."""
    person = edited_or_404(request, pk)
    shown = work_phone_of(request.scope, person)
    form = PhoneForm(request.POST or None, initial={"phone": shown or ""})
    back = reverse("people:detail", args=[pk])

    def save() -> str:
        set_work_phone(request.scope, person, form.cleaned_data["phone"])
        return back

    context = {
        "title": _("Work phone of %(name)s") % {"name": person.name},
        "lead": _("Kept encrypted. It stands in no list of changes, so that it can really be erased."),
        "back": back,
    }
    return edited(request, form, save=save, context=context, said=_("The work phone was saved."))


@page(EDIT, methods=("GET", "POST"))
def certificate_add(request: ScopedRequest, pk: int) -> HttpResponse:
    """A certificate."""
    person = edited_or_404(request, pk)
    form = CertificateForm(request.POST or None)
    back = reverse("people:detail", args=[pk])

    def save() -> str:
        save_certificate(request.scope, person, form.draft())
        return back

    title = _("Add a certificate of %(name)s") % {"name": person.name}
    return edited(request, form, save=save, context={"title": title, "back": back})


@page(EDIT, methods=("POST",))
def certificate_verify(request: ScopedRequest, pk: int, certificate: int) -> HttpResponse:
    """The original was seen."""
    person = edited_or_404(request, pk)
    found = get_object_or_404(person.certificates, pk=certificate)
    tried(request, lambda: verify_certificate(request.scope, found), _("The certificate is verified."))
    return redirect("people:detail", pk)


@page(EDIT, methods=("GET", "POST"))
def certificate_remove(request: ScopedRequest, pk: int, certificate: int) -> HttpResponse:
    """Remove a certificate that was entered by mistake."""
    person = edited_or_404(request, pk)
    found = get_object_or_404(person.certificates, pk=certificate)
    if request.method == "POST":
        tried(request, lambda: remove_certificate(request.scope, found), _("The certificate was removed."))
        return redirect("people:detail", pk)
    context = {
        "title": _("Remove this certificate?"),
        "lead": f"{person.name} · {found}",
        "back": reverse("people:detail", args=[pk]),
        "submit": _("Remove"),
    }
    return render(request, "minping/confirm.html", context)


@page(EDIT, methods=("GET", "POST"))
def grade_edit(request: ScopedRequest, pk: int) -> HttpResponse:
    """A skill of a person."""
    person = edited_or_404(request, pk)
    form = GradeForm(request.POST or None, initial={"skill": request.GET.get("skill")})
    back = reverse("people:detail", args=[pk])

    def save() -> str:
        set_grade(request.scope, person, form.cleaned_data["skill"], form.cleaned_data["grade"])
        return back

    title = _("Skills of %(name)s") % {"name": person.name}
    return edited(request, form, save=save, context={"title": title, "back": back})


@page(EDIT, methods=("GET", "POST"))
def stand_in_add(request: ScopedRequest, pk: int) -> HttpResponse:
    """Who stands in for a person."""
    person = edited_or_404(request, pk)
    form = StandInForm(request.POST or None, scope=request.scope)
    back = reverse("people:detail", args=[pk])

    def save() -> str:
        save_stand_in(request.scope, person, **form.cleaned_data)
        return back

    title = _("Who stands in for %(name)s") % {"name": person.name}
    lead = _("An earlier stand-in at the same place ends the day before.")
    return edited(request, form, save=save, context={"title": title, "back": back, "lead": lead})
