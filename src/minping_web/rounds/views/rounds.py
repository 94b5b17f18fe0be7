"""The list of rounds, one round with what comes next, its draw for outsiders."""

from __future__ import annotations

from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _

from minping_web.common.clock import now
from minping_web.common.edit_pages import paged
from minping_web.common.import_flow import export_response, file_response, wants_export
from minping_web.common.pages import ScopedRequest, page
from minping_web.common.problems import lines
from minping_web.rounds import exports
from minping_web.rounds.forms import BasicsForm, ReasonForm, RoundFilterForm, SeedForm, ValueForm
from minping_web.rounds.models import SurveyRound
from minping_web.rounds.rules.design import release_warnings
from minping_web.rounds.selectors.live import Sight, progress_of
from minping_web.rounds.selectors.rounds import (
    accidents_of,
    decided,
    questionnaires_of,
    round_of,
    rounds_seen,
    waiting_fix,
)
from minping_web.rounds.services.drafting import delete_draft, design_of, edit_round, make_round
from minping_web.rounds.services.drawing import draw_again
from minping_web.rounds.services.fixing import ACT as FIX
from minping_web.rounds.services.fixing import fix_again, fix_problems, propose_fix, what_is_fixed
from minping_web.rounds.services.folders import draw_folder, zipped
from minping_web.rounds.services.opening import open_round
from minping_web.rounds.services.valuing import ACT as VALUE
from minping_web.rounds.services.valuing import open_values, other_values, propose_value
from minping_web.rounds.views.answers import Ask, asked, page_of, tried
from minping_web.rounds.views.wizard import not_now, said_where, steps_of_draft
from minping_web.schemes.selectors import scheme_called

State = SurveyRound.State
PERMISSIONS = ("edit", "fix", "draw", "invite", "accident", "audit")
STEPS = (State.DRAFT, State.FIXED, State.DRAWN, State.OPEN, State.CLOSED)
WITH_PROGRESS = (State.DRAWN, State.OPEN, State.STOPPED, State.CLOSING, State.CLOSED)


@page("rounds.view")
def round_list(request: ScopedRequest) -> HttpResponse:
    """All rounds, newest first."""
    form = RoundFilterForm(request.GET or None)
    rows = rounds_seen(request.scope)
    if form.is_valid():
        rows = rows.filter(name__icontains=form.cleaned_data["search"])
        rows = rows.filter(state=form.cleaned_data["state"]) if form.cleaned_data["state"] else rows
    if wants_export(request):
        return export_response(request, exports.ROUNDS, map(_row, rows))
    context = {"page_obj": paged(request, rows), "form": form, "may": may(request)}
    return render(request, "rounds/round_list.html", context)


def _row(one: SurveyRound) -> dict[str, object]:
    return {
        "name": one.name, "period": one.period, "scheme": one.scheme_id_wanted,
        "state": one.get_state_display(), "pilot": one.is_pilot,
        "opens_at": one.opens_at.date(), "closes_at": one.closes_at.date(),
    }  # fmt: skip


def may(request: ScopedRequest) -> dict[str, bool]:
    """What the user may do with rounds."""
    return {name: request.scope.may_everywhere(f"rounds.{name}") for name in PERMISSIONS}


@page("rounds.view")
def round_page(request: ScopedRequest, round_id: int) -> HttpResponse:
    """Where the round stands, what comes next and what still keeps it from that."""
    found = round_of(request.scope, round_id)
    if found.is_taken_over:
        context = {"round": found, "scheme": scheme_called(found.scheme_id_wanted)}
        return render(request, "rounds/taken_over.html", context)
    rights = may(request)
    wizard = steps_of_draft(request, found)
    complete = all(step.is_done for step in wizard)
    pressed = "missing" in request.GET and wizard and not complete
    progress = progress_of(found) if found.state in WITH_PROGRESS else None
    context = {
        "round": found, "may": rights, "design": design_of(found),
        "questionnaires": questionnaires_of(found).values(),
        "wizard": wizard, "complete": complete,
        "problems": [said_where(one) for one in lines(fix_problems(request.scope, found))] if pressed else [],
        "warnings": lines(release_warnings(design_of(found))) if found.state == State.DRAFT else [],
        "proposal": waiting_fix(found) if found.state == State.DRAFT else None,
        "scheme": scheme_called(found.scheme_id_wanted),
        "steps": _steps(found), "progress": progress,
        "voted": Sight.of(request.scope, found).told(progress.voted) if progress else "",
        "accidents": accidents_of(found)[:5],
        "folder": draw_folder(found.pk).is_dir() if rights["audit"] or rights["draw"] else False,
        "seed": bytes(found.seed).hex() if found.seed else "",
        "closing": _closing(request, found), "is_over": found.closes_at <= now(),
        "waiting": open_values(found.pk) if found.state == State.FIXED else [],
        "broken_off": found.state in (State.FIXING, State.DRAWING) and not (found.job and found.job.is_open),
    }  # fmt: skip
    return render(request, "rounds/round.html", context)


