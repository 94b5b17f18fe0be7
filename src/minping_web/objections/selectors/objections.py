"""Objections as pages see them, and who may act on one.

Who sees one: who filed it or filed for the same place, who may check it, who decides, who audits. A colleague
who is assessed in the same round sees nothing of it, whatever role he has beside: he is a rival.
"""

from __future__ import annotations

from datetime import timedelta

from django.db.models import Q, QuerySet
from django.shortcuts import get_object_or_404

from minping_web.assessments.models import AssessedResult
from minping_web.common.clock import now, today
from minping_web.common.scope import PATH_END, Scope
from minping_web.objections.models import Objection
from minping_web.objections.rules.words import DECIDED, Outcome
from minping_web.objections.selectors.interest import has_interest, rounds_of_interest
from minping_web.objections.selectors.previews import CHECK, DECIDE, FILE, OFFICES, OWN, VIEW, terms_of
from minping_web.places.models import Area
from minping_web.places.rules.levels import Level

TOLD_FOR_DAYS = 14
"""So long the start page says that an objection was decided."""
ROWS = (
    "preview__run__round", "preview__run__scheme", "preview__run__snapshot", "area__parent", "result",
    "organisation", "filed_by", "decided_by", "correction",
)  # fmt: skip


def objections_seen(scope: Scope) -> QuerySet[Objection]:
    """All that the scope may read, newest first."""
    rows = Objection.objects.select_related(*ROWS)
    mine = Q(filed_by=scope.user_id) | _of_my_places(scope)
    if scope.may_everywhere(VIEW):
        own = rounds_of_interest(scope)
        return rows.filter(mine | ~Q(preview__run__round__in=own)).distinct() if own else rows
    return rows.filter(mine | _to_check(scope)).distinct()


def objection_of(scope: Scope, objection_id: int) -> Objection:
    """One of them, else 404."""
    return get_object_or_404(objections_seen(scope), pk=objection_id)


def objections_of(scope: Scope, result: AssessedResult) -> QuerySet[Objection]:
    """Those against one result that the scope may read."""
    return objections_seen(scope).filter(result=result)


def own_objections(scope: Scope) -> QuerySet[Objection]:
    """By the person against own results."""
    rows = Objection.objects.select_related(*ROWS).filter(is_own=True, filed_by=scope.user_id)
    return rows if scope.may(OWN) else rows.none()


def objections_for_places(scope: Scope) -> QuerySet[Objection]:
    """Filed for places and organisations that the scope may object for."""
    return Objection.objects.select_related(*ROWS).filter(_of_my_places(scope))


def to_check(scope: Scope) -> QuerySet[Objection]:
    """What waits for a check by this person or by a colleague of the place, the most urgent first."""
    rows = Objection.objects.select_related(*ROWS).filter(_to_check(scope), outcome=Outcome.OPEN)
    return rows.order_by("due_on", "pk")


def decided_lately(scope: Scope) -> QuerySet[Objection]:
    """Own objections, and those filed for own places, that were decided in the last days, newest first."""
    since = now() - timedelta(days=TOLD_FOR_DAYS)
    mine = Q(filed_by=scope.user_id) | _of_my_places(scope)
    rows = Objection.objects.filter(mine, outcome__in=DECIDED, decided_at__gte=since)
    return rows.distinct().order_by("-decided_at", "-pk")


def to_decide(scope: Scope) -> QuerySet[Objection]:
    """Under review and seen by somebody of the bureau who has no interest in the round."""
    rows = objections_seen(scope) if scope.may_everywhere(DECIDE) else Objection.objects.none()
    return rows.filter(outcome=Outcome.OPEN)


def _of_my_places(scope: Scope) -> Q:
    reach = scope.reach(FILE)
    found = Q(pk__in=()) | Q(organisation__in=reach.organisations)
    for root in reach.paths:
        found |= Q(area__path__gte=root, area__path__lt=root + PATH_END)
    return Q(is_own=False) & found


def _to_check(scope: Scope) -> Q:
    """Of persons: at the place or above it. Of places: above it alone. Never of a rival."""
    found = Q(pk__in=())
    for root in scope.reach(CHECK).paths:
        found |= Q(is_own=True, area__path__gte=root, area__path__lt=root + PATH_END)
        found |= Q(is_own=False, area__path__gt=root, area__path__lt=root + PATH_END)
    own = rounds_of_interest(scope) if scope.reach(CHECK).paths else set()
    return found & ~Q(preview__run__round__in=own) if own else found


def waits_for_check(objection: Objection) -> bool:
    """Whether a node before the last one is due."""
    return objection.is_open and objection.node < terms_of(objection.preview.run).last


def may_check(scope: Scope, objection: Objection) -> bool:
    """Whether this person may do the node that is due and is none of those that decide."""
    if not waits_for_check(objection) or _took_part(scope, objection):
        return False
    if Objection.objects.filter(_to_check(scope), pk=objection.pk).exists():
        return True
    return district_checks(objection) and scope.may_everywhere(DECIDE)


def district_checks(objection: Objection) -> bool:
    """Whether the district may do a node of the places: its time is over, or nobody is above the place."""
    if objection.area is None or objection.is_overdue(today()):
        return True
    return not objection.is_own and not _has_office_above(objection.area)


def _has_office_above(area: Area) -> bool:
    above = Area.objects.filter(pk__in=[pk for pk in area.ancestor_ids if pk != area.pk])
    return above.filter(level__in=OFFICES).exists() and area.level != Level.STREET


def may_decide(scope: Scope, objection: Objection) -> bool:
    """Whether the last node is due and this person had no part in it before."""
    if not objection.is_open or waits_for_check(objection):
        return False
    return scope.may_everywhere(DECIDE) and not _took_part(scope, objection)


def may_read_evidence(scope: Scope, objection: Objection) -> bool:
    """The objector, and those who check or decide; not who only audits, and no rival."""
    if objection.filed_by_id == scope.user_id:
        return True
    if scope.may_everywhere(DECIDE) and not has_interest(scope, objection.preview.run):
        return True
    return Objection.objects.filter(_to_check(scope), pk=objection.pk).exists()


def _took_part(scope: Scope, objection: Objection) -> bool:
    """Who filed it, checked it, or has an interest of his own in the round."""
    if scope.user_id is None or scope.user_id == objection.filed_by_id:
        return True
    if objection.reviews.filter(by=scope.user_id).exists():
        return True
    return has_interest(scope, objection.preview.run)
