"""The choice as a whole, for the office: list, dates, posting, drawn value, matching, end."""

from __future__ import annotations

from django.contrib import messages
from django.db.models import Q
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _

from minping_web.choices.exports import CHOICES, choice_rows
from minping_web.choices.forms import ChoiceForm, ExtensionForm, ValueForm, first_values
from minping_web.choices.models import TwoWayChoice
from minping_web.choices.rules.phases import STEPS, Phase, State
from minping_web.choices.selectors.choices import (
    EDIT,
    MEDIATE,
    VIEW,
    choice_edited,
    choice_of,
    choices_seen,
    sees_all,
    sizes_seen,
    with_sizes,
)
from minping_web.choices.selectors.values import open_values
from minping_web.choices.services import carrying, ending, extending, matching, posting, preparing, valuing
from minping_web.choices.views.shared import tried, with_reason
from minping_web.common.edit_pages import asked, edited, paged
from minping_web.common.import_flow import export_response, wants_export
from minping_web.common.pages import ScopedRequest, page
from minping_web.common.problems import lines

FORM, REASON = "choices/form.html", "choices/reason.html"
MOST_SHOWN = 50
"""Of what is to be mended: in a district one omission may be every grid's."""


@page(VIEW)
def choice_list(request: ScopedRequest) -> HttpResponse:
    """All choices of the own place."""
    state, text = asked(request, "state", 12), asked(request, "q", 80)
    found = with_sizes(choices_seen(request.scope))
    if text:
        found = found.filter(Q(name__icontains=text) | Q(area__name__icontains=text))
    if state in State.values:
        found = found.filter(state=state)
    found = found.order_by("-pk")
    if wants_export(request):
        return export_response(request, CHOICES, choice_rows(found))
    context = {
        "page_obj": paged(request, found),
        "states": State.choices,
        "state": state,
        "text": text,
        "may_edit": request.scope.may(EDIT),
    }
    return render(request, "choices/list.html", context)


@page(EDIT, methods=("GET", "POST"))
def choice_new(request: ScopedRequest) -> HttpResponse:
    """A draft."""
    form = ChoiceForm(request.POST or None, scope=request.scope)

    def save() -> str:
        made = preparing.save_choice(request.scope, form.draft())
        return reverse("choices:choice", args=[made.pk])

    context = {
        "title": _("New two-way choice"),
        "lead": _("Nobody sees it before it is posted. Grids and people are entered next."),
        "back": reverse("choices:list"),
    }
    return edited(request, form, save=save, context=context, said=_("Saved."), template=FORM)


@page(EDIT, methods=("GET", "POST"))
def choice_edit(request: ScopedRequest, choice_id: int) -> HttpResponse:
    """Dates and rules of a draft."""
    choice = choice_edited(request.scope, choice_id)
    form = ChoiceForm(request.POST or None, scope=request.scope, initial=first_values(choice))
    back = reverse("choices:choice", args=[choice.pk])

    def save() -> str:
        preparing.save_choice(request.scope, form.draft(), existing=choice)
        return back

    context = {"title": _("Dates and rules"), "back": back}
    return edited(request, form, save=save, context=context, said=_("Saved."), template=FORM)


@page(VIEW)
def choice_page(request: ScopedRequest, choice_id: int) -> HttpResponse:
    """Where it stands and what comes next."""
    choice, scope = choice_of(request.scope, choice_id), request.scope
    may_edit = scope.may(EDIT, choice.area.path)
    draft = choice.state == State.DRAFT
    to_mend = posting.problems_before_posting(choice) if draft and may_edit else []
    context = {
        "choice": choice,
        "phase": choice.phase,
        "steps": _steps(choice),
        "counts": sizes_seen(scope, choice),
        "may_edit": may_edit,
        "may_mediate": scope.may(MEDIATE, choice.area.path),
        "all": sees_all(scope, choice),
        "to_mend": lines(to_mend[:MOST_SHOWN]),
        "more_to_mend": max(0, len(to_mend) - MOST_SHOWN),
        "proposal": carrying.open_proposal(choice) if may_edit else None,
        "mediations": choice.mediations.select_related("proposed_by").order_by("-number"),
        "may_match": may_edit and choice.phase == Phase.LISTED and not choice.waits_for_value,
        "broken": choice.is_broken,
        "values": open_values(choice.pk) if choice.waits_for_value else [],
        "may_extend": may_edit and bool(extending.extendable(choice)),
        "extensions": choice.extensions.select_related("made_by"),
        "papers": choice.papers.defer("content") if sees_all(scope, choice) else [],
    }
    return render(request, "choices/choice.html", context)


def _steps(choice: TwoWayChoice) -> list[tuple[str, str]]:
    """(label, done | now | later) for the line at the top."""
    if choice.state == State.CALLED_OFF:
        return []
    shown = {Phase.MATCHING: Phase.LISTED, Phase.CARRYING: Phase.AGREED}.get(choice.phase, choice.phase)
    at = STEPS.index(shown)
    states = ("done", "now", "later")
    return [
        (str(step.label), states[(number >= at) + (number > at)])
        for number, step in enumerate(STEPS)
        if step != Phase.MEDIATION or shown == Phase.MEDIATION
    ]


