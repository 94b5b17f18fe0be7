"""Who may have a certified copy of which card, and who took one."""

from __future__ import annotations

from django.db.models import QuerySet
from django.http import Http404
from django.shortcuts import get_object_or_404

from minping_engine.terms import period_order, year_of
from minping_web.assessments.models import AssessedResult
from minping_web.common.scope import Scope
from minping_web.publications.models import CertifiedCopy, Publication
from minping_web.publications.selectors.current import current_publications

OWN, OFFICE_VIEW = "results.own", "results.view"


def is_own(scope: Scope, result: AssessedResult) -> bool:
    """Whether the card speaks of the person who is signed in."""
    return scope.may(OWN) and scope.person_id is not None and scope.person_id == result.person_id


def may_copy(scope: Scope, publication: Publication, result: AssessedResult) -> bool:
    """The person, and offices that see the place; of a result that this publication made known."""
    if result.run_id != publication.run_id:
        return False
    if is_own(scope, result) or scope.may_everywhere(OFFICE_VIEW):
        return True
    return result.area is not None and scope.may(OFFICE_VIEW, result.area.path)


def card_to_copy(scope: Scope, publication_id: int, result_id: int) -> tuple[Publication, AssessedResult]:
    """Both, else 404."""
    rows = Publication.objects.select_related("run__snapshot", "run__scheme", "round")
    publication = get_object_or_404(rows, pk=publication_id)
    cards = AssessedResult.objects.select_related("area")
    result = get_object_or_404(cards, pk=result_id, run=publication.run_id)
    if not may_copy(scope, publication, result):
        raise Http404
    return publication, result


def same_year(publication: Publication) -> list[Publication]:
    """What was published of the same scheme in the same year, up to this period; itself last.

    Of other periods what holds now counts; of its own period this very publication, corrected or not.
    """
    found, period = publication.round, publication.round.period
    if year_of(period) is None:  # a year or a single round is part of no year: it stands alone
        return [publication]
    rows = current_publications().filter(
        run__scheme__scheme_id=publication.run.scheme.scheme_id,
        run__scheme__version=publication.run.scheme.version,
        round__subject=found.subject,
    )
    earlier: dict[str, Publication] = {}
    for one in rows.exclude(round__period=period):
        is_before = period_order(one.round.period) < period_order(period)
        if year_of(one.round.period) == year_of(period) and is_before:
            earlier.setdefault(one.round.period, one)
    return [*sorted(earlier.values(), key=lambda one: period_order(one.round.period)), publication]


def copies_of(publication: Publication) -> QuerySet[CertifiedCopy]:
    """Copies that were taken of its cards, newest first."""
    return publication.copies.select_related("taken_by", "result").order_by("-pk")
