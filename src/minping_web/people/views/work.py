"""Skills, certificates, positions, ranks; the worker's own page and requests for correction."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django import forms
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.db.models import Model, Q
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _

from minping_web.common.clock import today
from minping_web.common.edit_pages import asked, edited, paged
from minping_web.common.import_flow import export_response, page_language, wants_export
from minping_web.common.pages import ScopedRequest, page
from minping_web.common.problems import RefusedError, lines
from minping_web.people.exports import CORRECTIONS, certificate_rows, correction_rows, skill_rows
from minping_web.people.forms import (
    AnswerForm,
    CorrectionForm,
    DescriptionForm,
    PositionForm,
    RankForm,
    SkillForm,
)
from minping_web.people.imports import CERTIFICATES, SKILLS
from minping_web.people.models import Certificate, Position, Rank, Skill
from minping_web.people.selectors import (
    EDIT,
    OWN,
    VIEW,
    PersonFilter,
    area_below,
    certificates_seen,
    correction_requests_seen,
    description_on,
    descriptions_in_force,
    filtered_corrections,
    filtered_people,
    own_handovers,
    own_person,
    people_now,
    skill_matrix,
    work_phone_of,
)
from minping_web.people.services import (
    answer_correction,
    ask_correction,
    load_presets,
    revise_description,
    save_position,
    save_rank,
    save_skill,
)
from minping_web.people.views.shared import tried


@page(VIEW)
def skill_page(request: ScopedRequest) -> HttpResponse:
    """The matrix of skills and people."""
    area = area_below(request.scope, asked(request, "area"))
    wanted = PersonFilter(asked(request, "q"), asked(request, "kind"), "", area)
    people = filtered_people(people_now(request.scope, VIEW), wanted, today())
    if wants_export(request):
        return export_response(request, SKILLS, skill_rows(people, english=page_language() == "en"))
    shown = paged(request, people)
    skills, rows = skill_matrix(list(shown))
    context = {
        "page": shown,
        "skills": skills,
        "rows": rows,
        "text": asked(request, "q"),
        "area_text": asked(request, "area"),
        "may_edit": request.scope.may(EDIT),
        "may_shape": request.scope.reach(EDIT).whole,
    }
    return render(request, "people/skills.html", context)


@page(VIEW)
def certificate_list(request: ScopedRequest) -> HttpResponse:
    """Certificates, by default those still valid; `state=soon` are those that expire within 90 days."""
    found = certificates_seen(request.scope)
    text, kind, state = asked(request, "q"), asked(request, "kind"), asked(request, "state")
    if text:
        found = found.filter(Q(person__name__icontains=text) | Q(person__code__icontains=text))
    if kind:
        found = found.filter(kind=kind)
    found = Certificate.in_state(found, state, today())
    if wants_export(request):
        return export_response(
            request, CERTIFICATES, certificate_rows(found, english=page_language() == "en")
        )
    context = {
        "page": paged(request, found),
        "kinds": Certificate.Kind.choices,
        "text": text,
        "kind": kind,
        "state": state,
        "may_edit": request.scope.may(EDIT),
        "today": today(),
    }
    return render(request, "people/certificates.html", context)


@page(VIEW)
def position_list(request: ScopedRequest) -> HttpResponse:
    """Positions with the description in force, ranks, skills."""
    context = {
        "positions": descriptions_in_force(today()),
        "ladders": [(label, Rank.objects.filter(ladder=ladder)) for ladder, label in Rank.Ladder.choices],
        "skills": Skill.objects.all(),
        "may_shape": request.scope.reach(EDIT).whole,
    }
    return render(request, "people/positions.html", context)


@page(EDIT, methods=("POST",))
def presets(request: ScopedRequest) -> HttpResponse:
    """Bring in what is shipped."""
    done = _("The shipped positions, ranks and skills are there. Adapt them to your rules.")
    tried(request, lambda: load_presets(request.scope), done)
    return redirect("people:positions")


@page(VIEW)
def position_page(request: ScopedRequest, pk: int) -> HttpResponse:
    """One position with all versions of its description."""
    position = get_object_or_404(Position, pk=pk)
    context = {
        "position": position,
        "versions": position.descriptions.all(),
        "in_force": description_on(position, today()),
        "may_shape": request.scope.reach(EDIT).whole,
    }
    return render(request, "people/position.html", context)


@page(EDIT, methods=("GET", "POST"))
def description_revise(request: ScopedRequest, pk: int) -> HttpResponse:
    """A new version, starting from the last one."""
    _require_whole(request)
    position = get_object_or_404(Position, pk=pk)
    last = position.descriptions.first()
    names = ("purpose", "duties", "limits", "source")
    initial = {name: getattr(last, name) for name in names} if last else {}
    form = DescriptionForm(request.POST or None, initial=initial)
    back = reverse("people:position", args=[pk])

    def save() -> str:
        revise_description(request.scope, position, form.draft())
        return back

    title = _("New version: %(name)s") % {"name": position}
    lead = _("Earlier versions stay; who was assessed under them can read them.")
    return edited(request, form, save=save, context={"title": title, "back": back, "lead": lead})


def _require_whole(request: ScopedRequest) -> None:
    if not request.scope.reach(EDIT).whole:
        raise PermissionDenied(EDIT)


Kept = type[Position] | type[Rank] | type[Skill]


def _list_edit(
    request: ScopedRequest,
    model: Kept,
    form_class: type[forms.Form],
    save: Callable[..., Any],
    pk: int | None,
) -> HttpResponse:
    """Add or edit an entry of one of the district's lists."""
    _require_whole(request)
    existing: Model | None = get_object_or_404(model, pk=pk) if pk else None
    initial = {name: getattr(existing, name) for name in form_class.base_fields} if existing else {}
    form = form_class(request.POST or None, initial=initial)

    def saved() -> str:
        save(request.scope, form.cleaned_data, existing=existing)
        return reverse("people:positions")

    title = f"{model._meta.verbose_name}: {existing}" if existing else str(model._meta.verbose_name)
    return edited(request, form, save=saved, context={"title": title, "back": reverse("people:positions")})


