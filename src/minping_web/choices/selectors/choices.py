"""Choices, grids and people as far as a scope reaches.

Who answers for a community sees a choice of the street as soon as it is posted and a grid of the community
is in it, with rows of the own place only; whoever is responsible for the whole area sees all rows.
"""

from __future__ import annotations

from typing import Any, TypeVar

from django.db.models import Count, Exists, Model, OuterRef, Q, QuerySet, Subquery, Sum
from django.db.models.functions import Coalesce
from django.shortcuts import get_object_or_404

from minping_web.choices.models import Candidate, PostedGrid, TwoWayChoice
from minping_web.choices.rules.phases import State
from minping_web.common.clock import today
from minping_web.common.scope import PATH_END, Scope, within
from minping_web.people.models import Person, Posting
from minping_web.people.selectors import current, people_seen
from minping_web.places.models import Area
from minping_web.places.rules.levels import Level

Row = TypeVar("Row", bound=Model)
VIEW, EDIT, OWN = "choices.view", "choices.edit", "choices.own"
CHOOSE, MEDIATE = "choices.choose", "choices.mediate"
HELD_AT = (Level.DISTRICT, Level.STREET)
OFFERED = (Level.GRID, Level.RESPONSIBILITY_AREA)
KINDS = (Person.Kind.COMMUNITY_WORKER, Person.Kind.SECRETARY, Person.Kind.GRID_HEAD)
"""Who takes part unless the office says otherwise; secretaries, too (S10)."""


def choices_seen(scope: Scope) -> QuerySet[TwoWayChoice]:
    """Of the own area, drafts included; posted ones that offer a grid of the own area."""
    rows = TwoWayChoice.objects.select_related("area", "change_set", "job")
    if scope.reach(VIEW).whole:
        return rows
    own = within(rows, scope, VIEW, "area__path").values("pk")
    offered = within(PostedGrid.objects.filter(choice=OuterRef("pk")), scope, VIEW, "area__path")
    return rows.filter(Q(pk__in=own) | (Exists(offered) & ~Q(state=State.DRAFT)))


def with_sizes(rows: QuerySet[TwoWayChoice]) -> Any:
    """With how many grids and people each has; counted apart, since joined they would multiply."""
    return rows.annotate(n_grids=_number_of(PostedGrid), n_people=_number_of(Candidate))


def _number_of(model: type[PostedGrid] | type[Candidate]) -> Coalesce:
    rows = model.objects.filter(choice=OuterRef("pk")).order_by().values("choice")
    return Coalesce(Subquery(rows.annotate(n=Count("pk")).values("n")), 0)


def choice_of(scope: Scope, choice_id: int) -> TwoWayChoice:
    """One choice, else 404."""
    return get_object_or_404(choices_seen(scope), pk=choice_id)


def choice_edited(scope: Scope, choice_id: int, permission: str = EDIT) -> TwoWayChoice:
    """One choice that the scope may change as a whole, else 404."""
    rows = TwoWayChoice.objects.select_related("area", "change_set", "job")
    return get_object_or_404(within(rows, scope, permission, "area__path"), pk=choice_id)


def sees_all(scope: Scope, choice: TwoWayChoice) -> bool:
    """Whether every row of the choice is the scope's business."""
    return scope.may(VIEW, choice.area.path)


def grids_seen(scope: Scope, choice: TwoWayChoice) -> QuerySet[PostedGrid]:
    """Posted grids: all, or those of the own place."""
    rows = with_places(choice.grids.all())
    return rows if sees_all(scope, choice) else within(rows, scope, VIEW, "area__path")


def sizes_seen(scope: Scope, choice: TwoWayChoice) -> dict[str, int]:
    """Grids, seats, people, and who has handed in, of what the scope sees: one query for each side."""
    handed = Count("pk", filter=Q(handed_in_at__isnull=False))
    grids = grids_seen(scope, choice).order_by()
    people = candidates_seen(scope, choice).order_by()
    return {
        **grids.aggregate(grids=Count("pk"), seats=Coalesce(Sum("seats"), 0), handed_back=handed),
        **people.aggregate(people=Count("pk"), handed_in=handed),
    }


def with_places(rows: QuerySet[PostedGrid]) -> QuerySet[PostedGrid]:
    """With what a row of a page shows."""
    return rows.select_related("area__parent__parent", "owner", "skill", "choice__area").order_by(
        "area__path"
    )


def candidates_seen(scope: Scope, choice: TwoWayChoice) -> QuerySet[Candidate]:
    """People who choose: all, or those of the own place."""
    rows = choice.candidates.select_related("person__employer").order_by("person__code")
    if sees_all(scope, choice):
        return rows
    return rows.filter(person__in=people_seen(scope, VIEW).order_by().values("pk"))


def areas_to_hold(scope: Scope) -> QuerySet[Area]:
    """Streets and districts in which the scope may open a choice."""
    return within(Area.objects.filter(level__in=HELD_AT, valid_to=None), scope, EDIT).order_by("path")


def areas_to_offer(choice: TwoWayChoice) -> QuerySet[Area]:
    """Grids and responsibility areas inside that are not posted yet."""
    posted = choice.grids.values("area")
    rows = Area.objects.filter(level__in=OFFERED, valid_to=None).select_related("parent__parent")
    return below(rows, choice.area, "path").exclude(pk__in=posted)


def people_to_take_in(choice: TwoWayChoice) -> QuerySet[Person]:
    """Everybody who serves in the area or is employed there and does not take part yet."""
    posted = below(current(Posting.objects.filter(person=OuterRef("pk")), today()), choice.area, "area__path")
    employed = below(Area.objects.all(), choice.area, "path").values("pk")
    rows = Person.objects.filter(Q(Exists(posted)) | Q(employer__area__in=employed))
    rows = rows.filter(Q(left_on=None) | Q(left_on__gte=choice.takes_effect_on))
    return rows.exclude(pk__in=choice.candidates.values("person")).order_by("code")


def below(rows: QuerySet[Row], area: Area, name: str) -> QuerySet[Row]:
    """Rows at an area or inside it."""
    return rows.filter(**{f"{name}__gte": area.path, f"{name}__lt": area.path + PATH_END})


def own_candidacies(scope: Scope) -> QuerySet[Candidate]:
    """Where the signed-in person takes part; drafts of the office are not there yet."""
    if scope.person_id is None or not scope.may(OWN):
        return Candidate.objects.none()
    rows = Candidate.objects.filter(person=scope.person_id).exclude(choice__state=State.DRAFT)
    return rows.select_related("choice__area", "choice__change_set", "choice__job", "person").order_by(
        "-choice_id"
    )


def own_candidacy(scope: Scope, choice_id: int) -> Candidate:
    """The own one in a choice, else 404."""
    return get_object_or_404(own_candidacies(scope), choice=choice_id)


def grids_to_fill(scope: Scope) -> QuerySet[PostedGrid]:
    """Posted grids of the own communities, newest choice first."""
    rows = within(with_places(PostedGrid.objects.all()), scope, CHOOSE, "area__path")
    rows = rows.select_related("choice__change_set", "choice__job")
    return rows.exclude(choice__state=State.DRAFT).order_by("-choice_id", "area__path")


def grid_to_fill(scope: Scope, grid_id: int) -> PostedGrid:
    """One of them, else 404."""
    return get_object_or_404(grids_to_fill(scope), pk=grid_id)
