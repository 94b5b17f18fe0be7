"""Calls, who may be called, who was, and the sheet that one rater sees: the own marks and no others."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import Count, Q, QuerySet
from django.shortcuts import get_object_or_404

from minping_web.access.models import Grant
from minping_web.access.rules import Role
from minping_web.access.selectors import live
from minping_web.accounts.models import User
from minping_web.appraisals.models import CalledRater, RaterCall
from minping_web.appraisals.rules.asked import AskedGroup
from minping_web.appraisals.rules.conflicts import (
    Assessee,
    Conflict,
    RaterFacts,
    conflict_of,
)
from minping_web.appraisals.rules.marks import Sheet
from minping_web.appraisals.rules.words import CALLABLE
from minping_web.appraisals.selectors.evidence import RATE, asked_of, assessees_of, rounds_seen
from minping_web.appraisals.selectors.paper import on_paper
from minping_web.common.clock import today
from minping_web.common.crypto import keyring
from minping_web.common.scope import Scope
from minping_web.people.models import Person
from minping_web.people.selectors.postings import on_day
from minping_web.places.models import Area
from minping_web.rounds.models import SurveyRound
from minping_web.snapshots.rules.ids import organisation_id
from minping_web.snapshots.selectors.tables import person_id

STAFF = frozenset({Role.STREET_STAFF, Role.COMMUNITY_STAFF})


def about_sheet(rater: object) -> str:
    """What a sealed sheet belongs to (`common.crypto`)."""
    return f"appraisals_calledrater.sheet|{rater}"


def calls_of(found: SurveyRound) -> QuerySet[RaterCall]:
    """Calls of a round that was seen, with how many were called, have handed in, came without an account."""
    handed = Count("raters", filter=Q(raters__handed_in_at__isnull=False))
    by_link = Count("raters", filter=Q(raters__user__isnull=True))
    rows = RaterCall.objects.filter(round=found).select_related("round")
    return rows.annotate(called=Count("raters"), handed=handed, by_link=by_link)


def call_of(scope: Scope, call_id: int) -> RaterCall:
    """One call of a round that is seen, else 404."""
    rows = RaterCall.objects.filter(round__in=rounds_seen(scope)).select_related("round__scheme")
    return get_object_or_404(rows, pk=call_id)


def candidates(source: str) -> list[tuple[User, str, str]]:
    """(user, role, place) of those with an account who may be called for a source of raters."""
    rows = live().filter(role__in=CALLABLE.get(source, ())).select_related("user", "area", "organisation")
    found: dict[int, tuple[User, str, str]] = {}
    for grant in rows.order_by("area__path", "user__display_name", "pk"):
        where = grant.area.name if grant.area else grant.organisation.name if grant.organisation else ""
        found.setdefault(grant.user_id, (grant.user, grant.get_role_display(), where))
    return list(found.values())


def called_of(call: RaterCall, *, search: str = "", state: str = "") -> QuerySet[CalledRater]:
    """Who was called, without their sheets; `state`: `waiting` or `handed_in`."""
    rows = CalledRater.objects.filter(call=call).select_related("user", "place").defer("sheet")
    if search:
        named = Q(user__display_name__icontains=search) | Q(user__username__icontains=search)
        rows = rows.filter(named | Q(number=int(search)) if _is_number(search) else named)
    if state in {"waiting", "handed_in"}:
        rows = rows.filter(handed_in_at__isnull=state == "waiting")
    return rows.order_by("user__display_name", "pk")


def _is_number(search: str) -> bool:
    return search.isascii() and search.isdigit() and len(search) <= 9


def my_calls(scope: Scope) -> QuerySet[CalledRater]:
    """What the signed-in user was called to, open ones first."""
    if not scope.may(RATE) or scope.user_id is None:
        return CalledRater.objects.none()
    rows = CalledRater.objects.filter(user=scope.user_id).defer("sheet")
    return rows.select_related("call__round__scheme").order_by("-call__ends_on", "pk")


def my_call(scope: Scope, rater_id: int) -> CalledRater:
    """One of the user's own calls, else 404: nobody opens somebody else's sheet."""
    return get_object_or_404(my_calls(scope), pk=rater_id)


def marks_of(rater: CalledRater) -> Sheet:
    """The marks of one rater; for that rater's own page, for counting and for the closing only."""
    found: Sheet = _opened(rater).get("marks", {})
    return found