@page(EDIT, methods=("GET", "POST"))
def choice_post(request: ScopedRequest, choice_id: int) -> HttpResponse:
    """Post it, after reading once more what will be fixed."""
    choice = choice_edited(request.scope, choice_id)
    back = reverse("choices:choice", args=[choice.pk])
    if request.method == "POST":
        tried(request, lambda: posting.post(request.scope, choice.pk), _("Posted."))
        return redirect(back)
    context = {
        "title": _("Post this two-way choice?"),
        "lead": _(
            "Grids, conditions, people, dates and the rule for ties are fixed from then on, "
            "and their hash is in the ledger."
        ),
        "back": back,
        "submit": _("Post"),
        "problems": lines(posting.problems_before_posting(choice)),
    }  # fmt: skip
    return render(request, "minping/confirm.html", context)


@page(EDIT, methods=("GET", "POST"))
def choice_drop(request: ScopedRequest, choice_id: int) -> HttpResponse:
    """Remove a draft."""
    choice = choice_edited(request.scope, choice_id)
    back = reverse("choices:choice", args=[choice.pk])
    if request.method == "POST":
        done = tried(request, lambda: preparing.drop_choice(request.scope, choice.pk), _("Removed."))
        return redirect("choices:list" if done else back)
    context = {
        "title": _("Remove this draft?"),
        "lead": _("Its grids and people are removed with it. Nobody but the office has seen it."),
        "back": back,
        "submit": _("Remove"),
    }
    return render(request, "minping/confirm.html", context)


@page(EDIT, methods=("GET", "POST"))
def choice_call_off(request: ScopedRequest, choice_id: int) -> HttpResponse:
    """End it without a result."""
    choice = choice_edited(request.scope, choice_id)
    back = reverse("choices:choice", args=[choice.pk])
    return with_reason(
        request,
        lambda reason: posting.call_off(request.scope, choice.pk, reason),
        said=_("Called off."),
        target=back,
        title=_("Call off this two-way choice?"),
        lead=_(
            "It ends without new postings and cannot be taken up again; "
            "everybody who takes part reads the reason."
        ),
        submit=_("Call off"),
        back=back,
        danger=True,
    )  # fmt: skip


@page(EDIT, methods=("GET", "POST"))
def choice_value(request: ScopedRequest, choice_id: int) -> HttpResponse:
    """Propose the value of the public draw to the auditor."""
    choice = choice_edited(request.scope, choice_id)
    back = reverse("choices:choice", args=[choice.pk])
    if not choice.waits_for_value:
        messages.info(request, _("No value of a public draw is waited for."))
        return redirect(back)
    form = ValueForm(request.POST or None)

    def save() -> str:
        valuing.propose_value(request.scope, choice.pk, form.cleaned_data["value"])
        return back

    lead = _("%(source)s, %(day)s, spelled %(form)s. An auditor compares it with what was published.") % {
        "source": choice.seed_source, "day": choice.seed_on, "form": choice.seed_form
    }  # fmt: skip
    context = {
        "title": _("Drawn value"),
        "lead": lead,
        "back": back,
        "submit": _("Propose to the auditor"),
    }
    said = _("Proposed. It waits for an auditor.")
    return edited(request, form, save=save, context=context, said=said, template=REASON)


@page(EDIT, methods=("GET", "POST"))
def choice_extend(request: ScopedRequest, choice_id: int) -> HttpResponse:
    """Put a deadline off, with a reason that everybody reads."""
    choice = choice_edited(request.scope, choice_id)
    back = reverse("choices:choice", args=[choice.pk])
    if not extending.extendable(choice):
        messages.error(request, _("No deadline is left that could be put off."))
        return redirect(back)
    form = ExtensionForm(request.POST or None, choice=choice)

    def save() -> str:
        told = form.cleaned_data
        extending.extend(request.scope, choice.pk, told["deadline"], told["until"], told["reason"])
        return back

    lead = _(
        "Only to a later moment. Where people get more time, the communities' deadline moves along. "
        "Everybody who takes part reads the reason."
    )
    context = {"title": _("Extend a deadline"), "lead": lead, "back": back, "submit": _("Extend")}
    said = _("Extended. Both sides read it.")
    return edited(request, form, save=save, context=context, said=said, template=REASON)


@page(EDIT, methods=("POST",))
def choice_match(request: ScopedRequest, choice_id: int) -> HttpResponse:
    """Start the matching."""
    choice = choice_edited(request.scope, choice_id)
    tried(request, lambda: matching.ask_for_matching(request.scope, choice.pk), _("Started."))
    return redirect("choices:choice", choice.pk)


@page(EDIT, methods=("GET", "POST"))
def choice_agree(request: ScopedRequest, choice_id: int) -> HttpResponse:
    """Seal the protocol."""
    choice = choice_edited(request.scope, choice_id)
    back = reverse("choices:choice", args=[choice.pk])
    if request.method == "POST":
        tried(request, lambda: ending.agree(request.scope, choice.pk), _("Agreed. The protocol is sealed."))
        return redirect(back)
    context = {
        "title": _("Seal the result?"),
        "lead": _("No mediation is possible afterwards. The hash of the protocol goes into the ledger."),
        "back": back,
        "submit": _("Seal"),
    }
    return render(request, "minping/confirm.html", context)