@page(EDIT, methods=("GET", "POST"))
def position_edit(request: ScopedRequest, pk: int | None = None) -> HttpResponse:
    """A position's names."""
    return _list_edit(request, Position, PositionForm, save_position, pk)


@page(EDIT, methods=("GET", "POST"))
def rank_edit(request: ScopedRequest, pk: int | None = None) -> HttpResponse:
    """A step of a ladder."""
    return _list_edit(request, Rank, RankForm, save_rank, pk)


@page(EDIT, methods=("GET", "POST"))
def skill_edit(request: ScopedRequest, pk: int | None = None) -> HttpResponse:
    """A column of the matrix."""
    return _list_edit(request, Skill, SkillForm, save_skill, pk)


@page(OWN, methods=("GET", "POST"))
def mine(request: ScopedRequest) -> HttpResponse:
    """A worker's own record: everything kept about them, and how to have it corrected."""
    person = own_person(request.scope)
    if person is None:
        return render(request, "people/mine_none.html")
    form = CorrectionForm(request.POST or None)
    status = 200
    if form.is_bound:
        status = 422
        if form.is_valid():
            ask_correction(request.scope, form.cleaned_data["about"], form.cleaned_data["text"])
            messages.success(request, _("Your request is with the office. The answer will stand here."))
            return redirect("people:mine")
    context = {
        "person": person,
        "form": form,
        "phone": work_phone_of(request.scope, person),
        "postings": person.postings.select_related("area").order_by("-starts_on"),
        "certificates": person.certificates.all(),
        "skills": person.skills.select_related("skill"),
        "stand_ins": person.stand_ins.select_related("deputy"),
        "stands_in_for": person.stands_in_for.select_related("person"),
        "description": description_on(person.position, today()) if person.position else None,
        "handovers": own_handovers(request.scope),
        "requests": person.correction_requests.all()[:20],
        "today": today(),
    }
    return render(request, "people/mine.html", context, status=status)


@page(EDIT)
def correction_list(request: ScopedRequest) -> HttpResponse:
    """Requests for correction of one's people."""
    text, state = asked(request, "q"), asked(request, "state")
    found = filtered_corrections(correction_requests_seen(request.scope), text=text, state=state)
    if wants_export(request):
        return export_response(request, CORRECTIONS, correction_rows(found))
    context = {"page": paged(request, found), "text": text, "state": state}
    return render(request, "people/corrections.html", context)


@page(EDIT, methods=("GET", "POST"))
def correction_answer(request: ScopedRequest, pk: int) -> HttpResponse:
    """One request, and the answer."""
    found = get_object_or_404(correction_requests_seen(request.scope), pk=pk)
    form = AnswerForm(request.POST or None)
    context: dict[str, Any] = {"asked": found, "form": form, "problems": []}
    status = 200
    if form.is_bound:
        status = 422
        if form.is_valid():
            try:
                answer_correction(request.scope, found, **form.cleaned_data)
            except RefusedError as refused:
                context["problems"] = lines(refused.problems)
            else:
                messages.success(request, _("Answered."))
                return redirect("people:corrections")
    return render(request, "people/correction.html", context, status=status)
