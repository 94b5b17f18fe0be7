"""Mediations as far as somebody is part of them: the office, the sides that have to sign."""

from __future__ import annotations

from django.db.models import Q, QuerySet
from django.http import Http404

from minping_web.choices.models import Mediation, PostedGrid, Signature, TwoWayChoice
from minping_web.choices.selectors.choices import CHOOSE, MEDIATE, OWN, VIEW
from minping_web.common.scope import Scope, within


def mediation_of(scope: Scope, mediation_id: int) -> Mediation:
    """One mediation for who sees the whole choice or is a side of it, else 404."""
    rows = Mediation.objects.select_related("choice__area", "proposed_by", "ended_by")
    found = rows.filter(pk=mediation_id).first()
    if found is None or not _is_part(scope, found):
        raise Http404
    return found


def _is_part(scope: Scope, mediation: Mediation) -> bool:
    path = mediation.choice.area.path
    return scope.may(VIEW, path) or scope.may(MEDIATE, path) or own_sides(scope, mediation).exists()


def own_sides(scope: Scope, mediation: Mediation) -> QuerySet[Signature]:
    """What this account may sign: the person's own, for the own communities, as mediator."""
    rows = mediation.signatures.select_related("candidate__person", "grid__area__parent__parent", "user")
    mine = Q(pk__in=())
    if scope.person_id is not None and scope.may(OWN):
        mine |= Q(side=Signature.Side.PERSON, candidate__person=scope.person_id)
    grids = within(PostedGrid.objects.filter(choice=mediation.choice_id), scope, CHOOSE, "area__path")
    mine |= Q(side=Signature.Side.GRID, grid__in=grids.values("pk"))
    if scope.may(MEDIATE, mediation.choice.area.path):
        mine |= Q(side=Signature.Side.MEDIATOR)
    return rows.filter(mine)


def signature_of(scope: Scope, mediation: Mediation, signature_id: int) -> Signature:
    """One that this account may give, else 404."""
    found = own_sides(scope, mediation).filter(pk=signature_id).first()
    if found is None:
        raise Http404
    return found


def waiting_for_person(scope: Scope, choice: TwoWayChoice) -> list[Signature]:
    """What the signed-in person is asked to sign."""
    rows = Signature.objects.filter(
        mediation__choice=choice, mediation__state=Mediation.State.OPEN, candidate__person=scope.person_id,
        signed_at=None,
    )  # fmt: skip
    return list(rows.select_related("mediation"))


def waiting_for_communities(scope: Scope) -> list[Signature]:
    """What the own communities are asked to sign."""
    grids = within(PostedGrid.objects.all(), scope, CHOOSE, "area__path").values("pk")
    rows = Signature.objects.filter(
        mediation__state=Mediation.State.OPEN, grid__in=grids, signed_at=None
    ).select_related("mediation__choice", "grid__area__parent__parent")
    return list(rows.order_by("pk"))
