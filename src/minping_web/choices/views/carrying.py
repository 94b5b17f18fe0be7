"""Write the postings of a sealed result: look ahead at who moves, then ask the second person."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _

from minping_web.choices.rules.phases import Phase
from minping_web.choices.selectors.choices import EDIT, choice_edited
from minping_web.choices.services import carrying
from minping_web.common.clock import today
from minping_web.common.edit_pages import asked, paged
from minping_web.common.pages import ScopedRequest, page
from minping_web.common.problems import RefusedError, lines


@page(EDIT, methods=("GET", "POST"))
def carry_out(request: ScopedRequest, choice_id: int) -> HttpResponse:
    """See who moves where, and ask the second person."""
    choice = choice_edited(request.scope, choice_id)
    back = reverse("choices:choice", args=[choice.pk])
    if choice.phase != Phase.AGREED:
        messages.info(request, _("The postings can be written when the result is sealed, once."))
        return redirect(back)
    problems, status, plan = [], 200, None
    try:
        plan = carrying.plan_of(request.scope, choice)
        if request.method == "POST":
            reason = request.POST.get("reason", "")[:300]
            made = carrying.propose_carrying_out(request.scope, choice.pk, reason)
            return redirect("approvals:proposal", made.pk)
    except RefusedError as refused:
        problems, status = lines(refused.problems), 422
    text = asked(request, "q", 80)
    context = {
        "choice": choice,
        "problems": problems,
        "plan": plan,
        "page_obj": paged(request, _found(plan, text)) if plan else None,
        "text": text,
        "late": choice.takes_effect_on < today(),
        "back": back,
    }
    return render(request, "choices/carry_out.html", context, status=status)


def _found(plan: carrying.Plan, text: str) -> list[carrying.Move]:
    wanted = text.casefold()
    return [
        move
        for move in plan.moves
        if wanted in " ".join([move.person.name, move.person.code, *move.before, *move.after]).casefold()
    ]
