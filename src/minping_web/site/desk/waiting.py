"""What waits for one person: each line a kind of work that the roles allow, how many, the earliest day.

Each source asks the register that its page asks, so a line never leads to an empty or refused page. A
source whose permission is missing costs no query.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.db.models import Count, Min, Q, QuerySet
from django.urls import reverse
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from minping_web.appraisals.selectors.raters import my_calls
from minping_web.assessments.models import AssessmentRun
from minping_web.ballots.selectors.closings import closable_rounds
from minping_web.ballots.selectors.reports import pressures, problems
from minping_web.choices.rules.phases import State as ChoiceState
from minping_web.choices.selectors.choices import CHOOSE, own_candidacies
from minping_web.choices.selectors.mediations import waiting_for_communities
from minping_web.coaching.rules.words import PartnerState, PlanState
from minping_web.coaching.selectors.own import own_plans
from minping_web.coaching.selectors.plans import overdue, plans_seen
from minping_web.common import approval
from minping_web.common.clock import now, today
from minping_web.common.scope import Scope
from minping_web.frames.selectors.requests import requests_seen
from minping_web.objections.selectors.objections import decided_lately, to_check, to_decide, waits_for_check
from minping_web.objections.selectors.previews import DECIDE, FILE, bodies_of, open_previews, places_of
from minping_web.people.models import CorrectionRequest
from minping_web.people.selectors.work import (
    correction_requests_seen,
    filtered_handovers,
    handovers_seen,
    own_handovers,
)
from minping_web.publications.selectors.ready import PUBLISH, newest_runs
from minping_web.results.selectors.visible import own_results
from minping_web.rewards.rules.words import SheetState
from minping_web.rewards.selectors.sheets import sheets_seen
from minping_web.snapshots.models import SealedSnapshot

MOST = 100


@dataclass(frozen=True)
class Waiting:
    """One line: what is to be done, how often, until when, on which page."""

    text: str | Promise
    number: int
    url: str
    due: date | None = None

    @property
    def is_late(self) -> bool:
        """Whether the earliest day is over."""
        return self.due is not None and self.due < today()


def waiting(scope: Scope) -> list[Waiting]:
    """Everything that waits for this person; what has a day stands first, the earliest on top."""
    found = [line for source in SOURCES for line in source(scope)]
    return sorted(found, key=lambda line: (line.due is None, line.due or date.max))


def _line(rows: QuerySet[Any], text: str | Promise, route: str, *, due: str = "") -> Iterator[Waiting]:
    """One line for these rows, none where there are none."""
    asked = {"n": Count("pk", distinct=True), **({"first": Min(due)} if due else {})}
    told = rows.order_by().aggregate(**asked)
    if told["n"]:
        yield Waiting(text, told["n"], reverse(route), _day(told.get("first")))


def _day(moment: date | datetime | None) -> date | None:
    return timezone.localdate(moment) if isinstance(moment, datetime) else moment


def _approvals(scope: Scope) -> Iterator[Waiting]:
    rows = approval.decidable(scope)
    yield from _line(rows, _("Approve or refuse what others proposed"), "approvals:inbox", due="expires_at")


def _own_preview(scope: Scope) -> Iterator[Waiting]:
    """The window in which the assessed may object."""
    for one in own_results(scope):
        if one.may_object and one.preview is not None:
            address = reverse("results:own", args=[one.found.pk])
            yield Waiting(_("Look at your new result while you may object"), 1, address, one.preview.ends_on)


def _own_work(scope: Scope) -> Iterator[Waiting]:
    """Handovers and coaching in which this person is one of two sides."""
    if scope.person_id is None:
        return
    me = scope.person_id
    unconfirmed = Q(giver=me, giver_confirmed_at=None) | Q(taker=me, taker_confirmed_at=None)
    handovers = own_handovers(scope).filter(unconfirmed)
    yield from _line(handovers, _("Confirm a handover"), "people:mine", due="day")
    if scope.may("results.own"):
        asked = Q(person=me, state=PlanState.PROPOSED)
        asked |= Q(partner=me, partner_state=PartnerState.ASKED)
        rows = own_plans(scope).filter(asked)
        yield from _line(rows, _("Answer a proposal of coaching"), "coaching:mine")


def _own_choice(scope: Scope) -> Iterator[Waiting]:
    at = now()
    rows = own_candidacies(scope).filter(
        handed_in_at=None, choice__state=ChoiceState.POSTED, choice__choose_from__lte=at,
        choice__choose_until__gt=at,
    )  # fmt: skip
    if scope.person_id is not None and scope.may("choices.own"):
        text = _("Hand in your list of grids")
        yield from _line(rows, text, "choices:mine", due="choice__choose_until")


def _marks(scope: Scope) -> Iterator[Waiting]:
    if scope.may("appraisals.rate"):
        day = today()
        rows = my_calls(scope).filter(handed_in_at=None, call__opens_on__lte=day, call__ends_on__gte=day)
        yield from _line(rows, _("Hand in your marks"), "appraisals:mine", due="call__ends_on")


def _objections(scope: Scope) -> Iterator[Waiting]:
    """To check at the places, to decide at the district."""
    if scope.may("objections.check"):
        due = [one.due_on for one in to_check(scope)[:MOST] if waits_for_check(one)]
        if due:
            yield Waiting(_("Check objections"), len(due), reverse("objections:to_check"), min(due))
    if scope.may_everywhere(DECIDE):
        rows = to_decide(scope)
        text = _("Bring objections to a decision")
        yield from _line(rows, text, "objections:list", due="due_on")


def _decided_objections(scope: Scope) -> Iterator[Waiting]:
    """Who objected finds that it was decided, for some days."""
    if not (scope.may("results.own") or scope.may(FILE)):
        return
    found = list(decided_lately(scope)[:MOST])
    if found:
        only = len(found) == 1
        own = all(one.is_own for one in found)
        several = reverse("objections:mine" if own else "objections:place")
        address = reverse("objections:objection", args=[found[0].pk]) if only else several
        yield Waiting(_("Read how your objections were decided"), len(found), address)


def _previews_of_places(scope: Scope) -> Iterator[Waiting]:
    """Where the own place or organisation may object now."""
    if not scope.may(FILE):
        return
    mine = [one for one in open_previews()[:4] if places_of(scope, one) or bodies_of(scope, one)]
    if mine:
        ends = min(one.ends_on for one in mine)
        text = _("Look at previews of your place while you may object")
        yield Waiting(text, len(mine), reverse("objections:place"), ends)


def _people(scope: Scope) -> Iterator[Waiting]:
    if scope.may("people.edit"):
        rows = correction_requests_seen(scope).filter(state=CorrectionRequest.State.OPEN)
        yield from _line(rows, _("Answer requests for correction"), "people:corrections")
        seen = filtered_handovers(handovers_seen(scope, "people.edit"), text="", state="")
        text = _("Handovers that one side has not confirmed")
        yield from _line(seen, text, "people:handovers", due="day")


def _residents(scope: Scope) -> Iterator[Waiting]:
    """What residents said or asked outside the ballot."""
    if scope.may("frames.requests"):
        asked = requests_seen(scope, state="open")
        yield from _line(asked, _("Answer residents' requests"), "frames:requests", due="due_on")
    if scope.may("reports.problems"):
        reported = problems(scope).filter(seen_on=None)
        yield from _line(reported, _("Read reported problems"), "ballots:problem_list")
    if scope.may("reports.view"):
        pressed = pressures(scope).filter(seen_on=None)
        yield from _line(pressed, _("Read reports of pressure"), "ballots:pressure_list")


def _end_of_round(scope: Scope) -> Iterator[Waiting]:
    """Closing, assessing, publishing: the steps after the last ballot."""
    if scope.may_everywhere("closing.start"):
        rows = closable_rounds().filter(closes_at__lte=now())
        yield from _line(rows, _("Close rounds whose time is over"), "snapshots:list", due="closes_at")
    if scope.may_everywhere("assessments.run"):
        corrected = SealedSnapshot.objects.exclude(parent=None).values("parent")
        left = SealedSnapshot.objects.exclude(pk__in=corrected)
        left = left.exclude(pk__in=AssessmentRun.objects.values("snapshot"))
        yield from _line(left, _("Assess closed rounds"), "assessments:new")
    if scope.may_everywhere(PUBLISH):
        shown = {one.run_id for one in open_previews()}
        if runs := [run for run in newest_runs() if run.pk not in shown]:
            yield Waiting(_("Bring results to publication"), len(runs), reverse("publications:list"))


def _help_and_pay(scope: Scope) -> Iterator[Waiting]:
    if scope.may("coaching.edit"):
        plans = overdue(plans_seen(scope, "coaching.edit"))
        yield from _line(
            plans, _("End coaching plans whose last day is over"), "coaching:list", due="ends_on"
        )
    if scope.may_everywhere("rewards.edit"):
        rows = sheets_seen(scope, state=SheetState.DRAFT)
        yield from _line(rows, _("Prepare pay sheets and proposals"), "rewards:list")
    if scope.may_everywhere("rewards.sign"):
        rows = sheets_seen(scope, state=SheetState.PREPARED).exclude(prepared_by=scope.user_id)
        rows = rows.exclude(signatures__user=scope.user_id)
        yield from _line(rows, _("Sign pay sheets and proposals"), "rewards:list")


def _mediations(scope: Scope) -> Iterator[Waiting]:
    if scope.may(CHOOSE) and (asked := waiting_for_communities(scope)):
        text = _("Sign what was mediated in a two-way choice")
        yield Waiting(text, len(asked), reverse("choices:back_list"))


SOURCES: tuple[Callable[[Scope], Iterator[Waiting]], ...] = (
    _own_preview, _own_work, _own_choice, _marks, _approvals, _objections,
    _decided_objections, _previews_of_places,
    _end_of_round, _residents, _people, _help_and_pay, _mediations,
)  # fmt: skip
