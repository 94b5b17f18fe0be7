"""What follows for oneself: amounts, rules, when it is paid; one's own statement before it is signed."""

from __future__ import annotations

from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _

from minping_web.common.edit_pages import asked
from minping_web.common.pages import ScopedRequest, page
from minping_web.rewards.forms import OwnStatementForm
from minping_web.rewards.selectors.mine import OWN, amount_words, own_line, own_lines, state_words
from minping_web.rewards.selectors.periods import signed_fen, standing_years, years_of_person
from minping_web.rewards.services.lines import make_statement
from minping_web.rewards.views.acts import formed


@page(OWN)
def mine(request: ScopedRequest) -> HttpResponse:
    """My consequences, period by period."""
    person_id = request.scope.person_id
    known = standing_years(person_id) if person_id else []
    wanted = asked(request, "year", 4)
    year = wanted if wanted in known else (known[0] if known else "")
    rows = list(own_lines(request.scope, year))
    context = {
        "lines": [(line, amount_words(line), state_words(line)) for line in rows],
        "signed": signed_fen(rows),
        "has_money": any(line.sheet.has_money for line in rows),
        "ones": years_of_person(person_id, year) if person_id else [],
        "years": known,
        "year": year,
    }
    return render(request, "rewards/mine.html", context)


@page(OWN, methods=("GET", "POST"))
def own_statement(request: ScopedRequest, reward_line_id: int) -> HttpResponse:
    """Say something before it is signed."""
    line = own_line(request.scope, reward_line_id)
    return formed(
        request,
        OwnStatementForm(request.POST or None),
        lambda given: make_statement(request.scope, line, text=given["text"]),
        title=_("Say something to: %(use)s") % {"use": line.sheet.text},
        lead=_(
            "Those who sign read it before they sign. It changes no score; for that, object to the result."
        ),
        submit=_("Hand in"),
        said=_("Handed in. Those who sign will read it."),
        back=reverse("rewards:mine"),
    )
