"""Postings, vacant areas, load, staff moves with preview, handovers."""

from __future__ import annotations

from django.contrib import messages
from django.db.models import Q
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _

from minping_web.common.clock import today
from minping_web.common.edit_pages import asked, edited, paged
from minping_web.common.import_flow import export_response, page_language, wants_export
from minping_web.common.pages import ScopedRequest, page
from minping_web.common.problems import RefusedError, lines
from minping_web.common.readable import readable
from minping_web.common.scope import PATH_END
from minping_web.people.exports import (
    HANDOVERS,
    LOADS,
    VACANCIES,
    handover_rows,
    load_rows,
    posting_rows,
    vacancy_rows,
)
from minping_web.people.forms import MoveForm, PostingForm
from minping_web.people.imports import POSTINGS
from minping_web.people.models import Handover
from minping_web.people.rules import FEWEST_HOUSEHOLDS, MOST_HOUSEHOLDS, PostingRole, distribution
from minping_web.people.selectors import (
    EDIT,
    OWN,
    VIEW,
    area_below,
    filtered_handovers,
    filtered_postings,
    handovers_seen,
    loads_found,
    own_handovers,
    owner_loads,
    postings_edited,
    postings_seen,
    vacancies,
)
from minping_web.people.services import (
    carry_out,
    confirm_handover,
    preview_move,
    remove_posting,
    save_posting,
    tick_handover,
)
from minping_web.people.views.shared import edited_or_404, tried


@page(VIEW)
def posting_list(request: ScopedRequest) -> HttpResponse:
    """Who serves where."""
    area = area_below(request.scope, asked(request, "area"))
    found = filtered_postings(
        postings_seen(request.scope),
        text=asked(request, "q"),
        role=asked(request, "role"),
        state=asked(request, "state"),
        area=area,
        day=today(),
    )
    if wants_export(request):
        return export_response(request, POSTINGS, posting_rows(found, english=page_language() == "en"))
    context = {
        "page": paged(request, found),
        "roles": PostingRole.choices,
        "text": asked(request, "q"),
        "role": asked(request, "role"),
        "state": asked(request, "state"),
        "area_text": asked(request, "area"),
        "may_edit": request.scope.may(EDIT),
        "today": today(),
    }
    return render(request, "people/postings.html", context)


@page(EDIT, methods=("GET", "POST"))
def posting_add(request: ScopedRequest) -> HttpResponse:
    """A posting; `?area=` and `?person=` fill the form."""
    initial = {"area": asked(request, "area"), "person": asked(request, "person"), "starts_on": today()}
    form = PostingForm(request.POST or None, scope=request.scope, initial={**initial, "share_percent": 100})

    def save() -> str:
        posting = save_posting(request.scope, form.draft())
        return reverse("people:detail", args=[posting.person_id])

    lead = _("For a change of who is in charge, better use a staff move: it ends the old posting, too.")
    context = {"title": _("Add a posting"), "back": reverse("people:postings"), "lead": lead}
    return edited(request, form, save=save, context=context)


@page(EDIT, methods=("GET", "POST"))
def posting_edit(request: ScopedRequest, pk: int) -> HttpResponse:
    """Other values for a posting."""
    posting = get_object_or_404(postings_edited(request.scope), pk=pk)
    initial = {name: getattr(posting, name) for name in PostingForm.base_fields}
    form = PostingForm(request.POST or None, scope=request.scope, initial=initial)
    back = reverse("people:detail", args=[posting.person_id])

    def save() -> str:
        save_posting(request.scope, form.draft(), existing=posting)
        return back

    return edited(request, form, save=save, context={"title": _("Edit a posting"), "back": back})


@page(EDIT, methods=("GET", "POST"))
def posting_remove(request: ScopedRequest, pk: int) -> HttpResponse:
    """Remove a posting that was entered by mistake."""
    posting = get_object_or_404(postings_edited(request.scope), pk=pk)
    back = reverse("people:detail", args=[posting.person_id])
    if request.method == "POST":
        tried(request, lambda: remove_posting(request.scope, posting), _("The posting was removed."))
        return redirect("people:postings")
    context = {
        "title": _("Remove this posting?"),
        "lead": _("Only for postings entered by mistake; a posting that is over gets a last day instead."),
        "back": back,
        "submit": _("Remove"),
    }
    return render(request, "minping/confirm.html", context)


