"""Requests of residents, the most urgent first."""

from __future__ import annotations

from uuid import UUID

from django.db.models import Case, IntegerField, QuerySet, Value, When
from django.shortcuts import get_object_or_404

from minping_web.common.scope import Scope
from minping_web.frames.models import Frame, ResidentRequest, Unit


def requests_seen(scope: Scope, *, state: str = "", kind: str = "") -> QuerySet[ResidentRequest]:
    """All requests with `frames.requests`, open ones first by their last day."""
    if not scope.may("frames.requests"):
        return ResidentRequest.objects.none()
    rows = ResidentRequest.objects.defer("phone", "phone_blind").select_related("made_by", "answered_by")
    rows = rows.filter(state=state) if state else rows
    rows = rows.filter(kind=kind) if kind else rows
    ended = Case(When(state="open", then=Value(0)), default=Value(1), output_field=IntegerField())
    return rows.order_by(ended, "due_on", "pk")


def request_of(scope: Scope, request_id: UUID) -> ResidentRequest:
    """One request, else 404."""
    return get_object_or_404(requests_seen(scope), pk=request_id)


def units_of(request: ResidentRequest) -> list[Unit]:
    """The units that the phone led to, in frames that show."""
    found = Unit.objects.filter(pk__in=request.found.values("unit_id")).defer("salt", "special")
    found = found.exclude(frame__state=Frame.State.LOADING)
    return list(found.select_related("area", "frame"))