def _closing(request: ScopedRequest, found: SurveyRound) -> str:
    """The page that ends a round; its app lies above this one, so it is known by its address only."""
    if found.state not in (State.OPEN, State.STOPPED, State.CLOSING, State.CLOSED):
        return ""
    return reverse("ballots:closing", args=[found.pk]) if request.scope.may("closing.custodian") else ""


def _steps(found: SurveyRound) -> list[tuple[str, str]]:
    """(label, done | now | later) of the usual way."""
    place = {State.FIXING: State.DRAFT, State.DRAWING: State.FIXED, State.STOPPED: State.OPEN,
             State.CLOSING: State.OPEN}  # fmt: skip
    here = place.get(State(found.state), State(found.state))
    if here not in STEPS:
        return []
    at = STEPS.index(here)
    return [
        (str(step.label), "done" if number < at else "now" if number == at else "later")
        for number, step in enumerate(STEPS)
    ]


@page("rounds.edit", methods=("GET", "POST"))
def round_new(request: ScopedRequest) -> HttpResponse:
    """The first page of a new round."""
    form = BasicsForm(request.scope, request.POST or None)
    made: list[SurveyRound] = []
    ask = Ask(
        _("New survey round"), _("Make the draft"),
        _("Nothing is sent and nothing is drawn before two persons have fixed the round."),
        (_("Give the round a name and a period, choose scheme and frame."),
         _("Questionnaires, sample and dates can be changed until the round is fixed.")),
    )  # fmt: skip
    return asked(
        request, ask, form, lambda: made.append(make_round(request.scope, form.basics)),
        said=_("The draft is there. Next: questionnaires."),
        target=lambda: reverse("rounds:questionnaires", args=[made[0].pk]),
    )  # fmt: skip


@page("rounds.edit", methods=("GET", "POST"))
def round_edit(request: ScopedRequest, round_id: int) -> HttpResponse:
    """Change the basics of a draft."""
    found = round_of(request.scope, round_id)
    names = ("name", "period", "frame", "level", "subject", "opens_at", "closes_at", "is_pilot")
    start = {name: getattr(found, name) for name in names}
    form = BasicsForm(
        request.scope, request.POST or None, initial=start | {"scheme_id": found.scheme_id_wanted}
    )
    if early := not_now(request, found, _("What the round is about"), [State.DRAFT]):
        return early
    ask = Ask(
        _("What the round is about"), _("Save"),
        _("Name, period, scheme, frame and dates. All of it can be changed until the round is fixed."),
        (_("A frame must be sealed before it is chosen: two persons seal it on its page."),),
        found, step="edit",
    )  # fmt: skip
    return asked(
        request, ask, form, lambda: edit_round(request.scope, found.pk, form.basics), said=_("Saved.")
    )


@page("rounds.edit", methods=("GET", "POST"))
def round_delete(request: ScopedRequest, round_id: int) -> HttpResponse:
    """Delete a draft, after a question."""
    found = round_of(request.scope, round_id)
    if early := not_now(request, found, _("Delete the draft"), [State.DRAFT]):
        return early
    if request.method == "POST":
        return tried(
            request, lambda: delete_draft(request.scope, found.pk), _("The draft is deleted."),
            reverse("rounds:list"),
        )  # fmt: skip
    context = {
        "title": _("Delete the draft"), "submit": _("Delete"), "back": page_of(found),
        "lead": _("Only a draft can be deleted; it leaves no trace. This cannot be undone."),
    }  # fmt: skip
    return render(request, "minping/confirm.html", context)


@page("rounds.edit", methods=("GET", "POST"))
def seed_page(request: ScopedRequest, round_id: int) -> HttpResponse:
    """Name the public draw that will give the seed."""
    from minping_web.rounds.services.drafting import set_seed

    found = round_of(request.scope, round_id)
    names = ("seed_source", "seed_on", "seed_form", "seed_fallback", "seed_fallback_form")
    start = {name: getattr(found, name) for name in names}
    if not found.seed_source:
        start |= {
            "seed_form": "## ## ## ## ## ## ##",
            "seed_fallback": _("Dice thrown before the auditor and two residents, protocol logged"),
            "seed_fallback_form": "####################",
        }  # fmt: skip
    form = SeedForm(request.POST or None, initial=start)
    if early := not_now(request, found, _("Public draw that gives the seed"), [State.DRAFT]):
        return early
    ask = Ask(
        _("Public draw that gives the seed"), _("Save"),
        _("A draw that nobody controls, on a day after the round is fixed, decides who is asked."),
        (_("Name it exactly: which draw, which number, which day. It is logged before the value is known."),
         _("Nobody can then choose the sample: not the office, not the firm, not whoever is assessed.")),
        found, step="seed",
    )  # fmt: skip
    return asked(
        request, ask, form, lambda: set_seed(request.scope, found.pk, **form.cleaned_data), said=_("Saved.")
    )


