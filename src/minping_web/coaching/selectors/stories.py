"""Service stories and pledges: the office's lists, and what may stand beside a score."""

from __future__ import annotations

from django.db.models import Exists, OuterRef, Q, QuerySet
from django.shortcuts import get_object_or_404

from minping_web.coaching.models import Pledge, ServiceStory
from minping_web.coaching.rules.words import StoryState
from minping_web.coaching.selectors.plans import VIEW
from minping_web.common.clock import today
from minping_web.common.scope import Scope, within
from minping_web.people.models import Person
from minping_web.people.selectors.directory import people_now


def stories_seen(scope: Scope, *, search: str = "", state: str = "") -> QuerySet[ServiceStory]:
    """Stories of the scope's places, newest first."""
    rows = ServiceStory.objects.select_related("person", "area", "written_by", "decided_by")
    rows = within(rows, scope, VIEW, "area__path")
    if search:
        rows = rows.filter(Q(title__icontains=search) | Q(person__name__icontains=search))
    return rows.filter(state=state) if state in StoryState.values else rows


def story_of(scope: Scope, story_id: int) -> ServiceStory:
    """One story of the scope's places, or one's own; else 404."""
    own = Q(person=scope.person_id) if scope.person_id else Q(pk__in=())
    mine = ServiceStory.objects.filter(own)
    rows = ServiceStory.objects.select_related("person", "area", "written_by", "decided_by")
    return get_object_or_404(
        rows.filter(Q(pk__in=stories_seen(scope).values("pk")) | Q(pk__in=mine.values("pk"))), pk=story_id
    )


def stories_shown(person_id: int, *, most: int = 3) -> list[ServiceStory]:
    """What stands beside the score on a card: approved by the worker and by the office, newest first."""
    return list(ServiceStory.objects.filter(person=person_id, state=StoryState.SHOWN)[:most])


def pledge_on_card(person_id: int) -> Pledge | None:
    """This year's pledge of somebody, for the card."""
    return Pledge.objects.filter(person=person_id, year=today().year).first()


def pledges_seen(scope: Scope, *, year: int, search: str = "") -> QuerySet[Pledge]:
    """Pledges of a year by people of the scope."""
    people = people_now(scope, VIEW)
    rows = Pledge.objects.filter(year=year, person__in=people.values("pk")).select_related("person")
    return rows.filter(person__name__icontains=search) if search else rows


def people_without_pledge(scope: Scope, year: int) -> QuerySet[Person]:
    """Who serves and made none this year; a list to ask from, no mark."""
    made = Pledge.objects.filter(person=OuterRef("pk"), year=year)
    rows = people_now(scope, VIEW).filter(left_on__isnull=True, postings__ends_on__isnull=True)
    return rows.filter(~Exists(made)).filter(postings__isnull=False).distinct()