@page(VIEW)
def vacancy_list(request: ScopedRequest) -> HttpResponse:
    """Areas that nobody answers for."""
    found = vacancies(request.scope, today())
    area = area_below(request.scope, asked(request, "area"))
    if area:
        found = found.filter(path__gte=area.path, path__lt=area.path + PATH_END)
    if text := asked(request, "q"):
        found = found.filter(
            Q(name__icontains=text)
            | Q(code__istartswith=text)
            | Q(parent__name__icontains=text)
            | Q(parent__parent__name__icontains=text)
        )
    if wants_export(request):
        return export_response(request, VACANCIES, vacancy_rows(found))
    context = {
        "page": paged(request, found),
        "text": text,
        "area_text": asked(request, "area"),
        "may_edit": request.scope.may(EDIT),
    }
    return render(request, "people/vacancies.html", context)


@page(VIEW)
def load_page(request: ScopedRequest) -> HttpResponse:
    """Households per owner against the rule of 300 to 500."""
    area = area_below(request.scope, asked(request, "area"))
    loads = owner_loads(request.scope, today(), area)
    band, text = asked(request, "band"), asked(request, "q")
    shown = loads_found(loads, text, band)
    if wants_export(request):
        return export_response(request, LOADS, load_rows(shown))
    counted = distribution(load.households for load in loads)
    most = max((count for _low, _high, count in counted), default=0)
    context = {
        "page": paged(request, shown),
        "area_text": asked(request, "area"),
        "text": text,
        "band": band,
        "bins": [
            {
                "low": low,
                "high": high,
                "count": count,
                "inside": low >= 300 and high is not None and high <= 500,
            }
            for low, high, count in counted
        ],
        "most": most or 1,
        "owners": len(loads),
        "inside": sum(load.band == "within" for load in loads),
        "above": sum(load.band == "above" for load in loads),
        "below": sum(load.band == "below" for load in loads),
        "fewest": FEWEST_HOUSEHOLDS,
        "most_households": MOST_HOUSEHOLDS,
    }
    return render(request, "people/load.html", context)


@page(EDIT, methods=("GET", "POST"))
def move(request: ScopedRequest, pk: int) -> HttpResponse:
    """A staff move: form, preview of everything it does, confirmation."""
    person = edited_or_404(request, pk)
    initial = {"day": today(), "kind": asked(request, "kind"), "area": asked(request, "area")}
    form = MoveForm(request.POST or None, scope=request.scope, initial=initial)
    context: dict[str, object] = {"person": person, "form": form, "problems": []}
    status = 200
    if form.is_bound:
        status = 422
        if form.is_valid():
            wanted = form.move(person)
            try:
                if "confirm" in request.POST:
                    done = carry_out(request.scope, wanted)
                    messages.success(request, _("The move is entered. The list of changes can undo it."))
                    target = done.change_set
                    return redirect("changes:detail", target.pk) if target else redirect("people:detail", pk)
                plan = preview_move(request.scope, wanted)
                context |= {"plan": plan, "differences": readable(plan.differences)}
                status = 200
            except RefusedError as refused:
                context["problems"] = lines(refused.problems)
    return render(request, "people/move.html", context, status=status)


@page(VIEW)
def handover_list(request: ScopedRequest) -> HttpResponse:
    """Handovers, open ones first by default."""
    text, state = asked(request, "q"), asked(request, "state")
    found = filtered_handovers(handovers_seen(request.scope), text=text, state=state)
    if wants_export(request):
        return export_response(request, HANDOVERS, handover_rows(found))
    context = {"page": paged(request, found), "text": text, "state": state}
    return render(request, "people/handovers.html", context)


def _handover(request: ScopedRequest, pk: int) -> Handover:
    scope = request.scope
    found = handovers_seen(scope).filter(pk=pk).first() or own_handovers(scope).filter(pk=pk).first()
    if found is None:
        raise Http404
    return found


@page(methods=("GET", "POST"))
def handover_page(request: ScopedRequest, pk: int) -> HttpResponse:
    """The sheet: open matters, notes, both confirmations; printable. For both sides and the office."""
    handover = _handover(request, pk)
    scope = request.scope
    items = list(handover.items.all())
    side = {handover.giver_id: "giver", handover.taker_id: "taker"}.get(scope.person_id or -1, "")
    office = scope.may(EDIT, handover.area.path) and scope.may(EDIT)
    if request.method == "POST":
        if not side and not office:
            raise Http404
        if request.POST.get("confirm") in ("giver", "taker"):
            wanted = request.POST["confirm"]
            tried(request, lambda: confirm_handover(scope, handover, wanted), _("Confirmed."))
        else:
            done = {
                item.number: (
                    f"done_{item.number}" in request.POST,
                    request.POST.get(f"note_{item.number}", "")[:300],
                )
                for item in items
            }
            tried(request, lambda: tick_handover(scope, handover, done), _("The sheet is saved."))
        return redirect("people:handover", pk)
    may_act = bool(side or office) and not handover.closed
    context = {"handover": handover, "items": items, "side": side, "office": office, "may_act": may_act}
    return render(request, "people/handover.html", {**context, "own": scope.may(OWN)})
