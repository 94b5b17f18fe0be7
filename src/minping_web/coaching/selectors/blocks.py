"""What stands beside somebody's result: help and its state, training that fits, stories, the pledge (S74).

Help stands before consequences (D14). For the worker and for the offices of the place; never in what is
published for others. Nothing is shown beside a preview: help follows from what was published.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from minping_web.assessments.models import AssessedResult
from minping_web.coaching.models import CoachingPlan
from minping_web.coaching.rules.words import PlanState
from minping_web.coaching.selectors.plans import VIEW
from minping_web.coaching.selectors.stories import pledge_on_card, stories_shown
from minping_web.coaching.selectors.training import Fitting, fitting
from minping_web.common.scope import Scope

MOST_COURSES = 3


@dataclass(frozen=True)
class HelpBlock:
    """A block of a result's page, as `results` reads it."""

    title: str
    sentences: Sequence[str] = ()
    facts: Sequence[tuple[str, str]] = ()
    links: Sequence[tuple[str, str]] = ()
    tone: str = ""


def help_block(scope: Scope, result_id: int) -> HelpBlock | None:
    """Help that goes on or is proposed, and courses that fit; None where there is neither."""
    result = _readable(scope, result_id)
    if result is None:
        return None
    plans = CoachingPlan.objects.filter(assessee_id=result.assessee_id).exclude(state=PlanState.WITHDRAWN)
    plan = plans.select_related("partner").order_by("-opened_at", "-pk").first()
    fit = fitting(result.assessee_id, result.run)
    if plan is None and not fit.gaps:
        return None
    own = _is_own(scope, result)
    return HelpBlock(
        pgettext("coaching", "Help"),
        [line.words for line in fit.gaps],
        _facts(plan, fit),
        _links(plan, own=own),
    )


def story_block(scope: Scope, result_id: int) -> HelpBlock | None:
    """Service stories that worker and office agreed to show, and this year's pledge."""
    result = _readable(scope, result_id)
    if result is None or result.person_id is None:
        return None
    pledge = pledge_on_card(result.person_id)
    told = [f"{one.title}: {one.text}" for one in stories_shown(result.person_id)]
    if not told and pledge is None:
        return None
    facts = [(_("Pledge"), " ".join(pledge.text.split()))] if pledge else []
    return HelpBlock(_("Service stories"), told, facts)


def _readable(scope: Scope, result_id: int) -> AssessedResult | None:
    """A published result of one's own, or of the own place's people."""
    rows = AssessedResult.objects.exclude(run__publication=None).select_related("run__scheme", "area")
    found = rows.filter(pk=result_id).first()
    if found is None or _is_own(scope, found):
        return found
    seen = scope.may(VIEW, found.area.path) if found.area else scope.may_everywhere(VIEW)
    return found if seen else None


def _is_own(scope: Scope, result: AssessedResult) -> bool:
    return scope.person_id is not None and result.person_id == scope.person_id


def _facts(plan: CoachingPlan | None, fit: Fitting) -> list[tuple[str, str]]:
    facts = []
    if plan is not None:
        facts.append((_("Coaching plan"), plan.get_state_display()))
        facts.append((_("Who helps"), plan.get_level_display()))
    courses = [f"{one.course.title} ({one.course.starts_on:%Y-%m-%d})" for one in fit.courses[:MOST_COURSES]]
    return [*facts, (_("Courses that fit"), ", ".join(courses))] if courses else facts


def _links(plan: CoachingPlan | None, *, own: bool) -> list[tuple[str, str]]:
    if own:
        return [(_("My coaching"), reverse("coaching:mine"))]
    return [(_("Coaching plan"), reverse("coaching:plan", args=[plan.pk]))] if plan else []