@page("rounds.fix", methods=("GET", "POST"))
def fix_page(request: ScopedRequest, round_id: int) -> HttpResponse:
    """Propose to fix; a second person approves."""
    found = round_of(request.scope, round_id)
    if early := not_now(request, found, _("Fix the round"), [State.DRAFT]):
        return early
    if request.method == "GET" and fix_problems(request.scope, found):
        return redirect(page_of(found) + "?missing")  # which tells what keeps the round from it
    form = ReasonForm(request.POST or None)
    ask = Ask(
        _("Fix the round"), _("Propose fixing"),
        _("A second person must approve. Then scheme and questionnaires are frozen, and the log holds which "
          "public draw decides."),
        (_("After fixing nothing can be edited; what happens later is entered with its reason."),),
        found, facts=what_is_fixed(found), step="fix",
    )  # fmt: skip
    return asked(
        request, ask, form,
        lambda: propose_fix(request.scope, found.pk, reason=form.cleaned_data["reason"]),
        said=_("Proposed. A second person must approve."),
    )  # fmt: skip


@page("rounds.fix", methods=("POST",))
def fix_retry(request: ScopedRequest, round_id: int) -> HttpResponse:
    """Start the job once more after it failed."""
    found = round_of(request.scope, round_id)
    act = lambda: fix_again(request.scope, found.pk)  # noqa: E731
    return tried(request, act, _("The round is being fixed."), page_of(found))


@page("rounds.draw", methods=("GET", "POST"))
def value_page(request: ScopedRequest, round_id: int) -> HttpResponse:
    """Propose what the public draw gave; the draw begins when the auditor has approved it."""
    found = round_of(request.scope, round_id)
    if early := not_now(request, found, _("Enter the drawn value"), [State.FIXED]):
        return early
    form = ValueForm(request.POST or None)
    waiting = ", ".join(proposal.payload["value"] for proposal in open_values(found.pk))
    ask = Ask(
        _("Enter the drawn value"), _("Propose the value"),
        _("%(source)s, %(day)s. Spelling: %(form)s") % {
            "source": found.seed_source, "day": found.seed_on, "form": found.seed_form,
        },
        (_("Type the published numbers exactly in this spelling, with leading zeros and blanks."),
         _("An auditor compares the value with what was published and approves; then the sample is drawn."),
         _("A value counts once. Anyone can look it up and redo the draw.")),
        found,
        notice=_("Waits for the auditor already: %(values)s") % {"values": waiting} if waiting else "",
    )  # fmt: skip

    def act() -> object:
        told = form.cleaned_data
        return propose_value(
            request.scope, found.pk, told["value"], is_fallback=told["is_fallback"], protocol=told["protocol"]
        )

    return asked(request, ask, form, act, said=_("Proposed. An auditor must approve; then it is drawn."))


@page("rounds.draw", methods=("POST",))
def draw_retry(request: ScopedRequest, round_id: int) -> HttpResponse:
    """Start the job once more after it failed."""
    found = round_of(request.scope, round_id)
    act = lambda: draw_again(request.scope, found.pk)  # noqa: E731
    return tried(request, act, _("The sample is being drawn."), page_of(found))


@page("rounds.draw", methods=("GET", "POST"))
def open_page(request: ScopedRequest, round_id: int) -> HttpResponse:
    """Open a drawn round, after a question."""
    found = round_of(request.scope, round_id)
    if early := not_now(request, found, _("Open the round"), [State.DRAWN]):
        return early
    if request.method == "POST":
        act = lambda: open_round(request.scope, found.pk)  # noqa: E731
        return tried(request, act, _("The round is open."), page_of(found))
    context = {
        "title": _("Open the round"), "submit": _("Open"), "back": page_of(found),
        "lead": _("Keys are made now. Votes are taken from %(day)s on; until the round is closed nobody can "
                  "read an answer.") % {"day": found.opens_at.strftime("%Y-%m-%d %H:%M")},
    }  # fmt: skip
    return render(request, "minping/confirm.html", context)


@page("rounds.audit")
def draw_download(request: ScopedRequest, round_id: int) -> HttpResponse:
    """The disclosed draw: what `minping verify draw` checks."""
    found = round_of(request.scope, round_id)
    if not draw_folder(found.pk).is_dir():
        raise Http404
    return file_response(zipped(found.pk), f"draw-round-{found.pk}.zip", "application/zip")


@page("rounds.view")
def draw_protocol(request: ScopedRequest, round_id: int) -> HttpResponse:
    """How the sample came about, on one sheet to print and sign."""
    found = round_of(request.scope, round_id)
    if found.drawn_at is None:
        raise Http404
    context = {
        "round": found, "scheme": scheme_called(found.scheme_id_wanted),
        "root": bytes(found.frame.root or b"").hex(), "seed": bytes(found.seed or b"").hex(),
        "fixed": decided(found, FIX), "valued": decided(found, VALUE),
        "others": other_values(found.pk, found.seed_value),
    }  # fmt: skip
    return render(request, "rounds/protocol.html", context)