def declared_by(rater: CalledRater) -> frozenset[str]:
    """Whom the rater does not mark for a conflict of interest that nobody else knows of."""
    return frozenset(_opened(rater).get("declared", ()))


def _opened(rater: CalledRater) -> dict[str, Any]:
    if not rater.sheet:
        return {}
    found: dict[str, Any] = json.loads(keyring().open(rater.sheet, about_sheet(rater.pk)))
    return found


def handed_in(call: RaterCall) -> Iterator[tuple[CalledRater, Sheet]]:
    """Sheets that were handed in, for sums; without those whose marks came on paper: nobody counts twice."""
    rows = CalledRater.objects.filter(call=call, handed_in_at__isnull=False)
    for rater in rows.exclude(number__in=on_paper(call)).order_by("pk"):
        yield rater, marks_of(rater)


def rater_of_link(hashed: bytes) -> CalledRater | None:
    """Whose link it is; None for an unknown and for a revoked one."""
    rows = CalledRater.objects.filter(link=hashed, revoked_on__isnull=True)
    return rows.select_related("call__round__scheme", "place").first()


@dataclass(frozen=True)
class SheetRow:
    """One assessee on a rater's sheet: the own marks in the order of items, or why there are none."""

    assessee: Assessee
    conflict: Conflict | None
    marks: tuple[int | None, ...] = ()
    is_declared: bool = False
    """The rater says that a conflict of interest forbids it."""

    @property
    def is_done(self) -> bool:
        """Whether every item is marked, or the rater told why not."""
        return self.is_declared or all(mark is not None for mark in self.marks)


def sheet_rows(rater: CalledRater, group: AskedGroup) -> list[SheetRow]:
    """Everybody of the round; who must not be marked by this rater has a reason instead of marks."""
    call, marks, declared = rater.call, marks_of(rater), declared_by(rater)
    facts = facts_about(rater)
    rows = []
    for one in assessees_of(call.round).values():
        conflict = conflict_of(facts, one, group.source, own_place_only=call.own_place_only)
        own = marks.get(one.id, {})
        given = () if conflict else tuple(own.get(item.id) for item in group.items)
        rows.append(SheetRow(one, conflict, given, one.id in declared))
    return rows


def group_of(call: RaterCall) -> AskedGroup:
    """The scheme's group of a call, in the language of the page."""
    group = asked_of(call.round).group(call.group)
    assert group is not None, "a call names a group of the round's frozen scheme"
    return group


def facts_about(rater: CalledRater) -> RaterFacts:
    """Of somebody without an account only the place is known; conflicts are declared on the sheet."""
    if rater.user is not None:
        return rater_facts(rater.user)
    return RaterFacts(speaks_for=(rater.place.path,) if rater.place else ())


def rater_facts(user: User) -> RaterFacts:
    """What decides whom this user may mark: own ids, places of work, places spoken for."""
    grants = list(live().filter(user=user).select_related("area"))
    person = Person.objects.filter(user=user).first()
    posted = _posted(person)
    work = [g.area.path for g in grants if g.area and g.role in STAFF] + [area.path for area in posted]
    ids = {organisation_id(g.organisation_id) for g in grants if g.organisation_id}
    places = [*(g.area for g in grants if g.area), *posted]
    return RaterFacts(
        frozenset(ids | ({person_id(person.pk)} if person else set())),
        tuple(work),
        _communities(places),
        _spoken_for(grants, posted),
    )


def _posted(person: Person | None) -> list[Area]:
    if person is None:
        return []
    rows = on_day(person.postings.all(), today()).select_related("area")
    return [posting.area for posting in rows]


def _communities(places: Sequence[Area]) -> frozenset[str]:
    around = {pk for area in places for pk in (*area.ancestor_ids, area.pk)}
    return frozenset(Area.objects.filter(pk__in=around, level="community").values_list("path", flat=True))


def _spoken_for(grants: Sequence[Grant], posted: Sequence[Area]) -> tuple[str, ...]:
    return tuple(g.area.path for g in grants if g.area) or tuple(area.path for area in posted)
